//! Whole outputs. The digest of the rules is left out: it changes with Syncline's version.

use insta::assert_snapshot;

use crate::stage::{Ran, Sandbox, Stage, syncline};

const FIVE: &str = include_str!("../corpus/five_faults_of_five_kinds.sync");

pub fn shown(ran: &Ran) -> String {
    let mut out = String::new();
    for line in ran.to_string().lines() {
        let line = match line.strip_prefix("rules ").and_then(|rest| rest.split_once(' ')) {
            Some((digest, rest)) if digest.len() == 8 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                format!("rules [digest] {rest}")
            }
            _ => line.to_owned(),
        };
        let line = match line.split_once("   since 20") {
            Some((before, _)) => format!("{before}   since [time]"),
            None => line,
        };
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[test]
fn help_and_wrong_arguments() {
    let stage = Stage::example();
    let mut all = vec!["--help", "fmt --help", "apply --help", "test --help", "sandbox --help", "", "frobnicate"];
    all.extend(["plan --format xml", "plan --format junit", "apply --approve"]);
    let all: Vec<String> = all.iter().map(|args| shown(&stage.run(args))).collect();
    assert_snapshot!(all.join("\n"));
}

#[test]
fn check_says_all_at_once() {
    let stage = Stage::example();
    let fine = [stage.run("check"), stage.run("check --format json")];
    std::fs::remove_file(stage.path().join("rules/people.tests.sync")).unwrap();
    stage.write("rules/people.sync", FIVE);
    let five = [stage.run("check"), stage.run("check --format json")];
    assert_eq!(five[0].code, Some(1));
    let found = five[1].json();
    let codes: Vec<&str> =
        found["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["T204", "N102", "L301", "N102", "N102", "C404"]);
    // The same findings stop a plan before anybody is called.
    let plan = stage.run("plan");
    assert_eq!((&plan.stdout, plan.code), (&five[0].stdout, Some(1)));
    let all: Vec<String> = fine.iter().chain(&five).map(shown).collect();
    assert_snapshot!(all.join("\n"));
}

#[test]
fn what_cannot_be_done_is_said_with_a_way_out() {
    let mut all = Vec::new();
    let mut told = |stage: &Stage, args: &str| {
        let ran = stage.run(args);
        assert_eq!(ran.code, Some(2), "{ran}");
        all.push(shown(&ran));
    };
    let stage = Stage::example();
    told(&stage, "plan");
    told(&stage, "pull");
    told(&stage, "plan --format json");
    told(&stage, "check -C nowhere");
    std::fs::remove_file(stage.path().join("secrets/salesforce-secret")).unwrap();
    told(&stage, "apply");
    stage.write("secrets/hubspot-token", "\n");
    told(&stage, "apply");
    stage.write("syncline.yaml", "hubspot:\n  token: { env: SYNCLINE_TEST_UNSET }\n");
    told(&stage, "apply");
    stage.write("syncline.yaml", "hubspott: {}\n");
    told(&stage, "apply");
    stage.write("syncline.yaml", "");
    told(&stage, "plan");
    for file in ["people.sync", "people.tests.sync"] {
        std::fs::remove_file(stage.path().join("rules").join(file)).unwrap();
    }
    told(&stage, "check");
    std::fs::remove_dir(stage.path().join("rules")).unwrap();
    told(&stage, "check");
    told(&stage, "sandbox --data nowhere");
    told(&stage, "sandbox --faults 418=1%");
    told(&stage, "demo --into .");
    assert_snapshot!(all.join("\n"));
}

#[test]
fn credentials_that_are_refused_name_the_side() {
    let (stage, _sandbox) = Stage::served();
    stage.write("secrets/hubspot-token", "wrong");
    let hubspot = shown(&stage.run("plan"));
    stage.write("secrets/hubspot-token", crate::stage::HUBSPOT_TOKEN);
    stage.write("secrets/salesforce-secret", "wrong");
    assert_snapshot!([hubspot, shown(&stage.run("apply"))].join("\n"));
}

#[test]
fn plan_apply_and_apply_again() {
    let (stage, _sandbox) = Stage::served();
    let pulled = stage.run("pull");
    assert_eq!(pulled.code, Some(0), "{pulled}");
    // HubSpot takes five searches a second: on a fast machine one is too many, is asked again, and counted.
    let counted = |text: String| -> String {
        let line = |line: &str| match line.strip_prefix("Calls: ").and_then(|rest| rest.split_once(' ')) {
            Some((_, rest)) => format!("Calls: [n] {rest}\n"),
            None => format!("{line}\n"),
        };
        text.lines().map(line).collect()
    };
    let plan = stage.run("plan --most 12");
    let second = stage.run("plan --most 12");
    assert_eq!(counted(second.stdout), counted(plan.stdout.clone()), "a plan changes nothing");
    assert!(!stage.path().join(".syncline/state.db").exists());
    let quiet = stage.run("apply --quiet --most 0");
    // Two records are refused.
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(1), ""));
    let again = stage.run("apply");
    assert_snapshot!([shown(&plan), shown(&quiet), shown(&again)].map(counted).join("\n"));
}

