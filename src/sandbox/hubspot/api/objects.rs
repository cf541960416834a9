//! One record at a time, and the list of all.

use serde_json::{Value, json};

use super::super::edges::pair_types;
use super::super::errors::ApiError;
use super::super::kind::Kind;
use super::super::record::{Record, Source};
use super::super::world::World;
use super::super::write::Actor;
use super::render::{Selection, associations};
use super::reply::Reply;
use super::request::{Call, text, values};
use super::route::{Rules, parse};
use crate::data::Millis;

impl Rules {
    pub(super) fn actor(self) -> Actor {
        Actor { source: Source::Api, lenient_dates: self == Rules::Current, forward_only: true }
    }
}

pub(super) fn list(world: &World, kind: Kind, call: &Call) -> Result<Reply, ApiError> {
    let history = call.queries("propertiesWithHistory");
    let limit = call.limit(10, if history.is_empty() { 100 } else { 50 })?;
    let first = match call.query("after") {
        None | Some("") => 0,
        Some(text) => text.parse().map_err(|_| ApiError::validation(format!("{text} is not a valid paging cursor")))?,
    };
    let selection = Selection::named(world, kind, &call.queries("properties"), &history);
    let with = with_associations(call)?;
    let mut found = world.table(kind).list(call.flag("archived"), first).take(limit + 1);
    let mut results: Vec<Value> = Vec::with_capacity(limit);
    for record in found.by_ref().take(limit) {
        results.push(shown(world, kind, record, &selection, &with));
    }
    let mut body = json!({"results": results});
    if let (Some(next), Some(fields)) = (found.next(), body.as_object_mut()) {
        let after = next.id.to_string();
        let link = format!("https://api.hubapi.com/crm/v3/objects/{}?limit={limit}&after={after}", kind.plural());
        fields.insert("paging".to_owned(), json!({"next": {"after": after, "link": link}}));
    }
    Ok(Reply::Json(200, body))
}

pub(super) fn get(world: &World, kind: Kind, id: &str, call: &Call) -> Result<Reply, ApiError> {
    let selection = Selection::named(world, kind, &call.queries("properties"), &call.queries("propertiesWithHistory"));
    let with = with_associations(call)?;
    let record = match call.flag("archived") {
        true => {
            let id: u64 = id.parse().map_err(|_| ApiError::odd_id(id))?;
            world.table(kind).get_archived(id).ok_or_else(ApiError::not_found)?
        }
        false => one(world, kind, id, call.query("idProperty"))?,
    };
    Ok(Reply::Json(200, shown(world, kind, record, &selection, &with)))
}

fn with_associations(call: &Call) -> Result<Vec<Kind>, ApiError> {
    call.queries("associations").iter().map(|name| parse(name)).collect()
}

fn shown(world: &World, kind: Kind, record: &Record, selection: &Selection, with: &[Kind]) -> Value {
    let mut out = selection.record(world, kind, record);
    if let Some(edges) = associations(world, kind, record.id, with) {
        out.insert("associations".to_owned(), edges);
    }
    Value::Object(out)
}

/// The live record of an id or of a unique value; the id of a merged record finds what it became.
pub(super) fn one<'w>(world: &'w World, kind: Kind, id: &str, by: Option<&str>) -> Result<&'w Record, ApiError> {
    let table = world.table(kind);
    let found = match by.filter(|by| !by.is_empty()) {
        None => {
            let id: u64 = id.parse().map_err(|_| ApiError::odd_id(id))?;
            table.resolve(id)
        }
        Some(by) => table.find(unique(world, kind, by)?, id.trim()).and_then(|id| table.get(id)),
    };
    found.map(AsRef::as_ref).ok_or_else(ApiError::not_found)
}

/// The property named by `idProperty`, which must be unique; the record id itself is refused.
pub(super) fn unique(world: &World, kind: Kind, name: &str) -> Result<super::super::cells::Prop, ApiError> {
    let table = world.table(kind);
    let found = table.schema.find(name).filter(|(prop, _)| table.is_unique(*prop)).map(|(prop, _)| prop);
    found.ok_or_else(|| {
        let (of, portal) = (kind.type_id(), world.config.portal_id);
        let text = format!("Unable to perform update/upsert by non-unique {of} property {name} in portal ID {portal}");
        ApiError::validation(text)
    })
}

