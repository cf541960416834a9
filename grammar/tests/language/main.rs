//! What the rule language promises, from text to tree.

mod canonical;
mod format;
mod forms;
mod hostile;
mod near_misses;
mod next;
mod programs;
mod recovery;
mod sample;
mod soft_words;

use syncline_grammar::{Parsed, parse};

/// The problems as `line:column code`.
fn places(text: &str, parsed: &Parsed) -> Vec<String> {
    let place = |problem: &syncline_grammar::Problem| {
        let (line, column) = syncline_grammar::line_column(text, problem.span.start);
        format!("{line}:{column} {}", problem.code)
    };
    parsed.problems.iter().map(place).collect()
}

#[track_caller]
fn clean(text: &str) -> syncline_grammar::tree::File {
    let parsed = parse(text);
    assert_eq!(parsed.problems, [], "in\n{text}");
    parsed.file
}
