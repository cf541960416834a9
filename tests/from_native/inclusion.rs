//! Which contacts go to Salesforce.

use syncline::sync::{Ending, PassOptions};

use crate::document::rules;
use crate::rig::Accounts;

const NO_LIST: (&str, &str) = ("    include \"inclusion list\" when member of list \"Sync to Salesforce\"\n", "");

#[tokio::test]
async fn without_a_list_every_contact_with_an_email_goes_over() {
    let accounts = Accounts::new().await;
    let rules = rules("inclusion").replace(NO_LIST.0, NO_LIST.1);
    accounts.contact(&[("email", "ada@globex.io"), ("lastname", "Lovelace")]);
    accounts.contact(&[("lastname", "Nobody")]);
    accounts.settle(&rules).await;
    assert_eq!(accounts.with_email("Lead", "ada@globex.io").len(), 1);
    assert_eq!(accounts.org().records("Lead").count(), 1, "not the one without an address");
}

#[tokio::test]
async fn outside_the_list_nothing_flows_either_way() {
    let accounts = Accounts::new().await;
    let ada = accounts.contact(&[("email", "ada@globex.io"), ("lastname", "Lovelace")]);
    accounts.wait_minutes(1);
    let lead = accounts.lead("ada@globex.io", "Byron");
    accounts.contact(&[("email", "bo@globex.io")]);
    accounts.settle(&rules("inclusion")).await;
    assert_eq!(accounts.of("Lead", &lead, "LastName"), "Byron");
    assert_eq!(accounts.of_contact(&ada, "lastname"), "Lovelace");
    assert_eq!(accounts.with_email("Lead", "bo@globex.io").len(), 0);
    // One direction alone.
    let one_way = rules("inclusion").replace(NO_LIST.0, NO_LIST.1).replace(
        "include \"has an email\" when email is known",
        "include \"inclusion list\" when email is known and member of list \"Sync to Salesforce\"",
    );
    accounts.settle(&one_way).await;
    assert_eq!(accounts.of("Lead", &lead, "LastName"), "Byron");
    assert_eq!(accounts.of_contact(&ada, "lastname"), "Byron");
    assert_eq!(accounts.with_email("Lead", "bo@globex.io").len(), 0);
}

#[tokio::test]
async fn who_enters_the_list_goes_over_at_once() {
    let accounts = Accounts::new().await;
    let ada = accounts.contact(&[("email", "ada@globex.io"), ("lastname", "Lovelace")]);
    accounts.settle(&rules("inclusion")).await;
    assert_eq!(accounts.with_email("Lead", "ada@globex.io").len(), 0);
    // Nothing of the contact itself changes.
    accounts.join(&ada);
    let told = accounts.pass(&rules("inclusion")).await;
    assert!(told.writes.contains(&"+ Salesforce Lead".to_owned()), "{told:?}");
    assert_eq!(accounts.with_email("Lead", "ada@globex.io").len(), 1);
}

#[tokio::test]
async fn who_leaves_is_frozen_and_goes_on_from_there() {
    let accounts = Accounts::new().await;
    let rules = rules("inclusion");
    let ada = accounts.member(&[("email", "ada@globex.io"), ("lastname", "Lovelace")]);
    accounts.settle(&rules).await;
    let lead = accounts.with_email("Lead", "ada@globex.io").remove(0);
    accounts.leave(&ada);
    accounts.edit_contact(&ada, "jobtitle", "Countess");
    accounts.edit("Lead", &lead, "LastName", "Byron");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of("Lead", &lead, "Title"), "");
    assert_eq!(accounts.of_contact(&ada, "lastname"), "Lovelace");
    accounts.join(&ada);
    accounts.settle(&rules).await;
    assert_eq!(accounts.of("Lead", &lead, "Title"), "Countess");
    assert_eq!(accounts.of_contact(&ada, "lastname"), "Byron");
    assert_eq!(accounts.with_email("Lead", "ada@globex.io"), [lead], "the same link");
}

#[tokio::test]
async fn a_changed_gate_is_counted_and_held() {
    let accounts = Accounts::new().await;
    let limits = "\nlimits { hold when more than 2 records would change }\n";
    let strict = rules("inclusion") + limits;
    for n in 0..4 {
        accounts.contact(&[("email", &format!("p{n}@globex.io")), ("lastname", "L")]);
    }
    assert!(matches!(accounts.pass_with(&strict, &PassOptions::default()).await.report.ending, Ending::Quiet));
    let open = strict.replace(NO_LIST.0, NO_LIST.1);
    let held = accounts.pass_with(&open, &PassOptions::default()).await;
    let Ending::Held(holding) = &held.report.ending else { panic!("{:?}", held.report.ending) };
    assert_eq!(accounts.org().records("Lead").count(), 0);
    let word = PassOptions { approve: Some(holding.token.clone()), ..PassOptions::default() };
    accounts.pass_with(&open, &word).await;
    assert_eq!(accounts.org().records("Lead").count(), 4);
}

