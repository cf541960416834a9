//! The map rows of a linked pair: what has to be written so that both sides agree.

use crate::crm::FieldTime;
use crate::data::{Cell, Side, Stamp, Uid, Value};
use crate::lang::plan::{Converted, Flow, Line, Winner, convert};

use super::base::{Agreed, AgreedView, BaseView};
use super::decision::{Decision, Held, Move, Need};
use super::frame::{Frame, Here};
use super::inputs::line_inputs;
use super::merge::{Merged, Seen, contested, merge};
use super::program::Program;

/// What the rows of one pair look at beside the frame.
pub(super) struct Pair<'a> {
    pub left: Here<'a>,
    pub right: Here<'a>,
    /// Whether values may flow to the left, to the right.
    pub open: crate::data::BySide<bool>,
    pub base: &'a BaseView<'a>,
    pub times: &'a [FieldTime],
    /// Rows that a CRM refused with these very inputs.
    pub quarantined: &'a [(Uid, crate::data::Fingerprint)],
}

pub(super) fn decide_lines(program: &Program, frame: &Frame<'_>, pair: &Pair<'_>, out: &mut Decision) {
    for at in &program.lines[pair.left.ty][pair.right.ty] {
        decide_line(program, &program.block.lines[*at], frame, pair, out);
    }
}

fn decide_line(program: &Program, line: &Line, frame: &Frame<'_>, pair: &Pair<'_>, out: &mut Decision) {
    let uid = line.rule.uid;
    let actual = crate::data::BySide::new(frame.cells[line.slots.left], frame.cells[line.slots.right]);
    if matches!(actual.left, Cell::Unread) || matches!(actual.right, Cell::Unread) {
        return;
    }
    let agreed = pair.base.get(uid);
    // A value that we wrote over without having seen it still counts as its side's, unless that side was edited since.
    let disputed = agreed.and_then(|agreed| {
        let (side, cell) = agreed.disputed?;
        actual[side].same(&agreed.on(side)).then_some((side, cell))
    });
    let mut seen_cells = actual;
    if let Some((side, cell)) = disputed {
        seen_cells[side] = cell;
    }
    let changed =
        agreed.map(|a| (!seen_cells.left.same(&a.on(Side::Left)), !seen_cells.right.same(&a.on(Side::Right))));
    if changed == Some((false, false)) && disputed.is_none() {
        return;
    }
    let seen = Seen {
        left: seen_cells.left,
        right: seen_cells.right,
        changed,
        equal: agrees(program, line, pair, &seen_cells),
        newer: newer(line, pair),
    };
    let to = match merge(line.flow, line.winner, &seen) {
        Merged::NeedTimes => return out.needs.push(Need::Times { line: uid }),
        Merged::Agree => match disputed {
            None => return agree(uid, &actual, agreed, out),
            // Both values are as they should be, but one of them was written over: it goes back.
            Some((side, _)) => side,
        },
        Merged::Push(side) => side,
    };
    if !pair.open[to] {
        return;
    }
    let inputs = line_inputs(program.digest, uid, &actual.left, &actual.right);
    if pair.quarantined.contains(&(uid, inputs)) {
        return out.held.push(Held::quiet(&line.rule));
    }
    let ty = if to == Side::Left { pair.left.ty } else { pair.right.ty };
    let Some(target) = line.targets[to].get(ty).and_then(Option::as_ref) else { return };
    let source = seen_cells[to.other()];
    let value = match convert(source, &line.convert[to], &program.block.tables, to, target, false) {
        Converted::Value(value) => value,
        Converted::Blank => Value::Null,
        Converted::Skip(why) => {
            out.held.push(Held::skipped(&line.rule, why, inputs));
            return agree(uid, &actual, agreed, out);
        }
        Converted::Reject(why) => return out.held.push(Held::rejected(&line.rule, why, inputs)),
    };
    let restores = restore(line, to.other(), &seen_cells, &actual, pair, out);
    if value.cell().same(&actual[to]) {
        // What goes back is not agreed before it is there.
        if !restores {
            agree(uid, &actual, agreed, out);
        }
        return;
    }
    if !target.updateable {
        return out.held.push(Held::skipped(&line.rule, format!("`{}` cannot be changed", target.label), inputs));
    }
    let contested = contested(line.flow, line.winner, to, &value.cell());
    out.moves.push(Move {
        side: to,
        line: uid,
        rule: line.rule.clone(),
        field: target.field,
        name: target.name.clone(),
        before: actual[to].to_value(),
        after: value,
        source: source.to_value(),
        contested,
        restores: false,
    });
}

