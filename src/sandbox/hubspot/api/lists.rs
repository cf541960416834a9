//! Lists themselves: find, search, make.

use serde_json::{Value, json};

use super::super::errors::ApiError;
use super::super::kind::Kind;
use super::super::lists::{List, Processing};
use super::super::world::World;
use super::reply::Reply;
use super::request::{Call, check_limit, text, texts};
use crate::data::Millis;

fn render(list: &List) -> Value {
    let at = list.updated.to_iso();
    json!({"listId": list.id.to_string(), "name": list.name, "objectTypeId": list.kind.type_id(),
        "processingType": list.processing.name(), "processingStatus": "COMPLETE", "listVersion": 1,
        "size": list.len(), "createdAt": list.created.to_iso(), "updatedAt": at,
        "filtersUpdatedAt": list.created.to_iso(), "createdById": "1", "updatedById": "1"})
}

pub(super) fn find<'w>(world: &'w World, id: &str) -> Result<&'w List, ApiError> {
    let list = id.parse().ok().and_then(|id: u64| world.lists.get(&id));
    list.ok_or_else(|| ApiError::new(404, "OBJECT_NOT_FOUND", format!("List does not exist with ID {id}.")))
}

pub(super) fn get(world: &World, id: &str) -> Result<Reply, ApiError> {
    Ok(Reply::Json(200, json!({"list": render(find(world, id)?)})))
}

pub(super) fn by_name(world: &World, kind: Kind, name: &str) -> Result<Reply, ApiError> {
    let same = |list: &&List| list.kind == kind && list.name.to_lowercase() == name.to_lowercase();
    let list = world
        .lists
        .values()
        .find(same)
        .ok_or_else(|| ApiError::new(404, "OBJECT_NOT_FOUND", format!("List does not exist with name {name}.")))?;
    Ok(Reply::Json(200, json!({"list": render(list)})))
}

/// Several lists by `listIds`; unknown ids are left out.
pub(super) fn many(world: &World, call: &Call) -> Result<Reply, ApiError> {
    let ids = call.queries("listIds");
    let lists: Vec<Value> = ids.iter().filter_map(|id| find(world, id).ok()).map(render).collect();
    Ok(Reply::Json(200, json!({"lists": lists})))
}

pub(super) fn search(world: &World, call: &Call) -> Result<Reply, ApiError> {
    let body = Value::Object(call.object()?.clone());
    let number =
        |key: &str| body.get(key).filter(|v| !v.is_null()).map(|v| v.as_u64().and_then(|n| usize::try_from(n).ok()));
    let count = check_limit(number("count"), 20, 500)?;
    let offset = number("offset").flatten().unwrap_or(0);
    let words = text(body.get("query")).unwrap_or_default().to_lowercase();
    let (ids, kinds) = (texts(body.get("listIds")), texts(body.get("processingTypes")));
    let wanted = |list: &&List| {
        list.name.to_lowercase().contains(&words)
            && (ids.is_empty() || ids.contains(&list.id.to_string()))
            && (kinds.is_empty() || kinds.iter().any(|kind| kind == list.processing.name()))
    };
    let found: Vec<&List> = world.lists.values().filter(wanted).collect();
    let lists: Vec<Value> = found
        .iter()
        .skip(offset)
        .take(count)
        .map(|list| {
            let mut item = render(list);
            if let Some(fields) = item.as_object_mut() {
                // Search tells the size among the additional properties only.
                fields.remove("size");
                let more = json!({"hs_list_size": list.len().to_string(), "hs_list_reference_count": "0"});
                fields.insert("additionalProperties".to_owned(), more);
            }
            item
        })
        .collect();
    let next = offset.saturating_add(lists.len());
    let body = json!({"lists": lists, "hasMore": next < found.len(), "offset": next, "total": found.len()});
    Ok(Reply::Json(200, body))
}

/// A new name comes in the query.
pub(super) fn rename(world: &mut World, now: Millis, id: &str, call: &Call) -> Result<Reply, ApiError> {
    let (own, kind) = find(world, id).map(|list| (list.id, list.kind))?;
    let name = call.query("listName").map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| ApiError::validation("listName is required"))?.to_owned();
    let same = |list: &List| list.id != own && list.kind == kind && list.name.to_lowercase() == name.to_lowercase();
    if world.lists.values().any(same) {
        return Err(ApiError::validation(format!("A list with name {name} exists already")));
    }
    if let Some(list) = world.lists.get_mut(&own) {
        (list.name, list.updated) = (name, now);
    }
    Ok(Reply::Json(200, json!({"updatedList": render(find(world, id)?)})))
}

/// A deleted list can be restored.
pub(super) fn delete(world: &mut World, id: &str) -> Result<Reply, ApiError> {
    let own = find(world, id)?.id;
    if let Some(list) = world.lists.remove(&own) {
        world.gone_lists.insert(own, list);
    }
    Ok(Reply::Nothing)
}

pub(super) fn restore(world: &mut World, id: &str) -> Result<Reply, ApiError> {
    let gone = id.parse().ok().and_then(|id: u64| world.gone_lists.remove(&id));
    match gone {
        Some(list) => {
            world.lists.insert(list.id, list);
            Ok(Reply::Nothing)
        }
        None => find(world, id).map(|_| Reply::Nothing),
    }
}

pub(super) fn create(world: &mut World, now: Millis, call: &Call) -> Result<Reply, ApiError> {
    let body = call.object()?;
    let name = text(body.get("name")).filter(|name| !name.trim().is_empty());
    let name = name.ok_or_else(|| ApiError::validation("name is required"))?;
    let kind = super::route::parse(&text(body.get("objectTypeId")).unwrap_or_default())?;
    let processing = text(body.get("processingType")).and_then(|name| Processing::parse(&name));
    let processing = processing.ok_or_else(|| ApiError::validation("processingType is required"))?;
    if world.lists.values().any(|list| list.kind == kind && list.name.to_lowercase() == name.to_lowercase()) {
        return Err(ApiError::validation(format!("A list with name {name} exists already")));
    }
    let id = world.list_create(&name, kind.plural(), processing, now)?;
    get(world, &id)
}
