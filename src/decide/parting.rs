//! A link that is about to move to another record: what says in the old one whose partner it is goes first, because the CRM
//! keeps two records from having it.

use crate::data::{Fingerprint, Value};

use super::decision::{Decision, Held, Known, Move};
use super::frame::{Frame, cell_of};
use super::program::Program;

/// Whether the key field is cleared now: then nothing else is written, and the link moves once that is done. Where the CRM
/// has refused that, all goes on with the record that is linked.
pub(super) fn decide_parting(program: &Program, frame: &Frame<'_>, known: &Known<'_>, out: &mut Decision) -> bool {
    let Some(side) = frame.parting else { return false };
    let (Some(here), Some(rule)) = (frame.here[side], &program.block.events[side].relink) else { return false };
    let Some(key) = program.block.types[side][here.ty].own_key.as_ref() else { return false };
    let Some(target) = program.block.lines[key.line].targets[side][here.ty].as_ref() else { return false };
    let now = cell_of(here.row, key.field);
    let inputs = Fingerprint::of(&program.digest.0).with(&rule.uid.0.to_le_bytes()).with(now.text().as_bytes());
    if known.subject.issues.contains(&(rule.uid, inputs)) {
        out.held.push(Held::quiet(rule));
        return false;
    }
    out.moves.push(Move {
        side,
        line: rule.uid,
        rule: rule.clone(),
        field: key.field,
        name: target.name.clone(),
        before: now.to_value(),
        after: Value::Null,
        source: Value::Null,
        inputs,
        contested: false,
        restores: true,
    });
    true
}
