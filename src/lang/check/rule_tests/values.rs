//! Fields and values in a test: of one record type, typed by the schema.

use syncline_grammar::Span;
use syncline_grammar::tree::{self, Path, ValueKind};

use crate::data::{FieldKind, Side, Value, day_from_iso};
use crate::diagnostic::{Code, Finding};
use crate::lang::check::globals::Globals;
use crate::lang::check::literal::{moment, number};
use crate::lang::check::names::{field_of, labelled_fields};
use crate::lang::check::suggest::{Suggestion, as_option, as_word, few};
use crate::lang::check::sync::crm;
use crate::lang::check::types::kind_words;
use crate::lang::schema::{FieldDef, TypeDef};

/// A record type of the schema.
#[derive(Clone, Copy)]
pub(super) struct TypeOf<'a> {
    pub side: Side,
    pub name: &'a str,
    pub def: &'a TypeDef,
}

impl<'a> TypeOf<'a> {
    pub(super) fn find(globals: &Globals<'a>, side: Side, name: &str) -> Option<TypeOf<'a>> {
        let (name, def) = globals.catalogs[side].types.get_key_value(name)?;
        Some(TypeOf { side, name, def })
    }

    pub(super) fn field(&self, name: &str) -> Option<(&'a str, &'a FieldDef)> {
        field_of(self.def, name).map(|field| (field.name, field.def))
    }

    /// Fields without which the CRM refuses a new record.
    pub(super) fn required(&self) -> impl Iterator<Item = &'a str> {
        let fields = self.def.fields.iter();
        fields
            .filter(|(_, def)| def.required && def.createable && def.kind != FieldKind::Bool)
            .map(|(name, _)| name.as_str())
    }

    pub(super) fn no_such_field(&self, globals: &Globals<'_>, file: usize, path: &Path) -> Finding {
        let message = format!("{} `{}` has no field `{}`", crm(self.side), self.name, path.text());
        let mut finding = Finding::new(Code::UnknownField, file, path.span, message);
        let Some(name) = path.single() else {
            return finding.help("a test names fields of the record itself");
        };
        match globals.likeness.suggest(&name.text, labelled_fields(self.def)) {
            Some(found) => {
                if matches!(found, Suggestion::Label(_)) {
                    finding.code = Code::LabelForName;
                    finding.message = format!("`{}` is a label, not an API name", name.text);
                }
                found.into(finding, as_word)
            }
            None => finding.help("if it is new, pull the schema again"),
        }
    }
}

/// A field that a test gives a value.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub globals: &'a Globals<'a>,
    pub file: usize,
    pub name: &'a str,
    pub def: &'a FieldDef,
}

