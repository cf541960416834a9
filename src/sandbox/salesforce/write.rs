//! Create, update and delete of one row: checks, defaults, derived fields, stamps.

use serde_json::{Map, Value};

use crate::data::Millis;

use super::derive;
use super::errors::{ApiError, Refused};
use super::field::{FieldDef, FieldType};
use super::ids::Id;
use super::places;
use super::record::{Cell, Record, Val};
use super::schema::{FIRST_CELL, ObjectDef, ObjectIx};
use super::table::RowIx;
use super::validate::{self, Mode};
use super::world::World;

/// Who writes.
pub(super) struct Actor {
    pub user: Id,
    /// Through the API, so it counts.
    api: bool,
}

impl Actor {
    pub fn api(user: Id) -> Actor {
        Actor { user, api: true }
    }

    pub fn user(user: Id) -> Actor {
        Actor { user, api: false }
    }
}

/// Deleting a row of the first object deletes the rows of the second that point to it by this field.
pub(super) const CASCADES: &[(&str, &str, &str)] = &[
    ("Account", "Contact", "AccountId"),
    ("Account", "Opportunity", "AccountId"),
    ("Contact", "OpportunityContactRole", "ContactId"),
    ("Opportunity", "OpportunityContactRole", "OpportunityId"),
    ("Contact", "CampaignMember", "ContactId"),
    ("Lead", "CampaignMember", "LeadId"),
];

/// Stamps have whole seconds.
pub(super) fn second(at: Millis) -> Millis {
    Millis(at.0 - at.0.rem_euclid(1000))
}

impl World {
    pub(super) fn create(
        &mut self,
        object: ObjectIx,
        body: &Map<String, Value>,
        actor: &Actor,
        now: Millis,
    ) -> Result<Id, Refused> {
        let record = self.checked_create(object, body, actor, now)?;
        let id = record.id;
        self.make_only_primary(object, &record, now);
        self.insert_row(object, record);
        self.counters.created += u64::from(actor.api);
        Ok(id)
    }

    /// The row that a create would store, or all that is wrong with it.
    pub(super) fn checked_create(
        &mut self,
        object: ObjectIx,
        body: &Map<String, Value>,
        actor: &Actor,
        now: Millis,
    ) -> Result<Record, Refused> {
        let schema = self.schema.clone();
        let def = schema.object(object).ok_or_else(ApiError::not_found)?;
        if !def.writable {
            let message = format!("entity type {} does not support insert", def.name);
            return Err(ApiError::new("INVALID_TYPE_FOR_OPERATION", message).into());
        }
        let mut cells = validate::changes(self, object, body, Mode::Create)?;
        let mut record = Record::new(self.new_id(object, def), Some(actor.user), second(now));
        places::complete(def, &record, &mut cells, Mode::Create)?;
        for (field, cell) in &cells {
            record.set(*field, cell.clone());
        }
        let given = |field: u16| cells.iter().any(|(f, cell)| *f == field && cell.is_some());
        for (ix, field) in def.visible().filter(|(ix, _)| *ix >= FIRST_CELL && !given(*ix)) {
            record.set(ix, default_cell(field, actor.user));
        }
        let changed: Vec<u16> = cells.iter().map(|(f, _)| *f).collect();
        derive::complete(def, &mut record, &changed);
        self.check_row(object, def, None, &record, &changed)?;
        Ok(record)
    }

    pub(super) fn update(
        &mut self,
        object: ObjectIx,
        row: RowIx,
        body: &Map<String, Value>,
        actor: &Actor,
        now: Millis,
    ) -> Result<(), Refused> {
        let cells = self.checked_update(object, row, body)?;
        self.apply(object, row, cells, actor.user, now);
        self.counters.updated += u64::from(actor.api);
        Ok(())
    }

    /// What an update would store, or all that is wrong with it.
    pub(super) fn checked_update(
        &self,
        object: ObjectIx,
        row: RowIx,
        body: &Map<String, Value>,
    ) -> Result<Vec<(u16, Option<Cell>)>, Refused> {
        let def = self.schema.object(object).ok_or_else(ApiError::not_found)?;
        let old = self.table(object).and_then(|t| t.row(row)).ok_or_else(ApiError::not_found)?;
        if !def.writable {
            let message = format!("entity type {} does not support update", def.name);
            return Err(ApiError::new("INVALID_TYPE_FOR_OPERATION", message).into());
        }
        let mut cells = validate::changes(self, object, body, Mode::Update)?;
        if self.is_locked(object, row) {
            return Err(ApiError::locked(&old.id).into());
        }
        if derive::is_converted(def, old) {
            return Err(ApiError::new("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead").into());
        }
        places::complete(def, old, &mut cells, Mode::Update)?;
        let mut new = old.clone();
        for (field, cell) in &cells {
            new.set(*field, cell.clone());
        }
        let changed: Vec<u16> = cells.iter().map(|(f, _)| *f).collect();
        self.check_row(object, def, Some(row), &new, &changed)?;
        Ok(cells)
    }

    /// Stores checked changes, stamped with the second of `now`.
    pub(super) fn apply(
        &mut self,
        object: ObjectIx,
        row: RowIx,
        cells: Vec<(u16, Option<Cell>)>,
        user: Id,
        now: Millis,
    ) {
        let schema = self.schema.clone();
        let Some(def) = schema.object(object) else { return };
        let Some(mut record) = self.table(object).and_then(|t| t.row(row)).cloned() else { return };
        let changed: Vec<u16> = cells.iter().map(|(f, _)| *f).collect();
        for (field, cell) in cells {
            record.set(field, cell);
        }
        derive::complete(def, &mut record, &changed);
        touch(&mut record, user, now);
        self.make_only_primary(object, &record, now);
        self.replace_row(object, row, record);
    }

