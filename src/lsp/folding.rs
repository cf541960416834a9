//! What can be folded away: blocks and runs of comments.

use syncline_grammar::{Comment, TokenKind, tokens};

/// Lines from 0, first and last, and whether they are comments.
pub fn folds(text: &str, comments: &[Comment]) -> Vec<(u32, u32, bool)> {
    let line_of = |offset: u32| {
        let before = text.as_bytes().get(..offset as usize).unwrap_or(&[]);
        u32::try_from(before.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u32::MAX)
    };
    let mut out = Vec::new();
    let mut open = Vec::new();
    for token in tokens(text) {
        match token.kind {
            TokenKind::Open('{') => open.push(line_of(token.span.start)),
            TokenKind::Close('}') => {
                let end = line_of(token.span.start);
                // The closing brace stays to be seen.
                out.extend(open.pop().filter(|start| start + 1 < end).map(|start| (start, end - 1, false)));
            }
            _ => {}
        }
    }
    let mut run: Option<(u32, u32)> = None;
    for comment in comments {
        let line = line_of(comment.span.start);
        run = match run {
            Some((first, last)) if line == last + 1 => Some((first, line)),
            ended => {
                out.extend(ended.filter(|(first, last)| first < last).map(|(first, last)| (first, last, true)));
                Some((line, line))
            }
        };
    }
    out.extend(run.filter(|(first, last)| first < last).map(|(first, last)| (first, last, true)));
    out.sort_unstable();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_comments_fold() {
        let text = "// a\n// b\nsync x {\n  map {\n    a <-> b\n  }\n  to y { }\n}\n// c\n";
        let parsed = syncline_grammar::parse(text);
        assert_eq!(folds(text, &parsed.comments), [(0, 1, true), (2, 6, false), (3, 4, false)]);
        assert_eq!(folds("}}}{{{\n\n", &[]), []);
    }
}
