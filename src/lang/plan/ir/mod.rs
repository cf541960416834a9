//! The execution plan: plain data, every name resolved, nothing left to look up by text.
//!
//! A condition or a map row reads *slots*. A slot is one value of a subject, wherever it comes from: a field of either
//! record, a field of a record reached through a reference, membership of a list, the state of the link. The engine fills
//! one flat array of cells per subject; `decide` sees nothing else.

mod cond;
mod lifecycle;
mod line;
mod partner;
mod slot;
mod value;

use std::sync::Arc;

use rust_decimal::Decimal;

pub use cond::{Cond, SetTest, Test, TextTest};
pub use lifecycle::{Cascade, Lifecycle, StageRule};
pub use line::{Currencies, Currency, Flow, Group, Line, OnClear, Onto, Policy, Winner};
pub use partner::{
    Choice, Create, Event, Events, Gate, Gates, KeyPair, KeyPart, MatchBy, MatchLine, OnDelete, OnLine, Setting,
    Through, ThroughWay,
};
pub use slot::{Count, CountTest, FieldUse, Onward, OwnKey, Piece, Reach, Referring, Slot, SlotId, Source, TypeUse};
pub use value::{Convert, Handler, Mapping, Outcome, PlaceWay, Table, Tables, Target};

use super::rule_test::RuleTest;
use crate::data::{BySide, Digest, Uid};

/// Everything that a set of rule files means against two schemas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub digest: Digest,
    pub blocks: Vec<Block>,
    pub limits: Limits,
    /// Where the `limits` block stands.
    pub limits_at: Option<Place>,
    /// `values` and `order` blocks, as they are written: what they mean stands in what uses them.
    pub sets: Vec<NamedSet>,
    /// What the rules promise; no part of the digest.
    pub tests: Vec<RuleTest>,
    /// Rule files in the order that [`Place::file`] counts.
    pub files: Vec<String>,
}

/// The `limits` block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// Most calls in a rolling 24 hours.
    pub calls_per_day: BySide<Option<u32>>,
    /// Percent of the day's calls that Syncline leaves to people and other tools.
    pub keep_percent: BySide<Option<Decimal>>,
    /// Percent of the day's calls above which nothing is tried again.
    pub pause_retries_percent: BySide<Option<Decimal>>,
    pub hold: Option<Hold>,
    /// `delete at most N records per pass`
    pub deletes_per_pass: Option<u32>,
}

/// `hold when more than N records or P % would change`.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    pub records: u32,
    pub percent: Option<Decimal>,
}

/// A `values` or an `order` block.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedSet {
    /// Lowest first; of a `values` block they stand in no order.
    pub ordered: bool,
    /// The block's name; of an order, the fields that it is for.
    pub names: Vec<String>,
    pub place: Place,
    pub values: Vec<String>,
}

/// Where a rule stands: what every finding, plan line and journal entry points at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    pub file: usize,
    /// 1-based.
    pub line: u32,
}

/// A rule's identity: its stable number, the name that people see, and its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleRef {
    pub uid: Uid,
    /// `create Lead otherwise`, `"inclusion list"`, `people.firstname`.
    pub name: Arc<str>,
    pub place: Place,
}

/// One `sync` block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    pub uid: Uid,
    pub name: String,
    pub place: Place,
    /// The record types in the block's head, in its order.
    pub types: BySide<Vec<TypeUse>>,
    /// Records that conditions look at through a reference of a member: a contact's primary company.
    pub reaches: Vec<Reach>,
    /// Questions about records that refer to a member: a contact's opportunities.
    pub counts: Vec<Count>,
    pub slots: Vec<Slot>,
    /// In the order of the file: the first line that finds a partner decides.
    pub matches: Vec<MatchLine>,
    /// Who names a record of the other side in its own key is its partner: what no line of the rules says already.
    pub own: Vec<MatchLine>,
    pub gates: Gates,
    /// `pick` of the block `to SIDE`: which of several records on that side is the one. Empty: several are reported.
    pub pick: BySide<Vec<Choice>>,
    /// Names and places of the choices: no part of the meaning.
    pub choices: BySide<Vec<RuleRef>>,
    /// `create` lines of the block `to SIDE`, in order.
    pub create: BySide<Vec<Create>>,
    pub lines: Vec<Line>,
    /// `together`: rows that are decided, written and held as one.
    pub groups: Vec<Group>,
    pub tables: Tables,
    /// What happens to a side because of what happened on the other one.
    pub events: BySide<Events>,
    /// The `on` lines themselves: no part of the meaning.
    pub on: Vec<OnLine>,
    /// How often computed fields are read again, in milliseconds.
    pub recheck: Option<i64>,
    pub lifecycle: Option<Lifecycle>,
}

impl Block {
    /// The lines of the rules, and behind them those by our own keys.
    pub fn match_lines(&self) -> impl Iterator<Item = &MatchLine> {
        self.matches.iter().chain(&self.own)
    }
}
