//! Look-ups: batch reads, which see every write at once, and for keys that are not unique the search, which does not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::feeds::{BATCH, SEARCH_PAGE};
use super::rows::{FURTHER_EMAILS, Loose, Record, Records, identity};
use super::values::to_cell;
use super::{Hubspot, SEARCH, VERSION, faults, path_of};
use crate::crm::http::{Query, parse};
use crate::crm::{Act, CallError, FieldTime, Found, Lookup, Overwritten, RawRow, Reads, TypeRead, Write};
use crate::data::{Millis, Uid};

/// Inputs of a batch read that asks for history.
pub(super) const HISTORY: usize = 50;
/// Bytes of the values that one search asks for, of the three thousand that it may have.
const SEARCH_VALUES: usize = 2_500;

impl Hubspot {
    pub(super) async fn look_up(&self, reads: &Reads, lookup: &Lookup) -> Result<Found, CallError> {
        let (Lookup::Ids { ty, .. } | Lookup::Key { ty, .. } | Lookup::Times { ty, .. } | Lookup::Former { ty, .. }) =
            lookup;
        let Some(read) = reads.of_type(*ty) else { return Ok(Found::default()) };
        match lookup {
            Lookup::Ids { ids, .. } => {
                let ids: Vec<Box<str>> = ids.iter().filter(|id| is_id(id)).cloned().collect();
                self.found(read, ids).await
            }
            Lookup::Former { .. } => Ok(Found::default()),
            Lookup::Key { field, values, .. } => self.by_key(read, *field, values).await,
            Lookup::Times { ids, fields, .. } => self.times(read, ids, fields).await,
        }
    }

    /// Records by id; those that are no more are left out.
    pub(super) async fn rows_of(&self, read: &TypeRead, ids: Vec<Box<str>>) -> Result<Vec<RawRow>, CallError> {
        Ok(self.found(read, ids).await?.rows)
    }

    /// Every id is either found or known to be no record's any more: deleted, or merged into another.
    async fn found(&self, read: &TypeRead, ids: Vec<Box<str>>) -> Result<Found, CallError> {
        let mut all = Found::default();
        for chunk in ids.chunks(BATCH) {
            let Found { rows, missing, .. } = self.batch_read(read, None, chunk).await?;
            all.rows.extend(rows);
            all.missing.extend(missing);
        }
        Ok(all)
    }

    async fn batch_read(&self, read: &TypeRead, by: Option<&str>, ids: &[Box<str>]) -> Result<Found, CallError> {
        let inputs: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        let mut names = names(read);
        names.extend(identity(read));
        let mut body = json!({"properties": names, "propertiesWithHistory": [], "inputs": inputs});
        if let Some(by) = by {
            body["idProperty"] = json!(by);
        }
        let path = format!("/crm/objects/{VERSION}/{}/batch/read", path_of(&read.name));
        let answer = self.call(Query::ask(path, &body)).await?;
        if !answer.status.is_success() {
            return Err(faults::refused(&answer));
        }
        let mut mended = Vec::new();
        let records: Records<'_> = parse(&answer.body, &mut mended)?;
        let rows: Vec<RawRow> = records.results.iter().flat_map(|record| record.rows(read)).collect();
        if by.is_some() {
            let aliases = records.results.iter().filter(|_| by == Some("email")).flat_map(further_emails).collect();
            return Ok(Found { rows, aliases, ..Found::default() });
        }
        let found: BTreeSet<&str> = rows.iter().map(|row| &*row.id).collect();
        let told: BTreeSet<&str> = not_found(&records.errors).collect();
        let missing: Vec<Box<str>> = ids.iter().filter(|id| !found.contains(&***id)).cloned().collect();
        if let Some(id) = missing.iter().find(|id| !told.contains(&***id)) {
            let text = format!("an answer about {} says nothing about the record {id} that was asked for", read.name);
            return Err(faults::local(text));
        }
        Ok(Found { rows, missing, ..Found::default() })
    }

