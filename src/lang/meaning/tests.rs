//! What is said of conditions, held against records made by chance and against the closures that run.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rust_decimal::Decimal;

use super::*;
use crate::data::Zone;
use crate::lang::plan::{Cx, SetTest, Test, TextTest, compile_cond, holds};

/// One slot of each kind, and two texts.
fn space() -> Space {
    let field = |kind, options: &[&str]| {
        let options = options.iter().map(|option| (*option).into()).collect();
        Domain::Field(FieldDomain { kind, options, known: false })
    };
    let domains = vec![
        field(FieldKind::Text, &[]),
        field(FieldKind::Email, &[]),
        field(FieldKind::Bool, &[]),
        field(FieldKind::Number, &[]),
        field(FieldKind::Day, &[]),
        field(FieldKind::Time, &[]),
        field(FieldKind::Option, &["low", "mid", "high"]),
        field(FieldKind::Options, &["a", "b", "c", "d"]),
        field(FieldKind::Option, &[]),
        Domain::Fact,
        field(FieldKind::Text, &[]),
    ];
    Space { domains, axioms: Vec::new() }
}

fn values(of: &'static [&'static str]) -> impl Strategy<Value = Vec<Box<str>>> {
    prop::sample::subsequence(of, 1..=2).prop_map(|values| values.into_iter().map(Into::into).collect())
}

fn test() -> impl Strategy<Value = Test> {
    prop::sample::select(vec![Test::Equal, Test::AtLeast, Test::AtMost, Test::MoreThan, Test::LessThan])
}

const DAY: i64 = 86_400_000;

fn today() -> i32 {
    Zone::named("UTC").unwrap().day_of(crate::data::Millis(NOW))
}

fn atom() -> impl Strategy<Value = Cond> {
    let text_test = || {
        prop::sample::select(vec![
            TextTest::IsAnyOf,
            TextTest::ContainsAny,
            TextTest::ContainsAll,
            TextTest::StartsWithAny,
            TextTest::EndsWithAny,
        ])
    };
    let zone = || Zone::named("UTC").unwrap();
    prop_oneof![
        2 => (0usize..9).prop_map(Cond::Known),
        4 => (text_test(), values(&["a", "ab", "ba", "abc", "b", "ac"]), prop::sample::select(vec![0usize, 10]))
            .prop_map(|(test, values, slot)| Cond::Text { slot, test, values }),
        1 => values(&["a", "Ab", "abc"]).prop_map(|values| Cond::Exactly { slot: 0, values }),
        2 => (text_test(), values(&["a@b.co", "@b.co", "b.co", "a", ".co", "@"]))
            .prop_map(|(test, values)| Cond::Text { slot: 1, test, values }),
        1 => Just(Cond::Email(1)),
        2 => (prop::sample::select(vec![2usize, 9]), any::<bool>()).prop_map(|(slot, is)| Cond::Is(slot, is)),
        3 => (test(), 0i64..3).prop_map(|(test, n)| Cond::Number { slot: 3, test, value: Decimal::from(n) }),
        2 => (test(), -2i32..3).prop_map(|(test, n)| Cond::Day { slot: 4, test, value: today() + n }),
        1 => (0i64..3).prop_map(move |days| Cond::DayWithin { slot: 4, days, zone: zone() }),
        1 => (0i64..3).prop_map(move |days| Cond::DayBefore { slot: 4, days, zone: zone() }),
        2 => (test(), -2i64..3).prop_map(|(test, n)| Cond::Time { slot: 5, test, value: NOW + n * DAY }),
        1 => (0i64..3).prop_map(|n| Cond::Within { slot: 5, ms: n * DAY }),
        1 => (0i64..3).prop_map(|n| Cond::Before { slot: 5, ms: n * DAY }),
        2 => values(&["low", "mid", "high"]).prop_map(|values| Cond::Exactly { slot: 6, values }),
        2 => (test(), 0u32..3).prop_map(|(test, value)| Cond::Rank {
            slot: 6,
            test,
            value,
            ranks: vec![("high".into(), 2), ("low".into(), 0), ("mid".into(), 1)],
        }),
        3 => (prop::sample::select(vec![SetTest::HasAny, SetTest::HasAll]), values(&["a", "b", "c"]))
            .prop_map(|(test, values)| Cond::Options { slot: 7, test, values }),
        2 => values(&["x", "y", "z"]).prop_map(|values| Cond::Exactly { slot: 8, values }),
        1 => Just(Cond::SameText(0, 10)),
        1 => Just(Cond::Same(6, 8)),
    ]
}

fn cond() -> impl Strategy<Value = Cond> {
    atom().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Cond::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Cond::Any),
            inner.prop_map(|inner| Cond::Not(Box::new(inner))),
        ]
    })
}

fn record() -> impl Strategy<Value = Vec<Value>> {
    let pick = |of: &'static [&'static str]| prop_oneof![1 => Just(Value::Null), 5 => prop::sample::select(of).prop_map(Value::text)];
    let or_null = |value: BoxedStrategy<Value>| prop_oneof![1 => Just(Value::Null), 5 => value];
    (
        pick(&["a", "A", "Ab", "ab", "abc", "ba", "aba", "b", " ab ", "xyz", "ac", "abcab"]),
        pick(&["a@b.co", "b@b.co", "a@c.org", "a", "ab.co", "@b.co"]),
        or_null(any::<bool>().prop_map(Value::Bool).boxed()),
        or_null((-1i64..8).prop_map(|halves| Value::Num(Decimal::new(halves * 5, 1))).boxed()),
        or_null((-4i32..5).prop_map(|n| Value::Day(today() + n)).boxed()),
        or_null((-7i64..8).prop_map(|n| Value::Time(NOW + n * DAY / 2)).boxed()),
        pick(&["low", "mid", "high"]),
        pick(&["a", "b", "c", "d", "a;b", "a;c", "b;c", "a;b;c", "c;d"]),
        pick(&["x", "y", "z", "low", "w"]),
        any::<bool>().prop_map(Value::Bool),
        pick(&["a", "ab", "b", "abc", "q"]),
    )
        .prop_map(|(a, b, c, d, e, f, g, h, i, j, k)| vec![a, b, c, d, e, f, g, h, i, j, k])
}

