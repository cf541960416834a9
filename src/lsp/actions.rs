//! Changes that mend findings.

use syncline_grammar::Span;

use super::analysis::Analysis;
use crate::diagnostic::fix::safe_fixes;
use crate::diagnostic::{Edit, Finding};

/// One change that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    pub title: String,
    pub edits: Vec<Edit>,
    /// The finding that it mends, by its index; none for all safe ones at once.
    pub finding: Option<usize>,
    /// The one to take.
    pub preferred: bool,
}

/// What mends the findings that touch a span, and what mends everything of the file that can be mended unasked.
pub fn actions(analysis: &Analysis, file: usize, span: Span) -> Vec<Action> {
    let mut out = Vec::new();
    for (at, finding) in analysis.findings.iter().enumerate() {
        if !finding.labels.first().is_some_and(|label| label.file == file && touches(label.span, span)) {
            continue;
        }
        for (rank, fix) in finding.fixes.iter().enumerate() {
            let preferred = rank == 0 && fix.safe;
            out.push(Action { title: fix.title.clone(), edits: fix.edits.clone(), finding: Some(at), preferred });
        }
    }
    out.extend(fix_all(analysis, file));
    out
}

/// The safe changes of the file's findings, as far as they do not touch one another.
pub fn fix_all(analysis: &Analysis, file: usize) -> Option<Action> {
    let of_file = |finding: &Finding| finding.labels.first().is_some_and(|label| label.file == file);
    let chosen = safe_fixes(&analysis.findings).into_iter().filter(|(finding, _)| of_file(finding));
    let edits: Vec<Edit> = chosen.flat_map(|(_, fix)| fix.edits.iter().cloned()).collect();
    let title = "fix all that can be fixed safely".to_owned();
    (!edits.is_empty()).then_some(Action { title, edits, finding: None, preferred: false })
}

fn touches(a: Span, b: Span) -> bool {
    a.start <= b.end && b.start <= a.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Fix};
    use crate::lsp::testing::project_of;

    fn finding(at: usize, fixes: &[(&str, bool)]) -> Finding {
        let span = Span::new(at, at + 2);
        let finding = Finding::new(Code::Unexpected, 0, span, "x");
        fixes.iter().fold(finding, |finding, (text, safe)| {
            let edits = vec![Edit { file: 0, span, text: (*text).to_owned() }];
            finding.fix(Fix { title: format!("write `{text}`"), edits, safe: *safe })
        })
    }

    #[test]
    fn fixes_of_the_findings_at_the_cursor_and_all_safe_ones() {
        let mut analysis = project_of(&["edition 2026\n"]);
        analysis.findings =
            vec![finding(0, &[("a", true), ("b", false)]), finding(1, &[("c", true)]), finding(8, &[("d", false)])];
        let titles =
            |span: Span| -> Vec<String> { actions(&analysis, 0, span).iter().map(|a| a.title.clone()).collect() };
        assert_eq!(titles(Span::new(0, 0)), ["write `a`", "write `b`", "fix all that can be fixed safely"]);
        assert_eq!(titles(Span::new(9, 9)), ["write `d`", "fix all that can be fixed safely"]);
        let all = fix_all(&analysis, 0).unwrap();
        assert_eq!(all.edits.len(), 1, "the second would change what the first changed");
        assert_eq!(actions(&analysis, 1, Span::new(0, 0)), []);
    }
}
