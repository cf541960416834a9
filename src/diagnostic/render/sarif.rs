//! Findings as SARIF 2.1.0, which code hosts and editors read:
//! https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

use serde_json::{Value, json};
use syncline_grammar::Span;

use crate::diagnostic::explain::{Explanation, markdown_of};
use crate::diagnostic::{Finding, Fix, Label, Severity, SourceFile, sort};

/// The base that all names of files are relative to: where the program was started, which is the top of a checkout.
const BASE: &str = "%SRCROOT%";

/// One run with every finding. The names of `files` are relative to [`BASE`].
pub fn sarif(findings: &[Finding], files: &[SourceFile]) -> Value {
    let mut sorted = findings.to_vec();
    sort(&mut sorted);
    let mut codes: Vec<&str> = sorted.iter().map(|finding| finding.code.id()).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes.iter().filter_map(|code| Explanation::of(code)).map(|one| rule(&one)).collect();
    let results: Vec<Value> = sorted.iter().map(|finding| result(finding, &codes, files)).collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "syncline", "version": env!("CARGO_PKG_VERSION"), "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {BASE: {"description": {"text": "where the program was started"}}},
            "invocations": [{"executionSuccessful": true}],
            "artifacts": files.iter().map(|file| json!({"location": location(&file.name)})).collect::<Vec<_>>(),
            "results": results,
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// With all that docs/codes.md says of the code: code hosts show it beside the finding. There is no `helpUri`, since nobody
/// but those who keep a copy of that page knows its address.
fn rule(one: &Explanation) -> Value {
    let severity = one.severity.map_or("warning", level);
    let help = format!("{}\n\nWhy it matters: {}\n\nWay out: {}", one.means, one.why, one.way_out);
    json!({
        "id": one.id,
        "shortDescription": {"text": one.means.split_inclusive(". ").next().unwrap_or(one.means).trim_end()},
        "fullDescription": {"text": one.means},
        "help": {"text": help, "markdown": markdown_of(one)},
        "defaultConfiguration": {"level": severity},
        "properties": {"tags": [one.phase()], "problem.severity": severity},
    })
}

fn result(finding: &Finding, codes: &[&str], files: &[SourceFile]) -> Value {
    let help = finding.help.as_ref().map_or_else(String::new, |help| format!("; {help}"));
    let mut out = json!({
        "ruleId": finding.code.id(),
        "ruleIndex": codes.iter().position(|code| *code == finding.code.id()),
        "level": level(finding.severity),
        "message": {"text": format!("{}{help}", finding.message)},
        "locations": finding.labels.first().and_then(|label| physical(label, files)).into_iter().collect::<Vec<_>>(),
    });
    let related: Vec<Value> = finding
        .labels
        .iter()
        .filter(|label| !label.text.is_empty())
        .filter_map(|label| {
            let mut place = physical(label, files)?;
            place["message"] = json!({"text": label.text});
            Some(place)
        })
        .enumerate()
        .map(|(at, mut place)| {
            place["id"] = json!(at);
            place
        })
        .collect();
    if !related.is_empty() {
        out["relatedLocations"] = json!(related);
    }
    let fixes: Vec<Value> = finding.fixes.iter().map(|fix| changes(fix, files)).collect();
    if !fixes.is_empty() {
        out["fixes"] = json!(fixes);
    }
    out
}

fn physical(label: &Label, files: &[SourceFile]) -> Option<Value> {
    let file = files.get(label.file)?;
    let mut artifact = location(&file.name);
    artifact["index"] = json!(label.file);
    Some(json!({"physicalLocation": {"artifactLocation": artifact, "region": region(label.span, file)}}))
}

fn changes(fix: &Fix, files: &[SourceFile]) -> Value {
    let of = |(at, file): (usize, &SourceFile)| {
        let edits: Vec<Value> = fix
            .edits
            .iter()
            .filter(|edit| edit.file == at)
            .map(|edit| json!({"deletedRegion": region(edit.span, file), "insertedContent": {"text": edit.text}}))
            .collect();
        (!edits.is_empty()).then(|| json!({"artifactLocation": location(&file.name), "replacements": edits}))
    };
    let changes: Vec<Value> = files.iter().enumerate().filter_map(of).collect();
    json!({"description": {"text": fix.title}, "artifactChanges": changes})
}

fn region(span: Span, file: &SourceFile) -> Value {
    let ((line, column), (end_line, end_column)) = (file.line_column(span.start), file.line_column(span.end));
    json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column})
}

fn location(name: &str) -> Value {
    json!({"uri": uri(name), "uriBaseId": BASE})
}

/// A relative reference: what a path may hold and a URI may not is written in percents.
fn uri(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.replace('\\', "/").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn places_count_characters_and_names_are_relative_references() {
        let files = [SourceFile::new("rules\\ä b%.sync", "ok\näö <-> X\n")];
        let finding = Finding::new(Code::UnknownField, 0, Span::new(3, 7), "no such field")
            .label("here")
            .fix(Fix::write(0, Span::new(3, 7), "email").safe());
        let log = sarif(&[finding], &files);
        let result = &log["runs"][0]["results"][0];
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "rules/%C3%A4%20b%25.sync");
        assert_eq!(place["region"], json!({"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 3}));
        assert_eq!(result["relatedLocations"][0]["message"]["text"], "here");
        let change = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
        assert_eq!((&change["insertedContent"]["text"], &change["deletedRegion"]), (&json!("email"), &place["region"]));
        let rule = &log["runs"][0]["tool"]["driver"]["rules"][0];
        assert_eq!(rule["id"], "N102");
        let page = rule["help"]["markdown"].as_str().unwrap();
        assert!(include_str!("../../../docs/codes.md").contains(page), "{page}");
    }
}
