//! What a plan must read, and how changed rows are found and wake others.

use crate::crm::{FieldRead, ListRead, Reads, TypeRead};
use crate::data::{KeyForm, Side, Uid};
use crate::decide::key_spec;
use crate::lang::plan::{Block, Choice, Count, Lifecycle, MatchLine, Plan, Source, TypeUse};
use crate::store::{Concern, KeyPart, KeySpec, TypeIndex, Vouch};

/// The smallest set that the plan needs from one side.
pub fn reads_of(plan: &Plan, side: Side) -> Reads {
    let mut reads = Reads::default();
    for block in &plan.blocks {
        for used in block.types[side].iter().chain(reached(block, side)).chain(counted(block, side)) {
            add_type(&mut reads, used);
        }
        for slot in &block.slots {
            if let Source::Member { side: of, list } = slot.source
                && of == side
                && reads.lists.iter().all(|read| read.uid != list)
                && let Some(member) = block.types[side].first()
            {
                reads.lists.push(ListRead { uid: list, name: slot.name.clone(), of: member.uid });
            }
        }
    }
    reads
}

fn reached(block: &Block, side: Side) -> impl Iterator<Item = &TypeUse> {
    block.reaches.iter().filter(move |reach| reach.side == side).map(|reach| &reach.target)
}

fn counted(block: &Block, side: Side) -> impl Iterator<Item = &TypeUse> {
    let counts = block.counts.iter().filter(move |count| count.side == side);
    counts.flat_map(|count| std::iter::once(&count.referring.ty).chain(count.onward.as_ref().map(|onward| &onward.ty)))
}

fn add_type(reads: &mut Reads, used: &TypeUse) {
    let at = match reads.types.iter().position(|read| read.uid == used.uid) {
        Some(at) => at,
        None => {
            reads.types.push(TypeRead {
                uid: used.uid,
                name: used.name.clone(),
                fields: Vec::new(),
                own_keys: Vec::new(),
                unique: Vec::new(),
            });
            reads.types.len() - 1
        }
    };
    let read = &mut reads.types[at];
    for field in &used.fields {
        if read.field(field.uid).is_none() {
            read.fields.push(FieldRead {
                uid: field.uid,
                name: field.name.clone(),
                kind: field.kind,
                initial: field.initial.clone(),
            });
        }
    }
    read.fields.sort_by_key(|field| field.uid);
    // One block may only look at records that another one creates.
    read.own_keys.extend(used.own_key.as_ref().map(|key| key.field));
    read.unique.extend(&used.unique);
    for keys in [&mut read.own_keys, &mut read.unique] {
        keys.sort_unstable();
        keys.dedup();
    }
}

/// For the store: which rows are members, by what keys they are found, which changes wake whom.
pub fn type_indexes(plan: &Plan) -> Vec<TypeIndex> {
    let mut out: Vec<TypeIndex> = Vec::new();
    for block in &plan.blocks {
        for side in Side::BOTH {
            for (at, used) in block.types[side].iter().enumerate() {
                let index = entry(&mut out, used.uid);
                index.blocks.push(block.uid);
                index.wakes.extend(used.fields.iter().map(|field| field.uid));
                let follows = block.events[side].relink.is_some();
                index.touched |= follows && block.pick[side].contains(&Choice::MostRecentlyUpdated);
                index.keys.extend(match_keys(block, side, at));
                index.keys.extend(reach_keys(block, side, at));
            }
        }
        for reach in &block.reaches {
            let index = entry(&mut out, reach.target.uid);
            index.reverse.push((reach.key, reach.target.fields.iter().map(|field| field.uid).collect()));
        }
    }
    for block in &plan.blocks {
        block.counts.iter().for_each(|count| index_count(block, count, &mut out));
    }
    for block in &plan.blocks {
        block.lifecycle.iter().for_each(|life| index_cascade(block, life, &mut out));
        block.matches.iter().for_each(|line| index_through(block, line, &mut out));
    }
    for index in &mut out {
        index.wakes.sort_unstable();
        index.wakes.dedup();
        // Several rules may look the same way: a row is filed there once, and counts once.
        once(&mut index.keys);
        once(&mut index.reverse);
        once(&mut index.concerns);
        once(&mut index.vouches);
    }
    out
}

