//! What a write does to a record. First it is checked against the portal as it stands, then made: a batch can check all
//! of its inputs before it makes the first.

use std::sync::Arc;

use serde_json::{Value, json};

use super::cells::{Cells, Prop};
use super::errors::{ApiError, Invalid};
use super::kind::Kind;
use super::record::{Record, Source};
use super::validate;
use super::world::World;
use crate::data::Millis;

/// Who writes, under which rules.
#[derive(Clone, Debug)]
pub(super) struct Actor {
    pub source: Source,
    /// 2026-09 bends dates and warns; older versions refuse them.
    pub lenient_dates: bool,
    /// Through the API a lifecycle stage moves forward only.
    pub forward_only: bool,
}

impl Actor {
    pub fn user() -> Actor {
        Actor { source: Source::CrmUi, lenient_dates: true, forward_only: false }
    }
}

/// A write that passed all checks.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
    pub cells: Vec<(Prop, Option<String>)>,
    /// `warnings` of the answer.
    pub warnings: Vec<Value>,
}

impl Change {
    fn get(&self, prop: Prop) -> Option<Option<&str>> {
        self.cells.iter().rev().find(|(p, _)| *p == prop).map(|(_, value)| value.as_deref())
    }

    fn set(&mut self, prop: Prop, value: Option<String>) {
        self.cells.retain(|(p, _)| *p != prop);
        self.cells.push((prop, value));
    }
}

impl World {
    /// Checks a write to `current`, or a new record when that is `None`. All refused values are named at once.
    pub(super) fn check(
        &self,
        kind: Kind,
        current: Option<&Record>,
        props: &[(String, String)],
        actor: &Actor,
    ) -> Result<Change, ApiError> {
        let schema = &self.table(kind).schema;
        let mut change = Change::default();
        let mut invalid = Vec::new();
        for (name, raw) in props {
            let Some((prop, def)) = schema.find(name) else {
                let message = format!("Property \"{name}\" does not exist");
                invalid.push(Invalid { name: name.clone(), code: "PROPERTY_DOESNT_EXIST", message });
                continue;
            };
            let old = current.and_then(|record| record.cells.get(prop));
            match validate::check(def, raw, old, actor.lenient_dates) {
                Err(refused) => invalid.push(refused),
                Ok(accepted) => {
                    if accepted.normalized {
                        change.warnings.push(json!({"category": "PROPERTY_VALUE_NORMALIZED",
                            "message": format!("{name} was normalized"), "context": {"propertyName": name,
                            "rawValue": raw, "normalizedValue": accepted.value}}));
                    }
                    if def.referenced_object_type.as_deref() == Some("OWNER")
                        && let Some(owner) = &accepted.value
                        && !owner.parse().is_ok_and(|id: u64| self.owners.contains_key(&id))
                    {
                        let message = format!("Owner {owner} does not exist");
                        invalid.push(Invalid { name: name.clone(), code: "INVALID_OWNER_ID", message });
                        continue;
                    }
                    change.set(prop, accepted.value);
                }
            }
        }
        if kind == Kind::Deal {
            self.check_stage(current, &mut change, &mut invalid);
        }
        if !invalid.is_empty() {
            return Err(ApiError::invalid(self.config.portal_id, &invalid));
        }
        if actor.forward_only {
            self.drop_backward_stage(kind, current, &mut change);
        }
        if kind == Kind::Contact {
            self.carry_emails(current, &mut change);
        }
        self.check_unique(kind, current, &change)?;
        Ok(change)
    }

    fn prop(&self, kind: Kind, name: &str) -> Option<Prop> {
        self.table(kind).schema.names().find(name)
    }

    /// A stage must belong to the deal's pipeline, which defaults to the portal's first.
    fn check_stage(&self, current: Option<&Record>, change: &mut Change, invalid: &mut Vec<Invalid>) {
        let (Some(pipeline), Some(stage)) = (self.prop(Kind::Deal, "pipeline"), self.prop(Kind::Deal, "dealstage"))
        else {
            return;
        };
        if current.is_none()
            && change.get(pipeline).is_none()
            && let Some(first) = self.pipelines.first()
        {
            change.set(pipeline, Some(first.id.clone()));
        }
        let touched = change.get(pipeline).is_some() || change.get(stage).is_some();
        let after = |prop| change.get(prop).unwrap_or_else(|| current.and_then(|record| record.cells.get(prop)));
        let (Some(in_pipeline), Some(to)) = (after(pipeline), after(stage)) else { return };
        let known = self.pipelines.iter().find(|p| p.id == in_pipeline);
        if touched && known.is_some_and(|p| p.stage(to).is_none()) {
            let message = format!("{to} is not a stage of pipeline {in_pipeline}");
            invalid.push(Invalid { name: "dealstage".to_owned(), code: "INVALID_OPTION", message });
        }
    }

