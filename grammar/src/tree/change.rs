//! `change`: how a client folder differs from its base.

use super::atoms::{Name, Path, Side, Text};
use super::map::Row;
use super::sync::{Create, Gate, Match, On};
use crate::span::Span;

/// `change people { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub docs: Option<super::Docs>,
    pub span: Span,
    pub name: Name,
    pub lines: Vec<ChangeLine>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ChangeLine {
    Put { span: Span, verb: ChangeVerb, scope: Option<ChangeScope>, part: Box<ChangePart> },
    Remove { span: Span, scope: Option<ChangeScope>, rule: RuleRef },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeVerb {
    Add,
    Replace,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ChangeScope {
    BothWays(Span),
    To { span: Span, side: Side },
    Map { span: Span, name: Option<Text> },
}

#[derive(Clone, Debug, PartialEq)]
pub enum ChangePart {
    Gate(Gate),
    Create(Create),
    On(On),
    Match(Match),
    Row(Row),
}

#[derive(Clone, Debug, PartialEq)]
pub enum RuleRef {
    Include(Text),
    Exclude(Text),
    Create(Text),
    Row(Path),
}
