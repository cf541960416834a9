//! The real clock and real chance: the only place that asks the system for them.

use std::time::{SystemTime, UNIX_EPOCH};

use super::transport::Env;
use crate::data::Millis;

pub struct SystemEnv;

impl Env for SystemEnv {
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn random(&self) -> u64 {
        fastrand::u64(..)
    }
}
