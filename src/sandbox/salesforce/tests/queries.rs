//! SOQL: what it finds, in which order, in what pages, and how it refuses.

use super::*;

/// Five leads, one of them deleted.
fn people() -> World {
    let mut world = world();
    for (n, (last, email, country, employees)) in [
        ("Ärger", Some("a@X.com"), Some("DE"), Some(5)),
        ("bond", Some("b@x.com"), None, Some(40)),
        ("Cee", None, Some("FR"), None),
        ("O'Neil", Some("o_n@x.com"), Some("fr"), Some(7)),
        ("Zed", Some("z@x.com"), Some("US"), Some(1)),
    ]
    .into_iter()
    .enumerate()
    {
        let fields = json!({"LastName": last, "Company": "C", "Email": email, "Country": country,
            "NumberOfEmployees": employees, "HubSpot_Id__c": n.to_string()});
        let (status, _) = call_at(&mut world, NOW.plus(n as i64 * 1000), "POST", "/sobjects/Lead", Some(fields));
        assert_eq!(status, 201);
    }
    let zed = found(&mut world, "SELECT Id FROM Lead WHERE LastName = 'Zed'", "Id");
    call_at(&mut world, NOW.plus(9000), "DELETE", &format!("/sobjects/Lead/{}", zed[0].as_str().unwrap()), None);
    world
}

#[test]
fn conditions_mean_what_soql_says() {
    let mut world = people();
    for (condition, expected) in [
        ("LastName = 'BOND'", vec!["bond"]),
        ("LastName = 'ärger'", vec!["Ärger"]),
        ("LastName LIKE '%e%' AND LastName != 'cee'", vec!["O'Neil", "Ärger"]),
        ("LastName = 'O\\'Neil'", vec!["O'Neil"]),
        ("Email LIKE 'o\\_n@%'", vec!["O'Neil"]),
        ("Email LIKE '__n@x.com'", vec!["O'Neil"]),
        ("LastName = '\\u00c4rger'", vec!["Ärger"]),
        ("Country = 'FR'", vec!["Cee", "O'Neil"]),
        ("Country != 'FR'", vec!["bond", "Ärger"]),
        ("Country = null", vec!["bond"]),
        ("Email = ''", vec!["Cee"]),
        ("Email IN ('A@x.com', 'b@x.com', 'none')", vec!["bond", "Ärger"]),
        ("Email NOT IN ('a@x.com')", vec!["bond", "Cee", "O'Neil"]),
        ("NumberOfEmployees >= 7", vec!["bond", "O'Neil"]),
        ("NumberOfEmployees < 7 OR (Country = 'FR' AND NumberOfEmployees = null)", vec!["Cee", "Ärger"]),
        ("NOT (Country = 'FR' OR Country = 'DE')", vec!["bond"]),
        ("IsConverted = false AND HubSpot_Id__c IN ('1','2')", vec!["bond", "Cee"]),
        ("CreatedDate > 2026-06-01T12:00:01Z", vec!["Cee", "O'Neil"]),
        (
            "SystemModstamp >= 2026-06-01T14:00:01.000+02:00 AND SystemModstamp < 2026-06-01T12:00:03Z",
            vec!["bond", "Cee"],
        ),
        ("Owner.Name = 'sync integration' AND Lead.LastName = 'Cee'", vec!["Cee"]),
        ("Owner.Email LIKE '%nobody%'", vec![]),
        ("IsDeleted = true", vec![]),
    ] {
        let soql = format!("SELECT LastName FROM Lead WHERE {condition} ORDER BY LastName");
        assert_eq!(found(&mut world, &soql, "LastName"), expected, "{condition}");
    }
}

#[test]
fn order_limit_offset_and_count() {
    let mut world = people();
    let mut by = |order: &str| found(&mut world, &format!("SELECT LastName FROM Lead {order}"), "LastName");
    assert_eq!(by("ORDER BY NumberOfEmployees"), ["Cee", "Ärger", "O'Neil", "bond"]);
    assert_eq!(by("ORDER BY NumberOfEmployees DESC"), ["bond", "O'Neil", "Ärger", "Cee"]);
    assert_eq!(by("ORDER BY NumberOfEmployees ASC NULLS LAST LIMIT 2 OFFSET 1"), ["O'Neil", "bond"]);
    assert_eq!(by("ORDER BY Country DESC NULLS FIRST, LastName DESC"), ["bond", "O'Neil", "Cee", "Ärger"]);
    assert_eq!(by("ORDER BY SystemModstamp, Id LIMIT 2"), ["Ärger", "bond"]);
    let (_, body) = query(&mut world, "select count() from lead where Country = 'FR'");
    assert_eq!(body, json!({"totalSize": 2, "done": true, "records": []}));
}

