//! The map rows of a linked pair: what has to be written so that both sides agree. The rows of a `together` are decided,
//! written and held as one; a row by itself is a group of one.

use crate::crm::FieldTime;
use crate::data::{BySide, Cell, Fingerprint, Millis, Side, Uid, Value};
use crate::lang::plan::{Carried, Converted, Currencies, Line, Policy, Source, Target, Winner, convert};

use super::base::{Agreed, AgreedView, BaseView};
use super::decision::{Decision, Held, Move, Need};
use super::frame::{Frame, Here};
use super::merge::{Higher, Merged, Seen, Since, contested, merge};
use super::money::{self, Money};
use super::order::higher;
use super::program::Program;
use super::values::decide_values;

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

/// One row with what it looks at.
#[derive(Clone)]
pub(super) struct Row<'a> {
    pub line: &'a Line,
    /// The values as they are.
    pub actual: BySide<Cell<'a>>,
    /// A value that we wrote over without having seen it still counts as its side's, unless that side was edited since.
    pub seen: BySide<Cell<'a>>,
    /// The sides with such a value.
    pub disputed: BySide<bool>,
    pub agreed: Option<&'a AgreedView<'a>>,
    /// All slots of the record.
    cells: &'a [Cell<'a>],
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
        if line.group.is_none() && agreed.is_some_and(|agreed| is_quiet(line, agreed, frame, pair.base)) {
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

/// `None` when a value was not read.
fn look<'a>(
    line: &'a Line,
    agreed: Option<&'a AgreedView<'a>>,
    frame: &'a Frame<'_>,
    pair: &Pair<'a>,
) -> Option<Row<'a>> {
    let actual = BySide::new(frame.cell(line.slots.left), frame.cell(line.slots.right));
    if matches!(actual.left, Cell::Unread) || matches!(actual.right, Cell::Unread) {
        return None;
    }
    let mut currencies = line.currencies.iter().flat_map(Currencies::slots);
    if currencies.any(|slot| matches!(frame.cell(slot), Cell::Unread)) {
        return None;
    }
    let (mut seen, mut disputed) = (actual, BySide::default());
    for side in Side::BOTH {
        if let Some(cell) = pair.base.disputed(line.rule.uid, side)
            && agreed.is_some_and(|agreed| actual[side].same(&agreed.on(side)))
        {
            seen[side] = cell;
            disputed[side] = true;
        }
    }
    Some(Row { line, actual, seen, disputed, agreed, cells: &frame.cells })
}

