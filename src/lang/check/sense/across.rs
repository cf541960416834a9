//! Several syncs that hold the same records: fields with two writers, and records that make each other be created.

use std::collections::BTreeMap;

use super::{Asked, By, Shape};
use crate::data::{BySide, Side, Value};
use crate::diagnostic::{Code, Finding};
use crate::lang::check::checked::{CheckedKeyPart, CheckedSource};
use crate::lang::check::names::Origin;
use crate::lang::check::rows::RowUse;
use crate::lang::check::sync::{SyncResult, crm};
use crate::lang::meaning::{Answer, Domain, Space, Wanted, find};
use crate::lang::plan::{Cond, Onto, SlotId};
use crate::lang::schema::Initial;

/// Creations in a row that are followed.
const LONGEST: usize = 4;

/// What can be said of all syncs together.
pub(in crate::lang::check) fn across(results: &[SyncResult<'_>], findings: &mut Vec<Finding>) {
    two_writers(results, findings);
    creation_circles(results, findings);
    leads_beside_companies(results, findings);
}

/// A row of one sync that writes a field of a record type.
#[derive(Clone, Copy)]
struct Writer {
    sync: usize,
    row: usize,
    ty: usize,
}

fn two_writers(results: &[SyncResult<'_>], findings: &mut Vec<Finding>) {
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
    let wanted_b: Vec<(Cond, bool)> =
        wanted_b.iter().map(|(cond, answer)| (super::shapes::moved_to(cond, &moved), *answer)).collect();
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
                record.values.retain(|(slot, _)| *slot < shift && !matches!(space.domains[*slot], Domain::Fixed(_)));
                let conds: Vec<&Cond> = wanted_a.iter().map(|(cond, _)| cond).collect();
                let shown = match record.values.is_empty() {
                    true => None,
                    false => Some(one.sense.shown(&one.checked, shape_a, &record, &conds)),
                };
                return Some(shown);
            }
        }
    }
    None
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

/// A `create` line for records of one type.
#[derive(Clone, Copy)]
struct Creation<'r, 'a> {
    sync: usize,
    asked: &'r Asked<'a>,
    /// The side that is created on.
    side: Side,
    from: usize,
    target: usize,
}

