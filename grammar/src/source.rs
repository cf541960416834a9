//! The text as the grammar reads it, and the way back to the offsets of the file.

use crate::scan::{Token, TokenKind};
use crate::span::Span;

/// A change of the text that keeps it readable for the grammar. It takes nothing away: every byte of the file keeps
/// its place, but for what is inserted.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    at: usize,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    /// As long as what it replaces.
    Replace(String),
    Insert(String),
}

impl Edit {
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn blank(at: usize, length: usize) -> Edit {
        Edit { at, change: Change::Replace(" ".repeat(length)) }
    }

    /// `"` instead of the opening quote of `length` bytes.
    pub(crate) fn open_quote(at: usize, length: usize) -> Edit {
        Edit { at, change: Change::Replace(format!("{:>length$}", '"')) }
    }

    /// `"` instead of the closing quote of `length` bytes.
    pub(crate) fn close_quote(at: usize, length: usize) -> Edit {
        Edit { at, change: Change::Replace(format!("{:<length$}", '"')) }
    }

    pub(crate) fn insert(at: usize, text: &str) -> Edit {
        Edit { at, change: Change::Insert(text.to_owned()) }
    }
}

pub(crate) struct Source<'a> {
    pub original: &'a str,
    /// What the grammar reads.
    pub text: String,
    pub tokens: Vec<Token>,
    /// Offsets in the file of brackets and quotes that lack their partner, ascending.
    unpaired: Vec<u32>,
    /// Offsets in `text` of inserted bytes, ascending.
    inserted: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(
        original: &'a str,
        tokens: Vec<Token>,
        mut edits: Vec<Edit>,
        mut unpaired: Vec<u32>,
    ) -> Source<'a> {
        unpaired.sort_unstable();
        edits.sort_by_key(|edit| edit.at);
        let mut text = String::with_capacity(original.len() + edits.len());
        let mut inserted = Vec::new();
        let mut done = 0;
        for edit in &edits {
            text.push_str(original.get(done..edit.at).unwrap_or(""));
            done = done.max(edit.at);
            match &edit.change {
                Change::Replace(replacement) => {
                    text.push_str(replacement);
                    done += replacement.len();
                }
                Change::Insert(insertion) => {
                    inserted.extend(text.len()..text.len() + insertion.len());
                    text.push_str(insertion);
                }
            }
        }
        text.push_str(original.get(done..).unwrap_or(""));
        Source { original, text, tokens, unpaired, inserted }
    }

    /// The offset in the file of an offset in `text`.
    pub(crate) fn to_original(&self, offset: usize) -> usize {
        offset - self.inserted.partition_point(|inserted| *inserted < offset)
    }

    /// The span in the file of a range of `text`, without the space and comments at its end, which the grammar takes
    /// along before it finds an optional part missing.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        let mut span = Span::new(self.to_original(start), self.to_original(end));
        let first = self.token_at(span.start).filter(|token| token.span.start < span.start);
        if let Some(Token { kind: TokenKind::Text, span: whole }) = first {
            span.start = whole.start;
        }
        let before = self.tokens.partition_point(|token| token.span.start < span.end);
        if let Some(last) = before.checked_sub(1).and_then(|index| self.tokens.get(index))
            && (last.span.end <= span.end || last.kind == TokenKind::Text)
        {
            span.end = last.span.end.max(span.start);
        }
        span
    }

    /// The first token that ends after an offset of the file.
    pub(crate) fn token_at(&self, offset: u32) -> Option<&Token> {
        self.tokens.get(self.tokens.partition_point(|token| token.span.end <= offset))
    }

    /// The last token that ends at or before an offset of the file.
    pub(crate) fn token_before(&self, offset: u32) -> Option<&Token> {
        let after = self.tokens.partition_point(|token| token.span.end <= offset);
        after.checked_sub(1).and_then(|index| self.tokens.get(index))
    }

    /// Whether a bracket or a quote in a span of the file lacks its partner: that explains what else is wrong there.
    pub(crate) fn is_unpaired(&self, span: Span) -> bool {
        let next = self.unpaired.partition_point(|offset| *offset < span.start);
        self.unpaired.get(next).is_some_and(|offset| *offset < span.end)
    }

    /// Whether a line ends between two offsets of the file.
    pub(crate) fn line_ends_between(&self, start: u32, end: u32) -> bool {
        Span { start, end }.slice(self.original).contains('\n')
    }
}