pub(super) fn create(world: &mut World, now: Millis, kind: Kind, rules: Rules, call: &Call) -> Result<Reply, ApiError> {
    let input = call.object()?;
    let change = world.check(kind, None, &values(input.get("properties"))?, &rules.actor())?;
    let ties = ties(world, kind, input.get("associations"))?;
    let warnings = change.warnings.clone();
    let id = world.commit_create(kind, change, Source::Api, now);
    tie(world, kind, id, &ties, now);
    world.counters.created += 1;
    let body = written(world, kind, id, &warnings)?;
    Ok(Reply::Created(format!("https://api.hubapi.com/crm/v3/objects/{}/{id}", kind.plural()), Value::Object(body)))
}

pub(super) fn update(
    world: &mut World,
    now: Millis,
    kind: Kind,
    id: &str,
    rules: Rules,
    call: &Call,
) -> Result<Reply, ApiError> {
    let record = one(world, kind, id, call.query("idProperty"))?;
    let id = record.id;
    let change = world.check(kind, Some(record), &values(call.object()?.get("properties"))?, &rules.actor())?;
    let warnings = change.warnings.clone();
    world.commit_update(kind, id, change, &Source::Api, now);
    world.counters.updated += 1;
    Ok(Reply::Json(200, Value::Object(written(world, kind, id, &warnings)?)))
}

/// 204 for an id that does not exist, too.
pub(super) fn archive(world: &mut World, now: Millis, kind: Kind, id: &str) -> Result<Reply, ApiError> {
    let id: u64 = id.parse().map_err(|_| ApiError::odd_id(id))?;
    if world.archive(kind, id, now) {
        world.counters.archived += 1;
    }
    Ok(Reply::Nothing)
}

/// Removes a record for good, by id or by a unique property; 204 also for one that does not exist.
pub(super) fn purge(world: &mut World, now: Millis, kind: Kind, call: &Call) -> Result<Reply, ApiError> {
    let input = call.object()?;
    let given = text(input.get("objectId")).ok_or_else(|| ApiError::validation("objectId is required"))?;
    let id = match text(input.get("idProperty")) {
        Some(by) => one(world, kind, &given, Some(&by)).ok().map(|record| record.id),
        None => given.parse().ok(),
    };
    if id.is_some_and(|id| world.purge(kind, id, now)) {
        world.counters.archived += 1;
    }
    Ok(Reply::Nothing)
}

pub(super) fn merge(world: &mut World, now: Millis, kind: Kind, call: &Call) -> Result<Reply, ApiError> {
    let input = call.object()?;
    let find = |key: &str| {
        let id = text(input.get(key)).ok_or_else(|| ApiError::validation(format!("{key} is required")))?;
        one(world, kind, &id, None).map(|record| record.id)
    };
    let (primary, other) = (find("primaryObjectId")?, find("objectIdToMerge")?);
    let id = world.merge(kind, primary, other, Source::Api, now)?;
    Ok(Reply::Json(200, Value::Object(written(world, kind, id, &[])?)))
}

/// A record after a write.
pub(super) fn written(
    world: &World,
    kind: Kind,
    id: u64,
    warnings: &[Value],
) -> Result<serde_json::Map<String, Value>, ApiError> {
    let record = world.table(kind).get(id).ok_or_else(ApiError::not_found)?;
    let mut body = Selection::stored().record(world, kind, record);
    if !warnings.is_empty() {
        body.insert("warnings".to_owned(), json!(warnings));
    }
    Ok(body)
}

/// A record to tie to a new one, and whether as its primary one.
pub(super) type Tie = ((Kind, u64), bool);

/// Reads the `associations` of a create: the type id says which object type is meant.
pub(super) fn ties(world: &World, kind: Kind, json: Option<&Value>) -> Result<Vec<Tie>, ApiError> {
    let items = json.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut ties = Vec::new();
    for item in items {
        let id = text(item.pointer("/to/id")).unwrap_or_default();
        let types = item.get("types").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let ids: Vec<u64> = types.iter().filter_map(|t| t.get("associationTypeId")?.as_u64()).collect();
        let meant = |to: &Kind| {
            let pair = pair_types(kind, *to);
            ids.iter().any(|id| *id == u64::from(pair.plain) || pair.primary.map(u64::from) == Some(*id))
        };
        let Some(to) = Kind::ALL.into_iter().find(meant) else {
            return Err(ApiError::validation(format!("No association type of {} fits: {ids:?}", kind.singular())));
        };
        let record = one(world, to, &id, None).map_err(|_| ApiError::missing_objects(to, vec![id.clone()]))?;
        let primary = pair_types(kind, to).primary.is_some_and(|primary| ids.contains(&u64::from(primary)));
        ties.push(((to, record.id), primary));
    }
    Ok(ties)
}

pub(super) fn tie(world: &mut World, kind: Kind, id: u64, ties: &[Tie], now: Millis) {
    for (to, primary) in ties {
        world.associate((kind, id), *to, *primary, now);
    }
}
