//! What each slot of a sync may hold, for records of each shape.

use std::collections::BTreeMap;

use super::counted::axioms;
use super::{Asked, Shape};
use crate::data::{BySide, FieldKind, Side, Value};
use crate::lang::check::checked::{CheckedSource, CheckedSync};
use crate::lang::check::globals::Globals;
use crate::lang::check::sync::MemberType;
use crate::lang::meaning::{Domain, FieldDomain, Space};
use crate::lang::plan::{SlotId, slots_of};
use crate::lang::schema::FieldDef;

/// What a field may hold. Options that a closed picklist has not are in no record.
pub(super) fn field_domain(def: &FieldDef) -> Domain {
    let listed = matches!(def.kind, FieldKind::Option | FieldKind::Options) && def.closed;
    let options = def.options.iter().filter(|_| listed).map(|option| option.value.as_str().into()).collect();
    Domain::Field(FieldDomain { kind: def.kind, options, known: false })
}

/// One space for each shape that the sync's records can have.
pub(super) fn spaces(
    globals: &Globals<'_>,
    types: &BySide<Vec<MemberType<'_>>>,
    checked: &CheckedSync,
    asked: &[Asked<'_>],
) -> BTreeMap<Shape, Space> {
    let mut used = vec![false; checked.slots.len()];
    for asked in asked {
        slots_of(&asked.cond, &mut |slot| {
            if let Some(used) = used.get_mut(slot) {
                *used = true;
            }
        });
    }
    let axioms = axioms(globals, checked, &used);
    let mut shapes = Vec::new();
    for left in 0..types.left.len() {
        for right in 0..types.right.len() {
            for made in [None, Some(Side::Left), Some(Side::Right)] {
                shapes.push(Shape::of(Some(left), Some(right), made));
            }
        }
    }
    shapes.extend((0..types.left.len()).map(|ty| Shape::alone(Side::Left, ty)));
    shapes.extend((0..types.right.len()).map(|ty| Shape::alone(Side::Right, ty)));
    let space = |shape: Shape| {
        let mut held: BTreeMap<(Side, &str), SlotId> = BTreeMap::new();
        let domains = checked.slots.iter().enumerate();
        // What no condition looks at may be anything.
        let domains = domains.map(|(at, slot)| match used[at] {
            true => domain(globals, types, checked, shape, (at, &slot.source), &mut held),
            false => Domain::Fixed(Value::Null),
        });
        (shape, Space { domains: domains.collect(), axioms: axioms.clone() })
    };
    shapes.into_iter().map(space).collect()
}

fn domain<'c>(
    globals: &Globals<'_>,
    types: &BySide<Vec<MemberType<'_>>>,
    checked: &'c CheckedSync,
    shape: Shape,
    (at, source): (SlotId, &'c CheckedSource),
    held: &mut BTreeMap<(Side, &'c str), SlotId>,
) -> Domain {
    const BLANK: Domain = Domain::Fixed(Value::Null);
    let there = |side: Side| shape.ty(side).filter(|_| shape.made != Some(side));
    let fact = |holds: bool| if holds { Domain::Fact } else { Domain::Fixed(Value::Bool(false)) };
    let id = || Domain::Field(FieldDomain { kind: FieldKind::Id, options: Vec::new(), known: true });
    match source {
        CheckedSource::Field { side, fields } => {
            let Some(ty) = shape.ty(*side) else { return BLANK };
            let Some(Some(name)) = fields.get(ty) else { return BLANK };
            if let Some(first) = held.get(&(*side, name.as_str())) {
                return Domain::As(*first);
            }
            held.insert((*side, name), at);
            types[*side].get(ty).and_then(|member| member.def.fields.get(name)).map_or(BLANK, field_domain)
        }
        CheckedSource::RecordId { side, types } => match there(*side) {
            Some(ty) if types.get(ty) == Some(&true) => id(),
            _ => BLANK,
        },
        CheckedSource::Reached { reach, field } => {
            let Some(reach) = checked.reaches.get(*reach) else { return BLANK };
            let through = there(reach.side).and_then(|ty| reach.through.get(ty)).is_some_and(Option::is_some);
            let def = globals.catalogs[reach.side].types.get(&reach.target).and_then(|def| def.fields.get(field));
            def.filter(|_| through).map_or(BLANK, field_domain)
        }
        CheckedSource::ReachedId { reach } => {
            let Some(reach) = checked.reaches.get(*reach) else { return BLANK };
            let through = there(reach.side).and_then(|ty| reach.through.get(ty)).is_some_and(Option::is_some);
            match through {
                true => Domain::Field(FieldDomain { kind: FieldKind::Id, options: Vec::new(), known: false }),
                false => BLANK,
            }
        }
        CheckedSource::Member { side, .. } | CheckedSource::Unique { side, .. } => fact(there(*side).is_some()),
        CheckedSource::Linked { side, ty } => {
            let linked = there(*side).is_some_and(|here| ty.is_none_or(|ty| ty == here));
            Domain::Fixed(Value::Bool(linked))
        }
        CheckedSource::Count { count } => {
            let count = checked.counts.get(*count);
            fact(count.is_some_and(|count| {
                there(count.side).is_some_and(|ty| count.referring.1.get(ty).is_some_and(Option::is_some))
            }))
        }
        // Only rows look at these.
        CheckedSource::FirstKnown(_)
        | CheckedSource::Constant(_)
        | CheckedSource::Composed(_)
        | CheckedSource::ListOf { .. } => BLANK,
    }
}
