//! Conditions as closures: built once per plan, called for every subject, without allocating.

use super::email::is_valid_email;
use super::fold;
use super::fuse::fuse;
use super::ir::{Cond, SlotId, Test, TextTest};
use super::walk::{compare, day_before, day_within, is_one_of, options_test, rank};
use crate::data::{Cell, Millis};

/// What a condition is judged on.
#[derive(Clone, Copy, Debug)]
pub struct Cx<'a> {
    /// The subject's slots.
    pub cells: &'a [Cell<'a>],
    /// Milliseconds since 1970.
    pub now: i64,
}

impl<'a> Cx<'a> {
    #[inline]
    fn cell(&self, slot: SlotId) -> Cell<'a> {
        self.cells.get(slot).copied().unwrap_or_default()
    }

    #[inline]
    fn text(&self, slot: SlotId) -> Option<&'a str> {
        match self.cell(slot) {
            Cell::Text(text) => Some(text),
            _ => None,
        }
    }
}

pub type Predicate = Box<dyn Fn(&Cx<'_>) -> bool + Send + Sync>;

/// The same answers as [`super::holds`].
pub fn compile_cond(cond: &Cond) -> Predicate {
    build(fuse(cond.clone()))
}

fn build(cond: Cond) -> Predicate {
    match cond {
        Cond::Always => Box::new(|_| true),
        Cond::Never => Box::new(|_| false),
        Cond::All(parts) => all_of(parts.into_iter().map(build).collect()),
        Cond::Any(parts) => any_of(parts.into_iter().map(build).collect()),
        Cond::Not(inner) => negated(*inner),
        Cond::Known(slot) => Box::new(move |cx| cx.cell(slot).is_known()),
        Cond::Is(slot, true) => Box::new(move |cx| matches!(cx.cell(slot), Cell::Bool(true))),
        Cond::Is(slot, false) => Box::new(move |cx| match cx.cell(slot) {
            Cell::Bool(value) => !value,
            other => other.is_blank(),
        }),
        Cond::Text { slot, test, values } => text(slot, test, values),
        Cond::Exactly { slot, values } => exactly(slot, values),
        Cond::Number { slot, test: Test::Equal, value } => {
            Box::new(move |cx| matches!(cx.cell(slot), Cell::Num(number) if number == value))
        }
        Cond::Number { slot, test, value } => {
            Box::new(move |cx| matches!(cx.cell(slot), Cell::Num(number) if compare(test, number.cmp(&value))))
        }
        Cond::Day { slot, test, value } => {
            Box::new(move |cx| matches!(cx.cell(slot), Cell::Day(day) if compare(test, day.cmp(&value))))
        }
        Cond::Time { slot, test, value } => {
            Box::new(move |cx| matches!(cx.cell(slot), Cell::Time(time) if compare(test, time.cmp(&value))))
        }
        Cond::Rank { slot, test, value, ranks } => Box::new(move |cx| {
            cx.text(slot).and_then(|text| rank(&ranks, text)).is_some_and(|rank| compare(test, rank.cmp(&value)))
        }),
        Cond::Within { slot, ms } => Box::new(move |cx| match cx.cell(slot) {
            Cell::Time(time) => (cx.now.saturating_sub(ms)..=cx.now).contains(&time),
            _ => false,
        }),
        Cond::Before { slot, ms } => {
            Box::new(move |cx| matches!(cx.cell(slot), Cell::Time(time) if time < cx.now.saturating_sub(ms)))
        }
        Cond::DayWithin { slot, days, zone } => Box::new(move |cx| match cx.cell(slot) {
            Cell::Day(day) => day_within(day, days, zone.day_of(Millis(cx.now))),
            _ => false,
        }),
        Cond::DayBefore { slot, days, zone } => Box::new(move |cx| match cx.cell(slot) {
            Cell::Day(day) => day_before(day, days, zone.day_of(Millis(cx.now))),
            _ => false,
        }),
        Cond::Email(slot) => Box::new(move |cx| cx.text(slot).is_some_and(is_valid_email)),
        Cond::Same(a, b) => Box::new(move |cx| {
            let (a, b) = (cx.cell(a), cx.cell(b));
            a.is_known() && a == b
        }),
        Cond::SameText(a, b) => Box::new(move |cx| match (cx.text(a), cx.text(b)) {
            (Some(a), Some(b)) => !a.trim().is_empty() && fold::same(a, b),
            _ => false,
        }),
        Cond::Options { slot, test, values } => {
            Box::new(move |cx| cx.text(slot).is_some_and(|text| options_test(test, text, &values)))
        }
    }
}

fn all_of(parts: Vec<Predicate>) -> Predicate {
    match <[Predicate; 2]>::try_from(parts) {
        Ok([a, b]) => Box::new(move |cx| a(cx) && b(cx)),
        Err(parts) => Box::new(move |cx| parts.iter().all(|part| part(cx))),
    }
}

fn any_of(parts: Vec<Predicate>) -> Predicate {
    match <[Predicate; 2]>::try_from(parts) {
        Ok([a, b]) => Box::new(move |cx| a(cx) || b(cx)),
        Err(parts) => Box::new(move |cx| parts.iter().any(|part| part(cx))),
    }
}

fn negated(inner: Cond) -> Predicate {
    match inner {
        Cond::Known(slot) => Box::new(move |cx| !cx.cell(slot).is_known()),
        inner => {
            let inner = build(inner);
            Box::new(move |cx| !inner(cx))
        }
    }
}

/// One value is the usual case, and needs no loop.
fn text(slot: SlotId, test: TextTest, values: Vec<Box<str>>) -> Predicate {
    match <[Box<str>; 1]>::try_from(values) {
        Ok([value]) => match test {
            TextTest::IsAnyOf => one(slot, value, fold::is),
            TextTest::ContainsAny | TextTest::ContainsAll => one(slot, value, fold::contains),
            TextTest::StartsWithAny => one(slot, value, fold::starts_with),
            TextTest::EndsWithAny => one(slot, value, fold::ends_with),
        },
        Err(values) => match test {
            TextTest::IsAnyOf => some(slot, values, fold::is),
            TextTest::ContainsAny => some(slot, values, fold::contains),
            TextTest::StartsWithAny => some(slot, values, fold::starts_with),
            TextTest::EndsWithAny => some(slot, values, fold::ends_with),
            TextTest::ContainsAll => Box::new(move |cx| {
                known(cx, slot).is_some_and(|text| values.iter().all(|value| fold::contains(text, value)))
            }),
        },
    }
}

fn one(slot: SlotId, value: Box<str>, test: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Predicate {
    Box::new(move |cx| known(cx, slot).is_some_and(|text| test(text, &value)))
}

fn some(slot: SlotId, values: Vec<Box<str>>, test: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Predicate {
    Box::new(move |cx| known(cx, slot).is_some_and(|text| values.iter().any(|value| test(text, value))))
}

#[inline]
fn known<'a>(cx: &Cx<'a>, slot: SlotId) -> Option<&'a str> {
    cx.text(slot).filter(|text| !text.trim().is_empty())
}

fn exactly(slot: SlotId, values: Vec<Box<str>>) -> Predicate {
    match <[Box<str>; 1]>::try_from(values) {
        Ok([value]) => Box::new(move |cx| cx.text(slot).is_some_and(|text| *text == *value)),
        Err(values) => Box::new(move |cx| cx.text(slot).is_some_and(|text| is_one_of(&values, text))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::*;
    use crate::data::{Value, Zone};
    use crate::lang::plan::{SetTest, decided, holds, timed, trace, turns_at};

    const SLOTS: usize = 4;

    fn word() -> impl Strategy<Value = String> {
        prop::sample::select(vec!["", " ", "a", "A", " ab", "Ä", "ä", "ß", "a;b", "b;a ", "a@b.co", "ab c", "İ"])
            .prop_map(str::to_owned)
    }

    fn value() -> impl Strategy<Value = Option<Value>> {
        prop_oneof![
            Just(None),
            Just(Some(Value::Null)),
            any::<bool>().prop_map(|b| Some(Value::Bool(b))),
            (-2i64..3, 0u32..2).prop_map(|(n, scale)| Some(Value::Num(Decimal::new(n, scale)))),
            (-2i32..3).prop_map(|d| Some(Value::Day(d))),
            (-2i64..3).prop_map(|t| Some(Value::Time(t))),
            word().prop_map(|text| Some(Value::text(text))),
            word().prop_map(|text| Some(Value::text(text))),
        ]
    }

    fn values() -> impl Strategy<Value = Vec<Box<str>>> {
        prop::collection::btree_set("[abä]{1,2}", 0..3).prop_map(|set| set.into_iter().map(Into::into).collect())
    }

    fn zone() -> impl Strategy<Value = Zone> {
        prop::sample::select(vec!["UTC", "America/New_York"]).prop_map(|name| Zone::named(name).unwrap())
    }

    fn cond() -> impl Strategy<Value = Cond> {
        let slot = 0..SLOTS;
        let test =
            || prop::sample::select(vec![Test::Equal, Test::AtLeast, Test::AtMost, Test::MoreThan, Test::LessThan]);
        let text_test = prop::sample::select(vec![
            TextTest::IsAnyOf,
            TextTest::ContainsAny,
            TextTest::ContainsAll,
            TextTest::StartsWithAny,
            TextTest::EndsWithAny,
        ]);
        let leaf = prop_oneof![
            Just(Cond::Always),
            Just(Cond::Never),
            slot.clone().prop_map(Cond::Known),
            (slot.clone(), any::<bool>()).prop_map(|(slot, b)| Cond::Is(slot, b)),
            (slot.clone(), text_test, values()).prop_map(|(slot, test, values)| Cond::Text { slot, test, values }),
            (slot.clone(), values()).prop_map(|(slot, values)| Cond::Exactly { slot, values }),
            (slot.clone(), test(), -2i64..3).prop_map(|(slot, test, n)| Cond::Number {
                slot,
                test,
                value: Decimal::from(n)
            }),
            (slot.clone(), test(), -2i32..3).prop_map(|(slot, test, value)| Cond::Day { slot, test, value }),
            (slot.clone(), test(), -2i64..3).prop_map(|(slot, test, value)| Cond::Time { slot, test, value }),
            (slot.clone(), test(), 0u32..3, values()).prop_map(|(slot, test, value, ranks)| Cond::Rank {
                slot,
                test,
                value,
                ranks: ranks.into_iter().zip(0..).collect()
            }),
            (slot.clone(), 0i64..3).prop_map(|(slot, ms)| Cond::Within { slot, ms }),
            (slot.clone(), 0i64..3).prop_map(|(slot, ms)| Cond::Before { slot, ms }),
            (slot.clone(), 0i64..3, zone()).prop_map(|(slot, days, zone)| Cond::DayWithin { slot, days, zone }),
            (slot.clone(), 0i64..3, zone()).prop_map(|(slot, days, zone)| Cond::DayBefore { slot, days, zone }),
            slot.clone().prop_map(Cond::Email),
            (slot.clone(), slot.clone()).prop_map(|(a, b)| Cond::Same(a, b)),
            (slot.clone(), slot.clone()).prop_map(|(a, b)| Cond::SameText(a, b)),
            (slot, prop::sample::select(vec![SetTest::HasAny, SetTest::HasAll]), values())
                .prop_map(|(slot, test, values)| Cond::Options { slot, test, values }),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Cond::All),
                prop::collection::vec(inner.clone(), 0..4).prop_map(Cond::Any),
                inner.prop_map(|inner| Cond::Not(Box::new(inner))),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn closures_fused_conditions_and_traces_agree_with_the_walk(
            cond in cond(),
            values in prop::collection::vec(value(), SLOTS),
        ) {
            let cells: Vec<Cell<'_>> =
                values.iter().map(|value| value.as_ref().map_or(Cell::Unread, Value::cell)).collect();
            let now = 1;
            let expected = holds(&cond, &cells, now);
            prop_assert_eq!(compile_cond(&cond)(&Cx { cells: &cells, now }), expected);
            prop_assert_eq!(trace(&cond, &cells, now).answer, decided(&cond, &cells, now));
            // An answer that was given before all was read stands, whatever is read then.
            if let Some(answer) = decided(&cond, &cells, now) {
                prop_assert_eq!(answer, expected);
                for late in [Cell::Null, Cell::Bool(true), Cell::Text("a"), Cell::Num(Decimal::ONE)] {
                    let read = cells.iter().map(|cell| if matches!(cell, Cell::Unread) { late } else { *cell });
                    prop_assert_eq!(holds(&cond, &read.collect::<Vec<_>>(), now), answer);
                }
            }
            let fused = fuse(cond);
            prop_assert_eq!(holds(&fused, &cells, now), expected);
            prop_assert_eq!(fuse(fused.clone()), fused);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn nothing_turns_before_it_is_said_to(
            cond in cond(),
            values in prop::collection::vec(value(), SLOTS),
            later in 0i64..300_000_000,
        ) {
            let cells: Vec<Cell<'_>> =
                values.iter().map(|value| value.as_ref().map_or(Cell::Unread, Value::cell)).collect();
            let mut atoms = Vec::new();
            timed(&cond, &mut atoms);
            let next = atoms.iter().filter_map(|atom| turns_at(atom, &cells, 1)).min();
            prop_assert!(next.is_none_or(|at| at > 1));
            if next.is_none_or(|at| 1 + later < at) {
                prop_assert_eq!(holds(&cond, &cells, 1), holds(&cond, &cells, 1 + later));
            }
        }
    }

    #[test]
    fn a_span_turns_at_its_very_end() {
        let within = Cond::Within { slot: 0, ms: 10 };
        let cells = [Cell::Time(5)];
        assert_eq!(turns_at(&within, &cells, 0), Some(5));
        assert_eq!(turns_at(&within, &cells, 5), Some(16));
        assert!(holds(&within, &cells, 15) && !holds(&within, &cells, 16));
        assert_eq!(turns_at(&within, &cells, 16), None);
        let days = Cond::DayBefore { slot: 0, days: 1, zone: Zone::named("America/New_York").unwrap() };
        let at = turns_at(&days, &[Cell::Day(0)], 0).unwrap();
        assert!(!holds(&days, &[Cell::Day(0)], at - 1) && holds(&days, &[Cell::Day(0)], at));
    }

    #[test]
    fn a_blank_makes_comparisons_false_and_their_negations_true() {
        let is = Cond::Text { slot: 0, test: TextTest::IsAnyOf, values: vec!["a".into()] };
        let is_not = Cond::Not(Box::new(is.clone()));
        for blank in [Cell::Null, Cell::Text(""), Cell::Text("  ")] {
            let cx = Cx { cells: &[blank], now: 0 };
            assert!(!compile_cond(&is)(&cx) && compile_cond(&is_not)(&cx));
            assert!(compile_cond(&Cond::Is(0, false))(&cx), "a blank checkbox is false");
        }
    }
}
