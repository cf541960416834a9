//! Days and moments. Some tests name a point in time, others an age: how both lie to each other changes with the clock, so
//! that a proof takes one of the two alone. All ages are taken at one moment; how they lie to each other never changes.

use super::slot::{Literal, Solved, Test, atoms, first, only};
use super::{FieldDomain, NOW};
use crate::data::{Millis, Value, Zone};
use crate::lang::plan::Cond;

/// Ages beyond this are not reasoned about: moments end somewhere.
const LONGEST_MS: i64 = 100_000_000_000_000;
const LONGEST_DAYS: i64 = 1_000_000;

pub(super) fn moments(field: &FieldDomain, literals: &[Literal<'_>]) -> Solved {
    let named = atoms(literals).filter_map(|(atom, _)| match atom {
        Cond::Time { value, .. } => Some(*value),
        _ => None,
    });
    let ages = atoms(literals).filter_map(|(atom, _)| match atom {
        Cond::Within { ms, .. } | Cond::Before { ms, .. } => Some(*ms),
        _ => None,
    });
    let ages: Vec<i64> = ages.collect();
    let short = ages.iter().all(|ms| (0..LONGEST_MS).contains(ms));
    let mut by_age: Vec<i64> = ages.iter().filter_map(|ms| NOW.checked_sub(*ms)).collect();
    if !ages.is_empty() {
        by_age.push(NOW);
    }
    let axis = Axis {
        named: named.collect(),
        by_age,
        short,
        is_named: |atom| matches!(atom, Cond::Time { .. }),
        is_age: |atom| matches!(atom, Cond::Within { .. } | Cond::Before { .. }),
        value: Value::Time,
        some: NOW,
        // A day before and after reads better than a millisecond.
        wide: 86_400_000,
    };
    axis.solve(field, literals)
}

pub(super) fn days(field: &FieldDomain, literals: &[Literal<'_>]) -> Solved {
    let named = atoms(literals).filter_map(|(atom, _)| match atom {
        Cond::Day { value, .. } => Some(i64::from(*value)),
        _ => None,
    });
    let ages = atoms(literals).filter_map(|(atom, _)| match atom {
        Cond::DayWithin { days, zone, .. } | Cond::DayBefore { days, zone, .. } => Some((*days, zone)),
        _ => None,
    });
    let ages: Vec<(i64, &Zone)> = ages.collect();
    // In two zones it may be two days.
    let one_zone = ages.windows(2).all(|pair| matches!(pair, [(_, a), (_, b)] if a == b));
    let short = one_zone && ages.iter().all(|(days, _)| (0..LONGEST_DAYS).contains(days));
    let today = |zone: &Zone| i64::from(zone.day_of(Millis(NOW)));
    let mut by_age: Vec<i64> = ages.iter().filter_map(|(days, zone)| today(zone).checked_sub(*days)).collect();
    by_age.extend(ages.first().map(|(_, zone)| today(zone)));
    let axis = Axis {
        named: named.collect(),
        by_age,
        short,
        is_named: |atom| matches!(atom, Cond::Day { .. }),
        is_age: |atom| matches!(atom, Cond::DayWithin { .. } | Cond::DayBefore { .. }),
        value: |day| Value::Day(i32::try_from(day).unwrap_or(i32::MAX)),
        some: NOW / 86_400_000,
        wide: 1,
    };
    axis.solve(field, literals)
}

struct Axis {
    /// Points that tests name.
    named: Vec<i64>,
    /// Points at which an answer about an age turns.
    by_age: Vec<i64>,
    /// Whether the ages can be reasoned about.
    short: bool,
    is_named: fn(&Cond) -> bool,
    is_age: fn(&Cond) -> bool,
    value: fn(i64) -> Value,
    /// Any point.
    some: i64,
    /// A step that reads well.
    wide: i64,
}

impl Axis {
    fn solve(&self, field: &FieldDomain, literals: &[Literal<'_>]) -> Solved {
        let all: Vec<i64> = self.named.iter().chain(&self.by_age).copied().collect();
        let only_these = only(literals, |atom| (self.is_named)(atom) || (self.is_age)(atom));
        let alone = self.named.is_empty() || self.by_age.is_empty();
        let complete = only_these && alone && self.short;
        match self.first(field, literals, &all, complete) {
            Solved::Unknown if only_these && !alone => {}
            found => return found,
        }
        let of = |kind: fn(&Cond) -> bool| -> Vec<Literal<'_>> {
            let mine = literals.iter().filter(|(test, _)| match test {
                Test::Known => true,
                Test::Atom(atom) => matches!(atom, Cond::Known(_)) || kind(atom),
            });
            mine.copied().collect()
        };
        let by_name = self.first(field, &of(self.is_named), &self.named, true);
        let by_age = self.first(field, &of(self.is_age), &self.by_age, self.short);
        match by_name == Solved::Never || by_age == Solved::Never {
            true => Solved::Never,
            false => Solved::Unknown,
        }
    }

    /// Each point, its neighbours, and points between that read well.
    fn first(&self, field: &FieldDomain, literals: &[Literal<'_>], points: &[i64], complete: bool) -> Solved {
        let steps = [0, self.wide, -self.wide, 1, -1];
        let near = |step: i64| points.iter().filter_map(move |point| point.checked_add(step));
        let all = steps.into_iter().flat_map(near).chain(points.is_empty().then_some(self.some));
        let blank = (!field.known).then_some(Value::Null);
        first(literals, all.map(self.value).chain(blank), complete)
    }
}
