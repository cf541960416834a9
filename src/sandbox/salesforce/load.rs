//! Whole orgs from JSON and back: `{"Account":[{…}], …}`, flat rows with API names, and optionally `"schema"`.
//!
//! Loading keeps what the file says, also what the org would refuse today: sample data and imports hold such values.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::data::{Millis, day_from_iso};

use super::derive;
use super::field::{FieldDef, FieldType, PicklistValue};
use super::ids::Id;
use super::record::{Cell, Record, Val};
use super::schema::{self, FIRST_CELL, ObjectDef, ObjectIx};
use super::world::World;
use super::write::default_cell;

/// Why a file is not an org.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    #[error("the data is not a JSON object")]
    NotAnObject,
    #[error("`{0}` is not an object of this org")]
    UnknownObject(String),
    #[error("`{0}` is not a list of records")]
    NotAList(String),
    #[error("record {1} of `{0}` is not a JSON object")]
    NotARecord(String, usize),
    #[error("field {1} in the schema of `{0}` is not a field definition")]
    BadField(String, usize),
}

impl World {
    /// Adds the records of a file. A record whose id is there already is changed; a field that the schema lacks is added;
    /// compound addresses and nested records are left out, since they derive from other fields.
    pub fn load(&mut self, json: &Value, now: Millis) -> Result<(), LoadError> {
        let lists = json.as_object().ok_or(LoadError::NotAnObject)?;
        if let Some(schema) = lists.get("schema") {
            self.load_schema(schema)?;
        }
        for (name, list) in lists.iter().filter(|(name, _)| *name != "schema") {
            let object = self.schema.find(name).ok_or_else(|| LoadError::UnknownObject(name.clone()))?;
            let rows = list.as_array().ok_or_else(|| LoadError::NotAList(name.clone()))?;
            for (n, row) in rows.iter().enumerate() {
                let row = row.as_object().ok_or_else(|| LoadError::NotARecord(name.clone(), n))?;
                self.load_row(object, row, now);
            }
        }
        Ok(())
    }

    fn load_schema(&mut self, json: &Value) -> Result<(), LoadError> {
        let objects = json.as_object().ok_or_else(|| LoadError::NotAList("schema".to_owned()))?;
        for (name, fields) in objects {
            self.schema.find(name).ok_or_else(|| LoadError::UnknownObject(name.clone()))?;
            let fields = fields.as_array().ok_or_else(|| LoadError::NotAList(name.clone()))?;
            for (n, field) in fields.iter().enumerate() {
                let def = field_from_json(field).ok_or_else(|| LoadError::BadField(name.clone(), n))?;
                self.add_field(name, def);
            }
        }
        Ok(())
    }

    pub(super) fn load_row(&mut self, object: ObjectIx, row: &Map<String, Value>, now: Millis) {
        self.add_missing_fields(object, row);
        let schema = self.schema.clone();
        let Some(def) = schema.object(object) else { return };
        let id = given_id(row).unwrap_or_else(|| self.new_id(object, def));
        let place = self.table(object).and_then(|t| t.find(&id));
        let old = place.and_then(|ix| self.table(object)?.row(ix)).cloned();
        let user = self.ui_user;
        let fresh = old.is_none();
        let mut record = old.unwrap_or_else(|| Record::new(id, None, now));
        let present: BTreeSet<u16> = row.keys().filter_map(|k| def.find(k)).collect();
        let given = |ix: u16| present.contains(&ix);
        if fresh {
            for (ix, field) in def.visible().filter(|(ix, _)| *ix >= FIRST_CELL && !given(*ix)) {
                record.set(ix, default_cell(field, user));
            }
            let changed: Vec<u16> = present.iter().copied().collect();
            let mut computed = record.clone();
            for (name, value) in row {
                store(def, &mut computed, name, value);
            }
            derive::complete(def, &mut computed, &changed);
            for (ix, _) in def.visible().filter(|(ix, _)| *ix >= FIRST_CELL && !given(*ix)) {
                record.set(ix, cell_of(computed.value(ix)));
            }
        }
        for (name, value) in row {
            store(def, &mut record, name, value);
        }
        if !given(schema::STAMP) && given(schema::MODIFIED_DATE) {
            record.stamp = record.modified;
        }
        match place {
            Some(ix) => self.replace_row(object, ix, record),
            None => self.insert_row(object, record),
        }
    }