#[test]
fn groups_tell_of_their_rows() {
    let mut world = people();
    let mut rows = |soql: &str| {
        let (status, body) = query(&mut world, soql);
        assert_eq!(status, 200, "{soql}: {body}");
        let mut rows = body["records"].clone();
        for country in rows.as_array_mut().unwrap().iter_mut().filter_map(|row| row.get_mut("Country")) {
            // Which of several spellings a group shows is left open.
            *country = country.as_str().map(str::to_uppercase).into();
        }
        rows
    };
    let of = |fields: Value| {
        let mut row = json!({"attributes": {"type": "AggregateResult"}});
        row.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        row
    };
    let soql = "SELECT Country, COUNT(Id) many, SUM(NumberOfEmployees), MAX(LastName) FROM Lead GROUP BY Country \
                ORDER BY COUNT(Id) DESC, Country NULLS LAST";
    assert_eq!(
        rows(soql),
        json!([
            of(json!({"Country": "FR", "many": 2, "expr0": 7, "expr1": "O'Neil"})),
            of(json!({"Country": "DE", "many": 1, "expr0": 5, "expr1": "Ärger"})),
            of(json!({"Country": null, "many": 1, "expr0": 40, "expr1": "bond"})),
        ])
    );
    let soql = "SELECT Owner.Name, AVG(NumberOfEmployees), COUNT_DISTINCT(Country) FROM Lead GROUP BY Owner.Name";
    assert_eq!(rows(soql)[0]["expr1"], 2);
    assert_eq!(rows(soql)[0]["Name"], "Sync Integration");
    let kept =
        "SELECT Country FROM Lead GROUP BY Country HAVING COUNT(Email) >= 1 AND Country != null LIMIT 1 OFFSET 1";
    assert_eq!(rows(kept), json!([of(json!({"Country": "FR"}))]));
    let none = "SELECT COUNT(Id), MIN(CreatedDate) FROM Lead WHERE LastName = 'nobody'";
    assert_eq!(rows(none), json!([of(json!({"expr0": 0, "expr1": null}))]));
}

#[test]
fn words_are_found_in_names_and_addresses() {
    let mut world = people();
    let mut find = |sosl: &str| call(&mut world, "GET", &format!("/search/?q={}", encoded(sosl)), None);
    let (status, body) =
        find("FIND {o'neil} IN NAME FIELDS RETURNING Lead(LastName, Email WHERE Country = 'FR'), Contact");
    assert_eq!(status, 200, "{body}");
    let rows = body["searchRecords"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["Email"]), (1, &json!("o_n@x.com")));
    assert_eq!(find("FIND {b@x.com}").1["searchRecords"][0]["attributes"]["type"], "Lead");
    assert_eq!(find("find {ce*} returning Lead(Id LIMIT 5) limit 1").1["searchRecords"].as_array().unwrap().len(), 1);
    assert_eq!(find("FIND {zed}").1["searchRecords"], json!([]), "a deleted row");
    for broken in
        ["FIND zed", "FIND {z}", "FIND {ze", "FIND {zed} IN SOME FIELDS", "FIND {zed} RETURNING Lead(", "LOOK {zed}"]
    {
        let (status, errors) = find(broken);
        assert_eq!((status, code(&errors)), (400, "MALFORMED_SEARCH"), "{broken}");
    }
    assert_eq!(code(&find("FIND {zed} RETURNING Ghost(Id)").1), "INVALID_TYPE");
}

#[test]
fn queries_within_conditions_and_dates_that_have_names() {
    let mut world = world();
    let account = world.user_create("Account", &[("Name", json!("Acme"))], NOW).unwrap();
    for (last, account) in [("In", Some(&account)), ("Out", None)] {
        let fields = [("LastName", json!(last)), ("AccountId", json!(account))];
        world.user_create("Contact", &fields, NOW.minus(3 * 86_400_000)).unwrap();
    }
    let mut names = |condition: &str| {
        found(&mut world, &format!("SELECT c.LastName FROM Contact c WHERE {condition} ORDER BY LastName"), "LastName")
    };
    assert_eq!(names("AccountId IN (SELECT Id FROM Account WHERE Name = 'acme')"), ["In"]);
    assert_eq!(names("AccountId NOT IN (SELECT Id FROM Account)"), ["Out"]);
    assert_eq!(names("c.CreatedDate = TODAY"), Vec::<Value>::new());
    assert_eq!(names("CreatedDate = LAST_N_DAYS:3 AND CreatedDate < YESTERDAY"), ["In", "Out"]);
    assert_eq!(names("CreatedDate != N_DAYS_AGO:3"), Vec::<Value>::new());
}

