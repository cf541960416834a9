//! The values of a record in a test.

use std::collections::BTreeMap;

use syncline_grammar::Span;
use syncline_grammar::tree::{self, FieldValue, Name};

use super::values::{Given, TypeOf};
use super::{TestCheck, people};
use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::check::sync::crm;
use crate::lang::plan::{TestField, TestRecord, TestValue};

impl<'a> TestCheck<'_, 'a> {
    /// Values that somebody writes into a record, which is new or not.
    pub(super) fn written(&mut self, of: &TypeOf<'a>, values: &[FieldValue], new: bool) -> Vec<TestField> {
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

    pub(super) fn fields(&mut self, of: &TypeOf<'a>, values: &[FieldValue]) -> Vec<TestField> {
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
                None => Given { globals: self.globals, file: self.file, name, def }
                    .value(&value.value, self.findings)
                    .map(TestValue::Is),
            };
            if let Some(value_of) = checked {
                fields.push(TestField { span: value.span, name: name.to_owned(), kind: def.kind, value: value_of });
            }
        }
        fields
    }

    /// A bare word where an id or a text stands is the id of a record of the test.
    pub(super) fn id_of(&mut self, kind: crate::data::FieldKind, word: &str, span: Span) -> Option<Option<TestRecord>> {
        use crate::data::FieldKind::{Id, Text};
        let alias = self.given.iter().any(|held| held.record.alias.as_deref() == Some(word));
        let ty = Side::BOTH.iter().any(|side| self.globals.catalogs[*side].types.contains_key(word));
        let ty = ty || people::side_of(word).is_some();
        let named = matches!(kind, Id | Text) && word != "blank" && (alias || ty);
        named.then(|| self.record(&Name { span, text: word.to_owned() }))
    }

    pub(super) fn field(
        &mut self,
        of: &TypeOf<'a>,
        value: &FieldValue,
    ) -> Option<(&'a str, &'a crate::lang::schema::FieldDef)> {
        let found = value.field.single().and_then(|name| of.field(&name.text));
        if found.is_none() {
            let finding = of.no_such_field(self.globals, self.file, &value.field);
            self.report(finding);
        }
        found
    }
}