#[test]
fn pull_describes_what_the_settings_name() {
    let (stage, _sandbox) = Stage::served();
    let rules = "edition 2026\nsync campaigns: hubspot contact <-> salesforce Lead {\n  match email = Email\n  \
                 map { salesforcecampaignids <- list of CampaignMember.CampaignId  add only }\n}\n";
    stage.write("rules/people.sync", rules);
    stage.write("rules/people.tests.sync", "edition 2026\n");
    assert_eq!(stage.run("pull").code, Some(0));
    assert!(stage.run("check").stdout.contains("no record type `CampaignMember`"));
    let settings = stage.read("syncline.yaml");
    stage.write("syncline.yaml", format!("{settings}  types: [Campaign, CampaignMember, Lead]\n  currency: EUR\n"));
    let pulled = stage.run("pull --format json");
    let added = pulled.stdout.lines().last().unwrap().to_owned();
    assert!(added.contains("CampaignMember.CampaignId") && !added.contains("\"Lead."), "{pulled}");
    let org: serde_json::Value = serde_json::from_str(&stage.read("schemas/salesforce.json")).unwrap();
    assert_eq!(org["currencies"], serde_json::json!({"home": "EUR"}));
    let checked = stage.run("check");
    assert_eq!(checked.code, Some(0), "{checked}");
    stage.write("syncline.yaml", format!("{settings}  types: [No Name]\n"));
    let refused = stage.run("pull");
    assert!(refused.code == Some(2) && refused.stderr.contains("`No Name` is no name of a record type"), "{refused}");
}

#[test]
fn json_is_one_value_on_stdout() {
    let (stage, _sandbox) = Stage::served();
    for verb in ["plan", "apply"] {
        let ran = stage.run(&format!("{verb} --format json"));
        let value = ran.json();
        assert_eq!((ran.stderr.as_str(), ran.code), ("", Some(1)));
        assert_eq!(value["dry_run"], verb == "plan");
        let keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["changes", "counts", "dry_run", "ending", "issues", "plan", "skipped", "version"]);
        let sides = ["hubspot", "salesforce"].map(serde_json::Value::from);
        assert!(value["changes"].as_array().unwrap().iter().all(|change| sides.contains(&change["side"])));
        for count in ["created", "updated"] {
            for side in ["hubspot", "salesforce"] {
                let changes = value["changes"].as_array().unwrap();
                let made = count == "created";
                let of = changes
                    .iter()
                    .filter(|change| change["side"] == side && change["create"] == made && change["outcome"] == "done");
                assert_eq!(value["counts"][count][side], of.count(), "{verb} {count} {side}");
            }
        }
    }
}

#[test]
fn colour_only_where_it_is_wanted() {
    let stage = Stage::example();
    stage.write("rules/people.sync", FIVE);
    let escapes = |args: &str, no_color: bool| {
        let ran = stage.run_with(args, |command| match no_color {
            true => command.env("FORCE_COLOR", "1"),
            false => command.env_remove("NO_COLOR"),
        });
        (ran.stdout.contains('\x1b'), ran.stderr.contains('\x1b'))
    };
    assert_eq!(escapes("check --color always", true), (true, false));
    assert_eq!(escapes("check", false), (false, false), "a pipe is no terminal");
    assert_eq!(escapes("check", true), (false, false), "NO_COLOR");
    assert_eq!(escapes("check -C nowhere", true), (false, false), "NO_COLOR, on stderr");
    assert_eq!(escapes("check -C nowhere --color always", true), (false, true));
    assert_eq!(escapes("check -C nowhere --color never", false), (false, false));
}

/// `syncline check | head` is no reason to fail.
#[test]
fn a_reader_that_has_gone_is_no_error() {
    let stage = Stage::example();
    stage.write("rules/people.sync", FIVE);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ran = stage.run_with("check", |command| command.stdout(writer));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
}

#[test]
fn a_port_in_use_is_named() {
    let sandbox = Sandbox::start(&["--scale", "3"]);
    let out = syncline().args(["sandbox", "--hubspot-port", sandbox.port("hubspot"), "--scale", "3"]).output().unwrap();
    let stderr = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(
        stderr.contains(&format!("port {}", sandbox.port("hubspot"))) && stderr.contains("--hubspot-port"),
        "{stderr}"
    );
    assert!(out.stdout.is_empty());
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_sandbox_and_leaves_its_data() {
    for signal in ["INT", "TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let dump = folder.path().join("left/behind");
        let sandbox = Sandbox::start(&["--scale", "3", "--dump", dump.to_str().unwrap()]);
        assert_eq!(sandbox.end_by(signal), Some(0));
        assert!(dump.join("hubspot.json").exists() && dump.join("salesforce.json").exists());
    }
}

#[test]
fn the_demo_leaves_a_project_and_does_not_touch_one_that_is_there() {
    let stage = Stage::example();
    let first = stage.run("demo --into new");
    assert_eq!(first.code, Some(0), "{first}");
    let (_, edited) = first.stdout.split_once("6. syncline apply").expect("step 6");
    let (moved, quiet) = edited.split_once("7. syncline apply").expect("step 7");
    for edit in ["(512) 757-9999", "Round Rock", "Chief Procurement Officer", "Miami"] {
        assert!(moved.contains(edit), "the edit {edit:?} goes to the other side: {moved}");
    }
    assert!(quiet.contains("0 created (0 in HubSpot, 0 in Salesforce), 0 updated (0, 0)"), "{quiet}");
    assert_eq!(stage.run("check -C new").code, Some(0));
    stage.write("new/rules/people.sync", "mine");
    let second = stage.run("demo --into new");
    assert_eq!((second.code, second.stdout.as_str()), (Some(2), ""));
    assert!(second.stderr.contains("`new` is there already") && second.stderr.contains("--into"), "{second}");
    assert_eq!(stage.read("new/rules/people.sync"), "mine");
    let machines = stage.run("demo --into machines --format json");
    assert_eq!(machines.code, Some(2), "{machines}");
    assert!(machines.stdout.starts_with("{\"error\":") && machines.stdout.lines().count() == 1, "{machines}");
    // A folder with something else in it: nothing of it is written over.
    stage.write("other/rules/people.sync", "mine");
    let third = stage.run("demo --into other");
    assert_eq!(third.code, Some(2), "{third}");
    assert_eq!(stage.read("other/rules/people.sync"), "mine");
}
