//! Rules and schemas that are not what they should be: one clear message, nothing called, nothing written.

use std::fs::File;

use serde_json::{Value, json};

use crate::stage::Stage;

/// Runs `check` and `plan`, which both must refuse, and returns what was said.
fn refused(stage: &Stage, code: i32) -> String {
    let (check, plan) = (stage.run("check"), stage.run("plan"));
    assert_eq!((check.code, plan.code), (Some(code), Some(code)), "{check}{plan}");
    let said = format!("{}{}", check.stdout, check.stderr);
    assert!(code == 1 || said.contains("help: "), "no way out: {check}");
    assert!(!stage.path().join(".syncline").exists());
    // Wrapped lines as one.
    said.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

#[test]
fn schemas_that_are_none_are_named() {
    let good = Stage::example().read("schemas/hubspot.json");
    let edited = |change: fn(&mut Value)| {
        let mut value: Value = serde_json::from_str(&good).unwrap();
        change(&mut value);
        value.to_string().into_bytes()
    };
    let cases: [(&str, Vec<u8>, &str); 9] = [
        ("empty", Vec::new(), "is no schema"),
        ("not JSON", b"<html>".to_vec(), "is no schema"),
        ("cut off", good.as_bytes()[..good.len() / 2].to_vec(), "is no schema"),
        ("not UTF-8", [b"\"", &[0xff; 9][..], b"\""].concat(), "is no schema"),
        ("another JSON", b"[1, 2]".to_vec(), "is no schema"),
        ("nested too deep", "[".repeat(100_000).into_bytes(), "is no schema"),
        ("an unknown key", edited(|value| value["tables"] = json!({})), "unknown field `tables`"),
        (
            "a wrong type",
            edited(|value| value["types"]["contact"]["fields"]["email"]["max"] = json!("many")),
            "invalid type",
        ),
        (
            "the other side's",
            Stage::example().read("schemas/salesforce.json").into_bytes(),
            "describes salesforce, not hubspot",
        ),
    ];
    for (what, bytes, says) in cases {
        let stage = Stage::example();
        stage.write("schemas/hubspot.json", bytes);
        let said = refused(&stage, 2);
        assert!(
            said.contains(says) && said.contains("hubspot.json") && said.contains("syncline pull"),
            "{what}: {said}"
        );
    }
    let stage = Stage::example();
    File::create(stage.path().join("schemas/hubspot.json")).unwrap().set_len(70 << 20).unwrap();
    let said = refused(&stage, 2);
    assert!(said.contains("hubspot.json") && said.contains("over 67108864 bytes"), "{said}");
    std::fs::remove_file(stage.path().join("schemas/hubspot.json")).unwrap();
    assert!(refused(&stage, 2).contains("there is no schema of hubspot"));
}

#[test]
fn a_schema_of_another_account_stops_all_before_the_first_write() {
    let (stage, sandbox) = Stage::served();
    for (file, crm) in [("schemas/hubspot.json", "HubSpot"), ("schemas/salesforce.json", "Salesforce")] {
        let good = stage.read(file);
        let mut value: Value = serde_json::from_str(&good).unwrap();
        let own = value["account"].as_str().unwrap().to_owned();
        value["account"] = json!("00D000000000001EAA");
        stage.write(file, value.to_string());
        for verb in ["plan", "apply"] {
            let ran = stage.run(verb);
            let said = ran.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
            assert!(said.contains(&format!("was read from {crm} account `00D000000000001EAA`")), "{said}");
            assert!(said.contains(&format!("`{own}`")) && said.contains("help: run `syncline pull`"), "{said}");
        }
        stage.write(file, good);
    }
    // Nothing was written: what there is to do is what there is to do in a new copy.
    let fresh = Stage::example();
    fresh.point_at(sandbox.url("hubspot"), sandbox.url("salesforce"));
    assert_eq!(stage.run("plan").stdout, fresh.run("plan").stdout);
}

#[test]
fn rule_files_that_are_none_are_named() {
    let good = Stage::example().read("rules/people.sync");
    let cases: [(&str, Vec<u8>, i32, &str); 4] = [
        ("not UTF-8", [good.as_bytes(), &[0xff]].concat(), 1, "the file is not UTF-8: byte"),
        ("huge", vec![b' '; 5 << 20], 1, "the file has 4194304 bytes or more"),
        ("binary", vec![0; 1000], 1, "rules/people.sync:1:1"),
        (
            "deep",
            format!("edition 2026\n{}", "sync a: hubspot contact <-> salesforce Lead {".repeat(2000)).into_bytes(),
            1,
            "people.sync",
        ),
    ];
    for (what, bytes, code, says) in cases {
        let stage = Stage::example();
        stage.write("rules/people.sync", bytes);
        let said = refused(&stage, code);
        assert!(said.contains(says) && said.contains("people.sync"), "{what}: {said}");
        assert!(said.len() < 200_000, "{what}: {} bytes are said", said.len());
    }
    for (what, text) in [
        ("CRLF", good.replace('\n', "\r\n")),
        ("a byte order mark", format!("\u{feff}{good}")),
        ("both", format!("\u{feff}{}", good.replace('\n', "\r\n"))),
    ] {
        let stage = Stage::example();
        stage.write("rules/people.sync", text);
        let ran = stage.run("check");
        assert_eq!(ran.code, Some(0), "{what}: {ran}");
    }
}

#[test]
fn a_file_in_another_encoding_hides_nothing_of_the_others() {
    let stage = Stage::example();
    let latin: &[u8] = b"edition 2026\nvalues caf\xe9s { \"a\" }\n";
    stage.write("rules/latin.sync", latin);
    stage.write("rules/people.sync", stage.read("rules/people.sync").replace("firstname", "fristname"));
    for verb in ["check", "check --fix"] {
        let ran = stage.run(verb);
        assert_eq!(ran.code, Some(1), "{ran}");
        for said in ["S001", "rules/latin.sync:2:11", "byte 23", "N102", "fristname"] {
            assert!(ran.stdout.contains(said), "{said}: {ran}");
        }
    }
    assert_eq!(std::fs::read(stage.path().join("rules/latin.sync")).unwrap(), latin);
}
