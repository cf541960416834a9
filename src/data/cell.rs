//! One value of one field, borrowed or owned.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::Decimal;

use super::time::{Millis, day_to_iso};

/// A field's value as the mirror holds it, typed by the schema. `Unread` is not blank: it decides nothing.
///
/// Options of picklists are text; a multi-select is text with its options sorted and joined by `;`, so that equal sets
/// are equal cells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Cell<'a> {
    #[default]
    Unread,
    Null,
    Bool(bool),
    Num(Decimal),
    /// Days since 1970-01-01.
    Day(i32),
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Time(i64),
    Text(&'a str),
}

impl<'a> Cell<'a> {
    /// Null, or nothing but space; an unread cell is neither blank nor known.
    pub fn is_blank(&self) -> bool {
        match self {
            Cell::Null => true,
            Cell::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    pub fn is_known(&self) -> bool {
        !matches!(self, Cell::Unread) && !self.is_blank()
    }

    /// Equal for the merge: blank equals blank, 1.0 equals 1, text to the letter.
    pub fn same(&self, other: &Cell<'_>) -> bool {
        self == other || (self.is_blank() && other.is_blank())
    }

    pub fn to_value(&self) -> Value {
        match *self {
            Cell::Unread | Cell::Null => Value::Null,
            Cell::Bool(b) => Value::Bool(b),
            Cell::Num(n) => Value::Num(n),
            Cell::Day(d) => Value::Day(d),
            Cell::Time(t) => Value::Time(t),
            Cell::Text(t) => Value::Text(t.into()),
        }
    }

    /// The value as one line of text: what a person reads, and what text fields take.
    pub fn text(&self) -> Cow<'a, str> {
        match *self {
            Cell::Unread | Cell::Null => Cow::Borrowed(""),
            Cell::Bool(true) => Cow::Borrowed("true"),
            Cell::Bool(false) => Cow::Borrowed("false"),
            Cell::Num(n) => Cow::Owned(n.normalize().to_string()),
            Cell::Day(d) => Cow::Owned(day_to_iso(d)),
            Cell::Time(t) => Cow::Owned(Millis(t).to_iso()),
            Cell::Text(t) => Cow::Borrowed(t),
        }
    }
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Unread => f.write_str("(not read)"),
            Cell::Null => f.write_str("(blank)"),
            Cell::Text(text) => write!(f, "{text:?}"),
            other => f.write_str(&other.text()),
        }
    }
}

/// An owned [`Cell`].
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Num(Decimal),
    Day(i32),
    Time(i64),
    Text(Box<str>),
}

impl Value {
    pub fn text(text: impl Into<Box<str>>) -> Value {
        Value::Text(text.into())
    }

    pub fn cell(&self) -> Cell<'_> {
        match self {
            Value::Null => Cell::Null,
            Value::Bool(b) => Cell::Bool(*b),
            Value::Num(n) => Cell::Num(*n),
            Value::Day(d) => Cell::Day(*d),
            Value::Time(t) => Cell::Time(*t),
            Value::Text(t) => Cell::Text(t),
        }
    }
}

impl serde::Serialize for Value {
    /// JSON null, boolean or string; numbers as text, so that no reader rounds them.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_none(),
            Value::Bool(b) => serializer.serialize_bool(*b),
            other => serializer.serialize_str(&other.cell().text()),
        }
    }
}
