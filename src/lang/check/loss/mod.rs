//! What can get lost on the way, and whether the row says what happens then: the L codes.

mod handled;
mod risk;
mod told;

use syncline_grammar::tree::{Direction, PickLeftKind, PickRightKind};

use crate::data::{FieldKind, Side, Uid};
use crate::diagnostic::{Code, Finding};
use crate::lang::check::names::Origin;
use crate::lang::check::rows::RowUse;
use crate::lang::check::sync::{SyncCheck, crm};
use crate::lang::plan::{Around, Convert, Converted, Handler, convert, target};
use handled::{fits, handled, misplaced};
use risk::{Carried, Risk};

impl<'a> SyncCheck<'a> {
    pub(super) fn loss(&mut self, rows: &[RowUse<'a>]) {
        for row in rows {
            self.two_handlers(row);
            let (mut all, mut blanks, mut lost) = (Vec::new(), false, Vec::new());
            for side in Side::BOTH {
                if row.writes(side) {
                    let (found, may_be_blank) = self.losses(row, side, &mut lost);
                    all.extend(found);
                    blanks |= may_be_blank;
                }
            }
            let misplaced = misplaced(row, &all);
            for finding in lost {
                let of_length = matches!(finding.code, Code::TooLong | Code::TooPrecise);
                self.report(match misplaced.filter(|_| of_length) {
                    Some(span) => self.instead(finding, span),
                    None => finding,
                });
            }
            self.needless(row, &all, blanks);
            self.dated(row, &all);
            self.substitute(row);
        }
    }

    /// Looks at every pair of types; each kind of loss is reported once per direction. Says what was found, handled or
    /// not, and whether a blank can arrive.
    fn losses(&mut self, row: &RowUse<'a>, side: Side, lost: &mut Vec<Finding>) -> (Vec<Risk>, bool) {
        let from = &row.ends[side.other()];
        let (mut found, mut blanks) = (Vec::new(), false);
        let mut reported: Vec<Code> = Vec::new();
        for to_type in 0..self.types[side].len() {
            let Some(field) = row.target(side, to_type) else { continue };
            for from_type in 0..self.types[side.other()].len() {
                let sources: Vec<Carried<'_>> =
                    from.alternatives().iter().filter_map(|from| Carried::of(from, from_type)).collect();
                if sources.is_empty() {
                    continue;
                }
                let (mut here, mut findings) = (Vec::new(), Vec::new());
                for source in sources.iter().filter(|_| !row.clauses.through_table()) {
                    let found = source.risks(field.def);
                    let lost = found.iter().filter(|risk| !handled(row, risk));
                    findings.extend(lost.map(|risk| self.loss_finding(row, side, risk, source.kind(), field)));
                    here.extend(found);
                }
                let blank = sources.iter().all(Carried::may_be_blank) && !self.table_fills(row, side);
                blanks |= blank;
                if blank && field.def.required && field.def.kind != FieldKind::Bool {
                    if !row
                        .clauses
                        .handlers
                        .iter()
                        .any(|(_, handler)| matches!(handler, Handler::Use(_) | Handler::Skip | Handler::Reject))
                    {
                        findings.push(self.blank_finding(row, side, field));
                    }
                    here.push(Risk::Misfits);
                }
                for finding in findings {
                    if !reported.contains(&finding.code) {
                        reported.push(finding.code);
                        lost.push(finding);
                    }
                }
                found.extend(here);
            }
        }
        (found, blanks)
    }

    /// Whether the row's picklist gives a value where there is none.
    fn table_fills(&self, row: &RowUse<'a>, side: Side) -> bool {
        let table = row.clauses.via.and_then(|at| self.globals.picklists.get(at));
        table.filter(|_| side == Side::Right).is_some_and(|(_, table)| {
            table.rows.iter().any(|row| {
                matches!(row.left.kind, PickLeftKind::Blank)
                    && matches!(row.right.kind, PickRightKind::Value(_))
                    && row.arrow.direction != Direction::ToHubSpot
            })
        })
    }

    fn two_handlers(&mut self, row: &RowUse<'a>) {
        let class = |handler: &Handler| match handler {
            Handler::Truncate => 0,
            Handler::Round => 1,
            Handler::Skip | Handler::Reject => 2,
            Handler::Use(_) => 3,
        };
        for (at, (span, handler)) in row.clauses.handlers.iter().enumerate() {
            let first = row.clauses.handlers.iter().take(at).find(|(_, first)| class(first) == class(handler));
            if let Some((first, _)) = first {
                let finding = Finding::new(Code::TwoHandlers, self.file, *span, "two handlers for one case");
                let fixes = [self.without(*span), self.without(*first)];
                self.report(finding.also(self.file, *first, "the first one").with(fixes.to_vec()));
            }
        }
    }

    fn needless(&mut self, row: &RowUse<'a>, risks: &[Risk], blanks: bool) {
        // There the arrow is wrong, and with it all that follows.
        if Side::BOTH.into_iter().any(|side| row.writes(side) && row.ends[side].is_made()) {
            return;
        }
        let open =
            risks.iter().any(|risk| matches!(risk, Risk::TooLong { .. } | Risk::TooPrecise(..)) && !handled(row, risk));
        for (span, handler) in &row.clauses.handlers {
            let needed = match handler {
                // Said where something else belongs in its place.
                Handler::Truncate | Handler::Round => open || fits(handler, risks),
                Handler::Skip | Handler::Reject => row.clauses.through_table() || !risks.is_empty(),
                Handler::Use(_) => blanks || row.clauses.through_table(),
            };
            if !needed {
                let message = format!("`{}` has nothing to handle", self.written(*span));
                // Not made unasked: it would count again should the schema come to allow more.
                let finding = Finding::new(Code::NeedlessHandler, self.file, *span, message).help("leave it out");
                self.report(finding.fix(self.without(*span)));
            }
        }
    }

    /// `as date` needs a zone, and something to do.
    fn dated(&mut self, row: &RowUse<'a>, risks: &[Risk]) {
        let Some(span) = row.clauses.as_date else { return };
        match risks.contains(&Risk::Days) {
            true => drop(self.zone(span)),
            false => self.report(
                Finding::new(Code::NeedlessForm, self.file, span, "`as date` changes nothing here")
                    .help("leave it out")
                    .fix(self.without(span).safe()),
            ),
        }
    }

    /// Whether a row that says `as date` has a use for it.
    pub(super) fn between_days(&self, row: &RowUse<'a>) -> bool {
        let days = |side: Side, to: usize| {
            let Some(field) = row.target(side, to) else { return false };
            let from = row.ends[side.other()].alternatives();
            let types = 0..self.types[side.other()].len();
            types
                .flat_map(|ty| from.iter().filter_map(move |from| Carried::of(from, ty)))
                .any(|carried| carried.risks(field.def).contains(&Risk::Days))
        };
        let sides = Side::BOTH.into_iter().filter(|side| row.writes(*side));
        row.clauses.as_date.is_some()
            && sides.into_iter().any(|side| (0..self.types[side].len()).any(|ty| days(side, ty)))
    }

    /// Values that the rules themselves give.
    fn substitute(&mut self, row: &RowUse<'a>) {
        let uses = row.clauses.handlers.iter().filter_map(|(span, handler)| match handler {
            Handler::Use(value) => Some((*span, value)),
            _ => None,
        });
        let ends = Side::BOTH.into_iter().flat_map(|side| row.ends[side].alternatives());
        let constants = ends.filter_map(|end| match &end.origin {
            Origin::Constant(value) => Some((end.span, value)),
            _ => None,
        });
        for (span, value) in uses.chain(constants) {
            let fields = Side::BOTH
                .into_iter()
                .flat_map(|side| (0..self.types[side].len()).filter_map(move |ty| Some((side, row.target(side, ty)?))));
            let misfit = fields.into_iter().find(|(side, field)| {
                let target = target(Uid::NONE, field.name, field.def);
                let plain = Convert::default();
                let around = Around { at_creation: true, ..Around::default() };
                !matches!(convert(value.cell(), &plain, &around, *side, &target), Converted::Value(_))
            });
            if let Some((side, field)) = misfit {
                let message = format!("{} does not fit `{}` of {}", value.cell(), field.name, crm(side));
                self.report(Finding::new(Code::WrongSubstitute, self.file, span, message));
            }
        }
    }
}
