//! Owners, rules that hang on time, and a field that a CRM refuses, from end to end: the real engine and adapters on the models of both CRMs.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use secrecy::SecretString;
use serde_json::json;
use syncline::crm::Crm;
use syncline::crm::http::{Env, Fut, NetError, Origin, Transport, Unmetered};
use syncline::crm::hubspot::{Hubspot, HubspotConfig};
use syncline::crm::salesforce::{Flow, Salesforce, SalesforceConfig};
use syncline::data::{BySide, Dict, Millis};
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::sandbox::{hubspot, salesforce};
use syncline::store::Sqlite;
use syncline::sync::{Ledger, Opening, PassOptions, Ports, Session, Silent, run_pass};

const OWNERS: &str = r#"
edition 2026
sync people: hubspot contact <-> salesforce Lead {
  match email = Email
  to salesforce { create Lead always }
  map hubspot wins {
    email            <-> Email    or reject
    lastname         <-> LastName or truncate  or use "(unknown)"
    company           -> Company  or truncate  or use "(unknown)"
    hubspot_owner_id <-> OwnerId  via owners
  }
}
owners owners {
  match email = Email
  otherwise at creation -> integration user
  otherwise -> restore
  otherwise <- skip
}
"#;

const AGED: &str = r#"
edition 2026
sync people: hubspot contact <-> salesforce Lead {
  match email = Email
  to salesforce {
    include "aged" when createdate is more than 24 hours ago
    create Lead always
  }
  map hubspot wins {
    email     <-> Email    or reject
    lastname  <-> LastName or truncate  or use "(unknown)"
    company    -> Company  or truncate  or use "(unknown)"
  }
}
"#;

const PHONES: &str = r#"
edition 2026
sync people: hubspot contact <-> salesforce Lead {
  match phone = Phone
  to hubspot { create contact always }
  map salesforce wins {
    phone     <-> Phone    or truncate
    email     <-> Email    or reject
    lastname  <-> LastName or truncate  or use "(unknown)"
  }
}
"#;

const HOUR: i64 = 3_600_000;

struct World {
    hubspot: Mutex<hubspot::World>,
    salesforce: Mutex<salesforce::World>,
    now: AtomicI64,
    /// Requests for owners or users.
    asked: AtomicI64,
}