    /// Adds a field for each key that the schema lacks, so that nothing is lost.
    fn add_missing_fields(&mut self, object: ObjectIx, row: &Map<String, Value>) {
        let schema = self.schema.clone();
        let Some(def) = schema.object(object) else { return };
        for (name, value) in row {
            let plain = !matches!(value, Value::Object(_) | Value::Array(_));
            if name == "attributes" || !plain || def.find(name).is_some() || def.relationship(name).is_some() {
                continue;
            }
            let kind = match value {
                Value::Bool(_) => FieldType::Boolean,
                Value::Number(_) => FieldType::Double,
                Value::String(text) if text.chars().count() > 255 => FieldType::LongTextArea,
                _ => FieldType::Text,
            };
            let label = name.trim_end_matches("__c").replace('_', " ");
            let sized = FieldDef { precision: 0, ..FieldDef::new(name.clone(), label, kind) };
            self.add_field(
                def.name,
                FieldDef { length: if kind == FieldType::LongTextArea { 131_072 } else { sized.length }, ..sized },
            );
        }
    }

    /// The org as JSON that [`World::load`] takes: all rows, deleted ones too, and the fields added to the schema.
    pub fn dump(&self) -> Value {
        let mut out = Map::new();
        let mut added = Map::new();
        for (object, table) in self.schema.objects.iter().zip(&self.tables) {
            let fields: Vec<Value> = object.visible().filter(|(_, f)| f.added).map(|(_, f)| field_to_json(f)).collect();
            if !fields.is_empty() {
                added.insert(object.name.to_owned(), fields.into());
            }
            let row = |r: &Record| -> Value {
                object.visible().map(|(ix, f)| (f.name.to_string(), r.value(ix).json())).collect::<Map<_, _>>().into()
            };
            if !table.rows().is_empty() {
                out.insert(object.name.to_owned(), table.rows().iter().map(row).collect());
            }
        }
        if !added.is_empty() {
            out.insert("schema".to_owned(), added.into());
        }
        out.into()
    }
}

/// `Id`, or the last part of `attributes.url`.
fn given_id(row: &Map<String, Value>) -> Option<Id> {
    let id = row.get("Id").and_then(Value::as_str).and_then(Id::parse);
    id.or_else(|| Id::parse(row.get("attributes")?.get("url")?.as_str()?.rsplit('/').next()?))
}

fn store(def: &ObjectDef, record: &mut Record, name: &str, value: &Value) {
    let Some((ix, field)) = def.find(name).and_then(|ix| Some((ix, def.field(ix)?))) else { return };
    let cell = cell_as_written(field, value);
    let moment = |into: Millis| match &cell {
        Some(Cell::Time(at)) => *at,
        _ => into,
    };
    let person = match &cell {
        Some(Cell::Id(id)) => Some(*id),
        _ => None,
    };
    match ix {
        schema::ID => {}
        schema::IS_DELETED => record.deleted = cell == Some(Cell::Bool(true)),
        schema::CREATED_DATE => record.created = moment(record.created),
        schema::CREATED_BY => record.created_by = person,
        schema::MODIFIED_DATE => record.modified = moment(record.modified),
        schema::MODIFIED_BY => record.modified_by = person,
        schema::STAMP => record.stamp = moment(record.stamp),
        _ => record.set(ix, cell),
    }
}

/// The cell that reads back as exactly this value: typed where that loses nothing, else as text.
fn cell_as_written(field: &FieldDef, value: &Value) -> Option<Cell> {
    let text = match value {
        Value::Null | Value::Object(_) | Value::Array(_) => return None,
        Value::Bool(b) => return Some(Cell::Bool(*b)),
        Value::Number(n) => return Some(n.as_i64().map_or(Cell::Num(n.as_f64().unwrap_or_default()), Cell::Int)),
        Value::String(text) => text.as_str(),
    };
    let typed = match field.kind {
        FieldType::Id | FieldType::Reference => Id::parse(text).map(Cell::Id),
        FieldType::Date => day_from_iso(text).map(Cell::Date),
        FieldType::DateTime => Millis::from_iso(text).map(Cell::Time),
        _ => None,
    };
    let same = |cell: &Cell| matches!(cell, Cell::Time(_)) || cell.val().json() == *value;
    typed.filter(same).or_else(|| Some(Cell::Text(text.into())))
}

