//! Why a test failed, as data: the finding, the difference, and what the pass before did.

use syncline_grammar::Span;

use super::expect::{Difference, Wrong, called};
use super::people::{Cast, Undone};
use super::witness::{Seen, Stop, Subject};
use crate::cli::show::crm;
use crate::data::Value;
use crate::diagnostic::{Code, Finding};
use crate::lang::plan::{Place, RuleTest, TestStep, TestStepKind};

#[derive(Debug)]
pub(super) struct Failure {
    pub finding: Finding,
    pub difference: Option<Difference>,
    pub told: Option<Told>,
}

/// What a pass did, record by record.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    /// Which pass of the test: 1, 2, …
    pub pass: usize,
    pub wrote: Vec<Wrote>,
    pub left: Vec<Left>,
    pub troubles: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wrote {
    pub record: String,
    pub created_by: Option<(String, Place)>,
    /// Field, before, after, rule, place.
    pub cells: Vec<(String, Value, Value, String, Place)>,
}

/// A record that is not written, or not in every direction, and what decided that.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Left {
    pub record: String,
    pub why: Vec<String>,
    pub stops: Vec<Stop>,
}

impl Failure {
    pub(super) fn new(test: &RuleTest, _step: &TestStep, wrong: Wrong, told: Option<Told>) -> Failure {
        let mut finding = finding(test, wrong.code, wrong.span, wrong.message);
        finding.help = wrong.help;
        Failure { finding, difference: wrong.difference, told }
    }

    pub(super) fn plain(test: &RuleTest, step: &TestStep, code: Code, why: String, told: Option<Told>) -> Failure {
        Failure { finding: finding(test, code, step.span, why), difference: None, told }
    }

    /// A step that could not be done.
    pub(super) fn undone(test: &RuleTest, step: &TestStep, undone: &Undone) -> Failure {
        let record = match &step.kind {
            TestStepKind::Given { record, .. }
            | TestStepKind::Set { record, .. }
            | TestStepKind::Member { record, .. }
            | TestStepKind::Delete(record)
            | TestStepKind::Restore(record)
            | TestStepKind::Convert(record)
            | TestStepKind::Merge { record, .. } => Some(record),
            TestStepKind::Pass | TestStepKind::Wait(_) | TestStepKind::Expect(_) => None,
        };
        let (word, of) = record.map_or((String::new(), ""), |record| (record.word().to_owned(), crm(record.side)));
        let (code, why, help) = match undone {
            Undone::NotOne(0) => (Code::NotOneRecord, format!("there is no {of} `{word}`"), None),
            Undone::NotOne(many) => {
                let help = "give each a name with `as`; one that a pass made has none";
                (Code::NotOneRecord, format!("`{word}` names {many} records"), Some(help.to_owned()))
            }
            Undone::Refused(why) => (Code::StepRefused, why.clone(), None),
        };
        let mut failure = Failure::plain(test, step, code, why, None);
        failure.finding.help = help;
        failure
    }
}

fn finding(test: &RuleTest, code: Code, span: Span, message: impl Into<String>) -> Finding {
    Finding::new(code, test.place.file, span, message)
}

impl Told {
    pub(super) fn of(pass: usize, seen: &Seen, cast: &Cast) -> Told {
        let wrote = seen.changes.iter().filter(|change| change.fault.is_none()).map(|change| Wrote {
            record: match change.id.as_deref().and_then(|id| cast.by_id(change.side, &change.ty, id)) {
                Some(known) if !change.create => called(known),
                _ => format!("{} {} of {}", crm(change.side), change.ty, change.subject),
            },
            created_by: change.rule.clone().map(|rule| (rule, change.place.clone())),
            cells: change
                .cells
                .iter()
                .map(|cell| {
                    let (before, after) = (cell.before.clone(), cell.after.clone());
                    (cell.field.clone(), before, after, cell.rule.clone(), cell.place.clone())
                })
                .collect(),
        });
        let left = seen.subjects.values().filter(|subject| !subject.why.is_empty() || !subject.stops.is_empty());
        Told {
            pass,
            wrote: wrote.collect(),
            left: left
                .map(|subject: &Subject| Left {
                    record: subject.label.clone(),
                    why: subject.why.clone(),
                    stops: subject.stops.clone(),
                })
                .collect(),
            troubles: seen.troubles.clone(),
        }
    }
}
