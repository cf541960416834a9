//! Owners.

use crate::document::rules;
use crate::rig::Accounts;

/// A user of the org who is not the one that Syncline works as, with a HubSpot seat of the same address: both ids.
fn ana(accounts: &Accounts) -> (String, String) {
    let (user, email) = accounts.user();
    accounts.owner(101, &email.to_uppercase());
    (user, "101".into())
}

#[tokio::test]
async fn owners_are_found_by_email() {
    let accounts = Accounts::new().await;
    let rules = rules("owners");
    let (user, owner) = ana(&accounts);
    let contact = accounts.contact(&[("email", "ada@example.com"), ("hubspot_owner_id", &owner)]);
    accounts.settle(&rules).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    assert_eq!(accounts.of("Lead", &lead, "OwnerId"), user);
    // And back.
    let us = accounts.org().integration_user();
    accounts.owner(103, &accounts.email_of(&us));
    accounts.wait_minutes(61);
    accounts.edit("Lead", &lead, "OwnerId", &us);
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&contact, "hubspot_owner_id"), "103");
    // Both name and e-mail, as the native integration asks for: the names differ.
    let accounts = Accounts::new().await;
    let (user, owner) = ana(&accounts);
    let native = rules.replace("match email = Email  ", "match email = Email and fullname = Name  ");
    accounts.contact(&[("email", "ada@example.com"), ("hubspot_owner_id", &owner)]);
    accounts.settle(&native).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    assert_ne!(accounts.of("Lead", &lead, "OwnerId"), user);
}

#[tokio::test]
async fn a_new_lead_without_an_owner_is_given_one_by_the_org() {
    let accounts = Accounts::new().await;
    accounts.owner(102, "bo@acme.com");
    accounts.contact(&[("email", "ada@example.com"), ("hubspot_owner_id", "102")]);
    accounts.settle(&rules("owners")).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    assert_eq!(accounts.of("Lead", &lead, "OwnerId"), accounts.org().integration_user());
    assert_eq!(accounts.assigned(), 1, "the call asked for the org's assignment rules");
}

#[tokio::test]
async fn an_unknown_owner_snaps_back() {
    let accounts = Accounts::new().await;
    let rules = rules("owners");
    let (user, owner) = ana(&accounts);
    accounts.owner(102, "bo@acme.com");
    let contact = accounts.contact(&[("email", "ada@example.com"), ("hubspot_owner_id", &owner)]);
    accounts.settle(&rules).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    accounts.edit_contact(&contact, "hubspot_owner_id", "102");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&contact, "hubspot_owner_id"), owner);
    assert_eq!(accounts.of("Lead", &lead, "OwnerId"), user);
}

#[tokio::test]
async fn one_side_may_decide_alone() {
    let accounts = Accounts::new().await;
    let (user, owner) = ana(&accounts);
    let us = accounts.org().integration_user();
    accounts.owner(103, &accounts.email_of(&us));
    let strict = rules("owners").replace("via owners\n", "via owners  salesforce wins\n");
    assert_ne!(strict, rules("owners"));
    let contact = accounts.contact(&[("email", "ada@example.com"), ("hubspot_owner_id", &owner)]);
    accounts.settle(&strict).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    // Both change, HubSpot later.
    accounts.edit("Lead", &lead, "OwnerId", &us);
    accounts.wait_minutes(1);
    accounts.edit_contact(&contact, "hubspot_owner_id", "");
    accounts.settle(&strict).await;
    assert_ne!(us, user);
    assert_eq!(accounts.of("Lead", &lead, "OwnerId"), us);
    assert_eq!(accounts.of_contact(&contact, "hubspot_owner_id"), "103");
}
