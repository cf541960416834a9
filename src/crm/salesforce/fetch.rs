//! Consistent look-ups: queries and retrieves, five in a call.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::composite::{PARTS, Part};
use super::rows::{CONTACT, CONVERTED_TO, LEAD, Record, Records, columns};
use super::{Salesforce, faults, ids, soql};
use crate::crm::http::{Query, Safety, parse, pinned_path};
use crate::crm::{CallError, FieldTime, Found, Lookup, RawRow, Reads, TypeRead};
use crate::data::{Uid, decode};

/// Ids of one retrieve.
pub(super) const RETRIEVE: usize = 2_000;

/// One part of a call, and the lookup that it serves.
struct Piece<'r> {
    lookup: usize,
    read: &'r TypeRead,
    part: Part,
    /// The ids of a retrieve.
    ids: Vec<String>,
}

impl Salesforce {
    pub(super) async fn look_up(&self, reads: &Reads, lookups: &[Lookup]) -> Vec<Result<Found, CallError>> {
        let pieces: Vec<Piece<'_>> =
            lookups.iter().enumerate().flat_map(|(at, lookup)| pieces(reads, at, lookup)).collect();
        let mut found: Vec<Result<Found, CallError>> = lookups.iter().map(|lookup| Ok(unsound(lookup))).collect();
        let mut rest = pieces.into_iter().peekable();
        while rest.peek().is_some() {
            let some: Vec<Piece<'_>> = rest.by_ref().take(PARTS).collect();
            let (mut parts, mut about) = (Vec::new(), Vec::new());
            for Piece { lookup, read, part, ids } in some {
                parts.push(part);
                about.push((lookup, read, ids));
            }
            match self.composite(&parts, Safety::Read).await {
                Err(error) => about.iter().for_each(|(lookup, ..)| found[*lookup] = Err(error.clone())),
                Ok((answers, _)) => {
                    for ((lookup, read, ids), answer) in about.into_iter().zip(answers) {
                        let rows = match answer.status {
                            200 if ids.is_empty() => self.queried(read, &answer.body).await,
                            200 => self.retrieved(read, &answer.body, ids.len()),
                            status => Err(faults::part(status, &answer.body)),
                        };
                        // Deleted rows are no part of a retrieve; where they went is told by a query that knows them.
                        let rows = match rows {
                            Ok(rows) if rows.len() < ids.len() => self.with_deleted(read, rows, &ids).await,
                            rows => rows,
                        };
                        match (rows, &mut found[lookup]) {
                            (Ok(rows), Ok(found)) => add(found, &lookups[lookup], rows, ids),
                            (Err(error), found) => *found = Err(error),
                            (Ok(_), Err(_)) => {}
                        }
                    }
                }
            }
        }
        found
    }

    async fn with_deleted(
        &self,
        read: &TypeRead,
        mut rows: Vec<RawRow>,
        asked: &[String],
    ) -> Result<Vec<RawRow>, CallError> {
        let here: BTreeSet<&str> = rows.iter().map(|row| &*row.id).collect();
        let away: Vec<String> = asked.iter().filter(|id| !here.contains(id.as_str())).cloned().collect();
        let statements = soql::select_in(&columns(read), &read.name, "Id", &away);
        let parts: Vec<Part> = statements.iter().map(|soql| Part::query_all(soql)).collect();
        for some in parts.chunks(PARTS) {
            let (answers, _) = self.composite(some, Safety::Read).await?;
            for answer in answers {
                rows.extend(match answer.status {
                    200 => self.queried(read, &answer.body).await?,
                    status => return Err(faults::part(status, &answer.body)),
                });
            }
        }
        Ok(rows)
    }

    async fn queried(&self, read: &TypeRead, body: &str) -> Result<Vec<RawRow>, CallError> {
        let user = self.user();
        let bad = |error: serde_json::Error| {
            faults::local(format!("an answer about {} is not what was promised: {error}", read.name))
        };
        let first: Records<'_> = serde_json::from_str(body).map_err(bad)?;
        let mut rows = first.rows(read, user.as_deref())?;
        let mut next = first.next_records_url.filter(|_| !first.done);
        while let Some(link) = next {
            let path = pinned_path(&self.client.origin, &link)?;
            let answer = self.call(Query::get(path)).await?;
            if !answer.status.is_success() {
                return Err(faults::refused(&answer));
            }
            let mut mended = Vec::new();
            let page: Records<'_> = parse(&answer.body, &mut mended)?;
            rows.extend(page.rows(read, user.as_deref())?);
            next = page.next_records_url.filter(|_| !page.done);
            if next.as_ref() == Some(&link) {
                return Err(faults::local(format!("the pages of {} do not move on", read.name)));
            }
        }
        Ok(rows)
    }

