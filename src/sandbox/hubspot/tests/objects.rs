use serde_json::{Value, json};

use super::Portal;

#[test]
fn every_path_family_reaches_the_same_record() {
    let mut portal = Portal::new();
    let id = portal.make("contacts", json!({"email": "ada@example.com"}));
    for path in ["/crm/v3/objects/contacts", "/crm/objects/2026-03/0-1", "/crm/objects/2026-09/contact"] {
        assert_eq!(portal.get(&format!("{path}/{id}")).text("/properties/email"), "ada@example.com", "{path}");
    }
    for path in ["/crm/v3/owners/", "/crm/owners/2026-09", "/account-info/v3/details", "/account-info/2026-09/details"]
    {
        assert_eq!(portal.get(path).status, 200, "{path}");
    }
}

#[test]
fn a_record_is_created_with_id_times_and_location() {
    let mut portal = Portal::new();
    let made = portal.post("/crm/v3/objects/contacts", json!({"properties": {"email": " Ada@Example.com"}}));
    let id = made.text("/id");
    assert_eq!(made.status, 201);
    assert!(made.headers["location"].to_str().is_ok_and(|l| l.ends_with(&id)));
    assert_eq!(made.text("/properties/email"), "ada@example.com");
    for (a, b) in [("/createdAt", "/properties/createdate"), ("/updatedAt", "/properties/lastmodifieddate")] {
        assert_eq!(
            (made.text(a), made.text(b)),
            ("2026-11-23T09:00:00.000Z".into(), "2026-11-23T09:00:00.000Z".into())
        );
    }
    assert_eq!(made.text("/properties/hs_object_id"), id);
    let next = portal.make("contacts", json!({}));
    assert!(next.parse::<u64>().ok() > id.parse().ok());
}

#[test]
fn unset_properties_are_null_and_unknown_ones_absent() {
    let mut portal = Portal::new();
    let id = portal.make("contacts", json!({"email": "ada@example.com"}));
    let answer = portal.get(&format!("/crm/v3/objects/contacts/{id}?properties=phone,nonsense"));
    let names: Vec<&String> = answer.at("/properties").as_object().map(|p| p.keys().collect()).unwrap_or_default();
    assert_eq!(names, ["createdate", "hs_object_id", "lastmodifieddate", "phone"]);
    assert_eq!(answer.at("/properties/phone"), &Value::Null);
    let plain = portal.get(&format!("/crm/v3/objects/contacts/{id}"));
    assert_eq!(plain.at("/properties").as_object().map(|p| p.len()), Some(6));
}

#[test]
fn lists_page_by_id_and_show_archived_records_apart() {
    let mut portal = Portal::new();
    let ids: Vec<String> = (0..5).map(|n| portal.make("companies", json!({"name": format!("c{n}")}))).collect();
    let first = portal.get("/crm/v3/objects/companies?limit=2");
    assert_eq!(first.ids(), ids[..2]);
    let after = first.text("/paging/next/after");
    assert_eq!(after, ids[2]);
    portal.send("DELETE", &format!("/crm/v3/objects/companies/{}", ids[3]), None);
    let rest = portal.get(&format!("/crm/v3/objects/companies?limit=100&after={after}"));
    assert_eq!(rest.ids(), [ids[2].clone(), ids[4].clone()]);
    assert_eq!(rest.at("/paging"), &Value::Null);
    let gone = portal.get("/crm/v3/objects/companies?archived=true");
    assert_eq!(gone.ids(), [ids[3].clone()]);
    assert_eq!(gone.text("/results/0/archivedAt"), "2026-11-23T09:00:00.000Z");
    assert_eq!(portal.get(&format!("/crm/v3/objects/companies/{}", ids[3])).status, 404);
    assert_eq!(portal.get("/crm/v3/objects/companies?limit=101").status, 400);
}

#[test]
fn archiving_does_not_bump_the_last_modified_property() {
    let mut portal = Portal::new();
    let id = portal.make("deals", json!({"dealname": "d"}));
    portal.wait(5000);
    assert_eq!(portal.send("DELETE", &format!("/crm/v3/objects/deals/{id}"), None).status, 204);
    assert_eq!(portal.send("DELETE", "/crm/v3/objects/deals/999", None).status, 204);
    let gone = portal.get(&format!("/crm/v3/objects/deals/{id}?archived=true"));
    assert_eq!(gone.text("/properties/hs_lastmodifieddate"), "2026-11-23T09:00:00.000Z");
    assert_eq!(gone.text("/archivedAt"), "2026-11-23T09:00:05.000Z");
}

