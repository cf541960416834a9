//! Conditions in the words of the language, for explanations.

use super::ir::{Cond, SetTest, Slot, SlotId, Test, TextTest};
use crate::data::{FieldKind, Millis, day_to_iso};

/// `email ends with any of "@acme.com", "@acme.io"`: the condition as a rule would say it.
pub fn words(cond: &Cond, slots: &[Slot]) -> String {
    let name = |slot: &SlotId| slots.get(*slot).map_or("?", |slot| &slot.name);
    match cond {
        Cond::Always => "always".to_owned(),
        Cond::Never => "never".to_owned(),
        Cond::All(parts) => joined(parts, slots, " and "),
        Cond::Any(parts) => joined(parts, slots, " or "),
        Cond::Not(inner) => match &**inner {
            Cond::Known(slot) => format!("{} is blank", name(slot)),
            inner => format!("not ({})", words(inner, slots)),
        },
        Cond::Known(slot) => format!("{} is known", name(slot)),
        Cond::Is(slot, value) => match slots.get(*slot).map(|slot| &slot.source) {
            Some(super::Source::Field { .. } | super::Source::Reached { .. }) => format!("{} is {value}", name(slot)),
            Some(super::Source::Member { .. }) => format!("{}member of list \"{}\"", not(*value), name(slot)),
            _ => format!("{}{}", not(*value), name(slot)),
        },
        Cond::Text { slot, test, values } => {
            let (verb, any) = match test {
                TextTest::IsAnyOf => ("is", "any of "),
                TextTest::ContainsAny => ("contains", "any of "),
                TextTest::ContainsAll => ("contains", "all of "),
                TextTest::StartsWithAny => ("starts with", "any of "),
                TextTest::EndsWithAny => ("ends with", "any of "),
            };
            format!("{} {verb} {}", name(slot), set(values, any, true))
        }
        Cond::Exactly { slot, values } => {
            let quoted = slots.get(*slot).is_none_or(|slot| slot.kind != FieldKind::Option);
            format!("{} is {}", name(slot), set(values, "any of ", quoted))
        }
        Cond::Number { slot, test, value } => format!("{} is {}{}", name(slot), order(*test), value.normalize()),
        Cond::Day { slot, test, value } => format!("{} is {}{}", name(slot), dated(*test), day_to_iso(*value)),
        Cond::Time { slot, test, value } => format!("{} is {}{}", name(slot), dated(*test), Millis(*value).to_iso()),
        Cond::Rank { slot, test, value, ranks } => {
            let option = ranks.iter().find(|(_, rank)| rank == value).map_or("?", |(option, _)| option);
            format!("{} is {}{option}", name(slot), order(*test))
        }
        Cond::Within { slot, ms } => format!("{} is in the last {}", name(slot), span(*ms)),
        Cond::Before { slot, ms } => format!("{} is more than {} ago", name(slot), span(*ms)),
        Cond::DayWithin { slot, days, .. } => format!("{} is in the last {days} days", name(slot)),
        Cond::DayBefore { slot, days, .. } => format!("{} is more than {days} days ago", name(slot)),
        Cond::Email(slot) => format!("{} is a valid email", name(slot)),
        Cond::Same(a, b) | Cond::SameText(a, b) => format!("{} is same as {}", name(a), name(b)),
        Cond::Options { slot, test, values } => {
            let any = if *test == SetTest::HasAll { "all of " } else { "any of " };
            format!("{} contains {}", name(slot), set(values, any, false))
        }
    }
}

fn joined(parts: &[Cond], slots: &[Slot], word: &str) -> String {
    let parts = parts.iter().map(|part| match part {
        Cond::All(_) | Cond::Any(_) => format!("({})", words(part, slots)),
        part => words(part, slots),
    });
    parts.collect::<Vec<_>>().join(word)
}

fn not(value: bool) -> &'static str {
    if value { "" } else { "not " }
}

fn set(values: &[Box<str>], several: &str, quoted: bool) -> String {
    let shown: Vec<String> =
        values.iter().map(|value| if quoted { format!("\"{value}\"") } else { value.to_string() }).collect();
    let several = if values.len() == 1 { "" } else { several };
    format!("{several}{}", shown.join(", "))
}

fn order(test: Test) -> &'static str {
    match test {
        Test::Equal => "",
        Test::AtLeast => "at least ",
        Test::AtMost => "at most ",
        Test::MoreThan => "more than ",
        Test::LessThan => "less than ",
    }
}

fn dated(test: Test) -> &'static str {
    match test {
        Test::MoreThan => "after ",
        Test::LessThan => "before ",
        test => order(test),
    }
}

fn span(ms: i64) -> String {
    const HOUR: i64 = 3_600_000;
    match (ms % (24 * HOUR), ms % HOUR) {
        (0, _) => format!("{} days", ms / (24 * HOUR)),
        (_, 0) => format!("{} hours", ms / HOUR),
        _ => format!("{} seconds", ms / 1000),
    }
}