#[tokio::test]
async fn a_gate_that_freezes_is_counted_and_held_and_told_once() {
    let accounts = Accounts::new().await;
    let rules = rules("inclusion") + "\nlimits { hold when more than 2 records would change }\n";
    for n in 0..4 {
        accounts.member(&[("email", &format!("p{n}@globex.io")), ("lastname", "L")]);
    }
    accounts.settle(&rules).await;
    let shut =
        rules.replace("    on leave freeze\n", "    exclude \"everyone\" when email is known\n    on leave freeze\n");
    let held = accounts.pass_with(&shut, &PassOptions::default()).await;
    let Ending::Held(holding) = &held.report.ending else { panic!("{:?}", held.report.ending) };
    assert_eq!((holding.records, holding.creates, holding.frozen), (4, 0, 4));
    // A dry run tells the same, and who it is.
    let counted = accounts.pass_with(&shut, &PassOptions { count_only: true, ..PassOptions::default() }).await;
    assert_eq!(counted.report.would_hold.as_ref(), Some(holding));
    assert_eq!((counted.report.counts.frozen, counted.told.writes.len()), (4, 0));
    let everyone = ["p0", "p1", "p2", "p3"].map(|name| format!("{name}@globex.io: excluded by \"everyone\""));
    assert_eq!(counted.told.frozen, everyone);
    // It is no news any more, and opens without a word.
    let again = accounts.pass_with(&shut, &PassOptions::default()).await;
    assert_eq!((&again.report.ending, again.report.counts.frozen), (&Ending::Quiet, 0));
    accounts.pass_with(&rules, &PassOptions::default()).await;
    let shut_again = accounts.pass_with(&shut, &PassOptions::default()).await;
    assert!(matches!(shut_again.report.ending, Ending::Held(_)));
}

/// The gate asks for a value that Salesforce feeds.
fn ejecting(gate: &str) -> String {
    let rules = rules("inclusion");
    let with = rules.replace("    on leave freeze\n", &format!("    {gate}\n    on leave freeze\n"));
    assert_ne!(with, rules);
    with
}

async fn ejected_and_put_right(rules: &str) -> (String, String) {
    let accounts = Accounts::new().await;
    let ada = accounts.member(&[("email", "ada@globex.io"), ("lastname", "L"), ("hs_lead_status", "IN_PROGRESS")]);
    accounts.settle(rules).await;
    let lead = accounts.with_email("Lead", "ada@globex.io").remove(0);
    accounts.edit("Lead", &lead, "Status", "Closed - Not Converted");
    accounts.settle(rules).await;
    let ejected = accounts.of_contact(&ada, "hs_lead_status");
    accounts.edit("Lead", &lead, "Status", "Working - Contacted");
    accounts.settle(rules).await;
    (ejected, accounts.of_contact(&ada, "hs_lead_status"))
}

#[tokio::test]
async fn the_deadlock_is_there_only_where_both_ways_asks_for_it() {
    let both = ejecting("exclude \"bad\" when hs_lead_status is UNQUALIFIED");
    assert_eq!(ejected_and_put_right(&both).await, ("UNQUALIFIED".into(), "UNQUALIFIED".into()));
    let one = rules("inclusion").replace(
        "    include \"has an email\" when email is known\n",
        "    include \"has an email\" when email is known\n    exclude \"bad\" when hs_lead_status is UNQUALIFIED\n",
    );
    assert_eq!(ejected_and_put_right(&one).await, ("UNQUALIFIED".into(), "IN_PROGRESS".into()));
}

#[tokio::test]
async fn a_gate_that_asks_salesforce_lets_the_correction_through() {
    let both = ejecting("exclude \"bad\" when salesforce.Lead.Status is \"Closed - Not Converted\"");
    // The value that ejects stays away as well, and the correction finds both sides as they were.
    assert_eq!(ejected_and_put_right(&both).await, ("IN_PROGRESS".into(), "IN_PROGRESS".into()));
}

#[tokio::test]
async fn a_deletion_is_seen_outside_the_list() {
    let accounts = Accounts::new().await;
    let rules = rules("inclusion");
    let ada = accounts.member(&[("email", "ada@globex.io"), ("lastname", "Lovelace")]);
    accounts.settle(&rules).await;
    let lead = accounts.with_email("Lead", "ada@globex.io").remove(0);
    accounts.leave(&ada);
    accounts.pass(&rules).await;
    accounts.org().user_delete("Lead", &lead, accounts.now()).unwrap();
    accounts.settle(&rules).await;
    accounts.join(&ada);
    let told = accounts.pass(&rules).await;
    assert_eq!(accounts.with_email("Lead", "ada@globex.io").len(), 0);
    assert!(told.skipped.iter().any(|why| why.contains("was deleted")), "{told:?}");
}
