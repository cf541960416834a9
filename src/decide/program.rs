//! A block of a plan, made ready to run: conditions as closures, fields as slot numbers.

use std::sync::Arc;

use super::count::CountProgram;
use super::gates::answer;
use super::lifecycle::conditions;
use crate::data::{BySide, Cell, Digest, Fingerprint, Side, Uid};
use crate::lang::places::{Beside, Part, Placed};
use crate::lang::plan::{
    Around, Block, Choice, Cond, Currencies, Cx, Directory, KeyPart, Lifecycle, Line, MatchLine, OwnerLine, Piece,
    Plan, Predicate, SlotId, Source, StageRule, compile_cond, slots_of, timed, turns_at,
};
use crate::store::{self, KeySpec};

/// See the module text. Built once per plan, shared by all passes that run on it.
pub struct Program {
    pub digest: Digest,
    /// What all hashes of inputs begin with: other rules make a problem a new one.
    pub(super) start: Fingerprint,
    pub block: Block,
    pub(super) both: Vec<Predicate>,
    pub(super) to: BySide<Vec<Predicate>>,
    pub(super) create: BySide<Vec<Predicate>>,
    /// Of the lifecycle's `reach` and `back to` lines.
    pub(super) reach: Vec<Predicate>,
    pub(super) back: Vec<Predicate>,
    /// Conditions of `pick when`, by index of the choice.
    pub(super) pick: BySide<Vec<Option<Predicate>>>,
    /// Per side and type: the fields of a row and the slots that they fill, sorted by field. The fields that name reached
    /// records fill the places behind the slots.
    pub(super) fill: BySide<Vec<Vec<(Uid, SlotId)>>>,
    /// Per side: the slots that its rows fill.
    pub(super) of_side: BySide<Vec<SlotId>>,
    /// Per side and type: those for which the type has no field.
    pub(super) lacking: BySide<Vec<Vec<SlotId>>>,
    /// Per left and right type: the map rows of which both ends exist.
    pub(super) lines: Vec<Vec<Vec<usize>>>,
    /// Per side, type and match line.
    pub(super) keys: BySide<Vec<Vec<Option<KeySpec>>>>,
    /// Per reach: the fields of the reached row and the slots that they fill, sorted by field.
    pub(super) fill_reached: Vec<Vec<(Uid, SlotId)>>,
    pub(super) counts: Vec<CountProgram>,
    /// Slots that no row fills directly.
    pub(super) facts: Vec<SlotId>,
    /// By slot: only `create` lines look at it, so that a linked pair does without.
    pub(super) creation_only: Vec<bool>,
    /// Per line, its `when`; none where it always stands.
    when: Vec<Option<Predicate>>,
    /// The parts of gates, `create` lines and rows that time alone can turn.
    timed: Vec<Cond>,
    /// Who is who, for `owners`.
    people: Arc<Directory>,
}

impl Program {
    /// One program per block of the plan.
    pub fn of(plan: &Plan) -> Vec<Program> {
        plan.blocks.iter().map(|block| Program::new(plan.digest, block.clone())).collect()
    }

