//! Any rules are checked against small schemas without a panic, and mean the same in canonical form.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use syncline::data::Dict;
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::lang::schema::Catalog;
use syncline_grammar::format;

static HUBSPOT: LazyLock<Catalog> = LazyLock::new(|| read(include_str!("../../tests/corpus/schemas/hubspot.json")));
static SALESFORCE: LazyLock<Catalog> =
    LazyLock::new(|| read(include_str!("../../tests/corpus/schemas/salesforce.json")));

fn read(text: &str) -> Catalog {
    serde_json::from_str(text).expect("the schemas of the corpus")
}

/// What the rules mean, or the codes of what is wrong with them.
fn said(text: &str) -> String {
    let files = [SourceFile::new("fuzz.sync", text)];
    let (plan, findings) = compile(&files, &HUBSPOT, &SALESFORCE, &mut Dict::default());
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.id()).collect();
    format!("{:?} {codes:?}", plan.map(|plan| plan.digest.to_string()))
}

fuzz_target!(|text: &str| {
    let before = said(text);
    if let Ok(laid) = format(text) {
        assert_eq!(said(&laid), before, "{laid}");
    }
});
