//! Property definitions.

use serde_json::{Value, json};

use super::super::errors::ApiError;
use super::super::kind::Kind;
use super::super::schema::{PropertyDef, options_from_json};
use super::super::world::World;
use super::reply::Reply;
use super::request::{Call, text};
use super::route::PropertyVerb;
use crate::data::Millis;

const INPUTS: usize = 100;
/// Unique properties that a portal may make per object type.
const UNIQUE: usize = 10;

pub(super) fn list(world: &World, kind: Kind, call: &Call) -> Result<Reply, ApiError> {
    let archived = call.flag("archived");
    let defs = world.table(kind).schema.iter().filter(|def| def.archived == archived);
    let results: Vec<Value> = defs.map(PropertyDef::to_json).collect();
    Ok(Reply::Json(200, json!({"results": results})))
}

fn find<'w>(world: &'w World, kind: Kind, name: &str) -> Result<&'w PropertyDef, ApiError> {
    let found = world.table(kind).schema.find(name).map(|(_, def)| def);
    found.ok_or_else(|| ApiError::new(404, "OBJECT_NOT_FOUND", format!("Property \"{name}\" does not exist")))
}

pub(super) fn get(world: &World, kind: Kind, name: &str) -> Result<Reply, ApiError> {
    Ok(Reply::Json(200, find(world, kind, name)?.to_json()))
}

/// Several at once; a name that is not there is an error of its own.
pub(super) fn batch(
    world: &mut World,
    now: Millis,
    kind: Kind,
    verb: PropertyVerb,
    call: &Call,
) -> Result<Reply, ApiError> {
    let inputs = call.inputs(INPUTS)?;
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for input in inputs {
        let name = text(input.get("name")).unwrap_or_default();
        let done = match verb {
            PropertyVerb::Read => find(world, kind, &name).map(PropertyDef::to_json),
            PropertyVerb::Create => make(world, now, kind, input),
            PropertyVerb::Archive => archive(world, kind, &name).map(|_| Value::Null),
        };
        match done {
            Ok(json) => results.push(json),
            Err(error) => errors.push(error.item(None)),
        }
    }
    let success = if verb == PropertyVerb::Create { 201 } else { 200 };
    match verb {
        PropertyVerb::Archive => Ok(Reply::Nothing),
        _ => Ok(super::associations::envelope(now, success, results, errors)),
    }
}

pub(super) fn create(world: &mut World, now: Millis, kind: Kind, call: &Call) -> Result<Reply, ApiError> {
    Ok(Reply::Json(201, make(world, now, kind, call.body()?)?))
}

/// The name of an archived property restores that one.
fn make(world: &mut World, now: Millis, kind: Kind, body: &Value) -> Result<Value, ApiError> {
    let mut def = PropertyDef::from_json(body).map_err(ApiError::validation)?;
    (def.created, def.updated) = (now, now);
    (def.hubspot_defined, def.archived, def.calculated, def.read_only) = (false, false, false, false);
    let schema = &world.table(kind).schema;
    match schema.find_any(&def.name) {
        Some(known) if known.archived => {
            def = PropertyDef { archived: false, updated: now, ..known.clone() };
        }
        Some(_) => {
            let text = format!("A property named '{}' already exists.", def.name);
            return Err(ApiError::new(409, "OBJECT_ALREADY_EXISTS", text).sub("Properties.PROPERTY_WITH_NAME_EXISTS"));
        }
        None => {}
    }
    if def.unique && schema.iter().filter(|known| known.unique && !known.archived).count() >= UNIQUE {
        return Err(ApiError::validation(format!("At most {UNIQUE} unique properties are allowed per object type")));
    }
    let body = def.to_json();
    let table = world.table_mut(kind);
    table.schema.put(def).ok_or_else(|| ApiError::validation("The property limit is reached"))?;
    table.reindex();
    Ok(body)
}

/// `options` replaces the whole list; left out, it stays.
pub(super) fn update(world: &mut World, now: Millis, kind: Kind, name: &str, call: &Call) -> Result<Reply, ApiError> {
    let body = call.object()?;
    find(world, kind, name)?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    let Some(def) = world.table_mut(kind).schema.edit(name) else { return Err(ApiError::not_found()) };
    def.label = text("label").unwrap_or_else(|| def.label.clone());
    def.description = text("description").unwrap_or_else(|| def.description.clone());
    def.group = text("groupName").unwrap_or_else(|| def.group.clone());
    if body.get("options").is_some_and(Value::is_array) {
        def.options = options_from_json(body.get("options"));
    }
    def.updated = now;
    Ok(Reply::Json(200, def.to_json()))
}

pub(super) fn archive(world: &mut World, kind: Kind, name: &str) -> Result<Reply, ApiError> {
    if find(world, kind, name)?.hubspot_defined {
        return Err(ApiError::validation(format!("Property {name} is defined by HubSpot and cannot be deleted")));
    }
    let table = world.table_mut(kind);
    if let Some(def) = table.schema.edit(name) {
        def.archived = true;
    }
    Ok(Reply::Nothing)
}
