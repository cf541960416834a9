//! Conditions, judged by walking them: what explanations use, and what the closures are tested against.

use std::cmp::Ordering;

use super::email::is_valid_email;
use super::fold;
use super::ir::{Cond, SetTest, SlotId, Test, TextTest};
use crate::data::{Cell, Millis};

/// Whether the condition holds. `cells` are the subject's slots; what is not read counts as blank here, so whoever may
/// have unread cells asks [`decided`].
///
/// A blank checkbox is false; every other comparison with a blank is false, and its negation true.
pub fn holds(cond: &Cond, cells: &[Cell<'_>], now: i64) -> bool {
    match cond {
        Cond::All(parts) => parts.iter().all(|part| holds(part, cells, now)),
        Cond::Any(parts) => parts.iter().any(|part| holds(part, cells, now)),
        Cond::Not(inner) => !holds(inner, cells, now),
        atom => atom_holds(atom, cells, now),
    }
}

/// Whether the condition holds, as far as the cells that are read decide it: `None` when it hangs on one that is not.
pub fn decided(cond: &Cond, cells: &[Cell<'_>], now: i64) -> Option<bool> {
    match cond {
        Cond::All(parts) => all(parts.iter().map(|part| decided(part, cells, now))),
        Cond::Any(parts) => any(parts.iter().map(|part| decided(part, cells, now))),
        Cond::Not(inner) => decided(inner, cells, now).map(|holds| !holds),
        atom => atom_decided(atom, cells, now),
    }
}

/// One false part decides, whatever the others are.
fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    answers
        .reduce(|a, b| if a == Some(false) || b == Some(false) { Some(false) } else { a.and(b) })
        .unwrap_or(Some(true))
}

/// One true part decides.
fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    answers.reduce(|a, b| if a == Some(true) || b == Some(true) { Some(true) } else { a.and(b) }).unwrap_or(Some(false))
}

