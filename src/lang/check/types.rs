//! Comparisons typed by the schema: the T codes.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use syncline_grammar::Span;
use syncline_grammar::tree::{
    Duration, Op, OpKind, OrderTest, Path, Quantifier, TextTest as TreeTextTest, Unit, Value, ValueKind,
};

use super::cond::{At, negate};
use super::literal::{Literal, Written, is_option, number};
use super::names::Resolved;
use super::sync::SyncCheck;
use crate::data::{FieldKind, Zone};
use crate::diagnostic::{Code, Finding, Fix};
use crate::lang::plan::{Cond, SetTest, SlotId, Test, TextTest, fold_case};

/// A kind as people call it.
pub(super) fn kind_words(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Email => "an e-mail address",
        FieldKind::Bool => "a checkbox",
        FieldKind::Number => "a number",
        FieldKind::Day => "a date",
        FieldKind::Time => "a date with time",
        FieldKind::Option => "a picklist",
        FieldKind::Options => "a multi-select",
        FieldKind::Id => "a record id",
    }
}

impl<'a> SyncCheck<'a> {
    pub(super) fn compare(&mut self, at: At, path: &Path, op: &Op) -> Option<Cond> {
        let resolved = self.resolve(at.look, path)?;
        let kind = self.uniform(path, &resolved)?;
        match &op.kind {
            OpKind::Is { negated, value } if self.asks_for_blank(&resolved, value) => {
                let right = match (*negated, is_missing(&value.kind)) {
                    (false, true) | (true, false) => "is blank",
                    _ => "is known",
                };
                let written = self.written(op.span);
                let finding =
                    Finding::new(Code::WrongBlank, self.file, op.span, format!("`{written}` asks for nothing"));
                let fix = Fix::write(self.file, op.span, right).safe();
                self.report(finding.help(format!("write `{right}`")).fix(fix));
                None
            }
            OpKind::Is { negated, value } => {
                let cond = self.equals(path, op, &resolved, kind, std::slice::from_ref(value), false)?;
                Some(if *negated { negate(cond) } else { cond })
            }
            OpKind::AnyOf { negated, values } => {
                let cond = self.equals(path, op, &resolved, kind, values, true)?;
                Some(if *negated { negate(cond) } else { cond })
            }
            OpKind::Exactly(text) => {
                if !matches!(kind, FieldKind::Text | FieldKind::Email) {
                    self.misfit(path, kind, "`is exactly`", "write `is`");
                    return None;
                }
                self.literals(op, &resolved, kind, &[super::traps::one_text(text)], false)?;
                Some(Cond::Exactly { slot: self.slot(&resolved), values: vec![text.text.as_str().into()] })
            }
            OpKind::Order { test, value } => self.ordered(path, &resolved, kind, *test, value),
            OpKind::Text { test, quantifier, values } => {
                self.text(path, op, &resolved, kind, (*test, *quantifier), values)
            }
            OpKind::InTheLast(span) => {
                let slot = self.slot(&resolved);
                Some(match self.ago(path, kind, span)? {
                    Ago::Moments(ms) => Cond::Within { slot, ms },
                    Ago::Days(days, zone) => Cond::DayWithin { slot, days, zone },
                })
            }
            OpKind::MoreThanAgo(span) => {
                let slot = self.slot(&resolved);
                Some(match self.ago(path, kind, span)? {
                    Ago::Moments(ms) => Cond::Before { slot, ms },
                    Ago::Days(days, zone) => Cond::DayBefore { slot, days, zone },
                })
            }
            OpKind::SameAs(other) => self.same(at, path, &resolved, kind, other),
            OpKind::IsState { .. } => None,
        }
    }

    /// `is empty`, `is set`: words of other languages, where they are no options.
    fn asks_for_blank(&self, resolved: &Resolved<'a>, value: &Value) -> bool {
        let ValueKind::Word(word) = &value.kind else { return false };
        (is_missing(&value.kind) || THERE.contains(&word.to_lowercase().as_str()))
            && !is_option(&resolved.fields(), word)
            && !self.globals.values.contains_key(word.as_str())
    }

    pub(super) fn misfit(&mut self, path: &Path, kind: FieldKind, what: &str, help: &str) {
        let message = format!("{what} does not fit `{}`, which is {}", path.text(), kind_words(kind));
        self.report(Finding::new(Code::WrongComparisonForKind, self.file, path.span, message).help(help));
    }

