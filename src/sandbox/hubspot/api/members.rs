//! Who is in a list, and in which lists a record is.

use serde_json::{Value, json};

use super::super::errors::ApiError;
use super::super::kind::Kind;
use super::super::lists::{List, Processing};
use super::super::world::World;
use super::cursor;
use super::lists::find;
use super::objects::one;
use super::reply::Reply;
use super::request::{Call, text, texts};
use super::route::{MemberChange, Order, parse};
use crate::data::Millis;

/// The largest page that integrations use; the default is 100.
const PAGE: usize = 250;

pub(super) fn page(world: &World, id: &str, order: Order, call: &Call) -> Result<Reply, ApiError> {
    let list = find(world, id)?;
    let limit = call.limit(100, PAGE)?;
    let members: Vec<(u64, Millis)> = match order {
        Order::ById => {
            let first = cursor::place(call, |text| text.parse().ok())?.unwrap_or(0);
            list.members(first).take(limit + 1).collect()
        }
        Order::NewestFirst => list.newest(cursor::place(call, join_cursor)?).take(limit + 1).collect(),
    };
    let results: Vec<Value> = members
        .iter()
        .take(limit)
        .map(|(id, at)| json!({"recordId": id.to_string(), "membershipTimestamp": at.to_iso()}))
        .collect();
    let mut body = json!({"results": results, "total": list.len()});
    if members.len() > limit
        && let Some(fields) = body.as_object_mut()
    {
        let after = match (order, members.get(limit - 1), members.get(limit)) {
            (Order::NewestFirst, Some((id, at)), _) => format!("{}_{id}", at.0),
            (_, _, Some((next, _))) => next.to_string(),
            _ => String::new(),
        };
        fields.insert("paging".to_owned(), json!({"next": {"after": cursor::opaque(after)}}));
    }
    Ok(Reply::Json(200, body))
}

/// The last member shown, as `milliseconds_id`.
fn join_cursor(text: &str) -> Option<(Millis, u64)> {
    let (at, id) = text.split_once('_')?;
    Some((Millis(at.parse().ok()?), id.parse().ok()?))
}

/// HubSpot decides who is in a dynamic list. `recordsIdsAdded` is its spelling.
pub(super) fn change(
    world: &mut World,
    now: Millis,
    id: &str,
    change: MemberChange,
    call: &Call,
) -> Result<Reply, ApiError> {
    let list = find(world, id)?;
    if list.processing == Processing::Dynamic {
        return Err(ApiError::validation("Records cannot be added to or removed from a list of type DYNAMIC."));
    }
    let (list, kind) = (list.id, list.kind);
    let body = call.body()?;
    let (add, remove) = match change {
        MemberChange::Add => (texts(Some(body)), Vec::new()),
        MemberChange::Remove => (Vec::new(), texts(Some(body))),
        MemberChange::Both => (texts(body.get("recordIdsToAdd")), texts(body.get("recordIdsToRemove"))),
    };
    let (mut added, mut removed, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for (ids, adds) in [(add, true), (remove, false)] {
        for given in ids {
            let Ok(record) = one(world, kind, &given, None).map(|record| record.id) else {
                missing.push(given);
                continue;
            };
            let Some(list) = world.lists.get_mut(&list) else { continue };
            match adds {
                true if list.add(record, now) => added.push(given),
                false if list.remove(record, now) => removed.push(given),
                _ => {}
            }
        }
    }
    let body = json!({"recordsIdsAdded": added, "recordIdsRemoved": removed, "recordIdsMissing": missing});
    Ok(Reply::Json(200, body))
}

/// Takes every record out of a list.
pub(super) fn clear(world: &mut World, now: Millis, id: &str) -> Result<Reply, ApiError> {
    let list = find(world, id)?;
    if list.processing == Processing::Dynamic {
        return Err(ApiError::validation("Records cannot be removed from a list of type DYNAMIC."));
    }
    let (own, members): (u64, Vec<u64>) = (list.id, list.members(0).map(|(id, _)| id).collect());
    if let Some(list) = world.lists.get_mut(&own) {
        for id in members {
            list.remove(id, now);
        }
    }
    Ok(Reply::Nothing)
}

/// Adds the members of another list.
pub(super) fn add_from(world: &mut World, now: Millis, id: &str, source: &str) -> Result<Reply, ApiError> {
    let list = find(world, id)?;
    if list.processing == Processing::Dynamic {
        return Err(ApiError::validation("Records cannot be added to a list of type DYNAMIC."));
    }
    let (own, members): (u64, Vec<u64>) = (list.id, find(world, source)?.members(0).map(|(id, _)| id).collect());
    if let Some(list) = world.lists.get_mut(&own) {
        for id in members {
            list.add(id, now);
        }
    }
    Ok(Reply::Nothing)
}

fn membership(list: &List, at: Millis) -> Value {
    json!({"listId": list.id.to_string(), "listVersion": 1, "isPublicList": false,
        "firstAddedTimestamp": at.to_iso(), "lastAddedTimestamp": at.to_iso()})
}

fn memberships(world: &World, kind: Kind, id: u64) -> Vec<Value> {
    let own = world.lists.values().filter(|list| list.kind == kind);
    own.filter_map(|list| Some(membership(list, list.joined(id)?))).collect()
}

pub(super) fn of_record(world: &World, kind: Kind, id: &str) -> Result<Reply, ApiError> {
    let record = one(world, kind, id, None)?;
    let results = memberships(world, kind, record.id);
    Ok(Reply::Json(200, json!({"total": results.len(), "results": results})))
}

/// A record that does not exist is answered with no lists.
pub(super) fn of_many(world: &World, now: Millis, call: &Call) -> Result<Reply, ApiError> {
    let mut results = Vec::new();
    for input in call.inputs(super::batch::INPUTS)? {
        let kind = parse(&text(input.get("objectTypeId")).unwrap_or_default())?;
        let given = text(input.get("recordId")).ok_or_else(|| ApiError::validation("recordId is required"))?;
        let lists = one(world, kind, &given, None).map(|record| memberships(world, kind, record.id));
        results.push(json!({"objectTypeId": kind.type_id(), "recordId": given,
            "recordListMemberships": lists.unwrap_or_default()}));
    }
    let at = now.to_iso();
    let body = json!({"status": "COMPLETE", "results": results, "startedAt": at, "completedAt": at});
    Ok(Reply::Json(200, body))
}
