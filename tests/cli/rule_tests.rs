//! `syncline test`: what it says and where, and that it calls nobody.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::output::shown;
use crate::stage::{Running, Stage, syncline};

/// One test that fails for each kind of expectation, and two that pass.
const FAILING: &str = include_str!("failing.tests.sync");

fn failing() -> Stage {
    let stage = Stage::example();
    stage.write("rules/people.tests.sync", FAILING);
    stage
}

#[test]
fn the_examples_tests_pass_and_see_every_outcome() {
    let stage = Stage::example();
    let ran = stage.run("test --coverage --min 100");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_snapshot!(shown(&ran));
}

#[test]
fn each_expectation_that_fails_says_what_it_expected_and_what_happened() {
    let stage = failing();
    let ran = stage.run("test");
    assert_eq!(ran.code, Some(1), "{ran}");
    assert_snapshot!(shown(&ran));
    // The quiet form leaves out what passed, and nothing else.
    let quiet = stage.run("test --quiet");
    assert_eq!((quiet.code, quiet.stdout.contains("✓")), (Some(1), false), "{quiet}");
}

#[test]
fn a_name_chooses_and_coverage_has_a_floor() {
    let stage = failing();
    let one = stage.run("test nothing_of_that_kind");
    assert_eq!(one.code, Some(2), "{one}");
    let few = stage.run("test passes --coverage --min 50");
    assert_eq!(few.code, Some(1), "{few}");
    let enough = stage.run("test passes --min 10");
    assert_eq!(enough.code, Some(0), "{enough}");
    assert_snapshot!([one, few, enough].iter().map(shown).collect::<Vec<_>>().join("\n"));
}

#[test]
fn programs_are_told_the_same() {
    let stage = failing();
    let json = stage.run("test --format json --coverage");
    assert_eq!(json.code, Some(1), "{json}");
    let told = json.json();
    let tests = told["tests"].as_array().unwrap();
    assert_eq!(told["failed"], tests.iter().filter(|test| test["passed"] == false).count());
    let codes: Vec<&str> = tests
        .iter()
        .flat_map(|test| test["failures"].as_array().unwrap())
        .map(|failure| failure["code"].as_str().unwrap())
        .collect();
    for code in ["X801", "X802", "X803", "X804", "X805", "X806", "X807", "X808", "X809", "X810", "X811"] {
        assert!(codes.contains(&code), "{code} is not in {codes:?}");
    }
    let value = tests.iter().find(|test| test["name"] == "another value").unwrap();
    assert_snapshot!(format!("{:#}\n", value));
    assert!(told["coverage"]["missing"].as_array().unwrap().iter().all(|point| point["rule"].is_string()));
    let junit = stage.run("test --format junit value");
    assert_eq!(junit.code, Some(1), "{junit}");
    let read = roxmltree::Document::parse(&junit.stdout).unwrap();
    let suite = read.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
    let failed = suite.children().filter(|case| case.children().any(|node| node.has_tag_name("failure"))).count();
    assert_eq!(suite.attribute("failures"), Some(failed.to_string().as_str()));
    assert_snapshot!("junit", shown(&junit));
}

#[test]
fn the_same_tests_say_the_same_and_touch_nothing() {
    let stage = failing();
    std::fs::remove_dir_all(stage.path().join("secrets")).unwrap();
    let before = stage.files();
    let first = stage.run("test --format json --coverage");
    let again = stage.run("test --format json --coverage");
    assert_eq!(first.stdout, again.stdout);
    assert_eq!(stage.files(), before, "no state, no anything");
}

#[test]
fn custom_objects_of_both_schemas_are_given_and_expected() {
    let stage = Stage::example();
    let option = |value: &str| json!({"value": value, "label": value});
    let picklist = |label: &str, values: &[&str]| {
        let options: Vec<Value> = values.iter().map(|value| option(value)).collect();
        json!({"label": label, "kind": "option", "closed": true, "options": options})
    };
    let machines = json!({"label": "Machines", "id": "hs_object_id", "unique": ["serial"], "fields": {
        "serial": {"label": "Serial", "kind": "text", "max": 255, "external_key": true},
        "state": picklist("State", &["running", "scrapped"]),
        "price": {"label": "Price", "kind": "number"},
        "hs_createdate": {"label": "Created", "kind": "time", "createable": false, "updateable": false},
    }});
    let machine = json!({"label": "Machine", "id": "Id", "created": "CreatedDate", "fields": {
        "CreatedDate": {"label": "Created", "kind": "time", "createable": false, "updateable": false},
        "ns__Serial__c": {"label": "Serial", "kind": "text", "max": 20, "required": true},
        "ns__State__c": picklist("State", &["Running"]),
        "ns__Price__c": {"label": "Price", "kind": "number", "scale": 2, "money": {}},
        "ns__HubSpot__c": {"label": "HubSpot", "kind": "text", "max": 20, "external_key": true},
    }});
    for (crm, name, def) in [("hubspot", "2-3456", machines), ("salesforce", "ns__Machine__c", machine)] {
        let mut schema: Value = serde_json::from_str(&stage.read(&format!("schemas/{crm}.json"))).unwrap();
        schema["types"][name] = def;
        stage.write(&format!("schemas/{crm}.json"), schema.to_string());
    }
    std::fs::remove_file(stage.path().join("rules/people.sync")).unwrap();
    stage.write("rules/people.tests.sync", include_str!("custom.tests.sync"));
    let ran = stage.run("test --coverage");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_snapshot!(shown(&ran));
    stage.write("rules/people.tests.sync", include_str!("custom.tests.sync").replace("{ price: 15 }", "{ price: 16 }"));
    let ran = stage.run("test");
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stdout.contains("HubSpot 2-3456") && ran.stdout.contains("machines.price"), "{ran}");
}

