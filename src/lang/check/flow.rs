//! Who writes what, and who wins: the F codes of rows.

use syncline_grammar::Span;
use syncline_grammar::tree::Direction;

use super::names::{Origin, labelled_fields};
use super::rows::RowUse;
use super::suggest::{Suggestion, as_word, join};
use super::sync::{SyncCheck, crm};
use crate::data::{Side, Value};
use crate::diagnostic::{Code, Finding, Fix};
use crate::lang::plan::{Flow, Onto, Winner};

impl<'a> SyncCheck<'a> {
    pub(super) fn flow(&mut self, rows: &[RowUse<'a>]) {
        for row in rows {
            self.winner(row);
            self.stage_forward(row);
            self.along_head(row);
            for side in Side::BOTH {
                if row.writes(side) {
                    self.writable(row, side);
                }
            }
        }
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
                // Whether the winner or the arrow is meant, only the author knows.
                let message = format!("the row goes to {} only, and has a winner", crm(side));
                let help = "leave the winner out, or let the row go both ways: `<->`";
                let finding = Finding::new(Code::NeedlessWinner, self.file, own.span, message).help(help);
                self.report(finding.fix(self.without(own.span)));
            }
            _ => {}
        }
    }

    /// HubSpot moves a lifecycle stage forward only, unless it is cleared first, which rows do not do: it answers that all
    /// is well and leaves the stage as it is.
    fn stage_forward(&mut self, row: &RowUse<'a>) {
        let policy = row.policy();
        let once = row.clauses.at_creation || policy.onto == Onto::IfBlank;
        let stages = (0..self.types.left.len()).filter_map(|ty| row.target(Side::Left, ty));
        let mut stages = stages.filter(|field| field.name == "lifecyclestage" && field.def.ordered);
        if once || policy.winner == Winner::ForwardOnly || stages.next().is_none() {
            return;
        }
        let message = "HubSpot never moves `lifecyclestage` backward, and this row may ask for it";
        let help = match row.flow {
            Flow::Both => "write `forward only` as the row's winner; or let a `lifecycle` move the stage",
            Flow::To(_) => "write `<->` and `forward only`; or let a `lifecycle` move the stage",
        };
        self.report(Finding::new(Code::StageBackward, self.file, row.tree.span, message).help(help));
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
            Origin::ListOf { .. } => Some("a list is gathered from many records, and there is no way back"),
            _ => None,
        };
        if let Origin::Constant(Value::Text(text)) = &end.origin
            && let Some(finding) = self.quoted_name(side, end.span, text)
        {
            self.report(finding);
            return;
        }
        let turned = (row.flow == Flow::Both).then(|| self.one_way(row, side));
        if let Some(message) = made {
            let finding = Finding::new(Code::OneWayOnly, self.file, end.span, message);
            let into = &row.ends[side.other()].name;
            let finding = match (&end.origin, row.flow) {
                (Origin::Constant(_), Flow::Both) => {
                    let arrow = if side == Side::Left { "->" } else { "<-" };
                    finding.help(format!("`{arrow}` writes {} into `{into}` of every record", end.name))
                }
                _ => finding.help(help),
            };
            self.report(turned.into_iter().fold(finding, Finding::fix));
            return;
        }
        let message = match end.origin {
            Origin::Fields(_)
            | Origin::FirstKnown(_)
            | Origin::Constant(_)
            | Origin::Composed(_)
            | Origin::ListOf { .. } => None,
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

    /// A text in quotes where only a field can stand, which is the name or the label of one.
    fn quoted_name(&self, side: Side, span: Span, text: &str) -> Option<Finding> {
        let types = &self.types[side];
        let known = types.iter().flat_map(|member| labelled_fields(member.def));
        let found = self.globals.likeness.suggest(text, known)?;
        let types: Vec<&str> = types.iter().map(|member| member.name).collect();
        let message = match &found {
            Suggestion::Case(_) => {
                format!("the name of a field of {} {} stands in quotes", crm(side), join(&types, "or"))
            }
            Suggestion::Label(_) => format!("a label of {} {} stands in quotes", crm(side), join(&types, "or")),
            Suggestion::Near(_) => format!("a text in quotes is a value, and {} needs a field here", crm(side)),
        };
        let help = match &found {
            Suggestion::Case(name) => format!("write `{}`", as_word(name)),
            found => found.help(),
        };
        Some(found.fixes(Finding::new(Code::QuotedName, self.file, span, message), as_word).help(help))
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
}
