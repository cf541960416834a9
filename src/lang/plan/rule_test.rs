//! A `test` block as plain data: what people do, when a pass runs, and what must then be true. Nothing of it changes what
//! the rules mean, so the digest of a plan leaves it out.

use syncline_grammar::Span;

use super::ir::Place;
use crate::data::{FieldKind, Side, Value};

/// The types of those to whom records belong, as tests call them.
pub const OWNER: &str = "owner";
pub const USER: &str = "User";

#[derive(Clone, Debug, PartialEq)]
pub struct RuleTest {
    pub name: String,
    pub place: Place,
    /// The name, with its quotes.
    pub span: Span,
    pub steps: Vec<TestStep>,
}

/// One step, with its place in the file of the test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestStep {
    pub span: Span,
    pub kind: TestStepKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TestStepKind {
    Given {
        record: TestRecord,
        fields: Vec<TestField>,
    },
    /// `X joins list`, `X leaves list`, and `given list "…" contains X`.
    Member {
        list: String,
        record: TestRecord,
        joins: bool,
    },
    Set {
        record: TestRecord,
        fields: Vec<TestField>,
    },
    Pass,
    /// Milliseconds.
    Wait(i64),
    Delete(TestRecord),
    Restore(TestRecord),
    Convert(TestRecord),
    Merge {
        record: TestRecord,
        into: TestRecord,
    },
    Expect(Expectation),
}

/// A record that a step names.
#[derive(Clone, Debug, PartialEq)]
pub struct TestRecord {
    pub side: Side,
    /// API name of its type.
    pub ty: String,
    /// The name that `given … as` gave it; `None`: the one record of its type.
    pub alias: Option<String>,
}

impl TestRecord {
    /// As the test calls it.
    pub fn word(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.ty)
    }
}

/// `email: "ana@globex.io"`
#[derive(Clone, Debug, PartialEq)]
pub struct TestField {
    pub span: Span,
    /// API name.
    pub name: String,
    pub kind: FieldKind,
    pub value: TestValue,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TestValue {
    Is(Value),
    /// The id of a record of the test.
    IdOf(TestRecord),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    NoWrites,
    ExcludedBy(TestRule),
    Created { side: Side, ty: String, by: TestRule },
    RejectedBy(TestRule),
    Linked { record: TestRecord, to: TestRecord },
    NoRecord { side: Side, ty: String },
    Calls { side: Side, number: u64 },
    Fields { of: Whose, fields: Vec<TestField>, by: Option<TestRule> },
}

/// Whose fields are looked at.
#[derive(Clone, Debug, PartialEq)]
pub enum Whose {
    /// The record that is named.
    Record(TestRecord),
    /// `salesforce Lead { … }`: some record of this type.
    Any { side: Side, ty: String },
}

/// Rules by the name that stands in plans; two syncs may have one of the same name.
#[derive(Clone, Debug, PartialEq)]
pub struct TestRule {
    pub span: Span,
    /// As written, without quotes.
    pub written: String,
    /// The name in plans and journals: `"inclusion list"` with its quotes, `create Lead otherwise`.
    pub name: String,
}
