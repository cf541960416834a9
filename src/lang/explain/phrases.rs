//! The words that all explanations share.

use super::Teller;
use crate::data::{Side, Uid};
use crate::lang::plan::{Block, Cond, Place, Target, TypeUse, words};

/// The product names, as people write them.
pub(super) fn crm(side: Side) -> &'static str {
    match side {
        Side::Left => "HubSpot",
        Side::Right => "Salesforce",
    }
}

/// `a, b and c`
pub(super) fn and(items: &[String]) -> String {
    joined(items, "and")
}

pub(super) fn joined(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

pub(super) fn plural(n: usize, word: &str) -> String {
    match (n, word.strip_suffix('y')) {
        (1, _) => format!("1 {word}"),
        (_, Some(stem)) => format!("{n} {stem}ies"),
        _ if word.ends_with('s') => format!("{n} {word}es"),
        _ => format!("{n} {word}s"),
    }
}

/// 20000 as `20,000`.
pub(super) fn number(n: impl ToString) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl Teller<'_> {
    /// `rules/people.sync:12`
    pub(super) fn at(&self, place: &Place) -> Option<String> {
        self.plan.files.get(place.file).map(|file| format!("{file}:{}", place.line))
    }
}

/// `HubSpot contact`, `Salesforce Lead and Contact`
pub(super) fn types(block: &Block, side: Side, word: &str) -> String {
    let names: Vec<String> = block.types[side].iter().map(|ty| ty.name.clone()).collect();
    format!("{} {}", crm(side), joined(&names, word))
}

pub(super) fn field_name(ty: &TypeUse, uid: Uid) -> Option<&str> {
    ty.fields.iter().find(|field| field.uid == uid).map(|field| field.name.as_str())
}

/// The fields of a row on one side, by type: `Salesforce Lead Street and Contact MailingStreet`; once where all types have
/// the same name: `Salesforce FirstName of Lead and Contact`.
pub(super) fn per_type(block: &Block, side: Side, fields: &[Option<String>]) -> String {
    let found: Vec<(&str, &str)> = block.types[side]
        .iter()
        .zip(fields)
        .filter_map(|(ty, field)| Some((ty.name.as_str(), field.as_deref()?)))
        .collect();
    let first = found.first().map(|(_, field)| *field);
    if found.iter().all(|(_, field)| Some(*field) == first) {
        let names: Vec<String> = found.iter().map(|(ty, _)| (*ty).to_owned()).collect();
        return match first {
            Some(field) => format!("`{field}` of {} {}", crm(side), and(&names)),
            None => format!("no field of {}", crm(side)),
        };
    }
    let each: Vec<String> = found.iter().map(|(ty, field)| format!("`{field}` of {} {ty}", crm(side))).collect();
    and(&each)
}

pub(super) fn target_names(targets: &[Option<Target>]) -> Vec<Option<String>> {
    targets.iter().map(|target| target.as_ref().map(|target| target.name.to_string())).collect()
}

/// A condition in the words of the language, as part of a sentence about a record.
pub(super) fn when(block: &Block, cond: &Cond) -> String {
    let said = words(cond, &block.slots);
    said.replace("not member of list \"", "it is not a member of the list \"")
        .replace("it is not a member of the list \"", "\0")
        .replace("member of list \"", "it is a member of the list \"")
        .replace('\0', "it is not a member of the list \"")
}

pub(super) fn span(ms: i64) -> String {
    const HOUR: i64 = 3_600_000;
    let (n, unit) = if ms % (24 * HOUR) == 0 { (ms / (24 * HOUR), "day") } else { (ms / HOUR, "hour") };
    if n == 1 { unit.to_owned() } else { format!("{n} {unit}s") }
}
