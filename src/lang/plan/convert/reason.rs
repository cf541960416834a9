//! Why a value does not fit.

use std::fmt;

use crate::data::FieldKind;

/// Why a value did not cross.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reason {
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
