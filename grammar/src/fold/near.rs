//! Near misses inside conditions and rules: what was typed, what the language says instead.

use super::Fold;
use crate::problem::{Problem, ProblemCode};
use crate::span::Span;
use crate::tree::{Name, Path, Value};

impl Fold<'_> {
    fn written(&self, span: Span) -> &str {
        span.slice(self.source.original)
    }

    pub(super) fn wrong_connective(&mut self, span: Span, written: &str, or: bool) {
        let word = if or { "or" } else { "and" };
        let message = format!("`{written}` does not join conditions");
        self.problems.push(Problem::new(ProblemCode::WrongConnective, span, message).help(format!("write `{word}`")));
    }

    pub(super) fn mixed_connectives(&mut self, at: Span, first: Span, or: bool) {
        let (this, other) = if or { ("or", "and") } else { ("and", "or") };
        self.problems.push(
            Problem::new(ProblemCode::MixedConnectives, at, "`and` with `or` needs parentheses")
                .label(format!("`{this}` after `{other}`"))
                .help("put the part that belongs together in parentheses: `a and (b or c)`")
                .related(first, format!("the first `{other}`")),
        );
    }

    pub(super) fn bare_not(&mut self, span: Span, inner: Span) {
        let help = format!("write `not ({})`", self.written(inner));
        let message = "`not` before a condition needs parentheses";
        self.problems.push(Problem::new(ProblemCode::NotWithoutParentheses, span, message).help(help));
    }

    /// The words that stand for a comparison sign of another language.
    pub(super) fn wrong_comparison(&mut self, sign: Span, written: &str, field: &Path, value: &Value) -> &'static str {
        let right = match written {
            "!=" | "!==" | "<>" | "isn't" | "isnt" => "is not",
            "<=" => "is at most",
            ">=" => "is at least",
            "<" => "is less than",
            ">" => "is more than",
            "in" => "is any of",
            "matches" | "like" | "includes" | "has" => "contains",
            _ => "is",
        };
        let value = self.written(value.span);
        let help = format!("write `{} {right} {value}`", self.written(field.span));
        let message = format!("`{written}` is not a comparison");
        self.problems.push(Problem::new(ProblemCode::WrongComparison, sign, message).help(help));
        right
    }

    pub(super) fn wrong_key_sign(&mut self, span: Span, written: &str, hubspot: &Path, salesforce: &Path) {
        let help = format!("write `{} = {}`", self.written(hubspot.span), self.written(salesforce.span));
        let message = format!("keys are compared with `=`, not with `{written}`");
        self.problems.push(Problem::new(ProblemCode::WrongKey, span, message).help(help));
    }

    pub(super) fn salesforce_left(&mut self, head: Span, hubspot: &[Name], arrow: &str, salesforce: &[Name]) {
        let list = |names: &[Name]| {
            let names: Vec<&str> = names.iter().map(|name| self.written(name.span)).collect();
            names.join(" or ")
        };
        let help = format!("write `hubspot {} {arrow} salesforce {}`", list(hubspot), list(salesforce));
        let message = "HubSpot stands left of the arrow, Salesforce right";
        self.problems.push(Problem::new(ProblemCode::SalesforceLeft, head, message).help(help));
    }

    pub(super) fn unnamed(&mut self, keyword: Span) {
        let word = self.written(keyword).to_owned();
        self.problems.push(
            Problem::new(ProblemCode::UnnamedRule, keyword, format!("this `{word}` has no name"))
                .help(format!("name it, so that plans and traces can: `{word} \"why\" when …`")),
        );
    }

    pub(super) fn unquoted_name(&mut self, name: Span) {
        let written = self.written(name).to_owned();
        self.problems.push(
            Problem::new(ProblemCode::UnquotedName, name, "the name of a rule stands in quotes")
                .help(format!("write `\"{written}\"`")),
        );
    }

    pub(super) fn missing_when(&mut self, cond: Span) {
        self.problems.push(
            Problem::new(
                ProblemCode::MissingWhen,
                Span { start: cond.start, end: cond.start },
                "`when` is missing here",
            )
            .help("write `when` between the name and the condition"),
        );
    }

    pub(super) fn create_without_when(&mut self, create: Span) {
        let written = self.written(create).split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        self.problems.push(
            Problem::new(ProblemCode::CreateWithoutWhen, create, format!("`{written}` does not say when"))
                .help("end it with `when …`, `otherwise` or `always`"),
        );
    }

    pub(super) fn bare_wins(&mut self, span: Span) {
        self.problems.push(
            Problem::new(ProblemCode::BareWins, span, "`wins` does not say who wins")
                .help("write `newest wins`, `hubspot wins` or `salesforce wins`"),
        );
    }

    pub(super) fn not_both_ways(&mut self, span: Span) {
        let word = self.written(span).split_whitespace().next().unwrap_or("").to_owned();
        self.problems.push(
            Problem::new(ProblemCode::WrongPlace, span, format!("`{word}` cannot stand in `both ways`"))
                .help("move it to `to hubspot { … }` or `to salesforce { … }`"),
        );
    }
}
