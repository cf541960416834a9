//! A value on its way to the other side: through a table, into the target's type, into the target's limits.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

use super::email::is_valid_email;
use super::ir::{Convert, Handler, Mapping, Outcome, PlaceWay, Tables, Target};
use super::owners::{Directory, Owned};
use crate::data::{Cell, FieldKind, Millis, Side, Uid, Value, Zone, day_from_iso};
use crate::lang::places::{Beside, Part, Placed};
use crate::lang::schema::FieldDef;

/// What becomes of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Converted<'a> {
    Value(Carried<'a>),
    Blank,
    /// The field is left as it is, for this reason; both sides stand as they are.
    Skip(String),
    /// The field waits, for this reason: it is written as soon as it can be.
    Hold(String),
    /// The record is stopped, for this reason.
    Reject(String),
    /// The other side's value comes back, for this reason.
    Restore(String),
    /// The new record gets no value from us.
    LeaveOut {
        /// The CRM's own rules give the record its owner.
        assign: bool,
    },
}

impl Converted<'_> {
    /// The same, on its own.
    pub fn into_owned(self) -> Converted<'static> {
        match self {
            Converted::Value(carried) => Converted::Value(Carried::New(carried.into_value())),
            Converted::Blank => Converted::Blank,
            Converted::Skip(why) => Converted::Skip(why),
            Converted::Hold(why) => Converted::Hold(why),
            Converted::Reject(why) => Converted::Reject(why),
            Converted::Restore(why) => Converted::Restore(why),
            Converted::LeaveOut { assign } => Converted::LeaveOut { assign },
        }
    }
}

/// A value that is borrowed where it did not change.
#[derive(Clone, Debug)]
pub enum Carried<'a> {
    Same(Cell<'a>),
    New(Value),
}

impl PartialEq for Carried<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cell() == other.cell()
    }
}

impl Carried<'_> {
    pub fn cell(&self) -> Cell<'_> {
        match self {
            Carried::Same(cell) => *cell,
            Carried::New(value) => value.cell(),
        }
    }

    pub fn into_value(self) -> Value {
        match self {
            Carried::Same(cell) => cell.to_value(),
            Carried::New(value) => value,
        }
    }
}

/// Why a value did not cross.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    NotRead,
    /// The target never takes a blank.
    Required,
    TooLong {
        length: usize,
        max: u32,
    },
    TooPrecise {
        scale: u32,
    },
    /// The value has no form of the target's type.
    NotA(FieldKind),
    /// The target has no such option.
    NotAnOption(String),
    /// The table has no row for it.
    NoRow {
        table: String,
        value: String,
    },
    /// The table says so.
    Table {
        table: String,
        value: String,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NotRead => f.write_str("the value was not read"),
            Reason::Required => f.write_str("the field never takes a blank"),
            Reason::TooLong { length, max } => write!(f, "{length} characters, but at most {max} fit"),
            Reason::TooPrecise { scale } => write!(f, "more than {scale} digits after the point"),
            Reason::NotA(kind) => f.write_str(match kind {
                FieldKind::Text => "not text",
                FieldKind::Email => "not an e-mail address",
                FieldKind::Bool => "neither `true` nor `false`",
                FieldKind::Number => "not a number",
                FieldKind::Day => "not a date",
                FieldKind::Time => "not a date with time",
                FieldKind::Option => "not one option",
                FieldKind::Options => "not a set of options",
                FieldKind::Id => "not a record id",
            }),
            Reason::NotAnOption(value) => write!(f, "`{value}` is no option of the field"),
            Reason::NoRow { table, value } => write!(f, "picklist `{table}` has no row for `{value}`"),
            Reason::Table { table, value } => write!(f, "picklist `{table}` keeps `{value}` from crossing"),
        }
    }
}

/// A field of the schema as a target.
pub fn target(field: Uid, name: &str, def: &FieldDef) -> Target {
    let listed = matches!(def.kind, FieldKind::Option | FieldKind::Options) && def.closed;
    Target {
        field,
        name: name.into(),
        label: def.label.clone(),
        kind: def.kind,
        max: def.max,
        scale: def.scale,
        required: def.required,
        createable: def.createable,
        updateable: def.updateable,
        options: listed.then(|| def.options.iter().map(|option| option.value.as_str().into()).collect()),
    }
}

/// What a value is converted with, beside its row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    pub tables: Option<&'a Tables>,
    pub people: Option<&'a Directory>,
    /// The subject's slots.
    pub cells: &'a [Cell<'a>],
    /// In the call that creates the record.
    pub at_creation: bool,
}

