//! How long to wait between passes: what the settings say, longer when the calls that are left would not last a day.

use std::collections::VecDeque;
use std::time::Duration;

use crate::data::{BySide, Side};

/// However little is left, a pass is tried this often: the day rolls on, and calls come back.
const LONGEST: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Passes whose cost is remembered.
const MEMORY: usize = 5;

#[derive(Debug, Default)]
pub(super) struct Pace {
    costs: VecDeque<BySide<u64>>,
}

impl Pace {
    /// Calls of a pass that were no writes: what passes cost even when nothing changes.
    pub(super) fn note(&mut self, reads: BySide<u64>) {
        self.costs.push_back(reads);
        if self.costs.len() > MEMORY {
            self.costs.pop_front();
        }
    }

    /// From the start of one pass to the start of the next, and the side whose budget makes it longer than `wish`.
    pub(super) fn interval(&self, wish: Duration, left: BySide<Option<u64>>) -> (Duration, Option<Side>) {
        let mut longest = (wish, None);
        // One pass alone tells nothing: the first reads everything.
        if self.costs.len() < 2 {
            return longest;
        }
        for side in Side::BOTH {
            let cost = self.costs.iter().map(|cost| cost[side]).min().unwrap_or(0);
            let Some(left) = left[side].filter(|_| cost > 0) else { continue };
            let lasting = DAY.mul_f64(cost as f64 / left.max(1) as f64).min(LONGEST);
            if lasting > longest.0 {
                longest = (lasting, Some(side));
            }
        }
        longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn pace(costs: &[(u64, u64)]) -> Pace {
        let mut pace = Pace::default();
        costs.iter().for_each(|(left, right)| pace.note(BySide::new(*left, *right)));
        pace
    }

    #[test]
    fn passes_come_as_wished_while_the_calls_last() {
        let pace = pace(&[(900, 900), (4, 3)]);
        assert_eq!(pace.interval(MINUTE, BySide::new(Some(50_000), Some(5_000))), (MINUTE, None));
        assert_eq!(pace.interval(MINUTE, BySide::new(None, None)), (MINUTE, None));
    }

    #[test]
    fn few_calls_left_are_spread_over_a_day() {
        let pace = pace(&[(4, 3), (4, 3)]);
        let (interval, why) = pace.interval(MINUTE, BySide::new(Some(50_000), Some(864)));
        assert_eq!((interval, why), (Duration::from_secs(300), Some(Side::Right)));
        assert_eq!(pace.interval(MINUTE, BySide::new(Some(0), Some(864))), (LONGEST, Some(Side::Left)));
    }

    #[test]
    fn the_first_pass_and_a_single_dear_one_change_nothing() {
        let budget = BySide::new(Some(1_000), Some(1_000));
        assert_eq!(pace(&[(900, 900)]).interval(MINUTE, budget), (MINUTE, None));
        assert_eq!(pace(&[(0, 0), (900, 900), (0, 0)]).interval(MINUTE, budget), (MINUTE, None));
    }

    #[test]
    fn a_wish_beyond_the_longest_wait_is_kept() {
        let wish = Duration::from_secs(2 * 60 * 60);
        assert_eq!(pace(&[(4, 4), (4, 4)]).interval(wish, BySide::new(Some(0), None)), (wish, None));
    }
}
