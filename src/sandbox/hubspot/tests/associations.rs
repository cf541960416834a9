use serde_json::{Value, json};

use super::Portal;

const READ: &str = "/crm/v4/associations/contacts/companies/batch/read";

fn three(portal: &mut Portal) -> [String; 3] {
    let contact = portal.make("contacts", json!({"email": "ada@example.com"}));
    [contact, portal.make("companies", json!({"name": "A"})), portal.make("companies", json!({"name": "B"}))]
}

fn tie(portal: &mut Portal, contact: &str, company: &str) -> u16 {
    let path = format!("/crm/objects/2026-09/contacts/{contact}/associations/default/companies/{company}");
    portal.send("PUT", &path, None).status
}

#[test]
fn the_first_company_is_primary_and_moves_with_a_labelled_write() {
    let mut portal = Portal::new();
    let [contact, a, b] = three(&mut portal);
    portal.wait(1000);
    assert_eq!((tie(&mut portal, &contact, &a), tie(&mut portal, &contact, &b)), (200, 200));
    assert_eq!(portal.value("contacts", &contact, "associatedcompanyid"), json!(a));
    assert_eq!(portal.value("contacts", &contact, "lastmodifieddate"), "2026-11-23T09:00:01.000Z");
    let inputs = json!({"inputs": [{"from": {"id": contact}, "to": {"id": b}, "types":
        [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]}]});
    let moved = portal.post("/crm/v4/associations/contacts/companies/batch/create", inputs);
    assert_eq!((moved.status, moved.at("/results/0/labels")), (201, &json!(["Primary"])));
    assert_eq!(portal.value("contacts", &contact, "associatedcompanyid"), json!(b));
    let read = portal.post(READ, json!({"inputs": [{"id": contact}]}));
    let labels: Vec<&Value> = [0, 1].map(|n| read.at(&format!("/results/0/to/{n}/associationTypes/0/label"))).to_vec();
    assert_eq!(labels, [&Value::Null, &json!("Primary")]);
    let back = portal.post("/crm/v4/associations/companies/contacts/batch/read", json!({"inputs": [{"id": a}]}));
    assert_eq!(back.at("/results/0/to/0/associationTypes/0/typeId"), 280);
}

