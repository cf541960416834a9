//! Calls, errors, latency.

use syncline::sync::PassOptions;

use crate::document::rules;
use crate::rig::Accounts;

fn people(accounts: &Accounts, n: usize) {
    for n in 0..n {
        accounts.contact(&[("email", &format!("p{n}@example.com")), ("lastname", &format!("L{n}"))]);
    }
}

#[tokio::test]
async fn the_cap_is_kept_and_nothing_is_lost() {
    let accounts = Accounts::new().await;
    people(&accounts, 3);
    let rules = rules("limits");
    for n in 0..40 {
        accounts.edit_contact(&accounts.contacts_with("p0@example.com")[0], "lastname", &format!("N{n}"));
        accounts.pass(&rules).await;
    }
    // Each of these passes is a process of its own, which asks once whose org it is before it knows of any cap.
    let calls = accounts.org().counters().calls;
    assert!(calls <= 20 + 40, "{calls} calls");
    let lead = accounts.with_email("Lead", "p0@example.com").remove(0);
    assert_ne!(accounts.of("Lead", &lead, "LastName"), "N39");
    accounts.wait_minutes(25 * 60);
    accounts.settle(&rules).await;
    assert_eq!(accounts.of("Lead", &lead, "LastName"), "N39");
}

#[tokio::test]
async fn forty_people_cost_few_calls() {
    let accounts = Accounts::new().await;
    people(&accounts, 40);
    let options = PassOptions { count_only: true, ..PassOptions::default() };
    let passed = accounts.pass_with(&rules("limits"), &options).await;
    assert_eq!(accounts.org().records("Lead").count(), 40);
    let calls = passed.report.counts.calls;
    assert!(calls.right <= 5, "{calls:?}");
}

#[tokio::test]
async fn what_was_refused_waits_until_it_changes() {
    let accounts = Accounts::new().await;
    // HubSpot takes no address of this domain.
    let rules = rules("deletions");
    let lead = accounts.lead("ada@acme.test", "Lovelace");
    let told = accounts.pass(&rules).await;
    assert!(!told.issues.is_empty(), "{told:?}");
    accounts.pass(&rules).await;
    let before = accounts.portal().counters().total();
    let told = accounts.pass(&rules).await;
    assert_eq!((told.writes.len(), told.issues.len()), (0, 0), "not tried again: {told:?}");
    assert!(accounts.portal().counters().total() - before < 8);
    accounts.edit("Lead", &lead, "Email", "ada@example.com");
    accounts.settle(&rules).await;
    assert_eq!(accounts.contacts_with("ada@example.com").len(), 1);
}

#[tokio::test]
async fn an_edit_goes_over_in_the_next_pass() {
    let accounts = Accounts::new().await;
    let rules = rules("limits");
    people(&accounts, 1);
    accounts.settle(&rules).await;
    let lead = accounts.with_email("Lead", "p0@example.com").remove(0);
    accounts.edit("Lead", &lead, "LastName", "Edited");
    accounts.pass(&rules).await;
    let contact = accounts.contacts_with("p0@example.com").remove(0);
    assert_eq!(accounts.of_contact(&contact, "lastname"), "Edited");
}
