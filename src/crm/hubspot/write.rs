//! Batch writes. Every input carries a trace id, so that one bad record does not cost the others; what the answer does not
//! name is unknown.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Map, Value, json};

use super::pack::verb;
use super::rows::{Record, Records};
use super::values::to_text;
use super::{Hubspot, VERSION, faults, path_of};
use crate::crm::http::{Query, parse};
use crate::crm::{Act, Call, CallError, Effect, Item, RawRow, Reads, Reply, TypeRead, Write};
use crate::data::{Cell, FieldKind, Uid, Value as Written, decode, encode, merge};
use crate::planted::{self, Bug};

impl Hubspot {
    pub(super) async fn write(&self, reads: &Reads, call: &Call, writes: &[Write]) -> Reply {
        let writes: Vec<&Write> = call.writes.iter().filter_map(|at| writes.get(*at)).collect();
        let Some(read) = writes.first().and_then(|write| reads.of_type(write.ty)) else {
            return Reply::Items(Vec::new());
        };
        let create = matches!(writes[0].act, Act::Create { .. });
        let inputs: Vec<Value> = writes.iter().enumerate().map(|(at, write)| input(read, at, write)).collect();
        let verb = verb(&writes[0].act);
        let path = format!("/crm/objects/{VERSION}/{}/batch/{verb}", path_of(&read.name));
        let answer = match self.call(Query::write(Method::POST, path, &json!({"inputs": inputs}))).await {
            Ok(answer) => answer,
            Err(error) => return Reply::Failed(error),
        };
        if answer.status.is_client_error() {
            return self.refused(read, &answer, writes.len());
        }
        // Of an archive nothing is told but that it was done, also for those that were archived before.
        if verb == "archive" {
            return match answer.status.as_u16() {
                204 => Reply::Items(vec![Item::Deleted; writes.len()]),
                _ => Reply::Items(vec![Item::Unknown; writes.len()]),
            };
        }
        let mut mended = Vec::new();
        let records: Records<'_> = match parse(&answer.body, &mut mended) {
            Ok(records) => records,
            Err(error) => return Reply::Failed(CallError { effect: Effect::Maybe, ..error }),
        };
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
                if let Some(item) = items.get_mut(at) {
                    *item = self.item(read, error);
                }
            }
        }
        if !create {
            self.add_replaced(reads, &writes, &mut items).await;
        }
        Reply::Items(items)
    }

    fn item(&self, read: &TypeRead, error: &Value) -> Item {
        match faults::existing_id(error) {
            Some(id) => Item::Existed { id },
            None => Item::Rejected(faults::fault(error, Some(read))),
        }
    }

    /// A whole call refused: nothing was written. With one record it is that record's error.
    fn refused(&self, read: &TypeRead, answer: &crate::crm::http::Answer, writes: usize) -> Reply {
        let body: Value = parse(&answer.body, &mut Vec::new()).unwrap_or_default();
        match writes {
            1 if body.is_object() && answer.status.as_u16() != 403 => Reply::Items(vec![self.item(read, &body)]),
            _ => Reply::Failed(faults::refused(answer)),
        }
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
