//! The three-way merge of one map row, or of the rows of a `together`: the table of winners in `docs/language.md`, as code.

use crate::data::{BySide, Side};
use crate::lang::plan::{Flow, OnClear, Onto, Policy, Winner};

/// Where the values have to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged {
    /// Nothing to write; both sides stand as they are.
    Agree,
    /// Nothing to write, and what was agreed before still counts.
    Stay,
    /// The other side's value goes to this side.
    Push(Side),
    /// What either side added or took away goes to the other, value by value.
    Values,
    /// Both changed and the newer wins: the times of change are needed.
    NeedTimes,
    /// A person decides.
    Ask,
    /// A value has no place in the order that decides.
    Unranked,
}

/// What a merge looks at. Of several rows, a side is blank when all its values are, and changed when one is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub blank: BySide<bool>,
    /// Each side against what was last agreed; `None` at the first link.
    pub since: Option<BySide<Since>>,
    /// Whether the values of both sides mean the same.
    pub equal: bool,
    /// Which side was changed last, where that is known.
    pub newer: Option<Side>,
    /// For `forward only`.
    pub higher: Higher,
}

/// One side against its last agreed value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Since {
    pub changed: bool,
    pub was_blank: bool,
}

/// Which side's value stands higher in the order. A blank is below everything and needs no place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Higher {
    Side(Side),
    Neither,
    #[default]
    Unknown,
}

impl Seen {
    fn cleared(&self, side: Side) -> bool {
        self.blank[side] && self.since.is_some_and(|since| since[side].changed && !since[side].was_blank)
    }

    /// Whether the side changed, other than by a clear that the row leaves where it is.
    fn moved(&self, side: Side, policy: &Policy) -> bool {
        let changed = self.since.is_some_and(|since| since[side].changed);
        changed && !(self.cleared(side) && policy.clear[side] == OnClear::Keep)
    }
}

pub fn merge(policy: &Policy, seen: &Seen) -> Merged {
    if seen.equal {
        return Merged::Agree;
    }
    if seen.since.is_some_and(|since| !since.left.changed && !since.right.changed) {
        return Merged::Agree;
    }
    if policy.by_value() {
        return Merged::Values;
    }
    match (policy.onto, policy.flow, seen.since) {
        (Onto::IfBlank, ..) => fill(policy, seen),
        // A blank never clears at the first link.
        (_, Flow::To(side), None) if seen.blank[side.other()] => Merged::Agree,
        (_, Flow::To(side), None) => Merged::Push(side),
        (_, Flow::To(side), Some(since)) => one_way(policy, side, seen, &since),
        (_, Flow::Both, None) => first_link(policy.winner, seen),
        (_, Flow::Both, Some(_)) => both_ways(policy, seen),
    }
}

/// `if blank`: a known value is never replaced.
fn fill(policy: &Policy, seen: &Seen) -> Merged {
    let target = Side::BOTH.into_iter().find(|side| policy.writes(*side) && seen.blank[*side]);
    match target {
        // Written once: what was agreed still says that there was a value.
        Some(side) if policy.clear[side] == OnClear::Keep && seen.since.is_some_and(|since| !since[side].was_blank) => {
            Merged::Stay
        }
        Some(side) => Merged::Push(side),
        None => Merged::Agree,
    }
}

fn one_way(policy: &Policy, target: Side, seen: &Seen, since: &BySide<Since>) -> Merged {
    let source = target.other();
    if seen.moved(source, policy) {
        return Merged::Push(target);
    }
    // A blank that was left beside a known value, by the first link or by `keep`, stays until the source changes.
    let left_alone = seen.blank[source] && (seen.cleared(source) || !since[target].was_blank);
    match left_alone || !seen.moved(target, policy) {
        true => Merged::Agree,
        false => Merged::Push(target),
    }
}

fn first_link(winner: Winner, seen: &Seen) -> Merged {
    match (seen.blank.left, seen.blank.right) {
        (true, true) => Merged::Agree,
        (true, false) => Merged::Push(Side::Left),
        (false, true) => Merged::Push(Side::Right),
        (false, false) => both_changed(winner, seen),
    }
}

