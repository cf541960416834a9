//! Hashes: of everything that decided (to know that nothing changed), and of a plan.

use std::fmt;

/// Identifies a plan by its meaning. The same rules against the same schemas give the same digest everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 16]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Digest {
        let mut out = [0; 16];
        out.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
        Digest(out)
    }

    /// The first eight hex digits: what people see.
    pub fn short(&self) -> String {
        self.0[..4].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A 64-bit hash with no secret in it: equal on every machine and in every version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// Eight bytes at a time, multiplied and mixed; used for look-ups whose hits are verified, never for trust.
    pub fn of(bytes: &[u8]) -> Fingerprint {
        Fingerprint::default().with(bytes)
    }

    pub fn with(self, bytes: &[u8]) -> Fingerprint {
        let mix = |hash: u64, word: u64| {
            let hash = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            hash ^ (hash >> 32)
        };
        let (words, rest) = bytes.as_chunks::<8>();
        // The length keeps apart what only differs in zeroes at the end.
        let mut hash = mix(self.0 ^ 0xcbf2_9ce4_8422_2325, bytes.len() as u64);
        for word in words {
            hash = mix(hash, u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        hash = mix(hash, u64::from_le_bytes(last));
        hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
        Fingerprint(hash ^ (hash >> 29))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn zeroes_lengths_and_borders_are_told_apart() {
        let zeroes = (0..40).map(|length| Fingerprint::of(&vec![0; length]));
        let numbers = (1..100_000u32).map(|n| Fingerprint::of(format!("person{n}@example.com").as_bytes()));
        let borders = [("ab", "c"), ("a", "bc"), ("", "abc"), ("abc", "")];
        let borders = borders.map(|(a, b)| Fingerprint::of(a.as_bytes()).with(b.as_bytes()));
        let all: Vec<Fingerprint> = zeroes.chain(numbers).chain(borders).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }
}
