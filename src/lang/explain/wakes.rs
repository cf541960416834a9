//! What makes a rule look again: the plan's inputs.

use std::collections::BTreeSet;

use super::phrases::{crm, field_name};
use crate::data::{Side, Uid};
use crate::lang::plan::{Block, Cond, Piece, SlotId, Source, TypeUse, slots_of, timed};

/// What a condition looks at, one line each.
pub(super) fn of_cond(block: &Block, cond: &Cond) -> Vec<String> {
    let mut slots = BTreeSet::new();
    slots_of(cond, &mut |slot| {
        slots.insert(slot);
    });
    let mut out = of_slots(block, slots);
    let mut by_time = Vec::new();
    timed(cond, &mut by_time);
    if !by_time.is_empty() {
        out.push("time: it is asked again by itself when a span that it names is over".to_owned());
    }
    out
}

/// What values come from, one line each and none twice.
pub(super) fn of_slots(block: &Block, slots: impl IntoIterator<Item = SlotId>) -> Vec<String> {
    let mut out = Vec::new();
    for slot in slots {
        for line in of_slot(block, slot) {
            if !out.contains(&line) {
                out.push(line);
            }
        }
    }
    out
}

fn of_slot(block: &Block, slot: SlotId) -> Vec<String> {
    let Some(slot) = block.slots.get(slot) else { return Vec::new() };
    match &slot.source {
        Source::Field { side, fields } => own_fields(block, *side, fields),
        Source::Reached { reach, field } => match block.reaches.get(*reach) {
            Some(reach) => {
                let name = field_name(&reach.target, *field).unwrap_or("?");
                let mut out =
                    vec![format!("a change of `{name}` of the {} {} behind it", crm(reach.side), reach.target.name)];
                out.extend(own_fields(block, reach.side, &reach.through));
                out
            }
            None => Vec::new(),
        },
        Source::ReachedId { reach } => match block.reaches.get(*reach) {
            Some(reach) => own_fields(block, reach.side, &reach.through),
            None => Vec::new(),
        },
        Source::Member { .. } => vec![format!("joining or leaving the list \"{}\"", slot.name)],
        Source::Linked { side, .. } => vec![format!("getting or losing a partner in {}", crm(*side))],
        Source::Count { count } | Source::ListOf { count } => match block.counts.get(*count) {
            Some(count) => {
                let referring = &count.referring.ty;
                let mut out = vec![format!(
                    "{} {} records that name it, new, changed and deleted ones",
                    crm(count.side),
                    referring.name
                )];
                if let Some(onward) = &count.onward {
                    let names: Vec<&str> = onward.ty.fields.iter().map(|field| field.name.as_str()).collect();
                    out.push(format!("a change of {} of the {} behind them", quoted(&names), onward.ty.name));
                }
                out
            }
            None => Vec::new(),
        },
        Source::Furthest { .. } => vec!["how far the other records of its company have come".to_owned()],
        Source::Unique { side, line } => match block.matches.get(*line) {
            Some(line) => vec![format!("another record in {} with the same key of `{}`", crm(*side), line.rule.name)],
            None => Vec::new(),
        },
        Source::FirstKnown(slots) => of_slots(block, slots.iter().copied()),
        Source::Composed(pieces) => of_slots(
            block,
            pieces.iter().filter_map(|piece| match piece {
                Piece::Value(slot) => Some(*slot),
                Piece::Text(_) => None,
            }),
        ),
        // An id never changes, and a text of the rules only with the rules.
        Source::RecordId { .. } | Source::Constant(_) => Vec::new(),
    }
}

fn own_fields(block: &Block, side: Side, fields: &[Uid]) -> Vec<String> {
    let names: Vec<Option<String>> =
        block.types[side].iter().zip(fields).map(|(ty, uid)| field_name(ty, *uid).map(str::to_owned)).collect();
    match names.iter().any(Option::is_some) {
        true => vec![format!("a change of {}", super::phrases::per_type(block, side, &names))],
        false => Vec::new(),
    }
}

fn quoted(names: &[&str]) -> String {
    super::phrases::and(&names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>())
}

/// Record types beside the block's own that its rules make Syncline read.
pub(super) fn other_types<'b>(block: &'b Block, slots: &BTreeSet<SlotId>) -> Vec<(Side, &'b TypeUse)> {
    let mut out: Vec<(Side, &TypeUse)> = Vec::new();
    let mut add = |side: Side, ty: &'b TypeUse| {
        let own = block.types[side].iter().any(|member| member.uid == ty.uid);
        if !own && !out.iter().any(|(_, known)| known.uid == ty.uid) {
            out.push((side, ty));
        }
    };
    for slot in slots.iter().filter_map(|slot| block.slots.get(*slot)) {
        match &slot.source {
            Source::Reached { reach, .. } | Source::ReachedId { reach } => {
                block.reaches.get(*reach).into_iter().for_each(|reach| add(reach.side, &reach.target));
            }
            Source::Count { count } | Source::ListOf { count } => {
                if let Some(count) = block.counts.get(*count) {
                    add(count.side, &count.referring.ty);
                    count.onward.iter().for_each(|onward| add(count.side, &onward.ty));
                }
            }
            _ => {}
        }
    }
    out
}

/// The slots of a condition, with those that they are made of.
pub(super) fn slots(block: &Block, cond: &Cond) -> BTreeSet<SlotId> {
    let mut out = BTreeSet::new();
    slots_of(cond, &mut |slot| with_parts(block, slot, &mut out));
    out
}

pub(super) fn with_parts(block: &Block, slot: SlotId, out: &mut BTreeSet<SlotId>) {
    if !out.insert(slot) {
        return;
    }
    match block.slots.get(slot).map(|slot| &slot.source) {
        Some(Source::FirstKnown(parts)) => parts.iter().for_each(|part| with_parts(block, *part, out)),
        Some(Source::Composed(pieces)) => pieces.iter().for_each(|piece| {
            if let Piece::Value(slot) = piece {
                with_parts(block, *slot, out);
            }
        }),
        _ => {}
    }
}
