//! What the tree says of a file's words: where lines begin, where they may be wrapped, how far apart the words stand.

use crate::scan::TokenKind;
use crate::span::Span;

use super::words::Word;

/// What stands on lines of its own.
#[derive(Debug)]
pub(super) enum Part {
    Line(Line),
    Block(Block),
}

/// A statement without a body, as a range of words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub first: usize,
    pub end: usize,
}

#[derive(Debug)]
pub(super) struct Block {
    /// With the opening brace.
    pub head: Line,
    pub body: Vec<Part>,
    /// The closing brace.
    pub close: usize,
    /// With a single line in it, it stands on one line where there is room.
    pub joins: bool,
}

/// A word that starts a new line where its statement is too long for one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Soft {
    /// The lowest level of a statement is broken first.
    pub level: u16,
    pub kind: Kind,
    /// How many steps the new line stands right of its statement.
    pub shift: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// With all of its level.
    All,
    /// Only where the next piece has no room left.
    Fill,
}

pub(super) struct Layout<'a> {
    pub words: &'a [Word<'a>],
    pub soft: Vec<Option<Soft>>,
    /// Spaces before each word that does not start a line.
    pub space: Vec<usize>,
    /// How many parentheses are open before each word.
    depth: Vec<u16>,
}

impl<'a> Layout<'a> {
    pub(super) fn new(words: &'a [Word<'a>]) -> Layout<'a> {
        let mut depth = Vec::with_capacity(words.len());
        let mut open = 0u16;
        for word in words {
            depth.push(open);
            match word.kind {
                TokenKind::Open('(') => open = open.saturating_add(1),
                TokenKind::Close(')') => open = open.saturating_sub(1),
                _ => {}
            }
        }
        let space = std::iter::once(0).chain(words.windows(2).map(space_between)).collect();
        Layout { words, soft: vec![None; words.len()], space, depth }
    }

    /// The word at an offset, or the next one.
    pub(super) fn at(&self, offset: u32) -> usize {
        self.words.partition_point(|word| word.span.end <= offset)
    }

    pub(super) fn range(&self, span: Span) -> Line {
        Line { first: self.at(span.start), end: self.words.partition_point(|word| word.span.start < span.end) }
    }

    pub(super) fn line(&self, span: Span) -> Part {
        Part::Line(self.range(span))
    }

    /// A statement that ends with a body in braces; its head holds none.
    pub(super) fn block(&self, span: Span, body: Vec<Part>, joins: bool) -> Part {
        let Line { first, end } = self.range(span);
        let brace = self.next(first, "{").unwrap_or(first);
        Part::Block(Block { head: Line { first, end: brace + 1 }, body, close: end.saturating_sub(1), joins })
    }

    /// The next word of this text, from `from` on.
    pub(super) fn next(&self, from: usize, text: &str) -> Option<usize> {
        self.words.iter().skip(from).position(|word| word.is(text)).map(|offset| from + offset)
    }

    pub(super) fn soft(&mut self, word: usize, level: u16, kind: Kind, shift: usize) {
        if let Some(soft) = self.soft.get_mut(word) {
            *soft = Some(Soft { level, kind, shift });
        }
    }

    pub(super) fn depth(&self, word: usize) -> u16 {
        self.depth.get(word).copied().unwrap_or(0)
    }

    /// The word before an operand and the parentheses that open with it.
    pub(super) fn before(&self, offset: u32) -> usize {
        let mut at = self.at(offset);
        while at > 0 && self.words.get(at - 1).is_some_and(|word| word.is("(")) {
            at -= 1;
        }
        at.saturating_sub(1)
    }
}

fn space_between(pair: &[Word<'_>]) -> usize {
    let [before, word] = pair else { return 1 };
    let tight = matches!(word.text, "," | ":" | ")") || before.is("(") || (before.is("{") && word.is("}"));
    usize::from(!tight)
}
