use serde_json::{Value, json};

use super::Portal;

const CREATE: &str = "/crm/objects/2026-09/contacts/batch/create";
const READ: &str = "/crm/objects/2026-09/contacts/batch/read";

fn input(email: &str, trace: Option<&str>) -> Value {
    match trace {
        Some(trace) => json!({"properties": {"email": email}, "objectWriteTraceId": trace}),
        None => json!({"properties": {"email": email}}),
    }
}

#[test]
fn without_trace_ids_one_bad_input_fails_the_whole_create() {
    let mut portal = Portal::new();
    let id = portal.make("contacts", json!({"email": "ada@example.com"}));
    let inputs = json!({"inputs": [input("new@example.com", None), input("ada@example.com", Some("t"))]});
    let refused = portal.post(CREATE, inputs);
    assert_eq!(refused.status, 409);
    assert_eq!(refused.text("/message"), format!("Contact already exists. Existing ID: {id}"));
    assert_eq!(portal.world.records("contacts").count(), 1);
}

#[test]
fn with_trace_ids_each_input_stands_alone() {
    let mut portal = Portal::new();
    portal.make("contacts", json!({"email": "ada@example.com"}));
    let inputs = json!({"inputs": [input("new@example.com", Some("a")), input("ada@example.com", Some("b")),
        input("NEW@example.com", Some("c")), input("bad", Some("d"))]});
    let mixed = portal.post(CREATE, inputs);
    assert_eq!((mixed.status, mixed.len("/results"), mixed.at("/numErrors")), (207, 1, &json!(3)));
    assert_eq!(mixed.text("/results/0/objectWriteTraceId"), "a");
    let errors: Vec<(&str, &str)> = mixed
        .at("/errors")
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|e| Some((e.pointer("/context/objectWriteTraceId/0")?.as_str()?, e.get("category")?.as_str()?)))
        .collect();
    assert_eq!(errors, [("b", "CONFLICT"), ("c", "CONFLICT"), ("d", "VALIDATION_ERROR")]);
    assert_eq!(portal.world.records("contacts").count(), 2);
}

#[test]
fn the_same_email_twice_fails_an_untraced_batch() {
    let mut portal = Portal::new();
    let inputs = json!({"inputs": [input("a@example.com", None), input("A@example.com", None)]});
    assert_eq!(portal.post(CREATE, inputs).status, 409);
    assert_eq!(portal.world.records("contacts").count(), 0);
}

#[test]
fn results_come_in_an_order_of_their_own() {
    let mut portal = Portal::new();
    let inputs: Vec<Value> = (0..50).map(|n| input(&format!("p{n}@example.com"), None)).collect();
    let made = portal.post(CREATE, json!({"inputs": inputs}));
    assert_eq!((made.status, made.len("/results")), (201, 50));
    let mut sorted = made.ids();
    sorted.sort();
    assert_ne!(made.ids(), sorted);
}

#[test]
fn reading_collapses_duplicates_and_lists_missing_ids_as_one_error() {
    let mut portal = Portal::new();
    let id = portal.make("contacts", json!({"email": "ada@example.com", "hs_additional_emails": "al@example.com"}));
    let body = json!({"idProperty": "email", "properties": ["email"], "inputs": [{"id": "ADA@example.com"},
        {"id": "al@example.com"}, {"id": "x@example.com"}, {"id": "y@example.com"}]});
    let read = portal.post(READ, body);
    assert_eq!((read.status, read.ids()), (207, vec![id]));
    assert_eq!(read.at("/errors/0/context/ids"), &json!(["x@example.com", "y@example.com"]));
    assert_eq!(read.text("/errors/0/category"), "OBJECT_NOT_FOUND");
}

#[test]
fn sizes_are_limited_and_a_body_without_inputs_does_nothing() {
    let mut portal = Portal::new();
    let many = |n: usize| (0..n).map(|id| json!({"id": id.to_string()})).collect::<Vec<Value>>();
    assert_eq!(portal.post(READ, json!({"inputs": many(101)})).status, 400);
    assert_eq!(portal.post(READ, json!({"inputs": many(100)})).status, 207);
    let history = json!({"propertiesWithHistory": ["email"], "inputs": many(51)});
    assert_eq!(portal.post(READ, history).status, 400);
    let nothing = portal.post(CREATE, json!({"imputs": [input("a@example.com", None)]}));
    assert_eq!((nothing.status, nothing.text("/status"), nothing.len("/results")), (201, "COMPLETE".into(), 0));
}

#[test]
fn two_inputs_for_one_record_are_refused_with_trace_ids_too() {
    let mut portal = Portal::new();
    let id = portal.make("contacts", json!({"email": "ada@example.com"}));
    let inputs = json!({"inputs": [
        {"id": id, "properties": {"firstname": "A"}, "objectWriteTraceId": "1"},
        {"id": "ada@example.com", "idProperty": "email", "properties": {"firstname": "B"}, "objectWriteTraceId": "2"}]});
    let refused = portal.post("/crm/v3/objects/contacts/batch/update", inputs);
    assert_eq!((refused.status, refused.text("/category")), (400, "VALIDATION_ERROR".into()));
    assert!(refused.text("/message").starts_with("Duplicate IDs found in batch input"));
    assert_eq!(portal.value("contacts", &id, "firstname"), Value::Null);
}

#[test]
fn updates_report_missing_records_by_trace_id() {
    let mut portal = Portal::new();
    let id = portal.make("contacts", json!({}));
    let inputs = json!({"inputs": [{"id": id, "properties": {"phone": "1"}, "objectWriteTraceId": "1"},
        {"id": "999", "properties": {"phone": "1"}, "objectWriteTraceId": "2"}]});
    let mixed = portal.post("/crm/objects/2026-03/contacts/batch/update", inputs);
    assert_eq!((mixed.status, mixed.ids()), (207, vec![id]));
    assert_eq!(mixed.text("/errors/0/context/objectWriteTraceId/0"), "2");
    let inputs = json!({"inputs": [{"id": "5", "idProperty": "hs_object_id", "properties": {}}]});
    let refused = portal.post("/crm/v3/objects/contacts/batch/update", inputs);
    assert_eq!(refused.status, 400);
    assert!(refused.text("/message").contains("non-unique 0-1 property hs_object_id"));
}

#[test]
fn upsert_updates_or_creates_and_by_email_all_or_nothing() {
    let mut portal = Portal::new();
    let id = portal.make("contacts", json!({"email": "ada@example.com"}));
    let item = |email: &str, name: &str| {
        json!({"id": email, "idProperty": "email",
        "properties": {"firstname": name}, "objectWriteTraceId": email})
    };
    let path = "/crm/v3/objects/contacts/batch/upsert";
    let done = portal.post(path, json!({"inputs": [item("Ada@example.com", "A"), item("new@example.com", "N")]}));
    assert_eq!((done.status, done.len("/results")), (200, 2));
    for result in done.at("/results").as_array().into_iter().flatten() {
        assert_eq!(result["new"], json!(result["id"] != json!(id)));
    }
    let mixed = portal.post(path, json!({"inputs": [item("ok@example.com", "O"), item("bad", "B")]}));
    assert_eq!(mixed.status, 400);
    assert_eq!(portal.world.records("contacts").count(), 2);
}
