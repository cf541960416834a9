//! Which rows a plan finds, in order: by an index where one helps, with bounded work.

use std::cmp::Ordering;
use std::ops::Bound;

use crate::data::Millis;

use super::super::ids::Id;
use super::super::record::Val;
use super::super::schema;
use super::super::table::{RowIx, Table};
use super::super::world::World;
use super::ast::Op;
use super::eval::{At, holds, key, value};
use super::plan::{Const, Plan, SortKey, Test};

/// The query looked at more than it may.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct TooMuchWork;

/// Rows that the plan finds, in its order, OFFSET and LIMIT applied; without ORDER BY in no order that means anything.
/// `all` includes deleted rows. `work` is how many conditions may be looked at.
pub(in super::super) fn search(
    world: &World,
    plan: &Plan,
    all: bool,
    work: &mut u64,
) -> Result<Vec<RowIx>, TooMuchWork> {
    search_in(world, plan, None, all, work)
}

/// The same among given rows only.
pub(super) fn search_in(
    world: &World,
    plan: &Plan,
    among: Option<&[RowIx]>,
    all: bool,
    work: &mut u64,
) -> Result<Vec<RowIx>, TooMuchWork> {
    let Some(table) = world.table(plan.object) else { return Ok(Vec::new()) };
    let bound;
    let plan = match &plan.filter {
        Some(test) if asks_within(test) => {
            let filter = Some(bind(world, test, work)?);
            bound = Plan { filter, ..plan.clone() };
            &bound
        }
        _ => plan,
    };
    let fits = |ix: &RowIx, work: &mut u64| {
        *work = work.saturating_sub(1);
        table.row(*ix).is_some_and(|record| {
            (all || !record.deleted)
                && plan.filter.as_ref().is_none_or(|test| holds(world, At { object: plan.object, record }, test, work))
        })
    };
    let wanted = plan.limit.unwrap_or(usize::MAX).saturating_add(plan.offset);
    let by_value = plan.filter.as_ref().and_then(|test| by_value(table, test));
    let candidates = among.map(<[RowIx]>::to_vec).or(by_value);
    let by_stamp = ordered_by_stamp(&plan.order);
    let mut found: Vec<RowIx> = Vec::new();
    match candidates {
        Some(mut rows) => {
            rows.sort_unstable();
            rows.dedup();
            found.extend(rows.into_iter().filter(|ix| fits(ix, work)));
        }
        None => {
            let (from, to) = plan.filter.as_ref().map_or((Bound::Unbounded, Bound::Unbounded), stamps);
            for ix in table.stamped(from, to) {
                if fits(&ix, work) {
                    found.push(ix);
                }
                if *work == 0 {
                    return Err(TooMuchWork);
                }
                if by_stamp && found.len() >= wanted {
                    break;
                }
            }
            if by_stamp {
                return Ok(cut(found, plan));
            }
        }
    }
    if *work == 0 {
        return Err(TooMuchWork);
    }
    sort(world, plan, table, &mut found);
    Ok(cut(found, plan))
}

fn asks_within(test: &Test) -> bool {
    match test {
        Test::And(all) | Test::Or(all) => all.iter().any(asks_within),
        Test::Not(inner) => asks_within(inner),
        Test::InQuery { .. } => true,
        _ => false,
    }
}

/// Runs the queries within a condition, once each, and puts the values that they find in their place.
fn bind(world: &World, test: &Test, work: &mut u64) -> Result<Test, TooMuchWork> {
    Ok(match test {
        Test::And(all) => Test::And(all.iter().map(|t| bind(world, t, work)).collect::<Result<_, _>>()?),
        Test::Or(any) => Test::Or(any.iter().map(|t| bind(world, t, work)).collect::<Result<_, _>>()?),
        Test::Not(inner) => Test::Not(Box::new(bind(world, inner, work)?)),
        Test::InQuery { access, negated, field, plan } => {
            let rows = search_in(world, plan, None, false, work)?;
            let records = rows.iter().filter_map(|ix| world.table(plan.object)?.row(*ix));
            let values = records.map(|record| value(world, At { object: plan.object, record }, field));
            Test::In { access: access.clone(), negated: *negated, keys: values.filter_map(key).collect(), null: false }
        }
        other => other.clone(),
    })
}

fn cut(mut rows: Vec<RowIx>, plan: &Plan) -> Vec<RowIx> {
    rows.drain(..plan.offset.min(rows.len()));
    rows.truncate(plan.limit.unwrap_or(usize::MAX));
    rows
}

/// The order of the (SystemModstamp, Id) index itself.
fn ordered_by_stamp(order: &[SortKey]) -> bool {
    let own: Vec<Option<u16>> = order.iter().map(|k| k.access.own().filter(|_| !k.descending)).collect();
    matches!(own.as_slice(), [Some(schema::STAMP)] | [Some(schema::STAMP), Some(schema::ID)])
}

