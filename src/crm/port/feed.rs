//! Sources of changes, and what their pages hold.

use std::time::Duration;

use crate::data::{Millis, Presence, Stamp, Uid};

/// One source of changes with a cursor of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSpec {
    /// Stable: `contact.modified`. The state file keeps the cursor under it.
    pub name: String,
    pub kind: FeedKind,
    /// How long a finished read of it stays good when nothing presses.
    pub interval: Duration,
}

impl FeedSpec {
    /// To be read as never before.
    pub fn from_start(&self) -> FeedAt {
        FeedAt { name: self.name.clone(), kind: self.kind, cursor: None, known: None, changed: Vec::new() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedKind {
    /// Created, changed and, where the CRM says so, deleted rows of a type.
    Modified { ty: Uid },
    /// Deleted rows of a type.
    Deleted { ty: Uid },
    /// Who is in a list.
    Members { list: Uid },
}

#[derive(Clone, Debug, PartialEq)]
pub struct FeedAt {
    pub name: String,
    pub kind: FeedKind,
    /// As the adapter last returned it; `None` at the very first read.
    pub cursor: Option<Vec<u8>>,
    /// For [`FeedKind::Members`] only: how many members the mirror holds.
    pub known: Option<u64>,
    /// Ids of records that changed since the feed was last read, for feeds that ask per record.
    pub changed: Vec<Box<str>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    pub rows: Vec<RawRow>,
    /// Ids that are no more.
    pub gone: Vec<Gone>,
    pub members: Vec<MemberChange>,
    /// Where to read on; kept in the transaction that keeps the page.
    pub cursor: Vec<u8>,
    /// Read on at once with `cursor`.
    pub more: bool,
}

/// A record that is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub ty: Uid,
    pub id: Box<str>,
    /// When it was deleted, where the CRM says so: what it was before does not bring it back.
    pub at: Option<Millis>,
}

/// A record as the CRM returned it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawRow {
    pub ty: Uid,
    pub id: Box<str>,
    pub stamp: Stamp,
    pub presence: Presence,
    /// Which record took the place of one that is [`Presence::Redirected`]; `None` where the CRM does not say.
    pub redirect: Option<Redirect>,
    /// Written with [`crate::data::encode`], sorted by field number; a field that was not asked for is not in it.
    pub cells: Vec<u8>,
    /// Further values by which the record is found, beside those of its fields: HubSpot's secondary e-mail addresses.
    /// `None` where they were not told.
    pub aliases: Option<Vec<(Uid, Box<str>)>>,
    /// Last changed by the user that our own writes appear under.
    pub by_us: bool,
}

/// A record that took another one's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// API name of its type: a lead becomes a contact.
    pub ty: Box<str>,
    pub id: Box<str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberChange {
    Joined {
        list: Uid,
        id: Box<str>,
    },
    Left {
        list: Uid,
        id: Box<str>,
    },
    /// A full reading of the list begins: what is not named again until `End` has left.
    Start {
        list: Uid,
    },
    End {
        list: Uid,
    },
}
