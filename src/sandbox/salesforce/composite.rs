//! `/composite`: up to 25 subrequests in one call, in order, each able to use what earlier ones answered.

use std::collections::{BTreeMap, BTreeSet};

use http::HeaderMap;
use serde_json::{Map, Value};

use super::errors::ApiError;
use super::record::write_text;
use super::references;
use super::reply::Reply;
use super::request::{Body, Call, pairs, versioned};
use super::route::dispatch;
use super::world::World;

const MOST: usize = 25;
/// Of them, queries and collections together.
const MOST_HEAVY: usize = 5;

/// One subrequest as sent.
struct Part<'a> {
    method: &'a str,
    url: &'a str,
    name: &'a str,
    body: Option<&'a Value>,
    headers: HeaderMap,
}

pub(super) fn run(world: &mut World, call: &Call<'_>) -> Reply {
    if call.method != "POST" {
        return call.not_allowed("GET, HEAD, POST").into();
    }
    let body = match call.object() {
        Ok(body) => body,
        Err(error) => return error.into(),
    };
    let parts = match parts(&body) {
        Ok(parts) => parts,
        Err(error) => return error.into(),
    };
    let all = body.get("allOrNone").and_then(Value::as_bool).unwrap_or(false);
    let savepoint = world.begin();
    let mut replies = Vec::with_capacity(parts.len());
    let mut answered: BTreeMap<&str, Answer> = BTreeMap::new();
    for part in &parts {
        let reply = answer(world, call, part, &mut answered);
        let failed = reply.is_error();
        replies.push(reply);
        if failed && all {
            break;
        }
    }
    if all && replies.last().is_some_and(Reply::is_error) {
        world.rollback(savepoint);
        let culprit = replies.len() - 1;
        replies.resize_with(parts.len(), halted);
        for (n, reply) in replies.iter_mut().enumerate() {
            if n != culprit {
                *reply = halted();
            }
        }
    } else {
        world.commit(savepoint);
    }
    Reply::json(200, envelope(&parts, &replies))
}

/// A subrequest's answer, kept for references; parsed on first use.
enum Answer {
    Text(String),
    Parsed(Value),
    Failed,
}

fn halted() -> Reply {
    let message = "The transaction was rolled back since another operation in the same transaction failed.";
    ApiError::new("PROCESSING_HALTED", message).into()
}

fn parts(body: &Map<String, Value>) -> Result<Vec<Part<'_>>, ApiError> {
    let bad = |message: &str| ApiError::new("JSON_PARSER_ERROR", message);
    let list = body.get("compositeRequest").and_then(Value::as_array);
    let list = list.ok_or_else(|| bad("compositeRequest must be a list of subrequests"))?;
    if list.is_empty() {
        return Err(bad("compositeRequest must not be empty"));
    }
    if list.len() > MOST {
        let message = format!("Limit of {MOST} subrequests exceeded: {}", list.len());
        return Err(ApiError::new("LIMIT_EXCEEDED", message));
    }
    let mut names = BTreeSet::new();
    let mut parts = Vec::with_capacity(list.len());
    for item in list {
        let text = |key: &str| item.get(key).and_then(Value::as_str);
        let (Some(method), Some(url), Some(name)) = (text("method"), text("url"), text("referenceId")) else {
            return Err(bad("each subrequest needs method, url and referenceId"));
        };
        let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !starts || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(bad(&format!("invalid referenceId: {name}")));
        }
        if !names.insert(name) {
            return Err(bad(&format!("duplicate referenceId: {name}")));
        }
        let headers = headers(item.get("httpHeaders"))?;
        parts.push(Part { method, url, name, body: item.get("body").filter(|b| !b.is_null()), headers });
    }
    let heavy = parts.iter().filter(|p| is_heavy(p.url)).count();
    if heavy > MOST_HEAVY {
        let message = format!("Limit of {MOST_HEAVY} query and collections subrequests exceeded: {heavy}");
        return Err(ApiError::new("LIMIT_EXCEEDED", message));
    }
    Ok(parts)
}

