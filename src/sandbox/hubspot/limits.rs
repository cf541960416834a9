//! Rate limits, and the counters that tests and benches read.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::config::Config;
use crate::data::Millis;

/// What a call asks for, as HubSpot's pricing of calls and our counters see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    List,
    Get,
    Create,
    Update,
    Archive,
    BatchRead,
    BatchCreate,
    BatchUpdate,
    BatchUpsert,
    BatchArchive,
    Merge,
    Search,
    Properties,
    Lists,
    Memberships,
    Associations,
    Owners,
    Pipelines,
    Account,
    /// No such endpoint.
    Unknown,
}

/// What the portal was asked so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Calls answered, by class; calls refused for rate or credentials are not among them.
    pub calls: BTreeMap<Class, u64>,
    pub throttled: u64,
    pub unauthorized: u64,
    /// Records created, changed and archived through the API.
    pub created: u64,
    pub updated: u64,
    pub archived: u64,
}

impl Counters {
    pub fn of(&self, class: Class) -> u64 {
        self.calls.get(&class).copied().unwrap_or(0)
    }

    pub fn total(&self) -> u64 {
        self.calls.values().sum()
    }
}

/// Calls within a window that moves with time.
#[derive(Clone, Debug, Default)]
struct Rolling {
    calls: VecDeque<Millis>,
}

impl Rolling {
    fn used(&mut self, now: Millis, window_ms: i64) -> u32 {
        while self.calls.front().is_some_and(|at| now.since(*at) >= window_ms) {
            self.calls.pop_front();
        }
        u32::try_from(self.calls.len()).unwrap_or(u32::MAX)
    }
}

/// The limit that a call ran into; the daily one is not worth retrying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    Daily,
    TenSecondly,
    Secondly,
}

impl Policy {
    /// The older form of the body, with `errorType`, which real portals still send.
    pub fn body(self, portal: u64, correlation: &str) -> Value {
        let (message, name, group) = match self {
            Policy::Daily => ("You have reached your daily limit.", "DAILY", "private-apps-api-calls-daily"),
            Policy::TenSecondly => (
                "You have reached your ten_secondly_rolling limit.",
                "TEN_SECONDLY_ROLLING",
                "private-apps-api-calls-ten-secondly",
            ),
            Policy::Secondly => ("You have reached your secondly limit.", "SECONDLY", "crm-search-secondly"),
        };
        json!({"status": "error", "message": message, "errorType": "RATE_LIMIT", "correlationId": correlation,
            "policyName": name, "groupName": format!("publicapi:{group}:{portal}"), "requestId": correlation})
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Limiter {
    all: Rolling,
    search: Rolling,
    associations: Rolling,
    day: i64,
    today: u32,
}

const DAY_MS: i64 = 86_400_000;
const TEN_SECONDS: i64 = 10_000;

impl Limiter {
    /// Counts the call in, or says which limit it ran into. A refused call is not counted.
    pub fn admit(&mut self, config: &Config, class: Class, now: Millis) -> Result<(), Policy> {
        // The day turns at midnight in the portal's time zone.
        let day = now.plus(config.utc_offset_ms).0.div_euclid(DAY_MS);
        if day != self.day {
            (self.day, self.today) = (day, 0);
        }
        let search = class == Class::Search;
        let association = class == Class::Associations;
        let all_full = !search && self.all.used(now, TEN_SECONDS) >= config.ten_secondly_limit;
        let associations_full = association && self.associations.used(now, TEN_SECONDS) >= config.associations_limit;
        let full = if self.today >= config.daily_limit {
            Some(Policy::Daily)
        } else if search && self.search.used(now, 1000) >= config.search_per_second {
            Some(Policy::Secondly)
        } else if all_full || associations_full {
            Some(Policy::TenSecondly)
        } else {
            None
        };
        if let Some(policy) = full
            && config.enforce_limits
        {
            return Err(policy);
        }
        self.today = self.today.saturating_add(1);
        if search {
            self.search.calls.push_back(now);
        } else {
            self.all.calls.push_back(now);
        }
        if association {
            self.associations.calls.push_back(now);
        }
        Ok(())
    }

    pub fn today(&self) -> u32 {
        self.today
    }

    /// Search answers carry none of these.
    pub fn headers(&mut self, config: &Config, class: Class, now: Millis) -> Vec<(&'static str, String)> {
        if class == Class::Search {
            return Vec::new();
        }
        let (max, used) = match class {
            Class::Associations => (config.associations_limit, self.associations.used(now, TEN_SECONDS)),
            _ => (config.ten_secondly_limit, self.all.used(now, TEN_SECONDS)),
        };
        vec![
            ("x-hubspot-ratelimit-max", max.to_string()),
            ("x-hubspot-ratelimit-remaining", max.saturating_sub(used).to_string()),
            ("x-hubspot-ratelimit-interval-milliseconds", TEN_SECONDS.to_string()),
            ("x-hubspot-ratelimit-daily", config.daily_limit.to_string()),
            ("x-hubspot-ratelimit-daily-remaining", config.daily_limit.saturating_sub(self.today).to_string()),
        ]
    }
}
