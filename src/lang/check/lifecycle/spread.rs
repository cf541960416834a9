//! A cascade that feeds itself over the rows of several syncs.

use std::collections::BTreeSet;

use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::check::checked::{CheckedSource, CheckedSync};
use crate::lang::check::sense::By;
use crate::lang::check::sync::SyncResult;
use crate::lang::plan::{Cond, Piece, SlotId, slots_of};

/// A field of a record type.
type FieldAt<'r> = (Side, &'r str, &'r str);

/// What a `reach` line asks for comes from the stage over rows of other syncs: a deal that gets it from its company, which
/// gets it by the cascade.
pub(in crate::lang::check) fn fed_across(results: &[SyncResult<'_>], findings: &mut Vec<Finding>) {
    for result in results {
        let Some(life) = &result.checked.lifecycle else { continue };
        let Some(own) = result.checked.types.left.get(life.ty) else { continue };
        let mut fed: BTreeSet<FieldAt<'_>> = BTreeSet::from([(Side::Left, own.as_str(), life.field.as_str())]);
        if let Some(cascade) = life.cascade.as_ref().filter(|cascade| cascade.to_company.is_some()) {
            fed.insert((Side::Left, &cascade.company, &life.field));
        }
        spread(results, &mut fed);
        for asked in &result.sense.asked {
            let (By::Stage { back: false, .. }, Some(tree)) = (asked.by, asked.tree) else { continue };
            if let Some(name) = asks_for(&result.checked, &asked.cond, &fed) {
                let message = format!("`{name}` comes from the stage that this line moves, over another sync");
                findings.push(Finding::new(Code::FeedsItself, asked.file, tree.span(), message));
            }
        }
    }
}

/// Adds every field that a row of any sync fills from one of these.
fn spread<'r>(results: &'r [SyncResult<'_>], fed: &mut BTreeSet<FieldAt<'r>>) {
    loop {
        let before = fed.len();
        for result in results {
            for (row, line) in result.rows.iter().zip(&result.checked.lines) {
                for to in Side::BOTH.into_iter().filter(|to| row.writes(*to)) {
                    let sources = sources_of(&result.checked, line.slots[to.other()]);
                    if !sources.iter().any(|source| fed.contains(source)) {
                        continue;
                    }
                    let targets = result.checked.types[to].iter().zip(&line.targets[to]);
                    fed.extend(targets.filter_map(|(of, target)| Some((to, of.as_str(), target.as_ref()?.as_str()))));
                }
            }
        }
        if fed.len() == before {
            return;
        }
    }
}

/// The fields that a slot's value is made of.
fn sources_of(checked: &CheckedSync, slot: SlotId) -> Vec<FieldAt<'_>> {
    match checked.slots.get(slot).map(|slot| &slot.source) {
        Some(CheckedSource::Field { side, fields }) => {
            let types = checked.types[*side].iter().zip(fields);
            types.filter_map(|(of, field)| Some((*side, of.as_str(), field.as_ref()?.as_str()))).collect()
        }
        Some(CheckedSource::Reached { reach, field }) => {
            let reach = checked.reaches.get(*reach);
            reach.map(|reach| (reach.side, reach.target.as_str(), field.as_str())).into_iter().collect()
        }
        Some(CheckedSource::FirstKnown(slots)) => slots.iter().flat_map(|slot| sources_of(checked, *slot)).collect(),
        Some(CheckedSource::Composed(pieces)) => {
            let values = pieces.iter().filter_map(|piece| match piece {
                Piece::Value(slot) => Some(*slot),
                Piece::Text(_) => None,
            });
            values.flat_map(|slot| sources_of(checked, slot)).collect()
        }
        Some(CheckedSource::ListOf { count }) => {
            let Some(list) = checked.counts.get(*count) else { return Vec::new() };
            let of = list.onward.as_ref().map_or(&list.referring.0, |(_, of)| of);
            let fields = list.slots.iter().filter_map(|slot| match &slot.source {
                CheckedSource::Field { fields, .. } => fields.first()?.as_deref(),
                _ => None,
            });
            fields.map(|field| (list.side, of.as_str(), field)).collect()
        }
        _ => Vec::new(),
    }
}

/// The first of these fields that a condition asks for, also of counted records, as the rule wrote it.
fn asks_for(checked: &CheckedSync, cond: &Cond, fed: &BTreeSet<FieldAt<'_>>) -> Option<String> {
    let mut found = None;
    slots_of(cond, &mut |at: SlotId| {
        let Some(slot) = checked.slots.get(at).filter(|_| found.is_none()) else { return };
        if sources_of(checked, at).iter().any(|source| fed.contains(source)) {
            found = Some(slot.name.clone());
        }
        let CheckedSource::Count { count } = &slot.source else { return };
        let Some(count) = checked.counts.get(*count) else { return };
        let of = count.onward.as_ref().map_or(&count.referring.0, |(_, of)| of);
        slots_of(&count.filter, &mut |at: SlotId| {
            if let Some(slot) = count.slots.get(at)
                && let CheckedSource::Field { fields, .. } = &slot.source
                && fields.iter().flatten().any(|field| fed.contains(&(count.side, of.as_str(), field.as_str())))
            {
                found.get_or_insert_with(|| format!("{}.{}", of, slot.name));
            }
        });
    });
    found
}
