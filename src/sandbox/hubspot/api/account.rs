//! The account itself: details, usage, pipelines.

use serde_json::{Value, json};

use super::super::errors::ApiError;
use super::super::kind::Kind;
use super::super::world::World;
use super::reply::Reply;
use crate::data::Millis;

const DAY_MS: i64 = 86_400_000;

pub(super) fn details(world: &World) -> Result<Reply, ApiError> {
    let config = &world.config;
    let minutes = config.utc_offset_ms / 60_000;
    let sign = if minutes < 0 { '-' } else { '+' };
    let offset = format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
    let body = json!({"portalId": config.portal_id, "accountType": config.account_type,
        "timeZone": config.time_zone, "companyCurrency": config.currency, "additionalCurrencies": config.additional_currencies,
        "utcOffset": offset, "utcOffsetMilliseconds": config.utc_offset_ms, "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1"});
    Ok(Reply::Json(200, body))
}

pub(super) fn daily_usage(world: &World, now: Millis) -> Result<Reply, ApiError> {
    let offset = world.config.utc_offset_ms;
    let midnight = now.plus(offset).0.div_euclid(DAY_MS).saturating_add(1).saturating_mul(DAY_MS);
    let body = json!({"results": [{"name": "private-apps-api-calls-daily", "usageLimit": world.config.daily_limit,
        "currentUsage": world.limiter.today(), "collectedAt": now.to_iso(), "fetchStatus": "SUCCESS",
        "resetsAt": Millis(midnight).minus(offset).to_iso()}]});
    Ok(Reply::Json(200, body))
}

pub(super) fn pipelines(world: &World, kind: Kind) -> Result<Reply, ApiError> {
    let all = world.pipelines.iter().enumerate().filter(|_| kind == Kind::Deal);
    let results: Vec<Value> = all.map(|(order, pipeline)| pipeline.to_json(order)).collect();
    Ok(Reply::Json(200, json!({"results": results})))
}

pub(super) fn pipeline(world: &World, kind: Kind, id: &str) -> Result<Reply, ApiError> {
    Ok(Reply::Json(200, found(world, kind, id)?))
}

fn found(world: &World, kind: Kind, id: &str) -> Result<Value, ApiError> {
    let mut all = world.pipelines.iter().enumerate().filter(|_| kind == Kind::Deal);
    let (order, pipeline) = all.find(|(_, pipeline)| pipeline.id == id).ok_or_else(ApiError::not_found)?;
    Ok(pipeline.to_json(order))
}

/// The stages of a pipeline, or the one asked for.
pub(super) fn stages(world: &World, kind: Kind, id: &str, stage: Option<&str>) -> Result<Reply, ApiError> {
    let stages = found(world, kind, id)?.get("stages").cloned().unwrap_or_default();
    let Some(stage) = stage else { return Ok(Reply::Json(200, json!({"results": stages}))) };
    let mut all = stages.as_array().into_iter().flatten();
    let one = all.find(|each| each.get("id").and_then(Value::as_str) == Some(stage));
    one.map(|each| Reply::Json(200, each.clone())).ok_or_else(ApiError::not_found)
}
