//! `lifecycle`: how far a record has come.

use super::Teller;
use super::document::{Document, Part};
use super::phrases::{crm, when};
use super::{gate, wakes};
use crate::data::Side;
use crate::lang::plan::{Block, Lifecycle, StageRule};

impl Teller<'_> {
    pub(super) fn lifecycle(&self, block: &Block) -> Option<Document> {
        let lifecycle = block.lifecycle.as_ref()?;
        let ty = block.types.left.get(lifecycle.ty).map_or("", |ty| &ty.name);
        let what = format!(
            "Moves `{}` of {} {ty} forward to the furthest stage that a line below says, never backward but by a `back to` line. \
             A stage that held once and holds no more is not taken away.",
            lifecycle.target.name,
            crm(Side::Left)
        );
        let rule = |back: bool| {
            move |one: &StageRule| {
                let stage = lifecycle.order.get(one.stage).map_or("?", |stage| stage);
                let verb = if back { "back to" } else { "reach" };
                format!("{verb} {stage}, {}: when {}", one.rule.name, when(block, &one.when))
            }
        };
        let mut lines: Vec<String> = lifecycle.reach.iter().map(rule(false)).collect();
        lines.extend(lifecycle.back.iter().map(rule(true)));
        let stages: Vec<String> = lifecycle.order.iter().map(ToString::to_string).collect();
        let mut cascade = Vec::new();
        if let Some(found) = &lifecycle.cascade {
            if found.derives {
                cascade.push(
                    "the company gets the furthest stage that one of its people has come to, forward only".to_owned(),
                );
            }
            if found.given.is_some() {
                cascade.push("and so does every other person of that company".to_owned());
            }
        }
        let mut slots = std::collections::BTreeSet::new();
        let mut wakes = Vec::new();
        for one in lifecycle.reach.iter().chain(&lifecycle.back) {
            slots.extend(wakes::slots(block, &one.when));
            for line in wakes::of_cond(block, &one.when) {
                if !wakes.contains(&line) {
                    wakes.push(line);
                }
            }
        }
        Some(
            Document::new(format!("{ty}.{}", lifecycle.target.name), "lifecycle", self.at(&lifecycle.rule.place))
                .with("what it does", vec![Part::Text(what), Part::List(lines)])
                .with("order of the stages", vec![Part::Text(stages.join(", "))])
                .with("cascade", vec![Part::List(cascade)])
                .with(
                    "for which records",
                    vec![Part::Text(
                        "People who are in both CRMs and within the gates of the way to HubSpot.".to_owned(),
                    )],
                )
                .with("what wakes it", vec![Part::List(wakes)])
                .with("what it costs", vec![Part::List(self.cost_of_reading(block, &slots))])
                .with("tests", self.tests_of(&lifecycle.rule.name, &stage_field(block, lifecycle))),
        )
    }

    pub(super) fn stage(&self, block: &Block, back: bool, at: usize) -> Option<Document> {
        let lifecycle = block.lifecycle.as_ref()?;
        let rule = if back { lifecycle.back.get(at)? } else { lifecycle.reach.get(at)? };
        let stage = lifecycle.order.get(rule.stage).map_or("?", |stage| stage);
        let field = &lifecycle.target.name;
        let when = when(block, &rule.when);
        let what = match back {
            false => format!(
                "Moves `{field}` forward to {stage} when {when}, unless the record is there or further. Who moves it back by hand \
                 while that holds, sees it go forward again."
            ),
            true => format!(
                "Moves `{field}` back to {stage} when {when}, but not below what a `reach` line says. HubSpot moves no stage back: it \
                 is cleared first, so the record is written twice."
            ),
        };
        Some(
            Document::new(format!("{}.{}", block.name, rule.rule.name), "stage", self.at(&rule.rule.place))
                .with("what it does", vec![Part::Text(what)])
                .with("blanks", vec![Part::Text(gate::blanks(block, &rule.when))])
                .with("what wakes it", vec![Part::List(wakes::of_cond(block, &rule.when))])
                .with("what it costs", vec![Part::List(self.cost_of_cond(block, &rule.when))])
                .with("tests", self.tests_of(&rule.rule.name, &[])),
        )
    }
}

fn stage_field<'b>(block: &'b Block, lifecycle: &'b Lifecycle) -> Vec<(Side, &'b str, &'b str)> {
    let ty = block.types.left.get(lifecycle.ty);
    ty.map(|ty| (Side::Left, ty.name.as_str(), &*lifecycle.target.name)).into_iter().collect()
}
