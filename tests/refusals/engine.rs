//! What the engine makes of a refusal: whether it tries again, and how much it holds back.

use serde_json::json;

use crate::world::World;

const RULES: &str = "edition 2026
sync people: hubspot contact <-> salesforce Lead {
  match email = Email
  to salesforce { create Lead always }
  map {
    email        <-> Email     or reject  salesforce wins
    firstname    <-> FirstName or truncate  newest wins
    jobtitle     <-> Title     or truncate  hubspot wins
    lastname     <-> LastName  or truncate  or use \"(unknown)\"  hubspot wins
    company       -> Company   or truncate  or use \"(unknown)\"
    hs_object_id  -> HubSpot_Id__c
  }
}
";
const MINUTE: i64 = 60_000;

/// A lock passes by itself. However often it refuses a write, the write goes out again, and nobody has to touch the record.
#[tokio::test(start_paused = true)]
async fn what_passes_by_itself_is_tried_until_it_has_passed() {
    let world = World::new(RULES);
    let contact = world.contact(&[("email", "ada@x.com"), ("firstname", "Ada")]);
    world.pass().await;
    let lead = world.people("Lead").remove(0);
    world.edit_contact(&contact, &[("jobtitle", "CTO")]);
    world.hold("Lead", &lead, 10 * MINUTE);
    for pass in 0..3 {
        world.pass_in(2 * MINUTE).await;
        let told = world.issues().await;
        // Told once it lasts.
        assert_eq!(told.iter().filter(|issue| issue.starts_with("R710")).count(), usize::from(pass > 0), "{told:?}");
        assert_eq!(world.field("Lead", &lead, "Title"), "");
    }
    // Another edit meanwhile does not make a problem of it.
    world.edit_contact(&contact, &[("firstname", "Adah")]);
    world.pass_in(MINUTE).await;
    world.pass().await;
    assert_eq!(world.field("Lead", &lead, "Title"), "CTO");
    assert_eq!(world.field("Lead", &lead, "FirstName"), "Adah");
    world.pass().await;
    assert_eq!(world.issues().await, Vec::<String>::new(), "it is over");
}

/// An e-mail that another contact has is a fault of that row alone.
#[tokio::test(start_paused = true)]
async fn an_address_that_somebody_else_has_holds_the_address_only() {
    let world = World::new(RULES);
    let ada = world.contact(&[("email", "ada@x.com"), ("firstname", "Ada")]);
    world.pass().await;
    let lead = world.people("Lead").remove(0);
    let other = world.contact(&[("email", "taken@x.com")]);
    world.edit_person("Lead", &lead, &[("Email", "taken@x.com"), ("FirstName", "Adah")]);
    world.pass().await;
    world.pass().await;
    assert_eq!(world.property(&ada, "firstname"), "Adah");
    assert_eq!(world.property(&ada, "email"), "ada@x.com");
    assert!(world.issues().await.iter().any(|issue| issue.starts_with("R710") && issue.contains(&other)));
    // What the row is held for stays its own matter.
    world.edit_contact(&ada, &[("jobtitle", "CTO")]);
    world.pass().await;
    assert_eq!(world.field("Lead", &lead, "Title"), "CTO");
    let held = world.issues().await;
    assert!(!held.iter().any(|issue| issue.starts_with("R706")), "{held:?}");
}

const COMPANIES: &str = "edition 2026
sync companies: hubspot company <-> salesforce Account {
  match name = Name
  to salesforce { create nothing otherwise }
  to hubspot { create company always }
  map salesforce wins {
    name   <-> Name  or truncate  or use \"x\"
    phone  <-> Phone or truncate
  }
}
";

fn companies(world: &World) -> Vec<String> {
    let all = world.hubspot();
    all.records("company").map(|record| record.get("name").unwrap_or_default().to_owned()).collect()
}

/// A name is not unique in HubSpot, so that a create whose reply was lost is searched for; until it is found, it alone waits.
#[tokio::test(start_paused = true)]
async fn a_lost_create_without_a_unique_key_is_searched_for_and_wedges_nobody() {
    let world = World::new(COMPANIES);
    let account = |world: &World, name: &str| {
        world.salesforce().user_create("Account", &[("Name", json!(name))], world.now_ms()).unwrap()
    };
    account(&world, "Acme");
    world.lose("companies/batch/create");
    world.pass().await;
    assert_eq!(companies(&world), ["Acme"], "it arrived, and nobody knows");
    account(&world, "Globex");
    world.pass_in(MINUTE).await;
    world.pass_in(MINUTE).await;
    assert_eq!(companies(&world), ["Acme", "Globex"]);
    assert_eq!(world.open().await, 0, "the index shows it by now");
    assert_eq!(world.issues().await, Vec::<String>::new());
}