fn cell_of(value: Val<'_>) -> Option<Cell> {
    Some(match value {
        Val::Null => return None,
        Val::Bool(b) => Cell::Bool(b),
        Val::Int(i) => Cell::Int(i),
        Val::Num(n) => Cell::Num(n),
        Val::Text(t) => Cell::Text(t.into()),
        Val::Id(id) => Cell::Id(id),
        Val::Date(day) => Cell::Date(day),
        Val::Time(at) => Cell::Time(at),
    })
}

fn field_from_json(json: &Value) -> Option<FieldDef> {
    let text = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
    let flag = |key: &str| json.get(key).and_then(Value::as_bool);
    let size = |key: &str| json.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
    let name = text("name").filter(|n| !n.is_empty())?;
    let kind = FieldType::named(&text("type").unwrap_or_else(|| "string".to_owned()), size("length").unwrap_or(255))?;
    let mut def = FieldDef::new(name.clone(), text("label").unwrap_or(name), kind);
    let strings = |key: &str| -> Vec<String> {
        let list = json.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    def.length = size("length").unwrap_or(def.length);
    def.precision = size("precision").and_then(|n| u8::try_from(n).ok()).unwrap_or(def.precision);
    def.scale = size("scale").and_then(|n| u8::try_from(n).ok()).unwrap_or(def.scale);
    def.nillable = flag("nillable").unwrap_or(def.nillable);
    def.createable = flag("createable").unwrap_or(true);
    def.updateable = flag("updateable").unwrap_or(true);
    def.calculated = flag("calculated").unwrap_or(false);
    def.case_sensitive = flag("caseSensitive").unwrap_or(false);
    def.restricted = flag("restrictedPicklist").unwrap_or(false);
    def.unique = flag("unique").unwrap_or(false);
    def.external_id = flag("externalId").unwrap_or(false);
    def.id_lookup = def.unique || def.external_id;
    let options = json.get("picklistValues").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    def.picklist = options.iter().filter_map(option_from_json).collect();
    def.controller = text("controllerName").map(Into::into);
    def.refers_to = strings("referenceTo").into_iter().map(Into::into).collect();
    def.relationship = text("relationshipName").map(Into::into);
    def.default = text("defaultValue").map(Into::into).or(def.default);
    Some(def)
}

/// Plain text, or what there is to say beside the value.
fn option_from_json(json: &Value) -> Option<PicklistValue> {
    let text = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
    let value = json.as_str().map(str::to_owned).or_else(|| text("value"))?;
    let of = json.get("validFor").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    Some(PicklistValue {
        label: text("label").unwrap_or_else(|| value.clone()).into(),
        value: value.into(),
        active: json.get("active").and_then(Value::as_bool).unwrap_or(true),
        valid_for: of.iter().filter_map(Value::as_str).map(|of| of.to_owned().into()).collect(),
    })
}

fn option_to_json(option: &PicklistValue) -> Value {
    match *option == PicklistValue::new(option.value.clone()) {
        true => json!(option.value),
        false => json!({
            "value": option.value, "label": option.label, "active": option.active, "validFor": option.valid_for,
        }),
    }
}

fn field_to_json(def: &FieldDef) -> Value {
    json!({
        "name": def.name, "label": def.label, "type": def.kind.name(), "length": def.length,
        "precision": def.precision, "scale": def.scale, "nillable": def.nillable, "createable": def.createable,
        "updateable": def.updateable, "calculated": def.calculated, "caseSensitive": def.case_sensitive,
        "restrictedPicklist": def.restricted, "unique": def.unique, "externalId": def.external_id,
        "picklistValues": def.picklist.iter().map(option_to_json).collect::<Vec<_>>(), "controllerName": def.controller,
        "referenceTo": def.refers_to, "relationshipName": def.relationship, "defaultValue": def.default,
    })
}
