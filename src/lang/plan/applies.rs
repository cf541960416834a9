//! To which records a row applies.

use super::ir::{Block, Line, Source};
use crate::data::{BySide, Side, Uid};

/// Whether the row is there for a subject whose records have these types (indices into the block's types). A row that
/// names a field of `Lead` is not there for a contact: its blank means nothing.
pub fn applies(block: &Block, line: &Line, types: BySide<usize>) -> bool {
    Side::BOTH.into_iter().all(|side| {
        let ty = types[side];
        let Some(slot) = block.slots.get(line.slots[side]) else { return false };
        match &slot.source {
            Source::Field { fields, .. } => fields.get(ty).is_some_and(|uid| *uid != Uid::NONE),
            Source::RecordId { types, .. } => types.get(ty) == Some(&true),
            Source::Reached { reach, .. } | Source::ReachedId { reach } => {
                let reach = block.reaches.get(*reach);
                reach.and_then(|reach| reach.through.get(ty)).is_some_and(|uid| *uid != Uid::NONE)
            }
            Source::Member { .. } | Source::Linked { .. } | Source::Unique { .. } => true,
        }
    })
}
