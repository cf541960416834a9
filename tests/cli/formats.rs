//! The forms of a result that other programs read.

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use insta::assert_snapshot;
use serde_json::Value;

use crate::output::shown;
use crate::stage::Stage;

const FIVE: &str = include_str!("../corpus/five_faults_of_five_kinds.sync");
const SARIF: &str = include_str!("../data/sarif/sarif-schema-2.1.0.json");
const FINDINGS: &str = include_str!("../../docs/findings.schema.json");

struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    fn of(text: &str) -> Schema {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.set_default_draft(Draft::V7);
        compiler.add_resource("test:schema", serde_json::from_str(text).unwrap()).unwrap();
        let index = compiler.compile("test:schema", &mut schemas).unwrap();
        Schema { schemas, index }
    }

    #[track_caller]
    fn holds(&self, value: &Value) {
        if let Err(error) = self.schemas.validate(value, self.index) {
            panic!("{error:#}\n{value:#}");
        }
    }
}

fn faulty() -> Stage {
    let stage = Stage::example();
    std::fs::remove_file(stage.path().join("rules/people.tests.sync")).unwrap();
    stage.write("rules/people.sync", FIVE);
    stage
}

/// Every file of the corpus: all codes that a file can show, with all their labels and fixes.
fn corpus() -> Vec<Stage> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let read = |name: &str| std::fs::read(format!("{folder}/{name}")).unwrap();
    let stage = Stage::example();
    stage.write("schemas/hubspot.json", read("schemas/hubspot.json"));
    stage.write("schemas/salesforce.json", read("schemas/salesforce.json"));
    std::fs::remove_dir_all(stage.path().join("rules")).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".sync") {
            stage.write(&format!("rules/{name}"), read(&name));
        }
    }
    vec![faulty(), Stage::example(), stage]
}

#[test]
fn a_finding_in_every_form() {
    let stage = faulty();
    let all = ["plain", "github", "junit", "sarif"].map(|format| {
        let ran = stage.run(&format!("check --format {format}"));
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""), "{ran}");
        shown(&ran).replace(env!("CARGO_PKG_VERSION"), "[version]")
    });
    assert_snapshot!(all.join("\n"));
}

#[test]
fn what_is_written_is_what_its_schema_says() {
    let (sarif, findings) = (Schema::of(SARIF), Schema::of(FINDINGS));
    for stage in corpus() {
        sarif.holds(&stage.run("check --format sarif").json());
        findings.holds(&stage.run("check --format json").json());
        findings.holds(&stage.run("check --fix --format json").json());
        sarif.holds(&stage.run("check --format sarif").json());
    }
    let counted = faulty().run("check --format json").json();
    assert_eq!((&counted["errors"], &counted["files"]), (&Value::from(6), &Value::from(1)));
    assert_eq!(counted["findings"].as_array().unwrap().len(), 6);
}

/// What the schema of findings says is not so loose that anything passes.
#[test]
fn the_schema_of_findings_refuses_what_is_no_finding() {
    let schema = Schema::of(FINDINGS);
    let good = faulty().run("check --format json").json();
    schema.holds(&good);
    let breaks: [fn(&mut Value); 5] = [
        |value| value["version"] = 2.into(),
        |value| value["findings"][0]["line"] = 0.into(),
        |value| value["findings"][0]["severity"] = "fatal".into(),
        |value| drop(value["findings"][0].as_object_mut().unwrap().remove("file")),
        |value| value["findings"][1]["fixes"][0]["edits"] = serde_json::json!([]),
    ];
    for change in breaks {
        let mut value = good.clone();
        change(&mut value);
        assert!(schema.schemas.validate(&value, schema.index).is_err(), "{value:#}");
    }
}

#[test]
fn a_form_that_a_result_does_not_have_is_refused() {
    let stage = Stage::example();
    let all: Vec<String> =
        ["plan --format sarif", "test --format sarif", "why x --format junit", "check --format markdown"]
            .iter()
            .map(|args| {
                let ran = stage.run(args);
                assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.lines().count()), (Some(2), "", 1), "{ran}");
                shown(&ran)
            })
            .collect();
    assert_snapshot!(all.join("\n"));
}

