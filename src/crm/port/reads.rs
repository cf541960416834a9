//! What is read of a CRM: the smallest set that a plan needs.

use crate::data::{FieldKind, Uid};
use crate::lang::schema::Initial;

/// The smallest set of types, fields and lists that a plan needs from one side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reads {
    pub types: Vec<TypeRead>,
    pub lists: Vec<ListRead>,
}

impl Reads {
    pub fn of_type(&self, ty: Uid) -> Option<&TypeRead> {
        self.types.iter().find(|read| read.uid == ty)
    }

    pub fn list(&self, list: Uid) -> Option<&ListRead> {
        self.lists.iter().find(|read| read.uid == list)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct TypeRead {
    pub uid: Uid,
    /// API name.
    pub name: String,
    /// Sorted by `uid`. The record's own id is not among them.
    pub fields: Vec<FieldRead>,
    /// Fields that carry the other side's id, where the rules map any.
    pub own_keys: Vec<Uid>,
    /// Fields of which the CRM refuses a second record with the same value.
    pub unique: Vec<Uid>,
}

impl TypeRead {
    pub fn field(&self, uid: Uid) -> Option<&FieldRead> {
        self.fields.iter().find(|field| field.uid == uid)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct FieldRead {
    pub uid: Uid,
    /// API name.
    pub name: String,
    pub kind: FieldKind,
    /// What a new record holds in it when nothing is given: the dry run answers with it.
    pub initial: Initial,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ListRead {
    pub uid: Uid,
    pub name: String,
    /// Type of the members.
    pub of: Uid,
}
