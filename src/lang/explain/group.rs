//! `together`: rows that are decided, written and cleared as one.

use super::Teller;
use super::document::{Document, Part};
use super::phrases::and;
use super::row::{changes, end, first_link};
use crate::data::Side;
use crate::lang::plan::Block;

impl Teller<'_> {
    pub(super) fn group(&self, block: &Block, at: usize) -> Option<Document> {
        let group = block.groups.get(at)?;
        let lines: Vec<_> = block.lines.iter().filter(|line| line.group == Some(at)).collect();
        let first = lines.first()?;
        let names: Vec<String> = lines.iter().map(|line| line.rule.name.to_string()).collect();
        let rows = lines.iter().map(|line| vec![end(block, line, Side::Left), end(block, line, Side::Right)]).collect();
        let what = format!(
            "Keeps {} as one: they are decided, written, held and cleared together, so that no record gets a part of another's. \
             When one of them cannot cross, none does.",
            and(&names)
        );
        Some(
            Document::new(format!("{}.{}", block.name, group.rule.name), "together", self.at(&group.rule.place))
                .with(
                    "what it does",
                    vec![Part::Text(what), Part::Table { head: vec!["HubSpot".into(), "Salesforce".into()], rows }],
                )
                .with("when values change", changes(&group.policy, first))
                .with("first link", vec![Part::Text(first_link(&group.policy, false))])
                .with("tests", self.tests_of(&group.rule.name, &[])),
        )
    }
}
