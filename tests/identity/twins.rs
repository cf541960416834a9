//! Records of one side that are the same thing before any of them has a partner, and records that say whose partner they are.

use serde_json::json;

use crate::world::World;

/// Companies and accounts; `more` goes into the block to Salesforce.
fn companies(more: &str) -> String {
    format!(
        "edition 2026
sync companies: hubspot company <-> salesforce Account {{
  match name = Name
  to salesforce {{ {more}  create Account always }}
  to hubspot {{ create company always }}
  map salesforce wins {{
    name         <-> Name  or truncate  or use \"x\"
    phone        <-> Phone or truncate
    hs_object_id  -> HubSpot_Id__c
  }}
}}
"
    )
}

fn with_pick() -> String {
    companies("pick oldest created")
}

fn account(world: &World, name: &str, phone: &str) -> String {
    let fields = [("Name", json!(name)), ("Phone", json!(phone))];
    world.salesforce().user_create("Account", &fields, world.now_ms()).unwrap()
}

fn names(world: &World) -> Vec<String> {
    let all = world.hubspot();
    all.records("company").map(|record| record.get("name").unwrap_or_default().to_owned()).collect()
}

/// As if the second one had come a pass later.
#[tokio::test(start_paused = true)]
async fn two_of_one_name_on_the_right_get_one_partner() {
    for at_once in [true, false] {
        let world = World::new(&with_pick());
        account(&world, "Acme", "1");
        if !at_once {
            world.pass().await;
        }
        account(&world, "Acme", "2");
        world.pass().await;
        world.pass().await;
        assert_eq!((names(&world), world.issues().await), (vec!["Acme".to_owned()], Vec::new()), "{at_once}");
        assert_eq!(world.hubspot().records("company").next().unwrap().get("phone"), Some("1"));
    }
}

/// Who no `pick` tells apart is reported, until they are told apart.
#[tokio::test(start_paused = true)]
async fn two_of_one_name_and_no_pick_are_reported() {
    let world = World::new(&companies(""));
    account(&world, "Acme", "1");
    let other = account(&world, "Acme", "2");
    world.pass().await;
    let told = world.issues().await;
    assert!(
        names(&world).is_empty() && told.len() == 2 && told.iter().all(|issue| issue.starts_with("R701")),
        "{told:?}"
    );
    world.edit_person("Account", &other, &[("Name", "Globex")]);
    world.pass().await;
    assert_eq!((names(&world), world.issues().await), (vec!["Acme".to_owned(), "Globex".to_owned()], Vec::new()));
}

/// They were one thing without a partner; when they are no more, each gets its own.
#[tokio::test(start_paused = true)]
async fn who_is_told_apart_before_a_partner_came_stands_alone_again() {
    let gated = with_pick().replacen(
        "to hubspot { create company always }",
        "to hubspot { include \"called\" when Phone is known  create company always }",
        1,
    );
    let world = World::new(&gated);
    let first = account(&world, "Acme", "");
    let second = account(&world, "Acme", "");
    world.pass().await;
    world.edit_person("Account", &second, &[("Name", "Globex"), ("Phone", "2")]);
    world.pass().await;
    assert_eq!(names(&world), ["Globex"]);
    world.edit_person("Account", &first, &[("Phone", "1")]);
    world.pass().await;
    assert_eq!(names(&world), ["Globex", "Acme"]);
}

#[tokio::test(start_paused = true)]
async fn two_of_one_name_on_the_left_are_reported() {
    let world = World::new(&with_pick());
    for _ in 0..2 {
        world.hubspot().user_create("company", &[("name", Some("Acme"))], world.now_ms()).unwrap();
    }
    world.pass().await;
    let told = world.issues().await;
    assert!(told.len() == 2 && told.iter().all(|issue| issue.starts_with("R701")), "{told:?}");
    assert!(world.people("Account").is_empty());
}

/// A lead and a contact with one address: `pick` says which counts, and no race does.
#[tokio::test(start_paused = true)]
async fn of_a_lead_and_a_contact_with_one_address_the_picked_one_counts() {
    let picks = crate::rules("").replacen("create Lead always", "pick Contact  create Lead always", 1);
    for first in ["Lead", "Contact"] {
        let world = World::new(&picks);
        let second = if first == "Lead" { "Contact" } else { "Lead" };
        for object in [first, second] {
            world.person(object, &[("Email", "ada@x.com"), ("LastName", "L"), ("Phone", object)]);
        }
        let planned = world.plan().await.counts;
        let done = world.pass().await.counts;
        assert_eq!(planned.created, done.created, "what is planned is what is done");
        let contacts = world.contacts();
        assert_eq!(contacts.len(), 1);
        assert_eq!(world.property(&contacts[0], "phone"), "Contact");
        assert_eq!(world.issues().await, Vec::<String>::new());
    }
}

/// Two syncs that would make one contact: the server takes one, and so does the rehearsal.
#[tokio::test(start_paused = true)]
async fn a_plan_makes_no_second_contact_of_one_address() {
    let one = |name: &str, ty: &str| {
        format!(
            "sync {name}: hubspot contact <- salesforce {ty} {{
  match email = Email
  to hubspot {{ create contact always }}
  map {{ {} }}
}}
",
            if ty == "Lead" { "email <- Email  lastname <- LastName" } else { "email <- Email" }
        )
    };
    let world = World::new(&format!("edition 2026\n{}{}", one("leads", "Lead"), one("contacts", "Contact")).replacen(
        "map { email <- Email }",
        "map { email <- Email  at creation }",
        1,
    ));
    for object in ["Lead", "Contact"] {
        world.person(object, &[("Email", "ada@x.com"), ("LastName", "L")]);
    }
    let planned = world.plan().await.counts;
    let done = world.pass().await.counts;
    assert_eq!((planned.created, world.contacts().len()), (done.created, 1));
}

/// The state file is gone, and the addresses differ by now: a lead that names its contact is found by that.
#[tokio::test(start_paused = true)]
async fn who_names_a_record_in_its_key_is_its_partner() {
    let world = World::new(&crate::rules(""));
    let contact = world.contact(&[("email", "ada@x.com"), ("firstname", "Ada")]);
    let fields = [("Email", "ada@y.com"), ("LastName", "L"), ("Description", "theirs"), ("HubSpot_Id__c", &*contact)];
    let lead = world.person("Lead", &fields);
    let report = world.pass().await;
    assert_eq!((report.counts.created, world.people("Lead")), (Default::default(), vec![lead.clone()]));
    assert_eq!(world.field("Lead", &lead, "Email"), "ada@x.com", "`hubspot wins`: they were joined and decided");
}

/// Somebody sets the key right before our create: what is upserted by it is no record of ours.
#[tokio::test(start_paused = true)]
async fn an_upsert_that_meets_a_record_is_no_create() {
    let world = World::new(&crate::rules(""));
    let contact = world.contact(&[("email", "ada@x.com"), ("firstname", "Ada")]);
    world.before("sobjects/Lead/HubSpot_Id__c", move |world| {
        world.person("Lead", &[("Email", "ada@y.com"), ("LastName", "L"), ("HubSpot_Id__c", &*contact)]);
    });
    let report = world.pass().await;
    assert!(!world.undone());
    assert_eq!((report.counts.created, world.people("Lead").len()), (Default::default(), 1));
    world.pass().await;
    assert_eq!(world.issues().await, Vec::<String>::new());
}
