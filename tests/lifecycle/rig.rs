//! Both models behind their HTTP ports, users in front of them, and the engine with its state file: passes for real, and
//! their dry runs.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use secrecy::SecretString;
use serde_json::json;
use syncline::crm::Crm;
use syncline::crm::http::{Env, Network, Origin, Unmetered};
use syncline::crm::hubspot::{Hubspot, HubspotConfig};
use syncline::crm::salesforce::{Flow, Salesforce, SalesforceConfig};
use syncline::data::{BySide, Dict, Millis};
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::sandbox::face::{Face, locked, serve};
use syncline::sandbox::{hubspot, salesforce};
use syncline::store::Sqlite;
use syncline::sync::{Event, Ledger, Observer, Opening, PassOptions, PassReport, Ports, Rehearsal, Session, run_pass};

const HOUR_MS: i64 = 3_600_000;

/// The time, which only tests move.
#[derive(Clone)]
pub struct Clock(Arc<AtomicI64>);

impl Env for Clock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }

    fn random(&self) -> u64 {
        7
    }
}

/// What a pass told.
#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Observer for Told {
    fn on(&self, event: Event<'_>) {
        if let Event::Changed(change) = event {
            let cells = change.cells.iter().map(|cell| {
                let [before, after] = [&cell.before, &cell.after].map(|value| value.cell().text().into_owned());
                format!("{} {before:?} -> {after:?} by {}", cell.field, cell.rule)
            });
            let cells = cells.collect::<Vec<_>>().join(", ");
            let verb = if change.create { "creates" } else { "updates" };
            self.0.lock().unwrap().push(format!("{verb} {} {}: {cells}", change.ty, change.subject));
        }
    }
}

pub struct Rig {
    hubspot: Arc<Mutex<hubspot::World>>,
    salesforce: Arc<Mutex<salesforce::World>>,
    face: Face,
    clock: Clock,
    folder: tempfile::TempDir,
    rules: String,
    pub last: Option<PassReport>,
}

