//! All rules at once.

use super::document::{Document, Part, Section};
use super::phrases::plural;
use super::{PerCall, Subject, Teller, explain};
use crate::data::BySide;
use crate::lang::plan::Plan;

/// One document per sync, table, lifecycle and set, the limits, and first what all of it is.
pub fn project(plan: &Plan, per_call: &BySide<PerCall>) -> Vec<Document> {
    let teller = Teller { plan, per_call };
    let syncs: Vec<usize> = (0..plan.blocks.len()).filter(|at| !plan.blocks[*at].types.right.is_empty()).collect();
    let rows: usize = syncs.iter().map(|at| plan.blocks[*at].lines.len()).sum();
    let overview = Section {
        heading: String::new(),
        parts: vec![
            Part::Text(format!(
                "{} with {} of fields; {} say what they promise. All of it is told from the plan that the rules become.",
                plural(syncs.len(), "sync"),
                plural(rows, "row"),
                plural(plan.tests.len(), "test")
            )),
            Part::List(
                syncs
                    .iter()
                    .map(|at| format!("{}: {}", plan.blocks[*at].name, super::sync::what(&plan.blocks[*at])))
                    .collect(),
            ),
        ],
    };
    let head = Document { title: plan.files.join(", "), kind: "rules", place: None, sections: vec![overview] };
    let mut out = vec![head];
    let mut told: Vec<(&str, &str)> = Vec::new();
    for block in syncs {
        let of = &plan.blocks[block];
        let mut subjects = vec![Subject::Sync { block }];
        let mut add = |kind: &'static str, name, subject| {
            if !told.contains(&(kind, name)) {
                told.push((kind, name));
                subjects.push(subject);
            }
        };
        for (table, found) in of.tables.picklists.iter().enumerate() {
            add("picklist", &found.name, Subject::Picklist { block, table });
        }
        for (table, found) in of.tables.places.iter().enumerate() {
            add("place", &found.name, Subject::Place { block, table });
        }
        for (table, found) in of.tables.owners.iter().enumerate() {
            add("owners", &found.name, Subject::Owners { block, table });
        }
        subjects.extend(of.lifecycle.is_some().then_some(Subject::Lifecycle { block }));
        out.extend(subjects.into_iter().filter_map(|subject| explain(plan, subject, per_call)));
    }
    out.extend(plan.sets.iter().map(|set| teller.set(set)));
    out.push(teller.limits());
    out
}
