//! How a value crosses: what the target takes, and what it is looked up in.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Place, SlotId};
use crate::data::{BySide, FieldKind, Uid, Value, Zone};
use crate::lang::places::{Part, PlaceTable};
use crate::lang::plan::owners::OwnerTable;

/// A field that may be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub field: Uid,
    pub name: Arc<str>,
    pub label: String,
    pub kind: FieldKind,
    /// Most characters, counted in UTF-16 units as both CRMs do.
    pub max: Option<u32>,
    /// Digits after the point.
    pub scale: Option<u32>,
    /// Never takes a blank.
    pub required: bool,
    pub createable: bool,
    pub updateable: bool,
    /// The values that a closed picklist takes.
    pub options: Option<Vec<Box<str>>>,
}

/// How a value crosses: through a table, then into the target's type, then what to do when it does not fit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Convert {
    /// Index into [`Tables::picklists`].
    pub table: Option<usize>,
    /// `via` a `place`.
    pub place: Option<PlaceWay>,
    /// `via` an `owners` block: index into [`Tables::owners`].
    pub owners: Option<usize>,
    /// `or …`, in the order of the row.
    pub handlers: Vec<Handler>,
    /// `as date`: between days and moments, where days begin.
    pub zone: Option<Zone>,
    /// The source holds several values, joined by `;`: a text that is cut short is cut between two of them.
    pub several: bool,
}

/// One of the two fields of a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlaceWay {
    /// Index into [`Tables::places`].
    pub table: usize,
    pub part: Part,
    /// Where the source has the other one; `None`: it is not mapped.
    pub beside: Option<SlotId>,
}

/// What the block's values are looked up in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    pub picklists: Vec<Table>,
    pub places: Vec<PlaceTable>,
    pub owners: Vec<OwnerTable>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Handler {
    /// Too long: cut at the last whole character that fits.
    Truncate,
    /// Too precise: round half away from zero.
    Round,
    /// Leave the field as it is.
    Skip,
    /// Stop the record.
    Reject,
    /// Where a blank would be written.
    Use(Value),
}

/// A `picklist`: both directions.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub name: String,
    pub place: Place,
    /// `to[side]` converts values on their way to `side`.
    pub to: BySide<Mapping>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    pub rows: BTreeMap<Box<str>, (Outcome, Place)>,
    pub blank: Option<Outcome>,
    /// `None`: a value without a row is reported and the field is left as it is.
    pub otherwise: Option<Outcome>,
    /// `otherwise at creation`.
    pub otherwise_at_creation: Option<Outcome>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Value(Box<str>),
    Same,
    Blank,
    Skip,
    Reject,
    /// The other side's value comes back.
    Restore,
}