impl Rig {
    pub async fn new(rules: &str) -> Rig {
        let clock = Clock(Arc::new(AtomicI64::new(1_800_000_000_000)));
        let now = clock.now();
        let hubspot = Arc::new(Mutex::new(hubspot::World::new(hubspot::Config::default(), 1, now)));
        let salesforce = Arc::new(Mutex::new(salesforce::World::new(salesforce::Config::default(), 1, now)));
        let told = clock.clone();
        let face = serve(hubspot.clone(), salesforce.clone(), (0, 0), move || told.now(), None).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        Rig { hubspot, salesforce, face, clock, folder, rules: rules.to_owned(), last: None }
    }

    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    pub fn portal(&self) -> MutexGuard<'_, hubspot::World> {
        locked(&self.hubspot)
    }

    pub fn org(&self) -> MutexGuard<'_, salesforce::World> {
        locked(&self.salesforce)
    }

    pub fn rules(&mut self, rules: &str) {
        self.rules = rules.to_owned();
    }

    pub fn hours_pass(&self, hours: i64) {
        self.clock.0.fetch_add(hours * HOUR_MS, Ordering::SeqCst);
    }

    /// A contact in HubSpot with this stage.
    pub fn contact(&self, email: &str, stage: &str) -> String {
        let fields = [("email", Some(email)), ("lastname", Some("L")), ("lifecyclestage", Some(stage))];
        self.portal().user_create("contact", &fields, self.clock.now()).unwrap()
    }

    pub fn company(&self, name: &str, of: &[&str]) -> String {
        let now = self.clock.now();
        let id = self.portal().user_create("company", &[("name", Some(name))], now).unwrap();
        of.iter().for_each(|contact| self.portal().set_primary_company(contact, &id, now).unwrap());
        id
    }

    /// A Lead or Contact in Salesforce.
    pub fn person(&self, object: &str, email: &str) -> String {
        let mut fields = vec![("Email", json!(email)), ("LastName", json!("L"))];
        fields.extend((object == "Lead").then(|| ("Company", json!("C"))));
        self.org().user_create(object, &fields, self.clock.now()).unwrap()
    }

    pub fn opportunity(&self, name: &str, stage: &str) -> String {
        let fields = [("Name", name), ("StageName", stage), ("CloseDate", "2027-06-01")];
        let fields = fields.map(|(field, value)| (field, json!(value)));
        self.org().user_create("Opportunity", &fields, self.clock.now()).unwrap()
    }

    pub fn role(&self, opportunity: &str, person: &str) -> String {
        let fields = [("OpportunityId", json!(opportunity)), ("ContactId", json!(person))];
        self.org().user_create("OpportunityContactRole", &fields, self.clock.now()).unwrap()
    }

    pub fn moved(&self, opportunity: &str, stage: &str) {
        let fields = [("StageName", json!(stage))];
        self.org().user_update("Opportunity", opportunity, &fields, self.clock.now()).unwrap();
    }

    pub fn delete(&self, object: &str, id: &str) {
        self.org().user_delete(object, id, self.clock.now()).unwrap();
    }

    pub fn set_stage(&self, object: &str, id: &str, stage: &str) {
        self.portal().user_update(object, id, &[("lifecyclestage", Some(stage))], self.clock.now()).unwrap();
    }

    pub fn stage(&self, object: &str, id: &str) -> String {
        self.portal().record(object, id).and_then(|record| record.get("lifecyclestage")).unwrap_or_default().to_owned()
    }

    /// The stages that a contact went through, newest last.
    pub fn stages(&self, contact: &str) -> Vec<String> {
        let portal = self.portal();
        let mut history = portal.record("contact", contact).unwrap().history("lifecyclestage");
        history.reverse();
        history.iter().map(|one| one.value.as_deref().unwrap_or_default().to_owned()).collect()
    }

    /// An hour later: what a dry run would write, and that the pass writes the same, and the next one nothing.
    pub async fn passes(&mut self) -> Vec<String> {
        self.hours_pass(1);
        let plan = self.pass(true).await;
        let done = self.pass(false).await;
        assert_eq!(plan, done, "plan and apply");
        self.hours_pass(1);
        assert_eq!(self.pass(false).await, Vec::<String>::new(), "the next pass");
        done
    }

    pub async fn pass(&mut self, dry: bool) -> Vec<String> {
        let (token, client_id, client_secret) = {
            let org = self.org();
            let config = &org.config;
            (self.portal().config.token.clone(), config.client_id.clone(), config.client_secret.clone())
        };
        let network = Arc::new(Network::new().unwrap());
        let env = Arc::new(self.clock.clone());
        let config = HubspotConfig {
            origin: Origin::parse(&self.face.hubspot_url()).unwrap(),
            token: SecretString::from(token),
        };
        let hubspot = Hubspot::new(config, network.clone(), Arc::new(Unmetered), env.clone());
        let flow = Flow::ClientCredentials { client_id, client_secret: SecretString::from(client_secret) };
        let config = SalesforceConfig { origin: Origin::parse(&self.face.salesforce_url()).unwrap(), flow };
        let salesforce = Salesforce::new(config, network, Arc::new(Unmetered), env);
        let left = hubspot.describe(&["contact".to_owned(), "company".to_owned()]).await.unwrap();
        let types = ["Lead", "Contact", "Account", "Opportunity", "OpportunityContactRole"].map(str::to_owned);
        let right = salesforce.describe(&types).await.unwrap();
        let path = self.folder.path().join("state.db");
        let store = if dry { Sqlite::scratch_of(Some(&path)) } else { Sqlite::open(&path) }.unwrap();
        let ledgers = BySide::new(Ledger::new("left"), Ledger::new("right"));
        let rehearsals = BySide::new(Rehearsal::new(&hubspot, &self.clock), Rehearsal::new(&salesforce, &self.clock));
        let crm: BySide<&dyn Crm> = match dry {
            true => BySide::new(&rehearsals.left, &rehearsals.right),
            false => BySide::new(&hubspot, &salesforce),
        };
        let ports = Ports { store: &store, crm, env: &self.clock, ledger: BySide::new(&ledgers.left, &ledgers.right) };
        let opening = Opening::begin(ports, "test").await.unwrap();
        let mut dict: Dict = opening.dict.clone();
        let (plan, findings) = compile(&[SourceFile::new("a.sync", &*self.rules)], &left, &right, &mut dict);
        let plan = plan.unwrap_or_else(|| panic!("{findings:#?}"));
        let session = Session::begin(ports, opening, dict, plan, Vec::new()).await.unwrap();
        let told = Told::default();
        let options = PassOptions { count_only: dry, ..PassOptions::default() };
        self.last = Some(run_pass(ports, &session, &options, &told).await.unwrap());
        let mut told = told.0.into_inner().unwrap();
        told.sort();
        told
    }
}

/// What an update of a stage is told as.
pub fn step(of: &str, subject: &str, before: &str, after: &str, rule: &str) -> String {
    format!("updates {of} {subject}: lifecyclestage {before:?} -> {after:?} by {rule}")
}
