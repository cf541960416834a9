//! Worlds that are made up.

use std::collections::BTreeSet;

use super::*;

fn emails(file: &Value, list: &str, pointer: &str) -> BTreeSet<String> {
    let rows = file[list].as_array().unwrap();
    let all: BTreeSet<String> =
        rows.iter().map(|row| row.pointer(pointer).unwrap().as_str().unwrap().to_lowercase()).collect();
    assert_eq!(all.len(), rows.len(), "no e-mail is there twice");
    all
}

#[test]
fn four_in_ten_are_on_both_sides() {
    let now = Millis(1_795_428_000_000);
    let (hubspot, salesforce) = generate(2_000, 1, now);
    let left = emails(&hubspot, "contacts", "/properties/email");
    let mut right = emails(&salesforce, "Lead", "/Email");
    right.append(&mut emails(&salesforce, "Contact", "/Email"));
    assert_eq!(left.union(&right).count(), 2_000);
    assert!((740..860).contains(&left.intersection(&right).count()));
    assert_eq!((hubspot, salesforce), generate(2_000, 1, now));
    assert_ne!(generate(9, 1, now), generate(9, 2, now));
}
