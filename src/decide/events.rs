//! What happens to a record because of what happened to its partner: deleted, restored, out of the gates.
//!
//! All of it follows from states. A field that an `on` line sets is set once, and remembered in the base under the line's own
//! number until the state is over.

use crate::data::{Cell, Fingerprint, Side, Value};
use crate::lang::plan::{OnDelete, Setting};
use crate::planted::{self, Bug};

use super::base::Agreed;
use super::decision::{Decision, Held, Known, Move, Verdict};
use super::frame::{Frame, Here, cell_of};
use super::gates::Way;
use super::program::Program;

/// The record on `side` is left alone: its partner was deleted.
pub(super) fn decide_lost(
    program: &Program,
    frame: &Frame<'_>,
    side: Side,
    known: &Known<'_>,
    refused: bool,
    out: &mut Decision,
) {
    let Some(here) = frame.here[side] else { return };
    let frozen = |word: &str| Verdict::Frozen { why: format!("its linked record was deleted (`on delete {word}`)") };
    out.verdict = match &program.block.events[side].delete {
        OnDelete::Ignore => frozen("ignore"),
        OnDelete::Unlink => frozen("unlink"),
        OnDelete::Delete(_) if refused => frozen("delete`, which was refused; `"),
        OnDelete::Delete(rule) => Verdict::Delete { side, rule: rule.clone() },
        OnDelete::Set(settings) => {
            settings.iter().for_each(|set| decide_setting(program, here, side, set, known, out));
            frozen("set")
        }
    };
}

/// Both records are there: what is set when one comes back, or no longer passes the gates to `side`.
pub(super) fn decide_linked(
    program: &Program,
    here: Here<'_>,
    side: Side,
    way: &Way<'_>,
    known: &Known<'_>,
    out: &mut Decision,
) {
    let events = &program.block.events[side];
    if matches!(way, Way::Barred(_)) {
        events.leave.iter().for_each(|set| decide_setting(program, here, side, set, known, out));
    } else {
        forget(&events.leave, known, out);
    }
    let OnDelete::Set(deleted) = &events.delete else { return };
    if deleted.iter().all(|set| known.base.get(set.rule.uid).is_none()) {
        return;
    }
    let before = out.moves.len();
    events.restore.iter().for_each(|set| decide_setting(program, here, side, set, known, out));
    // Both are remembered until all is set back.
    if out.moves.len() == before {
        forget(deleted, known, out);
        forget(&events.restore, known, out);
        out.agreed.retain(|agreed| events.restore.iter().all(|set| set.rule.uid != agreed.line));
    }
}

fn forget(settings: &[Setting], known: &Known<'_>, out: &mut Decision) {
    let remembered = settings.iter().map(|set| set.rule.uid).filter(|line| known.base.get(*line).is_some());
    out.forgotten.extend(remembered);
}

fn decide_setting(program: &Program, here: Here<'_>, side: Side, set: &Setting, known: &Known<'_>, out: &mut Decision) {
    let Some(target) = set.targets.get(here.ty).and_then(Option::as_ref) else { return };
    let (line, now) = (set.rule.uid, cell_of(here.row, target.field));
    if known.base.get(line).is_some() || matches!(now, Cell::Unread) {
        return;
    }
    let value = set.value.cell();
    if now.same(&value) {
        let (left, right) = match side {
            Side::Left => (now.to_value(), Value::Null),
            Side::Right => (Value::Null, now.to_value()),
        };
        out.agreed.push(Agreed { line, left, right, disputed: Default::default() });
        return;
    }
    let inputs = Fingerprint::of(&program.digest.0).with(&line.0.to_le_bytes()).with(now.text().as_bytes());
    if known.subject.issues.contains(&(line, inputs)) {
        out.held.push(Held::quiet(&set.rule));
        return;
    }
    // A field is written once in a call.
    if out.moves.iter().any(|mv| mv.side == side && mv.field == target.field) {
        return;
    }
    out.moves.push(Move {
        side,
        line,
        rule: set.rule.clone(),
        field: target.field,
        name: target.name.clone(),
        before: now.to_value(),
        after: set.value.clone(),
        source: Value::Null,
        inputs,
        contested: false,
        restores: false,
    });
}

/// Whether a deleted record leaves its partner free for another one.
pub(super) fn unlinks(program: &Program, deleted: Side) -> bool {
    matches!(program.block.events[deleted.other()].delete, OnDelete::Unlink) || planted::is(Bug::RestoredIsNew)
}
