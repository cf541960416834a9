//! `syncline why`, as people see it. Times and the digest of the rules differ from run to run and are left out.

use insta::assert_snapshot;
use rusqlite::Connection;

use crate::stage::{Ran, Sandbox, Stage};

/// What was said, without what the clock decides.
fn shown(ran: &Ran) -> String {
    let text = ran.to_string();
    let mut out = String::new();
    for line in text.lines() {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        for at in 0..words.len() {
            let word = words[at].trim_end_matches([';', ',']);
            let tail = words[at][word.len()..].to_owned();
            if word.len() == 20 && word.ends_with('Z') && word.as_bytes()[10] == b'T' {
                words[at] = format!("[time]{tail}");
            } else if word.len() == 8
                && at > 0
                && words[at - 1] == "rules"
                && word.bytes().all(|b| b.is_ascii_hexdigit())
            {
                words[at] = format!("[digest]{tail}");
            } else if word.starts_with('(') && words.get(at + 2).is_some_and(|next| next.starts_with("ago")) {
                words[at] = "([age]".into();
            }
        }
        out.push_str(words.join(" ").trim_end());
        out.push('\n');
    }
    out
}

fn applied() -> (Stage, Sandbox) {
    let (stage, sandbox) = Stage::served();
    let ran = stage.run("apply");
    // Two of its records are refused.
    assert_eq!(ran.code, Some(1), "{ran}");
    (stage, sandbox)
}

fn asked(stage: &Stage, record: &str, code: i32) -> String {
    let ran = stage.run(&format!("why {record}"));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(code), ""), "{ran}");
    shown(&ran)
}

#[test]
fn a_record_in_step_and_one_that_was_created() {
    let (stage, _sandbox) = applied();
    let by_address = stage.run("why Rose@Edge.com");
    for id in ["713492960103", "hubspot:713492960103", "003Hs00001vWOXJIA4", "salesforce:003Hs00001vWOXJ"] {
        let by_id = stage.run(&format!("why {id}"));
        assert_eq!(by_id.stdout.split("By the state").next(), by_address.stdout.split("By the state").next(), "{id}");
    }
    assert_eq!(stage.run("why hubspot:003Hs00001vWOXJIA4").code, Some(1));
    let made = asked(&stage, "juergen.mueller@stadtwerke-musterstadt.example", 0);
    assert_snapshot!([shown(&by_address), made].join("\n"));
}

#[test]
fn a_record_that_a_gate_keeps_and_what_it_would_take() {
    let (stage, _sandbox) = applied();
    assert_snapshot!([asked(&stage, "qa@acme.com", 0), asked(&stage, "emailmaria@hubspot.com", 0)].join("\n"));
}

#[test]
fn a_record_that_is_not_created() {
    let (stage, _sandbox) = applied();
    let all = ["pam_owenby@hendricksontrading.com", "kim@@example..com", "713492960139"];
    assert_snapshot!(all.map(|record| asked(&stage, record, 0)).join("\n"));
}

#[test]
fn a_field_that_is_held_and_one_whose_condition_is_false() {
    let (stage, _sandbox) = Stage::served();
    let rules = stage.read("rules/people.sync");
    let rules = rules.replace("<-> Phone         or truncate", "<-> Phone  or truncate  ask first");
    let rules = rules.replace("<-> FirstName     or truncate", "<-> FirstName  or truncate  when jobtitle is \"CEO\"");
    stage.write("rules/people.sync", rules);
    stage.run("apply");
    assert_snapshot!(asked(&stage, "rose@edge.com", 0));
}

const STAGES: &str = r#"
edition 2026
lifecycle contact.lifecyclestage {
  reach opportunity "open opportunity" when any Opportunity by OpportunityContactRole where IsClosed is false
  reach customer    "closed won"       when any Opportunity by OpportunityContactRole where IsWon is true
  cascade to company
  cascade to company.contacts
}
"#;