impl Row<'_> {
    /// Both sides are as they were agreed.
    fn is_quiet(&self) -> bool {
        let same = |agreed: &AgreedView<'_>| Side::BOTH.into_iter().all(|side| self.seen[side].same(&agreed.on(side)));
        !self.is_disputed() && self.agreed.is_some_and(same)
    }

    fn is_disputed(&self) -> bool {
        self.disputed.left || self.disputed.right
    }

    /// What decides about the row.
    pub(super) fn inputs(&self, program: &Program) -> Fingerprint {
        program.line_inputs(self.line, self.cells, &self.actual)
    }

    /// What the other side's value becomes on `to`.
    pub(super) fn convert<'r>(&'r self, program: &'r Program, to: Side, target: &'r Target) -> Converted<'r> {
        self.carry(program, self.seen[to.other()], to, target)
    }

    pub(super) fn carry<'r>(
        &'r self,
        program: &'r Program,
        cell: Cell<'r>,
        to: Side,
        target: &'r Target,
    ) -> Converted<'r> {
        convert(cell, &self.line.convert[to], &program.around(self.cells, false), to, target)
    }

    /// Why an amount does not go to `to`: it would be another one there. `moves`: what is written in the same call.
    fn of_another_currency(&self, program: &Program, to: Side, moves: &[Move], pair: &Pair<'_>) -> Option<Held> {
        let currencies = self.line.currencies.as_ref()?;
        let own = |slot: usize| match &program.block.slots.get(slot)?.source {
            Source::Field { fields, .. } => fields.get(pair.here(to).ty).copied(),
            _ => None,
        };
        let cell = |side: Side, slot: usize| {
            let written = own(slot).filter(|_| side == to);
            let written = written.and_then(|field| moves.iter().rfind(|mv| mv.side == to && mv.field == field));
            match written {
                Some(mv) => mv.after.cell(),
                None => self.cells.get(slot).copied().unwrap_or_default(),
            }
        };
        let (rule, inputs) = (&self.line.rule, self.inputs(program));
        let held = match money::compare(currencies, cell) {
            Money::Same => return None,
            Money::Differ(why) if currencies.reject => Held::rejected(rule, why, inputs),
            Money::Differ(why) | Money::Unknown(why) => Held::skipped(rule, why, inputs),
        };
        Some(match self.known(program, pair) {
            true => Held { known: true, ..held },
            false => held,
        })
    }

    fn is_place(&self) -> bool {
        self.line.convert.left.place.is_some()
    }

    /// Why a `place` keeps the row from going to `to`. Where the other side has no place at all, this is no reason to take
    /// away one that is not known.
    fn waits(&self, program: &Program, to: Side, pair: &Pair<'_>) -> Option<String> {
        let beside = self.line.convert[to].place?.beside.and_then(|slot| self.cells.get(slot));
        let nothing = self.seen[to.other()].is_blank() && beside.is_none_or(Cell::is_blank);
        let to = if nothing { to.other() } else { to };
        match self.convert(program, to, pair.target(self.line, to)?) {
            Converted::Hold(why) => Some(why),
            _ => None,
        }
    }

    /// On record as held or refused with these very inputs.
    fn known(&self, program: &Program, pair: &Pair<'_>) -> bool {
        !pair.quarantined.is_empty() && pair.quarantined.contains(&(self.line.rule.uid, self.inputs(program)))
    }

    /// On record as held or refused.
    fn known_anyhow(&self, pair: &Pair<'_>) -> bool {
        pair.quarantined.iter().any(|(line, _)| *line == self.line.rule.uid)
    }

    /// We created the other record without this value, because the row skips it: what the CRM itself put there is nobody's
    /// word against it.
    fn is_left_out(&self, program: &Program, pair: &Pair<'_>) -> bool {
        if self.agreed.is_some() || pair.base.is_empty() || !self.known_anyhow(pair) {
            return false;
        }
        Side::BOTH.into_iter().any(|to| {
            let target = pair.target(self.line, to).filter(|_| self.line.policy.writes(to));
            let skips = |target| matches!(self.convert(program, to, target), Converted::Skip(_));
            !self.seen[to.other()].is_blank() && target.is_some_and(skips)
        })
    }

    pub(super) fn agree(&self, out: &mut Decision) {
        let (line, BySide { left, right }) = (self.line.rule.uid, self.actual);
        if self.is_disputed() || self.agreed != Some(&AgreedView { line, left, right }) {
            out.agreed.push(Agreed {
                line,
                left: left.to_value(),
                right: right.to_value(),
                disputed: BySide::default(),
            });
        }
    }

    /// The row's values that go to `to` become this one.
    pub(super) fn write(
        &self,
        program: &Program,
        to: Side,
        target: &Target,
        after: Value,
        contested: bool,
        out: &mut Decision,
    ) {
        out.moves.push(Move {
            side: to,
            line: self.line.rule.uid,
            rule: self.line.rule.clone(),
            field: target.field,
            name: target.name.clone(),
            before: self.actual[to].to_value(),
            after,
            source: self.seen[to.other()].to_value(),
            inputs: self.inputs(program),
            contested,
            restores: false,
        });
    }

    /// This side's own value was written over before anybody saw it: it is written back, if it may be. Whether it is.
    fn restore(&self, program: &Program, side: Side, pair: &Pair<'_>, out: &mut Decision) -> bool {
        if self.seen[side].same(&self.actual[side]) || !pair.open[side] {
            return false;
        }
        let target = pair.target(self.line, side).filter(|target| target.updateable);
        if let Some(target) = target {
            self.write(program, side, target, self.seen[side].to_value(), true, out);
            if let Some(last) = out.moves.last_mut() {
                last.restores = true;
            }
        }
        target.is_some()
    }
}

fn decide_rows(program: &Program, policy: &Policy, rows: &[Row<'_>], pair: &Pair<'_>, out: &mut Decision) {
    if rows.iter().all(Row::is_quiet) {
        return;
    }
    if rows.iter().any(|row| row.is_left_out(program, pair)) {
        out.held.extend(rows.iter().filter(|row| row.known_anyhow(pair)).map(|row| Held::quiet(&row.line.rule)));
        return rows.iter().for_each(|row| row.agree(out));
    }
    let disputed = rows.iter().any(Row::is_disputed);
    let seen = seen(program, policy, rows, pair);
    match merge(policy, &seen) {
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

/// The rows as one question.
fn seen(program: &Program, policy: &Policy, rows: &[Row<'_>], pair: &Pair<'_>) -> Seen {
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

/// What comes of one row of a push.
enum Pushed<'p> {
    Nothing,
    /// A `place` does not know the value: nothing is agreed, and it goes over as soon as it can.
    Waits,
    Write(&'p Target, Carried<'p>),
}

/// Every row's value goes to `to`, or none does; only what a `place` does not know stays behind by itself.
fn push(program: &Program, policy: &Policy, rows: &[Row<'_>], to: Side, pair: &Pair<'_>, out: &mut Decision) {
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

/// Whether the two values already mean the same: one converts to the other.
fn equal(program: &Program, policy: &Policy, row: &Row<'_>, pair: &Pair<'_>) -> bool {
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
