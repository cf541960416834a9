//! The tour of docs/language.md: its rules run, and what it shows is what they print.

use std::path::Path;

use crate::stage::{Ran, Stage};

/// The blocks of the tour, by what stands behind their fence.
fn blocks() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/language.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, tour) = text.split_once("## A tour").unwrap();
    let (tour, _) = tour.split_once("# Reference").unwrap();
    let mut blocks = Vec::new();
    let mut lines = tour.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push((kind.to_owned(), body.join("\n") + "\n"));
    }
    blocks
}

/// All lines of a block, in its order; between them the output may say more.
fn shows(ran: &Ran, kind: &str, block: &str) {
    let mut printed = ran.stdout.lines().map(str::trim_end);
    for line in block.lines().map(str::trim_end) {
        assert!(
            printed.any(|printed| printed == line),
            "`{kind}` does not print, or not there:\n{line}\n\n{}",
            ran.stdout
        );
    }
}

#[test]
fn the_tour_shows_what_is_printed() {
    let blocks = blocks();
    let of =
        |kind: &str| -> Vec<&String> { blocks.iter().filter(|(of, _)| of == kind).map(|(_, body)| body).collect() };
    let (stage, _sandbox) = Stage::served();
    let [rules, tests] = of("sync tour")[..] else { panic!("rules and tests") };

    stage.write("rules/people.tests.sync", "edition 2026\n");
    stage.write("rules/people.sync", of("sync faulty")[0]);
    shows(&stage.run("check"), "check", of("text check")[0]);

    stage.write("rules/people.sync", rules);
    let wrong = tests.replace("Status: \"Open - Not Contacted\"", "Status: \"Working - Contacted\"");
    assert_ne!(&wrong, tests);
    stage.write("rules/people.tests.sync", wrong);
    shows(&stage.run("test"), "test", of("text failing test")[0]);
    stage.write("rules/people.tests.sync", tests);
    shows(&stage.run("test"), "test", of("text test")[0]);

    shows(&stage.run("plan"), "plan", of("text plan")[0]);
    stage.run("apply");
    shows(&stage.run("why sandra_e@highland.net"), "why", of("text why sandra_e@highland.net")[0]);
}

#[test]
fn the_readme_shows_a_plan_that_is_printed() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, after) = readme.split_once("## A plan\n\n```\n").unwrap();
    let (plan, _) = after.split_once("```").unwrap();
    let (stage, _sandbox) = Stage::served();
    shows(&stage.run("plan --most 500"), "plan", plan);
}
