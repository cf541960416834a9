//! Findings for build servers, as JUnit XML: https://github.com/testmoapp/junitxml. A file is a case, and it fails by
//! its errors.

use std::fmt::Write as _;

use super::plain::paragraph;
use crate::diagnostic::{Finding, Severity, SourceFile, sort};

pub fn junit(findings: &[Finding], files: &[SourceFile]) -> String {
    let mut sorted = findings.to_vec();
    sort(&mut sorted);
    let of = |at: usize, severity: Severity| {
        let found = sorted.iter().filter(move |finding| finding.severity == severity);
        found.filter(move |finding| finding.labels.first().is_some_and(|label| label.file == at))
    };
    let failed = (0..files.len()).filter(|at| of(*at, Severity::Error).next().is_some()).count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = format!("tests=\"{}\" failures=\"{failed}\"", files.len());
    let _ = writeln!(out, "<testsuites name=\"syncline\" {counts}>\n  <testsuite name=\"syncline check\" {counts}>");
    for (at, file) in files.iter().enumerate() {
        let name = xml(&file.name);
        let _ = write!(out, "    <testcase name=\"{name}\" classname=\"syncline.check\" file=\"{name}\"");
        if of(at, Severity::Error).chain(of(at, Severity::Warning)).next().is_none() {
            out.push_str("/>\n");
            continue;
        }
        out.push_str(">\n");
        for finding in of(at, Severity::Error) {
            let _ = writeln!(
                out,
                "      <failure type=\"{}\" message=\"{}\">{}</failure>",
                finding.code,
                xml(&finding.message),
                xml(&paragraph(finding, files).join("\n"))
            );
        }
        let warnings: Vec<String> =
            of(at, Severity::Warning).map(|finding| paragraph(finding, files).join("\n")).collect();
        if !warnings.is_empty() {
            let _ = writeln!(out, "      <system-out>{}</system-out>", xml(&warnings.join("\n\n")));
        }
        out.push_str("    </testcase>\n");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// Text for XML 1.0: what it cannot hold at all is left out.
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use syncline_grammar::Span;

    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn a_file_fails_by_its_errors_and_not_by_its_warnings() {
        let files = ["a.sync", "b\u{1}.sync", "c.sync"].map(|name| SourceFile::new(name, "a <-> B\n"));
        let findings = [
            Finding::new(Code::UnknownField, 0, Span::new(6, 7), "no field `B` & \"more\""),
            Finding::new(Code::Unused, 0, Span::new(0, 1), "unused"),
            Finding::new(Code::Unused, 1, Span::new(0, 1), "unused"),
        ];
        let text = junit(&findings, &files);
        let document = roxmltree::Document::parse(&text).unwrap();
        let cases: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
        let of = |case: usize, tag| cases[case].children().filter(|node| node.has_tag_name(tag)).count();
        assert_eq!(cases.len(), 3);
        assert_eq!(([of(0, "failure"), of(0, "system-out")], of(1, "failure"), of(2, "failure")), ([1, 1], 0, 0));
        let suite = document.root_element().first_element_child().unwrap();
        assert_eq!((suite.attribute("tests"), suite.attribute("failures")), (Some("3"), Some("1")));
        let failure = cases[0].first_element_child().unwrap();
        assert_eq!(failure.attribute("message"), Some("no field `B` & \"more\""));
        assert_eq!(cases[1].attribute("name"), Some("b.sync"));
    }
}
