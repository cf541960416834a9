//! `docs/from-native.md`: its rules are those that the tests run, and each row of its tables names its test.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::rig::Org;
use syncline::data::Dict;
use syncline::diagnostic::{SourceFile, has_errors};
use syncline::lang::compile;
use syncline::lang::schema::Catalog;

const DOCUMENT: &str = include_str!("../../docs/from-native.md");

/// HubSpot's and Salesforce's schemas: what the sandbox has as standard, read once.
pub fn schemas() -> [Catalog; 2] {
    static READ: OnceLock<[Catalog; 2]> = OnceLock::new();
    READ.get_or_init(|| described(Org::Plain)).clone()
}

/// The same of an org with picklists of states and countries.
pub fn schemas_with_place_lists() -> [Catalog; 2] {
    static READ: OnceLock<[Catalog; 2]> = OnceLock::new();
    READ.get_or_init(|| described(Org::PlaceLists)).clone()
}

/// The same of accounts with several currencies.
pub fn schemas_with_currencies() -> [Catalog; 2] {
    static READ: OnceLock<[Catalog; 2]> = OnceLock::new();
    READ.get_or_init(|| described(Org::Currencies)).clone()
}

fn described(org: Org) -> [Catalog; 2] {
    let types: [&[&str]; 2] = [
        &["contact", "company", "deal"],
        &["Lead", "Contact", "Account", "Opportunity", "OpportunityContactRole", "Campaign", "CampaignMember"],
    ];
    let read = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(crate::rig::describe(types, org))
    };
    std::thread::spawn(read).join().unwrap()
}

/// The rules of the document under a name: "```sync NAME".
pub fn rules(name: &str) -> String {
    let found = blocks().into_iter().find(|(of, _)| *of == name);
    found.unwrap_or_else(|| panic!("docs/from-native.md has no rules `{name}`")).1
}

fn blocks() -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in DOCUMENT.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => out.extend(open.take()),
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, Some(rest)) => open = Some((rest.strip_prefix("sync ").unwrap_or_default(), String::new())),
            (None, None) => {}
        }
    }
    out.into_iter().filter(|(name, _)| !name.is_empty()).collect()
}

#[test]
fn every_rule_of_the_document_compiles() {
    let blocks = blocks();
    assert!(blocks.len() > 8);
    let names: BTreeSet<&str> = blocks.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), blocks.len(), "each name once");
    for (name, text) in blocks {
        let [left, right] = match name {
            "places" => schemas_with_place_lists(),
            "currencies" => schemas_with_currencies(),
            _ => schemas(),
        };
        let (plan, findings) = compile(&[SourceFile::new(name, text)], &left, &right, &mut Dict::default());
        assert!(plan.is_some() && !has_errors(&findings), "{name}: {findings:#?}");
        assert!(findings.is_empty(), "{name} has warnings: {findings:#?}");
    }
}

#[test]
fn every_row_of_the_tables_names_tests_that_there_are() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/from_native");
    let mut tests = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let module = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut marked = false;
        for line in text.lines() {
            marked |= line.trim().starts_with("#[tokio::test]") || line.trim() == "#[test]";
            if let Some((_, rest)) = line.split_once("fn ").filter(|_| marked) {
                tests.insert(format!("{module}::{}", rest.split('(').next().unwrap()));
                marked = false;
            }
        }
    }
    let (mut rows, mut named) = (0, BTreeSet::new());
    // A row that is not built says so instead of naming a test of what it does.
    for line in DOCUMENT.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let last = cells.last().unwrap();
        if *last == "test" || last.starts_with("---") {
            continue;
        }
        rows += 1;
        assert_eq!(cells.len(), 4, "a row has four cells: {line}");
        for name in last.split(", ").map(|name| name.trim_matches('`')) {
            assert!(tests.contains(name), "no test `{name}`: {line}");
            named.insert(name.to_owned());
        }
    }
    assert!(rows > 25, "{rows} rows");
    let own = |name: &&String| !name.starts_with("document::") && !name.starts_with("rules::");
    let unnamed: Vec<&String> = tests.iter().filter(own).filter(|name| !named.contains(*name)).collect();
    assert!(unnamed.is_empty(), "tests that no row names: {unnamed:?}");
}
