//! `or propose`: what a match line finds is held for a person, who joins the two records or keeps them apart.

use std::collections::BTreeSet;

use crate::data::{BySide, Presence, Side};
use crate::planted::{self, Bug};
use crate::store::{Answer, RecordRow, Rid, Sid};

use super::Working;

/// A match that a rule proposes and nobody has answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposed {
    /// Index of the match line.
    pub line: usize,
    /// The records that may be the same thing, those of the subject with each that was found.
    pub pairs: Vec<BySide<Rid>>,
}

impl Working<'_> {
    /// Joins the subject with whom a person linked it to. Returns whether that is all there is to say about its partners.
    pub(super) fn join_linked(&mut self, sid: Sid, side: Side) -> bool {
        let parts = |answer: &Answer| {
            let ends = [(&answer.left, &answer.right), (&answer.right, &answer.left)];
            let parts = ends.iter().any(|(own, other)| self.of.get(own) == Some(&sid) && self.parted.contains(other));
            parts && answer.same && answer.block == self.program.block.uid
        };
        if self.hood.answers.iter().any(parts) {
            self.out.waiting.insert(sid);
            return true;
        }
        let partners: BTreeSet<Sid> = self
            .answered(sid, true)
            .into_iter()
            .filter(|other| self.rows(*other, side.other()).iter().any(|row| row.presence == Presence::Live))
            .collect();
        for other in partners.iter().copied() {
            let all = BTreeSet::from([other]);
            if self.hood.subject(other).is_some_and(|row| row.busy) || self.may_yet_arrive(sid, &all) {
                self.out.waiting.insert(sid);
                return true;
            }
            let free = self.rows(other, side).is_empty();
            match side {
                Side::Left if free => self.join(other, sid),
                Side::Left => {
                    let name = self.stands_for(other, side.other()).map_or_else(String::new, |rid| self.name(rid));
                    let why = format!("it was linked by hand to {name}, which is linked to another record");
                    self.out.ambiguous.insert(sid, why);
                    return true;
                }
                // A further record of a thing that is linked already, if it is.
                Side::Right => {
                    self.join(sid, other);
                    return true;
                }
            }
        }
        !partners.is_empty()
    }

    /// Proposes the partners that a line finds, save those that were declined. One that says itself whose partner it is is
    /// no question. Returns whether anything came of it.
    pub(super) fn propose(&mut self, sid: Sid, side: Side, line: usize, partners: &BTreeSet<Sid>) -> bool {
        let mut declined = self.answered(sid, false);
        if planted::is(Bug::DeclinedIsAskedAgain) {
            declined.clear();
        }
        let partners: Vec<Sid> = partners.difference(&declined).copied().collect();
        if let Some(own) = partners.iter().copied().find(|other| self.was_made_for(sid, *other)) {
            match side {
                Side::Left if self.rows(own, side).is_empty() => self.join_by(line, own, sid),
                Side::Right => self.join_by(line, sid, own),
                Side::Left => return self.hold(sid, side, line, &partners),
            }
            return true;
        }
        self.hold(sid, side, line, &partners)
    }

    fn hold(&mut self, sid: Sid, side: Side, line: usize, partners: &[Sid]) -> bool {
        if planted::is(Bug::QuestionHoldsOneSide) && side == Side::Right {
            return false;
        }
        let pairs = partners.iter().filter_map(|other| self.matched(sid, side, line, *other));
        let pairs: Vec<BySide<Rid>> = pairs
            .map(|(own, other)| match side {
                Side::Left => BySide::new(own, other),
                Side::Right => BySide::new(other, own),
            })
            .collect();
        if pairs.is_empty() {
            return false;
        }
        let told: Vec<String> = pairs.iter().take(3).map(|pair| self.told(pair)).collect();
        let rule = &self.program.block.matches[line].rule.name;
        self.out.ambiguous.insert(sid, format!("`{rule}` proposes that {}", told.join(", and that ")));
        self.out.used.entry(sid).or_default().matches.insert(line);
        self.out.proposed.insert(sid, Proposed { line, pairs });
        true
    }

    fn told(&self, pair: &BySide<Rid>) -> String {
        format!("{} and {} are the same", self.name(pair.left), self.name(pair.right))
    }

    /// Its type and id.
    fn name(&self, rid: Rid) -> String {
        let Some(row) = self.hood.record(rid) else { return String::new() };
        let ty = self.program.type_index(row.side, row.ty).and_then(|ty| self.program.block.types[row.side].get(ty));
        format!("{} {}", ty.map_or("record", |ty| &ty.name), row.id)
    }

    /// The records of two subjects that share a key of the line, or those that stand for them.
    fn matched(&self, sid: Sid, side: Side, line: usize, other: Sid) -> Option<(Rid, Rid)> {
        let live = |sid: Sid, side: Side| {
            self.rows(sid, side).into_iter().filter(|row| row.presence == Presence::Live).collect::<Vec<_>>()
        };
        let found = live(other, side.other());
        let pair = live(sid, side).into_iter().find_map(|own| {
            let keys = self.program.keys_of(own, side, line);
            let shares =
                |row: &&&RecordRow| self.program.keys_of(row, side.other(), line).iter().any(|key| keys.contains(key));
            found.iter().find(shares).map(|row| (own.rid, row.rid))
        });
        pair.or_else(|| self.stands_for(sid, side).zip(self.stands_for(other, side.other())))
    }

    /// The record that stands for a subject's side.
    fn stands_for(&self, sid: Sid, side: Side) -> Option<Rid> {
        let rows = self.rows(sid, side);
        let live = rows.iter().find(|row| row.presence == Presence::Live);
        live.or(rows.first()).map(|row| row.rid)
    }

    /// Other subjects about whom a person said that they are the same as this one, or that they are not. What was said of a
    /// record that was merged or converted holds for the one that took its place.
    fn answered(&self, sid: Sid, same: bool) -> BTreeSet<Sid> {
        let of = |rid: &Rid| self.of.get(rid).copied();
        let answers =
            self.hood.answers.iter().filter(|answer| answer.same == same && answer.block == self.program.block.uid);
        answers
            .filter_map(|answer| match (of(&answer.left), of(&answer.right)) {
                (Some(left), Some(right)) if left == sid && right != sid => Some(right),
                (Some(left), Some(right)) if right == sid && left != sid => Some(left),
                _ => None,
            })
            .collect()
    }

    /// Whether one of the two subjects' records holds the id of the other's in its key field.
    fn was_made_for(&self, one: Sid, other: Sid) -> bool {
        let none = BTreeSet::new();
        Side::BOTH
            .into_iter()
            .any(|side| self.carries_key_of(one, side, other, &none) || self.carries_key_of(other, side, one, &none))
    }
}
