//! Names in a test.

use std::rc::Rc;

use syncline_grammar::tree::{self, ExpectedKind, FieldValue, Name, Step, StepKind, Test, ValueKind};

use super::Walk;
use crate::data::{BySide, Side};
use crate::lsp::names::heads::side_of;
use crate::lsp::names::{Does, Held, Reach, Role, Scope, Space, Values};

impl<'t> Walk<'t, '_> {
    pub(super) fn test(&mut self, test: &'t Test) {
        self.quoted(&test.name, Role::Block(Space::Test));
        test.steps.iter().for_each(|step| self.step(test, step));
    }

    pub(super) fn step(&mut self, test: &'t Test, step: &'t Step) {
        match &step.kind {
            StepKind::Given(record) => {
                let side = side_of(record.side);
                self.name(&record.object, Role::Type(Rc::new(Scope::of_side(side))));
                let held = Held { test: test.name.span, side, ty: &record.object.text };
                record.alias.iter().for_each(|alias| self.name(alias, Role::Record(held)));
                self.fields(test, Some(held), &record.fields);
            }
            StepKind::GivenList { list, member } | StepKind::Joins { record: member, list } => {
                self.quoted(list, Role::List);
                self.record(test, member);
            }
            StepKind::Leaves { record, list } => {
                self.quoted(list, Role::List);
                self.record(test, record);
            }
            StepKind::Set { record, fields } => {
                let held = self.record(test, record);
                self.fields(test, held, fields);
            }
            StepKind::Pass | StepKind::Wait(_) => {}
            StepKind::Delete(name) | StepKind::Restore(name) | StepKind::Erase(name) => drop(self.record(test, name)),
            StepKind::Convert { record, to } => {
                self.record(test, record);
                self.name(to, Role::Type(Rc::new(Scope::of_side(Side::Right))));
            }
            StepKind::Merge { record, into } => {
                self.record(test, record);
                self.record(test, into);
            }
            StepKind::Expect(expected) => match &expected.kind {
                ExpectedKind::NoWrites | ExpectedKind::Calls { .. } => {}
                ExpectedKind::ExcludedBy(by) => self.quoted(by, Role::RuleRef(Does::Exclude)),
                ExpectedKind::RejectedBy(by) => self.quoted(by, Role::RuleRef(Does::Row)),
                ExpectedKind::Created { object, by } => {
                    let side = self.heads.side_of_type(&object.text);
                    self.name(object, Role::Type(Rc::new(Scope { reach: Reach::Both, ..Scope::of_side(side) })));
                    self.quoted(by, Role::RuleRef(Does::Create));
                }
                ExpectedKind::Linked { record, to } => {
                    self.record(test, record);
                    self.record(test, to);
                }
                ExpectedKind::NoRecord { side, object } => {
                    self.name(object, Role::Type(Rc::new(Scope::of_side(side_of(*side)))));
                }
                ExpectedKind::Fields { side, record, fields, by } => {
                    let held = match side {
                        Some(side) => {
                            let side = side_of(*side);
                            self.name(record, Role::Type(Rc::new(Scope::of_side(side))));
                            Some(Held { test: test.name.span, side, ty: &record.text })
                        }
                        None => self.record(test, record),
                    };
                    self.fields(test, held, fields);
                    by.iter().for_each(|by| self.quoted(by, Role::RuleRef(Does::Row)));
                }
            },
        }
    }

    /// A record of the test by its name, or by its type.
    pub(super) fn record(&mut self, test: &'t Test, name: &'t Name) -> Option<Held<'t>> {
        let given = |step: &'t Step| match &step.kind {
            StepKind::Given(record) => Some(record),
            _ => None,
        };
        let is = |given: &'t tree::TestRecord| match &given.alias {
            Some(alias) => alias.text == name.text || given.object.text == name.text,
            None => given.object.text == name.text,
        };
        let found = test.steps.iter().filter_map(given).find(|given| is(given));
        let held = match found {
            Some(found) => Held { test: test.name.span, side: side_of(found.side), ty: &found.object.text },
            None => Held { test: test.name.span, side: self.heads.side_of_type(&name.text), ty: &name.text },
        };
        self.name(name, Role::RecordRef { test: test.name.span, held: Some(held) });
        Some(held)
    }

    pub(super) fn fields(&mut self, test: &'t Test, held: Option<Held<'t>>, fields: &'t [FieldValue]) {
        let Some(held) = held else { return };
        let mut scope = Scope { side: held.side, types: BySide::default(), prefix: false, reach: Reach::Scope };
        scope.types[held.side] = vec![held.ty];
        let scope = Rc::new(scope);
        for FieldValue { field, value, .. } in fields {
            let parts = self.path(&scope, field);
            // A bare word may be another record, in the place of its id.
            let named = |step: &'t Step| match &step.kind {
                StepKind::Given(record) => record.alias.as_ref().map(|alias| (alias, record)),
                _ => None,
            };
            let other = match &value.kind {
                ValueKind::Word(word) => test.steps.iter().filter_map(named).find(|(alias, _)| alias.text == *word),
                _ => None,
            };
            match (other, &value.kind) {
                (Some((_, record)), ValueKind::Word(word)) => {
                    let held = Held { test: test.name.span, side: side_of(record.side), ty: &record.object.text };
                    self.push(value.span, word, Role::RecordRef { test: test.name.span, held: Some(held) });
                }
                _ => self.value(value, Values::Field { scope: scope.clone(), parts }, false),
            }
        }
    }
}
