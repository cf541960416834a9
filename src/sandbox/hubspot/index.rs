//! The search index of one object type: it shows a write only some time after it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::record::Record;
use crate::data::Millis;

/// The state of a record to come.
type Pending = (u64, Option<Arc<Record>>);

/// Rows as search sees them. A row shares its record with the table until the record changes.
#[derive(Clone, Debug, Default)]
pub(super) struct SearchIndex {
    rows: BTreeMap<u64, Arc<Record>>,
    by_modified: BTreeSet<(Millis, u64)>,
    /// By the moment of becoming visible, then by order of arrival; `None` removes the row.
    pending: BTreeMap<(Millis, u64), Pending>,
    /// The last moment queued for an id, so that jitter never swaps two changes of one record.
    queued: BTreeMap<u64, Millis>,
    arrivals: u64,
}

impl SearchIndex {
    /// Queues the state of a record to be seen from `visible` on.
    pub fn enqueue(&mut self, id: u64, state: Option<Arc<Record>>, visible: Millis) {
        let visible = self.queued.get(&id).map_or(visible, |last| visible.max(*last));
        self.queued.insert(id, visible);
        self.arrivals += 1;
        self.pending.insert((visible, self.arrivals), (id, state));
    }

    /// Shows a state at once.
    pub fn set(&mut self, id: u64, state: Option<Arc<Record>>) {
        if let Some(old) = self.rows.remove(&id) {
            self.by_modified.remove(&(old.updated, id));
        }
        if let Some(record) = state {
            self.by_modified.insert((record.updated, id));
            self.rows.insert(id, record);
        }
    }

    /// Shows what has become visible by `now`.
    pub fn advance(&mut self, now: Millis) {
        while let Some(entry) = self.pending.first_entry() {
            let (visible, _) = *entry.key();
            if visible > now {
                break;
            }
            let (id, state) = entry.remove();
            if self.queued.get(&id) == Some(&visible) {
                self.queued.remove(&id);
            }
            self.set(id, state);
        }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn get(&self, id: u64) -> Option<&Arc<Record>> {
        self.rows.get(&id)
    }

    /// In order of id, from `first` on.
    pub fn by_id(&self, first: u64) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        self.rows.range(first..).map(|(_, record)| record)
    }

    /// Ids in order of last modification, both ends included.
    pub fn modified(&self, from: Millis, to: Millis) -> impl DoubleEndedIterator<Item = u64> {
        // An empty range written backwards would panic.
        let to = to.max(from);
        self.by_modified.range((from, 0)..=(to, u64::MAX)).map(|(_, id)| *id)
    }
}
