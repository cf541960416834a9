//! What was read goes into the mirror, and wakes whom it concerns. An equal row wakes nobody: our own echo dies here.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::meta;
use super::schema::error;
use crate::crm::MemberChange;
use crate::data::{Cell, Fingerprint, Millis, Presence, Side, Uid, decode, encode, merge};
use crate::store::{Ingest, Ingested, KeySpec, RowIn, StoreError, TypeIndex};

pub(super) type Index = BTreeMap<Uid, TypeIndex>;

/// Rows of one key that are looked at; a key shared by more is no key.
pub(super) const KEY_CAP: usize = 200;

pub(super) fn ingest(tx: &Transaction<'_>, index: &Index, delta: &Ingest) -> Result<Ingested, StoreError> {
    let mut out = Ingested::default();
    let mut wake = Wake { tx, now: delta.now, woken: 0 };
    let side = delta.side.unwrap_or(Side::Left);
    for row in &delta.rows {
        let put = put_row(&mut wake, index, side, row, true)?;
        if put.changed {
            out.changed += 1;
            out.ids.push((row.ty, row.id.clone()));
        }
    }
    for (ty, id) in &delta.gone {
        out.changed += usize::from(set_gone(&mut wake, index, *ty, id)?);
    }
    for change in &delta.members {
        apply_member(&mut wake, index, change)?;
    }
    if let Some(feed) = &delta.feed {
        meta::set_feed(tx, feed)?;
    }
    out.woken = wake.woken;
    Ok(out)
}

/// Puts subjects on the work list.
pub(super) struct Wake<'t> {
    pub tx: &'t Transaction<'t>,
    pub now: Millis,
    pub woken: usize,
}

impl Wake<'_> {
    fn subject(&mut self, sid: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO work VALUES (?1, ?2, 0) ON CONFLICT DO UPDATE SET due = min(due, ?2)";
        let mut insert = self.tx.prepare_cached(sql).map_err(error)?;
        self.woken += insert.execute(params![sid, self.now.0]).map_err(error)?;
        Ok(())
    }

    pub(super) fn subjects_of(&mut self, rid: i64) -> Result<(), StoreError> {
        for sid in sids_of(self.tx, rid)? {
            self.subject(sid)?;
        }
        Ok(())
    }

    /// Everybody who is filed under a key.
    fn filed(&mut self, hash: Fingerprint, but: i64) -> Result<(), StoreError> {
        let mut query = self.tx.prepare_cached("SELECT rid FROM key WHERE hash = ?").map_err(error)?;
        let rids = query.query_map([hash.0 as i64], |row| row.get::<_, i64>(0)).map_err(error)?;
        let rids: Vec<i64> = rids.collect::<Result<_, _>>().map_err(error)?;
        for rid in rids.into_iter().filter(|rid| *rid != but) {
            self.subjects_of(rid)?;
        }
        Ok(())
    }
}

fn sids_of(db: &Connection, rid: i64) -> Result<Vec<i64>, StoreError> {
    let mut query = db.prepare_cached("SELECT sid FROM member WHERE rid = ?").map_err(error)?;
    let sids = query.query_map([rid], |row| row.get(0)).map_err(error)?;
    sids.collect::<Result<_, _>>().map_err(error)
}

pub(super) struct Put {
    pub rid: i64,
    pub changed: bool,
}

struct Old {
    rid: i64,
    at: i64,
    state: i64,
    cells: Vec<u8>,
}

pub(super) type Cells<'a> = Vec<(Uid, Cell<'a>)>;

pub(super) fn read_cells(blob: &[u8]) -> Result<Cells<'_>, StoreError> {
    decode(blob).collect::<Result<_, _>>().map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Inserts or updates one row; `wake_own` is false for rows that our own writes brought, whose subject is in hand.
pub(super) fn put_row(
    wake: &mut Wake<'_>,
    index: &Index,
    side: Side,
    row: &RowIn,
    wake_own: bool,
) -> Result<Put, StoreError> {
    let tx = wake.tx;
    let sql = "SELECT rid, at, state, cells FROM record WHERE type = ? AND id = ?";
    let old = tx
        .prepare_cached(sql)
        .and_then(|mut query| {
            query
                .query_row(params![row.ty.0, row.id], |r| {
                    Ok(Old { rid: r.get(0)?, at: r.get(1)?, state: r.get(2)?, cells: r.get(3)? })
                })
                .optional()
        })
        .map_err(error)?;
    match old {
        None => insert_row(wake, index, side, row, wake_own),
        Some(old) if row.stamp.at.0 < old.at => Ok(Put { rid: old.rid, changed: false }),
        Some(old) => update_row(wake, index, row, &old, wake_own),
    }
}