impl Given<'_> {
    /// The value as the test writes it; `blank` is none.
    pub(super) fn value(self, value: &tree::Value, findings: &mut Vec<Finding>) -> Option<Value> {
        let Given { file, name, def, .. } = self;
        let option = |text: &str| def.options.iter().any(|option| option.value == text);
        match (def.kind, &value.kind) {
            (_, ValueKind::Word(word)) if word == "blank" && !option("blank") => Some(Value::Null),
            (_, ValueKind::Text(text)) if text.trim().is_empty() => {
                let finding = Finding::new(Code::EmptyText, file, value.span, "an empty text");
                findings.push(finding.help("write `blank` for no value"));
                None
            }
            (FieldKind::Text | FieldKind::Id, ValueKind::Text(text)) => Some(Value::text(text.as_str())),
            (FieldKind::Email, ValueKind::Text(text)) => Some(Value::text(text.trim().to_lowercase())),
            (FieldKind::Text | FieldKind::Email | FieldKind::Id, ValueKind::Word(word)) => {
                let message = format!("text without quotes: `{word}`");
                let finding = Finding::new(Code::UnquotedText, file, value.span, message);
                findings.push(finding.help(format!("write `\"{word}\"`; a bare word here is a record of the test")));
                None
            }
            (FieldKind::Option, ValueKind::Word(text)) => self.option(value.span, text, true, findings),
            (FieldKind::Option, ValueKind::Text(text)) => self.option(value.span, text, false, findings),
            (FieldKind::Options, ValueKind::Word(text)) => self.option(value.span, text, true, findings),
            (FieldKind::Options, ValueKind::Text(text)) => {
                let canonical = FieldKind::canonical_options(text).into_owned();
                let each = canonical.split(';').map(|one| self.option(value.span, one, false, findings));
                let known: Vec<Option<Value>> = each.collect();
                known.iter().all(Option::is_some).then(|| Value::text(canonical))
            }
            (FieldKind::Number, ValueKind::Number(text)) => {
                let found = number(text);
                if found.is_none() {
                    let message = format!("`{text}` has too many digits");
                    findings.push(Finding::new(Code::BadNumber, file, value.span, message));
                }
                found.map(Value::Num)
            }
            (FieldKind::Bool, ValueKind::Word(word)) if word == "true" || word == "false" => {
                Some(Value::Bool(word == "true"))
            }
            (FieldKind::Day | FieldKind::Time, ValueKind::Date(text)) => self.date(value.span, text, findings),
            (kind, _) => {
                let message = format!("this does not fit `{name}`, which is {}", kind_words(kind));
                let finding = Finding::new(Code::WrongValue, file, value.span, message);
                findings.push(finding.help(match kind {
                    FieldKind::Bool => "a checkbox is `true` or `false`",
                    FieldKind::Day => "a day is written `2026-01-31`",
                    FieldKind::Time => "a moment is written `2026-01-31T09:30Z`",
                    FieldKind::Number => "a number is written without quotes: `500` or `10_000`",
                    FieldKind::Option | FieldKind::Options => "options are text",
                    FieldKind::Text | FieldKind::Email | FieldKind::Id => "text stands in double quotes",
                }));
                None
            }
        }
    }

    fn date(self, span: Span, text: &str, findings: &mut Vec<Finding>) -> Option<Value> {
        let Given { file, name, def, .. } = self;
        let day = day_from_iso(text).filter(|_| !text.contains('T'));
        match (def.kind, day, moment(text)) {
            (FieldKind::Day, Some(day), _) => Some(Value::Day(day)),
            (FieldKind::Time, None, Some(at)) => Some(Value::Time(at.0)),
            (_, None, None) => {
                findings.push(Finding::new(Code::BadDate, file, span, format!("`{text}` is no date")));
                None
            }
            (kind, ..) => {
                let message = format!("`{text}` does not fit `{name}`, which is {}", kind_words(kind));
                let finding = Finding::new(Code::WrongValue, file, span, message);
                findings.push(finding.help(match kind {
                    FieldKind::Day => "a day is written `2026-01-31`",
                    _ => "a moment is written `2026-01-31T09:30Z`",
                }));
                None
            }
        }
    }

    /// Bare words must be options that the schema knows; text in quotes may be another value of an open picklist.
    fn option(self, span: Span, text: &str, bare: bool, findings: &mut Vec<Finding>) -> Option<Value> {
        let Given { file, name, def, .. } = self;
        if def.options.iter().any(|option| option.value == text) || (!def.closed && !bare) {
            return Some(Value::text(text));
        }
        let finding = Finding::new(Code::NotAnOption, file, span, format!("`{text}` is no option of `{name}`"));
        let known: Vec<(&str, &str)> = def.options.iter().map(|o| (o.value.as_str(), o.label.as_str())).collect();
        findings.push(match self.globals.likeness.suggest(text, known.iter().copied()) {
            Some(found) => found.into(finding, as_option),
            None if known.is_empty() => finding,
            None => {
                let values: Vec<&str> = known.iter().map(|(value, _)| *value).collect();
                finding.help(format!("its options are {}", few(&values)))
            }
        });
        None
    }
}
