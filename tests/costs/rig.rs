//! Both simulated CRMs behind one transport that counts what arrives, in virtual time, and the engine on them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use secrecy::SecretString;
use syncline::crm::Crm;
use syncline::crm::http::{Env, Fut, Meter, NetError, Origin, Transport};
use syncline::crm::hubspot::{Hubspot, HubspotConfig};
use syncline::crm::salesforce::{Flow, Salesforce, SalesforceConfig};
use syncline::data::{BySide, Dict, Millis, Side};
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::lang::schema::Catalog;
use syncline::sandbox::data::Worlds;
use syncline::sandbox::{hubspot, salesforce};
use syncline::store::{Sqlite, Store};
use syncline::sync::{Ledger, Opening, PassOptions, PassReport, Ports, Session, Silent, run_pass};
use tokio::time::Instant;

pub const RULES: &str = include_str!("../../examples/developer-edition/rules/people.sync");
const SCHEMAS: [&str; 2] = [
    include_str!("../../examples/developer-edition/schemas/hubspot.json"),
    include_str!("../../examples/developer-edition/schemas/salesforce.json"),
];
const HUBSPOT: &str = "http://hubspot.localhost";
const SALESFORCE: &str = "http://salesforce.localhost";
/// 2026-11-23T09:00:00Z
const START: Millis = Millis(1_795_424_400_000);

/// The network and whoever is at its ends. Nothing goes wrong here.
pub struct Net {
    pub hubspot: Mutex<hubspot::World>,
    pub salesforce: Mutex<salesforce::World>,
    seen: Mutex<BySide<Calls>>,
    started: Instant,
}

/// Calls of one side, as they arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Log-in and "who am I": once per process, not per pass.
    pub entry: u64,
    /// All others, by method, path and what a composite holds.
    pub work: BTreeMap<String, u64>,
}

impl Calls {
    pub fn sum(&self) -> u64 {
        self.work.values().sum()
    }

    pub fn writes(&self) -> u64 {
        self.work.iter().filter(|(name, _)| name.contains("write")).map(|(_, n)| n).sum()
    }
}

impl Env for Net {
    fn now(&self) -> Millis {
        START.plus(i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    fn random(&self) -> u64 {
        4
    }
}

impl Transport for Net {
    fn call<'a>(&'a self, request: Request<Bytes>) -> Fut<'a, Result<Response<Bytes>, NetError>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = self.now();
            let side = if request.uri().host() == Some("hubspot.localhost") { Side::Left } else { Side::Right };
            self.count(side, &request);
            Ok(match side {
                Side::Left => hubspot::handle(&mut self.hubspot.lock().unwrap(), now, &request),
                Side::Right => salesforce::handle(&mut self.salesforce.lock().unwrap(), now, &request),
            })
        })
    }
}

impl Net {
    fn count(&self, side: Side, request: &Request<Bytes>) {
        let path = request.uri().path();
        let mut seen = self.seen.lock().unwrap();
        if path.contains("/oauth2/") || path.contains("account-info") {
            seen[side].entry += 1;
            return;
        }
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let parts = body["compositeRequest"].as_array().map(Vec::as_slice).unwrap_or_default();
        let changes = |part: &serde_json::Value| part["body"].get("records").is_some();
        let what = match parts {
            [] if path.ends_with("batch/create") || path.ends_with("batch/update") => "write",
            [] => "read",
            parts if parts.iter().any(changes) => "composite write",
            _ => "composite read",
        };
        *seen[side].work.entry(format!("{what} {} {path} [{}]", request.method(), parts.len())).or_default() += 1;
    }

    /// Its id.
    pub fn lead(&self, n: usize) -> String {
        let fields = [
            ("Email", format!("person{n}.of.some.length@company{n}.example.com")),
            ("FirstName", format!("Firstname{n}")),
            ("LastName", format!("Lastname{n}")),
            ("Company", format!("Company {n}")),
            ("Status", "Open - Not Contacted".into()),
        ];
        let fields = fields.map(|(name, value)| (name, serde_json::Value::from(value)));
        self.salesforce.lock().unwrap().user_create("Lead", &fields, self.now()).unwrap()
    }

    pub fn edit_lead(&self, id: &str) {
        let title = [("Title", serde_json::Value::from("Head of something else"))];
        self.salesforce.lock().unwrap().user_update("Lead", id, &title, self.now()).unwrap();
    }

    pub fn edit_contact(&self, id: &str) {
        let mobile = [("mobilephone", Some("+1 512 555 0100"))];
        self.hubspot.lock().unwrap().user_update("contact", id, &mobile, self.now()).unwrap();
    }

    /// Contacts of one company, the first of whom is known to Salesforce and has a role on an open opportunity: its id.
    pub fn company_with_a_deal(&self, contacts: usize) -> String {
        let now = self.now();
        let mut world = self.hubspot.lock().unwrap();
        let company = world.user_create("company", &[("name", Some("Globex"))], now).unwrap();
        for n in 0..contacts {
            let email = format!("person{n}@globex.example.com");
            let fields = [("email", Some(&*email)), ("lastname", Some("L")), ("lifecyclestage", Some("lead"))];
            let id = world.user_create("contact", &fields, now).unwrap();
            world.set_primary_company(&id, &company, now).unwrap();
        }
        let mut org = self.salesforce.lock().unwrap();
        let text = |value: &str| serde_json::Value::from(value);
        let person = [("Email", text("person0@globex.example.com")), ("LastName", text("L"))];
        let person = org.user_create("Contact", &person, now).unwrap();
        let deal = [("Name", text("D")), ("StageName", text("Prospecting")), ("CloseDate", text("2027-06-01"))];
        let deal = org.user_create("Opportunity", &deal, now).unwrap();
        let role = [("OpportunityId", text(&deal)), ("ContactId", text(&person))];
        org.user_create("OpportunityContactRole", &role, now).unwrap();
        deal
    }

