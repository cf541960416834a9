//! Record ids: fifteen letters and digits, or eighteen with a checksum of the case.

/// Whether a text may go into a query or a path as an id.
pub(super) fn is_id(id: &str) -> bool {
    matches!(id.len(), 15 | 18) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The eighteen-character form.
pub(super) fn long(id: &str) -> String {
    if id.len() != 15 || !is_id(id) {
        return id.to_owned();
    }
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let check = id.as_bytes().chunks(5).map(|five| {
        let bits =
            five.iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase()).map(|(at, _)| 1 << at).sum::<usize>();
        ALPHABET[bits] as char
    });
    id.chars().chain(check).collect()
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
            assert_eq!(long(short), format!("{short}{tail}"));
        }
        assert!(!is_id("001R00000064wd'") && !is_id("../limits") && !is_id(""));
    }
}
