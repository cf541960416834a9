//! Values in an order: between two neighbours of those that the tests name, every value answers alike.

use rust_decimal::Decimal;

use super::FieldDomain;
use super::slot::{Literal, Solved, atoms, first, only};
use crate::data::Value;
use crate::lang::plan::Cond;

/// The named values, one in each gap between two, one below all and one above all. None where the gap is too narrow to
/// say.
pub(super) fn around(mut named: Vec<Decimal>) -> Option<Vec<Decimal>> {
    named.sort();
    named.dedup();
    let (Some(lowest), Some(highest)) = (named.first().copied(), named.last().copied()) else {
        return Some(vec![Decimal::ONE]);
    };
    let mut values = named.clone();
    values.push(highest.checked_add(Decimal::ONE).filter(|above| *above > highest)?);
    values.push(lowest.checked_sub(Decimal::ONE).filter(|below| *below < lowest)?);
    for pair in named.windows(2) {
        let [low, high] = pair else { continue };
        let whole = low.floor().checked_add(Decimal::ONE).filter(|whole| whole < high);
        let half = || low.checked_add(high.checked_sub(*low)?.checked_div(Decimal::TWO)?);
        values.push(whole.or_else(half).filter(|between| low < between && between < high)?);
    }
    Some(values)
}

pub(super) fn numbers(field: &FieldDomain, literals: &[Literal<'_>]) -> Solved {
    let named = atoms(literals).filter_map(|(atom, _)| match atom {
        Cond::Number { value, .. } => Some(value.normalize()),
        _ => None,
    });
    let named: Vec<Decimal> = named.collect();
    let complete = only(literals, |atom| matches!(atom, Cond::Number { .. }));
    let blank = (!field.known).then_some(Value::Null);
    match around(named.clone()) {
        Some(values) => first(literals, values.into_iter().map(Value::Num).chain(blank), complete),
        None => first(literals, named.into_iter().map(Value::Num).chain(blank), false),
    }
}
