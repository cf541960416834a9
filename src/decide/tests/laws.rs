//! What holds of any values.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::groups::ADDRESS;
use super::two::Two;
use crate::data::Side;

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "a", "b", "c"]).prop_map(str::to_owned)
}

/// Every kind of row at once.
const ALL: &str = r#"
  map newest wins {
    phone            <-> Phone                 or truncate
    jobtitle         <-> Title                 or truncate  WINNER
    firstname        <-> FirstName             or truncate  on hubspot clear CLEAR  on salesforce clear CLEAR
    company           -> Rating                or skip
    city              -> City                  or skip  if blank
    address           -> Street                or skip  on salesforce clear keep
    product_interest <-> Product_Interest__c   or skip  merge values
  }"#;
const FIELDS: [(&str, &str); 7] = [
    ("phone", "Phone"),
    ("jobtitle", "Title"),
    ("firstname", "FirstName"),
    ("company", "Rating"),
    ("city", "City"),
    ("address", "Street"),
    ("product_interest", "Product_Interest__c"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever was edited on either side, it is quiet after it was decided, and a quiet pair stays quiet.
    #[test]
    fn what_was_decided_is_decided(
        winner in prop::sample::select(vec!["salesforce wins", "hubspot wins", "prefer hubspot unless blank", "ask first"]),
        clear in prop::sample::select(vec!["pass", "keep", "restore"]),
        edits in prop::collection::vec((0usize..7, any::<bool>(), word(), any::<bool>()), 1..24),
    ) {
        let mut two = Two::new(&ALL.replace("WINNER", winner).replace("CLEAR", clear));
        for (at, left, text, settle) in edits {
            let field = FIELDS[at];
            let text = match (at, text.as_str()) {
                (6, "a") => "crm".to_owned(),
                (6, "b") => "billing".to_owned(),
                (6, "c") => "billing;crm".to_owned(),
                _ => text,
            };
            match left {
                true => two.set(Side::Left, field.0, &text),
                false => two.set(Side::Right, field.1, &text),
            }
            if settle {
                two.newer = if left { Side::Left } else { Side::Right };
                two.settle();
                let again = two.decision(false);
                prop_assert!(again.moves.is_empty() && again.agreed.is_empty(), "{:?}", again);
            }
        }
    }

    /// After every decision a group that was written holds what one side had, as a whole.
    #[test]
    fn a_group_never_splits(
        winner in prop::sample::select(vec![
            "newest wins", "newest record wins", "salesforce wins", "hubspot wins", "prefer salesforce unless blank", "ask first",
        ]),
        rounds in prop::collection::vec(((word(), word()), (word(), word()), any::<bool>()), 1..6),
    ) {
        let mut two = Two::new(&ADDRESS.replace("WINNER", winner));
        for ((address, city), (street, town), left_is_newer) in rounds {
            two.newer = if left_is_newer { Side::Left } else { Side::Right };
            two.set(Side::Left, "address", &address);
            two.set(Side::Left, "city", &city);
            two.set(Side::Right, "Street", &street);
            two.set(Side::Right, "City", &town);
            let before = BTreeSet::from([(address, city), (street, town)]);
            two.settle();
            let left = (two.text(Side::Left, "address"), two.text(Side::Left, "city"));
            let right = (two.text(Side::Right, "Street"), two.text(Side::Right, "City"));
            prop_assert!(before.contains(&left) && before.contains(&right), "{before:?} became {left:?} and {right:?}");
            prop_assert!(left == right || winner == "ask first");
        }
    }
}
