//! `picklist`: which option is which.

use super::Teller;
use super::document::{Document, Part};
use super::phrases::{and, crm};
use crate::data::Side;
use crate::lang::plan::{Block, Mapping, Outcome};

impl Teller<'_> {
    pub(super) fn picklist(&self, block: &Block, at: usize) -> Option<Document> {
        let table = block.tables.picklists.get(at)?;
        let users: Vec<String> = block
            .lines
            .iter()
            .filter(|line| Side::BOTH.into_iter().any(|side| line.convert[side].table == Some(at)))
            .map(|line| format!("`{}`", line.rule.name))
            .collect();
        let mut document = Document::new(&*table.name, "picklist", self.at(&table.place)).with(
            "what it does",
            vec![Part::Text(format!("Says which option of one side is which of the other, for {}.", and(&users)))],
        );
        for side in [Side::Right, Side::Left] {
            let used = block.lines.iter().any(|line| line.convert[side].table == Some(at) && line.policy.writes(side));
            if used {
                document = document.with(&format!("on the way to {}", crm(side)), rows(&table.to[side], side));
            }
        }
        Some(document.with("what it costs", vec![Part::Text("No call: the table is part of the rules.".to_owned())]))
    }
}

fn rows(mapping: &Mapping, side: Side) -> Vec<Part> {
    let mut rows: Vec<Vec<String>> =
        mapping.rows.iter().map(|(from, (to, _))| vec![from.to_string(), outcome(to, side)]).collect();
    rows.extend(mapping.blank.as_ref().map(|to| vec!["(blank)".to_owned(), outcome(to, side)]));
    let at_creation = mapping.otherwise_at_creation.as_ref();
    rows.extend(at_creation.map(|to| vec!["(every other, at creation)".to_owned(), outcome(to, side)]));
    let last = match &mapping.otherwise {
        Some(to) => outcome(to, side),
        None => "is left as it is, and listed as an issue".to_owned(),
    };
    rows.push(vec!["(every other)".to_owned(), last]);
    vec![Part::Table { head: vec![crm(side.other()).to_owned(), crm(side).to_owned()], rows }]
}

fn outcome(outcome: &Outcome, side: Side) -> String {
    match outcome {
        Outcome::Value(value) => value.to_string(),
        Outcome::Same => "the same".to_owned(),
        Outcome::Blank => "(blank)".to_owned(),
        Outcome::Skip => "is left as it is".to_owned(),
        Outcome::Reject => "stops the record".to_owned(),
        Outcome::Restore => format!("the value of {} comes back", crm(side)),
    }
}