/// Makes the value that goes to `side` into `target`.
pub fn convert<'a>(
    cell: Cell<'a>,
    convert: &'a Convert,
    around: &Around<'a>,
    side: Side,
    target: &'a Target,
) -> Converted<'a> {
    if matches!(cell, Cell::Unread) {
        return Converted::Skip(Reason::NotRead.to_string());
    }
    let way = Way { handlers: &convert.handlers, zone: convert.zone.as_ref(), target };
    if let Some(place) = &convert.place {
        return placed(cell, place, around, side, &way);
    }
    if let Some(owners) = convert.owners {
        return owned(cell, owners, around, side, &way);
    }
    let table = convert.table.and_then(|table| around.tables?.picklists.get(table));
    let Some(table) = table else { return way.fit(Carried::Same(cell)) };
    match translate(cell, &table.to[side], &table.name, target.kind, around.at_creation) {
        Translated::Value(carried) => way.fit(carried),
        Translated::Unmapped(reason) => way.refuse(reason),
        Translated::Skip(reason) => Converted::Skip(reason.to_string()),
        Translated::Reject(reason) => Converted::Reject(reason.to_string()),
        Translated::Restore(reason) => Converted::Restore(reason.to_string()),
    }
}

/// An owner, by the people of both sides.
fn owned<'a>(cell: Cell<'a>, owners: usize, around: &Around<'a>, side: Side, way: &Way<'a>) -> Converted<'a> {
    let table = around.tables.and_then(|tables| tables.owners.get(owners));
    let (Some(table), Some(people)) = (table, around.people) else {
        return Converted::Hold(Reason::NotRead.to_string());
    };
    match table.carry(people, side, &cell.text(), around.at_creation) {
        Owned::Id(id) => way.fit(Carried::New(Value::Text(id))),
        Owned::Blank => way.blank(),
        Owned::Hold(why) => Converted::Hold(why),
        Owned::Reject(why) => Converted::Reject(why),
        Owned::Restore(why) => Converted::Restore(why),
        Owned::LeaveOut { assign } => Converted::LeaveOut { assign },
    }
}

/// A country or a state, judged together with the other one.
fn placed<'a>(cell: Cell<'a>, place: &PlaceWay, around: &Around<'a>, side: Side, way: &Way<'a>) -> Converted<'a> {
    let beside = place.beside.map_or(Cell::Null, |slot| around.cells.get(slot).copied().unwrap_or_default());
    let table = around.tables.and_then(|tables| tables.places.get(place.table));
    let (Some(table), false) = (table, matches!(beside, Cell::Unread)) else {
        return Converted::Hold(Reason::NotRead.to_string());
    };
    let (own, other) = (cell.text(), beside.text());
    let held = match place.part {
        Part::Country => Beside { country: &own, state: &other },
        Part::State => Beside { country: &other, state: &own },
    };
    match table.carry(side, place.part, held) {
        Placed::Text(text) => way.fit(Carried::New(Value::text(text))),
        Placed::Blank => way.blank(),
        Placed::Unknown(why) if table.reject => Converted::Reject(why),
        Placed::Unknown(why) => Converted::Hold(why),
    }
}

enum Translated<'a> {
    Value(Carried<'a>),
    Unmapped(Reason),
    Skip(Reason),
    Reject(Reason),
    Restore(Reason),
}

/// The table's answer. For a multi-select every option is looked up by itself.
fn translate<'a>(
    cell: Cell<'a>,
    mapping: &'a Mapping,
    table: &str,
    kind: FieldKind,
    at_creation: bool,
) -> Translated<'a> {
    if cell.is_blank() {
        return match &mapping.blank {
            None | Some(Outcome::Blank | Outcome::Same) => Translated::Value(Carried::Same(Cell::Null)),
            Some(Outcome::Value(value)) => Translated::Value(Carried::Same(Cell::Text(value))),
            Some(Outcome::Skip) => Translated::Skip(Reason::Table { table: table.to_owned(), value: String::new() }),
            Some(Outcome::Reject) => {
                Translated::Reject(Reason::Table { table: table.to_owned(), value: String::new() })
            }
            Some(Outcome::Restore) => {
                Translated::Restore(Reason::Table { table: table.to_owned(), value: String::new() })
            }
        };
    }
    let text = cell.text();
    if kind != FieldKind::Options || !text.contains(';') {
        return look_up(&text, cell, mapping, table, at_creation);
    }
    let mut out: Vec<String> = Vec::new();
    for option in text.split(';').map(str::trim).filter(|option| !option.is_empty()) {
        match look_up(option, Cell::Text(option), mapping, table, at_creation) {
            Translated::Value(carried) => out.push(carried.cell().text().into_owned()),
            Translated::Unmapped(reason) => return Translated::Unmapped(reason),
            Translated::Skip(reason) => return Translated::Skip(reason),
            Translated::Reject(reason) => return Translated::Reject(reason),
            Translated::Restore(reason) => return Translated::Restore(reason),
        }
    }
    Translated::Value(Carried::New(Value::text(out.join(";"))))
}

