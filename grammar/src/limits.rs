//! Bounds of what is read at all, found before anything recurses.

use crate::problem::{Problem, ProblemCode};
use crate::span::Span;

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// How deep brackets may stand in each other. It bounds the recursion of everything that walks a tree.
pub const MAX_DEPTH: usize = 64;
/// Words, texts, numbers and signs in one file.
pub const MAX_TOKENS: usize = 250_000;
/// Problems reported for one file; the rest would only repeat them.
pub const MAX_PROBLEMS: usize = 100;

pub(crate) fn check_size(bytes: usize) -> Option<Problem> {
    (bytes > MAX_BYTES).then(|| too_large(bytes))
}

/// The problem of a file with more bytes than are read: so many, or more.
pub fn too_large(bytes: usize) -> Problem {
    let message = format!("the file has {bytes} bytes or more, and a rule file may have {MAX_BYTES}");
    Problem::new(ProblemCode::TooLarge, Span::default(), message)
        .help("split it: all files of a folder are one set of rules")
}

pub(crate) fn too_deep(span: Span) -> Problem {
    Problem::new(ProblemCode::TooDeep, span, format!("brackets are nested more than {MAX_DEPTH} deep"))
}

pub(crate) fn too_many_tokens(span: Span) -> Problem {
    Problem::new(ProblemCode::TooManyTokens, span, format!("the file has more than {MAX_TOKENS} words and signs"))
        .help("split it: all files of a folder are one set of rules")
}

/// In the order of the file, and no more than are of use.
pub(crate) fn bounded(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| (problem.span, problem.code));
    problems.dedup_by(|a, b| a.span == b.span && a.code == b.code);
    if let Some(next) = problems.get(MAX_PROBLEMS) {
        let last = Problem::new(
            ProblemCode::TooManyProblems,
            next.span,
            format!("only the first {MAX_PROBLEMS} of {} problems are shown", problems.len()),
        );
        problems.truncate(MAX_PROBLEMS);
        problems.push(last);
    }
    problems
}