/// A thousand questions, each with a hundred records.
#[test]
fn what_never_holds_holds_for_no_record_and_what_does_holds_for_the_one_shown() {
    let config = Config { rng_algorithm: RngAlgorithm::ChaCha, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (space, conds, atoms, records) = (space(), cond(), atom(), record());
    let records: Vec<Vec<Value>> = (0..100).map(|_| records.new_tree(&mut runner).unwrap().current()).collect();
    let cells: Vec<Vec<Cell<'_>>> = records.iter().map(|record| record.iter().map(Value::cell).collect()).collect();
    let mut said = [0u32; 3];
    for _ in 0..1_500 {
        let one = conds.new_tree(&mut runner).unwrap().current();
        let other = conds.new_tree(&mut runner).unwrap().current();
        let more = Cond::All((0..3).map(|_| atoms.new_tree(&mut runner).unwrap().current()).collect());
        let one = Cond::All(vec![one, more]);
        let wanted = [(&one, true), (&other, false)];
        let tests = (compile_cond(&one), compile_cond(&other));
        let answer = find(&space, &wanted, &Budget::new(100_000));
        match &answer {
            Answer::Never => {
                said[0] += 1;
                for cells in &cells {
                    let cx = Cx { cells, now: NOW };
                    let taken = (tests.0)(&cx) && !(tests.1)(&cx);
                    assert!(!taken, "{one:?}\nnot {other:?}\nholds of {cells:?}");
                }
            }
            Answer::Record(found) => {
                said[1] += 1;
                let cells = found.cells(&space);
                assert!(holds(&one, &cells, NOW) && !holds(&other, &cells, NOW), "{one:?}\nnot {other:?}\n{cells:?}");
            }
            Answer::Unknown => said[2] += 1,
        }
    }
    // It speaks: nearly always, and often enough of either.
    assert!(said[0] > 150 && said[1] > 700 && said[2] < 120, "never, record, unknown: {said:?}");
}

fn is(slot: SlotId, value: &str) -> Cond {
    Cond::Text { slot, test: TextTest::IsAnyOf, values: vec![value.into()] }
}

fn ends(slot: SlotId, values: &[&str]) -> Cond {
    let values = values.iter().map(|value| (*value).into()).collect();
    Cond::Text { slot, test: TextTest::EndsWithAny, values }
}

fn ask(wanted: &[Wanted<'_>]) -> Answer {
    find(&space(), wanted, &Budget::new(100_000))
}

#[test]
fn a_blank_is_no_value_and_every_negation_of_one() {
    let blank = Cond::Not(Box::new(Cond::Known(0)));
    assert_eq!(ask(&[(&blank, true), (&is(0, "a"), true)]), Answer::Never);
    assert_eq!(ask(&[(&blank, true), (&is(0, "a"), false)]), Answer::Record(Record { values: vec![(0, Value::Null)] }));
    assert_eq!(ask(&[(&Cond::Is(2, false), false), (&Cond::Known(2), false)]), Answer::Never, "a blank box is false");
}

#[test]
fn what_ends_with_more_ends_with_less() {
    let (long, short) = (ends(1, &["@mail.acme.com"]), ends(1, &["acme.com", "acme.io"]));
    assert_eq!(ask(&[(&long, true), (&short, false)]), Answer::Never);
    let Answer::Record(record) = ask(&[(&short, true), (&long, false), (&Cond::Email(1), true)]) else { panic!() };
    assert_eq!(record.values, [(1, Value::text("a@acme.com"))]);
    let other = ends(1, &["@acme.org"]);
    assert_eq!(ask(&[(&long, true), (&other, true)]), Answer::Never, "one end is not another");
}

#[test]
fn ages_and_dates_of_one_field_are_proved_apart() {
    let (old, new) = (Cond::Before { slot: 5, ms: 90 * DAY }, Cond::Within { slot: 5, ms: 30 * DAY });
    assert_eq!(ask(&[(&old, true), (&new, true)]), Answer::Never);
    let after = Cond::Time { slot: 5, test: Test::MoreThan, value: NOW + 10 * DAY };
    let before = Cond::Time { slot: 5, test: Test::LessThan, value: NOW };
    assert_eq!(ask(&[(&after, true), (&before, true), (&new, true)]), Answer::Never);
    // Today nothing of it is in the last thirty days; one day it will be.
    assert_eq!(ask(&[(&after, true), (&new, true)]), Answer::Unknown);
}

#[test]
fn too_much_work_says_nothing() {
    let either = |n: usize| Cond::Any(vec![ends(0, &[["q", "r", "s"][n % 3]]), is(10, ["t", "u", "v"][n % 3])]);
    let many: Vec<Cond> = (0..60).map(either).collect();
    let wanted: Vec<Wanted<'_>> = many.iter().map(|cond| (cond, true)).collect();
    assert_eq!(find(&space(), &wanted, &Budget::new(30)), Answer::Unknown);
    let all = Cond::All(many);
    let budget = Budget::new(1_000_000);
    let _ = find(&space(), &[(&all, true)], &budget);
    assert!(budget.all.get() > 1_000_000 - 2 * EACH);
}
