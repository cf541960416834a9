//! `lifecycle` from end to end: the real engine and adapters, over HTTP, on the models of both CRMs. Every pass is told by
//! its dry run before, and the one after it has nothing to write.

mod rig;

use rig::{Rig, step};
use syncline::sync::Ending;

const SYNC: &str = r#"
edition 2026
sync people: hubspot contact <-> salesforce Lead or Contact {
  match email = Email
  map salesforce wins { email <-> Email or reject }
}
lifecycle contact.lifecyclestage {
  reach opportunity "open opportunity" when any Opportunity by OpportunityContactRole where IsClosed is false
  reach customer    "closed won"       when any Opportunity by OpportunityContactRole where IsWon is true
"#;

const OPEN: &str = "\"open opportunity\"";
const WON: &str = "\"closed won\"";
const NOTHING: [String; 0] = [];

fn rules(more: &str) -> String {
    format!("{SYNC}{more}\n}}\n")
}

/// Sorted as passes tell them.
fn sorted(mut steps: Vec<String>) -> Vec<String> {
    steps.sort();
    steps
}

#[tokio::test]
async fn stages_come_from_opportunities_by_contact_roles_and_never_go_backward() {
    let mut rig = Rig::new(&rules("")).await;
    let emails = ["open@x.io", "won@x.io", "account@x.io", "late@x.io", "fan@x.io"];
    let contacts = emails.map(|email| rig.contact(email, if email == "fan@x.io" { "evangelist" } else { "lead" }));
    let people = emails.map(|email| rig.person("Contact", email));
    let lead = rig.contact("lead@x.io", "lead");
    rig.person("Lead", "lead@x.io");
    let open = rig.opportunity("open", "Prospecting");
    let won = rig.opportunity("won", "Closed Won");
    let roles = [rig.role(&open, &people[0]), rig.role(&won, &people[1]), rig.role(&won, &people[4])];
    // An opportunity of somebody's account, without a role, is nobody's.
    let account = rig.org().user_create("Account", &[("Name", "A".into())], rig.now()).unwrap();
    let at = [("AccountId", account.clone().into())];
    rig.org().user_update("Contact", &people[2], &at, rig.now()).unwrap();
    rig.org().user_update("Opportunity", &open, &at, rig.now()).unwrap();

    assert_eq!(
        rig.passes().await,
        sorted(vec![
            step("contact", "open@x.io", "lead", "opportunity", OPEN),
            step("contact", "won@x.io", "lead", "customer", WON),
        ])
    );
    assert_eq!([&contacts[2], &contacts[3], &lead].map(|id| rig.stage("contact", id)), ["lead", "lead", "lead"]);
    assert_eq!(rig.stage("contact", &contacts[4]), "evangelist", "the portal's own order, and never backward");

    // A role that is added to an opportunity that was won long before.
    let late = rig.role(&won, &people[3]);
    assert_eq!(rig.passes().await, [step("contact", "late@x.io", "lead", "customer", WON)]);
    // Won at last; and a new one is open.
    rig.moved(&open, "Closed Won");
    let again = rig.opportunity("again", "Prospecting");
    rig.role(&again, &people[1]);
    assert_eq!(rig.passes().await, [step("contact", "open@x.io", "opportunity", "customer", WON)]);

    // What is deleted takes no stage away: a role, and an opportunity with the roles on it.
    rig.delete("OpportunityContactRole", &late);
    rig.delete("OpportunityContactRole", &roles[0]);
    rig.hours_pass(1);
    rig.delete("Opportunity", &won);
    assert_eq!(rig.passes().await, NOTHING);
    assert_eq!([&contacts[0], &contacts[1], &contacts[3]].map(|id| rig.stage("contact", id)), ["customer"; 3]);
    // It holds no more, so who moves the stage back is left alone; it holds again when the opportunity is back.
    rig.set_stage("contact", &contacts[3], "lead");
    rig.set_stage("contact", &contacts[1], "lead");
    assert_eq!(rig.passes().await, [step("contact", "won@x.io", "lead", "opportunity", OPEN)]);
    rig.org().user_undelete("Opportunity", &won, rig.now()).unwrap();
    assert_eq!(rig.passes().await, [step("contact", "won@x.io", "opportunity", "customer", WON)]);
    // While it holds, a stage that somebody moved back goes forward again.
    rig.set_stage("contact", &contacts[1], "lead");
    assert_eq!(rig.passes().await, [step("contact", "won@x.io", "lead", "customer", WON)]);
}

#[tokio::test]
async fn a_company_and_its_contacts_follow_the_furthest_of_them_in_the_same_pass() {
    let mut rig = Rig::new(&rules("cascade to company  cascade to company.contacts")).await;
    let emails = ["buyer@x.io", "boss@x.io", "only.hubspot@x.io", "other@y.io"];
    let contacts = emails.map(|email| rig.contact(email, "lead"));
    let [buyer, boss, other] = ["buyer@x.io", "boss@x.io", "other@y.io"].map(|email| rig.person("Contact", email));
    let x = rig.company("X", &[&contacts[0], &contacts[1], &contacts[2]]);
    let y = rig.company("Y", &[&contacts[3]]);
    let deal = rig.opportunity("deal", "Prospecting");
    rig.role(&deal, &buyer);
    let given =
        |email: &str, before: &str, after: &str| step("contact", email, before, after, "cascade to company.contacts");
    assert_eq!(
        rig.passes().await,
        sorted(vec![
            step("contact", "buyer@x.io", "lead", "opportunity", OPEN),
            given("boss@x.io", "lead", "opportunity"),
            given("only.hubspot@x.io", "lead", "opportunity"),
            step("company", &x, "", "opportunity", "cascade to company"),
        ])
    );
    assert_eq!((rig.stage("company", &y), rig.stage("contact", &contacts[3])), (String::new(), "lead".into()));

    rig.moved(&deal, "Closed Won");
    rig.set_stage("company", &x, "lead");
    assert_eq!(
        rig.passes().await,
        sorted(vec![
            step("contact", "buyer@x.io", "opportunity", "customer", WON),
            given("boss@x.io", "opportunity", "customer"),
            given("only.hubspot@x.io", "opportunity", "customer"),
            step("company", &x, "lead", "customer", "cascade to company"),
        ])
    );
    // Who comes to the company comes to its stage; who leaves keeps it.
    rig.portal().set_primary_company(&contacts[3], &x, rig.now()).unwrap();
    assert_eq!(rig.passes().await, [given("other@y.io", "lead", "customer")]);
    rig.portal().set_primary_company(&contacts[3], &y, rig.now()).unwrap();
    rig.portal().set_primary_company(&contacts[2], &y, rig.now()).unwrap();
    assert_eq!(rig.passes().await, NOTHING);
    // The buyer goes over, and takes along what holds of him: X has come nowhere any more, which takes nothing away.
    rig.portal().set_primary_company(&contacts[0], &y, rig.now()).unwrap();
    assert_eq!(rig.passes().await, [step("company", &y, "", "customer", "cascade to company")]);
    rig.set_stage("company", &x, "lead");
    rig.set_stage("contact", &contacts[1], "lead");
    assert_eq!(rig.passes().await, NOTHING);
    // Two roles at one company, of which one is deleted, and then the contact in Salesforce.
    let role = rig.role(&deal, &other);
    rig.delete("OpportunityContactRole", &role);
    rig.role(&deal, &boss);
    assert_eq!(
        rig.passes().await,
        sorted(vec![
            step("company", &x, "lead", "customer", "cascade to company"),
            step("contact", "boss@x.io", "lead", "customer", WON),
        ])
    );
    rig.delete("Contact", &boss);
    rig.set_stage("company", &x, "lead");
    assert_eq!(rig.passes().await, NOTHING);
}

#[tokio::test]
async fn only_contacts_within_the_gates_move_and_count() {
    let gate = "both ways { include \"named\" when lastname is not \"Out\" }\n  map";
    let mut rig = Rig::new(&rules("cascade to company  cascade to company.contacts").replacen("map", gate, 1)).await;
    let emails = ["in@x.io", "out@x.io", "silent@x.io"];
    let contacts = emails.map(|email| rig.contact(email, "lead"));
    for out in &contacts[1..] {
        rig.portal().user_update("contact", out, &[("lastname", Some("Out"))], rig.now()).unwrap();
    }
    let [_, out] = ["in@x.io", "out@x.io"].map(|email| rig.person("Contact", email));
    let company = rig.company("X", &[&contacts[0], &contacts[1], &contacts[2]]);
    let won = rig.opportunity("won", "Closed Won");
    rig.role(&won, &out);
    assert_eq!(rig.passes().await, NOTHING);
    rig.portal().user_update("contact", &contacts[1], &[("lastname", Some("In"))], rig.now()).unwrap();
    assert_eq!(
        rig.passes().await,
        sorted(vec![
            step("contact", "out@x.io", "lead", "customer", WON),
            step("contact", "in@x.io", "lead", "customer", "cascade to company.contacts"),
            step("company", &company, "", "customer", "cascade to company"),
        ])
    );
    assert_eq!(rig.stage("contact", &contacts[2]), "lead");
}

#[tokio::test]
async fn back_to_goes_by_a_clear_because_hubspot_refuses_every_other_way() {
    let lost = "back to lead \"lost\" when every Opportunity by OpportunityContactRole where \
                (IsClosed is true and IsWon is false)";
    let mut rig = Rig::new(&rules(lost)).await;
    let contact = rig.contact("a@x.io", "lead");
    let person = rig.person("Contact", "a@x.io");
    let deal = rig.opportunity("deal", "Prospecting");
    rig.role(&deal, &person);
    assert_eq!(rig.passes().await, [step("contact", "a@x.io", "lead", "opportunity", OPEN)]);
    rig.moved(&deal, "Closed Lost");
    let back = "\"lost\"";
    assert_eq!(
        rig.passes().await,
        sorted(vec![step("contact", "a@x.io", "opportunity", "", back), step("contact", "a@x.io", "", "lead", back),])
    );
    assert_eq!(rig.stages(&contact), ["lead", "opportunity", "", "lead"]);
    rig.moved(&deal, "Closed Won");
    assert_eq!(rig.passes().await, [step("contact", "a@x.io", "lead", "customer", WON)]);
}

#[tokio::test]
async fn a_changed_order_of_the_portal_and_changed_rules_read_no_old_fact() {
    let cascade = "cascade to company  cascade to company.contacts";
    let mut rig = Rig::new(&rules(cascade)).await;
    let emails = ["a@x.io", "b@x.io"];
    let contacts = emails.map(|email| rig.contact(email, "subscriber"));
    let person = rig.person("Contact", "a@x.io");
    rig.company("X", &[&contacts[0], &contacts[1]]);
    let deal = rig.opportunity("deal", "Prospecting");
    rig.role(&deal, &person);
    rig.passes().await;
    // The rank of an opportunity in the old rules is one of another stage in the new ones.
    let less = rules(cascade).replace("reach opportunity", "reach lead").replace("reach customer", "reach opportunity");
    rig.rules(&less);
    contacts.iter().for_each(|id| rig.set_stage("contact", id, "subscriber"));
    let done = rig.passes().await;
    assert_eq!(
        done,
        sorted(vec![
            step("contact", "a@x.io", "subscriber", "lead", OPEN),
            step("contact", "b@x.io", "subscriber", "lead", "cascade to company.contacts"),
        ]),
    );
}

#[tokio::test]
async fn the_guard_counts_what_a_cascade_would_change() {
    let held =
        format!("{}limits {{ hold when more than 10 records would change }}\n", rules("cascade to company.contacts"));
    let mut rig = Rig::new(&held).await;
    let contacts: Vec<String> = (0..20).map(|n| rig.contact(&format!("p{n}@x.io"), "lead")).collect();
    let person = rig.person("Contact", "p0@x.io");
    rig.company("X", &contacts.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(rig.passes().await, NOTHING);
    let won = rig.opportunity("won", "Closed Won");
    rig.role(&won, &person);
    rig.hours_pass(1);
    assert_eq!(rig.pass(false).await, NOTHING, "one contact won, and twenty would move");
    let ending = rig.last.take().unwrap().ending;
    let Ending::Held(holding) = ending else { panic!("{ending:?}") };
    assert_eq!((holding.records, holding.of), (20, 20));
}
