//! Addresses that are one slip of the finger away. They are looked up by the same index as the address itself, so the work
//! hangs on its length and not on the number of records.

use std::collections::BTreeSet;

/// Longest address for which slips are tried: about five thousand look-ups.
const LONGEST: usize = 64;
/// What an address is typed with.
const KEYS: &str = "abcdefghijklmnopqrstuvwxyz0123456789.-_+@";

/// One letter missing, too many, another, or two swapped.
pub(super) fn candidates(address: &str) -> Vec<String> {
    let letters: Vec<char> = address.trim().to_lowercase().chars().collect();
    if letters.len() > LONGEST {
        return Vec::new();
    }
    let mut out = BTreeSet::new();
    let join =
        |head: &[char], middle: &[char], tail: &[char]| head.iter().chain(middle).chain(tail).collect::<String>();
    for at in 0..=letters.len() {
        let (head, tail) = letters.split_at(at);
        for key in KEYS.chars() {
            out.insert(join(head, &[key], tail));
        }
        if let [first, rest @ ..] = tail {
            out.insert(join(head, &[], rest));
            for key in KEYS.chars() {
                out.insert(join(head, &[key], rest));
            }
            if let [second, rest @ ..] = rest {
                out.insert(join(head, &[*second, *first], rest));
            }
        }
    }
    out.remove(&letters.iter().collect::<String>());
    out.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_of_any_kind_is_among_them() {
        let all = candidates("Ada@Globex.io");
        for slip in ["ada@globexio", "ada@glboex.io", "adaa@globex.io", "eda@globex.io", "ada@globex.io."] {
            assert!(all.iter().any(|one| one == slip), "{slip}");
        }
        assert!(!all.contains(&"ada@globex.io".to_owned()), "not itself");
        assert!(candidates(&"a".repeat(65)).is_empty());
        assert!(candidates("").len() < 50);
        assert!(candidates(&"ü".repeat(64)).len() < 6_000);
    }
}
