//! What people do in the org while a sync works on it.

use super::*;

#[test]
fn a_users_change_carries_the_users_name() {
    let mut world = world();
    let id = lead(&mut world, "A", json!({}));
    world.user_update("Lead", &id, &[("Title", json!("CEO"))], NOW.plus(5000)).unwrap();
    let (_, row) = call(&mut world, "GET", &format!("/sobjects/Lead/{id}"), None);
    assert_eq!(row["CreatedById"], world.integration_user());
    assert_ne!(row["LastModifiedById"], world.integration_user());
    assert_eq!(world.counters().updated, 0);
    let other = world.user_create("Lead", &[("LastName", json!("B")), ("Company", json!("C"))], NOW).unwrap();
    world.user_delete("Lead", &other, NOW).unwrap();
    assert_eq!(world.user_delete("Lead", &other, NOW).unwrap_err()[0].code, "ENTITY_IS_DELETED");
}

#[test]
fn a_late_commit_appears_below_the_watermark_and_locks_its_row() {
    let mut world = world();
    let id = lead(&mut world, "A", json!({"Title": "old"}));
    let (stamped, visible) = (NOW.plus(10_000), NOW.plus(60_000));
    world.user_update_late("Lead", &id, &[("Title", json!("late"))], stamped, visible).unwrap();
    let made = [("LastName", json!("Late")), ("Company", json!("C"))];
    world.user_create_late("Lead", &made, stamped, visible).unwrap();
    let path = format!("/sobjects/Lead/{id}");
    let during = NOW.plus(30_000);
    assert_eq!(call_at(&mut world, during, "GET", &path, None).1["Title"], "old");
    let (status, errors) = call_at(&mut world, during, "PATCH", &path, Some(json!({"Title": "ours"})));
    assert_eq!((status, code(&errors)), (400, "UNABLE_TO_LOCK_ROW"));
    assert_eq!(world.records("Lead").count(), 1);
    let (_, row) = call_at(&mut world, visible, "GET", &path, None);
    assert_eq!((&row["Title"], &row["SystemModstamp"]), (&json!("late"), &json!("2026-06-01T12:00:10.000+0000")));
    assert_eq!(world.records("Lead").count(), 2);
    assert_eq!(call_at(&mut world, visible, "PATCH", &path, Some(json!({"Title": "ours"}))).0, 204);
}

#[test]
fn a_converted_lead_points_to_its_contact_and_takes_no_more_changes() {
    let mut world = world();
    world.config.conversion = vec![("HubSpot_Id__c".to_owned(), "HubSpot_Id__c".to_owned())];
    let id = lead(&mut world, "A", json!({"Email": "a@x.com", "HubSpot_Id__c": "512", "Country": "Germany"}));
    let to = world.user_convert(&id, None, Some("Deal"), NOW.plus(1000)).unwrap();
    let (_, row) = call(&mut world, "GET", &format!("/sobjects/Lead/{id}"), None);
    assert_eq!((&row["IsConverted"], &row["ConvertedContactId"]), (&json!(true), &json!(to.contact)));
    assert_eq!(row["ConvertedDate"], "2026-06-01");
    let (_, contact) = call(&mut world, "GET", &format!("/sobjects/Contact/{}", to.contact), None);
    assert_eq!((&contact["HubSpot_Id__c"], &contact["MailingCountry"]), (&json!("512"), &json!("Germany")));
    assert_eq!(contact["AccountId"], to.account);
    assert_eq!(found(&mut world, "SELECT ContactId FROM OpportunityContactRole", "ContactId"), [json!(to.contact)]);
    let (status, errors) = call(&mut world, "PATCH", &format!("/sobjects/Lead/{id}"), Some(json!({"Title": "x"})));
    assert_eq!((status, code(&errors)), (400, "CANNOT_UPDATE_CONVERTED_LEAD"));
}

