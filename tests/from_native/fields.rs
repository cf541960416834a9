//! Field mapping rules.

use crate::document::rules;
use crate::rig::Accounts;

/// A contact and its lead, linked and in step.
struct Pair {
    accounts: Accounts,
    contact: String,
    lead: String,
    rules: String,
}

impl Pair {
    async fn new(contact: &[(&str, &str)]) -> Pair {
        Pair::with(rules("fields"), contact).await
    }

    async fn with(rules: String, contact: &[(&str, &str)]) -> Pair {
        let accounts = Accounts::new().await;
        let contact = accounts.contact(&[&[("email", "ada@example.com"), ("lastname", "Lovelace")], contact].concat());
        accounts.settle(&rules).await;
        let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
        Pair { accounts, contact, lead, rules }
    }

    /// HubSpot's field takes the value, a minute passes, Salesforce's does; `None` leaves it.
    async fn edit(&self, left: (&str, Option<&str>), right: (&str, Option<&str>)) {
        if let Some(value) = left.1 {
            self.accounts.edit_contact(&self.contact, left.0, value);
        }
        self.accounts.wait_minutes(1);
        if let Some(value) = right.1 {
            self.accounts.edit("Lead", &self.lead, right.0, value);
        }
        self.accounts.settle(&self.rules).await;
    }

    fn both(&self, left: &str, right: &str) -> [String; 2] {
        [self.accounts.of_contact(&self.contact, left), self.accounts.of("Lead", &self.lead, right)]
    }
}

/// What comes of edits of one field, in turn, as both sides hold it.
async fn row(left: &str, right: &str, edits: &[(Option<&str>, Option<&str>, [&str; 2])]) {
    let pair = Pair::new(&[]).await;
    for (ours, theirs, expected) in edits {
        pair.edit((left, *ours), (right, *theirs)).await;
        assert_eq!(pair.both(left, right), *expected, "after {ours:?} and {theirs:?}");
    }
}

#[tokio::test]
async fn prefer_salesforce_unless_blank() {
    let edits = [
        // Salesforce is blank: HubSpot's value goes there.
        (Some("CTO"), None, ["CTO", "CTO"]),
        // It is not: Salesforce's comes back.
        (Some("CEO"), None, ["CTO", "CTO"]),
        (None, Some("COO"), ["COO", "COO"]),
        (Some("CFO"), Some("CIO"), ["CIO", "CIO"]),
        // A clear in HubSpot comes back, one in Salesforce clears.
        (Some(""), None, ["CIO", "CIO"]),
        (None, Some(""), ["", ""]),
    ];
    row("jobtitle", "Title", &edits).await;
}

#[tokio::test]
async fn always_use_salesforce() {
    let edits = [
        (Some("1"), None, ["1", ""]),
        (None, Some("2"), ["2", "2"]),
        (Some("3"), None, ["2", "2"]),
        (None, Some(""), ["", ""]),
        (Some("4"), None, ["", ""]),
    ];
    let pair = Pair::new(&[("phone", "1")]).await;
    assert_eq!(pair.both("phone", "Phone"), ["1", ""], "a blank never clears at the first link");
    for (ours, theirs, expected) in &edits[1..] {
        pair.edit(("phone", *ours), ("Phone", *theirs)).await;
        assert_eq!(pair.both("phone", "Phone"), *expected, "after {ours:?} and {theirs:?}");
    }
}

#[tokio::test]
async fn two_way() {
    let edits = [
        (Some("1"), None, ["1", "1"]),
        (None, Some("2"), ["2", "2"]),
        // Both: Salesforce's edit is the later one.
        (Some("3"), Some("4"), ["4", "4"]),
        (Some(""), None, ["", ""]),
        (None, Some("5"), ["5", "5"]),
        (None, Some(""), ["", ""]),
    ];
    row("mobilephone", "MobilePhone", &edits).await;
    // HubSpot's is: by its field's time, though the lead was touched after it.
    let pair = Pair::new(&[("mobilephone", "1")]).await;
    pair.accounts.edit("Lead", &pair.lead, "MobilePhone", "2");
    pair.accounts.wait_minutes(1);
    pair.edit(("mobilephone", Some("3")), ("MobilePhone", None)).await;
    assert_eq!(pair.both("mobilephone", "MobilePhone"), ["3", "3"]);
}

