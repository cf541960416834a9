//! Property definitions: what a portal starts with (one table per object type) and what it adds.

mod companies;
mod contacts;
mod custom;
mod deals;
mod industries;
mod json;
mod row;

pub(super) use json::options as options_from_json;

use std::collections::HashMap;
use std::sync::Arc;

use super::cells::Prop;
use super::kind::Kind;
use crate::data::Millis;

/// `type` of a property. `fieldType` is only how a form shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyType {
    Text,
    Number,
    Date,
    DateTime,
    Enumeration,
    Bool,
    Phone,
}

impl PropertyType {
    pub fn name(self) -> &'static str {
        match self {
            PropertyType::Text => "string",
            PropertyType::Number => "number",
            PropertyType::Date => "date",
            PropertyType::DateTime => "datetime",
            PropertyType::Enumeration => "enumeration",
            PropertyType::Bool => "bool",
            PropertyType::Phone => "phone_number",
        }
    }

    pub fn parse(name: &str) -> Option<PropertyType> {
        use PropertyType::*;
        [Text, Number, Date, DateTime, Enumeration, Bool, Phone].into_iter().find(|kind| kind.name() == name)
    }

    fn default_field(self) -> &'static str {
        match self {
            PropertyType::Text => "text",
            PropertyType::Number => "number",
            PropertyType::Date | PropertyType::DateTime => "date",
            PropertyType::Enumeration => "select",
            PropertyType::Bool => "booleancheckbox",
            PropertyType::Phone => "phonenumber",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyOption {
    pub value: String,
    pub label: String,
    /// For `lifecyclestage` this is the order of the stages.
    pub display_order: i64,
    pub hidden: bool,
}

/// A property definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyDef {
    pub name: String,
    pub label: String,
    pub kind: PropertyType,
    pub field_type: String,
    pub group: String,
    pub description: String,
    pub options: Vec<PropertyOption>,
    pub display_order: i64,
    pub unique: bool,
    pub read_only: bool,
    pub calculated: bool,
    pub hidden: bool,
    pub form_field: bool,
    pub hubspot_defined: bool,
    pub external_options: bool,
    /// `OWNER` where the value must be an owner id.
    pub referenced_object_type: Option<String>,
    /// The property that says in which currency this amount is.
    pub currency_property: Option<String>,
    pub archived: bool,
    pub created: Millis,
    pub updated: Millis,
}

impl PropertyDef {
    /// A property that a portal made for itself.
    pub fn custom(name: &str, label: &str, kind: PropertyType) -> PropertyDef {
        PropertyDef {
            name: name.to_owned(),
            label: label.to_owned(),
            kind,
            field_type: kind.default_field().to_owned(),
            group: String::new(),
            description: String::new(),
            options: Vec::new(),
            display_order: -1,
            unique: false,
            read_only: false,
            calculated: false,
            hidden: false,
            form_field: true,
            hubspot_defined: false,
            external_options: false,
            referenced_object_type: None,
            currency_property: None,
            archived: false,
            created: Millis(0),
            updated: Millis(0),
        }
    }

    pub fn with_options<'a>(mut self, options: impl IntoIterator<Item = (&'a str, &'a str)>) -> PropertyDef {
        for (value, label) in options {
            self.add_option(value, label);
        }
        self
    }

    pub(super) fn add_option(&mut self, value: &str, label: &str) {
        let display_order = self.options.len() as i64;
        let (value, label) = (value.to_owned(), label.to_owned());
        self.options.push(PropertyOption { value, label, display_order, hidden: false });
    }

    /// Holds several values, separated by `;`.
    pub(super) fn is_multiple(&self) -> bool {
        self.kind == PropertyType::Enumeration && self.field_type == "checkbox"
    }
}

/// Property names by number, shared by the records of one object type.
#[derive(Clone, Debug, Default)]
pub struct Names {
    names: Vec<Arc<str>>,
    by_name: HashMap<Arc<str>, Prop>,
}

impl Names {
    pub(super) fn find(&self, name: &str) -> Option<Prop> {
        self.by_name.get(name).copied()
    }

    pub(super) fn name(&self, prop: Prop) -> Option<&str> {
        self.names.get(usize::from(prop)).map(AsRef::as_ref)
    }
}

/// The definitions of one object type; a property's number is its place in `defs` and never changes.
#[derive(Clone, Debug)]
pub(super) struct Schema {
    defs: Arc<Vec<PropertyDef>>,
    names: Arc<Names>,
}

impl Schema {
    /// What a new portal has.
    pub fn of(kind: Kind, now: Millis) -> Schema {
        let rows = match kind {
            Kind::Contact => contacts::ROWS,
            Kind::Company => companies::ROWS,
            Kind::Deal => deals::ROWS,
            Kind::Custom(_) => custom::ROWS,
        };
        let mut schema = Schema { defs: Arc::default(), names: Arc::default() };
        for row in rows {
            schema.put(row.define(now));
        }
        schema
    }

    pub fn names(&self) -> &Arc<Names> {
        &self.names
    }

    pub fn iter(&self) -> impl Iterator<Item = &PropertyDef> {
        self.defs.iter()
    }

    pub fn at(&self, prop: Prop) -> Option<&PropertyDef> {
        self.defs.get(usize::from(prop))
    }

    /// Archived definitions are not found.
    pub fn find(&self, name: &str) -> Option<(Prop, &PropertyDef)> {
        let prop = self.names.find(name)?;
        self.at(prop).filter(|def| !def.archived).map(|def| (prop, def))
    }

    pub fn find_any(&self, name: &str) -> Option<&PropertyDef> {
        self.at(self.names.find(name)?)
    }

    pub fn edit(&mut self, name: &str) -> Option<&mut PropertyDef> {
        let prop = self.names.find(name)?;
        Arc::make_mut(&mut self.defs).get_mut(usize::from(prop))
    }

    /// Adds a definition, or replaces the one of that name. `None` when the type has 65,535 properties already.
    pub fn put(&mut self, def: PropertyDef) -> Option<Prop> {
        if let Some(prop) = self.names.find(&def.name) {
            if let Some(slot) = Arc::make_mut(&mut self.defs).get_mut(usize::from(prop)) {
                *slot = def;
            }
            return Some(prop);
        }
        let prop = Prop::try_from(self.defs.len()).ok().filter(|prop| *prop < Prop::MAX)?;
        let name: Arc<str> = def.name.as_str().into();
        let names = Arc::make_mut(&mut self.names);
        names.names.push(name.clone());
        names.by_name.insert(name, prop);
        Arc::make_mut(&mut self.defs).push(def);
        Some(prop)
    }
}
