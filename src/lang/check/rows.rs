//! Map rows: both ends found in the schema, clauses sorted out.

use syncline_grammar::Span;
use syncline_grammar::tree::{
    self, ClauseKind, Direction, HandlerKind, Join, OperandKind, Operands, Path, Row, WinnerKind,
};

use super::checked::CheckedLine;
use super::names::{FieldOf, Look, Origin, Resolved};
use super::suggest::suggest;
use super::sync::{SyncCheck, side_of};
use super::types::use_value;
use crate::data::{BySide, Side};
use crate::diagnostic::{Code, Finding};
use crate::lang::plan::{Flow, Handler, Winner};

/// A row with its schema: what the checks of flow, loss and picklists look at.
pub(super) struct RowUse<'a> {
    pub tree: &'a Row,
    pub ends: BySide<Resolved<'a>>,
    pub flow: Flow,
    pub map_winner: Option<tree::Winner>,
    pub clauses: Clauses,
}

#[derive(Default)]
pub(super) struct Clauses {
    pub winner: Option<tree::Winner>,
    pub handlers: Vec<(Span, Handler)>,
    /// Index into the picklists.
    pub via: Option<usize>,
    pub at_creation: bool,
}

impl<'a> RowUse<'a> {
    pub(super) fn writes(&self, side: Side) -> bool {
        self.flow == Flow::Both || self.flow == Flow::To(side)
    }

    /// The fields that the row writes on a side, per type.
    pub(super) fn target(&self, side: Side, ty: usize) -> Option<FieldOf<'a>> {
        match self.ends[side].origin {
            Origin::Fields(_) if self.writes(side) => self.ends[side].field(ty),
            _ => None,
        }
    }

    fn winner(&self) -> Winner {
        match (self.flow, self.clauses.winner.or(self.map_winner).map(|winner| winner.kind)) {
            (Flow::To(side), _) => Winner::Wins(side.other()),
            (Flow::Both, Some(WinnerKind::NewestRecord)) => Winner::NewestRecord,
            (Flow::Both, Some(WinnerKind::Side(side))) => Winner::Wins(side_of(side)),
            (Flow::Both, Some(WinnerKind::Prefer(side))) => Winner::Prefer(side_of(side)),
            (Flow::Both, _) => Winner::Newest,
        }
    }
}

impl<'a> SyncCheck<'a> {
    pub(super) fn rows(&mut self) -> Vec<RowUse<'a>> {
        let rows = self.map_rows();
        rows.into_iter().filter_map(|(row, winner)| self.row(row, winner)).collect()
    }

    fn row(&mut self, row: &'a Row, map_winner: Option<tree::Winner>) -> Option<RowUse<'a>> {
        if super::unbuilt::in_row(row) {
            return None;
        }
        let left = self.end(Side::Left, &row.left);
        let right = self.end(Side::Right, &row.right);
        let clauses = self.clauses(row);
        let (left, right, clauses) = (left?, right?, clauses?);
        let flow = match row.arrow.direction {
            Direction::Both => Flow::Both,
            Direction::ToSalesforce => Flow::To(Side::Right),
            Direction::ToHubSpot => Flow::To(Side::Left),
        };
        let ends = BySide::new(left, right);
        Some(RowUse { tree: row, ends, flow, map_winner, clauses })
    }

    fn end(&mut self, side: Side, operands: &Operands) -> Option<Resolved<'a>> {
        let paths: Vec<&Path> = operands
            .list
            .iter()
            .filter_map(|operand| match &operand.kind {
                OperandKind::Field(path) => Some(path),
                _ => None,
            })
            .collect();
        match (operands.join, paths.as_slice()) {
            (Join::PerObject, paths) => self.per_type(side, operands.span, paths),
            (_, [path]) => self.resolve(Look::fixed(side), path),
            _ => None,
        }
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

    fn clauses(&mut self, row: &Row) -> Option<Clauses> {
        let (mut clauses, mut whole) = (Clauses::default(), true);
        for clause in &row.clauses {
            match &clause.kind {
                ClauseKind::Winner(own) => clauses.winner = Some(*own),
                ClauseKind::Via(path) => match self.table(path) {
                    Some(table) => clauses.via = Some(table),
                    None => whole = false,
                },
                ClauseKind::AtCreation => clauses.at_creation = true,
                ClauseKind::Or(handler) => {
                    let kind = match &handler.kind {
                        HandlerKind::Truncate => Handler::Truncate,
                        HandlerKind::Round => Handler::Round,
                        HandlerKind::Skip => Handler::Skip,
                        HandlerKind::Reject => Handler::Reject,
                        HandlerKind::Wait => continue,
                        HandlerKind::Use(value) => match use_value(&value.kind) {
                            Some(value) => Handler::Use(value),
                            None => {
                                self.error(Code::BadNumber, value.span, "the value cannot be read");
                                whole = false;
                                continue;
                            }
                        },
                    };
                    clauses.handlers.push((handler.span, kind));
                }
                _ => {}
            }
        }
        whole.then_some(clauses)
    }

    fn table(&mut self, path: &Path) -> Option<usize> {
        let name = path.single()?;
        if let Some(at) = self.globals.picklist_index.get(name.text.as_str()) {
            return Some(*at);
        }
        if let Some(kind) = self.globals.other_tables.get(name.text.as_str()) {
            self.unbuilt(path.span, &format!("`via` a block of `{kind}`"));
            return None;
        }
        let known = self.globals.picklist_index.keys().map(|name| (*name, *name));
        let finding =
            Finding::new(Code::UnknownTable, self.file, path.span, format!("there is no picklist `{}`", name.text));
        self.report(match suggest(&name.text, known) {
            Some(found) => finding.help(found.help()),
            None => finding.help(format!("write it: `picklist {} {{ … }}`", name.text)),
        });
        None
    }

    /// The row as the plan takes it. Its identity names both ends: agreed values of one field say nothing of another.
    pub(super) fn line(&mut self, row: &RowUse<'a>, rows: &[RowUse<'a>]) -> CheckedLine {
        let (left, right) = (&row.ends.left.name, &row.ends.right.name);
        let sync = &self.tree.name.text;
        let identity = format!("{sync}.{left} = {right}");
        let alone = rows.iter().filter(|other| other.ends.left.name == *left).count() == 1;
        let name = if alone { format!("{sync}.{left}") } else { identity.clone() };
        let targets = |side: Side| {
            (0..self.types[side].len()).map(|ty| row.target(side, ty).map(|field| field.name.to_owned())).collect()
        };
        CheckedLine {
            rule: self.rule(identity, name, row.tree.span),
            targets: BySide::new(targets(Side::Left), targets(Side::Right)),
            slots: BySide::new(self.slot(&row.ends.left), self.slot(&row.ends.right)),
            flow: row.flow,
            winner: row.winner(),
            via: row.clauses.via,
            handlers: row.clauses.handlers.iter().map(|(_, handler)| handler.clone()).collect(),
            at_creation: row.clauses.at_creation,
        }
    }
}
