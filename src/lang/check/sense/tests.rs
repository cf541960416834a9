//! Rules made by chance: what a finding says of a line is so for records made by chance.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rust_decimal::Decimal;

use crate::data::{Cell, Dict, FieldKind, Side, Value};
use crate::diagnostic::{Code, Finding, SourceFile};
use crate::lang::compile;
use crate::lang::plan::{Block, Cx, Predicate, Source, compile_cond};
use crate::lang::schema::Catalog;

fn schemas() -> (Catalog, Catalog) {
    let read = |text| serde_json::from_str(text).unwrap();
    let left = include_str!("../../../../tests/corpus/schemas/hubspot.json");
    (read(left), read(include_str!("../../../../tests/corpus/schemas/salesforce.json")))
}

fn atom() -> impl Strategy<Value = String> {
    let of = |all: &'static [&'static str]| prop::sample::select(all);
    prop_oneof![
        of(&[
            "lifecyclestage is at least lead",
            "lifecyclestage is at most opportunity",
            "lifecyclestage is customer",
            "lifecyclestage is less than lead",
            "lifecyclestage is any of lead, customer",
            "lifecyclestage is not lead"
        ]),
        of(&[
            "email is known",
            "email is blank",
            "email ends with \"@acme.com\"",
            "email ends with any of \"acme.com\", \"b.io\"",
            "email is a valid email",
            "email is \"a@acme.com\""
        ]),
        of(&[
            "annualrevenue is at least 10",
            "annualrevenue is less than 10",
            "annualrevenue is 5",
            "annualrevenue is known"
        ]),
        of(&["is_test is true", "is_test is false"]),
        of(&[
            "product_interest contains crm",
            "product_interest contains all of crm, billing",
            "product_interest contains none of crm, billing",
            "product_interest is known"
        ]),
        of(&[
            "member of list \"Sync to Salesforce\"",
            "not (member of list \"Sync to Salesforce\")",
            "not linked",
            "linked"
        ]),
        of(&["company.name is known", "company.domain is blank", "leadsource is any of Web, Referral, Offline"]),
    ]
    .prop_map(str::to_owned)
}

fn cond() -> impl Strategy<Value = String> {
    atom().prop_recursive(2, 6, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            list.clone().prop_map(|parts| format!("({})", parts.join(" and "))),
            list.prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
}

/// One line each, so that a finding's line names it.
fn rules(creates: &[String], includes: &[String], excludes: &[String]) -> String {
    let mut text = "edition 2026\nsync people: hubspot contact <-> salesforce Lead or Contact {\nmatch email = Email\n\
                    map { hs_object_id -> HubSpot_Id__c lastname -> LastName or truncate or use \"x\" \"Acme\" -> Lead.Company }\n\
                    to salesforce {\n"
        .to_owned();
    for (at, when) in includes.iter().enumerate() {
        text += &format!("include \"i{at}\" when {when}\n");
    }
    for (at, when) in excludes.iter().enumerate() {
        text += &format!("exclude \"e{at}\" when {when}\n");
    }
    for (at, when) in creates.iter().enumerate() {
        text += &format!("create Lead \"c{at}\" when {when}\n");
    }
    text + "create nothing otherwise\n}\n}\n"
}

/// A record of the left side alone, or beside one of the right.
fn record(block: &Block, linked: bool, runner: &mut TestRunner) -> Vec<Value> {
    let mut pick = |of: &[&str]| -> Value {
        let values: Vec<Value> =
            of.iter().map(|text| if text.is_empty() { Value::Null } else { Value::text(*text) }).collect();
        prop::sample::select(values).new_tree(runner).unwrap().current()
    };
    let values = block.slots.iter().map(|slot| match (&slot.source, slot.name.as_str(), slot.kind) {
        (Source::Linked { side: Side::Left, .. }, ..) => Value::Bool(true),
        (Source::Linked { .. }, ..) => Value::Bool(linked),
        (Source::Field { side: Side::Right, .. }, ..) => Value::Null,
        (_, "lifecyclestage", _) => {
            pick(&["", "subscriber", "lead", "marketingqualifiedlead", "opportunity", "customer"])
        }
        (_, "leadsource", _) => pick(&["", "Web", "Referral", "Offline"]),
        (_, "product_interest", _) => pick(&["", "crm", "billing", "support", "billing;crm", "billing;crm;support"]),
        (_, "email", _) => pick(&["", "a@acme.com", "b@acme.com", "a@b.io", "a@c.org", "no"]),
        (_, _, FieldKind::Number) => match pick(&["", "5", "7", "10", "11"]) {
            Value::Text(text) => Value::Num(text.parse::<Decimal>().unwrap()),
            other => other,
        },
        (_, _, FieldKind::Bool) => Value::Bool(pick(&["x", ""]) == Value::Null),
        _ => pick(&["", "Acme"]),
    });
    values.collect()
}

fn of_code<'f>(findings: &'f [Finding], code: Code, lines: &'f dyn Fn(u32) -> usize) -> BTreeSet<usize> {
    let found = findings.iter().filter(|finding| finding.code == code);
    found.map(|finding| lines(finding.labels[0].span.start)).collect()
}

