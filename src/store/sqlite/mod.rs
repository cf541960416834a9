//! The store on SQLite. Everything happens inside the call, on the caller's thread: a commit takes milliseconds, and a
//! future that is dropped leaves exactly the last commit.

mod answers;
mod cells;
mod derived;
mod ingest;
mod journal;
mod kept;
mod load;
mod meta;
mod reader;
mod schema;
#[cfg(test)]
mod tests;
mod vouchers;
mod waves;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags, Transaction};

use super::*;
use crate::crm::Fut;
use crate::data::{Dict, Digest, Millis, Uid};
use crate::planted::{self, Bug};
use load::Depth;
pub use reader::SqliteReader;
use schema::error;

/// One state file, or one in memory.
pub struct Sqlite {
    inner: Arc<Mutex<Inner>>,
    /// Of a copy: where calls are booked.
    accounts: Option<Arc<Mutex<Inner>>>,
    _lock: Option<InstanceLock>,
}

struct Inner {
    db: Connection,
    /// How rows are found and whom they wake, as last adopted.
    index: BTreeMap<Uid, TypeIndex>,
}

impl Sqlite {
    /// Opens or creates the file, as its only instance.
    pub fn open(path: &Path) -> Result<Sqlite, StoreError> {
        let lock = InstanceLock::take(path)?;
        let db = Connection::open_with_flags(path, schema::flags()).map_err(error)?;
        schema::prepare(&db)?;
        schema::durable(&db)?;
        Ok(Sqlite { _lock: Some(lock), ..Sqlite::on(db) })
    }

    /// A state that is gone with the value.
    pub fn in_memory() -> Result<Sqlite, StoreError> {
        let db = Connection::open_in_memory().map_err(error)?;
        schema::prepare(&db)?;
        Ok(Sqlite::on(db))
    }

    /// The contents of a file (or of none) in a private database that SQLite throws away: nothing that is committed here
    /// reaches the file, which is not even locked.
    pub fn scratch_of(path: Option<&Path>) -> Result<Sqlite, StoreError> {
        let mut db = Connection::open("").map_err(error)?;
        if let Some(path) = path.filter(|path| path.exists()) {
            let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let from = Connection::open_with_flags(path, read_only).map_err(error)?;
            let backup = Backup::new(&from, &mut db).map_err(error)?;
            backup.run_to_completion(4096, std::time::Duration::ZERO, None).map_err(error)?;
        }
        schema::prepare(&db)?;
        Ok(Sqlite::on(db))
    }

    fn on(db: Connection) -> Sqlite {
        db.set_prepared_statement_cache_capacity(64);
        let inner = Arc::new(Mutex::new(Inner { db, index: BTreeMap::new() }));
        Sqlite { inner, accounts: None, _lock: None }
    }

    fn read<'a, T: Send + 'a>(
        &'a self,
        step: impl FnOnce(&mut Inner) -> Result<T, StoreError> + Send + 'a,
    ) -> Fut<'a, Result<T, StoreError>> {
        Box::pin(async move { step(&mut locked(&self.inner)) })
    }

    /// One transaction under the epoch's fence.
    fn write<'a, T: Send + 'a>(
        &'a self,
        e: Epoch,
        step: impl FnOnce(&Transaction<'_>, &BTreeMap<Uid, TypeIndex>) -> Result<T, StoreError> + Send + 'a,
    ) -> Fut<'a, Result<T, StoreError>> {
        self.read(move |inner| inner.commit(e, step))
    }

    fn accounts(&self) -> MutexGuard<'_, Inner> {
        locked(self.accounts.as_ref().unwrap_or(&self.inner))
    }
}