    /// The answer to a retrieve: `asked` records in their order, null for those that are no more.
    pub(super) fn retrieved(&self, read: &TypeRead, body: &str, asked: usize) -> Result<Vec<RawRow>, CallError> {
        let user = self.user();
        let records: Vec<Option<Record<'_>>> = Deserialize::deserialize(&mut serde_json::Deserializer::from_str(body))
            .map_err(|error| {
                faults::local(format!("an answer about {} is not what was promised: {error}", read.name))
            })?;
        let (known, nulls) = (records.iter().flatten(), records.iter().filter(|record| record.is_none()).count());
        let rows: Vec<RawRow> = known.filter_map(|record| record.row(read, user.as_deref())).collect();
        match rows.len() + nulls == asked {
            true => Ok(rows),
            false => Err(faults::local(format!("an answer about {} lacks records that were asked for", read.name))),
        }
    }
}

/// What is no id at all names nothing, and is not asked for.
fn unsound(lookup: &Lookup) -> Found {
    let missing = match lookup {
        Lookup::Ids { ids, .. } => ids.iter().filter(|id| !ids::is_id(id)).cloned().collect(),
        Lookup::Key { .. } | Lookup::Times { .. } | Lookup::Former { .. } => Vec::new(),
    };
    Found { missing, ..Found::default() }
}

fn pieces<'r>(reads: &'r Reads, at: usize, lookup: &Lookup) -> Vec<Piece<'r>> {
    let (Lookup::Ids { ty, .. } | Lookup::Key { ty, .. } | Lookup::Times { ty, .. } | Lookup::Former { ty, .. }) =
        lookup;
    let Some(read) = reads.of_type(*ty) else { return Vec::new() };
    match lookup {
        // Leads become contacts, and nothing else becomes anything.
        Lookup::Former { ids, .. } => {
            let lead = reads.types.iter().find(|read| read.name == LEAD).filter(|_| read.name == CONTACT);
            let Some(lead) = lead else { return Vec::new() };
            let ids: Vec<String> = ids.iter().filter(|id| ids::is_id(id)).map(|id| ids::long(id)).collect();
            let statements = soql::select_in(&columns(lead), &lead.name, CONVERTED_TO, &ids);
            let piece = |soql: &String| Piece { lookup: at, read: lead, part: Part::query(soql), ids: Vec::new() };
            statements.iter().map(piece).collect()
        }
        Lookup::Ids { ids, .. } | Lookup::Times { ids, .. } => {
            let ids: Vec<String> = ids.iter().filter(|id| ids::is_id(id)).map(|id| ids::long(id)).collect();
            let chunks = ids.chunks(RETRIEVE);
            chunks
                .map(|ids| Piece {
                    lookup: at,
                    read,
                    part: Part::retrieve(&read.name, ids, &columns(read)),
                    ids: ids.to_vec(),
                })
                .collect()
        }
        Lookup::Key { field, form, values, .. } => {
            let Some(field) = read.field(*field) else { return Vec::new() };
            let values: BTreeSet<String> = values.iter().map(|value| value.trim().to_owned()).collect();
            let values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
            let statements = match form.is_loose() {
                // The field holds more than the key: what is found beside it is told apart afterwards.
                true => {
                    let pieces: Vec<Vec<&str>> = values.iter().map(|value| form.pieces(value)).collect();
                    soql::select_like(&columns(read), &read.name, &field.name, &pieces)
                }
                false => soql::select_in(&columns(read), &read.name, &field.name, &values),
            };
            // Who was merged away tells into whom.
            let piece = |soql: &String| Piece { lookup: at, read, part: Part::query_all(soql), ids: Vec::new() };
            statements.iter().map(piece).collect()
        }
    }
}

/// Salesforce keeps no times of fields: a field is as new as its record.
fn add(found: &mut Found, lookup: &Lookup, mut rows: Vec<RawRow>, asked: Vec<String>) {
    if let Lookup::Times { fields, .. } = lookup {
        found.times.extend(rows.iter().flat_map(|row| {
            let time = |field: &Uid| FieldTime { id: row.id.clone(), field: *field, at: row.stamp.at, ours: row.by_us };
            fields.iter().map(time)
        }));
        return;
    }
    if let &Lookup::Key { field, form, ref values, .. } = lookup
        && form.is_loose()
    {
        let asked = |text: &str| form.key(text).is_some_and(|key| values.iter().any(|value| **value == *key));
        let held = |row: &RawRow| {
            let mut cells = decode(&row.cells).filter_map(Result::ok);
            cells.any(|(uid, cell)| uid == field && cell.is_known() && asked(&cell.text()))
        };
        rows.retain(held);
    }
    let here: BTreeSet<&str> = rows.iter().map(|row| &*row.id).collect();
    found.missing.extend(asked.into_iter().filter(|id| !here.contains(id.as_str())).map(Into::into));
    found.rows.extend(rows);
}
