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
fn what_does_not_exist() {
    let stage = Stage::example();
    let asked = [
        "explain L310",
        "explain X999",
        "explain L310 --format json",
        "explain people.frstname",
        "explain everything",
        "explain -C nowhere people",
    ];
    let all = asked.map(|args| {
        let ran = stage.run(args);
        assert_eq!(ran.code, Some(2), "{ran}");
        shown(&ran)
    });
    assert_snapshot!(all.join("\n"));
}

/// The rules of the native page, as a whole and one of each kind.
fn native() -> Stage {
    let stage = Stage::example();
    std::fs::remove_dir_all(stage.path().join("rules")).unwrap();
    for file in ["people.sync", "people.tests.sync"] {
        let text = std::fs::read(format!("{}/rules/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        stage.write(&format!("rules/{file}"), text);
    }
    stage
}

#[test]
fn all_rules_of_a_project() {
    let stage = native();
    let told = stage.run("explain");
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""), "{told}");
    // Whatever stands in a file says where, in every form.
    let json = stage.run("explain --format json").json();
    let markdown = stage.run("explain --format markdown").stdout;
    for document in json["documents"].as_array().unwrap().iter().skip(1) {
        let place = document["place"].as_str().unwrap_or_else(|| panic!("{document:#}"));
        assert!(
            told.stdout.contains(&format!("   {place}\n")) && markdown.contains(&format!("\n{place}\n")),
            "{place}"
        );
    }
    assert_snapshot!(shown(&told));
}

#[test]
fn a_rule_in_every_form() {
    let stage = native();
    let forms = ["human", "plain", "markdown", "json"];
    let mut all: Vec<String> = forms
        .iter()
        .map(|format| {
            let ran = stage.run(&format!("explain people.jobtitle --format {format}"));
            assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran}");
            shown(&ran)
        })
        .collect();
    for rule in ["lead_status", "people.valid-leads", "limits", "contact.lifecyclestage"] {
        all.push(shown(&stage.run_with("explain", |command| command.arg(rule.replace("-", " ")))));
    }
    assert_snapshot!(all.join("\n"));
}

#[test]
fn without_a_code_all_are_listed() {
    let stage = Stage::example();
    let listed = stage.run("explain --codes");
    let json = stage.run("explain --codes --format json").json();
    let codes: Vec<&str> = json.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    let lines = listed.stdout.lines().filter(|line| line.starts_with("  ")).count();
    assert_eq!(codes.len(), lines);
    assert_snapshot!(shown(&listed));
}
