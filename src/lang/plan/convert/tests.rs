//! Values that cross, and laws that hold of all of them.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::reason::Reason;
use super::*;
use crate::data::{Millis, Zone, day_from_iso};
use crate::lang::plan::ir::{Handler, Outcome, Table};

fn field(json: serde_json::Value) -> Target {
    target(Uid(1), "f", &serde_json::from_value(json).unwrap())
}

fn through(cell: Cell<'_>, handlers: &[Handler], to: &Target) -> Converted<'static> {
    convert(cell, &Convert { handlers: handlers.to_vec(), ..Convert::default() }, &Around::default(), Side::Right, to)
        .into_owned()
}

fn made(cell: Cell<'_>, handlers: &[Handler], to: &Target) -> Option<Value> {
    match through(cell, handlers, to) {
        Converted::Value(carried) => Some(carried.into_value()),
        _ => None,
    }
}

#[test]
fn text_is_cut_at_a_whole_character() {
    let to = field(serde_json::json!({"label": "T", "kind": "text", "max": 5}));
    assert_eq!(made(Cell::Text("abc😀😀"), &[Handler::Truncate], &to), Some(Value::text("abc😀")));
    assert_eq!(made(Cell::Text("abcd😀"), &[Handler::Truncate], &to), Some(Value::text("abcd")));
    assert_eq!(
        through(Cell::Text("abcdef"), &[Handler::Reject], &to),
        Converted::Reject(Reason::TooLong { length: 6, max: 5 }.to_string())
    );
    assert_eq!(made(Cell::Text("äääää"), &[], &to), Some(Value::text("äääää")), "counted in characters, not bytes");
}

#[test]
fn several_values_are_cut_between_two_of_them() {
    let to = field(serde_json::json!({"label": "T", "kind": "text", "max": 8}));
    let cut = |text: &'static str, handlers: &[Handler]| {
        let row = Convert { handlers: handlers.to_vec(), several: true, ..Convert::default() };
        convert(Cell::Text(text), &row, &Around::default(), Side::Right, &to).into_owned()
    };
    for (text, fits) in
        [("abc;def", "abc;def"), ("abc;defg", "abc;defg"), ("abc;defgh", "abc"), ("abc;;efg;h", "abc;;efg")]
    {
        assert_eq!(cut(text, &[Handler::Truncate]), Converted::Value(Carried::New(Value::text(fits))), "{text}");
    }
    let whole = Converted::Skip(Reason::TooLong { length: 13, max: 8 }.to_string());
    assert_eq!(cut("abcdefghi;xyz", &[Handler::Truncate]), whole, "half a value is another one");
}

#[test]
fn numbers_are_rounded_away_from_zero_only_where_the_row_says_so() {
    let to = field(serde_json::json!({"label": "N", "kind": "number", "scale": 0}));
    let half = Cell::Num(Decimal::new(-25, 1));
    assert_eq!(made(half, &[Handler::Round], &to), Some(Value::Num(Decimal::from(-3))));
    assert_eq!(through(half, &[], &to), Converted::Skip(Reason::TooPrecise { scale: 0 }.to_string()));
    assert_eq!(made(Cell::Num(Decimal::new(20, 1)), &[], &to), Some(Value::Num(Decimal::new(20, 1))));
}

#[test]
fn a_blank_never_reaches_a_required_field() {
    let to = field(serde_json::json!({"label": "T", "kind": "text", "required": true}));
    let unknown = Handler::Use(Value::text("(unknown)"));
    assert_eq!(made(Cell::Text("  "), &[Handler::Truncate, unknown], &to), Some(Value::text("(unknown)")));
    assert_eq!(through(Cell::Null, &[Handler::Skip], &to), Converted::Skip(Reason::Required.to_string()));
    assert_eq!(through(Cell::Null, &[Handler::Reject], &to), Converted::Reject(Reason::Required.to_string()));
    let optional = field(serde_json::json!({"label": "T", "kind": "text"}));
    assert_eq!(through(Cell::Text(" "), &[Handler::Reject], &optional), Converted::Blank);
    let checkbox = field(serde_json::json!({"label": "B", "kind": "bool"}));
    assert_eq!(made(Cell::Null, &[], &checkbox), Some(Value::Bool(false)));
}

#[test]
fn a_closed_picklist_takes_its_options_and_nothing_else() {
    let options = serde_json::json!([{"value": "A", "label": "a"}, {"value": "B", "label": "b"}]);
    let one = field(serde_json::json!({"label": "O", "kind": "option", "closed": true, "options": options}));
    let many = field(serde_json::json!({"label": "O", "kind": "options", "closed": true, "options": options}));
    assert_eq!(made(Cell::Text("A"), &[], &one), Some(Value::text("A")));
    assert_eq!(through(Cell::Text("a"), &[], &one), Converted::Skip(Reason::NotAnOption("a".into()).to_string()));
    assert_eq!(made(Cell::Text("B; A"), &[], &many), Some(Value::text("A;B")));
    assert_eq!(
        through(Cell::Text("A;C"), &[Handler::Reject], &many),
        Converted::Reject(Reason::NotAnOption("C".into()).to_string())
    );
}

