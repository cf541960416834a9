//! Records whose place another one took: a converted lead, the losers of a merge. Their subjects become one with that of
//! the record that stands for them now.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::{Presence, Side};
use crate::lang::plan::Event;
use crate::planted::{self, Bug};
use crate::store::{Identity, RecordRow, Rid, Role, Sid};

use super::{Heir, Member, Working};
use crate::decide::base::Base;

impl<'a> Working<'a> {
    /// Joins what belongs together, and hands roles on.
    pub(super) fn follow(&mut self) {
        let hood = self.hood;
        let moved: Vec<(&'a RecordRow, &'a RecordRow)> = hood
            .records
            .iter()
            .filter(|row| row.presence == Presence::Redirected && self.of.contains_key(&row.rid))
            .filter_map(|row| Some((row, self.end_of(row)?)))
            .filter(|(_, end)| self.of.contains_key(&end.rid))
            .collect();
        if moved.is_empty() {
            return;
        }
        let mut groups: BTreeMap<Sid, BTreeSet<Sid>> = BTreeMap::new();
        for (from, to) in moved.iter().map(|(row, end)| (self.of[&row.rid], self.of[&end.rid])) {
            unite(&mut groups, from, to);
        }
        let mut seen: BTreeSet<Sid> = BTreeSet::new();
        for group in groups.into_values() {
            if !seen.insert(group.first().copied().unwrap_or_default()) || group.is_disjoint(&self.asked) {
                continue;
            }
            // Whose operation has not come to an end, or may yet make a record, is not joined.
            if group.len() > 1 && group.iter().any(|sid| self.in_hand(*sid)) {
                let asked = group.intersection(&self.asked);
                self.out.waiting.extend(asked);
                continue;
            }
            let ends: BTreeSet<Sid> = moved.iter().map(|(_, end)| self.of[&end.rid]).collect();
            let kept = self.kept(&group, &ends);
            for other in group.iter().filter(|sid| **sid != kept) {
                self.join(*other, kept);
            }
            self.hand_on(kept, &moved);
        }
    }

    pub(super) fn in_hand(&self, sid: Sid) -> bool {
        self.hood.subject(sid).is_some_and(|row| row.busy || row.may_yet_arrive(self.now).next().is_some())
    }

