//! Created as lead or contact.

use syncline::data::Dict;
use syncline::diagnostic::{Code, SourceFile};
use syncline::lang::compile;

use crate::document::{rules, schemas};
use crate::rig::Accounts;

const ACCOUNT: &str = "0015g00000Abc12AAA";

/// A contact of a company that is a Salesforce account.
fn of_known_account(accounts: &Accounts, email: &str) -> String {
    let contact = accounts.contact(&[("email", email), ("lastname", "Young")]);
    let mut portal = accounts.portal();
    let fields = [("name", Some("Globex")), ("salesforceaccountid", Some(ACCOUNT))];
    let company = portal.user_create("company", &fields, accounts.now()).unwrap();
    portal.set_primary_company(&contact, &company, accounts.now()).unwrap();
    contact
}

#[tokio::test]
async fn lead_or_contact_is_decided_per_person() {
    let accounts = Accounts::new().await;
    of_known_account(&accounts, "cy@globex.io");
    accounts.contact(&[("email", "ada@example.com"), ("lastname", "Lovelace")]);
    accounts.settle(&rules("creation")).await;
    let made = |email| (accounts.with_email("Lead", email).len(), accounts.with_email("Contact", email).len());
    assert_eq!((made("cy@globex.io"), made("ada@example.com")), ((0, 1), (1, 0)));
}

#[tokio::test]
async fn who_is_there_already_is_linked_and_not_doubled() {
    let accounts = Accounts::new().await;
    // The lines would make a contact of the one, and a lead of the other.
    of_known_account(&accounts, "cy@globex.io");
    let lead = accounts.lead("CY@globex.io", "Young");
    let ada = accounts.contact(&[("email", "ada@example.com"), ("lastname", "Lovelace")]);
    let contact = accounts.made("Contact", &[("Email", "ada@example.com"), ("LastName", "Byron")]);
    accounts.settle(&rules("creation")).await;
    let sum = |object| accounts.org().records(object).count();
    assert_eq!((sum("Lead"), sum("Contact")), (1, 1));
    assert_eq!(accounts.with_email("Lead", "cy@globex.io"), [lead]);
    assert_eq!(accounts.of("Contact", &contact, "HubSpot_Id__c"), ada);
    assert_eq!(accounts.of_contact(&ada, "lastname"), "Byron");
}

#[tokio::test]
async fn a_required_field_has_a_stand_in() {
    let accounts = Accounts::new().await;
    accounts.contact(&[("email", "ada@example.com")]);
    accounts.settle(&rules("creation")).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    assert_eq!(accounts.of("Lead", &lead, "LastName"), "(unknown)");
    assert_eq!(accounts.of("Lead", &lead, "Company"), "(not provided)");
}

#[test]
fn a_required_field_without_a_stand_in_does_not_compile() {
    let [left, right] = schemas();
    let rules = rules("creation").replace("  or use \"(unknown)\"", "");
    let (plan, findings) = compile(&[SourceFile::new("r.sync", rules)], &left, &right, &mut Dict::default());
    assert!(plan.is_none());
    let codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::RequiredBlank]);
}

#[tokio::test]
async fn a_converted_lead_goes_on_as_its_contact() {
    let accounts = Accounts::new().await;
    let rules = rules("creation");
    let ada = accounts.contact(&[("email", "ada@example.com"), ("lastname", "Lovelace")]);
    accounts.settle(&rules).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    accounts.edit_contact(&ada, "lifecyclestage", "customer");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of("Lead", &lead, "IsConverted"), "false", "a stage converts nobody");
    let contact = accounts.convert(&lead);
    accounts.edit("Contact", &contact, "LastName", "Byron");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&ada, "lastname"), "Byron");
    assert_eq!(accounts.org().records("Contact").count(), 1);
}
