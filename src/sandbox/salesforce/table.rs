//! The rows of one object with their indexes: by id, by (SystemModstamp, Id), and by value of chosen fields.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use crate::data::Millis;

use super::ids::Id;
use super::record::Record;

/// Position of a row in its table. Rows are never moved; a deleted one keeps its place.
pub(super) type RowIx = u32;

#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    rows: Vec<Record>,
    by_id: HashMap<Id, RowIx>,
    by_stamp: BTreeMap<(Millis, Id), RowIx>,
    by_value: BTreeMap<u16, HashMap<Box<str>, Vec<RowIx>>>,
}

impl Table {
    pub fn rows(&self) -> &[Record] {
        &self.rows
    }

    pub fn row(&self, ix: RowIx) -> Option<&Record> {
        self.rows.get(ix as usize)
    }

    pub fn find(&self, id: &Id) -> Option<RowIx> {
        self.by_id.get(id).copied()
    }

    pub fn by_id(&self, id: &Id) -> Option<&Record> {
        self.row(self.find(id)?)
    }

    /// Rows whose stamp lies between the bounds, by (SystemModstamp, Id).
    pub fn stamped(&self, from: Bound<Millis>, to: Bound<Millis>) -> Box<dyn Iterator<Item = RowIx> + '_> {
        let above = move |at: Millis| match to {
            Bound::Included(t) => at > t,
            Bound::Excluded(t) => at >= t,
            Bound::Unbounded => false,
        };
        let start = match from {
            Bound::Included(t) | Bound::Excluded(t) => t,
            Bound::Unbounded => Millis(i64::MIN),
        };
        let skip = move |at: Millis| matches!(from, Bound::Excluded(t) if at == t);
        Box::new(
            self.by_stamp
                .range((start, Id::LEAST)..)
                .take_while(move |((at, _), _)| !above(*at))
                .filter(move |((at, _), _)| !skip(*at))
                .map(|(_, ix)| *ix),
        )
    }

    /// Rows with this key (see [`super::record::Val::key`]), deleted ones too; `None` without an index.
    pub fn with_key(&self, field: u16, key: &str) -> Option<&[RowIx]> {
        Some(self.by_value.get(&field)?.get(key).map_or(&[], Vec::as_slice))
    }

    /// Starts an index by value.
    pub fn index(&mut self, field: u16) {
        let mut index: HashMap<Box<str>, Vec<RowIx>> = HashMap::new();
        for (ix, row) in self.rows.iter().enumerate() {
            if let Some(key) = row.value(field).key() {
                index.entry(key.into()).or_default().push(ix as RowIx);
            }
        }
        self.by_value.insert(field, index);
    }

    pub fn insert(&mut self, mut row: Record) -> RowIx {
        row.trim();
        let ix = self.rows.len() as RowIx;
        self.by_id.insert(row.id, ix);
        self.enter(ix, &row);
        self.rows.push(row);
        ix
    }

    /// Replaces a row by one with the same id and gives the old one back.
    pub fn replace(&mut self, ix: RowIx, mut row: Record) -> Option<Record> {
        row.trim();
        let slot = self.rows.get_mut(ix as usize)?;
        let old = std::mem::replace(slot, row.clone());
        let changed = |field: u16| old.value(field) != row.value(field);
        if old.stamp != row.stamp {
            self.by_stamp.remove(&(old.stamp, old.id));
            self.by_stamp.insert((row.stamp, row.id), ix);
        }
        for (field, index) in self.by_value.iter_mut().filter(|(field, _)| changed(**field)) {
            leave(index, &old, *field, ix);
            if let Some(key) = row.value(*field).key() {
                index.entry(key.into()).or_default().push(ix);
            }
        }
        Some(old)
    }

    /// Takes back the last insert.
    pub fn pop(&mut self) {
        let Some(row) = self.rows.pop() else { return };
        let ix = self.rows.len() as RowIx;
        self.by_id.remove(&row.id);
        self.by_stamp.remove(&(row.stamp, row.id));
        for (field, index) in &mut self.by_value {
            leave(index, &row, *field, ix);
        }
    }

    fn enter(&mut self, ix: RowIx, row: &Record) {
        self.by_stamp.insert((row.stamp, row.id), ix);
        for (field, index) in &mut self.by_value {
            if let Some(key) = row.value(*field).key() {
                index.entry(key.into()).or_default().push(ix);
            }
        }
    }
}

fn leave(index: &mut HashMap<Box<str>, Vec<RowIx>>, row: &Record, field: u16, ix: RowIx) {
    let Some(key) = row.value(field).key() else { return };
    if let Some(rows) = index.get_mut(key.as_str()) {
        rows.retain(|r| *r != ix);
        if rows.is_empty() {
            index.remove(key.as_str());
        }
    }
}