fn locked(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Inner {
    fn commit<T>(
        &mut self,
        e: Epoch,
        step: impl FnOnce(&Transaction<'_>, &BTreeMap<Uid, TypeIndex>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let tx = self.db.transaction().map_err(error)?;
        if meta::epoch(&tx)? != e && !planted::is(Bug::EpochNotChecked) {
            return Err(StoreError::Fenced);
        }
        let out = step(&tx, &self.index)?;
        tx.commit().map_err(error)?;
        Ok(out)
    }
}

impl Store for Sqlite {
    fn open(&self, holder: &str) -> Fut<'_, Result<(Epoch, Dict), StoreError>> {
        let holder = holder.to_owned();
        self.read(move |inner| meta::open(&mut inner.db, &holder))
    }

    fn adopt<'a>(&'a self, e: Epoch, plan: &'a Adopt) -> Fut<'a, Result<(), StoreError>> {
        let adopted = self.write(e, move |tx, _| meta::adopt(tx, plan));
        Box::pin(async move {
            adopted.await?;
            locked(&self.inner).index = plan.types.iter().map(|index| (index.ty, index.clone())).collect();
            Ok(())
        })
    }

    fn meta<'a>(&'a self, key: &'a str) -> Fut<'a, Result<Option<String>, StoreError>> {
        self.read(move |inner| meta::get(&inner.db, key))
    }

    fn set_meta<'a>(&'a self, e: Epoch, key: &'a str, value: &'a str) -> Fut<'a, Result<(), StoreError>> {
        self.write(e, move |tx, _| meta::set(tx, key, value))
    }

    fn feeds(&self) -> Fut<'_, Result<Vec<FeedState>, StoreError>> {
        self.read(|inner| meta::feeds(&inner.db))
    }

    fn ingest<'a>(&'a self, e: Epoch, delta: &'a Ingest) -> Fut<'a, Result<Ingested, StoreError>> {
        self.write(e, move |tx, index| ingest::ingest(tx, index, delta))
    }

    fn list_size(&self, list: Uid) -> Fut<'_, Result<u64, StoreError>> {
        self.read(move |inner| ingest::list_size(&inner.db, list))
    }

    fn wake_all(&self, e: Epoch, block: Uid, now: Millis) -> Fut<'_, Result<u64, StoreError>> {
        self.write(e, move |tx, _| waves::wake_all(tx, block, now))
    }

    fn take<'a>(&'a self, query: &'a Take) -> Fut<'a, Result<Vec<Sid>, StoreError>> {
        self.read(move |inner| waves::take(&inner.db, &inner.index, query))
    }

    fn census(&self, block: Uid) -> Fut<'_, Result<Census, StoreError>> {
        self.read(move |inner| waves::census(&inner.db, block))
    }

    fn load<'a>(&'a self, sids: &'a [Sid]) -> Fut<'a, Result<Hood, StoreError>> {
        self.read(move |inner| load::load(&inner.db, &inner.index, sids, Depth::ToDecide))
    }

    fn derive<'a>(&'a self, e: Epoch, derived: &'a [Derived], now: Millis) -> Fut<'a, Result<(), StoreError>> {
        self.write(e, move |tx, _| derived::put(tx, derived, now))
    }

    fn intend<'a>(&'a self, e: Epoch, wave: &'a Wave) -> Fut<'a, Result<Vec<BatchIds>, StoreError>> {
        self.write(e, move |tx, index| waves::intend(tx, index, e, wave))
    }

    fn settle<'a>(&'a self, e: Epoch, outcomes: &'a [Outcome], now: Millis) -> Fut<'a, Result<(), StoreError>> {
        self.write(e, move |tx, index| waves::settle(tx, index, outcomes, now))
    }

    fn answer<'a>(&'a self, e: Epoch, answer: &'a Answer, now: Millis) -> Fut<'a, Result<bool, StoreError>> {
        self.write(e, move |tx, index| answers::put(tx, index, answer, now))
    }

    fn open_ops(&self) -> Fut<'_, Result<Vec<OpenOp>, StoreError>> {
        self.read(|inner| journal::open_ops(&inner.db))
    }

    fn spent<'a>(&'a self, account: &'a str, since: Millis) -> Fut<'a, Result<u64, StoreError>> {
        Box::pin(async move { meta::spent(&self.accounts().db, account, since) })
    }

    fn spend<'a>(&'a self, e: Epoch, account: &'a str, at: Millis, calls: i64) -> Fut<'a, Result<(), StoreError>> {
        Box::pin(async move { self.accounts().commit(e, |tx, _| meta::spend(tx, account, at, calls)) })
    }

    fn begin_pass<'a>(&'a self, e: Epoch, plan: Digest, at: Millis) -> Fut<'a, Result<i64, StoreError>> {
        self.write(e, move |tx, _| meta::begin_pass(tx, e, plan, at))
    }

    fn end_pass<'a>(&'a self, e: Epoch, pass: i64, at: Millis, counts: &'a str) -> Fut<'a, Result<(), StoreError>> {
        self.write(e, move |tx, _| meta::end_pass(tx, pass, at, counts))
    }

    fn scratch(&self) -> Result<Box<dyn Store>, StoreError> {
        let mut db = Connection::open("").map_err(error)?;
        {
            let inner = locked(&self.inner);
            let backup = Backup::new(&inner.db, &mut db).map_err(error)?;
            backup.run_to_completion(4096, std::time::Duration::ZERO, None).map_err(error)?;
        }
        schema::prepare(&db)?;
        let accounts = Some(self.accounts.as_ref().unwrap_or(&self.inner).clone());
        Ok(Box::new(Sqlite { accounts, ..Sqlite::on(db) }))
    }

    fn issues(&self) -> Fut<'_, Result<Vec<IssueRow>, StoreError>> {
        self.read(|inner| journal::issues(&inner.db))
    }

    fn journal(&self, after: OpId, limit: usize) -> Fut<'_, Result<Vec<JournalRow>, StoreError>> {
        self.read(move |inner| journal::journal(&inner.db, after, limit))
    }
}
