//! All that decides about one subject, as a flat array of cells.

use crate::data::{BySide, Cell, CodecError, Presence, Side, Uid, decode};
use crate::lang::plan::{KeyPart, SlotId, Source};
use crate::store::{Hood, RecordRow, Role};

use super::identify::Member;
use super::program::Program;

/// The member of one side that counts.
#[derive(Clone, Copy, Debug)]
pub struct Here<'a> {
    /// Index into the block's types of the side.
    pub ty: usize,
    pub row: &'a RecordRow,
}

/// One subject, ready to be decided.
#[derive(Clone, Debug, Default)]
pub struct Frame<'a> {
    /// By slot.
    pub cells: Vec<Cell<'a>>,
    pub here: BySide<Option<Here<'a>>>,
    /// A member that was linked and is deleted or gone.
    pub lost: BySide<bool>,
    /// A member whose state our own write made unknown.
    pub stale: bool,
    /// Some cell could not be read: it is not blank, and decides nothing.
    pub unread: bool,
    /// Records that a member refers to and that the mirror does not hold: side, type and id.
    pub missing: Vec<(Side, Uid, Box<str>)>,
}

impl<'a> Frame<'a> {
    /// Fills the frame for a subject with these members; the buffer is reused from subject to subject.
    pub fn fill(&mut self, program: &Program, hood: &'a Hood, members: &[Member]) -> Result<(), CodecError> {
        let block = &program.block;
        self.cells.clear();
        self.cells.resize(block.slots.len(), Cell::Unread);
        self.here = BySide::default();
        self.lost = BySide::default();
        self.stale = false;
        self.missing.clear();
        for member in members.iter().filter(|member| member.role == Role::Primary) {
            let Some(row) = hood.record(member.rid) else { continue };
            match row.presence {
                Presence::Archived | Presence::Gone => self.lost[row.side] = true,
                Presence::Stale => self.stale = true,
                Presence::Live => {
                    if let Some(ty) = program.type_index(row.side, row.ty) {
                        self.here[row.side] = Some(Here { ty, row });
                    }
                }
            }
        }
        for side in Side::BOTH {
            match self.here[side] {
                Some(here) => fill_row(&mut self.cells, &program.fill[side][here.ty], &here.row.cells)?,
                None => self.blank_side(program, side),
            }
        }
        self.blank_missing_fields(program);
        self.fill_reached(program, hood)?;
        for slot in &program.facts {
            self.cells[*slot] = match program.block.slots[*slot].source {
                Source::Count { count } => program.counts[count].answer(self, hood)?,
                _ => self.fact(program, hood, *slot),
            };
        }
        self.unread = self.cells.iter().any(|cell| matches!(cell, Cell::Unread));
        Ok(())
    }

    fn blank_side(&mut self, program: &Program, of: Side) {
        for (slot, def) in program.block.slots.iter().enumerate() {
            if matches!(&def.source, Source::Field { side, .. } if *side == of) {
                self.cells[slot] = Cell::Null;
            }
        }
    }

    /// A field that the member's type does not have is blank, not unread.
    fn blank_missing_fields(&mut self, program: &Program) {
        for (slot, def) in program.block.slots.iter().enumerate() {
            if let Source::Field { side, fields } = &def.source
                && let Some(here) = self.here[*side]
                && fields.get(here.ty).is_none_or(|uid| *uid == Uid::NONE)
            {
                self.cells[slot] = Cell::Null;
            }
        }
    }

    fn fill_reached(&mut self, program: &Program, hood: &'a Hood) -> Result<(), CodecError> {
        for (at, slots) in program.fill_reached.iter().enumerate() {
            match self.reached(program, hood, at)? {
                Reached::None => slots.iter().for_each(|(_, slot)| self.cells[*slot] = Cell::Null),
                Reached::Row(row) => fill_row(&mut self.cells, slots, &row.cells)?,
                Reached::Unknown(id) => {
                    self.missing.push((program.block.reaches[at].side, program.block.reaches[at].target.uid, id))
                }
                Reached::NotRead => {}
            }
        }
        Ok(())
    }

