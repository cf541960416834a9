//! Two groups that meet for the first time. As of a row by itself, a blank clears nothing: halves of one thing complete each
//! other, and of two things none replaces the other where a known value would go for a blank.

use crate::data::Side;
use crate::lang::plan::Policy;

use super::push::push;
use super::seen::equal;
use super::{Pair, Row};
use crate::decide::decision::{Decision, Held};
use crate::decide::program::Program;

/// Whether nobody has changed what was agreed before: of some rows it may be, while others wait.
pub(super) fn still_meet(rows: &[Row<'_>]) -> bool {
    rows.iter().all(|row| row.agreed.is_none() || row.is_quiet())
}

/// Whether some row says one thing on the left and another on the right.
pub(super) fn contradict(program: &Program, policy: &Policy, rows: &[Row<'_>], pair: &Pair<'_>) -> bool {
    rows.iter().any(|row| {
        let known = !row.seen.left.is_blank() && !row.seen.right.is_blank();
        row.agreed.is_none() && known && !waits(program, row, pair) && !equal(program, policy, row, pair)
    })
}

/// What a `place` does not know says nothing, and is held by itself.
fn waits(program: &Program, row: &Row<'_>, pair: &Pair<'_>) -> bool {
    Side::BOTH.into_iter().any(|to| row.waits(program, to, pair).is_some())
}

/// What is known goes to the side that has a blank there: all that goes to a side, or nothing on either.
pub(super) fn complete(program: &Program, policy: &Policy, rows: &[Row<'_>], pair: &Pair<'_>, out: &mut Decision) {
    let (moves, agreed) = (out.moves.len(), out.agreed.len());
    let lacks = |row: &Row<'_>, to: Side| {
        let blank = row.seen[to].is_blank() && !row.seen[to.other()].is_blank();
        row.agreed.is_none() && blank && policy.writes(to)
    };
    for to in Side::BOTH {
        let given: Vec<Row<'_>> = rows.iter().filter(|row| lacks(row, to)).cloned().collect();
        if given.is_empty() || !pair.open[to] {
            continue;
        }
        let before = out.moves.len();
        push(program, policy, &given, to, pair, out);
        let written = out.moves.len() > before;
        if !written && given.iter().any(|row| !waits(program, row, pair)) {
            out.moves.truncate(moves);
            out.agreed.truncate(agreed);
            return;
        }
    }
    rows.iter().filter(|row| Side::BOTH.iter().all(|to| !lacks(row, *to))).for_each(|row| row.agree(out));
}

/// What pushing to a side would clear there, if that is anything: it is told, and nothing is pushed.
pub(super) fn hold_gaps(program: &Program, rows: &[Row<'_>], to: Side, pair: &Pair<'_>, out: &mut Decision) -> bool {
    let is_gap =
        |row: &&Row<'_>| row.seen[to.other()].is_blank() && !row.seen[to].is_blank() && !waits(program, row, pair);
    let side = |side: Side| if side == Side::Left { "left" } else { "right" };
    let before = out.held.len();
    for row in rows.iter().filter(is_gap) {
        out.held.push(match row.known(program, pair) {
            true => Held::quiet(&row.line.rule),
            false => {
                let why = format!(
                    "the two sides differ, and the one that counts ({}) has nothing here, where the other one ({}) has {}: \
                     make them equal, or fill this in or clear it on both",
                    side(to.other()),
                    side(to),
                    row.seen[to]
                );
                Held::skipped(&row.line.rule, why, row.inputs(program))
            }
        });
    }
    out.held.len() > before
}
