//! Which changes wake which subjects. What is on no path wakes nobody.

use std::collections::BTreeMap;

use super::ir::{Block, KeyPart, Plan, Source};
use crate::data::{Side, Uid};

/// Whom a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wake {
    /// The subject of the record itself, in this block.
    Own { block: usize },
    /// The subjects of all members of this block that refer to the record.
    Through { block: usize, reach: usize },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paths {
    fields: BTreeMap<Uid, Vec<Wake>>,
    lists: BTreeMap<Uid, Vec<Wake>>,
    types: BTreeMap<Uid, Vec<Wake>>,
}

impl Paths {
    pub fn of(plan: &Plan) -> Paths {
        let mut paths = Paths::default();
        for (at, block) in plan.blocks.iter().enumerate() {
            paths.block(at, block);
        }
        for wakes in paths.fields.values_mut().chain(paths.lists.values_mut()).chain(paths.types.values_mut()) {
            wakes.sort();
            wakes.dedup();
        }
        paths
    }

    fn block(&mut self, at: usize, block: &Block) {
        let own = Wake::Own { block: at };
        for side in Side::BOTH {
            for ty in &block.types[side] {
                self.types.entry(ty.uid).or_default().push(own);
                for field in &ty.fields {
                    self.fields.entry(field.uid).or_default().push(own);
                }
            }
        }
        for (reach, used) in block.reaches.iter().enumerate() {
            let through = Wake::Through { block: at, reach };
            self.types.entry(used.target.uid).or_default().push(through);
            for field in &used.target.fields {
                self.fields.entry(field.uid).or_default().push(through);
            }
        }
        for slot in &block.slots {
            if let Source::Member { list, .. } = slot.source {
                self.lists.entry(list).or_default().push(own);
            }
        }
        for part in block.matches.iter().flat_map(|line| &line.parts) {
            for part in part.left.iter().chain(&part.right).flatten() {
                if let KeyPart::Field { uid, .. } = part {
                    self.fields.entry(*uid).or_default().push(own);
                }
            }
        }
    }

    /// For a changed field of a record.
    pub fn field(&self, field: Uid) -> &[Wake] {
        self.fields.get(&field).map_or(&[], Vec::as_slice)
    }

    /// For a record that joined or left a list.
    pub fn list(&self, list: Uid) -> &[Wake] {
        self.lists.get(&list).map_or(&[], Vec::as_slice)
    }

    /// For a record of a type that appeared, was deleted or came back.
    pub fn presence(&self, ty: Uid) -> &[Wake] {
        self.types.get(&ty).map_or(&[], Vec::as_slice)
    }
}
