//! What is wrong with the file, where, and what to do about it.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use super::LITERAL;

#[derive(Debug, Error, Diagnostic)]
pub enum SettingsError {
    #[error("cannot read `{path}`: {why}")]
    #[diagnostic(help("run in the folder of the project, or make the file"))]
    Unreadable { path: PathBuf, why: std::io::Error },
    #[error("{path}:1:1: the file is larger than 256 KiB")]
    #[diagnostic(help("settings are short; tables and rules belong into the folder of the rules"))]
    TooLarge { path: String },
    /// Line and column count from 1, columns in characters.
    #[error("{path}:{line}:{column}: {what}")]
    Wrong {
        path: String,
        line: usize,
        column: usize,
        what: String,
        #[help]
        help: String,
    },
}

/// Line and column of the end of `text`, from 1.
pub(super) fn place(text: &[u8]) -> (usize, usize) {
    let line = text.iter().filter(|b| **b == b'\n').count() + 1;
    let last = text.rsplit(|b| *b == b'\n').next().unwrap_or_default();
    (line, String::from_utf8_lossy(last).chars().count() + 1)
}

/// The first `&anchor` or `*alias` outside of quotes and comments: one that starts a value or a key.
pub(super) fn reference_mark(text: &str) -> Option<(usize, usize)> {
    let mut quote = None;
    for (line, content) in text.lines().enumerate() {
        // At the start of a line, and after what YAML puts before a value.
        let mut starts = true;
        let mut before = ' ';
        let mut chars = content.chars().enumerate().peekable();
        while let Some((column, c)) = chars.next() {
            match (quote, c) {
                (Some('"'), '\\') => {
                    chars.next();
                }
                (Some(open), c) if open == c => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') if starts => {
                    quote = Some(c);
                    starts = false;
                }
                (None, '#') if before.is_whitespace() => break,
                (None, '&' | '*') if starts && chars.peek().is_some_and(|(_, next)| !next.is_whitespace()) => {
                    return Some((line + 1, column + 1));
                }
                (None, '[' | '{' | ',') => starts = true,
                (None, ':' | '-' | '?') if chars.peek().is_none_or(|(_, next)| next.is_whitespace()) => starts = true,
                (None, c) if c.is_whitespace() => {}
                _ => starts = false,
            }
            before = c;
        }
    }
    None
}

/// The parser's message without its place, which is said already, and without what it found, which may be a secret.
pub(super) fn without_values(message: &str) -> String {
    let message = message.rfind(" at line ").map_or(message, |at| message.get(..at).unwrap_or(message));
    let Some((start, end)) = message.find(": string \"").zip(message.rfind("\", expected")) else {
        return message.to_owned();
    };
    let (head, tail) = (message.get(..start).unwrap_or_default(), message.get(end + 1..).unwrap_or_default());
    format!("{head}: text{tail}")
}

pub(super) fn help_for(what: &str) -> String {
    if what.contains(LITERAL) {
        return "use `{env: NAME}` for a variable of the environment, or `{file: PATH}` for a file outside of version \
                control; if this file has been shared, replace the secret"
            .to_owned();
    }
    if let Some((_, rest)) = what.split_once("unknown field `") {
        let mut names = rest.split('`').step_by(2);
        let wrong = names.next().unwrap_or_default();
        let near = names
            .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
            .min()
            .filter(|(distance, name)| *distance <= 2.max(name.len() / 3));
        return match near {
            Some((_, name)) => format!("did you mean `{name}`?"),
            None => "remove it; the keys that are read are listed in the message".to_owned(),
        };
    }
    if what.contains("missing field") {
        return "add it".to_owned();
    }
    if what.contains("invalid type") {
        return "write what is expected; text that looks like a number needs quotes".to_owned();
    }
    "what the file may hold stands in docs/operations.md, under \"Settings\"".to_owned()
}
