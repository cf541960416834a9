//! Clauses of a row that cannot stand together, or not where they stand: the F codes from 515 on.

use syncline_grammar::Span;
use syncline_grammar::tree::{Clause, ClauseKind, Cleared, WinnerKind};

use super::names::Origin;
use super::rows::RowUse;
use super::sync::{SyncCheck, crm, side_of};
use crate::data::{BySide, FieldKind, Side};
use crate::diagnostic::{Code, Finding};
use crate::lang::plan::{Flow, OnClear, Onto, Policy, Winner};

impl<'a> SyncCheck<'a> {
    pub(super) fn clause_rules(&mut self, rows: &[RowUse<'a>]) {
        for row in rows {
            self.clauses_clash(row);
            self.through_no_table(row);
            self.sets(row);
            self.clears(row);
            if row.group.is_some() {
                self.in_together(row, rows);
            }
        }
    }

    fn clauses_clash(&mut self, row: &RowUse<'a>) {
        let mut seen: Vec<(&str, &Clause)> = Vec::new();
        for clause in &row.tree.clauses {
            let Some(what) = question(&clause.kind) else { continue };
            match seen.iter().find(|(known, _)| *known == what) {
                Some((_, first)) => {
                    let message = format!("a second answer to {what}");
                    let finding = Finding::new(Code::ClausesClash, self.file, clause.span, message);
                    let span = first.span;
                    self.report(finding.also(self.file, span, "the first one"));
                }
                None => seen.push((what, clause)),
            }
        }
        let source = match row.flow {
            Flow::To(side) => &row.ends[side.other()],
            Flow::Both => return,
        };
        let via = row.tree.clauses.iter().find(|clause| matches!(clause.kind, ClauseKind::Via(_)));
        let written =
            source.alternatives().iter().any(|one| matches!(one.origin, Origin::Constant(_) | Origin::Composed(_)));
        if let (true, Some(via)) = (written, via) {
            let message = "a text of the rules goes through no table";
            let finding = Finding::new(Code::ClausesClash, self.file, via.span, message);
            self.report(finding.help("write the value that the target takes"));
        }
    }

    /// `merge values` and `add only` need multi-selects.
    fn sets(&mut self, row: &RowUse<'a>) {
        let policy = row.policy();
        // A group cannot have either, which is said of it.
        if !policy.by_value() || row.group.is_some() {
            return;
        }
        let (clause, both) = match policy.onto {
            Onto::AddOnly => ("add only", false),
            _ => ("merge values", true),
        };
        let one = Side::BOTH.into_iter().filter(|side| both || row.writes(*side)).find_map(|side| {
            let fields = row.ends[side].fields();
            let one = fields.iter().find(|field| field.def.kind != FieldKind::Options)?;
            Some(format!("`{}` of {} is {}", one.name, crm(side), super::types::kind_words(one.def.kind)))
        });
        if let Some(one) = one {
            let message = format!("`{clause}` needs a multi-select, and {one}");
            self.error(Code::NotASet, row.tree.span, message);
        }
    }

    fn clears(&mut self, row: &RowUse<'a>) {
        let policy = row.policy();
        for clause in &row.tree.clauses {
            let ClauseKind::OnClear { side, cleared } = &clause.kind else { continue };
            let against = sides(*side).into_iter().find_map(|side| match (policy.flow, cleared) {
                (Flow::To(target), Cleared::Pass) if target == side => Some((side, target.other())),
                (Flow::To(target), Cleared::Restore) if target != side => Some((side, side)),
                _ => None,
            });
            let message = if policy.by_value() {
                "values are added and taken away one by one: a clear is nothing special".to_owned()
            } else if row.clauses.at_creation {
                "nothing is cleared in the call that creates the record".to_owned()
            } else if policy.onto == Onto::IfBlank && *cleared == Cleared::Pass {
                "`if blank` never replaces a known value, and a blank neither".to_owned()
            } else if let Some((cleared, target)) = against {
                format!("a clear in {} would have to write to {}, and the row does not", crm(cleared), crm(target))
            } else {
                continue;
            };
            self.report(
                Finding::new(Code::NoSuchClear, self.file, clause.span, message)
                    .help("name the side: `on hubspot clear …`; or leave it out"),
            );
        }
    }

    /// What a group decides as one, its rows cannot say one by one.
    fn in_together(&mut self, row: &RowUse<'a>, rows: &[RowUse<'a>]) {
        let own = row
            .tree
            .clauses
            .iter()
            .find(|clause| !matches!(clause.kind, ClauseKind::Via(_) | ClauseKind::Or(_) | ClauseKind::As(_)));
        if let Some(clause) = own {
            let message = format!("`{}` cannot stand on one row of a `together`", self.written(clause.span));
            let help = match clause.kind {
                ClauseKind::Winner(_) => "write the winner behind the name of the group",
                ClauseKind::When(_) => "write it in the head of a `map`",
                _ => "take the row out of the group",
            };
            self.report(Finding::new(Code::NotInTogether, self.file, clause.span, message).help(help));
        }
        let Some(first) = rows.iter().find(|other| other.group == row.group) else { return };
        if first.flow != row.flow {
            let message = "the rows of a `together` all go the same way";
            let finding = Finding::new(Code::NotInTogether, self.file, row.tree.arrow.span, message);
            self.report(finding.also(self.file, first.tree.arrow.span, "the first row"));
        }
        let word = match row.policy().winner {
            Winner::MergeValues => "merge values",
            Winner::ForwardOnly => "forward only",
            _ => return,
        };
        if std::ptr::eq(first.tree, row.tree) && own.is_none() {
            let message = format!("`{word}` is about one field, and cannot decide for a group");
            self.error(Code::NotInTogether, row.winner_span(), message);
        }
    }
}

