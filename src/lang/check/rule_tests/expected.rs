//! What a test expects.

use syncline_grammar::tree::{Expected, ExpectedKind};

use super::TestCheck;
use super::values::TypeOf;
use crate::diagnostic::{Code, Finding};
use crate::lang::check::sync::{crm, side_of};
use crate::lang::plan::{Expectation, Whose};

impl<'a> TestCheck<'_, 'a> {
    pub(super) fn expected(&mut self, expected: &Expected) -> Option<Expectation> {
        if !self.passed {
            let finding = Finding::new(Code::NoPassYet, self.file, expected.span, "no pass was run before this");
            self.report(finding.help("write `pass` before it"));
        }
        Some(match &expected.kind {
            ExpectedKind::NoWrites => Expectation::NoWrites,
            ExpectedKind::ExcludedBy(by) => Expectation::ExcludedBy(self.excluding(by)?),
            ExpectedKind::RejectedBy(by) => Expectation::RejectedBy(self.row(by, "rejects")?),
            ExpectedKind::Created { object, by } => {
                let ty = self.type_word(object);
                let by = self.creating(by, ty.as_ref().map(|(side, of)| (*side, of.name)));
                let (side, of) = ty?;
                Expectation::Created { side, ty: of.name.to_owned(), by: by? }
            }
            ExpectedKind::Linked { record, to } => {
                let (left, right) = (self.acting(record, true), self.acting(to, true));
                let (left, right) = (left?, right?);
                if left.side == right.side {
                    let message = format!("both are records of {}", crm(left.side));
                    let finding = Finding::new(Code::NotThisType, self.file, to.span, message);
                    self.report(finding.help("records are linked across the two CRMs"));
                    return None;
                }
                Expectation::Linked { record: left, to: right }
            }
            ExpectedKind::NoRecord { side, object } => {
                let side = side_of(*side);
                Expectation::NoRecord { side, ty: self.held_type(side, object)?.name.to_owned() }
            }
            ExpectedKind::Calls { number: text, side } => {
                let calls = text.text.parse().ok();
                if calls.is_none() {
                    let message = format!("`{}` is no number of calls", text.text);
                    self.report(Finding::new(Code::BadNumber, self.file, text.span, message));
                }
                Expectation::Calls { side: side_of(*side), number: calls? }
            }
            ExpectedKind::Fields { side, record, fields, by } => {
                let by = by.as_ref().map(|by| self.row(by, "writes"));
                let whose = match side {
                    Some(side) => {
                        let side = side_of(*side);
                        let ty = self.held_type(side, record)?.name.to_owned();
                        Whose::Any { side, ty }
                    }
                    None => Whose::Record(self.acting(record, true)?),
                };
                let (side, ty) = match &whose {
                    Whose::Any { side, ty } => (*side, ty.clone()),
                    Whose::Record(record) => (record.side, record.ty.clone()),
                };
                let of = TypeOf::find(self.globals, side, &ty)?;
                let fields = self.fields(&of, fields);
                let by = match by {
                    Some(by) => Some(by?),
                    None => None,
                };
                Expectation::Fields { of: whose, fields, by }
            }
        })
    }
}
