//! State and country: the native page's three by two settings, and its trap.

use crate::document::rules;
use crate::rig::Accounts;

/// What the lead of a contact with this country and state holds: names, then codes.
async fn written(picklists: &str, values: &str, lists: bool, (country, state): (&str, &str)) -> [String; 4] {
    let accounts = if lists { Accounts::with_place_lists().await } else { Accounts::new().await };
    let rules = with(picklists, values, "skip");
    accounts.contact(&[("email", "ada@example.com"), ("country", country), ("state", state)]);
    accounts.settle(&rules).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    ["Country", "State", "CountryCode", "StateCode"].map(|field| accounts.of("Lead", &lead, field))
}

fn with(picklists: &str, values: &str, unknown: &str) -> String {
    let rules = rules("places");
    let said = ["picklists standard ", "values matched ", "unknown skip "];
    assert!(said.iter().all(|line| rules.contains(line)), "{rules}");
    let to = [format!("picklists {picklists} "), format!("values {values} "), format!("unknown {unknown} ")];
    said.iter().zip(&to).fold(rules, |rules, (from, to)| rules.replace(from, to))
}

fn texts(of: [String; 4]) -> [String; 2] {
    let [country, state, ..] = of;
    [country, state]
}

fn codes(of: [String; 4]) -> [String; 2] {
    let [.., country, state] = of;
    [country, state]
}

#[tokio::test]
async fn no_picklists_matched() {
    assert_eq!(texts(written("none", "matched", false, ("USA", "califo")).await), ["", ""], "not a name of any state");
    assert_eq!(texts(written("none", "matched", false, ("USA", "Calif.")).await), ["United States", "California"]);
    assert_eq!(texts(written("none", "matched", false, ("USA", "CA")).await), ["United States", "California"]);
    assert_eq!(texts(written("none", "matched", false, ("Deutschland", "Bayern")).await), ["Germany", "Bavaria"]);
}

#[tokio::test]
async fn no_picklists_as_they_are() {
    assert_eq!(texts(written("none", "as they are", false, ("USA", "calif")).await), ["USA", "calif"]);
}

#[tokio::test]
async fn picklists_matched() {
    assert_eq!(codes(written("standard", "matched", true, ("U.S.", "California")).await), ["US", "CA"]);
    assert_eq!(codes(written("standard", "matched", true, ("Canada", "Québec")).await), ["CA", "QC"]);
}

#[tokio::test]
async fn picklists_as_they_are() {
    assert_eq!(codes(written("standard", "as they are", true, ("US", "CA")).await), ["US", "CA"]);
    // What the list lacks to the letter is never sent, so that nothing is refused.
    assert_eq!(codes(written("standard", "as they are", true, ("USA", "Californa")).await), ["", ""]);
}

#[tokio::test]
async fn customised_matched() {
    assert_eq!(codes(written("customised", "matched", true, ("Kosovo (region)", "")).await), ["XK", ""]);
    assert_eq!(codes(written("customised", "matched", true, ("usa", "ny")).await), ["US", "NY"]);
}

#[tokio::test]
async fn customised_as_they_are() {
    assert_eq!(codes(written("customised", "as they are", true, ("XK", "")).await), ["XK", ""]);
    assert_eq!(codes(written("customised", "as they are", true, ("Kosovo region", "")).await), ["", ""]);
}

#[tokio::test]
async fn one_unknown_state_blocks_nothing_else() {
    let accounts = Accounts::with_place_lists().await;
    let rules = rules("places");
    let ada = accounts.contact(&[("email", "ada@example.com"), ("country", "USA"), ("state", "Californa")]);
    let told = accounts.pass(&rules).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    assert!(told.issues.iter().any(|issue| issue.contains("Californa") && issue.contains("California")), "{told:?}");
    accounts.edit_contact(&ada, "lastname", "Lovelace");
    accounts.settle(&rules).await;
    assert_eq!(accounts.of("Lead", &lead, "LastName"), "Lovelace");
    accounts.edit_contact(&ada, "state", "California");
    accounts.settle(&rules).await;
    assert_eq!(["CountryCode", "StateCode"].map(|field| accounts.of("Lead", &lead, field)), ["US", "CA"]);
}

#[tokio::test]
async fn unknown_reject_stops_the_record() {
    let accounts = Accounts::with_place_lists().await;
    let native = with("standard", "matched", "reject");
    let ada = accounts.contact(&[("email", "ada@example.com"), ("country", "USA"), ("state", "Californa")]);
    accounts.settle(&native).await;
    assert_eq!(accounts.org().records("Lead").count(), 0);
    accounts.edit_contact(&ada, "state", "California");
    accounts.settle(&native).await;
    assert_eq!(accounts.with_email("Lead", "ada@example.com").len(), 1);
}

#[tokio::test]
async fn where_the_text_goes_over_as_it_is_the_org_refuses_it_and_the_other_fields_go_over_without_it() {
    let accounts = Accounts::with_place_lists().await;
    let rules = rules("places").replace("via places.state", "or truncate").replace("via places.country", "or truncate");
    let ada = accounts.contact(&[("email", "ada@example.com"), ("country", "United States"), ("state", "Californa")]);
    let told = accounts.pass(&rules).await;
    assert!(told.issues.iter().any(|issue| issue.contains("FIELD_INTEGRITY_EXCEPTION")), "{told:?}");
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    let codes = || ["CountryCode", "StateCode"].map(|field| accounts.of("Lead", &lead, field));
    assert_eq!(codes(), ["US", ""], "what the org named is left out");
    accounts.edit_contact(&ada, "state", "California");
    accounts.settle(&rules).await;
    assert_eq!(codes(), ["US", "CA"]);
}

#[tokio::test]
async fn what_place_writes_is_never_refused() {
    let accounts = Accounts::with_place_lists().await;
    let rules = rules("places");
    for (n, place) in
        [("USA", "Californa"), ("Atlantis", "X"), ("", "California"), ("DE", "Bayern"), ("DE", "NY")].iter().enumerate()
    {
        let email = format!("p{n}@example.com");
        accounts.contact(&[("email", &email), ("country", place.0), ("state", place.1)]);
    }
    let told = accounts.pass(&rules).await;
    assert!(!told.issues.iter().any(|issue| issue.contains("FIELD_INTEGRITY_EXCEPTION")), "{told:?}");
    assert_eq!(accounts.org().records("Lead").count(), 5);
}
