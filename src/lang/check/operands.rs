//! The ends of a map row: fields, one per record type, the first known of several, constants, text with fields in it.

use syncline_grammar::Span;
use syncline_grammar::tree::{Join, Name, Operand, OperandKind, Operands, Path};

use super::checked::CheckedSource;
use super::names::{FieldOf, Look, Origin, Resolved};
use super::sync::SyncCheck;
use crate::data::{FieldKind, Side, Value};
use crate::diagnostic::{Code, Finding};
use crate::lang::plan::{Piece, SlotId};

/// A part of a text with fields in it.
#[derive(Clone, Debug)]
pub(super) enum Part<'a> {
    Text(String),
    Value(Resolved<'a>),
}

impl<'a> SyncCheck<'a> {
    pub(super) fn end(&mut self, side: Side, operands: &Operands) -> Option<Resolved<'a>> {
        match operands.join {
            Join::PerObject if operands.list.iter().any(is_list) => self.operand(side, operands, 0),
            Join::PerObject => {
                let paths: Vec<&Path> = operands.list.iter().filter_map(field).collect();
                self.per_type(side, operands.span, &paths)
            }
            Join::One => self.operand(side, operands, 0),
            Join::Else => {
                let found: Vec<Option<Resolved<'a>>> =
                    (0..operands.list.len()).map(|at| self.operand(side, operands, at)).collect();
                let found: Vec<Resolved<'a>> = found.into_iter().collect::<Option<_>>()?;
                let name = found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(" else ");
                Some(Resolved { side, name, span: operands.span, origin: Origin::FirstKnown(found) })
            }
        }
    }

    fn operand(&mut self, side: Side, operands: &Operands, at: usize) -> Option<Resolved<'a>> {
        let operand = operands.list.get(at)?;
        let span = operand.span;
        match &operand.kind {
            OperandKind::Field(path) => self.resolve(Look::fixed(side), path),
            OperandKind::Number(text) => match super::literal::number(text) {
                Some(number) => {
                    let origin = Origin::Constant(Value::Num(number.normalize()));
                    Some(Resolved { side, name: text.clone(), span, origin })
                }
                None => {
                    self.error(Code::BadNumber, span, format!("`{text}` has too many digits"));
                    None
                }
            },
            OperandKind::Text(text) => {
                let parts = self.parts(side, span, text)?;
                let origin = match parts.as_slice() {
                    [] => {
                        let finding = Finding::new(Code::EmptyText, self.file, span, "the text is empty");
                        self.report(finding.help("write the text, or leave the row out"));
                        return None;
                    }
                    [Part::Text(text)] => Origin::Constant(Value::text(text.trim())),
                    _ => Origin::Composed(parts),
                };
                Some(Resolved { side, name: format!("\"{text}\""), span, origin })
            }
            OperandKind::ListOf(path) => self.list_of(side, operands, at, path),
        }
    }

    /// `Back on {page_title}`, taken apart.
    fn parts(&mut self, side: Side, span: Span, text: &str) -> Option<Vec<Part<'a>>> {
        let (mut parts, mut rest, mut whole) = (Vec::new(), text, true);
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            let Some((inner, after)) = from.strip_prefix('{').and_then(|inner| inner.split_once('}')) else {
                self.not_a_field(span, "a brace stands alone");
                return None;
            };
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            match self.named_in_text(side, span, inner) {
                Some(value) => parts.push(Part::Value(value)),
                None => whole = false,
            }
            rest = after;
        }
        if !rest.trim().is_empty() || (!rest.is_empty() && !parts.is_empty()) {
            parts.push(Part::Text(rest.to_owned()));
        }
        whole.then_some(parts)
    }

    fn named_in_text(&mut self, side: Side, span: Span, inner: &str) -> Option<Resolved<'a>> {
        let at = self.inside(span, inner);
        let names: Vec<Name> =
            inner.split('.').map(|part| Name { span: at, text: part.trim().trim_matches('`').to_owned() }).collect();
        let is_word = |name: &Name| !name.text.is_empty() && name.text.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !names.iter().all(is_word) {
            self.not_a_field(at, &format!("`{inner}` is no name of a field"));
            return None;
        }
        let before = self.findings.len();
        let single = names.len() == 1 && at != span;
        let found = self.resolve(Look::fixed(side), &Path { span: at, parts: names });
        // The place of each name in the text is known where it is the only one.
        for finding in self.findings.iter_mut().skip(before).filter(|_| !single) {
            finding.fixes.clear();
        }
        found
    }

    /// Where the name stands in the text, if it is written there as it is.
    fn inside(&self, span: Span, inner: &str) -> Span {
        let text = self.globals.texts.get(self.file).map_or("", |file| span.slice(&file.text));
        let at = text.find(&format!("{{{inner}}}")).and_then(|at| u32::try_from(at + 1).ok());
        match (at, u32::try_from(inner.len())) {
            (Some(at), Ok(length)) => Span { start: span.start + at, end: span.start + at + length },
            _ => span,
        }
    }

    fn not_a_field(&mut self, span: Span, message: &str) {
        let finding = Finding::new(Code::BadFieldInText, self.file, span, message);
        self.report(finding.help("a text names a field as `{field}`; braces have no other use in it"));
    }

    /// `Lead.Street, Contact.MailingStreet`
    fn per_type(&mut self, side: Side, span: Span, paths: &[&Path]) -> Option<Resolved<'a>> {
        let mut fields: Vec<Option<FieldOf<'a>>> = vec![None; self.types[side].len()];
        let mut whole = true;
        for path in paths {
            let Some(resolved) = self.resolve(Look::fixed(side), path) else {
                whole = false;
                continue;
            };
            let Origin::Fields(found) = &resolved.origin else {
                self.unbuilt(path.span, "references and record ids after a comma");
                whole = false;
                continue;
            };
            for (ty, field) in found.iter().enumerate().filter_map(|(ty, field)| Some((ty, (*field)?))) {
                let Some(place) = fields.get_mut(ty) else { continue };
                if let Some(first) = place {
                    let message = format!("`{}` and `{}` are fields of the same records", first.name, path.text());
                    let finding = Finding::new(Code::TwoForOneType, self.file, path.span, message);
                    self.report(finding.help("name one field for each record type in the head"));
                    whole = false;
                    break;
                }
                *place = Some(field);
            }
        }
        let name = paths.iter().map(|path| path.text()).collect::<Vec<_>>().join(", ");
        whole.then_some(Resolved { side, name, span, origin: Origin::Fields(fields) })
    }

    /// The slot of a row's end. What is made of other values comes after them.
    pub(super) fn slot(&mut self, resolved: &Resolved<'a>) -> SlotId {
        let (kind, source) = match &resolved.origin {
            Origin::FirstKnown(found) => {
                (resolved.kind(), CheckedSource::FirstKnown(found.iter().map(|one| self.slot(one)).collect()))
            }
            Origin::Constant(value) => (resolved.kind(), CheckedSource::Constant(value.clone())),
            Origin::Composed(parts) => {
                let pieces = parts.iter().map(|part| match part {
                    Part::Text(text) => Piece::Text(text.as_str().into()),
                    Part::Value(value) => Piece::Value(self.slot(value)),
                });
                (FieldKind::Text, CheckedSource::Composed(pieces.collect()))
            }
            _ => (resolved.kind(), resolved.source()),
        };
        self.slot_for(resolved.name.clone(), kind, source)
    }
}

fn is_list(operand: &Operand) -> bool {
    matches!(operand.kind, OperandKind::ListOf(_))
}

fn field(operand: &Operand) -> Option<&Path> {
    match &operand.kind {
        OperandKind::Field(path) => Some(path),
        _ => None,
    }
}
