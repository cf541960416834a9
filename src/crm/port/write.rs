//! What is written, and what a reply says of each record.

use super::{CallError, Fault, RawRow};
use crate::data::{Uid, Value};

/// One record to create or update.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    pub ty: Uid,
    pub act: Act,
    /// Sorted by field.
    pub cells: Vec<WriteCell>,
    /// Of a create: the CRM's own rules give the record its owner.
    pub assign: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    Create { guard: Guard },
    Update { id: Box<str> },
    Delete { id: Box<str> },
}

/// What keeps a create that is sent twice from making two records.
#[derive(Clone, Debug, PartialEq)]
pub enum Guard {
    /// An upsert by our own key.
    OurKey { field: Uid, value: Box<str> },
    /// The server refuses the second one.
    ServerUnique { field: Uid, value: Box<str> },
    /// Nothing: looked for by this field before it is sent again.
    Probe { field: Uid, value: Box<str> },
}

#[derive(Clone, Debug, PartialEq)]
pub struct WriteCell {
    pub field: Uid,
    /// [`Value::Null`] clears.
    pub value: Value,
    /// What the mirror held: a server that held something else had it changed behind our back.
    pub expect: Value,
    /// Had the target changed too, the outcome would be another: what we replace must be known.
    pub contested: bool,
}

/// Writes that go out together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// For people and the journal: `batch create contact`.
    pub name: String,
    /// Indices into the packed writes.
    pub writes: Vec<usize>,
    /// HTTP calls that this will cost when nothing fails.
    pub calls: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// One per write of the call, in its order.
    Items(Vec<Item>),
    Failed(CallError),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// With the row as the server then had it, where the reply or a read right after it says.
    Created {
        id: Box<str>,
        row: Option<RawRow>,
    },
    Updated {
        row: Option<RawRow>,
        overwritten: Vec<Overwritten>,
    },
    /// Deleted, by this call or before.
    Deleted,
    /// A record with this key is already there.
    Existed {
        id: Box<str>,
    },
    Rejected(Fault),
    /// The server did not say. It may have happened.
    Unknown,
}

/// A value that somebody wrote after we read and that our write replaced.
#[derive(Clone, Debug, PartialEq)]
pub struct Overwritten {
    pub field: Uid,
    pub value: Value,
}
