use serde_json::{Value, json};

use super::Portal;
use crate::sandbox::hubspot::Processing;

fn members(portal: &mut Portal, path: &str) -> Vec<String> {
    let answer = portal.get(path);
    let results = answer.at("/results").as_array().cloned().unwrap_or_default();
    results.iter().filter_map(|m| m.get("recordId")?.as_str().map(str::to_owned)).collect()
}

#[test]
fn lists_are_renamed_emptied_filled_from_others_deleted_and_restored() {
    let mut portal = Portal::new();
    let ids = ["a", "b"].map(|name| portal.make("contacts", json!({"email": format!("{name}@example.com")})));
    let make = |portal: &mut Portal, name: &str| {
        let body = json!({"name": name, "objectTypeId": "0-1", "processingType": "MANUAL"});
        portal.post("/crm/v3/lists/", body).text("/list/listId")
    };
    let (one, two) = (make(&mut portal, "One"), make(&mut portal, "Two"));
    let path = |id: &str, rest: &str| format!("/crm/v3/lists/{id}{rest}");
    portal.send("PUT", &path(&one, "/memberships/add"), Some(json!(ids)));
    assert_eq!(portal.send("PUT", &path(&two, &format!("/memberships/add-from/{one}")), None).status, 204);
    assert_eq!(portal.get(&path(&two, "/memberships")).len("/results"), 2);
    assert_eq!(portal.send("DELETE", &path(&one, "/memberships"), None).status, 204);
    assert_eq!(portal.get(&path(&one, "/memberships")).len("/results"), 0);
    assert_eq!(portal.send("PUT", &path(&one, "/update-list-name?listName=two"), None).status, 400);
    let renamed = portal.send("PUT", &path(&one, "/update-list-name?listName=Uno"), None);
    assert_eq!(renamed.text("/updatedList/name"), "Uno");
    assert_eq!(portal.send("DELETE", &path(&two, ""), None).status, 204);
    assert_eq!(portal.get(&path(&two, "/memberships")).status, 404);
    assert_ne!(make(&mut portal, "Three"), two);
    assert_eq!(portal.send("PUT", &path(&two, "/restore"), None).status, 204);
    assert_eq!(portal.get(&path(&two, "/memberships")).len("/results"), 2);
}

#[test]
fn join_order_is_newest_first_and_pages() {
    let mut portal = Portal::new();
    let list =
        portal.world.list_create("Sync to Salesforce", "contacts", Processing::Dynamic, portal.now).unwrap_or_default();
    let ids: Vec<String> = (0..5).map(|_| portal.make("contacts", json!({}))).collect();
    for at in [2, 0, 4, 1, 3] {
        portal.wait(1000);
        assert_eq!(portal.world.list_add(&list, &ids[at], portal.now).ok(), Some(true));
    }
    assert_eq!(portal.world.list_add(&list, &ids[0], portal.now).ok(), Some(false));
    let path = format!("/crm/lists/2026-09/{list}/memberships");
    let newest: Vec<String> = [3, 1, 4, 0, 2].map(|at| ids[at].clone()).to_vec();
    assert_eq!(members(&mut portal, &path), ids);
    assert_eq!(members(&mut portal, &format!("{path}/join-order")), newest);
    let first = portal.get(&format!("{path}/join-order?limit=2"));
    assert_eq!(first.at("/total"), 5);
    let after = first.text("/paging/next/after");
    assert_eq!(members(&mut portal, &format!("{path}/join-order?limit=2&after={after}")), newest[2..4]);
    assert_eq!(portal.get(&format!("{path}?limit=251")).status, 400);
}

#[test]
fn lists_are_found_by_id_name_and_search() {
    let mut portal = Portal::new();
    let id =
        portal.world.list_create("Sync to Salesforce", "contacts", Processing::Dynamic, portal.now).unwrap_or_default();
    assert_eq!(portal.get(&format!("/crm/v3/lists/{id}")).text("/list/processingType"), "DYNAMIC");
    let path = "/crm/lists/2026-09/object-type-id/0-1/name/sync%20to%20salesforce";
    assert_eq!(portal.get(path).text("/list/listId"), id);
    let found = portal.post("/crm/v3/lists/search", json!({"query": "sync", "count": 20}));
    assert_eq!((found.at("/total"), found.at("/hasMore")), (&json!(1), &json!(false)));
    assert_eq!(found.text("/lists/0/additionalProperties/hs_list_size"), "0");
    assert_eq!(portal.get(&format!("/crm/v3/lists?listIds={id}&listIds=9")).len("/lists"), 1);
    assert_eq!(portal.get("/crm/v3/lists/99").status, 404);
}

#[test]
fn only_manual_lists_are_written_and_missing_records_are_told() {
    let mut portal = Portal::new();
    let body = json!({"name": "Partners", "objectTypeId": "0-1", "processingType": "MANUAL"});
    let list = portal.post("/crm/v3/lists", body).text("/list/listId");
    let id = portal.make("contacts", json!({}));
    let add = portal.send("PUT", &format!("/crm/v3/lists/{list}/memberships/add"), Some(json!([id, "999"])));
    assert_eq!(add.body, json!({"recordsIdsAdded": [id], "recordIdsRemoved": [], "recordIdsMissing": ["999"]}));
    let both = json!({"recordIdsToAdd": [], "recordIdsToRemove": [id]});
    let change = portal.send("PUT", &format!("/crm/v3/lists/{list}/memberships/add-and-remove"), Some(both));
    assert_eq!(change.at("/recordIdsRemoved"), &json!([id]));
    let dynamic = portal.world.list_create("Dyn", "contacts", Processing::Dynamic, portal.now).unwrap_or_default();
    let refused = portal.send("PUT", &format!("/crm/v3/lists/{dynamic}/memberships/add"), Some(json!([id])));
    assert_eq!(refused.status, 400);
}

#[test]
fn the_lists_of_many_records_are_read_in_one_call() {
    let mut portal = Portal::new();
    let list = portal.world.list_create("L", "contacts", Processing::Dynamic, portal.now).unwrap_or_default();
    let (a, b) = (portal.make("contacts", json!({})), portal.make("contacts", json!({})));
    assert!(portal.world.list_add(&list, &a, portal.now).is_ok());
    let inputs = json!({"inputs": [{"objectTypeId": "0-1", "recordId": a}, {"objectTypeId": "0-1", "recordId": b}]});
    let path = "/crm/lists/2026-09/records/memberships/batch/read";
    let read = portal.post(path, inputs.clone());
    assert_eq!(read.text("/results/0/recordListMemberships/0/listId"), list);
    assert_eq!(read.len("/results/1/recordListMemberships"), 0);
    assert_eq!(portal.get(&format!("/crm/v3/lists/records/0-1/{a}/memberships")).at("/total"), 1);
    assert!(portal.world.user_archive("contacts", &a, portal.now).is_ok());
    let gone = portal.post(path, inputs);
    assert_eq!(gone.at("/results/0/recordListMemberships"), &Value::Array(Vec::new()));
    assert_eq!(portal.get(&format!("/crm/v3/lists/{list}")).at("/list/size"), 0);
}
