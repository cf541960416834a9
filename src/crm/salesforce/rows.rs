//! Records as Salesforce returns them, into rows: only the fields that are wanted.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::values::to_cell;
use super::{faults, ids};
use crate::crm::http::parse;
use crate::crm::{CallError, RawRow, Redirect, TypeRead};
use crate::data::{Cell, Millis, Presence, Stamp, Uid, encode};

/// Fields that are read of every record, beside those that the rules name.
pub(super) const IDENTITY: [&str; 4] = ["Id", "SystemModstamp", "LastModifiedById", "IsDeleted"];

/// What becomes of people and accounts, by type: merged ones are deleted with the id of the survivor, converted leads stay and
/// take no change any more. https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta
const CONVERTED: &str = "IsConverted";
pub(super) const CONVERTED_TO: &str = "ConvertedContactId";
const MASTER: &str = "MasterRecordId";
pub(super) const LEAD: &str = "Lead";
pub(super) const CONTACT: &str = "Contact";

fn whereabouts(type_name: &str) -> &'static [&'static str] {
    match type_name {
        LEAD => &[CONVERTED, CONVERTED_TO, MASTER],
        CONTACT | "Account" => &[MASTER],
        _ => &[],
    }
}

/// The answer of a query.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Records<'a> {
    #[serde(borrow)]
    pub records: Vec<Record<'a>>,
    pub done: bool,
    #[serde(default)]
    pub next_records_url: Option<String>,
}

/// One record: its fields, unread.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    fields: BTreeMap<Cow<'a, str>, &'a RawValue>,
}

/// What to ask for of a type.
pub(super) fn columns(read: &TypeRead) -> Vec<&str> {
    let mut columns: Vec<&str> = IDENTITY.to_vec();
    columns.extend(whereabouts(&read.name));
    let named = read.fields.iter().map(|field| field.name.as_str());
    for name in named {
        if !columns.contains(&name) {
            columns.push(name);
        }
    }
    columns
}

impl Records<'_> {
    /// All rows of the page. One without an id, or a page that does not say where it goes on, is no page.
    pub(super) fn rows(&self, read: &TypeRead, us: Option<&str>) -> Result<Vec<RawRow>, CallError> {
        if !self.done && self.next_records_url.is_none() {
            return Err(faults::local(format!("a page of {} says that more follows, and not where", read.name)));
        }
        let rows: Option<Vec<RawRow>> = self.records.iter().map(|record| record.row(read, us)).collect();
        rows.ok_or_else(|| faults::local(format!("a page of {} holds a record without an id", read.name)))
    }
}

impl Record<'_> {
    fn raw(&self, field: &str) -> Option<&RawValue> {
        self.fields.get(field).copied()
    }

    pub(super) fn text(&self, field: &str) -> Option<String> {
        parse(self.raw(field)?.get().as_bytes(), &mut Vec::new()).ok()
    }

    pub(super) fn id(&self) -> Option<String> {
        self.text("Id").filter(|id| ids::is_id(id)).map(|id| ids::long(&id))
    }

    fn is_true(&self, field: &str) -> bool {
        self.raw(field).is_some_and(|raw| raw.get() == "true")
    }

    /// The row; `None` for a record without an id. `us` is the user that our own writes appear under.
    pub(super) fn row(&self, read: &TypeRead, us: Option<&str>) -> Option<RawRow> {
        let id = self.id()?;
        let mut arenas: Vec<String> = vec![String::new(); read.fields.len()];
        let cells: Vec<(Uid, Cell<'_>)> = read
            .fields
            .iter()
            .zip(&mut arenas)
            .map(|(field, arena)| (field.uid, to_cell(field.kind, self.raw(&field.name), arena)))
            .collect();
        let mut blob = Vec::with_capacity(cells.len() * 12);
        encode(cells, &mut blob);
        let stamp = self.text("SystemModstamp").and_then(|text| Millis::from_iso(&text));
        let deleted = self.is_true("IsDeleted");
        let to = |field: &str, ty: &str| {
            let id = self.text(field).filter(|id| ids::is_id(id))?;
            Some(Redirect { ty: ty.into(), id: ids::long(&id).into() })
        };
        let (presence, redirect) = match (deleted.then(|| to(MASTER, &read.name)).flatten(), self.is_true(CONVERTED)) {
            (Some(master), _) => (Presence::Redirected, Some(master)),
            (None, true) => (Presence::Redirected, to(CONVERTED_TO, CONTACT)),
            (None, false) if deleted => (Presence::Archived, None),
            (None, false) => (Presence::Live, None),
        };
        let by = self.text("LastModifiedById");
        Some(RawRow {
            ty: read.uid,
            id: id.into(),
            stamp: Stamp { at: stamp.unwrap_or_default(), exact: stamp.is_some() },
            presence,
            redirect,
            aliases: None,
            cells: blob,
            by_us: us.is_some() && by.as_deref().map(ids::long).as_deref() == us,
        })
    }
}
