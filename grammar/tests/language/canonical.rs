//! The rules that this repository ships and shows are in canonical form, and every other file can be brought into it.

use std::path::{Path, PathBuf};

use syncline_grammar::{format, parse};

use crate::format::sound;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All `*.sync` files below a folder, sorted.
fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "sync") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// `SYNCLINE_WRITE_RULES=1` brings the files themselves into it.
#[test]
fn shipped_rules_are_in_canonical_form() {
    let shipped: Vec<_> =
        ["rules", "examples", "tests/simulation", "tests/cli"].iter().flat_map(|folder| files(folder)).collect();
    assert!(shipped.len() >= 6);
    for (path, text) in shipped {
        let laid = sound(&text);
        if std::env::var_os("SYNCLINE_WRITE_RULES").is_some() {
            std::fs::write(&path, &laid).unwrap();
        } else {
            assert_eq!(laid, text, "{}: `syncline fmt` writes it otherwise", path.display());
        }
    }
}

/// Rows and lines alone stand in the block that the text around them leaves out.
fn in_its_block(kind: &str, body: &str) -> String {
    let head = "edition 2026\nsync people: hubspot contact <-> salesforce Lead or Contact {\n";
    let indented = |by: &str| {
        let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{by}{line}\n") };
        body.lines().map(line).collect::<String>()
    };
    match kind {
        "lines" => format!("{head}{}}}\n", indented("  ")),
        "rows" => format!("{head}  match email = Email\n  map salesforce wins {{\n{}  }}\n}}\n", indented("    ")),
        _ => body.to_owned(),
    }
}

#[test]
fn rules_in_the_documents_are_in_canonical_form() {
    let mut shown = 0;
    let mut wrong = String::new();
    let pages = ["README.md", "docs/language.md", "docs/conversions.md", "docs/from-native.md", "docs/operations.md"];
    for page in pages {
        let text = std::fs::read_to_string(root().join(page)).unwrap();
        let mut lines = text.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            let Some(info) = line.strip_prefix("```") else { continue };
            let kind = info.strip_prefix("sync").map(str::trim);
            let body: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            let body = in_its_block(kind.unwrap_or_default(), &format!("{}\n", body.join("\n")));
            let parsed = parse(&body);
            let rules = parsed.problems.is_empty() && !parsed.file.items.is_empty();
            assert!(rules || kind.is_none(), "{page}:{}: {:?}", at + 1, parsed.problems);
            // What is shown with findings under it keeps the layout that these point into.
            let pointed_into = matches!(kind, Some("faulty" | "proved"));
            if rules && !pointed_into && (kind.is_some() || info.is_empty()) {
                shown += 1;
                let laid = sound(&body);
                if laid != body {
                    wrong += &format!("{page}:{}:\n{laid}\n", at + 1);
                }
            }
        }
    }
    assert!(shown > 25, "{shown}");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_other_file_can_be_brought_into_it() {
    let all: Vec<_> = ["tests", "grammar/tests"].iter().flat_map(|folder| files(folder)).collect();
    assert!(all.len() > 150);
    for (path, text) in all {
        if parse(&text).problems.is_empty() {
            sound(&text);
            sound(&text.replace('\n', "\r\n"));
        } else {
            assert!(format(&text).is_err(), "{}", path.display());
        }
    }
}
