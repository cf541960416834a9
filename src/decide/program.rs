//! A block of a plan, made ready to run: conditions as closures, fields as slot numbers.

use super::count::CountProgram;
use crate::data::{BySide, Digest, Side, Uid};
use crate::lang::plan::{Block, Choice, Plan, Predicate, SlotId, Source, compile_cond};

/// See the module text. Built once per plan, shared by all passes that run on it.
pub struct Program {
    pub digest: Digest,
    pub block: Block,
    pub(super) both: Vec<Predicate>,
    pub(super) to: BySide<Vec<Predicate>>,
    pub(super) create: BySide<Vec<Predicate>>,
    /// Conditions of `pick when`, by index of the choice.
    pub(super) pick: BySide<Vec<Option<Predicate>>>,
    /// Per side and type: the fields of a row and the slots that they fill, sorted by field.
    pub(super) fill: BySide<Vec<Vec<(Uid, SlotId)>>>,
    /// Per reach: the fields of the reached row and the slots that they fill, sorted by field.
    pub(super) fill_reached: Vec<Vec<(Uid, SlotId)>>,
    pub(super) counts: Vec<CountProgram>,
    /// Slots that no row fills directly.
    pub(super) facts: Vec<SlotId>,
}

impl Program {
    /// One program per block of the plan.
    pub fn of(plan: &Plan) -> Vec<Program> {
        plan.blocks.iter().map(|block| Program::new(plan.digest, block.clone())).collect()
    }

    pub fn new(digest: Digest, block: Block) -> Program {
        let tests = |gates: &[crate::lang::plan::Gate]| gates.iter().map(|gate| compile_cond(&gate.when)).collect();
        let creates = |side: Side| block.create[side].iter().map(|create| compile_cond(&create.when)).collect();
        let picks = |side: Side| {
            let choices = block.pick[side].iter();
            choices
                .map(|choice| if let Choice::When(cond) = choice { Some(compile_cond(cond)) } else { None })
                .collect()
        };
        let fill = |side: Side| {
            (0..block.types[side].len())
                .map(|ty| {
                    sorted(block.slots.iter().map(|slot| match &slot.source {
                        Source::Field { side: of, fields } if *of == side => fields.get(ty).copied(),
                        _ => None,
                    }))
                })
                .collect()
        };
        Program {
            digest,
            both: tests(&block.gates.both),
            to: BySide::new(tests(&block.gates.to.left), tests(&block.gates.to.right)),
            create: BySide::new(creates(Side::Left), creates(Side::Right)),
            pick: BySide::new(picks(Side::Left), picks(Side::Right)),
            fill: BySide::new(fill(Side::Left), fill(Side::Right)),
            fill_reached: (0..block.reaches.len())
                .map(|at| {
                    sorted(block.slots.iter().map(|slot| match slot.source {
                        Source::Reached { reach, field } if reach == at => Some(field),
                        _ => None,
                    }))
                })
                .collect(),
            counts: block.counts.iter().map(CountProgram::new).collect(),
            facts: (0..block.slots.len())
                .filter(|at| !matches!(block.slots[*at].source, Source::Field { .. } | Source::Reached { .. }))
                .collect(),
            block,
        }
    }

    /// Index of a type among the block's types of a side.
    pub fn type_index(&self, side: Side, ty: Uid) -> Option<usize> {
        self.block.types[side].iter().position(|used| used.uid == ty)
    }
}

fn sorted(fields: impl Iterator<Item = Option<Uid>>) -> Vec<(Uid, SlotId)> {
    let mut out: Vec<(Uid, SlotId)> = fields
        .enumerate()
        .filter_map(|(slot, field)| field.filter(|uid| *uid != Uid::NONE).map(|uid| (uid, slot)))
        .collect();
    out.sort_unstable();
    out
}
