//! Duplicates and links.

use crate::document::rules;
use crate::rig::Accounts;

/// Two leads, older and newer, and the contact of the same address.
async fn two_leads() -> (Accounts, String, String, String) {
    let accounts = Accounts::new().await;
    let older = accounts.lead("ada@example.com", "Older");
    accounts.wait_minutes(1);
    let newer = accounts.lead("ada@example.com", "Newer");
    accounts.wait_minutes(1);
    let ada = accounts.contact(&[("email", "ada@example.com"), ("lastname", "Lovelace")]);
    (accounts, older, newer, ada)
}

#[tokio::test]
async fn pick_decides_and_not_the_first_row() {
    let (accounts, older, newer, ada) = two_leads().await;
    accounts.settle(&rules("duplicates")).await;
    let linked = |object: &str, id: &str| accounts.of(object, id, "HubSpot_Id__c");
    assert_eq!((linked("Lead", &older), linked("Lead", &newer)), (ada, String::new()));
    // A contact goes before leads, however old they are.
    let (accounts, older, _, ada) = two_leads().await;
    let contact = accounts.made("Contact", &[("Email", "ada@example.com"), ("LastName", "Byron")]);
    accounts.settle(&rules("duplicates")).await;
    let linked = |object: &str, id: &str| accounts.of(object, id, "HubSpot_Id__c");
    assert_eq!((linked("Contact", &contact), linked("Lead", &older)), (ada, String::new()));
    // The native reading.
    let (accounts, older, newer, ada) = two_leads().await;
    let native = rules("duplicates").replace("pick Contact, then oldest created", "pick most recently updated");
    accounts.settle(&native).await;
    let linked = |object: &str, id: &str| accounts.of(object, id, "HubSpot_Id__c");
    assert_eq!((linked("Lead", &older), linked("Lead", &newer)), (String::new(), ada));
}

#[tokio::test]
async fn the_link_does_not_flip_when_a_duplicate_is_edited() {
    let (accounts, older, newer, ada) = two_leads().await;
    let native = rules("duplicates").replace("pick Contact, then oldest created", "pick most recently updated");
    accounts.settle(&native).await;
    assert_eq!(accounts.of("Lead", &newer, "HubSpot_Id__c"), ada);
    for name in ["Edited", "Edited again"] {
        accounts.edit("Lead", &older, "LastName", name);
        accounts.settle(&native).await;
        assert_eq!(accounts.of("Lead", &older, "HubSpot_Id__c"), "");
        assert_eq!(accounts.of("Lead", &newer, "HubSpot_Id__c"), ada);
        assert_ne!(accounts.of_contact(&ada, "lastname"), name, "what happens to the other one is nothing to the link");
    }
}

#[tokio::test]
async fn the_link_follows_edits_where_a_rule_asks_for_it() {
    let (accounts, older, newer, ada) = two_leads().await;
    let pick = "pick most recently updated  relink when another is picked";
    let native = rules("duplicates").replace("pick Contact, then oldest created", pick);
    accounts.settle(&native).await;
    assert_eq!(accounts.of("Lead", &newer, "HubSpot_Id__c"), ada);
    for (edited, other, name) in [(&older, &newer, "Edited"), (&newer, &older, "Edited again")] {
        let before = accounts.of("Lead", other, "LastName");
        accounts.edit("Lead", edited, "LastName", name);
        accounts.settle(&native).await;
        let linked = [edited, other].map(|lead| accounts.of("Lead", lead, "HubSpot_Id__c"));
        assert_eq!(linked, [ada.clone(), String::new()]);
        assert_eq!(accounts.of_contact(&ada, "lastname"), name);
        assert_eq!(accounts.of("Lead", other, "LastName"), before, "the one before is left as it is");
        // Nobody edits anything: it stays there.
        accounts.settle(&native).await;
        assert_eq!(accounts.of("Lead", edited, "HubSpot_Id__c"), ada);
    }
}

#[tokio::test]
async fn without_pick_several_are_reported_and_none_is_written() {
    let (accounts, older, newer, ada) = two_leads().await;
    let told = accounts.pass(&rules("duplicates").replace("pick Contact, then oldest created", "")).await;
    assert_eq!(told.writes, Vec::<String>::new());
    assert!(told.issues.iter().any(|issue| issue.starts_with("R701") && issue.contains(&older)), "{told:?}");
    assert_eq!(accounts.of("Lead", &newer, "HubSpot_Id__c"), "");
    assert_eq!(accounts.of_contact(&ada, "lastname"), "Lovelace");
}

#[tokio::test]
async fn a_merge_in_salesforce_is_followed() {
    let (accounts, older, newer, ada) = two_leads().await;
    let rules = rules("duplicates");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of("Lead", &older, "HubSpot_Id__c"), ada);
    accounts.org().user_merge("Lead", &newer, &older, accounts.now()).unwrap();
    accounts.settle(&rules).await;
    accounts.edit("Lead", &newer, "LastName", "Merged");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&ada, "lastname"), "Merged");
    assert_eq!(
        (accounts.contacts_with("ada@example.com"), accounts.with_email("Lead", "ada@example.com")),
        (vec![ada], vec![newer])
    );
}

#[tokio::test]
async fn an_address_of_somebody_else_is_reported() {
    let accounts = Accounts::new().await;
    let rules = rules("duplicates");
    let ada = accounts.contact(&[("email", "ada@example.com"), ("lastname", "Lovelace")]);
    let bo = accounts.contact(&[("email", "bo@example.com"), ("lastname", "Bell")]);
    accounts.settle(&rules).await;
    let lead = accounts.with_email("Lead", "bo@example.com").remove(0);
    // In Salesforce Bo's record is given an address that HubSpot holds to be Ada's.
    accounts.edit("Lead", &lead, "Email", "ada@example.com");
    accounts.edit("Lead", &lead, "LastName", "Bellamy");
    let told = accounts.pass(&rules).await;
    assert!(told.issues.iter().any(|issue| issue.contains(&ada)), "the record that has it is named: {told:?}");
    accounts.settle(&rules).await;
    assert_eq!(
        (accounts.of_contact(&bo, "email"), accounts.of_contact(&ada, "email")),
        ("bo@example.com".into(), "ada@example.com".into())
    );
    // It goes on as soon as something of Bo's changes for the better.
    accounts.edit("Lead", &lead, "Email", "bo.bell@example.com");
    accounts.settle(&rules).await;
    let bo = ["email", "lastname"].map(|field| accounts.of_contact(&bo, field));
    assert_eq!(bo, ["bo.bell@example.com", "Bellamy"]);
}

#[tokio::test]
async fn salesforce_knows_whom_it_is_linked_to() {
    let accounts = Accounts::new().await;
    let ada = accounts.contact(&[("email", "ada@example.com"), ("lastname", "Lovelace")]);
    accounts.settle(&rules("duplicates")).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    assert_eq!(accounts.of("Lead", &lead, "HubSpot_Id__c"), ada);
}
