//! The map rows of a linked pair: what has to be written so that both sides agree. The rows of a `together` are decided,
//! written and held as one; a row by itself is a group of one.

mod meeting;
mod push;
mod row;
mod seen;

use crate::crm::FieldTime;
use crate::data::{BySide, Fingerprint, Side, Uid};
use crate::lang::plan::{Converted, Line, Policy, Target};

use crate::decide::base::{AgreedView, BaseView};
use crate::decide::decision::{Decision, Held, Need};
use crate::decide::frame::{Frame, Here};
use crate::decide::merge::{Merged, merge};
use crate::decide::program::Program;
use crate::decide::values::decide_values;
use meeting::{complete, contradict, hold_gaps, still_meet};
use push::push;
pub(super) use row::Row;
use row::look;
use seen::seen;

/// What the rows of one pair look at beside the frame.
pub(super) struct Pair<'a> {
    pub left: Here<'a>,
    pub right: Here<'a>,
    /// Whether values may flow to the left, to the right.
    pub open: BySide<bool>,
    pub base: &'a BaseView<'a>,
    pub times: &'a [FieldTime],
    /// Rows that a CRM refused with these very inputs.
    pub quarantined: &'a [(Uid, Fingerprint)],
    /// The pass's time.
    pub now: i64,
}

impl<'a> Pair<'a> {
    pub(super) fn here(&self, side: Side) -> Here<'a> {
        if side == Side::Left { self.left } else { self.right }
    }

    /// The field that a row writes on a side.
    pub(super) fn target<'p>(&self, line: &'p Line, side: Side) -> Option<&'p Target> {
        line.targets[side].get(self.here(side).ty)?.as_ref()
    }
}

pub(super) fn decide_lines(program: &Program, frame: &Frame<'_>, pair: &Pair<'_>, out: &mut Decision) {
    let mut groups: Vec<Option<Vec<Row<'_>>>> = program.block.groups.iter().map(|_| Some(Vec::new())).collect();
    // Amounts come last: what becomes of the records' currencies is known then.
    let mut amounts: Vec<Row<'_>> = Vec::new();
    let mut next = 0;
    for at in &program.lines[pair.left.ty][pair.right.ty] {
        let line = &program.block.lines[*at];
        let agreed = pair.base.get_next(line.rule.uid, &mut next);
        match program.stands(*at, &frame.cells, frame.unread, pair.now) {
            Some(true) => {}
            Some(false) => continue,
            None => return out.wait(program, frame, &line.rule, &line.when),
        }
        let on_record = pair.quarantined.iter().any(|(uid, _)| *uid == line.rule.uid);
        if line.group.is_none() && !on_record && agreed.is_some_and(|agreed| is_quiet(line, agreed, frame, pair.base)) {
            continue;
        }
        let row = look(line, agreed, frame, pair);
        match (line.group.and_then(|group| groups.get_mut(group)), row) {
            (None, Some(row)) if line.currencies.is_some() => amounts.push(row),
            (None, Some(row)) => decide_rows(program, &line.policy, std::slice::from_ref(&row), pair, out),
            (Some(Some(rows)), Some(row)) => rows.push(row),
            // A value that was not read holds its group.
            (Some(group), None) => *group = None,
            _ => {}
        }
    }
    for (group, rows) in program.block.groups.iter().zip(&groups) {
        match rows {
            Some(rows) if !rows.is_empty() => decide_group(program, &group.policy, rows, pair, out),
            _ => {}
        }
    }
    for row in &amounts {
        decide_rows(program, &row.line.policy, std::slice::from_ref(row), pair, out);
    }
}