#[test]
fn a_line_that_is_said_to_do_nothing_does_nothing() {
    let (left, right) = schemas();
    let config = Config { rng_algorithm: RngAlgorithm::ChaCha, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let lists =
        (prop::collection::vec(cond(), 2..5), prop::collection::vec(cond(), 0..3), prop::collection::vec(cond(), 0..3));
    let mut said = [0usize; 6];
    for _ in 0..150 {
        let (creates, includes, excludes) = lists.new_tree(&mut runner).unwrap().current();
        let text = rules(&creates, &includes, &excludes);
        let file = SourceFile::new("rules.sync", text.clone());
        let line = |at: u32| text[..at as usize].matches('\n').count() + 1;
        let (plan, findings) = compile(std::slice::from_ref(&file), &left, &right, &mut Dict::default());
        let plan = plan.unwrap_or_else(|| panic!("{text}{findings:#?}"));
        let block = &plan.blocks[0];
        let codes = [
            Code::NeverTrue,
            Code::AlwaysTrue,
            Code::Shadowed,
            Code::Subsumed,
            Code::ExcludedAnyway,
            Code::NothingPasses,
        ];
        let found = codes.map(|code| of_code(&findings, code, &line));
        let [never, always, shadowed, subsumed, excluded, nothing] = &found;
        for (count, lines) in said.iter_mut().zip(&found) {
            *count += lines.len();
        }
        let test = |cond| compile_cond(cond);
        let creates: Vec<(usize, Predicate)> =
            block.create[Side::Right].iter().map(|c| (c.rule.place.line as usize, test(&c.when))).collect();
        let gates: Vec<(usize, bool, Predicate)> = block.gates.to[Side::Right]
            .iter()
            .map(|g| (g.rule.place.line as usize, g.exclude, test(&g.when)))
            .collect();
        for n in 0..120 {
            let record = record(block, n % 3 == 0, &mut runner);
            let cells: Vec<Cell<'_>> = record.iter().map(Value::cell).collect();
            let cx = Cx { cells: &cells, now: crate::lang::meaning::NOW };
            if n % 3 != 0 {
                let taken = creates.iter().find(|(_, test)| test(&cx)).map(|(line, _)| *line);
                let dead = taken.is_some_and(|line| shadowed.contains(&line) || never.contains(&line));
                assert!(!dead, "line {taken:?} is taken\n{text}{cells:?}");
                let always = creates.iter().find(|(line, test)| always.contains(line) && !test(&cx));
                assert!(always.is_none(), "not always\n{text}{cells:?}");
            }
            let holding: Vec<&(usize, bool, Predicate)> = gates.iter().filter(|(_, _, test)| test(&cx)).collect();
            assert!(holding.iter().all(|(line, ..)| !never.contains(line)), "holds after all\n{text}{cells:?}");
            let open = |without: Option<usize>| {
                let of = |excludes: bool| {
                    let live =
                        gates.iter().filter(move |(line, exclude, _)| *exclude == excludes && Some(*line) != without);
                    live.clone().any(|(_, _, test)| test(&cx))
                };
                let includes = gates.iter().any(|(_, exclude, _)| !exclude);
                (!includes || of(false)) && !of(true)
            };
            for line in subsumed.iter().chain(excluded) {
                assert_eq!(open(None), open(Some(*line)), "line {line} decides\n{text}{cells:?}");
            }
            assert!(nothing.is_empty() || !open(None), "something passes\n{text}{cells:?}");
        }
    }
    // Each of them is said often enough to be tried.
    assert!(said.iter().take(5).all(|count| *count > 5), "{said:?}");
}

/// What we give to people to start from says nothing against itself.
#[test]
fn our_own_rules_raise_no_alarm() {
    let read = |text| -> Catalog { serde_json::from_str(text).unwrap() };
    let left = read(include_str!("../../../../examples/developer-edition/schemas/hubspot.json"));
    let right = read(include_str!("../../../../examples/developer-edition/schemas/salesforce.json"));
    let sets = [
        vec![
            include_str!("../../../../examples/developer-edition/rules/people.sync"),
            include_str!("../../../../examples/developer-edition/rules/people.tests.sync"),
        ],
        vec![include_str!("../../../../rules/people.sync"), include_str!("../../../../rules/people.tests.sync")],
    ];
    for set in sets {
        let files: Vec<SourceFile> = set.into_iter().map(|text| SourceFile::new("rules.sync", text)).collect();
        let (plan, findings) = compile(&files, &left, &right, &mut Dict::default());
        assert!(plan.is_some() && findings.is_empty(), "{findings:#?}");
    }
}