#[test]
fn query_all_shows_the_deleted_with_their_stamp() {
    let mut world = people();
    let soql = "SELECT LastName, IsDeleted, SystemModstamp FROM Lead WHERE SystemModstamp >= 2026-06-01T12:00:05Z";
    let (_, body) = call(&mut world, "GET", &format!("/queryAll/?q={}", encoded(soql)), None);
    let rows = body["records"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["IsDeleted"]), (1, &json!(true)));
    assert_eq!(rows[0]["SystemModstamp"], "2026-06-01T12:00:09.000+0000");
}

#[test]
fn parents_and_children_are_nested() {
    let mut world = world();
    let (_, account) = call(&mut world, "POST", "/sobjects/Account", Some(json!({"Name": "Acme"})));
    for last in ["A", "B"] {
        call(&mut world, "POST", "/sobjects/Contact", Some(json!({"LastName": last, "AccountId": account["id"]})));
    }
    call(&mut world, "POST", "/sobjects/Contact", Some(json!({"LastName": "Lone"})));
    let soql = "SELECT LastName, account.name, Account.Owner.Username FROM Contact ORDER BY LastName";
    let (_, body) = query(&mut world, soql);
    assert_eq!(body["records"][0]["Account"]["Name"], "Acme");
    assert_eq!(body["records"][0]["Account"]["attributes"]["type"], "Account");
    assert_eq!(body["records"][0]["Account"]["Owner"]["Username"], "sync@acme.com.sim");
    assert_eq!(body["records"][2]["Account"], Value::Null);
    let soql = "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName DESC), (SELECT Id FROM Opportunities) FROM Account";
    let (_, body) = query(&mut world, soql);
    let row = &body["records"][0];
    assert_eq!((&row["Contacts"]["totalSize"], &row["Opportunities"]), (&json!(2), &Value::Null));
    assert_eq!(row["Contacts"]["records"][0]["LastName"], "B");
}

#[test]
fn pages_hang_on_a_locator_that_survives_the_token_but_not_time() {
    let mut world = world();
    world.config.page_size = 200;
    for n in 0..450 {
        lead(&mut world, &format!("L{n:03}"), json!({}));
    }
    let (_, mut page) = query(&mut world, "SELECT LastName FROM Lead ORDER BY LastName");
    let mut names: Vec<String> = Vec::new();
    let first = page["nextRecordsUrl"].as_str().unwrap().to_owned();
    assert!(first.starts_with("/services/data/v59.0/query/0r8") && first.ends_with("-200"), "{first}");
    loop {
        assert_eq!(page["totalSize"], 450);
        names.extend(page["records"].as_array().unwrap().iter().map(|r| r["LastName"].as_str().unwrap().to_owned()));
        let Some(next) = page["nextRecordsUrl"].as_str() else { break };
        let next = next.to_owned();
        assert_eq!(page["done"], false);
        page = call(&mut world, "GET", &next, None).1;
    }
    assert!(page["done"] == true && names.len() == 450 && names.is_sorted());
    for (now, url) in
        [(NOW.plus(49 * 3_600_000), first.as_str()), (NOW, "/query/0r8Hs00000000000AAA-200"), (NOW, "/query/x")]
    {
        let (status, errors) = call_at(&mut world, now, "GET", url, None);
        assert_eq!((status, code(&errors)), (400, "INVALID_QUERY_LOCATOR"), "{url}");
    }
}

