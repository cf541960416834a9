//! Both CRMs, the network between them and the engine, and what is remembered about all that happened: seeded, in
//! virtual time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use fastrand::Rng;
use http::Request;
use serde_json::Value;
use syncline::crm::http::Env;
use syncline::data::Millis;
use syncline::sandbox::{SALESFORCE_URL, hubspot, salesforce};
use syncline::store::Sqlite;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::check::Broken;
use crate::deals::Deals;
use crate::desk::Desk;
use crate::firms::Firms;
use crate::questions::Questions;
use crate::users::{Edit, Underway};

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
    /// One record of a batch is neither written nor named in the answer.
    pub skipped_record: u32,
    /// A user does something between two calls.
    pub user: u32,
    /// A user creates the record that a call is about to create.
    pub user_first: u32,
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
        skipped_record: 25,
        user: 200,
        user_first: 60,
    };
}

/// A write that arrived then, on a side.
#[derive(Clone, Debug)]
pub struct Blind {
    pub at: Millis,
    pub side: char,
    pub body: String,
}

/// What happens to the process at one of its effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Dies,
    /// Hangs until [`Sim::resume`]: another process may have taken over by then.
    Stalls,
}

pub struct World {
    pub hubspot: hubspot::World,
    pub salesforce: salesforce::World,
    pub list: String,
    pub rng: Rng,
    pub weather: Weather,
    pub edits: Vec<Edit>,
    pub underway: Vec<Underway>,
    pub desk: Desk,
    /// Sales, where a seed has them.
    pub deals: Option<Deals>,
    /// Where people work, where that is looked at.
    pub firms: Option<Firms>,
    /// Questions to people, where a seed has them.
    pub questions: Option<Questions>,
    /// Contacts on the list.
    pub listed: BTreeSet<String>,
    /// When a record that a user made came to be.
    pub created: BTreeMap<String, Millis>,
    /// Requests that arrive after everybody has given up on them.
    pub late: Vec<(Millis, Request<Bytes>)>,
    /// Outward effects so far, and the one at which something happens to the process.
    pub effects: u64,
    pub fate: Option<(u64, Fate)>,
    pub trace: u64,
    /// Faults by kind and by step of the pass.
    pub faults: BTreeMap<(&'static str, &'static str), u64>,
    /// Situations that no fault makes.
    pub situations: BTreeMap<&'static str, u64>,
    pub writes: u64,
    /// When a pair was first seen to be linked: by the id of its contact.
    pub linked: BTreeMap<String, Millis>,
    /// What people did beside edits, for a person who wants to know.
    pub log: Vec<(Millis, String)>,
    /// Promises broken while it ran.
    pub broken: Vec<Broken>,
    /// Writes of which the engine cannot know what they replaced: they came late, or Salesforce's answer (the only place
    /// where that is told) was lost.
    pub blind: Vec<Blind>,
    /// Writes to Salesforce that the process made: what their answers told goes with it, until it is in the state file.
    pub told: Vec<Blind>,
    /// When records of a side were last read: HubSpot's, Salesforce's.
    pub read: [Millis; 2],
    /// When Salesforce was last asked for an address in this pass.
    pub looked: BTreeMap<String, Millis>,
    /// Times of all calls that count against an account's limit, and the limit: HubSpot's, Salesforce's.
    pub calls: [Vec<Millis>; 2],
    pub ceiling: Option<i64>,
    /// The last pass came to its end with nothing open, and when it began.
    pub calm: Option<Millis>,
    /// The process that calls was taken for dead.
    pub stale: bool,
    /// Nothing happens any more but the engine's own doing, since when; how often each record is written from then on.
    pub quiet: bool,
    pub quiet_since: Millis,
    pub rewritten: BTreeMap<String, u32>,
    /// Rows that a long transaction holds, until when.
    pub held: BTreeMap<String, Millis>,
    pub serial: u32,
    /// Records that were linked when another one took their place, with that one.
    pub became: BTreeMap<String, String>,
    /// When contacts were deleted.
    pub archived: BTreeMap<String, Millis>,
    /// What users deleted and did not restore: object, id and addresses.
    pub deleted: Vec<(&'static str, String, Vec<String>)>,
}

#[derive(Clone)]
pub struct Sim {
    pub world: Arc<Mutex<World>>,
    pub store: Arc<OnceLock<Arc<Sqlite>>>,
    started: Instant,
    pub crashed: Arc<Notify>,
    pub stalled: Arc<Notify>,
    pub resume: Arc<Notify>,
    /// Rules were saved while a process is at work.
    pub saved: Arc<Notify>,
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
            instance_url: SALESFORCE_URL.into(),
            session_ms: 600_000,
            // Small pages: rows with one stamp lie on both sides of their borders.
            page_size: *rng.choice(&[2, 3, 200, 2_000]).unwrap(),
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
            underway: Vec::new(),
            desk: Desk::new(seed),
            deals: None,
            firms: None,
            questions: None,
            listed: BTreeSet::new(),
            created: BTreeMap::new(),
            late: Vec::new(),
            effects: 0,
            fate: None,
            trace: 0,
            faults: BTreeMap::new(),
            situations: BTreeMap::new(),
            writes: 0,
            linked: BTreeMap::new(),
            log: Vec::new(),
            broken: Vec::new(),
            blind: Vec::new(),
            told: Vec::new(),
            read: [START; 2],
            looked: BTreeMap::new(),
            calls: [Vec::new(), Vec::new()],
            ceiling: None,
            calm: None,
            stale: false,
            quiet: false,
            quiet_since: START,
            rewritten: BTreeMap::new(),
            held: BTreeMap::new(),
            serial: 0,
            became: BTreeMap::new(),
            archived: BTreeMap::new(),
            deleted: Vec::new(),
        };
        Sim {
            world: Arc::new(Mutex::new(world)),
            store: Arc::default(),
            started: Instant::now(),
            crashed: Arc::default(),
            stalled: Arc::default(),
            resume: Arc::default(),
            saved: Arc::default(),
        }
    }

    /// One outward effect: the process may die here, and then nothing more happens; or hang. `sent` is a request that may
    /// be on its way already when that happens.
    pub async fn effect(&self, kind: &'static str, step: &'static str, sent: Option<&Request<Bytes>>) {
        let fate = {
            let mut world = self.world.lock().unwrap();
            world.effects += 1;
            let fate = world.fate.filter(|(at, _)| *at == world.effects).map(|(_, fate)| fate);
            if fate == Some(Fate::Dies) {
                world.fault(kind, step);
                if let Some(request) = sent.filter(|_| world.weather.late > 0).filter(|_| world.rng.u32(0..3) == 0) {
                    world.fault("dies, call arrives", step);
                    let due = self.now().plus(world.rng.i64(1_000..90_000));
                    world.late.push((due, request.clone()));
                    world.overtake(request, self.now());
                }
            }
            fate
        };
        match fate {
            None => {}
            Some(Fate::Dies) => {
                self.crashed.notify_one();
                std::future::pending::<()>().await;
            }
            Some(Fate::Stalls) => {
                self.world.lock().unwrap().fault("stalls", step);
                self.stalled.notify_one();
                self.resume.notified().await;
            }
        }
    }

    pub fn settle_late(&self) {
        let now = self.now();
        self.world.lock().unwrap().deliver_late(now);
    }
}

impl World {
    pub fn fault(&mut self, kind: &'static str, step: &'static str) {
        *self.faults.entry((kind, step)).or_default() += 1;
    }

    pub fn situation(&mut self, what: &'static str) {
        *self.situations.entry(what).or_default() += 1;
    }

    pub fn breaks(&mut self, promise: &'static str, what: String) {
        self.broken.push(Broken { promise, what });
    }

    pub fn note_links(&mut self, now: Millis) {
        for object in ["Lead", "Contact"] {
            let keys: Vec<String> = self
                .salesforce
                .records(object)
                .filter_map(|record| self.salesforce.value(object, record, "HubSpot_Id__c"))
                .filter_map(|value: Value| value.as_str().map(str::to_owned))
                .collect();
            for key in keys {
                self.linked.entry(key).or_insert(now);
            }
        }
    }
}
