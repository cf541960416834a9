use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Portal, START};
use crate::sandbox::hubspot::handle;

const PARTS: &[&str] = &[
    "crm",
    "v3",
    "v4",
    "2026-09",
    "2026-03",
    "objects",
    "contacts",
    "deals",
    "0-2",
    "batch",
    "read",
    "create",
    "update",
    "upsert",
    "archive",
    "search",
    "merge",
    "associations",
    "default",
    "companies",
    "labels",
    "properties",
    "email",
    "lists",
    "1",
    "memberships",
    "join-order",
    "add",
    "remove",
    "add-and-remove",
    "records",
    "object-type-id",
    "name",
    "owners",
    "pipelines",
    "account-info",
    "crm-object-schemas",
    "schemas",
    "gdpr-delete",
    "groups",
    "stages",
    "restore",
    "update-list-name",
    "add-from",
    "details",
    "101",
    "18446744073709551615",
    "-1",
    "%",
    "%00",
    "%ff%fe",
    "",
    "x%2Fy",
];

const KEYS: &[&str] = &[
    "inputs",
    "id",
    "idProperty",
    "properties",
    "email",
    "hs_additional_emails",
    "lifecyclestage",
    "dealstage",
    "pipeline",
    "createdate",
    "filterGroups",
    "filters",
    "propertyName",
    "operator",
    "value",
    "values",
    "highValue",
    "sorts",
    "limit",
    "after",
    "query",
    "associations",
    "to",
    "from",
    "types",
    "associationTypeId",
    "name",
    "type",
    "options",
    "objectTypeId",
    "recordId",
    "primaryObjectId",
    "objectIdToMerge",
    "objectWriteTraceId",
    "count",
    "recordIdsToAdd",
    "propertiesWithHistory",
];

const TEXTS: &[&str] = &[
    "",
    "101",
    "102",
    "0",
    "-1",
    "email",
    "hs_object_id",
    "lastmodifieddate",
    "GTE",
    "GT",
    "LT",
    "NEQ",
    "BETWEEN",
    "IN",
    "CONTAINS_TOKEN",
    "associations.company",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "NaN",
    "*",
    ";",
    ";;a",
    "ada@example.com",
    "é@ü.ö",
    "0-1",
    "lead",
    "2026-01-01",
    "2026-13-45T99:00:00Z",
    "_",
    "1_1",
];

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        proptest::sample::select(TEXTS).prop_map(|text| json!(text)),
        ".{0,8}".prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        let key = proptest::sample::select(KEYS);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::vec((key, inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is asked, there is an answer, and the same one from the same world.
    #[test]
    fn any_request_is_answered(
        parts in proptest::collection::vec(proptest::sample::select(PARTS), 0..8),
        query in proptest::collection::vec((proptest::sample::select(KEYS), proptest::sample::select(TEXTS)), 0..4),
        method in proptest::sample::select(&["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"][..]),
        body in json_value(),
        raw in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..20)),
    ) {
        let mut portal = Portal::with(|config| config.search_lag_ms = 0);
        portal.make("contacts", json!({"email": "ada@example.com"}));
        portal.make("deals", json!({"dealname": "D", "dealstage": "closedwon"}));
        let query: Vec<String> = query.iter().map(|(k, v)| format!("{k}={}", v.replace(|c: char| !c.is_ascii_graphic(), "%"))).collect();
        let uri = format!("/{}?{}", parts.join("/"), query.join("&"));
        let bytes = raw.map_or_else(|| Bytes::from(body.to_string()), Bytes::from);
        let Ok(request) = http::Request::builder()
            .method(method).uri(uri).header("authorization", "Bearer sim-hubspot-00000000").body(bytes)
        else { return Ok(()) };
        let mut twin = portal.world.clone();
        let answer = handle(&mut portal.world, START, &request);
        let again = handle(&mut twin, START, &request);
        prop_assert!(answer.status().as_u16() < 500);
        prop_assert_eq!(answer.body(), again.body());
        prop_assert_eq!(portal.world.dump(), twin.dump());
    }

    /// The same for bodies sent to the endpoints that read them.
    #[test]
    fn any_body_is_answered(
        path in proptest::sample::select(&[
            "contacts/batch/read", "contacts/batch/create", "contacts/batch/update", "contacts/batch/upsert",
            "deals/batch/create", "contacts/batch/archive", "contacts/search", "deals/search", "contacts", "contacts/merge",
            "contacts/gdpr-delete", "/crm/v3/associations/contacts/companies/batch/create",
            "/crm/v4/associations/contacts/companies/batch/labels/archive", "/crm/v3/properties/contacts/groups",
            "/crm/v3/properties/contacts/batch/create", "/crm/v3/lists",
        ][..]),
        body in json_value(),
        inner in json_value(),
    ) {
        let mut portal = Portal::new();
        portal.make("contacts", json!({"email": "ada@example.com"}));
        for body in [body, json!({"inputs": [inner.clone()], "filters": [inner.clone()], "properties": inner})] {
            let url = if path.starts_with('/') { path.to_owned() } else { format!("/crm/objects/2026-09/{path}") };
            let answer = portal.post(&url, body);
            prop_assert!(answer.status < 500);
        }
    }

    #[test]
    fn any_file_loads_or_is_refused(file in json_value()) {
        let mut portal = Portal::new();
        let _ = portal.world.load(&json!({"contacts": [file.clone()], "deals": file, "properties": {"deals": [file]}}), START);
        portal.world.dump();
    }
}
