//! One record written, as people and machines see it: the same in a dry run and for real.

use serde::Serialize;

use crate::data::{Side, Value};
use crate::decide::{Decision, Program, Relink};
use crate::lang::plan::Place;
use crate::store::{Hood, OpState, Rid};

/// One record created, updated or deleted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The sync block.
    pub sync: String,
    /// What people know the subject by: its key, mostly an e-mail address.
    pub subject: String,
    pub side: Side,
    /// API name of the record's type.
    #[serde(rename = "type")]
    pub ty: String,
    /// Id of the record written; for a create, of the new one.
    pub id: Option<String>,
    pub create: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub delete: bool,
    /// The rule that created or deleted the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    #[serde(skip)]
    pub place: Place,
    pub cells: Vec<ChangeCell>,
    pub outcome: OpState,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeCell {
    pub field: String,
    pub before: Value,
    pub after: Value,
    /// The map row that wrote it.
    pub rule: String,
    #[serde(skip)]
    pub place: Place,
}

impl Change {
    /// The cells of one side of a decision.
    pub(super) fn cells(decision: &Decision, side: Side) -> Vec<ChangeCell> {
        let moves = decision.moves.iter().filter(|mv| mv.side == side);
        moves
            .map(|mv| ChangeCell {
                field: mv.name.to_string(),
                before: mv.before.clone(),
                after: mv.after.clone(),
                rule: mv.rule.name.to_string(),
                place: mv.rule.place.clone(),
            })
            .collect()
    }
}

/// A link that moved from one record to another, by `relink when another is picked`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Relinked {
    /// The sync block.
    pub sync: String,
    /// As in [`Change`].
    pub subject: String,
    pub side: Side,
    /// The record that is left as it is.
    pub from: LinkEnd,
    pub to: LinkEnd,
    pub rule: String,
    #[serde(skip)]
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinkEnd {
    /// API name of the record's type.
    #[serde(rename = "type")]
    pub ty: String,
    pub id: String,
}

impl Relinked {
    /// `None` where the rules do not move links.
    pub(super) fn of(program: &Program, hood: &Hood, relink: &Relink, subject: &str) -> Option<Relinked> {
        let rule = program.block.events[relink.side].relink.as_ref()?;
        let end = |rid: Rid| {
            let row = hood.record(rid)?;
            let ty = program.type_index(row.side, row.ty).and_then(|ty| program.block.types[row.side].get(ty))?;
            Some(LinkEnd { ty: ty.name.clone(), id: row.id.to_string() })
        };
        Some(Relinked {
            sync: program.block.name.clone(),
            subject: subject.to_owned(),
            side: relink.side,
            from: end(relink.from)?,
            to: end(relink.to)?,
            rule: rule.name.to_string(),
            place: rule.place.clone(),
        })
    }
}
