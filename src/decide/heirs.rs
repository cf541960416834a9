//! What was agreed with a record whose place another one took, as far as it holds for that one.

use crate::data::{Cell, Side, Uid};
use crate::lang::plan::Source;
use crate::planted::{self, Bug};
use crate::store::RecordRow;

use super::base::Base;
use super::frame::cell_of;
use super::program::Program;

impl Program {
    /// Agreed values go on where the row's type has the field. A blank there says nothing: neither a conversion nor a merge
    /// takes every field along, so that the row was never agreed rather than cleared.
    pub(super) fn hand_on(&self, base: &mut Base, side: Side, row: &RecordRow) {
        if planted::is(Bug::BaseDropped) {
            *base = Base::default();
        }
        let Some(ty) = self.type_index(side, row.ty) else { return };
        base.retain(|agreed| {
            let Some(line) = self.block.lines.iter().find(|line| line.rule.uid == agreed.line) else { return true };
            match self.block.slots.get(line.slots[side]).map(|slot| &slot.source) {
                Some(Source::Field { fields, .. }) => match fields.get(ty) {
                    Some(field) if *field != Uid::NONE => {
                        let blank = matches!(cell_of(row, *field), Cell::Null);
                        !blank || agreed.on(side).is_blank()
                    }
                    _ => false,
                },
                _ => true,
            }
        });
    }
}
