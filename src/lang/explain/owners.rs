//! `owners`: who is who.

use super::Teller;
use super::document::{Document, Part};
use super::phrases::{and, crm};
use crate::data::Side;
use crate::lang::plan::{Block, OwnerOutcome, OwnerTable};

impl Teller<'_> {
    pub(super) fn owners(&self, block: &Block, at: usize) -> Option<Document> {
        let table = block.tables.owners.get(at)?;
        let users: Vec<String> = block
            .lines
            .iter()
            .filter(|line| Side::BOTH.into_iter().any(|side| line.convert[side].owners == Some(at)))
            .map(|line| format!("`{}`", line.rule.name))
            .collect();
        let matches = table.matches.iter().map(|by| match (by.email, by.name) {
            (true, true) => "who has the same e-mail address and the same name".to_owned(),
            (true, false) => "who has the same e-mail address".to_owned(),
            _ => "who has the same name".to_owned(),
        });
        let what = format!("Says who in HubSpot is who in Salesforce, for {}.", and(&users));
        let mut document = Document::new(&*table.name, "owners", self.at(&table.place))
            .with("what it does", vec![Part::Text(what), Part::List(matches.collect())]);
        for side in [Side::Right, Side::Left] {
            document = document.with(&format!("on the way to {}", crm(side)), vec![Part::List(ways(table, side))]);
        }
        Some(document.with(
            "what it costs",
            vec![Part::Text(
                    "The people of both sides are read whole, and only now and then: one call each for most accounts."
                        .into(),
                )],
        ))
    }
}

fn ways(table: &OwnerTable, side: Side) -> Vec<String> {
    let mut out: Vec<String> =
        table.rows[side].iter().map(|(who, to)| format!("{who}: {}", outcome(to, side))).collect();
    out.extend(
        table.otherwise_at_creation[side]
            .as_ref()
            .map(|to| format!("everybody else, in a new record: {}", outcome(to, side))),
    );
    out.extend(table.otherwise[side].as_ref().map(|to| format!("everybody else: {}", outcome(to, side))));
    out
}

fn outcome(outcome: &OwnerOutcome, side: Side) -> String {
    match outcome {
        OwnerOutcome::Person(who) => who.to_string(),
        OwnerOutcome::Blank => "no owner".to_owned(),
        OwnerOutcome::Skip => "the owner stays as it is".to_owned(),
        OwnerOutcome::Reject => "the record is stopped, and listed as an issue".to_owned(),
        OwnerOutcome::Restore => format!("the owner in {} comes back", crm(side)),
        OwnerOutcome::AssignmentRules => "the assignment rules of the org decide".to_owned(),
        OwnerOutcome::IntegrationUser => "it belongs to the user that Syncline writes as".to_owned(),
    }
}
