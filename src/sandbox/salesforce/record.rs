//! One row: what every row has in fields, the rest as sorted cells; an absent cell is null.

use std::fmt::Write;

use crate::data::{Millis, day_to_iso};

use super::ids::Id;
use super::schema;

/// A stored value that is not null.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Bool(bool),
    Int(i64),
    Num(f64),
    Text(Box<str>),
    Id(Id),
    /// Days since 1970-01-01.
    Date(i32),
    Time(Millis),
}

/// A value as read from a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Val<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Num(f64),
    Text(&'a str),
    Id(Id),
    Date(i32),
    Time(Millis),
}

impl Cell {
    pub fn val(&self) -> Val<'_> {
        match self {
            Cell::Bool(b) => Val::Bool(*b),
            Cell::Int(i) => Val::Int(*i),
            Cell::Num(n) => Val::Num(*n),
            Cell::Text(t) => Val::Text(t),
            Cell::Id(id) => Val::Id(*id),
            Cell::Date(day) => Val::Date(*day),
            Cell::Time(at) => Val::Time(*at),
        }
    }
}

impl Val<'_> {
    /// Appends the value as JSON.
    pub fn write_json(&self, out: &mut String) {
        let _ = match self {
            Val::Null => write!(out, "null"),
            Val::Bool(b) => write!(out, "{b}"),
            Val::Int(i) => write!(out, "{i}"),
            Val::Num(n) => write!(out, "{}", serde_json::Value::from(*n)),
            Val::Text(t) => return write_text(t, out),
            Val::Id(id) => write!(out, "\"{id}\""),
            Val::Date(day) => write!(out, "\"{}\"", day_to_iso(*day)),
            Val::Time(at) => write!(out, "\"{}\"", moment(*at)),
        };
    }

    pub fn json(&self) -> serde_json::Value {
        match self {
            Val::Null => serde_json::Value::Null,
            Val::Bool(b) => (*b).into(),
            Val::Int(i) => (*i).into(),
            Val::Num(n) => (*n).into(),
            Val::Text(t) => (*t).into(),
            Val::Id(id) => id.to_string().into(),
            Val::Date(day) => day_to_iso(*day).into(),
            Val::Time(at) => moment(*at).into(),
        }
    }

    /// The value as an index key: text without case, ids without suffix.
    pub(super) fn key(&self) -> Option<String> {
        match self {
            Val::Text(t) => Some(t.to_lowercase()),
            Val::Id(id) => Some(id.short().to_owned()),
            Val::Int(i) => Some(i.to_string()),
            Val::Num(n) => Some(n.to_string()),
            Val::Null | Val::Bool(_) | Val::Date(_) | Val::Time(_) => None,
        }
    }
}

/// `2026-01-01T20:49:32.000+0000`, the form of every moment that the API sends.
pub(super) fn moment(at: Millis) -> String {
    let mut text = at.to_iso();
    if text.ends_with('Z') {
        text.pop();
    }
    text.push_str("+0000");
    text
}

/// Appends `text` as a JSON string.
pub(super) fn write_text(text: &str, out: &mut String) {
    if !text.bytes().any(|b| b < b' ' || b == b'"' || b == b'\\') {
        out.push('"');
        out.push_str(text);
        return out.push('"');
    }
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// One row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub id: Id,
    pub deleted: bool,
    pub created: Millis,
    pub created_by: Option<Id>,
    pub modified: Millis,
    pub modified_by: Option<Id>,
    /// `SystemModstamp`, in whole seconds.
    pub stamp: Millis,
    cells: Vec<(u16, Cell)>,
}

impl Record {
    pub(super) fn new(id: Id, user: Option<Id>, now: Millis) -> Record {
        Record {
            id,
            deleted: false,
            created: now,
            created_by: user,
            modified: now,
            modified_by: user,
            stamp: now,
            cells: Vec::new(),
        }
    }

    /// The value of a field by its position in the object.
    pub(super) fn value(&self, field: u16) -> Val<'_> {
        match field {
            schema::ID => Val::Id(self.id),
            schema::IS_DELETED => Val::Bool(self.deleted),
            schema::CREATED_DATE => Val::Time(self.created),
            schema::CREATED_BY => self.created_by.map_or(Val::Null, Val::Id),
            schema::MODIFIED_DATE => Val::Time(self.modified),
            schema::MODIFIED_BY => self.modified_by.map_or(Val::Null, Val::Id),
            schema::STAMP => Val::Time(self.stamp),
            _ => self.cell(field).map_or(Val::Null, Cell::val),
        }
    }

    fn cell(&self, field: u16) -> Option<&Cell> {
        let at = self.cells.binary_search_by_key(&field, |(ix, _)| *ix).ok()?;
        self.cells.get(at).map(|(_, cell)| cell)
    }

    /// Stores a cell; `None` clears it. The fields that a row carries in its struct are not set here.
    pub(super) fn set(&mut self, field: u16, cell: Option<Cell>) {
        match (self.cells.binary_search_by_key(&field, |(ix, _)| *ix), cell) {
            (Ok(at), Some(cell)) => {
                if let Some(slot) = self.cells.get_mut(at) {
                    slot.1 = cell;
                }
            }
            (Ok(at), None) => {
                self.cells.remove(at);
            }
            (Err(at), Some(cell)) => self.cells.insert(at, (field, cell)),
            (Err(_), None) => {}
        }
    }

    pub(super) fn trim(&mut self) {
        self.cells.shrink_to_fit();
    }
}
