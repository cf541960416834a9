//! API calls in a rolling 24 hours, and the `/limits` resource.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::data::Millis;

use super::reply::Reply;
use super::world::World;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Calls by minute; minutes older than a day are forgotten.
#[derive(Clone, Debug, Default)]
pub(super) struct Usage {
    minutes: BTreeMap<i64, u32>,
    sum: u32,
}

impl Usage {
    /// Calls in the 24 hours before `now`.
    pub fn used(&mut self, now: Millis) -> u32 {
        let gone = now.minus(DAY).0.div_euclid(MINUTE);
        while let Some(first) = self.minutes.first_entry().filter(|e| *e.key() <= gone) {
            self.sum = self.sum.saturating_sub(first.remove());
        }
        self.sum
    }

    fn charge(&mut self, now: Millis) {
        *self.minutes.entry(now.0.div_euclid(MINUTE)).or_default() += 1;
        self.sum += 1;
    }
}

impl World {
    /// Charges one call; false when the day's calls are used up.
    pub(super) fn charge(&mut self, now: Millis) -> bool {
        if self.usage.used(now) >= self.config.daily_limit {
            self.counters.over_limit += 1;
            return false;
        }
        self.usage.charge(now);
        self.counters.calls += 1;
        true
    }

    /// Charges `calls` calls that somebody else made, as other integrations do.
    pub fn use_up(&mut self, calls: u32, now: Millis) {
        for _ in 0..calls.min(self.config.daily_limit) {
            self.usage.charge(now);
        }
    }

    /// `api-usage=18/5000`, the value of `Sforce-Limit-Info`.
    pub(super) fn limit_info(&mut self, now: Millis) -> String {
        format!("api-usage={}/{}", self.usage.used(now), self.config.daily_limit)
    }
}

/// `GET /limits`. Only the API calls are counted; the rest stays full.
pub(super) fn limits(world: &mut World, now: Millis) -> Reply {
    let used = world.usage.used(now);
    let max = world.config.daily_limit;
    let full = [
        ("DailyAsyncApexExecutions", 250_000),
        ("DailyBulkApiBatches", 15_000),
        ("DailyBulkV2QueryFileStorageMB", 976_562),
        ("DailyBulkV2QueryJobs", 10_000),
        ("DataStorageMB", 1_024),
        ("FileStorageMB", 1_024),
        ("HourlyPublishedPlatformEvents", 50_000),
        ("MassEmail", 5_000),
        ("SingleEmail", 5_000),
    ];
    let mut out: Map<String, Value> =
        full.into_iter().map(|(name, max)| (name.to_owned(), json!({"Max": max, "Remaining": max}))).collect();
    out.insert("DailyApiRequests".to_owned(), json!({"Max": max, "Remaining": max.saturating_sub(used)}));
    Reply::json(200, Value::Object(out).to_string())
}
