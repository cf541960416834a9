//! Which records a condition is asked of: their types, and whether there is a partner. What each slot may hold then.

use std::collections::{BTreeMap, BTreeSet};

use syncline_grammar::tree::{self, Target};

use super::{Asked, By, Sense};
use crate::data::{BySide, FieldKind, Side, Value};
use crate::lang::check::checked::{CheckedCount, CheckedSource, CheckedSync};
use crate::lang::check::globals::Globals;
use crate::lang::check::sync::{MemberType, side_of};
use crate::lang::meaning::{Budget, Domain, FieldDomain, Space, never};
use crate::lang::plan::{Cond, CountTest, SlotId, slots_of};
use crate::lang::schema::FieldDef;

/// The record types of a pair. A record alone has none on the other side; one that is about to be created is there with
/// the values that it will have, and is not linked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shape {
    left: Option<usize>,
    right: Option<usize>,
    made: Option<Side>,
}

impl Shape {
    pub(super) fn ty(&self, side: Side) -> Option<usize> {
        if side == Side::Left { self.left } else { self.right }
    }

    fn of(left: Option<usize>, right: Option<usize>, made: Option<Side>) -> Shape {
        Shape { left, right, made }
    }

    fn alone(side: Side, ty: usize) -> Shape {
        match side {
            Side::Left => Shape::of(Some(ty), None, None),
            Side::Right => Shape::of(None, Some(ty), None),
        }
    }
}

impl<'a> Sense<'a> {
    /// Linked pairs of these types, any where none is named.
    pub(in crate::lang::check) fn linked(&self, only: BySide<Option<usize>>) -> Vec<Shape> {
        let of = |side: Side| {
            let all = 0..self.types[side].len();
            all.filter(move |ty| only[side].is_none_or(|only| only == *ty))
        };
        of(Side::Left)
            .flat_map(|left| of(Side::Right).map(move |right| Shape::of(Some(left), Some(right), None)))
            .collect()
    }

    /// What a gate is asked of.
    pub(super) fn gated(&self, target: Target) -> Vec<Shape> {
        let mut shapes = self.linked(BySide::default());
        for to in targets(target) {
            shapes.extend(self.made(to, BySide::default()));
            shapes.extend((0..self.types[to.other()].len()).map(|ty| Shape::alone(to.other(), ty)));
        }
        shapes
    }

    /// Pairs of which the record on `to` is about to be created.
    pub(in crate::lang::check) fn made(&self, to: Side, only: BySide<Option<usize>>) -> Vec<Shape> {
        self.linked(only).into_iter().map(|shape| Shape { made: Some(to), ..shape }).collect()
    }

    /// Records alone on `side`.
    pub(in crate::lang::check) fn alone(&self, side: Side, only: Option<usize>) -> Vec<Shape> {
        let all = 0..self.types[side].len();
        all.filter(|ty| only.is_none_or(|only| only == *ty)).map(|ty| Shape::alone(side, ty)).collect()
    }