    fn literals(
        &mut self,
        op: &Op,
        resolved: &Resolved<'a>,
        kind: FieldKind,
        values: &[Value],
        set: bool,
    ) -> Option<Vec<Literal>> {
        let written = match set {
            true => self.expand(values, resolved),
            false => values.iter().map(|value| Written { span: value.span, kind: &value.kind, own: true }).collect(),
        };
        let read: Vec<Option<Literal>> = written.iter().map(|value| self.literal(kind, resolved, value, set)).collect();
        let read: Vec<Literal> = read.into_iter().collect::<Option<_>>()?;
        self.traps(kind, op, &written, &read);
        Some(read)
    }

    /// `is V`, `is any of …`.
    fn equals(
        &mut self,
        path: &Path,
        op: &Op,
        resolved: &Resolved<'a>,
        kind: FieldKind,
        values: &[Value],
        set: bool,
    ) -> Option<Cond> {
        if kind == FieldKind::Options {
            self.misfit(path, kind, "`is`", "write `contains`, `contains any of` or `contains all of`");
            return None;
        }
        let literals = self.literals(op, resolved, kind, values, set)?;
        let slot = self.slot(resolved);
        Some(match kind {
            FieldKind::Text | FieldKind::Email => {
                let values = texts(&literals).iter().map(|text| fold_case(text.trim())).collect();
                Cond::Text { slot, test: TextTest::IsAnyOf, values: sorted(values) }
            }
            FieldKind::Id => {
                let forms = texts(&literals).into_iter().flat_map(id_forms).map(Into::into).collect();
                Cond::Exactly { slot, values: sorted(forms) }
            }
            FieldKind::Option | FieldKind::Options => {
                let values = texts(&literals).into_iter().map(Into::into).collect();
                Cond::Exactly { slot, values: sorted(values) }
            }
            FieldKind::Number | FieldKind::Bool | FieldKind::Day | FieldKind::Time => {
                any(literals.into_iter().filter_map(|literal| test_of(slot, Test::Equal, literal)).collect())
            }
        })
    }

    fn ordered(
        &mut self,
        path: &Path,
        resolved: &Resolved<'a>,
        kind: FieldKind,
        test: OrderTest,
        value: &Value,
    ) -> Option<Cond> {
        let dated = matches!(kind, FieldKind::Day | FieldKind::Time);
        let test = match (test, dated) {
            (OrderTest::AtLeast, _) => Test::AtLeast,
            (OrderTest::AtMost, _) => Test::AtMost,
            (OrderTest::MoreThan, false) => Test::MoreThan,
            (OrderTest::LessThan, false) => Test::LessThan,
            (OrderTest::Before, true) => Test::LessThan,
            (OrderTest::After, true) => Test::MoreThan,
            (OrderTest::MoreThan | OrderTest::LessThan, true) => {
                self.misfit(path, kind, "the comparison", "write `is before` or `is after`");
                return None;
            }
            (OrderTest::Before | OrderTest::After, false) => {
                self.misfit(path, kind, "the comparison", "write `is less than` or `is more than`");
                return None;
            }
        };
        let written = Written { span: value.span, kind: &value.kind, own: true };
        match kind {
            FieldKind::Number | FieldKind::Day | FieldKind::Time => {
                let literal = self.literal(kind, resolved, &written, false)?;
                test_of(self.slot(resolved), test, literal)
            }
            FieldKind::Option => self.ranked(path, resolved, test, &written),
            _ => {
                let message = format!("`{}` is {}, which has no order", path.text(), kind_words(kind));
                self.error(Code::NoOrder, path.span, message);
                None
            }
        }
    }

    /// The options from the lowest to the highest: by an `order` block, or by the schema where their place in it means
    /// something. None where the fields have no order in common.
    pub(super) fn options_in_order(&self, fields: &[super::names::FieldOf<'a>]) -> Option<Vec<&'a str>> {
        let block = |field: &super::names::FieldOf<'a>| {
            self.globals.orders.iter().find(|order| order.fields.iter().any(|def| std::ptr::eq(*def, field.def)))
        };
        let order = |field: &super::names::FieldOf<'a>| match block(field) {
            Some(order) => Some(order.values.clone()),
            None if field.def.ordered => Some(field.def.options.iter().map(|option| option.value.as_str()).collect()),
            None => None,
        };
        let first = order(fields.first()?)?;
        fields.iter().all(|field| order(field).as_ref() == Some(&first)).then_some(first)
    }

    fn ranked(&mut self, path: &Path, resolved: &Resolved<'a>, test: Test, written: &Written<'_>) -> Option<Cond> {
        let Some(first) = self.options_in_order(&resolved.fields()) else {
            let message = format!("the options of `{}` have no order", path.text());
            let finding = Finding::new(Code::NoOrder, self.file, path.span, message);
            self.report(finding.help("name the options: `is any of …`; or give them an order: `order … { … }`"));
            return None;
        };
        let Literal::Text(option) = self.literal(FieldKind::Option, resolved, written, false)? else { return None };
        let ranks: BTreeMap<&str, u32> = first.iter().copied().zip(0u32..).collect();
        let Some(value) = ranks.get(option.as_str()).copied() else {
            self.error(
                Code::NotAnOption,
                written.span,
                format!("`{option}` has no place in the order of `{}`", path.text()),
            );
            return None;
        };
        let ranks = ranks.into_iter().map(|(option, rank)| (option.into(), rank)).collect();
        Some(Cond::Rank { slot: self.slot(resolved), test, value, ranks })
    }

