//! The records of one object type, with the indexes over them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cells::Prop;
use super::index::SearchIndex;
use super::kind::Kind;
use super::record::Record;
use super::schema::Schema;
use crate::data::Millis;

#[derive(Clone, Debug)]
pub(super) struct Table {
    pub kind: Kind,
    pub schema: Schema,
    pub index: SearchIndex,
    live: BTreeMap<u64, Arc<Record>>,
    archived: BTreeMap<u64, Arc<Record>>,
    /// Lower-cased values of `keys()`. Loaded data may hold one value twice.
    unique: BTreeSet<(Prop, Box<str>, u64)>,
    /// Ids of merged records, to the record they became.
    aliases: BTreeMap<u64, u64>,
    last_id: u64,
}

impl Table {
    pub fn new(kind: Kind, now: Millis) -> Table {
        Table {
            kind,
            schema: Schema::of(kind, now),
            index: SearchIndex::default(),
            live: BTreeMap::new(),
            archived: BTreeMap::new(),
            unique: BTreeSet::new(),
            aliases: BTreeMap::new(),
            last_id: 100,
        }
    }

    pub fn next_id(&mut self) -> u64 {
        self.last_id = self.last_id.saturating_add(1);
        self.last_id
    }

    pub fn get(&self, id: u64) -> Option<&Arc<Record>> {
        self.live.get(&id)
    }

    /// Like `get`, and the id of a merged record finds what it became.
    pub fn resolve(&self, id: u64) -> Option<&Arc<Record>> {
        let mut id = id;
        while !self.live.contains_key(&id) {
            // Each merge points to a newer record, so this ends.
            id = *self.aliases.get(&id).filter(|next| **next > id)?;
        }
        self.live.get(&id)
    }

    pub fn get_archived(&self, id: u64) -> Option<&Arc<Record>> {
        self.archived.get(&id)
    }

    /// In order of id, from `first` on.
    pub fn list(&self, archived: bool, first: u64) -> impl Iterator<Item = &Arc<Record>> {
        let table = if archived { &self.archived } else { &self.live };
        table.range(first..).map(|(_, record)| record)
    }

    pub fn aliases(&self) -> &BTreeMap<u64, u64> {
        &self.aliases
    }

    pub fn alias(&mut self, from: u64, to: u64) {
        self.aliases.insert(from, to);
    }

    /// Stores a state of a record; search sees it from `visible` on (`None`: at once).
    pub fn put(&mut self, record: Record, visible: Option<Millis>) {
        let id = record.id;
        self.last_id = self.last_id.max(id);
        if let Some(old) = self.live.remove(&id) {
            for (prop, value) in self.keys(&old) {
                self.unique.remove(&(prop, value, id));
            }
        }
        self.archived.remove(&id);
        let record = Arc::new(record);
        let seen = match record.archived {
            Some(_) => {
                self.archived.insert(id, record);
                None
            }
            None => {
                for (prop, value) in self.keys(&record) {
                    self.unique.insert((prop, value, id));
                }
                self.live.insert(id, record.clone());
                Some(record)
            }
        };
        match visible {
            Some(visible) => self.index.enqueue(id, seen, visible),
            None => self.index.set(id, seen),
        }
    }

    /// Removes a record for good.
    pub fn forget(&mut self, id: u64, visible: Option<Millis>) {
        self.archived.remove(&id);
        if let Some(old) = self.live.remove(&id) {
            for (prop, value) in self.keys(&old) {
                self.unique.remove(&(prop, value, id));
            }
        }
        match visible {
            Some(visible) => self.index.enqueue(id, None, visible),
            None => self.index.set(id, None),
        }
    }

    /// The live record that has `value` in the unique property `prop`; for `email` additional addresses count.
    pub fn find(&self, prop: Prop, value: &str) -> Option<u64> {
        let value: Box<str> = value.to_lowercase().into();
        let range = (prop, value.clone(), 0)..=(prop, value, u64::MAX);
        self.unique.range(range).next().map(|(_, _, id)| *id)
    }

    /// Whether two records may not share a value of this property.
    pub fn is_unique(&self, prop: Prop) -> bool {
        self.schema.at(prop).is_some_and(|def| def.unique || self.is_email(&def.name))
    }

    fn is_email(&self, name: &str) -> bool {
        self.kind == Kind::Contact && name == "email"
    }

    /// What a record is found by: e-mails, unique values, and the domain of a company.
    pub fn keys(&self, record: &Record) -> Vec<(Prop, Box<str>)> {
        let mut keys = Vec::new();
        let email = self.schema.names().find("email");
        for (prop, value) in record.cells.iter() {
            let Some(def) = self.schema.at(prop) else { continue };
            if self.kind == Kind::Contact && def.name == "hs_additional_emails" {
                for part in value.split(';').map(str::trim).filter(|part| !part.is_empty()) {
                    keys.extend(email.map(|email| (email, part.to_lowercase().into())));
                }
            } else if def.unique || self.is_email(&def.name) || (self.kind == Kind::Company && def.name == "domain") {
                keys.push((prop, value.trim().to_lowercase().into()));
            }
        }
        keys.retain(|(_, value): &(Prop, Box<str>)| !value.is_empty());
        keys
    }

    /// Rebuilds the unique index after a definition changed.
    pub fn reindex(&mut self) {
        self.unique = self
            .live
            .values()
            .flat_map(|record| self.keys(record).into_iter().map(|(prop, value)| (prop, value, record.id)))
            .collect();
    }
}
