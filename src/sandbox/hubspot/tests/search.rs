use serde_json::{Value, json};

use super::{Portal, START};
use crate::sandbox::hubspot::{Config, World};

const SEARCH: &str = "/crm/objects/2026-09/contacts/search";

fn since(ms: i64, after_id: &str, limit: usize) -> Value {
    json!({"filterGroups": [{"filters": [
            {"propertyName": "lastmodifieddate", "operator": "GTE", "value": ms.to_string()},
            {"propertyName": "hs_object_id", "operator": "GT", "value": after_id}]}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}], "limit": limit})
}

#[test]
fn a_write_shows_only_after_the_lag_and_as_it_was_written() {
    let mut portal = Portal::with(|config| config.search_lag_ms = 10_000);
    let id = portal.make("contacts", json!({"firstname": "Ada"}));
    portal.wait(9_999);
    assert_eq!(portal.post(SEARCH, json!({})).at("/total"), 0);
    portal.patch(&format!("/crm/v3/objects/contacts/{id}"), json!({"properties": {"firstname": "Augusta"}}));
    portal.wait(1);
    let seen = portal.post(SEARCH, json!({}));
    assert_eq!((seen.ids(), seen.text("/results/0/properties/firstname")), (vec![id.clone()], "Ada".into()));
    portal.world.config.stale_index_fresh_body = true;
    let anomaly = portal.post(SEARCH, since(START.0, "0", 10));
    assert_eq!(anomaly.text("/results/0/properties/firstname"), "Augusta");
    portal.world.config.stale_index_fresh_body = false;
    portal.wait(9_999);
    assert_eq!(portal.post(SEARCH, json!({})).text("/results/0/properties/firstname"), "Augusta");
    portal.send("DELETE", &format!("/crm/v3/objects/contacts/{id}"), None);
    assert_eq!(portal.post(SEARCH, json!({})).at("/total"), 1);
    portal.wait(10_000);
    assert_eq!(portal.post(SEARCH, json!({})).at("/total"), 0);
}

#[test]
fn jitter_keeps_the_order_of_one_records_changes() {
    let mut portal = Portal::with(|config| (config.search_lag_ms, config.lag_jitter_ms) = (100, 5_000));
    let id = portal.make("contacts", json!({}));
    for n in 0..50 {
        portal.wait(10);
        portal.patch(&format!("/crm/v3/objects/contacts/{id}"), json!({"properties": {"phone": n.to_string()}}));
    }
    portal.wait(5_100);
    let body = json!({"properties": ["phone"]});
    assert_eq!(portal.post(SEARCH, body).text("/results/0/properties/phone"), "49");
}

/// 20,001 records of one instant: the keyset walk finds each once, `after` gives up at 10,000.
#[test]
fn many_records_of_one_instant_can_be_walked_by_id() {
    let config = Config { enforce_limits: false, search_lag_ms: 0, ..Config::default() };
    let mut portal = Portal { world: World::new(config, 7, START), now: START };
    let contacts: Vec<Value> = (1..=20_001)
        .map(|id| json!({"id": id.to_string(), "properties": {}, "createdAt": START.to_iso(), "updatedAt": START.to_iso()}))
        .collect();
    assert!(portal.world.load(&json!({"contacts": contacts}), START).is_ok());
    let (mut last, mut seen) = ("0".to_owned(), 0);
    loop {
        let page = portal.post(SEARCH, since(START.0, &last, 200));
        let ids = page.ids();
        let Some(id) = ids.last() else { break };
        assert!(ids[0].parse::<u64>().ok() > last.parse().ok());
        (last, seen) = (id.clone(), seen + ids.len());
    }
    assert_eq!(seen, 20_001);
    assert_eq!(portal.post(SEARCH, json!({"limit": 200, "after": "9800"})).text("/paging/next/after"), "10000");
    assert_eq!(portal.post(SEARCH, json!({"limit": 200, "after": "10000"})).status, 400);
}

#[test]
fn operators_follow_the_type_of_the_property() {
    let mut portal = Portal::new();
    let ada =
        portal.make("contacts", json!({"email": "ada@example.com", "firstname": "Ada", "lifecyclestage": "lead"}));
    let bob =
        portal.make("contacts", json!({"email": "bob@example.org", "firstname": "Bob", "phone": "(503) 421-7800"}));
    let mut find = |filter: Value| portal.post(SEARCH, json!({"filters": [filter]})).ids();
    let filter = |name: &str, operator: &str, value: Value| match value {
        Value::Array(_) => json!({"propertyName": name, "operator": operator, "values": value}),
        _ => json!({"propertyName": name, "operator": operator, "value": value}),
    };
    let (only_ada, only_bob, both) = (vec![ada.clone()], vec![bob.clone()], vec![ada.clone(), bob.clone()]);
    assert_eq!(find(filter("firstname", "EQ", json!("ADA"))), only_ada);
    assert_eq!(find(filter("lifecyclestage", "EQ", json!("Lead"))), Vec::<String>::new());
    assert_eq!(find(filter("lifecyclestage", "NEQ", json!("customer"))), only_ada);
    assert_eq!(find(filter("email", "IN", json!(["bob@example.org", "x"]))), only_bob);
    assert_eq!(find(filter("firstname", "IN", json!(["Bob"]))), Vec::<String>::new());
    assert_eq!(find(filter("firstname", "IN", json!(["bob"]))), only_bob);
    assert_eq!(find(filter("phone", "HAS_PROPERTY", Value::Null)), only_bob);
    assert_eq!(find(filter("phone", "NOT_HAS_PROPERTY", Value::Null)), only_ada);
    assert_eq!(find(filter("email", "CONTAINS_TOKEN", json!("exam*"))), both);
    assert_eq!(find(filter("phone", "CONTAINS_TOKEN", json!("421"))), only_bob);
    assert_eq!(find(filter("hs_object_id", "GT", json!(ada))), only_bob);
    let between = json!({"propertyName": "createdate", "operator": "BETWEEN", "value": "0", "highValue": START.0});
    assert_eq!(find(between), both);
    assert_eq!(portal.post(SEARCH, json!({"query": "ada"})).ids(), only_ada);
    let down = json!({"sorts": ["-firstname"]});
    assert_eq!(portal.post(SEARCH, down).ids(), [bob, ada]);
}

#[test]
fn oversized_searches_are_refused() {
    let mut portal = Portal::new();
    let filter = json!({"propertyName": "email", "operator": "HAS_PROPERTY"});
    for body in [
        json!({"limit": 201}),
        json!({"filterGroups": vec![json!({"filters": [filter]}); 6]}),
        json!({"filterGroups": [{"filters": vec![filter.clone(); 7]}]}),
        json!({"sorts": ["email", "phone"]}),
        json!({"properties": ["x".repeat(3000)]}),
        json!({"filters": [{"propertyName": "email", "operator": "LIKE", "value": "x"}]}),
        json!({"filters": [{"propertyName": "nonsense", "operator": "EQ", "value": "x"}]}),
    ] {
        let refused = portal.post(SEARCH, body.clone());
        assert_eq!((refused.status, refused.text("/category")), (400, "VALIDATION_ERROR".into()), "{body}");
    }
}
