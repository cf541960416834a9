//! Groups of rows: what is told of each, which are kept, in which order.

use std::collections::BTreeMap;

use super::super::record::{Val, write_text};
use super::super::table::RowIx;
use super::super::world::World;
use super::ast::{Function, Op};
use super::eval::{At, compare, key, value};
use super::plan::{Access, Grouping, Having, Measure, Plan};
use super::search::{Part, TooMuchWork, search};

/// Groups that one answer holds: there is no second page.
pub(in super::super) const MOST_GROUPS: usize = 2_000;

/// A value that a column shows.
#[derive(Clone, Copy)]
enum Shown<'a> {
    Of(Val<'a>),
    Sum(f64),
}

impl<'a> Shown<'a> {
    fn val(self) -> Val<'a> {
        match self {
            Shown::Of(value) => value,
            Shown::Sum(sum) if sum.fract() == 0.0 && sum.abs() < 9e15 => Val::Int(sum as i64),
            Shown::Sum(sum) => Val::Num(sum),
        }
    }
}

struct Groups<'w> {
    world: &'w World,
    plan: &'w Plan,
    grouping: &'w Grouping,
}

/// The groups of a plan as JSON records, OFFSET and LIMIT applied; `None` for a plan of rows.
pub(in super::super) fn groups(
    world: &World,
    plan: &Plan,
    all: bool,
    work: &mut u64,
) -> Result<Option<Vec<String>>, TooMuchWork> {
    let Some(grouping) = &plan.grouping else { return Ok(None) };
    // LIMIT and ORDER BY are about groups.
    let rows = Plan { limit: None, offset: 0, order: Vec::new(), grouping: None, ..plan.clone() };
    let found = search(world, &rows, all, work)?;
    Ok(Some(Groups { world, plan, grouping }.run(found)))
}

impl<'w> Groups<'w> {
    fn run(&self, rows: Vec<RowIx>) -> Vec<String> {
        let mut by_key: BTreeMap<Vec<Option<String>>, Vec<RowIx>> = BTreeMap::new();
        if self.grouping.keys.is_empty() {
            by_key.insert(Vec::new(), rows);
        } else {
            for row in rows {
                let keys = self.grouping.keys.iter().map(|access| key(self.value(row, access))).collect();
                by_key.entry(keys).or_default().push(row);
            }
        }
        let kept = |rows: &Vec<RowIx>| self.grouping.having.as_ref().is_none_or(|having| self.holds(rows, having));
        let mut kept: Vec<Vec<RowIx>> = by_key.into_values().filter(kept).collect();
        kept.sort_by(|a, b| {
            self.grouping.order.iter().fold(std::cmp::Ordering::Equal, |so_far, (measure, descending, nulls_first)| {
                let part = |rows: &[RowIx]| Part::of(self.shown(rows, measure).val());
                so_far.then_with(|| part(a).sorted(&part(b), *descending, *nulls_first))
            })
        });
        let limit = self.plan.limit.unwrap_or(usize::MAX);
        kept.iter().skip(self.plan.offset).take(limit).map(|rows| self.record(rows)).collect()
    }

    fn value(&self, row: RowIx, access: &Access) -> Val<'w> {
        let record = self.world.table(self.plan.object).and_then(|table| table.row(row));
        record.map_or(Val::Null, |record| value(self.world, At { object: self.plan.object, record }, access))
    }

    fn shown(&self, rows: &[RowIx], measure: &Measure) -> Shown<'w> {
        let (function, access) = match measure {
            Measure::Key(at) => {
                let access = self.grouping.keys.get(*at).zip(rows.first());
                return Shown::Of(access.map_or(Val::Null, |(access, row)| self.value(*row, access)));
            }
            Measure::Of(function, access) => (*function, access),
        };
        let values = || rows.iter().map(|row| self.value(*row, access)).filter(|value| *value != Val::Null);
        let number = |value: Val<'_>| match value {
            Val::Int(whole) => whole as f64,
            Val::Num(number) => number,
            _ => 0.0,
        };
        let count = |count: usize| Shown::Of(Val::Int(i64::try_from(count).unwrap_or(i64::MAX)));
        let least = |a: Val<'w>, b: Val<'w>| if Part::of(a).order(&Part::of(b)).is_le() { a } else { b };
        let most = |a: Val<'w>, b: Val<'w>| if Part::of(a).order(&Part::of(b)).is_ge() { a } else { b };
        match function {
            Function::Count => count(values().count()),
            Function::CountDistinct => count(values().filter_map(key).collect::<std::collections::BTreeSet<_>>().len()),
            Function::Min => Shown::Of(values().reduce(least).unwrap_or(Val::Null)),
            Function::Max => Shown::Of(values().reduce(most).unwrap_or(Val::Null)),
            Function::Sum | Function::Avg if values().next().is_none() => Shown::Of(Val::Null),
            Function::Sum => Shown::Sum(values().map(number).sum()),
            Function::Avg => Shown::Sum(values().map(number).sum::<f64>() / values().count() as f64),
        }
    }

    fn holds(&self, rows: &[RowIx], having: &Having) -> bool {
        match having {
            Having::And(all) => all.iter().all(|each| self.holds(rows, each)),
            Having::Or(any) => any.iter().any(|each| self.holds(rows, each)),
            Having::Not(inner) => !self.holds(rows, inner),
            Having::Compare { measure, op, value } => {
                let left = self.shown(rows, measure).val();
                match value {
                    Some(right) => compare(left, *op, right),
                    None => (left == Val::Null) == (*op == Op::Eq),
                }
            }
        }
    }

    /// As the API shows a group: it has a type, but no address.
    fn record(&self, rows: &[RowIx]) -> String {
        let mut out = String::from("{\"attributes\":{\"type\":\"AggregateResult\"}");
        for (name, measure) in &self.grouping.columns {
            out.push(',');
            write_text(name, &mut out);
            out.push(':');
            self.shown(rows, measure).val().write_json(&mut out);
        }
        out.push('}');
        out
    }
}
