//! A SOQL statement as written.

use super::dates::Named;

/// A dotted name with its place, perhaps within an aggregate function.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    pub parts: Vec<String>,
    pub at: usize,
    pub function: Option<Function>,
}

/// What is told of a group's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
}

impl Function {
    pub fn named(name: &str) -> Option<Function> {
        Some(match name.to_ascii_uppercase().as_str() {
            "COUNT" => Function::Count,
            "COUNT_DISTINCT" => Function::CountDistinct,
            "SUM" => Function::Sum,
            "AVG" => Function::Avg,
            "MIN" => Function::Min,
            "MAX" => Function::Max,
            _ => return None,
        })
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Query {
    pub(super) select: Vec<Item>,
    pub(super) from: Path,
    /// Another name for the object.
    pub(super) alias: Option<String>,
    pub(super) filter: Option<Expr>,
    pub(super) group: Vec<Path>,
    pub(super) having: Option<Expr>,
    pub(super) order: Vec<Order>,
    pub(super) limit: Option<usize>,
    pub(super) offset: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    /// With the name to show it under, in grouped statements.
    Field(Path, Option<String>),
    Count,
    /// `FIELDS(ALL)` and its like.
    Fields(Group, usize),
    Children(Box<Query>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    All,
    Standard,
    Custom,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Order {
    pub path: Path,
    pub descending: bool,
    pub nulls_first: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Compare {
        path: Path,
        op: Op,
        value: Literal,
    },
    Like {
        path: Path,
        pattern: Vec<Glob>,
    },
    In {
        path: Path,
        negated: bool,
        values: Vec<Literal>,
    },
    InQuery {
        path: Path,
        negated: bool,
        query: Box<Query>,
    },
    /// `INCLUDES` of a multi-select picklist: any of the sets, each wholly.
    Includes {
        path: Path,
        negated: bool,
        sets: Vec<Literal>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Literal {
    pub value: Lit,
    pub at: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lit {
    Null,
    Bool(bool),
    Num(f64),
    Text(String),
    /// Days since 1970-01-01.
    Date(i32),
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Time(i64),
    Named(Named),
}

/// One piece of a LIKE pattern, in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glob {
    Any,
    One,
    Char(char),
}
