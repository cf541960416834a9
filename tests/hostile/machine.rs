//! The real engine, adapters and store, on a wire that lies on demand, in virtual time.

use std::fmt::Write;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, header};
use secrecy::SecretString;
use serde_json::json;
use syncline::crm::http::{Env, Fut, NetError, Origin, Transport, Unmetered};
use syncline::crm::hubspot::{Hubspot, HubspotConfig};
use syncline::crm::salesforce::{Flow, Salesforce, SalesforceConfig};
use syncline::crm::{Account, Crm};
use syncline::data::{BySide, Kind, Millis, Side};
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::lang::schema::Catalog;
use syncline::sandbox::data::Worlds;
use syncline::sandbox::{hubspot, salesforce};
use syncline::store::{Sqlite, Store};
use syncline::sync::{Ending, Event, Ledger, Observer, Opening, PassOptions, Ports, Session, run_pass};
use tokio::time::Instant;

use crate::ends::Ends;
use crate::lies::Lie;

pub const HUBSPOT: &str = "http://hubspot.localhost";
pub const SALESFORCE: &str = "http://salesforce.localhost";
/// 2026-11-23T09:00:00Z
const START: Millis = Millis(1_795_424_400_000);
const PEOPLE: usize = 300;
const FEED: &str = "left/list/Sync to Salesforce";
const RULES: &str = include_str!("../../examples/developer-edition/rules/people.sync");

/// The network: both models behind their hosts, and a lie for some of the answers.
#[derive(Clone)]
pub struct Wire {
    pub worlds: Arc<Mutex<Worlds>>,
    lie: Arc<Mutex<(Option<Lie>, usize)>>,
    /// Host, path and token of every call.
    calls: Arc<Mutex<Vec<(String, String, String)>>>,
    started: Instant,
}

impl Env for Wire {
    fn now(&self) -> Millis {
        START.plus(i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    fn random(&self) -> u64 {
        7
    }
}

impl Wire {
    fn new() -> Wire {
        let mut worlds = Worlds::generate(PEOPLE, 3, START).unwrap();
        worlds.salesforce.config.instance_url = SALESFORCE.into();
        worlds.salesforce.config.page_size = 50;
        let worlds = Arc::new(Mutex::new(worlds));
        Wire { worlds, lie: Arc::default(), calls: Arc::default(), started: Instant::now() }
    }

    pub fn lie(&self, lie: Option<Lie>) {
        *self.lie.lock().unwrap() = (lie, 0);
    }

    pub fn lies_told(&self) -> usize {
        self.lie.lock().unwrap().1
    }

    /// Calls to hosts that are not ours, and tokens that went to the wrong one.
    pub fn leaks(&self) -> Vec<String> {
        let calls = self.calls.lock().unwrap();
        let wrong = calls.iter().filter(|(host, _, token)| match host.as_str() {
            "hubspot.localhost" => token != "Bearer sim-hubspot-00000000",
            "salesforce.localhost" => token.contains("sim-hubspot"),
            _ => true,
        });
        wrong.map(|(host, path, _)| format!("a call or a token went to {host}{path}")).collect()
    }

    fn honest(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let now = self.now();
        let worlds = &mut *self.worlds.lock().unwrap();
        match request.uri().host() {
            Some("hubspot.localhost") => hubspot::handle(&mut worlds.hubspot, now, request),
            _ => salesforce::handle(&mut worlds.salesforce, now, request),
        }
    }
}

impl Transport for Wire {
    fn call<'a>(&'a self, request: Request<Bytes>) -> Fut<'a, Result<Response<Bytes>, NetError>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let token = request.headers().get(header::AUTHORIZATION).and_then(|token| token.to_str().ok());
            self.calls.lock().unwrap().push((
                request.uri().host().unwrap_or_default().to_owned(),
                request.uri().path().to_owned(),
                token.unwrap_or_default().to_owned(),
            ));
            let lie = self.lie.lock().unwrap().0;
            let told = lie.and_then(|lie| lie(&request, &|| self.honest(&request)));
            match told {
                Some(answer) => {
                    self.lie.lock().unwrap().1 += 1;
                    answer
                }
                None => Ok(self.honest(&request)),
            }
        })
    }
}

pub struct Machine {
    pub wire: Wire,
    store: Sqlite,
}

impl Machine {
    pub fn new() -> Machine {
        Machine { wire: Wire::new(), store: Sqlite::in_memory().unwrap() }
    }

    fn crms(&self) -> (Hubspot, Salesforce) {
        let transport = Arc::new(self.wire.clone());
        let (token, client_id, client_secret) = {
            let worlds = self.wire.worlds.lock().unwrap();
            let org = &worlds.salesforce.config;
            (worlds.hubspot.config.token.clone(), org.client_id.clone(), org.client_secret.clone())
        };
        let config = HubspotConfig { origin: Origin::parse(HUBSPOT).unwrap(), token: SecretString::from(token) };
        let hubspot = Hubspot::new(config, transport.clone(), Arc::new(Unmetered), transport.clone());
        let flow = Flow::ClientCredentials { client_id, client_secret: SecretString::from(client_secret) };
        let config = SalesforceConfig { origin: Origin::parse(SALESFORCE).unwrap(), flow };
        (hubspot, Salesforce::new(config, transport.clone(), Arc::new(Unmetered), transport))
    }

