//! A wave's neighbourhood: subjects with all that decides about them.

use std::collections::{BTreeMap, BTreeSet};

use super::operation::Answer;
use super::port::{LATE_MS, Rid, Sid, Tick};
use crate::data::{BySide, Fingerprint, Millis, Presence, Side, Stamp, Uid};

/// Subjects and the records around them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hood {
    /// Sorted by number.
    pub subjects: Vec<SubjectRow>,
    /// Sorted by number.
    pub records: Vec<RecordRow>,
    /// When it was loaded: what the pass calls now.
    pub now: Millis,
    /// Sides whose changes could not be read to the end: what is not here may be there.
    pub behind: BySide<bool>,
    /// What was asked for up to here is known to it.
    pub as_of: Tick,
    /// Lists that were read to their end once: who is not in one of these is known.
    pub lists: BTreeSet<Uid>,
    /// What people said of records of the subjects.
    pub answers: Vec<Answer>,
    /// By the key of a match line and the record that they stand for ([`crate::store::Vouch`]): of records that have no
    /// partner.
    pub vouchers: BTreeMap<(Uid, Rid), Vec<Voucher>>,
    /// By derived fact and group; a group of which nothing is known is not there.
    pub furthest: BTreeMap<(Uid, Fingerprint), Furthest>,
    /// Positions of `records`, sorted by type and id.
    by_id: Vec<u32>,
    /// References that records hold, and the positions of those, sorted.
    by_reference: Vec<(Fingerprint, u32)>,
}

impl Hood {
    pub fn new(mut subjects: Vec<SubjectRow>, mut records: Vec<RecordRow>) -> Hood {
        subjects.sort_by_key(|row| row.sid);
        records.sort_by_key(|row| row.rid);
        let mut by_id: Vec<u32> = (0..records.len() as u32).collect();
        by_id.sort_by_key(|at| id_key(&records[*at as usize]));
        let references = (0u32..).zip(&records);
        let mut by_reference: Vec<(Fingerprint, u32)> =
            references.flat_map(|(at, row)| row.references.iter().map(move |hash| (*hash, at))).collect();
        by_reference.sort_unstable();
        Hood { subjects, records, by_id, by_reference, ..Hood::default() }
    }

    /// The hood as a pass sees it.
    pub fn seen(self, now: Millis, behind: BySide<bool>) -> Hood {
        Hood { now, behind, ..self }
    }

    /// The records that hold a reference ([`KeySpec::reference`]), in the order of their numbers.
    pub fn referring(&self, reference: Fingerprint) -> impl Iterator<Item = &RecordRow> {
        let from = self.by_reference.partition_point(|(hash, _)| *hash < reference);
        let found = self.by_reference[from..].iter().take_while(move |(hash, _)| *hash == reference);
        found.filter_map(|(_, at)| self.records.get(*at as usize))
    }

    /// How far a group has come.
    pub fn furthest(&self, fact: Uid, group: Fingerprint) -> Furthest {
        self.furthest.get(&(fact, group)).copied().unwrap_or_default()
    }

    pub fn record(&self, rid: Rid) -> Option<&RecordRow> {
        self.records.binary_search_by_key(&rid, |row| row.rid).ok().map(|at| &self.records[at])
    }

    pub fn subject(&self, sid: Sid) -> Option<&SubjectRow> {
        self.subjects.binary_search_by_key(&sid, |row| row.sid).ok().map(|at| &self.subjects[at])
    }

    /// A record by its id.
    pub fn by_id(&self, ty: Uid, id: &str) -> Option<&RecordRow> {
        let key = (ty, crate::data::id_core(id));
        let at = self.by_id.binary_search_by(|at| id_key(&self.records[*at as usize]).cmp(&key)).ok()?;
        self.records.get(self.by_id[at] as usize)
    }
}

/// The furthest that a member of a group has come ([`crate::store::Derived`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Furthest {
    pub rank: Option<u32>,
    /// Some member may have come further: what it hangs on could not be read.
    pub open: bool,
}

/// A record of another block that stands for one of this block: what is linked with it stands for the same thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Voucher {
    pub id: Box<str>,
    /// Records of the other side, in the block of the match line, that its live partner names.
    pub partners: Vec<Rid>,
    /// Those that were never read: side, type and id.
    pub missing: Vec<(Side, Uid, Box<str>)>,
    /// When its subject is to be decided next, and how often that failed in a row.
    pub work: Option<(Millis, u32)>,
    /// Its subject has an operation whose outcome is not known.
    pub busy: bool,
    /// When a create of its subject that may yet arrive was sent last.
    pub late: Option<Millis>,
}

impl Voucher {
    /// When it is to be asked again whose partner it is; `None` where that is known.
    pub fn settles_at(&self, now: Millis) -> Option<Millis> {
        let late = self.late.map(|sent| sent.plus(LATE_MS)).filter(|until| now < *until);
        let due = self.work.filter(|(due, tries)| *due <= now || *tries > 0).map(|(due, _)| due);
        let busy = self.busy.then(|| due.unwrap_or(now).max(now));
        late.or(busy).or(due)
    }
}

fn id_key(row: &RecordRow) -> (Uid, &str) {
    (row.ty, crate::data::id_core(&row.id))
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SubjectRow {
    pub sid: Sid,
    pub block: Uid,
    /// Asked for, not merely a neighbour.
    pub asked: bool,
    /// Has an operation whose outcome is not known: its members may be about to change.
    pub busy: bool,
    /// Creates that nobody answered and that were not found ([`OpState::Late`]): when each was sent, and for which type.
    pub late: Vec<(Millis, Uid)>,
    pub members: Vec<(Rid, Role)>,
    /// Last agreed values per map row: cells of the shared codec, written by `decide::base`.
    pub base: Vec<u8>,
    /// Times that work on it failed in a row.
    pub tries: u32,
    /// Problems on record, by field line ([`Uid::NONE`]: the whole record), with the inputs they were seen with.
    pub issues: Vec<(Uid, Fingerprint)>,
}

impl SubjectRow {
    /// Types of which a record that it asked for may still come.
    pub fn may_yet_arrive(&self, now: i64) -> impl Iterator<Item = Uid> {
        self.late.iter().filter(move |(sent, _)| now < sent.plus(LATE_MS).0).map(|(_, ty)| *ty)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The one that is written.
    Primary = 0,
    /// Held to be the same thing; seen, not written.
    Other = 1,
    /// Was the same thing: another member took its place.
    Former = 2,
}

impl Role {
    pub fn from_code(code: i64) -> Option<Role> {
        [Role::Primary, Role::Other, Role::Former].into_iter().find(|role| *role as i64 == code)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct RecordRow {
    pub rid: Rid,
    pub side: Side,
    pub ty: Uid,
    pub id: Box<str>,
    pub stamp: Stamp,
    /// When somebody else than we last changed it, where a write of ours came after that.
    pub others: Option<Millis>,
    pub presence: Presence,
    /// Type and id of the record that took this one's place.
    pub redirect: Option<(Uid, Box<str>)>,
    pub cells: Vec<u8>,
    /// Further values of fields, by which it is found as well.
    pub aliases: Vec<(Uid, Box<str>)>,
    /// Identity keys, sorted.
    pub keys: Vec<Fingerprint>,
    /// References to other records, sorted.
    pub references: Vec<Fingerprint>,
    /// Lists that it is in, sorted.
    pub lists: Vec<Uid>,
}

impl RecordRow {
    /// When somebody last changed it; our own writes do not count, its creation does.
    pub fn updated(&self) -> Millis {
        self.others.unwrap_or(self.stamp.at)
    }
}