    /// Batch reads take unique properties only; by any other one there is nothing but the search, whose index lags.
    async fn by_key(&self, read: &TypeRead, field: Uid, values: &[Box<str>]) -> Result<Found, CallError> {
        let Some(field) = read.field(field) else { return Ok(Found::default()) };
        let different: BTreeSet<String> = values.iter().map(|value| value.trim().to_lowercase()).collect();
        let values: Vec<Box<str>> = different.into_iter().map(Into::into).collect();
        if !read.unique.contains(&field.uid) {
            let ids = self.searched(read, &field.name, &values).await?;
            return Ok(Found { rows: self.rows_of(read, ids).await?, ..Found::default() });
        }
        let mut found = Found::default();
        for chunk in values.chunks(BATCH) {
            let some = self.batch_read(read, Some(&field.name), chunk).await?;
            found.rows.extend(some.rows);
            found.aliases.extend(some.aliases);
        }
        Ok(found)
    }

    /// Ids of the records that hold one of `values`, which are in lower case as the search wants them.
    async fn searched(&self, read: &TypeRead, name: &str, values: &[Box<str>]) -> Result<Vec<Box<str>>, CallError> {
        let mut ids: Vec<Box<str>> = Vec::new();
        let mut rest = values;
        while !rest.is_empty() {
            let mut bytes = 0;
            let some = rest.iter().take(BATCH).take_while(|value| {
                bytes += json!(value).to_string().len() + 1;
                bytes < SEARCH_VALUES
            });
            let (some, more) = rest.split_at(some.count().max(1));
            rest = more;
            let mut after: Option<u64> = None;
            loop {
                let from = after.unwrap_or(0).to_string();
                let body = json!({
                    "filterGroups": [{"filters": [
                        {"propertyName": "hs_object_id", "operator": "GT", "value": from},
                        {"propertyName": name, "operator": "IN", "values": some},
                    ]}],
                    "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
                    "properties": ["hs_object_id"], "limit": SEARCH_PAGE,
                });
                let path = format!("/crm/objects/{VERSION}/{}/search", path_of(&read.name));
                let answer = self.call(Query::ask(path, &body).class(SEARCH)).await?;
                if !answer.status.is_success() {
                    return Err(faults::refused(&answer));
                }
                let mut mended = Vec::new();
                let records: Records<'_> = parse(&answer.body, &mut mended)?;
                let last = records.results.iter().filter_map(|record| record.id.0.parse::<u64>().ok()).max();
                ids.extend(records.results.iter().map(|record| record.id.0.clone()));
                if records.results.len() < SEARCH_PAGE {
                    break;
                }
                if last <= after {
                    return Err(faults::local("the search does not move on: the same page came twice".into()));
                }
                after = last;
            }
        }
        Ok(ids)
    }

    async fn times(&self, read: &TypeRead, ids: &[Box<str>], fields: &[Uid]) -> Result<Found, CallError> {
        let fields: Vec<_> = fields.iter().filter_map(|uid| read.field(*uid)).collect();
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        let mut found = Found::default();
        let ids: Vec<Box<str>> = ids.iter().filter(|id| is_id(id)).cloned().collect();
        for chunk in ids.chunks(HISTORY) {
            self.with_history(read, &names, chunk, |record| {
                for field in &fields {
                    let versions = record.properties_with_history.get(field.name.as_str());
                    let last = versions.and_then(|all| all.first()).and_then(|v| Millis::from_iso(&v.timestamp));
                    // A property that was never set is as old as can be.
                    let at = last.unwrap_or_default();
                    found.times.push(FieldTime { id: record.id.0.clone(), field: field.uid, at, ours: false });
                }
            })
            .await?;
        }
        Ok(found)
    }

