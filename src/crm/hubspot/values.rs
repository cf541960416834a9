//! HubSpot's values are text or null; the schema says what they mean.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::data::{Cell, FieldKind, Millis, Value, day_from_iso};

/// A property's text as a cell. Text that does not fit its kind stays text: it is shown, compared and kept, never lost.
pub(super) fn to_cell<'a>(kind: FieldKind, text: Option<&'a str>, arena: &'a mut String) -> Cell<'a> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return if kind == FieldKind::Bool { Cell::Bool(false) } else { Cell::Null };
    };
    match kind {
        FieldKind::Text | FieldKind::Option | FieldKind::Id => Cell::Text(text),
        FieldKind::Email => folded(text, arena),
        FieldKind::Options => match FieldKind::canonical_options(text) {
            Cow::Borrowed(text) => Cell::Text(text),
            Cow::Owned(text) => {
                *arena = text;
                Cell::Text(arena)
            }
        },
        FieldKind::Bool => match text {
            "true" => Cell::Bool(true),
            "false" => Cell::Bool(false),
            other => Cell::Text(other),
        },
        FieldKind::Number => number(text).map_or(Cell::Text(text), Cell::Num),
        FieldKind::Day => day(text).map_or(Cell::Text(text), Cell::Day),
        FieldKind::Time => time(text).map_or(Cell::Text(text), Cell::Time),
    }
}

fn folded<'a>(text: &'a str, arena: &'a mut String) -> Cell<'a> {
    let trimmed = text.trim();
    if trimmed.chars().any(char::is_uppercase) {
        *arena = trimmed.to_lowercase();
        return Cell::Text(arena);
    }
    Cell::Text(trimmed)
}

fn number(text: &str) -> Option<Decimal> {
    let text = text.trim();
    text.parse().or_else(|_| Decimal::from_scientific(text)).ok()
}

/// `2026-01-31`, or a moment at midnight UTC in milliseconds.
fn day(text: &str) -> Option<i32> {
    day_from_iso(text).or_else(|| {
        let ms: i64 = text.parse().ok()?;
        i32::try_from(ms.div_euclid(86_400_000)).ok()
    })
}

fn time(text: &str) -> Option<i64> {
    Millis::from_iso(text).map(|at| at.0).or_else(|| text.parse().ok())
}

/// What goes out: `""` clears.
pub(super) fn to_text(value: &Value) -> String {
    value.cell().text().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(kind: FieldKind, text: &str) -> Value {
        to_cell(kind, Some(text), &mut String::new()).to_value()
    }

    #[test]
    fn text_becomes_what_the_schema_says() {
        assert_eq!(cell(FieldKind::Number, "1500.00"), cell(FieldKind::Number, "1500"));
        assert_eq!(cell(FieldKind::Number, "2e3"), Value::Num(2000.into()));
        assert_eq!(cell(FieldKind::Number, "12 people"), Value::text("12 people"));
        assert_eq!(cell(FieldKind::Email, " Ada@Example.COM "), Value::text("ada@example.com"));
        assert_eq!(cell(FieldKind::Options, "b; a;b"), Value::text("a;b"));
        assert_eq!(cell(FieldKind::Day, "1767225600000"), cell(FieldKind::Day, "2026-01-01"));
        assert_eq!(cell(FieldKind::Time, "2026-01-01T00:00:00Z"), cell(FieldKind::Time, "1767225600000"));
        assert_eq!(to_cell(FieldKind::Bool, None, &mut String::new()), Cell::Bool(false), "a blank checkbox is false");
        assert_eq!(cell(FieldKind::Text, " kept "), Value::text(" kept "));
    }
}
