//! What HubSpot says of its limits: 429 bodies and the daily headers. Search answers carry none.

use std::sync::Mutex;
use std::time::Duration;

use crate::crm::http::{Answer, Reader};
use crate::crm::{Scope, Usage};

#[derive(Default)]
pub(super) struct Limits {
    usage: Mutex<Usage>,
}

impl Limits {
    pub(super) fn usage(&self) -> Usage {
        *self.usage.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Reader for Limits {
    /// `policyName` tells a burst from the day; the day ends at midnight of the account, within hours.
    fn throttled(&self, answer: &Answer) -> Option<(Duration, Scope)> {
        if answer.status.as_u16() != 429 {
            return None;
        }
        let body = String::from_utf8_lossy(&answer.body);
        Some(match body {
            body if body.contains("DAILY") => (Duration::from_secs(3600), Scope::Day),
            body if body.contains("TEN_SECONDLY") => (Duration::from_secs(10), Scope::Burst),
            _ => (Duration::from_secs(1), Scope::Burst),
        })
    }

    fn seen(&self, answer: &Answer) {
        let number = |name: &str| answer.headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        let day = "x-hubspot-ratelimit-daily";
        if let (Some(limit), Some(left)) = (number(day), number("x-hubspot-ratelimit-daily-remaining")) {
            let usage = Usage { used: Some(limit.saturating_sub(left)), limit: Some(limit) };
            *self.usage.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = usage;
        }
    }
}
