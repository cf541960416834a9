//! Which of the rules' own tests are about a rule.

use super::Teller;
use super::document::Part;
use crate::data::Side;
use crate::lang::plan::{Expectation, RuleTest, TestStepKind, Whose};

impl Teller<'_> {
    /// The tests that name the rule, or that expect a value of one of its fields (side, type, field).
    pub(super) fn tests_of(&self, rule: &str, fields: &[(Side, &str, &str)]) -> Vec<Part> {
        let names = |test: &RuleTest| expectations(test).any(|expectation| names_rule(expectation, rule));
        let expects = |test: &RuleTest| {
            expectations(test).any(|expectation| match expectation {
                Expectation::Fields { of, fields: expected, .. } => {
                    let (side, ty) = match of {
                        Whose::Record(record) => (record.side, record.ty.as_str()),
                        Whose::Any { side, ty } => (*side, ty.as_str()),
                    };
                    fields.iter().any(|(of_side, of_type, field)| {
                        (*of_side, *of_type) == (side, ty) && expected.iter().any(|one| one.name == *field)
                    })
                }
                _ => false,
            })
        };
        let mut lines = Vec::new();
        for test in &self.plan.tests {
            let how = match (names(test), expects(test)) {
                (true, _) => "names it",
                (false, true) => "expects a value of it",
                (false, false) => continue,
            };
            let at = self.at(&test.place).map_or_else(String::new, |at| format!(", {at}"));
            lines.push(format!("\"{}\" {how}{at}", test.name));
        }
        match lines.is_empty() {
            true => vec![Part::Text("No test is about it.".to_owned())],
            false => vec![Part::List(lines)],
        }
    }
}

fn expectations(test: &RuleTest) -> impl Iterator<Item = &Expectation> {
    test.steps.iter().filter_map(|step| match &step.kind {
        TestStepKind::Expect(expectation) => Some(expectation),
        _ => None,
    })
}

fn names_rule(expectation: &Expectation, rule: &str) -> bool {
    match expectation {
        Expectation::ExcludedBy(by) | Expectation::RejectedBy(by) | Expectation::Created { by, .. } => by.name == rule,
        Expectation::Fields { by: Some(by), .. } => by.name == rule,
        _ => false,
    }
}
