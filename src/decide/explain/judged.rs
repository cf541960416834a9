//! A condition as it was judged: each part with its answer and the values that it saw.

use crate::data::{Cell, CodecError, Side, Value};
use crate::lang::plan::{Cond, Slot, SlotId, Source, Trace, slots_of, trace, words};
use crate::store::{Hood, RecordRow};

use crate::decide::count::{Counted, referring};
use crate::decide::frame::Frame;
use crate::decide::program::Program;

/// One part of a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// As a rule would say it; of a part that has parts, all of them.
    pub text: String,
    /// `None`: it hangs on a value that was not read.
    pub answer: Option<bool>,
    pub joint: Joint,
    pub parts: Vec<Judged>,
    /// Of a part without parts.
    pub saw: Vec<Saw>,
    /// Of a question about records that refer to a member: those that do.
    pub counting: Vec<Counting>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// `and`
    All,
    /// `or`
    Any,
    Not,
    /// A comparison.
    One,
}

/// A value that a condition looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Saw {
    /// As the rule names it.
    pub name: String,
    /// `None`: not read.
    pub value: Option<Value>,
    pub about: About,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    Field(Side),
    /// A field of a record that the member of the side refers to.
    Reached(Side),
    Id(Side),
    /// Whether the member of the side is in a list.
    Member(Side),
    /// Whether there is a linked record on the side.
    Linked(Side),
    /// Whether no other record of the side has the same key.
    Unique(Side),
    /// The answer to a question about records that refer to the member.
    Count(Side),
    /// A text of the rules, or one put together.
    Text,
}

/// A record that a question looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Counting {
    /// `None`: it is named, and not read.
    pub id: Option<String>,
    pub judged: Option<Judged>,
}

/// What conditions are judged with.
pub(super) struct Judge<'p, 'a> {
    pub program: &'p Program,
    pub hood: &'a Hood,
    pub frame: &'a Frame<'a>,
    pub now: i64,
}

impl Judge<'_, '_> {
    /// Judges by the same walk that decides.
    pub(super) fn judge(&self, cond: &Cond, cells: &[Cell<'_>]) -> Result<Judged, CodecError> {
        let mut judged = self.told(&trace(cond, cells, self.now), &self.program.block.slots, cells);
        self.count(&mut judged, cond)?;
        Ok(judged)
    }

    /// Adds the records behind the answers to questions.
    fn count(&self, judged: &mut Judged, cond: &Cond) -> Result<(), CodecError> {
        match cond {
            Cond::All(parts) | Cond::Any(parts) => {
                judged.parts.iter_mut().zip(parts).try_for_each(|(judged, part)| self.count(judged, part))
            }
            Cond::Not(inner) => judged.parts.iter_mut().try_for_each(|judged| self.count(judged, inner)),
            Cond::Is(slot, _) => match self.program.block.slots.get(*slot).map(|slot| &slot.source) {
                Some(Source::Count { count }) => {
                    judged.counting = self.counting(*count)?;
                    Ok(())
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn counting(&self, at: usize) -> Result<Vec<Counting>, CodecError> {
        let program = &self.program.counts[at];
        let Some(here) = self.frame.here[program.count.side] else { return Ok(Vec::new()) };
        let rows: Vec<&RecordRow> = referring(self.hood, &program.count, here).collect();
        let counted = rows.into_iter().map(|row| program.counted(self.hood, row));
        counted
            .filter_map(|counted| match counted {
                Ok(Counted::Nothing) => None,
                Ok(Counted::Unread(id)) => Some(Ok(Counting { id: id.map(String::from), judged: None })),
                Ok(Counted::Record(row, cells)) => {
                    let traced = trace(&program.count.filter, &cells, self.hood.now.0);
                    let judged = self.told(&traced, &program.count.slots, &cells);
                    Some(Ok(Counting { id: Some(row.id.to_string()), judged: Some(judged) }))
                }
                Err(error) => Some(Err(error)),
            })
            .collect()
    }

    fn told(&self, trace: &Trace<'_>, slots: &[Slot], cells: &[Cell<'_>]) -> Judged {
        let joint = match trace.cond {
            Cond::All(_) => Joint::All,
            Cond::Any(_) => Joint::Any,
            Cond::Not(_) => Joint::Not,
            _ => Joint::One,
        };
        let parts: Vec<Judged> = trace.parts.iter().map(|part| self.told(part, slots, cells)).collect();
        let mut saw = Vec::new();
        if joint == Joint::One {
            slots_of(trace.cond, &mut |slot| saw.extend(self.saw(slot, slots, cells)));
        }
        Judged { text: words(trace.cond, slots), answer: trace.answer, joint, parts, saw, counting: Vec::new() }
    }

    fn saw(&self, at: SlotId, slots: &[Slot], cells: &[Cell<'_>]) -> Option<Saw> {
        let slot = slots.get(at)?;
        let cell = cells.get(at).copied().unwrap_or_default();
        let value = (!matches!(cell, Cell::Unread)).then(|| cell.to_value());
        Some(Saw { name: slot.name.clone(), value, about: self.about(&slot.source) })
    }

    fn about(&self, source: &Source) -> About {
        let block = &self.program.block;
        match source {
            Source::Field { side, .. } => About::Field(*side),
            Source::RecordId { side, .. } => About::Id(*side),
            Source::Member { side, .. } => About::Member(*side),
            Source::Linked { side, .. } => About::Linked(*side),
            Source::Unique { side, .. } => About::Unique(*side),
            Source::Reached { reach, .. } | Source::ReachedId { reach } => About::Reached(block.reaches[*reach].side),
            Source::Count { count } | Source::ListOf { count } => About::Count(block.counts[*count].side),
            Source::Furthest { .. } => About::Reached(Side::Left),
            Source::FirstKnown(_) | Source::Constant(_) | Source::Composed(_) => About::Text,
        }
    }
}
