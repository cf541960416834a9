//! `/composite/batch`: up to 25 independent subrequests in one trip, each charged as a call of its own.

use http::HeaderMap;
use serde_json::Value;

use super::errors::ApiError;
use super::reply::Reply;
use super::request::{Body, Call, pairs, versioned};
use super::route::{dispatch, over_limit};
use super::world::World;

const MOST: usize = 25;

pub(super) fn run(world: &mut World, call: &Call<'_>) -> Reply {
    if call.method != "POST" {
        return call.not_allowed("POST").into();
    }
    let body = match call.object() {
        Ok(body) => body,
        Err(error) => return error.into(),
    };
    let Some(list) = body.get("batchRequests").and_then(Value::as_array) else {
        return ApiError::new("JSON_PARSER_ERROR", "batchRequests must be a list of subrequests").into();
    };
    if list.len() > MOST {
        let message = format!("Limit of {MOST} subrequests exceeded: {}", list.len());
        return ApiError::new("LIMIT_EXCEEDED", message).into();
    }
    let halt = body.get("haltOnError").and_then(Value::as_bool).unwrap_or(false);
    let mut failed = false;
    let mut out = String::new();
    for (n, item) in list.iter().enumerate() {
        let reply = match failed && halt {
            true => ApiError::new("BATCH_PROCESSING_HALTED", "the batch was halted by an earlier error").into(),
            false => one(world, call, item),
        };
        failed |= reply.is_error();
        let comma = if n > 0 { "," } else { "" };
        let result = if reply.body.is_empty() { "null" } else { &reply.body };
        out.push_str(&format!("{comma}{{\"statusCode\":{},\"result\":{result}}}", reply.status));
    }
    Reply::json(200, format!("{{\"hasErrors\":{failed},\"results\":[{out}]}}"))
}

fn one(world: &mut World, call: &Call<'_>, item: &Value) -> Reply {
    if !world.charge(call.now) {
        return over_limit().into();
    }
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    let (Some(method), Some(url)) = (text("method"), text("url")) else {
        return ApiError::new("JSON_PARSER_ERROR", "each subrequest needs method and url").into();
    };
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let full = format!("/services/data/{}", path.trim_start_matches("/services/data/").trim_start_matches('/'));
    let Some((version, path)) = versioned(&full) else { return ApiError::not_found().into() };
    if path.first().is_some_and(|p| p == "composite") {
        return ApiError::new("INVALID_OPERATION", "a batch cannot hold a composite request").into();
    }
    let headers = HeaderMap::new();
    let sub = Call {
        method,
        version,
        path,
        query: pairs(query),
        headers: &headers,
        body: Body::Json(item.get("richInput").filter(|b| !b.is_null())),
        now: call.now,
        user: call.user,
    };
    dispatch(world, &sub)
}
