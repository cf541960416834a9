//! What a client looks around by: groups, several properties at once, schemas, stages.

use serde_json::{Value, json};

use super::Portal;

#[test]
fn groups_are_those_of_the_properties_and_those_made() {
    let mut portal = Portal::new();
    let path = "/crm/v3/properties/contacts/groups";
    let made = portal.post(path, json!({"name": "sizes", "label": "Sizes"}));
    assert_eq!((made.status, made.at("/displayOrder")), (201, &json!(-1)));
    assert_eq!(portal.post(path, json!({"name": "sizes", "label": "Sizes"})).status, 409);
    let names = |portal: &mut Portal| -> Vec<String> {
        let all = portal.get(path);
        all.at("/results").as_array().unwrap().iter().map(|g| g["name"].as_str().unwrap().to_owned()).collect()
    };
    assert!(names(&mut portal).starts_with(&["contactinformation".to_owned()]));
    assert_eq!(portal.patch(&format!("{path}/sizes"), json!({"label": "How big"})).text("/label"), "How big");
    let dump = portal.world.dump();
    let mut copy = Portal::new();
    copy.world.load(&dump, copy.now).unwrap();
    assert_eq!(copy.get(&format!("{path}/sizes")).text("/label"), "How big");
    assert_eq!(portal.send("DELETE", &format!("{path}/contactinformation"), None).status, 400);
    assert_eq!(portal.send("DELETE", &format!("{path}/sizes"), None).status, 204);
    assert!(!names(&mut portal).contains(&"sizes".to_owned()));
}

#[test]
fn several_properties_are_made_read_and_archived_at_once() {
    let mut portal = Portal::new();
    let batch = |portal: &mut Portal, verb: &str, inputs: Value| {
        portal.post(&format!("/crm/v3/properties/contacts/batch/{verb}"), json!({"inputs": inputs}))
    };
    let size = json!({"name": "size", "type": "number", "groupName": "contactinformation"});
    let made = batch(&mut portal, "create", json!([size, {"name": "email", "type": "string"}]));
    assert_eq!((made.status, made.text("/results/0/name").as_str()), (207, "size"));
    assert_eq!(made.text("/errors/0/category"), "OBJECT_ALREADY_EXISTS");
    let read = batch(&mut portal, "read", json!([{"name": "size"}, {"name": "nope"}]));
    assert_eq!((read.status, read.len("/results"), read.len("/errors")), (207, 1, 1));
    assert_eq!(batch(&mut portal, "archive", json!([{"name": "size"}])).status, 204);
    assert_eq!(batch(&mut portal, "read", json!([{"name": "size"}])).len("/results"), 0);
}

#[test]
fn schemas_and_stages_are_found_in_old_and_new_places() {
    let mut portal = Portal::new();
    for path in ["/crm/v3/schemas", "/crm-object-schemas/v3/schemas", "/crm-object-schemas/2026-03/schemas"] {
        assert_eq!(portal.get(path).at("/results"), &json!([]), "{path}");
        assert_eq!(portal.get(&format!("{path}/contacts")).text("/objectTypeId"), "0-1", "{path}");
    }
    for path in ["/crm/v3/pipelines/deals/default/stages", "/crm/pipelines/2026-09/deals/default/stages"] {
        assert_eq!(portal.get(path).len("/results"), 7, "{path}");
        assert_eq!(portal.get(&format!("{path}/closedwon")).text("/metadata/probability"), "1.0", "{path}");
        assert_eq!(portal.get(&format!("{path}/nope")).status, 404, "{path}");
    }
}
