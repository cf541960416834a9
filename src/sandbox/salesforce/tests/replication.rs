//! Which rows changed or went in a span of time.

use super::*;

fn span(from: i64, to: i64) -> String {
    let text = |at: i64| encoded(&NOW.plus(at * 60_000).to_iso());
    format!("start={}&end={}", text(from), text(to))
}

#[test]
fn changed_and_deleted_rows_are_told_apart() {
    let mut world = world();
    let (kept, gone) = (lead(&mut world, "K", json!({})), lead(&mut world, "G", json!({})));
    let later = NOW.plus(5 * 60_000);
    world.user_delete("Lead", &gone, later).unwrap();
    let mut ask = |what: &str, query: &str| {
        let path = format!("/sobjects/Lead/{what}/?{query}");
        call_at(&mut world, NOW.plus(10 * 60_000), "GET", &path, None)
    };
    let (_, updated) = ask("updated", &span(0, 60));
    assert_eq!(updated, json!({"ids": [kept], "latestDateCovered": "2026-06-01T12:10:00.000+0000"}));
    let (_, deleted) = ask("deleted", &span(0, 60));
    assert_eq!(deleted["deletedRecords"], json!([{"id": gone, "deletedDate": "2026-06-01T12:05:00.000+0000"}]));
    assert_eq!(ask("deleted", &span(0, 5)).1["deletedRecords"], json!([]));
    for (what, query, expected) in [
        ("updated", "start=2026-06-01T12:00:00Z".to_owned(), "MISSING_ARGUMENT"),
        ("updated", "start=soon&end=later".to_owned(), "INVALID_FIELD"),
        ("updated", span(60, 60), "INVALID_REPLICATION_DATE"),
        ("updated", span(-31 * 24 * 60, 0), "INVALID_REPLICATION_DATE"),
        ("deleted", span(-16 * 24 * 60, 0), "INVALID_REPLICATION_DATE"),
    ] {
        let (status, errors) = ask(what, &query);
        assert_eq!((status, code(&errors)), (400, expected), "{what} {query}");
    }
}