fn both_ways(policy: &Policy, seen: &Seen) -> Merged {
    let restored = Side::BOTH.into_iter().find(|side| seen.cleared(*side) && policy.clear[*side] == OnClear::Restore);
    if let Some(side) = restored {
        return Merged::Push(side);
    }
    match (seen.moved(Side::Left, policy), seen.moved(Side::Right, policy)) {
        (false, false) => Merged::Agree,
        (true, false) => one_changed(policy.winner, Side::Left, seen),
        (false, true) => one_changed(policy.winner, Side::Right, seen),
        (true, true) => both_changed(policy.winner, seen),
    }
}

fn one_changed(winner: Winner, changed: Side, seen: &Seen) -> Merged {
    match winner {
        // The side that is not preferred fills a blank, and else gets its old value back.
        Winner::Prefer(preferred) if preferred != changed && !seen.cleared(changed) => {
            match seen.blank[preferred] && !seen.blank[changed] {
                true => Merged::Push(preferred),
                false => Merged::Push(changed),
            }
        }
        Winner::ForwardOnly if !seen.cleared(changed) => higher(seen),
        _ => Merged::Push(changed.other()),
    }
}

fn both_changed(winner: Winner, seen: &Seen) -> Merged {
    match winner {
        Winner::Wins(side) => Merged::Push(side.other()),
        Winner::Prefer(side) if seen.blank[side] => Merged::Push(side),
        Winner::Prefer(side) => Merged::Push(side.other()),
        Winner::Newest | Winner::NewestRecord => match seen.newer {
            Some(side) => Merged::Push(side.other()),
            None => Merged::NeedTimes,
        },
        Winner::ForwardOnly => higher(seen),
        Winner::AskFirst => Merged::Ask,
        Winner::MergeValues => Merged::Values,
    }
}

fn higher(seen: &Seen) -> Merged {
    match (seen.blank.left, seen.blank.right, seen.higher) {
        (true, true, _) | (_, _, Higher::Neither) => Merged::Agree,
        (true, false, _) => Merged::Push(Side::Left),
        (false, true, _) => Merged::Push(Side::Right),
        (.., Higher::Side(side)) => Merged::Push(side.other()),
        (.., Higher::Unknown) => Merged::Unranked,
    }
}

