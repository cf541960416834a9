//! `match through people`, as people see it: companies of the example's data, some of which have subsidiaries.

use insta::assert_snapshot;
use rusqlite::Connection;

use crate::stage::Stage;

const COMPANIES: &str = r#"edition 2026

sync companies: hubspot company <-> salesforce Account {
  match through people
  map salesforce wins { name <-> Name  or truncate  or use "(unknown)" }
}
"#;

#[test]
fn who_is_the_same_by_their_people_and_who_may_be() {
    let (stage, _sandbox) = Stage::served();
    stage.write("rules/companies.sync", COMPANIES);
    assert_eq!(stage.run("apply").code, Some(1), "there is something to look at");
    let why = |record: &str| {
        let ran = stage.run(&format!("why {record}"));
        let told = ran.stdout.split("\nlast writes").next().unwrap().split("\non record").next().unwrap();
        told.split("\nBy the state").next().unwrap().to_owned()
    };
    let (arizona, uk) = ("20814400108", "001Hs00004jU9H5IAK");
    let (linked, held) = (why(arizona), why(uk));
    let explained = stage.run_with("explain", |command| command.arg("companies.match through people"));
    // As if its people were about to be decided anew.
    let state = Connection::open(stage.path().join(".syncline/state.db")).unwrap();
    state.execute("INSERT OR REPLACE INTO work SELECT sid, 0, 0, 1 FROM subject", []).unwrap();
    drop(state);
    assert_snapshot!([linked, held, why(uk), explained.stdout].join("\n"));
}

const TEST: &str = r#"
test "the account of a converted lead is the company that its contact has" {
  given hubspot company as globex { name: "Globex" }
  given hubspot contact as ana { email: "ana@globex.io", lastname: "Diaz", associatedcompanyid: globex }
  given list "Sync to Salesforce" contains ana
  pass
  convert Lead to Contact
  pass
  expect globex linked to Account
}
"#;

#[test]
fn rules_that_go_through_others_are_tested_like_any() {
    let stage = Stage::example();
    stage.write("rules/companies.sync", format!("{COMPANIES}{TEST}"));
    let ran = stage.run("test");
    assert!(ran.code == Some(0) && ran.stdout.contains("the account of a converted lead is the company"), "{ran}");
    // Without the line nothing says that they are one.
    let by_name = COMPANIES.replace("match through people", "match name = Name");
    stage.write("rules/companies.sync", format!("{by_name}{TEST}"));
    assert_eq!(stage.run("test").code, Some(1));
}
