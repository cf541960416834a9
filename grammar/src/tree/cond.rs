//! Conditions.

use super::atoms::{Duration, Name, Number, Path, Text, Value};
use crate::span::Span;

/// A condition. `and` and `or` hold at least two parts, and never one of their own kind directly.
#[derive(Clone, Debug, PartialEq)]
pub enum Cond {
    And { span: Span, parts: Vec<Cond> },
    Or { span: Span, parts: Vec<Cond> },
    Not { span: Span, inner: Box<Cond> },
    Atom(Atom),
}

impl Cond {
    pub fn span(&self) -> Span {
        match self {
            Cond::And { span, .. } | Cond::Or { span, .. } | Cond::Not { span, .. } => *span,
            Cond::Atom(atom) => atom.span,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Atom {
    pub span: Span,
    pub kind: AtomKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum AtomKind {
    /// `email ends with any of our_domains`
    Compare { field: Path, op: Op },
    /// `any Opportunity by OpportunityContactRole labelled "Buyer" where IsClosed is false`
    Count { count: Count, of: Path, by: Option<Path>, labelled: Option<Text>, filter: Option<Box<Cond>> },
    /// `member of list "Sync to Salesforce"`
    MemberOf(Text),
    /// `linked`, `not linked to Contact`, `contact linked`; without `what`: the record itself.
    Linked { what: Option<Path>, negated: bool, to: Option<Name> },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    pub span: Span,
    pub kind: CountKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum CountKind {
    Any,
    Every,
    No,
    AtLeast(Number),
}

/// What stands after the field in a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Op {
    pub span: Span,
    pub kind: OpKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum OpKind {
    /// `is V`, `is not V`
    Is { negated: bool, value: Value },
    /// `is known`, `is not unique`, …
    IsState { negated: bool, state: State },
    /// `is in the last 3 days`
    InTheLast(Duration),
    /// `is more than 3 days ago`
    MoreThanAgo(Duration),
    /// `is same as path`
    SameAs(Path),
    /// `is exactly "x"`
    Exactly(Text),
    /// `is at least 5`, `is before 2026-01-31`, …
    Order { test: OrderTest, value: Value },
    /// `is any of a, b`; negated: `is none of a, b`
    AnyOf { negated: bool, values: Vec<Value> },
    /// `contains "x"`, `ends with any of a, b`, …
    Text { test: TextTest, quantifier: Quantifier, values: Vec<Value> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Known,
    Blank,
    Unique,
    ValidEmail,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderTest {
    AtLeast,
    AtMost,
    MoreThan,
    LessThan,
    Before,
    After,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// No quantifier written: exactly one value.
    One,
    AnyOf,
    AllOf,
    NoneOf,
}