/// Where all other rows of a group are as they were agreed, the country and the state are decided by themselves: they may
/// be all that a `place` held back, of an address that is the same on both sides.
fn decide_group(program: &Program, policy: &Policy, rows: &[Row<'_>], pair: &Pair<'_>, out: &mut Decision) {
    let (places, others): (Vec<&Row<'_>>, Vec<&Row<'_>>) = rows.iter().partition(|row| row.is_place());
    match !others.is_empty() && others.iter().all(|row| row.is_quiet()) {
        true => {
            let places: Vec<Row<'_>> = places.into_iter().cloned().collect();
            decide_rows(program, policy, &places, pair, out);
        }
        false => decide_rows(program, policy, rows, pair, out),
    }
}

/// Both sides are as they were agreed: so are nearly all rows of nearly all records.
fn is_quiet(line: &Line, agreed: &AgreedView<'_>, frame: &Frame<'_>, base: &BaseView<'_>) -> bool {
    frame.cell(line.slots.left).same(&agreed.left)
        && frame.cell(line.slots.right).same(&agreed.right)
        && !base.has_disputes()
}

/// The side that has nothing, because the other one's value was skipped, and for which that value has a form now: the rules or
/// the people are others. Where the side has a value of its own, what was skipped waits for its next change.
fn freed(program: &Program, policy: &Policy, rows: &[Row<'_>], pair: &Pair<'_>) -> Option<Side> {
    if !rows.iter().any(|row| row.known_anyhow(pair) && !row.known(program, pair)) {
        return None;
    }
    let has_form = |row: &Row<'_>, to: Side| {
        pair.target(row.line, to).is_some_and(|target| matches!(row.convert(program, to, target), Converted::Value(_)))
    };
    Side::BOTH.into_iter().find(|to| {
        let given = rows.iter().filter(|row| !row.seen[to.other()].is_blank());
        policy.writes(*to)
            && rows.iter().all(|row| row.seen[*to].is_blank())
            && given.clone().count() > 0
            && given.clone().all(|row| has_form(row, *to))
    })
}

fn decide_rows(program: &Program, policy: &Policy, rows: &[Row<'_>], pair: &Pair<'_>, out: &mut Decision) {
    if rows.iter().all(Row::is_quiet) {
        if let Some(side) = freed(program, policy, rows, pair) {
            return push(program, policy, rows, side, pair, out);
        }
        // What was skipped counts as agreed, and stays on record until it changes.
        let skipped = rows.iter().filter(|row| row.is_skipped(program, pair));
        return out.held.extend(skipped.map(|row| Held::quiet(&row.line.rule)));
    }
    if rows.iter().any(|row| row.is_left_out(program, pair)) {
        out.held.extend(rows.iter().filter(|row| row.known_anyhow(pair)).map(|row| Held::quiet(&row.line.rule)));
        return rows.iter().for_each(|row| row.agree(out));
    }
    let disputed = rows.iter().any(Row::is_disputed);
    let seen = seen(program, policy, rows, pair);
    let meet = rows.len() > 1 && seen.since.is_none() && !seen.equal && still_meet(rows);
    if meet && !contradict(program, policy, rows, pair) {
        return complete(program, policy, rows, pair, out);
    }
    match merge(policy, &seen) {
        Merged::Push(side) if meet && hold_gaps(program, rows, side, pair, out) => {}
        Merged::NeedTimes => out.needs.extend(rows.iter().map(|row| Need::Times { line: row.line.rule.uid })),
        Merged::Push(side) => push(program, policy, rows, side, pair, out),
        Merged::Values => rows.iter().for_each(|row| decide_values(program, row, pair, out)),
        Merged::Ask => rows.iter().filter(|row| !row.seen.left.same(&row.seen.right)).for_each(|row| {
            let why = format!(
                "both sides have a value of their own, {} (left) and {} (right): make them equal",
                row.seen.left, row.seen.right
            );
            out.held.push(Held::skipped(&row.line.rule, why, row.inputs(program)));
        }),
        Merged::Unranked => rows.iter().for_each(|row| {
            let why = format!("{} or {} has no place in the order", row.seen.left, row.seen.right);
            out.held.push(Held::skipped(&row.line.rule, why, row.inputs(program)));
        }),
        Merged::Agree if !disputed => rows.iter().for_each(|row| row.agree(out)),
        Merged::Stay if !disputed => {}
        // Both values are as they should be, but one of them was written over: it goes back.
        Merged::Agree | Merged::Stay => {
            for row in rows {
                match Side::BOTH.into_iter().find(|side| row.disputed[*side]) {
                    // Both ways where both are disputed: what is pushed brings the other one back as well.
                    Some(side) if seen.equal => push(program, policy, std::slice::from_ref(row), side, pair, out),
                    Some(_) => {
                        for side in Side::BOTH.into_iter().filter(|side| row.disputed[*side]) {
                            row.restore(program, side, pair, out);
                        }
                    }
                    None => row.agree(out),
                }
            }
        }
    }
}
