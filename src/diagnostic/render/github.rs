//! Findings as commands of a GitHub workflow, which become remarks on the lines of a pull request:
//! https://docs.github.com/actions/reference/workflow-commands-for-github-actions

use std::fmt::Write as _;

use super::human::changed_line;
use super::summary;
use crate::diagnostic::{Finding, SourceFile, escape, sort};

/// One command per finding, then the summary as a line of the log. The names of `files` are relative to the checkout.
pub fn github(findings: &[Finding], files: &[SourceFile]) -> String {
    let mut sorted = findings.to_vec();
    sort(&mut sorted);
    let mut out = String::new();
    for finding in &sorted {
        let _ = writeln!(
            out,
            "::{} {}::{}",
            finding.severity.word(),
            properties(finding, files),
            data(&text(finding, files))
        );
    }
    let _ = writeln!(out, "{}", summary(&sorted, files.len()));
    out
}

/// What is about no line.
pub fn github_error(message: &str) -> String {
    format!("::error title=syncline::{}", data(message))
}

fn properties(finding: &Finding, files: &[SourceFile]) -> String {
    let title = property(&format!("syncline {}", finding.code));
    let Some((label, file)) = finding.labels.first().and_then(|label| Some((label, files.get(label.file)?))) else {
        return format!("title={title}");
    };
    let (start, end) = (file.line_column(label.span.start), file.line_column(label.span.end));
    let place = format!("file={},line={}", property(&file.name.replace('\\', "/")), start.0);
    // Columns are of one line.
    match start.0 == end.0 {
        true => format!("{place},col={},endColumn={},title={title}", start.1, end.1),
        false => format!("{place},endLine={},title={title}", end.0),
    }
}

fn text(finding: &Finding, files: &[SourceFile]) -> String {
    let mut lines = vec![escape(&finding.message).into_owned()];
    for label in finding.labels.iter().filter(|label| !label.text.is_empty()) {
        if let Some(file) = files.get(label.file) {
            let line = file.line_column(label.span.start).0;
            lines.push(format!("{}:{line}: {}", escape(&file.name), escape(&label.text)));
        }
    }
    lines.extend(finding.help.as_deref().map(|help| format!("help: {}", escape(help))));
    if let Some(fix) = finding.fixes.first() {
        let sure = if fix.safe { "fix" } else { "possible fix" };
        let line = changed_line(fix, files).unwrap_or_else(|| fix.title.clone());
        lines.push(format!("{sure}: {}", escape(&line)));
    }
    lines.join("\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use syncline_grammar::Span;

    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn what_a_command_cannot_hold_is_escaped() {
        let files = [SourceFile::new("a,b:c%.sync", "one two\nthree\n")];
        let finding = Finding::new(Code::UnknownField, 0, Span::new(4, 7), "100 % of it:\nno, `x`\r").help("see: y");
        let many = Finding::new(Code::Unused, 0, Span::new(4, 10), "unused");
        assert_eq!(
            github(&[finding, many], &files),
            "::error file=a%2Cb%3Ac%25.sync,line=1,col=5,endColumn=8,title=syncline N102::\
             100 %25 of it:\\u{a}no, `x`\\u{d}%0Ahelp: see: y\n\
             ::warning file=a%2Cb%3Ac%25.sync,line=1,endLine=2,title=syncline A602::unused\n\
             1 error, 1 warning in 1 of 1 file\n"
        );
        assert_eq!(github_error("a\nb%"), "::error title=syncline::a%0Ab%25");
    }
}
