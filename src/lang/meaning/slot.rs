//! One slot: a value that passes all tests, or the proof that there is none.

use super::{Domain, FieldDomain, NOW, options, ordered, text, times};
use crate::data::{Cell, FieldKind, Value};
use crate::lang::plan::{Cond, SlotId, slots_of, test_cell};

/// What is asked of the slot's value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Test<'c> {
    Known,
    /// A condition about this slot alone.
    Atom(&'c Cond),
}

/// A test, and what its answer is to be.
pub(super) type Literal<'c> = (Test<'c>, bool);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Solved {
    Never,
    Value(Value),
    Unknown,
}

/// The slot that a condition without parts looks at; none for one that looks at two.
pub(super) fn of(atom: &Cond) -> Option<SlotId> {
    if matches!(atom, Cond::All(_) | Cond::Any(_) | Cond::Not(_)) {
        return None;
    }
    let mut slots = Vec::new();
    slots_of(atom, &mut |slot| slots.push(slot));
    match slots[..] {
        [slot] => Some(slot),
        _ => None,
    }
}

/// How many values it names.
pub(super) fn size(atom: &Cond) -> usize {
    match atom {
        Cond::Text { values, .. } | Cond::Exactly { values, .. } | Cond::Options { values, .. } => values.len(),
        Cond::Rank { ranks, .. } => ranks.len(),
        _ => 1,
    }
}

pub(super) fn passes(literals: &[Literal<'_>], cell: Cell<'_>) -> bool {
    literals.iter().all(|(test, wanted)| {
        let answer = match test {
            Test::Known => cell.is_known(),
            Test::Atom(atom) => test_cell(atom, cell, NOW),
        };
        answer == *wanted
    })
}

/// Whether the slot can hold the value, and it passes.
pub(super) fn takes(domain: &Domain, literals: &[Literal<'_>], value: &Value) -> bool {
    let holds = match domain {
        Domain::Fixed(fixed) => fixed == value,
        Domain::Fact => matches!(value, Value::Bool(_)),
        Domain::As(_) => false,
        Domain::Field(field) => match (field.kind, value) {
            (_, Value::Null) => !field.known,
            (FieldKind::Bool, Value::Bool(_))
            | (FieldKind::Number, Value::Num(_))
            | (FieldKind::Day, Value::Day(_))
            | (FieldKind::Time, Value::Time(_)) => true,
            (FieldKind::Option, Value::Text(text)) => field.options.is_empty() || field.options.contains(text),
            (FieldKind::Text | FieldKind::Email | FieldKind::Id, Value::Text(_)) => true,
            _ => false,
        },
    };
    holds && passes(literals, value.cell())
}

pub(super) fn solve(domain: &Domain, literals: &[Literal<'_>]) -> Solved {
    match domain {
        Domain::Fixed(value) if passes(literals, value.cell()) => Solved::Value(value.clone()),
        Domain::Fixed(_) => Solved::Never,
        Domain::Fact => first(literals, [Value::Bool(true), Value::Bool(false)], only(literals, is_fact)),
        Domain::As(_) => Solved::Unknown,
        Domain::Field(field) => solve_field(field, literals),
    }
}

fn solve_field(field: &FieldDomain, literals: &[Literal<'_>]) -> Solved {
    let found = match field.kind {
        FieldKind::Bool => {
            let values = [Value::Bool(true), Value::Bool(false), Value::Null];
            first(
                literals,
                values.into_iter().filter(|value| !field.known || *value != Value::Null),
                only(literals, is_fact),
            )
        }
        FieldKind::Number => ordered::numbers(field, literals),
        FieldKind::Day => times::days(field, literals),
        FieldKind::Time => times::moments(field, literals),
        FieldKind::Option | FieldKind::Id => options::one(field, literals),
        FieldKind::Options => options::several(field, literals),
        FieldKind::Text | FieldKind::Email => text::solve(field, literals),
    };
    match found {
        Solved::Value(value) if field.known && value.cell().is_blank() => Solved::Unknown,
        found => found,
    }
}

fn is_fact(atom: &Cond) -> bool {
    matches!(atom, Cond::Is(..) | Cond::Known(_))
}

/// Whether all tests are of this kind, or about a blank.
pub(super) fn only(literals: &[Literal<'_>], kind: impl Fn(&Cond) -> bool) -> bool {
    literals.iter().all(|(test, _)| match test {
        Test::Known => true,
        Test::Atom(atom) => matches!(atom, Cond::Known(_)) || kind(atom),
    })
}

/// The atoms among the tests, with what their answer is to be.
pub(super) fn atoms<'l, 'c: 'l>(literals: &'l [Literal<'c>]) -> impl Iterator<Item = (&'c Cond, bool)> + 'l {
    literals.iter().filter_map(|(test, wanted)| match test {
        Test::Atom(atom) => Some((*atom, *wanted)),
        Test::Known => None,
    })
}

/// The first value that passes. `complete`: where none of these does, none at all does.
pub(super) fn first(literals: &[Literal<'_>], values: impl IntoIterator<Item = Value>, complete: bool) -> Solved {
    match values.into_iter().find(|value| passes(literals, value.cell())) {
        Some(value) => Solved::Value(value),
        None if complete => Solved::Never,
        None => Solved::Unknown,
    }
}
