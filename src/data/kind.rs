//! What type of value a field holds, the same for both CRMs.

use std::borrow::Cow;

/// The type that a schema gives a field, as far as reading, comparing and writing need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    Text,
    /// Text that is compared, kept and written in lower case without outer space.
    Email,
    /// A blank checkbox is false.
    Bool,
    Number,
    /// A calendar day, without a zone.
    Day,
    /// A moment.
    Time,
    /// One option of a list; the API name, exact.
    Option,
    /// Several options: text, sorted and joined by `;`.
    Options,
    /// A record's own id, or another record's. Its first fifteen characters are the id, the rest is a checksum.
    Id,
}

impl FieldKind {
    /// Several options in the order in which equal sets are equal text: trimmed, without repeats, sorted.
    pub fn canonical_options(text: &str) -> Cow<'_, str> {
        let parts: Vec<&str> = text.split(';').map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.is_sorted_by(|a, b| a < b) && parts.iter().map(|p| p.len() + 1).sum::<usize>() == text.len() + 1 {
            return Cow::Borrowed(text);
        }
        let sorted: std::collections::BTreeSet<&str> = parts.into_iter().collect();
        Cow::Owned(sorted.into_iter().collect::<Vec<_>>().join(";"))
    }
}

/// An id as it is compared, which is by case: of eighteen characters the first fifteen, if the rest is their checksum. One
/// with a wrong checksum is left whole, and equals none.
pub fn id_core(id: &str) -> &str {
    let id = id.trim();
    match id.split_at_checked(15) {
        Some((core, check)) if id_checksum(core).is_some_and(|sum| check.as_bytes() == sum.as_slice()) => core,
        _ => id,
    }
}

/// The three characters that guard the case of a fifteen-character id; `None` for any other text. Each stands for five
/// characters, the first of them in the lowest bit: capital or not.
pub fn id_checksum(core: &str) -> Option<[u8; 3]> {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let bytes = core.as_bytes();
    if bytes.len() != 15 || !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let mut out = [b'A'; 3];
    for (out, five) in out.iter_mut().zip(bytes.chunks(5)) {
        let capitals = five.iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase());
        *out = ALPHABET[capitals.map(|(at, _)| 1 << at).sum::<usize>()];
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_forms_of_an_id_are_equal_and_a_wrong_one_equals_none() {
        let short = "001R00000064wdt";
        for (id, core) in [
            (short, short),
            ("001R00000064wdtIAA", short),
            (" 001R00000064wdtIAA ", short),
            ("001R00000064wdtIAB", "001R00000064wdtIAB"),
            ("001r00000064wdtIAA", "001r00000064wdtIAA"),
            // All digits: an id of the other kind, however long.
            ("123456789012345678", "123456789012345678"),
            ("512", "512"),
            ("ééééééééé", "ééééééééé"),
        ] {
            assert_eq!(id_core(id), core);
        }
    }
}
