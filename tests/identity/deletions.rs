//! Records are deleted, restored, and leave the gates.

use std::sync::Arc;

use serde_json::json;
use syncline::crm::http::Env;

use crate::rules;
use crate::world::World;

/// The rules, with what happens to HubSpot and to Salesforce.
fn on(hubspot: &str, salesforce: &str) -> String {
    rules("")
        .replace("to hubspot {", &format!("to hubspot {{ {hubspot} "))
        .replace("to salesforce {", &format!("to salesforce {{ {salesforce} "))
}

/// One pair: the contact and the lead.
async fn pair(rules: &str) -> (Arc<World>, String, String) {
    let world = World::new(rules);
    let ana = world.contact(&[("email", "ana@globex.io"), ("firstname", "Ana"), ("lastname", "Lee")]);
    world.pass().await;
    let lead = world.people("Lead").remove(0);
    (world, ana, lead)
}

#[tokio::test(start_paused = true)]
async fn the_partner_of_a_deleted_record_is_left_alone_and_goes_on_when_that_is_restored() {
    for rules in [on("", ""), on("on delete ignore on restore ignore", "on delete ignore")] {
        let (world, ana, lead) = pair(&rules).await;
        world.salesforce().user_delete("Lead", &lead, world.now()).unwrap();
        world.pass().await;
        world.edit_contact(&ana, &[("phone", "1")]);
        world.pass().await;
        assert_eq!((world.contacts().len(), world.people("Lead").len()), (1, 0));
        world.salesforce().user_undelete("Lead", &lead, world.now()).unwrap();
        world.pass().await;
        assert_eq!((world.contacts().len(), world.people("Lead")), (1, vec![lead.clone()]));
        assert_eq!(world.field("Lead", &lead, "Phone"), "1", "it resumes from what was agreed");
        // The same from the other side, where deletions are listed once an hour.
        world.hubspot().user_archive("contact", &ana, world.now()).unwrap();
        world.pass().await;
        world.edit_person("Lead", &lead, &[("FirstName", "Anna")]);
        world.pass().await;
        assert_eq!((world.contacts().len(), world.people("Lead").len()), (0, 1));
        world.hubspot().user_restore("contact", &ana, world.now()).unwrap();
        world.pass().await;
        assert_eq!((world.contacts(), world.property(&ana, "firstname")), (vec![ana.clone()], "Anna".into()));
        assert_eq!(world.people("Lead").len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_partner_is_deleted_where_the_rules_say_so() {
    let (world, ana, lead) = pair(&on("on delete delete", "on delete delete")).await;
    world.salesforce().user_delete("Lead", &lead, world.now()).unwrap();
    let report = world.pass().await;
    assert_eq!((report.counts.deleted.left, report.counts.deleted.right), (1, 0));
    assert!(world.contacts().is_empty());
    let written = world.written().await;
    world.pass().await;
    assert_eq!((world.written().await, world.issues().await), (written, vec![]), "nothing is left to do");
    // Restored, it stands alone: its partner is still deleted, and no second one is made.
    world.salesforce().user_undelete("Lead", &lead, world.now()).unwrap();
    world.pass().await;
    assert!(world.contacts().is_empty());
    let _ = ana;

    let (world, ana, lead) = pair(&on("on delete delete", "on delete delete")).await;
    world.hubspot().user_archive("contact", &ana, world.now()).unwrap();
    let report = world.pass().await;
    assert_eq!((report.counts.deleted.left, report.counts.deleted.right), (0, 1));
    assert!(world.people("Lead").is_empty());
    world.pass().await;
    assert_eq!((world.contacts().len(), world.issues().await), (0, vec![]));
    let _ = lead;
}

#[tokio::test(start_paused = true)]
async fn no_more_are_deleted_in_a_pass_than_the_rules_allow() {
    let rules = format!("{}limits {{ delete at most 2 records per pass }}", on("on delete delete", ""));
    let world = World::new(&rules);
    for n in 0..5 {
        world.contact(&[("email", &format!("p{n}@globex.io")), ("lastname", "Lee")]);
    }
    world.pass().await;
    for lead in world.people("Lead") {
        world.salesforce().user_delete("Lead", &lead, world.now()).unwrap();
    }
    for left in [3, 1, 0] {
        world.pass().await;
        assert_eq!((world.contacts().len(), world.issues().await.len()), (left, left));
        assert!(world.issues().await.iter().all(|said| said.starts_with("R708")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_whose_answer_is_lost_is_looked_up() {
    // Deleted by a user right before our call: what is gone is gone.
    let (world, _, lead) = pair(&on("", "on delete delete")).await;
    let ana = world.contacts().remove(0);
    world.hubspot().user_archive("contact", &ana, world.now()).unwrap();
    let of = lead.clone();
    world.before("\"DELETE\"", move |world| world.salesforce().user_delete("Lead", &of, world.now()).unwrap());
    world.pass().await;
    assert!(!world.undone());
    assert_eq!((world.people("Lead").len(), world.issues().await), (0, vec![]));
}

#[tokio::test(start_paused = true)]
async fn an_unlinked_record_gets_another_partner() {
    let (world, ana, lead) = pair(&on("on delete unlink", "")).await;
    world.salesforce().user_delete("Lead", &lead, world.now()).unwrap();
    world.pass().await;
    let again = world.people("Lead").remove(0);
    assert_ne!(again, lead);
    assert_eq!((world.contacts().len(), world.field("Lead", &again, "HubSpot_Id__c")), (1, ana));
}

#[tokio::test(start_paused = true)]
async fn a_field_is_set_once_when_the_partner_is_deleted_and_once_when_it_is_restored() {
    let rules = on(
        "on delete set salesforcedeleted to true and set hs_lead_status to UNQUALIFIED on restore set salesforcedeleted to false",
        "",
    );
    let (world, ana, lead) = pair(&rules).await;
    let marked = || (world.property(&ana, "salesforcedeleted"), world.property(&ana, "hs_lead_status"));
    world.salesforce().user_delete("Lead", &lead, world.now()).unwrap();
    world.pass().await;
    assert_eq!(marked(), ("true".into(), "UNQUALIFIED".into()));
    // It is the users' from now on.
    world.edit_contact(&ana, &[("hs_lead_status", "NEW"), ("salesforcedeleted", "false")]);
    world.pass().await;
    assert_eq!(marked(), ("false".into(), "NEW".into()));
    world.edit_contact(&ana, &[("salesforcedeleted", "true")]);
    world.salesforce().user_undelete("Lead", &lead, world.now()).unwrap();
    world.pass().await;
    assert_eq!(marked(), ("false".into(), "NEW".into()));
    // And the same once more.
    world.pass().await;
    world.salesforce().user_delete("Lead", &lead, world.now()).unwrap();
    world.pass().await;
    assert_eq!(marked(), ("true".into(), "UNQUALIFIED".into()));
}

#[tokio::test(start_paused = true)]
async fn who_leaves_is_marked_once_and_again_after_coming_back() {
    let gates = "include \"named\" when firstname is known on leave freeze and set Description to \"left\"";
    let (world, ana, lead) = pair(&on("", gates)).await;
    let description = || world.field("Lead", &lead, "Description");
    world.edit_contact(&ana, &[("firstname", ""), ("phone", "1")]);
    world.pass().await;
    assert_eq!((description(), world.field("Lead", &lead, "Phone")), ("left".into(), String::new()));
    world.edit_person("Lead", &lead, &[("Description", "")]);
    world.pass().await;
    assert_eq!(description(), "");
    world.edit_contact(&ana, &[("firstname", "Ana")]);
    world.pass().await;
    assert_eq!((description(), world.field("Lead", &lead, "Phone")), (String::new(), "1".into()));
    world.edit_contact(&ana, &[("firstname", "")]);
    world.pass().await;
    assert_eq!(description(), "left");
}

#[tokio::test(start_paused = true)]
async fn a_deleted_deal_is_seen_though_no_property_of_it_is_unique() {
    let rules = "edition 2026
sync deals: hubspot deal <-> salesforce Opportunity {
  match hs_salesforceopportunityid = Id
  to salesforce { create nothing otherwise  on delete delete }
  to hubspot { create nothing otherwise }
  map hubspot wins { dealname <-> Name  or truncate  or use \"(no name)\" }
}
";
    let world = World::new(rules);
    let fields = [("Name", json!("Big")), ("StageName", json!("Prospecting")), ("CloseDate", json!("2027-06-01"))];
    let opportunity = world.salesforce().user_create("Opportunity", &fields, world.now()).unwrap();
    let fields = ["Bigger", "default", "appointmentscheduled", &opportunity].map(Some);
    let names = ["dealname", "pipeline", "dealstage", "hs_salesforceopportunityid"];
    let fields: Vec<(&str, Option<&str>)> = names.into_iter().zip(fields).collect();
    let deal = world.hubspot().user_create("deal", &fields, world.now()).unwrap();
    world.pass().await;
    assert_eq!(world.field("Opportunity", &opportunity, "Name"), "Bigger");
    world.hubspot().user_archive("deal", &deal, world.now()).unwrap();
    let report = world.pass().await;
    assert_eq!((report.counts.deleted.left, report.counts.deleted.right), (0, 1));
    assert_eq!((world.people("Opportunity"), world.issues().await), (vec![], vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_ahead_puts_no_listing_off() {
    const DAYS: i64 = 10 * 24 * 3_600_000;
    let (world, ana, _) = pair(&on("", "on delete delete")).await;
    world.pass_in(DAYS).await;
    world.wait(-DAYS);
    world.hubspot().user_archive("contact", &ana, world.now()).unwrap();
    world.pass().await;
    assert!(world.people("Lead").is_empty(), "the contact's deletion is seen within the hour");
}