#[test]
fn one_pair_is_tied_labelled_and_separated_by_its_own_address() {
    let mut portal = Portal::new();
    let [contact, a, b] = three(&mut portal);
    tie(&mut portal, &contact, &a);
    let path = |company: &str| format!("/crm/v4/objects/contacts/{contact}/associations/companies/{company}");
    let primary = json!([{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]);
    let made = portal.send("PUT", &path(&b), Some(primary.clone()));
    assert_eq!((made.status, made.at("/labels")), (201, &json!(["Primary"])));
    assert_eq!(portal.value("contacts", &contact, "associatedcompanyid"), json!(b));
    let inputs = json!({"inputs": [{"from": {"id": contact}, "to": {"id": b}, "types": primary}]});
    let gone = portal.post("/crm/v4/associations/contacts/companies/batch/labels/archive", inputs);
    assert_eq!(gone.status, 204);
    assert_eq!(portal.value("contacts", &contact, "associatedcompanyid"), Value::Null);
    let read = portal.get(&format!("/crm/v4/objects/contacts/{contact}/associations/companies"));
    assert_eq!(read.len("/results"), 2);
    assert_eq!(portal.send("DELETE", &path(&b), None).status, 204);
    assert_eq!(portal.send("DELETE", &path(&b), None).status, 204);
    let wrong = json!([{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]);
    assert_eq!(portal.send("PUT", &path(&b), Some(wrong)).status, 400);
}

#[test]
fn the_older_form_names_its_types() {
    let mut portal = Portal::new();
    let [contact, a, b] = three(&mut portal);
    let mut v3 = |verb: &str, inputs: Value| {
        portal.post(&format!("/crm/v3/associations/contacts/companies/batch/{verb}"), json!({"inputs": inputs}))
    };
    let pair = |company: &str, kind: &str| json!({"from": {"id": contact}, "to": {"id": company}, "type": kind});
    let made = v3("create", json!([pair(&a, "contact_to_company_unlabeled"), pair(&b, "contact_to_company")]));
    assert_eq!((made.status, made.len("/results")), (201, 2));
    let read = v3("read", json!([{"id": contact}]));
    let types: Vec<&Value> = [0, 1, 2].map(|n| read.at(&format!("/results/0/to/{n}/type"))).to_vec();
    assert_eq!(types, ["contact_to_company_unlabeled", "contact_to_company", "contact_to_company_unlabeled"]);
    assert_eq!(v3("create", json!([pair(&a, "deal_to_company")])).status, 400);
    assert_eq!(v3("archive", json!([pair(&a, "contact_to_company"), pair(&b, "contact_to_company")])).status, 204);
    assert_eq!(v3("read", json!([{"id": contact}])).status, 207);
}

#[test]
fn the_other_id_is_a_number_in_v4_and_text_since() {
    let mut portal = Portal::new();
    let [contact, a, _] = three(&mut portal);
    tie(&mut portal, &contact, &a);
    let inputs = json!({"inputs": [{"id": contact}]});
    let v4 = portal.post(READ, inputs.clone());
    assert_eq!(
        (v4.at("/results/0/to/0/toObjectId"), v4.text("/results/0/from/id")),
        (&json!(a.parse::<u64>().ok()), contact)
    );
    let dated = portal.post("/crm/associations/2026-09/contacts/companies/batch/read", inputs);
    assert_eq!(dated.text("/results/0/to/0/toObjectId"), a);
}

#[test]
fn a_record_without_associations_is_an_error_of_a_207() {
    let mut portal = Portal::new();
    let [contact, a, _] = three(&mut portal);
    let lonely = portal.make("contacts", json!({}));
    tie(&mut portal, &contact, &a);
    let read = portal.post(READ, json!({"inputs": [{"id": lonely}, {"id": contact}]}));
    assert_eq!((read.status, read.len("/results")), (207, 1));
    assert_eq!(read.text("/errors/0/subCategory"), "crm.associations.NO_ASSOCIATIONS_FOUND");
    assert_eq!(read.at("/errors/0/context/fromObjectId"), &json!([lonely]));
}

#[test]
fn associations_come_with_a_record_once_per_type() {
    let mut portal = Portal::new();
    let [contact, a, _] = three(&mut portal);
    tie(&mut portal, &contact, &a);
    let got = portal.get(&format!("/crm/v3/objects/contacts/{contact}?associations=companies,deals"));
    assert_eq!(
        got.at("/associations"),
        &json!({"companies": {"results": [{"id": a, "type": "contact_to_company"},
            {"id": a, "type": "contact_to_company_unlabeled"}]}})
    );
    portal.send("DELETE", &format!("/crm/v3/objects/companies/{a}"), None);
    let got = portal
        .get(&format!("/crm/v3/objects/contacts/{contact}?associations=companies&properties=associatedcompanyid"));
    assert_eq!((got.at("/associations"), got.at("/properties/associatedcompanyid")), (&Value::Null, &Value::Null));
}

#[test]
fn long_lists_are_cut_inline_and_paged_by_the_api() {
    let mut portal = Portal::new();
    let company = portal.make("companies", json!({"name": "Big"}));
    for _ in 0..501 {
        let id = portal.make("contacts", json!({}));
        tie(&mut portal, &id, &company);
    }
    let inline = portal.get(&format!("/crm/v3/objects/companies/{company}?associations=contacts"));
    assert!(inline.len("/associations/contacts/results") < 501);
    assert_ne!(inline.at("/associations/contacts/paging/next/after"), &Value::Null);
    let path = "/crm/v4/associations/companies/contacts/batch/read";
    let first = portal.post(path, json!({"inputs": [{"id": company}]}));
    assert_eq!(first.len("/results/0/to"), 500);
    let after = first.text("/results/0/paging/next/after");
    let rest = portal.post(path, json!({"inputs": [{"id": company, "after": after}]}));
    assert_eq!(rest.len("/results/0/to"), 1);
}

#[test]
fn a_create_can_bring_its_associations() {
    let mut portal = Portal::new();
    let [contact, a, _] = three(&mut portal);
    let body = json!({"properties": {"dealname": "D"}, "associations": [
        {"to": {"id": contact}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]},
        {"to": {"id": a}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]}]});
    let deal = portal.post("/crm/v3/objects/deals", body.clone()).text("/id");
    assert_eq!(portal.world.associated("deals", &deal, "contacts"), [contact]);
    assert_eq!(portal.world.associated("deals", &deal, "companies"), [a]);
    let mut bad = body;
    bad["associations"][0]["to"]["id"] = json!("999");
    assert_eq!(portal.post("/crm/v3/objects/deals", bad).status, 404);
    assert_eq!(portal.world.records("deals").count(), 1);
}

#[test]
fn a_domain_can_tie_a_new_contact_to_its_company() {
    let mut portal = Portal::with(|config| config.auto_associate_companies = true);
    let company = portal.make("companies", json!({"name": "A", "domain": "Example.com"}));
    let contact = portal.make("contacts", json!({"email": "ada@example.com"}));
    assert_eq!(portal.value("contacts", &contact, "associatedcompanyid"), json!(company));
}