impl Transport for World {
    fn call<'a>(&'a self, request: http::Request<Bytes>) -> Fut<'a, Result<http::Response<Bytes>, NetError>> {
        let uri = request.uri().to_string();
        let people = uri.contains("/crm/owners/") || uri.contains("FROM+User");
        self.asked.fetch_add(i64::from(people), Ordering::Relaxed);
        let answer = match request.uri().host() {
            Some("hubspot.localhost") => hubspot::handle(&mut self.hubspot.lock().unwrap(), self.now(), &request),
            _ => salesforce::handle(&mut self.salesforce.lock().unwrap(), self.now(), &request),
        };
        Box::pin(async move { Ok(answer) })
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
    fn new() -> Arc<World> {
        let now = Millis(1_800_000_000_000);
        let config = salesforce::Config { instance_url: "http://salesforce.localhost".into(), ..Default::default() };
        Arc::new(World {
            hubspot: Mutex::new(hubspot::World::new(hubspot::Config::default(), 1, now)),
            salesforce: Mutex::new(salesforce::World::new(config, 1, now)),
            now: AtomicI64::new(now.0),
            asked: AtomicI64::new(0),
        })
    }

    fn owner(&self, id: u64, email: &str) {
        let now = self.now();
        let (first_name, last_name) = ("A".to_owned(), "B".to_owned());
        let owner = hubspot::Owner {
            id,
            email: email.into(),
            first_name,
            last_name,
            user_id: Some(id + 1),
            archived: false,
            created: now,
            updated: now,
        };
        self.hubspot.lock().unwrap().add_owner(owner);
    }

    /// A user of the org who is not the one that Syncline works as: id and e-mail.
    fn user(&self) -> (String, String) {
        let world = self.salesforce.lock().unwrap();
        let us = world.integration_user();
        let text = |record: &salesforce::Record, field| {
            world.value("User", record, field).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
        };
        let mut users = world.records("User").map(|user| (text(user, "Id"), text(user, "Email")));
        users.find(|(id, email)| *id != us && !email.is_empty()).unwrap()
    }

    /// Who owns the lead.
    fn owned_by(&self, email: &str) -> String {
        let world = self.salesforce.lock().unwrap();
        let is = |record: &&salesforce::Record| world.value("Lead", record, "Email") == Some(json!(email));
        let lead = world.records("Lead").find(is).unwrap();
        world.value("Lead", lead, "OwnerId").unwrap().as_str().unwrap().to_owned()
    }

    async fn pass(self: &Arc<World>, store: &Sqlite, rules: &str) {
        let token = self.hubspot.lock().unwrap().config.token.clone();
        let (client_id, client_secret) = {
            let world = self.salesforce.lock().unwrap();
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
        let left = hubspot.describe(&["contact".to_owned()]).await.unwrap();
        let right = salesforce.describe(&["Lead".to_owned()]).await.unwrap();
        let ledgers = BySide::new(Ledger::new("left"), Ledger::new("right"));
        let crm = BySide::new(&hubspot as &dyn Crm, &salesforce as &dyn Crm);
        let ports = Ports { store, crm, env: &**self, ledger: BySide::new(&ledgers.left, &ledgers.right) };
        let opening = Opening::begin(ports, "test").await.unwrap();
        let mut dict: Dict = opening.dict.clone();
        let (plan, findings) = compile(&[SourceFile::new("rules.sync", rules)], &left, &right, &mut dict);
        let plan = plan.unwrap_or_else(|| panic!("{findings:#?}"));
        let session = Session::begin(ports, opening, dict, plan, Vec::new()).await.unwrap();
        run_pass(ports, &session, &PassOptions::default(), &Silent).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn owners_are_given_by_their_email_and_again_when_the_owners_change() {
    let world = World::new();
    let store = Sqlite::in_memory().unwrap();
    let (ana, email) = world.user();
    world.owner(101, &email.to_uppercase());
    world.owner(102, "bo@acme.com");
    for (email, owner) in [("one@x.io", "101"), ("two@x.io", "102"), ("three@x.io", "")] {
        let fields = [("email", Some(email)), ("lastname", Some("L")), ("hubspot_owner_id", Some(owner))];
        world.hubspot.lock().unwrap().user_create("contact", &fields, world.now()).unwrap();
    }
    world.now.fetch_add(HOUR, Ordering::Relaxed);
    world.pass(&store, OWNERS).await;
    let us = world.salesforce.lock().unwrap().integration_user();
    assert_eq!(world.owned_by("one@x.io"), ana);
    assert_eq!(world.owned_by("two@x.io"), us);
    assert_eq!(world.owned_by("three@x.io"), us);
    let asked = world.asked.load(Ordering::Relaxed);
    world.now.fetch_add(HOUR / 2, Ordering::Relaxed);
    world.pass(&store, OWNERS).await;
    assert_eq!(world.asked.load(Ordering::Relaxed), asked, "people are good for an hour");

    world.owner(102, &email);
    world.now.fetch_add(HOUR, Ordering::Relaxed);
    world.pass(&store, OWNERS).await;
    assert_eq!(world.owned_by("two@x.io"), ana, "the record is looked at again though nothing of it changed");
}

#[tokio::test(start_paused = true)]
async fn a_record_is_decided_again_when_nothing_but_time_has_passed() {
    let world = World::new();
    let store = Sqlite::in_memory().unwrap();
    let fields = [("email", Some("one@x.io")), ("lastname", Some("L"))];
    world.hubspot.lock().unwrap().user_create("contact", &fields, world.now()).unwrap();
    let leads = || world.salesforce.lock().unwrap().records("Lead").count();
    for (hours, expected) in [(1, 0), (22, 0), (2, 1)] {
        world.now.fetch_add(hours * HOUR, Ordering::Relaxed);
        world.pass(&store, AGED).await;
        assert_eq!(leads(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_contact_is_created_without_the_field_that_hubspot_refused() {
    let world = World::new();
    let store = Sqlite::in_memory().unwrap();
    // A well-formed address, of a domain that HubSpot takes for none.
    let fields = [("LastName", "L"), ("Company", "C"), ("Phone", "+49 30 1234567"), ("Email", "ana@acme.test")];
    let fields = fields.map(|(field, value)| (field, json!(value)));
    world.salesforce.lock().unwrap().user_create("Lead", &fields, world.now()).unwrap();
    for _ in 0..3 {
        world.now.fetch_add(HOUR, Ordering::Relaxed);
        world.pass(&store, PHONES).await;
    }
    let hubspot = world.hubspot.lock().unwrap();
    let made = hubspot.records("contact").map(|contact| (contact.get("phone"), contact.get("email")));
    assert_eq!(made.collect::<Vec<_>>(), [(Some("+49 30 1234567"), None)]);
}
