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

/// An id as it is compared: its first fifteen characters, which are case-sensitive.
pub fn id_core(id: &str) -> &str {
    let id = id.trim();
    id.get(..15).unwrap_or(id)
}
