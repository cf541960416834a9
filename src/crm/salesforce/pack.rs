//! Writes into calls. A composite holds five collections of two hundred: a thousand creates; or, for updates of one type,
//! a look before, six hundred updates, and a look after.

use std::collections::BTreeSet;

use super::composite::PARTS;
use crate::crm::{Act, Call, Guard, Reads, Write};
use crate::data::Uid;
use crate::planted::{self, Bug};

/// Records of one collection.
pub(super) const COLLECTION: usize = 200;
/// Collections of updates beside the two looks.
pub(super) const UPDATES: usize = PARTS - 2;

/// What the records of one collection have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// With whether the org's assignment rules run.
    Insert(Uid, bool),
    /// The same, by a key.
    Upsert(Uid, Uid, bool),
    Update(Uid),
    Delete(Uid),
}

pub(super) fn kind(write: &Write) -> Kind {
    match &write.act {
        Act::Create { .. } if planted::is(Bug::PlainCreate) => Kind::Insert(write.ty, write.assign),
        Act::Create { guard: Guard::OurKey { field, .. } } => Kind::Upsert(write.ty, *field, write.assign),
        Act::Create { .. } => Kind::Insert(write.ty, write.assign),
        Act::Update { .. } => Kind::Update(write.ty),
        Act::Delete { .. } => Kind::Delete(write.ty),
    }
}

/// Splits the writes of a call, in their order, into collections.
pub(super) fn collections(writes: &[&Write]) -> Vec<(Kind, std::ops::Range<usize>)> {
    let mut out: Vec<(Kind, std::ops::Range<usize>)> = Vec::new();
    for (at, write) in writes.iter().enumerate() {
        match out.last_mut() {
            Some((of, range)) if *of == kind(write) && range.len() < COLLECTION => range.end = at + 1,
            _ => out.push((kind(write), at..at + 1)),
        }
    }
    out
}

pub(super) fn pack(reads: &Reads, writes: &[Write]) -> Vec<Call> {
    let mut order: Vec<usize> = (0..writes.len()).collect();
    order.sort_by_key(|at| (kind(&writes[*at]), *at));
    let mut calls: Vec<Building> = Vec::new();
    for at in order {
        let key = key(&writes[at]);
        match calls.last_mut() {
            Some(call) if call.takes(writes, at, &key) => call.add(writes, at, key),
            _ => {
                let mut call = Building::default();
                call.add(writes, at, key);
                calls.push(call);
            }
        }
    }
    calls.into_iter().map(|call| call.finish(reads, writes)).collect()
}

fn key(write: &Write) -> String {
    match &write.act {
        Act::Update { id } | Act::Delete { id } => id.to_string(),
        Act::Create {
            guard: Guard::OurKey { value, .. } | Guard::ServerUnique { value, .. } | Guard::Probe { value, .. },
        } => value.to_lowercase(),
    }
}

/// A call that is being filled. Writes come sorted by kind, so that only the last collection can have room.
#[derive(Default)]
struct Building {
    writes: Vec<usize>,
    keys: BTreeSet<String>,
    parts: usize,
    /// Kind and size of the last collection.
    last: Option<(Kind, usize)>,
}

impl Building {
    fn takes(&self, writes: &[Write], at: usize, key: &str) -> bool {
        let Some((last, size)) = self.last else { return true };
        if self.keys.contains(key) {
            return false;
        }
        let next = kind(&writes[at]);
        let parts = self.parts + usize::from(next != last || size >= COLLECTION);
        match (last, next) {
            (Kind::Update(_), _) => next == last && parts <= UPDATES,
            (_, Kind::Update(_)) => false,
            (Kind::Delete(_), _) | (_, Kind::Delete(_)) => next == last && parts <= PARTS,
            _ => parts <= PARTS,
        }
    }

    fn add(&mut self, writes: &[Write], at: usize, key: String) {
        let next = kind(&writes[at]);
        self.last = match self.last {
            Some((last, size)) if last == next && size < COLLECTION => Some((last, size + 1)),
            _ => {
                self.parts += 1;
                Some((next, 1))
            }
        };
        self.writes.push(at);
        self.keys.insert(key);
    }

    fn finish(self, reads: &Reads, writes: &[Write]) -> Call {
        let first = self.writes.first().and_then(|at| writes.get(*at));
        let update = first.is_some_and(|write| matches!(write.act, Act::Update { .. }));
        let mut names: Vec<&str> =
            self.writes.iter().filter_map(|at| reads.of_type(writes[*at].ty)).map(|read| read.name.as_str()).collect();
        names.dedup();
        let delete = first.is_some_and(|write| matches!(write.act, Act::Delete { .. }));
        let verb = if update {
            "update"
        } else if delete {
            "delete"
        } else {
            "create"
        };
        // A create's row is read back in a call of its own.
        Call {
            name: format!("composite {verb} {}", names.join(", ")),
            writes: self.writes,
            calls: if update { 1 } else { 2 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_never_holds_more_than_five_collections() {
        let create = |ty: u32, n: usize| Write {
            ty: Uid(ty),
            act: Act::Create { guard: Guard::OurKey { field: Uid(9), value: format!("{ty}-{n}").into() } },
            cells: Vec::new(),
            assign: false,
        };
        let writes: Vec<Write> = (0..150).map(|n| create(1, n)).chain((0..1_000).map(|n| create(2, n))).collect();
        let calls = pack(&Reads::default(), &writes);
        let updates: Vec<Write> = (0..1_300)
            .map(|n| Write {
                ty: Uid(1),
                act: Act::Update { id: n.to_string().into() },
                cells: Vec::new(),
                assign: false,
            })
            .collect();
        let sizes: Vec<usize> = pack(&Reads::default(), &updates).iter().map(|call| call.writes.len()).collect();
        assert_eq!(sizes, [600, 600, 100]);
        let packed: usize = calls.iter().map(|call| call.writes.len()).sum();
        assert_eq!((calls.len(), packed), (2, writes.len()));
        for call in &calls {
            let of: Vec<&Write> = call.writes.iter().map(|at| &writes[*at]).collect();
            assert!(collections(&of).len() <= PARTS, "{} collections", collections(&of).len());
        }
    }
}
