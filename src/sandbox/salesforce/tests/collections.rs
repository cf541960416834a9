//! Up to 200 rows in one call.

use super::*;

fn typed(mut fields: Value) -> Value {
    fields["attributes"] = json!({"type": "Lead"});
    fields
}

#[test]
fn rows_succeed_and_fail_on_their_own_in_the_order_sent() {
    let mut world = world();
    let records = [
        typed(json!({"LastName": "A", "Company": "X"})),
        typed(json!({"Company": "X"})),
        json!({"attributes": {"type": "Contact"}, "LastName": "C"}),
        json!({"attributes": {"type": "Ghost"}}),
    ];
    let (status, rows) = call(&mut world, "POST", "/composite/sobjects", Some(json!({"records": records})));
    assert_eq!(status, 200);
    assert_eq!(rows[0]["success"], true);
    assert_eq!(rows[1]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!(rows[1]["errors"][0].get("errorCode"), None);
    assert!(rows[2]["id"].as_str().unwrap().starts_with("003"));
    assert_eq!(rows[3]["errors"][0]["statusCode"], "INVALID_TYPE");
}

#[test]
fn all_or_none_keeps_nothing() {
    let mut world = world();
    let id = lead(&mut world, "A", json!({"Title": "old"}));
    let records = [typed(json!({"id": id, "Title": "new"})), typed(json!({"id": "00Q000000000001EAA", "Title": "x"}))];
    let body = json!({"allOrNone": true, "records": records});
    let (_, rows) = call(&mut world, "PATCH", "/composite/sobjects", Some(body));
    assert_eq!(rows[0]["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    assert_eq!(rows[1]["errors"][0]["statusCode"], "INVALID_CROSS_REFERENCE_KEY");
    assert_eq!(call(&mut world, "GET", &format!("/sobjects/Lead/{id}"), None).1["Title"], "old");
    assert_eq!(world.counters().updated, 0);
    let records = [typed(json!({"LastName": "N", "Company": "N", "Email": "n@x.com"})), typed(json!({}))];
    call(&mut world, "POST", "/composite/sobjects", Some(json!({"allOrNone": true, "records": records})));
    assert_eq!(found(&mut world, "SELECT Id FROM Lead WHERE Email = 'n@x.com'", "Id").len(), 0);
    assert_eq!(world.records("Lead").count(), 1);
}

#[test]
fn one_id_twice_in_an_update_is_refused_once() {
    let mut world = world();
    let id = lead(&mut world, "A", json!({}));
    let records = [typed(json!({"id": id, "Title": "1"})), typed(json!({"Id": &id[..15], "Title": "2"}))];
    let (_, rows) = call(&mut world, "PATCH", "/composite/sobjects", Some(json!({"records": records})));
    assert_eq!(rows[0]["success"], true);
    assert!(rows[1]["errors"][0]["message"].as_str().unwrap().starts_with("duplicate id specified"));
}

#[test]
fn size_and_type_runs_are_limited() {
    let mut world = world();
    let many: Vec<Value> = (0..201).map(|n| typed(json!({"LastName": n.to_string(), "Company": "X"}))).collect();
    let (status, errors) = call(&mut world, "POST", "/composite/sobjects", Some(json!({"records": many})));
    assert_eq!((status, code(&errors)), (400, "EXCEEDED_ID_LIMIT"));
    let mixed: Vec<Value> =
        (0..11).map(|n| json!({"attributes": {"type": if n % 2 == 0 { "Lead" } else { "Contact" }}})).collect();
    assert_eq!(call(&mut world, "POST", "/composite/sobjects", Some(json!({"records": mixed}))).0, 400);
    assert_eq!(world.records("Lead").count(), 0);
    assert_eq!(call(&mut world, "POST", "/composite/sobjects", Some(json!({"records": &many[..200]}))).0, 200);
    assert_eq!((world.records("Lead").count(), world.counters().calls), (200, 3));
}

#[test]
fn upsert_tells_created_and_retrieve_tells_missing() {
    let mut world = world();
    lead(&mut world, "A", json!({"HubSpot_Id__c": "1"}));
    let records = [
        typed(json!({"HubSpot_Id__c": "1", "Title": "T"})),
        typed(json!({"HubSpot_Id__c": "2", "LastName": "B", "Company": "C"})),
        typed(json!({"LastName": "B"})),
        typed(json!({"HubSpot_Id__c": "2"})),
    ];
    let (_, rows) =
        call(&mut world, "PATCH", "/composite/sobjects/Lead/HubSpot_Id__c", Some(json!({"records": records})));
    assert_eq!((&rows[0]["created"], &rows[1]["created"]), (&json!(false), &json!(true)));
    assert_eq!(rows[2]["errors"][0]["statusCode"], "MISSING_ARGUMENT");
    assert_eq!(rows[3]["errors"][0]["statusCode"], "DUPLICATE_VALUE");
    let ids = [rows[1]["id"].as_str().unwrap(), "00Q000000000001EAA", rows[0]["id"].as_str().unwrap()];
    let body = json!({"ids": ids, "fields": ["LastName", "Owner.Name"]});
    assert_eq!(code(&call(&mut world, "POST", "/composite/sobjects/Lead", Some(body)).1), "INVALID_FIELD");
    let body = json!({"ids": ids, "fields": ["LastName"]});
    let (_, got) = call(&mut world, "POST", "/composite/sobjects/Lead", Some(body));
    assert_eq!((&got[0]["LastName"], &got[1], &got[2]["LastName"]), (&json!("B"), &Value::Null, &json!("A")));
    let (_, gone) = call(&mut world, "DELETE", &format!("/composite/sobjects?ids={},{}", ids[0], ids[1]), None);
    assert_eq!((&gone[0]["success"], &gone[1]["success"]), (&json!(true), &json!(false)));
}

#[test]
fn a_strict_org_refuses_the_whole_call_for_one_unknown_field() {
    let mut world = world();
    world.config.strict_collections = true;
    let records = [typed(json!({"LastName": "A", "Company": "X"})), typed(json!({"Nope": 1}))];
    let (status, errors) = call(&mut world, "POST", "/composite/sobjects", Some(json!({"records": records})));
    assert_eq!((status, code(&errors), world.records("Lead").count()), (400, "INVALID_FIELD", 0));
}
