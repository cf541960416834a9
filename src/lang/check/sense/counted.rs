//! What holds between the facts of a record: between questions about the records that refer to it, and between a record
//! that is reached and its fields.

use super::space::field_domain;
use crate::data::{FieldKind, Side, Value};
use crate::lang::check::checked::{CheckedCount, CheckedSlot, CheckedSource, CheckedSync};
use crate::lang::check::globals::Globals;
use crate::lang::meaning::{Budget, Domain, FieldDomain, Space, never};
use crate::lang::plan::{Cond, CountTest, SlotId};

/// What holds between the slots of every record.
pub(super) fn axioms(globals: &Globals<'_>, checked: &CheckedSync, used: &[bool]) -> Vec<Cond> {
    let mut axioms = Vec::new();
    let slots = || checked.slots.iter().enumerate().filter(|(at, _)| used[*at]);
    for (id, slot) in slots() {
        let CheckedSource::ReachedId { reach } = &slot.source else { continue };
        let of_it =
            slots().filter(|(_, slot)| matches!(&slot.source, CheckedSource::Reached { reach: of, .. } if of == reach));
        axioms.extend(of_it.map(|(field, _)| implies(Cond::Known(field), Cond::Known(id))));
    }
    let counts: Vec<(SlotId, &CheckedCount)> = slots()
        .filter_map(|(at, slot)| match slot.source {
            CheckedSource::Count { count } => Some((at, checked.counts.get(count)?)),
            _ => None,
        })
        .collect();
    for (a, of_a) in &counts {
        for (b, of_b) in counts.iter().filter(|(b, _)| a != b) {
            let alike = of_a.side == of_b.side && of_a.referring == of_b.referring && of_a.onward == of_b.onward;
            if alike && counted_implies(globals, of_a, of_b) {
                axioms.push(implies(Cond::Is(*a, true), Cond::Is(*b, true)));
            }
        }
    }
    axioms
}

fn implies(a: Cond, b: Cond) -> Cond {
    Cond::Any(vec![Cond::Not(Box::new(a)), b])
}

/// Whether the answer to one question about the same records is yes wherever that to the other is.
fn counted_implies(globals: &Globals<'_>, a: &CheckedCount, b: &CheckedCount) -> bool {
    let enough = match (a.test, b.test) {
        (CountTest::AtLeast(a), CountTest::AtLeast(b)) => a >= b,
        // Of none it is false: there is one.
        (CountTest::Every, CountTest::AtLeast(b)) => b <= 1,
        (CountTest::Every, CountTest::Every) => true,
        (CountTest::AtLeast(_), CountTest::Every) | (CountTest::Values, _) | (_, CountTest::Values) => false,
    };
    if !enough || (a.filter == b.filter && a.slots == b.slots) {
        return enough;
    }
    if b.filter == Cond::Always {
        return b.test != CountTest::Every;
    }
    let mut slots = a.slots.clone();
    let moved: Vec<SlotId> = b
        .slots
        .iter()
        .map(|slot| match slots.iter().position(|known| known.source == slot.source) {
            Some(at) => at,
            None => {
                slots.push(slot.clone());
                slots.len() - 1
            }
        })
        .collect();
    let filter = moved_to(&b.filter, &moved);
    let ty = a.onward.as_ref().map_or(&a.referring.0, |(_, ty)| ty);
    let space = Space { domains: counted_domains(globals, a.side, ty, &slots), axioms: Vec::new() };
    never(&space, &[(&a.filter, true), (&filter, false)], &globals.budget)
}

/// What the slots of a counted record may hold.
pub(super) fn counted_domains(globals: &Globals<'_>, side: Side, ty: &str, slots: &[CheckedSlot]) -> Vec<Domain> {
    let def = globals.catalogs[side].types.get(ty);
    let domain = |source: &CheckedSource| match source {
        CheckedSource::Field { fields, .. } => {
            let name = fields.first().and_then(Option::as_ref);
            name.and_then(|name| def?.fields.get(name)).map_or(Domain::Fixed(Value::Null), field_domain)
        }
        _ => Domain::Field(FieldDomain { kind: FieldKind::Id, options: Vec::new(), known: true }),
    };
    slots.iter().map(|slot| domain(&slot.source)).collect()
}

/// The condition with other numbers of slots.
pub(super) fn moved_to(cond: &Cond, slots: &[SlotId]) -> Cond {
    let mut cond = cond.clone();
    move_slots(&mut cond, slots);
    cond
}

fn move_slots(cond: &mut Cond, slots: &[SlotId]) {
    let to = |slot: &mut SlotId| *slot = slots.get(*slot).copied().unwrap_or(*slot);
    match cond {
        Cond::Always | Cond::Never => {}
        Cond::All(parts) | Cond::Any(parts) => parts.iter_mut().for_each(|part| move_slots(part, slots)),
        Cond::Not(inner) => move_slots(inner, slots),
        Cond::Same(a, b) | Cond::SameText(a, b) => {
            to(a);
            to(b);
        }
        Cond::Known(slot)
        | Cond::Is(slot, _)
        | Cond::Email(slot)
        | Cond::Text { slot, .. }
        | Cond::Exactly { slot, .. }
        | Cond::Number { slot, .. }
        | Cond::Day { slot, .. }
        | Cond::Time { slot, .. }
        | Cond::Rank { slot, .. }
        | Cond::Within { slot, .. }
        | Cond::Before { slot, .. }
        | Cond::DayWithin { slot, .. }
        | Cond::DayBefore { slot, .. }
        | Cond::Options { slot, .. } => to(slot),
    }
}

/// For a condition about counted records alone: never or always true.
pub(in crate::lang::check) fn of_counted(
    globals: &Globals<'_>,
    side: Side,
    ty: &str,
    slots: &[CheckedSlot],
    cond: &Cond,
) -> Option<bool> {
    let space = Space { domains: counted_domains(globals, side, ty, slots), axioms: Vec::new() };
    let budget: &Budget = &globals.budget;
    if never(&space, &[(cond, true)], budget) {
        return Some(false);
    }
    never(&space, &[(cond, false)], budget).then_some(true)
}
