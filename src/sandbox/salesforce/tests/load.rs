//! Whole orgs from files and back.

use super::*;

const DEVELOPER_EDITION: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/developer-edition/data/salesforce.json"));
const REAL: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/salesforce-real.jsonl"));

#[test]
fn the_developer_edition_org_loads_and_reads_back_unchanged() {
    let org: Value = serde_json::from_str(DEVELOPER_EDITION).unwrap();
    let mut world = World::new(Config::default(), 1, NOW);
    world.load(&org, NOW).unwrap();
    let dumped = world.dump();
    assert_eq!(dumped.get("schema"), None, "a field of the sample data is missing from the schema");
    let mut again = World::new(Config::default(), 2, NOW);
    again.load(&dumped, NOW).unwrap();
    assert_eq!(again.dump(), dumped);
    for (object, rows) in org.as_object().unwrap() {
        for row in rows.as_array().unwrap() {
            let id = row["Id"].as_str().unwrap();
            let (status, got) = call(&mut world, "GET", &format!("/sobjects/{object}/{id}"), None);
            assert_eq!(status, 200, "{object} {id}");
            for (field, value) in row.as_object().unwrap() {
                assert_eq!(&got[field], value, "{object} {id} {field}");
            }
        }
    }
}

#[test]
fn records_of_other_orgs_load_without_loss() {
    let mut seen = 0;
    for line in REAL.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let (kind, record) = (line["kind"].as_str().unwrap(), &line["record"]);
        if !matches!(kind, "Lead" | "Contact" | "Account" | "Opportunity") {
            continue;
        }
        seen += 1;
        let mut world = World::new(Config::default(), 1, NOW);
        world.load(&json!({kind: [record]}), NOW).unwrap();
        let loaded = world.records(kind).next().unwrap();
        for (field, value) in record.as_object().unwrap() {
            let derived = value.is_object() || field.ends_with("Address") || field == "attributes";
            if derived
                || value == "redacted" && field.ends_with("Date")
                || value == "redacted" && field == "SystemModstamp"
            {
                continue;
            }
            assert_eq!(world.value(kind, loaded, field).as_ref(), Some(value), "{kind} {field}");
        }
    }
    assert_eq!(seen, 50);
}

#[test]
fn a_schema_in_the_file_adds_fields_and_is_written_back() {
    let mut world = World::new(Config::default(), 1, NOW);
    let schema = json!({"Lead": [{"name": "HubSpot_Id__c", "label": "HubSpot ID", "type": "string", "length": 32,
        "externalId": true, "unique": true}]});
    world.load(&json!({"schema": schema, "Lead": [{"LastName": "A", "HubSpot_Id__c": "1"}]}), NOW).unwrap();
    let mut copy = World::new(Config::default(), 2, NOW);
    copy.load(&world.dump(), NOW).unwrap();
    let (status, row) = call(&mut copy, "GET", "/sobjects/Lead/HubSpot_Id__c/1", None);
    assert_eq!((status, &row["Status"]), (200, &json!("Open - Not Contacted")));
    let (_, lead) = call(&mut copy, "GET", "/sobjects/Lead/describe", None);
    let field = lead["fields"].as_array().unwrap().iter().find(|f| f["name"] == "HubSpot_Id__c").unwrap().clone();
    assert_eq!((&field["label"], &field["length"], &field["unique"]), (&json!("HubSpot ID"), &json!(32), &json!(true)));
}

#[test]
fn what_is_no_org_is_refused() {
    let mut world = World::new(Config::default(), 1, NOW);
    for bad in
        [json!([]), json!({"Ghost": []}), json!({"Lead": {}}), json!({"Lead": [1]}), json!({"schema": {"Lead": [{}]}})]
    {
        assert!(world.load(&bad, NOW).is_err(), "{bad}");
    }
}
