//! What must be read of each side: the smallest set over all blocks.

use std::collections::BTreeMap;

use super::ir::{FieldUse, KeyPart, Plan, Source, TypeUse};
use crate::data::{BySide, FieldKind, Side, Uid};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reads {
    /// Record types, by number.
    pub types: BySide<Vec<TypeRead>>,
    /// Lists whose members matter, by number.
    pub lists: BySide<Vec<Uid>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TypeRead {
    pub uid: Uid,
    pub name: String,
    pub label: String,
    /// By number.
    pub fields: Vec<FieldUse>,
    /// What its records are looked up by.
    pub keys: Vec<IndexKey>,
    /// Whether its records are synced by a block, or only looked at through a reference.
    pub member: bool,
}

/// One index entry of a record: the values of the parts under a key. A `match` line, or a reference, under which a
/// member is found from the id of the record that it refers to.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexKey {
    pub key: Uid,
    pub parts: Vec<KeyPart>,
}

impl Reads {
    pub fn of(plan: &Plan) -> Reads {
        let mut types: BySide<BTreeMap<Uid, TypeRead>> = BySide::default();
        let mut lists: BySide<Vec<Uid>> = BySide::default();
        for block in &plan.blocks {
            for side in Side::BOTH {
                for (at, ty) in block.types[side].iter().enumerate() {
                    let read = entry(&mut types[side], ty);
                    read.member = true;
                    for line in &block.matches {
                        let parts = line.parts.iter().map(|part| {
                            let ours = if side == Side::Left { &part.left } else { &part.right };
                            ours.get(at).cloned().flatten()
                        });
                        if let Some(parts) = parts.collect() {
                            add_key(read, IndexKey { key: line.key, parts });
                        }
                    }
                    for reach in block.reaches.iter().filter(|reach| reach.side == side) {
                        let through = reach.through.get(at).copied().filter(|uid| *uid != Uid::NONE);
                        if let Some(uid) = through {
                            add_key(read, IndexKey { key: reach.key, parts: vec![KeyPart::Field { uid, kind: FieldKind::Id }] });
                        }
                    }
                }
            }
            for reach in &block.reaches {
                entry(&mut types[reach.side], &reach.target);
            }
            for slot in &block.slots {
                if let Source::Member { side, list } = slot.source {
                    lists[side].push(list);
                }
            }
        }
        for side in Side::BOTH {
            lists[side].sort();
            lists[side].dedup();
        }
        Reads {
            types: BySide::new(types.left.into_values().collect(), types.right.into_values().collect()),
            lists,
        }
    }
}

fn entry<'m>(types: &'m mut BTreeMap<Uid, TypeRead>, ty: &TypeUse) -> &'m mut TypeRead {
    let read = types.entry(ty.uid).or_insert_with(|| TypeRead {
        uid: ty.uid,
        name: ty.name.clone(),
        label: ty.label.clone(),
        fields: Vec::new(),
        keys: Vec::new(),
        member: false,
    });
    read.fields.extend(ty.fields.iter().cloned());
    read.fields.sort_by_key(|field| field.uid);
    read.fields.dedup_by_key(|field| field.uid);
    read
}

fn add_key(read: &mut TypeRead, key: IndexKey) {
    if !read.keys.contains(&key) {
        read.keys.push(key);
    }
}
