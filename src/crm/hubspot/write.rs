//! Batch writes. Every input carries a trace id, so that one bad record does not cost the others; what the answer does not
//! name is unknown.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use serde_json::{Map, Value, json};

use super::pack::verb;
use super::rows::{Record, Records};
use super::values::to_text;
use super::{Hubspot, VERSION, faults, path_of};
use crate::crm::http::{Answer, Query, parse};
use crate::crm::{Act, Call, CallError, Category, Effect, Fault, Item, RawRow, Reads, Reply, Retry, TypeRead, Write};
use crate::data::{Cell, FieldKind, Uid, Value as Written, decode, encode, merge};
use crate::planted::{self, Bug};

/// Calls beside the first one that may go into finding what a whole batch was refused for.
const SEARCH: usize = 8;

/// A batch of which nothing was carried out.
enum Refusal {
    /// The server refuses what is in it.
    Content(Answer),
    Call(CallError),
}

impl Hubspot {
    pub(super) async fn write(&self, reads: &Reads, call: &Call, writes: &[Write]) -> Reply {
        let writes: Vec<&Write> = call.writes.iter().filter_map(|at| writes.get(*at)).collect();
        let Some(read) = writes.first().and_then(|write| reads.of_type(write.ty)) else {
            return Reply::Items(Vec::new());
        };
        let mut items = match self.batch(read, &writes).await {
            Ok(items) => items,
            Err(Refusal::Call(error)) => return Reply::Failed(error),
            Err(Refusal::Content(answer)) => match self.search(read, &writes, answer).await {
                Ok(items) => items,
                Err(error) => return Reply::Failed(error),
            },
        };
        if !matches!(writes[0].act, Act::Create { .. }) {
            self.add_replaced(reads, &writes, &mut items).await;
        }
        Reply::Items(items)
    }

    /// A batch that was refused whole, by halves: whose fault it is costs its own record, and the others are written. What
    /// is not found within the calls allowed is put off.
    async fn search(&self, read: &TypeRead, writes: &[&Write], answer: Answer) -> Result<Vec<Item>, CallError> {
        let mut items = vec![Item::Unknown; writes.len()];
        let mut parts = vec![(0..writes.len(), Some(answer))];
        let (mut calls, mut told) = (0, false);
        let mut down: Option<CallError> = None;
        while let Some((part, refused)) = parts.pop() {
            if let Some(answer) = refused {
                let body: Value = parse(&answer.body, &mut Vec::new()).unwrap_or_default();
                if part.len() == 1 {
                    items[part.start] = match body.is_object() {
                        true => item(read, writes[part.start], &body),
                        false => put_off(&faults::refused(&answer)),
                    };
                    told = true;
                } else if calls + parts.len() + 2 > SEARCH {
                    items[part].fill(put_off(&faults::refused(&answer)));
                } else {
                    let middle = part.start + part.len() / 2;
                    parts.push((middle..part.end, None));
                    parts.push((part.start..middle, None));
                }
                continue;
            }
            if let Some(error) = &down {
                items[part].fill(put_off(error));
                continue;
            }
            calls += 1;
            match self.batch(read, &writes[part.clone()]).await {
                Ok(done) => {
                    items[part].clone_from_slice(&done);
                    told = true;
                }
                Err(Refusal::Content(answer)) => parts.push((part, Some(answer))),
                // Some may be written already: what this call was to write is told one by one.
                Err(Refusal::Call(error)) => {
                    if error.effect == Effect::None {
                        items[part].fill(put_off(&error));
                    } else {
                        told = true;
                    }
                    down = Some(error);
                }
            }
        }
        match down {
            Some(error) if !told => Err(error),
            _ => Ok(items),
        }
    }

    /// One call.
    async fn batch(&self, read: &TypeRead, writes: &[&Write]) -> Result<Vec<Item>, Refusal> {
        let create = matches!(writes[0].act, Act::Create { .. });
        let inputs: Vec<Value> = writes.iter().enumerate().map(|(at, write)| input(read, at, write)).collect();
        let verb = verb(&writes[0].act);
        let path = format!("/crm/objects/{VERSION}/{}/batch/{verb}", path_of(&read.name));
        let query = Query::write(Method::POST, path, &json!({"inputs": inputs}));
        let answer = self.call(query).await.map_err(Refusal::Call)?;
        match answer.status.as_u16() {
            400 | 404 | 409 | 413 | 422 => return Err(Refusal::Content(answer)),
            400..500 => return Err(Refusal::Call(faults::refused(&answer))),
            _ => {}
        }
        // Of an archive nothing is told but that it was done, also for those that were archived before.
        if verb == "archive" {
            return Ok(match answer.status.as_u16() {
                204 => vec![Item::Deleted; writes.len()],
                _ => vec![Item::Unknown; writes.len()],
            });
        }
        let mut mended = Vec::new();
        let records: Records<'_> = parse(&answer.body, &mut mended)
            .map_err(|error| Refusal::Call(CallError { effect: Effect::Maybe, ..error }))?;
        let mut items = vec![Item::Unknown; writes.len()];
        if planted::is(Bug::MissingIsDone) && !create {
            items.fill(Item::Updated { row: None, overwritten: Vec::new() });
        }
        let by_id: BTreeMap<&str, usize> = writes
            .iter()
            .enumerate()
            .filter_map(|(at, write)| match &write.act {
                Act::Update { id } => Some((&**id, at)),
                Act::Create { .. } | Act::Delete { .. } => None,
            })
            .collect();
        for record in &records.results {
            let trace = record.object_write_trace_id.as_deref().and_then(|trace| trace.parse::<usize>().ok());
            let Some(at) = by_id.get(&*record.id.0).copied().or(trace).filter(|at| *at < items.len()) else {
                continue;
            };
            let row = stored(read, writes[at], record);
            items[at] = match create {
                true => Item::Created { id: record.id.0.clone(), row },
                false => Item::Updated { row, overwritten: Vec::new() },
            };
        }
        for error in &records.errors {
            for at in named(error, &by_id) {
                if let (Some(told), Some(write)) = (items.get_mut(at), writes.get(at)) {
                    *told = item(read, write, error);
                }
            }
        }
        Ok(items)
    }