fn look_up<'a>(text: &str, cell: Cell<'a>, mapping: &'a Mapping, table: &str, at_creation: bool) -> Translated<'a> {
    let row = mapping.rows.get(text).map(|(outcome, _)| outcome);
    let creating = mapping.otherwise_at_creation.as_ref().filter(|_| at_creation);
    let reason = || Reason::Table { table: table.to_owned(), value: text.to_owned() };
    match row.or(creating).or(mapping.otherwise.as_ref()) {
        Some(Outcome::Value(value)) => Translated::Value(Carried::Same(Cell::Text(value))),
        Some(Outcome::Same) => Translated::Value(Carried::Same(cell)),
        Some(Outcome::Blank) => Translated::Value(Carried::Same(Cell::Null)),
        Some(Outcome::Skip) => Translated::Skip(reason()),
        Some(Outcome::Reject) => Translated::Reject(reason()),
        Some(Outcome::Restore) => Translated::Restore(reason()),
        None => Translated::Unmapped(Reason::NoRow { table: table.to_owned(), value: text.to_owned() }),
    }
}

struct Way<'p> {
    handlers: &'p [Handler],
    zone: Option<&'p Zone>,
    target: &'p Target,
}

impl<'p> Way<'p> {
    fn fit(&self, carried: Carried<'p>) -> Converted<'p> {
        if carried.cell().is_blank() {
            return self.blank();
        }
        match coerce(self.dated(carried), self.target.kind).and_then(|carried| self.limit(carried)) {
            Ok(carried) if carried.cell().is_blank() => self.blank(),
            Ok(carried) => Converted::Value(carried),
            Err(reason) => self.refuse(reason),
        }
    }

    /// A moment as its day, a day as its first moment, where the row says `as date`.
    fn dated<'a>(&self, carried: Carried<'a>) -> Carried<'a> {
        match (carried.cell(), self.target.kind, self.zone) {
            (Cell::Time(at), FieldKind::Day, Some(zone)) => Carried::New(Value::Day(zone.day_of(Millis(at)))),
            (Cell::Day(day), FieldKind::Time, Some(zone)) => Carried::New(Value::Time(zone.start_of(day).0)),
            _ => carried,
        }
    }

    /// The row's own word, or else to leave the field as it is.
    fn refuse(&self, reason: Reason) -> Converted<'p> {
        match self.handlers.iter().any(|handler| matches!(handler, Handler::Reject)) {
            true => Converted::Reject(reason.to_string()),
            false => Converted::Skip(reason.to_string()),
        }
    }

    fn blank(&self) -> Converted<'p> {
        let substitute = self.handlers.iter().find_map(|handler| match handler {
            Handler::Use(value) => Some(value),
            _ => None,
        });
        if let Some(value) = substitute {
            let made = coerce(Carried::Same(value.cell()), self.target.kind).and_then(|value| self.limit(value));
            return match made {
                Ok(carried) => Converted::Value(carried),
                Err(reason) => self.refuse(reason),
            };
        }
        match (self.target.kind, self.target.required) {
            (FieldKind::Bool, _) => Converted::Value(Carried::Same(Cell::Bool(false))),
            (_, true) => self.refuse(Reason::Required),
            (_, false) => Converted::Blank,
        }
    }

    fn limit<'a>(&self, carried: Carried<'a>) -> Result<Carried<'a>, Reason> {
        let target = self.target;
        match (carried.cell(), target.kind) {
            (Cell::Text(text), FieldKind::Option) => match is_option(target, text) {
                true => self.shorten(carried),
                false => Err(Reason::NotAnOption(text.to_owned())),
            },
            (Cell::Text(text), FieldKind::Options) => match text.split(';').find(|option| !is_option(target, option)) {
                Some(option) => Err(Reason::NotAnOption(option.to_owned())),
                None => Ok(carried),
            },
            (Cell::Text(_), _) => self.shorten(carried),
            (Cell::Num(number), FieldKind::Number) => self.round(carried, number),
            _ => Ok(carried),
        }
    }

    fn shorten<'a>(&self, carried: Carried<'a>) -> Result<Carried<'a>, Reason> {
        let Some(max) = self.target.max else { return Ok(carried) };
        let cell = carried.cell();
        let text = cell.text();
        let fits = text.len() <= max as usize || text.encode_utf16().count() <= max as usize;
        if fits {
            return Ok(carried);
        }
        // An address or an option cut short is another one.
        match self.target.kind == FieldKind::Text && self.handlers.contains(&Handler::Truncate) {
            true => Ok(Carried::New(Value::text(truncate(&text, max)))),
            false => Err(Reason::TooLong { length: text.encode_utf16().count(), max }),
        }
    }

    fn round<'a>(&self, carried: Carried<'a>, number: Decimal) -> Result<Carried<'a>, Reason> {
        let Some(scale) = self.target.scale.filter(|scale| number.normalize().scale() > *scale) else {
            return Ok(carried);
        };
        match self.handlers.contains(&Handler::Round) {
            true => {
                let rounded = number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
                Ok(Carried::New(Value::Num(rounded)))
            }
            false => Err(Reason::TooPrecise { scale }),
        }
    }
}

