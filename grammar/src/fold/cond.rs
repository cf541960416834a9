//! Conditions.

use super::{Fold, Pair, child, children, first, has};
use crate::parser::Rule;
use crate::problem::ProblemCode;
use crate::span::Span;
use crate::tree::{Atom, AtomKind, Cond, Count, CountKind, Op, OpKind, OrderTest, Quantifier, State, TextTest, Value};

impl Fold<'_> {
    /// The first condition of a pair.
    pub(super) fn conditioned(&mut self, pair: &Pair<'_>) -> Option<Cond> {
        self.cond(child(pair, Rule::cond)?)
    }

    pub(super) fn cond(&mut self, pair: Pair<'_>) -> Option<Cond> {
        let (span, before) = (self.span(&pair), self.problems.len());
        let mut parts = Vec::new();
        let mut is_or = None;
        let mut mixed = None;
        // Parts that `and` joins, as one each.
        let mut joined: Vec<(Span, bool)> = Vec::new();
        let mut after_and = false;
        for part in pair.into_inner() {
            if part.as_rule() == Rule::connective {
                let (or, at) = self.connective(&part);
                let (first_or, first_at) = *is_or.get_or_insert((or, at));
                if or != first_or {
                    mixed.get_or_insert((at, first_at, or));
                }
                after_and = !or;
            } else {
                let here = self.span(&part);
                match joined.last_mut() {
                    Some((group, several)) if after_and => (*group, *several) = (group.to(here), true),
                    _ => joined.push((here, false)),
                }
                parts.push(self.atom(part)?);
            }
        }
        // With `and` beside it, other languages would take only the last value of `a is b or c and …` along.
        if is_or.is_some_and(|(or, _)| !or) {
            let found =
                self.problems.iter_mut().skip(before).filter(|found| found.code == ProblemCode::OrBetweenValues);
            found.flat_map(|found| &mut found.fixes).for_each(|fix| fix.safe = false);
        }
        if let Some((at, first, or)) = mixed {
            let groups: Vec<Span> = joined.iter().filter(|(_, several)| *several).map(|(group, _)| *group).collect();
            self.mixed_connectives(at, first, or, &groups);
        }
        Some(match is_or {
            None => parts.pop()?,
            Some((true, _)) => Cond::Or { span, parts: flat(parts, true) },
            Some((false, _)) => Cond::And { span, parts: flat(parts, false) },
        })
    }

    /// Whether it is `or`, and where it stands.
    fn connective(&mut self, pair: &Pair<'_>) -> (bool, Span) {
        let span = self.span(pair);
        let written = pair.as_str().trim_end();
        let or = matches!(written, "||" | "|") || first(pair) == Some(Rule::kw_or);
        if first(pair).is_none() {
            self.wrong_connective(span, written, or);
        }
        (or, span)
    }

    /// An `atom` or `where_atom`.
    fn atom(&mut self, pair: Pair<'_>) -> Option<Cond> {
        let pair = pair.into_inner().next()?;
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::parens => return self.conditioned(&pair),
            Rule::negation => return Some(Cond::Not { span, inner: Box::new(self.conditioned(&pair)?) }),
            Rule::bad_not => {
                let inner = pair.into_inner().find(|part| part.as_rule() != Rule::kw_not)?;
                self.bare_not(span, self.span(&inner));
                let atom = Atom { span: self.span(&inner), kind: self.atom_kind(inner)? };
                return Some(Cond::Not { span, inner: Box::new(Cond::Atom(atom)) });
            }
            _ => self.atom_kind(pair)?,
        };
        Some(Cond::Atom(Atom { span, kind }))
    }

    fn atom_kind(&mut self, pair: Pair<'_>) -> Option<AtomKind> {
        match pair.as_rule() {
            Rule::compare => {
                Some(AtomKind::Compare { field: self.pathed(&pair)?, op: self.op(child(&pair, Rule::op)?)? })
            }
            Rule::bad_compare => self.bad_compare(&pair, Rule::bad_op),
            Rule::bad_phrased => self.bad_compare(&pair, Rule::bad_phrase),
            Rule::bad_aged => self.bad_aged(&pair),
            Rule::bad_in => self.bad_in(&pair),
            Rule::member => Some(AtomKind::MemberOf(self.texted(&pair)?)),
            Rule::linked_self | Rule::linked => Some(AtomKind::Linked {
                what: self.pathed(&pair),
                negated: has(&pair, Rule::not_word),
                to: child(&pair, Rule::linked_to).and_then(|to| self.named(&to)),
            }),
            Rule::count => self.count(&pair),
            _ => None,
        }
    }

    fn count(&mut self, pair: &Pair<'_>) -> Option<AtomKind> {
        let count = child(pair, Rule::count_kind)?;
        let kind = match first(&count)? {
            Rule::kw_any => CountKind::Any,
            Rule::kw_every => CountKind::Every,
            Rule::kw_no => CountKind::No,
            _ => CountKind::AtLeast(self.numbered(&count)?),
        };
        let filter = match child(pair, Rule::count_where).and_then(|filter| child(&filter, Rule::where_atom)) {
            Some(filter) => Some(Box::new(self.atom(filter)?)),
            None => None,
        };
        Some(AtomKind::Count {
            count: Count { span: self.span(&count), kind },
            of: self.pathed(pair)?,
            by: child(pair, Rule::by).and_then(|by| self.pathed(&by)),
            labelled: child(pair, Rule::labelled).and_then(|labelled| self.texted(&labelled)),
            filter,
        })
    }

    fn op(&mut self, op: Pair<'_>) -> Option<Op> {
        let span = self.span(&op);
        let pair = op.into_inner().find(|part| part.as_rule() != Rule::kw_is)?;
        let negated = has(&pair, Rule::not_word);
        let kind = match pair.as_rule() {
            Rule::is_state => OpKind::IsState { negated, state: state(&pair)? },
            Rule::in_last => OpKind::InTheLast(self.duration(&pair)?),
            Rule::more_ago => OpKind::MoreThanAgo(self.duration(&pair)?),
            Rule::same_as => OpKind::SameAs(self.pathed(&pair)?),
            Rule::exactly => OpKind::Exactly(self.texted(&pair)?),
            Rule::order_test => OpKind::Order { test: order_test(&pair)?, value: self.valued(&pair)? },
            Rule::one_of => {
                let negated = first(&child(&pair, Rule::one_kind)?)? == Rule::kw_none;
                OpKind::AnyOf { negated, values: self.listed(&pair, None)? }
            }
            Rule::is_value if has(&pair, Rule::bad_or) => {
                let values = self.or_between_values(&pair, if negated { "none of" } else { "any of" })?;
                OpKind::AnyOf { negated, values }
            }
            Rule::is_value if has(&pair, Rule::listed) || has(&pair, Rule::bad_tail) => {
                let values = self.listed(&pair, Some(if negated { "none of" } else { "any of" }))?;
                OpKind::AnyOf { negated, values }
            }
            Rule::is_value => OpKind::Is { negated, value: self.valued(&pair)? },
            Rule::text_op => self.text_op(&pair)?,
            _ => return None,
        };
        Some(Op { span, kind })
    }

    fn text_op(&mut self, pair: &Pair<'_>) -> Option<OpKind> {
        let test = match first(&child(pair, Rule::text_test)?)? {
            Rule::kw_contains => TextTest::Contains,
            Rule::kw_starts => TextTest::StartsWith,
            _ => TextTest::EndsWith,
        };
        if has(pair, Rule::bad_or) && !has(pair, Rule::quantifier) {
            let values = self.or_between_values(pair, "any of")?;
            return Some(OpKind::Text { test, quantifier: Quantifier::AnyOf, values });
        }
        if !has(pair, Rule::quantifier) && (has(pair, Rule::listed) || has(pair, Rule::bad_tail)) {
            let values = self.listed(pair, Some("any of"))?;
            return Some(OpKind::Text { test, quantifier: Quantifier::AnyOf, values });
        }
        let quantifier = match child(pair, Rule::quantifier).as_ref().and_then(first) {
            None => Quantifier::One,
            Some(Rule::kw_any) => Quantifier::AnyOf,
            Some(Rule::kw_all) => Quantifier::AllOf,
            Some(_) => Quantifier::NoneOf,
        };
        let values = if quantifier == Quantifier::One { vec![self.valued(pair)?] } else { self.listed(pair, None)? };
        Some(OpKind::Text { test, quantifier, values })
    }

    /// A comparison as other languages write it, read as what it means.
    fn bad_compare(&mut self, pair: &Pair<'_>, sign: Rule) -> Option<AtomKind> {
        let field = self.pathed(pair)?;
        let sign = child(pair, sign)?;
        let written = sign.as_str();
        let value = self.valued(pair)?;
        let start = self.source.to_original(sign.as_span().start());
        let sign_span = Span::new(start, start + written.len());
        let span = sign_span.to(value.span);
        let kind = self.wrong_comparison(sign_span, written, &field, value);
        Some(AtomKind::Compare { field, op: Op { span, kind } })
    }

    /// The values of a list. In parentheses, with `or` or without its words it is reported. `missing`: the words that
    /// belong before it.
    fn listed(&mut self, pair: &Pair<'_>, missing: Option<&str>) -> Option<Vec<Value>> {
        if let Some(listed) = child(pair, Rule::listed) {
            let values = self.set(&listed);
            self.list_in_parentheses(missing, self.span(&listed), &values);
            return Some(values);
        }
        let mut values: Vec<Value> = self.set(pair);
        if values.is_empty() {
            values.push(self.valued(pair)?);
        }
        if let Some(tail) = child(pair, Rule::bad_tail) {
            let comma = Span { start: values.last()?.span.end, end: self.span(&tail).start + 1 };
            values.extend(self.set(&tail));
            self.comma_between_values(missing.unwrap_or("any of"), comma, &values);
        }
        let joined = children(pair, Rule::bad_or);
        let joined: Vec<(Span, Value)> =
            joined.filter_map(|or| Some((self.span(&child(&or, Rule::or_sign)?), self.valued(&or)?))).collect();
        self.or_in_list(&values, &joined);
        values.extend(joined.into_iter().map(|(_, value)| value));
        Some(values)
    }

    /// `a is older than 30 days`
    fn bad_aged(&mut self, pair: &Pair<'_>) -> Option<AtomKind> {
        let (field, duration) = (self.pathed(pair)?, self.duration(pair)?);
        let phrase = child(pair, Rule::age_phrase)?;
        let span = Span { start: field.span.end, end: self.span(pair).end };
        let start = self.source.to_original(phrase.as_span().start());
        let sign = Span::new(start, start + phrase.as_str().len());
        let past = self.wrong_age(sign, phrase.as_str(), &field, span, duration.span);
        let kind = if past { OpKind::MoreThanAgo(duration) } else { OpKind::InTheLast(duration) };
        Some(AtomKind::Compare { field, op: Op { span, kind } })
    }

    /// `a in (b, c)`
    fn bad_in(&mut self, pair: &Pair<'_>) -> Option<AtomKind> {
        let (field, whole) = (self.pathed(pair)?, self.span(pair));
        let negated = has(pair, Rule::not_word);
        let (mut values, mut listed) = (Vec::new(), false);
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::value => values.extend(self.value(&part)),
                Rule::listed => (values, listed) = (self.set(&part), true),
                Rule::bad_tail => values.extend(self.set(&part)),
                _ => {}
            }
        }
        let span = Span { start: values.first()?.span.start, end: values.last()?.span.end };
        self.wrong_in(&field, negated, span, listed.then_some(whole.end));
        let op = Op { span: Span { start: field.span.end, end: whole.end }, kind: OpKind::AnyOf { negated, values } };
        Some(AtomKind::Compare { field, op })
    }

    /// The values of `a is b or c`, which is reported.
    fn or_between_values(&mut self, pair: &Pair<'_>, words: &str) -> Option<Vec<Value>> {
        let mut values = vec![self.valued(pair)?];
        let mut between = Vec::new();
        for or in children(pair, Rule::bad_or) {
            let value = self.valued(&or)?;
            between.push(self.span(&child(&or, Rule::or_sign)?));
            values.push(value);
        }
        self.or_of_values(words, &values, &between);
        Some(values)
    }
}

fn state(pair: &Pair<'_>) -> Option<State> {
    Some(match first(&child(pair, Rule::state)?)? {
        Rule::kw_known => State::Known,
        Rule::kw_blank => State::Blank,
        Rule::kw_unique => State::Unique,
        _ => State::ValidEmail,
    })
}

fn order_test(pair: &Pair<'_>) -> Option<OrderTest> {
    let kind = child(pair, Rule::order_kind)?;
    Some(match first(&kind)? {
        Rule::kw_at if has(&kind, Rule::kw_least) => OrderTest::AtLeast,
        Rule::kw_at => OrderTest::AtMost,
        Rule::kw_more => OrderTest::MoreThan,
        Rule::kw_less => OrderTest::LessThan,
        Rule::kw_before => OrderTest::Before,
        _ => OrderTest::After,
    })
}

/// `a and (b and c)` is `a and b and c`.
fn flat(parts: Vec<Cond>, or: bool) -> Vec<Cond> {
    let mut out = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Cond::Or { parts, .. } if or => out.extend(parts),
            Cond::And { parts, .. } if !or => out.extend(parts),
            other => out.push(other),
        }
    }
    out
}
