//! The three-way merge of one map row: the table of winners in `docs/language.md`, as code.

use crate::data::{Cell, Side};
use crate::lang::plan::{Flow, Winner};

/// Where one row's value has to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged {
    /// Nothing to write; both sides stand as they are.
    Agree,
    /// The other side's value goes to this side.
    Push(Side),
    /// Both changed and the newer wins: the times of change are needed.
    NeedTimes,
}

/// What a merge looks at: the values of both sides, whether each differs from what it was when last agreed (`None` at the
/// first link), whether the values mean the same, and which side was changed last, where that is known.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    pub left: Cell<'a>,
    pub right: Cell<'a>,
    /// `(left changed, right changed)`.
    pub changed: Option<(bool, bool)>,
    pub equal: bool,
    pub newer: Option<Side>,
}

impl<'a> Seen<'a> {
    fn blank(&self, side: Side) -> bool {
        match side {
            Side::Left => self.left.is_blank(),
            Side::Right => self.right.is_blank(),
        }
    }
}

pub fn merge(flow: Flow, winner: Winner, seen: &Seen<'_>) -> Merged {
    if seen.equal {
        return Merged::Agree;
    }
    match (flow, seen.changed) {
        (_, Some((false, false))) => Merged::Agree,
        (Flow::To(side), Some(_)) => Merged::Push(side),
        // A blank never clears at the first link.
        (Flow::To(side), None) if seen.blank(side.other()) => Merged::Agree,
        (Flow::To(side), None) => Merged::Push(side),
        (Flow::Both, None) => first_link(winner, seen),
        (Flow::Both, Some((true, false))) => one_changed(winner, Side::Left, seen),
        (Flow::Both, Some((false, true))) => one_changed(winner, Side::Right, seen),
        (Flow::Both, Some((true, true))) => both_changed(winner, seen),
    }
}

fn first_link(winner: Winner, seen: &Seen<'_>) -> Merged {
    match (seen.blank(Side::Left), seen.blank(Side::Right)) {
        (true, true) => Merged::Agree,
        (true, false) => Merged::Push(Side::Left),
        (false, true) => Merged::Push(Side::Right),
        (false, false) => match winner {
            Winner::Wins(side) | Winner::Prefer(side) => Merged::Push(side.other()),
            Winner::Newest | Winner::NewestRecord => newer(seen),
        },
    }
}

fn one_changed(winner: Winner, changed: Side, seen: &Seen<'_>) -> Merged {
    match winner {
        // The side that is not preferred fills a blank, and else gets its old value back.
        Winner::Prefer(preferred) if preferred != changed => match seen.blank(preferred) && !seen.blank(changed) {
            true => Merged::Push(preferred),
            false => Merged::Push(changed),
        },
        _ => Merged::Push(changed.other()),
    }
}

fn both_changed(winner: Winner, seen: &Seen<'_>) -> Merged {
    match winner {
        Winner::Wins(side) => Merged::Push(side.other()),
        Winner::Prefer(side) if seen.blank(side) => Merged::Push(side),
        Winner::Prefer(side) => Merged::Push(side.other()),
        Winner::Newest | Winner::NewestRecord => newer(seen),
    }
}

fn newer(seen: &Seen<'_>) -> Merged {
    match seen.newer {
        Some(side) => Merged::Push(side.other()),
        None => Merged::NeedTimes,
    }
}

/// Whether the outcome would be another, had the side that is written to changed as well: then what the write replaces
/// must be known.
pub fn contested(flow: Flow, winner: Winner, to: Side, value: &Cell<'_>) -> bool {
    match (flow, winner) {
        (Flow::To(_), _) => false,
        (_, Winner::Newest | Winner::NewestRecord) => true,
        (_, Winner::Wins(side)) => side == to,
        (_, Winner::Prefer(side)) => side == to || value.is_blank(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Merged::*;
    use Side::*;

    const H: Cell<'_> = Cell::Text("h");
    const S: Cell<'_> = Cell::Text("s");
    const BLANK: Cell<'_> = Cell::Null;

    fn run(
        winner: Winner,
        left: Cell<'_>,
        right: Cell<'_>,
        changed: Option<(bool, bool)>,
        newer: Option<Side>,
    ) -> Merged {
        let equal = left.same(&right);
        merge(Flow::Both, winner, &Seen { left, right, changed, equal, newer })
    }

    /// One row of the table: H changed, S changed, S cleared, H cleared, both changed, S cleared and H changed, first link.
    fn row(winner: Winner, newer: Option<Side>) -> [Merged; 7] {
        [
            run(winner, H, S, Some((true, false)), newer),
            run(winner, H, S, Some((false, true)), newer),
            run(winner, H, BLANK, Some((false, true)), newer),
            run(winner, BLANK, S, Some((true, false)), newer),
            run(winner, H, S, Some((true, true)), newer),
            run(winner, H, BLANK, Some((true, true)), newer),
            run(winner, H, S, None, newer),
        ]
    }

    #[test]
    fn the_table_of_winners() {
        let (l, r) = (Push(Left), Push(Right));
        assert_eq!(row(Winner::Newest, None), [r, l, l, r, NeedTimes, NeedTimes, NeedTimes]);
        assert_eq!(row(Winner::Newest, Some(Left)), [r, l, l, r, r, r, r]);
        assert_eq!(row(Winner::NewestRecord, Some(Right)), [r, l, l, r, l, l, l]);
        assert_eq!(row(Winner::Wins(Right), None), [r, l, l, r, l, l, l]);
        assert_eq!(row(Winner::Wins(Left), None), [r, l, l, r, r, r, r]);
        assert_eq!(row(Winner::Prefer(Right), None), [l, l, l, l, l, r, l]);
        assert_eq!(row(Winner::Prefer(Left), None), [r, r, r, r, r, r, r]);
    }

    #[test]
    fn the_side_that_is_not_preferred_fills_a_blank() {
        assert_eq!(run(Winner::Prefer(Right), H, BLANK, Some((true, false)), None), Push(Right));
        assert_eq!(run(Winner::Prefer(Left), BLANK, S, Some((false, true)), None), Push(Left));
    }

    #[test]
    fn a_blank_never_clears_at_the_first_link() {
        for winner in [Winner::Newest, Winner::Wins(Right), Winner::Prefer(Right), Winner::Wins(Left)] {
            assert_eq!(run(winner, H, BLANK, None, None), Push(Right));
            assert_eq!(run(winner, BLANK, S, None, None), Push(Left));
        }
        let seen = Seen { left: H, right: BLANK, changed: None, equal: false, newer: None };
        assert_eq!(merge(Flow::To(Left), Winner::Wins(Right), &seen), Agree);
        assert_eq!(merge(Flow::To(Right), Winner::Wins(Left), &seen), Push(Right));
    }

    #[test]
    fn one_way_rows_bring_the_source_back() {
        let seen = Seen { left: H, right: S, changed: Some((true, false)), equal: false, newer: None };
        assert_eq!(merge(Flow::To(Left), Winner::Wins(Right), &seen), Push(Left));
    }
}