#[test]
fn refusals_point_at_the_place() {
    let mut world = world();
    for (soql, expected, column, part) in [
        ("SELECT Id FORM Lead", "MALFORMED_QUERY", 11, "unexpected token: 'FORM'"),
        ("SELECT Id, Nope FROM Lead", "INVALID_FIELD", 12, "No such column 'Nope' on entity 'Lead'"),
        ("SELECT Id FROM Ghost", "INVALID_TYPE", 16, "sObject type 'Ghost' is not supported"),
        ("SELECT Id FROM Lead WHERE Email = 'x", "MALFORMED_QUERY", 35, "inside a string"),
        ("SELECT Id FROM Lead WHERE Email = 'a\\z'", "MALFORMED_QUERY", 35, "Illegal character sequence"),
        (
            "SELECT Id FROM Lead WHERE Email = 'a' AND City = 'b' OR City = 'c'",
            "MALFORMED_QUERY",
            54,
            "unexpected token: 'OR'",
        ),
        (
            "SELECT Id FROM Lead WHERE SystemModstamp > '2026-01-01T00:00:00Z'",
            "INVALID_FIELD",
            44,
            "must be of type dateTime",
        ),
        (
            "SELECT Id FROM Lead WHERE SystemModstamp > 2026-01-01T00:00:00 00:00",
            "MALFORMED_QUERY",
            44,
            "no viable alternative",
        ),
        ("SELECT Id FROM Lead WHERE Id = 'short'", "INVALID_QUERY_FILTER_OPERATOR", 32, "invalid ID field: short"),
        ("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD", 27, "can not be filtered"),
        ("SELECT Id FROM Lead OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", 28, "2000"),
        ("SELECT Id, COUNT(Email) FROM Lead", "MALFORMED_QUERY", 8, "Field must be grouped or aggregated: Id"),
        ("SELECT Id a FROM Lead", "MALFORMED_QUERY", 8, "field aliasing"),
        ("SELECT SUM(LastName) FROM Lead", "INVALID_FIELD", 8, "does not support aggregate operator"),
        ("SELECT Id FROM Lead WHERE COUNT(Id) > 1", "MALFORMED_QUERY", 27, "HAVING only"),
        ("SELECT Id FROM Lead WHERE Id IN (SELECT Name FROM Lead)", "MALFORMED_QUERY", 41, "ids or references"),
        (
            "SELECT Id FROM Lead WHERE Id IN (SELECT Id FROM Lead WHERE Id IN (SELECT Id FROM Lead))",
            "MALFORMED_QUERY",
            67,
            "a query within a query",
        ),
        ("SELECT Id FROM Lead WHERE CreatedDate = LAST_N_DAYS:x", "MALFORMED_QUERY", 53, "unexpected token: 'x'"),
        ("SELECT Id FROM Lead WHERE LastName = TODAY", "INVALID_FIELD", 38, "enclosed in quotes"),
        ("SELECT Id, Id FROM Lead", "INVALID_FIELD", 12, "duplicate field selected"),
        ("SELECT FIELDS(ALL) FROM Lead", "MALFORMED_QUERY", 8, "LIMIT"),
    ] {
        let (status, errors) = query(&mut world, soql);
        let message = errors[0]["message"].as_str().unwrap();
        assert_eq!((status, code(&errors)), (400, expected), "{soql}: {message}");
        assert!(message.contains(&format!("ERROR at Row:1:Column:{column}\n")), "{soql}: {message}");
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_hundred_thousand_rows_are_searched_by_index_with_bounded_work() {
    let mut world = world();
    let rows: Vec<Value> = (0..100_000)
        .map(|n| {
            json!({"LastName": "L", "Company": "C", "Email": format!("p{n}@x.com"), "HubSpot_Id__c": n.to_string(),
                "SystemModstamp": Millis(NOW.0 + n * 1000).to_iso()})
        })
        .collect();
    world.load(&json!({"Lead": rows}), NOW).unwrap();
    let emails: Vec<String> = (0..1000).map(|n| format!("'P{}@x.com'", n * 100)).collect();
    let keys: Vec<String> = (0..1000).map(|n| format!("'{}'", n * 7)).collect();
    world.config.query_work = 5_000;
    for (soql, expected) in [
        (format!("SELECT Id FROM Lead WHERE Email IN ({})", emails.join(",")), 1000),
        (format!("SELECT Id FROM Lead WHERE HubSpot_Id__c IN ({}) AND IsConverted = false", keys.join(",")), 1000),
        ("SELECT Id FROM Lead WHERE SystemModstamp >= 2026-06-02T15:30:00Z ORDER BY SystemModstamp, Id".to_owned(), 1000),
        ("SELECT Id FROM Lead WHERE SystemModstamp > 2026-06-01T13:00:00Z OR (SystemModstamp = 2026-06-01T13:00:00Z AND \
          Id > '00Q000000000000') ORDER BY SystemModstamp, Id LIMIT 500".to_owned(), 500),
    ] {
        let parts = json!([{"method": "GET", "url": format!("{ROOT}/query?q={}", encoded(&soql)), "referenceId": "q"}]);
        let (_, body) = call(&mut world, "POST", "/composite", Some(json!({"compositeRequest": parts})));
        assert_eq!(body["compositeResponse"][0]["body"]["totalSize"], expected, "{}", &soql[..60]);
    }
    let (status, errors) = query(&mut world, "SELECT Id FROM Lead WHERE Company LIKE '%zzz%'");
    assert_eq!((status, code(&errors)), (400, "QUERY_TIMEOUT"));
}
