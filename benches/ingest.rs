//! Pages of JSON into the mirror, through the real adapter and the store, against serde_json reading the same bytes.

#[path = "support/mod.rs"]
mod support;

use std::sync::Arc;

use bytes::Bytes;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use http::{Request, Response};
use secrecy::SecretString;
use serde_json::{Value, json};
use support::{Model, NOW, RULES, now, ratio, schemas};
use syncline::crm::http::{Env, Fut, NetError, Origin, Transport, Unmetered};
use syncline::crm::hubspot::{Hubspot, HubspotConfig};
use syncline::crm::{Crm, Page};
use syncline::data::{Millis, Side};
use syncline::store::{Ingest, RowIn, Sqlite, Store};
use syncline::sync::reads_of;

const ROWS: usize = 10_000;
/// Rows of a page of a HubSpot search.
const PAGE: usize = 200;

/// A HubSpot that answers one search with one page.
struct OnePage(Bytes);

impl Transport for OnePage {
    fn call<'a>(&'a self, _: Request<Bytes>) -> Fut<'a, Result<Response<Bytes>, NetError>> {
        Box::pin(async { Ok(Response::new(self.0.clone())) })
    }
}

struct Still;

impl Env for Still {
    fn now(&self) -> Millis {
        NOW
    }

    fn random(&self) -> u64 {
        4
    }
}

/// As the API sends them: every property that was asked for, most of them filled.
fn pages() -> Vec<Bytes> {
    let record = |n: usize| {
        json!({
            "id": (10_000 + n).to_string(),
            "properties": {
                "associatedcompanyid": (20_000 + n / 8).to_string(), "city": "Ludwigshafen am Rhein",
                "company": "Analytical Engines", "createdate": "2026-01-01T20:49:32.468Z",
                "email": format!("ada.lovelace{n}@example.com"), "firstname": "Ada", "hs_lead_status": "IN_PROGRESS",
                "hs_object_id": (10_000 + n).to_string(), "jobtitle": "Head of \"Analytical\" Engines",
                "lastmodifieddate": "2026-11-20T10:11:12.345Z", "lastname": "Lovelace", "mobilephone": null,
                "phone": format!("+49 621 {n:07}"), "salesforcecontactid": null, "salesforceleadid": null, "zip": "67059",
            },
            "createdAt": "2026-01-01T20:49:32.468Z", "updatedAt": "2026-11-20T10:11:12.345Z", "archived": false,
        })
    };
    let page = |at: usize| {
        let results: Vec<Value> = (at..at + PAGE).map(record).collect();
        json!({"total": ROWS, "results": results, "paging": {"next": {"after": (at + PAGE).to_string()}}})
    };
    (0..ROWS).step_by(PAGE).map(|at| Bytes::from(page(at).to_string())).collect()
}

struct Mirror {
    model: Model,
    pages: Vec<Bytes>,
    runtime: tokio::runtime::Runtime,
}

impl Mirror {
    fn new() -> Mirror {
        // Virtual time: the adapter keeps to HubSpot's pace, and nobody has to wait for it.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime starts");
        Mirror { model: empty(), pages: pages(), runtime }
    }

    fn bytes(&self) -> usize {
        self.pages.iter().map(Bytes::len).sum()
    }

    /// Bytes to rows.
    fn read(&self, body: &Bytes) -> Page {
        let origin = Origin::parse("http://hubspot.localhost").expect("an origin");
        let config = HubspotConfig { origin, token: SecretString::from("sim-bench") };
        let hubspot = Hubspot::new(config, Arc::new(OnePage(body.clone())), Arc::new(Unmetered), Arc::new(Still));
        let reads = reads_of(&self.model.plan, Side::Left);
        let contacts = hubspot.feeds(&reads).into_iter().find(|feed| feed.name == "modified/contact");
        let due = [contacts.expect("contacts are read").from_start()];
        let page = self.runtime.block_on(hubspot.read(&reads, &due)).pop();
        page.expect("one feed, one page").expect("the page is sound")
    }

    /// Bytes to the mirror: one transaction a page, as the engine does it.
    fn ingest(&self, into: &Model) -> usize {
        let mut changed = 0;
        for body in &self.pages {
            let rows = self.read(body).rows.into_iter();
            let rows = rows
                .map(|row| RowIn {
                    ty: row.ty,
                    id: row.id,
                    stamp: row.stamp,
                    presence: row.presence,
                    cells: row.cells,
                    ..RowIn::default()
                })
                .collect();
            let delta = Ingest { side: Some(Side::Left), rows, now: NOW, ..Ingest::default() };
            changed += now(into.store.ingest(into.epoch, &delta)).expect("a page is ingested").changed;
        }
        changed
    }

    /// The least that anybody does who wants to look at a page.
    fn parse(&self) {
        for body in &self.pages {
            divan::black_box(serde_json::from_slice::<Value>(body).expect("it is JSON"));
        }
    }
}

fn empty() -> Model {
    Model::new(RULES, &schemas(), Sqlite::in_memory().expect("a state in memory"))
}

#[divan::bench]
fn serde_json_value(bencher: Bencher<'_, '_>) {
    let mirror = Mirror::new();
    bencher.counter(ItemsCount::new(ROWS)).counter(BytesCount::new(mirror.bytes())).bench_local(|| mirror.parse());
}

#[divan::bench]
fn pages_to_rows(bencher: Bencher<'_, '_>) {
    let mirror = Mirror::new();
    let bencher = bencher.counter(ItemsCount::new(ROWS)).counter(BytesCount::new(mirror.bytes()));
    bencher.bench_local(|| mirror.pages.iter().for_each(|page| drop(divan::black_box(mirror.read(page)))));
}

#[divan::bench]
fn new_rows_to_mirror(bencher: Bencher<'_, '_>) {
    let mirror = Mirror::new();
    let bencher = bencher.counter(ItemsCount::new(ROWS)).counter(BytesCount::new(mirror.bytes()));
    bencher.with_inputs(empty).bench_local_refs(|fresh| assert_eq!(mirror.ingest(fresh), ROWS));
}

#[divan::bench]
fn equal_rows_to_mirror(bencher: Bencher<'_, '_>) {
    let mirror = Mirror::new();
    mirror.ingest(&mirror.model);
    let bencher = bencher.counter(ItemsCount::new(ROWS)).counter(BytesCount::new(mirror.bytes()));
    bencher.bench_local(|| assert_eq!(mirror.ingest(&mirror.model), 0));
}

fn main() {
    let mirror = Mirror::new();
    println!("{ROWS} rows of {} bytes in pages of {PAGE}", mirror.bytes() / ROWS);
    let to_rows = || mirror.pages.iter().for_each(|page| drop(divan::black_box(mirror.read(page))));
    ratio("pages to rows, to serde_json::Value", ROWS, to_rows, || mirror.parse());
    let fresh = || assert_eq!(mirror.ingest(&empty()), ROWS);
    ratio("pages to a new mirror, to serde_json::Value", ROWS, fresh, || mirror.parse());
    mirror.ingest(&mirror.model);
    let equal = || assert_eq!(mirror.ingest(&mirror.model), 0);
    ratio("pages to an equal mirror, to serde_json::Value", ROWS, equal, || mirror.parse());
    divan::main();
}