    /// The same with the people of both sides: what was refused is tried again when these have changed.
    pub fn with_people(plan: &Plan, people: &Arc<Directory>, seen: Digest) -> Vec<Program> {
        let programs = plan.blocks.iter().map(|block| {
            let uses = !block.tables.owners.is_empty();
            let digest = if uses { Digest::of(&[plan.digest.0, seen.0].concat()) } else { plan.digest };
            Program { people: people.clone(), ..Program::new(digest, block.clone()) }
        });
        programs.collect()
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
                    let slots = block.slots.iter().map(|slot| match &slot.source {
                        Source::Field { side: of, fields } if *of == side => fields.get(ty).copied(),
                        _ => None,
                    });
                    let reaches =
                        block.reaches.iter().map(|reach| reach.through.get(ty).filter(|_| reach.side == side));
                    sorted(slots.chain(reaches.map(Option::<&Uid>::copied)))
                })
                .collect()
        };
        let slots = |of: Side, lacks: &dyn Fn(&[Uid]) -> bool| -> Vec<SlotId> {
            let is = |at: &SlotId| match &block.slots[*at].source {
                Source::Field { side, fields } => *side == of && lacks(fields),
                _ => false,
            };
            (0..block.slots.len()).filter(is).collect()
        };
        let lacking = |side: Side| {
            let lacks = |ty: usize| move |fields: &[Uid]| fields.get(ty).is_none_or(|uid| *uid == Uid::NONE);
            (0..block.types[side].len()).map(|ty| slots(side, &lacks(ty))).collect()
        };
        let keys = |side: Side| (0..block.types[side].len()).map(|ty| key_specs(&block, side, ty)).collect();
        let stages = |rules: fn(&Lifecycle) -> &Vec<StageRule>| -> Vec<Predicate> {
            let rules = block.lifecycle.iter().flat_map(rules);
            rules.map(|rule| compile_cond(&rule.when)).collect()
        };
        let when = block.lines.iter().map(|line| (line.when != Cond::Always).then(|| compile_cond(&line.when)));
        Program {
            digest,
            start: Fingerprint::of(&digest.0),
            timed: timed_parts(&block),
            people: Arc::default(),
            when: when.collect(),
            both: tests(&block.gates.both),
            to: BySide::new(tests(&block.gates.to.left), tests(&block.gates.to.right)),
            reach: stages(|life| &life.reach),
            back: stages(|life| &life.back),
            create: BySide::new(creates(Side::Left), creates(Side::Right)),
            pick: BySide::new(picks(Side::Left), picks(Side::Right)),
            fill: BySide::new(fill(Side::Left), fill(Side::Right)),
            of_side: BySide::new(slots(Side::Left, &|_| true), slots(Side::Right, &|_| true)),
            lacking: BySide::new(lacking(Side::Left), lacking(Side::Right)),
            lines: (0..block.types.left.len())
                .map(|left| (0..block.types.right.len()).map(|right| lines(&block, left, right)).collect())
                .collect(),
            keys: BySide::new(keys(Side::Left), keys(Side::Right)),
            fill_reached: (0..block.reaches.len())
                .map(|at| {
                    sorted(block.slots.iter().map(|slot| match slot.source {
                        Source::Reached { reach, field } if reach == at => Some(field),
                        _ => None,
                    }))
                })
                .collect(),
            counts: block.counts.iter().map(CountProgram::new).collect(),
            creation_only: creation_only(&block),
            facts: (0..block.slots.len())
                .filter(|at| !matches!(block.slots[*at].source, Source::Field { .. } | Source::Reached { .. }))
                .collect(),
            block,
        }
    }

    /// Whether something is derived of its records that others look at.
    pub fn derives(&self) -> bool {
        self.block.lifecycle.as_ref().and_then(|life| life.cascade.as_ref()).is_some_and(|cascade| cascade.derives)
    }

    /// Whether a map row is there for a record; `None` when what decides was not read.
    pub(super) fn stands(&self, line: usize, cells: &[Cell<'_>], any_unread: bool, now: i64) -> Option<bool> {
        match self.when.get(line) {
            Some(Some(test)) => answer(&self.block.lines[line].when, test, any_unread, &Cx { cells, now }),
            _ => Some(true),
        }
    }

    /// Whether records of a type can have a slot's value at all.
    pub(super) fn exists(&self, slot: SlotId, ty: usize) -> bool {
        exists(&self.block, slot, ty)
    }

    /// When the subject is to be decided again although nothing changes but the time.
    pub(super) fn turns_at(&self, cells: &[Cell<'_>], now: i64) -> Option<i64> {
        self.timed.iter().filter_map(|part| turns_at(part, cells, now)).min()
    }

    /// What values are converted with.
    pub(super) fn around<'a>(&'a self, cells: &'a [Cell<'a>], at_creation: bool) -> Around<'a> {
        Around { tables: Some(&self.block.tables), people: Some(&self.people), cells, at_creation }
    }

    /// The line of its `owners` block that says what becomes of a row's owner on the way to a side.
    pub fn owner_line(&self, line: &Line, to: Side, owner: &str, at_creation: bool) -> Option<OwnerLine> {
        let table = self.block.tables.owners.get(line.convert[to].owners?)?;
        table.line(&self.people, to, owner, at_creation)
    }

    /// Whether a row's `place` does not know the value that would go to a side.
    pub fn is_unknown_place(&self, line: &Line, to: Side, cells: &[Cell<'_>]) -> bool {
        let Some(place) = &line.convert[to].place else { return false };
        let cell = |slot: SlotId| cells.get(slot).copied().unwrap_or_default();
        let (own, beside) = (cell(line.slots[to.other()]), place.beside.map_or(Cell::Null, cell));
        let Some(table) = self.block.tables.places.get(place.table) else { return false };
        let (own, beside) = (own.text(), beside.text());
        let held = match place.part {
            Part::Country => Beside { country: &own, state: &beside },
            Part::State => Beside { country: &beside, state: &own },
        };
        matches!(table.carry(to, place.part, held), Placed::Unknown(_))
    }

    /// Index of a type among the block's types of a side.
    pub fn type_index(&self, side: Side, ty: Uid) -> Option<usize> {
        self.block.types[side].iter().position(|used| used.uid == ty)
    }
}

fn timed_parts(block: &Block) -> Vec<Cond> {
    let gates = [&block.gates.both, &block.gates.to.left, &block.gates.to.right];
    let gates = gates.into_iter().flatten().map(|gate| &gate.when);
    let creates = block.create.left.iter().chain(&block.create.right).map(|create| &create.when);
    let rows = block.lines.iter().map(|line| &line.when);
    let mut found = Vec::new();
    let stages = block.lifecycle.iter().flat_map(conditions);
    gates.chain(creates).chain(rows).chain(stages).for_each(|cond| timed(cond, &mut found));
    found
}

