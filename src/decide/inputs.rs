//! Hashes of what decided: a problem stays quiet until one of its inputs changes.

use crate::data::{BySide, Cell, Fingerprint, Side};
use crate::lang::plan::{Currencies, Line};

use super::frame::Frame;
use super::program::Program;

impl Program {
    /// Everything that decides about a record: the members' own rows as they are, and what else the rules look at.
    pub fn record_inputs(&self, frame: &Frame<'_>) -> Fingerprint {
        let here = [frame.here.left, frame.here.right];
        let rows = here.iter().fold(self.start, |hash, here| match here {
            Some(here) => hash.with(here.row.id.as_bytes()).with(&here.row.cells),
            None => hash.with(b"-"),
        });
        let reached = self.fill_reached.iter().flatten().map(|(_, slot)| slot);
        reached.chain(&self.facts).fold(rows, |hash, slot| with_cell(hash, &frame.cell(*slot)))
    }

    /// What decides about one map row: its values, of a country or a state the other one as well, and currencies.
    pub fn line_inputs(&self, line: &Line, cells: &[Cell<'_>], values: &BySide<Cell<'_>>) -> Fingerprint {
        let start = self.start.with(&line.rule.uid.0.to_le_bytes());
        let own = with_cell(with_cell(start, &values.left), &values.right);
        let beside = Side::BOTH.into_iter().filter_map(|side| line.convert[side].place?.beside);
        let more = beside.chain(line.currencies.iter().flat_map(Currencies::slots));
        more.fold(own, |hash, slot| with_cell(hash, cells.get(slot).unwrap_or(&Cell::Null)))
    }
}

/// Cells of different kinds with the same bytes are told apart by the start.
fn with_cell(hash: Fingerprint, cell: &Cell<'_>) -> Fingerprint {
    let kind = |tag: u64| Fingerprint(hash.0 ^ tag.rotate_right(8));
    match cell {
        Cell::Unread => kind(0).with(&[]),
        Cell::Null => kind(1).with(&[]),
        Cell::Bool(b) => kind(2).with(&[u8::from(*b)]),
        Cell::Num(number) => kind(3).with(&number.normalize().serialize()),
        Cell::Day(day) => kind(4).with(&day.to_le_bytes()),
        Cell::Time(at) => kind(5).with(&at.to_le_bytes()),
        Cell::Text(text) => kind(6).with(text.as_bytes()),
    }
}
