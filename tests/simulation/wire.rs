//! Requests and answers as they are on the wire: what a call is for, what it writes, and what servers answer to it.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

/// Index of a request's CRM: HubSpot's is 0.
pub fn side_of(request: &Request<Bytes>) -> usize {
    usize::from(request.uri().host() != Some("hubspot.localhost"))
}

/// What a request is for: the step of the pass.
pub fn step_of(request: &Request<Bytes>) -> &'static str {
    let path = request.uri().path();
    let body = String::from_utf8_lossy(request.body());
    if path.contains("oauth2/token") {
        "login"
    } else if path.contains("account-info") || path.contains("userinfo") {
        "account"
    } else if path.contains("batch/create")
        || path.contains("batch/update")
        || (path.ends_with("/composite") && (body.contains("\"PATCH\"") || body.contains("composite/sobjects\"")))
    {
        "write"
    } else if path.contains("search")
        || body.contains("ORDER+BY+SystemModstamp")
        || request.uri().query().is_some_and(archived)
    {
        "read"
    } else if path.contains("lists") {
        "list"
    } else {
        "look up"
    }
}

fn archived(query: &str) -> bool {
    query.contains("archived=true")
}

/// One record of a write: its id, or, of a create, its address and the contact that it is made for.
pub struct Written {
    pub id: Option<String>,
    pub email: String,
    pub key: String,
}

pub fn written(request: &Request<Bytes>) -> Vec<Written> {
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let one = |record: &Value, fields: &Value| Written {
        id: record.get("id").and_then(Value::as_str).map(str::to_owned),
        email: text(fields.get("email").or(fields.get("Email"))),
        key: text(fields.get("HubSpot_Id__c")),
    };
    if side_of(request) == 0 {
        let inputs = body.get("inputs").and_then(Value::as_array).into_iter().flatten();
        return inputs.map(|input| one(input, input.get("properties").unwrap_or(&Value::Null))).collect();
    }
    let parts = body.get("compositeRequest").and_then(Value::as_array).into_iter().flatten();
    let records = parts.filter_map(|part| part.pointer("/body/records").and_then(Value::as_array)).flatten();
    records.map(|record| one(record, record)).collect()
}

pub fn with_body(request: &Request<Bytes>, body: &Value) -> Request<Bytes> {
    let mut changed = request.clone();
    *changed.body_mut() = Bytes::from(body.to_string());
    changed.headers_mut().remove(http::header::CONTENT_LENGTH);
    changed
}

pub fn status(code: u16, body: Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(code).unwrap();
    response
}

pub fn throttled(request: &Request<Bytes>) -> Response<Bytes> {
    if side_of(request) == 0 {
        let text = "You have reached your ten_secondly_rolling limit.";
        return status(
            429,
            json!({"status": "error", "message": text, "errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}),
        );
    }
    let text = "ConcurrentRequests (Concurrent API Requests) Limit exceeded.";
    status(403, json!([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": text}]))
}

pub fn unauthorized() -> Response<Bytes> {
    status(401, json!([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]))
}

/// An answer in which one result was forgotten; whether there was one to forget.
pub fn without_one(response: Response<Bytes>) -> (Response<Bytes>, bool) {
    let (parts, body) = response.into_parts();
    let mut value: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut missing = false;
    let complete = value.get("status").is_some_and(|s| s == "COMPLETE");
    if complete && let Some(results) = value.get_mut("results").and_then(Value::as_array_mut) {
        missing |= results.pop().is_some();
    }
    for answer in value.get_mut("compositeResponse").and_then(Value::as_array_mut).into_iter().flatten() {
        let results = answer.get_mut("body").and_then(Value::as_array_mut);
        if let Some(results) = results.filter(|all| all.first().is_some_and(|one| one.get("success").is_some())) {
            missing |= results.pop().is_some();
        }
    }
    let body = if missing { Bytes::from(value.to_string()) } else { body };
    (Response::from_parts(parts, body), missing)
}
