//! Salesforce behind the port. Facts about its API: https://developer.salesforce.com/docs, REST, version 68.0.

mod auth;
mod composite;
mod describe;
mod faults;
mod feeds;
mod fetch;
mod ids;
mod limits;
mod pack;
mod people;
mod rows;
mod soql;
mod values;
mod write;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::http::{Answer, Client, Env, Fut, Limiter, Meter, Origin, Query, Transport, Window, parse};
use super::port::*;
use crate::data::{Millis, Person};
use crate::lang::explain::PerCall;
use crate::lang::schema::Catalog;

pub use auth::{Flow, TokenSource};
use limits::Limits;

/// The API version in every path.
const VERSION: &str = "v68.0";

/// What one call holds.
pub const PER_CALL: PerCall = PerCall {
    changed: feeds::PAGE,
    types: composite::PARTS,
    creates: composite::PARTS * pack::COLLECTION,
    updates: pack::UPDATES * pack::COLLECTION,
    field_times: None,
    members: None,
    keys: None,
    enforces_unique: false,
};

/// One org, as one user.
pub struct Salesforce {
    client: Client,
    limits: Arc<Limits>,
    caps: Caps,
    /// The user that our writes appear under, once asked.
    user: Mutex<Option<String>>,
}

/// What a connection to Salesforce needs.
pub struct SalesforceConfig {
    /// My Domain: every call goes there.
    pub origin: Origin,
    pub flow: Flow,
}

impl Salesforce {
    pub fn new(
        config: SalesforceConfig,
        transport: Arc<dyn Transport>,
        meter: Arc<dyn Meter>,
        env: Arc<dyn Env>,
    ) -> Salesforce {
        let limits = Arc::new(Limits::default());
        let auth = TokenSource::new(config.origin.clone(), config.flow, transport.clone(), env.clone());
        let client = Client {
            name: "Salesforce",
            transport,
            origin: config.origin,
            auth: Arc::new(auth),
            meter,
            env,
            limiters: vec![Limiter::new(Window { calls: 25, span: Duration::from_secs(1) })],
            reader: limits.clone(),
        };
        let caps = Caps {
            name: "Salesforce",
            lag: Duration::from_secs(600),
            field_times: false,
            enforces_unique: PER_CALL.enforces_unique,
            converts: true,
        };
        Salesforce { client, limits, caps, user: Mutex::new(None) }
    }

    async fn call(&self, query: Query) -> Result<Answer, CallError> {
        self.client.call(&query).await
    }

    async fn json(&self, query: Query) -> Result<(serde_json::Value, Answer), CallError> {
        let answer = self.call(query).await?;
        if !answer.status.is_success() {
            return Err(faults::refused(&answer));
        }
        Ok((parse(&answer.body, &mut Vec::new())?, answer))
    }

    fn now(&self, answer: &Answer) -> Millis {
        self.client.date(answer)
    }

    fn user(&self) -> Option<String> {
        self.user.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }
}

fn named(error: CallError) -> CallError {
    error.by("Salesforce")
}

impl Crm for Salesforce {
    fn caps(&self) -> &Caps {
        &self.caps
    }

    fn whoami(&self) -> Fut<'_, Result<Account, CallError>> {
        Box::pin(async move {
            let account = self.account().await.map_err(named)?;
            *self.user.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = account.user.clone();
            Ok(account)
        })
    }

    fn describe<'a>(&'a self, types: &'a [String]) -> Fut<'a, Result<Catalog, CallError>> {
        Box::pin(async move { self.catalog(types).await.map_err(named) })
    }

    fn feeds(&self, reads: &Reads) -> Vec<FeedSpec> {
        feeds::specs(reads)
    }

    fn read<'a>(&'a self, reads: &'a Reads, due: &'a [FeedAt]) -> Fut<'a, Vec<Result<Page, CallError>>> {
        Box::pin(async move { self.pages(reads, due).await.into_iter().map(|page| page.map_err(named)).collect() })
    }

    fn fetch<'a>(&'a self, reads: &'a Reads, lookups: &'a [Lookup]) -> Fut<'a, Vec<Result<Found, CallError>>> {
        Box::pin(async move {
            let found = self.look_up(reads, lookups).await;
            found.into_iter().map(|found| found.map_err(named)).collect()
        })
    }

    fn pack(&self, reads: &Reads, writes: &[Write]) -> Vec<Call> {
        pack::pack(reads, writes)
    }

    fn send<'a>(&'a self, reads: &'a Reads, call: &'a Call, writes: &'a [Write]) -> Fut<'a, Reply> {
        Box::pin(async move {
            match self.write(reads, call, writes).await {
                Reply::Failed(error) => Reply::Failed(named(error)),
                reply => reply,
            }
        })
    }

    /// Salesforce keeps no history that is open to all: the pre-image of an update whose reply was lost is lost with it.
    fn overwritten<'a>(
        &'a self,
        _: &'a Reads,
        writes: &'a [Write],
        _: Millis,
    ) -> Fut<'a, Result<Vec<Vec<Overwritten>>, CallError>> {
        Box::pin(async move { Ok(vec![Vec::new(); writes.len()]) })
    }

    fn people(&self) -> Fut<'_, Result<Vec<Person>, CallError>> {
        Box::pin(self.users())
    }

    fn usage(&self) -> Usage {
        self.limits.usage()
    }
}
