use serde_json::json;

use super::Portal;
use crate::sandbox::hubspot::Class;

const OWNERS: &str = "/crm/v3/owners";
const SEARCH: &str = "/crm/v3/objects/contacts/search";

#[test]
fn the_ten_second_window_rolls_and_search_stands_outside_it() {
    let mut portal = Portal::with(|config| (config.enforce_limits, config.ten_secondly_limit) = (true, 3));
    for left in ["2", "1", "0"] {
        let answer = portal.get(OWNERS);
        assert_eq!(answer.headers["x-hubspot-ratelimit-remaining"].as_bytes(), left.as_bytes());
        portal.wait(1000);
    }
    let full = portal.get(OWNERS);
    assert_eq!((full.status, full.text("/policyName")), (429, "TEN_SECONDLY_ROLLING".into()));
    assert_eq!(full.text("/errorType"), "RATE_LIMIT");
    let search = portal.post(SEARCH, json!({}));
    assert_eq!(search.status, 200);
    assert!(!search.headers.keys().any(|name| name.as_str().contains("ratelimit")));
    portal.wait(7000);
    assert_eq!(portal.get(OWNERS).status, 200);
    assert_eq!(portal.get(OWNERS).status, 429);
    let counters = portal.world.counters();
    assert_eq!((counters.of(Class::Owners), counters.of(Class::Search), counters.throttled), (4, 1, 2));
}

#[test]
fn search_has_five_calls_a_second() {
    let mut portal = Portal::with(|config| config.enforce_limits = true);
    for _ in 0..5 {
        assert_eq!(portal.post(SEARCH, json!({})).status, 200);
    }
    let full = portal.post(SEARCH, json!({}));
    assert_eq!((full.status, full.text("/message")), (429, "You have reached your secondly limit.".into()));
    portal.wait(1000);
    assert_eq!(portal.post(SEARCH, json!({})).status, 200);
}

#[test]
fn the_day_ends_at_midnight_of_the_portal() {
    let mut portal = Portal::with(|config| {
        (config.enforce_limits, config.daily_limit) = (true, 2);
        config.utc_offset_ms = -5 * 3_600_000;
    });
    portal.get(OWNERS);
    let usage = portal.get("/account-info/v3/api-usage/daily/private-apps");
    assert_eq!(
        (usage.at("/results/0/currentUsage"), usage.text("/results/0/resetsAt")),
        (&json!(2), "2026-11-24T05:00:00.000Z".into())
    );
    assert_eq!(portal.get(OWNERS).text("/policyName"), "DAILY");
    portal.wait(20 * 3_600_000 - 1);
    assert_eq!(portal.get(OWNERS).status, 429);
    portal.wait(1);
    assert_eq!(portal.get(OWNERS).status, 200);
}

#[test]
fn associations_have_a_limit_of_their_own() {
    let mut portal = Portal::with(|config| (config.enforce_limits, config.associations_limit) = (true, 1));
    let path = "/crm/v4/associations/contacts/companies/batch/read";
    assert_eq!(portal.post(path, json!({"inputs": []})).status, 200);
    assert_eq!(portal.post(path, json!({"inputs": []})).status, 429);
    assert_eq!(portal.get(OWNERS).status, 200);
}
