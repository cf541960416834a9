//! Near misses inside conditions and rules: what was typed, what the language says instead.

use super::{Fold, Pair};
use crate::problem::{Problem, ProblemCode, ProblemFix};
use crate::span::Span;
use crate::tree::{Name, OpKind, OrderTest, Path, Quantifier, State, TextTest, Value, ValueKind};

impl Fold<'_> {
    fn written(&self, span: Span) -> &str {
        span.slice(self.source.original)
    }

    /// Words in the place of a sign, which may stand without space around it.
    pub(super) fn words_for(&self, sign: Span, words: &str) -> ProblemFix {
        let text = self.source.original;
        let before = text.get(..sign.start as usize).and_then(|before| before.chars().next_back());
        let after = text.get(sign.end as usize..).and_then(|after| after.chars().next());
        let space = |next: Option<char>| if next.is_none_or(char::is_whitespace) { "" } else { " " };
        ProblemFix::write(sign, format!("{}{words}{}", space(before), space(after)))
    }

    pub(super) fn wrong_connective(&mut self, span: Span, written: &str, or: bool) {
        let word = if or { "or" } else { "and" };
        let message = format!("`{written}` does not join conditions");
        // What follows is taken along, and only the sign is replaced.
        let sign = Span { start: span.start, end: span.start + u32::try_from(written.len()).unwrap_or(0) };
        let fix = self.words_for(sign, word).safe();
        self.problems
            .push(Problem::new(ProblemCode::WrongConnective, span, message).help(format!("write `{word}`")).fix(fix));
    }

    /// `groups`: what other languages would read first.
    pub(super) fn mixed_connectives(&mut self, at: Span, first: Span, or: bool, groups: &[Span]) {
        let (this, other) = if or { ("or", "and") } else { ("and", "or") };
        let edge = |offset: u32, text: &str| (Span { start: offset, end: offset }, text.to_owned());
        let edits = groups.iter().flat_map(|group| [edge(group.start, "("), edge(group.end, ")")]).collect();
        self.problems.push(
            Problem::new(ProblemCode::MixedConnectives, at, "`and` with `or` needs parentheses")
                .label(format!("`{this}` after `{other}`"))
                .help("put the part that belongs together in parentheses: `a and (b or c)`")
                .related(first, format!("the first `{other}`"))
                .fix(ProblemFix::of("put parentheses around what `and` joins", edits)),
        );
    }

    pub(super) fn bare_not(&mut self, span: Span, inner: Span) {
        let help = format!("write `not ({})`", self.written(inner));
        let message = "`not` before a condition needs parentheses";
        let edge = |offset: u32, text: &str| (Span { start: offset, end: offset }, text.to_owned());
        let fix = ProblemFix::of(help.clone(), vec![edge(inner.start, "("), edge(inner.end, ")")]).safe();
        self.problems.push(Problem::new(ProblemCode::NotWithoutParentheses, span, message).help(help).fix(fix));
    }

    /// A comparison of another language, and what it means here.
    pub(super) fn wrong_comparison(&mut self, sign: Span, written: &str, field: &Path, value: Value) -> OpKind {
        let words: Vec<&str> = written.split_whitespace().collect();
        let nothing = matches!(&value.kind, ValueKind::Word(word) if word.eq_ignore_ascii_case("null"));
        let right = match words.as_slice() {
            ["!=" | "!==" | "<>" | "isn't" | "isnt"] | ["is", "not", "equal", "to"] | [.., "equal"] if nothing => {
                "is known"
            }
            _ if nothing => "is blank",
            _ => meant(&words, matches!(value.kind, ValueKind::Date(_))),
        };
        let whole = if nothing { sign.to(value.span) } else { sign };
        // Only a word that nobody uses for anything else.
        let sure = !matches!(words.as_slice(), ["matches" | "like"]);
        let fix = self.words_for(whole, right).safe_if(sure);
        let shown = if nothing { String::new() } else { format!(" {}", self.written(value.span)) };
        let help = format!("write `{} {right}{shown}`", self.written(field.span));
        let message = format!("`{}` is not a comparison", words.join(" "));
        self.problems.push(Problem::new(ProblemCode::WrongComparison, sign, message).help(help).fix(fix));
        compared(right, value)
    }

    /// `values`: from the first to the last; `end`: behind the bracket that closes them.
    pub(super) fn wrong_in(&mut self, field: &Path, negated: bool, values: Span, end: Option<u32>) {
        let right = if negated { "is none of" } else { "is any of" };
        let between = Span { start: field.span.end, end: values.start };
        let mut edits = vec![(between, format!(" {right} "))];
        edits.extend(end.map(|end| (Span { start: values.end, end }, String::new())));
        let sure = edits.iter().all(|(span, _)| !self.written(*span).contains("//"));
        let fix = ProblemFix::of(format!("write `{right}`"), edits).safe_if(sure);
        let sign = Span { start: between.start + 1, end: between.end.max(between.start + 1) };
        let sign =
            Span { end: sign.start + length(self.written(sign).trim_end_matches(['(', '[', ' ', '\n'])), ..sign };
        let help = format!("write `{} {right} {}`", self.written(field.span), self.written(values));
        let message = "several values are not compared with `in`";
        self.problems.push(Problem::new(ProblemCode::WrongComparison, sign, message).help(help).fix(fix));
    }

    /// `a is b or c`. `between`: the words that join the values.
    pub(super) fn or_of_values(&mut self, words: &str, values: &[Value], between: &[Span]) {
        let (Some(first), Some(last), Some(or)) = (values.first(), values.last(), between.first()) else { return };
        let mut edits = vec![self.before_list(words, first.span)];
        for (sign, before) in between.iter().zip(values) {
            edits.push((Span { start: before.span.end, end: sign.end }, ",".to_owned()));
        }
        let listed: Vec<&str> = values.iter().map(|value| self.written(value.span)).collect();
        let help = format!("write `{words} {}`", listed.join(", "));
        // Whether "is not a or b" excludes both, only its author knows.
        let sure = words == "any of" && !self.written(first.span.to(last.span)).contains("//");
        let fix = ProblemFix::of(help.clone(), edits).safe_if(sure);
        let message = format!("`{}` joins conditions, not values", self.written(*or));
        self.problems.push(Problem::new(ProblemCode::OrBetweenValues, *or, message).help(help).fix(fix));
    }

    /// The words that belong before a list; with `none of` goes the `not` before it.
    fn before_list(&self, words: &str, list: Span) -> (Span, String) {
        let before = self.source.original.get(..list.start as usize).unwrap_or("").trim_end();
        let start = match before.strip_suffix("not") {
            Some(before) if words == "none of" => length(before),
            _ => list.start,
        };
        (Span { start, end: list.start }, format!("{words} "))
    }

    /// `any of b or c`: each `or` with the value behind it.
    pub(super) fn or_in_list(&mut self, values: &[Value], joined: &[(Span, Value)]) {
        let (Some(last), Some((first, _))) = (values.last(), joined.first()) else { return };
        let before = std::iter::once(last.span.end).chain(joined.iter().map(|(_, value)| value.span.end));
        let edits = joined.iter().zip(before).map(|((or, _), end)| (Span { start: end, end: or.end }, ",".to_owned()));
        let fix = ProblemFix::of("write commas between the values", edits.collect());
        let sure = fix.edits.iter().all(|(span, _)| !self.written(*span).contains("//"));
        let message = format!("`{}` joins conditions, not values", self.written(*first));
        let problem = Problem::new(ProblemCode::OrBetweenValues, *first, message);
        self.problems.push(problem.help("write commas between the values").fix(fix.safe_if(sure)));
    }

    /// `missing`: the words that belong before the list.
    pub(super) fn list_in_parentheses(&mut self, missing: Option<&str>, listed: Span, values: &[Value]) {
        let (Some(first), Some(last)) = (values.first(), values.last()) else { return };
        let (before, _) = self.before_list(missing.unwrap_or_default(), listed);
        let opened = Span { start: before.start, end: first.span.start };
        let closed = Span { start: last.span.end, end: listed.end };
        let words = missing.map_or_else(String::new, |words| format!("{words} "));
        let inner = self.written(Span { start: first.span.start, end: last.span.end });
        let help = match missing {
            Some(_) => format!("write `{words}{inner}`"),
            None => format!("leave the parentheses out: `{inner}`"),
        };
        let sure = [opened, closed].iter().all(|span| !self.written(*span).contains("//"));
        // Whether "is not (a, b)" excludes both, only its author knows.
        let sure = sure && missing != Some("none of");
        let fix = ProblemFix::of(help.clone(), vec![(opened, words), (closed, String::new())]).safe_if(sure);
        let sign = Span { start: listed.start, end: listed.start + 1 };
        let message = "a list of values stands in no parentheses";
        self.problems.push(Problem::new(ProblemCode::ListInParentheses, sign, message).help(help).fix(fix));
    }

    /// `a is b, c`
    pub(super) fn comma_between_values(&mut self, words: &str, comma: Span, values: &[Value]) {
        let (Some(first), Some(last)) = (values.first(), values.last()) else { return };
        let written = self.written(Span { start: first.span.start, end: last.span.end });
        let help = format!("write `{words} {written}`");
        let fix = ProblemFix::of(help.clone(), vec![self.before_list(words, first.span)]).safe_if(words == "any of");
        let sign = Span { start: comma.end - 1, ..comma };
        let message = "several values are a list, which says how many of them must be met";
        self.problems.push(Problem::new(ProblemCode::CommaBetweenValues, sign, message).help(help).fix(fix));
    }

    /// `a is older than 30 days`; `whole`: behind the field. Says whether the time before that is meant.
    pub(super) fn wrong_age(&mut self, sign: Span, written: &str, field: &Path, whole: Span, time: Span) -> bool {
        let has = |words: &[&str]| written.split_whitespace().any(|word| words.contains(&word));
        let past = has(&["older", "earlier", "longer", "more"]);
        let time = self.written(time);
        let right = if past { format!("is more than {time} ago") } else { format!("is in the last {time}") };
        // What is newer may lie ahead.
        let sure = has(&["older", "within", "during", "last", "past", "previous"]);
        let help = format!("write `{} {right}`", self.written(field.span));
        let fix = ProblemFix::write(whole, format!(" {right}")).safe_if(sure && !self.written(whole).contains("//"));
        let message =
            format!("`{}` is not how an age is asked for", written.split_whitespace().collect::<Vec<_>>().join(" "));
        self.problems.push(Problem::new(ProblemCode::WrongAge, sign, message).help(help).fix(fix));
        past
    }

    /// Several words in the place of a value, which are read as the text that they are meant to be.
    pub(super) fn unquoted_value(&mut self, pair: &Pair<'_>) -> Value {
        let (span, written) = (self.span(pair), pair.as_str().trim().to_owned());
        let help = format!("write `\"{written}\"`");
        let fix = ProblemFix::write(span, format!("\"{}\"", written.replace('\\', "\\\\")));
        let message = "a value of several words stands in quotes";
        self.problems.push(Problem::new(ProblemCode::UnquotedValue, span, message).help(help).fix(fix));
        Value { span, kind: ValueKind::Text(written) }
    }

    pub(super) fn wrong_key_sign(&mut self, span: Span, written: &str, hubspot: &Path, salesforce: &Path) {
        let help = format!("write `{} = {}`", self.written(hubspot.span), self.written(salesforce.span));
        let message = format!("keys are compared with `=`, not with `{written}`");
        let fix = self.words_for(span, "=").safe();
        self.problems.push(Problem::new(ProblemCode::WrongKey, span, message).help(help).fix(fix));
    }

    /// `ends`: what is written for Salesforce and for HubSpot, each with the word for its side.
    pub(super) fn salesforce_left(
        &mut self,
        ends: (Span, Span),
        hubspot: &[Name],
        (arrow, turned): (Span, &str),
        salesforce: &[Name],
    ) {
        let list = |names: &[Name]| {
            let names: Vec<&str> = names.iter().map(|name| self.written(name.span)).collect();
            names.join(" or ")
        };
        let (left, right) = (format!("hubspot {}", list(hubspot)), format!("salesforce {}", list(salesforce)));
        let help = format!("write `{left} {turned} {right}`");
        let message = "HubSpot stands left of the arrow, Salesforce right";
        let edits = vec![(ends.0, left), (arrow, turned.to_owned()), (ends.1, right)];
        let fix = ProblemFix::of(help.clone(), edits).safe();
        let head = ends.0.to(ends.1);
        self.problems.push(Problem::new(ProblemCode::SalesforceLeft, head, message).help(help).fix(fix));
    }

    pub(super) fn unnamed(&mut self, keyword: Span, cond: Span) {
        let word = self.written(keyword).to_owned();
        let said: Vec<&str> = self.written(cond).split_whitespace().collect();
        let name: String = said.join(" ").chars().filter(|c| !matches!(c, '"' | '\\' | '`')).take(60).collect();
        let end = Span { start: keyword.end, end: keyword.end };
        let fix = ProblemFix::of(format!("name it `\"{name}\"`"), vec![(end, format!(" \"{name}\""))]);
        self.problems.push(
            Problem::new(ProblemCode::UnnamedRule, keyword, format!("this `{word}` has no name"))
                .help(format!("name it, so that plans and traces can: `{word} \"why\" when …`"))
                .fix(fix),
        );
    }

    pub(super) fn unquoted_name(&mut self, name: Span) {
        let written = self.written(name).to_owned();
        // Words that ask for something may be a condition.
        const ASKS: [&str; 8] = ["is", "contains", "starts", "ends", "linked", "member", "any", "not"];
        let sure = !written.split_whitespace().any(|word| ASKS.contains(&word));
        self.problems.push(
            Problem::new(ProblemCode::UnquotedName, name, "the name of a rule stands in quotes")
                .help(format!("write `\"{written}\"`"))
                .fix(ProblemFix::write(name, format!("\"{written}\"")).safe_if(sure)),
        );
    }

    pub(super) fn missing_when(&mut self, cond: Span) {
        let before = Span { start: cond.start, end: cond.start };
        self.problems.push(
            Problem::new(ProblemCode::MissingWhen, before, "`when` is missing here")
                .help("write `when` between the name and the condition")
                .fix(ProblemFix::write(before, "when ").safe()),
        );
    }

    /// `if` and the like in the place of `when`.
    pub(super) fn wrong_when(&mut self, word: Span) {
        let written = self.written(word);
        let word = Span { end: word.start + length(written.split_whitespace().next().unwrap_or("")), ..word };
        let message = format!("a condition starts with `when`, not with `{}`", self.written(word));
        self.problems.push(
            Problem::new(ProblemCode::MissingWhen, word, message)
                .help("write `when`")
                .fix(ProblemFix::write(word, "when").safe()),
        );
    }

    pub(super) fn create_without_when(&mut self, create: Span) {
        let written = self.written(create).split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        let end = Span { start: create.end, end: create.end };
        let ends = ["always", "otherwise"].map(|word| ProblemFix::write(end, format!(" {word}")));
        let mut problem =
            Problem::new(ProblemCode::CreateWithoutWhen, create, format!("`{written}` does not say when"))
                .help("end it with `when …`, `otherwise` or `always`");
        problem.fixes.extend(ends);
        self.problems.push(problem);
    }

    pub(super) fn bare_wins(&mut self, span: Span) {
        let winners = ["newest wins", "salesforce wins", "hubspot wins"];
        let mut problem = Problem::new(ProblemCode::BareWins, span, "`wins` does not say who wins")
            .help("write `newest wins`, `hubspot wins` or `salesforce wins`");
        problem.fixes.extend(winners.map(|winner| ProblemFix::write(span, winner)));
        self.problems.push(problem);
    }

    pub(super) fn not_both_ways(&mut self, span: Span) {
        let word = self.written(span).split_whitespace().next().unwrap_or("").to_owned();
        self.problems.push(
            Problem::new(ProblemCode::WrongPlace, span, format!("`{word}` cannot stand in `both ways`"))
                .help("move it to `to hubspot { … }` or `to salesforce { … }`"),
        );
    }
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

