//! Making the changes that findings offer: pure, texts in and texts out. What is safe is made unasked, again and again until
//! nothing safe is left, because one change uncovers the next.

use syncline_grammar::Span;

use super::{Edit, Finding, Fix, SourceFile};

/// More rounds than any rules need: each mends at least one finding, and what a mended line uncovers is mended in the next.
const MOST_ROUNDS: usize = 20;

impl Fix {
    /// New text in the place of a span.
    pub fn write(file: usize, span: Span, text: impl Into<String>) -> Fix {
        let text = text.into();
        Fix { title: format!("write `{}`", text.trim()), edits: vec![Edit { file, span, text }], safe: false }
    }

    /// New text behind a span.
    pub fn append(file: usize, span: Span, text: impl Into<String>) -> Fix {
        let text = text.into();
        let title = format!("add `{}`", text.trim());
        Fix { title, edits: vec![Edit { file, span: Span { start: span.end, end: span.end }, text }], safe: false }
    }

    /// A line of its own below the one where a span ends, as far to the right as the line where it starts.
    pub fn line_below(file: usize, span: Span, text: &str, line: &str) -> Fix {
        let before = text.get(..span.start as usize).unwrap_or("");
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let above = text.get(start..).unwrap_or("");
        let indent: String = above.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        let rest = text.get(span.end as usize..).unwrap_or("");
        // What stands behind it on its line, a comment or a brace, stays there.
        let end = match rest.split('\n').next().unwrap_or("").trim_start() {
            comment if comment.starts_with("//") => span.end + length(rest.split('\n').next().unwrap_or("").trim_end()),
            _ => span.end,
        };
        let at = Span { start: end, end };
        Fix {
            title: format!("add `{line}`"),
            edits: vec![Edit { file, span: at, text: format!("\n{indent}{line}") }],
            safe: false,
        }
    }

    /// A part of a line less, and the line with it when nothing else stands on it. `text`: of the file.
    pub fn remove(file: usize, span: Span, text: &str) -> Fix {
        let written: Vec<&str> = span.slice(text).split_whitespace().collect();
        let title = match written.len() > 8 || written.is_empty() {
            true => "leave it out".to_owned(),
            false => format!("leave out `{}`", written.join(" ")),
        };
        Fix { title, edits: vec![Edit { file, span: with_space(text, span), text: String::new() }], safe: false }
    }

    pub fn also(mut self, edit: Edit) -> Fix {
        self.edits.push(edit);
        self
    }

    pub fn titled(mut self, title: impl Into<String>) -> Fix {
        self.title = title.into();
        self
    }

    /// It may be made unasked.
    pub fn safe(self) -> Fix {
        self.safe_if(true)
    }

    pub fn safe_if(mut self, safe: bool) -> Fix {
        self.safe = safe;
        self
    }
}

/// The span with the space before it; the whole line where it holds nothing else.
fn with_space(text: &str, span: Span) -> Span {
    let blank = |c: char| matches!(c, ' ' | '\t' | '\r');
    let before = text.get(..span.start as usize).unwrap_or("").trim_end_matches(blank);
    let after = text.get(span.end as usize..).unwrap_or("");
    let rest = after.trim_start_matches(blank);
    let alone = before.is_empty() || before.ends_with('\n');
    match rest.strip_prefix('\n') {
        Some(rest) if alone => Span::new(before.len(), text.len() - rest.len()),
        _ if alone => Span { start: span.start, end: span.end + length(after) - length(rest) },
        _ => Span { start: length(before), ..span },
    }
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

/// Of each finding its first safe change, unless it touches what another one changes.
pub fn safe_fixes(findings: &[Finding]) -> Vec<(&Finding, &Fix)> {
    let mut chosen: Vec<(&Finding, &Fix)> = Vec::new();
    for finding in findings {
        let free = |fix: &&Fix| {
            let taken = || chosen.iter().flat_map(|(_, fix)| &fix.edits);
            fix.safe && fix.edits.iter().all(|edit| taken().all(|other| apart(edit, other)))
        };
        if let Some(fix) = finding.fixes.iter().find(free) {
            chosen.push((finding, fix));
        }
    }
    chosen
}

fn apart(a: &Edit, b: &Edit) -> bool {
    // Two insertions at one place have no order.
    a.file != b.file || a.span.end < b.span.start || b.span.end < a.span.start || {
        let touching = a.span.end == b.span.start || b.span.end == a.span.start;
        touching && a.span.start != a.span.end && b.span.start != b.span.end
    }
}

/// The text of one file with the edits that are about it. What does not fit the text is left out.
pub fn edited<'e>(text: &str, file: usize, edits: impl IntoIterator<Item = &'e Edit>) -> String {
    let mut edits: Vec<&Edit> = edits.into_iter().filter(|edit| edit.file == file).collect();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        let Some(kept) = text.get(done..start).filter(|_| end >= start && text.is_char_boundary(end)) else { continue };
        if end > text.len() {
            continue;
        }
        out.push_str(kept);
        out.push_str(&edit.text);
        done = end;
    }
    out.push_str(text.get(done..).unwrap_or(""));
    out
}

