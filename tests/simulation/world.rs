//! Both CRMs, their users, and the network between them and the engine: all of it seeded, in virtual time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response, StatusCode};
use serde_json::json;
use syncline::crm::http::{Env, Fut, NetError, Transport};
use syncline::data::Millis;
use syncline::sandbox::{hubspot, salesforce};
use tokio::time::Instant;

pub const HUBSPOT: &str = "http://hubspot.localhost";
pub const SALESFORCE: &str = "http://salesforce.localhost";
pub const LIST: &str = "Sync to Salesforce";
/// 2026-11-23T09:00:00Z
const START: Millis = Millis(1_795_424_400_000);

/// What may go wrong on the way, in thousandths per call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    pub not_sent: u32,
    pub lost_reply: u32,
    pub late: u32,
    pub throttled: u32,
    pub unauthorized: u32,
    pub server_error: u32,
    pub missing_result: u32,
    /// A user does something between two calls.
    pub user: u32,
}

impl Weather {
    pub const STORM: Weather = Weather {
        not_sent: 15,
        lost_reply: 30,
        late: 12,
        throttled: 15,
        unauthorized: 12,
        server_error: 20,
        missing_result: 30,
        user: 200,
    };
}

/// A user's edit, as the oracle remembers it.
#[derive(Clone, Debug)]
pub struct Edit {
    pub at: Millis,
    pub side: char,
    /// The record that was edited.
    pub id: String,
    pub field: &'static str,
    pub value: String,
}

pub struct World {
    pub hubspot: hubspot::World,
    pub salesforce: salesforce::World,
    pub list: String,
    pub rng: Rng,
    pub weather: Weather,
    pub edits: Vec<Edit>,
    /// Requests that arrive after everybody has given up on them.
    late: Vec<(Millis, Request<Bytes>)>,
    /// Outward effects so far, and the one at which the process dies.
    pub effects: u64,
    pub crash_at: Option<u64>,
    pub trace: u64,
    pub hits: BTreeMap<String, u64>,
    pub writes: u64,
    /// When a pair was first seen to be linked: by the id of its contact.
    pub linked: BTreeMap<String, Millis>,
    serial: u32,
}

#[derive(Clone)]
pub struct Sim {
    pub world: Arc<Mutex<World>>,
    started: Instant,
    pub crashed: Arc<tokio::sync::Notify>,
}

impl Env for Sim {
    fn now(&self) -> Millis {
        START.plus(i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    fn random(&self) -> u64 {
        self.world.lock().unwrap().rng.u64(..)
    }
}

impl Sim {
    pub fn new(seed: u64) -> Sim {
        let mut rng = Rng::with_seed(seed);
        let config = hubspot::Config {
            search_lag_ms: rng.i64(0..30_000),
            lag_jitter_ms: 2_000,
            stale_index_fresh_body: rng.bool(),
            ..hubspot::Config::default()
        };
        let mut hubspot = hubspot::World::new(config, seed, START);
        let list = hubspot.list_create(LIST, "contact", hubspot::Processing::Manual, START).unwrap();
        let config = salesforce::Config {
            instance_url: SALESFORCE.into(),
            session_ms: 600_000,
            page_size: 200 + rng.usize(0..3) * 900,
            ..salesforce::Config::default()
        };
        let mut salesforce = salesforce::World::new(config, seed, START);
        for object in ["Lead", "Contact"] {
            let key = salesforce::FieldDef::text("HubSpot_Id__c", "HubSpot ID", 18).external_id().unique();
            salesforce.add_field(object, key);
        }
        let world = World {
            hubspot,
            salesforce,
            list,
            rng,
            weather: Weather::default(),
            edits: Vec::new(),
            late: Vec::new(),
            effects: 0,
            crash_at: None,
            trace: 0,
            hits: BTreeMap::new(),
            writes: 0,
            linked: BTreeMap::new(),
            serial: 0,
        };
        Sim { world: Arc::new(Mutex::new(world)), started: Instant::now(), crashed: Arc::default() }
    }

    /// One outward effect: the process may die here, and then nothing more happens.
    pub async fn effect(&self, what: &str) {
        let dies = {
            let mut world = self.world.lock().unwrap();
            world.effects += 1;
            let dies = world.crash_at == Some(world.effects);
            if dies {
                world.hit(&format!("crash at {what}"));
            }
            dies
        };
        if dies {
            self.crashed.notify_one();
            std::future::pending::<()>().await;
        }
    }

    fn deliver(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let now = self.now();
        let mut world = self.world.lock().unwrap();
        world.deliver_late(now);
        world.apply(request, now)
    }

    fn postpone(&self, request: Request<Bytes>) {
        let mut world = self.world.lock().unwrap();
        let due = self.now().plus(world.rng.i64(30_000..90_000));
        world.late.push((due, request));
    }

    pub fn settle_late(&self) {
        let now = self.now();
        self.world.lock().unwrap().deliver_late(now);
    }

    /// Draws one fault for a call, if the weather has one.
    fn draw(&self, request: &Request<Bytes>) -> Option<&'static str> {
        let mut world = self.world.lock().unwrap();
        let weather = world.weather;
        let mut roll = world.rng.u32(0..1000);
        let kinds = [
            ("not sent", weather.not_sent),
            ("lost reply", weather.lost_reply),
            ("late", weather.late),
            ("429", weather.throttled),
            ("401", weather.unauthorized),
            ("500", weather.server_error),
            ("missing result", weather.missing_result),
        ];
        for (kind, share) in kinds {
            if roll < share {
                let step = step_of(request);
                world.hit(&format!("{kind} on {step}"));
                return Some(kind);
            }
            roll -= share;
        }
        None
    }

    fn maybe_user(&self) {
        let now = self.now();
        let mut world = self.world.lock().unwrap();
        if world.rng.u32(0..1000) < world.weather.user {
            world.user_acts(now);
        }
    }
}

/// What a request is for: the step of the pass.
fn step_of(request: &Request<Bytes>) -> &'static str {
    let path = request.uri().path();
    let body = String::from_utf8_lossy(request.body());
    if path.contains("oauth2/token") {
        "login"
    } else if path.contains("batch/create")
        || path.contains("batch/update")
        || (path.ends_with("/composite") && (body.contains("\"PATCH\"") || body.contains("composite/sobjects\"")))
    {
        "write"
    } else if path.contains("search") || body.contains("queryAll") {
        "read"
    } else if path.contains("lists") {
        "list"
    } else {
        "look up"
    }
}

