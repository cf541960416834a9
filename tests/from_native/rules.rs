//! `rules/people.sync`, the rules that stand for the native integration's defaults: they compile against the sandbox's
//! standard schemas without a word, and their own tests pass and see every outcome.

use std::process::Command;

use crate::document::schemas;
use crate::rig::Accounts;

const RULES: [(&str, &str); 2] = [
    ("people.sync", include_str!("../../rules/people.sync")),
    ("people.tests.sync", include_str!("../../rules/people.tests.sync")),
];

/// A project of the rules: what a verb says there, and its exit code.
fn said(args: &str) -> (String, Option<i32>) {
    let project = tempfile::tempdir().unwrap();
    for folder in ["rules", "schemas"] {
        std::fs::create_dir(project.path().join(folder)).unwrap();
    }
    for (name, text) in RULES {
        std::fs::write(project.path().join("rules").join(name), text).unwrap();
    }
    for (name, schema) in ["hubspot.json", "salesforce.json"].into_iter().zip(schemas()) {
        std::fs::write(project.path().join("schemas").join(name), serde_json::to_vec(&schema).unwrap()).unwrap();
    }
    std::fs::write(project.path().join("syncline.yaml"), "").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_syncline"));
    let out = command.args(args.split(' ')).current_dir(project.path()).env("NO_COLOR", "1").output().unwrap();
    (String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap(), out.status.code())
}

#[test]
fn the_rules_compile_without_a_word() {
    let (said, code) = said("check");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("no errors") || !said.contains("warning"), "{said}");
}

#[test]
fn their_tests_pass_and_see_every_outcome() {
    let (said, code) = said("test --coverage --min 100");
    assert_eq!(code, Some(0), "{said}");
}

#[tokio::test]
async fn they_hold_over_http() {
    let accounts = Accounts::new().await;
    let rules = RULES[0].1;
    let ada = accounts.member(&[("email", "ada@example.com"), ("lastname", "Lovelace"), ("country", "UK")]);
    accounts.lead("bo@example.com", "Bell");
    accounts.settle(rules).await;
    let lead = accounts.with_email("Lead", "ada@example.com").remove(0);
    assert_eq!(accounts.of("Lead", &lead, "Country"), "United Kingdom");
    assert_eq!(accounts.contacts_with("bo@example.com").len(), 1);
    let contact = accounts.convert(&lead);
    accounts.edit("Contact", &contact, "Phone", "555-0101");
    accounts.settle(rules).await;
    assert_eq!(accounts.of_contact(&ada, "phone"), "555-0101");
}
