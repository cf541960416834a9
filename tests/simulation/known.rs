//! Who is who as the state file has it: subjects, the records in them, and the keys by which the rules of the story with
//! questions tell who belongs together.

use std::collections::{BTreeMap, BTreeSet};

use syncline::data::{Dict, Presence, Side, Uid, decode};
use syncline::store::{Hood, Identity, Rid, Role, Sid, Sqlite, Store};

/// What people said of two records, left and right: the same, or not.
pub type Words = BTreeMap<(Rid, Rid), bool>;

#[derive(Clone, Debug)]
pub struct Record {
    pub side: Side,
    pub object: String,
    pub id: String,
    pub live: bool,
    /// The record that took its place.
    pub heir: Option<Rid>,
    pub emails: BTreeSet<String>,
    pub phone: String,
    pub title: String,
    /// The contact that it names as its own.
    pub key: String,
}

#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The one that the rules have.
    pub block: Option<Uid>,
    pub records: BTreeMap<Rid, Record>,
    pub subjects: BTreeMap<Sid, Vec<(Rid, Role)>>,
}

impl Known {
    pub async fn load(store: &Sqlite, dict: &Dict) -> Known {
        let all: Vec<Sid> = (1..600).map(Sid).collect();
        Known::of(&store.load(&all).await.unwrap(), dict)
    }

    fn of(hood: &Hood, dict: &Dict) -> Known {
        let subjects = hood.subjects.iter().map(|row| (row.sid, row.members.clone())).collect();
        let records = hood.records.iter().map(|row| {
            let cells = || decode(&row.cells).map(Result::unwrap).filter(|(_, cell)| cell.is_known());
            let named = |uid| dict.name(uid).rsplit('.').next().unwrap_or_default().to_lowercase();
            let text = |name: &str| {
                let mut found = cells().filter(|(uid, _)| named(*uid) == name);
                found.next().map(|(_, cell)| cell.text().into_owned()).unwrap_or_default()
            };
            let aliases = row.aliases.iter().map(|(_, email)| email.to_string());
            let emails = aliases.chain([text("email")]).filter(|email| !email.is_empty()).collect();
            let heir = row.redirect.as_ref().and_then(|(ty, id)| hood.by_id(*ty, id)).map(|heir| heir.rid);
            let record = Record {
                side: row.side,
                object: dict.name(row.ty).rsplit('/').next().unwrap_or_default().to_owned(),
                id: row.id.to_string(),
                live: row.presence == Presence::Live,
                heir: heir.filter(|_| row.presence == Presence::Redirected),
                emails,
                phone: text("phone"),
                title: text("title"),
                key: text("hubspot_id__c"),
            };
            (row.rid, record)
        });
        Known { block: hood.subjects.first().map(|row| row.block), records: records.collect(), subjects }
    }

    /// As it is after a wave's changes.
    pub fn after(&self, changes: &[Identity]) -> Known {
        let mut subjects = self.subjects.clone();
        let mut parted = 0;
        for change in changes {
            let (rid, into, role) = match change {
                Identity::Join { rid, into, role } => (*rid, *into, *role),
                Identity::Split { rid, .. } => {
                    parted -= 1;
                    (*rid, Sid(parted), Role::Primary)
                }
                Identity::Role { rid, role, .. } => match self.holder_in(&subjects, *rid) {
                    Some(sid) => (*rid, sid, *role),
                    None => continue,
                },
            };
            subjects.values_mut().for_each(|members| members.retain(|(of, _)| *of != rid));
            subjects.entry(into).or_default().push((rid, role));
        }
        subjects.retain(|_, members| !members.is_empty());
        Known { subjects, records: self.records.clone(), ..*self }
    }

    fn holder_in(&self, subjects: &BTreeMap<Sid, Vec<(Rid, Role)>>, rid: Rid) -> Option<Sid> {
        subjects.iter().find(|(_, members)| members.iter().any(|(of, _)| *of == rid)).map(|(sid, _)| *sid)
    }

    pub fn holder(&self, rid: Rid) -> Option<Sid> {
        self.holder_in(&self.subjects, rid)
    }

    /// Who stands for a record now.
    pub fn end(&self, rid: Rid) -> Rid {
        let mut at = rid;
        for _ in 0..self.records.len() {
            match self.records.get(&at).and_then(|record| record.heir) {
                Some(heir) => at = heir,
                None => break,
            }
        }
        at
    }

    pub fn name(&self, rid: Rid) -> String {
        self.records.get(&rid).map_or_else(String::new, |record| format!("{} {}", record.object, record.id))
    }

    /// All records of a subject on a side, also those whose place another one took.
    fn all(&self, sid: Sid, side: Side) -> impl Iterator<Item = Rid> {
        let members = self.subjects.get(&sid).into_iter().flatten().map(|(rid, _)| *rid);
        members.filter(move |rid| self.records.get(rid).is_some_and(|record| record.side == side))
    }

    /// The records of a subject on a side.
    pub fn rows(&self, sid: Sid, side: Side) -> Vec<Rid> {
        let members = self.subjects.get(&sid).into_iter().flatten().filter(|(_, role)| *role != Role::Former);
        members.map(|(rid, _)| *rid).filter(|rid| self.records.get(rid).is_some_and(|of| of.side == side)).collect()
    }

    pub fn live(&self, sid: Sid, side: Side) -> Vec<Rid> {
        self.rows(sid, side).into_iter().filter(|rid| self.records[rid].live).collect()
    }

