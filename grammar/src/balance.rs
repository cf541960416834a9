//! Braces and parentheses: which one is missing, and what to put there so that the rest can be read.

use crate::limits::{MAX_DEPTH, too_deep};
use crate::problem::{Problem, ProblemCode, ProblemFix};
use crate::scan::{Token, TokenKind};
use crate::source::Edit;
use crate::span::Span;

#[derive(Debug, Default)]
pub(crate) struct Balance {
    pub problems: Vec<Problem>,
    pub edits: Vec<Edit>,
    /// Nested too deep to be read on.
    pub gave_up: bool,
}

/// The words that start an item, and so cannot start a line of anything else in column 1.
const ITEMS: [&str; 13] = [
    "zone",
    "sync",
    "picklist",
    "place",
    "stages",
    "owners",
    "lifecycle",
    "order",
    "values",
    "members",
    "limits",
    "change",
    "test",
];

/// The words that start a line of a `sync`, and nothing in the blocks of one.
const SYNC_LINES: [&str; 5] = ["match", "both", "to", "map", "associate"];

/// Line breaks carry no meaning, so balanced brackets are taken as they are. Only where braces do not add up does the
/// indentation say which one the author forgot.
pub(crate) fn balance(text: &str, tokens: &[Token]) -> Balance {
    let plain = Walk::new(text, false).run(tokens);
    let braces = |problem: &Problem| matches!(problem.code, ProblemCode::UnclosedBrace | ProblemCode::StrayBrace);
    if plain.gave_up || !plain.problems.iter().any(braces) { plain } else { Walk::new(text, true).run(tokens) }
}

struct Open {
    token: Span,
    brace: bool,
    indent: usize,
}

struct Walk<'a> {
    text: &'a str,
    by_indent: bool,
    stack: Vec<Open>,
    indent: usize,
    first: bool,
    seen: usize,
    out: Balance,
}

impl<'a> Walk<'a> {
    fn new(text: &'a str, by_indent: bool) -> Walk<'a> {
        Walk { text, by_indent, stack: Vec::new(), indent: 0, first: true, seen: 0, out: Balance::default() }
    }

    fn run(mut self, tokens: &[Token]) -> Balance {
        for (index, token) in tokens.iter().enumerate() {
            self.advance(token.span);
            match token.kind {
                TokenKind::Open(bracket) => self.open(token.span, bracket == '{'),
                TokenKind::Close('}') => self.close_brace(token.span),
                TokenKind::Close(_) => self.close_parenthesis(token.span),
                TokenKind::Word if self.by_indent => {
                    let next = tokens.get(index + 1);
                    self.line_start(token.span, next);
                }
                _ => {}
            }
            if self.out.gave_up {
                return self.out;
            }
        }
        self.close_all(Span::new(self.text.len(), self.text.len()));
        self.out
    }

    fn open(&mut self, token: Span, brace: bool) {
        if brace {
            self.drop_parentheses();
        }
        self.stack.push(Open { token, brace, indent: self.indent });
        if self.stack.len() > MAX_DEPTH {
            self.out.problems.push(too_deep(token));
            self.out.gave_up = true;
        }
    }

    fn close_parenthesis(&mut self, token: Span) {
        if self.stack.last().is_some_and(|open| !open.brace) {
            self.stack.pop();
            return;
        }
        self.out.edits.push(Edit::blank(token.start as usize, 1));
        let delete = ProblemFix::of("delete the `)`", vec![(token, String::new())]);
        self.out.problems.push(Problem::new(ProblemCode::StrayParenthesis, token, "`)` closes nothing").fix(delete));
    }

    fn close_brace(&mut self, token: Span) {
        self.drop_parentheses();
        let indent = self.indent;
        if self.by_indent && self.first {
            let outer = self.stack.iter().any(|open| open.indent <= indent);
            while outer && self.stack.last().is_some_and(|open| open.indent > indent) {
                self.close_missing(token);
            }
            if self.stack.last().is_some_and(|open| open.indent < indent) {
                return self.stray_brace(token);
            }
        }
        if self.stack.pop().is_none() {
            self.stray_brace(token);
        }
    }

    fn stray_brace(&mut self, token: Span) {
        self.out.edits.push(Edit::blank(token.start as usize, 1));
        let delete = ProblemFix::of("delete the `}`", vec![(token, String::new())]);
        let problem = Problem::new(ProblemCode::StrayBrace, token, "`}` closes nothing").help("delete it");
        self.out.problems.push(problem.fix(delete));
    }

    /// A line starts that cannot stand in the open block: that block was never closed.
    fn line_start(&mut self, token: Span, next: Option<&Token>) {
        let named =
            next.is_some_and(|next| matches!(next.kind, TokenKind::Word | TokenKind::Text | TokenKind::Open('{')));
        if self.stack.is_empty() || !self.first || !named {
            return;
        }
        let word = token.slice(self.text);
        let before = Span { start: token.start, end: token.start };
        if self.indent == 0 && ITEMS.contains(&word) {
            self.close_all(before);
        } else if SYNC_LINES.contains(&word) && self.stack.iter().any(|open| open.indent < self.indent) {
            while self.stack.last().is_some_and(|open| open.indent >= self.indent) {
                self.close_missing(before);
            }
        }
    }

    fn close_all(&mut self, before: Span) {
        while !self.stack.is_empty() {
            self.drop_parentheses();
            if !self.stack.is_empty() {
                self.close_missing(before);
            }
        }
    }

    /// The innermost block has no closing brace; it is taken to end before `before`.
    fn close_missing(&mut self, before: Span) {
        self.drop_parentheses();
        if let Some(open) = self.stack.pop() {
            self.out.edits.push(Edit::insert(before.start as usize, "\n}"));
            self.out.problems.push(
                Problem::new(ProblemCode::UnclosedBrace, open.token, "this `{` is never closed")
                    .label("opened here")
                    .help("add the `}` that ends this block"),
            );
        }
    }

    fn drop_parentheses(&mut self) {
        while let Some(open) = self.stack.pop_if(|open| !open.brace) {
            self.out.problems.push(
                Problem::new(ProblemCode::UnclosedParenthesis, open.token, "this `(` is never closed")
                    .label("opened here")
                    .help("add the `)` that ends the group"),
            );
        }
    }

    /// Moves on to a token: the indentation of its line, and whether it is the first there.
    fn advance(&mut self, token: Span) {
        let start = token.start as usize;
        let between = self.text.get(self.seen..start).unwrap_or("");
        if let Some(newline) = between.rfind('\n') {
            self.indent = between.len() - newline - 1;
            self.first = true;
        } else if self.seen == 0 {
            self.indent = between.len();
            self.first = true;
        } else {
            self.first = false;
        }
        self.seen = token.end as usize;
    }
}
