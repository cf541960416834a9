//! Stable small numbers for names. What is written to the state file names things by these, never by plan slots, so that
//! a reload or a later version still reads it.

use std::collections::HashMap;

/// A dictionary number: never reused, never renumbered. 0 means "none".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(pub u32);

impl Uid {
    pub const NONE: Uid = Uid(0);
}

/// What a name names; the same text may be a field and a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A sync block: `people`.
    Block = 1,
    /// A record type of a side: `left/contact`.
    Type = 2,
    /// A field of a type: `left/contact.email`.
    Field = 3,
    /// A row of a map: `people.firstname`.
    Line = 4,
    /// Any other rule: `people/create Lead otherwise`.
    Rule = 5,
    /// A list of a side: `left/Sync to Salesforce`.
    List = 6,
    /// What an index entry means: a match line, a reference.
    Key = 7,
}

impl Kind {
    pub fn from_code(code: i64) -> Option<Kind> {
        [Kind::Block, Kind::Type, Kind::Field, Kind::Line, Kind::Rule, Kind::List, Kind::Key]
            .into_iter()
            .find(|kind| *kind as i64 == code)
    }
}

/// Names and their numbers, as loaded from the state file. New names are added in memory; the store persists them in
/// the transaction that first uses them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dict {
    numbers: HashMap<(Kind, Box<str>), Uid>,
    names: Vec<(Kind, Box<str>)>,
}

impl Dict {
    /// Rebuilds from stored entries, which must count up from 1 without gaps.
    pub fn from_entries(entries: impl IntoIterator<Item = (Uid, Kind, String)>) -> Option<Dict> {
        let mut dict = Dict::default();
        for (uid, kind, name) in entries {
            if dict.intern(kind, &name) != uid {
                return None;
            }
        }
        Some(dict)
    }

    pub fn intern(&mut self, kind: Kind, name: &str) -> Uid {
        if let Some(uid) = self.get(kind, name) {
            return uid;
        }
        self.names.push((kind, name.into()));
        let uid = Uid(self.names.len() as u32);
        self.numbers.insert((kind, name.into()), uid);
        uid
    }

    pub fn get(&self, kind: Kind, name: &str) -> Option<Uid> {
        self.numbers.get(&(kind, Box::from(name))).copied()
    }

    /// The name behind a number, or `?` for one that this dictionary does not hold.
    pub fn name(&self, uid: Uid) -> &str {
        (uid.0 as usize).checked_sub(1).and_then(|at| self.names.get(at)).map_or("?", |(_, name)| name)
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Entries numbered above `after`, in order.
    pub fn entries_after(&self, after: u32) -> impl Iterator<Item = (Uid, Kind, &str)> {
        self.names
            .iter()
            .enumerate()
            .skip(after as usize)
            .map(|(at, (kind, name))| (Uid(at as u32 + 1), *kind, &**name))
    }
}
