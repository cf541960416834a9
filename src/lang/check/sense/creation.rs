//! Records that make each other be created: what one sync creates is a new record to another one.

use super::{Asked, By, Shape};
use crate::data::{BySide, Side, Value};
use crate::diagnostic::{Code, Finding};
use crate::lang::check::checked::{CheckedKeyPart, CheckedMatchBy, CheckedSource};
use crate::lang::check::names::Origin;
use crate::lang::check::rows::RowUse;
use crate::lang::check::sync::SyncResult;
use crate::lang::meaning::{Answer, Domain, Space, Wanted, find};
use crate::lang::plan::Cond;
use crate::lang::schema::Initial;

/// Creations in a row that are followed.
const LONGEST: usize = 4;

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

pub(super) fn creation_circles(results: &[SyncResult<'_>], findings: &mut Vec<Finding>) {
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
        let CheckedMatchBy::Keys(keys) = &line.by else { return false };
        keys.iter().all(|key| match key.sides[step.side].get(next.from) {
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
        let CheckedMatchBy::Keys(keys) = &line.by else { return false };
        keys.iter().all(|key| {
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