/// From another folder, names are those that this folder knows.
#[test]
fn other_tools_find_the_files_from_where_they_are() {
    let stage = faulty();
    let outside = stage.path().parent().unwrap();
    let name = stage.path().file_name().unwrap().to_str().unwrap().to_owned();
    let run = |format: &str| {
        stage.run_with(&format!("check -C {name} --format {format}"), |command| command.current_dir(outside)).stdout
    };
    let sarif: Value = serde_json::from_str(&run("sarif")).unwrap();
    let uri = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri.as_str().unwrap(), format!("{name}/rules/people.sync"));
    assert!(run("github").contains(&format!("::error file={name}/rules/people.sync,line=4,")));
    assert!(run("junit").contains(&format!("file=\"{name}/rules/people.sync\"")));
}

#[test]
fn tests_that_fail_are_told_in_every_form() {
    let stage = Stage::example();
    stage.write("rules/people.tests.sync", include_str!("failing.tests.sync"));
    let all = ["plain", "github"].map(|format| {
        let ran = stage.run(&format!("test --format {format}"));
        assert_eq!(ran.code, Some(1), "{ran}");
        shown(&ran)
    });
    assert_snapshot!(all.join("\n"));
}

#[test]
fn width_and_colour_follow_the_environment() {
    let stage = faulty();
    let widest = |columns: &str| {
        let ran = stage.run_with("check", |command| command.env("COLUMNS", columns));
        ran.stdout.lines().filter(|line| line.contains("help:")).map(|line| line.chars().count()).max().unwrap()
    };
    assert!(widest("60") <= 60 && widest("200") > 60, "{} {}", widest("60"), widest("200"));
    let coloured = |args: &str, set: &[(&str, &str)]| {
        let ran = stage.run_with(args, |command| command.env_remove("NO_COLOR").envs(set.iter().copied()));
        ran.stdout.contains('\x1b')
    };
    assert!(coloured("check", &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured("check", &[("CLICOLOR_FORCE", "0")]));
    assert!(!coloured("check", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!coloured("check --color never", &[("CLICOLOR_FORCE", "1")]));
    for format in ["plain", "json", "sarif", "github", "junit"] {
        assert!(!coloured(&format!("check --color always --format {format}"), &[]), "{format}");
    }
}

/// `| head` is no reason to fail or to complain, whatever is written.
#[test]
fn every_form_bears_a_reader_that_has_gone() {
    let stage = faulty();
    for args in ["check --format sarif", "check --format plain", "explain", "explain L301", "check --fix --diff"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = stage.run_with(args, |command| command.stdout(writer));
        assert!(ran.stderr.is_empty() && ran.code.is_some_and(|code| code < 2), "{ran}");
    }
}

/// The workflows of the examples ask for no more than they need, and say nothing that the program does not know.
#[test]
fn the_workflows_of_the_examples_are_careful_and_run() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/github");
    let stage = Stage::example();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let workflow: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        assert_eq!(workflow["permissions"], serde_json::json!({"contents": "read"}));
        for job in workflow["jobs"].as_object().unwrap().values() {
            for step in job["steps"].as_array().unwrap() {
                if let Some(action) = step["uses"].as_str() {
                    let (_, version) = action.split_once('@').expect(action);
                    assert!(
                        version.starts_with('v') && version[1..].parse::<u32>().is_ok(),
                        "{action}: a major version"
                    );
                }
                let run = step["run"].as_str().unwrap_or_default();
                if let Some(args) = run.strip_prefix("syncline ") {
                    let args = args.split(" >").next().unwrap_or(args);
                    let ran = stage.run(args);
                    assert_eq!(ran.code, Some(0), "{ran}");
                    seen += 1;
                }
            }
        }
    }
    assert_eq!(seen, 4);
}
