//! Lifecycle stages.

use serde_json::Value;

use crate::document::rules;
use crate::rig::Accounts;

/// A linked person: the HubSpot contact and the Salesforce one.
async fn person(accounts: &Accounts, rules: &str, stage: &str) -> (String, String) {
    let contact =
        accounts.contact(&[("email", "ada@example.com"), ("lastname", "Lovelace"), ("lifecyclestage", stage)]);
    accounts.settle(rules).await;
    (contact, accounts.with_email("Contact", "ada@example.com").remove(0))
}

fn opportunity(accounts: &Accounts, stage: &str) -> String {
    accounts.made("Opportunity", &[("Name", "Big"), ("StageName", stage), ("CloseDate", "2027-06-30")])
}

fn role(accounts: &Accounts, opportunity: &str, contact: &str) {
    let fields = [("OpportunityId", Value::from(opportunity)), ("ContactId", Value::from(contact))];
    accounts.org().user_create("OpportunityContactRole", &fields, accounts.now()).unwrap();
}

#[tokio::test]
async fn roles_of_opportunities_move_the_stage() {
    let accounts = Accounts::new().await;
    let rules = rules("lifecycle");
    let (ada, person) = person(&accounts, &rules, "lead").await;
    let deal = opportunity(&accounts, "Prospecting");
    role(&accounts, &deal, &person);
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&ada, "lifecyclestage"), "opportunity");
    accounts.edit("Opportunity", &deal, "StageName", "Closed Won");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&ada, "lifecyclestage"), "customer");
}

#[tokio::test]
async fn the_stage_goes_forward_only() {
    let accounts = Accounts::new().await;
    let rules = rules("lifecycle");
    let (ada, person) = person(&accounts, &rules, "lead").await;
    // A role that is added to an opportunity that is won already, without an open one before.
    let won = opportunity(&accounts, "Closed Won");
    role(&accounts, &won, &person);
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&ada, "lifecyclestage"), "customer");
    role(&accounts, &opportunity(&accounts, "Prospecting"), &person);
    role(&accounts, &opportunity(&accounts, "Closed Lost"), &person);
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&ada, "lifecyclestage"), "customer");
    accounts.edit_contact(&ada, "lifecyclestage", "evangelist");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&ada, "lifecyclestage"), "evangelist");
}

#[tokio::test]
async fn back_to_moves_it_back_where_a_line_asks_for_it() {
    let accounts = Accounts::new().await;
    let lost = "  back to lead \"lost\" when every Opportunity by OpportunityContactRole where (IsClosed is true and IsWon is false)\n";
    let back = rules("lifecycle").replace("  cascade to company\n", &format!("{lost}  cascade to company\n"));
    let (ada, person) = person(&accounts, &back, "lead").await;
    let deal = opportunity(&accounts, "Prospecting");
    role(&accounts, &deal, &person);
    accounts.settle(&back).await;
    assert_eq!(accounts.of_contact(&ada, "lifecyclestage"), "opportunity");
    accounts.edit("Opportunity", &deal, "StageName", "Closed Lost");
    accounts.settle(&back).await;
    assert_eq!(accounts.of_contact(&ada, "lifecyclestage"), "lead");
}

#[tokio::test]
async fn an_opportunity_without_a_role_is_nobodys() {
    let accounts = Accounts::new().await;
    let rules = rules("lifecycle");
    let (ada, person) = person(&accounts, &rules, "lead").await;
    let account = accounts.made("Account", &[("Name", "Globex")]);
    accounts.edit("Contact", &person, "AccountId", &account);
    let deal = opportunity(&accounts, "Closed Won");
    accounts.edit("Opportunity", &deal, "AccountId", &account);
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&ada, "lifecyclestage"), "lead");
}

#[tokio::test]
async fn the_stage_spreads_over_the_company() {
    let accounts = Accounts::new().await;
    let rules = rules("lifecycle");
    let (ada, person) = person(&accounts, &rules, "lead").await;
    let bo = accounts.contact(&[("email", "bo@example.com"), ("lastname", "Bell"), ("lifecyclestage", "lead")]);
    let company = {
        let mut portal = accounts.portal();
        let fields = [("name", Some("Globex")), ("lifecyclestage", Some("lead"))];
        let company = portal.user_create("company", &fields, accounts.now()).unwrap();
        for contact in [&ada, &bo] {
            portal.set_primary_company(contact, &company, accounts.now()).unwrap();
        }
        company
    };
    accounts.settle(&rules).await;
    role(&accounts, &opportunity(&accounts, "Closed Won"), &person);
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&ada, "lifecyclestage"), "customer");
    assert_eq!(accounts.of_contact(&bo, "lifecyclestage"), "customer");
    let stage = accounts.portal().record("company", &company).and_then(|c| c.get("lifecyclestage").map(str::to_owned));
    assert_eq!(stage.as_deref(), Some("customer"));
}

#[tokio::test]
async fn a_stage_in_hubspot_changes_nothing_in_salesforce() {
    let accounts = Accounts::new().await;
    let rules = rules("lifecycle");
    let (ada, _) = person(&accounts, &rules, "lead").await;
    accounts.edit_contact(&ada, "lifecyclestage", "customer");
    let told = accounts.pass(&rules).await;
    assert_eq!(told.writes, Vec::<String>::new());
}

/// Two questions about the same records do not make two of each.
#[tokio::test]
async fn a_condition_counts_each_opportunity_once() {
    let accounts = Accounts::new().await;
    let won = "any Opportunity by OpportunityContactRole where IsWon is true";
    let rules = rules("lifecycle").replace(won, "at least 2 Opportunity by OpportunityContactRole where IsWon is true");
    let (ada, person) = person(&accounts, &rules, "lead").await;
    role(&accounts, &opportunity(&accounts, "Closed Won"), &person);
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&ada, "lifecyclestage"), "lead");
    role(&accounts, &opportunity(&accounts, "Closed Won"), &person);
    accounts.settle(&rules).await;
    assert_eq!(accounts.of_contact(&ada, "lifecyclestage"), "customer");
}
