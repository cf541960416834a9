//! Settings that are read, and what is said of those that cannot be.

use miette::Diagnostic;

use super::*;

fn error(text: &str) -> (String, String) {
    let error = Settings::parse(text, "syncline.yaml").unwrap_err();
    (error.to_string(), error.help().map(|help| help.to_string()).unwrap_or_default())
}

#[test]
fn a_full_file_is_read() {
    let text = "hubspot:\n  token: {env: HS}\nsalesforce:\n  url: https://acme.my.salesforce.com\n  client_id: a & b\n  \
                key:\n    file: keys/sf.pem # not *this\n";
    let mut settings = Settings::parse(text, "syncline.yaml").unwrap();
    settings.resolve(Path::new("project"));
    assert_eq!(settings.rules, Path::new("project/rules"));
    assert_eq!(settings.state, Path::new("project/.syncline/state.db"));
    assert_eq!(settings.hubspot.unwrap().token, SecretRef::Env("HS".into()));
    assert_eq!(settings.salesforce.unwrap().key, Some(SecretRef::File("project/keys/sf.pem".into())));
    assert_eq!(Settings::parse("# nothing yet\n", "s").unwrap().rules, Path::new("rules"));
}

#[test]
fn wrong_keys_and_types_have_a_place_and_a_way_out() {
    let (what, help) = error("rules: a\nschema: b\n");
    assert!(what.starts_with("syncline.yaml:2:1: unknown field `schema`"), "{what}");
    assert_eq!(help, "did you mean `schemas`?");
    let (what, _) = error("hubspot:\n  token: {env: [1]}\n");
    assert!(what.starts_with("syncline.yaml:2:16: hubspot.token.env: invalid type: sequence"), "{what}");
    let (what, help) = error("salesforce:\n  client_id: a\n");
    assert!(what.contains("syncline.yaml:2:3: salesforce: missing field `url`"), "{what}");
    assert_eq!(help, "add it");
    let (what, _) = error("hubspot:\n  token: {env: A}\n  currency: eur\n");
    assert!(what.ends_with("hubspot: a currency is a code like `EUR`"), "{what}");
    let (what, _) = error("rules: [a\n");
    assert!(what.starts_with("syncline.yaml:"), "{what}");
    let (what, _) = error("rules: a\nrules: b\n");
    assert!(what.contains("duplicate"), "{what}");
    let (what, _) = error("hubspot:\n  token: {env: A, file: b}\n");
    assert!(what.contains("either `env` or `file`"), "{what}");
}

#[test]
fn an_interval_is_a_number_with_its_unit() {
    let interval = |text: &str| Settings::parse(text, "s").map(|settings| settings.run.interval.0.as_secs());
    assert_eq!(interval("run: {interval: 30s}\n").unwrap(), 30);
    assert_eq!(interval("run:\n  interval: 5 m\n").unwrap(), 300);
    assert_eq!(interval("rules: a\n").unwrap(), 60);
    for wrong in ["30", "0s", "s", "25h", "-1s", "1.5h", "99999999999999999999h", "ü"] {
        let (what, _) = error(&format!("run: {{interval: {wrong}}}\n"));
        assert!(what.starts_with("s") && what.contains("syncline.yaml:1:"), "{what}");
    }
    let (what, help) = error("run: {intervall: 30s}\n");
    assert!(what.contains("unknown field `intervall`"), "{what}");
    assert_eq!(help, "did you mean `interval`?");
}

#[test]
fn a_literal_secret_is_refused_and_not_repeated() {
    for text in [
        "hubspot:\n  token: pat-na1-s3cret\n",
        "hubspot: pat-na1-s3cret\n",
        "hubspot: \"pat-na1-s3cret\\\", expected\"\n",
        "salesforce:\n  url: a\n  key: |\n    s3cret\n",
        "pat-na1-s3cret\n",
    ] {
        let (what, help) = error(text);
        assert!(!what.contains("s3cret") && !help.contains("s3cret"), "{what}");
    }
    let (what, help) = error("hubspot:\n  token: pat-na1-s3cret\n");
    assert_eq!(what, "syncline.yaml:2:10: hubspot.token: a secret must not be written here");
    assert!(help.contains("{env: NAME}") && help.contains("{file: PATH}"));
    assert!(error("hubspot:\n  token: 12345\n").0.contains(LITERAL));
}

#[test]
fn anchors_aliases_and_large_files_are_refused() {
    assert!(error("rules: &r a\nschemas: b\n").0.starts_with("syncline.yaml:1:8: anchors"));
    assert!(error("rules: a\nhubspot: {token: *r}\n").0.starts_with("syncline.yaml:2:18: anchors"));
    assert!(error("hubspot:\n  <<: *base\n").0.starts_with("syncline.yaml:2:7: anchors"));
    assert!(error("rules: 'it''s'\nschemas: *a\n").0.starts_with("syncline.yaml:2:10: anchors"));
    assert!(Settings::parse("rules: \"*a &b\" # &c\nschemas: b&c*d\n", "s").is_ok());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("syncline.yaml");
    std::fs::write(&path, "#".repeat(300_000)).unwrap();
    let error = Settings::read(&path).unwrap_err().to_string();
    assert!(error.ends_with("syncline.yaml:1:1: the file is larger than 256 KiB"), "{error}");
    assert!(Settings::parse(&"[".repeat(100_000), "s").is_err());
}

/// Every key that the parser knows: it names them itself where it is given another one.
fn keys(text: &str) -> Vec<String> {
    let (what, _) = error(text);
    let known = what.split_once("expected").map_or("", |(_, known)| known);
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_page_on_operations_describes_every_key_and_no_other() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md")).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with("Settings\n")).unwrap();
    let described: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let mut known = Vec::new();
    for key in keys("x: 1\n") {
        match key.as_str() {
            "run" | "hubspot" | "salesforce" => {
                let inner = keys(&format!("{key}: {{ x: 1 }}\n"));
                // A struct of one field names it without a list.
                assert!(!inner.is_empty(), "{key}");
                known.extend(inner.into_iter().map(|inner| format!("{key}.{inner}")));
            }
            _ => known.push(key),
        }
    }
    let (mut known, mut described): (Vec<String>, Vec<String>) =
        (known, described.into_iter().map(str::to_owned).collect());
    known.sort();
    described.sort();
    assert_eq!(described, known);
    let example = section.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    Settings::parse(example, "syncline.yaml").unwrap();
    let (_, help) = error("run: {interval: x}\n");
    assert!(help.contains("docs/operations.md") && help.contains("Settings"), "{help}");
}