    async fn with_history(
        &self,
        read: &TypeRead,
        names: &[&str],
        ids: &[Box<str>],
        mut each: impl FnMut(&Record<'_>),
    ) -> Result<(), CallError> {
        let inputs: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        let body = json!({"properties": [], "propertiesWithHistory": names, "inputs": inputs});
        let path = format!("/crm/objects/{VERSION}/{}/batch/read", path_of(&read.name));
        let answer = self.call(Query::ask(path, &body)).await?;
        if !answer.status.is_success() {
            return Err(faults::refused(&answer));
        }
        let mut mended = Vec::new();
        let records: Records<'_> = parse(&answer.body, &mut mended)?;
        records.results.iter().for_each(&mut each);
        Ok(())
    }

    /// What somebody else wrote between our read and our write, from the history of the contested fields.
    pub(super) async fn replaced(&self, reads: &Reads, writes: &[&Write]) -> Result<Vec<Vec<Overwritten>>, CallError> {
        let mut out: Vec<Vec<Overwritten>> = vec![Vec::new(); writes.len()];
        let mut contested: BTreeMap<Uid, Vec<usize>> = BTreeMap::new();
        for (at, write) in writes.iter().enumerate() {
            if updated(write).is_some() && write.cells.iter().any(|cell| cell.contested) {
                contested.entry(write.ty).or_default().push(at);
            }
        }
        for (ty, all) in &contested {
            let Some(read) = reads.of_type(*ty) else { continue };
            for chunk in all.chunks(HISTORY) {
                let cells = chunk.iter().flat_map(|at| writes[*at].cells.iter().filter(|cell| cell.contested));
                let names: BTreeSet<&str> =
                    cells.filter_map(|cell| Some(read.field(cell.field)?.name.as_str())).collect();
                let ids: Vec<Box<str>> = chunk.iter().filter_map(|at| updated(writes[*at])).map(Into::into).collect();
                self.with_history(read, &names.into_iter().collect::<Vec<_>>(), &ids, |record| {
                    for at in chunk.iter().filter(|at| updated(writes[**at]) == Some(&*record.id.0)) {
                        out[*at].extend(unseen(read, writes[*at], record));
                    }
                })
                .await?;
            }
        }
        Ok(out)
    }
}

/// Which record it changes.
fn updated(write: &Write) -> Option<&str> {
    match &write.act {
        Act::Update { id } => Some(id),
        Act::Create { .. } | Act::Delete { .. } => None,
    }
}

/// Of each contested field the value just below ours, where it is not the one that we had seen.
fn unseen(read: &TypeRead, write: &Write, record: &Record<'_>) -> Vec<Overwritten> {
    let cells = write.cells.iter().filter(|cell| cell.contested);
    cells
        .filter_map(|cell| {
            let field = read.field(cell.field)?;
            let versions = record.properties_with_history.get(field.name.as_str())?;
            let mut values = versions.iter().map(|version| {
                let text = version.value.as_ref().and_then(Loose::text);
                to_cell(field.kind, text, &mut String::new()).to_value()
            });
            values.by_ref().find(|value| value.cell().same(&cell.value.cell()))?;
            let below = values.next().unwrap_or_default();
            let seen = below.cell().same(&cell.expect.cell()) || below.cell().same(&cell.value.cell());
            (!seen).then_some(Overwritten { field: field.uid, value: below })
        })
        .collect()
}

/// Pairs of an address and the id of the record that has it beside its first one.
fn further_emails(record: &Record<'_>) -> Vec<(Box<str>, Box<str>)> {
    let emails = record.properties.get(FURTHER_EMAILS).and_then(Loose::text).unwrap_or_default();
    let emails = emails.split(';').map(str::trim).filter(|email| !email.is_empty());
    emails.map(|email| (email.to_lowercase().into(), record.id.0.clone())).collect()
}

/// Ids that an answer says do not exist.
fn not_found(errors: &[Value]) -> impl Iterator<Item = &str> {
    let lists = errors.iter().filter_map(|error| error.pointer("/context/ids")?.as_array());
    lists.flatten().filter_map(Value::as_str)
}

fn names(read: &TypeRead) -> Vec<&str> {
    read.fields.iter().map(|field| field.name.as_str()).collect()
}

/// Ids of records are digits: nothing else goes into a call.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 20 && id.bytes().all(|byte| byte.is_ascii_digit())
}
