//! `relink when another is picked`: the link moves to the record that the `pick` line takes.
//!
//! It can come to no end of moving by itself. Which record is picked hangs on the records alone; a move changes none of them,
//! and what is written afterwards goes to the one that is linked then. Our own writes do not make a record the one that was
//! updated last, and between records that no choice tells apart the link stays.

use crate::data::{Presence, Side};
use crate::decide::base::Base;
use crate::decide::frame::Frame;
use crate::decide::gates::Way;
use crate::decide::program::Program;
use crate::lang::plan::KeyPart;
use crate::store::{RecordRow, Rid, Role, Sid};

use super::Working;
use super::pick::Looked;

/// A link that moves on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relink {
    pub side: Side,
    pub from: Rid,
    pub to: Rid,
    /// Not yet: the record that it leaves still has the key that says whose partner it is.
    pub moved: bool,
}

impl<'a> Working<'a> {
    pub(super) fn relink(&mut self, sid: Sid) {
        let unclear = self.out.ambiguous.contains_key(&sid)
            || self.out.waiting.contains(&sid)
            || self.out.unsure.contains_key(&sid);
        for side in Side::BOTH {
            if self.program.block.events[side].relink.is_some() && !unclear && !self.in_hand(sid) {
                self.relink_on(sid, side);
            }
        }
    }

    fn relink_on(&mut self, sid: Sid, side: Side) {
        let (Some(linked), Some(partner)) = (self.linked(sid, side), self.linked(sid, side.other())) else { return };
        let rows = candidates(self.program, linked, partner, &self.rows(sid, side));
        if rows.len() < 2 || !self.flows(sid, side) || self.owes(sid) {
            return;
        }
        let mut looked = Looked::default();
        let picked = self.picked(side, &rows, Some(linked.rid), &mut looked);
        if let Some(at) = looked.turns_at {
            self.out.turns_at.insert(sid, at);
        }
        if !looked.decided.is_empty() {
            self.out.used.entry(sid).or_default().choices.extend(looked.decided.iter().map(|at| (side, *at)));
        }
        if let Some(unsure) = looked.unsure {
            self.out.unsure.insert(sid, unsure);
            return;
        }
        let Some(to) = picked.filter(|to| *to != linked.rid) else { return };
        let moved = !(self.key_can_go(linked) && self.own_key(linked).is_some_and(|held| *held == *partner.id));
        self.out.relinks.insert(sid, Relink { side, from: linked.rid, to, moved });
        if moved {
            self.set_role(sid, linked.rid, Role::Other);
            self.set_role(sid, to, Role::Primary);
            self.out.used.entry(sid).or_default().relinked = Some(side);
        }
    }

    /// The live record that is linked on a side.
    fn linked(&self, sid: Sid, side: Side) -> Option<&'a RecordRow> {
        let rows = self.rows(sid, side);
        let linked = rows.into_iter().find(|row| self.role(sid, row.rid) == Some(Role::Primary));
        linked.filter(|row| row.presence == Presence::Live)
    }

    /// Whether anything flows to the side: the link of a frozen record stays.
    fn flows(&self, sid: Sid, side: Side) -> bool {
        let mut frame = Frame::default();
        let members = self.members.get(&sid).map(Vec::as_slice).unwrap_or_default();
        if frame.fill(self.program, self.hood, members).is_err() {
            return false;
        }
        match self.program.way(side, &frame.cells, frame.unread, self.now) {
            Way::Open => true,
            Way::Barred(_) => self.program.block.gates.keep_syncing[side],
            Way::Unread(..) => false,
        }
    }

    /// A value that a write of ours replaced unseen is still to go back, to either record of the pair: that comes first,
    /// unless it was refused.
    fn owes(&self, sid: Sid) -> bool {
        let Some(subject) = self.hood.subject(sid) else { return false };
        let refused = |line| subject.issues.iter().any(|(of, _)| *of == line);
        Base::from_bytes(&subject.base).is_ok_and(|base| {
            base.iter().any(|agreed| {
                (agreed.disputed.left.is_some() || agreed.disputed.right.is_some()) && !refused(agreed.line)
            })
        })
    }

    fn key_can_go(&self, row: &RecordRow) -> bool {
        let Some(ty) = self.program.type_index(row.side, row.ty) else { return false };
        let key = self.program.block.types[row.side].get(ty).and_then(|used| used.own_key.as_ref());
        let line = key.and_then(|key| self.program.block.lines.get(key.line));
        let target = line.and_then(|line| line.targets[row.side].get(ty)?.as_ref());
        target.is_some_and(|target| target.updateable)
    }
}

/// The records, of a subject's on one side, among which a link is picked anew: the one that is linked, and those that the
/// first match line which finds any finds now. A line that compares an id names one record, whoever is the same person, so
/// it has no say here.
pub(in crate::decide) fn candidates<'a>(
    program: &Program,
    linked: &'a RecordRow,
    partner: &RecordRow,
    rows: &[&'a RecordRow],
) -> Vec<&'a RecordRow> {
    let live = || rows.iter().copied().filter(|row| row.presence == Presence::Live);
    for (line, matching) in program.block.matches.iter().enumerate() {
        if matching.keys().iter().any(|pair| pair.left.iter().chain(&pair.right).flatten().any(|p| *p == KeyPart::Id)) {
            continue;
        }
        let keys = program.keys_of(partner, partner.side, line);
        let found = |row: &RecordRow| program.keys_of(row, row.side, line).iter().any(|key| keys.contains(key));
        if live().any(found) {
            return live().filter(|row| row.rid == linked.rid || found(row)).collect();
        }
    }
    vec![linked]
}
