//! The owned syntax tree of one file: what is written, before any name is looked up in a schema.
//!
//! Plain data. Every node that a finding may point at carries its [`Span`].

mod atoms;
mod blocks;
mod change;
mod cond;
mod map;
mod picklist;
mod spans;
mod sync;
mod test;

use crate::span::Span;

pub use atoms::{Arrow, Direction, Duration, Name, Number, Path, Side, Text, Unit, Value, ValueKind};
pub use blocks::{
    Lifecycle, LifecycleLine, Limit, LimitKind, Limits, Members, MembersLine, Order, Place, PlaceLine, PlaceLineKind,
    PlaceNotation, PlacePicklists, PlaceUnknown, PlaceValues, Values, Zone,
};
pub use change::{Change, ChangeLine, ChangePart, ChangeScope, ChangeVerb, RuleRef};
pub use cond::{Atom, AtomKind, Cond, Count, CountKind, Op, OpKind, OrderTest, Quantifier, State, TextTest};
pub use map::{
    Associate, AssociateRow, Clause, ClauseKind, Cleared, CurrencyRule, Handler, HandlerKind, Join, Map, MapLine,
    Operand, OperandKind, Operands, Row, Together, Winner, WinnerKind,
};
pub use picklist::{Owners, OwnersLine, PickLeft, PickLeftKind, PickRight, PickRightKind, PickRow, Picklist};
pub use picklist::{PicklistPair, Pipeline, Stages};
pub use spans::Spans;
pub use sync::{
    Action, ActionKind, Block, BlockLine, Choice, ChoiceKind, Create, CreateRule, CreateWhat, Event, EventKind, Gate,
    GateKind, Key, Match, MatchBy, On, Pick, Recheck, Relink, RelinkRule, RollUp, Sync, SyncLine, Target,
};
pub use test::{Expected, ExpectedKind, FieldValue, Step, StepKind, Test, TestRecord};

/// One `*.sync` file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    pub edition: Option<Edition>,
    pub items: Vec<Item>,
}

/// `edition 2026`.
#[derive(Clone, Debug, PartialEq)]
pub struct Edition {
    pub span: Span,
    pub year: Number,
}

/// The `///` lines right before an item, without their slashes and one leading space.
#[derive(Clone, Debug, PartialEq)]
pub struct Docs {
    pub span: Span,
    pub lines: Vec<String>,
}

/// One top-level block.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Zone(Zone),
    Sync(Sync),
    Picklist(Picklist),
    Place(Place),
    Stages(Stages),
    Owners(Owners),
    Lifecycle(Lifecycle),
    Order(Order),
    Values(Values),
    Members(Members),
    Limits(Limits),
    Change(Change),
    Test(Test),
}

impl Item {
    /// The word the item starts with.
    pub fn keyword(&self) -> &'static str {
        match self {
            Item::Zone(_) => "zone",
            Item::Sync(_) => "sync",
            Item::Picklist(_) => "picklist",
            Item::Place(_) => "place",
            Item::Stages(_) => "stages",
            Item::Owners(_) => "owners",
            Item::Lifecycle(_) => "lifecycle",
            Item::Order(_) => "order",
            Item::Values(_) => "values",
            Item::Members(_) => "members",
            Item::Limits(_) => "limits",
            Item::Change(_) => "change",
            Item::Test(_) => "test",
        }
    }

    /// The whole item, without its documentation.
    pub fn span(&self) -> Span {
        match self {
            Item::Zone(item) => item.span,
            Item::Sync(item) => item.span,
            Item::Picklist(item) => item.span,
            Item::Place(item) => item.span,
            Item::Stages(item) => item.span,
            Item::Owners(item) => item.span,
            Item::Lifecycle(item) => item.span,
            Item::Order(item) => item.span,
            Item::Values(item) => item.span,
            Item::Members(item) => item.span,
            Item::Limits(item) => item.span,
            Item::Change(item) => item.span,
            Item::Test(item) => item.span,
        }
    }

    /// The item's first word, for a finding about the item as a whole.
    pub fn keyword_span(&self) -> Span {
        let start = self.span().start;
        Span { start, end: start.saturating_add(self.keyword().len() as u32) }
    }

    pub(crate) fn docs_mut(&mut self) -> &mut Option<Docs> {
        match self {
            Item::Zone(item) => &mut item.docs,
            Item::Sync(item) => &mut item.docs,
            Item::Picklist(item) => &mut item.docs,
            Item::Place(item) => &mut item.docs,
            Item::Stages(item) => &mut item.docs,
            Item::Owners(item) => &mut item.docs,
            Item::Lifecycle(item) => &mut item.docs,
            Item::Order(item) => &mut item.docs,
            Item::Values(item) => &mut item.docs,
            Item::Members(item) => &mut item.docs,
            Item::Limits(item) => &mut item.docs,
            Item::Change(item) => &mut item.docs,
            Item::Test(item) => &mut item.docs,
        }
    }
}
