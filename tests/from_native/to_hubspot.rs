//! Which people come to HubSpot.

use crate::document::rules;
use crate::rig::Accounts;

/// Without the list.
fn open() -> String {
    let list = "both ways { include \"inclusion list\" when member of list \"Sync to Salesforce\" or email is blank }";
    let rules = rules("to-hubspot");
    assert!(rules.contains(list));
    rules.replace(list, "")
}

fn lead(accounts: &Accounts, email: &str, fields: &[(&str, &str)]) -> String {
    accounts.made("Lead", &[&[("Email", email), ("LastName", "Byron"), ("Company", "Acme")], fields].concat())
}

#[tokio::test]
async fn nothing_is_created_and_linked_people_still_sync() {
    let accounts = Accounts::new().await;
    let rules = rules("creation");
    let ada = accounts.contact(&[("email", "ada@example.com"), ("lastname", "Lovelace")]);
    let lead = accounts.lead("ada@example.com", "Byron");
    accounts.lead("bo@example.com", "Bell");
    accounts.settle(&rules).await;
    accounts.edit("Lead", &lead, "LastName", "King");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&ada, "lastname"), "King");
    assert_eq!(accounts.contacts_with("bo@example.com").len(), 0);
}

#[tokio::test]
async fn leads_and_contacts_have_lines_of_their_own() {
    let accounts = Accounts::new().await;
    lead(&accounts, "lost@example.com", &[("Status", "Closed - Not Converted")]);
    lead(&accounts, "new@example.com", &[]);
    accounts.made("Contact", &[("Email", "con@example.com"), ("LastName", "Tact")]);
    accounts.settle(&open()).await;
    let made = ["lost@example.com", "new@example.com", "con@example.com"].map(|of| accounts.contacts_with(of).len());
    assert_eq!(made, [0, 1, 1]);
}

#[tokio::test]
async fn only_a_valid_and_unique_address_comes_over() {
    let accounts = Accounts::new().await;
    accounts.made("Lead", &[("LastName", "None"), ("Company", "Acme")]);
    lead(&accounts, "twice@example.com", &[]);
    lead(&accounts, "twice@example.com", &[]);
    let once = lead(&accounts, "once@example.com", &[]);
    accounts.settle(&open()).await;
    assert_eq!(accounts.portal().records("contact").count(), 1);
    assert_eq!(accounts.contacts_with("once@example.com").len(), 1);
    // It is a condition like any other: it holds again as soon as there is one.
    accounts.edit("Lead", &once, "LastName", "Again");
    let other = accounts.with_email("Lead", "twice@example.com").remove(0);
    accounts.edit("Lead", &other, "Email", "other@example.com");
    accounts.settle(&open()).await;
    assert_eq!(accounts.contacts_with("twice@example.com").len(), 1);
}

#[tokio::test]
async fn who_would_be_frozen_is_not_created() {
    let accounts = Accounts::new().await;
    lead(&accounts, "cold@example.com", &[("Rating", "Cold")]);
    accounts.made("Contact", &[("Email", "con@example.com"), ("LastName", "Tact")]);
    let told = accounts.pass(&rules("to-hubspot")).await;
    assert_eq!(accounts.portal().records("contact").count(), 0);
    assert_eq!(told.skipped, ["not included by \"inclusion list\""; 2]);
}

#[tokio::test]
async fn a_frozen_snapshot_is_made_only_where_a_line_asks_for_it() {
    let accounts = Accounts::new().await;
    let rules = rules("to-hubspot");
    let hot = lead(&accounts, "hot@example.com", &[("Rating", "Hot")]);
    accounts.settle(&rules).await;
    let contact = accounts.contacts_with("hot@example.com").remove(0);
    accounts.edit("Lead", &hot, "Title", "Boss");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&contact, "jobtitle"), "", "it is frozen: it is not on the list");
    accounts.join(&contact);
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&contact, "jobtitle"), "Boss");
}

#[tokio::test]
async fn a_filter_of_salesforce_records_is_a_condition() {
    let accounts = Accounts::new().await;
    let filtered = open().replace(
        "include \"valid email\" when Email is a valid email and Email is unique",
        "include \"ours\" when Email is a valid email and LeadSource is Web",
    );
    assert_ne!(filtered, open());
    lead(&accounts, "ours@example.com", &[("LeadSource", "Web")]);
    let theirs = lead(&accounts, "theirs@example.com", &[("LeadSource", "Other")]);
    accounts.settle(&filtered).await;
    let made = || ["ours@example.com", "theirs@example.com"].map(|of| accounts.contacts_with(of).len());
    assert_eq!(made(), [1, 0]);
    accounts.edit("Lead", &theirs, "LeadSource", "Web");
    accounts.settle(&filtered).await;
    assert_eq!(made(), [1, 1]);
}

#[tokio::test]
async fn a_converted_lead_does_not_stop() {
    let accounts = Accounts::new().await;
    // Contacts do not come over, as in the setting that stops converted leads.
    let rules = open().replace("create contact from Contact always", "create nothing from Contact always");
    let lead = lead(&accounts, "ada@example.com", &[]);
    accounts.settle(&rules).await;
    let ada = accounts.contacts_with("ada@example.com").remove(0);
    let contact = accounts.convert(&lead);
    accounts.edit("Contact", &contact, "LastName", "King");
    let told = accounts.pass(&rules).await;
    assert_eq!((accounts.of_contact(&ada, "lastname"), told.issues), ("King".into(), Vec::new()));
    accounts.edit_contact(&ada, "jobtitle", "Countess");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of("Contact", &contact, "Title"), "Countess");
}
