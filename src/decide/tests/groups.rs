//! Rows that stay together, and places.

use super::two::{Two, pair};
use crate::data::{BySide, Cell, Side};
use crate::decide::*;

pub(super) const ADDRESS: &str =
    "map { together \"address\" WINNER { address <-> Street or skip  city <-> City or skip } }";

#[test]
fn a_group_is_cleared_only_when_all_of_it_is() {
    let mut two = Two::new(&ADDRESS.replace("WINNER", "prefer salesforce unless blank"));
    two.set(Side::Right, "Street", "1 Main");
    two.set(Side::Right, "City", "Bonn");
    two.settle();
    two.set(Side::Left, "address", "");
    two.set(Side::Left, "city", "Köln");
    two.settle();
    assert_eq!(
        (two.both("address", "Street"), two.both("city", "City")),
        (pair("1 Main", "1 Main"), pair("Bonn", "Bonn"))
    );
    two.set(Side::Right, "City", "");
    two.settle();
    assert_eq!((two.both("address", "Street"), two.both("city", "City")), (pair("1 Main", "1 Main"), pair("", "")));
}

/// An address with a country that a `place` may not know.
fn placed(winner: &str) -> Two {
    let map = format!(
        "map {winner} {{ together \"address\" {{ address <-> Street or truncate \
         state <-> State via places.state  country <-> Country via places.country }} }}"
    );
    Two::with(&map, "place places { picklists none }")
}

fn address(two: &Two) -> [(String, String); 3] {
    [two.both("address", "Street"), two.both("state", "State"), two.both("country", "Country")]
}

#[test]
fn what_a_place_does_not_know_holds_its_own_rows_and_no_other_of_the_group() {
    for winner in ["newest wins", "prefer salesforce unless blank", "salesforce wins", "hubspot wins"] {
        let mut two = placed(winner);
        let given = [("address", "1 Main"), ("state", "California"), ("country", "Untied Sttes")];
        given.iter().for_each(|(field, value)| two.set(Side::Left, field, value));
        let created = two.created();
        assert_eq!(created.get("Street").map(String::as_str), Some("1 Main"), "{winner}");
        assert!(!created.contains_key("State") && !created.contains_key("Country"), "{winner}");
        for newer in Side::BOTH {
            two.newer = newer;
            two.settle();
            let expected = [pair("1 Main", "1 Main"), pair("California", ""), pair("Untied Sttes", "")];
            assert_eq!(address(&two), expected, "{winner}");
            assert_eq!(two.held(), ["people.state", "people.country"], "{winner}");
        }
        two.set(Side::Left, "country", "United States");
        two.settle();
        let whole =
            [pair("1 Main", "1 Main"), pair("California", "California"), pair("United States", "United States")];
        assert_eq!(address(&two), whole, "{winner}");
        assert!(two.held().is_empty(), "{winner}");
    }
}

#[test]
fn what_a_place_does_not_know_is_not_cleared_by_the_blank_that_stands_for_it() {
    for winner in ["newest wins", "prefer salesforce unless blank", "salesforce wins"] {
        let mut two = placed(winner);
        for (side, field, value) in
            [(Side::Left, "address", "1 Main"), (Side::Left, "country", "Atlantis"), (Side::Right, "Street", "1 Main")]
        {
            two.set(side, field, value);
        }
        // As after the record was created without the country.
        two.base = Base::default();
        two.settle();
        two.set(Side::Right, "Street", "2 Main");
        two.settle();
        assert_eq!(address(&two), [pair("2 Main", "2 Main"), pair("", ""), pair("Atlantis", "")], "{winner}");
        two.set(Side::Left, "country", "Germany");
        two.settle();
        assert_eq!(address(&two), [pair("2 Main", "2 Main"), pair("", ""), pair("Germany", "Germany")], "{winner}");
        // But a place of the other side comes whole.
        two.set(Side::Left, "state", "Bavria");
        two.set(Side::Right, "Country", "France");
        two.set(Side::Right, "Street", "3 Main");
        two.settle();
        assert_eq!(address(&two), [pair("3 Main", "3 Main"), pair("", ""), pair("France", "France")], "{winner}");
    }
}

