//! A map row: which value goes where, and who wins.

use super::{Cond, Convert, RuleRef, SlotId, Target};
use crate::data::{BySide, Side};

/// One map row.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Name as in `people.firstname`.
    pub rule: RuleRef,
    pub slots: BySide<SlotId>,
    pub policy: Policy,
    /// What may be written on that side, per type; `None` where the row does not apply to the type.
    pub targets: BySide<Vec<Option<Target>>>,
    /// `convert[side]` makes the value that goes to `side`.
    pub convert: BySide<Convert>,
    /// Only in the call that creates the record.
    pub at_creation: bool,
    /// Where it is false, the row is not there for the record.
    pub when: Cond,
    /// Index into [`Block::groups`].
    pub group: Option<usize>,
    /// For `forward only`: the order of the options that each side has, sorted by option; empty where values have an order
    /// of their own.
    pub ranks: BySide<Vec<(Box<str>, u32)>>,
    pub currencies: Option<Currencies>,
}

/// `if currency differs skip`, `… reject`: amounts cross only where both are in one currency. With `copy` nothing is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Currencies {
    pub of: BySide<Currency>,
    /// Otherwise the field is left as it is.
    pub reject: bool,
}

impl Currencies {
    /// The slots that say a currency.
    pub fn slots(&self) -> impl Iterator<Item = SlotId> {
        [self.of.left.slot, self.of.right.slot].into_iter().flatten()
    }
}

/// In which currency a side's amount is.
#[derive(Clone, Debug, PartialEq)]
pub struct Currency {
    /// What the record says; none where no record does.
    pub slot: Option<SlotId>,
    /// The account's own, where the record says nothing; `None`: nothing tells it.
    pub home: Option<Box<str>>,
}

/// `together "billing address"`: one winner for all rows, which share flow and map.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub rule: RuleRef,
    pub policy: Policy,
}

/// How the two values of a row become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub flow: Flow,
    pub winner: Winner,
    pub onto: Onto,
    /// `clear[side]`: what becomes of a value that is cleared on `side`.
    pub clear: BySide<OnClear>,
}

impl Policy {
    /// With what a clear does where the row does not say it.
    pub fn new(flow: Flow, winner: Winner, onto: Onto) -> Policy {
        let clear = |side: Side| match (flow, winner) {
            _ if onto == Onto::IfBlank => OnClear::Restore,
            (Flow::To(target), _) if target == side => OnClear::Restore,
            (Flow::Both, Winner::Prefer(preferred)) if preferred != side => OnClear::Restore,
            (Flow::Both, Winner::ForwardOnly) => OnClear::Restore,
            _ => OnClear::Pass,
        };
        Policy { flow, winner, onto, clear: BySide::new(clear(Side::Left), clear(Side::Right)) }
    }

    pub fn writes(&self, side: Side) -> bool {
        self.flow == Flow::Both || self.flow == Flow::To(side)
    }

    /// Whether values are added and taken away one by one, instead of one value replacing the other.
    pub fn by_value(&self) -> bool {
        self.onto == Onto::AddOnly || self.winner == Winner::MergeValues
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Both,
    To(Side),
}

/// Who wins when both sides changed, and what a blank does: the table of `docs/language.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Winner {
    /// `newest wins`: by the field's own change time where the side keeps one, else by the record's.
    Newest,
    /// `newest record wins`.
    NewestRecord,
    /// `hubspot wins`, `salesforce wins`; one-way rows have the source's side.
    Wins(Side),
    /// `prefer SIDE unless blank`.
    Prefer(Side),
    /// `merge values`: what either side added or took away is added or taken away on the other.
    MergeValues,
    /// `forward only`: the higher in the order.
    ForwardOnly,
    /// `ask first`: a person makes them equal.
    AskFirst,
}

/// What a row may do to a value that its target has already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Onto {
    #[default]
    Replace,
    /// `if blank`: nothing.
    IfBlank,
    /// `add only`: add options to it.
    AddOnly,
}

/// What a clear does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnClear {
    /// The blank goes to the other side.
    #[default]
    Pass,
    /// Each side stays as it is until it changes next.
    Keep,
    /// The other side's value comes back.
    Restore,
}
