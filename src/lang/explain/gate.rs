//! `include` and `exclude`: who takes part.

use super::Teller;
use super::document::{Document, Part};
use super::find::gates;
use super::phrases::{and, crm, when};
use super::wakes;
use crate::data::{Cell, Side};
use crate::lang::plan::{Block, Cond, holds};

impl Teller<'_> {
    pub(super) fn gate(&self, block: &Block, to: Option<Side>, at: usize) -> Option<Document> {
        let all = gates(block, to);
        let gate = all.get(at)?;
        let what = what(block, to, gate.exclude, &when(block, &gate.when));
        let others: Vec<String> = all
            .iter()
            .enumerate()
            .filter(|(other, one)| *other != at && !one.exclude && !gate.exclude)
            .map(|(_, one)| format!("{}: {}", one.rule.name, when(block, &one.when)))
            .collect();
        let others = match others.is_empty() {
            true => Vec::new(),
            false => {
                vec![Part::Text("One of them is enough; these let a record pass as well:".into()), Part::List(others)]
            }
        };
        Some(
            Document::new(format!("{}.{}", block.name, gate.rule.name), "gate", self.at(&gate.rule.place))
                .with("what it does", vec![Part::Text(what)])
                .with("beside it", others)
                .with("blanks", vec![Part::Text(blanks(block, &gate.when))])
                .with("who no longer passes", vec![Part::List(leaving(block, to))])
                .with("what wakes it", vec![Part::List(wakes::of_cond(block, &gate.when))])
                .with("what it costs", vec![Part::List(self.cost_of_cond(block, &gate.when))])
                .with("tests", self.tests_of(&gate.rule.name, &[])),
        )
    }
}

fn what(block: &Block, to: Option<Side>, exclude: bool, when: &str) -> String {
    let where_to = match to {
        None => "in either direction".to_owned(),
        Some(side) => format!("to {}", crm(side)),
    };
    match exclude {
        true => format!(
            "Keeps a record of `{}` out when {when}: nothing of it goes {where_to}, whatever lets it in elsewhere.",
            block.name
        ),
        false => format!("Lets a record of `{}` go {where_to} when {when}.", block.name),
    }
}

/// What the condition says of a record that holds nothing.
pub(super) fn blanks(block: &Block, cond: &Cond) -> String {
    let nothing = vec![Cell::Null; block.slots.len()];
    let whole = if holds(cond, &nothing, 0) { "holds" } else { "does not hold" };
    format!(
        "With a blank a comparison is false, and `is not` and `none of` are true. Of a record that has none of the values, it {whole}. \
         A value that was not read yet is no blank: the record waits."
    )
}

fn leaving(block: &Block, to: Option<Side>) -> Vec<String> {
    let sides: Vec<Side> = to.map_or_else(|| Side::BOTH.to_vec(), |side| vec![side]);
    let mut out = Vec::new();
    for side in sides {
        out.push(match block.gates.keep_syncing[side] {
            true => format!("to {}: a linked record goes on; the gate stops only creation", crm(side)),
            false => format!("to {}: the link stays, and nothing flows until the record passes again", crm(side)),
        });
        let set: Vec<String> = block.events[side]
            .leave
            .iter()
            .filter_map(|setting| {
                let target = setting.targets.iter().flatten().next()?;
                Some(format!("`{}` is set to {}", target.name, setting.value.cell()))
            })
            .collect();
        if !set.is_empty() {
            out.push(format!("in {}: once, {}", crm(side), and(&set)));
        }
    }
    out
}
