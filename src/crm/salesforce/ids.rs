//! Record ids: fifteen letters and digits, or eighteen with a checksum of the case.

use crate::data::{id_checksum, id_core};

/// Whether a text may go into a query or a path as an id: its checksum, where it has one, is right.
pub(super) fn is_id(id: &str) -> bool {
    match id.len() {
        15 => id_checksum(id).is_some(),
        18 => id_core(id).len() == 15,
        _ => false,
    }
}

/// The eighteen-character form, in which ids are kept and compared.
pub(super) fn long(id: &str) -> String {
    let core = id_core(id);
    match id_checksum(core) {
        Some(check) => core.chars().chain(check.map(char::from)).collect(),
        None => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_salesforces() {
        for (short, tail) in [
            ("001R00000064wdt", "IAA"),
            ("0019000000oC4Hk", "AAK"),
            ("003D000000QOMqg", "IAH"),
            ("00190000001pPvH", "AAU"),
        ] {
            let full = format!("{short}{tail}");
            assert_eq!((long(short), long(&full)), (full.clone(), full.clone()));
            assert!(is_id(short) && is_id(&full) && !is_id(&full.to_lowercase()));
        }
        assert!(!is_id("001R00000064wdtIAB"), "a wrong checksum");
        assert!(!is_id("001R00000064wd'") && !is_id("../limits") && !is_id(""));
    }
}
