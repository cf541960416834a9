//! `if currency differs`: in which currencies the two values of a row are.

use crate::data::{BySide, Cell, Side};
use crate::lang::plan::{Currencies, Currency};

/// How two amounts stand to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Money {
    Same,
    /// In which words this is said.
    Differ(String),
    /// In which currency one of them is was not read, or nothing says it.
    Unknown(String),
}

/// `cell`: what a slot holds, by the side that it is asked for.
pub(super) fn compare<'a>(currencies: &Currencies, cell: impl Fn(Side, usize) -> Cell<'a>) -> Money {
    let of = |side: Side| code(&currencies.of[side], |slot| cell(side, slot));
    match BySide::new(of(Side::Left), of(Side::Right)) {
        BySide { left: Some(left), right: Some(right) } if left == right => Money::Same,
        BySide { left: Some(left), right: Some(right) } => {
            Money::Differ(format!("the amounts are in different currencies, {left} (left) and {right} (right)"))
        }
        BySide { left, .. } => {
            let side = if left.is_none() { "left" } else { "right" };
            Money::Unknown(format!("in which currency the amount is on the {side} is not known"))
        }
    }
}

fn code<'a>(of: &Currency, cell: impl Fn(usize) -> Cell<'a>) -> Option<String> {
    match of.slot.map(cell) {
        Some(Cell::Unread) => None,
        Some(own) if own.is_known() => Some(own.text().trim().to_uppercase()),
        _ => of.home.as_ref().map(|home| home.trim().to_uppercase()),
    }
}
