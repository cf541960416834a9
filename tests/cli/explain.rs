//! `syncline explain`.

use insta::assert_snapshot;

use crate::output::shown;
use crate::stage::Stage;

#[test]
fn a_code_of_the_rules_and_one_of_a_pass() {
    let stage = Stage::example();
    let asked = ["explain L301", "explain n131", "explain r702", "explain L301 --format json"];
    let all: Vec<String> = asked.iter().map(|args| shown(&stage.run(args))).collect();
    assert_snapshot!(all.join("\n"));
}

#[test]
fn a_code_that_does_not_exist() {
    let stage = Stage::example();
    let asked = ["explain L310", "explain everything", "explain L310 --format json"];
    let all = asked.map(|args| {
        let ran = stage.run(args);
        assert_eq!(ran.code, Some(2), "{ran}");
        shown(&ran)
    });
    assert_snapshot!(all.join("\n"));
}

#[test]
fn without_a_code_all_are_listed() {
    let stage = Stage::example();
    let listed = stage.run("explain");
    let json = stage.run("explain --format json").json();
    let codes: Vec<&str> = json.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    let lines = listed.stdout.lines().filter(|line| line.starts_with("  ")).count();
    assert_eq!(codes.len(), lines);
    assert_snapshot!(shown(&listed));
}