#[tokio::test]
async fn a_field_without_a_row_is_left_alone() {
    row(
        "zip",
        "PostalCode",
        &[(Some("1"), None, ["1", ""]), (None, Some("2"), ["1", "2"]), (Some(""), None, ["", "2"])],
    )
    .await;
}

#[tokio::test]
async fn hubspot_may_win_and_a_value_may_be_given_once() {
    let edits = [
        (Some("1"), None, ["1", "1"]),
        (Some("2"), Some("3"), ["2", "2"]),
        (None, Some("4"), ["4", "4"]),
        (Some(""), Some("5"), ["", ""]),
    ];
    row("fax", "Fax", &edits).await;
    let pair = Pair::new(&[("website", "https://one.example")]).await;
    assert_eq!(pair.both("website", "Website"), ["https://one.example"; 2]);
    pair.edit(("website", Some("https://two.example")), ("Website", None)).await;
    assert_eq!(pair.both("website", "Website"), ["https://two.example", "https://one.example"], "at creation only");
}

#[tokio::test]
async fn a_clear_does_what_the_row_says() {
    let kept = [
        (Some("Rome"), None, ["Rome", "Rome"]),
        (None, Some(""), ["Rome", ""]),
        (None, Some("Oslo"), ["Oslo", "Oslo"]),
    ];
    row("city", "City", &kept).await;
    let restored = rules("fields").replace("on salesforce clear keep", "on salesforce clear restore");
    let pair = Pair::with(restored, &[("city", "Rome")]).await;
    pair.edit(("city", None), ("City", Some(""))).await;
    assert_eq!(pair.both("city", "City"), ["Rome", "Rome"]);
    let passed = rules("fields").replace("on salesforce clear keep", "on salesforce clear pass");
    let pair = Pair::with(passed, &[("city", "Rome")]).await;
    pair.edit(("city", None), ("City", Some(""))).await;
    assert_eq!(pair.both("city", "City"), ["", ""]);
}

#[tokio::test]
async fn a_new_row_counts_for_everybody() {
    let pair = Pair::new(&[("zip", "1010")]).await;
    assert_eq!(pair.both("zip", "PostalCode"), ["1010", ""]);
    let more = rules("fields").replace("    website ", "    zip <-> PostalCode or truncate hubspot wins\n    website ");
    pair.accounts.settle(&more).await;
    assert_eq!(pair.both("zip", "PostalCode"), ["1010", "1010"]);
}

#[tokio::test]
async fn one_value_that_does_not_fit_blocks_nothing_else() {
    let long = "x".repeat(200);
    let skip = rules("fields").replace("<-> Title        or truncate", "<-> Title  or skip");
    assert_ne!(skip, rules("fields"));
    let pair = Pair::with(skip, &[("jobtitle", &long), ("mobilephone", "1")]).await;
    assert_eq!(pair.both("mobilephone", "MobilePhone"), ["1", "1"]);
    assert_eq!(pair.both("jobtitle", "Title"), [long.as_str(), ""]);
    let cut = Pair::new(&[("jobtitle", &long)]).await;
    assert_eq!(cut.accounts.of("Lead", &cut.lead, "Title").len(), 128);
    assert_eq!(cut.accounts.of_contact(&cut.contact, "jobtitle"), long, "what was cut is no change");
}

#[tokio::test]
async fn or_reject_stops_the_record_where_that_is_wanted() {
    let accounts = Accounts::new().await;
    let strict = rules("fields").replace("<-> Title        or truncate", "<-> Title  or reject");
    let contact = accounts.contact(&[("email", "ada@example.com"), ("jobtitle", &"x".repeat(200))]);
    let told = accounts.pass(&strict).await;
    assert!(told.issues.iter().any(|issue| issue.starts_with("R703")), "{told:?}");
    // Another change of the record does not let it through.
    accounts.edit_contact(&contact, "lastname", "Lovelace");
    accounts.settle(&strict).await;
    assert_eq!(accounts.org().records("Lead").count(), 0);
    accounts.edit_contact(&contact, "jobtitle", "CTO");
    accounts.settle(&strict).await;
    assert_eq!(accounts.with_email("Lead", "ada@example.com").len(), 1);
}