#[test]
fn tables_answer_row_by_row_then_at_creation_then_otherwise() {
    let mut table = Table { name: "t".into(), place: Default::default(), to: Default::default() };
    let rows = &mut table.to.right.rows;
    rows.insert("X".into(), (Outcome::Value("Y".into()), Default::default()));
    rows.insert("gone".into(), (Outcome::Blank, Default::default()));
    table.to.right.otherwise_at_creation = Some(Outcome::Value("New".into()));
    table.to.right.otherwise = Some(Outcome::Skip);
    let to = field(serde_json::json!({"label": "T", "kind": "text"}));
    let tables = Tables { picklists: vec![table], ..Tables::default() };
    let via = Convert { table: Some(0), ..Convert::default() };
    let go = |text, at_creation| {
        let around = Around { tables: Some(&tables), at_creation, ..Around::default() };
        convert(Cell::Text(text), &via, &around, Side::Right, &to)
    };
    assert_eq!(go("X", true), Converted::Value(Carried::New(Value::text("Y"))));
    assert_eq!(go("gone", false), Converted::Blank);
    assert_eq!(go("Z", true), Converted::Value(Carried::New(Value::text("New"))));
    assert_eq!(go("Z", false), Converted::Skip(Reason::Table { table: "t".into(), value: "Z".into() }.to_string()));
}

#[test]
fn a_moment_becomes_its_day_and_a_day_its_first_moment() {
    let zone = Zone::named("America/New_York");
    let day = field(serde_json::json!({"label": "D", "kind": "day"}));
    let time = field(serde_json::json!({"label": "T", "kind": "time"}));
    let dated = Convert { zone, ..Convert::default() };
    let go = |cell, to| convert(cell, &dated, &Around::default(), Side::Right, to);
    let evening = Millis::from_iso("2026-02-01T03:30:00Z").unwrap();
    let january = day_from_iso("2026-01-31").unwrap();
    assert_eq!(go(Cell::Time(evening.0), &day), Converted::Value(Carried::New(Value::Day(january))));
    let start = Millis::from_iso("2026-01-31T05:00:00Z").unwrap();
    assert_eq!(go(Cell::Day(january), &time), Converted::Value(Carried::New(Value::Time(start.0))));
    assert_eq!(go(Cell::Time(start.0), &day), Converted::Value(Carried::New(Value::Day(january))), "and back");
    assert_eq!(through(Cell::Time(evening.0), &[], &day), Converted::Skip(Reason::NotA(FieldKind::Day).to_string()));
}

fn kind() -> impl Strategy<Value = FieldKind> {
    use FieldKind::*;
    prop::sample::select(vec![Text, Email, Bool, Number, Day, Time, Option, Options, Id])
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (any::<i64>(), 0u32..10).prop_map(|(n, scale)| Value::Num(Decimal::new(n, scale))),
        (-900_000i32..900_000).prop_map(Value::Day),
        (-90_000_000_000_000i64..90_000_000_000_000).prop_map(Value::Time),
        "(?s).{0,12}".prop_map(Value::text),
        prop::sample::select(vec!["true", "1.50", "2026-01-31", "2026-01-31T10:00:00Z", " Ana@ACME.com", "b;a;b"])
            .prop_map(Value::text),
    ]
}

proptest! {
    #[test]
    fn what_crosses_fits_and_crosses_again_unchanged(
        value in value(),
        kind in kind(),
        max in prop::option::of(0u32..8),
        scale in prop::option::of(0u32..4),
        handlers in prop::sample::subsequence(vec![Handler::Truncate, Handler::Round, Handler::Skip], 0..=3),
    ) {
        let to = Target { max, scale, ..field(serde_json::json!({"label": "F", "kind": kind})) };
        let first = through(value.cell(), &handlers, &to);
        if let Converted::Value(carried) = &first {
            if let (Cell::Text(text), Some(max), false) = (carried.cell(), max, kind == FieldKind::Options) {
                prop_assert!(text.encode_utf16().count() <= max as usize);
            }
            if let (Cell::Num(number), Some(scale)) = (carried.cell(), scale) {
                prop_assert!(number.normalize().scale() <= scale);
            }
            let again = through(carried.cell(), &handlers, &to);
            prop_assert!(
                matches!(&again, Converted::Value(second) if second.cell() == carried.cell())
                    || carried.cell().is_blank(),
                "{:?} then {:?}", first, again
            );
        }
    }
}
