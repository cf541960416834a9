//! What Salesforce says of its limits: `Sforce-Limit-Info` on every answer, and errors that are limits in disguise.

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
    /// The day's limit comes as a 403 that is no matter of rights.
    fn throttled(&self, answer: &Answer) -> Option<(Duration, Scope)> {
        let status = answer.status.as_u16();
        if !matches!(status, 403 | 429 | 503) {
            return None;
        }
        let body = String::from_utf8_lossy(&answer.body[..answer.body.len().min(2_000)]);
        if body.contains("REQUEST_LIMIT_EXCEEDED") {
            let concurrent = body.to_ascii_lowercase().contains("concurrent");
            return Some(match concurrent {
                true => (Duration::from_secs(5), Scope::Burst),
                false => (Duration::from_secs(3600), Scope::Day),
            });
        }
        (status == 429).then_some((Duration::from_secs(5), Scope::Burst))
    }

    fn seen(&self, answer: &Answer) {
        let header = answer.headers.get("sforce-limit-info").and_then(|value| value.to_str().ok());
        if let Some(usage) = header.and_then(api_usage) {
            *self.usage.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = usage;
        }
    }
}

/// `api-usage=18/5000; per-app-api-usage=17/250(appName=x)`: only the first counts the org.
fn api_usage(header: &str) -> Option<Usage> {
    let part = header.split([';', ',']).map(str::trim).find_map(|part| part.strip_prefix("api-usage="))?;
    let (used, limit) = part.split_once('/')?;
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
    Some(Usage { used: digits(used), limit: digits(limit) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_org_is_counted_whatever_stands_beside_it() {
        let usage = |used, limit| Some(Usage { used: Some(used), limit: Some(limit) });
        assert_eq!(api_usage("api-usage=18/5000"), usage(18, 5000));
        assert_eq!(api_usage("api-usage=25/5000; per-app-api-usage=17/250(appName=sample)"), usage(25, 5000));
        assert_eq!(api_usage("per-app-api-usage=17/250; api-usage=3/9"), usage(3, 9));
        assert_eq!(api_usage("per-app-api-usage=17/250"), None);
    }
}
