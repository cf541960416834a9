//! Companies and accounts, known by their people.

use serde_json::json;

use crate::document::rules;
use crate::rig::Accounts;

fn company(accounts: &Accounts, name: &str, people: &[&str]) -> String {
    let mut portal = accounts.portal();
    let id = portal.user_create("company", &[("name", Some(name))], accounts.now()).unwrap();
    for contact in people {
        portal.user_associate(("contact", contact), ("company", &id), accounts.now()).unwrap();
    }
    id
}

fn account(accounts: &Accounts, name: &str) -> String {
    accounts.org().user_create("Account", &[("Name", json!(name))], accounts.now()).unwrap()
}

fn person(accounts: &Accounts, name: &str, account: &str) {
    let fields =
        [("Email", json!(format!("{name}@example.com"))), ("LastName", json!(name)), ("AccountId", json!(account))];
    accounts.org().user_create("Contact", &fields, accounts.now()).unwrap();
}

/// Names of the companies, with the accounts that they are.
fn companies(accounts: &Accounts) -> Vec<(String, String)> {
    let portal = accounts.portal();
    let of = |record: &syncline::sandbox::hubspot::Record, name| record.get(name).unwrap_or_default().to_owned();
    portal.records("company").map(|record| (of(record, "name"), of(record, "salesforceaccountid"))).collect()
}

#[tokio::test]
async fn a_company_and_an_account_that_share_a_contact_are_one() {
    let accounts = Accounts::new().await;
    let ada = accounts.contact(&[("email", "ada@example.com"), ("lastname", "ada")]);
    company(&accounts, "Engines Inc", &[&ada]);
    let engines = account(&accounts, "Engines");
    let other = account(&accounts, "Looms");
    person(&accounts, "ada", &engines);
    accounts.settle(&rules("companies")).await;
    assert_eq!(companies(&accounts), [("Engines".to_owned(), engines), ("Looms".to_owned(), other)]);
}

#[tokio::test]
async fn contacts_at_two_accounts_are_told() {
    let accounts = Accounts::new().await;
    let ada = accounts.contact(&[("email", "ada@example.com"), ("lastname", "ada")]);
    let bob = accounts.contact(&[("email", "bob@example.com"), ("lastname", "bob")]);
    company(&accounts, "Engines Inc", &[&ada, &bob]);
    person(&accounts, "ada", &account(&accounts, "Engines"));
    person(&accounts, "bob", &account(&accounts, "Looms"));
    let told = accounts.pass(&rules("companies")).await;
    assert_eq!(companies(&accounts), [("Engines Inc".to_owned(), String::new())]);
    assert_eq!(told.issues.iter().filter(|issue| issue.starts_with("R711: `match through people`")).count(), 3);
}

#[tokio::test]
async fn the_account_of_a_converted_lead_makes_no_second_company() {
    let accounts = Accounts::new().await;
    let ada = accounts.contact(&[("email", "ada@example.com"), ("lastname", "ada")]);
    company(&accounts, "Engines Inc", &[&ada]);
    accounts.settle(&rules("companies")).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    let converted = accounts.org().user_convert(&lead, None, None, accounts.now()).unwrap();
    accounts.settle(&rules("companies")).await;
    let [(_, account)] = companies(&accounts).try_into().unwrap();
    assert_eq!(account, converted.account);
}
