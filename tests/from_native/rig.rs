//! Both sandboxes behind real ports, users at work on them, and the engine with the rules of the document.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response};
use secrecy::SecretString;
use serde_json::{Value, json};
use syncline::crm::Crm;
use syncline::crm::http::{Env, Fut, Meter, NetError, Network, Origin, Transport};
use syncline::crm::hubspot::{Hubspot, HubspotConfig};
use syncline::crm::salesforce::{Flow, Salesforce, SalesforceConfig};
use syncline::data::{BySide, Dict, Millis, Side};
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::lang::schema::Catalog;
use syncline::sandbox::data::Worlds;
use syncline::sandbox::face::{Face, locked, serve};
use syncline::sandbox::{hubspot, salesforce};
use syncline::store::Sqlite;
use syncline::sync::{Event, Ledger, Observer, Opening, PassOptions, PassReport, Ports, Session, run_pass};

/// 2026-11-23T09:00:00Z
const START: i64 = 1_795_424_400_000;
const MINUTE: i64 = 60_000;

/// The time of both CRMs and the engine: as it passes, and as tests let it pass.
pub struct Clock {
    began: Instant,
    added: AtomicI64,
}

impl Env for Clock {
    fn now(&self) -> Millis {
        let passed = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(0);
        Millis(START + passed + self.added.load(Ordering::Relaxed))
    }

    fn random(&self) -> u64 {
        4
    }
}

/// What the accounts have beside the standard.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Org {
    Plain,
    PlaceLists,
    Currencies,
}

/// Two accounts, their users, and the state between them.
pub struct Accounts {
    pub hubspot: Arc<Mutex<hubspot::World>>,
    pub salesforce: Arc<Mutex<salesforce::World>>,
    pub clock: Arc<Clock>,
    face: Face,
    store: Sqlite,
    schemas: fn() -> [Catalog; 2],
    assigned: Arc<AtomicI64>,
}

/// What a pass told.
#[derive(Debug, Default)]
pub struct Told {
    /// `HubSpot contact phone` for every field written, `+ Salesforce Lead` for every record made.
    pub writes: Vec<String>,
    /// `code: message`
    pub issues: Vec<String>,
    pub skipped: Vec<String>,
    /// `record: reason`
    pub frozen: Vec<String>,
}

/// The network, and how many calls asked for the org's assignment rules.
struct Wire {
    network: Network,
    assigned: Arc<AtomicI64>,
}

impl Transport for Wire {
    fn call<'a>(&'a self, request: Request<Bytes>) -> Fut<'a, Result<Response<Bytes>, NetError>> {
        let asks = String::from_utf8_lossy(request.body()).contains(r#""Sforce-Auto-Assign":"TRUE""#);
        self.assigned.fetch_add(i64::from(asks), Ordering::Relaxed);
        self.network.call(request)
    }
}

struct Shared(Arc<Ledger>);

impl Meter for Shared {
    fn take(&self) -> bool {
        self.0.take()
    }
}

struct Ear(Mutex<Told>);

impl Observer for Ear {
    fn on(&self, event: Event<'_>) {
        let mut told = self.0.lock().unwrap();
        match event {
            Event::Changed(change) => {
                let crm = if change.side == Side::Left { "HubSpot" } else { "Salesforce" };
                match (&change.fault, change.create) {
                    (Some(fault), _) => told.issues.push(fault.clone()),
                    (None, true) => told.writes.push(format!("+ {crm} {}", change.ty)),
                    (None, false) => {
                        let fields = change.cells.iter().map(|cell| format!("{crm} {} {}", change.ty, cell.field));
                        told.writes.extend(fields);
                    }
                }
            }
            Event::Issue { code, message, .. } => told.issues.push(format!("{code}: {message}")),
            Event::Frozen { label, why } => told.frozen.push(format!("{label}: {why}")),
            Event::Skipped { why, .. } => told.skipped.push(why.to_owned()),
            _ => {}
        }
    }
}

/// A pass with its end.
pub struct Passed {
    pub told: Told,
    pub report: PassReport,
}

impl Accounts {
    /// With the list "Sync to Salesforce", empty.
    pub async fn new() -> Accounts {
        Accounts::serving(Org::Plain, crate::document::schemas).await
    }

    /// The org counts in dollars and euros, the portal in dollars and pounds.
    pub async fn with_currencies() -> Accounts {
        Accounts::serving(Org::Currencies, crate::document::schemas_with_currencies).await
    }

    /// The org has switched on its picklists of states and countries, and added one country to them.
    pub async fn with_place_lists() -> Accounts {
        Accounts::serving(Org::PlaceLists, crate::document::schemas_with_place_lists).await
    }

