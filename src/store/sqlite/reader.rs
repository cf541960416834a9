//! Reading a state file beside the process that works on it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::ingest::KEY_CAP;
use super::load::Depth;
use super::schema::{self, error};
use super::{journal, load, meta};
use crate::crm::Fut;
use crate::data::{Dict, Fingerprint, Millis, Presence, Side, Uid, id_checksum, id_core};
use crate::store::{FoundRow, Hood, IssueRow, JournalRow, PassRow, Reader, Rid, Sid, StoreError, TypeIndex};

/// A state file as it was when this was opened.
pub struct SqliteReader {
    db: Mutex<Connection>,
}

impl SqliteReader {
    /// Takes no lock of ours, and keeps nobody from writing. A file that is not there is an error.
    pub fn open(path: &Path) -> Result<SqliteReader, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(error)?;
        db.set_prepared_statement_cache_capacity(64);
        db.execute_batch("PRAGMA busy_timeout = 2000; BEGIN").map_err(error)?;
        // The first reading begins the moment that all others see.
        schema::recognise(&db)?;
        Ok(SqliteReader { db: Mutex::new(db) })
    }

    fn read<'a, T: Send + 'a>(
        &'a self,
        step: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'a,
    ) -> Fut<'a, Result<T, StoreError>> {
        Box::pin(async move { step(&self.db.lock().unwrap_or_else(|poisoned| poisoned.into_inner())) })
    }
}

impl Reader for SqliteReader {
    fn dict(&self) -> Fut<'_, Result<Dict, StoreError>> {
        self.read(meta::dict)
    }

    fn meta<'a>(&'a self, key: &'a str) -> Fut<'a, Result<Option<String>, StoreError>> {
        self.read(move |db| meta::get(db, key))
    }

    fn last_pass(&self) -> Fut<'_, Result<Option<PassRow>, StoreError>> {
        self.read(meta::last_pass)
    }

    fn by_id<'a>(&'a self, ty: Uid, id: &'a str) -> Fut<'a, Result<Option<FoundRow>, StoreError>> {
        self.read(move |db| {
            let core = id_core(id);
            let long = id_checksum(core).map(|check| core.chars().chain(check.map(char::from)).collect::<String>());
            for form in [Some(core), long.as_deref()].into_iter().flatten() {
                let mut query = db.prepare_cached("SELECT rid FROM record WHERE type = ? AND id = ?").map_err(error)?;
                let rid = query.query_row(params![ty.0, form], |row| row.get(0)).optional().map_err(error)?;
                if let Some(rid) = rid {
                    return found(db, Rid(rid));
                }
            }
            Ok(None)
        })
    }

    fn by_keys<'a>(&'a self, hashes: &'a [Fingerprint]) -> Fut<'a, Result<Vec<(Fingerprint, FoundRow)>, StoreError>> {
        self.read(move |db| {
            let sql = format!("SELECT rid FROM key WHERE hash = ? LIMIT {KEY_CAP}");
            let mut query = db.prepare_cached(&sql).map_err(error)?;
            let mut out = Vec::new();
            for hash in hashes {
                let rids = query.query_map([hash.0 as i64], |row| row.get(0).map(Rid)).map_err(error)?;
                for rid in rids.collect::<Result<Vec<_>, _>>().map_err(error)? {
                    out.extend(found(db, rid)?.map(|found| (*hash, found)));
                }
            }
            Ok(out)
        })
    }

    fn load<'a>(&'a self, index: &'a [TypeIndex], sids: &'a [Sid]) -> Fut<'a, Result<Hood, StoreError>> {
        self.read(move |db| {
            let index: BTreeMap<Uid, TypeIndex> = index.iter().map(|of| (of.ty, of.clone())).collect();
            load::load(db, &index, sids, Depth::ToExplain)
        })
    }

    fn work_of(&self, sid: Sid) -> Fut<'_, Result<Option<(Millis, u32)>, StoreError>> {
        self.read(move |db| {
            let mut query = db.prepare_cached("SELECT due, tries FROM work WHERE sid = ?").map_err(error)?;
            query.query_row([sid.0], |row| Ok((Millis(row.get(0)?), row.get(1)?))).optional().map_err(error)
        })
    }

    fn with_issue<'a>(&'a self, code: &'a str) -> Fut<'a, Result<Vec<Sid>, StoreError>> {
        self.read(move |db| {
            let mut query =
                db.prepare_cached("SELECT DISTINCT sid FROM issue WHERE code = ? ORDER BY sid").map_err(error)?;
            let sids = query.query_map([code], |row| row.get(0).map(Sid)).map_err(error)?;
            sids.collect::<Result<_, _>>().map_err(error)
        })
    }

    fn issues_of(&self, sid: Sid) -> Fut<'_, Result<Vec<IssueRow>, StoreError>> {
        self.read(move |db| journal::issues_of(db, sid))
    }

    fn journal_of(&self, sid: Sid, limit: usize) -> Fut<'_, Result<Vec<JournalRow>, StoreError>> {
        self.read(move |db| journal::journal_of(db, sid, limit))
    }
}

fn found(db: &Connection, rid: Rid) -> Result<Option<FoundRow>, StoreError> {
    let mut query = db.prepare_cached("SELECT side, type, id, state FROM record WHERE rid = ?").map_err(error)?;
    let row = query.query_row([rid.0], |row| {
        Ok((row.get(0)?, row.get(1).map(Uid)?, row.get::<_, String>(2)?, row.get::<_, i64>(3)?))
    });
    let Some((side, ty, id, state)) = row.optional().map_err(error)? else { return Ok(None) };
    let mut query = db.prepare_cached("SELECT sid FROM member WHERE rid = ? ORDER BY sid").map_err(error)?;
    let sids = query.query_map([rid.0], |row| row.get(0).map(Sid)).map_err(error)?;
    let damaged = || StoreError::Corrupt(format!("a record has side {side} or state {state}"));
    Ok(Some(FoundRow {
        rid,
        side: Side::from_code(side).ok_or_else(damaged)?,
        ty,
        id: id.into(),
        presence: Presence::from_code(state).ok_or_else(damaged)?,
        sids: sids.collect::<Result<_, _>>().map_err(error)?,
    }))
}
