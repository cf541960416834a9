//! What is wrong with a text, as plain data; drawing it is the caller's.

use std::fmt;

use crate::span::Span;

/// One fault in the text of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: ProblemCode,
    pub span: Span,
    /// Lower case, no full stop, what the user typed in backticks.
    pub message: String,
    /// A few words to stand under the span itself.
    pub label: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places that explain the fault.
    pub related: Vec<(Span, String)>,
    /// Changes of the text that would mend it, the best one first.
    pub fixes: Vec<ProblemFix>,
    /// The statement that is not understood as a whole because of it: what else is found in it may only follow from that.
    pub statement: Option<Span>,
}

/// A change of the text that mends a fault of syntax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemFix {
    /// What it does, as an order: "write `is`".
    pub title: String,
    /// New text in the place of each span; an empty span inserts. They do not overlap.
    pub edits: Vec<(Span, String)>,
    /// It says what the author surely meant, so that it may be made unasked.
    pub safe: bool,
}

impl ProblemFix {
    /// New text in the place of a span.
    pub fn write(span: Span, text: impl Into<String>) -> ProblemFix {
        let text = text.into();
        ProblemFix { title: format!("write `{}`", text.trim()), edits: vec![(span, text)], safe: false }
    }

    pub fn of(title: impl Into<String>, edits: Vec<(Span, String)>) -> ProblemFix {
        ProblemFix { title: title.into(), edits, safe: false }
    }

    /// It may be made unasked.
    pub fn safe(self) -> ProblemFix {
        self.safe_if(true)
    }

    pub fn safe_if(mut self, safe: bool) -> ProblemFix {
        self.safe = safe;
        self
    }
}

impl Problem {
    pub fn new(code: ProblemCode, span: Span, message: impl Into<String>) -> Problem {
        Problem {
            code,
            span,
            message: message.into(),
            label: None,
            help: None,
            related: Vec::new(),
            fixes: Vec::new(),
            statement: None,
        }
    }

    pub fn label(mut self, label: impl Into<String>) -> Problem {
        self.label = Some(label.into());
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    pub fn fix(mut self, fix: ProblemFix) -> Problem {
        self.fixes.push(fix);
        self
    }

    /// It leaves this statement not understood.
    pub fn within(mut self, statement: Span) -> Problem {
        self.statement = Some(statement);
        self
    }

    pub fn related(mut self, span: Span, text: impl Into<String>) -> Problem {
        self.related.push((span, text.into()));
        self
    }
}

/// A sign at the end of a line, where it says nothing.
pub(crate) fn needless_end(span: Span, sign: &str, sure: bool) -> Problem {
    let fix = ProblemFix::of(format!("delete the `{sign}`"), vec![(span, String::new())]).safe_if(sure);
    let problem = Problem::new(ProblemCode::NeedlessEnd, span, format!("no `{sign}` ends a line"));
    problem.help("delete it: a statement ends where the next one starts").fix(fix)
}

/// The stable numbers of the findings of this package. A released number is never used again for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemCode {
    NotUtf8 = 1,
    TooLarge = 2,
    TooDeep = 3,
    TooManyTokens = 4,
    ForbiddenCharacter = 5,
    TooManyProblems = 6,
    UnclosedBrace = 10,
    StrayBrace = 11,
    UnclosedParenthesis = 12,
    StrayParenthesis = 13,
    UnclosedText = 14,
    WrongQuotes = 15,
    Unexpected = 20,
    UnknownWord = 21,
    WrongPlace = 22,
    WrongArrow = 30,
    WrongComparison = 31,
    WrongConnective = 32,
    MixedConnectives = 33,
    SalesforceLeft = 34,
    UnnamedRule = 35,
    UnquotedName = 36,
    MissingWhen = 37,
    CreateWithoutWhen = 38,
    BareWins = 39,
    WrongKey = 40,
    NotWithoutParentheses = 41,
    OrBetweenValues = 43,
    ListInParentheses = 65,
    WrongComment = 66,
    NeedlessEnd = 67,
    WrongAge = 68,
    UnquotedValue = 69,
    CommaBetweenValues = 70,
}

impl ProblemCode {
    /// A bracket or a quote without its partner.
    pub(crate) fn is_unpaired(self) -> bool {
        use ProblemCode::{StrayBrace, StrayParenthesis, UnclosedBrace, UnclosedParenthesis, UnclosedText};
        matches!(self, StrayBrace | StrayParenthesis | UnclosedBrace | UnclosedParenthesis | UnclosedText)
    }
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "S{:03}", *self as u16)
    }
}