fn is_option(target: &Target, text: &str) -> bool {
    target.options.as_ref().is_none_or(|options| options.iter().any(|option| **option == *text))
}

/// The longest beginning that fits, in UTF-16 units, without half a character.
fn truncate(text: &str, max: u32) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > max as usize
    });
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// The value in the target's type. It is not blank when it comes in.
fn coerce(carried: Carried<'_>, kind: FieldKind) -> Result<Carried<'_>, Reason> {
    let no = Err(Reason::NotA(kind));
    let made = match (carried.cell(), kind) {
        (Cell::Text(_), FieldKind::Text | FieldKind::Id) => return Ok(carried),
        (Cell::Text(text), FieldKind::Option) => match text.trim() == text {
            true => return Ok(carried),
            false => Value::text(text.trim()),
        },
        (Cell::Text(text), FieldKind::Email) => {
            let trimmed = text.trim();
            match (is_valid_email(trimmed), trimmed == text && !text.chars().any(char::is_uppercase)) {
                (false, _) => return no,
                (true, true) => return Ok(carried),
                (true, false) => Value::text(trimmed.to_lowercase()),
            }
        }
        (Cell::Text(text), FieldKind::Options) => match FieldKind::canonical_options(text) {
            Cow::Borrowed(_) => return Ok(carried),
            Cow::Owned(text) => Value::text(text),
        },
        (Cell::Text(text), FieldKind::Number) => match text.trim().parse() {
            Ok(number) => Value::Num(number),
            Err(_) => return no,
        },
        (Cell::Text(text), FieldKind::Bool) => match text.trim() {
            text if text.eq_ignore_ascii_case("true") => Value::Bool(true),
            text if text.eq_ignore_ascii_case("false") => Value::Bool(false),
            _ => return no,
        },
        (Cell::Text(text), FieldKind::Day) => match day_from_iso(text.trim()).filter(|_| text.trim().len() == 10) {
            Some(day) => Value::Day(day),
            None => return no,
        },
        (Cell::Text(text), FieldKind::Time) => match Millis::from_iso(text.trim()) {
            Some(time) => Value::Time(time.0),
            None => return no,
        },
        (Cell::Num(_), FieldKind::Number)
        | (Cell::Bool(_), FieldKind::Bool)
        | (Cell::Day(_), FieldKind::Day)
        | (Cell::Time(_), FieldKind::Time) => return Ok(carried),
        (Cell::Num(_) | Cell::Bool(_), FieldKind::Option | FieldKind::Options)
        | (Cell::Num(_) | Cell::Bool(_) | Cell::Day(_) | Cell::Time(_), FieldKind::Text) => {
            Value::text(carried.cell().text())
        }
        _ => return no,
    };
    Ok(Carried::New(made))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::ir::Table;
    use super::*;

    fn field(json: serde_json::Value) -> Target {
        target(Uid(1), "f", &serde_json::from_value(json).unwrap())
    }

    fn through(cell: Cell<'_>, handlers: &[Handler], to: &Target) -> Converted<'static> {
        convert(
            cell,
            &Convert { handlers: handlers.to_vec(), ..Convert::default() },
            &Around::default(),
            Side::Right,
            to,
        )
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
        let mut table = Table { name: "t".into(), to: Default::default() };
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
        assert_eq!(
            through(Cell::Time(evening.0), &[], &day),
            Converted::Skip(Reason::NotA(FieldKind::Day).to_string())
        );
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
}