    /// `contains`, `starts with`, `ends with`.
    fn text(
        &mut self,
        path: &Path,
        op: &Op,
        resolved: &Resolved<'a>,
        kind: FieldKind,
        (test, quantifier): (TreeTextTest, Quantifier),
        values: &[Value],
    ) -> Option<Cond> {
        match (kind, test) {
            (FieldKind::Text | FieldKind::Email, _) | (FieldKind::Options, TreeTextTest::Contains) => {}
            (FieldKind::Option, _) => {
                self.misfit(path, kind, "a text comparison", "name the options: `is any of …`");
                return None;
            }
            _ => {
                self.misfit(path, kind, "a text comparison", "only text has a beginning and an end");
                return None;
            }
        }
        let literals = self.literals(op, resolved, kind, values, quantifier != Quantifier::One)?;
        let slot = self.slot(resolved);
        let all = quantifier == Quantifier::AllOf;
        let cond = if kind == FieldKind::Options {
            let values = sorted(texts(&literals).into_iter().map(Into::into).collect());
            Cond::Options { slot, test: if all { SetTest::HasAll } else { SetTest::HasAny }, values }
        } else {
            let values: Vec<Box<str>> = sorted(texts(&literals).into_iter().map(fold_case).collect());
            let one = |test| move |value| Cond::Text { slot, test, values: vec![value] };
            match (test, all) {
                (TreeTextTest::Contains, true) => Cond::Text { slot, test: TextTest::ContainsAll, values },
                (TreeTextTest::Contains, false) => Cond::Text { slot, test: TextTest::ContainsAny, values },
                (TreeTextTest::StartsWith, false) => Cond::Text { slot, test: TextTest::StartsWithAny, values },
                (TreeTextTest::EndsWith, false) => Cond::Text { slot, test: TextTest::EndsWithAny, values },
                (TreeTextTest::StartsWith, true) => {
                    Cond::All(values.into_iter().map(one(TextTest::StartsWithAny)).collect())
                }
                (TreeTextTest::EndsWith, true) => {
                    Cond::All(values.into_iter().map(one(TextTest::EndsWithAny)).collect())
                }
            }
        };
        Some(if quantifier == Quantifier::NoneOf { negate(cond) } else { cond })
    }

    /// The span, for a field that holds moments or days.
    fn ago(&mut self, path: &Path, kind: FieldKind, span: &Duration) -> Option<Ago> {
        const HOUR: i64 = 3_600_000;
        let unit = match (kind, span.unit) {
            (FieldKind::Time, Unit::Hours) => HOUR,
            (FieldKind::Time, Unit::Days) => 24 * HOUR,
            (FieldKind::Day, Unit::Days) => 1,
            (FieldKind::Day, Unit::Hours) => {
                self.misfit(path, kind, "an age in hours", "count in days");
                return None;
            }
            _ => {
                self.misfit(path, kind, "an age", "only a date has one");
                return None;
            }
        };
        let length = number(&span.number.text)
            .filter(|number| !number.is_sign_negative())
            .and_then(|number| number.checked_mul(Decimal::from(unit)))
            .and_then(|ms| i64::try_from(ms.trunc()).ok());
        let Some(length) = length else {
            self.error(Code::BadNumber, span.span, format!("`{}` is no span of time", span.number.text));
            return None;
        };
        match kind {
            FieldKind::Day => self.zone(path.span).map(|zone| Ago::Days(length, zone)),
            _ => Some(Ago::Moments(length)),
        }
    }

    /// Where days begin; reported where no file says it.
    pub(super) fn zone(&mut self, span: Span) -> Option<Zone> {
        let zone = self.globals.zone.clone();
        if zone.is_none() && !self.globals.has_zone() {
            let finding = Finding::new(Code::NeedsZone, self.file, span, "where does the day begin and end?");
            self.report(finding.help("add a line like `zone \"America/New_York\"` below `edition`"));
        }
        zone
    }

