//! Conditions in their smallest form: constants folded, nested lists flattened, values of one question put together.

use super::ir::{Cond, TextTest};

/// An equal condition. Fusing twice changes nothing more.
pub fn fuse(cond: Cond) -> Cond {
    match cond {
        Cond::All(parts) => list(parts, true),
        Cond::Any(parts) => list(parts, false),
        Cond::Not(inner) => match fuse(*inner) {
            Cond::Always => Cond::Never,
            Cond::Never => Cond::Always,
            Cond::Not(inner) => *inner,
            inner => Cond::Not(Box::new(inner)),
        },
        Cond::Exactly { values, .. } if values.is_empty() => Cond::Never,
        Cond::Text { test, values, .. } if values.is_empty() && test != TextTest::ContainsAll => Cond::Never,
        atom => atom,
    }
}

/// `all`: every part must hold; else any.
fn list(parts: Vec<Cond>, all: bool) -> Cond {
    let (neutral, decisive) = if all { (Cond::Always, Cond::Never) } else { (Cond::Never, Cond::Always) };
    let mut flat: Vec<Cond> = Vec::new();
    for part in parts {
        match (fuse(part), all) {
            (part, _) if part == neutral => {}
            (part, _) if part == decisive => return decisive,
            (Cond::All(inner), true) | (Cond::Any(inner), false) => {
                inner.into_iter().for_each(|part| add(&mut flat, part, all))
            }
            (part, _) => add(&mut flat, part, all),
        }
    }
    match (flat.len(), all) {
        (0, _) => neutral,
        (1, _) => flat.pop().unwrap_or(neutral),
        (_, true) => Cond::All(flat),
        (_, false) => Cond::Any(flat),
    }
}

fn add(flat: &mut Vec<Cond>, part: Cond, all: bool) {
    if flat.contains(&part) {
        return;
    }
    if !all && flat.iter_mut().any(|known| merge(known, &part)) {
        return;
    }
    flat.push(part);
}

/// `x is a` or `x is b` is `x is any of a, b`.
fn merge(known: &mut Cond, part: &Cond) -> bool {
    let (values, more) = match (known, part) {
        (Cond::Exactly { slot, values }, Cond::Exactly { slot: other, values: more }) if slot == other => {
            (values, more)
        }
        (Cond::Text { slot, test, values }, Cond::Text { slot: other_slot, test: other_test, values: more })
            if slot == other_slot && test == other_test && *test != TextTest::ContainsAll =>
        {
            (values, more)
        }
        _ => return false,
    };
    values.extend(more.iter().cloned());
    values.sort();
    values.dedup();
    true
}
