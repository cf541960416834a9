//! `test` blocks against the rules and both schemas.

use std::collections::BTreeMap;

use syncline_grammar::Span;
use syncline_grammar::tree::{self, Expected, ExpectedKind, FieldValue, Name, Step, StepKind, Text};

use super::checked::CheckedSync;
use super::globals::Globals;
use super::literal::number;
use super::suggest::{few, join, suggest};
use super::sync::{crm, side_of};
use super::test_values::TypeOf;
use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::plan::{
    Expectation, RuleTest, TestField, TestRecord, TestRule, TestStep, TestStepKind, TestValue, Whose,
};

/// Types of records that the models of the CRMs hold.
const HELD: [(Side, &[&str]); 2] = [
    (Side::Left, &["contact", "company", "deal"]),
    (
        Side::Right,
        &[
            "Account",
            "Contact",
            "Lead",
            "Opportunity",
            "OpportunityContactRole",
            "Task",
            "Event",
            "Campaign",
            "CampaignMember",
        ],
    ),
];

/// All tests of the rules. `whole`: every sync was checked, so that a rule which is not there is really unknown.
pub(super) fn check(
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

/// What rules do, by the name in plans and journals.
#[derive(Default)]
struct Rules {
    /// Gates, and `create nothing` lines.
    excluding: Vec<String>,
    /// With the side and type of what they create.
    creating: Vec<(String, Side, String)>,
    /// Rows of maps.
    rows: Vec<String>,
}

impl Rules {
    fn of(syncs: &[&CheckedSync]) -> Rules {
        let mut rules = Rules::default();
        for sync in syncs {
            let gates = sync.both.iter().chain(&sync.to.left).chain(&sync.to.right);
            rules.excluding.extend(gates.map(|gate| gate.rule.name.clone()));
            for side in Side::BOTH {
                for create in &sync.create[side] {
                    match create.target.and_then(|ty| sync.types[side].get(ty)) {
                        Some(ty) => rules.creating.push((create.rule.name.clone(), side, ty.clone())),
                        None => rules.excluding.push(create.rule.name.clone()),
                    }
                }
            }
            rules.rows.extend(sync.lines.iter().map(|line| line.rule.name.clone()));
        }
        rules
    }
}

/// The name without the quotes in which people gave it.
fn bare(name: &str) -> &str {
    name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name)
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
    fn report(&mut self, finding: Finding) {
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
                let record = self.record(name)?;
                self.set_live(&record, false);
                TestStepKind::Delete(record)
            }
            StepKind::Restore(name) => {
                let record = self.record_gone(name)?;
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

    fn given(&mut self, record: &tree::TestRecord) -> Option<TestStepKind> {
        let side = side_of(record.side);
        let of = self.held_type(side, &record.object)?;
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

    fn member(&mut self, list: &Text, member: &Name, joins: bool) -> Option<TestStepKind> {
        let record = self.record(member);
        let known = &self.globals.catalogs.left.lists;
        let found = known.iter().find(|known| known.name == list.text);
        let Some(found) = found else {
            let finding =
                Finding::new(Code::UnknownList, self.file, list.span, format!("there is no list `{}`", list.text));
            let names = known.iter().map(|list| (list.name.as_str(), list.name.as_str()));
            let finding = match suggest(&list.text, names) {
                Some(found) => finding.help(found.help()),
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

    fn wait(&mut self, span: &tree::Duration) -> Option<i64> {
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

    fn convert(&mut self, name: &Name, to: &Name) -> Option<TestStepKind> {
        let record = self.record(name)?;
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

    fn merge(&mut self, record: &Name, into: &Name) -> Option<TestStepKind> {
        let (loser, winner) = (self.record(record), self.record(into));
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

    fn expected(&mut self, expected: &Expected) -> Option<Expectation> {
        if !self.passed {
            let finding = Finding::new(Code::NoPassYet, self.file, expected.span, "no pass was run before this");
            self.report(finding.help("write `pass` before it"));
        }
        Some(match &expected.kind {
            ExpectedKind::NoWrites => Expectation::NoWrites,
            ExpectedKind::ExcludedBy(by) => Expectation::ExcludedBy(self.excluding(by)?),
            ExpectedKind::RejectedBy(by) => Expectation::RejectedBy(self.row(by, "rejects")?),
            ExpectedKind::Created { object, by } => {
                let ty = self.type_word(object);
                let by = self.creating(by, ty.as_ref().map(|(side, of)| (*side, of.name)));
                let (side, of) = ty?;
                Expectation::Created { side, ty: of.name.to_owned(), by: by? }
            }
            ExpectedKind::Linked { record, to } => {
                let (left, right) = (self.record(record), self.record(to));
                let (left, right) = (left?, right?);
                if left.side == right.side {
                    let message = format!("both are records of {}", crm(left.side));
                    let finding = Finding::new(Code::NotThisType, self.file, to.span, message);
                    self.report(finding.help("records are linked across the two CRMs"));
                    return None;
                }
                Expectation::Linked { record: left, to: right }
            }
            ExpectedKind::NoRecord { side, object } => {
                let side = side_of(*side);
                Expectation::NoRecord { side, ty: self.held_type(side, object)?.name.to_owned() }
            }
            ExpectedKind::Calls { number: text, side } => {
                let calls = text.text.parse().ok();
                if calls.is_none() {
                    let message = format!("`{}` is no number of calls", text.text);
                    self.report(Finding::new(Code::BadNumber, self.file, text.span, message));
                }
                Expectation::Calls { side: side_of(*side), number: calls? }
            }
            ExpectedKind::Fields { side, record, fields, by } => {
                let by = by.as_ref().map(|by| self.row(by, "writes"));
                let whose = match side {
                    Some(side) => {
                        let side = side_of(*side);
                        let ty = self.held_type(side, record)?.name.to_owned();
                        Whose::Any { side, ty }
                    }
                    None => Whose::Record(self.record(record)?),
                };
                let (side, ty) = match &whose {
                    Whose::Any { side, ty } => (*side, ty.clone()),
                    Whose::Record(record) => (record.side, record.ty.clone()),
                };
                let of = TypeOf::find(self.globals, side, &ty)?;
                let fields = self.fields(&of, fields);
                let by = match by {
                    Some(by) => Some(by?),
                    None => None,
                };
                Expectation::Fields { of: whose, fields, by }
            }
        })
    }

    fn excluding(&mut self, by: &Text) -> Option<TestRule> {
        let names: Vec<&str> = self.rules.excluding.iter().map(String::as_str).collect();
        self.rule(by, &names, "excludes")
    }

    fn row(&mut self, by: &Text, does: &str) -> Option<TestRule> {
        let names: Vec<&str> = self.rules.rows.iter().map(String::as_str).collect();
        self.rule(by, &names, does)
    }

    fn creating(&mut self, by: &Text, made: Option<(Side, &str)>) -> Option<TestRule> {
        let rules = self.rules;
        let all: Vec<&str> = rules.creating.iter().map(|(name, ..)| name.as_str()).collect();
        let rule = self.rule(by, &all, "creates")?;
        let (side, ty) = made?;
        let fits = |(name, of, made): &(String, Side, String)| *name == rule.name && (*of, made.as_str()) == (side, ty);
        if !rules.creating.iter().any(fits) {
            let message = format!("`{}` does not create a {} {ty}", by.text, crm(side));
            let finding = Finding::new(Code::UnknownRule, self.file, by.span, message);
            let creates: Vec<&str> = rules
                .creating
                .iter()
                .filter(|(_, of, made)| (*of, made.as_str()) == (side, ty))
                .map(|(name, ..)| bare(name))
                .collect();
            self.report(match creates.is_empty() {
                true => finding.help(format!("no rule creates a {ty}")),
                false => finding.help(format!("created by {}", join(&creates, "or"))),
            });
            return None;
        }
        Some(rule)
    }

    fn rule(&mut self, by: &Text, names: &[&str], does: &str) -> Option<TestRule> {
        if let Some(name) = names.iter().find(|name| bare(name) == by.text) {
            return Some(TestRule { span: by.span, written: by.text.clone(), name: (*name).to_owned() });
        }
        if self.whole {
            let message = format!("no rule `{}` {does}", by.text);
            let finding = Finding::new(Code::UnknownRule, self.file, by.span, message);
            let known = names.iter().map(|name| (bare(name), bare(name)));
            let finding = match suggest(&by.text, known) {
                Some(found) => finding.help(found.help()),
                None if names.is_empty() => finding,
                None => {
                    let names: Vec<&str> = names.iter().map(|name| bare(name)).collect();
                    finding.help(format!("what {does}: {}", few(&names)))
                }
            };
            self.report(finding);
        }
        None
    }

    /// A type by its name alone: of whichever side has it.
    fn type_word(&mut self, object: &Name) -> Option<(Side, TypeOf<'a>)> {
        let side = match self.globals.catalogs.left.types.contains_key(&object.text) {
            true => Side::Left,
            false => Side::Right,
        };
        if !self.globals.catalogs[side].types.contains_key(&object.text) {
            let globals = self.globals;
            let types = Side::BOTH.iter().flat_map(|side| &globals.catalogs[*side].types);
            let known = types.map(|(name, def)| (name.as_str(), def.label.as_str()));
            let message = format!("there is no record type `{}`", object.text);
            let finding = Finding::new(Code::UnknownType, self.file, object.span, message);
            let finding = match suggest(&object.text, known) {
                Some(found) => finding.help(found.help()),
                None => finding.help("if it is new, pull the schema again"),
            };
            self.report(finding);
            return None;
        }
        self.held_type(side, object).map(|of| (side, of))
    }

    /// A type of the side that tests can hold.
    fn held_type(&mut self, side: Side, object: &Name) -> Option<TypeOf<'a>> {
        let Some(of) = TypeOf::find(self.globals, side, &object.text) else {
            let known = self.globals.catalogs[side].types.iter();
            let known = known.map(|(name, def)| (name.as_str(), def.label.as_str()));
            let help = suggest(&object.text, known)
                .map_or_else(|| "if it is new, pull the schema again".to_owned(), |found| found.help());
            let message = format!("{} has no record type `{}`", crm(side), object.text);
            self.report(Finding::new(Code::UnknownType, self.file, object.span, message).help(help));
            return None;
        };
        if !HELD.iter().any(|(of_side, types)| *of_side == side && types.contains(&of.name)) {
            let what = format!("tests with records of `{}`", of.name);
            self.report(super::unbuilt::finding(self.file, object.span, &what));
            return None;
        }
        Some(of)
    }

    fn type_of(&self, record: &TestRecord) -> Option<TypeOf<'a>> {
        TypeOf::find(self.globals, record.side, &record.ty)
    }

    fn record(&mut self, name: &Name) -> Option<TestRecord> {
        self.named(name, true)
    }

    fn record_gone(&mut self, name: &Name) -> Option<TestRecord> {
        self.named(name, false)
    }

    /// The record that a word names. `live`: which of several of one type is meant where only one is live, or only one is
    /// not.
    fn named(&mut self, name: &Name, live: bool) -> Option<TestRecord> {
        if let Some(held) = self.given.iter().find(|held| held.record.alias.as_deref() == Some(&*name.text)) {
            return Some(held.record.clone());
        }
        let side = Side::BOTH.into_iter().find(|side| self.globals.catalogs[*side].types.contains_key(&name.text));
        let of_type = side.and_then(|side| TypeOf::find(self.globals, side, &name.text).map(|of| (side, of.name)));
        let Some((side, ty)) = of_type else {
            let finding =
                Finding::new(Code::UnknownRecord, self.file, name.span, format!("the test has no `{}`", name.text));
            let known = self.given.iter().map(|held| (held.record.word(), held.record.ty.as_str()));
            let finding = match suggest(&name.text, known) {
                Some(found) => finding.help(found.help()),
                None => {
                    finding.help(format!("name it where it is given: `given hubspot contact as {} {{ … }}`", name.text))
                }
            };
            self.report(finding);
            return None;
        };
        let record = TestRecord { side, ty: ty.to_owned(), alias: None };
        let held: Vec<&Held> =
            self.given.iter().filter(|held| (held.record.side, held.record.ty.as_str()) == (side, ty)).collect();
        let made = self.made.get(&(side, ty.to_owned())).copied().unwrap_or_default();
        let right = held.iter().filter(|held| held.live == live).count() + if live { made } else { 0 };
        if right > 1 {
            let names: Vec<&str> = held.iter().map(|held| held.record.word()).collect();
            let message = format!("the test has {right} records of type `{ty}`");
            let mut finding = Finding::new(Code::SeveralRecords, self.file, name.span, message);
            for held in held.iter().filter(|held| held.live == live) {
                finding = finding.also(self.file, held.span, "one of them");
            }
            let aliases: Vec<&str> = names.into_iter().filter(|name| *name != ty).collect();
            self.report(match aliases.is_empty() {
                true => finding.help(format!("give each a name: `given … {ty} as …`")),
                false => finding.help(format!("say which: {}", join(&aliases, "or"))),
            });
            return None;
        }
        if held.is_empty() && made == 0 && !self.passed {
            let message = format!("the test has no {} {ty} yet", crm(side));
            let finding = Finding::new(Code::UnknownRecord, self.file, name.span, message);
            self.report(finding.help(format!("give it one: `given {} {ty} {{ … }}`", crm(side).to_lowercase())));
            return None;
        }
        Some(record)
    }

    fn set_live(&mut self, record: &TestRecord, live: bool) {
        let same = |held: &&mut Held| match &record.alias {
            Some(_) => held.record.alias == record.alias,
            None => held.live != live && (held.record.side, &held.record.ty) == (record.side, &record.ty),
        };
        if let Some(held) = self.given.iter_mut().find(same) {
            held.live = live;
        }
    }

    /// Values that somebody writes into a record, which is new or not.
    fn written(&mut self, of: &TypeOf<'a>, values: &[FieldValue], new: bool) -> Vec<TestField> {
        for value in values {
            let Some((name, def)) = value.field.single().and_then(|name| of.field(&name.text)) else { continue };
            // Who belongs to which company is no field that is written, but people do tie the two.
            let ties = of.side == Side::Left && of.def.references.values().any(|reference| reference.field == name);
            let may = if new { def.createable } else { def.updateable };
            if !may && !ties {
                let message = format!("nobody writes `{name}`: {} sets it", crm(of.side));
                self.report(Finding::new(Code::ReadOnly, self.file, value.field.span, message));
            } else if def.required && value.value.kind == tree::ValueKind::Word("blank".to_owned()) {
                let message = format!("`{name}` never takes a blank");
                self.report(Finding::new(Code::GivenIncomplete, self.file, value.value.span, message));
            }
        }
        self.fields(of, values)
    }

    fn fields(&mut self, of: &TypeOf<'a>, values: &[FieldValue]) -> Vec<TestField> {
        let mut fields: Vec<TestField> = Vec::new();
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for value in values {
            let Some((name, def)) = self.field(of, value) else { continue };
            if let Some(first) = seen.insert(name, value.field.span) {
                let finding =
                    Finding::new(Code::NameTwice, self.file, value.field.span, format!("`{name}` a second time"));
                let finding = finding.also(self.file, first, "the first one");
                self.report(finding);
                continue;
            }
            let id_of = match &value.value.kind {
                tree::ValueKind::Word(word) => self.id_of(def.kind, word, value.value.span),
                _ => None,
            };
            let checked = match id_of {
                Some(record) => record.map(TestValue::IdOf),
                None => super::test_values::value(self.file, name, def, &value.value, self.findings).map(TestValue::Is),
            };
            if let Some(value_of) = checked {
                fields.push(TestField { span: value.span, name: name.to_owned(), kind: def.kind, value: value_of });
            }
        }
        fields
    }

    /// A bare word where an id or a text stands is the id of a record of the test.
    fn id_of(&mut self, kind: crate::data::FieldKind, word: &str, span: Span) -> Option<Option<TestRecord>> {
        use crate::data::FieldKind::{Id, Text};
        let alias = self.given.iter().any(|held| held.record.alias.as_deref() == Some(word));
        let ty = Side::BOTH.iter().any(|side| self.globals.catalogs[*side].types.contains_key(word));
        let named = matches!(kind, Id | Text) && word != "blank" && (alias || ty);
        named.then(|| self.record(&Name { span, text: word.to_owned() }))
    }

    fn field(&mut self, of: &TypeOf<'a>, value: &FieldValue) -> Option<(&'a str, &'a crate::lang::schema::FieldDef)> {
        let found = value.field.single().and_then(|name| of.field(&name.text));
        if found.is_none() {
            let finding = of.no_such_field(self.file, &value.field);
            self.report(finding);
        }
        found
    }
}