fn headers(json: Option<&Value>) -> Result<HeaderMap, ApiError> {
    let mut headers = HeaderMap::new();
    for (name, value) in json.and_then(Value::as_object).into_iter().flatten() {
        if ["accept", "authorization", "content-type"].iter().any(|n| name.eq_ignore_ascii_case(n)) {
            return Err(ApiError::new(
                "INVALID_HTTP_HEADER",
                format!("the header {name} is not allowed in a subrequest"),
            ));
        }
        let name = http::HeaderName::from_bytes(name.as_bytes());
        let value = http::HeaderValue::from_str(value.as_str().unwrap_or_default());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.insert(name, value);
        }
    }
    Ok(headers)
}

fn path_of(url: &str) -> &str {
    url.split('?').next().unwrap_or_default()
}

fn is_heavy(url: &str) -> bool {
    let below = path_of(url).splitn(5, '/').nth(4).unwrap_or_default();
    ["query", "composite/sobjects"].iter().any(|start| below.starts_with(start))
}

fn answer<'a>(world: &mut World, call: &Call<'_>, part: &Part<'a>, answered: &mut BTreeMap<&'a str, Answer>) -> Reply {
    let reply = resolved(world, call, part, answered);
    let kept = if reply.is_error() { Answer::Failed } else { Answer::Text(reply.body.clone()) };
    answered.insert(part.name, kept);
    reply
}

fn resolved(world: &mut World, call: &Call<'_>, part: &Part<'_>, answered: &mut BTreeMap<&str, Answer>) -> Reply {
    let mut lookup = |name: &str| match answered.get_mut(name) {
        Some(Answer::Failed) | None => None,
        Some(Answer::Parsed(value)) => Some(value.clone()),
        Some(kept) => {
            let value: Value = match kept {
                Answer::Text(text) => serde_json::from_str(text).unwrap_or_default(),
                _ => Value::Null,
            };
            *kept = Answer::Parsed(value.clone());
            Some(value)
        }
    };
    let url = references::in_text(part.url, &mut lookup);
    let body = part.body.map(|body| references::in_json(body, &mut lookup)).transpose();
    let (url, body) = match (url, body) {
        (Ok(url), Ok(body)) => (url, body),
        (Err(reference), _) | (_, Err(reference)) => {
            let message = format!("Invalid reference specified. No value for {reference} found.");
            return ApiError::new("PROCESSING_HALTED", message).into();
        }
    };
    let (path, query) = url.split_once('?').unwrap_or((&url, ""));
    let Some((version, path)) = versioned(path) else { return ApiError::not_found().into() };
    let nested = path.first().is_some_and(|p| p == "composite") && path.get(1).is_none_or(|p| p != "sobjects");
    if nested {
        return ApiError::new("INVALID_OPERATION", "a composite request cannot hold another").into();
    }
    let sub = Call {
        method: part.method,
        version,
        path,
        query: pairs(query),
        headers: &part.headers,
        body: Body::Json(body.as_ref()),
        now: call.now,
        user: call.user,
    };
    dispatch(world, &sub)
}

fn envelope(parts: &[Part<'_>], replies: &[Reply]) -> String {
    let mut out = String::from("{\"compositeResponse\":[");
    for (n, (part, reply)) in parts.iter().zip(replies).enumerate() {
        if n > 0 {
            out.push(',');
        }
        out.push_str("{\"body\":");
        out.push_str(if reply.body.is_empty() { "null" } else { &reply.body });
        out.push_str(",\"httpHeaders\":{");
        if let Some((_, location)) = reply.headers.iter().find(|(name, _)| *name == "location") {
            out.push_str("\"Location\":");
            write_text(location, &mut out);
        }
        out.push_str(&format!("}},\"httpStatusCode\":{},\"referenceId\":", reply.status));
        write_text(part.name, &mut out);
        out.push('}');
    }
    out.push_str("]}");
    out
}