    async fn serving(org: Org, schemas: fn() -> [Catalog; 2]) -> Accounts {
        let clock = Arc::new(Clock { began: Instant::now(), added: AtomicI64::new(0) });
        let portal = json!({"lists": [{"id": "1", "name": "Sync to Salesforce", "members": []}]});
        let mut worlds = Worlds::load(&portal, &json!({}), 1, clock.now()).unwrap();
        if org == Org::Currencies {
            let currencies = ["USD", "EUR"].map(str::to_owned).to_vec();
            let config = salesforce::Config { currencies, ..worlds.salesforce.config.clone() };
            worlds.salesforce = salesforce::World::new(config, 1, clock.now());
            worlds.hubspot.config.additional_currencies = vec!["GBP".to_owned()];
        }
        if org == Org::PlaceLists {
            let countries = [("US", "United States"), ("CA", "Canada"), ("DE", "Germany"), ("XK", "Kosovo (region)")];
            let in_america = [("US", "CA", "California"), ("US", "NY", "New York"), ("CA", "QC", "Quebec")];
            worlds.salesforce.list_places(&countries, &[&in_america[..], &[("DE", "BY", "Bavaria")]].concat());
        }
        let (hubspot, salesforce) = (Arc::new(Mutex::new(worlds.hubspot)), Arc::new(Mutex::new(worlds.salesforce)));
        let time = clock.clone();
        let face = serve(hubspot.clone(), salesforce.clone(), (0, 0), move || time.now(), None).await.unwrap();
        Accounts {
            hubspot,
            salesforce,
            clock,
            face,
            store: Sqlite::in_memory().unwrap(),
            schemas,
            assigned: Arc::default(),
        }
    }

    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    pub fn wait_minutes(&self, minutes: i64) {
        self.clock.added.fetch_add(minutes * MINUTE, Ordering::Relaxed);
    }

    /// A pass of these rules, ten minutes after whatever happened before.
    pub async fn pass(&self, rules: &str) -> Told {
        self.pass_with(rules, &PassOptions { count_only: true, ..PassOptions::default() }).await.told
    }

    /// Passes until nothing is written.
    pub async fn settle(&self, rules: &str) {
        for _ in 0..5 {
            if self.pass(rules).await.writes.is_empty() {
                return;
            }
        }
        panic!("it does not come to rest");
    }

    pub async fn pass_with(&self, rules: &str, options: &PassOptions) -> Passed {
        self.wait_minutes(10);
        let ledgers = BySide::new(Arc::new(Ledger::new("left")), Arc::new(Ledger::new("right")));
        let network = Arc::new(Wire { network: Network::new().unwrap(), assigned: self.assigned.clone() });
        let token = SecretString::from(self.portal().config.token.clone());
        let (client_id, secret) = {
            let org = self.org();
            (org.config.client_id.clone(), SecretString::from(org.config.client_secret.clone()))
        };
        let meter = |side: Side| Arc::new(Shared(ledgers[side].clone()));
        let config = HubspotConfig { origin: Origin::parse(&self.face.hubspot_url()).unwrap(), token };
        let hubspot = Hubspot::new(config, network.clone(), meter(Side::Left), self.clock.clone());
        let flow = Flow::ClientCredentials { client_id, client_secret: secret };
        let config = SalesforceConfig { origin: Origin::parse(&self.face.salesforce_url()).unwrap(), flow };
        let salesforce = Salesforce::new(config, network, meter(Side::Right), self.clock.clone());
        let ports = Ports {
            store: &self.store,
            crm: BySide::new(&hubspot as &dyn Crm, &salesforce as &dyn Crm),
            env: &*self.clock,
            ledger: BySide::new(&ledgers.left, &ledgers.right),
        };
        let opening = Opening::begin(ports, "from native").await.unwrap();
        let mut dict: Dict = opening.dict.clone();
        let [left, right] = (self.schemas)();
        let (plan, findings) = compile(&[SourceFile::new("rules.sync", rules)], &left, &right, &mut dict);
        let plan = plan.unwrap_or_else(|| panic!("{findings:#?}\n{rules}"));
        let session = Session::begin(ports, opening, dict, plan, Vec::new()).await.unwrap();
        let ear = Ear(Mutex::default());
        let report = run_pass(ports, &session, options, &ear).await.unwrap();
        let mut told = ear.0.into_inner().unwrap();
        told.writes.sort();
        told.frozen.sort();
        Passed { told, report }
    }