/// One change that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    pub finding: Finding,
    /// Where the finding stood in the text of its round.
    pub file: usize,
    pub line: usize,
    pub title: String,
}

/// What is left when nothing safe is left to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settled {
    pub files: Vec<SourceFile>,
    pub findings: Vec<Finding>,
    pub made: Vec<Made>,
}

/// Makes what is safe until nothing safe is left.
pub fn settle(files: &[SourceFile], check: impl Fn(&[SourceFile]) -> Vec<Finding>) -> Settled {
    let mut files = files.to_vec();
    let (mut findings, mut made) = (check(&files), Vec::new());
    for _ in 0..MOST_ROUNDS {
        let chosen = safe_fixes(&findings);
        if chosen.is_empty() {
            break;
        }
        for (finding, fix) in &chosen {
            let (file, line) = finding.labels.first().map_or((0, 1), |label| {
                (label.file, files.get(label.file).map_or(1, |file| file.line_column(label.span.start).0))
            });
            made.push(Made { finding: (*finding).clone(), file, line, title: fix.title.clone() });
        }
        for (at, file) in files.iter_mut().enumerate() {
            file.text = edited(&file.text, at, chosen.iter().flat_map(|(_, fix)| &fix.edits));
        }
        findings = check(&files);
    }
    Settled { files, findings, made }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit { file: 0, span: Span::new(start, end), text: text.to_owned() }
    }

    #[test]
    fn a_clause_goes_with_the_space_before_it_and_a_line_as_a_whole() {
        let cut = |text: &str, part: &str| {
            let at = text.find(part).unwrap();
            let fix = Fix::remove(0, Span::new(at, at + part.len()), text);
            edited(text, 0, &fix.edits)
        };
        assert_eq!(cut("a -> B  newest wins\nc", "newest wins"), "a -> B\nc");
        assert_eq!(cut("a -> B  newest wins  or skip", "newest wins"), "a -> B  or skip");
        assert_eq!(cut("a -> B // x\n   newest wins // y\nc", "newest wins"), "a -> B // x\n   // y\nc");
        assert_eq!(cut("a -> B // x\n   newest wins\t\nc", "newest wins"), "a -> B // x\nc");
        assert_eq!(cut("newest wins", "newest wins"), "");
    }

    #[test]
    fn edits_that_touch_wait_for_the_next_round() {
        let finding = |edits: Vec<Edit>| {
            Finding::new(Code::UnknownField, 0, edits[0].span, "x").fix(Fix { title: String::new(), edits, safe: true })
        };
        let all = [
            finding(vec![edit(0, 2, "a"), edit(8, 9, "b")]),
            finding(vec![edit(1, 3, "c")]),
            finding(vec![edit(8, 8, "d")]),
            finding(vec![edit(2, 3, "e")]),
            finding(vec![edit(5, 5, "f")]),
            finding(vec![edit(5, 5, "g")]),
        ];
        let chosen: Vec<&str> = safe_fixes(&all).iter().map(|(_, fix)| fix.edits[0].text.as_str()).collect();
        assert_eq!(chosen, ["a", "e", "f"]);
        let edits: Vec<&Edit> = safe_fixes(&all).into_iter().flat_map(|(_, fix)| &fix.edits).collect();
        assert_eq!(edited("0123456789", 0, edits), "ae34f567b9");
    }

    #[test]
    fn edits_that_do_not_fit_are_left_out() {
        for (start, end) in [(1, 2), (9, 12), (3, 99)] {
            assert_eq!(edited("aäb", 0, &[edit(start, end, "x")]), "aäb");
        }
    }

    #[test]
    fn one_change_uncovers_the_next_and_two_that_undo_each_other_end() {
        let turn = |files: &[SourceFile]| {
            let new = if files[0].text == "a" { "b" } else { "a" };
            vec![
                Finding::new(Code::UnknownField, 0, Span::new(0, 1), "x")
                    .fix(Fix::write(0, Span::new(0, 1), new).safe()),
            ]
        };
        let settled = settle(&[SourceFile::new("f", "a")], turn);
        assert_eq!((settled.made.len(), settled.findings.len()), (MOST_ROUNDS, 1));
        let shrink = |files: &[SourceFile]| {
            let text = &files[0].text;
            let fix = |_| Fix::remove(0, Span::new(text.len() - 1, text.len()), text).safe();
            text.chars()
                .last()
                .map(fix)
                .map(|fix| Finding::new(Code::Unused, 0, Span::default(), "x").fix(fix))
                .into_iter()
                .collect()
        };
        assert_eq!(settle(&[SourceFile::new("f", "xyz")], shrink).files[0].text, "");
    }
}
