//! Values on their way to the other side, and back where they have no form there.

use crate::data::{Cell, Side};
use crate::lang::plan::{Carried, Converted, Policy, Target};

use super::{Pair, Row};
use crate::decide::decision::{Decision, Held};
use crate::decide::merge::contested;
use crate::decide::program::Program;

/// What comes of one row of a push.
enum Pushed<'p> {
    Nothing,
    /// A `place` does not know the value: nothing is agreed, and it goes over as soon as it can.
    Waits,
    Write(&'p Target, Carried<'p>),
}

/// Every row's value goes to `to`, or none does; only what a `place` does not know stays behind by itself.
pub(super) fn push(
    program: &Program,
    policy: &Policy,
    rows: &[Row<'_>],
    to: Side,
    pair: &Pair<'_>,
    out: &mut Decision,
) {
    if !pair.open[to] {
        return;
    }
    if let Some(held) = rows.iter().find_map(|row| row.of_another_currency(program, to, &out.moves, pair)) {
        return out.held.push(held);
    }
    let refused = |row: &&Row<'_>| row.known(program, pair) && row.waits(program, to, pair).is_none();
    if rows.iter().any(|row| refused(&row)) {
        return out.held.extend(rows.iter().filter(refused).map(|row| match pair.target(row.line, to) {
            Some(target) => Held::again(&row.line.rule, &row.convert(program, to, target), row.inputs(program)),
            None => Held::quiet(&row.line.rule),
        }));
    }
    let mut pushed = Vec::with_capacity(rows.len());
    for row in rows {
        let rule = &row.line.rule;
        if let Some(why) = row.waits(program, to, pair) {
            out.held.push(match row.known(program, pair) {
                true => Held::quiet(rule),
                false => Held::skipped(rule, why, row.inputs(program)),
            });
            pushed.push(Pushed::Waits);
            continue;
        }
        let Some(target) = pair.target(row.line, to) else {
            pushed.push(Pushed::Nothing);
            continue;
        };
        let value = match row.convert(program, to, target) {
            Converted::Value(carried) => carried,
            Converted::Blank => Carried::Same(Cell::Null),
            Converted::Skip(why) => {
                out.held.push(Held::skipped(rule, why, row.inputs(program)));
                return rows.iter().for_each(|row| row.agree(out));
            }
            // Nothing is agreed: the value goes over as soon as it can.
            Converted::Hold(why) => return out.held.push(Held::skipped(rule, why, row.inputs(program))),
            Converted::Reject(why) => return out.held.push(Held::rejected(rule, why, row.inputs(program))),
            Converted::Restore(why) => {
                out.held.push(Held::skipped(rule, why, row.inputs(program)));
                return go_back(program, rows, to.other(), pair, out);
            }
            Converted::LeaveOut { .. } => return,
        };
        if !target.updateable && !value.cell().same(&row.actual[to]) {
            let why = format!("`{}` cannot be changed", target.label);
            return out.held.push(Held::skipped(rule, why, row.inputs(program)));
        }
        pushed.push(Pushed::Write(target, value));
    }
    let blank = pushed.iter().all(|pushed| match pushed {
        Pushed::Write(_, value) => value.cell().is_blank(),
        Pushed::Nothing => true,
        Pushed::Waits => false,
    });
    send(program, rows, pushed, to, contested(policy, to, blank), pair, out);
}

/// A value of `side` has no form on the other one, whose own values come back, or none does.
fn go_back(program: &Program, rows: &[Row<'_>], side: Side, pair: &Pair<'_>, out: &mut Decision) {
    if !pair.open[side] {
        return;
    }
    let mut pushed = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(target) = pair.target(row.line, side).filter(|target| target.updateable) else { return };
        match row.convert(program, side, target) {
            Converted::Value(carried) => pushed.push(Pushed::Write(target, carried)),
            Converted::Blank => pushed.push(Pushed::Write(target, Carried::Same(Cell::Null))),
            // Neither has a form on the other side: both stand, until one has.
            _ => return,
        }
    }
    send(program, rows, pushed, side, true, pair, out);
}

fn send(
    program: &Program,
    rows: &[Row<'_>],
    pushed: Vec<Pushed<'_>>,
    to: Side,
    contested: bool,
    pair: &Pair<'_>,
    out: &mut Decision,
) {
    for (row, pushed) in rows.iter().zip(pushed) {
        if matches!(pushed, Pushed::Waits) {
            continue;
        }
        let restores = row.restore(program, to.other(), pair, out);
        match pushed {
            Pushed::Write(target, value) if !value.cell().same(&row.actual[to]) => {
                row.write(program, to, target, value.into_value(), contested, out);
            }
            // What goes back is not agreed before it is there.
            _ if restores => {}
            _ => row.agree(out),
        }
    }
}
