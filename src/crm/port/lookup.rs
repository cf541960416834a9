//! Questions about records, asked consistently.

use super::RawRow;
use crate::data::{KeyForm, Millis, Uid};

#[derive(Clone, Debug, PartialEq)]
pub enum Lookup {
    Ids {
        ty: Uid,
        ids: Vec<Box<str>>,
    },
    /// Records of which `field`, taken in this form, is one of `values`, which are in it already.
    Key {
        ty: Uid,
        field: Uid,
        form: KeyForm,
        values: Vec<Box<str>>,
    },
    /// Records of other types that one of these took the place of.
    Former {
        ty: Uid,
        ids: Vec<Box<str>>,
    },
    /// When each of `fields` last changed.
    Times {
        ty: Uid,
        ids: Vec<Box<str>>,
        fields: Vec<Uid>,
    },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    pub rows: Vec<RawRow>,
    /// Ids or key values that name nothing.
    pub missing: Vec<Box<str>>,
    /// Of a look-up by key: further values by which records were found, with the record's id. A record may answer to more
    /// values than the one that its field shows, like HubSpot's secondary e-mail addresses.
    pub aliases: Vec<(Box<str>, Box<str>)>,
    pub times: Vec<FieldTime>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FieldTime {
    pub id: Box<str>,
    pub field: Uid,
    pub at: Millis,
    /// The time is the record's, and that of a write of ours: when the field changed is not told.
    pub ours: bool,
}