    /// The live record of a side that is written.
    pub fn primary(&self, sid: Sid, side: Side) -> Option<Rid> {
        let members = self.subjects.get(&sid)?;
        let live = self.live(sid, side);
        members.iter().find(|(rid, role)| *role == Role::Primary && live.contains(rid)).map(|(rid, _)| *rid)
    }

    /// The side of a subject that has no partner, or is none yet.
    pub fn lone(&self, sid: Sid) -> Option<Side> {
        let mut sides = Side::BOTH.into_iter().filter(|side| !self.live(sid, *side).is_empty());
        match (sides.next(), sides.next()) {
            (Some(side), None) if self.rows(sid, side.other()).is_empty() => Some(side),
            _ => None,
        }
    }

    fn records_of(&self, sid: Sid) -> impl Iterator<Item = (Rid, &Record)> {
        let members = self.subjects.get(&sid).into_iter().flatten();
        members.filter_map(|(rid, _)| Some((*rid, self.records.get(rid)?)))
    }

    /// Whether something without a question holds two subjects to be the same: an address, our own key, a merge or
    /// conversion, a person's word.
    pub fn certain(&self, one: Sid, other: Sid, words: &Words) -> bool {
        self.joined(one, other, words, |_| true)
    }

    /// Likewise; an address counts of those records only.
    fn joined(&self, one: Sid, other: Sid, words: &Words, counts: impl Fn(Rid) -> bool) -> bool {
        let all = || self.records_of(one).flat_map(|a| self.records_of(other).map(move |b| (a, b)));
        all().any(|((a, of_a), (b, of_b))| {
            let names = |from: &Record, to: &Record| to.side == Side::Left && !from.key.is_empty() && from.key == to.id;
            counts(a) && counts(b) && !of_a.emails.is_disjoint(&of_b.emails)
                || names(of_a, of_b)
                || names(of_b, of_a)
                || self.end(a) == self.end(b)
                || self.word(a, b, words) == Some(true)
        })
    }

    fn word(&self, one: Rid, other: Rid, words: &Words) -> Option<bool> {
        words.get(&(one, other)).or(words.get(&(other, one))).copied()
    }

    /// What somebody said last of any two records of two subjects.
    fn said(&self, one: Sid, other: Sid, words: &Words, same: bool) -> bool {
        let holds = |rid: &Rid, sid: Sid| self.subjects[&sid].iter().any(|(of, _)| of == rid);
        let mut of = words.iter().filter(|(_, word)| **word == same).map(|(pair, _)| pair);
        of.any(|(l, r)| holds(l, one) && holds(r, other) || holds(l, other) && holds(r, one))
    }

    /// Matches by phone, of a subject without a partner, that nothing certain and no word decides. `strictly`: between
    /// records that are there; what was known of those whose place others took may be asked about as well.
    pub fn questions(&self, sid: Sid, words: &Words, strictly: bool) -> Vec<(Rid, Rid)> {
        let Some(side) = self.lone(sid) else { return Vec::new() };
        let mut out = Vec::new();
        for other in self.subjects.keys().copied().filter(|other| *other != sid) {
            let there = |rid: Rid| self.records[&rid].live && self.rows_hold(rid);
            let certain = match strictly {
                true => self.certain(sid, other, words),
                false => self.joined(sid, other, words, there),
            };
            if certain || self.said(sid, other, words, false) {
                continue;
            }
            let may_count = |rid: Rid| self.records[&rid].live || self.records[&rid].heir.is_some();
            let counts = |rid: &Rid| if strictly { there(*rid) } else { may_count(*rid) };
            for one in self.all(sid, side).filter(counts) {
                let found = self.all(other, side.other()).filter(counts);
                let phone = |rid: Rid| self.records[&rid].phone.as_str();
                out.extend(found.filter(|found| !phone(one).is_empty() && phone(one) == phone(*found)).map(|found| {
                    match side {
                        Side::Left => (one, found),
                        Side::Right => (found, one),
                    }
                }));
            }
        }
        out
    }

    /// Whether records hang together by the keys that they share.
    pub fn share(&self, rids: &[Rid]) -> bool {
        let (mut reached, mut rest) = (Vec::new(), rids.to_vec());
        reached.extend(rest.pop());
        let shares = |a: &Rid, b: &Rid| {
            let (a, b) = (&self.records[a], &self.records[b]);
            !a.emails.is_disjoint(&b.emails) || !a.phone.is_empty() && a.phone == b.phone
        };
        while let Some(at) = rest.iter().position(|one| reached.iter().any(|of| shares(one, of))) {
            reached.push(rest.remove(at));
        }
        rest.is_empty()
    }

    fn rows_hold(&self, rid: Rid) -> bool {
        let holds = |(of, role): &(Rid, Role)| *of == rid && *role != Role::Former;
        self.subjects.values().flatten().any(holds)
    }

    /// Subjects that hold the other record of somebody's word that they are the same, while that one is there.
    pub fn said_same(&self, sid: Sid, words: &Words) -> Vec<Sid> {
        let Some(side) = self.lone(sid) else { return Vec::new() };
        let others = self.subjects.keys().copied().filter(|other| *other != sid);
        others
            .filter(|other| !self.live(*other, side.other()).is_empty() && self.said(sid, *other, words, true))
            .collect()
    }
}