    /// The record that stands for a redirected one: at the end of the way, and known. None where the rules do not follow,
    /// where the way leads in a circle, out of the block, or to a record that is not read yet.
    pub(super) fn end_of(&self, row: &'a RecordRow) -> Option<&'a RecordRow> {
        let mut end = row;
        let mut seen = BTreeSet::from([row.rid]);
        while end.presence == Presence::Redirected {
            let (ty, id) = end.redirect.as_ref()?;
            let merged = *ty == end.ty;
            if merged && !self.program.block.events[row.side.other()].follow_merges {
                return None;
            }
            if !merged && planted::is(Bug::ConversionNotFollowed) {
                return None;
            }
            self.program.type_index(row.side, *ty)?;
            end = self.hood.by_id(*ty, id)?;
            if !seen.insert(end.rid) {
                return None;
            }
        }
        Some(end)
    }

    /// Which of the subjects goes on, with what was last agreed in it: the one that is linked, and of several the one that
    /// holds the survivor, else the one whose partner is picked, else the oldest.
    fn kept(&self, group: &BTreeSet<Sid>, ends: &BTreeSet<Sid>) -> Sid {
        let linked = |sid: &&Sid| Side::BOTH.into_iter().all(|side| !self.rows(**sid, side).is_empty());
        let all: Vec<Sid> = group.iter().filter(linked).copied().collect();
        let first = || group.first().copied().unwrap_or_default();
        match all.as_slice() {
            [] => group.intersection(ends).next().copied().unwrap_or_else(first),
            [one] => *one,
            several => several.iter().find(|sid| ends.contains(sid)).copied().unwrap_or_else(|| {
                let picked = Side::BOTH.into_iter().find_map(|side| {
                    let rows = several.iter().flat_map(|sid| self.rows(*sid, side));
                    let rows: Vec<&RecordRow> = rows.filter(|row| row.presence == Presence::Live).collect();
                    let choose = !self.program.block.pick[side].is_empty() && rows.len() > 1;
                    choose.then(|| self.pick_among(side, &rows).0).flatten()
                });
                picked.and_then(|rid| self.of.get(&rid).copied()).unwrap_or(several[0])
            }),
        }
    }

    /// The survivor takes the role of the one whose place it took.
    fn hand_on(&mut self, sid: Sid, moved: &[(&'a RecordRow, &'a RecordRow)]) {
        for (row, end) in moved {
            if self.of.get(&row.rid) != Some(&sid) {
                continue;
            }
            let role = self.role(sid, row.rid);
            if role == Some(Role::Former) {
                continue;
            }
            self.set_role(sid, row.rid, Role::Former);
            let event = if row.ty == end.ty { Event::Merge } else { Event::Convert };
            self.out.used.entry(sid).or_default().events.insert((row.side.other(), event));
            let taken = self.members[&sid].iter().any(|member| {
                let on_side = self.hood.record(member.rid).is_some_and(|other| other.side == row.side);
                on_side && member.role == Role::Primary && member.rid != end.rid
            });
            if role == Some(Role::Primary) && !taken && !planted::is(Bug::LoserWritten) {
                self.set_role(sid, end.rid, Role::Primary);
                self.heirs.entry(sid).or_default()[row.side] = Some(Heir { of: row.rid, rid: end.rid });
            }
        }
    }

    /// What was agreed before, as far as it holds for who took a place.
    pub(super) fn bases(&self) -> BTreeMap<Sid, Vec<u8>> {
        let mut out: BTreeMap<Sid, Vec<u8>> = self.anew.iter().map(|sid| (*sid, Vec::new())).collect();
        for (sid, relink) in self.out.relinks.iter().filter(|(_, relink)| relink.moved) {
            let Some(mut base) = self.hood.subject(*sid).and_then(|row| Base::from_bytes(&row.base).ok()) else {
                continue;
            };
            self.program.let_go(&mut base, relink.side);
            out.insert(*sid, base.to_bytes());
        }
        for (sid, heirs) in &self.heirs {
            let Some(mut base) = self.hood.subject(*sid).and_then(|row| Base::from_bytes(&row.base).ok()) else {
                continue;
            };
            for side in Side::BOTH {
                let rows = heirs[side].and_then(|heir| self.hood.record(heir.of).zip(self.hood.record(heir.rid)));
                if let Some((before, row)) = rows {
                    self.program.hand_on(&mut base, before, row);
                }
            }
            out.entry(*sid).or_insert_with(|| base.to_bytes());
        }
        out
    }

    pub(super) fn role(&self, sid: Sid, rid: Rid) -> Option<Role> {
        self.members.get(&sid)?.iter().find(|member| member.rid == rid).map(|member| member.role)
    }

    pub(super) fn set_role(&mut self, sid: Sid, rid: Rid, role: Role) {
        let block = self.program.block.uid;
        let Some(member) = self.members.get_mut(&sid).and_then(|all| all.iter_mut().find(|m| m.rid == rid)) else {
            return;
        };
        if member.role == role {
            return;
        }
        *member = Member { rid, role };
        let told = self.out.changes.iter_mut().find_map(|change| match change {
            Identity::Join { rid: of, role, .. } | Identity::Role { rid: of, role, .. } if *of == rid => Some(role),
            _ => None,
        });
        match told {
            Some(told) => *told = role,
            None => self.out.changes.push(Identity::Role { rid, block, role }),
        }
    }
}

fn unite(groups: &mut BTreeMap<Sid, BTreeSet<Sid>>, a: Sid, b: Sid) {
    let mut all: BTreeSet<Sid> = BTreeSet::from([a, b]);
    for one in [a, b] {
        all.extend(groups.get(&one).into_iter().flatten());
    }
    for one in &all {
        groups.insert(*one, all.clone());
    }
}
