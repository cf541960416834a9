//! Who is who: joins records that a match line holds to be the same thing, and picks the one that is written.

mod follow;
mod pick;
mod propose;
mod relink;
#[cfg(test)]
mod tests;
mod through;
#[cfg(test)]
mod through_tests;
mod twins;

use std::collections::{BTreeMap, BTreeSet};

use crate::data::{BySide, Fingerprint, Presence, Side, decode};
use crate::lang::plan::Event;
use crate::store::{Hood, Identity, RecordRow, Rid, Role, Sid, SubjectRow};

use super::events::unlinks;
use super::frame::Frame;
use super::program::Program;
use pick::Picked;
pub use pick::Unsure;
pub(super) use pick::picked;
pub use propose::Proposed;
pub use relink::Relink;
pub(super) use relink::candidates;
pub use through::Unsettled;

/// One record of a subject, after identification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    pub rid: Rid,
    pub role: Role,
}

/// The hood's subjects with their members as they are now, and what changed.
#[derive(Clone, Debug, Default)]
pub struct Identified {
    /// The subjects to decide: those asked for and still there, and those that others joined.
    pub subjects: BTreeMap<Sid, Vec<Member>>,
    pub changes: Vec<Identity>,
    /// Subjects that are not decided because it is not clear who they are: why, for people.
    pub ambiguous: BTreeMap<Sid, String>,
    /// Those among them for which records of another block say different things.
    pub contradicted: BTreeSet<Sid>,
    /// Those among them that wait for a person's answer to a proposed match.
    pub proposed: BTreeMap<Sid, Proposed>,
    /// Subjects that share a key with one whose operation has not come to an end: decided when it has.
    pub waiting: BTreeSet<Sid>,
    /// Those among them that wait for records of another block, through which a match line goes.
    pub unsettled: BTreeMap<Sid, Unsettled>,
    /// Records of a subject that are too many: nothing is done to them, and people are told.
    pub surplus: BTreeMap<Sid, String>,
    /// Links that move to another record, or are about to.
    pub relinks: BTreeMap<Sid, Relink>,
    /// The match lines by which subjects were joined, and the choices of `pick` that told records apart.
    pub used: BTreeMap<Sid, Used>,
    /// Subjects of which a `pick` asks for what was not read.
    unsure: BTreeMap<Sid, Unsure>,
    /// When time alone may make a `pick` take another record.
    turns_at: BTreeMap<Sid, i64>,
    /// What the sides last agreed on, where that is no longer all that the state file holds: another record took a member's
    /// place.
    bases: BTreeMap<Sid, Vec<u8>>,
}

/// What of the rules said who is who.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Indices of the block's match lines.
    pub matches: BTreeSet<usize>,
    /// Per side, indices of the choices.
    pub choices: BTreeSet<(Side, usize)>,
    /// What happened on the other side of which.
    pub events: BTreeSet<(Side, Event)>,
    /// A link moved on the side.
    pub relinked: Option<Side>,
}

impl Identified {
    /// Adds to a subject's frame what identification knows of it beside its members.
    pub fn complete(&self, sid: Sid, frame: &mut Frame<'_>) {
        frame.parting = self.relinks.get(&sid).filter(|relink| !relink.moved).map(|relink| relink.side);
        frame.unsure = self.unsure.get(&sid).cloned();
        frame.turns_at = frame.turns_at.into_iter().chain(self.turns_at.get(&sid).copied()).min();
    }

    /// What the subject's sides last agreed on, as far as it holds for its members as they are now.
    pub fn base<'a>(&'a self, subject: &'a SubjectRow) -> &'a [u8] {
        self.bases.get(&subject.sid).unwrap_or(&subject.base)
    }
}

