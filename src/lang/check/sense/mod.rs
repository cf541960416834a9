//! What the rules mean together: conditions that no record or every record makes true, lines that other lines leave nothing,
//! gates and conditions that contradict each other. Everything here is a proof by [`crate::lang::meaning`], with a record to
//! show for it; what cannot be proved is not said.

mod across;
mod against;
mod circles;
mod companies;
mod conditions;
mod counted;
mod creation;
mod example;
mod gates;
mod lists;
mod shapes;
mod shared;
mod space;
mod stages;
mod tables;
#[cfg(test)]
mod tests;
mod undone;
mod writers;

use std::collections::{BTreeMap, BTreeSet};

use syncline_grammar::Span;
use syncline_grammar::tree::{self, Target};

pub(super) use across::across;
pub(super) use counted::of_counted;
pub(super) use shapes::Shape;
pub(super) use tables::tables;

use super::checked::CheckedSync;
use super::globals::Globals;
use super::rows::RowUse;
use super::sync::MemberType;
use crate::data::{BySide, Side};
use crate::diagnostic::{Code, Finding, Fix, SourceFile};
use crate::lang::meaning::{Answer, Budget, NOW, Record, Space, Wanted, find};
use crate::lang::plan::{Cond, SlotId, holds, slots_of};

/// A condition of a sync, and where it stands.
pub(super) struct Asked<'a> {
    pub file: usize,
    /// The line, or the clause, that it decides about.
    pub line: Span,
    /// None where the line has no condition: `otherwise`, `always`.
    pub tree: Option<&'a tree::Cond>,
    pub cond: Cond,
    pub by: By,
    /// As people call the line.
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Gate {
        target: Target,
        exclude: bool,
    },
    Create {
        side: Side,
        target: Option<usize>,
        from: Option<usize>,
        even_if_excluded: bool,
    },
    /// The side, and where the choice starts in the file.
    Pick {
        side: Side,
        at: u32,
    },
    /// A line of a `lifecycle`: which stage, and which way.
    Stage {
        ty: usize,
        stage: usize,
        back: bool,
    },
    /// In the head of a map.
    Map,
    /// Index among the rows.
    Row(usize),
}

/// One sync as a whole: its conditions, and what its records may hold.
pub(super) struct Sense<'a> {
    pub file: usize,
    pub tree: &'a tree::Sync,
    pub types: BySide<Vec<MemberType<'a>>>,
    pub asked: Vec<Asked<'a>>,
    /// The slots of each condition.
    sees: Vec<BTreeSet<SlotId>>,
    pub spaces: BTreeMap<Shape, Space>,
    texts: &'a [SourceFile],
    budget: &'a Budget,
}

impl<'a> Sense<'a> {
    pub(super) fn new(
        globals: &'a Globals<'a>,
        file: usize,
        tree: &'a tree::Sync,
        types: BySide<Vec<MemberType<'a>>>,
        checked: &CheckedSync,
        asked: Vec<Asked<'a>>,
    ) -> Sense<'a> {
        let spaces = match asked.is_empty() {
            true => BTreeMap::new(),
            false => space::spaces(globals, &types, checked, &asked),
        };
        let sees = asked.iter().map(|asked| slots_in(&asked.cond)).collect();
        Sense { file, tree, types, asked, sees, spaces, texts: globals.texts, budget: &globals.budget }
    }

    /// What can be said of the sync alone. `whole`: no line of it is missing because of a fault.
    pub(super) fn report(&self, checked: &CheckedSync, rows: &[RowUse<'a>], whole: bool, findings: &mut Vec<Finding>) {
        let mut said = Said {
            file: self.file,
            checked,
            rows,
            findings,
            dead: vec![false; self.asked.len()],
            examples: vec![None; self.asked.len()],
        };
        self.written_twice(&mut said);
        self.conditions(&mut said);
        self.gates(&mut said, whole);
        self.creates(&mut said);
        self.picks(&mut said);
        self.stages(&mut said);
        self.undone(&mut said);
        if whole {
            self.against_gates(&mut said);
            self.circles(&mut said);
        }
    }

    /// The text without the line. It says the same, in other rules: nobody asked for that.
    fn without(&self, file: usize, line: Span) -> Fix {
        Fix::remove(file, line, self.texts.get(file).map_or("", |file| &file.text))
    }

    /// A record of one of these shapes that answers so. None where there is none, or none is known.
    pub(super) fn example(&self, shapes: &[Shape], wanted: &[Wanted<'_>]) -> Option<(Shape, Record)> {
        shapes.iter().find_map(|shape| match find(self.spaces.get(shape)?, wanted, self.budget) {
            Answer::Record(record) => Some((*shape, record)),
            Answer::Never | Answer::Unknown => None,
        })
    }

    /// Whether the record that is known for one condition shows that another one does not follow from it: cheaper than the
    /// proof that it does.
    fn leaves_some(&self, said: &Said<'_, 'a>, at: usize, other: usize) -> bool {
        let Some((shape, record)) = &said.examples[at] else { return false };
        let space = self.spaces.get(shape);
        space.is_some_and(|space| !holds(&self.asked[other].cond, &record.cells(space), NOW))
    }

    /// Whether no record of any of these shapes answers so.
    pub(super) fn never(&self, shapes: &[Shape], wanted: &[Wanted<'_>]) -> bool {
        !shapes.is_empty()
            && shapes.iter().all(|shape| {
                self.spaces.get(shape).is_some_and(|space| find(space, wanted, self.budget) == Answer::Never)
            })
    }
}

fn slots_in(cond: &Cond) -> BTreeSet<SlotId> {
    let mut slots = BTreeSet::new();
    slots_of(cond, &mut |slot| {
        slots.insert(slot);
    });
    slots
}

/// What the families of findings share while a sync is looked at.
struct Said<'s, 'a> {
    file: usize,
    checked: &'s CheckedSync,
    rows: &'s [RowUse<'a>],
    findings: &'s mut Vec<Finding>,
    /// Conditions of which something was said already, so that nothing that follows from it is said again.
    dead: Vec<bool>,
    /// A record for which each condition holds, where one is known.
    examples: Vec<Option<(Shape, Record)>>,
}

impl Said<'_, '_> {
    fn told_within(&self, file: usize, span: Span) -> bool {
        // What a text also ends says nothing of the condition's own answer.
        let others = self.findings.iter().filter(|finding| finding.code != Code::OtherDomains);
        let places = others.filter_map(|finding| finding.labels.first());
        places
            .into_iter()
            .any(|place| place.file == file && span.start <= place.span.start && place.span.end <= span.end)
    }
}