/// The source's own value was written over before anybody saw it: it is written back, if it may be. Whether it is.
fn restore(
    line: &Line,
    side: Side,
    seen: &crate::data::BySide<Cell<'_>>,
    actual: &crate::data::BySide<Cell<'_>>,
    pair: &Pair<'_>,
    out: &mut Decision,
) -> bool {
    let ty = if side == Side::Left { pair.left.ty } else { pair.right.ty };
    if seen[side].same(&actual[side]) || !pair.open[side] {
        return false;
    }
    let target = line.targets[side].get(ty).and_then(Option::as_ref).filter(|target| target.updateable);
    if let Some(target) = target {
        out.moves.push(Move {
            side,
            line: line.rule.uid,
            rule: line.rule.clone(),
            field: target.field,
            name: target.name.clone(),
            before: actual[side].to_value(),
            after: seen[side].to_value(),
            source: seen[side.other()].to_value(),
            contested: true,
            restores: true,
        });
    }
    target.is_some()
}

/// Whether the two values already mean the same: one converts to the other.
fn agrees(program: &Program, line: &Line, pair: &Pair<'_>, cells: &crate::data::BySide<Cell<'_>>) -> bool {
    if cells.left.is_blank() && cells.right.is_blank() {
        return true;
    }
    Side::BOTH.into_iter().any(|to| {
        let ty = if to == Side::Left { pair.left.ty } else { pair.right.ty };
        let Some(target) = line.targets[to].get(ty).and_then(Option::as_ref) else { return false };
        if cells[to.other()].is_blank() || (line.flow != Flow::Both && line.flow != Flow::To(to)) {
            return false;
        }
        match convert(cells[to.other()], &line.convert[to], &program.block.tables, to, target, false) {
            Converted::Value(value) => value.cell().same(&cells[to]),
            _ => false,
        }
    })
}

fn agree(line: Uid, actual: &crate::data::BySide<Cell<'_>>, before: Option<&AgreedView<'_>>, out: &mut Decision) {
    let (left, right) = (actual.left, actual.right);
    if before != Some(&AgreedView { line, left, right, disputed: None }) {
        out.agreed.push(Agreed { line, left: left.to_value(), right: right.to_value(), disputed: None });
    }
}

/// Which side changed last, where that is known: by the field's own time where one was read, else by the record's.
fn newer(line: &Line, pair: &Pair<'_>) -> Option<Side> {
    let (left, right) = (pair.left.row.stamp, pair.right.row.stamp);
    let (left, right) = match line.winner {
        Winner::NewestRecord => (left, right),
        Winner::Newest => (field_time(line, Side::Left, pair)?, field_time(line, Side::Right, pair)?),
        _ => return None,
    };
    // Not comparable, or the very same moment: the right side, as documented.
    Some(if left.at > right.at { Side::Left } else { Side::Right })
}

/// The time of a field's last change; a side that keeps none answers with its record's.
fn field_time(line: &Line, side: Side, pair: &Pair<'_>) -> Option<Stamp> {
    let here = if side == Side::Left { pair.left } else { pair.right };
    let field = line.targets[side].get(here.ty)?.as_ref()?.field;
    let found = pair.times.iter().find(|time| time.field == field && time.id == here.row.id);
    found.map(|time| Stamp { at: time.at, exact: true })
}