/// A window of stamps that holds every row that can pass.
fn stamps(test: &Test) -> (Bound<Millis>, Bound<Millis>) {
    let none = (Bound::Unbounded, Bound::Unbounded);
    match test {
        Test::Compare { access, op, value: Const::Time(at) } if access.own() == Some(schema::STAMP) => {
            let at = Millis(*at);
            match op {
                Op::Eq => (Bound::Included(at), Bound::Included(at)),
                Op::Gt => (Bound::Excluded(at), Bound::Unbounded),
                Op::Ge => (Bound::Included(at), Bound::Unbounded),
                Op::Lt => (Bound::Unbounded, Bound::Excluded(at)),
                Op::Le => (Bound::Unbounded, Bound::Included(at)),
                Op::Ne => none,
            }
        }
        Test::And(all) => all.iter().map(stamps).fold(none, |a, b| (later(a.0, b.0), earlier(a.1, b.1))),
        Test::Or(any) => any
            .iter()
            .map(stamps)
            .reduce(|a, b| {
                let from = if later(a.0, b.0) == a.0 { b.0 } else { a.0 };
                let to = if earlier(a.1, b.1) == a.1 { b.1 } else { a.1 };
                (from, to)
            })
            .unwrap_or(none),
        _ => none,
    }
}

/// The tighter of two lower bounds.
fn later(a: Bound<Millis>, b: Bound<Millis>) -> Bound<Millis> {
    let rank = |bound: &Bound<Millis>| match bound {
        Bound::Unbounded => None,
        Bound::Included(at) => Some((*at, 0)),
        Bound::Excluded(at) => Some((*at, 1)),
    };
    if rank(&a) >= rank(&b) { a } else { b }
}

/// The tighter of two upper bounds.
fn earlier(a: Bound<Millis>, b: Bound<Millis>) -> Bound<Millis> {
    let rank = |bound: &Bound<Millis>| match bound {
        Bound::Unbounded => (1, Millis(0), 0),
        Bound::Included(at) => (0, *at, 1),
        Bound::Excluded(at) => (0, *at, 0),
    };
    if rank(&a) <= rank(&b) { a } else { b }
}

/// Every row that can pass, when an id or an indexed value says which; the smallest such set of a conjunction.
fn by_value(table: &Table, test: &Test) -> Option<Vec<RowIx>> {
    match test {
        Test::Compare { access, op: Op::Eq, value } => with_key(table, access.own()?, &value.key()),
        Test::In { access, negated: false, keys, null: false } => {
            let field = access.own()?;
            let mut rows = Vec::new();
            for key in keys {
                rows.extend(with_key(table, field, key)?);
            }
            Some(rows)
        }
        Test::And(all) => all.iter().filter_map(|t| by_value(table, t)).min_by_key(Vec::len),
        Test::Or(any) => any.iter().map(|t| by_value(table, t)).collect::<Option<Vec<_>>>().map(|r| r.concat()),
        _ => None,
    }
}

fn with_key(table: &Table, field: u16, key: &str) -> Option<Vec<RowIx>> {
    match field {
        schema::ID => Some(Id::parse(key).and_then(|id| table.find(&id)).into_iter().collect()),
        _ => table.with_key(field, key).map(<[RowIx]>::to_vec),
    }
}

/// Sorts by the plan's keys, then by id.
fn sort(world: &World, plan: &Plan, table: &Table, rows: &mut Vec<RowIx>) {
    let mut keyed: Vec<(Vec<Part>, Id, RowIx)> = rows
        .iter()
        .filter_map(|ix| {
            let record = table.row(*ix)?;
            let at = At { object: plan.object, record };
            let parts = plan.order.iter().map(|key| Part::of(value(world, at, &key.access))).collect();
            Some((parts, record.id, *ix))
        })
        .collect();
    keyed.sort_by(|(a, a_id, _), (b, b_id, _)| {
        let parts = plan.order.iter().zip(a.iter().zip(b));
        let parts = parts.map(|(key, (a, b))| a.sorted(b, key.descending, key.nulls_first));
        parts.fold(Ordering::Equal, Ordering::then).then(a_id.cmp(b_id))
    });
    *rows = keyed.into_iter().map(|(.., ix)| ix).collect();
}

/// A value as it sorts.
pub(super) enum Part {
    Null,
    Num(f64),
    Text(String),
}

impl Part {
    pub fn of(value: Val<'_>) -> Part {
        match value {
            Val::Null => Part::Null,
            Val::Bool(b) => Part::Num(f64::from(u8::from(b))),
            Val::Int(i) => Part::Num(i as f64),
            Val::Num(n) => Part::Num(n),
            Val::Date(day) => Part::Num(f64::from(day)),
            Val::Time(at) => Part::Num(at.0 as f64),
            Val::Text(text) => Part::Text(text.to_lowercase()),
            Val::Id(id) => Part::Text(id.short().to_owned()),
        }
    }

    pub fn sorted(&self, other: &Part, descending: bool, nulls_first: bool) -> Ordering {
        match (self, other) {
            (Part::Null, Part::Null) => Ordering::Equal,
            (Part::Null, _) if nulls_first => Ordering::Less,
            (Part::Null, _) => Ordering::Greater,
            (_, Part::Null) if nulls_first => Ordering::Greater,
            (_, Part::Null) => Ordering::Less,
            (a, b) if descending => b.order(a),
            (a, b) => a.order(b),
        }
    }

    pub fn order(&self, other: &Part) -> Ordering {
        match (self, other) {
            (Part::Num(a), Part::Num(b)) => a.total_cmp(b),
            (Part::Text(a), Part::Text(b)) => a.cmp(b),
            (Part::Null, Part::Null) => Ordering::Equal,
            (Part::Null, _) | (Part::Num(_), Part::Text(_)) => Ordering::Less,
            (Part::Text(_), _) | (_, Part::Null) => Ordering::Greater,
        }
    }
}