    fn reached(&self, program: &Program, hood: &'a Hood, at: usize) -> Result<Reached<'a>, CodecError> {
        let reach = &program.block.reaches[at];
        let Some(here) = self.here[reach.side] else { return Ok(Reached::None) };
        let through = reach.through.get(here.ty).copied().unwrap_or(Uid::NONE);
        for entry in decode(&here.row.cells) {
            let (uid, cell) = entry?;
            if uid == through {
                if !cell.is_known() {
                    return Ok(Reached::None);
                }
                return Ok(match hood.by_id(reach.target.uid, &cell.text()) {
                    Some(row) if row.presence == Presence::Live => Reached::Row(row),
                    Some(_) => Reached::None,
                    None => Reached::Unknown(cell.text().into()),
                });
            }
        }
        Ok(if through == Uid::NONE { Reached::None } else { Reached::NotRead })
    }

    fn fact(&self, program: &Program, hood: &'a Hood, slot: SlotId) -> Cell<'a> {
        match &program.block.slots[slot].source {
            Source::RecordId { side, types } => match self.here[*side] {
                Some(here) if types.get(here.ty) == Some(&true) => Cell::Text(&here.row.id),
                _ => Cell::Null,
            },
            Source::Member { side, list } => {
                Cell::Bool(self.here[*side].is_some_and(|here| here.row.lists.binary_search(list).is_ok()))
            }
            Source::Linked { side, ty } => {
                Cell::Bool(self.here[*side].is_some_and(|here| ty.is_none_or(|ty| ty == here.ty)))
            }
            Source::Unique { side, line } => Cell::Bool(self.unique(program, hood, *side, *line)),
            Source::ReachedId { reach } => match self.reached(program, hood, *reach) {
                Ok(Reached::Row(row)) => Cell::Text(&row.id),
                Ok(Reached::None) => Cell::Null,
                _ => Cell::Unread,
            },
            Source::Field { .. } | Source::Reached { .. } | Source::Count { .. } => Cell::Unread,
        }
    }

    /// Whether no other live record of the side has the member's key; a blank key is not unique.
    fn unique(&self, program: &Program, hood: &Hood, side: Side, line: usize) -> bool {
        let Some(here) = self.here[side] else { return false };
        let Some(hash) = program.key_of(here.row, side, line) else { return false };
        let others = hood.records.iter().filter(|row| {
            row.side == side && row.rid != here.row.rid && row.presence == Presence::Live && row.keys.contains(&hash)
        });
        others.count() == 0
    }

    /// The frame as it would be with these values on a side that has no record yet.
    pub fn overlaid(&self, values: impl IntoIterator<Item = (SlotId, Cell<'a>)>) -> Vec<Cell<'a>> {
        let mut cells = self.cells.clone();
        for (slot, cell) in values {
            cells[slot] = cell;
        }
        cells
    }
}

enum Reached<'a> {
    None,
    Row(&'a RecordRow),
    /// The member names a record that the mirror does not hold.
    Unknown(Box<str>),
    /// The field that would name it is not read itself.
    NotRead,
}

/// Both lists are sorted by field, so one walk fills all.
pub(super) fn fill_row<'a>(cells: &mut [Cell<'a>], slots: &[(Uid, SlotId)], blob: &'a [u8]) -> Result<(), CodecError> {
    let mut at = 0;
    for entry in decode(blob) {
        let (uid, cell) = entry?;
        while at < slots.len() && slots[at].0 < uid {
            at += 1;
        }
        while at < slots.len() && slots[at].0 == uid {
            cells[slots[at].1] = cell;
            at += 1;
        }
        if at == slots.len() {
            break;
        }
    }
    Ok(())
}

impl Program {
    /// The hash of a row's key under a match line; `None` where a part is blank or the type takes no part.
    pub(super) fn key_of(&self, row: &RecordRow, side: Side, line: usize) -> Option<crate::data::Fingerprint> {
        let spec = self.key_spec(side, self.type_index(side, row.ty)?, line)?;
        let cells: Vec<(Uid, Cell<'_>)> = decode(&row.cells).collect::<Result<_, _>>().ok()?;
        spec.hash(&row.id, |uid| match cells.binary_search_by_key(&uid, |(uid, _)| *uid) {
            Ok(at) => cells[at].1,
            Err(_) => Cell::Unread,
        })
    }

    /// How rows of a type are filed under a match line.
    pub fn key_spec(&self, side: Side, ty: usize, line: usize) -> Option<crate::store::KeySpec> {
        let def = self.block.matches.get(line)?;
        let parts = def.parts.iter().map(|pair| {
            let part = match side {
                Side::Left => pair.left.get(ty),
                Side::Right => pair.right.get(ty),
            };
            match part?.as_ref()? {
                KeyPart::Id => Some(crate::store::KeyPart::Id),
                KeyPart::Field { uid, kind } => Some(crate::store::KeyPart::Field(*uid, *kind)),
            }
        });
        Some(crate::store::KeySpec { key: def.key, parts: parts.collect::<Option<_>>()?, identity: true })
    }
}
