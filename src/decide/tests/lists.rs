//! `list of`: one field of the records that name the member.

use super::two::Two;
use crate::data::{Side, Value};
use crate::decide::Base;

const CAMPAIGNS: &str = "salesforcecampaignids <- list of CampaignMember.CampaignId";

fn texts(values: &[&str]) -> Vec<Option<Value>> {
    values.iter().map(|value| Some(Value::text(*value))).collect()
}

#[test]
fn a_list_is_a_set_of_the_known_values() {
    let mut two = Two::new(&format!("map {{ {CAMPAIGNS} }}"));
    two.naming = texts(&["b", "a", " ", "b", "d;c"]);
    two.settle();
    assert_eq!(two.text(Side::Left, "salesforcecampaignids"), "a;b;c;d");
    two.naming.remove(0);
    two.naming.remove(2);
    two.settle();
    assert_eq!(two.text(Side::Left, "salesforcecampaignids"), "a;c;d");
    two.naming.clear();
    two.settle();
    assert_eq!(two.text(Side::Left, "salesforcecampaignids"), "", "nobody names it: the list is blank");
}

#[test]
fn a_blank_list_never_clears_at_the_first_link_and_later_as_the_row_says() {
    let mut two = Two::new(&format!("map {{ {CAMPAIGNS}  on salesforce clear keep }}"));
    two.set(Side::Left, "salesforcecampaignids", "own");
    two.base = Base::default();
    two.settle();
    assert_eq!(two.text(Side::Left, "salesforcecampaignids"), "own");
    two.naming = texts(&["a"]);
    two.settle();
    two.naming.clear();
    two.settle();
    assert_eq!(two.text(Side::Left, "salesforcecampaignids"), "a", "kept");
}

#[test]
fn added_only_nothing_is_taken_away_and_no_id_stands_twice() {
    let mut two = Two::new(&format!("map {{ {CAMPAIGNS}  add only }}"));
    two.set(Side::Left, "salesforcecampaignids", "own;001R00000064wdt");
    two.naming = texts(&["001R00000064wdtIAA", "x"]);
    two.settle();
    assert_eq!(two.text(Side::Left, "salesforcecampaignids"), "001R00000064wdt;own;x");
    two.naming = texts(&["y"]);
    two.settle();
    assert_eq!(two.text(Side::Left, "salesforcecampaignids"), "001R00000064wdt;own;x;y");
    two.naming.clear();
    two.settle();
    assert_eq!(two.text(Side::Left, "salesforcecampaignids"), "001R00000064wdt;own;x;y");
}

#[test]
fn what_was_not_read_decides_nothing() {
    for onto in ["", "  add only"] {
        let mut two = Two::new(&format!("map {{ {CAMPAIGNS}{onto} }}"));
        two.naming = texts(&["a"]);
        two.settle();
        two.naming = vec![Some(Value::text("b")), None];
        assert!(two.decision(false).moves.is_empty(), "one of them is not read");
        two.naming.pop();
        two.behind = true;
        assert!(two.decision(false).moves.is_empty(), "there may be more of them");
        two.behind = false;
        assert_eq!(two.decision(false).moves.len(), 1);
    }
}

#[test]
fn a_text_takes_the_values_in_one_order_and_options_are_looked_at_one_by_one() {
    let mut two = Two::new("map { jobtitle <- list of CampaignMember.Status }");
    two.naming = texts(&["Sent", "Responded", "Sent"]);
    two.settle();
    assert_eq!(two.text(Side::Left, "jobtitle"), "Responded;Sent");
    two.naming.reverse();
    assert!(two.decision(false).moves.is_empty());
    let mut two = Two::new("map { product_interest <- list of CampaignMember.Status  add only  or skip }");
    two.naming = texts(&["crm", "Sent"]);
    assert_eq!(two.held(), ["people.product_interest"]);
    two.settle();
    assert_eq!(two.text(Side::Left, "product_interest"), "crm");
}
