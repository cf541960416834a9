//! `plan` promises what `apply` does.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::stage::Stage;

/// Changes by side, type and subject, in the order in which they happen; ids of new records are not known beforehand.
fn changes(told: &Value) -> BTreeMap<String, Vec<String>> {
    let mut by_record: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for change in told["changes"].as_array().unwrap() {
        let text = |key: &str| change[key].as_str().unwrap_or_default();
        let record = format!("{} {} {}", text("side"), text("type"), text("subject"));
        let (cells, rule) = (&change["cells"], text("rule"));
        let mut cells: Vec<String> = cells.as_array().unwrap().iter().map(cell).collect();
        cells.sort();
        let what = if change["create"] == true { "create" } else { "update" };
        by_record.entry(record).or_default().push(format!("{what} {rule} {}", cells.join("; ")));
    }
    by_record
}

fn cell(cell: &Value) -> String {
    // The id of a record that is only to be has no value yet.
    let value = |value: &Value| match value.as_str() {
        Some(id) if cell["field"] == "HubSpot_Id__c" && (id.starts_with("new ") || !id.is_empty()) => "[id]".into(),
        _ => value.to_string(),
    };
    format!("{} {}: {} -> {}", cell["rule"], cell["field"], value(&cell["before"]), value(&cell["after"]))
}

#[test]
fn plan_and_apply_tell_the_same_changes() {
    let (stage, _sandbox) = Stage::served();
    let plan = changes(&stage.run("plan --format json").json());
    let apply = changes(&stage.run("apply --format json").json());
    let differs: Vec<String> = plan
        .keys()
        .chain(apply.keys())
        .filter(|record| plan.get(*record) != apply.get(*record))
        .map(|record| format!("{record}\n  plan  {:?}\n  apply {:?}", plan.get(record), apply.get(record)))
        .collect();
    assert!(differs.is_empty(), "{} records differ:\n{}", differs.len(), differs.join("\n"));
    assert!(plan.len() > 50);
}
