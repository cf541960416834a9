//! A file as words that are moved but never changed, each with what stands before it.

use crate::scan::{Comment, Token, TokenKind, scan};
use crate::span::Span;

/// What nothing may be put into: a path, a date, a text, a sign. The last word of a file is empty, and holds the
/// comments at its end.
#[derive(Clone, Debug)]
pub(super) struct Word<'a> {
    pub text: &'a str,
    pub span: Span,
    pub kind: TokenKind,
    /// In characters.
    pub width: usize,
    pub notes: Vec<Note<'a>>,
    /// A blank line stands right before it.
    pub blank: bool,
}

/// A comment before a word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Note<'a> {
    /// Without the space at its end.
    pub text: &'a str,
    /// It stands behind the word before, on its line.
    pub trailing: bool,
    /// A blank line stands right before it.
    pub blank: bool,
}

impl Word<'_> {
    pub(super) fn is(&self, text: &str) -> bool {
        self.text == text
    }
}

pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let scanned = scan(text);
    let mut comments = scanned.comments.iter().peekable();
    let mut words: Vec<Word<'_>> = Vec::with_capacity(scanned.tokens.len() + 1);
    for token in scanned.tokens.into_iter().flat_map(|token| cut(text, token)) {
        match words.last_mut() {
            Some(word) if belongs(word, text, token) => {
                word.span = word.span.to(token.span);
                word.text = word.span.slice(text);
                if token.kind == TokenKind::Number {
                    word.kind = token.kind;
                }
            }
            _ => {
                let before = std::iter::from_fn(|| comments.next_if(|comment| comment.span.start < token.span.start));
                let word = word(text, token.span, token.kind, before, words.last());
                words.push(word);
            }
        }
    }
    let end = Span::new(text.len(), text.len());
    let last = word(text, end, TokenKind::Sign, comments, words.last());
    words.push(last);
    for word in &mut words {
        word.width = word.text.chars().count();
    }
    words
}

/// A sign may run into the minus of the number behind it: `->-5`.
fn cut(text: &str, token: Token) -> impl Iterator<Item = Token> {
    let written = token.span.slice(text);
    let number = text.get(token.span.end as usize..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let sign = written.strip_suffix('-').filter(|sign| matches!(*sign, "<->" | "->" | "<-" | "="));
    match sign.filter(|_| number && token.kind == TokenKind::Sign) {
        Some(sign) => {
            let at = token.span.start + sign.len() as u32;
            let first = Token { span: Span { end: at, ..token.span }, ..token };
            [Some(first), Some(Token { span: Span { start: at, ..token.span }, ..token })]
        }
        None => [Some(token), None],
    }
    .into_iter()
    .flatten()
}

/// Whether a token goes on with the word before it: the parts of a path, of a date, the minus of a number.
fn belongs(word: &Word<'_>, text: &str, token: Token) -> bool {
    if word.span.end != token.span.start {
        return false;
    }
    let next_is_digit =
        text.get(token.span.end as usize..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    match token.kind {
        TokenKind::Sign => match token.span.slice(text) {
            "." => word.kind == TokenKind::Word,
            "-" | "+" | ":" => word.kind == TokenKind::Number && next_is_digit,
            _ => false,
        },
        TokenKind::Word => word.kind == TokenKind::Word && word.text.ends_with('.'),
        TokenKind::Number => word.is("-") || (word.kind == TokenKind::Number && word.text.ends_with(['-', '+', ':'])),
        _ => false,
    }
}

fn word<'a, 'c>(
    text: &'a str,
    span: Span,
    kind: TokenKind,
    comments: impl Iterator<Item = &'c Comment>,
    previous: Option<&Word<'a>>,
) -> Word<'a> {
    let mut end = previous.map_or(0, |word| word.span.end);
    let mut notes = Vec::new();
    for comment in comments {
        let between = Span { start: end, end: comment.span.start }.slice(text);
        let breaks = between.matches('\n').count();
        let trailing = notes.is_empty() && previous.is_some() && breaks == 0;
        notes.push(Note { text: comment.span.slice(text).trim_end(), trailing, blank: breaks > 1 });
        end = comment.span.end;
    }
    let blank = Span { start: end, end: span.start }.slice(text).matches('\n').count() > 1;
    Word { text: span.slice(text), span, kind, width: 0, notes, blank }
}
