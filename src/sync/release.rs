//! What a person's word lets pass beside the limit of the guard.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::store::Sid;

/// A word is given for a number of records, because people go on working while something is held. With the first count after
/// it the number becomes these very records: however many passes it takes, nobody else is let pass by it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Release {
    #[default]
    Nothing,
    /// So many, whichever they are by the next count.
    Records(u64),
    /// Those that were due at the first count, until all of it is done.
    Subjects(Arc<BTreeSet<Sid>>),
}

impl Release {
    /// How many of those that are due may not change by this word.
    pub(super) fn beyond(&self, due: &BTreeSet<Sid>) -> u64 {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        match self {
            Release::Nothing => count(due.len()),
            Release::Records(records) => count(due.len()).saturating_sub(*records),
            Release::Subjects(released) => count(due.difference(released).count()),
        }
    }

    /// What is left of it for the next pass, after one that the guard let go on with `due`.
    pub(super) fn counted(&mut self, due: BTreeSet<Sid>) {
        if matches!(self, Release::Records(_)) {
            *self = Release::Subjects(Arc::new(due));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sids(of: std::ops::Range<i64>) -> BTreeSet<Sid> {
        of.map(Sid).collect()
    }

    #[test]
    fn a_word_for_a_number_holds_from_the_first_count_on_for_those_that_were_counted() {
        let mut release = Release::Records(4);
        assert_eq!(release.beyond(&sids(0..5)), 1);
        release.counted(sids(0..5));
        assert_eq!(release.beyond(&sids(2..5)), 0);
        // As many others are not what the word was given for.
        assert_eq!(release.beyond(&sids(3..8)), 3);
        release.counted(sids(3..8));
        assert_eq!(release.beyond(&sids(3..8)), 3);
        assert_eq!(Release::Nothing.beyond(&sids(0..5)), 5);
    }
}
