//! `test`.

use super::{Fold, Pair, child, children, has};
use crate::parser::Rule;
use crate::problem::needless_end;
use crate::recover::Body;
use crate::tree::{Expected, ExpectedKind, FieldValue, Step, StepKind, Test, TestRecord};

impl Fold<'_> {
    pub(super) fn test(&mut self, pair: Pair<'_>) -> Option<Test> {
        let steps = self.lines(&pair, &Body::TEST, |fold, line| fold.step(line));
        let head = self.head(&pair, Rule::test_head, Rule::head_test)?;
        Some(Test { docs: None, span: self.span(&pair), name: self.texted(&head)?, steps })
    }

    fn step(&mut self, pair: Pair<'_>) -> Option<Step> {
        let span = self.span(&pair);
        let part = pair.into_inner().next()?;
        let mut words = self.names(&part).into_iter();
        let kind = match part.as_rule() {
            Rule::given => StepKind::Given(TestRecord {
                span: self.span(&part),
                side: self.side(&part)?,
                object: words.next()?,
                alias: child(&part, Rule::alias).and_then(|alias| self.named(&alias)),
                fields: self.fields(&part),
            }),
            Rule::given_list => StepKind::GivenList { list: self.texted(&part)?, member: words.next()? },
            Rule::set_fields => StepKind::Set { record: words.next()?, fields: self.fields(&part) },
            Rule::pass_step => StepKind::Pass,
            Rule::wait => StepKind::Wait(self.duration(&part)?),
            Rule::delete_step => StepKind::Delete(words.next()?),
            Rule::restore_step => StepKind::Restore(words.next()?),
            Rule::erase_step => StepKind::Erase(words.next()?),
            Rule::convert_step => StepKind::Convert { record: words.next()?, to: words.next()? },
            Rule::merge_step => StepKind::Merge { record: words.next()?, into: words.next()? },
            Rule::list_event if has(&part, Rule::kw_joins) => {
                StepKind::Joins { record: words.next()?, list: self.texted(&part)? }
            }
            Rule::list_event => StepKind::Leaves { record: words.next()?, list: self.texted(&part)? },
            Rule::expect => StepKind::Expect(self.expected(&child(&part, Rule::expected)?)?),
            _ => return None,
        };
        Some(Step { span, kind })
    }

    fn expected(&mut self, pair: &Pair<'_>) -> Option<Expected> {
        let part = pair.clone().into_inner().next()?;
        let mut words = self.names(&part).into_iter();
        let kind = match part.as_rule() {
            Rule::no_writes => ExpectedKind::NoWrites,
            Rule::excluded_by => ExpectedKind::ExcludedBy(self.texted(&part)?),
            Rule::created_by => ExpectedKind::Created { object: words.next()?, by: self.texted(&part)? },
            Rule::rejected_by => ExpectedKind::RejectedBy(self.texted(&part)?),
            Rule::linked_record => ExpectedKind::Linked { record: words.next()?, to: words.next()? },
            Rule::no_record => ExpectedKind::NoRecord { side: self.side(&part)?, object: words.next()? },
            Rule::side_calls => ExpectedKind::Calls { number: self.numbered(&part)?, side: self.side(&part)? },
            _ => ExpectedKind::Fields {
                side: self.side(&part),
                record: words.next()?,
                fields: self.fields(&part),
                by: child(&part, Rule::expected_by).and_then(|by| self.texted(&by)),
            },
        };
        Some(Expected { span: self.span(pair), kind })
    }

    fn fields(&mut self, pair: &Pair<'_>) -> Vec<FieldValue> {
        let fields = child(pair, Rule::fields);
        if let Some(comma) = fields.as_ref().and_then(|fields| child(fields, Rule::bad_comma)) {
            self.problems.push(needless_end(self.span(&comma), ",", true));
        }
        let values = fields.iter().flat_map(|fields| children(fields, Rule::field_value));
        values
            .filter_map(|pair| {
                Some(FieldValue { span: self.span(&pair), field: self.pathed(&pair)?, value: self.valued(&pair)? })
            })
            .collect()
    }
}
