//! What the table of winners is asked: the rows of a group as one question.

use crate::data::{BySide, Millis, Side};
use crate::lang::plan::{Converted, Line, Policy, Winner};

use super::{Pair, Row};
use crate::decide::merge::{Higher, Seen, Since};
use crate::decide::order::higher;
use crate::decide::program::Program;

/// The rows as one question.
pub(super) fn seen(program: &Program, policy: &Policy, rows: &[Row<'_>], pair: &Pair<'_>) -> Seen {
    let asked_again = |row: &Row<'_>| policy.winner == Winner::AskFirst && row.is_disputed();
    let since = |side: Side| Since {
        changed: rows
            .iter()
            .any(|row| asked_again(row) || row.agreed.is_some_and(|agreed| !row.seen[side].same(&agreed.on(side)))),
        was_blank: rows.iter().all(|row| row.agreed.is_some_and(|agreed| agreed.on(side).is_blank())),
    };
    let linked = rows.iter().all(|row| row.agreed.is_some());
    let higher = match (policy.winner, rows) {
        (Winner::ForwardOnly, [row]) => higher(program, row, pair),
        _ => Higher::Unknown,
    };
    Seen {
        blank: BySide::new(
            rows.iter().all(|row| row.seen.left.is_blank()),
            rows.iter().all(|row| row.seen.right.is_blank()),
        ),
        since: linked.then(|| BySide::new(since(Side::Left), since(Side::Right))),
        equal: rows.iter().all(|row| equal(program, policy, row, pair)),
        newer: newer(policy.winner, rows, pair),
        higher,
    }
}

/// Whether the two values already mean the same: one converts to the other.
pub(super) fn equal(program: &Program, policy: &Policy, row: &Row<'_>, pair: &Pair<'_>) -> bool {
    let cells = &row.seen;
    if cells.left.is_blank() && cells.right.is_blank() {
        return true;
    }
    Side::BOTH.into_iter().any(|to| {
        let Some(target) = pair.target(row.line, to) else { return false };
        if cells[to.other()].is_blank() || !policy.writes(to) {
            return false;
        }
        match row.convert(program, to, target) {
            Converted::Value(carried) => carried.cell().same(&cells[to]),
            _ => false,
        }
    })
}

/// Which side changed last, where that is known: by the fields' own times where they were read, else by the records'. What
/// we wrote is no change, and no side's times are better than the second that the other one tells.
fn newer(winner: Winner, rows: &[Row<'_>], pair: &Pair<'_>) -> Option<Side> {
    let (left, right) = match winner {
        Winner::NewestRecord => (pair.left.row.updated(), pair.right.row.updated()),
        Winner::Newest => (last_change(Side::Left, rows, pair)?, last_change(Side::Right, rows, pair)?),
        _ => return None,
    };
    let second = |at: Millis| at.0.div_euclid(1000);
    // Not comparable, or the very same moment: the right side, as documented.
    Some(if second(left) > second(right) { Side::Left } else { Side::Right })
}

/// The last change of several fields; a side that keeps no times of fields answers with its record's.
fn last_change(side: Side, rows: &[Row<'_>], pair: &Pair<'_>) -> Option<Millis> {
    let times: Option<Vec<Millis>> = rows.iter().map(|row| field_time(row.line, side, pair)).collect();
    times?.into_iter().max()
}

fn field_time(line: &Line, side: Side, pair: &Pair<'_>) -> Option<Millis> {
    let field = pair.target(line, side)?.field;
    let here = pair.here(side).row;
    let found = pair.times.iter().find(|time| time.field == field && time.id == here.id);
    found.map(|time| if time.ours { here.updated() } else { time.at })
}