    pub fn portal(&self) -> MutexGuard<'_, hubspot::World> {
        locked(&self.hubspot)
    }

    pub fn org(&self) -> MutexGuard<'_, salesforce::World> {
        locked(&self.salesforce)
    }

    /// A HubSpot user makes a contact; its id.
    pub fn contact(&self, fields: &[(&str, &str)]) -> String {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, Some(*value))).collect();
        self.portal().user_create("contact", &fields, self.now()).unwrap()
    }

    /// The same, who is on the list.
    pub fn member(&self, fields: &[(&str, &str)]) -> String {
        let id = self.contact(fields);
        self.join(&id);
        id
    }

    pub fn join(&self, contact: &str) {
        assert!(self.portal().list_add("1", contact, self.now()).unwrap());
    }

    pub fn leave(&self, contact: &str) {
        assert!(self.portal().list_remove("1", contact, self.now()).unwrap());
    }

    /// A HubSpot user edits a contact; "" clears.
    pub fn edit_contact(&self, id: &str, field: &str, value: &str) {
        self.portal().user_update("contact", id, &[(field, Some(value))], self.now()).unwrap();
    }

    /// A Salesforce user makes a record; its id.
    pub fn made(&self, object: &str, fields: &[(&str, &str)]) -> String {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, Value::from(*value))).collect();
        self.org().user_create(object, &fields, self.now()).unwrap()
    }

    /// A lead of "Acme".
    pub fn lead(&self, email: &str, last_name: &str) -> String {
        self.made("Lead", &[("Email", email), ("LastName", last_name), ("Company", "Acme")])
    }

    /// A Salesforce user edits a record; "" clears.
    pub fn edit(&self, object: &str, id: &str, field: &str, value: &str) {
        let value = if value.is_empty() { Value::Null } else { Value::from(value) };
        self.org().user_update(object, id, &[(field, value)], self.now()).unwrap();
    }

    /// A field of a HubSpot contact; "" where it is blank.
    pub fn of_contact(&self, id: &str, field: &str) -> String {
        self.portal().record("contact", id).and_then(|record| record.get(field).map(str::to_owned)).unwrap_or_default()
    }

    /// A field of a Salesforce record; "" where it is blank.
    pub fn of(&self, object: &str, id: &str, field: &str) -> String {
        let org = self.org();
        let value = org.record(object, id).and_then(|record| org.value(object, record, field));
        match value {
            Some(Value::String(text)) => text,
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        }
    }

    /// Ids of the live Salesforce records with this address.
    pub fn with_email(&self, object: &str, email: &str) -> Vec<String> {
        let org = self.org();
        let text = |record: &salesforce::Record, field: &str| {
            org.value(object, record, field).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
        };
        let live = |record: &&salesforce::Record| org.value(object, record, "IsDeleted") != Some(json!(true));
        let rows = org.records(object).filter(live).filter(|record| text(record, "Email").eq_ignore_ascii_case(email));
        rows.map(|record| text(record, "Id")).collect()
    }

    /// A Salesforce user converts a lead; the id of the contact.
    pub fn convert(&self, lead: &str) -> String {
        self.org().user_convert(lead, None, None, self.now()).unwrap().contact
    }

    pub fn owner(&self, id: u64, email: &str) {
        let (first_name, last_name, now) = ("A".to_owned(), "B".to_owned(), self.now());
        let (email, user_id) = (email.to_owned(), Some(id + 1));
        let owner =
            hubspot::Owner { id, email, first_name, last_name, user_id, archived: false, created: now, updated: now };
        self.portal().add_owner(owner);
    }

    /// A user of the org who is not the one that Syncline works as: id and address.
    pub fn user(&self) -> (String, String) {
        let us = self.org().integration_user();
        let users: Vec<String> = {
            let org = self.org();
            org.records("User").filter_map(|user| Some(org.value("User", user, "Id")?.as_str()?.to_owned())).collect()
        };
        let others = users.into_iter().filter(|id| *id != us).map(|id| (id.clone(), self.email_of(&id)));
        others.filter(|(_, email)| !email.is_empty()).min().unwrap()
    }

    /// Calls that asked for the org's assignment rules.
    pub fn assigned(&self) -> i64 {
        self.assigned.load(Ordering::Relaxed)
    }

    pub fn email_of(&self, user: &str) -> String {
        self.of("User", user, "Email")
    }

    /// Ids of the live HubSpot contacts with this address.
    pub fn contacts_with(&self, email: &str) -> Vec<String> {
        let portal = self.portal();
        let all = portal.records("contact").filter(|contact| contact.archived().is_none());
        all.filter(|contact| contact.get("email") == Some(email)).map(|contact| contact.id().to_string()).collect()
    }
}

/// The sandboxes' standard schemas, as an admin's `syncline pull` gets them.
pub async fn describe(types: [&[&str]; 2], org: Org) -> [Catalog; 2] {
    let accounts = Accounts::serving(org, crate::document::schemas).await;
    let network = Arc::new(Network::new().unwrap());
    let unmetered = Arc::new(syncline::crm::http::Unmetered);
    let token = SecretString::from(accounts.portal().config.token.clone());
    let config = HubspotConfig { origin: Origin::parse(&accounts.face.hubspot_url()).unwrap(), token };
    let hubspot = Hubspot::new(config, network.clone(), unmetered.clone(), accounts.clock.clone());
    let (client_id, secret) = {
        let org = accounts.org();
        (org.config.client_id.clone(), SecretString::from(org.config.client_secret.clone()))
    };
    let flow = Flow::ClientCredentials { client_id, client_secret: secret };
    let config = SalesforceConfig { origin: Origin::parse(&accounts.face.salesforce_url()).unwrap(), flow };
    let salesforce = Salesforce::new(config, network, unmetered, accounts.clock.clone());
    let owned = |types: &[&str]| types.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    [hubspot.describe(&owned(types[0])).await.unwrap(), salesforce.describe(&owned(types[1])).await.unwrap()]
}
