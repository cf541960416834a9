//! Composites of collections. Updates are framed by a look before and a look after, in one call: the first shows what
//! somebody wrote behind our back, the second what the server made of our values.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Map, Value as Json, json};

use super::composite::{PARTS, Part, PartAnswer};
use super::fetch::RETRIEVE;
use super::pack::{Kind, collections};
use super::rows::columns;
use super::values::to_json;
use super::{Salesforce, VERSION, faults, ids};
use crate::crm::http::Safety;
use crate::crm::{
    Act, Call, CallError, Category, Effect, Guard, Item, Overwritten, RawRow, Reads, Reply, TypeRead, Write,
};
use crate::data::{Uid, Value, decode};
use crate::planted::{self, Bug};

impl Salesforce {
    pub(super) async fn write(&self, reads: &Reads, call: &Call, writes: &[Write]) -> Reply {
        let writes: Vec<&Write> = call.writes.iter().filter_map(|at| writes.get(*at)).collect();
        match writes.first().map(|write| &write.act) {
            None => Reply::Items(Vec::new()),
            Some(Act::Create { .. }) => self.create(reads, &writes).await,
            Some(Act::Update { .. }) => self.update(reads, &writes).await,
        }
    }

    async fn create(&self, reads: &Reads, writes: &[&Write]) -> Reply {
        let chunks = collections(writes);
        let parts: Option<Vec<Part>> =
            chunks.iter().map(|(kind, range)| collection(reads, *kind, &writes[range.clone()])).collect();
        let Some(parts) = parts else { return unreadable() };
        let answers = match self.composite(&parts, Safety::Write).await {
            Ok((answers, _)) => answers,
            Err(error) => return Reply::Failed(error),
        };
        let mut items = vec![Item::Unknown; writes.len()];
        for ((_, range), answer) in chunks.iter().zip(&answers) {
            results(reads, &writes[range.clone()], answer, &mut items[range.clone()]);
        }
        self.read_back(reads, writes, &mut items).await;
        Reply::Items(items)
    }

    /// What the server stored. If it cannot be read now, the feed will bring it.
    async fn read_back(&self, reads: &Reads, writes: &[&Write], items: &mut [Item]) {
        let mut by_type: BTreeMap<Uid, Vec<String>> = BTreeMap::new();
        for (write, item) in writes.iter().zip(items.iter()) {
            if let Item::Created { id, .. } = item {
                by_type.entry(write.ty).or_default().push(id.to_string());
            }
        }
        let wanted: Vec<(&TypeRead, &[String])> = by_type
            .iter()
            .filter_map(|(ty, ids)| Some((reads.of_type(*ty)?, ids)))
            .flat_map(|(read, ids)| ids.chunks(RETRIEVE).map(move |ids| (read, ids)))
            .collect();
        for some in wanted.chunks(PARTS) {
            let parts: Vec<Part> =
                some.iter().map(|(read, ids)| Part::retrieve(&read.name, ids, &columns(read))).collect();
            let Ok((answers, _)) = self.composite(&parts, Safety::Read).await else { return };
            for ((read, _), answer) in some.iter().zip(answers) {
                let rows = self.retrieved(read, &answer.body).unwrap_or_default();
                let rows: BTreeMap<Box<str>, RawRow> = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
                for item in items.iter_mut() {
                    if let Item::Created { id, row } = item
                        && let Some(found) = rows.get(id)
                    {
                        *row = Some(found.clone());
                    }
                }
            }
        }
    }

    async fn update(&self, reads: &Reads, writes: &[&Write]) -> Reply {
        let Some(read) = reads.of_type(writes[0].ty) else { return unreadable() };
        let ids: Vec<String> = writes.iter().filter_map(|write| id_of(write)).collect();
        let chunks = collections(writes);
        let mut parts = vec![Part::retrieve(&read.name, &ids, &columns(read))];
        for (kind, range) in &chunks {
            let Some(part) = collection(reads, *kind, &writes[range.clone()]) else { return unreadable() };
            parts.push(part);
        }
        parts.push(Part::retrieve(&read.name, &ids, &columns(read)));
        let answers = match self.composite(&parts, Safety::Write).await {
            Ok((answers, _)) => answers,
            Err(error) => return Reply::Failed(error),
        };
        let mut items = vec![Item::Unknown; writes.len()];
        for ((_, range), answer) in chunks.iter().zip(&answers[1..]) {
            results(reads, &writes[range.clone()], answer, &mut items[range.clone()]);
        }
        let look = |answer: Option<&PartAnswer>| -> BTreeMap<Box<str>, RawRow> {
            let answer = answer.filter(|answer| answer.status == 200);
            let rows = answer.and_then(|answer| self.retrieved(read, &answer.body).ok()).unwrap_or_default();
            rows.into_iter().map(|row| (row.id.clone(), row)).collect()
        };
        let (before, after) = (look(answers.first()), look(answers.last()));
        for (write, item) in writes.iter().zip(&mut items) {
            let Item::Updated { row, overwritten } = item else { continue };
            let Some(id) = id_of(write) else { continue };
            *row = after.get(id.as_str()).cloned();
            if let Some(seen) = before.get(id.as_str()) {
                *overwritten = replaced(write, seen);
            }
        }
        Reply::Items(items)
    }
}

