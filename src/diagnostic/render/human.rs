//! Findings for people, drawn with the text that they point at.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity as MietteSeverity, SourceCode,
    ThemeCharacters, ThemeStyles,
};

use syncline_grammar::Span;

use super::excerpt::Excerpt;
use super::summary;
use crate::diagnostic::fix::edited;
use crate::diagnostic::{Edit, Finding, Fix, Label, Severity, SourceFile, escape, sort};

/// How wide, and whether with colours: the caller knows the terminal.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub width: usize,
    pub colour: bool,
}

/// One report per finding, by file and place, then the summary line.
pub fn human(findings: &[Finding], files: &[SourceFile], look: Look) -> String {
    let theme = GraphicalTheme {
        characters: ThemeCharacters::unicode(),
        styles: if look.colour { ThemeStyles::ansi() } else { ThemeStyles::none() },
    };
    let handler =
        GraphicalReportHandler::new_themed(theme).with_width(look.width.max(40)).with_links(false).with_urls(false);
    let mut sorted = findings.to_vec();
    sort(&mut sorted);
    let mut out = String::new();
    for finding in &sorted {
        let report = Report::new(finding, files, look.width.max(40));
        if handler.render_report(&mut out, &report).is_err() {
            out.push_str(&report.title);
        }
        out.push('\n');
    }
    out.push_str(&summary(&sorted, files.len()));
    out.push('\n');
    out
}

/// A finding in the form that the drawing library takes: a report shows one file, so that labels in another file are
/// reports of their own below it.
struct Report {
    title: String,
    severity: MietteSeverity,
    code: Option<&'static str>,
    help: Option<String>,
    source: Option<Excerpt>,
    labels: Vec<LabeledSpan>,
    elsewhere: Vec<Report>,
}

impl Report {
    fn new(finding: &Finding, files: &[SourceFile], width: usize) -> Report {
        let home = finding.labels.first().map(|label| label.file);
        let (here, there): (Vec<&Label>, Vec<&Label>) =
            finding.labels.iter().partition(|label| Some(label.file) == home);
        let shown = |labels: &[&Label], texts: bool| {
            let file = labels.first().and_then(|label| files.get(label.file));
            let spans: Vec<Span> = labels.iter().map(|label| label.span).collect();
            let excerpt = file.map(|file| Excerpt::of(file, &spans, width));
            let place = |label: &&Label| excerpt.as_ref().map_or(label.span, |excerpt| excerpt.place(label.span));
            let text = |label: &Label| if texts { label.text.clone() } else { String::new() };
            let drawn = labels.iter().enumerate().map(|(at, label)| span(text(label), place(label), at == 0)).collect();
            (excerpt, drawn)
        };
        let (excerpt, labels) = shown(&here, true);
        Report {
            title: escape(&finding.message).into_owned(),
            severity: match finding.severity {
                Severity::Error => MietteSeverity::Error,
                Severity::Warning => MietteSeverity::Warning,
            },
            code: Some(finding.code.id()),
            help: advice(finding, files),
            source: excerpt,
            labels,
            elsewhere: there
                .into_iter()
                .map(|label| {
                    let (source, labels) = shown(&[label], false);
                    Report {
                        title: escape(&label.text).into_owned(),
                        severity: MietteSeverity::Advice,
                        code: None,
                        help: None,
                        source,
                        labels,
                        elsewhere: Vec::new(),
                    }
                })
                .collect(),
        }
    }
}

/// The help, and the line that the best fix makes.
fn advice(finding: &Finding, files: &[SourceFile]) -> Option<String> {
    let fix = finding.fixes.first().map(|fix| {
        let sure = if fix.safe { "fix" } else { "possible fix" };
        format!("{sure}: {}", changed_line(fix, files).unwrap_or_else(|| fix.title.clone()))
    });
    let lines: Vec<String> = finding.help.iter().cloned().chain(fix).collect();
    (!lines.is_empty()).then(|| escape_lines(&lines.join("\n")))
}