/// Of the slots that cost a look at other records.
fn creation_only(block: &Block) -> Vec<bool> {
    let mut used = vec![false; block.slots.len()];
    let gates = [&block.gates.both, &block.gates.to.left, &block.gates.to.right].into_iter().flatten();
    let picks = block.pick.left.iter().chain(&block.pick.right).filter_map(|choice| match choice {
        Choice::When(cond) => Some(cond),
        _ => None,
    });
    let rows = block.lines.iter().map(|line| &line.when);
    let stages = block.lifecycle.iter().flat_map(conditions);
    for cond in gates.map(|gate| &gate.when).chain(picks).chain(rows).chain(stages) {
        slots_of(cond, &mut |slot| used[slot] = true);
    }
    if let Some(life) = &block.lifecycle {
        used[life.stage] = true;
        if let Some(cascade) = &life.cascade {
            used[cascade.head] = true;
            cascade.given.iter().for_each(|(slot, _)| used[*slot] = true);
        }
    }
    for line in &block.lines {
        let beside = Side::BOTH.into_iter().filter_map(|side| line.convert[side].place?.beside);
        let currencies = line.currencies.iter().flat_map(Currencies::slots);
        for slot in [line.slots.left, line.slots.right].into_iter().chain(beside).chain(currencies) {
            used[slot] = true;
        }
    }
    // What a slot is made of stands before it.
    for at in (0..block.slots.len()).rev().filter(|at| used[*at]).collect::<Vec<_>>() {
        match &block.slots[at].source {
            Source::FirstKnown(slots) => slots.iter().for_each(|slot| used[*slot] = true),
            Source::Composed(pieces) => pieces.iter().for_each(|piece| {
                if let Piece::Value(slot) = piece {
                    used[*slot] = true;
                }
            }),
            Source::Furthest { head, .. } => used[*head] = true,
            _ => {}
        }
    }
    let costs =
        |source: &Source| matches!(source, Source::Reached { .. } | Source::ReachedId { .. } | Source::Count { .. });
    block.slots.iter().zip(used).map(|(slot, used)| !used && costs(&slot.source)).collect()
}

fn exists(block: &Block, slot: SlotId, ty: usize) -> bool {
    match block.slots.get(slot).map(|slot| &slot.source) {
        Some(Source::Field { fields, .. }) => fields.get(ty).is_some_and(|uid| *uid != Uid::NONE),
        Some(Source::RecordId { types, .. }) => types.get(ty) == Some(&true),
        Some(Source::ListOf { count }) => {
            let ways = block.counts.get(*count).map(|count| &count.referring.fields);
            ways.and_then(|ways| ways.get(ty)).is_some_and(|way| *way != Uid::NONE)
        }
        Some(Source::FirstKnown(slots)) => slots.iter().any(|slot| exists(block, *slot, ty)),
        Some(Source::Composed(pieces)) => pieces.iter().any(|piece| match piece {
            Piece::Value(slot) => exists(block, *slot, ty),
            Piece::Text(_) => false,
        }),
        Some(_) => true,
        None => false,
    }
}

/// The map rows of a linked pair of these types.
fn lines(block: &Block, left: usize, right: usize) -> Vec<usize> {
    let applies = |at: &usize| {
        let line = &block.lines[*at];
        !line.at_creation && exists(block, line.slots.left, left) && exists(block, line.slots.right, right)
    };
    (0..block.lines.len()).filter(applies).collect()
}

/// How rows of a type are filed, per match line; `None` where a part does not exist for the type.
fn key_specs(block: &Block, side: Side, ty: usize) -> Vec<Option<KeySpec>> {
    block.match_lines().map(|line| key_spec(line, side, ty)).collect()
}

/// How rows of a type are filed for a match line, if they are.
pub fn key_spec(line: &MatchLine, side: Side, ty: usize) -> Option<KeySpec> {
    let part = |part: &KeyPart| match part {
        KeyPart::Id => store::KeyPart::Id,
        KeyPart::Field { uid, form } => store::KeyPart::Field(*uid, *form),
    };
    let parts = line.key_of(side, ty)?.into_iter().map(part).collect();
    Some(KeySpec { key: line.key, parts, identity: true })
}

fn sorted(fields: impl Iterator<Item = Option<Uid>>) -> Vec<(Uid, SlotId)> {
    let mut out: Vec<(Uid, SlotId)> = fields
        .enumerate()
        .filter_map(|(slot, field)| field.filter(|uid| *uid != Uid::NONE).map(|uid| (uid, slot)))
        .collect();
    out.sort_unstable();
    out
}