/// Pure: looks only at the hood. Links that exist stay; a record that was linked and is gone keeps its place, so that it is
/// not created again.
pub fn identify(program: &Program, hood: &Hood, now: i64) -> Identified {
    let mut work = Working::new(program, hood, now);
    work.follow();
    work.unlink();
    for sid in work.asked.clone() {
        work.part_twins(sid);
    }
    // Left records first: they gather every free partner, so that a pick sees them all.
    for side in [Side::Left, Side::Right] {
        for sid in work.asked.clone() {
            work.join_partners(sid, side);
        }
    }
    for side in Side::BOTH {
        for sid in work.asked.clone() {
            work.twins(sid, side);
        }
    }
    for sid in work.asked.clone() {
        work.settle_roles(sid);
        work.relink(sid);
    }
    work.tell_surplus();
    let bases = work.bases();
    let Working { asked, members, out, .. } = work;
    let subjects = asked.iter().filter_map(|sid| Some((*sid, members.get(sid)?.clone()))).collect();
    Identified { subjects, bases, ..out }
}

/// One record in the place of another.
#[derive(Clone, Copy)]
struct Heir {
    of: Rid,
    rid: Rid,
}

struct Working<'a> {
    program: &'a Program,
    hood: &'a Hood,
    now: i64,
    asked: BTreeSet<Sid>,
    members: BTreeMap<Sid, Vec<Member>>,
    of: BTreeMap<Rid, Sid>,
    by_key: BTreeMap<Fingerprint, Vec<Rid>>,
    /// Subjects in which another record took the place of one that was linked.
    heirs: BTreeMap<Sid, BySide<Option<Heir>>>,
    /// Records that get a subject of their own with this wave, and are decided with the next.
    parted: BTreeSet<Rid>,
    /// Subjects of which nothing is agreed any more.
    anew: BTreeSet<Sid>,
    /// What was found out so far: all but who belongs to whom in the end.
    out: Identified,
}

impl<'a> Working<'a> {
    fn new(program: &'a Program, hood: &'a Hood, now: i64) -> Self {
        let subjects = hood.subjects.iter().filter(|subject| subject.block == program.block.uid);
        let mut members = BTreeMap::new();
        let mut of = BTreeMap::new();
        for subject in subjects.clone() {
            of.extend(subject.members.iter().map(|(rid, _)| (*rid, subject.sid)));
            members.insert(
                subject.sid,
                subject.members.iter().map(|(rid, role)| Member { rid: *rid, role: *role }).collect(),
            );
        }
        let mut by_key: BTreeMap<Fingerprint, Vec<Rid>> = BTreeMap::new();
        // Who looks for a lead that was converted finds what it became.
        let counts = |row: &&RecordRow| matches!(row.presence, Presence::Live | Presence::Redirected);
        for row in hood.records.iter().filter(counts).filter(|row| of.contains_key(&row.rid)) {
            row.keys.iter().for_each(|key| by_key.entry(*key).or_default().push(row.rid));
        }
        let asked = subjects.filter(|subject| subject.asked).map(|subject| subject.sid).collect();
        Working {
            program,
            hood,
            now,
            asked,
            members,
            of,
            by_key,
            heirs: BTreeMap::new(),
            parted: BTreeSet::new(),
            anew: BTreeSet::new(),
            out: Identified::default(),
        }
    }

