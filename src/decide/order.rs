//! Which of two values stands higher, for `forward only`.

use std::cmp::Ordering;

use crate::data::{Cell, Side};
use crate::lang::plan::Converted;

use super::lines::{Pair, Row};
use super::merge::Higher;
use super::program::Program;

/// Compares in the words of a side that has an order: the other side's value is converted to it. Numbers and times have an
/// order of their own.
pub(super) fn higher(program: &Program, row: &Row<'_>, pair: &Pair<'_>) -> Higher {
    let order = |side: Side| compare(program, row, side, pair).map(|order| (side, order));
    match order(Side::Right).or_else(|| order(Side::Left)) {
        Some((_, Ordering::Equal)) => Higher::Neither,
        Some((side, Ordering::Greater)) => Higher::Side(side),
        Some((side, Ordering::Less)) => Higher::Side(side.other()),
        None => Higher::Unknown,
    }
}

/// The value on `side` against the other one.
fn compare(program: &Program, row: &Row<'_>, side: Side, pair: &Pair<'_>) -> Option<Ordering> {
    let (line, ranks) = (row.line, &row.line.ranks[side]);
    let target = pair.target(line, side)?;
    let theirs = match row.convert(program, side, target) {
        Converted::Value(value) => value,
        _ => return None,
    };
    match (row.seen[side], theirs.cell()) {
        (Cell::Num(own), Cell::Num(theirs)) => Some(own.cmp(&theirs)),
        (Cell::Day(own), Cell::Day(theirs)) => Some(own.cmp(&theirs)),
        (Cell::Time(own), Cell::Time(theirs)) => Some(own.cmp(&theirs)),
        (Cell::Text(own), Cell::Text(theirs)) => {
            let rank = |text: &str| {
                let at = ranks.binary_search_by(|(option, _)| (**option).cmp(text)).ok()?;
                ranks.get(at).map(|(_, rank)| *rank)
            };
            Some(rank(own)?.cmp(&rank(theirs)?))
        }
        _ => None,
    }
}
