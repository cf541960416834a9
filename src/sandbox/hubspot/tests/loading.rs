use serde_json::{Value, json};

use super::{Portal, START};

const DEVELOPER_EDITION: &str = include_str!("../../../../examples/developer-edition/data/hubspot.json");
const REAL: &str = include_str!("../../../../tests/data/hubspot-real.jsonl");

fn as_text(value: &Value) -> Value {
    match value {
        Value::Null | Value::String(_) => value.clone(),
        other => json!(other.to_string()),
    }
}

/// Every property of a loaded record as the file has it.
fn assert_same(portal: &mut Portal, object: &str, record: &Value) {
    let id = as_text(&record["id"]).as_str().unwrap_or_default().to_owned();
    let wanted = record["properties"].as_object().cloned().unwrap_or_default();
    let names: Vec<&str> = wanted.keys().map(String::as_str).collect();
    let archived = record["archived"] == json!(true);
    let path = format!("/crm/objects/2026-09/{object}/batch/read?archived={archived}");
    let read = portal.post(&path, json!({"properties": names, "inputs": [{"id": id}]}));
    assert_eq!(read.text("/results/0/id"), id, "{object}");
    for (name, value) in &wanted {
        assert_eq!(read.at(&format!("/results/0/properties/{name}")), &as_text(value), "{object} {id} {name}");
    }
    assert_eq!(read.at("/results/0/archived"), &json!(archived));
}

#[test]
fn every_record_of_the_developer_edition_comes_back_unchanged() {
    let file: Value = serde_json::from_str(DEVELOPER_EDITION).unwrap_or_default();
    let mut portal = Portal::new();
    assert!(portal.world.load(&file, START).is_ok());
    for (object, count) in [("contacts", 48), ("companies", 12), ("deals", 8)] {
        let records = file[object].as_array().cloned().unwrap_or_default();
        assert_eq!(records.len(), count);
        for record in &records {
            assert_same(&mut portal, object, record);
            let id = record["id"].as_str().unwrap_or_default();
            let got = portal.get(&format!("/crm/v3/objects/{object}/{id}"));
            assert_eq!((got.at("/createdAt"), got.at("/updatedAt")), (&record["createdAt"], &record["updatedAt"]));
            for (to, ids) in record["associations"].as_object().into_iter().flatten() {
                for other in ids.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    assert!(portal.world.associated(object, id, to).iter().any(|found| found == other));
                }
            }
        }
        assert_eq!(portal.post(&format!("/crm/v3/objects/{object}/search"), json!({})).at("/total"), count);
    }
    assert_eq!(portal.get("/crm/v3/lists/1").at("/list/size"), 39);
    assert_eq!(portal.get("/crm/v3/lists/1").text("/list/processingType"), "DYNAMIC");
    assert_eq!(
        portal.get("/crm/v3/owners").len("/results") + portal.get("/crm/v3/owners?archived=true").len("/results"),
        5
    );
    let stages = portal.get("/crm/v3/properties/contacts/lifecyclestage");
    assert!(stages.at("/options").as_array().into_iter().flatten().any(|option| option["value"] == "66894120"));
    assert_eq!(portal.get("/crm/v3/pipelines/deals/66894119").text("/stages/0/id"), "66894121");
}

#[test]
fn every_real_record_loads_and_comes_back_unchanged() {
    let mut seen = 0;
    for line in REAL.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        let object = match line["kind"].as_str() {
            Some("contact" | "contact_with_history") => "contacts",
            Some("company") => "companies",
            Some("deal") => "deals",
            _ => continue,
        };
        let mut portal = Portal::new();
        assert!(portal.world.load(&json!({object: [line["record"]]}), START).is_ok());
        assert_same(&mut portal, object, &line["record"]);
        seen += 1;
    }
    assert_eq!(seen, 45);
}

#[test]
fn a_dump_loads_as_the_same_portal() {
    let file: Value = serde_json::from_str(DEVELOPER_EDITION).unwrap_or_default();
    let mut portal = Portal::new();
    assert!(portal.world.load(&file, START).is_ok());
    portal.wait(5000);
    portal.patch("/crm/v3/objects/contacts/1", json!({"properties": {"phone": "1"}}));
    portal.send("DELETE", "/crm/v3/objects/contacts/713492960117", None);
    let body = json!({"primaryObjectId": "713492960107", "objectIdToMerge": "713492960120"});
    portal.post("/crm/v3/objects/contacts/merge", body);
    let dump = portal.world.dump();
    let mut copy = Portal::new();
    assert!(copy.world.load(&dump, START).is_ok());
    let again = copy.world.dump();
    for (key, part) in dump.as_object().into_iter().flatten() {
        assert!(again[key] == *part, "{key} differs");
    }
    let merged = copy.get("/crm/v3/objects/contacts/713492960107?propertiesWithHistory=phone");
    assert_eq!(merged.status, 200);
    let history = copy.get("/crm/v3/objects/contacts/1?propertiesWithHistory=phone");
    assert_eq!(history.text("/propertiesWithHistory/phone/0/sourceType"), "API");
}

#[test]
fn a_file_of_another_shape_is_refused() {
    for file in [json!([]), json!({"contacts": {}}), json!({"deals": [{"id": "x"}]}), json!({"lists": [{}]})] {
        assert!(Portal::new().world.load(&file, START).is_err(), "{file}");
    }
}
