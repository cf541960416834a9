//! All that decides about one subject, as a flat array of cells.

use crate::data::{BySide, Cell, CodecError, Presence, Side, Uid, decode};
use crate::lang::plan::{MatchLine, Piece, SlotId, Source};
use crate::store::{Hood, KeyPart, KeySpec, RecordRow, Role};

use super::decision::Need;
use super::identify::{Member, Unsure};
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
    /// Texts that map rows put together, and lists, by their slots; the cells of these are blank, or unread where a part is.
    composed: Vec<(SlotId, String)>,
    pub here: BySide<Option<Here<'a>>>,
    /// A member that was linked and is deleted or gone.
    pub lost: BySide<bool>,
    /// A member whose place another record took that does not stand for it here: why.
    pub parted: Option<String>,
    /// That record was never read.
    pub astray: bool,
    /// A member whose state our own write made unknown.
    pub stale: bool,
    /// Some cell could not be read: it is not blank, and decides nothing.
    pub unread: bool,
    /// Records that a member refers to and that the mirror does not hold: side, type and id.
    pub missing: Vec<(Side, Uid, Box<str>)>,
    /// When time alone may turn what is said of a counted record. Milliseconds since 1970.
    pub turns_at: Option<i64>,
    /// How far some record of the member's company has come is not known yet.
    pub furthest_open: bool,
    /// The link to this side's record moves to another one, as soon as its key field names nobody any more.
    pub parting: Option<Side>,
    /// Records of another block stand for its one record, by a match line that goes through them.
    pub vouched: bool,
    /// Which record counts hangs on what was not read.
    pub unsure: Option<Unsure>,
}

impl<'a> Frame<'a> {
    /// Fills the frame for a subject with these members; the buffer is reused from subject to subject.
    pub fn fill(&mut self, program: &'a Program, hood: &'a Hood, members: &[Member]) -> Result<(), CodecError> {
        let block = &program.block;
        self.cells.clear();
        // Behind the slots, while the frame is filled: what names the reached records.
        self.cells.resize(block.slots.len() + block.reaches.len(), Cell::Unread);
        self.here = BySide::default();
        self.lost = BySide::default();
        self.turns_at = None;
        self.stale = false;
        self.parted = None;
        self.astray = false;
        self.furthest_open = false;
        self.parting = None;
        self.unsure = None;
        self.missing.clear();
        for member in members.iter().filter(|member| member.role == Role::Primary) {
            let Some(row) = hood.record(member.rid) else { continue };
            match row.presence {
                Presence::Archived | Presence::Gone => self.lost[row.side] = true,
                Presence::Stale => self.stale = true,
                Presence::Redirected => self.part(program, hood, row),
                Presence::Live => {
                    if let Some(ty) = program.type_index(row.side, row.ty) {
                        self.here[row.side] = Some(Here { ty, row });
                    }
                }
            }
        }
        for side in Side::BOTH {
            let blank = match self.here[side] {
                Some(here) => {
                    fill_row(&mut self.cells, &program.fill[side][here.ty], &here.row.cells)?;
                    // A field that the member's type does not have is blank, not unread.
                    &program.lacking[side][here.ty]
                }
                None => &program.of_side[side],
            };
            blank.iter().for_each(|slot| self.cells[*slot] = Cell::Null);
        }
        let linked = self.here.left.is_some() && self.here.right.is_some();
        let alone = [self.here.left, self.here.right].into_iter().flatten().next().filter(|_| !linked);
        self.vouched = alone.is_some_and(|here| {
            let through = block.matches.iter().filter(|line| line.through().is_some());
            through.into_iter().any(|line| hood.vouchers.contains_key(&(line.key, here.row.rid)))
        });
        self.fill_reached(program, hood, linked)?;
        self.composed.clear();
        for slot in &program.facts {
            if linked && program.creation_only[*slot] {
                self.cells[*slot] = Cell::Null;
                continue;
            }
            self.cells[*slot] = match program.block.slots[*slot].source {
                Source::Count { count } => program.counts[count].answer(self, hood)?,
                Source::ListOf { count } => match program.counts[count].values(self, hood)? {
                    Some(list) => {
                        self.composed.push((*slot, list));
                        Cell::Null
                    }
                    None => Cell::Unread,
                },
                Source::Furthest { .. } => self.furthest(program, hood, *slot),
                _ => self.fact(program, hood, *slot),
            };
            let text = match &block.slots[*slot].source {
                Source::Composed(pieces) => self.compose(pieces),
                Source::FirstKnown(slots) => self.first_text(slots),
                _ => None,
            };
            if let Some(text) = text {
                self.cells[*slot] = Cell::Null;
                self.composed.push((*slot, text));
            }
        }
        self.cells.truncate(block.slots.len());
        self.unread = self.cells.iter().any(|cell| matches!(cell, Cell::Unread));
        Ok(())
    }