#[test]
fn refusals_have_hubspots_bodies() {
    let mut portal = Portal::new();
    let missing = portal.get("/crm/v3/objects/contacts/999");
    assert_eq!((missing.status, missing.at("/category")), (404, &Value::Null));
    assert_eq!(portal.get("/crm/v3/objects/contacts/ada").text("/category"), "OBJECT_NOT_FOUND");
    let odd = portal.get("/crm/v3/objects/widgets");
    assert_eq!((odd.status, odd.text("/message")), (400, "Unable to infer object type from: widgets".into()));
    assert_eq!(portal.get("/crm/v9/objects/contacts").status, 404);
    assert_eq!(portal.send("DELETE", "/crm/v3/objects/contacts", None).status, 405);
    let long = portal.get(&format!("/crm/v3/objects/contacts?properties={}", "x".repeat(9000)));
    assert_eq!((long.status, long.headers["content-type"].as_bytes()), (414, &b"text/html"[..]));
    assert_eq!(missing.headers["x-hubspot-correlation-id"].as_bytes(), missing.text("/correlationId").as_bytes());
    assert_eq!(missing.headers["date"].as_bytes(), b"Mon, 23 Nov 2026 09:00:00 GMT");
}

#[test]
fn only_the_configured_simulator_token_is_accepted() {
    let mut portal = Portal::new();
    portal.world.config.token = "pat-na1-real".to_owned();
    let answer = portal.get("/account-info/v3/details");
    assert_eq!((answer.status, answer.text("/category")), (401, "INVALID_AUTHENTICATION".into()));
}

#[test]
fn secondary_emails_and_unique_properties_find_a_record() {
    let mut portal = Portal::new();
    let property = json!({"name": "sf_id", "label": "Salesforce Id", "type": "string", "fieldType": "text",
        "groupName": "contactinformation", "hasUniqueValue": true});
    assert_eq!(portal.post("/crm/v3/properties/contacts", property.clone()).status, 201);
    assert_eq!(portal.post("/crm/v3/properties/contacts", property).text("/category"), "OBJECT_ALREADY_EXISTS");
    let id = portal.make(
        "contacts",
        json!({"email": "ada@example.com", "hs_additional_emails": "Countess@example.com", "sf_id": "003A"}),
    );
    for (key, by) in [("ADA@example.com", "email"), ("countess%40example.com", "email"), ("003A", "sf_id")] {
        let answer = portal.get(&format!("/crm/v3/objects/contacts/{key}?idProperty={by}"));
        assert_eq!(answer.text("/id"), id, "{key}");
    }
    assert_eq!(portal.get("/crm/v3/objects/contacts/Ada?idProperty=firstname").status, 400);
    let clash = portal.post("/crm/v3/objects/contacts", json!({"properties": {"sf_id": "003A"}}));
    assert_eq!((clash.status, clash.text("/errors/0/code")), (400, "CONFLICTING_UNIQUE_VALUE".into()));
}

#[test]
fn a_merged_record_answers_to_both_old_ids() {
    let mut portal = Portal::new();
    let a = portal.make("contacts", json!({"email": "ada@example.com", "firstname": "Ada"}));
    let b = portal.make("contacts", json!({"email": "al@example.com", "phone": "1"}));
    let body = json!({"primaryObjectId": a, "objectIdToMerge": b});
    let merged = portal.post("/crm/v3/objects/contacts/merge", body).text("/id");
    for old in [&a, &b] {
        assert_eq!(portal.get(&format!("/crm/v3/objects/contacts/{old}")).text("/id"), merged);
    }
    assert_eq!(portal.value("contacts", &merged, "phone"), "1");
    assert_eq!(portal.value("contacts", &merged, "hs_additional_emails"), "al@example.com");
    assert_eq!(portal.value("contacts", &merged, "hs_merged_object_ids"), format!("{a};{b}"));
    let update = json!({"inputs": [{"id": a, "properties": {"phone": "2"}}]});
    assert_eq!(portal.post("/crm/v3/objects/contacts/batch/update", update).status, 404);
}

#[test]
fn the_catalogue_has_types_options_and_what_may_be_written() {
    let mut portal = Portal::new();
    let stage = portal.get("/crm/v3/properties/contacts/lifecyclestage");
    assert_eq!(
        (stage.text("/type"), stage.text("/fieldType"), stage.len("/options")),
        ("enumeration".into(), "radio".into(), 8)
    );
    assert_eq!(portal.get("/crm/v3/properties/deals/dealstage").len("/options"), 7);
    let id = portal.get("/crm/properties/2026-09/contacts/hs_object_id");
    assert_eq!(id.at("/modificationMetadata/readOnlyValue"), true);
    let owner = portal.get("/crm/v3/properties/contacts/hubspot_owner_id");
    assert_eq!((owner.at("/externalOptions"), owner.text("/referencedObjectType")), (&json!(true), "OWNER".into()));
    assert!(portal.get("/crm/v3/properties/contacts").len("/results") >= 55);
    assert_eq!(portal.get("/crm/v3/properties/contacts/nonsense").text("/category"), "OBJECT_NOT_FOUND");
    let deals = portal.get("/crm/pipelines/2026-09/deals");
    assert_eq!(deals.text("/results/0/stages/5/metadata/isClosed"), "true");
}
