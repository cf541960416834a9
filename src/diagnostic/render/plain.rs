//! Findings as sentences, without drawings or columns: for screen readers, and for logs that nobody watches.

use syncline_grammar::Span;

use super::human::changed_line;
use super::summary;
use crate::diagnostic::{Finding, Label, SourceFile, escape, sort};

/// One paragraph per finding, by file and place, then the summary.
pub fn plain(findings: &[Finding], files: &[SourceFile]) -> String {
    let mut sorted = findings.to_vec();
    sort(&mut sorted);
    let mut out = String::new();
    for finding in &sorted {
        for line in paragraph(finding, files) {
            out.push_str(&escape(&line));
            out.push('\n');
        }
        out.push('\n');
    }
    out.push_str(&sentence(&summary(&sorted, files.len())));
    out.push('\n');
    out
}

/// The sentences about one finding.
pub(super) fn paragraph(finding: &Finding, files: &[SourceFile]) -> Vec<String> {
    let first = finding.labels.first();
    let place = first.and_then(|label| place(label, files)).map_or_else(String::new, |place| format!(" in {place}"));
    let word = sentence(finding.severity.word());
    let mut lines =
        vec![format!("{} {}{place}: {}", word.trim_end_matches('.'), finding.code, sentence(&finding.message))];
    let written = |label: &Label| {
        let text = label.span.slice(&files.get(label.file)?.text);
        let words: Vec<&str> = text.split_whitespace().collect();
        (!words.is_empty() && words.len() <= 20).then(|| words.join(" "))
    };
    if let Some(label) = first {
        let said = if label.text.is_empty() { String::new() } else { format!(": {}", label.text) };
        if let Some(text) = written(label) {
            lines.push(sentence(&format!("It is about `{text}`{said}")));
        }
    }
    for label in finding.labels.iter().skip(1) {
        let Some(at) = self::place(label, files) else { continue };
        let text = written(label).map_or_else(String::new, |text| format!(", `{text}`"));
        lines.push(sentence(&format!("See {at}{text}: {}", label.text)));
    }
    lines.extend(finding.help.as_deref().map(|help| format!("Help: {}", sentence(&help.replace('\n', " ")))));
    if let Some(fix) = finding.fixes.first() {
        let sure = if fix.safe { "Fix" } else { "Possible fix" };
        let line = changed_line(fix, files).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        let line = line.map_or_else(String::new, |line| format!(", so that the line reads `{line}`"));
        lines.push(format!("{sure}: {}", sentence(&format!("{}{line}", fix.title))));
    }
    lines
}

/// `rules/people.sync, line 8, column 5`
fn place(label: &Label, files: &[SourceFile]) -> Option<String> {
    let file = files.get(label.file)?;
    let Span { start, .. } = label.span;
    let (line, column) = file.line_column(start);
    Some(format!("{}, line {line}, column {column}", file.name))
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    let end = if text.ends_with(['.', '?', '!', ':']) { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Fix};

    #[test]
    fn a_finding_is_a_paragraph_of_sentences() {
        let files = [SourceFile::new("a.sync", "ok\nfirst\u{1b}[2J <-> Second\n"), SourceFile::new("b.sync", "other")];
        let finding = Finding::new(Code::UnknownField, 0, Span::new(17, 23), "no field `Sec\u{1b}ond`")
            .label("not in Lead")
            .also(1, Span::new(0, 5), "also named here")
            .help("did you mean `Third`?")
            .fix(Fix::write(0, Span::new(17, 23), "Third"));
        assert_eq!(
            plain(&[finding], &files),
            "Error N102 in a.sync, line 2, column 15: No field `Sec\\u{1b}ond`.\n\
             It is about `Second`: not in Lead.\n\
             See b.sync, line 1, column 1, `other`: also named here.\n\
             Help: Did you mean `Third`?\n\
             Possible fix: Write `Third`, so that the line reads `first\\u{1b}[2J <-> Third`.\n\n\
             1 error in 1 of 2 files.\n"
        );
        assert_eq!(plain(&[], &files), "No findings in 2 files.\n");
    }
}