    /// What our updates wrote over without having seen it. If it cannot be read, the values count as unknown no more: the
    /// next change shows them.
    async fn add_replaced(&self, reads: &Reads, writes: &[&Write], items: &mut [Item]) {
        let Ok(replaced) = self.replaced(reads, writes).await else { return };
        for (item, theirs) in items.iter_mut().zip(replaced) {
            if let Item::Updated { overwritten, .. } = item {
                *overwritten = theirs;
            }
        }
    }
}

/// Of a create, a record with its key is the answer. A record that is there takes no value that another one has: that is the
/// fault of the field, which HubSpot does not name.
fn item(read: &TypeRead, write: &Write, error: &Value) -> Item {
    let fault = faults::fault(error, Some(read));
    match (faults::existing_id(error), &write.act) {
        (Some(id), Act::Create { .. }) => Item::Existed { id },
        (Some(_), _) => {
            let unique = || write.cells.iter().map(|cell| cell.field).find(|field| read.unique.contains(field));
            Item::Rejected(Fault { category: Category::Duplicate, field: fault.field.or_else(unique), ..fault })
        }
        (None, _) => Item::Rejected(fault),
    }
}

/// A write that was not carried out, for no fault of its own as far as anybody knows.
fn put_off(error: &CallError) -> Item {
    Item::Rejected(Fault {
        category: Category::Other,
        code: "NOT_SENT".into(),
        field: None,
        message: error.text.clone(),
        retry: Retry::Later(Duration::from_secs(60)),
    })
}

/// The record as a write's reply tells it, which may leave out what is blank: there, what we wrote stands. A reply without
/// a time cannot be put in order with what the feeds bring, and tells nothing.
fn stored(read: &TypeRead, write: &Write, record: &Record<'_>) -> Option<RawRow> {
    let row = record.row(read);
    let written: Vec<(Uid, Cell<'_>)> = write
        .cells
        .iter()
        .filter_map(|cell| {
            let blank_box = cell.value == Written::Null && read.field(cell.field)?.kind == FieldKind::Bool;
            Some((cell.field, if blank_box { Cell::Bool(false) } else { cell.value.cell() }))
        })
        .collect();
    let mut cells = Vec::with_capacity(row.cells.len());
    let told: Vec<(Uid, Cell<'_>)> = decode(&row.cells).filter_map(Result::ok).collect();
    encode(merge(&written, &told), &mut cells);
    row.stamp.exact.then_some(RawRow { by_us: true, cells, ..row })
}

fn input(read: &TypeRead, at: usize, write: &Write) -> Value {
    let properties: Map<String, Value> = write
        .cells
        .iter()
        .filter_map(|cell| Some((read.field(cell.field)?.name.clone(), Value::String(to_text(&cell.value)))))
        .collect();
    match &write.act {
        Act::Create { .. } => json!({"properties": properties, "objectWriteTraceId": at.to_string()}),
        Act::Delete { id } => json!({"id": id}),
        Act::Update { id } => json!({"id": id, "properties": properties, "objectWriteTraceId": at.to_string()}),
    }
}

/// The inputs that an error is about.
fn named(error: &Value, by_id: &BTreeMap<&str, usize>) -> Vec<usize> {
    let texts = |key: &str| {
        let list = error.pointer(&format!("/context/{key}")).and_then(Value::as_array);
        list.map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str).collect::<Vec<_>>()
    };
    let traced: Vec<usize> = texts("objectWriteTraceId").into_iter().filter_map(|trace| trace.parse().ok()).collect();
    if !traced.is_empty() {
        return traced;
    }
    ["ids", "id"].iter().flat_map(|key| texts(key)).filter_map(|id| by_id.get(id).copied()).collect()
}