impl<'a> RowUse<'a> {
    pub(super) fn policy(&self) -> Policy {
        let winner = self.clauses.winner.or(self.map_winner).map(|winner| winner.kind);
        let winner = match (self.flow, winner) {
            (Flow::To(side), _) => Winner::Wins(side.other()),
            (Flow::Both, Some(WinnerKind::NewestRecord)) => Winner::NewestRecord,
            (Flow::Both, Some(WinnerKind::Side(side))) => Winner::Wins(side_of(side)),
            (Flow::Both, Some(WinnerKind::Prefer(side))) => Winner::Prefer(side_of(side)),
            (Flow::Both, Some(WinnerKind::MergeValues)) => Winner::MergeValues,
            (Flow::Both, Some(WinnerKind::ForwardOnly)) => Winner::ForwardOnly,
            (Flow::Both, Some(WinnerKind::AskFirst)) => Winner::AskFirst,
            (Flow::Both, Some(WinnerKind::Newest) | None) => Winner::Newest,
        };
        let mut policy = Policy::new(self.flow, winner, self.clauses.onto);
        for side in Side::BOTH {
            if let Some(clear) = self.clauses.clear[side] {
                policy.clear[side] = clear;
            }
        }
        policy
    }

    /// The clause that says who wins, or else the row.
    pub(super) fn winner_span(&self) -> Span {
        self.clauses.winner.or(self.map_winner).map_or(self.tree.span, |winner| winner.span)
    }
}

/// What a clause answers, of which a row has one answer.
fn question(kind: &ClauseKind) -> Option<&'static str> {
    Some(match kind {
        ClauseKind::Winner(_) => "who wins",
        ClauseKind::Via(_) => "which table is used",
        ClauseKind::As(_) => "what the value is read as",
        ClauseKind::AtCreation | ClauseKind::IfBlank | ClauseKind::AddOnly => "when the row writes",
        ClauseKind::IfCurrencyDiffers(_) => "what happens when currencies differ",
        ClauseKind::When(_) => "whether the row is there",
        ClauseKind::OnClear { side: Some(syncline_grammar::tree::Side::HubSpot), .. } => "what a clear in HubSpot does",
        ClauseKind::OnClear { side: Some(_), .. } => "what a clear in Salesforce does",
        ClauseKind::OnClear { side: None, .. } => "what a clear does",
        ClauseKind::Or(_) => return None,
    })
}

/// The side that a clause names, or both.
pub(super) fn sides(side: Option<syncline_grammar::tree::Side>) -> Vec<Side> {
    side.map_or_else(|| Side::BOTH.to_vec(), |side| vec![side_of(side)])
}

/// What `on … clear` says, per side: a side that is named counts more than both.
pub(super) fn clear_clauses(clauses: &[Clause]) -> BySide<Option<OnClear>> {
    let mut clear = BySide::default();
    for named in [false, true] {
        for clause in clauses {
            let ClauseKind::OnClear { side, cleared } = &clause.kind else { continue };
            for side in sides(*side).into_iter().filter(|_| side.is_some() == named) {
                clear[side] = Some(match cleared {
                    Cleared::Pass => OnClear::Pass,
                    Cleared::Keep => OnClear::Keep,
                    Cleared::Restore => OnClear::Restore,
                });
            }
        }
    }
    clear
}