    /// Everything that a condition here may be asked of.
    pub(super) fn shapes(&self, asked: &Asked<'_>, rows: &[crate::lang::check::rows::RowUse<'_>]) -> Vec<Shape> {
        match asked.by {
            By::Gate { target, .. } => self.gated(target),
            By::Create { side, from, .. } => self.alone(side.other(), from),
            By::Pick { side, .. } => self.alone(side, None),
            By::Stage { ty, .. } => self.staged(ty),
            By::Map => self.any_pair(),
            By::Row(at) => {
                let Some(row) = rows.get(at) else { return Vec::new() };
                let applies = |shape: &Shape| {
                    Side::BOTH.into_iter().all(|side| shape.ty(side).is_none_or(|ty| row.ends[side].applies(ty)))
                };
                self.any_pair().into_iter().filter(applies).collect()
            }
        }
    }

    /// Whose stage a `lifecycle` moves: linked pairs, and records of the right side that get a new partner.
    pub(super) fn staged(&self, ty: usize) -> Vec<Shape> {
        let only = BySide::new(Some(ty), None);
        [self.linked(only), self.made(Side::Left, only), self.alone(Side::Right, None)].concat()
    }

    /// Linked pairs, and new ones in either direction. A row's condition is asked of a new pair before its record has
    /// values.
    pub(super) fn any_pair(&self) -> Vec<Shape> {
        let mut shapes = self.linked(BySide::default());
        for side in Side::BOTH {
            shapes.extend(self.alone(side, None));
        }
        shapes
    }

    /// Those shapes that differ in what the condition looks at: a condition about one side is the same beside any record of
    /// the other.
    pub(super) fn that_differ(&self, shapes: Vec<Shape>, checked: &CheckedSync, conds: &[&Cond]) -> Vec<Shape> {
        let mut sees = BySide::new(false, false);
        for cond in conds {
            slots_of(cond, &mut |slot| {
                if let Some(side) = checked.slots.get(slot).and_then(|slot| side_of_source(&slot.source, checked)) {
                    sees[side] = true;
                }
            });
        }
        let key = |shape: &Shape| -> (i64, i64, Option<Side>) {
            let ty = |side: Side| if sees[side] { shape.ty(side).map_or(-1, |ty| ty as i64) } else { -2 };
            let made = shape.made.filter(|side| sees[*side]);
            (ty(Side::Left), ty(Side::Right), made)
        };
        let mut seen = BTreeSet::new();
        shapes.into_iter().filter(|shape| seen.insert(key(shape))).collect()
    }
}

pub(super) fn targets(target: Target) -> Vec<Side> {
    match target {
        Target::BothWays => Side::BOTH.to_vec(),
        Target::To(side) => vec![side_of(side)],
    }
}

fn side_of_source(source: &CheckedSource, checked: &CheckedSync) -> Option<Side> {
    match source {
        CheckedSource::Field { side, .. }
        | CheckedSource::RecordId { side, .. }
        | CheckedSource::Member { side, .. }
        | CheckedSource::Linked { side, .. }
        | CheckedSource::Unique { side, .. } => Some(*side),
        CheckedSource::Reached { reach, .. } | CheckedSource::ReachedId { reach } => {
            checked.reaches.get(*reach).map(|reach| reach.side)
        }
        CheckedSource::Count { count } => checked.counts.get(*count).map(|count| count.side),
        CheckedSource::FirstKnown(_) | CheckedSource::Constant(_) | CheckedSource::Composed(_) => None,
    }
}

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
        CheckedSource::FirstKnown(_) | CheckedSource::Constant(_) | CheckedSource::Composed(_) => BLANK,
    }
}

/// What holds between the slots of every record.
fn axioms(globals: &Globals<'_>, checked: &CheckedSync, used: &[bool]) -> Vec<Cond> {
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
        (CountTest::AtLeast(_), CountTest::Every) => false,
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
pub(super) fn counted_domains(
    globals: &Globals<'_>,
    side: Side,
    ty: &str,
    slots: &[crate::lang::check::checked::CheckedSlot],
) -> Vec<Domain> {
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
    slots: &[crate::lang::check::checked::CheckedSlot],
    cond: &Cond,
) -> Option<bool> {
    let space = Space { domains: counted_domains(globals, side, ty, slots), axioms: Vec::new() };
    let budget: &Budget = &globals.budget;
    if never(&space, &[(cond, true)], budget) {
        return Some(false);
    }
    never(&space, &[(cond, false)], budget).then_some(true)
}

/// Trees of a condition that is a list of parts joined by one word, with the parts as checked.
pub(super) fn parts<'t, 'c>(tree: &'t tree::Cond, cond: &'c Cond) -> Option<(bool, Vec<(&'t tree::Cond, &'c Cond)>)> {
    match (tree, cond) {
        (tree::Cond::And { parts, .. }, Cond::All(conds)) if parts.len() == conds.len() => {
            Some((true, parts.iter().zip(conds).collect()))
        }
        (tree::Cond::Or { parts, .. }, Cond::Any(conds)) if parts.len() == conds.len() => {
            Some((false, parts.iter().zip(conds).collect()))
        }
        _ => None,
    }
}
