//! Groups of properties.

use serde_json::{Value, json};

use super::super::errors::ApiError;
use super::super::groups::Group;
use super::super::kind::Kind;
use super::super::world::World;
use super::reply::Reply;
use super::request::{Call, text};

pub(super) fn list(world: &World, kind: Kind) -> Result<Reply, ApiError> {
    let results: Vec<Value> = world.group_names(kind).iter().map(|name| world.group_json(kind, name)).collect();
    Ok(Reply::Json(200, json!({"results": results})))
}

fn known(world: &World, kind: Kind, name: &str) -> Result<(), ApiError> {
    match world.group_names(kind).iter().any(|known| known == name) {
        true => Ok(()),
        false => Err(ApiError::new(404, "OBJECT_NOT_FOUND", format!("Property group \"{name}\" does not exist"))),
    }
}

pub(super) fn get(world: &World, kind: Kind, name: &str) -> Result<Reply, ApiError> {
    known(world, kind, name)?;
    Ok(Reply::Json(200, world.group_json(kind, name)))
}

pub(super) fn create(world: &mut World, kind: Kind, call: &Call) -> Result<Reply, ApiError> {
    let body = call.object()?;
    let given = |key: &str| text(body.get(key)).filter(|text| !text.trim().is_empty());
    let name = given("name").ok_or_else(|| ApiError::validation("name is required"))?;
    let label = given("label").ok_or_else(|| ApiError::validation("label is required"))?;
    if known(world, kind, &name).is_ok() {
        let text = format!("A property group named '{name}' already exists.");
        return Err(ApiError::new(409, "OBJECT_ALREADY_EXISTS", text));
    }
    let display_order = body.get("displayOrder").and_then(Value::as_i64).unwrap_or(-1);
    world.groups.insert((kind, name.clone()), Group { label, display_order });
    Ok(Reply::Json(201, world.group_json(kind, &name)))
}

pub(super) fn update(world: &mut World, kind: Kind, name: &str, call: &Call) -> Result<Reply, ApiError> {
    known(world, kind, name)?;
    let body = call.object()?;
    let old = world.group_json(kind, name);
    let label = text(body.get("label").or(old.get("label"))).unwrap_or_default();
    let order = body.get("displayOrder").or(old.get("displayOrder")).and_then(Value::as_i64).unwrap_or(-1);
    world.groups.insert((kind, name.to_owned()), Group { label, display_order: order });
    Ok(Reply::Json(200, world.group_json(kind, name)))
}

/// A group that still has properties stays.
pub(super) fn archive(world: &mut World, kind: Kind, name: &str) -> Result<Reply, ApiError> {
    known(world, kind, name)?;
    if world.table(kind).schema.iter().any(|def| !def.archived && def.group == name) {
        return Err(ApiError::validation(format!("Property group {name} still has properties")));
    }
    world.groups.remove(&(kind, name.to_owned()));
    Ok(Reply::Nothing)
}
