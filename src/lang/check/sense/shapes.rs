//! Which records a condition is asked of: their types, and whether there is a partner.

use std::collections::BTreeSet;

use syncline_grammar::tree::Target;

use super::{Asked, By, Sense};
use crate::data::{BySide, Side};
use crate::lang::check::checked::{CheckedSource, CheckedSync};
use crate::lang::check::sync::side_of;
use crate::lang::plan::{Cond, slots_of};

/// The record types of a pair. A record alone has none on the other side; one that is about to be created is there with
/// the values that it will have, and is not linked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shape {
    pub left: Option<usize>,
    pub right: Option<usize>,
    /// The side whose record is about to be created.
    pub made: Option<Side>,
}

impl Shape {
    pub(super) fn ty(&self, side: Side) -> Option<usize> {
        if side == Side::Left { self.left } else { self.right }
    }

    pub(super) fn of(left: Option<usize>, right: Option<usize>, made: Option<Side>) -> Shape {
        Shape { left, right, made }
    }

    pub(super) fn alone(side: Side, ty: usize) -> Shape {
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
        CheckedSource::Count { count } | CheckedSource::ListOf { count } => {
            checked.counts.get(*count).map(|count| count.side)
        }
        CheckedSource::FirstKnown(_) | CheckedSource::Constant(_) | CheckedSource::Composed(_) => None,
    }
}
