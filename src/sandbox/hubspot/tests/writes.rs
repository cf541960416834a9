use serde_json::{Value, json};

use super::Portal;
use crate::sandbox::hubspot::{Owner, PropertyDef, PropertyType, Source};

fn codes(body: &Value) -> Vec<&str> {
    let errors = body.pointer("/errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    errors.iter().filter_map(|error| error.get("code")?.as_str()).collect()
}

#[test]
fn an_email_belongs_to_one_contact_additional_ones_included() {
    let mut portal = Portal::new();
    let id = portal.make("contacts", json!({"email": "ada@example.com", "hs_additional_emails": "c@example.com"}));
    let other = portal.make("contacts", json!({"firstname": "B"}));
    for email in ["ADA@example.com", "C@EXAMPLE.com"] {
        let properties = json!({"properties": {"email": email}});
        let clash = portal.post("/crm/v3/objects/contacts", properties.clone());
        assert_eq!((clash.status, clash.text("/category")), (409, "CONFLICT".into()));
        assert_eq!(clash.text("/message"), format!("Contact already exists. Existing ID: {id}"));
        assert_eq!(portal.patch(&format!("/crm/v3/objects/contacts/{other}"), properties).status, 409);
    }
    portal.patch(&format!("/crm/v3/objects/contacts/{id}"), json!({"properties": {"email": "c@example.com"}}));
    assert_eq!(portal.value("contacts", &id, "hs_additional_emails"), "ada@example.com");
    portal.send("DELETE", &format!("/crm/v3/objects/contacts/{id}"), None);
    portal.make("contacts", json!({"email": "ada@example.com"}));
}

#[test]
fn all_refused_values_are_named_at_once_and_nothing_is_written() {
    let mut portal = Portal::new();
    let id = portal.make("contacts", json!({"email": "ada@example.com"}));
    portal.wait(1000);
    let body = json!({"properties": {"nonsense": "1", "hs_object_id": "5", "email": "a@example.test",
        "hs_lead_status": "New", "hubspot_owner_id": "77", "firstname": "Ada"}});
    let refused = portal.patch(&format!("/crm/v3/objects/contacts/{id}"), body);
    assert_eq!((refused.status, refused.text("/category")), (400, "VALIDATION_ERROR".into()));
    let mut found = codes(&refused.body);
    found.sort_unstable();
    assert_eq!(
        found,
        ["INVALID_EMAIL", "INVALID_OPTION", "INVALID_OWNER_ID", "PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"]
    );
    assert!(refused.text("/message").starts_with("Property values were not valid: [{"));
    assert_eq!(portal.value("contacts", &id, "firstname"), Value::Null);
    assert_eq!(portal.value("contacts", &id, "lastmodifieddate"), "2026-11-23T09:00:00.000Z");
}

#[test]
fn lifecycle_stages_move_forward_only_unless_cleared_first() {
    let mut portal = Portal::new();
    let id = portal.make("contacts", json!({"lifecyclestage": "opportunity"}));
    let path = format!("/crm/v3/objects/contacts/{id}");
    let set = |stage: &str| json!({"properties": {"lifecyclestage": stage}});
    let back = portal.patch(&path, set("lead"));
    assert_eq!((back.status, back.text("/properties/lifecyclestage")), (200, "opportunity".into()));
    assert_eq!(portal.patch(&path, set("customer")).text("/properties/lifecyclestage"), "customer");
    portal.patch(&path, set(""));
    assert_eq!(portal.patch(&path, set("lead")).text("/properties/lifecyclestage"), "lead");
    assert_eq!(codes(&portal.patch(&path, set("Lead")).body), ["INVALID_OPTION"]);
    portal.patch(&path, set("customer"));
    assert!(portal.world.user_update("contacts", &id, &[("lifecyclestage", Some("lead"))], portal.now).is_ok());
    assert_eq!(portal.value("contacts", &id, "lifecyclestage"), "lead");
}

#[test]
fn an_empty_text_clears_and_a_write_stamps_the_record() {
    let mut portal = Portal::new();
    let id = portal.make("companies", json!({"name": "Acme", "phone": "1"}));
    portal.wait(1500);
    let answer = portal.patch(&format!("/crm/v3/objects/companies/{id}"), json!({"properties": {"phone": ""}}));
    assert_eq!(answer.text("/properties/hs_lastmodifieddate"), "2026-11-23T09:00:01.500Z");
    assert_eq!(answer.text("/updatedAt"), "2026-11-23T09:00:01.500Z");
    assert_eq!(portal.value("companies", &id, "phone"), Value::Null);
    assert_eq!(portal.value("companies", &id, "name"), "Acme");
}

#[test]
fn dates_are_strict_before_2026_09_and_normalized_with_a_warning_since() {
    let mut portal = Portal::new();
    let def = PropertyDef::custom("renewal", "Renewal", PropertyType::Date);
    portal.world.add_property("contacts", def);
    let body = json!({"properties": {"renewal": "2026-05-01T13:00:00Z"}});
    assert_eq!(codes(&portal.post("/crm/objects/2026-03/contacts", body.clone()).body), ["INVALID_DATE"]);
    let made = portal.post("/crm/objects/2026-09/contacts", body);
    assert_eq!(made.text("/properties/renewal"), "2026-05-01");
    assert_eq!(made.text("/warnings/0/category"), "PROPERTY_VALUE_NORMALIZED");
}

#[test]
fn a_deal_stage_belongs_to_its_pipeline_and_decides_the_calculated_fields() {
    let mut portal = Portal::new();
    let id = portal.make("deals", json!({"dealname": "D", "dealstage": "closedwon", "amount": "15000"}));
    assert_eq!(portal.value("deals", &id, "pipeline"), "default");
    assert_eq!(portal.value("deals", &id, "hs_is_closed_won"), "true");
    assert_eq!(portal.value("deals", &id, "hs_closed_amount"), "15000");
    let body = json!({"properties": {"dealstage": "nowhere"}});
    assert_eq!(portal.patch(&format!("/crm/v3/objects/deals/{id}"), body).status, 400);
    let body = json!({"properties": {"amount": "15,000"}});
    assert_eq!(portal.patch(&format!("/crm/v3/objects/deals/{id}"), body).status, 400);
    let body = json!({"properties": {"dealstage": "closedlost"}});
    let lost = portal.patch(&format!("/crm/v3/objects/deals/{id}"), body);
    assert_eq!(
        (lost.text("/properties/hs_is_closed"), lost.text("/properties/hs_is_closed_won")),
        ("true".into(), "false".into())
    );
}

#[test]
fn history_says_who_set_a_value_newest_first() {
    let mut portal = Portal::new();
    let now = portal.now;
    let id = portal.world.user_create("contacts", &[("firstname", Some("Ada"))], now).unwrap_or_default();
    portal.wait(1000);
    portal.patch(&format!("/crm/v3/objects/contacts/{id}"), json!({"properties": {"firstname": "Augusta"}}));
    let answer = portal.get(&format!("/crm/v3/objects/contacts/{id}?propertiesWithHistory=firstname"));
    let versions = answer.at("/propertiesWithHistory/firstname").as_array().cloned().unwrap_or_default();
    let seen: Vec<(&str, &str)> =
        versions.iter().filter_map(|v| Some((v.get("value")?.as_str()?, v.get("sourceType")?.as_str()?))).collect();
    assert_eq!(seen, [("Augusta", "API"), ("Ada", "CRM_UI")]);
    let record = portal.world.record("contacts", &id);
    assert_eq!(record.map(|r| r.history("firstname")[0].source.clone()), Some(Source::Api));
}

#[test]
fn owners_are_checked_by_owner_id_not_by_user_id() {
    let mut portal = Portal::new();
    portal.world.add_owner(Owner {
        id: 71,
        email: "Dana@acme.com".to_owned(),
        first_name: "Dana".to_owned(),
        last_name: "W".to_owned(),
        user_id: Some(503),
        archived: false,
        created: portal.now,
        updated: portal.now,
    });
    let id = portal.make("contacts", json!({"hubspot_owner_id": "71"}));
    let body = json!({"properties": {"hubspot_owner_id": "503"}});
    assert_eq!(portal.patch(&format!("/crm/v3/objects/contacts/{id}"), body).status, 400);
    assert_eq!(portal.get("/crm/v3/owners?email=dana@ACME.com").text("/results/0/id"), "71");
    assert_eq!(portal.get("/crm/v3/owners?archived=true").len("/results"), 0);
    assert_eq!(portal.get("/crm/v3/owners/503?idProperty=userId").text("/id"), "71");
}
