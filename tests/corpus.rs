//! Every finding of the checks, by example. A file of `tests/corpus` is rules and, below them, what is found in them:
//! `// expect N102 4:5`. Nothing else may be found, and nothing may be missing.

mod corpus_files;
mod mutations;

use std::collections::BTreeSet;
use std::path::Path;

use corpus_files::{cases, catalog};
use syncline::data::{BySide, Dict};
use syncline::diagnostic::explain::{Example, explanations, markdown};
use syncline::diagnostic::{Code, Finding, SourceFile, has_errors};
use syncline::lang::compile;
use syncline::lang::schema::Catalog;

/// What a file of rules that people read cannot show: its bytes or its size. The grammar's own tests do.
const NO_FILE: [&str; 5] = ["S001", "S002", "S003", "S004", "S006"];

fn found_in(case: &SourceFile, left: &Catalog, right: &Catalog) -> Vec<Finding> {
    let mut dict = Dict::default();
    let (plan, mut findings) = compile(std::slice::from_ref(case), left, right, &mut dict);
    assert_eq!(plan.is_none(), has_errors(&findings), "{}: a plan exactly when there is no error", case.name);
    if let Some(plan) = plan {
        let said = syncline::cli::test::verdict(&plan, &dict, BySide::new(left, right), None).unwrap();
        findings.extend(said.findings);
    }
    findings
}

fn place(case: &SourceFile, finding: &Finding) -> String {
    let start = finding.labels.first().map_or(0, |label| label.span.start);
    let (line, column) = case.line_column(start);
    format!("{} {line}:{column}", finding.code)
}

#[test]
fn every_file_has_exactly_the_findings_that_it_names() {
    let (left, right) = (catalog("hubspot.json"), catalog("salesforce.json"));
    let mut report = String::new();
    let mut seen = BTreeSet::new();
    let mut messages = String::new();
    for case in cases() {
        let mut expected: Vec<String> =
            case.text.lines().filter_map(|line| line.strip_prefix("// expect ")).map(str::to_owned).collect();
        let findings = found_in(&case, &left, &right);
        let mut found: Vec<String> = findings.iter().map(|finding| place(&case, finding)).collect();
        for finding in &findings {
            // What a test expected is shown beside what is: there the way out is the reader's.
            let shows = finding.code.id().starts_with('X') || finding.help.is_some() || !finding.fixes.is_empty();
            assert!(shows, "{}: {} has no way out", case.name, place(&case, finding));
            let help = finding.help.as_ref().map_or(String::new(), |help| format!("\n    help: {help}"));
            messages += &format!("{} {}: {}{help}\n", case.name, place(&case, finding), finding.message);
        }
        seen.extend(findings.iter().map(|finding| finding.code));
        expected.sort();
        found.sort();
        if expected != found {
            report += &format!("{}: expected {expected:?}\n    found {found:?}\n", case.name);
            for finding in &findings {
                report += &format!("    {}: {}\n", place(&case, finding), finding.message);
            }
        }
    }
    assert!(report.is_empty(), "{report}");
    insta::assert_snapshot!("messages", messages);
    let unseen: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| !seen.contains(code))
        .map(|code| code.id())
        .filter(|id| !NO_FILE.contains(id))
        .collect();
    assert!(unseen.is_empty(), "no example of {unseen:?}");
}

/// The blocks of the reference that are rules. Rows and lines alone get the block around them that the text leaves out.
fn examples(reference: &str) -> Vec<SourceFile> {
    let head = "edition 2026\nsync people: hubspot contact <-> salesforce Lead or Contact {\n";
    let mut examples = Vec::new();
    let mut lines = reference.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(kind) = line.strip_prefix("```sync") else { continue };
        let body: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let body = body.join("\n");
        let text = match kind.trim() {
            "" => body,
            // Those of the tour are run, output and all, by the command line's own tests.
            "faulty" | "tour" => continue,
            // What is found in it stands below it.
            "proved" => continue,
            "lines" => format!("{head}{body}\n}}"),
            "rows" => format!("{head}match email = Email\nmap salesforce wins {{\n{body}\n}}\n}}"),
            other => panic!("line {}: no kind of example is called {other:?}", at + 1),
        };
        examples.push(SourceFile::new(format!("docs/language.md:{}", at + 1), text));
    }
    examples
}

