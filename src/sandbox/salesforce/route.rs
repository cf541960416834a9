//! From a request to the function that answers it: gateway limits, login, daily limit, then the path.

use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value, json};

use crate::data::Millis;

use super::errors::ApiError;
use super::reply::Reply;
use super::request::{Body, Call, pairs, versioned};
use super::world::World;
use super::{auth, batch, collections, composite, describe, identity, limits, query, replication, rows, soap, sosl};

/// Longest URL with headers, in bytes, before the gateway refuses.
const GATEWAY: usize = 16 * 1024;

pub(super) fn answer(world: &mut World, now: Millis, request: &Request<Bytes>) -> Reply {
    let uri = request.uri();
    let path = uri.path();
    let url = path.len() + uri.query().map_or(0, |q| q.len() + 1);
    let headers: usize = request.headers().iter().map(|(k, v)| k.as_str().len() + v.len() + 4).sum();
    if url > GATEWAY {
        return Reply::html(414, "Request-URI Too Long");
    }
    if url + headers > 2 * GATEWAY {
        return Reply::html(431, "Request Header Fields Too Large");
    }
    match path.trim_end_matches('/') {
        "/services/oauth2/token" if request.method() == http::Method::POST => {
            auth::token(world, now, request.headers(), request.body())
        }
        "/services/oauth2/userinfo" => match auth::user(world, now, request.headers()) {
            Ok(user) => auth::userinfo(world, user),
            Err(error) => error.into(),
        },
        "/services/oauth2/revoke" => auth::revoke(world, request),
        "/services/data" => versions(),
        _ if path.starts_with("/id/") => identity::answer(world, now, request),
        _ if path.starts_with("/services/Soap/u/") => match soap::version(path) {
            Some(version) if request.method() == http::Method::POST => soap::answer(world, now, version, request),
            _ => Reply::html(405, "Method Not Allowed"),
        },
        _ => match versioned(path) {
            Some((version, path)) => rest(world, now, request, version, path),
            None => ApiError::not_found().into(),
        },
    }
}

/// A call to the data API; every reply tells the usage.
fn rest(world: &mut World, now: Millis, request: &Request<Bytes>, version: u16, path: Vec<String>) -> Reply {
    let user = match auth::user(world, now, request.headers()) {
        Ok(user) => user,
        Err(error) => return error.into(),
    };
    let call = Call {
        method: request.method().as_str(),
        version,
        path,
        query: pairs(request.uri().query().unwrap_or_default()),
        headers: request.headers(),
        body: Body::Bytes(request.body()),
        now,
        user,
    };
    let is_batch = matches!(call.path.as_slice(), [a, b] if a == "composite" && b == "batch");
    let reply = match is_batch || world.charge(now) {
        true => dispatch(world, &call),
        false => over_limit().into(),
    };
    let info = world.limit_info(now);
    reply.with("sforce-limit-info", info)
}

pub(super) fn over_limit() -> ApiError {
    ApiError::new("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
}

/// Answers a call whose cost is paid.
pub(super) fn dispatch(world: &mut World, call: &Call<'_>) -> Reply {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    let get = |reply: fn(&mut World, &Call<'_>) -> Reply, world: &mut World| match call.method {
        "GET" | "HEAD" => reply(world, call),
        _ => call.not_allowed("GET, HEAD").into(),
    };
    match path.as_slice() {
        [] => get(resources, world),
        ["limits"] => get(|world, call| limits::limits(world, call.now), world),
        ["query"] => get(|world, call| query::query(world, call, false), world),
        ["queryAll"] => get(|world, call| query::query(world, call, true), world),
        ["query" | "queryAll", _] => get(query::more, world),
        ["search"] => get(sosl::search, world),
        ["sobjects"] => get(describe::list, world),
        ["sobjects", object] if call.method == "GET" => describe::basic(world, call, object),
        ["sobjects", object] => rows::create(world, call, object),
        ["sobjects", object, "updated"] => replication::updated(world, call, object),
        ["sobjects", object, "deleted"] => replication::deleted(world, call, object),
        ["sobjects", object, "describe"] => describe::full(world, call, object),
        ["sobjects", object, "Id"] if call.method == "POST" => rows::create(world, call, object),
        ["sobjects", object, id] => rows::by_id(world, call, object, id),
        ["sobjects", object, field, value] => rows::by_key(world, call, object, field, value),
        ["composite"] if call.method == "GET" => composite_resources(call),
        ["composite"] => composite::run(world, call),
        ["composite", "batch"] => batch::run(world, call),
        ["composite", "sobjects"] => collections::write(world, call),
        ["composite", "sobjects", object] => collections::retrieve(world, call, object),
        ["composite", "sobjects", object, field] => collections::upsert(world, call, object, field),
        _ => ApiError::not_found().into(),
    }
}

/// `GET /services/data`: every version there is, oldest first; needs no login.
fn versions() -> Reply {
    let season = |version: u16| match version % 3 {
        0 => "Spring",
        1 => "Summer",
        _ => "Winter",
    };
    let list: Vec<Value> = (31..=68u16)
        .map(|v| {
            let label = format!("{} '{:02}", season(v), (v + 13) / 3);
            json!({"label": label, "url": format!("/services/data/v{v}.0"), "version": format!("{v}.0")})
        })
        .collect();
    Reply::json(200, Value::from(list).to_string())
}

fn resources(world: &mut World, call: &Call<'_>) -> Reply {
    let names = ["composite", "limits", "query", "queryAll", "search", "sobjects"];
    let mut list: Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), format!("{}/{name}", call.root()).into())).collect();
    list.insert("identity".to_owned(), auth::identity_url(world, call.user).into());
    Reply::json(200, Value::Object(list).to_string())
}

fn composite_resources(call: &Call<'_>) -> Reply {
    let root = call.root();
    let body = json!({"batch": format!("{root}/composite/batch"), "sobjects": format!("{root}/composite/sobjects")});
    Reply::json(200, body.to_string())
}