    /// A backward lifecycle stage is not refused: the answer is 2xx and the value stays.
    fn drop_backward_stage(&self, kind: Kind, current: Option<&Record>, change: &mut Change) {
        let Some((prop, def)) = self.table(kind).schema.find("lifecyclestage") else { return };
        let rank = |value: &str| def.options.iter().find(|o| o.value == value).map(|o| o.display_order);
        let old = current.and_then(|record| record.cells.get(prop)).and_then(rank);
        let new = change.get(prop).flatten().and_then(rank);
        if old.is_some() && new.is_some() && new < old {
            change.cells.retain(|(p, _)| *p != prop);
        }
    }

    /// The old primary address stays as an additional one; one that becomes primary leaves the others.
    fn carry_emails(&self, current: Option<&Record>, change: &mut Change) {
        let (Some(email), Some(more)) =
            (self.prop(Kind::Contact, "email"), self.prop(Kind::Contact, "hs_additional_emails"))
        else {
            return;
        };
        let Some(Some(new)) = change.get(email).map(|value| value.map(str::to_owned)) else { return };
        let old = current.and_then(|record| record.cells.get(email)).filter(|old| *old != new);
        let before = change.get(more).unwrap_or_else(|| current.and_then(|record| record.cells.get(more)));
        let mut parts: Vec<&str> =
            before.unwrap_or_default().split(';').filter(|part| !part.is_empty() && *part != new).collect();
        if let Some(old) = old.filter(|old| self.config.keep_old_email && !parts.contains(old)) {
            parts.push(old);
        }
        let after = Some(parts.join(";")).filter(|text| !text.is_empty());
        if after.as_deref() != before {
            change.set(more, after);
        }
    }

    /// The unique values that a change takes, lower-cased.
    pub(super) fn claims(&self, kind: Kind, change: &Change) -> Vec<(Prop, String)> {
        let table = self.table(kind);
        let mut claims = Vec::new();
        for (prop, value) in &change.cells {
            let (Some(def), Some(value)) = (table.schema.at(*prop), value) else { continue };
            if table.is_unique(*prop) {
                claims.push((*prop, value.trim().to_lowercase()));
            } else if kind == Kind::Contact && def.name == "hs_additional_emails" {
                let email = table.schema.names().find("email");
                claims.extend(value.split(';').filter_map(|part| Some((email?, part.to_lowercase()))));
            }
        }
        claims
    }

    fn check_unique(&self, kind: Kind, current: Option<&Record>, change: &Change) -> Result<(), ApiError> {
        let table = self.table(kind);
        let own = current.map(|record| record.id);
        for (prop, value) in self.claims(kind, change) {
            if let Some(taken) = table.find(prop, &value).filter(|taken| Some(*taken) != own) {
                return Err(self.taken(kind, prop, &value, own, taken));
            }
        }
        Ok(())
    }

    /// The refusal of a value that another record has.
    pub(super) fn taken(&self, kind: Kind, prop: Prop, value: &str, own: Option<u64>, taken: u64) -> ApiError {
        let name = self.table(kind).schema.names().name(prop).unwrap_or_default().to_owned();
        if kind == Kind::Contact && name == "email" {
            return ApiError::contact_exists(taken);
        }
        let portal = self.config.portal_id;
        let on = own.map_or_else(|| "null".to_owned(), |id| id.to_string());
        let text = format!(
            "Cannot set PropertyValueCoordinates{{portalId={portal}, objectTypeId={}, propertyName={name}, \
             value={value}}} on {on}. {taken} already has that value.",
            kind.type_id()
        );
        let mut error = ApiError::validation(text.clone());
        error.errors =
            vec![json!({"message": text, "code": "CONFLICTING_UNIQUE_VALUE", "context": {"propertyName": [name]}})];
        error
    }