    /// The subject's records of a side, without those whose place another one took.
    fn rows(&self, sid: Sid, side: Side) -> Vec<&'a RecordRow> {
        let members = self.members.get(&sid).into_iter().flatten().filter(|member| member.role != Role::Former);
        members.filter_map(|member| self.hood.record(member.rid)).filter(|row| row.side == side).collect()
    }

    /// Looks for partners of a subject that has records on one side only.
    fn join_partners(&mut self, sid: Sid, side: Side) {
        let mine = self.rows(sid, side);
        let linked = mine.is_empty() || !self.rows(sid, side.other()).is_empty();
        if linked || self.out.ambiguous.contains_key(&sid) || self.out.waiting.contains(&sid) {
            return;
        }
        if !mine.iter().any(|row| row.presence == Presence::Live) || self.join_linked(sid, side) {
            return;
        }
        let lines = self.program.block.matches.len();
        // Who names the other one by its id is its partner, whatever else they hold.
        for line in (lines..lines + self.program.block.own.len()).chain(0..lines) {
            if self.program.match_line(line).through().is_some() {
                match self.join_through(sid, side, line) {
                    true => return,
                    false => continue,
                }
            }
            let found = self.found(sid, side, line);
            let busy =
                |rid: &Rid| self.of.get(rid).filter(|other| **other != sid).and_then(|other| self.hood.subject(*other));
            let parts = found.iter().any(|rid| self.parted.contains(rid));
            if parts || found.iter().filter_map(busy).any(|other| other.busy) {
                self.out.waiting.insert(sid);
                return;
            }
            let rows: Vec<&RecordRow> = found.iter().filter_map(|rid| self.hood.record(*rid)).collect();
            // Two subjects of this side with one key: neither can claim the partner.
            let live = |row: &&&RecordRow| row.presence == Presence::Live;
            let rivals: BTreeSet<Sid> = rows
                .iter()
                .filter(|row| row.side == side)
                .filter(live)
                .filter_map(|row| self.of.get(&row.rid).copied())
                .filter(|other| *other != sid)
                .collect();
            let mut partners: BTreeSet<Sid> = rows
                .iter()
                .filter(|row| row.side == side.other())
                .filter_map(|row| self.of.get(&row.rid).copied())
                .collect();
            if line >= lines {
                partners.retain(|other| self.rows(*other, side).is_empty());
                if partners.is_empty() {
                    continue;
                }
            }
            let proposes = self.program.match_line(line).proposes;
            if partners.is_empty() && proposes {
                continue;
            }
            if partners.is_empty() {
                // The same thing as one that is linked, though its partner is deleted: it gets none either.
                let linked = |other: &&Sid| !self.rows(**other, side.other()).is_empty();
                if let (Side::Right, Some(other)) = (side, rivals.iter().find(linked).copied()) {
                    self.join_by(line, sid, other);
                    return;
                }
                continue;
            }
            if self.may_yet_arrive(sid, &partners) {
                self.out.waiting.insert(sid);
                return;
            }
            if proposes {
                match self.propose(sid, side, line, &partners) {
                    true => return,
                    false => continue,
                }
            }
            let (free, taken): (Vec<Sid>, Vec<Sid>) =
                partners.into_iter().partition(|other| self.rows(*other, side).is_empty());
            let rule = &self.program.match_line(line).rule.name;
            match side {
                Side::Left if !rivals.is_empty() => {
                    let why = format!("{} records on this side share the key of `{rule}`", rivals.len() + 1);
                    self.out.ambiguous.insert(sid, why);
                }
                Side::Left if free.is_empty() => {
                    let why = format!("`{rule}` finds {}, which is linked to another record", self.describe(&taken));
                    self.out.ambiguous.insert(sid, why);
                }
                Side::Left => free.into_iter().for_each(|other| self.join_by(line, other, sid)),
                // A further record of a thing that is linked already: seen, not written.
                Side::Right => match (free.as_slice(), taken.as_slice()) {
                    ([other], _) => self.join_by(line, sid, *other),
                    ([], [other]) => self.join_by(line, sid, *other),
                    _ => {
                        let all: Vec<Sid> = free.iter().chain(&taken).copied().collect();
                        let why = format!("`{rule}` finds several: {}", self.describe(&all));
                        self.out.ambiguous.insert(sid, why);
                    }
                },
            }
            return;
        }
    }

    /// Records with a key of any of the subject's records under a match line. Those whose place another one took, on either
    /// side, count only for who has no partner: what an address was once, it need not be for ever.
    fn found(&self, sid: Sid, side: Side, line: usize) -> Vec<Rid> {
        let former = self.members.get(&sid).into_iter().flatten().filter(|member| member.role == Role::Former);
        let former = former.filter_map(|member| self.hood.record(member.rid)).filter(|row| row.side == side);
        let keys = |row: &RecordRow| self.program.keys_of(row, side, line);
        let own = self.rows(sid, side).into_iter().filter(|row| row.presence == Presence::Live).flat_map(keys);
        let mut found: Vec<Rid> = Vec::new();
        for (key, was) in own.map(|key| (key, false)).chain(former.flat_map(keys).map(|key| (key, true))) {
            let rids = self.by_key.get(&key).into_iter().flatten();
            found.extend(rids.filter(|rid| {
                let row = self.hood.record(**rid);
                let holder = self.of.get(rid);
                let free = || holder.is_some_and(|holder| self.rows(*holder, side).is_empty());
                let is = row.is_some_and(|row| row.presence == Presence::Live) && !was;
                let other_side = row.is_some_and(|row| row.side != side);
                is || other_side && free()
            }));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether a record that one of them asked for may still come, beside the one that was found: a join would then leave two.
    /// A partner that carries the key of that very create is the record itself.
    fn may_yet_arrive(&self, sid: Sid, partners: &BTreeSet<Sid>) -> bool {
        let late = |sid: &Sid| {
            self.hood.subject(*sid).is_some_and(|subject| subject.may_yet_arrive(self.now).next().is_some())
        };
        let all = || std::iter::once(&sid).chain(partners);
        all().any(late)
            && !all().any(|one| Side::BOTH.iter().any(|side| self.carries_key_of(*one, *side, sid, partners)))
    }

    /// Whether the record holds, in its key field, the id of a record that is in its subject.
    fn is_made_for_its_own(&self, row: &RecordRow) -> bool {
        let Some(held) = self.own_key(row) else { return false };
        let members = self.of.get(&row.rid).and_then(|sid| self.members.get(sid)).into_iter().flatten();
        members
            .filter_map(|member| self.hood.record(member.rid))
            .any(|other| other.side != row.side && *other.id == *held)
    }

    fn own_key(&self, row: &RecordRow) -> Option<String> {
        let used = self.program.type_index(row.side, row.ty).and_then(|ty| self.program.block.types[row.side].get(ty));
        let key = used.and_then(|used| used.own_key.as_ref())?;
        let held = decode(&row.cells).filter_map(Result::ok).find(|(uid, cell)| *uid == key.field && cell.is_known());
        held.map(|(_, cell)| cell.text().into_owned())
    }

    /// Whether a record of the subject on `side` holds the id of one of the others' records in its key field.
    fn carries_key_of(&self, one: Sid, side: Side, sid: Sid, partners: &BTreeSet<Sid>) -> bool {
        let others: Vec<&RecordRow> =
            std::iter::once(&sid).chain(partners).flat_map(|other| self.rows(*other, side.other())).collect();
        let held = self.rows(one, side).into_iter().filter_map(|row| self.own_key(row));
        held.into_iter().any(|held| others.iter().any(|other| *held == *other.id))
    }

    fn describe(&self, sids: &[Sid]) -> String {
        let rows = sids.iter().flat_map(|sid| self.members.get(sid).into_iter().flatten());
        let ids: Vec<&str> = rows.filter_map(|m| self.hood.record(m.rid)).map(|row| &*row.id).take(3).collect();
        ids.join(", ")
    }

    /// Joins two subjects that a match line holds to be the same thing.
    fn join_by(&mut self, line: usize, from: Sid, into: Sid) {
        self.join(from, into);
        if line < self.program.block.matches.len() {
            self.out.used.entry(into).or_default().matches.insert(line);
        }
    }

    fn join(&mut self, from: Sid, into: Sid) {
        let moved = self.members.remove(&from).unwrap_or_default();
        if let Some(Used { matches, .. }) = self.out.used.remove(&from) {
            self.out.used.entry(into).or_default().matches.extend(matches);
        }
        self.asked.remove(&from);
        self.asked.insert(into);
        self.out.ambiguous.remove(&from);
        self.out.proposed.remove(&from);
        self.out.waiting.remove(&from);
        self.out.unsettled.remove(&from);
        for Member { rid, role } in moved {
            let role = if role == Role::Former { role } else { Role::Other };
            self.of.insert(rid, into);
            self.out.changes.retain(|change| change.rid() != rid);
            self.out.changes.push(Identity::Join { rid, into, role });
            self.members.entry(into).or_default().push(Member { rid, role });
        }
        // Who has a partner asks for none.
        if Side::BOTH.into_iter().all(|side| !self.rows(into, side).is_empty()) {
            self.out.ambiguous.remove(&into);
            self.out.contradicted.remove(&into);
            self.out.proposed.remove(&into);
        }
    }

    /// Sees to it that each side of a subject has at most one primary, and one where any can be told.
    fn settle_roles(&mut self, sid: Sid) {
        self.take_back(sid);
        for side in Side::BOTH {
            let rows = self.rows(sid, side);
            let primary = |row: &&&RecordRow| {
                self.members[&sid].iter().any(|member| member.rid == row.rid && member.role == Role::Primary)
            };
            // A primary that is gone keeps its place: what happens then is for a rule to say, not for a pick.
            if rows.is_empty() || rows.iter().any(|row| primary(&row)) {
                continue;
            }
            let live: Vec<&RecordRow> = rows.into_iter().filter(|row| row.presence == Presence::Live).collect();
            match self.pick(sid, side, &live) {
                Picked::One(rid) => self.set_role(sid, rid, Role::Primary),
                Picked::None => {}
                Picked::Several(why) => {
                    self.out.ambiguous.insert(sid, why);
                }
                Picked::Unsure(unsure) => {
                    self.out.unsure.insert(sid, unsure);
                }
            }
        }
    }

    /// `on delete unlink`: a deleted record leaves its place.
    fn unlink(&mut self) {
        for sid in self.asked.clone() {
            for side in Side::BOTH.into_iter().filter(|side| unlinks(self.program, *side)) {
                let away = |row: &&&RecordRow| {
                    let primary = self.role(sid, row.rid) == Some(Role::Primary);
                    primary && matches!(row.presence, Presence::Archived | Presence::Gone)
                };
                let partner = self.rows(sid, side.other()).iter().any(|row| row.presence == Presence::Live);
                let Some(rid) = self.rows(sid, side).iter().find(away).map(|row| row.rid).filter(|_| partner) else {
                    continue;
                };
                self.set_role(sid, rid, Role::Former);
                self.out.used.entry(sid).or_default().events.insert((side.other(), Event::Delete));
                self.anew.insert(sid);
            }
        }
    }

    /// A record whose place was taken and that is there again stands beside the other one.
    fn take_back(&mut self, sid: Sid) {
        let members = self.members.get(&sid).cloned().unwrap_or_default();
        for member in members.into_iter().filter(|member| member.role == Role::Former) {
            if self.hood.record(member.rid).is_some_and(|row| row.presence == Presence::Live) {
                self.set_role(sid, member.rid, Role::Other);
            }
        }
    }

    /// Who is there twice after a merge or a conversion on the other side: one is kept in step, of the others people are
    /// told. Where a `pick` line says which counts, they know.
    fn tell_surplus(&mut self) {
        for sid in self.asked.clone() {
            let said =
                Side::BOTH.into_iter().filter(|side| self.program.block.pick[*side].is_empty()).find_map(|side| {
                    let live = self.rows(sid, side).into_iter().filter(|row| row.presence == Presence::Live);
                    let (first, others): (Vec<_>, Vec<_>) =
                        live.partition(|row| self.role(sid, row.rid) == Some(Role::Primary));
                    let ids: Vec<&str> = others.iter().map(|row| &*row.id).take(3).collect();
                    let first = first.first().filter(|_| !ids.is_empty())?;
                    Some(format!("{} is the same one as {}, which alone is kept in step", ids.join(", "), first.id))
                });
            if let Some(said) = said {
                self.out.surplus.insert(sid, said);
            }
        }
    }
}