#[test]
fn a_place_that_a_crm_refused_holds_its_group() {
    let mut two = placed("newest wins");
    two.set(Side::Left, "address", "1 Main");
    two.set(Side::Left, "country", "Germany");
    let decision = two.decision(false);
    let refused = decision.moves.iter().find(|mv| &*mv.name == "Country").unwrap();
    two.issues = vec![(refused.line, refused.inputs)];
    assert!(two.decision(false).moves.is_empty());
}

#[test]
fn an_owner_that_is_held_holds_its_group() {
    let map = "map newest wins { together \"x\" { jobtitle <-> Title or truncate  hubspot_owner_id <-> OwnerId via owners } }";
    // Nobody's owners were read.
    let mut two = Two::with(map, "owners owners { match email = Email otherwise -> skip otherwise <- skip }");
    two.set(Side::Left, "jobtitle", "CTO");
    two.set(Side::Left, "hubspot_owner_id", "101");
    let created = two.created();
    assert!(!created.contains_key("Title") && !created.contains_key("OwnerId"), "{created:?}");
    for _ in 0..2 {
        assert!(two.decision(false).moves.is_empty());
        assert_eq!(two.held(), ["people.hubspot_owner_id"]);
        two.settle();
    }
    two.set(Side::Left, "hubspot_owner_id", "");
    two.settle();
    assert_eq!(two.both("jobtitle", "Title"), pair("CTO", "CTO"));
}

#[test]
fn a_group_goes_back_whole_where_one_value_must() {
    let map =
        "map newest wins { together \"x\" { lifecyclestage <-> Rating via back  jobtitle <-> Title or truncate } }";
    let mut two = Two::with(map, "picklist back { customer <-> Hot otherwise -> restore otherwise <- skip }");
    two.set(Side::Left, "lifecyclestage", "customer");
    two.set(Side::Left, "jobtitle", "CTO");
    two.settle();
    two.set(Side::Left, "lifecyclestage", "lead");
    two.set(Side::Left, "jobtitle", "CEO");
    assert_eq!(two.held(), ["people.lifecyclestage"]);
    two.settle();
    assert_eq!(two.both("lifecyclestage", "Rating"), pair("customer", "Hot"));
    assert_eq!(two.both("jobtitle", "Title"), pair("CTO", "CTO"));
}

#[test]
fn a_group_is_held_whole() {
    let mut two = Two::new(&ADDRESS.replace("WINNER", "newest wins"));
    two.set(Side::Left, "address", "1 Main");
    two.set(Side::Left, "city", &"x".repeat(60));
    let decision = two.decision(false);
    assert!(decision.moves.is_empty());
    assert_eq!(two.held(), ["people.city"], "too long for the other side");
    assert!(!two.created().contains_key("Street"), "nor is half of it given to a new record");
    // What a CRM refused holds its group, too.
    two.set(Side::Left, "city", "Bonn");
    let city = two.program.block.lines.iter().find(|line| &*line.rule.name == "people.city").unwrap();
    let inputs = two.program.line_inputs(city, &[], &BySide::new(Cell::Text("Bonn"), Cell::Null));
    two.issues = vec![(city.rule.uid, inputs)];
    assert!(two.decision(false).moves.is_empty());
    two.issues.clear();
    assert_eq!(two.created().get("Street").map(String::as_str), Some("1 Main"));
    two.settle();
    assert_eq!(
        (two.both("address", "Street"), two.both("city", "City")),
        (pair("1 Main", "1 Main"), pair("Bonn", "Bonn"))
    );
}

/// The winners that can decide for a group, and one way.
const WINNERS: [&str; 4] = ["newest wins", "prefer salesforce unless blank", "salesforce wins", "hubspot wins"];

/// Both sides of a contact and a lead that meet: address and city of each.
fn meet(winner: &str, newer: Side, left: [&str; 2], right: [&str; 2]) -> Two {
    let mut two = Two::new(&ADDRESS.replace("WINNER", winner));
    two.newer = newer;
    two.set(Side::Left, "address", left[0]);
    two.set(Side::Left, "city", left[1]);
    two.set(Side::Right, "Street", right[0]);
    two.set(Side::Right, "City", right[1]);
    two.base = Base::default();
    two.settle();
    two
}

fn streets_and_cities(two: &Two) -> [(String, String); 2] {
    [two.both("address", "Street"), two.both("city", "City")]
}

