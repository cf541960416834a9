//! Batch read and archive, and the envelope of every batch answer.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::errors::ApiError;
use super::super::kind::Kind;
use super::super::world::World;
use super::objects::unique;
use super::render::Selection;
use super::reply::Reply;
use super::request::{Call, text, texts};
use crate::data::Millis;

pub(super) const INPUTS: usize = 100;
const INPUTS_WITH_HISTORY: usize = 50;

/// The answer of a batch: 207 when some inputs failed. Results come in no promised order, so they are shuffled.
pub(super) fn envelope(
    world: &mut World,
    now: Millis,
    success: u16,
    mut results: Vec<Value>,
    errors: Vec<Value>,
) -> Reply {
    world.rng.shuffle(&mut results);
    let at = now.to_iso();
    let mut body = json!({"status": "COMPLETE", "results": results, "requestedAt": at, "startedAt": at,
        "completedAt": at});
    if errors.is_empty() {
        return Reply::Json(success, body);
    }
    if let Some(fields) = body.as_object_mut() {
        fields.insert("numErrors".to_owned(), json!(errors.len()));
        fields.insert("errors".to_owned(), json!(errors));
    }
    Reply::Json(207, body)
}

/// Input ids, each once; an input without one fails the batch.
pub(super) fn ids(inputs: &[Value]) -> Result<Vec<String>, ApiError> {
    let read = |input: &Value| {
        text(input.get("id"))
            .ok_or_else(|| ApiError::plain(400, "Invalid input JSON: some required fields were not set: [id]"))
    };
    inputs.iter().map(read).collect()
}

/// Missing records show up as one error that lists their ids.
pub(super) fn read(world: &mut World, now: Millis, kind: Kind, call: &Call) -> Result<Reply, ApiError> {
    let input = call.object()?;
    let history = texts(input.get("propertiesWithHistory"));
    let inputs = call.inputs(INPUTS)?;
    if !history.is_empty() && inputs.len() > INPUTS_WITH_HISTORY {
        let text = format!(
            "The maximum number of inputs supported in a batch request for property histories is {INPUTS_WITH_HISTORY}"
        );
        return Err(ApiError::validation(text));
    }
    let by = text(input.get("idProperty")).filter(|by| by != "hs_object_id");
    let by = by.map(|name| unique(world, kind, &name)).transpose()?;
    let selection = Selection::named(world, kind, &texts(input.get("properties")), &history);
    let archived = call.flag("archived");
    let table = world.table(kind);
    let (mut seen, mut missing, mut results) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for id in ids(inputs)? {
        let number = id.trim().parse::<u64>().ok();
        let record = match (by, archived) {
            (Some(prop), _) => table.find(prop, id.trim()).and_then(|id| table.get(id)),
            (None, true) => number.and_then(|id| table.get_archived(id)),
            (None, false) => number.and_then(|id| table.resolve(id)),
        };
        match record {
            None => {
                missing.insert(id);
            }
            Some(record) => {
                if seen.insert(record.id) {
                    results.push(Value::Object(selection.record(world, kind, record)));
                }
            }
        }
    }
    let errors = match missing.is_empty() {
        true => Vec::new(),
        false => vec![ApiError::missing_objects(kind, missing.into_iter().collect()).item(None)],
    };
    Ok(envelope(world, now, 200, results, errors))
}

pub(super) fn archive(world: &mut World, now: Millis, kind: Kind, call: &Call) -> Result<Reply, ApiError> {
    for id in ids(call.inputs(INPUTS)?)? {
        if id.parse().is_ok_and(|id| world.archive(kind, id, now)) {
            world.counters.archived += 1;
        }
    }
    Ok(Reply::Nothing)
}
