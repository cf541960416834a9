//! Findings for other programs. The names and their meaning are stable.

use serde::Serialize;
use syncline_grammar::Span;

use crate::diagnostic::fix::Made;
use crate::diagnostic::{Finding, Label, Severity, SourceFile};

/// Lines and columns count from 1, columns in characters; the end is the first position after the span.
#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    place: Option<Place<'a>>,
    help: Option<&'a str>,
    labels: Vec<LabelEntry<'a>>,
    fixes: Vec<FixEntry<'a>>,
}

#[derive(Serialize)]
struct FixEntry<'a> {
    title: &'a str,
    safe: bool,
    edits: Vec<EditEntry<'a>>,
}

/// `text` in the place of what stands there; an empty place inserts.
#[derive(Serialize)]
struct EditEntry<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct LabelEntry<'a> {
    text: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

fn place<'a>(label: &Label, files: &'a [SourceFile]) -> Option<Place<'a>> {
    at(label.file, label.span, files)
}

fn at(file: usize, span: Span, files: &[SourceFile]) -> Option<Place<'_>> {
    let file = files.get(file)?;
    let Span { start, end } = span;
    let ((line, column), (end_line, end_column)) = (file.line_column(start), file.line_column(end));
    Some(Place { file: &file.name, line, column, end_line, end_column })
}

/// What `check` writes: docs/findings.schema.json.
pub fn report(findings: &[Finding], files: &[SourceFile], made: &[Made]) -> serde_json::Value {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let fixed = made.iter().map(|made| {
        serde_json::json!({
            "code": made.finding.code.id(), "message": made.finding.message, "title": made.title,
            "file": files.get(made.file).map_or("", |file| &file.name), "line": made.line,
        })
    });
    serde_json::json!({
        "version": 1, "files": files.len(), "errors": count(Severity::Error), "warnings": count(Severity::Warning),
        "findings": json(findings, files), "fixed": fixed.collect::<Vec<_>>(),
    })
}

/// One array, one object per finding, in the order given.
pub fn json(findings: &[Finding], files: &[SourceFile]) -> serde_json::Value {
    let entries = findings.iter().map(|finding| Entry {
        code: finding.code.id(),
        severity: finding.severity.word(),
        message: &finding.message,
        place: finding.labels.first().and_then(|label| place(label, files)),
        help: finding.help.as_deref(),
        labels: finding
            .labels
            .iter()
            .filter_map(|label| Some(LabelEntry { text: &label.text, place: place(label, files)? }))
            .collect(),
        fixes: finding
            .fixes
            .iter()
            .map(|fix| FixEntry {
                title: &fix.title,
                safe: fix.safe,
                edits: fix
                    .edits
                    .iter()
                    .filter_map(|edit| Some(EditEntry { place: at(edit.file, edit.span, files)?, text: &edit.text }))
                    .collect(),
            })
            .collect(),
    });
    entries.map(|entry| serde_json::to_value(entry).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Fix};

    #[test]
    fn a_finding_has_its_place_in_lines_and_columns() {
        let files = [SourceFile::new("a.sync", "edition 2026\n  ünknown\n")];
        let finding = Finding::new(Code::UnknownField, 0, Span::new(15, 23), "no such field")
            .label("here")
            .help("x")
            .fix(Fix::write(0, Span::new(15, 23), "known"));
        assert_eq!(
            json(&[finding], &files),
            serde_json::json!([{
                "code": "N102", "severity": "error", "message": "no such field", "help": "x",
                "file": "a.sync", "line": 2, "column": 3, "end_line": 2, "end_column": 10,
                "labels": [{"text": "here", "file": "a.sync", "line": 2, "column": 3, "end_line": 2, "end_column": 10}],
                "fixes": [{"title": "write `known`", "safe": false, "edits": [
                    {"text": "known", "file": "a.sync", "line": 2, "column": 3, "end_line": 2, "end_column": 10},
                ]}],
            }])
        );
    }
}
