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
