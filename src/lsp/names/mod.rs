//! What each name in a rule file stands for, where it stands.

mod found;
mod heads;
mod rules;
mod walk;

use std::rc::Rc;

use syncline_grammar::Span;
use syncline_grammar::tree;

use crate::data::{BySide, Side};

pub use found::{Found, Part, part, types_at};
pub use heads::{Heads, side_of};
pub use rules::{Does, Rule, rules};
pub use walk::mentions;

/// A name in a file.
#[derive(Clone, Debug)]
pub struct Mention<'t> {
    /// With its quotes or backticks.
    pub span: Span,
    /// Without them.
    pub text: &'t str,
    pub role: Role<'t>,
}

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Role<'t> {
    /// A block's own name.
    Block(Space),
    /// A block elsewhere.
    BlockRef(Space),
    /// A part of a `place` after `via`: `state`, `country`.
    TablePart { table: &'t str },
    /// A record type.
    Type(Rc<Scope<'t>>),
    /// A part of a path to a field.
    Field { scope: Rc<Scope<'t>>, parts: Rc<[&'t str]>, part: usize },
    /// An option, a text, a number.
    Value { of: Values<'t>, kind: &'t tree::ValueKind, in_set: bool },
    /// A list of HubSpot's.
    List,
    /// A rule's own name, in quotes.
    Rule { sync: Option<&'t str> },
    /// A rule elsewhere, as plans name it.
    RuleRef(Does),
    /// The name that a test gives a record.
    Record(Held<'t>),
    /// A record of the test, by its name or type; of the test whose name stands at this span.
    RecordRef { test: Span, held: Option<Held<'t>> },
}

/// Blocks of one space have different names. Everything that `via` can name shares one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Space {
    Sync,
    Table,
    Values,
    Test,
}

/// A record of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held<'t> {
    pub test: Span,
    pub side: Side,
    /// API name of its type.
    pub ty: &'t str,
}

/// Where a name is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope<'t> {
    /// Of names without a prefix.
    pub side: Side,
    /// API names of the types whose fields are meant.
    pub types: BySide<Vec<&'t str>>,
    /// Whether `hubspot.x` and `salesforce.x` choose a side.
    pub prefix: bool,
    pub reach: Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Names of the types of the scope.
    Scope,
    /// Every type of the side's schema; a path starts with it.
    Side,
    /// The same, and the path may go over a reference of that type.
    Referring,
    /// Every type of both schemas; a path starts with it.
    Both,
}

/// What a value is one of.
#[derive(Clone, Debug)]
pub enum Values<'t> {
    Field {
        scope: Rc<Scope<'t>>,
        parts: Rc<[&'t str]>,
    },
    /// Of one side of a `picklist`.
    Picklist {
        picklist: &'t tree::Picklist,
        side: Side,
    },
    Order(&'t tree::Order),
    Nothing,
}

/// The mention at an offset. Right after a name is still at it.
pub fn mention_at<'m, 't>(mentions: &'m [Mention<'t>], offset: u32) -> Option<&'m Mention<'t>> {
    mentions
        .iter()
        .filter(|mention| mention.span.start <= offset && offset <= mention.span.end)
        .min_by_key(|mention| (mention.span.end - mention.span.start, mention.span.end == offset))
}
