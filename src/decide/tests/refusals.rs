//! What a CRM refused, and a record that is stopped.

use super::two::{Two, pair};
use crate::data::Side;
use crate::decide::*;

#[test]
fn a_field_that_a_create_was_refused_for_is_left_out_until_it_changes() {
    for from in Side::BOTH {
        let mut two = Two::new(
            "to hubspot { create contact always } \
             map newest wins { email <-> Email or reject  jobtitle <-> Title or truncate }",
        );
        let title = if from == Side::Left { "jobtitle" } else { "Title" };
        two.set(Side::Left, "email", "a@b.co");
        two.set(Side::Right, "Email", "a@b.co");
        two.set(from, title, "CTO");
        let sent = |two: &Two| {
            let decision = two.decision_of(&[from]);
            assert!(matches!(decision.verdict, Verdict::Create { .. }), "{:?}", decision.verdict);
            let sent = decision.moves.into_iter().find(|mv| &*mv.rule.name == "people.jobtitle");
            sent.map(|mv| (mv.line, mv.inputs))
        };
        two.issues.extend(sent(&two));
        assert_eq!(two.issues.len(), 1);
        assert_eq!(sent(&two), None, "refused from the {from:?}");
        two.set(from, title, "CEO");
        assert!(sent(&two).is_some_and(|sent| !two.issues.contains(&sent)));
    }
}

/// `or reject` stops the record each time that it is decided, also when its reason is on record already and something else
/// of it has changed since.
#[test]
fn a_record_that_is_stopped_stays_stopped_until_its_reason_is_gone() {
    let rules = "map newest wins { email <-> Email or reject  jobtitle <-> Title or truncate \
                 product_interest <-> Lead.Product_Interest__c or reject merge values }";
    for (field, bad, good) in [("email", "kim@@b.co", "kim@b.co"), ("product_interest", "no such option", "")] {
        for create in [true, false] {
            let mut two = Two::new(rules);
            two.settle();
            two.set(Side::Left, field, bad);
            let first = two.decision(create);
            two.issues.extend(first.held.iter().map(|held| (held.rule.uid, held.inputs)));
            assert!(first.held.iter().any(|held| held.reject && !held.known), "{field}: {:?}", first.held);
            two.set(Side::Left, "jobtitle", "CTO");
            let again = two.decision(create);
            assert_eq!(
                (again.moves.as_slice(), again.agreed.as_slice()),
                (&[][..], &[][..]),
                "{field}, create {create}"
            );
            assert!(again.held.iter().any(|held| held.reject && held.known), "{field}: {:?}", again.held);
            two.set(Side::Left, field, good);
            let after = two.decision(create);
            assert!(after.moves.iter().any(|mv| &*mv.name == "Title"), "{field}, create {create}: {after:?}");
        }
    }
}

/// The tables of a rule that was changed, or the people of both sides, know a value now.
#[test]
fn what_was_skipped_goes_over_once_it_has_a_form() {
    let map = "map newest wins { lifecyclestage <-> Rating via stages }";
    let stages = |more: &str| {
        format!("picklist stages {{ customer <-> Hot lead <-> Warm {more} otherwise -> skip otherwise <- skip }}")
    };
    for its_own in ["", "Cold"] {
        let mut two = Two::with(map, &stages(""));
        two.newer = Side::Left;
        two.set(Side::Left, "lifecyclestage", "subscriber");
        two.set(Side::Right, "Rating", its_own);
        two.settle();
        assert_eq!(two.both("lifecyclestage", "Rating"), pair("subscriber", its_own));
        assert_eq!(two.held(), ["people.lifecyclestage"]);
        // Other rules that know no more change nothing.
        two.program = Two::with(map, &stages("opportunity -> Hot")).program;
        two.settle();
        assert_eq!(two.held(), ["people.lifecyclestage"]);
        two.program = Two::with(map, &stages("subscriber -> Hot")).program;
        two.settle();
        // What the other side has of its own stays, until one of the two changes.
        let wanted = if its_own.is_empty() { "Hot" } else { its_own };
        assert_eq!(two.both("lifecyclestage", "Rating"), pair("subscriber", wanted));
    }
}

/// A problem on record is no reason to send back what was cut short on its way.
#[test]
fn what_agrees_stays_whatever_was_on_record() {
    let mut two = Two::new("map newest wins { jobtitle <-> Title or truncate }");
    let long = "x".repeat(200);
    two.set(Side::Left, "jobtitle", &long);
    two.settle();
    let cut = two.text(Side::Right, "Title");
    let line = two.program.block.lines.iter().find(|line| &*line.rule.name == "people.jobtitle").unwrap();
    two.issues = vec![(line.rule.uid, crate::data::Fingerprint(7))];
    two.settle();
    assert_eq!(two.both("jobtitle", "Title"), (long, cut));
}
