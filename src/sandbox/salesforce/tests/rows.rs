//! Single rows, their rules and their values.

use super::*;

#[test]
fn a_created_row_reads_back_with_defaults_and_stamps() {
    let mut world = world();
    let response = handle(
        &mut world,
        NOW.plus(499),
        &request(
            "POST",
            "/sobjects/lead/",
            Some(json!({"LastName": " Boxer ", "FirstName": "Bertha", "Company": "Coop", "Phone": ""})),
        ),
    );
    let id = json_of(&response)["id"].as_str().unwrap().to_owned();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["location"].to_str().unwrap(), format!("{ROOT}/sobjects/Lead/{id}"));
    assert!(id.len() == 18 && id.starts_with("00Q"));
    let (status, row) = call(&mut world, "GET", &format!("/sobjects/Lead/{}", &id[..15]), None);
    assert_eq!(status, 200);
    assert_eq!(row["attributes"]["url"], format!("{ROOT}/sobjects/Lead/{id}"));
    assert_eq!((row["Name"].as_str(), row["LastName"].as_str()), (Some("Bertha Boxer"), Some("Boxer")));
    assert_eq!(
        (&row["Phone"], &row["IsConverted"], &row["Status"]),
        (&Value::Null, &json!(false), &json!("Open - Not Contacted"))
    );
    assert_eq!(row["SystemModstamp"], "2026-06-01T12:00:00.000+0000");
    assert_eq!(row["CreatedById"], world.integration_user());
}

#[test]
fn blank_text_clears_and_every_update_stamps() {
    let mut world = world();
    let id = lead(&mut world, "A", json!({"Title": "CFO", "City": "Paris"}));
    let path = format!("/sobjects/Lead/{id}");
    let later = NOW.plus(60_000);
    assert_eq!(call_at(&mut world, later, "PATCH", &path, Some(json!({"Title": "", "City": null}))).0, 204);
    let (_, row) = call(&mut world, "GET", &format!("{path}?fields=Title,City,LastName,LastModifiedDate"), None);
    assert_eq!(row.as_object().unwrap().len(), 5);
    assert_eq!((&row["Title"], &row["City"], &row["LastName"]), (&Value::Null, &Value::Null, &json!("A")));
    assert_eq!(row["LastModifiedDate"], "2026-06-01T12:01:00.000+0000");
}

