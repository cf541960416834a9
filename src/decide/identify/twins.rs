//! Records of one side that are the same thing, of which none has a partner yet. They come to the same in one wave as in
//! several: on the left neither may claim a partner that is made for it, on the right they are one thing, and `pick` says
//! which counts.

use std::collections::BTreeSet;

use crate::data::{Presence, Side};
use crate::planted::{self, Bug};
use crate::store::{Identity, RecordRow, Role, Sid};

use super::Working;
use super::pick::Picked;

impl<'a> Working<'a> {
    pub(super) fn twins(&mut self, sid: Sid, side: Side) {
        let mine = self.rows(sid, side);
        let unclear = self.out.ambiguous.contains_key(&sid) || self.out.waiting.contains(&sid);
        if unclear || mine.is_empty() || !self.rows(sid, side.other()).is_empty() || !self.creates(side.other()) {
            return;
        }
        if !mine.iter().any(|row| row.presence == Presence::Live) {
            return;
        }
        let mut joined = false;
        for line in (0..self.program.block.matches.len()).filter(|line| !self.program.match_line(*line).proposes) {
            let rows = self.found(sid, side, line).into_iter().filter_map(|rid| self.hood.record(rid));
            let twins = rows.filter(|row| row.side == side && row.presence == Presence::Live);
            let twins = twins.filter_map(|row| self.of.get(&row.rid).copied()).filter(|other| *other != sid);
            let (twins, linked): (BTreeSet<Sid>, BTreeSet<Sid>) =
                twins.partition(|other| self.rows(*other, side.other()).is_empty());
            // One of them was linked in this very wave.
            if let (Side::Right, Some(other)) = (side, linked.first()) {
                self.join_by(line, sid, *other);
                return;
            }
            if twins.is_empty() {
                continue;
            }
            let rule = &self.program.block.matches[line].rule.name;
            if self.may_yet_arrive(sid, &twins) {
                self.out.waiting.insert(sid);
                return;
            }
            if side == Side::Left {
                let why = format!("{} records on this side share the key of `{rule}`", twins.len() + 1);
                self.out.ambiguous.insert(sid, why);
                return;
            }
            let all = std::iter::once(&sid).chain(&twins).flat_map(|one| self.rows(*one, side));
            let all: Vec<&'a RecordRow> = all.filter(|row| row.presence == Presence::Live).collect();
            match self.pick(sid, side, &all) {
                Picked::Several(why) => {
                    self.out.ambiguous.insert(sid, why);
                    return;
                }
                Picked::Unsure(unsure) => {
                    self.out.unsure.insert(sid, unsure);
                    return;
                }
                Picked::One(_) | Picked::None => {}
            }
            // Which of them counts is told anew.
            mine.iter().for_each(|row| self.set_role(sid, row.rid, Role::Other));
            twins.into_iter().for_each(|other| self.join_by(line, other, sid));
            joined = true;
        }
        // Whom each of them belongs to, or may, all of them do.
        if joined {
            self.join_partners(sid, side);
        }
    }

    /// Whether any record may be created on a side.
    fn creates(&self, side: Side) -> bool {
        self.program.block.create[side].iter().any(|create| create.target.is_some())
    }

    /// Records without a partner that were the same thing, and are no more: each stands alone again.
    pub(super) fn part_twins(&mut self, sid: Sid) {
        if !self.rows(sid, Side::Left).is_empty() || self.in_hand(sid) || planted::is(Bug::TwinsNeverPart) {
            return;
        }
        let live = self.rows(sid, Side::Right).into_iter().filter(|row| row.presence == Presence::Live);
        let (mut same, mut rest): (Vec<&RecordRow>, Vec<&RecordRow>) =
            live.partition(|row| self.role(sid, row.rid) == Some(Role::Primary));
        if same.is_empty() {
            same.extend((!rest.is_empty()).then(|| rest.remove(0)));
        }
        let shares = |a: &RecordRow, b: &RecordRow| {
            (0..self.program.block.matches.len()).any(|line| {
                let keys = self.program.keys_of(a, Side::Right, line);
                self.program.keys_of(b, Side::Right, line).iter().any(|key| keys.contains(key))
            })
        };
        while let Some(at) = rest.iter().position(|row| same.iter().any(|one| shares(one, row))) {
            same.push(rest.remove(at));
        }
        // Whose place one of them took goes with it.
        let members = self.members.get(&sid).into_iter().flatten().filter_map(|member| self.hood.record(member.rid));
        let former = members.filter(|row| row.presence == Presence::Redirected);
        let end_parts =
            |row: &&'a RecordRow| self.end_of(row).is_some_and(|end| rest.iter().any(|of| of.rid == end.rid));
        let former: Vec<&RecordRow> = former.filter(end_parts).collect();
        for row in rest.into_iter().chain(former) {
            self.members.entry(sid).or_default().retain(|member| member.rid != row.rid);
            self.of.remove(&row.rid);
            if !planted::is(Bug::PartedIsMissing) {
                self.parted.insert(row.rid);
            }
            self.out.changes.retain(|change| change.rid() != row.rid);
            self.out.changes.push(Identity::Split { rid: row.rid, from: sid });
        }
    }
}