    pub(super) fn delete(&mut self, object: ObjectIx, row: RowIx, actor: &Actor, now: Millis) -> Result<(), Refused> {
        let schema = self.schema.clone();
        let def = schema.object(object).ok_or_else(ApiError::not_found)?;
        let old = self.table(object).and_then(|t| t.row(row)).ok_or_else(ApiError::not_found)?;
        if !def.writable {
            let message = format!("entity type {} does not support delete", def.name);
            return Err(ApiError::new("INVALID_TYPE_FOR_OPERATION", message).into());
        }
        if self.is_locked(object, row) {
            return Err(ApiError::locked(&old.id).into());
        }
        let mut record = old.clone();
        record.deleted = true;
        touch(&mut record, actor.user, now);
        let id = record.id;
        self.replace_row(object, row, record);
        self.counters.deleted += u64::from(actor.api);
        for (parent, child, field) in CASCADES {
            if *parent == def.name {
                self.delete_children(child, field, &id, actor.user, now);
            }
        }
        Ok(())
    }

    fn delete_children(&mut self, child: &str, field: &str, parent: &Id, user: Id, now: Millis) {
        let Some(cx) = self.schema.find(child) else { return };
        for row in self.children(cx, field, parent) {
            let _ = self.delete(cx, row, &Actor::user(user), now);
        }
    }

    /// Live rows of an object whose reference points to `parent`.
    pub(super) fn children(&self, object: ObjectIx, field: &str, parent: &Id) -> Vec<RowIx> {
        let field = self.schema.object(object).and_then(|o| o.find(field));
        let (Some(field), Some(table)) = (field, self.table(object)) else { return Vec::new() };
        let rows = table.with_key(field, parent.short()).unwrap_or_default();
        rows.iter().copied().filter(|ix| table.row(*ix).is_some_and(|r| !r.deleted)).collect()
    }

    /// Setting one contact role primary clears the others of that opportunity.
    fn make_only_primary(&mut self, object: ObjectIx, record: &Record, now: Millis) {
        let schema = self.schema.clone();
        let Some(def) = schema.object(object).filter(|o| o.name == "OpportunityContactRole") else { return };
        let (Some(primary), Some(parent)) = (def.find("IsPrimary"), def.find("OpportunityId")) else { return };
        let Val::Id(opportunity) = record.value(parent) else { return };
        if record.value(primary) != Val::Bool(true) {
            return;
        }
        for row in self.children(object, "OpportunityId", &opportunity) {
            let Some(other) = self.table(object).and_then(|t| t.row(row)).filter(|r| r.id != record.id) else {
                continue;
            };
            if other.value(primary) == Val::Bool(true) {
                let mut other = other.clone();
                other.set(primary, Some(Cell::Bool(false)));
                let user = record.modified_by.unwrap_or(self.integration_user);
                touch(&mut other, user, now);
                self.replace_row(object, row, other);
            }
        }
    }

    pub(super) fn check_row(
        &self,
        object: ObjectIx,
        def: &ObjectDef,
        row: Option<RowIx>,
        record: &Record,
        changed: &[u16],
    ) -> Result<(), Refused> {
        let empty = |ix: u16| record.value(ix) == Val::Null;
        let missing: Vec<&str> = def
            .visible()
            .filter(|(ix, f)| *ix >= FIRST_CELL && f.createable && !f.nillable && empty(*ix))
            .filter(|(ix, _)| row.is_none() || changed.contains(ix))
            .map(|(_, f)| &*f.name)
            .collect();
        if !missing.is_empty() {
            return Err(ApiError::required(&missing).into());
        }
        let table = self.table(object).ok_or_else(ApiError::not_found)?;
        for field in changed {
            let Some(unique) = def.field(*field).filter(|f| f.unique) else { continue };
            let value = record.value(*field);
            let Some(key) = value.key() else { continue };
            let holders = table.with_key(*field, &key).unwrap_or_default();
            let clash = holders
                .iter()
                .filter(|ix| Some(**ix) != row)
                .filter_map(|ix| table.row(*ix))
                .find(|other| !other.deleted && (!unique.case_sensitive || other.value(*field) == value));
            if let Some(other) = clash {
                return Err(ApiError::duplicate(&unique.name, &other.id).into());
            }
        }
        Ok(())
    }

    pub(super) fn new_id(&mut self, object: ObjectIx, def: &ObjectDef) -> Id {
        loop {
            let id = Id::random(def.prefix, &mut self.rng);
            if self.table(object).is_none_or(|t| t.find(&id).is_none()) {
                return id;
            }
        }
    }
}

/// Marks a row as changed now. A row's stamp never goes back.
pub(super) fn touch(record: &mut Record, user: Id, now: Millis) {
    record.modified = second(now).max(record.modified);
    record.stamp = second(now).max(record.stamp);
    record.modified_by = Some(user);
}

pub(super) fn default_cell(field: &FieldDef, user: Id) -> Option<Cell> {
    if field.name == "OwnerId" {
        return Some(Cell::Id(user));
    }
    let default = field.default.as_deref()?;
    Some(match field.kind {
        FieldType::Boolean => Cell::Bool(default == "true"),
        _ => Cell::Text(default.into()),
    })
}
