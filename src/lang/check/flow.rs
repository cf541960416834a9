//! Who writes what, and who wins: the F codes of rows.

use std::collections::BTreeMap;

use syncline_grammar::Span;
use syncline_grammar::tree::Direction;

use super::names::Origin;
use super::rows::RowUse;
use super::sync::{SyncCheck, crm};
use crate::data::Side;
use crate::diagnostic::{Code, Finding, Fix};
use crate::lang::plan::{Flow, Onto};

impl<'a> SyncCheck<'a> {
    pub(super) fn flow(&mut self, rows: &[RowUse<'a>]) {
        for row in rows {
            self.winner(row);
            self.along_head(row);
            for side in Side::BOTH {
                if row.writes(side) {
                    self.writable(row, side);
                }
            }
        }
        self.written_twice(rows);
    }

    fn winner(&mut self, row: &RowUse<'a>) {
        let span = row.tree.span;
        match (row.flow, row.clauses.winner) {
            // Nothing is replaced, so nobody has to win.
            (Flow::Both, Some(own)) if row.clauses.onto != Onto::Replace => {
                let message = "the row never replaces a value, and has a winner";
                let finding = Finding::new(Code::NeedlessWinner, self.file, own.span, message).help("leave it out");
                self.report(finding.fix(self.without(own.span).safe()));
            }
            (Flow::Both, None) if row.map_winner.is_none() && row.clauses.onto == Onto::Replace => {
                let message = format!("`{}` goes both ways and has no winner", row.ends.left.name);
                let help = "add `newest wins`, `salesforce wins`, `hubspot wins` or `prefer salesforce unless blank`";
                let winners = ["newest wins", "prefer salesforce unless blank", "salesforce wins", "hubspot wins"];
                let fixes = winners.map(|winner| Fix::append(self.file, span, format!("  {winner}")));
                let mut finding = Finding::new(Code::NoWinner, self.file, span, message).help(help);
                // A group has one winner, in its head.
                finding.fixes.extend(fixes.into_iter().filter(|_| row.group.is_none()));
                self.report(finding);
            }
            (Flow::To(side), Some(own)) => {
                let message = format!("the row goes to {} only, and has a winner", crm(side));
                let help = "leave the winner out, or let the row go both ways: `<->`";
                let finding = Finding::new(Code::NeedlessWinner, self.file, own.span, message).help(help);
                self.report(finding.fix(self.without(own.span).safe()));
            }
            _ => {}
        }
    }

    fn along_head(&mut self, row: &RowUse<'a>) {
        let against = match self.tree.arrow.direction {
            Direction::Both => return,
            Direction::ToSalesforce => Side::Left,
            Direction::ToHubSpot => Side::Right,
        };
        if row.writes(against) {
            let message = format!("the row writes to {}", crm(against));
            let mut finding = Finding::new(Code::AgainstHead, self.file, row.tree.arrow.span, message);
            if row.flow == Flow::Both {
                finding = finding.fix(self.one_way(row, against));
            }
            self.report(finding.also(self.file, self.tree.arrow.span, "the sync goes the other way only"));
        }
    }

    fn writable(&mut self, row: &RowUse<'a>, side: Side) {
        let end = &row.ends[side];
        let help = match row.flow {
            Flow::Both if side == Side::Left => "let the row go to Salesforce only: `->`",
            Flow::Both => "let the row go to HubSpot only: `<-`",
            Flow::To(_) => "map to another field",
        };
        let made = match end.origin {
            Origin::FirstKnown(_) => Some("`else` picks one of several fields, and there is no way back"),
            Origin::Constant(_) => Some("a value of the rules cannot be written to"),
            Origin::Composed(_) => Some("a text is put together of fields, and there is no way back"),
            _ => None,
        };
        let turned = (row.flow == Flow::Both).then(|| self.one_way(row, side));
        if let Some(message) = made {
            let finding = Finding::new(Code::OneWayOnly, self.file, end.span, message).help(help);
            self.report(turned.into_iter().fold(finding, Finding::fix));
            return;
        }
        let message = match end.origin {
            Origin::Fields(_) | Origin::FirstKnown(_) | Origin::Constant(_) | Origin::Composed(_) => None,
            Origin::Id(_) | Origin::ReachedId { .. } => {
                Some(format!("`{}` is an id, which only {} gives", end.name, crm(side)))
            }
            Origin::Reached { .. } => Some(format!("`{}` belongs to another record", end.name)),
        };
        if let Some(message) = message {
            let finding = Finding::new(Code::ReadOnly, self.file, end.span, message).help(help);
            self.report(turned.into_iter().fold(finding, Finding::fix));
            return;
        }
        for (ty, member) in self.types[side].clone().iter().enumerate() {
            let Some(field) = end.field(ty) else { continue };
            let name = format!("`{}` of {} {}", field.name, crm(side), member.name);
            let def = field.def;
            let finding = match (def.createable, def.updateable, row.clauses.at_creation) {
                (true, _, true) | (_, true, false) => continue,
                (true, false, false) => Finding::new(
                    Code::CreateOnly,
                    self.file,
                    end.span,
                    format!("{name} can be written only when the record is created"),
                )
                .help("add `at creation`")
                .fix(Fix::append(self.file, row.tree.span, "  at creation")),
                (false, true, true) => Finding::new(
                    Code::ReadOnly,
                    self.file,
                    end.span,
                    format!("{name} cannot be given when the record is created"),
                )
                .help("leave `at creation` out"),
                (false, false, _) => {
                    let message = format!("{name} cannot be written");
                    let finding = Finding::new(Code::ReadOnly, self.file, end.span, message).help(help);
                    turned.into_iter().fold(finding, Finding::fix)
                }
            };
            self.report(finding);
            return;
        }
    }

    /// The text of the file, for what is left out of it.
    pub(super) fn without(&self, span: Span) -> Fix {
        Fix::remove(self.file, span, self.globals.texts.get(self.file).map_or("", |file| &file.text))
    }

    /// The row turned so that it leaves `side` as it is; one way, it has no use for a winner of its own.
    fn one_way(&self, row: &RowUse<'a>, side: Side) -> Fix {
        let arrow = if side == Side::Left { "->" } else { "<-" };
        let fix = Fix::write(self.file, row.tree.arrow.span, arrow);
        match row.clauses.winner {
            Some(own) => self.without(own.span).edits.into_iter().fold(fix, Fix::also),
            None => fix,
        }
    }

    fn written_twice(&mut self, rows: &[RowUse<'a>]) {
        let mut writers: BTreeMap<(Side, usize, &str), Vec<&RowUse<'a>>> = BTreeMap::new();
        let mut found = Vec::new();
        for row in rows {
            for side in Side::BOTH {
                for ty in 0..self.types[side].len() {
                    let Some(field) = row.target(side, ty) else { continue };
                    let known = writers.entry((side, ty, field.name)).or_default();
                    if let Some(first) = known.iter().find(|first| self.meet(first, row, side)) {
                        found.push((*first, row, field.name, side));
                    }
                    known.push(row);
                }
            }
        }
        found.dedup_by_key(|(_, row, ..)| row.tree.span);
        for (first, row, field, side) in found {
            let message = format!("two rows write `{field}` of {}", crm(side));
            let finding = Finding::new(Code::WrittenTwice, self.file, row.tree.span, message);
            self.report(finding.also(self.file, first.tree.span, "the first one"));
        }
    }

    /// Whether both rows can apply to one pair of records: then they share a type on the side that is not written.
    fn meet(&self, a: &RowUse<'a>, b: &RowUse<'a>, side: Side) -> bool {
        let other = side.other();
        (0..self.types[other].len()).any(|ty| a.ends[other].applies(ty) && b.ends[other].applies(ty))
    }
}
