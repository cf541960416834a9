//! Picklists and ids: those values that a test or the schema names, and any other one.

use std::collections::BTreeSet;

use super::FieldDomain;
use super::slot::{Literal, Solved, atoms, first, only};
use crate::data::Value;
use crate::lang::plan::Cond;

/// A multi-select with more options in its tests is not reasoned about.
const MOST: usize = 10;

fn named<'c>(literals: &[Literal<'c>]) -> BTreeSet<&'c str> {
    let values = atoms(literals).flat_map(|(atom, _)| match atom {
        Cond::Exactly { values, .. } | Cond::Options { values, .. } => values.iter().map(|v| &**v).collect(),
        Cond::Rank { ranks, .. } => ranks.iter().map(|(option, _)| &**option).collect(),
        _ => Vec::new(),
    });
    values.collect()
}

/// A value that nothing names.
fn other(named: &BTreeSet<&str>) -> String {
    let mut other = "another".to_owned();
    while named.contains(other.as_str()) {
        other.push('_');
    }
    other
}

/// A picklist with one choice, or an id.
pub(super) fn one(field: &FieldDomain, literals: &[Literal<'_>]) -> Solved {
    let complete = only(literals, |atom| matches!(atom, Cond::Exactly { .. } | Cond::Rank { .. }));
    let named = named(literals);
    let mut values: Vec<Value> = match field.options.is_empty() {
        true => named.iter().map(|value| Value::text(*value)).chain([Value::text(other(&named))]).collect(),
        false => field.options.iter().map(|option| Value::Text(option.clone())).collect(),
    };
    if !field.known {
        values.push(Value::Null);
    }
    first(literals, values, complete)
}

/// A multi-select: every set of the options that a test names, alone or beside another one.
pub(super) fn several(field: &FieldDomain, literals: &[Literal<'_>]) -> Solved {
    let named = named(literals);
    let shown: Vec<&str> = match field.options.is_empty() {
        true => named.iter().copied().collect(),
        // Others are in no record.
        false => named.iter().copied().filter(|value| field.options.iter().any(|option| **option == **value)).collect(),
    };
    let few = shown.len() <= MOST;
    let complete = few && only(literals, |atom| matches!(atom, Cond::Options { .. }));
    let beside = match field.options.is_empty() {
        true => Some(other(&named)),
        false => field.options.iter().find(|option| !named.contains(&***option)).map(|option| option.to_string()),
    };
    let mut sets: Vec<u32> = (1..1u32 << shown.len().min(MOST)).collect();
    sets.sort_by_key(|set| set.count_ones());
    let text = |set: u32| {
        let chosen = shown.iter().enumerate().filter(|(at, _)| set & (1 << at) != 0).map(|(_, option)| *option);
        Value::text(chosen.collect::<Vec<_>>().join(";"))
    };
    let values = sets.into_iter().map(text).chain(beside.map(Value::text));
    first(literals, values.chain((!field.known).then_some(Value::Null)), complete)
}