#[test]
fn halves_of_one_address_complete_each_other_when_they_meet() {
    let whole = [pair("1 Main", "1 Main"), pair("Bonn", "Bonn")];
    for (winner, newer) in WINNERS.into_iter().flat_map(|winner| Side::BOTH.map(|side| (winner, side))) {
        for (left, right) in [
            (["1 Main", ""], ["", "Bonn"]),
            (["", "Bonn"], ["1 Main", ""]),
            (["1 Main", "Bonn"], ["1 Main", ""]),
            (["1 Main", ""], ["1 Main", "Bonn"]),
            (["", ""], ["1 Main", "Bonn"]),
        ] {
            let two = meet(winner, newer, left, right);
            assert_eq!((streets_and_cities(&two), two.held()), (whole.clone(), vec![]), "{winner} {left:?} {right:?}");
        }
    }
    // One way nothing comes back.
    let map = "map { together \"address\" { address -> Street or skip  city -> City or skip } }";
    let mut two = Two::new(map);
    two.set(Side::Left, "address", "1 Main");
    two.set(Side::Right, "City", "Bonn");
    two.base = Base::default();
    two.settle();
    assert_eq!(streets_and_cities(&two), [pair("1 Main", "1 Main"), pair("", "Bonn")]);
}

/// Half of it is written on neither side where the other half has no room.
#[test]
fn halves_go_both_or_none() {
    let long = "x".repeat(60);
    let two = meet("newest wins", Side::Right, ["", &long], ["1 Main", ""]);
    assert_eq!(streets_and_cities(&two), [pair("", "1 Main"), pair(&long, "")]);
    assert_eq!(two.held(), ["people.city"]);
}

/// Two addresses: the one that counts takes the other's place, but for a blank nothing goes.
#[test]
fn of_two_addresses_that_meet_none_is_cleared() {
    for (winner, newer) in WINNERS.into_iter().flat_map(|winner| Side::BOTH.map(|side| (winner, side))) {
        let counts = match winner {
            "newest wins" => newer,
            "hubspot wins" => Side::Left,
            _ => Side::Right,
        };
        let (one, other) = (["1 Main", "Bonn"], ["2 Oak", ""]);
        let (left, right) = if counts == Side::Left { (one, other) } else { (other, one) };
        let two = meet(winner, newer, left, right);
        assert_eq!(streets_and_cities(&two), [pair("1 Main", "1 Main"), pair("Bonn", "Bonn")], "{winner}");
        // The other way round its blank would clear the city.
        let mut two = meet(winner, newer, right, left);
        let before = [pair(right[0], left[0]), pair(right[1], left[1])];
        assert_eq!(
            (streets_and_cities(&two), two.held()),
            (before.clone(), vec!["people.city".to_owned()]),
            "{winner}"
        );
        two.settle();
        assert_eq!(streets_and_cities(&two), before, "{winner}: and it stays so");
        let (field, side) = if counts == Side::Left { ("city", Side::Left) } else { ("City", Side::Right) };
        two.set(side, field, "Rome");
        two.settle();
        let rome = [pair("2 Oak", "2 Oak"), pair("Rome", "Rome")];
        assert_eq!((streets_and_cities(&two), two.held()), (rome, vec![]), "{winner}: filled in");
    }
}

/// An address whose country is not known yet is still an address that met long ago: a clear is a clear.
#[test]
fn what_somebody_clears_stays_cleared_while_a_place_waits() {
    let rows = "address <-> Street or truncate  city <-> City or truncate  country <-> Country via places.country";
    for winner in ["salesforce wins", "prefer salesforce unless blank"] {
        let map = format!("map {winner} {{ together \"address\" {{ {rows} }} }}");
        let mut two = Two::with(&map, "place places { picklists none }");
        for (field, value) in [("address", "1 Main"), ("city", "Bonn"), ("country", "Atlantis")] {
            two.set(Side::Left, field, value);
        }
        two.base = Base::default();
        two.settle();
        assert_eq!(streets_and_cities(&two), [pair("1 Main", "1 Main"), pair("Bonn", "Bonn")], "{winner}");
        two.set(Side::Right, "City", "");
        two.settle();
        assert_eq!(streets_and_cities(&two), [pair("1 Main", "1 Main"), pair("", "")], "{winner}");
    }
}
