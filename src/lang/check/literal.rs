//! Values as written, read by the kind of the field that they are compared with.

use rust_decimal::Decimal;
use syncline_grammar::Span;
use syncline_grammar::tree::{Value, ValueKind};

use super::names::{FieldOf, Resolved, labelled_fields};
use super::suggest::{Suggestion, as_option, as_text};
use super::sync::SyncCheck;
use super::types::kind_words;
use crate::data::{FieldKind, Millis, Side, day_from_iso};
use crate::diagnostic::{Code, Finding, Fix};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    /// Text, option or id.
    Text(String),
    Number(Decimal),
    Bool(bool),
    Day(i32),
    Time(i64),
    /// A whole day of moments: from the first to before the last, which is the next day's first.
    Span(i64, i64),
}

/// A value with the place to report; one from a `values` block is reported where the block is named.
#[derive(Clone, Debug)]
pub(super) struct Written<'v> {
    pub span: Span,
    pub kind: &'v ValueKind,
    /// It stands at its place itself.
    pub own: bool,
}

pub(super) fn number(text: &str) -> Option<Decimal> {
    text.parse().ok()
}

/// `2026-01-31T09:30Z` and the like; seconds may be left out.
pub(super) fn moment(text: &str) -> Option<Millis> {
    Millis::from_iso(text).or_else(|| {
        let minutes = text.get(..16)?;
        Millis::from_iso(&format!("{minutes}:00{}", text.get(16..)?))
    })
}

impl<'a> SyncCheck<'a> {
    /// A set with the `values` blocks in it taken apart.
    pub(super) fn expand<'v>(&mut self, values: &'v [Value], resolved: &Resolved<'a>) -> Vec<Written<'v>>
    where
        'a: 'v,
    {
        let mut out = Vec::new();
        for value in values {
            let block = match &value.kind {
                ValueKind::Word(word) if !is_option(&resolved.fields(), word) => self.globals.values.get(word.as_str()),
                _ => None,
            };
            match block {
                Some((_, block)) => {
                    out.extend(block.values.iter().map(|inner| Written {
                        span: value.span,
                        kind: &inner.kind,
                        own: false,
                    }));
                }
                None => out.push(Written { span: value.span, kind: &value.kind, own: true }),
            }
        }
        out
    }

    pub(super) fn literal(
        &mut self,
        kind: FieldKind,
        resolved: &Resolved<'a>,
        value: &Written<'_>,
        in_set: bool,
    ) -> Option<Literal> {
        let before = self.findings.len();
        let literal = self.read(kind, resolved, value, in_set);
        // One of a `values` block is not written where it is reported.
        for finding in self.findings.iter_mut().skip(before).filter(|_| !value.own) {
            finding.fixes.clear();
        }
        literal
    }

