//! An org with its picklists of states and countries switched on.

use super::*;

fn listed() -> World {
    let mut world = world();
    let countries = [("US", "United States"), ("DE", "Germany"), ("FR", "France")];
    let states =
        [("US", "CA", "California"), ("US", "NY", "New York"), ("DE", "BY", "Bavaria"), ("DE", "NY", "Newyork")];
    world.list_places(&countries, &states);
    world
}

/// Status, and the code, text and field of the refusal, of a lead made with these fields.
fn refused(world: &mut World, fields: Value) -> (u16, String, String) {
    let mut body = json!({"LastName": "A", "Company": "C"});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let (status, answer) = call(world, "POST", "/sobjects/Lead", Some(body));
    let text = |key: &str| answer[0][key].as_str().unwrap_or_default().to_owned();
    assert_eq!((status, text("errorCode").as_str()), (400, "FIELD_INTEGRITY_EXCEPTION"), "{answer}");
    (status, text("message"), answer[0]["fields"][0].as_str().unwrap_or_default().to_owned())
}

fn address(world: &mut World, id: &str) -> [Value; 4] {
    let (_, row) = call(world, "GET", &format!("/sobjects/Lead/{id}"), None);
    ["Country", "CountryCode", "State", "StateCode"].map(|field| row[field].clone())
}

#[test]
fn a_text_fills_its_code_and_a_code_its_text() {
    let mut world = listed();
    let expected = [json!("United States"), json!("US"), json!("New York"), json!("NY")];
    let by_text = lead(&mut world, "A", json!({"Country": "United States", "State": "New York"}));
    assert_eq!(address(&mut world, &by_text), expected);
    let by_code = lead(&mut world, "A", json!({"CountryCode": "US", "StateCode": "NY"}));
    assert_eq!(address(&mut world, &by_code), expected);
    // The code counts where a new row says both; the same code is another state elsewhere.
    let both = lead(&mut world, "A", json!({"Country": "France", "CountryCode": "DE", "StateCode": "NY"}));
    assert_eq!(address(&mut world, &both), [json!("Germany"), json!("DE"), json!("Newyork"), json!("NY")]);
    // Without its country a state goes too.
    assert_eq!(call(&mut world, "PATCH", &format!("/sobjects/Lead/{both}"), Some(json!({"CountryCode": null}))).0, 204);
    assert_eq!(address(&mut world, &both), [Value::Null, Value::Null, Value::Null, Value::Null]);
    assert_eq!(call(&mut world, "PATCH", &format!("/sobjects/Lead/{by_code}"), Some(json!({"State": ""}))).0, 204);
    assert_eq!(address(&mut world, &by_code), [json!("United States"), json!("US"), Value::Null, Value::Null]);
}

#[test]
fn what_the_lists_do_not_hold_refuses_the_row() {
    let mut world = listed();
    let country = "There's a problem with this country, even though it may appear correct. Please select a country/territory \
                   from the list of valid countries.: Country";
    let state = "There's a problem with this state, even though it may appear correct. Please select a state from the list \
                 of valid states.: State/Province";
    let first = "A country/territory must be specified before specifying a state value for field: State/Province";
    let not_there =
        "The StateCode field contains FD, which isn't an available state. Your administrator can add it for you.";
    let elsewhere = "The existing country/territory doesn't recognize the state value for field: State/Province Code";
    for (fields, message, field) in [
        (json!({"Country": "USA"}), country, "Country"),
        (json!({"Country": "United States", "State": "Californa"}), state, "State"),
        (json!({"Country": "Germany", "State": "California"}), state, "State"),
        (json!({"State": "California"}), first, "State"),
        (json!({"CountryCode": "US", "StateCode": "FD"}), not_there, "StateCode"),
        (json!({"CountryCode": "FR", "StateCode": "CA"}), elsewhere, "StateCode"),
    ] {
        assert_eq!(refused(&mut world, fields), (400, message.into(), field.into()));
    }
    assert_eq!(world.records("Lead").count(), 0);
    // A row that is there: another country leaves a state that is not its own, and both must say the same.
    let id = lead(&mut world, "A", json!({"CountryCode": "US", "StateCode": "CA"}));
    for (change, message) in [
        (json!({"Country": "France"}), elsewhere),
        (json!({"CountryCode": "DE", "Country": "France", "State": ""}), country),
    ] {
        let (status, answer) = call(&mut world, "PATCH", &format!("/sobjects/Lead/{id}"), Some(change));
        assert_eq!((status, &answer[0]["message"]), (400, &json!(message)));
    }
    assert_eq!(address(&mut world, &id)[..2], [json!("United States"), json!("US")]);
}

#[test]
fn rows_from_before_the_lists_keep_what_they_hold() {
    let mut world = world();
    let id = lead(&mut world, "A", json!({"Country": "USA", "State": "calif"}));
    world.list_places(&[("US", "United States")], &[("US", "CA", "California")]);
    let path = format!("/sobjects/Lead/{id}");
    assert_eq!(call(&mut world, "PATCH", &path, Some(json!({"Title": "CEO"}))).0, 204);
    assert_eq!(call(&mut world, "PATCH", &path, Some(json!({"State": "California"}))).0, 400);
    assert_eq!(call(&mut world, "PATCH", &path, Some(json!({"State": "California", "CountryCode": "US"}))).0, 204);
    assert_eq!(address(&mut world, &id)[1..], [json!("US"), json!("California"), json!("CA")]);
}

#[test]
fn describe_tells_which_states_go_with_which_country_and_a_dump_keeps_it() {
    let mut world = listed();
    let (_, described) = call(&mut world, "GET", "/sobjects/Contact/describe", None);
    let field =
        |name: &str| described["fields"].as_array().unwrap().iter().find(|f| f["name"] == name).unwrap().clone();
    let state = field("MailingStateCode");
    assert_eq!((&state["controllerName"], &state["dependentPicklist"]), (&json!("MailingCountryCode"), &json!(true)));
    assert_eq!((&state["restrictedPicklist"], &state["label"]), (&json!(true), &json!("Mailing State/Province Code")));
    // The second bit: Germany.
    let bavaria = json!({"value": "BY", "label": "Bavaria", "active": true, "defaultValue": false, "validFor": "QA=="});
    assert_eq!(state["picklistValues"][2], bavaria);
    assert!(field("OtherCountryCode")["picklistValues"][0]["validFor"].is_null());
    let mut again = World::new(Config::default(), 7, NOW);
    again.load(&world.dump(), NOW).unwrap();
    assert_eq!(again.field("Contact", "MailingStateCode"), world.field("Contact", "MailingStateCode"));
    refused(&mut again, json!({"Country": "USA"}));
}
