//! What happens to people over time: archived, restored, merged, forgotten.

use serde_json::json;

use super::Portal;

const EMAILS: &str = "hs_additional_emails";

#[test]
fn a_restored_contact_is_live_again_unless_its_address_is_taken() {
    let mut portal = Portal::new();
    let id = portal.make("contacts", json!({"email": "ada@example.com"}));
    portal.world.user_archive("contact", &id, portal.now).unwrap();
    portal.wait(1000);
    let other = portal.make("contacts", json!({"email": "ada@example.com"}));
    let refused = portal.world.user_restore("contact", &id, portal.now).unwrap_err();
    assert_eq!((refused.status, refused.category), (409, Some("CONFLICT")));
    portal.world.user_archive("contact", &other, portal.now).unwrap();
    portal.world.user_restore("contact", &id, portal.now).unwrap();
    let read = portal.get(&format!("/crm/v3/objects/contacts/{id}"));
    assert_eq!((read.status, read.at("/archived")), (200, &json!(false)));
    assert_eq!(read.at("/properties/lastmodifieddate"), "2026-11-23T09:00:01.000Z");
    assert_eq!(portal.get(&format!("/crm/v3/objects/contacts/{id}?archived=True")).status, 404);
    assert_eq!(portal.world.user_restore("contact", &id, portal.now).unwrap_err().status, 404);
}

#[test]
fn a_forgotten_contact_is_nowhere() {
    let mut portal = Portal::new();
    let company = portal.make("companies", json!({"name": "A"}));
    for by in [json!({"idProperty": "email", "objectId": "ada@example.com"}), json!({})] {
        let id = portal.make("contacts", json!({"email": "ada@example.com"}));
        portal.world.set_primary_company(&id, &company, portal.now).unwrap();
        let mut body = json!({"objectId": id});
        body.as_object_mut().unwrap().extend(by.as_object().unwrap().clone());
        assert_eq!(portal.post("/crm/v3/objects/contacts/gdpr-delete", body.clone()).status, 204);
        for archived in ["false", "true"] {
            assert_eq!(portal.get(&format!("/crm/v3/objects/contacts/{id}?archived={archived}")).status, 404);
        }
        assert_eq!(
            portal.get(&format!("/crm/v4/objects/companies/{company}/associations/contacts")).len("/results"),
            0
        );
        assert_eq!(portal.post("/crm/v3/objects/contacts/gdpr-delete", body).status, 204);
    }
}

#[test]
fn a_merge_of_merged_contacts_keeps_all_ids_and_addresses() {
    let mut portal = Portal::new();
    let [a, b, c] =
        ["a", "b", "c"].map(|name| portal.make("contacts", json!({"email": format!("{name}@example.com")})));
    let company = portal.make("companies", json!({"name": "A"}));
    portal.world.set_primary_company(&b, &company, portal.now).unwrap();
    let ab = portal.world.user_merge("contact", &a, &b, portal.now).unwrap();
    let all = portal.world.user_merge("contact", &c, &ab, portal.now).unwrap();
    for old in [&a, &b, &c, &ab] {
        assert_eq!(portal.get(&format!("/crm/v3/objects/contacts/{old}")).text("/id"), all, "{old}");
    }
    assert_eq!(portal.value("contacts", &all, "email"), "c@example.com");
    assert_eq!(portal.value("contacts", &all, EMAILS), "a@example.com;b@example.com");
    assert_eq!(portal.value("contacts", &all, "hs_merged_object_ids"), format!("{a};{b};{c};{ab}"));
    assert_eq!(portal.value("contacts", &all, "associatedcompanyid"), json!(company));
    let by = portal.get("/crm/v3/objects/contacts/b@example.com?idProperty=email");
    assert_eq!(by.text("/id"), all);
    // A secondary address is as taken as a primary one.
    let taken = portal.post("/crm/v3/objects/contacts", json!({"properties": {"email": "a@example.com"}}));
    assert_eq!((taken.status, taken.text("/category").as_str()), (409, "CONFLICT"));
}

#[test]
fn a_secondary_address_that_becomes_primary_changes_places() {
    let mut portal = Portal::new();
    let id = portal.make("contacts", json!({"email": "a@example.com", EMAILS: "b@example.com"}));
    let path = format!("/crm/v3/objects/contacts/{id}");
    assert_eq!(portal.patch(&path, json!({"properties": {"email": "b@example.com"}})).status, 200);
    assert_eq!(portal.value("contacts", &id, "email"), "b@example.com");
    assert_eq!(portal.value("contacts", &id, EMAILS), "a@example.com");
}