    fn read(&mut self, kind: FieldKind, resolved: &Resolved<'a>, value: &Written<'_>, in_set: bool) -> Option<Literal> {
        match (kind, value.kind) {
            (FieldKind::Text | FieldKind::Email | FieldKind::Id, ValueKind::Text(text)) => {
                self.some_text(value.span, text)
            }
            (FieldKind::Text | FieldKind::Email | FieldKind::Id, ValueKind::Word(word)) => {
                self.unquoted(resolved, value.span, word, in_set);
                None
            }
            (FieldKind::Option | FieldKind::Options, ValueKind::Word(word)) => {
                self.option(resolved, value.span, word, true)
            }
            (FieldKind::Option | FieldKind::Options, ValueKind::Text(text)) => {
                self.some_text(value.span, text)?;
                self.option(resolved, value.span, text, false)
            }
            (FieldKind::Option | FieldKind::Options, ValueKind::Number(text)) => {
                let finding = self.wrong_value(kind, resolved, value.span, &format!("`{text}` is a number"));
                let finding = finding.help(format!("options are text: write `\"{text}\"`"));
                self.report(match is_option(&resolved.fields(), text) {
                    true => finding.fix(Fix::write(self.file, value.span, as_text(text)).safe()),
                    false => finding,
                });
                None
            }
            (FieldKind::Number, ValueKind::Number(text)) => match number(text) {
                Some(number) => Some(Literal::Number(number)),
                None => {
                    self.error(Code::BadNumber, value.span, format!("`{text}` has too many digits"));
                    None
                }
            },
            (FieldKind::Bool, ValueKind::Word(word)) if word == "true" || word == "false" => {
                Some(Literal::Bool(word == "true"))
            }
            (FieldKind::Day | FieldKind::Time, ValueKind::Date(text)) => self.date(kind, value.span, text),
            (_, written) => {
                let what = match written {
                    ValueKind::Word(word) => format!("`{word}` is a bare word"),
                    ValueKind::Text(text) => format!("`{text}` is text"),
                    ValueKind::Number(text) => format!("`{text}` is a number"),
                    ValueKind::Date(text) => format!("`{text}` is a date"),
                };
                let finding = self.wrong_value(kind, resolved, value.span, &what);
                let finding = match self.as_the_kind_is_written(kind, written) {
                    Some(text) => finding.fix(Fix::write(self.file, value.span, text).safe()),
                    None => finding,
                };
                self.report(match kind {
                    FieldKind::Bool => finding.help("a checkbox is `true` or `false`"),
                    FieldKind::Day => finding.help("a day is written `2026-01-31`"),
                    FieldKind::Time => finding.help("a moment is written `2026-01-31T09:30Z`"),
                    FieldKind::Number => finding.help("a number is written without quotes: `500` or `10_000`"),
                    FieldKind::Text | FieldKind::Email | FieldKind::Id => finding.help("text stands in double quotes"),
                    _ => finding,
                });
                None
            }
        }
    }

    /// The same value in the form of this kind, where it has one.
    fn as_the_kind_is_written(&self, kind: FieldKind, written: &ValueKind) -> Option<String> {
        match (kind, written) {
            (FieldKind::Number, ValueKind::Text(text)) => number(text).map(|number| number.to_string()),
            (FieldKind::Bool, ValueKind::Text(text) | ValueKind::Word(text)) => {
                let text = text.to_lowercase();
                ["true", "false"].contains(&text.as_str()).then_some(text)
            }
            (FieldKind::Day, ValueKind::Text(text)) => day_from_iso(text).map(|_| text.clone()),
            (FieldKind::Time, ValueKind::Text(text)) => moment(text).map(|_| text.clone()),
            (FieldKind::Text | FieldKind::Email | FieldKind::Id, ValueKind::Number(text) | ValueKind::Date(text)) => {
                Some(as_text(text))
            }
            _ => None,
        }
    }

    fn wrong_value(&self, kind: FieldKind, resolved: &Resolved<'a>, span: Span, what: &str) -> Finding {
        let message = format!("{what}, but `{}` is {}", resolved.name, kind_words(kind));
        Finding::new(Code::WrongValue, self.file, span, message).also(self.file, resolved.span, kind_words(kind))
    }

    fn some_text(&mut self, span: Span, text: &str) -> Option<Literal> {
        if text.trim().is_empty() {
            let finding = Finding::new(Code::EmptyText, self.file, span, "a comparison with empty text");
            self.report(finding.help("write `is blank` or `is known`"));
            return None;
        }
        Some(Literal::Text(text.to_owned()))
    }

    fn unquoted(&mut self, resolved: &Resolved<'a>, span: Span, word: &str, in_set: bool) {
        let blocks = self.globals.values.keys().map(|name| (*name, *name));
        let finding = match self.globals.likeness.suggest(word, blocks) {
            Some(found) if in_set => {
                let message = format!("there is no `values` block `{word}`");
                Finding::new(Code::UnknownValues, self.file, span, message)
                    .help(format!("{} Text stands in double quotes", found.help()))
            }
            Some(Suggestion::Case(name)) if name == word => {
                let message = format!("`{word}` is a set of values");
                let (from, words) = self.set_words(span);
                Finding::new(Code::WrongValue, self.file, span, message)
                    .help(format!("write `{words} {word}`"))
                    .fix(Fix::write(self.file, from, format!("{words} {word}")))
            }
            // It is there, and could not be read: of that is said what is wrong.
            _ if self.globals.is_written_values(word) => {
                let message = format!("the `values` block `{word}` could not be read");
                Finding::new(Code::UnknownValues, self.file, span, message)
            }
            near => {
                let finding =
                    Finding::new(Code::UnquotedText, self.file, span, format!("text without quotes: `{word}`"));
                let help = match near {
                    Some(Suggestion::Case(name)) => format!("; or, of the values `{name}`, `any of {name}`"),
                    Some(Suggestion::Near(names) | Suggestion::Label(names)) => {
                        let name = names.first().copied().unwrap_or_default();
                        format!("; or, of the values `{name}`, `any of {name}`")
                    }
                    None => String::new(),
                };
                finding
                    .help(format!("write `\"{word}\"`{help}"))
                    .fix(Fix::write(self.file, span, as_text(word)).safe_if(self.surely_text(resolved, word)))
            }
        };
        self.report(finding);
    }

