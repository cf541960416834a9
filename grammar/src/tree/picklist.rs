//! Tables of values: `picklist`, `owners`, `stages`.

use super::atoms::{Arrow, Name, Path, Value};
use super::sync::Match;
use crate::span::Span;

/// `picklist lead_status: contact.hs_lead_status <-> Lead.Status { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Picklist {
    pub docs: Option<super::Docs>,
    pub span: Span,
    pub name: Name,
    pub pair: Option<PicklistPair>,
    pub rows: Vec<PickRow>,
}

/// The two fields whose options the rows name.
#[derive(Clone, Debug, PartialEq)]
pub struct PicklistPair {
    pub span: Span,
    pub hubspot: Path,
    pub arrow: Arrow,
    pub salesforce: Path,
}

/// `CONNECTED, OPEN_DEAL -> "Working - Contacted"`
#[derive(Clone, Debug, PartialEq)]
pub struct PickRow {
    pub span: Span,
    pub left: PickLeft,
    pub arrow: Arrow,
    pub right: PickRight,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PickLeft {
    pub span: Span,
    pub kind: PickLeftKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum PickLeftKind {
    Otherwise {
        at_creation: bool,
    },
    Blank,
    /// At least one.
    Values(Vec<Value>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct PickRight {
    pub span: Span,
    pub kind: PickRightKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum PickRightKind {
    Same,
    Blank,
    Skip,
    Reject,
    Restore,
    AssignmentRules,
    IntegrationUser,
    Value(Value),
}

/// `owners owners { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Owners {
    pub docs: Option<super::Docs>,
    pub span: Span,
    pub name: Name,
    pub lines: Vec<OwnersLine>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum OwnersLine {
    Match(Match),
    Row(PickRow),
}

/// `stages sales { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Stages {
    pub docs: Option<super::Docs>,
    pub span: Span,
    pub name: Name,
    pub pipelines: Vec<Pipeline>,
}

/// `pipeline default <-> record type "New_Business" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    pub span: Span,
    pub pipeline: Value,
    pub arrow: Arrow,
    pub record_type: Value,
    pub rows: Vec<PickRow>,
}
