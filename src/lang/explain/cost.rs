//! What a rule costs: calls, in words, with the numbers of the adapters.

use std::collections::BTreeSet;

use super::Teller;
use super::phrases::{crm, number};
use super::wakes::other_types;
use crate::data::Side;
use crate::lang::plan::{Block, Cond, SlotId, Source};

/// How much one call of a CRM holds. Its adapter says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerCall {
    /// Changed records that one page tells.
    pub changed: usize,
    /// Record types whose changes one call reads.
    pub types: usize,
    pub creates: usize,
    pub updates: usize,
    /// Records whose times of fields one call tells; none where the CRM keeps none.
    pub field_times: Option<usize>,
    /// Members of a list that one call tells.
    pub members: Option<usize>,
    /// Keys that one call looks for; `None`: as many as a query may be long.
    pub keys: Option<usize>,
    /// The CRM refuses a second record with the same key, so that nobody has to look first.
    pub enforces_unique: bool,
}

impl Teller<'_> {
    /// What reading these values takes beside the records themselves.
    pub(super) fn cost_of_reading(&self, block: &Block, slots: &BTreeSet<SlotId>) -> Vec<String> {
        let mut out = Vec::new();
        for (side, ty) in other_types(block, slots) {
            let per = &self.per_call[side];
            let call = match per.types {
                0 | 1 => "one call more per pass".to_owned(),
                types => format!("one of up to {types} types whose changes one call reads"),
            };
            out.push(format!(
                "{} {} is read because of it: {call}, and another one for every further {} changed records",
                crm(side),
                ty.name,
                number(per.changed)
            ));
        }
        let lists = slots.iter().filter_map(|slot| block.slots.get(*slot)).filter_map(|slot| match slot.source {
            Source::Member { side, .. } => Some((side, slot.name.as_str())),
            _ => None,
        });
        for (side, list) in lists {
            if let Some(members) = self.per_call[side].members {
                out.push(format!(
                    "the list \"{list}\" is read: one call per pass while few join, one per {} members at the first reading",
                    number(members)
                ));
            }
        }
        out
    }

    /// The fields of a row travel with their records.
    pub(super) fn cost_of_writing(&self, sides: &[Side]) -> String {
        let each: Vec<String> = sides
            .iter()
            .map(|side| {
                let per = &self.per_call[*side];
                format!(
                    "{} new or {} changed records in one {} call",
                    number(per.creates),
                    number(per.updates),
                    crm(*side)
                )
            })
            .collect();
        format!(
            "no call of its own: the value is read with its record and written with the record's other changes, up to {}",
            each.join(", ")
        )
    }

    pub(super) fn cost_of_cond(&self, block: &Block, cond: &Cond) -> Vec<String> {
        let found = self.cost_of_reading(block, &super::wakes::slots(block, cond));
        match found.is_empty() {
            true => vec!["no call of its own: what it asks for is read with the record".to_owned()],
            false => found,
        }
    }
}