    /// Whether a bare word can be nothing but text: no word of the language, no name, nor nearly one. Of an address or an id
    /// a word is only a part, if anything.
    fn surely_text(&self, resolved: &Resolved<'a>, word: &str) -> bool {
        let fields = Side::BOTH.into_iter().flat_map(|side| &self.types[side]).flat_map(|member| {
            let own = [(member.name, member.def.label.as_str())];
            own.into_iter().chain(labelled_fields(member.def))
        });
        let names = fields.chain(self.globals.block_names().map(|name| (name, name)));
        resolved.kind() == FieldKind::Text
            && !word.contains('_')
            && !syncline_grammar::is_keyword(word)
            && self.globals.likeness.suggest(word, names).is_none()
    }

    /// The words before a set in the place of a value, and the place: with the `not` before it.
    fn set_words(&self, value: Span) -> (Span, &'static str) {
        let text = self.globals.texts.get(self.file).map_or("", |file| &file.text);
        let before = text.get(..value.start as usize).unwrap_or("").trim_end();
        match before.strip_suffix("not").filter(|before| before.ends_with(char::is_whitespace)) {
            Some(before) => (Span { start: before.len() as u32, ..value }, "none of"),
            None => (value, "any of"),
        }
    }

    /// Bare words must be options the schema knows. Text in quotes may be another value of an open picklist.
    fn option(&mut self, resolved: &Resolved<'a>, span: Span, text: &str, bare: bool) -> Option<Literal> {
        let fields = resolved.fields();
        let open = fields.iter().any(|field| !field.def.closed);
        if is_option(&fields, text) || (open && !bare) {
            return Some(Literal::Text(text.to_owned()));
        }
        let message = format!("`{text}` is no option of `{}`", resolved.name);
        let finding = Finding::new(Code::NotAnOption, self.file, span, message);
        let options = fields.iter().flat_map(|field| field.def.options.iter());
        let known: Vec<(&str, &str)> = options.map(|o| (o.value.as_str(), o.label.as_str())).collect();
        let finding = match self.globals.likeness.suggest(text, known.iter().copied()) {
            Some(found) => found.into(finding, as_option),
            None if known.is_empty() => finding,
            None => {
                let values: Vec<&str> = known.iter().map(|(value, _)| *value).collect();
                finding.help(format!("its options are {}", super::suggest::few(&values)))
            }
        };
        self.report(finding);
        None
    }

    fn date(&mut self, kind: FieldKind, span: Span, text: &str) -> Option<Literal> {
        let (day, time) = (day_from_iso(text).filter(|_| !text.contains('T')), moment(text));
        match (kind, day, time) {
            (FieldKind::Day, Some(day), _) => Some(Literal::Day(day)),
            (FieldKind::Time, _, Some(time)) => Some(Literal::Time(time.0)),
            (_, None, None) => {
                self.error(Code::BadDate, span, format!("`{text}` is no date"));
                None
            }
            (FieldKind::Day, ..) => {
                let finding = Finding::new(Code::WrongValue, self.file, span, format!("`{text}` is more than a day"));
                self.report(finding.help("a day is written `2026-01-31`"));
                None
            }
            (_, day, _) => {
                let (day, zone) = (day?, self.zone(span)?);
                Some(Literal::Span(zone.start_of(day).0, zone.start_of(day.saturating_add(1)).0))
            }
        }
    }
}

pub(super) fn is_option(fields: &[FieldOf<'_>], text: &str) -> bool {
    fields.iter().any(|field| field.def.options.iter().any(|option| option.value == text))
}