#[test]
fn rules_that_fail_their_tests_do_not_start() {
    let ran = failing().run("run");
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stdout.contains("X801") && ran.stdout.contains("in this test"), "{ran}");
}

#[test]
fn rules_with_errors_cannot_be_tested() {
    let stage = Stage::example();
    stage.write("rules/people.tests.sync", "edition 2026\ntest \"t\" { pass  expect created Leed by \"x\" }\n");
    let ran = stage.run("test");
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(ran.stdout.contains("there is no record type `Leed`"), "{ran}");
}

#[cfg(unix)]
#[test]
fn a_watch_runs_them_at_every_save_until_it_is_told_to_stop() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let stage = Stage::example();
    let mut command = syncline();
    command.args(["test", "--watch", "--format", "json"]).current_dir(stage.path()).stdout(Stdio::piped());
    let mut child = Running(command.spawn().unwrap());
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    assert_eq!(next()["failed"], 0);
    stage.write("rules/people.tests.sync", FAILING);
    assert!(next()["failed"].as_u64().unwrap() > 5);
    stage.write("rules/people.tests.sync", "edition 2026\ntest \"t\" { pass  expect nothing }\n");
    assert_eq!(next()["findings"][0]["severity"], "error", "findings, where there is nothing to run");
    assert!(Command::new("kill").args(["-TERM", &child.0.id().to_string()]).status().unwrap().success());
    assert_eq!(child.0.wait().unwrap().code(), Some(0));
}

/// Keys read out of a value, and a match that is only proposed.
const MATCHES: &str = r#"edition 2026

sync companies: hubspot company <-> salesforce Account {
  match domain = Website as domain
  to salesforce { create nothing otherwise }
  map salesforce wins { name <-> Name  or truncate  or use "(unknown)" }
}

sync people: hubspot contact <-> salesforce Lead {
  match email = Email or propose
  to salesforce { create Lead always }
  map salesforce wins {
    email     <-> Email     or reject
    lastname  <-> LastName  or truncate  or use "(unknown)"
    company    -> Company   or truncate  or use "(unknown)"
  }
}

test "a company is known by its domain" {
  given hubspot company as globex { name: "Globex Inc", domain: "globex.io" }
  given salesforce Account as account { Name: "Globex", Website: "https://www.Globex.io/about" }
  pass
  expect globex linked to account
  expect globex { name: "Globex" }
}

test "a proposed match writes nothing" {
  given hubspot contact as ana { email: "ana@globex.io", lastname: "Lee" }
  given salesforce Lead as lead { Email: "ana@globex.io", LastName: "Li", Company: "C" }
  pass
  expect no writes
}
"#;

#[test]
fn a_proposed_match_is_no_link_and_is_covered() {
    let stage = Stage::example();
    std::fs::remove_file(stage.path().join("rules/people.tests.sync")).unwrap();
    stage.write("rules/people.sync", MATCHES);
    let ran = stage.run("test --coverage --format json");
    assert_eq!(ran.code, Some(0), "{ran}");
    let told = ran.json();
    let missing: Vec<&str> =
        told["coverage"]["missing"].as_array().unwrap().iter().filter_map(|point| point["rule"].as_str()).collect();
    assert!(missing.iter().all(|rule| !rule.contains("match ")), "{missing:?}");
    stage.write("rules/people.sync", MATCHES.replace("  expect no writes\n}\n", "  expect ana linked to lead\n}\n"));
    let told = stage.run("test --format json").json();
    let failed = told["tests"].as_array().unwrap().iter().flat_map(|test| test["failures"].as_array().unwrap());
    assert_eq!(failed.map(|failure| failure["code"].as_str().unwrap()).collect::<Vec<_>>(), ["X805"]);
}
