//! The objects of an org and their fields.

use std::collections::HashMap;

use super::field::{FieldDef, FieldType};
use super::ids::Id;

/// Positions of the fields that every row carries in its own struct.
pub(super) const ID: u16 = 0;
pub(super) const IS_DELETED: u16 = 1;
pub(super) const CREATED_DATE: u16 = 2;
pub(super) const CREATED_BY: u16 = 3;
pub(super) const MODIFIED_DATE: u16 = 4;
pub(super) const MODIFIED_BY: u16 = 5;
pub(super) const STAMP: u16 = 6;
/// Fields from here on are cells.
pub(super) const FIRST_CELL: u16 = 7;

/// Position of an object in the schema, and of its table in the world.
pub(super) type ObjectIx = usize;

#[derive(Clone, Debug)]
pub(super) struct ObjectDef {
    pub name: &'static str,
    pub label: &'static str,
    pub plural: &'static str,
    /// First three characters of the ids.
    pub prefix: &'static str,
    /// Rows may be written through the API.
    pub writable: bool,
    pub fields: Vec<FieldDef>,
    names: HashMap<String, u16>,
    relationships: HashMap<String, u16>,
}

impl ObjectDef {
    pub fn new(name: &'static str, label: &'static str, plural: &'static str, prefix: &'static str) -> ObjectDef {
        let mut object = ObjectDef {
            name,
            label,
            plural,
            prefix,
            writable: true,
            fields: Vec::new(),
            names: HashMap::new(),
            relationships: HashMap::new(),
        };
        for def in system_fields(name) {
            object.add(def);
        }
        object
    }

    /// Adds a field, or redefines the one with this name; `None` when the object is full.
    pub fn add(&mut self, def: FieldDef) -> Option<u16> {
        let key = def.name.to_ascii_lowercase();
        let ix = match self.names.get(&key) {
            Some(ix) => *ix,
            None => u16::try_from(self.fields.len()).ok()?,
        };
        if let Some(relationship) = &def.relationship {
            self.relationships.insert(relationship.to_ascii_lowercase(), ix);
        }
        self.names.insert(key, ix);
        match self.fields.get_mut(usize::from(ix)) {
            Some(field) => *field = def,
            None => self.fields.push(def),
        }
        Some(ix)
    }

    /// The field with this name, in any case.
    pub fn find(&self, name: &str) -> Option<u16> {
        let ix = match self.names.get(name) {
            Some(ix) => *ix,
            None => *self.names.get(&name.to_ascii_lowercase())?,
        };
        self.field(ix).filter(|f| !f.hidden).map(|_| ix)
    }

    /// The reference behind a relationship name such as `Account`.
    pub fn relationship(&self, name: &str) -> Option<u16> {
        self.relationships.get(&name.to_ascii_lowercase()).copied()
    }

    pub fn field(&self, ix: u16) -> Option<&FieldDef> {
        self.fields.get(usize::from(ix))
    }

    /// The visible fields with their positions.
    pub fn visible(&self) -> impl Iterator<Item = (u16, &FieldDef)> {
        self.fields.iter().enumerate().filter(|(_, f)| !f.hidden).map(|(ix, f)| (ix as u16, f))
    }
}

fn system_fields(object: &str) -> [FieldDef; 7] {
    let user = object == "User";
    let catalog = matches!(object, "Organization" | "OpportunityStage" | "LeadStatus" | "RecordType");
    let person = |name, label| FieldDef::reference(name, label, "User").read_only().required();
    let moment = |name, label| FieldDef::new(name, label, FieldType::DateTime).read_only().required();
    [
        FieldDef { id_lookup: true, ..FieldDef::new("Id", "Record ID", FieldType::Id).read_only().required() },
        FieldDef { hidden: user || catalog, ..FieldDef::new("IsDeleted", "Deleted", FieldType::Boolean).read_only() },
        moment("CreatedDate", "Created Date"),
        person("CreatedById", "Created By ID"),
        moment("LastModifiedDate", "Last Modified Date"),
        person("LastModifiedById", "Last Modified By ID"),
        moment("SystemModstamp", "System Modstamp"),
    ]
}

#[derive(Clone, Debug, Default)]
pub(super) struct Schema {
    pub objects: Vec<ObjectDef>,
}

impl Schema {
    /// The object with this name, in any case.
    pub fn find(&self, name: &str) -> Option<ObjectIx> {
        self.objects.iter().position(|o| o.name.eq_ignore_ascii_case(name))
    }

    pub fn object(&self, ix: ObjectIx) -> Option<&ObjectDef> {
        self.objects.get(ix)
    }

    /// The object whose ids start like this one.
    pub fn of_id(&self, id: &Id) -> Option<ObjectIx> {
        self.objects.iter().position(|o| o.prefix == id.prefix())
    }

    /// References to `parent`: child object, field, in schema order.
    pub fn children<'a>(&'a self, parent: &'a str) -> impl Iterator<Item = (ObjectIx, u16, &'a FieldDef)> + 'a {
        self.objects.iter().enumerate().flat_map(move |(ox, object)| {
            object
                .visible()
                .filter(move |(_, f)| f.refers_to.iter().any(|r| r == parent))
                .map(move |(fx, f)| (ox, fx, f))
        })
    }
}
