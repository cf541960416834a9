//! `place`: countries and their states.

use super::Teller;
use super::document::{Document, Part};
use super::phrases::{and, crm, plural};
use crate::data::Side;
use crate::lang::places::{Notation, Picklists};
use crate::lang::plan::Block;

impl Teller<'_> {
    pub(super) fn place(&self, block: &Block, at: usize) -> Option<Document> {
        let table = block.tables.places.get(at)?;
        let uses =
            |side: Side, line: &crate::lang::plan::Line| line.convert[side].place.is_some_and(|way| way.table == at);
        let users: Vec<String> = block
            .lines
            .iter()
            .filter(|line| Side::BOTH.into_iter().any(|side| uses(side, line)))
            .map(|line| format!("`{}`", line.rule.name))
            .collect();
        let picklists = match table.picklists {
            Picklists::None => "the fields of Salesforce take any text",
            Picklists::Standard => "Salesforce has picklists of states and countries, with the values that it ships",
            Picklists::Customised => "Salesforce has picklists of states and countries, with values of the org's own",
        };
        let mut lines = vec![picklists.to_owned()];
        lines.push(match table.matched {
            true => "values are recognised by name, code or alias, and written in the other side's words".to_owned(),
            false => "values pass as they are".to_owned(),
        });
        for side in Side::BOTH.into_iter().filter(|_| table.matched) {
            let what = match table.write[side] {
                Notation::Names => "names",
                Notation::Codes => "codes",
            };
            lines.push(format!("{what} are written to {}", crm(side)));
        }
        lines.push(match table.reject {
            true => "a place that is not known stops the whole record, and is listed as an issue".to_owned(),
            false => {
                "a place that is not known leaves its two fields as they are, and is listed as an issue".to_owned()
            }
        });
        if !table.aliases.is_empty() {
            lines.push(plural(table.aliases.len(), "alias"));
        }
        let what = format!("Turns countries and states of one side into those of the other, for {}.", and(&users));
        Some(
            Document::new(&*table.name, "place", self.at(&table.at))
                .with("what it does", vec![Part::Text(what), Part::List(lines)])
                .with(
                    "what it costs",
                    vec![Part::Text("No call: the list of countries is part of Syncline.".to_owned())],
                ),
        )
    }
}
