//! Names in the blocks beside the syncs.

use std::rc::Rc;

use syncline_grammar::tree::{
    self, Item, LifecycleLine, MembersLine, OwnersLine, PickLeftKind, PickRightKind, PickRow,
};

use super::{Around, Walk};
use crate::data::{BySide, Side};
use crate::lsp::names::{Reach, Role, Scope, Space, Values};

impl<'t> Walk<'t, '_> {
    pub(super) fn item(&mut self, item: &'t Item) {
        match item {
            Item::Zone(_) => {}
            Item::Sync(sync) => self.sync(sync),
            Item::Picklist(block) => {
                self.name(&block.name, Role::Block(Space::Table));
                if let Some(pair) = &block.pair {
                    self.path(&Rc::new(Scope::of_side(Side::Left)), &pair.hubspot);
                    self.path(&Rc::new(Scope::of_side(Side::Right)), &pair.salesforce);
                }
                let of = |side| Values::Picklist { picklist: block, side };
                block.rows.iter().for_each(|row| self.pick_row(row, of(Side::Left), of(Side::Right)));
            }
            Item::Place(block) => self.name(&block.name, Role::Block(Space::Table)),
            Item::Stages(block) => {
                self.name(&block.name, Role::Block(Space::Table));
                for pipeline in &block.pipelines {
                    self.value(&pipeline.pipeline, stage_of("pipeline"), false);
                    self.value(&pipeline.record_type, Values::Nothing, false);
                    for row in &pipeline.rows {
                        self.pick_row(row, stage_of("dealstage"), stage_name());
                    }
                }
            }
            Item::Owners(block) => {
                self.name(&block.name, Role::Block(Space::Table));
                for line in &block.lines {
                    if let OwnersLine::Row(row) = line {
                        self.pick_row(row, Values::Nothing, Values::Nothing);
                    }
                }
            }
            Item::Lifecycle(block) => self.lifecycle(block),
            Item::Order(block) => {
                let scope = Rc::new(Scope { reach: Reach::Both, ..Scope::of_side(Side::Left) });
                block.fields.iter().for_each(|path| drop(self.path(&scope, path)));
                block.values.iter().for_each(|value| self.value(value, Values::Order(block), false));
            }
            Item::Values(block) => {
                self.name(&block.name, Role::Block(Space::Values));
                block.values.iter().for_each(|value| self.value(value, Values::Nothing, false));
            }
            Item::Members(block) => {
                self.name(&block.name, Role::Block(Space::Sync));
                self.quoted(&block.list, Role::List);
                let around =
                    Around { sync: &block.name.text, types: BySide::new(vec!["contact"], vec!["CampaignMember"]) };
                for line in &block.lines {
                    match line {
                        MembersLine::On(on) => self.on(&around, Side::Right, on),
                        MembersLine::Set { field, value, when, .. } => {
                            self.setting(&around.fixed(Side::Right), field, value);
                            when.iter().for_each(|when| self.cond(&around, &around.condition(Side::Left), when));
                        }
                    }
                }
            }
            Item::Limits(_) => {}
            Item::Change(block) => self.change(block),
            Item::Test(test) => self.test(test),
        }
    }

    pub(super) fn pick_row(&mut self, row: &'t PickRow, left: Values<'t>, right: Values<'t>) {
        if let PickLeftKind::Values(values) = &row.left.kind {
            values.iter().for_each(|value| self.value(value, left.clone(), true));
        }
        if let PickRightKind::Value(value) = &row.right.kind {
            self.value(value, right, false);
        }
    }

    pub(super) fn lifecycle(&mut self, block: &'t tree::Lifecycle) {
        let scope = Rc::new(Scope::of_side(Side::Left));
        let parts = self.path(&scope, &block.field);
        let of = Values::Field { scope, parts };
        let placed = block.field.parts.first().and_then(|ty| self.heads.with_left(&ty.text));
        let (sync, types) = placed.map_or(("", BySide::default()), |(sync, types)| (sync, types.clone()));
        let around = Around { sync, types };
        for line in &block.lines {
            match line {
                LifecycleLine::Reach { stage, name, when, .. } | LifecycleLine::BackTo { stage, name, when, .. } => {
                    self.value(stage, of.clone(), false);
                    self.quoted(name, Role::Rule { sync: placed.map(|(sync, _)| sync) });
                    self.cond(&around, &around.condition(Side::Right), when);
                }
                LifecycleLine::Cascade { .. } => {}
            }
        }
    }
}

/// The options of a deal's field.
fn stage_of<'t>(field: &'static str) -> Values<'t> {
    Values::Field { scope: Rc::new(Scope::of_side(Side::Left)), parts: Rc::from(["deal", field]) }
}

fn stage_name<'t>() -> Values<'t> {
    Values::Field { scope: Rc::new(Scope::of_side(Side::Right)), parts: Rc::from(["Opportunity", "StageName"]) }
}