fn insert_row(wake: &mut Wake<'_>, index: &Index, side: Side, row: &RowIn, wake_own: bool) -> Result<Put, StoreError> {
    let tx = wake.tx;
    tx.prepare_cached("INSERT INTO record(side, type, id, at, exact, state, cells) VALUES (?, ?, ?, ?, ?, ?, ?)")
        .and_then(|mut insert| {
            insert.execute(params![
                side.code(),
                row.ty.0,
                row.id,
                row.stamp.at.0,
                row.stamp.exact,
                row.presence.code(),
                row.cells
            ])
        })
        .map_err(error)?;
    let rid = tx.last_insert_rowid();
    let Some(of) = index.get(&row.ty) else { return Ok(Put { rid, changed: true }) };
    let cells = read_cells(&row.cells)?;
    for (hash, identity) in hashes(&of.keys, &row.id, &cells) {
        add_key(tx, hash, rid)?;
        // Those who were unique are not any more.
        if identity {
            wake.filed(hash, rid)?;
        }
    }
    for block in &of.blocks {
        tx.prepare_cached("INSERT INTO subject(block, base) VALUES (?, x'')")
            .and_then(|mut insert| insert.execute([block.0]))
            .map_err(error)?;
        let sid = tx.last_insert_rowid();
        tx.prepare_cached("INSERT INTO member VALUES (?, ?, ?, 0)")
            .and_then(|mut insert| insert.execute(params![rid, block.0, sid]))
            .map_err(error)?;
        if wake_own {
            wake.subject(sid)?;
        }
    }
    for (key, _) in &of.reverse {
        wake.filed(KeySpec::reference(*key, &row.id), rid)?;
    }
    Ok(Put { rid, changed: true })
}

fn update_row(wake: &mut Wake<'_>, index: &Index, row: &RowIn, old: &Old, wake_own: bool) -> Result<Put, StoreError> {
    let tx = wake.tx;
    let came_back = old.state != row.presence.code();
    if row.cells == old.cells && !came_back {
        if row.stamp.at.0 > old.at {
            tx.prepare_cached("UPDATE record SET at = ?, exact = ? WHERE rid = ?")
                .and_then(|mut update| update.execute(params![row.stamp.at.0, row.stamp.exact, old.rid]))
                .map_err(error)?;
        }
        return Ok(Put { rid: old.rid, changed: false });
    }
    let (before, news) = (read_cells(&old.cells)?, read_cells(&row.cells)?);
    let after = merge(&before, &news);
    let changed: Vec<Uid> =
        news.iter().filter(|(uid, cell)| find(&before, *uid) != *cell).map(|(uid, _)| *uid).collect();
    let mut blob = Vec::with_capacity(old.cells.len() + row.cells.len() / 4);
    encode(after.iter().copied(), &mut blob);
    tx.prepare_cached("UPDATE record SET at = ?, exact = ?, state = ?, cells = ? WHERE rid = ?")
        .and_then(|mut update| {
            update.execute(params![row.stamp.at.0, row.stamp.exact, row.presence.code(), blob, old.rid])
        })
        .map_err(error)?;
    let differs = came_back || !changed.is_empty();
    let Some(of) = index.get(&row.ty).filter(|_| differs) else { return Ok(Put { rid: old.rid, changed: differs }) };
    rekey(wake, of, old.rid, &row.id, &before, &after)?;
    if wake_own && (came_back || changed.iter().any(|uid| of.wakes.binary_search(uid).is_ok())) {
        wake.subjects_of(old.rid)?;
    }
    for (key, fields) in &of.reverse {
        if came_back || changed.iter().any(|uid| fields.contains(uid)) {
            wake.filed(KeySpec::reference(*key, &row.id), old.rid)?;
        }
    }
    Ok(Put { rid: old.rid, changed: true })
}

fn rekey(
    wake: &mut Wake<'_>,
    of: &TypeIndex,
    rid: i64,
    id: &str,
    before: &Cells<'_>,
    after: &Cells<'_>,
) -> Result<(), StoreError> {
    let (was, is) = (hashes(&of.keys, id, before), hashes(&of.keys, id, after));
    for (hash, identity) in was.difference(&is) {
        wake.tx
            .prepare_cached("DELETE FROM key WHERE hash = ? AND rid = ?")
            .and_then(|mut delete| delete.execute(params![hash.0 as i64, rid]))
            .map_err(error)?;
        if *identity {
            wake.filed(*hash, rid)?;
        }
    }
    for (hash, identity) in is.difference(&was) {
        add_key(wake.tx, *hash, rid)?;
        if *identity {
            wake.filed(*hash, rid)?;
        }
    }
    Ok(())
}

fn add_key(tx: &Transaction<'_>, hash: Fingerprint, rid: i64) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT OR IGNORE INTO key VALUES (?, ?)")
        .and_then(|mut insert| insert.execute(params![hash.0 as i64, rid]))
        .map_err(error)?;
    Ok(())
}

/// A row's keys, each with whether equal ones are the same thing.
pub(super) fn hashes(specs: &[KeySpec], id: &str, cells: &Cells<'_>) -> BTreeSet<(Fingerprint, bool)> {
    specs.iter().filter_map(|spec| Some((spec.hash(id, |uid| find(cells, uid))?, spec.identity))).collect()
}

