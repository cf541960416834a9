//! Lists (HubSpot calls them segments) and who is in them.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::Kind;
use crate::data::Millis;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processing {
    Manual,
    Dynamic,
    Snapshot,
}

impl Processing {
    pub fn name(self) -> &'static str {
        match self {
            Processing::Manual => "MANUAL",
            Processing::Dynamic => "DYNAMIC",
            Processing::Snapshot => "SNAPSHOT",
        }
    }

    pub fn parse(name: &str) -> Option<Processing> {
        [Processing::Manual, Processing::Dynamic, Processing::Snapshot].into_iter().find(|p| p.name() == name)
    }
}

#[derive(Clone, Debug)]
pub(super) struct List {
    pub id: u64,
    pub name: String,
    pub kind: Kind,
    pub processing: Processing,
    pub created: Millis,
    pub updated: Millis,
    joined: BTreeMap<u64, Millis>,
    by_join: BTreeSet<(Millis, u64)>,
}

impl List {
    pub fn new(id: u64, name: &str, kind: Kind, processing: Processing, now: Millis) -> List {
        List {
            id,
            name: name.to_owned(),
            kind,
            processing,
            created: now,
            updated: now,
            joined: BTreeMap::new(),
            by_join: BTreeSet::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.joined.len()
    }

    pub fn joined(&self, record: u64) -> Option<Millis> {
        self.joined.get(&record).copied()
    }

    /// False when it was a member already.
    pub fn add(&mut self, record: u64, now: Millis) -> bool {
        if self.joined.contains_key(&record) {
            return false;
        }
        self.joined.insert(record, now);
        self.by_join.insert((now, record));
        self.updated = self.updated.max(now);
        true
    }

    pub fn remove(&mut self, record: u64, now: Millis) -> bool {
        let Some(at) = self.joined.remove(&record) else { return false };
        self.by_join.remove(&(at, record));
        self.updated = self.updated.max(now);
        true
    }

    /// In order of record id, from `first` on.
    pub fn members(&self, first: u64) -> impl Iterator<Item = (u64, Millis)> {
        self.joined.range(first..).map(|(id, at)| (*id, *at))
    }

    /// Newest first, from just before `before` on.
    pub fn newest(&self, before: Option<(Millis, u64)>) -> impl Iterator<Item = (u64, Millis)> {
        let end = before.unwrap_or((Millis(i64::MAX), u64::MAX));
        self.by_join.range(..end).rev().map(|(at, id)| (*id, *at))
    }
}
