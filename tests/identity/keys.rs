//! Keys that are read out of a value: the domain of an address, the digits of a phone number.

use std::sync::Arc;

use serde_json::json;
use syncline::crm::http::Env;

use crate::world::World;

const COMPANIES: &str = "edition 2026
sync companies: hubspot company <-> salesforce Account {
  match domain = Website as domain
  to salesforce { create Account always }
  to hubspot { create company always }
  map salesforce wins {
    name   <-> Name     or truncate  or use \"(unknown)\"
    domain <-> Website  or truncate  prefer salesforce unless blank
    city   <-> BillingCity  or truncate
  }
}
";

fn company(world: &World, name: &str, domain: &str) -> String {
    world.hubspot().user_create("company", &[("name", Some(name)), ("domain", Some(domain))], world.now()).unwrap()
}

fn account(world: &World, name: &str, website: &str) -> String {
    let fields = [("Name", json!(name)), ("Website", json!(website)), ("BillingCity", json!("Rome"))];
    world.salesforce().user_create("Account", &fields, world.now()).unwrap()
}

fn names(world: &Arc<World>) -> Vec<String> {
    world.people("Account").iter().map(|id| world.field("Account", id, "Name")).collect()
}

fn cities(world: &World) -> Vec<(String, String)> {
    let world = world.hubspot();
    let text =
        |record: &syncline::sandbox::hubspot::Record, name: &str| record.get(name).unwrap_or_default().to_owned();
    world.records("company").map(|record| (text(record, "name"), text(record, "city"))).collect()
}

#[tokio::test(start_paused = true)]
async fn records_are_one_by_the_domain_however_it_is_written() {
    let world = World::new(COMPANIES);
    account(&world, "Globex", "https://WWW.Globex.io:443/about?x=1");
    account(&world, "Elsewhere", "notglobex.io");
    company(&world, "Globex Inc", "globex.io");
    // No domain, no key: nothing could be found again.
    company(&world, "Nameless", "n/a");
    world.pass().await;
    let linked = cities(&world);
    assert!(linked.contains(&("Globex".into(), "Rome".into())), "{linked:?}");
    assert!(linked.contains(&("Nameless".into(), String::new())), "{linked:?}");
    assert_eq!((linked.len(), names(&world)), (3, vec!["Globex".to_owned(), "Elsewhere".into()]));
    let written = world.written().await;
    world.pass().await;
    assert_eq!((world.written().await, world.issues().await), (written, vec![]));
}

/// What is not read yet is searched for before a record is created.
#[tokio::test(start_paused = true)]
async fn an_account_that_is_not_read_yet_is_found_by_its_domain() {
    let world = World::new(COMPANIES);
    world.pass().await;
    world.hold_back("Account");
    for (name, website) in [
        ("Globex", "http://www.globex.io/"),
        ("Decoy", "globex.io.example.com"),
        ("Initech", "Sales@Initech.com"),
        ("Under", "http://a_b.com"),
        ("Score", "http://axb.com"),
    ] {
        account(&world, name, website);
    }
    for (name, domain) in [("Globex Inc", "globex.io"), ("Initech Inc", "initech.com"), ("New", "new.com")] {
        company(&world, name, domain);
    }
    world.pass().await;
    let all = names(&world);
    assert_eq!(all.len(), 6, "{all:?}");
    assert_eq!(all.iter().filter(|name| *name == "New").count(), 1);
    let linked = cities(&world);
    for name in ["Globex", "Initech"] {
        assert!(linked.contains(&(name.into(), "Rome".into())), "{linked:?}");
    }
    assert_eq!(linked.len(), 3, "what was found beside it is nobody's partner: {linked:?}");
}

#[tokio::test(start_paused = true)]
async fn numbers_are_one_however_they_are_written() {
    let rules = crate::rules("").replace("match email = Email", "match phone = Phone as phone");
    let world = World::new(&rules);
    world.pass().await;
    world.hold_back("Lead");
    world.person("Lead", &[("Phone", "+49 (0)30 / 123-45"), ("LastName", "Lee")]);
    world.person("Lead", &[("Phone", "030 12345"), ("LastName", "Local")]);
    world.contact(&[("phone", "0049 30 12345"), ("lastname", "Lee")]);
    world.pass().await;
    assert_eq!((world.people("Lead").len(), world.contacts().len()), (2, 1));
    assert_eq!(world.issues().await, Vec::<String>::new());
}
