//! No input makes the model panic.

use proptest::prelude::*;

use super::super::soql;
use super::*;

/// Words that bring a random statement past the first tokens.
const WORDS: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "AND",
    "OR",
    "NOT",
    "IN",
    "LIKE",
    "ORDER BY",
    "NULLS",
    "LIMIT",
    "OFFSET",
    "COUNT()",
    "Id",
    "Name",
    "Lead",
    "Account.Name",
    "Owner.Type",
    "Email",
    "(",
    ")",
    ",",
    "=",
    "!=",
    "<",
    "'",
    "'a'",
    "'\\u12'",
    "'%_'",
    "null",
    "true",
    "1",
    "-1.5e9",
    "2026-01-01",
    "2026-01-01T00:00:00Z",
    "FIELDS(ALL)",
    "99999999999999999999",
    "(SELECT Id FROM Contacts)",
    "é",
    "\\",
    ".",
    "INCLUDES",
    "GROUP BY",
    "HAVING",
    "COUNT(Id)",
    "SUM(NumberOfEmployees)",
    "MAX(",
    "toLabel(",
    "TODAY",
    "LAST_N_YEARS:",
    "NEXT_N_DAYS:9999",
    "IN (SELECT Id FROM Lead)",
    "FIND",
    "{a b*}",
    "RETURNING",
    "NAME FIELDS",
];

fn soql_text() -> impl Strategy<Value = String> {
    let word = prop_oneof![9 => proptest::sample::select(WORDS).prop_map(str::to_owned), 1 => any::<String>()];
    proptest::collection::vec(word, 0..24).prop_map(|w| format!("SELECT Id FROM Lead {}", w.join(" ")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_statement_is_answered(text in prop_oneof![soql_text(), any::<String>()]) {
        let mut world = world();
        lead(&mut world, "A", json!({"Email": "a@x.com"}));
        for text in [text.as_str(), text.trim_start_matches("SELECT Id FROM Lead ")] {
            if let Err(error) = soql::parse(text) {
                prop_assert!(error.in_text(text).message.contains("ERROR at Row:"));
            }
            let uri = format!("{ROOT}/query?q={}", encoded(text));
            if uri.len() < 8000 {
                let status = call(&mut world, "GET", &uri, None).0;
                prop_assert!(status == 200 || status == 400);
                let find = text.replace("SELECT Id FROM Lead ", "FIND {a} ");
                for find in [text, find.as_str()] {
                    let status = call(&mut world, "GET", &format!("{ROOT}/search?q={}", encoded(find)), None).0;
                    prop_assert!(status == 200 || status == 400);
                }
            }
        }
    }

    #[test]
    fn any_request_is_answered(
        method in "[A-Z]{3,6}|POST|PATCH",
        path in proptest::collection::vec(proptest::sample::select([
            "sobjects", "Lead", "Contact", "describe", "query", "composite", "batch", "Email", "HubSpot_Id__c", "Id",
            "00Q000000000001EAA", "0r8-5", "%", "%2F", "", "é", "updated",
            "deleted?start=2026-06-01T00:00:00Z&end=9999-12-31T23:59:59Z", "search", "recent",
        ].as_slice()), 0..5),
        body in prop_oneof![
            any::<Vec<u8>>(),
            proptest::sample::select([
                r#"{"records":[{"attributes":{"type":"Lead"},"id":"00Q"},{"attributes":{"type":7}},{}]}"#,
                r#"{"records":[1]}"#, r#"{"compositeRequest":[{"method":"GET","url":"@{a","referenceId":"a"}]}"#,
                r#"{"batchRequests":[{"method":"GET","url":""},{}]}"#, r#"{"ids":["x",1],"fields":["Id"]}"#,
                r#"{"LastName":1e308,"Account":{},"Owner":{"Id":null}}"#, "[]", "null",
            ].as_slice()).prop_map(|s| s.as_bytes().to_vec()),
        ],
    ) {
        let mut world = world();
        let path: String = path.iter().map(|p| format!("/{}", p.replace('é', "%C3%A9"))).collect();
        let request = Request::builder()
            .method(method.as_str())
            .uri(format!("{ROOT}{path}"))
            .header("authorization", "Bearer sim-token")
            .body(Bytes::from(body));
        if let Ok(mut request) = request {
            prop_assert!(handle(&mut world, NOW, &request).status().as_u16() >= 200);
            for path in ["/services/Soap/u/59.0", "/services/Soap/u/", "/services/oauth2/revoke", "/id/1/2"] {
                *request.uri_mut() = http::Uri::from_static(path);
                prop_assert!(handle(&mut world, NOW, &request).status().as_u16() >= 200);
            }
        }
    }
}

#[test]
fn deep_and_long_statements_are_refused() {
    let deep = format!("SELECT Id FROM Lead WHERE {}Name = 'x'{}", "(".repeat(5000), ")".repeat(5000));
    assert_eq!(soql::parse(&deep).unwrap_err().message, "the condition is nested too deeply");
    let nots = format!("SELECT Id FROM Lead WHERE {}Name = 'x'", "NOT ".repeat(20_000));
    assert!(soql::parse(&nots).is_ok());
    assert!(soql::parse(&"x".repeat(100_001)).unwrap_err().message.contains("100000"));
}