    pub fn win(&self, deal: &str) {
        let won = [("StageName", serde_json::Value::from("Closed Won"))];
        self.salesforce.lock().unwrap().user_update("Opportunity", deal, &won, self.now()).unwrap();
    }

    /// On the list: its id.
    pub fn contact(&self, n: usize) -> String {
        let (email, first, last) =
            (format!("person{n}.of.some.length@company{n}.example.com"), format!("First{n}"), format!("Last{n}"));
        let fields = [("email", Some(&*email)), ("firstname", Some(&*first)), ("lastname", Some(&*last))];
        let mut world = self.hubspot.lock().unwrap();
        let id = world.user_create("contact", &fields, self.now()).unwrap();
        world.list_add("1", &id, self.now()).unwrap();
        id
    }
}

/// The engine with its state; every pass is a process of its own.
pub struct Rig {
    pub net: Arc<Net>,
    store: Sqlite,
    rules: String,
}

struct Shared(Arc<Ledger>);

impl Meter for Shared {
    fn take(&self) -> bool {
        self.0.take()
    }
}

/// What one pass did and what it cost.
pub struct Passed {
    pub report: PassReport,
    pub calls: BySide<Calls>,
    /// Counted by the ledger, entry included where that is metered.
    pub made: BySide<u64>,
}

impl Rig {
    pub fn new() -> Rig {
        Rig::with(RULES)
    }

    pub fn with(rules: &str) -> Rig {
        let people = serde_json::json!({"lists": [{"id": "1", "name": "Sync to Salesforce", "members": []}]});
        let mut worlds = Worlds::load(&people, &serde_json::json!({}), 1, START).unwrap();
        worlds.salesforce.config.instance_url = SALESFORCE.into();
        let net = Net {
            hubspot: Mutex::new(worlds.hubspot),
            salesforce: Mutex::new(worlds.salesforce),
            seen: Mutex::default(),
            started: Instant::now(),
        };
        Rig { net: Arc::new(net), store: Sqlite::in_memory().unwrap(), rules: rules.to_owned() }
    }

    pub async fn pass(&self) -> Passed {
        let ledgers = BySide::new(Arc::new(Ledger::new("left")), Arc::new(Ledger::new("right")));
        let before = self.net.seen.lock().unwrap().clone();
        let (token, id, secret) = {
            let org = &self.net.salesforce.lock().unwrap().config;
            (self.net.hubspot.lock().unwrap().config.token.clone(), org.client_id.clone(), org.client_secret.clone())
        };
        let config = HubspotConfig { origin: Origin::parse(HUBSPOT).unwrap(), token: SecretString::from(token) };
        let meter = |side: Side| Arc::new(Shared(ledgers[side].clone()));
        let hubspot = Hubspot::new(config, self.net.clone(), meter(Side::Left), self.net.clone());
        let flow = Flow::ClientCredentials { client_id: id, client_secret: SecretString::from(secret) };
        let config = SalesforceConfig { origin: Origin::parse(SALESFORCE).unwrap(), flow };
        let salesforce = Salesforce::new(config, self.net.clone(), meter(Side::Right), self.net.clone());
        let ports = Ports {
            store: &self.store as &dyn Store,
            crm: BySide::new(&hubspot as &dyn Crm, &salesforce as &dyn Crm),
            env: &*self.net,
            ledger: BySide::new(&ledgers.left, &ledgers.right),
        };
        let opening = Opening::begin(ports, "costs").await.unwrap();
        let mut dict: Dict = opening.dict.clone();
        let files = [SourceFile::new("people.sync", &*self.rules)];
        let [left, right] = SCHEMAS.map(|text| serde_json::from_str::<Catalog>(text).unwrap());
        let (plan, findings) = compile(&files, &left, &right, &mut dict);
        let plan = plan.unwrap_or_else(|| panic!("{findings:#?}"));
        let session = Session::begin(ports, opening, dict, plan, self.rules.as_bytes().to_vec()).await.unwrap();
        let options = PassOptions { count_only: true, ..PassOptions::default() };
        let report = run_pass(ports, &session, &options, &Silent).await.unwrap();
        let mut calls = self.net.seen.lock().unwrap().clone();
        for side in Side::BOTH {
            calls[side].entry -= before[side].entry;
            calls[side].work.iter_mut().for_each(|(name, n)| *n -= before[side].work.get(name).copied().unwrap_or(0));
            calls[side].work.retain(|_, n| *n > 0);
        }
        Passed { report, calls, made: BySide::new(ledgers.left.made(), ledgers.right.made()) }
    }
}

pub fn in_virtual_time<T>(run: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(run)
}

pub async fn wait(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
