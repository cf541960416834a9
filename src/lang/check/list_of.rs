//! `list of CampaignMember.CampaignId`: one field of all records that refer to a member, as a set of values.

use syncline_grammar::tree::{ClauseKind, Name, Operands, Path};

use super::checked::{CheckedCount, CheckedSlot, CheckedSource};
use super::names::{FieldOf, Origin, Resolved, field_of};
use super::rows::RowUse;
use super::sync::{MemberType, SyncCheck};
use crate::data::{FieldKind, Side};
use crate::diagnostic::{Code, Finding};
use crate::lang::plan::{Cond, CountTest};
use crate::lang::schema::FieldDef;

const EXAMPLE: &str = "`list of CampaignMember.CampaignId`";

impl<'a> SyncCheck<'a> {
    pub(super) fn list_of(&mut self, side: Side, operands: &Operands, at: usize, path: &Path) -> Option<Resolved<'a>> {
        let span = operands.list.get(at)?.span;
        if operands.list.len() > 1 {
            let finding = Finding::new(Code::BadList, self.file, span, "a list stands alone on its side of a row");
            self.report(finding.help("write a row of its own for it"));
            return None;
        }
        let (of, reference, field) = match path.parts.as_slice() {
            [of, field] => (of, None, field),
            [of, reference, field] => (of, Some(reference), field),
            [_] => {
                let message = format!("`{}` names no field", path.text());
                let finding = Finding::new(Code::BadList, self.file, path.span, message);
                self.report(finding.help(format!("write the record type and the field: {EXAMPLE}")));
                return None;
            }
            _ => {
                self.unbuilt(path.span, "names over several references");
                return None;
            }
        };
        let of = Path { span: of.span, parts: vec![of.clone()] };
        let referring = self.counted_type(side, &of)?;
        let help = match side {
            Side::Right => "name records that refer to those of the head, and a field of them",
            Side::Left => {
                "of HubSpot's associations the one that a property tells is read: the primary company of a contact"
            }
        };
        let ways = self.ways(side, referring, &of, None, help)?;
        let (onward, held) = match reference {
            Some(reference) => {
                let (field, to) = self.onward(side, referring, reference)?;
                (Some((field, to.name.to_owned())), to)
            }
            None => (None, referring),
        };
        let (kind, source, of_field) = self.listed(side, held, field)?;
        let through = ways.iter().map(Option::is_some).collect();
        let slots = vec![CheckedSlot { name: path.text(), kind, source }];
        let referring = (referring.name.to_owned(), ways);
        let list = CheckedCount { side, referring, onward, slots, test: CountTest::Values, filter: Cond::Always };
        let count = self.counted(list);
        Some(Resolved {
            side,
            name: self.written(span),
            span,
            origin: Origin::ListOf { count, through, field: of_field },
        })
    }

    /// The field through which a referring record names another one, and that one's type.
    fn onward(&mut self, side: Side, from: MemberType<'a>, name: &Name) -> Option<(String, MemberType<'a>)> {
        let Some(reference) = from.def.references.get(&name.text) else {
            let finding = self.no_such_reference(side, &[from], name);
            self.report(finding);
            return None;
        };
        let to = Path { span: name.span, parts: vec![Name { span: name.span, text: reference.to.clone() }] };
        Some((reference.field.clone(), self.counted_type(side, &to)?))
    }

    fn listed(
        &mut self,
        side: Side,
        of: MemberType<'a>,
        name: &Name,
    ) -> Option<(FieldKind, CheckedSource, Option<FieldOf<'a>>)> {
        if of.def.id == name.text {
            return Some((FieldKind::Id, CheckedSource::RecordId { side, types: vec![true] }, None));
        }
        let Some(field) = field_of(of.def, &name.text) else {
            let finding = self.no_field_of(side, of.name, of.def, name);
            self.report(finding);
            return None;
        };
        let source = CheckedSource::Field { side, fields: vec![Some(field.name.to_owned())] };
        Some((field.def.kind, source, Some(field)))
    }

    /// What a list cannot go through.
    pub(super) fn through_no_table(&mut self, row: &RowUse<'a>) {
        let listed = Side::BOTH.into_iter().any(|side| matches!(row.ends[side].origin, Origin::ListOf { .. }));
        let one = row.clauses.place.is_some() || row.clauses.owners.is_some();
        let via = row.tree.clauses.iter().find(|clause| matches!(clause.kind, ClauseKind::Via(_)));
        if let (true, true, Some(via)) = (listed, one, via) {
            let message = "a place and an owner are one value each, and this is a list of them";
            self.error(Code::ClausesClash, via.span, message);
        }
    }
}

/// What a list holds, as a field: several values of the listed one's, however many.
pub(super) fn as_field(name: &str, listed: Option<FieldOf<'_>>) -> FieldDef {
    let options = listed.filter(|field| matches!(field.def.kind, FieldKind::Option | FieldKind::Options));
    FieldDef {
        kind: FieldKind::Options,
        closed: options.is_some_and(|field| field.def.closed),
        options: options.map_or_else(Vec::new, |field| field.def.options.clone()),
        ..FieldDef::text(name, None)
    }
}
