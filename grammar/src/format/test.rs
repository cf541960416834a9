//! `test` and its steps.

use crate::span::Span;
use crate::tree::{ExpectedKind, FieldValue, Step, StepKind, Test};

use super::layout::{Layout, Part};

impl Layout<'_> {
    pub(super) fn test(&mut self, test: &Test) -> Part {
        let body = test.steps.iter().map(|step| self.step(step)).collect();
        self.block(test.span, body, false)
    }

    fn step(&mut self, step: &Step) -> Part {
        match &step.kind {
            StepKind::Given(record) => self.fields(step.span, &record.fields),
            StepKind::Set { fields, .. } => self.fields(step.span, fields),
            StepKind::Expect(expected) => {
                if let ExpectedKind::Fields { fields, .. } = &expected.kind {
                    self.fields(step.span, fields);
                }
            }
            _ => {}
        }
        self.line(step.span)
    }

    fn fields(&mut self, step: Span, fields: &[FieldValue]) {
        let first = self.at(step.start);
        let Some(open) = self.next(first, "{").filter(|_| !fields.is_empty()) else { return };
        let Some(close) = self.next(open, "}") else { return };
        let rest: Vec<u32> = fields.iter().skip(1).map(|field| field.span.start).collect();
        self.braces(open, close, &rest);
    }
}
