//! Comparisons of text that read well and mean something else: placeholders, parts of addresses, ends of domains.

use syncline_grammar::tree::{Op, OpKind, Quantifier, Text, TextTest, Value, ValueKind};

use super::literal::{Literal, Written};
use super::suggest::{as_text, few};
use super::sync::SyncCheck;
use crate::data::FieldKind;
use crate::diagnostic::{Code, Finding, Fix};
use crate::lang::plan::is_valid_email;

/// What a text with a placeholder at an end was meant to ask.
fn meant(text: &str) -> Option<(&'static str, &str)> {
    let first = text.strip_prefix('*');
    let inner = first.unwrap_or(text);
    let last = inner.strip_suffix('*');
    let inner = last.unwrap_or(inner);
    let words = match (first, last) {
        (Some(_), Some(_)) => "contains",
        (Some(_), None) => "ends with",
        (None, Some(_)) => "starts with",
        (None, None) => return None,
    };
    (!inner.is_empty() && !inner.contains('*')).then_some((words, inner))
}

impl<'a> SyncCheck<'a> {
    /// `written` and `literals` are the same values, before and after they were read by the kind of the field.
    pub(super) fn traps(&mut self, kind: FieldKind, op: &Op, written: &[Written<'_>], literals: &[Literal]) {
        if !matches!(kind, FieldKind::Text | FieldKind::Email) {
            return;
        }
        let texts: Vec<(&Written<'_>, &str)> = written
            .iter()
            .zip(literals)
            .filter_map(|(written, literal)| match literal {
                Literal::Text(text) => Some((written, text.trim())),
                _ => None,
            })
            .collect();
        let starred: Vec<(&Written<'_>, &str)> =
            texts.iter().filter(|(_, text)| meant(text).is_some()).copied().collect();
        if let Some((first, text)) = starred.first() {
            return self.wildcard(op, first, text);
        }
        if kind != FieldKind::Email {
            return;
        }
        match &op.kind {
            OpKind::Is { .. } | OpKind::AnyOf { .. } => {
                self.whole_address(op, texts.iter().filter(|(_, text)| !is_valid_email(text)).copied().collect());
            }
            OpKind::Text { test: TextTest::EndsWith, .. } => {
                let open = texts
                    .iter()
                    .filter(|(_, text)| text.contains('.') && !text.contains('@') && !text.starts_with('.'));
                self.domain_end(open.copied().collect());
            }
            _ => {}
        }
    }

    fn wildcard(&mut self, op: &Op, value: &Written<'_>, text: &str) {
        let Some((words, inner)) = meant(text) else { return };
        let asked = format!("{words} {}", as_text(inner));
        let message = "`*` is no placeholder: it stands for itself";
        let finding =
            Finding::new(Code::WildcardInText, self.file, value.span, message).help(format!("write `{asked}`"));
        // One value by itself; a list would have to become several conditions.
        let alone = matches!(
            op.kind,
            OpKind::Is { negated: false, .. } | OpKind::Exactly(_) | OpKind::Text { quantifier: Quantifier::One, .. }
        );
        self.report(match alone && value.own {
            true => finding.fix(Fix::write(self.file, op.span, asked)),
            false => finding,
        });
    }

    /// What is compared with whole addresses and is none.
    fn whole_address(&mut self, op: &Op, found: Vec<(&Written<'_>, &str)>) {
        let Some((first, text)) = found.first() else { return };
        let texts: Vec<&str> = found.iter().map(|(_, text)| *text).collect();
        let message = match texts.len() {
            1 => format!("no e-mail address is `{text}`"),
            _ => format!("no e-mail address is one of {}", few(&texts)),
        };
        let words = if text.starts_with('@') { "ends with" } else { "contains" };
        let finding = Finding::new(Code::NotAnAddress, self.file, first.span, message);
        let finding =
            finding.help(format!("write the whole address, or ask for a part of it: `{words} {}`", as_text(text)));
        let alone = matches!(op.kind, OpKind::Is { negated: false, .. }) && first.own;
        self.report(match alone && text.starts_with('@') {
            true => finding.fix(Fix::write(self.file, op.span, format!("{words} {}", as_text(text)))),
            false => finding,
        });
    }

    /// Ends of addresses that other domains have, too.
    fn domain_end(&mut self, found: Vec<(&Written<'_>, &str)>) {
        let Some((first, text)) = found.first() else { return };
        let texts: Vec<&str> = found.iter().map(|(_, text)| *text).collect();
        let message = match texts.len() {
            1 => format!("addresses of other domains end with `{text}`, too: `bob@big{text}`"),
            _ => format!("addresses of other domains end with {}, too: `bob@big{text}`", few(&texts)),
        };
        let help = format!("write `\"@{text}\"`; with the sub-domains, `any of \"@{text}\", \".{text}\"`");
        let mut finding = Finding::new(Code::OtherDomains, self.file, first.span, message).help(help);
        // Of a `values` block other conditions may ask something else.
        if found.iter().all(|(written, _)| written.own) {
            let mut fixes =
                found.iter().map(|(written, text)| Fix::write(self.file, written.span, as_text(&format!("@{text}"))));
            let fix = fixes.next().map(|first| fixes.flat_map(|fix| fix.edits).fold(first, Fix::also));
            finding = fix.into_iter().fold(finding, Finding::fix);
        }
        self.report(finding);
    }
}

/// `is exactly`, whose value is a text by the grammar.
pub(super) fn one_text(value: &Text) -> Value {
    Value { span: value.span, kind: ValueKind::Text(value.text.clone()) }
}
