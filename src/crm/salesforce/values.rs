//! Salesforce's values are JSON; the schema says what they mean.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde_json::value::RawValue;
use serde_json::{Number, Value as Json};

use crate::crm::http::parse;
use crate::data::{Cell, FieldKind, Millis, Value, day_from_iso, day_to_iso};

/// A field's JSON as a cell; numbers are read from their text, so that none is rounded. What does not fit its kind stays
/// text.
pub(super) fn to_cell<'a>(kind: FieldKind, raw: Option<&'a RawValue>, arena: &'a mut String) -> Cell<'a> {
    let Some(raw) = raw.map(RawValue::get).filter(|raw| *raw != "null") else {
        return if kind == FieldKind::Bool { Cell::Bool(false) } else { Cell::Null };
    };
    match raw.as_bytes().first() {
        // Without an escape it stands there as it is.
        Some(b'"') if !raw.contains('\\') => from_text(kind, raw.trim_matches('"'), arena),
        Some(b'"') => match parse::<String>(raw.as_bytes(), &mut Vec::new()) {
            Ok(text) => {
                let mut inner = String::new();
                let value = from_text(kind, &text, &mut inner).to_value();
                owned(value, arena)
            }
            // What cannot be read is not known.
            Err(_) => Cell::Unread,
        },
        Some(b't') => Cell::Bool(true),
        Some(b'f') => Cell::Bool(false),
        Some(b'{' | b'[') => Cell::Text(raw),
        _ => match raw.parse::<Decimal>().or_else(|_| Decimal::from_scientific(raw)) {
            Ok(number) if kind != FieldKind::Text => Cell::Num(number),
            _ => Cell::Text(raw),
        },
    }
}

fn owned(value: Value, arena: &mut String) -> Cell<'_> {
    match value {
        Value::Text(text) => {
            *arena = text.into();
            Cell::Text(arena)
        }
        Value::Null => Cell::Null,
        Value::Bool(b) => Cell::Bool(b),
        Value::Num(n) => Cell::Num(n),
        Value::Day(d) => Cell::Day(d),
        Value::Time(t) => Cell::Time(t),
    }
}

fn from_text<'a>(kind: FieldKind, text: &'a str, arena: &'a mut String) -> Cell<'a> {
    if text.is_empty() {
        return Cell::Null;
    }
    match kind {
        FieldKind::Email if text.trim() != text || text.chars().any(char::is_uppercase) => {
            *arena = text.trim().to_lowercase();
            Cell::Text(arena)
        }
        FieldKind::Options => match FieldKind::canonical_options(text) {
            Cow::Borrowed(text) => Cell::Text(text),
            Cow::Owned(text) => {
                *arena = text;
                Cell::Text(arena)
            }
        },
        FieldKind::Number => text.parse().map_or(Cell::Text(text), Cell::Num),
        FieldKind::Day => day_from_iso(text.get(..10).unwrap_or(text)).map_or(Cell::Text(text), Cell::Day),
        FieldKind::Time => Millis::from_iso(text).map_or(Cell::Text(text), |at| Cell::Time(at.0)),
        _ => Cell::Text(text),
    }
}

/// What goes out: null clears.
pub(super) fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Num(n) => number(&n.normalize().to_string()),
        Value::Day(d) => Json::String(day_to_iso(*d)),
        Value::Time(t) => Json::String(Millis(*t).to_iso()),
        Value::Text(t) => Json::String(t.to_string()),
    }
}

/// Whole numbers exactly; others as the nearest double, which is what Salesforce keeps.
fn number(text: &str) -> Json {
    if let Ok(int) = text.parse::<i64>() {
        return Json::Number(int.into());
    }
    let float = text.parse::<f64>().ok().and_then(Number::from_f64);
    float.map_or_else(|| Json::String(text.to_owned()), Json::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(kind: FieldKind, json: &str) -> Value {
        let raw: &RawValue = serde_json::from_str(json).unwrap();
        to_cell(kind, Some(raw), &mut String::new()).to_value()
    }

    #[test]
    fn json_becomes_what_the_schema_says() {
        assert_eq!(cell(FieldKind::Number, "139000000.00"), Value::Num(139_000_000.into()));
        assert_eq!(cell(FieldKind::Number, "1.5E3"), Value::Num(1500.into()));
        assert_eq!(cell(FieldKind::Number, "123456789012345678"), Value::Num(123_456_789_012_345_678_i64.into()));
        assert_eq!(cell(FieldKind::Text, r#""a\nb""#), Value::text("a\nb"));
        assert_eq!(cell(FieldKind::Text, r#""a\ud800\"""#), Value::text("a\u{fffd}\""));
        assert_eq!(cell(FieldKind::Text, r#""""#), Value::Null);
        assert_eq!(cell(FieldKind::Email, r#""B.Levy@Expressl&T.net""#), Value::text("b.levy@expressl&t.net"));
        assert_eq!(cell(FieldKind::Time, r#""2026-01-01T20:49:32.000+0000""#), Value::Time(1_767_300_572_000));
        assert_eq!(cell(FieldKind::Day, r#""2026-01-01""#), Value::Day(20_454));
        assert_eq!(to_json(&Value::Num("12.50".parse().unwrap())), serde_json::json!(12.5));
    }
}