#[test]
fn every_example_of_the_reference_is_accepted() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/language.md");
    let (left, right) = (catalog("hubspot.json"), catalog("salesforce.json"));
    let examples = examples(&std::fs::read_to_string(path).unwrap());
    assert!(examples.len() > 10);
    for example in examples {
        let findings: Vec<String> = found_in(&example, &left, &right)
            .iter()
            .map(|finding| format!("{}: {}", place(&example, finding), finding.message))
            .collect();
        assert!(findings.is_empty(), "{}: {findings:#?}\n{}", example.name, example.text);
    }
}

/// The block of the reference behind this fence: where it starts and ends in the text.
fn fenced(text: &str, fence: &str) -> std::ops::Range<usize> {
    let start = text.find(fence).unwrap() + fence.len();
    start..start + text[start..].find("```").unwrap()
}

#[test]
fn what_check_proves_is_shown_as_it_is_printed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/language.md");
    let mut page = std::fs::read_to_string(&path).unwrap();
    let (left, right) = (catalog("hubspot.json"), catalog("salesforce.json"));
    let rules = page[fenced(&page, "```sync proved\n")].to_owned();
    let file = SourceFile::new("rules/people.sync", rules);
    let findings = found_in(&file, &left, &right);
    let look = syncline::diagnostic::render::Look { width: 100, colour: false };
    let printed = syncline::diagnostic::render::human(&findings, &[file], look);
    let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
    let printed = lines.join("\n").trim_matches('\n').to_owned() + "\n";
    let shown = fenced(&page, "```text proved\n");
    if std::env::var_os("SYNCLINE_WRITE_DOCS").is_some() {
        page.replace_range(shown.clone(), &printed);
        std::fs::write(&path, &page).unwrap();
    }
    let shown = fenced(&page, "```text proved\n");
    let same = page[shown] == printed;
    assert!(same, "docs/language.md is out of date: write it with `SYNCLINE_WRITE_DOCS=1 cargo test --test corpus`");
}

#[test]
fn the_example_of_a_code_triggers_that_code_alone() {
    let (left, right) = (catalog("hubspot.json"), catalog("salesforce.json"));
    for one in explanations() {
        match one.example {
            Example::Rules(text) => {
                let case = SourceFile::new(one.id.to_owned(), text.to_owned());
                let found = found_in(&case, &left, &right);
                let codes: BTreeSet<&str> = found.iter().map(|finding| finding.code.id()).collect();
                assert_eq!(codes, BTreeSet::from([one.id]));
                let marked = one.example().lines().any(|line| line.ends_with(&format!("   // {}", one.id)));
                assert!(marked, "{}: no line is marked in\n{}", one.id, one.example());
            }
            Example::Words(_) => assert!(one.severity.is_none() || NO_FILE.contains(&one.id), "{} needs rules", one.id),
        }
    }
}

#[test]
fn the_page_of_codes_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/codes.md");
    if std::env::var_os("SYNCLINE_WRITE_DOCS").is_some() {
        std::fs::write(&path, markdown()).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    let same = page == markdown();
    assert!(same, "docs/codes.md is out of date: write it with `SYNCLINE_WRITE_DOCS=1 cargo test --test corpus`");
}

/// Codes of problems are plain text where they arise; none may arise that nobody can look up.
#[test]
fn every_problem_that_a_pass_can_report_is_explained() {
    let mut used = BTreeSet::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = open.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                // The explanations themselves, and what stores are fed to try them.
                if !path.ends_with("diagnostic/explain") && !path.ends_with("store/conformance") {
                    open.push(path);
                }
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            used.extend(text.split('"').filter(|word| is_problem(word)).map(str::to_owned));
        }
    }
    let told: BTreeSet<String> =
        explanations().filter(|one| one.severity.is_none()).map(|one| one.id.to_owned()).collect();
    assert_eq!(used, told, "used in src and explained in src/diagnostic/explain/outcomes.rs");
}

fn is_problem(word: &str) -> bool {
    word.len() == 4 && word.strip_prefix('R').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}
