//! `match through people`: who is linked there says which records are the same here. It joins one record with one other,
//! and only where all that is known points to these two.

use std::collections::BTreeSet;

use crate::data::{Millis, Presence, Side, Uid};
use crate::decide::Need;
use crate::planted::{self, Bug};
use crate::store::{Sid, Voucher};

use super::{Unsure, Working};

/// Records of another block that name a record, and of which it is not known yet whose partner they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// Index of the match line that goes through them.
    pub line: usize,
    /// When they are to be decided.
    pub until: Millis,
    /// Their ids.
    pub ids: Vec<Box<str>>,
}

impl Working<'_> {
    /// Joins the subject with the one that its linked records point to. Returns whether that is all there is to say about its
    /// partners.
    pub(super) fn join_through(&mut self, sid: Sid, side: Side, line: usize) -> bool {
        let key = self.program.match_line(line).key;
        let partners = self.pointed_at(sid, side, key);
        // One of them may point elsewhere.
        let others = partners.iter().map(|other| (*other, side.other()));
        if let Some(unsettled) = self.unsettled(std::iter::once((sid, side)).chain(others), line) {
            self.out.unsettled.insert(sid, unsettled);
            self.out.waiting.insert(sid);
            return true;
        }
        if let Some(unsure) = self.unread(sid, side, line) {
            self.out.unsure.insert(sid, unsure);
            return true;
        }
        if partners.is_empty() {
            return false;
        }
        let busy = |other: &Sid| self.hood.subject(*other).is_some_and(|row| row.busy);
        if partners.iter().any(busy) || self.may_yet_arrive(sid, &partners) {
            self.out.waiting.insert(sid);
            return true;
        }
        if self.program.match_line(line).proposes {
            return self.propose(sid, side, line, &partners);
        }
        let (free, taken): (Vec<Sid>, Vec<Sid>) =
            partners.into_iter().partition(|other| self.rows(*other, side).is_empty());
        let why = match free.as_slice() {
            [other] => {
                let rivals = self.pointed_at(*other, side.other(), key);
                let free = |rival: &Sid| *rival != sid && self.rows(*rival, side.other()).is_empty();
                let rivals: Vec<Sid> = rivals.into_iter().filter(free).collect();
                if rivals.is_empty() {
                    match side {
                        Side::Left => self.join_by(line, *other, sid),
                        Side::Right => self.join_by(line, sid, *other),
                    }
                    return true;
                }
                format!("finds {}, and for {} as well", self.describe(&[*other]), self.describe(&rivals))
            }
            [] => {
                let linked = |other: &Sid| {
                    let ids = |side: Side| self.ids(*other, side).join(", ");
                    format!("{}, which is linked to {}", ids(side.other()), ids(side))
                };
                format!("finds {}", taken.iter().take(3).map(linked).collect::<Vec<_>>().join(", and "))
            }
            several => format!("finds several: {}", self.describe(several)),
        };
        self.out.ambiguous.insert(sid, format!("`{}` {why}", self.program.match_line(line).rule.name));
        self.out.contradicted.insert(sid);
        true
    }

    /// Subjects with a live record on the other side for which something linked stands that also stands for this one.
    fn pointed_at(&self, sid: Sid, side: Side, key: Uid) -> BTreeSet<Sid> {
        let rids = self.vouchers(sid, side, key).flat_map(|voucher| &voucher.partners);
        let rows = rids.filter_map(|rid| self.hood.record(*rid));
        let live = rows.filter(|row| row.side != side && row.presence == Presence::Live);
        live.filter_map(|row| self.of.get(&row.rid).copied()).collect()
    }

    /// Of its records on a side.
    fn ids(&self, sid: Sid, side: Side) -> Vec<&str> {
        self.rows(sid, side).into_iter().map(|row| &*row.id).take(3).collect()
    }

    fn vouchers(&self, sid: Sid, side: Side, key: Uid) -> impl Iterator<Item = &Voucher> {
        let live = self.rows(sid, side).into_iter().filter(|row| row.presence == Presence::Live);
        live.filter_map(move |row| self.hood.vouchers.get(&(key, row.rid))).flatten()
    }

    /// What somebody linked names and nobody has read.
    fn unread(&self, sid: Sid, side: Side, line: usize) -> Option<Unsure> {
        let matching = self.program.match_line(line);
        let missing: Vec<&(Side, Uid, Box<str>)> =
            self.vouchers(sid, side, matching.key).flat_map(|voucher| &voucher.missing).collect();
        let (_, _, id) = missing.first()?;
        let need = |(side, ty, id): &(Side, Uid, Box<str>)| Need::Record { side: *side, ty: *ty, id: id.clone() };
        Some(Unsure {
            why: format!("`{}` leads to {id}, which could not be read", matching.rule.name),
            needs: missing.into_iter().map(need).collect(),
        })
    }

    fn unsettled(&self, of: impl Iterator<Item = (Sid, Side)>, line: usize) -> Option<Unsettled> {
        let key = self.program.match_line(line).key;
        let mut out: Option<Unsettled> = None;
        if planted::is(Bug::PeopleNotAwaited) {
            return out;
        }
        for voucher in of.flat_map(|(sid, side)| self.vouchers(sid, side, key)) {
            let Some(at) = voucher.settles_at(Millis(self.now)) else { continue };
            let open = out.get_or_insert_with(|| Unsettled { line, until: at, ids: Vec::new() });
            open.until = open.until.min(at);
            open.ids.push(voucher.id.clone());
        }
        out
    }
}