/// What the CRM does not answer for stays open by itself.
#[tokio::test(start_paused = true)]
async fn a_search_that_is_refused_holds_up_what_is_searched_for_alone() {
    let world = World::new(COMPANIES);
    let account = |world: &World, name: &str| {
        world.salesforce().user_create("Account", &[("Name", json!(name))], world.now_ms()).unwrap()
    };
    account(&world, "Acme");
    world.lose("companies/batch/create");
    world.refuse("\"operator\":\"IN\"");
    let report = world.pass().await;
    assert_eq!(companies(&world), ["Acme"]);
    assert_eq!(world.open().await, 1);
    assert!(report.unread.left.is_none());
    account(&world, "Globex");
    let report = world.pass_in(MINUTE).await;
    assert!(report.unread.left.is_some(), "people are told");
    assert_eq!(companies(&world), ["Acme", "Globex"]);
    assert_eq!(world.open().await, 1);
}

/// The reply named the record and did not show it: it is ours, whatever it holds.
#[tokio::test(start_paused = true)]
async fn a_create_whose_reply_names_the_record_alone_is_found_by_its_id() {
    let world = World::new(COMPANIES);
    world.salesforce().user_create("Account", &[("Name", json!("Acme"))], world.now_ms()).unwrap();
    // HubSpot's search would never show it.
    world.refuse("\"operator\":\"IN\"");
    world.strip("companies/batch/create", "updatedAt");
    world.pass().await;
    assert_eq!((companies(&world), world.open().await), (vec!["Acme".to_owned()], 0));
    world.pass().await;
    assert_eq!(companies(&world).len(), 1);
}

const OPT_OUTS: &str = "edition 2026
sync people: hubspot contact <-> salesforce Lead {
  match email = Email
  both ways { exclude \"opt-outs\" when member of list \"Opt-outs\" }
  to salesforce { create Lead always  on leave freeze and set Description to \"left\" }
  map hubspot wins {
    email        <-> Email     or reject
    jobtitle     <-> Title     or truncate
    lastname     <-> LastName  or truncate  or use \"(unknown)\"
    company       -> Company   or truncate  or use \"(unknown)\"
    hs_object_id  -> HubSpot_Id__c
  }
}
";

/// Who is in a list that was never read to its end is not known: records that hang on it wait, those too that are on both
/// sides already.
#[tokio::test(start_paused = true)]
async fn a_list_that_was_never_read_lets_nobody_through() {
    let world = World::new(OPT_OUTS);
    let list = world.list("Opt-outs");
    let out = world.contact(&[("email", "out@x.com"), ("jobtitle", "CTO")]);
    world.put_on_list(&list, &out);
    let out = world.person("Lead", &[("Email", "out@x.com"), ("LastName", "Out")]);
    world.contact(&[("email", "in@x.com"), ("jobtitle", "CEO")]);
    let within = world.person("Lead", &[("Email", "in@x.com"), ("LastName", "In")]);
    world.contact(&[("email", "new@x.com")]);
    world.refuse("/memberships");
    for _ in 0..3 {
        let report = world.pass().await;
        assert!(report.unread.left.is_some());
        assert_eq!(world.written().await, 0);
    }
    world.honest();
    world.pass_in(1_000).await;
    assert_eq!(world.field("Lead", &within, "Title"), "CEO", "at once");
    assert_eq!(world.people("Lead").len(), 3);
    assert_eq!((world.field("Lead", &out, "Title"), world.field("Lead", &within, "Description")), Default::default());
    assert_eq!(world.field("Lead", &out, "Description"), "left");
}

const STATUS: &str = "edition 2026
sync people: hubspot contact <-> salesforce Lead {
  match email = Email
  to salesforce { create Lead always }
  map newest wins {
    email          <-> Email     or reject
    firstname      <-> FirstName or truncate
    lastname       <-> LastName  or truncate  or use \"(unknown)\"
    company         -> Company   or truncate  or use \"(unknown)\"
    hs_lead_status <-> Status    via status
    hs_object_id    -> HubSpot_Id__c
  }
}
picklist status { NEW <-> \"Open - Not Contacted\"  otherwise -> skip  otherwise <- skip }
";

/// Whatever else becomes of the record: the value does not cross, and who asks is told.
#[tokio::test(start_paused = true)]
async fn what_is_skipped_stays_on_record_until_it_is_another_value() {
    let world = World::new(STATUS);
    let held = |told: Vec<String>| told.iter().filter(|issue| issue.starts_with("R702")).count();
    // One is created with the value, the other gets it later.
    let ada = world.contact(&[("email", "ada@x.com"), ("hs_lead_status", "CONNECTED")]);
    let bob = world.contact(&[("email", "bob@x.com"), ("hs_lead_status", "NEW")]);
    world.pass().await;
    world.edit_contact(&bob, &[("hs_lead_status", "CONNECTED")]);
    world.pass().await;
    assert_eq!(held(world.issues().await), 2);
    for contact in [&ada, &bob] {
        world.edit_contact(contact, &[("firstname", "A.")]);
    }
    world.pass().await;
    assert_eq!(held(world.issues().await), 2, "another field has moved");
    world.edit_contact(&bob, &[("hs_lead_status", "NEW")]);
    world.pass().await;
    assert_eq!(held(world.issues().await), 1, "{:?}", world.issues().await);
    world.edit_contact(&ada, &[("hs_lead_status", "NEW"), ("firstname", "Ada")]);
    world.pass().await;
    world.pass().await;
    assert_eq!(world.issues().await, Vec::<String>::new());
}
