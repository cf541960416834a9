//! `/composite` and `/composite/batch`.

use super::*;

fn part(method: &str, path: &str, name: &str, body: Value) -> Value {
    json!({"method": method, "url": format!("{ROOT}{path}"), "referenceId": name, "body": body})
}

#[test]
fn subrequests_run_in_order_use_each_other_and_cost_one_call() {
    let mut world = world();
    let parts = [
        part("POST", "/sobjects/Account", "acc", json!({"Name": "A"})),
        part("POST", "/sobjects/Contact", "con", json!({"LastName": "B", "AccountId": "@{acc.id}"})),
        part("GET", "/query/?q=SELECT+Id,Account.Name+FROM+Contact+WHERE+Id='@{con.id}'", "q", Value::Null),
        part("PATCH", "/sobjects/Contact/@{q.records[0].Id}", "upd", json!({"Title": "@{q.records[0].Account.Name}"})),
        part("GET", "/sobjects/Contact/@{con.id}?fields=Title", "get", Value::Null),
    ];
    let (status, body) = call(&mut world, "POST", "/composite", Some(json!({"compositeRequest": parts})));
    assert_eq!(status, 200);
    let replies = body["compositeResponse"].as_array().unwrap();
    let codes: Vec<_> = replies.iter().map(|r| r["httpStatusCode"].as_u64().unwrap()).collect();
    assert_eq!(codes, [201, 201, 200, 204, 200], "{body}");
    assert!(replies[0]["httpHeaders"]["Location"].as_str().unwrap().contains("/sobjects/Account/001"));
    assert_eq!((&replies[3]["body"], &replies[4]["body"]["Title"]), (&Value::Null, &json!("A")));
    assert_eq!(world.counters().calls, 1);
}

#[test]
fn a_retrieve_before_an_update_gives_the_old_values() {
    let mut world = world();
    let id = lead(&mut world, "A", json!({"Title": "old"}));
    let records = json!([{"attributes": {"type": "Lead"}, "id": id, "Title": "new"}]);
    let parts = [
        part("POST", "/composite/sobjects/Lead", "before", json!({"ids": [id], "fields": ["Title"]})),
        part("PATCH", "/composite/sobjects", "write", json!({"records": records})),
    ];
    let body = json!({"collateSubrequests": false, "compositeRequest": parts});
    let (_, body) = call(&mut world, "POST", "/composite", Some(body));
    assert_eq!(body["compositeResponse"][0]["body"][0]["Title"], "old");
    assert_eq!(body["compositeResponse"][1]["body"][0]["success"], true);
}

#[test]
fn all_or_none_takes_everything_back() {
    let mut world = world();
    let parts = [
        part("POST", "/sobjects/Account", "a", json!({"Name": "A"})),
        part("POST", "/sobjects/Contact", "b", json!({})),
        part("POST", "/sobjects/Account", "c", json!({"Name": "C"})),
    ];
    let (_, body) = call(&mut world, "POST", "/composite", Some(json!({"allOrNone": true, "compositeRequest": parts})));
    let codes: Vec<_> =
        body["compositeResponse"].as_array().unwrap().iter().map(|r| code(&r["body"]).to_owned()).collect();
    assert_eq!(codes, ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]);
    assert_eq!(world.records("Account").count(), 0);
    let (_, body) = call(&mut world, "POST", "/composite", Some(json!({"compositeRequest": parts})));
    assert_eq!(body["compositeResponse"][2]["httpStatusCode"], 201);
    let parts = [parts[1].clone(), part("GET", "/sobjects/Contact/@{b.id}", "d", Value::Null)];
    let (_, body) = call(&mut world, "POST", "/composite", Some(json!({"compositeRequest": parts})));
    assert_eq!(code(&body["compositeResponse"][1]["body"]), "PROCESSING_HALTED");
}

#[test]
fn the_limits_of_a_composite_hold() {
    let mut world = world();
    let send = |world: &mut World, n: usize, path: &str| {
        let parts: Vec<Value> = (0..n).map(|i| part("GET", path, &format!("r{i}"), Value::Null)).collect();
        call(world, "POST", "/composite/", Some(json!({"compositeRequest": parts}))).0
    };
    assert_eq!(send(&mut world, 26, "/limits"), 400);
    assert_eq!(send(&mut world, 25, "/limits"), 200);
    assert_eq!(send(&mut world, 6, "/query?q=SELECT+Id+FROM+Lead"), 400);
    assert_eq!(send(&mut world, 5, "/query?q=SELECT+Id+FROM+Lead"), 200);
    let mut bad = part("GET", "/limits", "r", Value::Null);
    bad["httpHeaders"] = json!({"Authorization": "Bearer x"});
    assert_eq!(call(&mut world, "POST", "/composite", Some(json!({"compositeRequest": [bad]}))).0, 400);
}

#[test]
fn a_long_query_fits_inside_a_composite_but_not_in_a_url() {
    let mut world = world();
    lead(&mut world, "A", json!({"Email": "p7@x.com"}));
    let emails: Vec<String> = (0..1000).map(|n| format!("'p{n}@x.com'")).collect();
    let soql = format!("SELECT Id FROM Lead WHERE Email IN ({})", emails.join(","));
    let response = handle(&mut world, NOW, &request("GET", &format!("/query?q={}", encoded(&soql)), None));
    assert_eq!(response.status(), 414);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let parts = [part("GET", &format!("/query?q={}", encoded(&soql)), "q", Value::Null)];
    let (_, body) = call(&mut world, "POST", "/composite", Some(json!({"compositeRequest": parts})));
    assert_eq!(body["compositeResponse"][0]["body"]["totalSize"], 1);
}

#[test]
fn a_batch_costs_a_call_for_each_part() {
    let mut world = world();
    let parts = [
        json!({"method": "POST", "url": "v59.0/sobjects/Lead", "richInput": {"LastName": "A", "Company": "B"}}),
        json!({"method": "GET", "url": "v59.0/sobjects/Lead/nonsense"}),
        json!({"method": "GET", "url": "v59.0/limits"}),
    ];
    let body = json!({"haltOnError": true, "batchRequests": parts});
    let (status, body) = call(&mut world, "POST", "/composite/batch", Some(body));
    let codes: Vec<_> = body["results"].as_array().unwrap().iter().map(|r| r["statusCode"].as_u64().unwrap()).collect();
    assert_eq!((status, &body["hasErrors"], codes), (200, &json!(true), vec![201, 400, 412]));
    assert_eq!(world.counters().calls, 2);
}
