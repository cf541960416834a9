//! What each kind of row does.

use super::two::{Two, pair};
use crate::data::{Side, Value};

#[test]
fn else_takes_the_first_known_source() {
    let mut two = Two::new(r#"map { company else jobtitle else email -> Title or truncate }"#);
    two.set(Side::Left, "jobtitle", "CTO");
    two.set(Side::Left, "email", "a@b.co");
    two.settle();
    assert_eq!(two.text(Side::Right, "Title"), "CTO");
    two.set(Side::Left, "company", "Acme");
    two.settle();
    assert_eq!(two.text(Side::Right, "Title"), "Acme");
    for source in ["company", "jobtitle"] {
        two.set(Side::Left, source, " ");
    }
    two.settle();
    assert_eq!(two.text(Side::Right, "Title"), "a@b.co");
}

#[test]
fn else_ends_in_a_text_of_the_rules() {
    let mut two = Two::new(r#"map { company else "{firstname} & Co" else "nobody" -> Title or truncate }"#);
    assert_eq!(two.text(Side::Right, "Title"), "nobody");
    for (field, value, expected) in [("firstname", "Ana", "Ana & Co"), ("company", "Acme", "Acme")] {
        two.set(Side::Left, field, value);
        two.settle();
        assert_eq!(two.text(Side::Right, "Title"), expected);
    }
}

#[test]
fn values_and_texts_of_the_rules_are_kept_where_the_row_puts_them() {
    let mut two = Two::new(
        r#"map { "Web" -> LeadSource  12 -> NumberOfEmployees  "{firstname} of {company}" -> Title or truncate }"#,
    );
    assert_eq!(two.text(Side::Right, "LeadSource"), "Web");
    assert_eq!(two.text(Side::Right, "NumberOfEmployees"), "12");
    assert_eq!(two.text(Side::Right, "Title"), "", "all its fields are blank");
    two.set(Side::Left, "firstname", "Ana");
    two.set(Side::Right, "LeadSource", "Other");
    two.settle();
    assert_eq!(two.text(Side::Right, "LeadSource"), "Web");
    assert_eq!(two.text(Side::Right, "Title"), "Ana of");
    let created = two.created();
    assert_eq!((created["LeadSource"].as_str(), created["Title"].as_str()), ("Web", "Ana of"));
}

#[test]
fn if_blank_fills_and_never_replaces() {
    let rows = "phone -> Phone if blank or truncate  jobtitle -> Title if blank or truncate on clear keep";
    let mut two = Two::new(&format!("map {{ {rows} }}"));
    for (left, value) in [("phone", "1"), ("jobtitle", "CTO")] {
        two.set(Side::Left, left, value);
    }
    two.settle();
    assert_eq!((two.text(Side::Right, "Phone"), two.text(Side::Right, "Title")), pair("1", "CTO"));
    for (left, value) in [("phone", "2"), ("jobtitle", "CEO")] {
        two.set(Side::Left, left, value);
    }
    two.settle();
    assert_eq!((two.text(Side::Right, "Phone"), two.text(Side::Right, "Title")), pair("1", "CTO"));
    for right in ["Phone", "Title"] {
        two.set(Side::Right, right, "");
    }
    two.settle();
    assert_eq!((two.text(Side::Right, "Phone"), two.text(Side::Right, "Title")), pair("2", ""), "written once");
    two.set(Side::Left, "jobtitle", "CFO");
    two.settle();
    assert_eq!(two.text(Side::Right, "Title"), "");
}

#[test]
fn merge_values_applies_the_additions_and_removals_of_both_sides() {
    let mut two = Two::new("map merge values { product_interest <-> Product_Interest__c or skip }");
    let (left, right) = ("product_interest", "Product_Interest__c");
    two.set(Side::Left, left, "billing");
    two.set(Side::Right, right, "crm");
    two.settle();
    assert_eq!(two.both(left, right), pair("billing;crm", "billing;crm"), "the first link unites");
    two.set(Side::Left, left, "crm");
    two.settle();
    assert_eq!(two.both(left, right), pair("crm", "crm"), "one removal");
    two.set(Side::Left, left, "billing;crm");
    two.set(Side::Right, right, "");
    two.settle();
    assert_eq!(two.both(left, right), pair("billing", "billing"), "one added, the other took away");
}

#[test]
fn merge_values_loses_nothing_when_one_of_two_writes_fails() {
    for down in Side::BOTH {
        let mut two = Two::new("map merge values { product_interest <-> Product_Interest__c or skip }");
        let (left, right) = ("product_interest", "Product_Interest__c");
        two.set(Side::Left, left, "billing");
        two.set(Side::Right, right, "crm");
        two.down = Some(down);
        two.step();
        two.down = None;
        two.settle();
        assert_eq!(two.both(left, right), pair("billing;crm", "billing;crm"));
    }
}

#[test]
fn merge_values_keeps_what_an_unseen_edit_added_and_what_we_wrote_over_it() {
    let mut two = Two::new("map merge values { product_interest <-> Product_Interest__c or skip }");
    let line = two.program.block.lines.iter().find(|line| &*line.rule.name == "people.product_interest").unwrap();
    let line = line.rule.uid;
    two.set(Side::Left, "product_interest", "billing");
    two.settle();
    two.base.restored(Side::Right, line, &Value::text("billing"), Some(Value::text("crm")));
    two.settle();
    assert_eq!(two.both("product_interest", "Product_Interest__c"), pair("billing;crm", "billing;crm"));
}

#[test]
fn a_value_without_a_counterpart_is_reported_and_the_others_cross() {
    let mut two = Two::new("map merge values { product_interest <-> Product_Interest__c or skip }");
    two.set(Side::Left, "product_interest", "crm;support");
    assert_eq!(two.held(), ["people.product_interest"]);
    two.settle();
    assert_eq!(two.both("product_interest", "Product_Interest__c"), pair("crm;support", "crm"));
    two.set(Side::Right, "Product_Interest__c", "billing");
    two.settle();
    assert_eq!(two.both("product_interest", "Product_Interest__c"), pair("billing;support", "billing"));
}

#[test]
fn add_only_never_takes_away() {
    let mut two = Two::new("map { product_interest <- Product_Interest__c add only }");
    two.set(Side::Right, "Product_Interest__c", "crm");
    two.set(Side::Left, "product_interest", "support");
    two.settle();
    assert_eq!(two.text(Side::Left, "product_interest"), "crm;support");
    two.set(Side::Right, "Product_Interest__c", "");
    two.settle();
    assert_eq!(two.text(Side::Left, "product_interest"), "crm;support");
}

#[test]
fn forward_only_goes_up_the_order_and_brings_back_what_went_down() {
    let mut two = Two::new("map forward only { lifecyclestage <-> Rating via tiers }");
    two.set(Side::Left, "lifecyclestage", "lead");
    two.set(Side::Right, "Rating", "Hot");
    two.settle();
    assert_eq!(two.both("lifecyclestage", "Rating"), pair("customer", "Hot"), "the first link goes up");
    two.set(Side::Right, "Rating", "Cold");
    two.settle();
    assert_eq!(two.both("lifecyclestage", "Rating"), pair("customer", "Hot"), "down comes back");
    two.set(Side::Left, "lifecyclestage", "");
    two.settle();
    assert_eq!(two.both("lifecyclestage", "Rating"), pair("customer", "Hot"), "a blank is lowest");
    two.set(Side::Left, "lifecyclestage", "opportunity");
    two.settle();
    assert_eq!(two.both("lifecyclestage", "Rating"), pair("customer", "Hot"), "compared where both have a place");
    two.set(Side::Right, "Rating", "Lukewarm");
    assert_eq!(two.held(), ["people.lifecyclestage"], "it has no place in any order");
}

#[test]
fn ask_first_holds_the_field_until_both_sides_are_equal_and_others_go_on() {
    let mut two = Two::new("map ask first { jobtitle <-> Title or truncate  phone <-> Phone or truncate }");
    two.set(Side::Left, "jobtitle", "CTO");
    two.settle();
    assert_eq!(two.text(Side::Right, "Title"), "CTO", "one side changed");
    two.set(Side::Left, "jobtitle", "CEO");
    two.set(Side::Right, "Title", "CFO");
    two.set(Side::Right, "Phone", "1");
    two.settle();
    assert_eq!(two.both("jobtitle", "Title"), pair("CEO", "CFO"));
    assert_eq!(two.both("phone", "Phone"), pair("1", "1"));
    assert_eq!(two.held(), ["people.jobtitle"]);
    two.set(Side::Right, "Title", "CEO");
    two.settle();
    assert!(two.held().is_empty());
    two.set(Side::Right, "Title", "COO");
    two.settle();
    assert_eq!(two.both("jobtitle", "Title"), pair("COO", "COO"));
}

#[test]
fn ask_first_asks_also_when_our_write_replaced_an_edit() {
    let mut two = Two::new("map ask first { jobtitle <-> Title or truncate }");
    let line = two.program.block.lines.iter().find(|line| &*line.rule.name == "people.jobtitle").unwrap().rule.uid;
    two.set(Side::Left, "jobtitle", "CTO");
    two.settle();
    two.base.restored(Side::Right, line, &Value::text("CTO"), Some(Value::text("CFO")));
    assert_eq!(two.held(), ["people.jobtitle"]);
    two.settle();
    assert_eq!(two.both("jobtitle", "Title"), pair("CTO", "CTO"), "nothing moves meanwhile");
    two.set(Side::Right, "Title", "CEO");
    two.settle();
    assert_eq!(two.both("jobtitle", "Title"), pair("CEO", "CEO"), "whatever is written now is the answer");
}

#[test]
fn a_row_whose_condition_is_false_is_not_there_and_resumes_from_what_was_agreed() {
    let mut two = Two::new("map salesforce wins { jobtitle <-> Title or truncate when is_test is false }");
    two.set(Side::Left, "jobtitle", "CTO");
    two.settle();
    two.put(Side::Left, "is_test", Value::Bool(true));
    two.set(Side::Left, "jobtitle", "CEO");
    two.settle();
    assert_eq!(two.text(Side::Right, "Title"), "CTO");
    assert!(!two.created().contains_key("Title"), "nor at creation");
    two.put(Side::Left, "is_test", Value::Bool(false));
    two.settle();
    assert_eq!(two.text(Side::Right, "Title"), "CEO", "HubSpot alone changed since");
}

#[test]
fn a_condition_in_the_head_of_a_map_is_that_of_its_rows() {
    let mut two =
        Two::new("map \"customers\" newest wins when lifecyclestage is customer { phone <-> Phone or truncate }");
    two.set(Side::Left, "phone", "1");
    two.settle();
    assert_eq!(two.text(Side::Right, "Phone"), "");
    two.set(Side::Left, "lifecyclestage", "customer");
    two.settle();
    assert_eq!(two.text(Side::Right, "Phone"), "1");
}

#[test]
fn forward_only_goes_by_an_order_of_the_rules() {
    let mut two =
        Two::with("map forward only { lifecyclestage <-> Rating via tiers }", "order Lead.Rating { Hot, Warm, Cold }");
    two.set(Side::Left, "lifecyclestage", "lead");
    two.settle();
    two.set(Side::Right, "Rating", "Cold");
    two.settle();
    assert_eq!(two.both("lifecyclestage", "Rating"), pair("subscriber", "Cold"));
    two.set(Side::Left, "lifecyclestage", "customer");
    two.settle();
    assert_eq!(two.both("lifecyclestage", "Rating"), pair("subscriber", "Cold"), "Hot is the lowest here");
}

#[test]
fn a_row_is_looked_at_again_when_time_alone_turns_its_condition() {
    let mut two = Two::new("map { jobtitle -> Title or truncate when createdate is more than 1 day ago }");
    two.put(Side::Left, "createdate", Value::Time(5));
    assert_eq!(two.decision(false).turns_at, Some(5 + 86_400_000 + 1));
}