fn atom_decided(atom: &Cond, cells: &[Cell<'_>], now: i64) -> Option<bool> {
    unread(atom, cells).is_none().then(|| atom_holds(atom, cells, now))
}

/// The first slot that the condition looks at and that is not read.
pub fn unread(cond: &Cond, cells: &[Cell<'_>]) -> Option<SlotId> {
    let mut found = None;
    slots_of(cond, &mut |slot| {
        if matches!(cells.get(slot), Some(Cell::Unread)) {
            found.get_or_insert(slot);
        }
    });
    found
}

/// The parts of the condition that time alone can turn.
pub fn timed(cond: &Cond, found: &mut Vec<Cond>) {
    match cond {
        Cond::All(parts) | Cond::Any(parts) => parts.iter().for_each(|part| timed(part, found)),
        Cond::Not(inner) => timed(inner, found),
        Cond::Within { .. } | Cond::Before { .. } | Cond::DayWithin { .. } | Cond::DayBefore { .. } => {
            found.push(cond.clone());
        }
        _ => {}
    }
}

/// When one of those parts turns next, if nothing but time passes. Milliseconds since 1970.
pub fn turns_at(timed: &Cond, cells: &[Cell<'_>], now: i64) -> Option<i64> {
    let moment = |slot: &SlotId| match cells.get(*slot) {
        Some(Cell::Time(at)) => Some(*at),
        _ => None,
    };
    let day = |slot: &SlotId| match cells.get(*slot) {
        Some(Cell::Day(day)) => Some(i64::from(*day)),
        _ => None,
    };
    let begins = |zone: &crate::data::Zone, day: i64| zone.start_of(i32::try_from(day).unwrap_or(i32::MAX)).0;
    let (enters, leaves) = match timed {
        Cond::Within { slot, ms } => (moment(slot), moment(slot)?.checked_add(*ms)?.checked_add(1)),
        Cond::Before { slot, ms } => (None, moment(slot)?.checked_add(*ms)?.checked_add(1)),
        Cond::DayWithin { slot, days, zone } => {
            let day = day(slot)?;
            (Some(begins(zone, day)), Some(begins(zone, day.checked_add(*days)?.checked_add(1)?)))
        }
        Cond::DayBefore { slot, days, zone } => {
            (None, Some(begins(zone, day(slot)?.checked_add(*days)?.checked_add(1)?)))
        }
        _ => (None, None),
    };
    [enters, leaves].into_iter().flatten().filter(|at| *at > now).min()
}

/// A condition with its answer, and those of its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace<'p> {
    pub cond: &'p Cond,
    /// As [`decided`] says.
    pub answer: Option<bool>,
    pub parts: Vec<Trace<'p>>,
}

/// Judges every part, also those that no longer decide.
pub fn trace<'p>(cond: &'p Cond, cells: &[Cell<'_>], now: i64) -> Trace<'p> {
    let traced = |parts: &'p [Cond]| parts.iter().map(|part| trace(part, cells, now)).collect::<Vec<_>>();
    let (answer, parts) = match cond {
        Cond::All(parts) => {
            let parts = traced(parts);
            (all(parts.iter().map(|part| part.answer)), parts)
        }
        Cond::Any(parts) => {
            let parts = traced(parts);
            (any(parts.iter().map(|part| part.answer)), parts)
        }
        Cond::Not(inner) => {
            let inner = trace(inner, cells, now);
            (inner.answer.map(|holds| !holds), vec![inner])
        }
        atom => (atom_decided(atom, cells, now), Vec::new()),
    };
    Trace { cond, answer, parts }
}

/// Every slot that the condition looks at, in its order, with repeats.
pub fn slots_of(cond: &Cond, found: &mut impl FnMut(SlotId)) {
    match cond {
        Cond::Always | Cond::Never => {}
        Cond::All(parts) | Cond::Any(parts) => parts.iter().for_each(|part| slots_of(part, found)),
        Cond::Not(inner) => slots_of(inner, found),
        Cond::Known(slot) | Cond::Is(slot, _) | Cond::Email(slot) => found(*slot),
        Cond::Same(a, b) | Cond::SameText(a, b) => {
            found(*a);
            found(*b);
        }
        Cond::Text { slot, .. }
        | Cond::Exactly { slot, .. }
        | Cond::Number { slot, .. }
        | Cond::Day { slot, .. }
        | Cond::Time { slot, .. }
        | Cond::Rank { slot, .. }
        | Cond::Within { slot, .. }
        | Cond::Before { slot, .. }
        | Cond::DayWithin { slot, .. }
        | Cond::DayBefore { slot, .. }
        | Cond::Options { slot, .. } => found(*slot),
    }
}

fn atom_holds(atom: &Cond, cells: &[Cell<'_>], now: i64) -> bool {
    judge(atom, |slot| cells.get(*slot).copied().unwrap_or_default(), now)
}

/// Whether a condition about one slot holds, where its cell is this one.
pub fn test_cell(atom: &Cond, cell: Cell<'_>, now: i64) -> bool {
    judge(atom, |_| cell, now)
}

fn judge<'a>(atom: &Cond, cell: impl Fn(&SlotId) -> Cell<'a>, now: i64) -> bool {
    let text = |slot: &SlotId| match cell(slot) {
        Cell::Text(text) => Some(text),
        _ => None,
    };
    match atom {
        Cond::Always => true,
        Cond::Never | Cond::All(_) | Cond::Any(_) | Cond::Not(_) => false,
        Cond::Known(slot) => cell(slot).is_known(),
        Cond::Is(slot, wanted) => match cell(slot) {
            Cell::Bool(value) => value == *wanted,
            other => other.is_blank() && !*wanted,
        },
        Cond::Text { slot, test, values } => {
            text(slot).is_some_and(|text| !text.trim().is_empty() && text_test(*test, text, values))
        }
        Cond::Exactly { slot, values } => text(slot).is_some_and(|text| is_one_of(values, text)),
        Cond::Number { slot, test, value } => match cell(slot) {
            Cell::Num(number) => compare(*test, number.cmp(value)),
            _ => false,
        },
        Cond::Day { slot, test, value } => match cell(slot) {
            Cell::Day(day) => compare(*test, day.cmp(value)),
            _ => false,
        },
        Cond::Time { slot, test, value } => match cell(slot) {
            Cell::Time(time) => compare(*test, time.cmp(value)),
            _ => false,
        },
        Cond::Rank { slot, test, value, ranks } => {
            text(slot).and_then(|text| rank(ranks, text)).is_some_and(|rank| compare(*test, rank.cmp(value)))
        }
        Cond::Within { slot, ms } => match cell(slot) {
            Cell::Time(time) => now.saturating_sub(*ms) <= time && time <= now,
            _ => false,
        },
        Cond::Before { slot, ms } => match cell(slot) {
            Cell::Time(time) => time < now.saturating_sub(*ms),
            _ => false,
        },
        Cond::DayWithin { slot, days, zone } => match cell(slot) {
            Cell::Day(day) => day_within(day, *days, zone.day_of(Millis(now))),
            _ => false,
        },
        Cond::DayBefore { slot, days, zone } => match cell(slot) {
            Cell::Day(day) => day_before(day, *days, zone.day_of(Millis(now))),
            _ => false,
        },
        Cond::Email(slot) => text(slot).is_some_and(is_valid_email),
        Cond::Same(a, b) => {
            let (a, b) = (cell(a), cell(b));
            a.is_known() && b.is_known() && a == b
        }
        Cond::SameText(a, b) => match (cell(a), cell(b)) {
            (Cell::Text(a), Cell::Text(b)) => !a.trim().is_empty() && fold::same(a, b),
            _ => false,
        },
        Cond::Options { slot, test, values } => text(slot).is_some_and(|text| options_test(*test, text, values)),
    }
}

fn text_test(test: TextTest, text: &str, values: &[Box<str>]) -> bool {
    match test {
        TextTest::IsAnyOf => values.iter().any(|value| fold::is(text, value)),
        TextTest::ContainsAny => values.iter().any(|value| fold::contains(text, value)),
        TextTest::ContainsAll => values.iter().all(|value| fold::contains(text, value)),
        TextTest::StartsWithAny => values.iter().any(|value| fold::starts_with(text, value)),
        TextTest::EndsWithAny => values.iter().any(|value| fold::ends_with(text, value)),
    }
}

/// Whether the day is today or one of the `days` before.
pub(super) fn day_within(day: i32, days: i64, today: i32) -> bool {
    i64::from(today).saturating_sub(days) <= i64::from(day) && day <= today
}

/// Whether the day is more than `days` before today.
pub(super) fn day_before(day: i32, days: i64, today: i32) -> bool {
    i64::from(day) < i64::from(today).saturating_sub(days)
}

/// `values` are sorted.
pub(super) fn is_one_of(values: &[Box<str>], text: &str) -> bool {
    values.binary_search_by(|value| (**value).cmp(text)).is_ok()
}

/// `ranks` are sorted by option.
pub(super) fn rank(ranks: &[(Box<str>, u32)], text: &str) -> Option<u32> {
    let at = ranks.binary_search_by(|(option, _)| (**option).cmp(text)).ok()?;
    ranks.get(at).map(|(_, rank)| *rank)
}

pub(super) fn compare(test: Test, order: Ordering) -> bool {
    match test {
        Test::Equal => order.is_eq(),
        Test::AtLeast => order.is_ge(),
        Test::AtMost => order.is_le(),
        Test::MoreThan => order.is_gt(),
        Test::LessThan => order.is_lt(),
    }
}

pub(super) fn options_test(test: SetTest, text: &str, values: &[Box<str>]) -> bool {
    let chosen = |value: &str| text.split(';').any(|option| option.trim() == value);
    match test {
        SetTest::HasAny => values.iter().any(|value| chosen(value)),
        SetTest::HasAll => !text.trim().is_empty() && values.iter().all(|value| chosen(value)),
    }
}
