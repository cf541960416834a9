//! A value on its way to the other side: through a table, into the target's type, into the target's limits.

mod fit;
mod reason;
mod table;
#[cfg(test)]
mod tests;

use fit::Way;
use reason::Reason;
use table::{Translated, translate};

use super::email::is_valid_email;
use super::ir::{Convert, PlaceWay, Tables, Target};
use super::owners::{Directory, Owned};
use crate::data::{Cell, FieldKind, Side, Uid, Value};
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
    let way = Way { handlers: &convert.handlers, zone: convert.zone.as_ref(), several: convert.several, target };
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
