//! `test`: what the rules promise, as steps.

use super::atoms::{Duration, Name, Number, Path, Side, Text, Value};
use crate::span::Span;

/// `test "a converted lead keeps one contact" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    pub docs: Option<super::Docs>,
    pub span: Span,
    pub name: Text,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub span: Span,
    pub kind: StepKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// `given hubspot contact as ana { … }`
    Given(TestRecord),
    /// `given list "x" contains ana`
    GivenList {
        list: Text,
        member: Name,
    },
    Set {
        record: Name,
        fields: Vec<FieldValue>,
    },
    Pass,
    Wait(Duration),
    Delete(Name),
    Restore(Name),
    Erase(Name),
    Convert {
        record: Name,
        to: Name,
    },
    Merge {
        record: Name,
        into: Name,
    },
    Joins {
        record: Name,
        list: Text,
    },
    Leaves {
        record: Name,
        list: Text,
    },
    Expect(Expected),
}

#[derive(Clone, Debug, PartialEq)]
pub struct TestRecord {
    pub span: Span,
    pub side: Side,
    pub object: Name,
    pub alias: Option<Name>,
    pub fields: Vec<FieldValue>,
}

/// `email: "ana@globex.io"`
#[derive(Clone, Debug, PartialEq)]
pub struct FieldValue {
    pub span: Span,
    pub field: Path,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    pub span: Span,
    pub kind: ExpectedKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExpectedKind {
    NoWrites,
    ExcludedBy(Text),
    Created {
        object: Name,
        by: Text,
    },
    RejectedBy(Text),
    Linked {
        record: Name,
        to: Name,
    },
    NoRecord {
        side: Side,
        object: Name,
    },
    Calls {
        number: Number,
        side: Side,
    },
    /// `salesforce Lead { … } by "people.firstname"`; without a side the record is an alias or an object.
    Fields {
        side: Option<Side>,
        record: Name,
        fields: Vec<FieldValue>,
        by: Option<Text>,
    },
}
