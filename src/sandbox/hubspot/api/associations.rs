//! The associations API: v4, and the same under dated versions.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::edges::pair_types;
use super::super::errors::ApiError;
use super::super::kind::Kind;
use super::super::world::World;
use super::cursor;
use super::objects::one;
use super::reply::Reply;
use super::request::{Call, text};
use super::route::{EdgeVerb, IdForm};
use crate::data::Millis;

const READ_INPUTS: usize = 1_000;
const WRITE_INPUTS: usize = 2_000;
const PAGE: usize = 500;

pub(super) fn batch(
    world: &mut World,
    now: Millis,
    from: Kind,
    to: Kind,
    verb: EdgeVerb,
    form: IdForm,
    call: &Call,
) -> Result<Reply, ApiError> {
    match verb {
        EdgeVerb::Read => read(world, now, from, to, form, call.inputs(READ_INPUTS)?),
        EdgeVerb::Archive => {
            for input in call.inputs(WRITE_INPUTS)? {
                let others = input.get("to").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let Some(id) = text(input.pointer("/from/id")).and_then(|id| id.parse().ok()) else { continue };
                for other in others.iter().filter_map(|other| text(other.get("id"))?.parse().ok()) {
                    world.dissociate((from, id), (to, other), now);
                }
            }
            Ok(Reply::Nothing)
        }
        EdgeVerb::ArchiveLabels => {
            for input in call.inputs(WRITE_INPUTS)? {
                let ids =
                    ["/from/id", "/to/id"].map(|at| text(input.pointer(at)).and_then(|id| id.parse::<u64>().ok()));
                let [Some(own), Some(other)] = ids else { continue };
                match names_plain(from, to, input) {
                    true => drop(world.dissociate((from, own), (to, other), now)),
                    false => world.make_plain((from, own), (to, other), now),
                }
            }
            Ok(Reply::Nothing)
        }
        EdgeVerb::Create | EdgeVerb::Default => write(world, now, from, to, verb, form, call.inputs(WRITE_INPUTS)?),
    }
}