    /// A process from start to end, a quarter of an hour after the last one. Returns what it says, without repetition.
    pub async fn pass(&self) -> String {
        tokio::time::sleep(Duration::from_secs(900)).await;
        let said = Said::default();
        let ended = self.try_pass(&said).await;
        let mut lines = said.0.into_inner().unwrap();
        match ended {
            Ok(Ending::Quiet) => {}
            Ok(ending) => lines.push(format!("{ending:?}")),
            Err(error) => lines.push(error),
        }
        lines.sort();
        lines.dedup();
        lines.join("\n")
    }

    async fn try_pass(&self, said: &Said) -> Result<Ending, String> {
        let ledgers = BySide::new(Ledger::new("left"), Ledger::new("right"));
        let (hubspot, salesforce) = self.crms();
        let ports = Ports {
            store: &self.store,
            crm: BySide::new(&hubspot as &dyn Crm, &salesforce as &dyn Crm),
            env: &self.wire,
            ledger: BySide::new(&ledgers.left, &ledgers.right),
        };
        let opening = Opening::begin(ports, "test").await.map_err(|error| error.to_string())?;
        let Account { id, .. } = &opening.accounts.left;
        assert_eq!(id, "147893286");
        let mut dict = opening.dict.clone();
        let (left, right) = catalogs();
        let (plan, findings) = compile(&[SourceFile::new("people.sync", RULES)], left, right, &mut dict);
        let plan = plan.unwrap_or_else(|| panic!("{findings:#?}"));
        let session = Session::begin(ports, opening, dict, plan, RULES.into()).await.map_err(|e| e.to_string())?;
        let options = PassOptions { count_only: true, ..PassOptions::default() };
        let report = run_pass(ports, &session, &options, said).await.map_err(|e| e.to_string())?;
        Ok(report.ending)
    }

    /// A list is either not read at all, or whole.
    pub async fn the_list_is_cut(&self) -> Option<String> {
        let (_, dict) = self.store.open("look").await.unwrap();
        let list = dict.get(Kind::List, "left/Sync to Salesforce")?;
        let read = self.store.feeds().await.unwrap().iter().any(|feed| feed.name == FEED && feed.complete);
        let members = self.store.list_size(list).await.unwrap();
        let all = self.wire.worlds.lock().unwrap().hubspot.dump()["lists"][0]["members"].as_array().unwrap().len();
        (read && members != all as u64).then(|| format!("{members} members of {all} are left"))
    }

    /// Edits on both sides that do not meet in one field, and new people.
    pub fn people_act(&self) {
        let now = self.wire.now();
        let worlds = &mut *self.wire.worlds.lock().unwrap();
        let contacts: Vec<String> = worlds.hubspot.records("contact").map(|record| record.id().to_string()).collect();
        for (n, id) in contacts.iter().enumerate().take(150) {
            let phone = format!("+1 555 {n:04}");
            worlds.hubspot.user_update("contact", id, &[("mobilephone", Some(&phone))], now).unwrap();
        }
        for object in ["Lead", "Contact"] {
            let ids: Vec<String> = worlds
                .salesforce
                .records(object)
                .filter_map(|record| Some(worlds.salesforce.value(object, record, "Id")?.as_str()?.to_owned()))
                .collect();
            for (n, id) in ids.iter().enumerate().take(80) {
                let title = json!(format!("Head of Department {n}"));
                worlds.salesforce.user_update(object, id, &[("Title", title)], now).unwrap();
            }
        }
        for n in 0..30 {
            let email = format!("new.{n}@left.example.com");
            let properties = [("email", Some(email.as_str())), ("lastname", Some("Left"))];
            worlds.hubspot.user_create("contact", &properties, now).unwrap();
            let email = json!(format!("new.{n}@right.example.com"));
            let fields = [("Email", email), ("LastName", json!("Right")), ("Company", json!("Right"))];
            worlds.salesforce.user_create("Lead", &fields, now).unwrap();
        }
    }

    pub fn ends(&self) -> Ends {
        let worlds = self.wire.worlds.lock().unwrap();
        Ends::of(&worlds.hubspot.dump(), &worlds.salesforce.dump())
    }
}

/// Both CRMs' own descriptions, asked for once.
fn catalogs() -> &'static (Catalog, Catalog) {
    static CATALOGS: OnceLock<(Catalog, Catalog)> = OnceLock::new();
    CATALOGS.get_or_init(|| {
        let describe = async {
            let (hubspot, salesforce) = Machine::new().crms();
            let left = hubspot.describe(&["contact".into(), "company".into()]).await.unwrap();
            (left, salesforce.describe(&["Lead".into(), "Contact".into()]).await.unwrap())
        };
        std::thread::scope(|scope| scope.spawn(|| crate::in_virtual_time(describe)).join().unwrap())
    })
}

/// What a person would read: problems, not progress.
#[derive(Default)]
struct Said(Mutex<Vec<String>>);

impl Observer for Said {
    fn on(&self, event: Event<'_>) {
        let mut line = String::new();
        let _ = match event {
            Event::Unread { side, feed, why } => write!(line, "{} {feed}: {why}", crm(side)),
            Event::Issue { code, message, .. } if code != "R702" => write!(line, "{code}: {message}"),
            Event::Changed(change) if change.fault.is_some() => {
                write!(line, "{}: {}", crm(change.side), change.fault.as_deref().unwrap_or_default())
            }
            _ => return,
        };
        self.0.lock().unwrap().push(line);
    }
}

fn crm(side: Side) -> &'static str {
    match side {
        Side::Left => "HubSpot",
        Side::Right => "Salesforce",
    }
}
