//! What was agreed with a record whose place another one took, as far as it holds for that one.

use crate::data::{Cell, Side, Uid};
use crate::lang::plan::{Events, OnDelete, Source};
use crate::planted::{self, Bug};
use crate::store::RecordRow;

use super::base::Base;
use super::frame::cell_of;
use super::program::Program;

impl Program {
    /// With a record that takes a partner's place by a `pick` nothing is agreed: what remains is what `on` lines remember of
    /// the side that stays.
    pub(super) fn let_go(&self, base: &mut Base, side: Side) {
        let Events { follow_merges: _, relink: _, delete, restore, leave } = &self.block.events[side];
        let deleted = match delete {
            OnDelete::Set(all) => all.as_slice(),
            _ => &[],
        };
        let settings = || deleted.iter().chain(restore).chain(leave).map(|set| set.rule.uid);
        let lines = || self.block.lines.iter().map(|line| line.rule.uid);
        base.retain(|agreed| !lines().chain(settings()).any(|uid| uid == agreed.line));
    }

    /// Agreed values go on where the row's type has the field. Neither a conversion nor a merge takes every field along: where
    /// the record before still holds a value and the new one none, nothing was cleared, and nothing agreed there.
    pub(super) fn hand_on(&self, base: &mut Base, before: &RecordRow, row: &RecordRow) {
        let side = row.side;
        if planted::is(Bug::BaseDropped) {
            *base = Base::default();
        }
        let (Some(was), Some(ty)) = (self.type_index(side, before.ty), self.type_index(side, row.ty)) else { return };
        base.retain(|agreed| {
            // A value that is still to go back does so.
            if agreed.disputed.left.is_some() || agreed.disputed.right.is_some() {
                return true;
            }
            let Some(line) = self.block.lines.iter().find(|line| line.rule.uid == agreed.line) else { return true };
            match self.block.slots.get(line.slots[side]).map(|slot| &slot.source) {
                Some(Source::Field { fields, .. }) => match fields.get(ty) {
                    Some(field) if *field != Uid::NONE => {
                        let held = fields.get(was).filter(|field| **field != Uid::NONE);
                        let held = held.is_none_or(|field| !matches!(cell_of(before, *field), Cell::Null));
                        let left_behind = held && matches!(cell_of(row, *field), Cell::Null);
                        !left_behind || agreed.on(side).is_blank()
                    }
                    _ => false,
                },
                _ => true,
            }
        });
    }
}
