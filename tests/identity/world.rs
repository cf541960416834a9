//! The real engine and adapters on the models of both CRMs, one pass at a time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use secrecy::SecretString;
use serde_json::{Value, json};
use syncline::crm::Crm;
use syncline::crm::http::{Env, Fut, NetError, Origin, Transport, Unmetered};
use syncline::crm::hubspot::{Hubspot, HubspotConfig};
use syncline::crm::salesforce::{Flow, Salesforce, SalesforceConfig};
use syncline::data::{BySide, Dict, Millis};
use syncline::diagnostic::{Finding, SourceFile};
use syncline::lang::compile;
use syncline::lang::plan::Plan;
use syncline::sandbox::{hubspot, salesforce};
use syncline::store::{Answer, OpId, Sid, Sqlite, Store, SubjectRow};
use syncline::sync::{Ledger, Opening, PassOptions, PassReport, Ports, Rehearsal, Session, Silent, run_pass};

pub const HOUR: i64 = 3_600_000;

/// Makes of the plan what the check refuses.
type Break = fn(&mut Plan);

/// What the network, or a CRM, does to a call.
#[derive(Clone)]
enum Lie {
    /// Carried out, once, and the reply is lost.
    Lost,
    /// Refused, each time.
    Refused,
    /// This member is in no record of its answer.
    Without(String),
}

/// Something that a user does between two calls.
type Deed = Box<dyn FnOnce(&World) + Send>;

pub struct World {
    hubspot: Mutex<hubspot::World>,
    salesforce: Mutex<salesforce::World>,
    now: AtomicI64,
    store: Sqlite,
    rules: String,
    broken: Option<Break>,
    /// What the check said of the rules last.
    said: Mutex<Vec<Finding>>,
    /// Done before the next call of which the path or body holds the text.
    deed: Mutex<Option<(String, Deed)>>,
    /// What becomes of calls that hold a text.
    lies: Mutex<Vec<(String, Lie)>>,
    /// Changes of this object do not show yet where changes are read.
    held: Mutex<String>,
}

impl Transport for World {
    fn call<'a>(&'a self, request: http::Request<Bytes>) -> Fut<'a, Result<http::Response<Bytes>, NetError>> {
        let text = format!("{} {} {}", request.method(), request.uri(), String::from_utf8_lossy(request.body()));
        let due = self.deed.lock().unwrap().take_if(|(before, _)| text.contains(before.as_str()));
        if let Some((_, deed)) = due {
            deed(self);
        }
        let lie = self.lie(&text);
        let answer = match request.uri().host() {
            _ if matches!(lie, Some(Lie::Refused)) => {
                let body = Bytes::from(r#"{"status":"error","category":"VALIDATION_ERROR","message":"no"}"#);
                http::Response::builder().status(400).body(body).unwrap()
            }
            Some("hubspot.localhost") => hubspot::handle(&mut self.hubspot(), self.now(), &request),
            _ => salesforce::handle(&mut self.salesforce(), self.now(), &request),
        };
        let answer = match lie {
            Some(Lie::Lost) => Err(NetError::Lost { host: "x".into(), why: "the connection broke".into() }),
            Some(Lie::Without(member)) => Ok(without(&member, answer)),
            _ => Ok(self.without_held(&text, answer)),
        };
        Box::pin(async move { answer })
    }
}

impl Env for World {
    fn now(&self) -> Millis {
        Millis(self.now.load(Ordering::Relaxed))
    }

    fn random(&self) -> u64 {
        7
    }
}

impl World {
    pub fn new(rules: &str) -> Arc<World> {
        World::of(rules, None)
    }

    /// On a plan that the check would refuse, to see what it is refused for.
    pub fn broken(rules: &str, broken: Break) -> Arc<World> {
        World::of(rules, Some(broken))
    }

