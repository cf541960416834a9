//! Batch create, update and upsert. Without a trace id on every input one bad input fails the whole batch and nothing
//! is written; with them the good inputs are written and each error names its trace id.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::cells::Prop;
use super::super::errors::ApiError;
use super::super::kind::Kind;
use super::super::record::Source;
use super::super::world::World;
use super::super::write::Change;
use super::batch::{INPUTS, envelope, ids};
use super::objects::{Tie, one, tie, ties, unique, written};
use super::reply::Reply;
use super::request::{Call, text, values};
use super::route::Rules;
use crate::data::Millis;

/// An input that passed its checks.
struct Ready {
    /// `None` creates.
    target: Option<u64>,
    change: Change,
    ties: Vec<Tie>,
}

type Checked = Vec<(Option<String>, Result<Ready, ApiError>)>;

pub(super) fn create(world: &mut World, now: Millis, kind: Kind, rules: Rules, call: &Call) -> Result<Reply, ApiError> {
    let mut claims = Claims::default();
    let mut checked = Checked::new();
    for input in call.inputs(INPUTS)? {
        let ready = check(world, kind, None, input, Vec::new(), rules, &mut claims);
        checked.push((trace(input), ready));
    }
    write(world, now, kind, 201, checked, false, false)
}

pub(super) fn update(world: &mut World, now: Millis, kind: Kind, rules: Rules, call: &Call) -> Result<Reply, ApiError> {
    let inputs = call.inputs(INPUTS)?;
    let ids = ids(inputs)?;
    let mut claims = Claims::default();
    let mut targets = BTreeSet::new();
    let mut checked = Checked::new();
    for (input, id) in inputs.iter().zip(&ids) {
        let by = text(input.get("idProperty"));
        if let Some(by) = &by {
            unique(world, kind, by)?;
        }
        // Unlike a single update, a batch does not follow the ids of merged records.
        let found = match one(world, kind, id, by.as_deref()) {
            Ok(record) if by.is_some() || record.id.to_string() == *id => Ok(record.id),
            _ => Err(ApiError::missing_objects(kind, vec![id.clone()])),
        };
        if let Ok(target) = found
            && !targets.insert(target)
        {
            return Err(duplicate(id));
        }
        let ready = found.and_then(|target| check(world, kind, Some(target), input, Vec::new(), rules, &mut claims));
        checked.push((trace(input), ready));
    }
    write(world, now, kind, 200, checked, false, false)
}

pub(super) fn upsert(world: &mut World, now: Millis, kind: Kind, rules: Rules, call: &Call) -> Result<Reply, ApiError> {
    let inputs = call.inputs(INPUTS)?;
    let ids = ids(inputs)?;
    let mut claims = Claims::default();
    let (mut targets, mut values_seen) = (BTreeSet::new(), BTreeSet::new());
    let mut checked = Checked::new();
    let mut by_email = false;
    for (input, id) in inputs.iter().zip(&ids) {
        let by = text(input.get("idProperty")).ok_or_else(|| ApiError::validation("idProperty is required"))?;
        let prop = unique(world, kind, &by)?;
        by_email |= by == "email";
        let target = world.table(kind).find(prop, id.trim());
        let fresh = target.is_none_or(|target| targets.insert(target));
        if !fresh || !values_seen.insert((prop, id.trim().to_lowercase())) {
            return Err(duplicate(id));
        }
        // A record found by one of its additional addresses keeps its primary one.
        let key = if target.is_some() { Vec::new() } else { vec![(by, id.clone())] };
        checked.push((trace(input), check(world, kind, target, input, key, rules, &mut claims)));
    }
    // By e-mail there is no partial success, trace ids or not.
    write(world, now, kind, 200, checked, true, by_email)
}

fn duplicate(id: &str) -> ApiError {
    ApiError::validation(format!("Duplicate IDs found in batch input: [{id}]. IDs must be unique"))
        .with("ids", vec![id.to_owned()])
}

fn trace(input: &Value) -> Option<String> {
    text(input.get("objectWriteTraceId"))
}

/// Unique values that earlier inputs of the batch take.
type Claims = BTreeMap<(Prop, String), Option<u64>>;

fn check(
    world: &World,
    kind: Kind,
    target: Option<u64>,
    input: &Value,
    key: Vec<(String, String)>,
    rules: Rules,
    claims: &mut Claims,
) -> Result<Ready, ApiError> {
    let current = target.and_then(|id| world.table(kind).get(id)).map(AsRef::as_ref);
    let mut props = values(input.get("properties"))?;
    props.extend(key.into_iter().filter(|(name, _)| input.get("properties").and_then(|p| p.get(name)).is_none()));
    let change = world.check(kind, current, &props, &rules.actor())?;
    let ties = ties(world, kind, input.get("associations"))?;
    let own = world.claims(kind, &change);
    for (prop, value) in &own {
        if let Some(other) = claims.get(&(*prop, value.clone())) {
            // A new record has no id to name yet.
            return Err(match other {
                Some(id) => world.taken(kind, *prop, value, target, *id),
                None => ApiError::new(409, "CONFLICT", format!("{value} is used by another input of this batch")),
            });
        }
    }
    claims.extend(own.into_iter().map(|claim| (claim, target)));
    Ok(Ready { target, change, ties })
}

fn write(
    world: &mut World,
    now: Millis,
    kind: Kind,
    success: u16,
    checked: Checked,
    upsert: bool,
    whole: bool,
) -> Result<Reply, ApiError> {
    let traces: BTreeSet<&String> = checked.iter().filter_map(|(trace, _)| trace.as_ref()).collect();
    let partial = traces.len() == checked.len() && !whole;
    if !partial && checked.iter().any(|(_, ready)| ready.is_err()) {
        // Only the first failure is told.
        return Err(checked.into_iter().find_map(|(_, ready)| ready.err()).unwrap_or_else(ApiError::not_found));
    }
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for (trace, ready) in checked {
        let ready = match ready {
            Ok(ready) => ready,
            Err(error) => {
                errors.push(error.item(trace.as_deref()));
                continue;
            }
        };
        let warnings = ready.change.warnings.clone();
        let id = match ready.target {
            Some(id) => {
                world.commit_update(kind, id, ready.change, &Source::Api, now);
                world.counters.updated += 1;
                id
            }
            None => {
                world.counters.created += 1;
                world.commit_create(kind, ready.change, Source::Api, now)
            }
        };
        tie(world, kind, id, &ready.ties, now);
        let mut result = written(world, kind, id, &warnings)?;
        if let Some(trace) = trace {
            result.insert("objectWriteTraceId".to_owned(), json!(trace));
        }
        if upsert {
            result.insert("new".to_owned(), json!(ready.target.is_none()));
        }
        results.push(Value::Object(result));
    }
    Ok(envelope(world, now, success, results, errors))
}
