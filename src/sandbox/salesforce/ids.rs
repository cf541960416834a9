//! Record ids: 15 base-62 characters, case-sensitive, and three more that guard their case.

use std::fmt;

const CHECK: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A record id; shown with its suffix, compared without.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 15]);

impl Id {
    /// Sorts before every other.
    pub(super) const LEAST: Id = Id(*b"000000000000000");

    /// Reads 15 characters, or 18 with the right suffix.
    pub fn parse(text: &str) -> Option<Id> {
        let bytes = text.as_bytes();
        if !bytes.iter().all(u8::is_ascii_alphanumeric) {
            return None;
        }
        let id = Id(bytes.get(..15)?.try_into().ok()?);
        match bytes.len() {
            15 => Some(id),
            18 => (bytes.get(15..)? == id.suffix()).then_some(id),
            _ => None,
        }
    }

    /// A new id of the object with this key prefix. Ids of one object come in no order.
    pub fn random(prefix: &str, rng: &mut fastrand::Rng) -> Id {
        let mut bytes = *b"000Hs0000000000";
        for (to, from) in bytes.iter_mut().zip(prefix.bytes().take(3)) {
            *to = from;
        }
        for to in bytes.iter_mut().skip(10) {
            *to = BASE62.get(rng.usize(..62)).copied().unwrap_or(b'0');
        }
        Id(bytes)
    }

    /// The id numbered `n` of an object, for rows that every org has.
    pub fn numbered(prefix: &str, n: usize) -> Id {
        let text = format!("{prefix:0<3.3}Hs000000{n:04}");
        text.as_bytes().get(..15).and_then(|b| b.try_into().ok()).map_or(Id::LEAST, Id)
    }

    /// The first three characters, which name the object.
    pub fn prefix(&self) -> &str {
        self.short().get(..3).unwrap_or_default()
    }

    /// The 15 characters without suffix.
    pub fn short(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Bit `j` of each group of five says that character `j` is a capital.
    fn suffix(&self) -> [u8; 3] {
        let mut out = [b'A'; 3];
        for (to, group) in out.iter_mut().zip(self.0.chunks(5)) {
            let bits = group.iter().enumerate().map(|(j, c)| usize::from(c.is_ascii_uppercase()) << j).sum::<usize>();
            *to = CHECK.get(bits).copied().unwrap_or(b'A');
        }
        out
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = self.suffix();
        f.write_str(self.short())?;
        f.write_str(std::str::from_utf8(&suffix).unwrap_or_default())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_guards_the_case() {
        for (short, suffix) in [
            ("001R00000064wdt", "IAA"),
            ("0019000000oC4Hk", "AAK"),
            ("003D000000QOMqg", "IAH"),
            ("00190000001pPvH", "AAU"),
            ("a00D0000008pQR5", "IAM"),
            ("001xx000003DGb1", "AAG"),
        ] {
            let long = format!("{short}{suffix}");
            assert_eq!(Id::parse(short).map(|i| i.to_string()).as_deref(), Some(long.as_str()));
            assert_eq!(Id::parse(&long), Id::parse(short));
            assert_eq!(Id::parse(&long.to_lowercase()), None);
        }
        for text in ["", "001", "001R00000064wd-", "001R00000064wdtI", "００１R00000064w"] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
        assert_eq!(Id::numbered("00D", 7).to_string().len(), 18);
    }
}
