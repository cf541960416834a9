//! `pick`: which of several records of a side is the one.

use crate::data::{Cell, Side, Uid, decode};
use crate::decide::Need;
use crate::decide::frame::Frame;
use crate::decide::gates::answer;
use crate::decide::program::Program;
use crate::lang::plan::{Choice, Cond, Cx, timed, turns_at, unread};
use crate::store::{Hood, RecordRow, Rid, Role, Sid};

use super::{Member, Working};

/// Which record counts hangs on what was not read.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsure {
    /// For people.
    pub why: String,
    pub needs: Vec<Need>,
}

/// What a `pick` says.
pub(super) enum Picked {
    One(Rid),
    None,
    /// Several, and no line says which: for people.
    Several(String),
    Unsure(Unsure),
}

/// What was learnt while records were told apart.
#[derive(Default)]
pub(super) struct Looked {
    pub unsure: Option<Unsure>,
    /// When time alone may turn an answer. Milliseconds since 1970.
    pub turns_at: Option<i64>,
    /// Per choice that was asked, the records that it left.
    pub steps: Vec<Vec<Rid>>,
    /// Choices that told records apart.
    pub decided: Vec<usize>,
}

/// For explanations: the record of these that the `pick` line of a side would take now, and which ones each of its choices
/// left.
pub(in crate::decide) fn picked(
    program: &Program,
    hood: &Hood,
    now: i64,
    side: Side,
    rids: &[Rid],
    linked: Option<Rid>,
) -> (Option<Rid>, Vec<Vec<Rid>>) {
    let rows: Vec<&RecordRow> = rids.iter().filter_map(|rid| hood.record(*rid)).collect();
    let mut looked = Looked::default();
    let taken = Working::new(program, hood, now).picked(side, &rows, linked, &mut looked);
    (taken, looked.steps)
}

impl<'a> Working<'a> {
    /// The record that stands for a subject's side.
    pub(super) fn pick(&mut self, sid: Sid, side: Side, rows: &[&'a RecordRow]) -> Picked {
        if rows.len() > 1 && self.made(rows).is_none() && self.program.block.pick[side].is_empty() {
            let ids: Vec<&str> = rows.iter().map(|row| &*row.id).take(3).collect();
            return Picked::Several(format!(
                "{} records are the same one by the match lines ({}); no `pick` line says which counts",
                rows.len(),
                ids.join(", ")
            ));
        }
        let (taken, looked) = self.pick_among(side, rows);
        if !looked.decided.is_empty() {
            self.out.used.entry(sid).or_default().choices.extend(looked.decided.iter().map(|at| (side, *at)));
        }
        match (looked.unsure, taken) {
            (Some(unsure), _) => Picked::Unsure(unsure),
            (None, Some(rid)) => Picked::One(rid),
            (None, None) => Picked::None,
        }
    }

    pub(super) fn pick_among(&self, side: Side, rows: &[&'a RecordRow]) -> (Option<Rid>, Looked) {
        let mut looked = Looked::default();
        let taken = self.made(rows).or_else(|| self.picked(side, rows, None, &mut looked));
        (taken, looked)
    }

    /// One that was made for this very subject says so itself.
    fn made(&self, rows: &[&'a RecordRow]) -> Option<Rid> {
        let mut made = rows.iter().filter(|row| self.is_made_for_its_own(row));
        match (made.next(), made.next()) {
            (Some(one), None) => Some(one.rid),
            _ => None,
        }
    }

    /// The row that the choices leave. Of rows that no choice tells apart it is the one that is linked, else the one with the
    /// smaller id, so that the answer is the same every time.
    pub(super) fn picked(
        &self,
        side: Side,
        rows: &[&'a RecordRow],
        linked: Option<Rid>,
        looked: &mut Looked,
    ) -> Option<Rid> {
        let mut left: Vec<&RecordRow> = rows.to_vec();
        for (at, choice) in self.program.block.pick[side].iter().enumerate() {
            if left.len() <= 1 {
                break;
            }
            let kept = self.preferred(side, at, choice, &left, looked);
            if !kept.is_empty() && kept.len() < left.len() {
                looked.decided.push(at);
                left = kept;
            }
            looked.steps.push(left.iter().map(|row| row.rid).collect());
        }
        let stays = left.iter().find(|row| linked == Some(row.rid)).map(|row| row.rid);
        stays.or_else(|| left.into_iter().min_by(|a, b| a.id.cmp(&b.id)).map(|row| row.rid))
    }

    fn preferred(
        &self,
        side: Side,
        at: usize,
        choice: &Choice,
        rows: &[&'a RecordRow],
        looked: &mut Looked,
    ) -> Vec<&'a RecordRow> {
        match choice {
            Choice::Type(ty) => {
                let uid = self.program.block.types[side].get(*ty).map_or(Uid::NONE, |used| used.uid);
                rows.iter().filter(|row| row.ty == uid).copied().collect()
            }
            Choice::MostRecentlyUpdated => {
                let newest = rows.iter().map(|row| row.updated()).max();
                rows.iter().filter(|row| Some(row.updated()) == newest).copied().collect()
            }
            Choice::OldestCreated { fields } => {
                let created = |row: &RecordRow| {
                    let ty = self.program.type_index(side, row.ty)?;
                    time_in(row, *fields.get(ty)?)
                };
                let oldest = rows.iter().filter_map(|row| created(row)).min();
                rows.iter().filter(|row| oldest.is_some() && created(row) == oldest).copied().collect()
            }
            Choice::When(cond) => {
                rows.iter().filter(|row| self.holds(side, at, cond, row, looked) == Some(true)).copied().collect()
            }
        }
    }

    /// Whether a choice's condition holds of a record; `None` where it hangs on what was not read.
    fn holds(&self, side: Side, at: usize, cond: &Cond, row: &'a RecordRow, looked: &mut Looked) -> Option<bool> {
        let test = self.program.pick[side].get(at)?.as_ref()?;
        let mut frame = Frame::default();
        frame.fill(self.program, self.hood, &[Member { rid: row.rid, role: Role::Primary }]).ok()?;
        let mut parts = Vec::new();
        timed(cond, &mut parts);
        let turns = parts.iter().filter_map(|part| turns_at(part, &frame.cells, self.now));
        looked.turns_at = turns.chain(frame.turns_at).chain(looked.turns_at).min();
        let answer = answer(cond, test, frame.unread, &Cx { cells: &frame.cells, now: self.now });
        if answer.is_none() {
            let name = unread(cond, &frame.cells).and_then(|slot| self.program.block.slots.get(slot));
            let name = name.map_or("a value", |slot| &slot.name);
            let unsure = looked.unsure.get_or_insert_with(|| Unsure {
                why: format!("`pick` asks for `{name}` of {}, which could not be read", row.id),
                needs: Vec::new(),
            });
            unsure.needs.extend(frame.needs(self.program));
        }
        answer
    }
}

fn time_in(row: &RecordRow, field: Uid) -> Option<i64> {
    decode(&row.cells).filter_map(Result::ok).find_map(|(uid, cell)| match cell {
        Cell::Time(at) if uid == field => Some(at),
        _ => None,
    })
}