#[test]
fn a_merge_leaves_a_deleted_row_that_names_its_master() {
    let mut world = world();
    let account = |world: &mut World| world.user_create("Account", &[("Name", json!("A"))], NOW).unwrap();
    let (winner, loser) = (account(&mut world), account(&mut world));
    let fields = [("LastName", json!("C")), ("AccountId", json!(loser))];
    let contact = world.user_create("Contact", &fields, NOW).unwrap();
    world.user_merge("Account", &winner, &loser, NOW.plus(1000)).unwrap();
    let (_, row) = call(&mut world, "GET", &format!("/sobjects/Contact/{contact}"), None);
    assert_eq!(row["AccountId"], winner);
    let soql = "SELECT MasterRecordId FROM Account WHERE IsDeleted = true";
    let (_, body) = call(&mut world, "GET", &format!("/queryAll?q={}", encoded(soql)), None);
    assert_eq!(body["records"][0]["MasterRecordId"], winner);
}

#[test]
fn what_comes_back_from_the_recycle_bin_brings_its_children() {
    let mut world = world();
    let account = world.user_create("Account", &[("Name", json!("A"))], NOW).unwrap();
    let contact = |world: &mut World, last: &str, at| {
        let fields = [("LastName", json!(last)), ("AccountId", json!(account))];
        world.user_create("Contact", &fields, at).unwrap()
    };
    let (before, with) = (contact(&mut world, "Before", NOW), contact(&mut world, "With", NOW));
    world.user_delete("Contact", &before, NOW.plus(1000)).unwrap();
    world.user_delete("Account", &account, NOW.plus(2000)).unwrap();
    assert_eq!(query(&mut world, "SELECT COUNT() FROM Contact").1["totalSize"], 0);
    world.user_undelete("Account", &account, NOW.plus(3000)).unwrap();
    let soql = "SELECT Id FROM Contact WHERE SystemModstamp = 2026-06-01T12:00:03Z";
    assert_eq!(found(&mut world, soql, "Id"), [json!(with)]);
    assert_eq!(world.user_undelete("Account", &account, NOW).unwrap_err()[0].code, "UNDELETE_FAILED");
}

#[test]
fn a_row_lost_to_a_merge_can_come_back_unless_its_key_is_taken() {
    let mut world = world();
    let (winner, loser) = (lead(&mut world, "W", json!({})), lead(&mut world, "L", json!({"HubSpot_Id__c": "7"})));
    world.user_merge("Lead", &winner, &loser, NOW.plus(1000)).unwrap();
    let taken = lead(&mut world, "T", json!({"HubSpot_Id__c": "7"}));
    assert_eq!(world.user_undelete("Lead", &loser, NOW.plus(2000)).unwrap_err()[0].code, "DUPLICATE_VALUE");
    assert_eq!(call(&mut world, "GET", &format!("/sobjects/Lead/{loser}"), None).0, 404);
    world.user_delete("Lead", &taken, NOW.plus(3000)).unwrap();
    world.user_undelete("Lead", &loser, NOW.plus(4000)).unwrap();
    let (_, row) = call(&mut world, "GET", &format!("/sobjects/Lead/{loser}"), None);
    assert_eq!((&row["LastName"], &row["MasterRecordId"]), (&json!("L"), &Value::Null));
}

#[test]
fn one_contact_role_is_primary() {
    let mut world = world();
    let deal = [("Name", json!("D")), ("StageName", json!("Prospecting")), ("CloseDate", json!("2026-07-01"))];
    let deal = world.user_create("Opportunity", &deal, NOW).unwrap();
    for last in ["A", "B"] {
        let contact = world.user_create("Contact", &[("LastName", json!(last))], NOW).unwrap();
        let role = json!({"OpportunityId": deal, "ContactId": contact, "IsPrimary": true});
        assert_eq!(call(&mut world, "POST", "/sobjects/OpportunityContactRole", Some(role)).0, 201);
    }
    let soql = "SELECT Contact.LastName FROM OpportunityContactRole WHERE IsPrimary = true";
    assert_eq!(found(&mut world, soql, "Contact")[0]["LastName"], "B");
    assert_eq!(query(&mut world, soql).1["totalSize"], 1);
}
