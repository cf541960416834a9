//! `map` and `associate`: rows, their operands and clauses.

use super::atoms::{Arrow, Name, Path, Side, Text, Value};
use super::cond::Cond;
use crate::span::Span;

/// `map "partners only" prefer salesforce unless blank when type is PARTNER { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    pub span: Span,
    /// Everything before the brace.
    pub head: Span,
    pub name: Option<Text>,
    pub winner: Option<Winner>,
    pub when: Option<Cond>,
    pub lines: Vec<MapLine>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum MapLine {
    Row(Row),
    Together(Together),
}

/// `together "address" newest wins { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Together {
    pub span: Span,
    pub name: Text,
    pub winner: Option<Winner>,
    pub rows: Vec<Row>,
}

/// `company else company.name -> Lead.Company  or truncate`
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub span: Span,
    /// HubSpot's side.
    pub left: Operands,
    pub arrow: Arrow,
    /// Salesforce's side.
    pub right: Operands,
    pub clauses: Vec<Clause>,
}

/// One side of a row: at least one operand.
#[derive(Clone, Debug, PartialEq)]
pub struct Operands {
    pub span: Span,
    pub list: Vec<Operand>,
    pub join: Join,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// A single operand.
    One,
    /// `a else b`: the first known.
    Else,
    /// `Lead.Street, Contact.MailingStreet`: one field per object of the header; right of the arrow only.
    PerObject,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    pub span: Span,
    pub kind: OperandKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum OperandKind {
    Field(Path),
    /// `list of CampaignMember.CampaignId`
    ListOf(Path),
    /// A constant, or a text with `{field}` in it.
    Text(String),
    /// As in [`super::Number`].
    Number(String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    pub span: Span,
    pub kind: ClauseKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ClauseKind {
    Winner(Winner),
    /// A `picklist`, `owners`, or the row of a `place` or `stages` block.
    Via(Path),
    As(Name),
    Or(Handler),
    AtCreation,
    IfBlank,
    AddOnly,
    /// `on hubspot clear restore`; without a side: both.
    OnClear {
        side: Option<Side>,
        cleared: Cleared,
    },
    IfCurrencyDiffers(CurrencyRule),
    When(Cond),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Winner {
    pub span: Span,
    pub kind: WinnerKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WinnerKind {
    /// `newest wins`
    Newest,
    /// `newest record wins`
    NewestRecord,
    /// `salesforce wins`
    Side(Side),
    /// `prefer salesforce unless blank`
    Prefer(Side),
    MergeValues,
    ForwardOnly,
    AskFirst,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Handler {
    pub span: Span,
    pub kind: HandlerKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum HandlerKind {
    Truncate,
    Round,
    Skip,
    Reject,
    Wait,
    Use(Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleared {
    Pass,
    Keep,
    Restore,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurrencyRule {
    Reject,
    Skip,
    Copy,
}

/// `associate { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Associate {
    pub span: Span,
    pub rows: Vec<AssociateRow>,
}

/// `contact labelled "Decision maker" <-> OpportunityContactRole.ContactId  merge values  where Role is "Decision Maker"`
#[derive(Clone, Debug, PartialEq)]
pub struct AssociateRow {
    pub span: Span,
    pub left: Path,
    pub labelled: Option<Text>,
    pub arrow: Arrow,
    pub right: Path,
    pub clauses: Vec<Clause>,
    pub filter: Option<Cond>,
}