    /// A member that was merged or converted, and that no other member stands for.
    fn part(&mut self, program: &Program, hood: &Hood, row: &RecordRow) {
        let followed = &program.block.events[row.side.other()];
        self.parted = Some(match &row.redirect {
            Some((ty, id)) if *ty == row.ty && !followed.follow_merges => {
                format!("its linked record was merged into {id} (`on merge ignore`)")
            }
            Some((ty, id)) if program.type_index(row.side, *ty).is_some() && hood.by_id(*ty, id).is_none() => {
                self.missing.push((row.side, *ty, id.clone()));
                self.astray = true;
                format!("{} became {id}, which could not be read", row.id)
            }
            Some((_, id)) => format!("its linked record became {id}, which these rules do not follow"),
            None => "its linked record was converted, and nothing says into which".to_owned(),
        });
    }

    /// The value that a map row takes from a slot.
    pub fn cell(&self, slot: SlotId) -> Cell<'_> {
        match self.composed.iter().find(|(of, _)| *of == slot) {
            Some((_, text)) => Cell::Text(text),
            None => self.cells.get(slot).copied().unwrap_or_default(),
        }
    }

    /// Nothing when a value was not read, blank when all are.
    fn compose(&self, pieces: &[Piece]) -> Option<String> {
        let (mut text, mut known) = (String::new(), false);
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Value(slot) => {
                    let cell = self.cells.get(*slot).filter(|cell| !matches!(cell, Cell::Unread))?;
                    known |= cell.is_known();
                    text.push_str(cell.text().trim());
                }
            }
        }
        Some(if known { text.trim().to_owned() } else { String::new() })
    }

    /// Where the first known value is a text put together: that text.
    fn first_text(&self, slots: &[SlotId]) -> Option<String> {
        let first = slots.iter().find(|slot| !self.cell(**slot).is_blank())?;
        self.composed.iter().find(|(of, _)| of == first).map(|(_, text)| text.clone())
    }

    /// A value that was not read may be the first known one.
    fn first_known(&self, slots: &[SlotId]) -> Cell<'a> {
        let cells = slots.iter().map(|slot| self.cells.get(*slot).copied().unwrap_or_default());
        cells.into_iter().find(|cell| !cell.is_blank()).unwrap_or(Cell::Null)
    }

    fn fill_reached(&mut self, program: &Program, hood: &'a Hood, linked: bool) -> Result<(), CodecError> {
        for (at, slots) in program.fill_reached.iter().enumerate() {
            if linked && slots.iter().all(|(_, slot)| program.creation_only[*slot]) {
                slots.iter().for_each(|(_, slot)| self.cells[*slot] = Cell::Null);
                continue;
            }
            match self.reached(program, hood, at) {
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

    fn reached(&self, program: &Program, hood: &'a Hood, at: usize) -> Reached<'a> {
        let reach = &program.block.reaches[at];
        let Some(here) = self.here[reach.side] else { return Reached::None };
        if reach.through.get(here.ty).is_none_or(|uid| *uid == Uid::NONE) {
            return Reached::None;
        }
        match self.cells[program.block.slots.len() + at] {
            Cell::Unread => Reached::NotRead,
            cell if !cell.is_known() => Reached::None,
            cell => match hood.by_id(reach.target.uid, &cell.text()) {
                Some(row) if row.presence == Presence::Live => Reached::Row(row),
                // Its place was taken by another one; the reference is about to name that.
                Some(RecordRow { redirect: Some((ty, id)), presence: Presence::Redirected, .. }) => {
                    match hood.by_id(*ty, id).filter(|row| row.presence == Presence::Live) {
                        Some(row) if *ty == reach.target.uid => Reached::Row(row),
                        _ => Reached::None,
                    }
                }
                Some(_) => Reached::None,
                None => Reached::Unknown(cell.text().into()),
            },
        }
    }

    fn fact(&self, program: &'a Program, hood: &'a Hood, slot: SlotId) -> Cell<'a> {
        match &program.block.slots[slot].source {
            Source::RecordId { side, types } => match self.here[*side] {
                Some(here) if types.get(here.ty) == Some(&true) => Cell::Text(&here.row.id),
                _ => Cell::Null,
            },
            Source::Member { side, list } => match self.here[*side] {
                Some(here) if here.row.lists.binary_search(list).is_ok() => Cell::Bool(true),
                // Who is not in a list is known once it was read to its end.
                Some(_) if !hood.lists.contains(list) => Cell::Unread,
                _ => Cell::Bool(false),
            },
            Source::Linked { side, ty } => {
                Cell::Bool(self.here[*side].is_some_and(|here| ty.is_none_or(|ty| ty == here.ty)))
            }
            Source::Unique { side, line } => Cell::Bool(self.unique(program, hood, *side, *line)),
            Source::ReachedId { reach } => match self.reached(program, hood, *reach) {
                Reached::Row(row) => Cell::Text(&row.id),
                Reached::None => Cell::Null,
                _ => Cell::Unread,
            },
            Source::FirstKnown(slots) => self.first_known(slots),
            Source::Constant(value) => value.cell(),
            Source::Composed(_)
            | Source::Field { .. }
            | Source::Reached { .. }
            | Source::Count { .. }
            | Source::ListOf { .. }
            | Source::Furthest { .. } => Cell::Unread,
        }
    }

    fn furthest(&mut self, program: &'a Program, hood: &Hood, slot: SlotId) -> Cell<'a> {
        let Source::Furthest { head, key, fact, stages } = &program.block.slots[slot].source else {
            return Cell::Unread;
        };
        match self.cells.get(*head).copied().unwrap_or_default() {
            Cell::Unread => Cell::Unread,
            head if !head.is_known() => Cell::Null,
            head => {
                let furthest = hood.furthest(*fact, KeySpec::reference(*key, &head.text()));
                self.furthest_open |= furthest.open;
                let stage = furthest.rank.and_then(|rank| stages.get(rank as usize));
                stage.map_or(Cell::Null, |stage| Cell::Text(stage))
            }
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

    /// What may be read so that the cells that are not read are: records that the mirror lacks, else the members themselves.
    /// A list is read as a whole, and not for one of its records.
    pub fn needs(&self, program: &Program) -> Vec<Need> {
        if !self.missing.is_empty() {
            let need = |(side, ty, id): &(Side, Uid, Box<str>)| Need::Record { side: *side, ty: *ty, id: id.clone() };
            return self.missing.iter().map(need).collect();
        }
        let slots = self.cells.iter().zip(&program.block.slots);
        let mut unread = slots.filter(|(cell, _)| matches!(cell, Cell::Unread));
        match unread.any(|(_, slot)| !matches!(slot.source, Source::Member { .. })) {
            true => {
                Side::BOTH.into_iter().filter_map(|side| Some(Need::Fresh { rid: self.here[side]?.row.rid })).collect()
            }
            false => Vec::new(),
        }
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

/// A field of a row; unread where it is not in it.
pub(super) fn cell_of(row: &RecordRow, field: Uid) -> Cell<'_> {
    decode(&row.cells).map_while(Result::ok).find(|(uid, _)| *uid == field).map_or(Cell::Unread, |(_, cell)| cell)
}

impl Program {
    /// The hash of a row's key under a match line; `None` where a part is blank or the type takes no part.
    pub(super) fn key_of(&self, row: &RecordRow, side: Side, line: usize) -> Option<crate::data::Fingerprint> {
        let spec = self.key_spec(side, self.type_index(side, row.ty)?, line)?;
        spec.hash(&row.id, |uid| cell_of(row, uid))
    }

    /// The hashes of all of a row's keys under a match line, the one by its own fields first.
    pub(super) fn keys_of(&self, row: &RecordRow, side: Side, line: usize) -> Vec<crate::data::Fingerprint> {
        let spec = self.type_index(side, row.ty).and_then(|ty| self.key_spec(side, ty, line));
        spec.map_or_else(Vec::new, |spec| spec.hashes(&row.id, |uid| cell_of(row, uid), &row.aliases))
    }

    /// Whether the row has a key under a match line.
    pub(super) fn has_key(&self, row: &RecordRow, side: Side, line: usize) -> bool {
        let spec = self.type_index(side, row.ty).and_then(|ty| self.key_spec(side, ty, line));
        spec.is_some_and(|spec| {
            spec.parts.iter().all(|part| match part {
                KeyPart::Field(uid, form) if form.is_loose() => {
                    let cell = cell_of(row, *uid);
                    cell.is_known() && form.key(&cell.text()).is_some()
                }
                KeyPart::Field(uid, _) => cell_of(row, *uid).is_known(),
                KeyPart::Id => true,
            })
        })
    }

    /// A match line by its number; behind those of the rules are those by our own keys.
    pub(super) fn match_line(&self, line: usize) -> &MatchLine {
        let matches = &self.block.matches;
        if line < matches.len() { &matches[line] } else { &self.block.own[line - matches.len()] }
    }

    /// How rows of a type are filed under a match line.
    pub fn key_spec(&self, side: Side, ty: usize, line: usize) -> Option<&KeySpec> {
        self.keys[side].get(ty)?.get(line)?.as_ref()
    }
}