#[test]
fn a_stage_and_what_says_so() {
    let (stage, _sandbox) = Stage::served();
    stage.write("rules/stages.sync", STAGES);
    let stages = |ran: &Ran| -> Vec<String> {
        let changes = ran.json()["changes"].as_array().unwrap().clone();
        let told = changes.iter().flat_map(|change| {
            let of = |cell: &serde_json::Value| format!("{} {cell}", change["subject"]);
            change["cells"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
        });
        let mut told: Vec<String> = told.filter(|cell| cell.contains("lifecyclestage")).collect();
        told.sort();
        told
    };
    let plan = stages(&stage.run("plan --format json"));
    assert_eq!(plan, stages(&stage.run("apply --format json")));
    let person = asked(&stage, "rose@edge.com", 0);
    let company = plan.iter().find(|told| told.contains("cascade to company\"")).cloned().unwrap_or_default();
    assert_snapshot!([plan.join("\n"), person, company].join("\n\n"));
}

#[test]
fn several_records_with_one_key() {
    let (stage, _sandbox) = applied();
    let picked = asked(&stage, "pat@pyramid.net", 0);
    let (stage, _sandbox) = Stage::served();
    let rules = stage.read("rules/people.sync");
    stage.write("rules/people.sync", rules.replace("pick Contact, then oldest created", ""));
    stage.run("apply");
    assert_snapshot!([picked, asked(&stage, "pat@pyramid.net", 0)].join("\n"));
}

/// What the rules say before they are in force, what they do then, and what is said afterwards.
#[test]
fn a_link_that_moves() {
    let (stage, _sandbox) = applied();
    let rules = stage.read("rules/people.sync");
    let moving = "pick Lead, then oldest created\n    relink when another is picked";
    stage.write("rules/people.sync", rules.replace("pick Contact, then oldest created", moving));
    let before = asked(&stage, "pat@pyramid.net", 0);
    let plan = stage.run("plan");
    let told: Vec<&str> = plan.stdout.lines().filter(|line| line.contains("the link moves")).collect();
    let json = stage.run("plan --format json").json();
    assert_eq!(
        (json["relinked"].as_array().unwrap().len(), &json["counts"]["relinked"]),
        (told.len(), &told.len().into())
    );
    assert!(plan.stdout.contains(&format!("{} links to move", told.len())), "{plan}");
    stage.run("apply");
    let before = before.split("By the state").next().unwrap_or_default();
    assert_snapshot!([before, &told.join("\n"), &asked(&stage, "pat@pyramid.net", 0)].join("\n"));
    assert_eq!(stage.run("plan --format json").json()["relinked"], serde_json::Value::Null);
}

#[test]
fn a_record_that_is_not_known() {
    let (stage, _sandbox) = applied();
    let all = ["rosee@edge.com", "nobody@nowhere.example", "006Hs00000zzzzzIAA", "hubspot:4"];
    assert_snapshot!(all.map(|record| asked(&stage, record, 1)).join("\n"));
}

/// What a process leaves that was killed between the call and its answer.
#[test]
fn a_record_whose_write_has_no_outcome() {
    let (stage, _sandbox) = applied();
    let db = Connection::open(stage.path().join(".syncline/state.db")).unwrap();
    db.execute_batch("UPDATE op SET state = 4 WHERE id = '003Hs00001vWOXJIA4'").unwrap();
    db.close().unwrap();
    assert_snapshot!(asked(&stage, "rose@edge.com", 0));
}

#[test]
fn nothing_is_locked_asked_or_written() {
    let (stage, sandbox) = applied();
    drop(sandbox);
    std::fs::remove_dir_all(stage.path().join("secrets")).unwrap();
    let lock = std::fs::File::options().write(true).open(stage.path().join(".syncline/state.db.lock")).unwrap();
    lock.lock().unwrap();
    let before = std::fs::read(stage.path().join(".syncline/state.db")).unwrap();
    assert_eq!(stage.run("why rose@edge.com").code, Some(0));
    assert!(std::fs::read(stage.path().join(".syncline/state.db")).unwrap() == before);
    let value = stage.run("why rose@edge.com --format json").json();
    assert_eq!(value["subjects"][0]["standing"], "synced");
    let row = value["subjects"][0]["rows"].as_array().unwrap().iter().find(|row| row["rule"]["name"] == "people.phone");
    assert_eq!(row.unwrap()["values"]["hubspot"], "(512) 757-6000");
    assert_eq!(row.unwrap()["rule"]["line"], 33);
    assert_eq!(value["subjects"][0]["ways"]["salesforce"]["gates"][1]["condition"]["answer"], true);
    let missing = stage.run("why rosee@edge.com --format json");
    assert_eq!((missing.code, &missing.json()["did_you_mean"][0]), (Some(1), &"rose@edge.com".into()));
}

#[test]
fn what_cannot_be_said_is_said_with_a_way_out() {
    let stage = Stage::example();
    let none = stage.run("why rose@edge.com");
    assert!(none.stderr.contains("there is no state yet") && none.stderr.contains("syncline apply"), "{none}");
    stage.write(".syncline/state.db", "not a database, but somebody's notes".repeat(100));
    let broken = stage.run("why rose@edge.com");
    assert!(broken.stderr.contains("restore it from a backup"), "{broken}");
    let (stage, _sandbox) = applied();
    stage.write("rules/people.sync", "edition 2026\nsync people: hubspot contact <-> salesforce Lead {");
    let rules = stage.run("why rose@edge.com");
    assert!(rules.stderr.contains("the rules have errors"), "{rules}");
    for ran in [none, broken, rules, stage.run_with("why", |command| command.arg(" "))] {
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran}");
    }
}

/// What somebody typed into a CRM reaches the terminal as text, shortened.
#[test]
fn values_that_would_move_the_cursor_are_shown_as_text() {
    let (stage, _sandbox) = applied();
    let hostile = format!("\u{1b}]0;owned\u{7}\u{202e}{}", "x".repeat(400));
    let db = Connection::open(stage.path().join(".syncline/state.db")).unwrap();
    db.execute("INSERT OR REPLACE INTO issue SELECT sid, 0, 0, 'R710', ?, 0, 0, 0 FROM subject", [&hostile]).unwrap();
    db.execute("UPDATE op SET fault = ?", [&hostile]).unwrap();
    db.close().unwrap();
    let ran = stage.run("why rose@edge.com");
    assert!(ran.stdout.contains("\\u{1b}]0;owned\\u{7}") && ran.stdout.contains("\\u{202e}"), "{ran}");
    assert!(ran.stdout.lines().all(|line| line.chars().count() < 400), "{ran}");
    assert!(!ran.stdout.chars().any(|c| c.is_control() && c != '\n'), "{ran}");
    let unknown = stage.run_with("why", |command| command.arg("a\u{1b}[2J@x.io"));
    assert!(unknown.stdout.contains("a\\u{1b}[2J@x.io") && !unknown.stdout.contains('\u{1b}'), "{unknown}");
}
