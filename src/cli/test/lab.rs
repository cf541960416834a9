//! One test's world: both models, the real adapters, engine and store in front of them, and time that nobody waits for.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::time::Instant;

use super::models::Models;
use crate::cli::passes::Shared;
use crate::cli::{ConnectError, Connection, connect_models};
use crate::crm::http::{Env, Fut, Meter, NetError, Transport};
use crate::data::{BySide, Millis, Side};
use crate::sandbox;
use crate::sync::Ledger;

/// Monday, 5 January 2026, 09:00 UTC: when every test begins.
pub(super) const START: Millis = Millis(1_767_603_600_000);
/// Every step happens this long after the one before, so that later is always newer, on either CRM's clock.
const STEP: Duration = Duration::from_secs(60);
/// For ids, trace ids and the like: the same in every run.
pub(super) const SEED: u64 = 1;

#[derive(Clone)]
pub(super) struct Lab {
    models: Arc<Mutex<Models>>,
    chance: Arc<Mutex<fastrand::Rng>>,
    began: Instant,
}

impl Lab {
    /// Must be made in a runtime whose clock is paused.
    pub(super) fn new(models: Models) -> Lab {
        Lab {
            models: Arc::new(Mutex::new(models)),
            chance: Arc::new(Mutex::new(fastrand::Rng::with_seed(SEED))),
            began: Instant::now(),
        }
    }

    pub(super) fn models(&self) -> MutexGuard<'_, Models> {
        self.models.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) async fn step(&self) {
        tokio::time::sleep(STEP).await;
    }

    pub(super) async fn wait(&self, ms: i64) {
        tokio::time::sleep(Duration::from_millis(u64::try_from(ms).unwrap_or_default())).await;
    }

    pub(super) fn connect(&self, ledgers: &BySide<Arc<Ledger>>) -> Result<Connection, ConnectError> {
        let (portal, org) = {
            let models = self.models();
            (models.hubspot.config.clone(), models.salesforce.config.clone())
        };
        let meter = |side: Side| -> Arc<dyn Meter> { Arc::new(Shared(ledgers[side].clone())) };
        let this = Arc::new(self.clone());
        connect_models(&portal, &org, this.clone(), this, BySide::new(meter(Side::Left), meter(Side::Right)))
    }
}

impl Env for Lab {
    fn now(&self) -> Millis {
        START.plus(i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    fn random(&self) -> u64 {
        self.chance.lock().unwrap_or_else(std::sync::PoisonError::into_inner).u64(..)
    }
}

impl Transport for Lab {
    fn call<'a>(&'a self, request: Request<Bytes>) -> Fut<'a, Result<Response<Bytes>, NetError>> {
        Box::pin(async move {
            let now = self.now();
            let models = &mut *self.models();
            Ok(sandbox::handle(&mut models.hubspot, &mut models.salesforce, now, &request))
        })
    }
}

/// Runs in a clock of its own that jumps ahead whenever everybody waits.
pub(super) fn in_virtual_time<T>(work: impl Future<Output = T>) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    Ok(runtime.block_on(work))
}
