//! `///` comments and the items they document.

use crate::scan::Comment;
use crate::span::Span;
use crate::tree::{Docs, File};

/// Gives each item the `///` lines that stand right before it, one under the other.
pub(crate) fn attach(text: &str, comments: &[Comment], file: &mut File) {
    let mut previous_end = file.edition.as_ref().map_or(0, |edition| edition.span.end);
    for item in &mut file.items {
        let span = item.span();
        let before = comments.partition_point(|comment| comment.span.start < span.start);
        let candidates = comments.get(..before).unwrap_or(&[]);
        let mut lines: Vec<Span> = Vec::new();
        let mut next = span.start;
        for comment in candidates.iter().rev().take_while(|comment| comment.doc && comment.span.start >= previous_end) {
            let gap = Span { start: comment.span.end, end: next }.slice(text);
            let shares_line = !Span { start: previous_end, end: comment.span.start }.slice(text).contains('\n');
            if !gap.trim().is_empty() || gap.matches('\n').count() != 1 || (shares_line && previous_end > 0) {
                break;
            }
            next = comment.span.start;
            lines.push(comment.span);
        }
        lines.reverse();
        if let (Some(first), Some(last)) = (lines.first(), lines.last()) {
            let span = first.to(*last);
            let lines = lines.iter().map(|line| line_text(text, *line)).collect();
            *item.docs_mut() = Some(Docs { span, lines });
        }
        previous_end = span.end;
    }
}

fn line_text(text: &str, line: Span) -> String {
    let line = line.slice(text).trim_start_matches('/');
    line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned()
}
