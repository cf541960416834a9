//! Text to tree: limits, scan, brackets, grammar, fold, in this order.

use pest::Parser;

use crate::balance::balance;
use crate::docs;
use crate::fold::Fold;
use crate::limits;
use crate::parser::{Rule, SyncParser};
use crate::problem::{Problem, ProblemCode};
use crate::scan::{Comment, scan};
use crate::source::Source;
use crate::span::Span;
use crate::tree::File;

/// What one file holds. Without problems the tree is the whole file; with problems it holds what could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    pub file: File,
    /// In the order of the file.
    pub comments: Vec<Comment>,
    /// In the order of the file, at most [`limits::MAX_PROBLEMS`] and one that says there are more.
    pub problems: Vec<Problem>,
}

/// As [`parse`], for a file as read from disk: it must be UTF-8, with or without a byte order mark.
pub fn parse_bytes(bytes: &[u8]) -> Parsed {
    if let Some(problem) = limits::check_size(bytes.len()) {
        return Parsed { problems: vec![problem], ..Parsed::default() };
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => parse(text),
        Err(error) => {
            let at = error.valid_up_to();
            let end = error.error_len().map_or(bytes.len(), |length| at + length);
            Parsed { problems: vec![not_utf8(at, end)], ..Parsed::default() }
        }
    }
}

/// The problem of a file with a byte that belongs to no character. `at`, `end`: where it is shown.
pub fn not_utf8(at: usize, end: usize) -> Problem {
    let message = format!("the file is not UTF-8: byte {at} does not belong to a character");
    Problem::new(ProblemCode::NotUtf8, Span::new(at, end), message).help("save the file with the encoding UTF-8")
}

/// The tree, the comments and the problems of one file. Takes any text, in time linear in its length.
pub fn parse(text: &str) -> Parsed {
    if let Some(problem) = limits::check_size(text.len()) {
        return Parsed { problems: vec![problem], ..Parsed::default() };
    }
    let scanned = scan(text);
    let balanced = balance(text, &scanned.tokens);
    let mut problems = scanned.problems;
    problems.extend(balanced.problems);
    if scanned.gave_up || balanced.gave_up {
        return Parsed { file: File::default(), comments: scanned.comments, problems: settled(problems) };
    }
    let edits = scanned.edits.into_iter().chain(balanced.edits).collect();
    let unpaired = problems.iter().filter(|problem| problem.code.is_unpaired()).map(|problem| problem.span.start);
    let source = Source::new(text, scanned.tokens, edits, unpaired.collect());
    let mut file = File::default();
    match SyncParser::parse(Rule::file, &source.text) {
        Ok(pairs) => {
            let mut fold = Fold::new(&source, problems);
            file = fold.file(pairs);
            problems = fold.problems;
        }
        Err(error) => problems.push(unreadable(&source, &error)),
    }
    docs::attach(text, &scanned.comments, &mut file);
    Parsed { file, comments: scanned.comments, problems: settled(problems) }
}

/// In order, no more than are shown. Nothing is surely meant where a bracket or a quote lacks its partner, nor in a statement
/// that is not understood for another reason: what would be changed may be something else than it looks like.
fn settled(problems: Vec<Problem>) -> Vec<Problem> {
    let unpaired = problems.iter().any(|problem| problem.code.is_unpaired());
    let mut problems = limits::bounded(problems);
    let open = problems.iter().filter(|problem| !problem.fixes.iter().any(|fix| fix.safe));
    let open: Vec<Span> = open.filter_map(|problem| problem.statement).collect();
    for problem in &mut problems {
        let inside = |statement: &Span| statement.start <= problem.span.start && problem.span.end <= statement.end;
        if unpaired || open.iter().any(inside) {
            problem.fixes.iter_mut().for_each(|fix| fix.safe = false);
        }
    }
    problems
}

/// The grammar takes any balanced text, so this is left for what pest itself refuses: a thread with too small a stack.
fn unreadable(source: &Source<'_>, error: &pest::error::Error<Rule>) -> Problem {
    let at = match error.location {
        pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => at,
    };
    Problem::new(ProblemCode::TooDeep, source.span(at, at), "the file could not be read from here on")
}
