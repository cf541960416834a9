//! A statement bound to the schema: names are positions, literals have their field's type.

use std::collections::HashSet;

use super::super::schema::ObjectIx;
use super::ast::{Function, Glob, Op};

#[derive(Clone, Debug)]
pub(in super::super) struct Plan {
    pub object: ObjectIx,
    /// `SELECT COUNT()`: no rows, only their number.
    pub count: bool,
    pub(super) shape: Shape,
    /// Groups instead of rows.
    pub(super) grouping: Option<Grouping>,
    pub(super) filter: Option<Test>,
    pub(super) order: Vec<SortKey>,
    pub(super) limit: Option<usize>,
    pub(super) offset: usize,
}

impl Plan {
    /// The plan for all rows, and how many of them it was for.
    pub fn without_limit(self) -> (Plan, usize) {
        let limit = self.limit.unwrap_or(usize::MAX);
        (Plan { limit: None, ..self }, limit)
    }
}

/// A field by the object it is found on; a polymorphic reference leads to several.
pub(super) type ByObject = Vec<(ObjectIx, u16)>;

/// Where a value is: references to follow, then the field.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Access {
    pub hops: Vec<ByObject>,
    pub leaf: Leaf,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Leaf {
    Field(ByObject),
    /// `Who.Type`: the name of the object found.
    Type,
}

impl Access {
    /// The field, when it is one of the object asked itself.
    pub fn own(&self) -> Option<u16> {
        match (&self.leaf, self.hops.is_empty()) {
            (Leaf::Field(by), true) => by.first().map(|(_, field)| *field),
            _ => None,
        }
    }
}

/// Rows put together by equal keys; without keys, all in one.
#[derive(Clone, Debug)]
pub(in super::super) struct Grouping {
    pub(super) keys: Vec<Access>,
    /// Name in the answer, and what it shows.
    pub(super) columns: Vec<(String, Measure)>,
    pub(super) having: Option<Having>,
    pub(super) order: Vec<(Measure, bool, bool)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Measure {
    /// The key at this place.
    Key(usize),
    Of(Function, Access),
}

/// A condition on groups.
#[derive(Clone, Debug)]
pub(super) enum Having {
    And(Vec<Having>),
    Or(Vec<Having>),
    Not(Box<Having>),
    Compare { measure: Measure, op: Op, value: Option<Const> },
}

/// What each row shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    pub slots: Vec<Slot>,
}

#[derive(Clone, Debug)]
pub(super) enum Slot {
    Field { name: String, leaf: Leaf },
    Parent { name: String, hop: ByObject, shape: Shape },
    Children { name: String, field: u16, plan: Box<Plan> },
}

#[derive(Clone, Debug)]
pub(super) struct SortKey {
    pub access: Access,
    pub descending: bool,
    pub nulls_first: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Test {
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
    Null {
        access: Access,
        negated: bool,
    },
    Compare {
        access: Access,
        op: Op,
        value: Const,
    },
    Like {
        access: Access,
        pattern: Vec<Glob>,
    },
    In {
        access: Access,
        negated: bool,
        keys: HashSet<String>,
        null: bool,
    },
    /// Bound to what the inner query finds before the first row is looked at.
    InQuery {
        access: Access,
        negated: bool,
        field: Access,
        plan: Box<Plan>,
    },
    Includes {
        access: Access,
        negated: bool,
        sets: Vec<Vec<String>>,
    },
}

/// A literal of its field's type; text in lower case, ids without suffix.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Const {
    Bool(bool),
    Num(f64),
    Text(String),
    Date(i32),
    Time(i64),
}

impl Const {
    /// The same form as the keys of a value index and of IN lists.
    pub fn key(&self) -> String {
        match self {
            Const::Bool(b) => b.to_string(),
            Const::Num(n) => n.to_string(),
            Const::Text(text) => text.clone(),
            Const::Date(day) => format!("d{day}"),
            Const::Time(at) => format!("t{at}"),
        }
    }
}