/// Whether the outcome would be another, had the side that is written to changed as well: then what the write replaces
/// must be known.
pub fn contested(policy: &Policy, to: Side, blank: bool) -> bool {
    match (policy.flow, policy.winner) {
        _ if policy.onto != Onto::Replace => true,
        (Flow::To(_), _) => false,
        (_, Winner::Wins(side)) => side == to,
        (_, Winner::Prefer(side)) => side == to || blank,
        (_, Winner::Newest | Winner::NewestRecord | Winner::MergeValues | Winner::ForwardOnly | Winner::AskFirst) => {
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Merged::*;
    use Side::*;

    /// A value as a number: blank is none, and a higher one stands higher in the order.
    type V = Option<u8>;

    fn seen(now: (V, V), agreed: Option<(V, V)>, newer: Option<Side>) -> Seen {
        let since = |now: V, was: V| Since { changed: now != was, was_blank: was.is_none() };
        let higher = match now.0.cmp(&now.1) {
            std::cmp::Ordering::Less => Higher::Side(Right),
            std::cmp::Ordering::Equal => Higher::Neither,
            std::cmp::Ordering::Greater => Higher::Side(Left),
        };
        Seen {
            blank: BySide::new(now.0.is_none(), now.1.is_none()),
            since: agreed.map(|was| BySide::new(since(now.0, was.0), since(now.1, was.1))),
            equal: now.0 == now.1,
            newer,
            higher,
        }
    }

    fn row(policy: Policy, newer: Side) -> [Merged; 9] {
        let go = |now, agreed| merge(&policy, &seen(now, agreed, Some(newer)));
        let (old, h, s) = (Some(1), Some(3), Some(2));
        let agreed = Some((old, old));
        [
            go((h, old), agreed),
            go((old, s), agreed),
            go((old, None), agreed),
            go((None, old), agreed),
            go((h, s), agreed),
            go((h, None), agreed),
            go((None, s), agreed),
            go((h, s), None),
            go((h, None), None),
        ]
    }

    /// Every row of the table in `docs/language.md`, in its columns: HubSpot changed, Salesforce changed, Salesforce
    /// cleared, HubSpot cleared, both changed, Salesforce cleared and HubSpot changed, the mirror of it, first link with
    /// both known, first link with Salesforce blank.
    #[test]
    fn the_table_of_winners() {
        let (l, r) = (Push(Left), Push(Right));
        let both = |winner| Policy::new(Flow::Both, winner, Onto::Replace);
        let one_way = |to: Side| Policy::new(Flow::To(to), Winner::Wins(to.other()), Onto::Replace);
        let table = [
            (both(Winner::Newest), Left, [r, l, l, r, r, r, r, r, r]),
            (both(Winner::Newest), Right, [r, l, l, r, l, l, l, l, r]),
            (both(Winner::NewestRecord), Left, [r, l, l, r, r, r, r, r, r]),
            (both(Winner::NewestRecord), Right, [r, l, l, r, l, l, l, l, r]),
            (both(Winner::Wins(Right)), Left, [r, l, l, r, l, l, l, l, r]),
            (both(Winner::Wins(Left)), Right, [r, l, l, r, r, r, r, r, r]),
            (both(Winner::Prefer(Right)), Left, [l, l, l, l, l, r, l, l, r]),
            (both(Winner::Prefer(Left)), Right, [r, r, r, r, r, r, l, r, r]),
            (one_way(Left), Left, [l, l, l, l, l, l, l, l, Agree]),
            (one_way(Right), Right, [r, r, r, r, r, r, r, r, r]),
            (both(Winner::MergeValues), Left, [Values; 9]),
            // HubSpot's 3 stands above Salesforce's 2, and both above the 1 before.
            (both(Winner::ForwardOnly), Right, [r, l, r, l, r, r, l, r, r]),
            (both(Winner::AskFirst), Right, [r, l, l, r, Ask, Ask, Ask, Ask, r]),
            (
                Policy::new(Flow::To(Right), Winner::Wins(Left), Onto::IfBlank),
                Left,
                [Agree, Agree, r, Agree, Agree, r, Agree, Agree, r],
            ),
            (Policy::new(Flow::To(Right), Winner::Wins(Left), Onto::AddOnly), Left, [Values; 9]),
        ];
        for (policy, newer, expected) in table {
            assert_eq!(row(policy, newer), expected, "{policy:?}, newer {newer:?}");
        }
    }

    #[test]
    fn the_newer_is_asked_for_only_where_it_decides() {
        let policy = Policy::new(Flow::Both, Winner::Newest, Onto::Replace);
        assert_eq!(merge(&policy, &seen((Some(2), Some(3)), Some((Some(1), Some(1))), None)), NeedTimes);
        assert_eq!(merge(&policy, &seen((Some(2), Some(3)), None, None)), NeedTimes);
        assert_eq!(merge(&policy, &seen((Some(2), Some(1)), Some((Some(1), Some(1))), None)), Push(Right));
    }

    #[test]
    fn the_side_that_is_not_preferred_fills_a_blank() {
        let policy = Policy::new(Flow::Both, Winner::Prefer(Right), Onto::Replace);
        assert_eq!(merge(&policy, &seen((Some(1), None), Some((None, None)), None)), Push(Right));
    }

    #[test]
    fn what_a_clear_does_is_the_rows_own_word() {
        let with = |flow, winner, side: Side, clear| {
            let mut policy = Policy::new(flow, winner, Onto::Replace);
            policy.clear[side] = clear;
            policy
        };
        let agreed = Some((Some(1), Some(1)));
        let cleared = |policy: &Policy| merge(policy, &seen((None, Some(1)), agreed, Some(Left)));
        let and_other = |policy: &Policy| merge(policy, &seen((None, Some(2)), agreed, Some(Left)));
        let newest = |clear| with(Flow::Both, Winner::Newest, Left, clear);
        assert_eq!([cleared(&newest(OnClear::Pass)), and_other(&newest(OnClear::Pass))], [Push(Right), Push(Right)]);
        assert_eq!([cleared(&newest(OnClear::Keep)), and_other(&newest(OnClear::Keep))], [Agree, Push(Left)]);
        assert_eq!([cleared(&newest(OnClear::Restore)), and_other(&newest(OnClear::Restore))], [Push(Left); 2]);
        let prefer = with(Flow::Both, Winner::Prefer(Right), Left, OnClear::Pass);
        assert_eq!([cleared(&prefer), and_other(&prefer)], [Push(Right), Push(Left)]);
        let reset = with(Flow::Both, Winner::ForwardOnly, Left, OnClear::Pass);
        assert_eq!([cleared(&reset), and_other(&reset)], [Push(Right), Push(Left)]);
        let target = with(Flow::To(Left), Winner::Wins(Right), Left, OnClear::Keep);
        assert_eq!([cleared(&target), and_other(&target)], [Agree, Push(Left)]);
        let source = with(Flow::To(Right), Winner::Wins(Left), Left, OnClear::Keep);
        assert_eq!([cleared(&source), and_other(&source)], [Agree, Agree]);
    }

    #[test]
    fn if_blank_with_keep_writes_once() {
        let mut policy = Policy::new(Flow::To(Right), Winner::Wins(Left), Onto::IfBlank);
        policy.clear = BySide::new(OnClear::Keep, OnClear::Keep);
        assert_eq!(merge(&policy, &seen((Some(1), None), Some((None, None)), None)), Push(Right));
        assert_eq!(merge(&policy, &seen((Some(1), None), Some((Some(1), Some(1))), None)), Stay);
        assert_eq!(merge(&policy, &seen((Some(2), None), Some((Some(1), Some(1))), None)), Stay);
    }

    #[test]
    fn a_blank_beside_a_known_target_is_left_until_the_source_moves() {
        let policy = Policy::new(Flow::To(Left), Winner::Wins(Right), Onto::Replace);
        assert_eq!(merge(&policy, &seen((Some(1), None), None, None)), Agree);
        assert_eq!(merge(&policy, &seen((Some(2), None), Some((Some(1), None)), None)), Agree);
        assert_eq!(merge(&policy, &seen((Some(2), None), Some((None, None)), None)), Push(Left), "both were blank");
        assert_eq!(merge(&policy, &seen((Some(1), Some(3)), Some((Some(1), None)), None)), Push(Left));
    }

    fn policy() -> impl Strategy<Value = Policy> {
        let side = || prop::sample::select(vec![Left, Right]);
        let clear = || prop::sample::select(vec![OnClear::Pass, OnClear::Keep, OnClear::Restore]);
        let winner = prop_oneof![
            Just(Winner::Newest),
            Just(Winner::NewestRecord),
            side().prop_map(Winner::Wins),
            side().prop_map(Winner::Prefer),
            Just(Winner::ForwardOnly),
            Just(Winner::AskFirst),
        ];
        let flow = prop_oneof![Just(Flow::Both), side().prop_map(Flow::To)];
        let onto = prop::sample::select(vec![Onto::Replace, Onto::IfBlank]);
        (flow, winner, onto, clear(), clear()).prop_map(|(flow, winner, onto, left, right)| Policy {
            flow,
            winner: match flow {
                Flow::To(side) => Winner::Wins(side.other()),
                Flow::Both => winner,
            },
            onto,
            clear: BySide::new(left, right),
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn what_is_merged_stays_merged(
            policy in policy(),
            now in (prop::option::of(0u8..4), prop::option::of(0u8..4)),
            agreed in prop::option::of((prop::option::of(0u8..4), prop::option::of(0u8..4))),
            newer in prop::sample::select(vec![Left, Right]),
        ) {
            let first = merge(&policy, &seen(now, agreed, Some(newer)));
            let (now, agreed) = match first {
                Agree => (now, Some(now)),
                Push(Left) => ((now.1, now.1), Some((now.1, now.1))),
                Push(Right) => ((now.0, now.0), Some((now.0, now.0))),
                _ => (now, agreed),
            };
            let again = merge(&policy, &seen(now, agreed, Some(newer)));
            match first {
                Agree | Push(_) => prop_assert_eq!(again, Agree),
                other => prop_assert_eq!(again, other),
            }
            if let Push(side) = first {
                prop_assert!(policy.writes(side), "against the arrow");
            }
        }

        #[test]
        fn a_known_value_never_goes_where_the_row_says_if_blank(
            flow in prop::sample::select(vec![Flow::Both, Flow::To(Left), Flow::To(Right)]),
            now in (prop::option::of(0u8..4), prop::option::of(0u8..4)),
            agreed in prop::option::of((prop::option::of(0u8..4), prop::option::of(0u8..4))),
        ) {
            let policy = Policy::new(flow, Winner::Newest, Onto::IfBlank);
            let seen = seen(now, agreed, None);
            if let Push(side) = merge(&policy, &seen) {
                prop_assert!(seen.blank[side] && !seen.blank[side.other()]);
            }
        }
    }
}
