//! `test` blocks against the rules and both schemas.

mod expected;
mod fields;
mod people;
mod records;
mod rules;
mod steps;
mod values;

use std::collections::BTreeMap;

use rules::Rules;

use syncline_grammar::Span;
use syncline_grammar::tree::{Step, StepKind};

use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::check::checked::CheckedSync;
use crate::lang::check::globals::Globals;
use crate::lang::plan::{RuleTest, TestRecord, TestStep, TestStepKind};

/// All tests of the rules. `whole`: every sync was checked, so that a rule which is not there is really unknown.
pub(in crate::lang::check) fn check(
    globals: &Globals<'_>,
    syncs: &[&CheckedSync],
    whole: bool,
    findings: &mut Vec<Finding>,
) -> Vec<RuleTest> {
    let rules = Rules::of(syncs);
    let mut seen: BTreeMap<&str, (usize, Span)> = BTreeMap::new();
    let mut tests = Vec::new();
    for (file, tree) in &globals.tests {
        if let Some((first_in, first)) = seen.insert(&tree.name.text, (*file, tree.name.span)) {
            let message = format!("a second test `{}`", tree.name.text);
            let finding = Finding::new(Code::NameTwice, *file, tree.name.span, message);
            findings.push(finding.also(first_in, first, "the first one"));
        }
        let mut check = TestCheck {
            globals,
            file: *file,
            rules: &rules,
            whole,
            given: Vec::new(),
            made: BTreeMap::new(),
            passed: false,
            findings,
        };
        let steps = tree.steps.iter().filter_map(|step| check.step(step)).collect();
        if !tree.steps.iter().any(|step| matches!(step.kind, StepKind::Expect(_))) {
            let finding = Finding::new(Code::ExpectsNothing, *file, tree.name.span, "nothing is expected");
            check.report(finding.help("add `pass` and then `expect …`"));
        }
        tests.push(RuleTest {
            name: tree.name.text.clone(),
            place: globals.place(*file, tree.span),
            span: tree.name.span,
            steps,
        });
    }
    tests
}

/// A record that the test was given.
struct Held {
    record: TestRecord,
    span: Span,
    live: bool,
}

struct TestCheck<'c, 'a> {
    globals: &'c Globals<'a>,
    file: usize,
    rules: &'c Rules,
    whole: bool,
    given: Vec<Held>,
    /// Records of a type that a step made beside those that are given: by a conversion.
    made: BTreeMap<(Side, String), usize>,
    passed: bool,
    findings: &'c mut Vec<Finding>,
}

impl<'a> TestCheck<'_, 'a> {
    pub(super) fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn step(&mut self, step: &Step) -> Option<TestStep> {
        let kind = match &step.kind {
            StepKind::Given(record) => self.given(record)?,
            StepKind::GivenList { list, member } | StepKind::Joins { record: member, list } => {
                self.member(list, member, true)?
            }
            StepKind::Leaves { record, list } => self.member(list, record, false)?,
            StepKind::Set { record, fields } => {
                let record = self.record(record);
                let record = record?;
                let of = self.type_of(&record)?;
                let fields = self.written(&of, fields, false);
                TestStepKind::Set { record, fields }
            }
            StepKind::Pass => {
                self.passed = true;
                TestStepKind::Pass
            }
            StepKind::Wait(span) => TestStepKind::Wait(self.wait(span)?),
            StepKind::Delete(name) => {
                let record = self.acting(name, true)?;
                self.set_live(&record, false);
                TestStepKind::Delete(record)
            }
            StepKind::Restore(name) => {
                let record = self.acting(name, false)?;
                self.set_live(&record, true);
                TestStepKind::Restore(record)
            }
            StepKind::Convert { record, to } => self.convert(record, to)?,
            StepKind::Merge { record, into } => self.merge(record, into)?,
            StepKind::Expect(expected) => TestStepKind::Expect(self.expected(expected)?),
            // Refused as not built.
            StepKind::Erase(_) => return None,
        };
        Some(TestStep { span: step.span, kind })
    }
}