pub(super) fn find<'a>(cells: &Cells<'a>, uid: Uid) -> Cell<'a> {
    cells.binary_search_by_key(&uid, |(uid, _)| *uid).map_or(Cell::Unread, |at| cells[at].1)
}

/// Files every row anew: the plan looks for other keys now.
pub(super) fn rebuild_keys(tx: &Transaction<'_>, types: &[TypeIndex]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM key", []).map_err(error)?;
    for of in types {
        let mut query = tx.prepare("SELECT rid, id, cells FROM record WHERE type = ?").map_err(error)?;
        let mut rows = query.query([of.ty.0]).map_err(error)?;
        while let Some(row) = rows.next().map_err(error)? {
            let (rid, id, blob): (i64, String, Vec<u8>) =
                (row.get(0).map_err(error)?, row.get(1).map_err(error)?, row.get(2).map_err(error)?);
            for (hash, _) in hashes(&of.keys, &id, &read_cells(&blob)?) {
                add_key(tx, hash, rid)?;
            }
        }
    }
    Ok(())
}

fn set_gone(wake: &mut Wake<'_>, index: &Index, ty: Uid, id: &str) -> Result<bool, StoreError> {
    let gone = Presence::Gone.code();
    let sql = "UPDATE record SET state = ?3 WHERE type = ?1 AND id = ?2 AND state <> ?3 RETURNING rid";
    let rid: Option<i64> =
        wake.tx.query_row(sql, params![ty.0, id, gone], |row| row.get(0)).optional().map_err(error)?;
    let Some(rid) = rid else { return Ok(false) };
    wake.subjects_of(rid)?;
    for (key, _) in index.get(&ty).map(|of| of.reverse.as_slice()).unwrap_or_default() {
        wake.filed(KeySpec::reference(*key, id), rid)?;
    }
    Ok(true)
}

fn apply_member(wake: &mut Wake<'_>, index: &Index, change: &MemberChange) -> Result<(), StoreError> {
    let tx = wake.tx;
    let scan = |list: Uid| -> Result<i64, StoreError> {
        let sql = "SELECT scan FROM scan WHERE list = ?";
        Ok(tx.query_row(sql, [list.0], |row| row.get(0)).optional().map_err(error)?.unwrap_or(0))
    };
    match change {
        MemberChange::Joined { list, id } => {
            let scan = scan(*list)?;
            let sql = "UPDATE listed SET scan = ?3 WHERE list = ?1 AND id = ?2";
            let known = tx.prepare_cached(sql).and_then(|mut q| q.execute(params![list.0, id, scan])).map_err(error)?;
            if known == 0 {
                tx.prepare_cached("INSERT INTO listed VALUES (?, ?, ?)")
                    .and_then(|mut insert| insert.execute(params![list.0, id, scan]))
                    .map_err(error)?;
                wake_id(wake, index, id)?;
            }
        }
        MemberChange::Left { list, id } => {
            let sql = "DELETE FROM listed WHERE list = ? AND id = ?";
            if tx.prepare_cached(sql).and_then(|mut q| q.execute(params![list.0, id])).map_err(error)? > 0 {
                wake_id(wake, index, id)?;
            }
        }
        MemberChange::Start { list } => {
            tx.execute("INSERT INTO scan VALUES (?1, 1) ON CONFLICT DO UPDATE SET scan = scan + 1", [list.0])
                .map_err(error)?;
        }
        MemberChange::End { list } => {
            let mut query = tx.prepare("DELETE FROM listed WHERE list = ? AND scan < ? RETURNING id").map_err(error)?;
            let left = query.query_map(params![list.0, scan(*list)?], |row| row.get::<_, String>(0)).map_err(error)?;
            for id in left.collect::<Result<Vec<_>, _>>().map_err(error)? {
                wake_id(wake, index, &id)?;
            }
        }
    }
    Ok(())
}

fn wake_id(wake: &mut Wake<'_>, index: &Index, id: &str) -> Result<(), StoreError> {
    for of in index.values().filter(|of| !of.blocks.is_empty()) {
        let sql = "SELECT rid FROM record WHERE type = ? AND id = ?";
        let rid: Option<i64> = wake
            .tx
            .prepare_cached(sql)
            .and_then(|mut query| query.query_row(params![of.ty.0, id], |row| row.get(0)).optional())
            .map_err(error)?;
        if let Some(rid) = rid {
            wake.subjects_of(rid)?;
        }
    }
    Ok(())
}

pub(super) fn list_size(db: &Connection, list: Uid) -> Result<u64, StoreError> {
    db.query_row("SELECT count(*) FROM listed WHERE list = ?", [list.0], |row| row.get::<_, i64>(0))
        .map(|count| count.max(0) as u64)
        .map_err(error)
}
