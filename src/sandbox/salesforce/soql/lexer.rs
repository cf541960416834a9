//! SOQL text to tokens.

use super::SoqlError;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name, perhaps dotted; keywords too.
    Word(String),
    /// The inside of quotes, escapes untouched.
    Quoted(String),
    /// A number, date or date with time.
    Number(String),
    Symbol(&'static str),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Placed {
    pub token: Token,
    pub at: usize,
}

impl Token {
    /// As an error shows it.
    pub fn text(&self) -> &str {
        match self {
            Token::Word(text) | Token::Quoted(text) | Token::Number(text) => text,
            Token::Symbol(text) => text,
        }
    }
}

const SYMBOLS: [&str; 12] = ["!=", "<>", "<=", ">=", "(", ")", ",", ":", "=", "<", ">", "*"];

pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, SoqlError> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
        let first = rest.chars().next().unwrap_or(' ');
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, length) = next(rest, first, at)?;
        out.push(Placed { token, at });
        at += length;
    }
    Ok(out)
}

/// The token at the start of `rest` and its length in bytes.
fn next(rest: &str, first: char, at: usize) -> Result<(Token, usize), SoqlError> {
    let run = |fits: fn(char) -> bool| rest.find(|c: char| !fits(c)).unwrap_or(rest.len());
    let piece = |length: usize| rest.get(..length).unwrap_or_default().to_owned();
    if first.is_ascii_alphabetic() || first == '_' {
        let length = run(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        return Ok((Token::Word(piece(length)), length));
    }
    if first == '\'' {
        let inside = rest.get(1..).unwrap_or_default();
        let end = closing_quote(inside)
            .ok_or_else(|| SoqlError::malformed("line breaks or end of query inside a string", at))?;
        return Ok((Token::Quoted(inside.get(..end).unwrap_or_default().to_owned()), end + 2));
    }
    let signed = matches!(first, '-' | '+') && rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit() || c == '.');
    if first.is_ascii_digit() || signed || first == '.' {
        let length = 1 + rest
            .get(1..)
            .and_then(|r| r.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '+'))))
            .unwrap_or(rest.len() - 1);
        return Ok((Token::Number(piece(length)), length));
    }
    match SYMBOLS.iter().find(|s| rest.starts_with(**s)) {
        Some(symbol) => Ok((Token::Symbol(symbol), symbol.len())),
        None => Err(SoqlError::malformed(format!("unexpected token: '{first}'"), at)),
    }
}

/// Where the quoted text ends: the first quote without a backslash before it.
fn closing_quote(inside: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return Some(at),
            _ => {}
        }
    }
    None
}
