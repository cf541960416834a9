//! Whether a row meets a condition.

use std::cmp::Ordering;

use super::super::record::{Record, Val};
use super::super::schema::ObjectIx;
use super::super::world::World;
use super::ast::{Glob, Op};
use super::plan::{Access, Const, Leaf, Test};

/// A row with the object it belongs to.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub object: ObjectIx,
    pub record: &'a Record,
}

/// The row that a reference of this row points to; also a deleted one.
pub(super) fn follow<'a>(world: &'a World, from: At<'_>, hop: &[(ObjectIx, u16)]) -> Option<At<'a>> {
    let field = hop.iter().find(|(object, _)| *object == from.object)?.1;
    let Val::Id(id) = from.record.value(field) else { return None };
    let object = world.schema.of_id(&id)?;
    Some(At { object, record: world.table(object)?.by_id(&id)? })
}

/// The value at the end of a path; null when a parent is missing.
pub(super) fn value<'a>(world: &'a World, from: At<'a>, access: &Access) -> Val<'a> {
    let mut at = from;
    for hop in &access.hops {
        match follow(world, at, hop) {
            Some(parent) => at = parent,
            None => return Val::Null,
        }
    }
    leaf(world, at, &access.leaf)
}

pub(super) fn leaf<'a>(world: &'a World, at: At<'a>, leaf: &Leaf) -> Val<'a> {
    match leaf {
        Leaf::Field(by) => {
            by.iter().find(|(object, _)| *object == at.object).map_or(Val::Null, |(_, field)| at.record.value(*field))
        }
        Leaf::Type => world.schema.object(at.object).map_or(Val::Null, |o| Val::Text(o.name)),
    }
}

/// Tests one row; each condition looked at takes one from `work`, and at zero the answer means nothing.
pub(super) fn holds(world: &World, row: At<'_>, test: &Test, work: &mut u64) -> bool {
    *work = work.saturating_sub(1);
    if *work == 0 {
        return false;
    }
    match test {
        Test::And(all) => all.iter().all(|t| holds(world, row, t, work)),
        Test::Or(any) => any.iter().any(|t| holds(world, row, t, work)),
        Test::Not(inner) => !holds(world, row, inner, work),
        Test::Null { access, negated } => (value(world, row, access) == Val::Null) != *negated,
        Test::Compare { access, op, value: right } => compare(value(world, row, access), *op, right),
        Test::Like { access, pattern } => match value(world, row, access) {
            Val::Text(text) => matches(pattern, text),
            _ => false,
        },
        Test::In { access, negated, keys, null } => {
            let found = match key(value(world, row, access)) {
                Some(key) => keys.contains(&key),
                None => *null,
            };
            found != *negated
        }
        // See `search`: it is bound by then.
        Test::InQuery { .. } => false,
        Test::Includes { access, negated, sets } => {
            let found = match value(world, row, access) {
                Val::Text(text) => {
                    let chosen: Vec<String> = text.split(';').map(|v| v.trim().to_lowercase()).collect();
                    sets.iter().any(|set| set.iter().all(|v| chosen.contains(v)))
                }
                _ => false,
            };
            found != *negated
        }
    }
}

pub(super) fn compare(left: Val<'_>, op: Op, right: &Const) -> bool {
    if left == Val::Null {
        return op == Op::Ne;
    }
    let order = match (left, right) {
        (Val::Bool(a), Const::Bool(b)) => Some(a.cmp(b)),
        (Val::Int(a), Const::Num(b)) => (a as f64).partial_cmp(b),
        (Val::Num(a), Const::Num(b)) => a.partial_cmp(b),
        (Val::Text(a), Const::Text(b)) => Some(fold_cmp(a, b)),
        (Val::Id(a), Const::Text(b)) => Some(a.short().cmp(b)),
        (Val::Date(a), Const::Date(b)) => Some(a.cmp(b)),
        (Val::Time(a), Const::Time(b)) => Some(a.0.cmp(b)),
        _ => None,
    };
    match (order, op) {
        (None, op) => op == Op::Ne,
        (Some(o), Op::Eq) => o == Ordering::Equal,
        (Some(o), Op::Ne) => o != Ordering::Equal,
        (Some(o), Op::Lt) => o == Ordering::Less,
        (Some(o), Op::Le) => o != Ordering::Greater,
        (Some(o), Op::Gt) => o == Ordering::Greater,
        (Some(o), Op::Ge) => o != Ordering::Less,
    }
}

/// Compares without case; `lower` is in lower case already.
fn fold_cmp(text: &str, lower: &str) -> Ordering {
    if text.is_ascii() {
        return text.bytes().map(|b| b.to_ascii_lowercase()).cmp(lower.bytes());
    }
    text.to_lowercase().as_str().cmp(lower)
}

/// The key of a value in an IN list; see [`Const::key`].
pub(super) fn key(value: Val<'_>) -> Option<String> {
    Some(match value {
        Val::Null => return None,
        Val::Bool(b) => b.to_string(),
        Val::Int(i) => (i as f64).to_string(),
        Val::Num(n) => n.to_string(),
        Val::Text(text) => text.to_lowercase(),
        Val::Id(id) => id.short().to_owned(),
        Val::Date(day) => format!("d{day}"),
        Val::Time(at) => format!("t{}", at.0),
    })
}

/// Whether the text fits the pattern. Goes back only to the last `%`, so the work is bounded by both lengths multiplied.
fn matches(pattern: &[Glob], text: &str) -> bool {
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p), text.get(t)) {
            (Some(Glob::Any), _) => {
                retry = Some((p + 1, t));
                p += 1;
            }
            (Some(Glob::One), Some(_)) => (p, t) = (p + 1, t + 1),
            (Some(Glob::Char(c)), Some(d)) if c == d => (p, t) = (p + 1, t + 1),
            (None, None) => return true,
            _ => match retry {
                Some((after, from)) if from < text.len() => {
                    retry = Some((after, from + 1));
                    (p, t) = (after, from + 1);
                }
                _ => return false,
            },
        }
    }
}
