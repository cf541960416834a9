//! What rules do, in plain English, told from the plan and not from their text: a document that can be shown, printed or
//! pasted into a ticket. One file per kind of rule.

mod cost;
mod create;
mod document;
mod find;
mod gate;
mod group;
mod lifecycle;
mod limits;
mod matches;
mod owners;
mod passing;
mod phrases;
mod picklist;
mod place;
mod project;
mod row;
mod set;
mod sync;
mod tests_of;
mod wakes;

pub use cost::PerCall;
pub use document::{Document, Part, Section, markdown, text};
pub use find::{Subject, find, near};
pub use project::project;

use crate::data::BySide;
use crate::lang::plan::Plan;

/// What a rule is told with.
#[derive(Clone, Copy)]
struct Teller<'p> {
    plan: &'p Plan,
    per_call: &'p BySide<PerCall>,
}

/// Tells of one rule, table, set, sync or of the limits.
pub fn explain(plan: &Plan, subject: Subject, per_call: &BySide<PerCall>) -> Option<Document> {
    let teller = Teller { plan, per_call };
    let block = |at: usize| plan.blocks.get(at);
    Some(match subject {
        Subject::Sync { block: at } => teller.sync(block(at)?),
        Subject::Match { block: at, line } => teller.match_line(block(at)?, line)?,
        Subject::Gate { block: at, to, gate } => teller.gate(block(at)?, to, gate)?,
        Subject::Create { block: at, side, line } => teller.create(block(at)?, side, line)?,
        Subject::Row { block: at, line } => teller.row(block(at)?, line)?,
        Subject::Group { block: at, group } => teller.group(block(at)?, group)?,
        Subject::Picklist { block: at, table } => teller.picklist(block(at)?, table)?,
        Subject::Place { block: at, table } => teller.place(block(at)?, table)?,
        Subject::Owners { block: at, table } => teller.owners(block(at)?, table)?,
        Subject::Lifecycle { block: at } => teller.lifecycle(block(at)?)?,
        Subject::Stage { block: at, back, rule } => teller.stage(block(at)?, back, rule)?,
        Subject::Set { at } => teller.set(plan.sets.get(at)?),
        Subject::Limits => teller.limits(),
    })
}

#[cfg(test)]
mod tests;
