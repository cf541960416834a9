//! Deletions.

use crate::document::rules;
use crate::rig::Accounts;

#[tokio::test]
async fn a_deleted_lead_leaves_its_contact() {
    let accounts = Accounts::new().await;
    let rules = rules("deletions");
    let ada = accounts.contact(&[("email", "ada@example.com"), ("lastname", "Lovelace")]);
    accounts.settle(&rules).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    accounts.org().user_delete("Lead", &lead, accounts.now()).unwrap();
    accounts.settle(&rules).await;
    accounts.edit_contact(&ada, "lastname", "King");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&ada, "lastname"), "King");
    assert_eq!(accounts.with_email("Lead", "ada@example.com").len(), 0, "not made again");
}

#[tokio::test]
async fn a_deleted_contact_leaves_its_lead() {
    let accounts = Accounts::new().await;
    let rules = rules("deletions");
    let ada = accounts.contact(&[("email", "ada@example.com"), ("lastname", "Lovelace")]);
    accounts.settle(&rules).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    accounts.portal().user_archive("contact", &ada, accounts.now()).unwrap();
    accounts.wait_minutes(120);
    accounts.settle(&rules).await;
    accounts.edit("Lead", &lead, "LastName", "King");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of("Lead", &lead, "LastName"), "King");
    assert_eq!(accounts.contacts_with("ada@example.com").len(), 0, "not made again");
}