fn unreadable() -> Reply {
    Reply::Failed(CallError {
        effect: Effect::None,
        ..faults::local("a write names a type or field that is not read".into())
    })
}

fn id_of(write: &Write) -> Option<String> {
    match &write.act {
        Act::Update { id } if ids::is_id(id) => Some(ids::long(id)),
        _ => None,
    }
}

/// Values that stood in the record and were not the ones that we knew.
fn replaced(write: &Write, before: &RawRow) -> Vec<Overwritten> {
    let held: BTreeMap<Uid, Value> =
        decode(&before.cells).filter_map(Result::ok).map(|(uid, c)| (uid, c.to_value())).collect();
    let cells = write.cells.iter().filter(|cell| cell.contested);
    cells
        .filter_map(|cell| {
            let value = held.get(&cell.field)?;
            let known = value.cell().same(&cell.expect.cell()) || value.cell().same(&cell.value.cell());
            (!known).then(|| Overwritten { field: cell.field, value: value.clone() })
        })
        .collect()
}

fn collection(reads: &Reads, kind: Kind, writes: &[&Write]) -> Option<Part> {
    let base = format!("/services/data/{VERSION}/composite/sobjects");
    let (Kind::Insert(ty) | Kind::Upsert(ty, _) | Kind::Update(ty)) = kind;
    let read = reads.of_type(ty)?;
    let records: Option<Vec<Json>> = writes.iter().map(|write| record(read, kind, write)).collect();
    let body = Some(json!({"allOrNone": false, "records": records?}));
    Some(match kind {
        Kind::Insert(_) => Part { method: Method::POST, url: base, body },
        Kind::Update(_) => Part { method: Method::PATCH, url: base, body },
        Kind::Upsert(_, key) => {
            let url = format!("{base}/{}/{}", read.name, read.field(key)?.name);
            Part { method: Method::PATCH, url, body }
        }
    })
}

fn record(read: &TypeRead, kind: Kind, write: &Write) -> Option<Json> {
    let mut fields = Map::new();
    fields.insert("attributes".into(), json!({"type": read.name}));
    let keyless = planted::is(Bug::PlainCreate) && matches!(kind, Kind::Insert(_));
    for cell in write.cells.iter().filter(|cell| !keyless || read.own_key != Some(cell.field)) {
        fields.insert(read.field(cell.field)?.name.clone(), to_json(&cell.value));
    }
    match (kind, &write.act) {
        (Kind::Update(_), _) => {
            fields.insert("id".into(), json!(id_of(write)?));
        }
        (Kind::Upsert(_, key), Act::Create { guard: Guard::OurKey { value, .. } }) => {
            fields.insert(read.field(key)?.name.clone(), json!(value));
        }
        _ => {}
    }
    Some(Json::Object(fields))
}

/// One result per record, in their order. Fewer are unknown; a part that was refused whole did nothing.
fn results(reads: &Reads, writes: &[&Write], answer: &PartAnswer, items: &mut [Item]) {
    let body: Json = serde_json::from_str(&answer.body).unwrap_or_default();
    let read = writes.first().and_then(|write| reads.of_type(write.ty));
    if (400..500).contains(&answer.status) {
        items.fill(Item::Rejected(faults::fault(&body, read)));
        return;
    }
    let results = body.as_array().map(Vec::as_slice).unwrap_or_default();
    if planted::is(Bug::MissingIsDone) && matches!(writes[0].act, Act::Update { .. }) {
        items.fill(Item::Updated { row: None, overwritten: Vec::new() });
    }
    if answer.status >= 300 || results.len() != writes.len() {
        return;
    }
    for ((write, result), item) in writes.iter().zip(results).zip(items) {
        let id = result.get("id").and_then(Json::as_str).filter(|id| ids::is_id(id)).map(ids::long);
        *item = match (result.get("success").and_then(Json::as_bool), id, &write.act) {
            (Some(true), Some(id), Act::Create { .. }) => Item::Created { id: id.into(), row: None },
            (Some(true), _, Act::Update { .. }) => Item::Updated { row: None, overwritten: Vec::new() },
            (Some(false), ..) => refused(read, write, result),
            _ => Item::Unknown,
        };
    }
}

fn refused(read: Option<&TypeRead>, write: &Write, result: &Json) -> Item {
    let errors = result.get("errors").cloned().unwrap_or_default();
    let fault = faults::fault(&errors, read);
    // A duplicate value names the record that holds it.
    let create = matches!(write.act, Act::Create { .. });
    let named = fault
        .message
        .split("id:")
        .nth(1)
        .map(str::trim)
        .map(|id| id.chars().take_while(char::is_ascii_alphanumeric).collect::<String>());
    match named.filter(|id| create && fault.category == Category::Duplicate && ids::is_id(id)) {
        Some(id) => Item::Existed { id: ids::long(&id).into() },
        None => Item::Rejected(fault),
    }
}