fn once<T: PartialEq>(all: &mut Vec<T>) {
    let mut kept: Vec<T> = Vec::with_capacity(all.len());
    all.drain(..).for_each(|one| kept.extend(Some(one).filter(|one| !kept.contains(one))));
    *all = kept;
}

/// The referring rows are filed under the ids that they name, and a change of them or of what they name onward wakes the
/// members.
fn index_count(block: &Block, count: &Count, out: &mut Vec<TypeIndex>) {
    let fields = |used: &TypeUse| used.fields.iter().map(|field| field.uid).collect::<Vec<Uid>>();
    let index = entry(out, count.referring.ty.uid);
    for (member, field) in block.types[count.side].iter().zip(&count.referring.fields) {
        if *field != Uid::NONE {
            index.keys.push(id_key(count.referring.key, *field));
            index.concerns.push(Concern {
                field: *field,
                of: member.uid,
                key: count.referring.key,
                wakes: fields(&count.referring.ty),
            });
        }
    }
    if let Some(onward) = &count.onward {
        index.keys.push(id_key(onward.key, onward.field));
        entry(out, onward.ty.uid).reverse.push((onward.key, fields(&onward.ty)));
    }
}

/// The members that a match line goes through are filed under the ids that they name.
fn index_through(block: &Block, line: &MatchLine, out: &mut Vec<TypeIndex>) {
    let Some(through) = line.through() else { return };
    for (side, way) in Side::BOTH.into_iter().flat_map(|side| through.ways[side].iter().map(move |way| (side, way))) {
        let Some(of) = block.types[side].get(way.ty).map(|used| used.uid) else { continue };
        let index = entry(out, way.member);
        index.keys.push(id_key(way.key, way.field));
        index.vouches.push(Vouch {
            by: through.block,
            field: way.field,
            of,
            key: way.key,
            block: block.uid,
            line: line.key,
        });
    }
}

/// A company and its records are filed together, and look at how far the furthest has come.
fn index_cascade(block: &Block, life: &Lifecycle, out: &mut Vec<TypeIndex>) {
    let (Some(cascade), Some(used)) = (&life.cascade, block.types.left.get(life.ty)) else { return };
    let part = match block.slots.get(cascade.head).map(|slot| &slot.source) {
        Some(Source::Field { fields, .. }) => {
            KeyPart::Field(fields.get(life.ty).copied().unwrap_or_default(), KeyForm::Id)
        }
        _ => KeyPart::Id,
    };
    let index = entry(out, used.uid);
    index.keys.push(KeySpec { key: cascade.key, parts: vec![part], identity: false });
    index.gathers.push((cascade.fact, cascade.key));
}

fn entry(out: &mut Vec<TypeIndex>, ty: Uid) -> &mut TypeIndex {
    let at = match out.iter().position(|index| index.ty == ty) {
        Some(at) => at,
        None => {
            out.push(TypeIndex { ty, ..TypeIndex::default() });
            out.len() - 1
        }
    };
    &mut out[at]
}

fn match_keys(block: &Block, side: Side, ty: usize) -> impl Iterator<Item = KeySpec> {
    block.match_lines().filter_map(move |line| key_spec(line, side, ty))
}

/// Rows are filed under the id that a field of theirs holds.
fn id_key(key: Uid, field: Uid) -> KeySpec {
    KeySpec { key, parts: vec![KeyPart::Field(field, KeyForm::Id)], identity: false }
}

fn reach_keys(block: &Block, side: Side, ty: usize) -> impl Iterator<Item = KeySpec> {
    block.reaches.iter().filter(move |reach| reach.side == side).filter_map(move |reach| {
        let through = *reach.through.get(ty)?;
        (through != Uid::NONE).then(|| id_key(reach.key, through))
    })
}
