//! What the model promises, told through its API.

mod auth;
mod batches;
mod collections;
mod load;
mod places;
mod queries;
mod replication;
mod robust;
mod rows;
mod soap;
mod users;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use super::{Config, FieldDef, World, handle};
use crate::data::Millis;

/// 2026-06-01T12:00:00Z
const NOW: Millis = Millis(1_780_315_200_000);
const ROOT: &str = "/services/data/v59.0";

/// An org with the key field that a sync sets up.
fn world() -> World {
    let mut world = World::new(Config::default(), 7, NOW);
    for object in ["Lead", "Contact", "Account"] {
        world.add_field(object, FieldDef::text("HubSpot_Id__c", "HubSpot ID", 32).external_id().unique());
    }
    world
}

/// A request as the integration user; `path` below the version when it does not start with `/services`.
fn request(method: &str, path: &str, body: Option<Value>) -> Request<Bytes> {
    let url = if path.starts_with("/services") { path.to_owned() } else { format!("{ROOT}{path}") };
    let builder = Request::builder().method(method).uri(url).header("authorization", "Bearer sim-token");
    match body {
        Some(body) => builder.header("content-type", "application/json").body(Bytes::from(body.to_string())).unwrap(),
        None => builder.body(Bytes::new()).unwrap(),
    }
}

fn json_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or(Value::Null)
}

/// Status and JSON body of a call at `NOW`.
fn call(world: &mut World, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    call_at(world, NOW, method, path, body)
}

fn call_at(world: &mut World, now: Millis, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let response = handle(world, now, &request(method, path, body));
    (response.status().as_u16(), json_of(&response))
}

fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn query(world: &mut World, soql: &str) -> (u16, Value) {
    call(world, "GET", &format!("/query?q={}", encoded(soql)), None)
}

/// The values of one field of the rows that a query finds.
fn found(world: &mut World, soql: &str, field: &str) -> Vec<Value> {
    let (status, body) = query(world, soql);
    assert_eq!(status, 200, "{soql}: {body}");
    body["records"].as_array().unwrap().iter().map(|r| r[field].clone()).collect()
}

fn lead(world: &mut World, last: &str, fields: Value) -> String {
    let mut body = json!({"LastName": last, "Company": "Acme"});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let (status, body) = call(world, "POST", "/sobjects/Lead", Some(body));
    assert_eq!(status, 201, "{body}");
    body["id"].as_str().unwrap().to_owned()
}

fn code(body: &Value) -> &str {
    body[0]["errorCode"].as_str().unwrap_or_default()
}