    fn same(&mut self, at: At, path: &Path, left: &Resolved<'a>, kind: FieldKind, other: &Path) -> Option<Cond> {
        let right = self.resolve(at.look, other)?;
        let other_kind = self.uniform(other, &right)?;
        if !comparable(kind, other_kind) {
            let message = format!(
                "`{}` is {}, `{}` is {}: they are never the same",
                path.text(),
                kind_words(kind),
                other.text(),
                kind_words(other_kind)
            );
            let finding = Finding::new(Code::WrongComparisonForKind, self.file, other.span, message);
            self.report(finding.help("compare two fields of the same type"));
            return None;
        }
        let text = |kind| matches!(kind, FieldKind::Text | FieldKind::Email);
        let (left, right) = (self.slot(left), self.slot(&right));
        Some(match text(kind) && text(other_kind) {
            true => Cond::SameText(left, right),
            false => Cond::Same(left, right),
        })
    }
}

const MISSING: [&str; 8] = ["null", "empty", "none", "nothing", "missing", "unset", "undefined", "nil"];
const THERE: [&str; 5] = ["set", "present", "filled", "there", "populated"];

fn is_missing(value: &ValueKind) -> bool {
    matches!(value, ValueKind::Word(word) if MISSING.contains(&word.to_lowercase().as_str()))
}

/// A span of time before now.
enum Ago {
    /// Milliseconds.
    Moments(i64),
    Days(i64, Zone),
}

/// Whether values of the two kinds can be equal.
pub(super) fn comparable(a: FieldKind, b: FieldKind) -> bool {
    let class = |kind| match kind {
        FieldKind::Text | FieldKind::Email | FieldKind::Option | FieldKind::Id => FieldKind::Text,
        kind => kind,
    };
    class(a) == class(b)
}

fn texts(literals: &[Literal]) -> Vec<&str> {
    let text = literals.iter().map(|literal| match literal {
        Literal::Text(text) => Some(text.as_str()),
        _ => None,
    });
    text.flatten().collect()
}

fn sorted(mut values: Vec<Box<str>>) -> Vec<Box<str>> {
    values.sort();
    values.dedup();
    values
}

fn any(mut parts: Vec<Cond>) -> Cond {
    match parts.len() {
        1 => parts.remove(0),
        _ => Cond::Any(parts),
    }
}

fn test_of(slot: SlotId, test: Test, literal: Literal) -> Option<Cond> {
    match literal {
        Literal::Number(value) => Some(Cond::Number { slot, test, value }),
        Literal::Day(value) => Some(Cond::Day { slot, test, value }),
        Literal::Time(value) => Some(Cond::Time { slot, test, value }),
        Literal::Span(start, end) => {
            let time = |test, value| Cond::Time { slot, test, value };
            Some(match test {
                Test::Equal => Cond::All(vec![time(Test::AtLeast, start), time(Test::LessThan, end)]),
                Test::AtLeast => time(Test::AtLeast, start),
                Test::LessThan => time(Test::LessThan, start),
                Test::MoreThan => time(Test::AtLeast, end),
                Test::AtMost => time(Test::LessThan, end),
            })
        }
        Literal::Bool(value) => Some(Cond::Is(slot, value)),
        Literal::Text(_) => None,
    }
}

/// A Salesforce id of 15 characters also in its form of 18, and the other way round; any other id as it is.
///
/// The last three characters name, five by five, which letters are capitals.
fn id_forms(id: &str) -> Vec<String> {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let id = id.trim();
    if !matches!(id.len(), 15 | 18) || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return vec![id.to_owned()];
    }
    let core: String = id.chars().take(15).collect();
    let suffix = core.as_bytes().chunks(5).map(|five| {
        let capitals = five.iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase());
        let at: usize = capitals.map(|(bit, _)| 1 << bit).sum();
        DIGITS.get(at).copied().map_or('A', char::from)
    });
    let full: String = core.chars().chain(suffix).collect();
    vec![core, full]
}

/// A value of `or use`, before it is fitted to a target.
pub(super) fn use_value(kind: &ValueKind) -> Option<crate::data::Value> {
    use crate::data::{Value as Data, day_from_iso};
    Some(match kind {
        ValueKind::Word(word) if word == "true" || word == "false" => Data::Bool(word == "true"),
        ValueKind::Word(text) | ValueKind::Text(text) => Data::text(text.as_str()),
        ValueKind::Number(text) => Data::Num(number(text)?),
        ValueKind::Date(text) => match day_from_iso(text).filter(|_| !text.contains('T')) {
            Some(day) => Data::Day(day),
            None => Data::Time(super::literal::moment(text)?.0),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_in_both_forms() {
        let both = ["001D000000IRFma", "001D000000IRFmaIAH"].map(str::to_owned);
        assert_eq!(id_forms("001D000000IRFma"), both);
        assert_eq!(id_forms(" 001D000000IRFmaIAH "), both);
        assert_eq!(id_forms("512"), ["512"]);
    }
}