fn creation_circles(results: &[SyncResult<'_>], findings: &mut Vec<Finding>) {
    let mut all: Vec<Creation<'_, '_>> = Vec::new();
    for (sync, result) in results.iter().enumerate() {
        for asked in &result.sense.asked {
            let By::Create { side, target: Some(target), from, .. } = asked.by else { continue };
            for ty in 0..result.sense.types[side.other()].len() {
                if from.is_none_or(|from| from == ty) {
                    all.push(Creation { sync, asked, side, from: ty, target });
                }
            }
        }
    }
    let mut told: Vec<Vec<(usize, syncline_grammar::Span)>> = Vec::new();
    for start in &all {
        let Some(circle) = circle_from(results, &all, vec![*start]) else { continue };
        let mut lines: Vec<(usize, syncline_grammar::Span)> =
            circle.iter().map(|step| (step.asked.file, step.asked.line)).collect();
        lines.sort();
        if told.contains(&lines) {
            continue;
        }
        told.push(lines);
        findings.push(circle_finding(results, &circle));
    }
}

fn circle_finding(results: &[SyncResult<'_>], circle: &[Creation<'_, '_>]) -> Finding {
    let made = |step: &Creation<'_, '_>| {
        let name = results[step.sync].sense.types[step.side].get(step.target).map_or("", |member| member.name);
        format!("a {name}")
    };
    let ways: Vec<String> = circle.iter().map(made).collect();
    let message = format!("records create each other for ever: {}, then {} again", ways.join(", for it "), ways[0]);
    let mut finding = Finding::new(Code::CreationCircle, circle[0].asked.file, circle[0].asked.line, message);
    for step in circle.iter().skip(1) {
        let words = format!("`{}` creates for it", results[step.sync].checked.name);
        finding = finding.also(step.asked.file, step.asked.line, words);
    }
    finding.help(
        "join the two into one `sync`; or give the second one a `match` line by a field that the first one fills, \
         or a condition that leaves such records out",
    )
}

/// A way on from the last creation, back to the first one.
fn circle_from<'r, 'a>(
    results: &[SyncResult<'_>],
    all: &[Creation<'r, 'a>],
    way: Vec<Creation<'r, 'a>>,
) -> Option<Vec<Creation<'r, 'a>>> {
    let (first, last) = (*way.first()?, *way.last()?);
    for next in all {
        if !follows(results, &last, next) {
            continue;
        }
        if std::ptr::eq(next.asked, first.asked) && next.from == first.from {
            return Some(way);
        }
        let again = way.iter().any(|step| std::ptr::eq(step.asked, next.asked));
        if !again && way.len() < LONGEST {
            let longer = [way.as_slice(), &[*next]].concat();
            if let Some(found) = circle_from(results, all, longer) {
                return Some(found);
            }
        }
    }
    None
}

/// Whether the record that `step` makes is one for which `next` surely makes another.
fn follows(results: &[SyncResult<'_>], step: &Creation<'_, '_>, next: &Creation<'_, '_>) -> bool {
    let (one, two) = (&results[step.sync], &results[next.sync]);
    let name = |result: &SyncResult<'_>, side: Side, ty: usize| {
        result.sense.types[side].get(ty).map(|member| member.name.to_owned())
    };
    step.sync != next.sync
        && next.side == step.side.other()
        && name(one, step.side, step.target) == name(two, step.side, next.from)
        && has_a_key(one, two, step, next)
        && !finds_its_origin(one, two, step, next)
        && applies(one, two, step, next)
}

/// The row of `step`'s sync that fills a field of the new record in every case.
fn filled_by<'r, 'a>(one: &'r SyncResult<'a>, step: &Creation<'_, '_>, field: &str) -> Option<&'r RowUse<'a>> {
    one.rows.iter().find(|row| {
        row.clauses.when.is_empty()
            && row.ends[step.side.other()].applies(step.from)
            && row.target(step.side, step.target).is_some_and(|target| target.name == field)
    })
}

/// Whether a match line of the second sync has a key in the new record: else nothing is created for it.
fn has_a_key(one: &SyncResult<'_>, two: &SyncResult<'_>, step: &Creation<'_, '_>, next: &Creation<'_, '_>) -> bool {
    two.checked.matches.iter().any(|line| {
        line.parts.iter().all(|key| match key.sides[step.side].get(next.from) {
            Some(Some(CheckedKeyPart::Id)) => true,
            Some(Some(CheckedKeyPart::Field { name, .. })) => filled_by(one, step, name).is_some(),
            _ => false,
        })
    })
}

/// Whether a match line of the second sync joins the new record with the one that it was made for: all its keys are copied
/// from there. Only a way of two steps comes back to where it began.
fn finds_its_origin(
    one: &SyncResult<'_>,
    two: &SyncResult<'_>,
    step: &Creation<'_, '_>,
    next: &Creation<'_, '_>,
) -> bool {
    let origin = one.sense.types[step.side.other()].get(step.from).map(|member| member.name);
    let back = two.sense.types[step.side.other()].iter().position(|member| Some(member.name) == origin);
    let Some(back) = back else { return false };
    two.checked.matches.iter().any(|line| {
        line.parts.iter().all(|key| {
            let here = key.sides[step.side].get(next.from);
            let there = key.sides[step.side.other()].get(back);
            match (here, there) {
                (Some(Some(CheckedKeyPart::Field { name, .. })), Some(Some(origin))) => {
                    let row = filled_by(one, step, name);
                    row.is_some_and(|row| {
                        let source = &row.ends[step.side.other()];
                        match (origin, &source.origin) {
                            (CheckedKeyPart::Id, Origin::Id(_)) => true,
                            (CheckedKeyPart::Field { name, .. }, Origin::Fields(_)) => {
                                source.field(step.from).is_some_and(|field| field.name == name)
                            }
                            _ => false,
                        }
                    })
                }
                _ => false,
            }
        })
    })
}

/// Whether the line takes a record with what the first sync gives it, and nothing else in it.
fn applies(one: &SyncResult<'_>, two: &SyncResult<'_>, step: &Creation<'_, '_>, next: &Creation<'_, '_>) -> bool {
    let By::Create { even_if_excluded, .. } = next.asked.by else { return false };
    let takes = |asked: &Asked<'_>| match asked.by {
        By::Create { side, from, .. } => side == next.side && from.is_none_or(|from| from == next.from),
        _ => false,
    };
    let above =
        two.sense.asked.iter().take_while(|asked| !std::ptr::eq(*asked, next.asked)).filter(|asked| takes(asked));
    let mut wanted: Vec<(Cond, bool)> = above.map(|asked| (asked.cond.clone(), false)).collect();
    wanted.push((next.asked.cond.clone(), true));
    let gates = if even_if_excluded { Vec::new() } else { two.sense.gates_to(next.side) };
    let only = |side: Side, from: usize, other: usize| {
        let mut only: BySide<Option<usize>> = BySide::default();
        only[side] = Some(from);
        only[side.other()] = Some(other);
        only
    };
    let alone = two.sense.alone(step.side, Some(next.from));
    let made = two.sense.made(next.side, only(step.side, next.from, next.target));
    let answers = |shapes: &[Shape], wanted: &[(Cond, bool)]| {
        shapes.iter().any(|shape| {
            let Some(space) = two.sense.spaces.get(shape) else { return false };
            let mut space = space.clone();
            pin(one, two, step, next, &mut space);
            let wanted: Vec<Wanted<'_>> = wanted.iter().map(|(cond, answer)| (cond, *answer)).collect();
            matches!(find(&space, &wanted, two.sense.budget), Answer::Record(_))
        })
    };
    answers(&alone, &wanted) && answers(&made, &[wanted.clone(), gates].concat())
}

/// What is known of the fields of a record that was just made: what no row fills is as the CRM makes it.
fn pin(
    one: &SyncResult<'_>,
    two: &SyncResult<'_>,
    step: &Creation<'_, '_>,
    next: &Creation<'_, '_>,
    space: &mut Space,
) {
    for (at, slot) in two.checked.slots.iter().enumerate() {
        let known = match &slot.source {
            CheckedSource::Field { side, fields } if *side == step.side => {
                let Some(name) = fields.get(next.from).and_then(Option::as_ref) else { continue };
                let row = one.rows.iter().find(|row| {
                    row.ends[step.side.other()].applies(step.from)
                        && row.target(step.side, step.target).is_some_and(|target| target.name == name)
                });
                match row.map(|row| &row.ends[step.side.other()].origin) {
                    Some(Origin::Constant(value)) => value.clone(),
                    Some(_) => continue,
                    None => {
                        let types = &two.sense.types[step.side];
                        let def = types.get(next.from).and_then(|member| member.def.fields.get(name));
                        match def.map(|def| &def.initial) {
                            Some(Initial::Blank) if def.is_some_and(|def| def.createable && !def.calculated) => {
                                Value::Null
                            }
                            Some(Initial::Value(value)) => Value::Text(value.clone()),
                            _ => continue,
                        }
                    }
                }
            }
            CheckedSource::Member { side, .. } if *side == step.side => Value::Bool(false),
            CheckedSource::Count { .. } => Value::Bool(false),
            CheckedSource::Reached { .. } | CheckedSource::ReachedId { .. } => Value::Null,
            _ => continue,
        };
        if !matches!(space.domains.get(at), None | Some(Domain::As(_))) {
            space.domains[at] = Domain::Fixed(known);
        }
    }
}

/// Leads have no account: when one is converted, its account comes new, and beside the company that its contact had in
/// HubSpot a second one is created, unless companies are matched by what they hold. (The native integration's own page warns
/// of this.)
fn leads_beside_companies(results: &[SyncResult<'_>], findings: &mut Vec<Finding>) {
    let creates = |result: &'_ SyncResult<'_>, side: Side, name: &str| -> Option<(usize, syncline_grammar::Span)> {
        let found = result.sense.asked.iter().find(|asked| match asked.by {
            By::Create { side: of, target: Some(target), .. } => {
                of == side && result.sense.types[side].get(target).is_some_and(|member| member.name == name)
            }
            _ => false,
        });
        found.map(|asked| (asked.file, asked.line))
    };
    let leads = results.iter().find_map(|result| creates(result, Side::Right, "Lead"));
    let Some((lead_file, lead)) = leads else { return };
    for result in results {
        let from_accounts = result.sense.types.right.iter().any(|member| member.name == "Account");
        let Some((file, line)) = creates(result, Side::Left, "company").filter(|_| from_accounts) else { continue };
        let by_id = |part: &Option<CheckedKeyPart>| matches!(part, Some(CheckedKeyPart::Id));
        let by_what_they_hold = result.checked.matches.iter().any(|line| {
            !line.parts.iter().any(|key| Side::BOTH.into_iter().any(|side| key.sides[side].iter().any(by_id)))
        });
        if by_what_they_hold {
            continue;
        }
        let message =
            "an account that comes of a converted lead makes a second company beside the one that its contact has";
        let finding = Finding::new(Code::LeadsBesideCompanies, file, line, message).also(
            lead_file,
            lead,
            "leads have no account, until they are converted",
        );
        findings.push(finding.help("match companies also by what they hold: `match name = Name`; or create contacts of people whose company is known"));
    }
}