#[test]
fn what_describe_forbids_is_refused_with_its_code() {
    let mut world = world();
    world.add_field("Lead", FieldDef::picklist("Tier__c", "Tier", &["A", "B"]).restricted());
    let base = json!({"LastName": "X", "Company": "Y"});
    for (field, value, expected, part) in [
        ("LastName", json!(null), "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]"),
        ("LastName", json!("  "), "REQUIRED_FIELD_MISSING", "[LastName]"),
        ("FirstName", json!("a".repeat(41)), "STRING_TOO_LONG", "First Name: data value too large: aaa"),
        ("FirstName", json!("a".repeat(41)), "STRING_TOO_LONG", "(max length=40)"),
        (
            "Email",
            json!("kim@@example..com"),
            "INVALID_EMAIL_ADDRESS",
            "Email: invalid email address: kim@@example..com",
        ),
        ("Email", json!("b.levy@expressl&t.net"), "INVALID_EMAIL_ADDRESS", "Email"),
        (
            "Tier__c",
            json!("C"),
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "bad value for restricted picklist field: C",
        ),
        ("Nope__c", json!(1), "INVALID_FIELD", "No such column 'Nope__c' on sobject of type Lead"),
        ("IsConverted", json!(true), "INVALID_FIELD_FOR_INSERT_UPDATE", "IsConverted"),
        ("Name", json!("x"), "INVALID_FIELD_FOR_INSERT_UPDATE", "Name"),
        ("Id", json!("00Q"), "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id"),
        ("DoNotCall", json!(null), "INVALID_TYPE_ON_FIELD_IN_RECORD", "Do Not Call"),
        (
            "AnnualRevenue",
            json!("much"),
            "JSON_PARSER_ERROR",
            "Cannot deserialize instance of currency from VALUE_STRING value much",
        ),
        ("NumberOfEmployees", json!(123_456_789), "NUMBER_OUTSIDE_VALID_RANGE", "Employees"),
        ("Title", json!({}), "JSON_PARSER_ERROR", "START_OBJECT"),
        ("OwnerId", json!("zzz"), "MALFORMED_ID", "Owner ID: id value of incorrect type: zzz"),
        ("OwnerId", json!("0055Y00000F9t8f"), "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
    ] {
        let mut body = base.clone();
        body[field] = value;
        let (status, errors) = call(&mut world, "POST", "/sobjects/Lead", Some(body));
        assert_eq!((status, code(&errors)), (400, expected), "{field}: {errors}");
        assert!(errors[0]["message"].as_str().unwrap().contains(part), "{errors}");
    }
    assert_eq!(world.records("Lead").count(), 0);
    let both = json!({"LastName": "X", "Company": "Y", "FirstName": "a".repeat(99), "City": "b".repeat(99)});
    assert_eq!(call(&mut world, "POST", "/sobjects/Lead", Some(both)).1.as_array().unwrap().len(), 2);
}

#[test]
fn unique_keys_name_their_holder() {
    let mut world = world();
    let id = lead(&mut world, "A", json!({"HubSpot_Id__c": "512"}));
    let body = json!({"LastName": "B", "Company": "C", "HubSpot_Id__c": "512"});
    let (status, errors) = call(&mut world, "POST", "/sobjects/Lead", Some(body.clone()));
    assert_eq!((status, code(&errors)), (400, "DUPLICATE_VALUE"));
    assert!(errors[0]["message"].as_str().unwrap().ends_with(&format!("record with id: {}", &id[..15])));
    call(&mut world, "DELETE", &format!("/sobjects/Lead/{id}"), None);
    assert_eq!(call(&mut world, "POST", "/sobjects/Lead", Some(body)).0, 201);
}

#[test]
fn deleted_unknown_and_malformed_ids_differ() {
    let mut world = world();
    let id = lead(&mut world, "A", json!({}));
    let path = format!("/sobjects/Lead/{id}");
    assert_eq!(call(&mut world, "DELETE", &path, None).0, 204);
    for (method, path, status, expected) in [
        ("DELETE", path.as_str(), 404, "ENTITY_IS_DELETED"),
        ("GET", path.as_str(), 404, "ENTITY_IS_DELETED"),
        ("GET", "/sobjects/Lead/00Q000000000001", 404, "NOT_FOUND"),
        ("GET", "/sobjects/Lead/nonsense", 400, "MALFORMED_ID"),
        ("GET", "/sobjects/Lead/003000000000001", 400, "MALFORMED_ID"),
        ("GET", "/sobjects/Ghost/003000000000001", 404, "NOT_FOUND"),
        ("PUT", "/sobjects/Lead", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/nothing/here", 404, "NOT_FOUND"),
        ("GET", "/services/data/v99.0/limits", 404, "NOT_FOUND"),
    ] {
        let (got, errors) = call(&mut world, method, path, None);
        assert_eq!((got, code(&errors)), (status, expected), "{method} {path}");
    }
}

#[test]
fn upsert_creates_updates_and_tells_several_apart() {
    let mut world = world();
    let path = "/sobjects/Contact/HubSpot_Id__c/a%2Fb%20c";
    let (status, made) = call(&mut world, "PATCH", path, Some(json!({"LastName": "Key"})));
    assert_eq!((status, &made["created"]), (201, &json!(true)));
    let (status, again) = call(&mut world, "PATCH", path, Some(json!({"FirstName": "K"})));
    assert_eq!((status, &again["created"], &again["id"]), (200, &json!(false), &made["id"]));
    let old = format!("/services/data/v45.0{path}");
    assert_eq!(call(&mut world, "PATCH", &old, Some(json!({"FirstName": "K"}))), (204, Value::Null));
    assert_eq!(call(&mut world, "GET", path, None).1["HubSpot_Id__c"], "a/b c");
    assert_eq!(call(&mut world, "GET", "/sobjects/Contact/HubSpot_Id__c/none", None).0, 404);
    for last in ["A", "B"] {
        call(&mut world, "POST", "/sobjects/Contact", Some(json!({"LastName": last, "Email": "Same@x.com"})));
    }
    let (status, urls) = call(&mut world, "PATCH", "/sobjects/Contact/Email/same@x.com", Some(json!({"Title": "T"})));
    assert_eq!((status, urls.as_array().map(Vec::len)), (300, Some(2)));
    assert!(urls[0].as_str().unwrap().starts_with("/services/data/v59.0/sobjects/Contact/003"));
    let (status, errors) = call(&mut world, "PATCH", "/sobjects/Contact/Title/x", Some(json!({})));
    assert_eq!((status, code(&errors)), (404, "NOT_FOUND"));
}

#[test]
fn if_unmodified_since_protects_a_row() {
    let mut world = world();
    let id = lead(&mut world, "A", json!({}));
    for (date, status) in [("Mon, 01 Jun 2026 11:59:59 GMT", 412), ("Mon, 01 Jun 2026 12:00:00 GMT", 204)] {
        let mut request = request("PATCH", &format!("/sobjects/Lead/{id}"), Some(json!({"Title": "T"})));
        request.headers_mut().insert("if-unmodified-since", date.parse().unwrap());
        assert_eq!(handle(&mut world, NOW, &request).status(), status, "{date}");
    }
}

#[test]
fn stages_decide_what_is_closed_and_won() {
    let mut world = world();
    let body = json!({"Name": "Deal", "StageName": "Closed Won", "CloseDate": "2026-04-17", "Amount": 5000});
    let (_, made) = call(&mut world, "POST", "/sobjects/Opportunity", Some(body));
    let path = format!("/sobjects/Opportunity/{}", made["id"].as_str().unwrap());
    let (_, row) = call(&mut world, "GET", &path, None);
    assert_eq!((&row["IsWon"], &row["Probability"], &row["Fiscal"]), (&json!(true), &json!(100), &json!("2026 2")));
    call(&mut world, "PATCH", &path, Some(json!({"StageName": "Prospecting"})));
    let (_, row) = call(&mut world, "GET", &path, None);
    assert_eq!((&row["IsClosed"], &row["ExpectedRevenue"]), (&json!(false), &json!(500)));
}

#[test]
fn a_parent_can_be_named_by_its_key_and_takes_its_children_along() {
    let mut world = world();
    let (_, account) = call(&mut world, "POST", "/sobjects/Account", Some(json!({"Name": "A", "HubSpot_Id__c": "9"})));
    let body = json!({"LastName": "C", "Account": {"HubSpot_Id__c": "9"}});
    let (_, contact) = call(&mut world, "POST", "/sobjects/Contact", Some(body));
    let path = format!("/sobjects/Contact/{}", contact["id"].as_str().unwrap());
    assert_eq!(call(&mut world, "GET", &path, None).1["AccountId"], account["id"]);
    call(&mut world, "DELETE", &format!("/sobjects/Account/{}", account["id"].as_str().unwrap()), None);
    assert_eq!(code(&call(&mut world, "GET", &path, None).1), "ENTITY_IS_DELETED");
}

#[test]
fn describe_tells_fields_as_they_are() {
    let mut world = world();
    let (_, lead) = call(&mut world, "GET", "/sobjects/Lead/describe/", None);
    let field = |name: &str| lead["fields"].as_array().unwrap().iter().find(|f| f["name"] == name).unwrap().clone();
    let key = field("HubSpot_Id__c");
    assert_eq!((&key["externalId"], &key["unique"], &key["length"]), (&json!(true), &json!(true), &json!(32)));
    assert_eq!((&field("LastName")["nillable"], &field("Company")["length"]), (&json!(false), &json!(255)));
    assert_eq!(field("Status")["picklistValues"][0]["value"], "Open - Not Contacted");
    assert_eq!(field("IsConverted")["updateable"], false);
    assert_eq!(call(&mut world, "GET", "/sobjects", None).1["sobjects"].as_array().unwrap().len(), 14);
    let (_, account) = call(&mut world, "GET", "/sobjects/Account/describe", None);
    let children = account["childRelationships"].as_array().unwrap();
    assert!(children.iter().any(|c| c["childSObject"] == "Contact" && c["relationshipName"] == "Contacts"));
}