/// Longer lines are not shown again; what the fix does is.
const LONGEST_LINE: usize = 160;

/// The line as it would read, where the fix changes one line and leaves something of it.
pub(super) fn changed_line(fix: &Fix, files: &[SourceFile]) -> Option<String> {
    let first = fix.edits.first()?;
    let text = &files.get(first.file)?.text;
    let start = fix.edits.iter().map(|edit| edit.span.start as usize).min()?;
    let end = fix.edits.iter().map(|edit| edit.span.end as usize).max()?;
    let from = text.get(..start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let to = end + text.get(end..)?.find('\n').unwrap_or(text.len() - end);
    let one = !text.get(from..to)?.contains('\n') && fix.edits.iter().all(|edit| edit.file == first.file);
    let shift = u32::try_from(from).ok()?;
    let within = fix
        .edits
        .iter()
        .map(|edit| Edit { span: Span { start: edit.span.start - shift, end: edit.span.end - shift }, ..edit.clone() });
    let within: Vec<Edit> = within.collect();
    let line = edited(text.get(from..to)?, first.file, &within);
    let line = line.trim();
    let shown = !line.is_empty() && !line.contains('\n') && line.chars().count() <= LONGEST_LINE;
    (one && shown).then(|| line.to_owned())
}

fn escape_lines(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

fn span(text: String, span: Span, primary: bool) -> LabeledSpan {
    let text = (!text.is_empty()).then(|| escape(&text).into_owned());
    let (start, length) = (span.start as usize, span.end.saturating_sub(span.start) as usize);
    match primary {
        true => LabeledSpan::new_primary_with_span(text, (start, length)),
        false => LabeledSpan::new(text, start, length),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<MietteSeverity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        match self.elsewhere.is_empty() {
            true => None,
            false => Some(Box::new(self.elsewhere.iter().map(|report| report as &dyn Diagnostic))),
        }
    }
}

#[cfg(test)]
mod tests {
    use syncline_grammar::Span;

    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn a_report_shows_the_place_the_words_and_the_way_out() {
        let files = [SourceFile::new("a.sync", "ok\nfirst\u{1b}[2J <-> Second\n"), SourceFile::new("b.sync", "other")];
        let finding = Finding::new(Code::UnknownField, 0, Span::new(17, 23), "no field `Sec\u{1b}ond`")
            .label("not in Lead")
            .also(0, Span::new(3, 8), "left")
            .also(1, Span::new(0, 5), "also named here")
            .help("did you mean `Third`?");
        let text = human(&[finding], &files, Look { width: 100, colour: false });
        insta::assert_snapshot!(text);
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn a_long_line_is_cut_around_its_place() {
        let long = |n: usize| "word ".repeat(n);
        let text = format!("{}\n{}wrong{}other tail\n{}\n", long(30), long(20), long(20), long(30));
        let wrong = text.find("wrong").unwrap();
        let other = text.find("other").unwrap();
        let files = [SourceFile::new("a.sync", text)];
        let finding = Finding::new(Code::UnknownField, 0, Span::new(wrong, wrong + 5), "no field `wrong`")
            .label("not in Lead")
            .also(0, Span::new(other, other + 5), "");
        let drawn = human(&[finding], &files, Look { width: 40, colour: false });
        insta::assert_snapshot!(drawn);
        assert!(drawn.contains("[a.sync:2:101]"), "{drawn}");
        let widest = drawn.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(40), "{widest:?}");
    }

    #[test]
    fn spans_outside_the_text_still_give_a_report() {
        let files = [SourceFile::new("a.sync", "ä")];
        for span in [Span::new(1, 2), Span::new(5, 90), Span::new(2, 2), Span { start: 9, end: 1 }] {
            let finding = Finding::new(Code::UnknownField, 0, span, "wrong");
            assert!(human(&[finding], &files, Look { width: 0, colour: true }).contains("wrong"));
        }
    }
}