/// The words that stand for a comparison of another language.
fn meant(written: &[&str], date: bool) -> &'static str {
    match (written, date) {
        (["!=" | "!==" | "<>" | "isn't" | "isnt"] | ["is", "not", "equal", "to"], _) => "is not",
        ([_, .., "equal"], _) => "is not",
        ([.., "contain" | "include"], _) => "contains none of",
        (["begins", "with"], _) => "starts with",
        (["is", "smaller" | "lower" | "earlier" | "fewer", "than"] | ["<"], false) => "is less than",
        (["is", "smaller" | "lower" | "earlier" | "fewer", "than"] | ["<"], true) => "is before",
        (["is", _, "than"] | [">"], false) => "is more than",
        (["is", _, "than"] | [">"], true) => "is after",
        (["<="], _) => "is at most",
        ([">="], _) => "is at least",
        (["in"], _) => "is any of",
        (["matches" | "like" | "includes" | "has"], _) => "contains",
        _ => "is",
    }
}

/// The comparison that the words stand for.
fn compared(words: &str, value: Value) -> OpKind {
    let order = |test, value| OpKind::Order { test, value };
    let text = |test, quantifier, value| OpKind::Text { test, quantifier, values: vec![value] };
    match words {
        "is known" => OpKind::IsState { negated: false, state: State::Known },
        "is blank" => OpKind::IsState { negated: false, state: State::Blank },
        "is at most" => order(OrderTest::AtMost, value),
        "is at least" => order(OrderTest::AtLeast, value),
        "is less than" => order(OrderTest::LessThan, value),
        "is more than" => order(OrderTest::MoreThan, value),
        "is before" => order(OrderTest::Before, value),
        "is after" => order(OrderTest::After, value),
        "is any of" => OpKind::AnyOf { negated: false, values: vec![value] },
        "contains" => text(TextTest::Contains, Quantifier::One, value),
        "contains none of" => text(TextTest::Contains, Quantifier::NoneOf, value),
        "starts with" => text(TextTest::StartsWith, Quantifier::One, value),
        "is not" => OpKind::Is { negated: true, value },
        _ => OpKind::Is { negated: false, value },
    }
}
