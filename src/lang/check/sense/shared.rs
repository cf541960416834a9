//! Fields of records that two syncs share, written by both.

use std::collections::{BTreeMap, BTreeSet};

use super::Shape;
use super::example::Words;
use crate::data::{BySide, Side, Value};
use crate::diagnostic::{Code, Finding};
use crate::lang::check::checked::CheckedSource;
use crate::lang::check::rows::RowUse;
use crate::lang::check::sync::{SyncResult, crm};
use crate::lang::meaning::{Answer, Domain, Record, Space, Wanted, find};
use crate::lang::plan::{Cond, Onto, SlotId, slots_of};

/// A row of one sync that writes a field of a record type.
#[derive(Clone, Copy)]
struct Writer {
    sync: usize,
    row: usize,
    ty: usize,
}

pub(super) fn two_writers(results: &[SyncResult<'_>], findings: &mut Vec<Finding>) {
    let mut writers: BTreeMap<(Side, &str, &str), Vec<Writer>> = BTreeMap::new();
    for (sync, result) in results.iter().enumerate() {
        for (row, used) in result.rows.iter().enumerate() {
            // What is written once, or only onto a blank, is nobody's to fight about.
            if used.clauses.at_creation || used.clauses.onto != Onto::Replace {
                continue;
            }
            for side in Side::BOTH {
                for (ty, member) in result.sense.types[side].iter().enumerate() {
                    if let Some(target) = used.target(side, ty) {
                        writers.entry((side, member.name, target.name)).or_default().push(Writer { sync, row, ty });
                    }
                }
            }
        }
    }
    for ((side, of, field), writers) in &writers {
        let mut others = writers.iter().enumerate().flat_map(|(at, a)| writers[..at].iter().map(move |b| (b, a)));
        let found =
            others.find_map(|(a, b)| (a.sync != b.sync).then(|| both(results, *side, *a, *b).map(|e| (*a, *b, e)))?);
        let Some((first, second, example)) = found else { continue };
        let (a, b) = (&results[first.sync], &results[second.sync]);
        let (Some(row_a), Some(row_b)) = (a.rows.get(first.row), b.rows.get(second.row)) else { continue };
        let message = format!("`{field}` of {} {of} is also written by the sync `{}`", crm(*side), a.checked.name);
        let finding = Finding::new(Code::TwoWriters, b.file, row_b.tree.span, message).also(
            a.file,
            row_a.tree.span,
            "by this row",
        );
        let out = "let one of the syncs write it, or keep their records apart by gates";
        findings.push(finding.help(match example {
            Some(example) => format!("{out}; both are about {example}"),
            None => out.to_owned(),
        }));
    }
}

/// Whether one record can be in both syncs with both rows: none where it is not, or not known; else what such a record is
/// like, where conditions say so.
fn both(results: &[SyncResult<'_>], side: Side, a: Writer, b: Writer) -> Option<Option<String>> {
    let (one, two) = (&results[a.sync], &results[b.sync]);
    let (row_a, row_b) = (one.rows.get(a.row)?, two.rows.get(b.row)?);
    let asks = |result: &SyncResult<'_>, row: &RowUse<'_>| -> Vec<(Cond, bool)> {
        let mut wanted: Vec<(Cond, bool)> = row.clauses.when.iter().map(|when| (when.clone(), true)).collect();
        if !result.checked.keep_syncing[side] {
            wanted.extend(result.sense.gates_to(side));
        }
        wanted
    };
    let (wanted_a, wanted_b) = (asks(one, row_a), asks(two, row_b));
    if wanted_a.is_empty() && wanted_b.is_empty() {
        return Some(None);
    }
    let shift = one.checked.slots.len();
    let moved: Vec<SlotId> = (0..two.checked.slots.len()).map(|slot| slot + shift).collect();
    let asked_b = wanted_b;
    let wanted_b: Vec<(Cond, bool)> =
        asked_b.iter().map(|(cond, answer)| (super::counted::moved_to(cond, &moved), *answer)).collect();
    let only = |ty: usize| {
        let mut only: BySide<Option<usize>> = BySide::default();
        only[side] = Some(ty);
        only
    };
    for shape_a in one.sense.linked(only(a.ty)) {
        for shape_b in two.sense.linked(only(b.ty)) {
            let space = joined(one, two, side, shape_a, shape_b);
            let all = wanted_a.iter().chain(&wanted_b);
            let wanted: Vec<Wanted<'_>> = all.map(|(cond, answer)| (cond, *answer)).collect();
            if let Answer::Record(mut record) = find(&space, &wanted, one.sense.budget) {
                record.values.retain(|(slot, _)| !matches!(space.domains[*slot], Domain::Fixed(_)));
                if record.values.is_empty() {
                    return Some(None);
                }
                let (here, there): (Vec<_>, Vec<_>) = record.values.into_iter().partition(|(slot, _)| *slot < shift);
                let there = there.into_iter().map(|(slot, value)| (slot - shift, value)).collect();
                // What the second sync asks of the record that both hold stands with the slots of the first one.
                let shared = asked_of(&asked_b).filter_map(|slot| match space.domains.get(slot + shift) {
                    Some(Domain::As(first)) if *first < shift => Some(Cond::Known(*first)),
                    _ => None,
                });
                let shared: Vec<Cond> = shared.collect();
                let conds_a: Vec<&Cond> = wanted_a.iter().map(|(cond, _)| cond).chain(&shared).collect();
                let conds_b: Vec<&Cond> = asked_b.iter().map(|(cond, _)| cond).collect();
                let mut words = Words::default();
                one.sense.tell(&one.checked, shape_a, &Record { values: here }, &conds_a, &mut words);
                two.sense.tell(&two.checked, shape_b, &Record { values: there }, &conds_b, &mut words);
                return Some(Some(words.whole()));
            }
        }
    }
    None
}

/// The slots that conditions look at.
fn asked_of(wanted: &[(Cond, bool)]) -> impl Iterator<Item = SlotId> {
    let mut slots = BTreeSet::new();
    for (cond, _) in wanted {
        slots_of(cond, &mut |slot| {
            slots.insert(slot);
        });
    }
    slots.into_iter()
}

/// The slots of two syncs that share the record on one side.
fn joined(one: &SyncResult<'_>, two: &SyncResult<'_>, side: Side, shape_a: Shape, shape_b: Shape) -> Space {
    let of = |result: &SyncResult<'_>, shape: Shape| -> Vec<Domain> {
        match result.sense.spaces.get(&shape) {
            Some(space) => space.domains.clone(),
            None => vec![Domain::Fixed(Value::Null); result.checked.slots.len()],
        }
    };
    let mut domains = of(one, shape_a);
    let shift = domains.len();
    let shared = |result: &SyncResult<'_>, ty: Option<usize>| -> BTreeMap<String, SlotId> {
        let mut shared = BTreeMap::new();
        for (at, slot) in result.checked.slots.iter().enumerate() {
            let name = match &slot.source {
                CheckedSource::Field { side: of, fields } if *of == side => ty.and_then(|ty| fields.get(ty)?.clone()),
                CheckedSource::Member { side: of, list } if *of == side => Some(format!("list {list}")),
                _ => None,
            };
            if let Some(name) = name {
                shared.entry(name).or_insert(at);
            }
        }
        shared
    };
    let here = shared(one, shape_a.ty(side));
    let there = shared(two, shape_b.ty(side));
    let mut more = of(two, shape_b);
    for domain in &mut more {
        if let Domain::As(other) = domain {
            *other += shift;
        }
    }
    domains.extend(more);
    for (name, at) in there {
        if let Some(first) = here.get(&name) {
            domains[at + shift] = Domain::As(*first);
        }
    }
    // A slot stands for one that holds a value of its own.
    for at in 0..domains.len() {
        if let Domain::As(other) = domains[at]
            && let Some(Domain::As(further)) = domains.get(other)
        {
            domains[at] = Domain::As(*further);
        }
    }
    Space { domains, axioms: Vec::new() }
}
