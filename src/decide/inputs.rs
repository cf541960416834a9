//! Hashes of what decided: a problem stays quiet until one of its inputs changes.

use crate::data::{BySide, Cell, Digest, Fingerprint, Side};
use crate::lang::plan::Line;

use super::frame::Frame;
use super::program::Program;

/// Everything that decides about a record.
pub fn record_inputs(plan: Digest, frame: &Frame<'_>) -> Fingerprint {
    let start = Fingerprint::of(&plan.0);
    let ids = [frame.here.left, frame.here.right];
    let start = ids.iter().fold(start, |hash, here| hash.with(here.map_or(b"-" as &[u8], |h| h.row.id.as_bytes())));
    frame.cells.iter().fold(start, |hash, cell| with_cell(hash, cell))
}

impl Program {
    /// What decides about one map row: its values, and of a country or a state the other one as well.
    pub fn line_inputs(&self, line: &Line, cells: &[Cell<'_>], values: &BySide<Cell<'_>>) -> Fingerprint {
        let start = Fingerprint::of(&self.digest.0).with(&line.rule.uid.0.to_le_bytes());
        let own = with_cell(with_cell(start, &values.left), &values.right);
        let beside = Side::BOTH.into_iter().filter_map(|side| line.convert[side].place?.beside);
        beside.fold(own, |hash, slot| with_cell(hash, cells.get(slot).unwrap_or(&Cell::Null)))
    }
}

fn with_cell(hash: Fingerprint, cell: &Cell<'_>) -> Fingerprint {
    let tag = match cell {
        Cell::Unread => 0u8,
        Cell::Null => 1,
        Cell::Bool(_) => 2,
        Cell::Num(_) => 3,
        Cell::Day(_) => 4,
        Cell::Time(_) => 5,
        Cell::Text(_) => 6,
    };
    let mut number = [0; 9];
    number[0] = tag;
    let mut with = |bytes: &[u8]| {
        number[1..=bytes.len()].copy_from_slice(bytes);
        hash.with(&number[..=bytes.len()])
    };
    match cell {
        Cell::Unread | Cell::Null => with(&[]),
        Cell::Bool(b) => with(&[u8::from(*b)]),
        Cell::Day(day) => with(&day.to_le_bytes()),
        Cell::Time(at) => with(&at.to_le_bytes()),
        Cell::Num(number) => with(&[]).with(&number.normalize().serialize()),
        Cell::Text(text) => with(&[]).with(text.as_bytes()),
    }
}
