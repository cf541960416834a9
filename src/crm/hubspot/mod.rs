//! HubSpot behind the port. Facts about its API: https://developers.hubspot.com/docs, version `2026-09`.

mod describe;
mod faults;
mod feeds;
mod fetch;
mod limits;
mod lists;
mod pack;
mod people;
mod rows;
mod values;
mod write;

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::http::{
    Answer, Auth, Client, Env, Fut, Limiter, Meter, Origin, Query, StaticToken, Transport, Window, parse,
};
use super::port::*;
use crate::data::{Millis, Person};
use crate::lang::explain::PerCall;
use crate::lang::schema::Catalog;
use limits::Limits;

/// The version in every path; versions are immutable, so a newer one is taken on purpose.
const VERSION: &str = "2026-09";
/// The client's limiter for searches.
const SEARCH: usize = 1;

/// What one call holds.
pub const PER_CALL: PerCall = PerCall {
    changed: feeds::SEARCH_PAGE,
    types: 1,
    creates: feeds::BATCH,
    updates: feeds::BATCH,
    field_times: Some(fetch::HISTORY),
    members: Some(lists::PAGE),
    keys: Some(feeds::BATCH),
    enforces_unique: true,
};

/// One portal, by a service key or a private app's token.
pub struct Hubspot {
    client: Client,
    limits: Arc<Limits>,
    caps: Caps,
}

/// What a connection to HubSpot needs.
pub struct HubspotConfig {
    pub origin: Origin,
    pub token: SecretString,
}

impl Hubspot {
    pub fn new(
        config: HubspotConfig,
        transport: Arc<dyn Transport>,
        meter: Arc<dyn Meter>,
        env: Arc<dyn Env>,
    ) -> Hubspot {
        let limits = Arc::new(Limits::default());
        let auth: Arc<dyn Auth> = Arc::new(StaticToken(config.token));
        let ten_seconds = Duration::from_secs(10);
        let client = Client {
            name: "HubSpot",
            transport,
            origin: config.origin,
            auth,
            meter,
            env,
            // A tenth below what a Free portal allows, and four searches a second of five.
            limiters: vec![
                Limiter::new(Window { calls: 90, span: ten_seconds }),
                Limiter::new(Window { calls: 4, span: Duration::from_millis(1_100) }),
            ],
            reader: limits.clone(),
        };
        let caps = Caps {
            name: "HubSpot",
            lag: Duration::from_secs(300),
            field_times: true,
            enforces_unique: PER_CALL.enforces_unique,
            converts: false,
        };
        Hubspot { client, limits, caps }
    }

    async fn call(&self, query: Query) -> Result<Answer, CallError> {
        self.client.call(&query).await
    }

    /// Calls, and reads a 2xx answer as JSON.
    async fn json(&self, query: Query) -> Result<(serde_json::Value, Answer), CallError> {
        let answer = self.call(query).await?;
        if !answer.status.is_success() {
            return Err(faults::refused(&answer));
        }
        let value = parse(&answer.body, &mut Vec::new())?;
        Ok((value, answer))
    }

    fn now(&self, answer: &Answer) -> Millis {
        self.client.date(answer)
    }
}

fn named(error: CallError) -> CallError {
    error.by("HubSpot")
}

/// The plural that paths use.
fn path_of(type_name: &str) -> String {
    match type_name {
        "contact" => "contacts".into(),
        "company" => "companies".into(),
        "deal" => "deals".into(),
        other => other.into(),
    }
}

impl Crm for Hubspot {
    fn caps(&self) -> &Caps {
        &self.caps
    }

    fn whoami(&self) -> Fut<'_, Result<Account, CallError>> {
        Box::pin(async move { self.account().await.map_err(named) })
    }

    fn describe<'a>(&'a self, types: &'a [String]) -> Fut<'a, Result<Catalog, CallError>> {
        Box::pin(async move { self.catalog(types).await.map_err(named) })
    }

    fn feeds(&self, reads: &Reads) -> Vec<FeedSpec> {
        feeds::specs(reads)
    }

    fn read<'a>(&'a self, reads: &'a Reads, due: &'a [FeedAt]) -> Fut<'a, Vec<Result<Page, CallError>>> {
        Box::pin(async move {
            let mut pages = Vec::with_capacity(due.len());
            for at in due {
                pages.push(self.feed(reads, at).await.map_err(named));
            }
            pages
        })
    }

    fn fetch<'a>(&'a self, reads: &'a Reads, lookups: &'a [Lookup]) -> Fut<'a, Vec<Result<Found, CallError>>> {
        Box::pin(async move {
            let mut found = Vec::with_capacity(lookups.len());
            for lookup in lookups {
                found.push(self.look_up(reads, lookup).await.map_err(named));
            }
            found
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

    fn overwritten<'a>(
        &'a self,
        reads: &'a Reads,
        writes: &'a [Write],
        _since: Millis,
    ) -> Fut<'a, Result<Vec<Vec<Overwritten>>, CallError>> {
        Box::pin(async move {
            let all: Vec<&Write> = writes.iter().collect();
            self.replaced(reads, &all).await.map_err(named)
        })
    }

    fn people(&self) -> Fut<'_, Result<Vec<Person>, CallError>> {
        Box::pin(self.owners())
    }

    fn usage(&self) -> Usage {
        self.limits.usage()
    }
}