/// Records without associations are errors of a 207, not results.
fn read(world: &World, now: Millis, from: Kind, to: Kind, form: IdForm, inputs: &[Value]) -> Result<Reply, ApiError> {
    let (mut results, mut errors, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for input in inputs {
        let given = text(input.get("id"))
            .ok_or_else(|| ApiError::plain(400, "Invalid input JSON: some required fields were not set: [id]"))?;
        if !seen.insert(given.clone()) {
            continue;
        }
        let record = one(world, from, &given, None).ok();
        let (items, next) = match record {
            Some(record) => page(world, (from, record.id), to, form, first(text(input.get("after")))?, PAGE),
            None => (Vec::new(), None),
        };
        if items.is_empty() {
            errors.push(none_found(from, to, &given).item(None));
            continue;
        }
        let mut result = json!({"from": {"id": given}, "to": items});
        if let (Some(after), Some(fields)) = (next, result.as_object_mut()) {
            fields.insert("paging".to_owned(), json!({"next": {"after": cursor::opaque(after)}}));
        }
        results.push(result);
    }
    Ok(envelope(now, 200, results, errors))
}

pub(super) fn none_found(from: Kind, to: Kind, id: &str) -> ApiError {
    let text = format!("No {} is associated with {} {id}.", to.singular(), from.singular());
    ApiError::new(404, "OBJECT_NOT_FOUND", text)
        .sub("crm.associations.NO_ASSOCIATIONS_FOUND")
        .with("fromObjectId", vec![id.to_owned()])
        .with("fromObjectType", vec![from.singular().to_owned()])
        .with("toObjectType", vec![to.singular().to_owned()])
}

/// The associations of one record, in order of the other's id, and where the next page starts.
fn page(
    world: &World,
    from: (Kind, u64),
    to: Kind,
    form: IdForm,
    first: u64,
    limit: usize,
) -> (Vec<Value>, Option<u64>) {
    let mut found = world.edges.after(from, to, first);
    let items = found.by_ref().take(limit).map(|(id, primary)| {
        let pair = pair_types(from.0, to);
        let item = |id: u32, label: Value| json!({"category": "HUBSPOT_DEFINED", "typeId": id, "label": label});
        let mut types: Vec<Value> = Vec::new();
        if let Some(primary_type) = pair.primary.filter(|_| primary) {
            types.push(item(primary_type, json!("Primary")));
        }
        types.push(item(pair.plain, Value::Null));
        let id = match form {
            IdForm::Number => json!(id),
            IdForm::Text => json!(id.to_string()),
        };
        json!({"toObjectId": id, "associationTypes": types})
    });
    let items = items.collect();
    (items, found.next().map(|(id, _)| id))
}

fn first(after: Option<String>) -> Result<u64, ApiError> {
    let after = after.filter(|after| !after.is_empty());
    after.map_or(Ok(0), |after| cursor::read(&after, |text| text.parse().ok()))
}

pub(super) fn of(world: &World, from: Kind, id: &str, to: Kind, form: IdForm, call: &Call) -> Result<Reply, ApiError> {
    let record = one(world, from, id, None)?;
    let first = first(call.query("after").map(str::to_owned))?;
    let (items, next) = page(world, (from, record.id), to, form, first, call.limit(PAGE, PAGE)?);
    let mut body = json!({"results": items});
    if let (Some(after), Some(fields)) = (next, body.as_object_mut()) {
        fields.insert("paging".to_owned(), json!({"next": {"after": cursor::opaque(after)}}));
    }
    Ok(Reply::Json(200, body))
}

fn write(
    world: &mut World,
    now: Millis,
    from: Kind,
    to: Kind,
    verb: EdgeVerb,
    form: IdForm,
    inputs: &[Value],
) -> Result<Reply, ApiError> {
    let (mut pairs, mut errors) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for input in inputs {
        let ids = ["/from/id", "/to/id"].map(|at| text(input.pointer(at)).unwrap_or_default());
        let [Ok(own), Ok(other)] = [one(world, from, &ids[0], None), one(world, to, &ids[1], None)] else {
            errors.push(ApiError::missing_objects(to, ids.to_vec()).item(None));
            continue;
        };
        let pair = (own.id, other.id);
        if !seen.insert(pair) {
            let text = format!("Duplicate associations found in batch input: {} to {}", pair.0, pair.1);
            return Err(ApiError::validation(text));
        }
        let primary = verb == EdgeVerb::Create && wants_primary(from, to, input)?;
        pairs.push((pair, primary));
    }
    let mut results = Vec::new();
    for ((own, other), primary) in pairs {
        world.associate((from, own), (to, other), primary, now);
        match verb {
            EdgeVerb::Default => results.extend(default_results((from, own), (to, other))),
            _ => results.push(labelled((from, own), (to, other), primary, form)),
        }
    }
    let success = if verb == EdgeVerb::Create { 201 } else { 200 };
    Ok(envelope(now, success, results, errors))
}

fn labelled(from: (Kind, u64), to: (Kind, u64), primary: bool, form: IdForm) -> Value {
    let id = |id: u64| match form {
        IdForm::Number => json!(id),
        IdForm::Text => json!(id.to_string()),
    };
    let labels: Vec<&str> = primary.then_some("Primary").into_iter().collect();
    json!({"fromObjectTypeId": from.0.type_id(), "fromObjectId": id(from.1), "toObjectTypeId": to.0.type_id(),
        "toObjectId": id(to.1), "labels": labels})
}

/// One pair; the body is the list of types. Types that it does not repeat go.
pub(super) fn create_one(
    world: &mut World,
    now: Millis,
    from: (Kind, String),
    to: (Kind, String),
    form: IdForm,
    call: &Call,
) -> Result<Reply, ApiError> {
    let own = (from.0, one(world, from.0, &from.1, None)?.id);
    let other = (to.0, one(world, to.0, &to.1, None)?.id);
    let primary = wants_primary(from.0, to.0, &json!({"types": call.body()?}))?;
    world.associate(own, other, primary, now);
    Ok(Reply::Json(201, labelled(own, other, primary, form)))
}

/// One pair with all its types; 204 also when there was none.
pub(super) fn archive_one(
    world: &mut World,
    now: Millis,
    from: (Kind, String),
    to: (Kind, String),
) -> Result<Reply, ApiError> {
    let own = one(world, from.0, &from.1, None)?.id;
    let other = one(world, to.0, &to.1, None)?.id;
    world.dissociate((from.0, own), (to.0, other), now);
    Ok(Reply::Nothing)
}

/// Whether an input names the plain type, with which all others go.
fn names_plain(from: Kind, to: Kind, input: &Value) -> bool {
    let types = input.get("types").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let plain = u64::from(pair_types(from, to).plain);
    types.iter().any(|each| each.get("associationTypeId").and_then(Value::as_u64) == Some(plain))
}

/// Whether the `types` of an input name the primary type; one that does not fit the pair is refused.
fn wants_primary(from: Kind, to: Kind, input: &Value) -> Result<bool, ApiError> {
    let pair = pair_types(from, to);
    let types = input.get("types").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut primary = false;
    for id in types.iter().filter_map(|t| t.get("associationTypeId")?.as_u64()) {
        let is_primary = pair.primary.map(u64::from) == Some(id);
        if !is_primary && id != u64::from(pair.plain) {
            let text = format!("{id} is no association type from {} to {}", from.singular(), to.singular());
            return Err(ApiError::validation(text));
        }
        primary |= is_primary;
    }
    Ok(primary)
}

pub(super) fn default_one(
    world: &mut World,
    now: Millis,
    from: (Kind, String),
    to: (Kind, String),
) -> Result<Reply, ApiError> {
    let own = one(world, from.0, &from.1, None)?.id;
    let other = one(world, to.0, &to.1, None)?.id;
    world.associate((from.0, own), (to.0, other), false, now);
    Ok(envelope(now, 200, default_results((from.0, own), (to.0, other)).to_vec(), Vec::new()))
}

/// Both directions are told.
fn default_results(from: (Kind, u64), to: (Kind, u64)) -> [Value; 2] {
    let result = |from: (Kind, u64), to: (Kind, u64)| {
        json!({"from": {"id": from.1.to_string()}, "to": {"id": to.1.to_string()}, "associationSpec":
            {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": pair_types(from.0, to.0).plain}})
    };
    [result(from, to), result(to, from)]
}

pub(super) fn labels(from: Kind, to: Kind) -> Result<Reply, ApiError> {
    let pair = pair_types(from, to);
    let item = |id: u32, label: Value| json!({"category": "HUBSPOT_DEFINED", "typeId": id, "label": label});
    let primary = pair.primary.map(|id| item(id, json!("Primary")));
    let results: Vec<Value> = primary.into_iter().chain([item(pair.plain, Value::Null)]).collect();
    Ok(Reply::Json(200, json!({"results": results})))
}

pub(super) fn envelope(now: Millis, success: u16, results: Vec<Value>, errors: Vec<Value>) -> Reply {
    let at = now.to_iso();
    let mut body = json!({"status": "COMPLETE", "results": results, "startedAt": at, "completedAt": at});
    if errors.is_empty() {
        return Reply::Json(success, body);
    }
    if let Some(fields) = body.as_object_mut() {
        fields.insert("numErrors".to_owned(), json!(errors.len()));
        fields.insert("errors".to_owned(), json!(errors));
    }
    Reply::Json(207, body)
}
