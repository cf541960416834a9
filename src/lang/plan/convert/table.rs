//! What the rows of a `picklist` make of a value.

use super::Carried;
use super::reason::Reason;
use crate::data::{Cell, FieldKind, Value};
use crate::lang::plan::ir::{Mapping, Outcome};

pub(super) enum Translated<'a> {
    Value(Carried<'a>),
    Unmapped(Reason),
    Skip(Reason),
    Reject(Reason),
    Restore(Reason),
}

/// The table's answer. For a multi-select every option is looked up by itself.
pub(super) fn translate<'a>(
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

pub(super) fn look_up<'a>(
    text: &str,
    cell: Cell<'a>,
    mapping: &'a Mapping,
    table: &str,
    at_creation: bool,
) -> Translated<'a> {
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
