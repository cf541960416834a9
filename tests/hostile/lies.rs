//! What a server may answer that its API does not promise.

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use serde_json::{Value, json};
use syncline::crm::http::NetError;

type Honest<'a> = &'a dyn Fn() -> Response<Bytes>;
/// `None`: this call is answered honestly.
/// What is answered instead of the truth.
type Told = fn(Honest<'_>) -> Response<Bytes>;
pub type Lie = fn(&Request<Bytes>, Honest<'_>) -> Option<Result<Response<Bytes>, NetError>>;

/// In which pass the lie is told: while all is new, or to changes after the first agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    First,
    Later,
}

#[derive(Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    pub when: When,
    pub lie: Lie,
    /// Must be said: the side, and the cause.
    pub says: &'static [&'static str],
    /// Most lines that it may be said in.
    pub lines: usize,
}

/// Parts of paths and bodies by which a call is known.
const SEARCH: &[&str] = &["contacts/search"];
const SECOND_SEARCH: &[&str] = &["contacts/search", "GT", "!\"value\":\"0\""];
const READ: &[&str] = &["contacts/batch/read", "!propertiesWithHistory\":[\""];
const CREATE: &[&str] = &["contacts/batch/create"];
const UPDATE: &[&str] = &["contacts/batch/update"];
const DELETED: &[&str] = &["archived=true"];
const MEMBERS: &[&str] = &["memberships?"];
const MEMBERSHIPS: &[&str] = &["records/memberships/batch/read"];
const QUERY_ALL: &[&str] = &["composite", "queryAll"];
const SECOND_QUERY_ALL: &[&str] = &["composite", "queryAll", "SystemModstamp+%3E+2"];
const LOOK_UP: &[&str] = &["composite", "/query?"];
const WRITE: &[&str] = &["composite", "allOrNone\":false,\"records"];
const LOGIN: &[&str] = &["oauth2/token"];
const WHOAMI: &[&str] = &["account-info"];
const USERINFO: &[&str] = &["userinfo"];

/// Whether a call holds all the parts; those with a `!` it must not hold.
fn is(request: &Request<Bytes>, parts: &[&str]) -> bool {
    let text = format!("{} {}", request.uri(), String::from_utf8_lossy(request.body()));
    parts.iter().all(|part| match part.strip_prefix('!') {
        Some(part) => !text.contains(part),
        None => text.contains(part),
    })
}

