//! Names in a `sync`, and in the lines that change one.

use std::rc::Rc;

use syncline_grammar::tree::{
    self, ActionKind, Block, BlockLine, ChangeLine, ChangePart, ChoiceKind, Create, CreateRule, CreateWhat, MapLine,
    Match, MatchBy, On, Path, RuleRef, Sync, SyncLine, Target, Value,
};

use super::{Around, Walk};
use crate::data::Side;
use crate::lsp::names::heads::{side_of, types};
use crate::lsp::names::{Does, Role, Scope, Space, Values};

impl<'t> Walk<'t, '_> {
    pub(super) fn sync(&mut self, sync: &'t Sync) {
        self.name(&sync.name, Role::Block(Space::Sync));
        for (side, names) in [(Side::Left, &sync.hubspot), (Side::Right, &sync.salesforce)] {
            let scope = Rc::new(Scope::of_side(side));
            names.iter().for_each(|name| self.name(name, Role::Type(scope.clone())));
        }
        let around = Around { sync: &sync.name.text, types: types(sync) };
        for line in &sync.lines {
            match line {
                SyncLine::Match(line) => self.match_line(&around, line),
                SyncLine::RollUp(_) | SyncLine::Recheck(_) => {}
                SyncLine::Block(block) => self.block(&around, block),
                SyncLine::Map(map) => {
                    map.name.iter().for_each(|name| self.quoted(name, Role::Rule { sync: Some(around.sync) }));
                    map.when.iter().for_each(|when| self.cond(&around, &around.condition(Side::Left), when));
                    for line in &map.lines {
                        match line {
                            MapLine::Row(row) => self.row(&around, row),
                            MapLine::Together(group) => {
                                self.quoted(&group.name, Role::Rule { sync: Some(around.sync) });
                                group.rows.iter().for_each(|row| self.row(&around, row));
                            }
                        }
                    }
                }
                SyncLine::Associate(block) => {
                    for row in &block.rows {
                        self.path(&around.fixed(Side::Right), &row.right);
                    }
                }
            }
        }
    }

    pub(super) fn match_line(&mut self, around: &Around<'t>, line: &'t Match) {
        match &line.by {
            MatchBy::Through(name) => self.name(name, Role::BlockRef(Space::Sync)),
            MatchBy::Keys(keys) => {
                for key in keys {
                    self.path(&around.fixed(Side::Left), &key.hubspot);
                    self.path(&around.fixed(Side::Right), &key.salesforce);
                }
            }
        }
    }

    pub(super) fn block(&mut self, around: &Around<'t>, block: &'t Block) {
        // What is written to, and where the records come from.
        let (side, source) = match block.target {
            Target::BothWays => (Side::Right, Side::Left),
            Target::To(side) => (side_of(side), side_of(side).other()),
        };
        for line in &block.lines {
            match line {
                BlockLine::Gate(gate) => {
                    self.quoted(&gate.name, Role::Rule { sync: Some(around.sync) });
                    self.cond(around, &around.condition(source), &gate.when);
                }
                BlockLine::Pick(pick) => {
                    for choice in &pick.choices {
                        match &choice.kind {
                            ChoiceKind::When(when) => self.cond(around, &around.condition(side), when),
                            ChoiceKind::Object(name) => self.name(name, Role::Type(around.fixed(side))),
                            ChoiceKind::MostRecentlyUpdated | ChoiceKind::OldestCreated => {}
                        }
                    }
                }
                BlockLine::Relink(_) => {}
                BlockLine::Create(create) => self.create(around, side, create),
                BlockLine::On(on) => self.on(around, side, on),
            }
        }
    }

    pub(super) fn create(&mut self, around: &Around<'t>, side: Side, create: &'t Create) {
        if let CreateWhat::Object(name) = &create.what {
            self.name(name, Role::Type(around.fixed(side)));
        }
        let source = side.other();
        let mut scope = Scope::clone(&around.condition(source));
        if let Some(from) = &create.from {
            self.name(from, Role::Type(around.fixed(source)));
            scope.types[source] = vec![&from.text];
        }
        create.name.iter().for_each(|name| self.quoted(name, Role::Rule { sync: Some(around.sync) }));
        if let CreateRule::When(when) = &create.rule {
            self.cond(around, &Rc::new(scope), when);
        }
    }

    pub(super) fn on(&mut self, around: &Around<'t>, side: Side, on: &'t On) {
        for action in &on.actions {
            if let ActionKind::Set { field, value } = &action.kind {
                self.setting(&around.fixed(side), field, value);
            }
        }
    }

    pub(super) fn setting(&mut self, scope: &Rc<Scope<'t>>, field: &'t Path, value: &'t Value) {
        let parts = self.path(scope, field);
        self.value(value, Values::Field { scope: scope.clone(), parts }, false);
    }

    pub(super) fn change(&mut self, block: &'t tree::Change) {
        self.name(&block.name, Role::BlockRef(Space::Sync));
        let types = self.heads.sync(&block.name.text).cloned().unwrap_or_default();
        let around = Around { sync: &block.name.text, types };
        for line in &block.lines {
            match line {
                ChangeLine::Put { scope, part, .. } => {
                    let side = match scope {
                        Some(tree::ChangeScope::To { side, .. }) => side_of(*side),
                        _ => Side::Right,
                    };
                    match &**part {
                        ChangePart::Gate(gate) => {
                            self.quoted(&gate.name, Role::Rule { sync: Some(around.sync) });
                            self.cond(&around, &around.condition(side.other()), &gate.when);
                        }
                        ChangePart::Create(create) => self.create(&around, side, create),
                        ChangePart::On(on) => self.on(&around, side, on),
                        ChangePart::Match(line) => self.match_line(&around, line),
                        ChangePart::Row(row) => self.row(&around, row),
                    }
                }
                ChangeLine::Remove { rule, .. } => match rule {
                    RuleRef::Include(text) | RuleRef::Exclude(text) => self.quoted(text, Role::RuleRef(Does::Exclude)),
                    RuleRef::Create(text) => self.quoted(text, Role::RuleRef(Does::Create)),
                    RuleRef::Row(_) => {}
                },
            }
        }
    }
}
