//! The records of a test, and which of them a word names.

use syncline_grammar::tree::Name;

use super::values::TypeOf;
use super::{Held, TestCheck, people};
use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::check::suggest::{as_word, join};
use crate::lang::check::sync::crm;
use crate::lang::plan::TestRecord;

/// Standard types of records that the models of the CRMs hold; custom ones they hold as their schemas describe them.
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

/// `2-3456`, `Visit__c`, `ns__Visit__c`.
fn is_custom(side: Side, name: &str) -> bool {
    match side {
        Side::Left => name.starts_with("2-"),
        Side::Right => name.ends_with("__c"),
    }
}

impl<'a> TestCheck<'_, 'a> {
    /// A type by its name alone: of whichever side has it.
    pub(super) fn type_word(&mut self, object: &Name) -> Option<(Side, TypeOf<'a>)> {
        if people::side_of(&object.text).is_some() {
            self.only_given(object, &object.text);
            return None;
        }
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
            let finding = match self.globals.likeness.suggest(&object.text, known) {
                Some(found) => found.into(finding, as_word),
                None => finding.help("if it is new, pull the schema again"),
            };
            self.report(finding);
            return None;
        }
        self.held_type(side, object).map(|of| (side, of))
    }

    /// A type of the side that tests can hold.
    pub(super) fn held_type(&mut self, side: Side, object: &Name) -> Option<TypeOf<'a>> {
        if people::type_named(side, &object.text).is_some() {
            self.only_given(object, &object.text);
            return None;
        }
        let Some(of) = TypeOf::find(self.globals, side, &object.text) else {
            let known = self.globals.catalogs[side].types.iter();
            let known = known.map(|(name, def)| (name.as_str(), def.label.as_str()));
            let message = format!("{} has no record type `{}`", crm(side), object.text);
            let finding = Finding::new(Code::UnknownType, self.file, object.span, message);
            self.report(match self.globals.likeness.suggest(&object.text, known) {
                Some(found) => found.into(finding, as_word),
                None => finding.help("if it is new, pull the schema again"),
            });
            return None;
        };
        if !is_custom(side, of.name)
            && !HELD.iter().any(|(of_side, types)| *of_side == side && types.contains(&of.name))
        {
            let what = format!("tests with records of `{}`", of.name);
            self.report(crate::lang::check::unbuilt::finding(self.file, object.span, &what));
            return None;
        }
        Some(of)
    }

    pub(super) fn type_of(&self, record: &TestRecord) -> Option<TypeOf<'a>> {
        people::type_named(record.side, &record.ty).or_else(|| TypeOf::find(self.globals, record.side, &record.ty))
    }

    pub(super) fn record(&mut self, name: &Name) -> Option<TestRecord> {
        self.named(name, true)
    }

    /// The record that a word names. `live`: which of several of one type is meant where only one is live, or only one is
    /// not.
    pub(super) fn named(&mut self, name: &Name, live: bool) -> Option<TestRecord> {
        if let Some(held) = self.given.iter().find(|held| held.record.alias.as_deref() == Some(&*name.text)) {
            return Some(held.record.clone());
        }
        let people = people::side_of(&name.text);
        let side = Side::BOTH.into_iter().find(|side| self.globals.catalogs[*side].types.contains_key(&name.text));
        let of_type = people.or(side).map(|side| (side, name.text.as_str()));
        let Some((side, ty)) = of_type else {
            let finding =
                Finding::new(Code::UnknownRecord, self.file, name.span, format!("the test has no `{}`", name.text));
            let known = self.given.iter().map(|held| (held.record.word(), held.record.ty.as_str()));
            let finding = match self.globals.likeness.suggest(&name.text, known) {
                Some(found) => found.into(finding, as_word),
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
        let of_steps = self.made.get(&(side, ty.to_owned())).copied().unwrap_or_default();
        let made = if live { of_steps } else { 0 };
        let right = held.iter().filter(|held| held.live == live).count() + made;
        let nameless = held.iter().filter(|held| held.live == live && held.record.alias.is_none()).count() + made;
        // Of several the one without a name is meant, which a pass may have made.
        if nameless > 1 || (nameless == 0 && right > 1 && !self.passed) {
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
        if held.is_empty() && of_steps == 0 && (!self.passed || people.is_some()) {
            let message = format!("the test has no {} {ty} yet", crm(side));
            let finding = Finding::new(Code::UnknownRecord, self.file, name.span, message);
            self.report(finding.help(format!("give it one: `given {} {ty} {{ … }}`", crm(side).to_lowercase())));
            return None;
        }
        Some(record)
    }

    pub(super) fn set_live(&mut self, record: &TestRecord, live: bool) {
        let same = |held: &&mut Held| match &record.alias {
            Some(_) => held.record.alias == record.alias,
            None => held.live != live && (held.record.side, &held.record.ty) == (record.side, &record.ty),
        };
        if let Some(held) = self.given.iter_mut().find(same) {
            held.live = live;
        }
    }
}