fn answer(status: u16, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn html() -> Response<Bytes> {
    answer(200, "<!DOCTYPE html><html><title>Sign in to the proxy</title></html>")
}

/// The first half of what was to be said.
fn cut(honest: Response<Bytes>) -> Response<Bytes> {
    honest.map(|body| body.slice(..body.len() / 2))
}

fn edit(honest: Response<Bytes>, change: impl FnOnce(&mut Value)) -> Response<Bytes> {
    honest.map(|body| {
        let mut value: Value = serde_json::from_slice(&body).unwrap();
        change(&mut value);
        value.to_string().into()
    })
}

/// Every part of a composite that `is` picks by its body.
fn edit_parts(honest: Response<Bytes>, change: impl Fn(&mut Value)) -> Response<Bytes> {
    edit(honest, |value| {
        for part in value["compositeResponse"].as_array_mut().unwrap() {
            change(&mut part["body"]);
        }
    })
}

/// Results of writes in a composite: lists whose items say `success`.
fn edit_results(honest: Response<Bytes>, change: impl Fn(&mut Vec<Value>)) -> Response<Bytes> {
    edit_parts(honest, |body| {
        let list = body.as_array_mut().filter(|all| all.iter().any(|one| one.get("success").is_some()));
        list.into_iter().for_each(&change);
    })
}

/// What takes two lies: an update of which nobody knows what became of it, and then the look at its records.
const AFTER_A_LOST_UPDATE: &[(&str, Told)] = &[
    ("read: no results at all", |_| answer(200, "{}")),
    ("read: results are missing", |honest| edit(honest(), |v| v["results"].as_array_mut().unwrap().truncate(2))),
    ("read: a web page", |_| html()),
];

pub fn cases() -> Vec<Case> {
    let lies: [Lie; 3] =
        [|r, h| after_a_lost_update(0, r, h), |r, h| after_a_lost_update(1, r, h), |r, h| after_a_lost_update(2, r, h)];
    let twice = AFTER_A_LOST_UPDATE.iter().zip(lies);
    let twice = twice.map(|((name, _), lie)| Case { name, when: When::Later, lie, says: &[], lines: 4 });
    CASES.iter().copied().chain(twice).collect()
}

fn after_a_lost_update(
    n: usize,
    request: &Request<Bytes>,
    honest: Honest<'_>,
) -> Option<Result<Response<Bytes>, NetError>> {
    if is(request, UPDATE) {
        honest();
        return Some(Ok(html()));
    }
    is(request, READ).then(|| Ok(AFTER_A_LOST_UPDATE[n].1(honest)))
}

macro_rules! cases {
    ($($name:literal, $when:ident, $call:ident, $lie:expr, [$($says:literal),*];)*) => {
        const CASES: &[Case] = &[$(Case {
            name: $name,
            when: When::$when,
            lie: |request, honest| {
                let lie: Told = $lie;
                is(request, $call).then(|| Ok(lie(honest)))
            },
            says: &[$($says),*],
            lines: 4,
        }),*];
    };
}

cases! {
    "search: a web page", First, SEARCH, |_| html(), ["HubSpot modified/contact", "web page"];
    "search: cut off", First, SEARCH, |honest| cut(honest()), ["HubSpot modified/contact", "cut off after"];
    "search: nothing", First, SEARCH, |_| answer(200, ""), ["HubSpot modified/contact", "answered with nothing"];
    "search: no content", Later, SEARCH, |_| answer(204, ""), ["HubSpot modified/contact", "answered with nothing"];
    "search: no results at all", Later, SEARCH, |_| answer(200, "{}"), ["HubSpot modified/contact", "`results`"];
    "search: results that are null", Later, SEARCH, |_| answer(200, r#"{"results":null}"#),
        ["HubSpot modified/contact", "not the JSON that was promised"];
    "search: results that are text", First, SEARCH, |honest| edit(honest(), |v| v["results"] = json!("none")),
        ["HubSpot modified/contact", "not the JSON that was promised"];
    "search: an error with the status of a success", Later, SEARCH,
        |_| answer(200, r#"{"status":"error","message":"internal error","category":"INTERNAL_ERROR"}"#),
        ["HubSpot modified/contact", "`results`"];
    "search: records without ids", First, SEARCH,
        |honest| edit(honest(), |v| { for r in v["results"].as_array_mut().unwrap() { r["id"].take(); } }),
        ["HubSpot modified/contact", "a record without an id"];
    "search: values of another type", First, SEARCH,
        |honest| edit(honest(), |v| v["results"][3]["properties"]["email"] = json!({"value": "x"})),
        ["HubSpot modified/contact", "not the JSON that was promised"];
    "search: the same page for ever", First, SECOND_SEARCH,
        |honest| edit(honest(), |v| {
            let all: Vec<Value> = (0..200).map(|n| json!({"id": (n + 1).to_string(), "properties": {}})).collect();
            v["results"] = all.into();
        }),
        ["HubSpot modified/contact", "does not move on"];
    "search: 401 in the middle", First, SECOND_SEARCH, |_| answer(401, r#"{"message":"expired"}"#),
        ["HubSpot modified/contact", "refuses the credentials"];
    "search: a page to elsewhere", First, SEARCH, |_| {
        let mut away = answer(302, "");
        away.headers_mut().insert(header::LOCATION, "https://evil.example/steal".parse().unwrap());
        away
    }, ["HubSpot modified/contact", "302"];
    "search: the year 2999", First, SEARCH, |honest| {
        let mut late = honest();
        late.headers_mut().insert(header::DATE, "Sat, 23 Nov 2999 09:00:00 GMT".parse().unwrap());
        late
    }, [];
    "search: nested a thousand deep", First, SEARCH,
        |_| answer(200, format!("{{\"results\":{}1{}}}", "[".repeat(1000), "]".repeat(1000))),
        ["HubSpot modified/contact", "not the JSON that was promised"];
    "create: a result is missing", First, CREATE, |honest| edit(honest(), |v| {
        v["results"].as_array_mut().unwrap().pop();
    }), [];
    "create: all results are missing", First, CREATE, |honest| {
        let mut partial = edit(honest(), |v| v["results"] = json!([]));
        *partial.status_mut() = StatusCode::MULTI_STATUS;
        partial
    }, [];
    "create: a web page after it was done", First, CREATE, |honest| { honest(); html() }, [];
    "create: cut off after it was done", First, CREATE, |honest| cut(honest()), [];
    "create: a web page in its place", First, CREATE, |_| html(), [];
    "update: results are missing", Later, UPDATE, |honest| edit(honest(), |v| {
        v["results"].as_array_mut().unwrap().truncate(3);
    }), [];
    "update: traces of others", Later, UPDATE, |honest| edit(honest(), |v| {
        for r in v["results"].as_array_mut().unwrap() { r["objectWriteTraceId"] = json!("0"); }
    }), [];
    "update: not JSON", Later, UPDATE, |honest| { honest(); answer(200, "{]") }, [];
    "deleted: no results at all", First, DELETED, |_| answer(200, "{}"), ["HubSpot deleted/contact", "`results`"];
    "deleted: the same page for ever", First, DELETED,
        |_| answer(200, r#"{"results":[],"paging":{"next":{"after":"NTI1Cg%3D%3D","link":"https://evil.example/?after=1"}}}"#),
        ["HubSpot deleted/contact", "do not move on"];
    "list: no members at all", First, MEMBERS, |_| answer(200, "{}"), ["HubSpot list/Sync to Salesforce", "`results`"];
    "list: a web page", First, MEMBERS, |_| html(), ["HubSpot list/Sync to Salesforce", "web page"];
    "list: the same page for ever", First, MEMBERS,
        |_| answer(200, r#"{"results":[{"recordId":"10001"}],"paging":{"next":{"after":"MTA=="}}}"#),
        ["HubSpot list/Sync to Salesforce", "do not move on"];
    "memberships: no results at all", Later, MEMBERSHIPS, |_| answer(200, "{}"), [];
    "memberships: records without lists", Later, MEMBERSHIPS, |honest| edit(honest(), |v| {
        for r in v["results"].as_array_mut().unwrap() { r.as_object_mut().unwrap().remove("recordListMemberships"); }
    }), [];
    "whoami: a web page", Later, WHOAMI, |_| html(), ["HubSpot", "web page"];
    "whoami: another portal", Later, WHOAMI, |honest| edit(honest(), |v| v["portalId"] = json!(1)),
        ["HubSpot", "`1`", "`147893286`"];
    "whoami: no portal", Later, WHOAMI, |_| answer(200, r#"{"portalId":{"$ref":"x"}}"#),
        ["HubSpot does not say which portal this is"];

    "query: a web page", First, QUERY_ALL, |_| html(), ["Salesforce modified/", "web page"];
    "query: cut off", First, QUERY_ALL, |honest| cut(honest()), ["Salesforce modified/", "cut off after"];
    "query: a part is missing", First, QUERY_ALL, |honest| edit(honest(), |v| {
        v["compositeResponse"].as_array_mut().unwrap().pop();
    }), ["Salesforce modified/", "lacks a part"];
    "query: parts that are null", First, QUERY_ALL, |honest| edit_parts(honest(), |body| *body = json!(null)),
        ["Salesforce modified/", "not what was promised"];
    "query: records of another type", First, QUERY_ALL,
        |honest| edit_parts(honest(), |body| body["records"] = json!({"a": 1})),
        ["Salesforce modified/", "not what was promised"];
    "query: a record without an id", First, QUERY_ALL, |honest| edit_parts(honest(), |body| {
        if let Some(first) = body["records"].get_mut(0) { first["Id"] = json!("../../etc"); }
    }), ["Salesforce modified/", "a record without an id"];
    "query: more on another host", First, QUERY_ALL, |honest| edit_parts(honest(), |body| {
        body["done"] = json!(false);
        body["nextRecordsUrl"] = json!("https://evil.example/services/data/v68.0/query/01g-2000");
        body["records"] = json!([]);
    }), ["Salesforce modified/", "do not move on"];
    "query: more, and not where", First, QUERY_ALL, |honest| edit_parts(honest(), |body| {
        body["done"] = json!(false);
        body.as_object_mut().unwrap().remove("nextRecordsUrl");
    }), ["Salesforce modified/", "says that more follows"];
    "query: 401 in the middle, for ever", First, SECOND_QUERY_ALL,
        |_| answer(401, r#"[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]"#),
        ["Salesforce modified/", "refuses the credentials"];
    "query: the year 2999", Later, QUERY_ALL, |honest| {
        let mut late = honest();
        late.headers_mut().insert(header::DATE, "Sat, 23 Nov 2999 09:00:00 GMT".parse().unwrap());
        late
    }, [];
    "query: 500 as a web page", Later, QUERY_ALL, |_| answer(500, "<html>An internal error</html>"),
        ["Salesforce modified/", "500"];
    "look-up: more, and not where", First, LOOK_UP, |honest| edit_parts(honest(), |body| {
        body["done"] = json!(false);
        body["records"] = json!([]);
        body.as_object_mut().unwrap().remove("nextRecordsUrl");
    }), ["says that more follows"];
    "look-up: more on another host", First, LOOK_UP, |honest| edit_parts(honest(), |body| {
        body["done"] = json!(false);
        body["records"] = json!([]);
        body["nextRecordsUrl"] = json!("https://evil.example/services/data/v68.0/query/01g-2000");
    }), ["another host, `evil.example`"];
    "look-up: a web page", First, LOOK_UP, |_| html(), ["web page"];
    "write: a result is missing", First, WRITE, |honest| edit_results(honest(), |all| { all.pop(); }), [];
    "write: results that are null", First, WRITE, |honest| edit_results(honest(), |all| {
        all.iter_mut().for_each(|one| *one = json!(null));
    }), [];
    "write: results without a word on success", First, WRITE, |honest| edit_results(honest(), |all| {
        all.iter_mut().for_each(|one| { one.as_object_mut().unwrap().remove("success"); });
    }), [];
    "write: ids that are none", First, WRITE, |honest| edit_results(honest(), |all| {
        all.iter_mut().for_each(|one| one["id"] = json!("javascript:alert(1)"));
    }), [];
    "write: a web page after it was done", First, WRITE, |honest| { honest(); html() }, [];
    "write: cut off after it was done", Later, WRITE, |honest| cut(honest()), [];
    "write: looks that hold fewer records", Later, WRITE, |honest| edit_parts(honest(), |body| {
        if let Some(all) = body.as_array_mut().filter(|all| all.iter().any(|one| one.get("attributes").is_some())) {
            all.truncate(1);
        }
    }), [];
    "login: a web page", First, LOGIN, |_| html(), ["Salesforce", "web page"];
    "login: no token", Later, LOGIN, |_| answer(200, "{}"), ["Salesforce", "`access_token`"];
    "login: an org on another host", First, LOGIN,
        |honest| edit(honest(), |v| v["instance_url"] = json!("https://evil.example")),
        ["Salesforce", "`https://evil.example`"];
    "login: refused", Later, LOGIN,
        |_| answer(400, r#"{"error":"invalid_grant","error_description":"expired authorization code"}"#),
        ["Salesforce refuses the login", "expired authorization code"];
    "userinfo: text", Later, USERINFO, |_| answer(200, "\"hello\""), ["Salesforce does not say which org this is"];
}