    fn of(rules: &str, broken: Option<Break>) -> Arc<World> {
        let now = Millis(1_800_000_000_000);
        let config = salesforce::Config { instance_url: "http://salesforce.localhost".into(), ..Default::default() };
        let mut salesforce = salesforce::World::new(config, 1, now);
        for object in ["Lead", "Contact", "Account"] {
            let key = salesforce::FieldDef::text("HubSpot_Id__c", "HubSpot ID", 18).external_id().unique();
            salesforce.add_field(object, key);
        }
        Arc::new(World {
            hubspot: Mutex::new(hubspot::World::new(hubspot::Config::default(), 1, now)),
            salesforce: Mutex::new(salesforce),
            now: AtomicI64::new(now.0),
            store: Sqlite::in_memory().unwrap(),
            rules: rules.to_owned(),
            broken,
            said: Mutex::default(),
            deed: Mutex::new(None),
            lies: Mutex::default(),
            held: Mutex::default(),
        })
    }

    pub fn hubspot(&self) -> MutexGuard<'_, hubspot::World> {
        self.hubspot.lock().unwrap()
    }

    pub fn salesforce(&self) -> MutexGuard<'_, salesforce::World> {
        self.salesforce.lock().unwrap()
    }

    /// A user does something right before a call that holds `text`.
    pub fn before(&self, text: &str, deed: impl FnOnce(&World) + Send + 'static) {
        *self.deed.lock().unwrap() = Some((text.to_owned(), Box::new(deed)));
    }

    pub fn list(&self, name: &str) -> String {
        self.hubspot().list_create(name, "contact", hubspot::Processing::Manual, self.now()).unwrap()
    }

    pub fn put_on_list(&self, list: &str, contact: &str) {
        self.hubspot().list_add(list, contact, self.now()).unwrap();
    }

    /// The reply to the next call that holds `text` is lost.
    pub fn lose(&self, text: &str) {
        self.lies.lock().unwrap().push((text.to_owned(), Lie::Lost));
    }

    /// All calls that hold `text` are refused.
    pub fn refuse(&self, text: &str) {
        self.lies.lock().unwrap().push((text.to_owned(), Lie::Refused));
    }

    /// Records in answers to calls that hold `text` lack a member.
    pub fn strip(&self, text: &str, member: &str) {
        self.lies.lock().unwrap().push((text.to_owned(), Lie::Without(member.to_owned())));
    }

    /// Nothing is amiss any more.
    pub fn honest(&self) {
        self.lies.lock().unwrap().clear();
    }

    fn lie(&self, request: &str) -> Option<Lie> {
        let mut lies = self.lies.lock().unwrap();
        let at = lies.iter().position(|(text, _)| request.contains(text.as_str()))?;
        match lies[at].1 {
            Lie::Lost => Some(lies.remove(at).1),
            _ => Some(lies[at].1.clone()),
        }
    }

    /// A transaction holds a row for so long.
    pub fn hold(&self, object: &str, id: &str, ms: i64) {
        self.salesforce().user_hold(object, id, self.now().plus(ms)).unwrap();
    }

    pub fn now_ms(&self) -> Millis {
        self.now()
    }

    /// Operations of which nobody knows the outcome.
    pub async fn open(&self) -> usize {
        self.store.open_ops().await.unwrap().len()
    }

    /// Changes of an object do not show where changes are read, until another one is named.
    pub fn hold_back(&self, object: &str) {
        *self.held.lock().unwrap() = object.to_owned();
    }

    fn without_held(&self, request: &str, answer: http::Response<Bytes>) -> http::Response<Bytes> {
        let held = self.held.lock().unwrap().clone();
        if held.is_empty() || !request.contains("ORDER+BY+SystemModstamp") {
            return answer;
        }
        let (parts, body) = answer.into_parts();
        let mut body: Value = serde_json::from_slice(&body).unwrap();
        for part in body["compositeResponse"].as_array_mut().unwrap() {
            let records = part["body"]["records"].as_array_mut().unwrap();
            records.retain(|record| record["attributes"]["type"] != json!(held));
        }
        http::Response::from_parts(parts, Bytes::from(body.to_string()))
    }

    pub fn undone(&self) -> bool {
        self.deed.lock().unwrap().is_some()
    }

    pub fn contact(&self, fields: &[(&str, &str)]) -> String {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, Some(*value))).collect();
        self.hubspot().user_create("contact", &fields, self.now()).unwrap()
    }

    /// A company with these people.
    pub fn company(&self, name: &str, people: &[&str]) -> String {
        let id = self.hubspot().user_create("company", &[("name", Some(name))], self.now()).unwrap();
        people.iter().for_each(|contact| self.employ(contact, &id));
        id
    }

    /// A contact's company.
    pub fn employ(&self, contact: &str, company: &str) {
        self.hubspot().user_associate(("contact", contact), ("company", company), self.now()).unwrap();
    }

    pub fn account(&self, name: &str) -> String {
        self.salesforce().user_create("Account", &[("Name", json!(name))], self.now()).unwrap()
    }

    /// Names of the live companies.
    pub fn companies(&self) -> Vec<String> {
        let world = self.hubspot();
        let live = world.records("company").filter(|record| record.archived().is_none());
        live.map(|record| record.get("name").unwrap_or_default().to_owned()).collect()
    }

    /// Names of the live accounts.
    pub fn accounts(&self) -> Vec<String> {
        self.people("Account").iter().map(|id| self.field("Account", id, "Name")).collect()
    }

    pub fn edit_contact(&self, id: &str, fields: &[(&str, &str)]) {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, Some(*value))).collect();
        self.hubspot().user_update("contact", id, &fields, self.now()).unwrap();
    }

    pub fn person(&self, object: &str, fields: &[(&str, &str)]) -> String {
        let mut all: Vec<(&str, Value)> = fields.iter().map(|(name, value)| (*name, json!(value))).collect();
        if object == "Lead" {
            all.push(("Company", json!("C")));
        }
        self.salesforce().user_create(object, &all, self.now()).unwrap()
    }

    pub fn edit_person(&self, object: &str, id: &str, fields: &[(&str, &str)]) {
        let fields: Vec<(&str, Value)> = fields
            .iter()
            .map(|(name, value)| (*name, if value.is_empty() { Value::Null } else { json!(value) }))
            .collect();
        self.salesforce().user_update(object, id, &fields, self.now()).unwrap();
    }

    /// Converts a lead; the id of the new contact.
    pub fn convert(&self, lead: &str) -> String {
        self.salesforce().user_convert(lead, None, None, self.now()).unwrap().contact
    }

    /// A property of a live contact.
    pub fn property(&self, id: &str, name: &str) -> String {
        self.hubspot().record("contact", id).and_then(|r| r.get(name)).unwrap_or_default().to_owned()
    }

    pub fn field(&self, object: &str, id: &str, field: &str) -> String {
        let world = self.salesforce();
        let record = world.record(object, id).unwrap_or_else(|| panic!("no {object} {id}"));
        let value = world.value(object, record, field);
        value.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Ids of the live contacts.
    pub fn contacts(&self) -> Vec<String> {
        let world = self.hubspot();
        world.records("contact").filter(|r| r.archived().is_none()).map(|record| record.id().to_string()).collect()
    }

    /// Ids of the live records of an object.
    pub fn people(&self, object: &str) -> Vec<String> {
        let world = self.salesforce();
        let live = world.records(object).filter(|r| world.value(object, r, "IsDeleted") != Some(json!(true)));
        let id = |record| world.value(object, record, "Id").and_then(|id| id.as_str().map(str::to_owned));
        live.filter_map(id).collect()
    }

    /// What the check said of the rules before the last pass.
    pub fn findings(&self) -> Vec<Finding> {
        self.said.lock().unwrap().clone()
    }

    /// Codes and messages of the problems on record.
    pub async fn issues(&self) -> Vec<String> {
        let rows = self.store.issues().await.unwrap();
        rows.into_iter().map(|row| format!("{} {}", row.issue.code, row.issue.message)).collect()
    }

    /// A person says that a contact and a person in Salesforce are the same, or that they are not.
    pub async fn say(&self, contact: &str, person: &str, same: bool) {
        let (epoch, _) = self.store.open("a person").await.unwrap();
        let hood = self.store.load(&(1..50).map(Sid).collect::<Vec<_>>()).await.unwrap();
        let rid = |id: &str| hood.records.iter().find(|row| &*row.id == id).map(|row| row.rid).unwrap();
        let holds = |subject: &&SubjectRow| subject.members.iter().any(|(of, _)| *of == rid(contact));
        let block = hood.subjects.iter().find(holds).unwrap().block;
        let answer = Answer { block, left: rid(contact), right: rid(person), same };
        assert!(self.store.answer(epoch, &answer, self.now()).await.unwrap());
    }

    /// What a pass would do, on a copy.
    pub async fn operations_of_a_dry_run(self: &Arc<World>) -> u64 {
        self.now.fetch_add(HOUR, Ordering::Relaxed);
        let counts = self.pass_on(true).await.counts;
        counts.created.both() + counts.updated.both()
    }

    /// Operations so far.
    pub async fn written(&self) -> usize {
        self.store.journal(OpId(0), usize::MAX).await.unwrap().len()
    }

    /// An hour later, one pass.
    pub async fn pass(self: &Arc<World>) -> PassReport {
        self.pass_in(HOUR).await
    }

    pub fn wait(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }

    /// What the next pass would do.
    pub async fn plan(self: &Arc<World>) -> PassReport {
        self.pass_on(true).await
    }

    pub async fn pass_in(self: &Arc<World>, ms: i64) -> PassReport {
        self.now.fetch_add(ms, Ordering::Relaxed);
        self.pass_on(false).await
    }

    async fn pass_now(self: &Arc<World>) -> PassReport {
        self.pass_on(false).await
    }

    async fn pass_on(self: &Arc<World>, dry: bool) -> PassReport {
        let token = self.hubspot().config.token.clone();
        let (client_id, client_secret) = {
            let world = self.salesforce();
            (world.config.client_id.clone(), SecretString::from(world.config.client_secret.clone()))
        };
        let config = HubspotConfig {
            origin: Origin::parse("http://hubspot.localhost").unwrap(),
            token: SecretString::from(token),
        };
        let hubspot = Hubspot::new(config, self.clone(), Arc::new(Unmetered), self.clone());
        let flow = Flow::ClientCredentials { client_id, client_secret };
        let config = SalesforceConfig { origin: Origin::parse("http://salesforce.localhost").unwrap(), flow };
        let salesforce = Salesforce::new(config, self.clone(), Arc::new(Unmetered), self.clone());
        let named = |types: &[&str]| -> Vec<String> {
            types.iter().filter(|name| self.rules.contains(**name)).map(|name| (*name).to_owned()).collect()
        };
        let left = hubspot.describe(&named(&["contact", "company", "deal"])).await.unwrap();
        let right = salesforce.describe(&named(&["Lead", "Contact", "Account", "Opportunity"])).await.unwrap();
        let ledgers = BySide::new(Ledger::new("left"), Ledger::new("right"));
        let (left_copy, right_copy) = (Rehearsal::new(&hubspot, &**self), Rehearsal::new(&salesforce, &**self));
        let crm = match dry {
            true => BySide::new(&left_copy as &dyn Crm, &right_copy as &dyn Crm),
            false => BySide::new(&hubspot as &dyn Crm, &salesforce as &dyn Crm),
        };
        let ledger = BySide::new(&ledgers.left, &ledgers.right);
        let ports = Ports { store: &self.store, crm, env: &**self, ledger };
        let opening = Opening::begin(ports, "test").await.unwrap();
        let copy = self.store.scratch().unwrap();
        let ports = Ports { store: if dry { &*copy } else { &self.store }, ..ports };
        let mut dict: Dict = opening.dict.clone();
        let rules = self.rules.as_str();
        let (plan, findings) = compile(&[SourceFile::new("rules.sync", rules)], &left, &right, &mut dict);
        let mut plan = plan.unwrap_or_else(|| panic!("{findings:#?}"));
        *self.said.lock().unwrap() = findings;
        if let Some(broken) = self.broken {
            broken(&mut plan);
        }
        let session = Session::begin(ports, opening, dict, plan, Vec::new()).await.unwrap();
        run_pass(ports, &session, &PassOptions::default(), &Silent).await.unwrap()
    }
}

fn without(member: &str, answer: http::Response<Bytes>) -> http::Response<Bytes> {
    let (parts, body) = answer.into_parts();
    let mut body: Value = serde_json::from_slice(&body).unwrap();
    for record in body["results"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        record.remove(member);
    }
    http::Response::from_parts(parts, Bytes::from(body.to_string()))
}