impl Transport for Sim {
    fn call<'a>(&'a self, request: Request<Bytes>) -> Fut<'a, Result<Response<Bytes>, NetError>> {
        Box::pin(async move {
            let latency = self.world.lock().unwrap().rng.u64(20..400);
            tokio::time::sleep(Duration::from_millis(latency)).await;
            self.maybe_user();
            self.effect(&format!("send of {}", step_of(&request))).await;
            let lost = || NetError::Lost { host: "sim".into(), why: "the connection broke".into() };
            let answer = match self.draw(&request) {
                Some("not sent") => return Err(NetError::NotSent { host: "sim".into(), why: "no route".into() }),
                Some("lost reply") => {
                    self.deliver(&request);
                    tokio::time::sleep(Duration::from_secs(30)).await;
                    return Err(lost());
                }
                Some("late") => {
                    self.postpone(request);
                    tokio::time::sleep(Duration::from_secs(30)).await;
                    return Err(lost());
                }
                Some("429") => throttled(&request),
                Some("401") => unauthorized(),
                Some("500") => {
                    if self.world.lock().unwrap().rng.bool() {
                        self.deliver(&request);
                    }
                    status(500, json!([{"errorCode": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred"}]))
                }
                Some("missing result") => without_one(self.deliver(&request)),
                _ => self.deliver(&request),
            };
            self.effect(&format!("reply to {}", step_of(&request))).await;
            self.maybe_user();
            Ok(answer)
        })
    }
}

fn status(code: u16, body: serde_json::Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(code).unwrap();
    response
}

fn throttled(request: &Request<Bytes>) -> Response<Bytes> {
    if request.uri().host() == Some("hubspot.localhost") {
        let text = "You have reached your ten_secondly_rolling limit.";
        return status(
            429,
            json!({"status": "error", "message": text, "errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}),
        );
    }
    status(
        403,
        json!([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests (Concurrent API Requests) Limit exceeded."}]),
    )
}

fn unauthorized() -> Response<Bytes> {
    status(401, json!([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]))
}

/// An answer in which one result was forgotten.
fn without_one(response: Response<Bytes>) -> Response<Bytes> {
    let (parts, body) = response.into_parts();
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(&body) else {
        return Response::from_parts(parts, body);
    };
    let write = value.get("status").is_some_and(|s| s == "COMPLETE");
    if write && let Some(results) = value.get_mut("results").and_then(|r| r.as_array_mut()) {
        results.pop();
    }
    if let Some(answers) = value.get_mut("compositeResponse").and_then(|r| r.as_array_mut()) {
        for answer in answers {
            let results = answer.get_mut("body").and_then(|body| body.as_array_mut());
            if let Some(results) = results.filter(|all| all.first().is_some_and(|one| one.get("success").is_some())) {
                results.pop();
            }
        }
    }
    Response::from_parts(parts, Bytes::from(value.to_string()))
}

impl World {
    pub fn hit(&mut self, what: &str) {
        *self.hits.entry(what.to_owned()).or_default() += 1;
    }

    fn deliver_late(&mut self, now: Millis) {
        let (due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.late).into_iter().partition(|(at, _)| *at <= now);
        self.late = later;
        for (_, request) in due {
            self.apply(&request, now);
        }
    }

    fn apply(&mut self, request: &Request<Bytes>, now: Millis) -> Response<Bytes> {
        let mut hash = self.trace;
        for byte in now.0.to_le_bytes().iter().chain(request.uri().path().as_bytes()).chain(request.body().iter()) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
        self.trace = hash;
        if step_of(request) == "write" {
            self.writes += 1;
        }
        let answer = match request.uri().host() {
            Some("hubspot.localhost") => hubspot::handle(&mut self.hubspot, now, request),
            _ => salesforce::handle(&mut self.salesforce, now, request),
        };
        if step_of(request) == "write" {
            self.note_links(now);
        }
        answer
    }

    fn note_links(&mut self, now: Millis) {
        for object in ["Lead", "Contact"] {
            let keys: Vec<String> = self
                .salesforce
                .records(object)
                .filter_map(|record| Some(self.salesforce.value(object, record, "HubSpot_Id__c")?.as_str()?.to_owned()))
                .collect();
            for key in keys {
                self.linked.entry(key).or_insert(now);
            }
        }
    }

    /// Something that people do: create, edit, put on the list.
    pub fn user_acts(&mut self, now: Millis) {
        let email = format!("p{}@example.com", self.rng.u32(0..12));
        self.serial += 1;
        let value = format!("v{}", self.serial);
        match self.rng.u32(0..10) {
            0 | 1 => self.create_contact(&email, now),
            2 => self.create_person(&email, now),
            3 => {
                let _ = self.contact(&email).map(|id| self.hubspot.list_add(&self.list.clone(), &id, now));
            }
            4..=6 => self.edit_contact(&email, value, now),
            _ => self.edit_person(&email, value, now),
        }
    }

    pub fn contact(&self, email: &str) -> Option<String> {
        let mut found = self.hubspot.records("contact").filter(|r| r.archived().is_none());
        found.find(|record| record.get("email") == Some(email)).map(|record| record.id().to_string())
    }

    /// Live leads and contacts with an address: object, id, whether we made it.
    pub fn people(&self, email: &str) -> Vec<(&'static str, String, bool)> {
        let us = self.salesforce.integration_user();
        let mut out = Vec::new();
        for object in ["Contact", "Lead"] {
            for record in self.salesforce.records(object) {
                let text = |field: &str| {
                    self.salesforce
                        .value(object, record, field)
                        .and_then(|v| v.as_str().map(str::to_owned))
                        .unwrap_or_default()
                };
                let deleted = self.salesforce.value(object, record, "IsDeleted") == Some(json!(true));
                if text("Email") == email && !deleted {
                    out.push((object, text("Id"), text("CreatedById") == us));
                }
            }
        }
        out
    }

    pub fn create_contact(&mut self, email: &str, now: Millis) {
        let name = format!("n{}", self.rng.u32(0..100));
        let title = if self.rng.bool() { "VIP" } else { "Clerk" };
        let made = self.hubspot.user_create(
            "contact",
            &[("email", Some(email)), ("firstname", Some(&name)), ("lastname", Some("L")), ("jobtitle", Some(title))],
            now,
        );
        if let Ok(id) = made
            && self.rng.u32(0..4) > 0
        {
            let _ = self.hubspot.list_add(&self.list.clone(), &id, now);
        }
    }

    pub fn create_person(&mut self, email: &str, now: Millis) {
        let object = if self.rng.bool() { "Lead" } else { "Contact" };
        let name = format!("N{}", self.rng.u32(0..100));
        let mut fields = vec![("Email", json!(email)), ("LastName", json!("L")), ("FirstName", json!(name))];
        if object == "Lead" {
            fields.push(("Company", json!("C")));
        }
        let _ = self.salesforce.user_create(object, &fields, now);
    }

    fn edit_contact(&mut self, email: &str, value: String, now: Millis) {
        let Some(id) = self.contact(email) else { return };
        let (field, line) =
            *self.rng.choice(&[("firstname", "first"), ("jobtitle", "title"), ("city", "city")]).unwrap();
        let cleared = self.rng.u32(0..12) == 0;
        let given = if cleared { None } else { Some(value.as_str()) };
        if self.hubspot.user_update("contact", &id, &[(field, given.or(Some("")))], now).is_ok() {
            let value = if cleared { String::new() } else { value };
            self.edits.push(Edit { at: now, side: 'H', id, field: line, value });
        }
    }

    fn edit_person(&mut self, email: &str, value: String, now: Millis) {
        let people = self.people(email);
        let Some((object, id, _)) = people.first() else { return };
        let (object, id) = (*object, id.clone());
        let city = if object == "Lead" { "City" } else { "MailingCity" };
        let (field, line) = *self.rng.choice(&[("FirstName", "first"), ("Title", "title"), (city, "city")]).unwrap();
        let value = if self.rng.u32(0..5) == 0 { format!(" {value} ") } else { value };
        let fields = [(field, json!(value))];
        let late = self.rng.u32(0..6) == 0;
        let done = match late {
            true => {
                let visible = now.plus(self.rng.i64(1_000..60_000));
                self.hit("late commit");
                self.salesforce.user_update_late(object, &id, &fields, now, visible).is_ok()
            }
            false => self.salesforce.user_update(object, &id, &fields, now).is_ok(),
        };
        if done {
            let value = value.trim().to_owned();
            self.edits.push(Edit { at: now, side: 'S', id, field: line, value });
        }
    }
}
