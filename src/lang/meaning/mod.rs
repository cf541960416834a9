//! Reasoning over value sets: can any record make these conditions true? *No* is said only where it is proved, *yes* only
//! together with such a record, on which the conditions were judged by the same walk that explanations use. Where the work
//! grows too big, or the values are beyond this, nothing is said.
//!
//! Two-valued like the language: with a blank every comparison is false and every negated one true.

mod options;
mod ordered;
mod search;
mod slot;
mod text;
mod times;

#[cfg(test)]
mod tests;

use std::cell::Cell as Shared;

use super::plan::{Cond, SlotId};
use crate::data::{Cell, FieldKind, Value};

/// The moment at which every example is judged, in milliseconds since 1970: 5 January 2026, 09:00 UTC.
pub const NOW: i64 = 1_767_603_600_000;

/// What a slot may hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Domain {
    /// This value and no other.
    Fixed(Value),
    /// True or false.
    Fact,
    Field(FieldDomain),
    /// The same value as another slot, which holds a value of its own.
    As(SlotId),
}

#[derive(Clone, Debug, PartialEq)]
pub struct FieldDomain {
    pub kind: FieldKind,
    /// The options that it takes, in their order; none: any text.
    pub options: Vec<Box<str>>,
    /// It never holds a blank.
    pub known: bool,
}

/// All slots of a record, and what holds between them.
#[derive(Clone, Debug, Default)]
pub struct Space {
    pub domains: Vec<Domain>,
    /// What holds for every record.
    pub axioms: Vec<Cond>,
}

/// A condition, and what its answer is to be.
pub type Wanted<'c> = (&'c Cond, bool);

#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// No record answers so.
    Never,
    /// This one does.
    Record(Record),
    /// Not known.
    Unknown,
}

/// A value for each slot that was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    pub values: Vec<(SlotId, Value)>,
}

impl Record {
    /// All cells of the space; slots that were not asked for are blank, facts are false.
    pub fn cells<'r>(&'r self, space: &'r Space) -> Vec<Cell<'r>> {
        let blank = |domain: &'r Domain| match domain {
            Domain::Fixed(value) => value.cell(),
            Domain::Fact => Cell::Bool(false),
            Domain::Field(_) | Domain::As(_) => Cell::Null,
        };
        let mut cells: Vec<Cell<'r>> = space.domains.iter().map(blank).collect();
        for (slot, value) in &self.values {
            if let Some(cell) = cells.get_mut(*slot) {
                *cell = value.cell();
            }
        }
        for (at, domain) in space.domains.iter().enumerate() {
            if let Domain::As(other) = domain {
                cells[at] = cells.get(*other).copied().unwrap_or_default();
            }
        }
        cells
    }
}

/// Steps of work that are left for a set of rules, and for one question.
#[derive(Debug)]
pub struct Budget {
    all: Shared<u32>,
    here: Shared<u32>,
}

/// Steps for one question.
const EACH: u32 = 2_000;

impl Budget {
    pub fn new(steps: u32) -> Budget {
        Budget { all: Shared::new(steps), here: Shared::new(0) }
    }

    /// A step; false when there is none left.
    fn step(&self) -> bool {
        let (all, here) = (self.all.get(), self.here.get());
        self.all.set(all.saturating_sub(1));
        self.here.set(here.saturating_sub(1));
        all > 0 && here > 0
    }

    fn begin(&self) {
        self.here.set(EACH);
    }
}

/// A record for which all conditions answer as wanted.
pub fn find(space: &Space, wanted: &[Wanted<'_>], budget: &Budget) -> Answer {
    budget.begin();
    search::find(space, wanted, budget)
}

/// Whether no record answers so. False where it is not known.
pub fn never(space: &Space, wanted: &[Wanted<'_>], budget: &Budget) -> bool {
    find(space, wanted, budget) == Answer::Never
}
