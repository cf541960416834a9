//! `owners` blocks: who is matched how, and what becomes of the others.

use syncline_grammar::Span;
use syncline_grammar::tree::{
    self, Direction, MatchBy, OwnersLine, PickLeftKind, PickRightKind, PickRow, Value, ValueKind,
};

use super::globals::Globals;
use super::rows::RowUse;
use super::sync::crm;
use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::plan::{OwnerMatch, OwnerOutcome, OwnerTable};

/// All `owners` blocks as tables, in the order of the files. `whole`: every sync was checked.
pub(super) fn check(
    globals: &Globals<'_>,
    rows: &[&RowUse<'_>],
    whole: bool,
    findings: &mut Vec<Finding>,
) -> Vec<OwnerTable> {
    let tables = globals.owners.iter().enumerate().map(|(at, (file, tree))| {
        let uses: Vec<&&RowUse<'_>> = rows.iter().filter(|row| row.clauses.owners == Some(at)).collect();
        if uses.is_empty() && whole {
            let message = format!("no row goes `via {}`", tree.name.text);
            findings.push(Finding::new(Code::Unused, *file, tree.name.span, message));
        }
        let mut check = OwnersCheck { file: *file, table: OwnerTable::default(), findings };
        check.table.name = tree.name.text.clone();
        check.table.place = globals.place(*file, tree.span);
        tree.lines.iter().for_each(|line| match line {
            OwnersLine::Match(line) => check.keys(line),
            OwnersLine::Row(row) => check.row(row),
        });
        for side in Side::BOTH {
            let goes = uses.iter().any(|row| row.writes(side));
            if goes && check.table.otherwise[side].is_none() {
                let message = format!("nothing says what becomes of an owner who is nobody in {}", crm(side));
                let arrow = if side == Side::Right { "->" } else { "<-" };
                let finding = Finding::new(Code::NotMapped, *file, tree.name.span, message);
                check.findings.push(finding.help(format!("add a row like `otherwise {arrow} skip`")));
            }
        }
        check.table
    });
    tables.collect()
}

struct OwnersCheck<'c> {
    file: usize,
    table: OwnerTable,
    findings: &'c mut Vec<Finding>,
}

impl OwnersCheck<'_> {
    fn report(&mut self, code: Code, span: Span, message: impl Into<String>, help: &str) {
        self.findings.push(Finding::new(code, self.file, span, message).help(help));
    }

    fn keys(&mut self, line: &tree::Match) {
        let help = "write `match email = Email`, `match fullname = Name`, or both with `and`";
        let MatchBy::Keys(keys) = &line.by else {
            return self.report(Code::OwnerKey, line.span, "owners are not matched through a sync", help);
        };
        let mut made = OwnerMatch::default();
        for key in keys {
            match (key.hubspot.text().as_str(), key.salesforce.text().as_str(), &key.as_type) {
                ("email", "Email", None) => made.email = true,
                ("fullname", "Name", None) => made.name = true,
                (left, right, _) => {
                    let message = format!("owners are not matched by `{left} = {right}`");
                    return self.report(Code::OwnerKey, key.span, message, help);
                }
            }
        }
        if line.or_propose.is_some() {
            return self.report(Code::OwnerKey, line.span, "an owner is matched or not: nothing is proposed", help);
        }
        self.table.matches.push(made);
    }

    fn row(&mut self, row: &PickRow) {
        let sides: &[Side] = match row.arrow.direction {
            Direction::Both => &[Side::Right, Side::Left],
            Direction::ToSalesforce => &[Side::Right],
            Direction::ToHubSpot => &[Side::Left],
        };
        match &row.left.kind {
            PickLeftKind::Blank => {
                let help = "a blank stays blank, or `on clear` of the row says more";
                self.report(Code::WrongOutcome, row.span, "nobody is no owner", help);
            }
            PickLeftKind::Otherwise { at_creation } => {
                for side in sides {
                    let Some(outcome) = self.outcome(row, *side, *at_creation, sides.len() > 1) else { return };
                    let table = &mut self.table;
                    let place = if *at_creation { &mut table.otherwise_at_creation } else { &mut table.otherwise };
                    if place[*side].replace(outcome).is_some() {
                        self.twice(row, "otherwise", *side);
                    }
                }
            }
            PickLeftKind::Values(values) => self.named(row, sides, values),
        }
    }

    fn named(&mut self, row: &PickRow, sides: &[Side], values: &[Value]) {
        let right = match &row.right.kind {
            PickRightKind::Value(value) => Some(text(value)),
            _ => None,
        };
        for side in sides {
            let rows: Vec<(&str, OwnerOutcome)> = match (side, right) {
                (Side::Left, Some(right)) => match values {
                    [one] => vec![(right, OwnerOutcome::Person(text(one).into()))],
                    _ => {
                        let help = "let one go both ways, `<->`, and the others to Salesforce, `->`";
                        let message = "several HubSpot owners for one Salesforce user, on the way to HubSpot";
                        return self.report(Code::NotOneToOne, row.left.span, message, help);
                    }
                },
                (Side::Left, None) => {
                    let help = "name the Salesforce user on the right";
                    return self.report(Code::WrongOutcome, row.span, "nobody comes back from this row", help);
                }
                (Side::Right, _) => {
                    let Some(outcome) = self.outcome(row, Side::Right, false, false) else { return };
                    values.iter().map(|value| (text(value), outcome.clone())).collect()
                }
            };
            for (who, outcome) in rows {
                let same = |known: &(Box<str>, OwnerOutcome)| known.0.eq_ignore_ascii_case(who);
                if self.table.rows[*side].iter().any(same) {
                    self.twice(row, who, *side);
                }
                self.table.rows[*side].push((who.into(), outcome));
            }
        }
    }

    fn outcome(&mut self, row: &PickRow, side: Side, at_creation: bool, both: bool) -> Option<OwnerOutcome> {
        let wrong = match &row.right.kind {
            PickRightKind::Skip => return Some(OwnerOutcome::Skip),
            PickRightKind::Reject => return Some(OwnerOutcome::Reject),
            PickRightKind::Blank if side == Side::Left => return Some(OwnerOutcome::Blank),
            PickRightKind::Value(value) if !both => return Some(OwnerOutcome::Person(text(value).into())),
            PickRightKind::Restore if !at_creation => return Some(OwnerOutcome::Restore),
            PickRightKind::AssignmentRules if at_creation && side == Side::Right => {
                return Some(OwnerOutcome::AssignmentRules);
            }
            PickRightKind::IntegrationUser if at_creation && side == Side::Right => {
                return Some(OwnerOutcome::IntegrationUser);
            }
            PickRightKind::Value(_) => "one person stands for one side only: write one row for each direction",
            PickRightKind::Same => "the ids of the two sides are never the same",
            PickRightKind::Blank => "a Salesforce record always has an owner",
            PickRightKind::Restore => "a new record has no owner to restore",
            PickRightKind::AssignmentRules | PickRightKind::IntegrationUser => {
                "this is for new Salesforce records: `otherwise at creation -> …`"
            }
        };
        self.report(Code::WrongOutcome, row.span, "the row has no meaning in this direction", wrong);
        None
    }

    fn twice(&mut self, row: &PickRow, what: &str, side: Side) {
        let message = format!("`{what}` is mapped a second time on the way to {}", crm(side));
        self.findings.push(Finding::new(Code::MappedTwice, self.file, row.span, message));
    }
}

fn text(value: &Value) -> &str {
    let (ValueKind::Word(text) | ValueKind::Text(text) | ValueKind::Number(text) | ValueKind::Date(text)) = &value.kind;
    text
}