    pub(super) fn commit_create(&mut self, kind: Kind, change: Change, source: Source, now: Millis) -> u64 {
        let id = self.table_mut(kind).next_id();
        let mut record = Record {
            id,
            created: now,
            updated: now,
            archived: None,
            cells: Cells::default(),
            versions: Vec::new(),
            origin: source,
            names: self.table(kind).schema.names().clone(),
        };
        let created = now.to_iso();
        let from = if record.origin == Source::Api { "INTEGRATION" } else { record.origin.name() }.to_owned();
        self.set_cells(kind, &mut record, &[(kind.created(), Some(&created)), ("hs_object_source", Some(&from))]);
        if kind != Kind::Deal && self.config.default_lifecycle_stage.is_some() {
            let stage = self.config.default_lifecycle_stage.clone();
            self.set_cells(kind, &mut record, &[("lifecyclestage", stage.as_deref())]);
        }
        record.cells.apply(change.cells.iter().map(|(prop, value)| (*prop, value.as_deref())));
        self.stamp(kind, &mut record, now);
        let stage = record.get("lifecyclestage").map(str::to_owned);
        self.note_stage(kind, &mut record, stage.as_deref(), now);
        self.calculate(kind, &mut record, now);
        self.store(kind, record, now);
        if kind == Kind::Contact && self.config.auto_associate_companies {
            self.associate_by_domain(id, now);
        }
        id
    }

    /// Changes a record; false when there is none of that id.
    pub(super) fn commit_update(&mut self, kind: Kind, id: u64, change: Change, source: &Source, now: Millis) -> bool {
        let Some(record) = self.table(kind).get(id).cloned() else { return false };
        let changed: Vec<_> = change.cells.into_iter().filter(|(p, v)| record.cells.get(*p) != v.as_deref()).collect();
        if changed.is_empty() && !self.config.unchanged_write_touches {
            return true;
        }
        let mut record = Arc::unwrap_or_clone(record);
        record.names = self.table(kind).schema.names().clone();
        for (prop, value) in &changed {
            record.remember(*prop, value.as_deref(), now, source);
        }
        record.cells.apply(changed.iter().map(|(prop, value)| (*prop, value.as_deref())));
        self.stamp(kind, &mut record, now);
        let stage = self.prop(kind, "lifecyclestage");
        if let Some((_, value)) = changed.iter().find(|(prop, _)| Some(*prop) == stage) {
            self.note_stage(kind, &mut record, value.as_deref(), now);
        }
        self.calculate(kind, &mut record, now);
        self.store(kind, record, now);
        true
    }

    /// Sets a property that only HubSpot itself writes; `touch` bumps the last-modified property.
    pub(super) fn system_write(
        &mut self,
        kind: Kind,
        id: u64,
        name: &str,
        value: Option<&str>,
        touch: bool,
        now: Millis,
    ) {
        let (Some(record), Some(prop)) = (self.table(kind).get(id).cloned(), self.prop(kind, name)) else { return };
        if record.cells.get(prop) == value {
            return;
        }
        let mut record = Arc::unwrap_or_clone(record);
        record.names = self.table(kind).schema.names().clone();
        record.remember(prop, value, now, &Source::Calculated);
        record.cells.apply(std::iter::once((prop, value)));
        if touch {
            self.stamp(kind, &mut record, now);
        }
        self.store(kind, record, now);
    }

    /// Sets `updatedAt` and the properties that mirror id and time.
    pub(super) fn stamp(&self, kind: Kind, record: &mut Record, now: Millis) {
        record.updated = now;
        let (id, at) = (record.id.to_string(), now.to_iso());
        self.set_cells(kind, record, &[("hs_object_id", Some(&id)), (kind.modified(), Some(&at))]);
    }

    pub(super) fn set_cells(&self, kind: Kind, record: &mut Record, values: &[(&str, Option<&str>)]) {
        let names = self.table(kind).schema.names();
        record.cells.apply(values.iter().filter_map(|(name, value)| Some((names.find(name)?, *value))));
    }

    fn note_stage(&self, kind: Kind, record: &mut Record, stage: Option<&str>, now: Millis) {
        if let Some(stage) = stage {
            let (name, at) = (format!("hs_lifecyclestage_{stage}_date"), now.to_iso());
            self.set_cells(kind, record, &[(&name, Some(&at))]);
        }
    }

    /// Stores a changed record; search will see it after its lag.
    pub(super) fn store(&mut self, kind: Kind, record: Record, now: Millis) {
        let visible = self.visible(now);
        self.table_mut(kind).put(record, visible);
    }
}
