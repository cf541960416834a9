//! What happens in a test.

use syncline_grammar::Span;
use syncline_grammar::tree::{self, Name, StepKind, Text};

use super::{Held, TestCheck, people};
use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::check::literal::number;
use crate::lang::check::suggest::{as_text, join};
use crate::lang::check::sync::{crm, side_of};
use crate::lang::plan::{TestRecord, TestStepKind};

impl<'a> TestCheck<'_, 'a> {
    pub(super) fn given(&mut self, record: &tree::TestRecord) -> Option<TestStepKind> {
        let side = side_of(record.side);
        let of = match people::type_named(side, &record.object.text) {
            Some(of) => of,
            None => self.held_type(side, &record.object)?,
        };
        let alias = record.alias.as_ref();
        if let Some(alias) = alias
            && let Some(first) = self.given.iter().find(|held| held.record.alias.as_deref() == Some(&*alias.text))
        {
            let finding =
                Finding::new(Code::NameTwice, self.file, alias.span, format!("a second record `{}`", alias.text));
            let finding = finding.also(self.file, first.span, "the first one");
            self.report(finding);
        }
        let fields = self.written(&of, &record.fields, true);
        let given = |field: &str| record.fields.iter().any(|value| value.field.text() == field);
        let lacking: Vec<&str> = of.required().filter(|field| !given(field)).collect();
        if !lacking.is_empty() {
            let message = format!("a {} {} needs {}", crm(side), of.name, join(&lacking, "and"));
            let finding = Finding::new(Code::GivenIncomplete, self.file, record.object.span, message);
            self.report(finding.help("give it a value: the CRM refuses a record without one"));
        }
        let alias = alias.map(|alias| alias.text.clone());
        let record = TestRecord { side, ty: of.name.to_owned(), alias };
        self.given.push(Held { record: record.clone(), span: self.last_span(&record), live: true });
        Some(TestStepKind::Given { record, fields })
    }

    /// Where the record is given, for findings about its name.
    fn last_span(&self, record: &TestRecord) -> Span {
        let tests = self.globals.tests.iter().filter(|(file, _)| *file == self.file);
        let steps = tests.flat_map(|(_, test)| &test.steps);
        let mut spans = steps.filter_map(|step| match &step.kind {
            StepKind::Given(tree) => match (&tree.alias, &record.alias) {
                (Some(alias), Some(known)) if alias.text == *known => Some(alias.span),
                (None, None) if tree.object.text == record.ty => Some(tree.object.span),
                _ => None,
            },
            _ => None,
        });
        spans.next().unwrap_or_default()
    }

    pub(super) fn member(&mut self, list: &Text, member: &Name, joins: bool) -> Option<TestStepKind> {
        let record = self.acting(member, true);
        let known = &self.globals.catalogs.left.lists;
        let found = known.iter().find(|known| known.name == list.text);
        let Some(found) = found else {
            let finding =
                Finding::new(Code::UnknownList, self.file, list.span, format!("there is no list `{}`", list.text));
            let names = known.iter().map(|list| (list.name.as_str(), list.name.as_str()));
            let finding = match self.globals.likeness.suggest(&list.text, names) {
                Some(found) => found.into(finding, as_text),
                None => finding.help("if it is new, pull the schema again"),
            };
            self.report(finding);
            return None;
        };
        let record = record?;
        if record.side != Side::Left || record.ty != found.of {
            let message = format!("`{}` is a list of {} records", list.text, found.of);
            let finding = Finding::new(Code::UnknownList, self.file, list.span, message);
            let what = format!("a {} {}", crm(record.side), record.ty);
            self.report(finding.also(self.file, member.span, what));
            return None;
        }
        Some(TestStepKind::Member { list: list.text.clone(), record, joins })
    }

    pub(super) fn wait(&mut self, span: &tree::Duration) -> Option<i64> {
        const HOUR_MS: i64 = 3_600_000;
        const LONGEST_MS: i64 = 10 * 366 * 24 * HOUR_MS;
        let unit = match span.unit {
            tree::Unit::Hours => HOUR_MS,
            tree::Unit::Days => 24 * HOUR_MS,
        };
        let ms = number(&span.number.text)
            .and_then(|number| number.checked_mul(unit.into()))
            .and_then(|ms| i64::try_from(ms.trunc()).ok())
            .filter(|ms| (1..=LONGEST_MS).contains(ms));
        if ms.is_none() {
            let message = format!("`{}` is no time to wait", span.number.text);
            self.report(Finding::new(Code::BadNumber, self.file, span.span, message).help("ten years at most"));
        }
        ms
    }

    pub(super) fn convert(&mut self, name: &Name, to: &Name) -> Option<TestStepKind> {
        let record = self.acting(name, true)?;
        if record.side != Side::Right || record.ty != "Lead" {
            let message = format!("a {} {} is not converted", crm(record.side), record.ty);
            self.report(Finding::new(Code::NotThisType, self.file, name.span, message).help("leads are"));
            return None;
        }
        if to.text != "Contact" {
            let message = format!("a lead is not converted to `{}`", to.text);
            let finding = Finding::new(Code::NotThisType, self.file, to.span, message);
            self.report(finding.help("write `to Contact`: the account comes with it"));
            return None;
        }
        self.set_live(&record, false);
        for ty in ["Contact", "Account"] {
            *self.made.entry((Side::Right, ty.to_owned())).or_default() += 1;
        }
        Some(TestStepKind::Convert(record))
    }

    pub(super) fn merge(&mut self, record: &Name, into: &Name) -> Option<TestStepKind> {
        let (loser, winner) = (self.acting(record, true), self.acting(into, true));
        let (loser, winner) = (loser?, winner?);
        let mergeable = match loser.side {
            Side::Left => true,
            Side::Right => ["Account", "Contact", "Lead"].contains(&&*loser.ty),
        };
        if (loser.side, &loser.ty) != (winner.side, &winner.ty) || loser == winner || !mergeable {
            let message = format!("`{}` is not merged into `{}`", record.text, into.text);
            let finding = Finding::new(Code::NotThisType, self.file, into.span, message);
            self.report(finding.help("two records of one type are: contacts, companies, deals, leads, accounts"));
            return None;
        }
        self.set_live(&loser, false);
        Some(TestStepKind::Merge { record: loser, into: winner })
    }
}
