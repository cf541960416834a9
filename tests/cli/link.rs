//! `or propose`, as people see it: what is held, and their answer.

use insta::assert_snapshot;
use serde_json::json;

use crate::stage::Stage;

#[test]
fn what_is_proposed_is_listed_explained_and_answered() {
    let (stage, _sandbox) = Stage::served();
    let rules = stage.read("rules/people.sync");
    let start = rules.find("  match salesforcecontactid").unwrap();
    let end = rules.find("  match email = Email").unwrap();
    let rules = format!(
        "{}{}",
        &rules[..start],
        rules[end..].replace("match email = Email\n", "match email = Email or propose\n")
    );
    stage.write("rules/people.sync", rules);
    std::fs::remove_file(stage.path().join("rules/people.tests.sync")).unwrap();
    let early = stage.run("link");
    assert_eq!(early.code, Some(2), "{early}");
    let planned = stage.run("plan --format json");
    assert!(planned.json()["issues"].as_array().unwrap().iter().any(|issue| issue["code"] == "R709"), "{planned}");
    assert_eq!(stage.run("apply").code, Some(1), "there is something to look at");
    let listed = stage.run("link");
    let all = stage.run("link --format json").json()["proposed"].as_array().unwrap().clone();
    let id = |at: usize, side: &str| all[at][side]["id"].as_str().unwrap().to_owned();
    let alone = |ran: &crate::stage::Ran| ran.to_string().split("\nBy the state").next().unwrap().to_owned();
    let (left, right) = (id(0, "hubspot"), id(0, "salesforce"));
    let why = stage.run(&format!("why {left}"));
    assert_eq!(stage.run(&format!("why {left} --format json")).json()["subjects"][0]["standing"], "proposed");
    let linked = stage.run(&format!("link {left} {right}"));
    let declined = stage.run(&format!("decline hubspot:{} salesforce:{}", id(1, "hubspot"), id(1, "salesforce")));
    let (unknown, half) = (stage.run("link 1 2"), stage.run("link 1"));
    let told = alone(&why).lines().take(6).collect::<Vec<_>>().join("\n");
    let texts =
        [early.to_string(), listed.to_string(), told, linked.to_string(), declined.to_string(), unknown.to_string()];
    let folder = stage.path().display().to_string();
    assert_snapshot!(texts.join("\n").replace(&folder, "[project]"));
    assert_eq!((linked.code, declined.code, unknown.code, half.code), (Some(0), Some(0), Some(2), Some(2)));
    // What was answered is not asked again, here and after the next pass.
    assert_eq!(stage.run(&format!("link {left} {right}")).code, Some(2));
    assert_eq!(stage.run("apply").code, Some(1));
    let rest = stage.run("link --format json").json()["proposed"].as_array().unwrap().clone();
    assert_eq!(rest, all[2..], "{rest:?}");
    let standing =
        |record: &str| stage.run(&format!("why {record} --format json")).json()["subjects"][0]["standing"].clone();
    assert_eq!((standing(&left), standing(&right)), (json!("synced"), json!("synced")));
    assert_ne!(standing(&id(1, "hubspot")), json!("proposed"));
}

#[test]
fn one_that_is_linked_to_another_record_can_only_be_declined() {
    let (stage, _sandbox) = Stage::served();
    let rules = stage.read("rules/people.sync");
    let more = "  match email = Email\n  match phone = Phone as phone or propose\n";
    stage.write("rules/people.sync", rules.replace("  match email = Email\n", more));
    std::fs::remove_file(stage.path().join("rules/people.tests.sync")).unwrap();
    assert_eq!(stage.run("apply").code, Some(1), "there is something to look at");
    let listed = stage.run("link --format json").json()["proposed"].as_array().unwrap().clone();
    let taken = listed.iter().find(|one| one["linked_elsewhere"] == true).unwrap();
    let id = |side: &str| taken[side]["id"].as_str().unwrap();
    let (left, right) = (id("hubspot"), id("salesforce"));
    let shown = stage.run("link").to_string();
    assert!(shown.contains(&format!("{right}, which is linked to another record: decline, or merge   ")), "{shown}");
    assert_eq!(stage.run(&format!("link {left} {right}")).code, Some(2));
    assert_eq!(stage.run(&format!("decline {left} {right}")).code, Some(0));
    // A word may be taken back, as long as no pass went by it.
    let open = listed.iter().find(|one| one["linked_elsewhere"] == false).unwrap();
    let (left, right) = (open["hubspot"]["id"].as_str().unwrap(), open["salesforce"]["id"].as_str().unwrap());
    for verb in ["decline", "link", "decline", "link"] {
        let said = stage.run(&format!("{verb} {left} {right}"));
        assert_eq!(said.code, Some(0), "{said}");
    }
    assert_eq!(stage.run("apply").code, Some(1), "others are held");
    assert_eq!(stage.run(&format!("why {left} --format json")).json()["subjects"][0]["standing"], "synced");
    for verb in ["decline", "link"] {
        assert_eq!(stage.run(&format!("{verb} {left} {right}")).code, Some(2), "they are one now");
    }
}
