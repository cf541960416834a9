//! Questions about the records that refer to a member. What is not read is never counted as absent.

use std::collections::BTreeSet;

use crate::data::{Cell, CodecError, Presence, Uid, decode};
use crate::lang::plan::{
    Cond, Count, CountTest, Cx, Predicate, SlotId, Source, compile_cond, decided, timed, turns_at,
};
use crate::store::{Hood, KeySpec, RecordRow};

use super::frame::{Frame, Here, fill_row};

/// A question, made ready to be asked of every subject.
pub struct CountProgram {
    pub(super) count: Count,
    test: Predicate,
    /// The parts that time alone can turn.
    timed: Vec<Cond>,
    /// Fields of a counted record and the slots that they fill, sorted by field.
    fill: Vec<(Uid, SlotId)>,
}

impl CountProgram {
    pub(super) fn new(count: &Count) -> CountProgram {
        let slots = count.slots.iter().enumerate();
        let mut fill: Vec<(Uid, SlotId)> = slots
            .filter_map(|(at, slot)| match &slot.source {
                Source::Field { fields, .. } => fields.first().map(|uid| (*uid, at)),
                _ => None,
            })
            .collect();
        fill.sort_unstable();
        let mut times = Vec::new();
        timed(&count.filter, &mut times);
        CountProgram { timed: times, test: compile_cond(&count.filter), count: count.clone(), fill }
    }

    /// The answer, or [`Cell::Unread`] where it hangs on a record that is not read.
    pub(super) fn answer<'a>(&self, frame: &mut Frame<'a>, hood: &'a Hood) -> Result<Cell<'a>, CodecError> {
        let Some(here) = frame.here[self.count.side] else { return Ok(Cell::Bool(false)) };
        let mut tally = Tally::default();
        if self.refers_to(here.ty) {
            for row in referring(hood, &self.count, here) {
                self.judge(frame, hood, row, &mut tally)?;
            }
            // A side whose changes could not be read may have more of them.
            tally.open |= hood.behind[self.count.side];
        }
        Ok(tally.answer(self.count.test).map_or(Cell::Unread, Cell::Bool))
    }

    /// The set of values that the records hold, sorted and joined by `;`; `None` where one of them is not read.
    pub(super) fn values<'a>(&self, frame: &mut Frame<'a>, hood: &'a Hood) -> Result<Option<String>, CodecError> {
        let Some(here) = frame.here[self.count.side] else { return Ok(Some(String::new())) };
        let (mut values, mut open) = (BTreeSet::new(), false);
        if self.refers_to(here.ty) {
            for row in referring(hood, &self.count, here) {
                match self.counted(hood, row)? {
                    Counted::Nothing => {}
                    Counted::Unread(id) => {
                        self.misses(frame, id);
                        open = true;
                    }
                    Counted::Record(_, cells) => match cells.first() {
                        None | Some(Cell::Unread) => open = true,
                        Some(cell) => values.extend(parts(&cell.text())),
                    },
                }
            }
            open |= hood.behind[self.count.side];
        }
        Ok((!open).then(|| values.into_iter().collect::<Vec<String>>().join(";")))
    }

    /// Whether records of the type can be named at all.
    fn refers_to(&self, ty: usize) -> bool {
        self.count.referring.fields.get(ty).is_some_and(|way| *way != Uid::NONE)
    }

    /// A record that is named and not read is asked for.
    fn misses(&self, frame: &mut Frame<'_>, id: Option<Box<str>>) {
        let missing = id.zip(self.count.onward.as_ref());
        frame.missing.extend(missing.map(|(id, onward)| (self.count.side, onward.ty.uid, id)));
    }

    fn judge<'a>(
        &self,
        frame: &mut Frame<'a>,
        hood: &'a Hood,
        row: &'a RecordRow,
        tally: &mut Tally,
    ) -> Result<(), CodecError> {
        let cells = match self.counted(hood, row)? {
            Counted::Record(_, cells) => cells,
            Counted::Nothing => return Ok(()),
            Counted::Unread(id) => {
                self.misses(frame, id);
                tally.open = true;
                return Ok(());
            }
        };
        let turns = self.timed.iter().filter_map(|part| turns_at(part, &cells, hood.now.0));
        frame.turns_at = turns.chain(frame.turns_at).min();
        let unread = cells.iter().any(|cell| matches!(cell, Cell::Unread));
        let answer = match unread {
            true => decided(&self.count.filter, &cells, hood.now.0),
            false => Some((self.test)(&Cx { cells: &cells, now: hood.now.0 })),
        };
        match answer {
            Some(true) => tally.yes += 1,
            Some(false) => tally.no += 1,
            None => tally.open = true,
        }
        Ok(())
    }

    /// The record that a referring one counts for, with what the filter looks at.
    pub(super) fn counted<'a>(&self, hood: &'a Hood, row: &'a RecordRow) -> Result<Counted<'a>, CodecError> {
        let counted = match &self.count.onward {
            None => row,
            Some(onward) => match field(row, onward.field)? {
                Cell::Unread => return Ok(Counted::Unread(None)),
                id if !id.is_known() => return Ok(Counted::Nothing),
                id => match hood.by_id(onward.ty.uid, &id.text()) {
                    Some(counted) if counted.presence == Presence::Live => counted,
                    Some(_) => return Ok(Counted::Nothing),
                    None => return Ok(Counted::Unread(Some(id.text().into()))),
                },
            },
        };
        let mut cells = vec![Cell::Unread; self.count.slots.len()];
        fill_row(&mut cells, &self.fill, &counted.cells)?;
        for (cell, slot) in cells.iter_mut().zip(&self.count.slots) {
            if matches!(slot.source, Source::RecordId { .. }) {
                *cell = Cell::Text(&counted.id);
            }
        }
        Ok(Counted::Record(counted, cells))
    }
}

/// What a referring record stands for.
pub(super) enum Counted<'a> {
    /// It names no live record.
    Nothing,
    /// The record that it names is not in the mirror (its id), or whom it names was not read.
    Unread(Option<Box<str>>),
    Record(&'a RecordRow, Vec<Cell<'a>>),
}

/// Live records that name the member, in the order of their ids.
pub(super) fn referring<'a>(hood: &'a Hood, count: &Count, here: Here<'a>) -> impl Iterator<Item = &'a RecordRow> {
    let ty = count.referring.ty.uid;
    hood.referring(KeySpec::reference(count.referring.key, &here.row.id))
        .filter(move |row| row.ty == ty && row.presence == Presence::Live)
}

fn field(row: &RecordRow, field: Uid) -> Result<Cell<'_>, CodecError> {
    for entry in decode(&row.cells) {
        let (uid, cell) = entry?;
        if uid == field {
            return Ok(cell);
        }
    }
    Ok(Cell::Unread)
}

/// A value that is itself several counts as these.
fn parts(text: &str) -> impl Iterator<Item = String> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned)
}

#[derive(Default)]
struct Tally {
    yes: u32,
    no: u32,
    /// Some record could not be judged.
    open: bool,
}

impl Tally {
    fn answer(&self, test: CountTest) -> Option<bool> {
        match test {
            CountTest::AtLeast(least) if self.yes >= least => Some(true),
            CountTest::Every if self.no > 0 => Some(false),
            _ if self.open => None,
            CountTest::AtLeast(_) => Some(false),
            CountTest::Every => Some(self.yes > 0),
            CountTest::Values => None,
        }
    }
}
