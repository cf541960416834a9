//! What was read goes into the mirror, and wakes whom it concerns. An equal row wakes nobody: our own echo dies here.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::schema::error;
use super::{kept, meta};
use crate::crm::{Gone, MemberChange};
use crate::data::{Cell, Fingerprint, Millis, Presence, Side, Uid, decode, encode, merge};
use crate::store::{Ingest, Ingested, KeySpec, RowIn, Sid, StoreError, Tick, TypeIndex};

pub(super) type Index = BTreeMap<Uid, TypeIndex>;

/// Rows of one key that are looked at; a key shared by more is no key.
pub(super) const KEY_CAP: usize = 200;

pub(super) fn ingest(tx: &Transaction<'_>, index: &Index, delta: &Ingest) -> Result<Ingested, StoreError> {
    let mut out = Ingested::default();
    let mut wake = Wake::new(tx, index, delta.now);
    let side = delta.side.unwrap_or(Side::Left);
    for row in &delta.rows {
        let put = put_row(&mut wake, index, side, row)?;
        if put.wakes {
            wake.subjects_of(put.rid, None)?;
        }
        if put.changed {
            out.changed += 1;
            out.ids.push((row.ty, row.id.clone()));
        }
    }
    for gone in &delta.gone {
        out.changed += usize::from(set_gone(&mut wake, index, gone)?);
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
    pub index: &'t Index,
    pub now: Millis,
    /// Subjects that had no work before.
    pub woken: usize,
    tick: Option<Tick>,
}

impl<'t> Wake<'t> {
    pub(super) fn new(tx: &'t Transaction<'t>, index: &'t Index, now: Millis) -> Wake<'t> {
        Wake { tx, index, now, woken: 0, tick: None }
    }

    /// The tick of this transaction, counted when it wakes the first.
    fn tick(&mut self) -> Result<Tick, StoreError> {
        let tick = match self.tick {
            Some(tick) => tick,
            None => meta::next_tick(self.tx)?,
        };
        self.tick = Some(tick);
        Ok(tick)
    }

    fn subject(&mut self, sid: i64) -> Result<(), StoreError> {
        let asked = self.tick()?;
        let sql = "UPDATE work SET due = min(due, ?2), asked = ?3 WHERE sid = ?1";
        let mut update = self.tx.prepare_cached(sql).map_err(error)?;
        if update.execute(params![sid, self.now.0, asked.0]).map_err(error)? == 0 {
            let mut insert = self.tx.prepare_cached("INSERT INTO work VALUES (?1, ?2, 0, ?3)").map_err(error)?;
            self.woken += insert.execute(params![sid, self.now.0, asked.0]).map_err(error)?;
        }
        Ok(())
    }

    /// Every subject that holds the record, save one that is in hand.
    pub(super) fn subjects_of(&mut self, rid: i64, but: Option<Sid>) -> Result<(), StoreError> {
        for sid in sids_of(self.tx, rid)?.into_iter().filter(|sid| but != Some(Sid(*sid))) {
            self.subject(sid)?;
        }
        Ok(())
    }

    /// Those whose place the record took.
    fn those_before(&mut self, ty: Uid, id: &str) -> Result<(), StoreError> {
        for rid in before(self.tx, ty, id)? {
            self.subjects_of(rid, None)?;
        }
        Ok(())
    }

    /// Everybody who is filed under a key.
    fn filed(&mut self, hash: Fingerprint, but: i64) -> Result<(), StoreError> {
        let mut query = self.tx.prepare_cached("SELECT rid FROM key WHERE hash = ?").map_err(error)?;
        let rids = query.query_map([hash.0 as i64], |row| row.get::<_, i64>(0)).map_err(error)?;
        let rids: Vec<i64> = rids.collect::<Result<_, _>>().map_err(error)?;
        for rid in rids.into_iter().filter(|rid| *rid != but) {
            self.subjects_of(rid, None)?;
            self.concerned_by(rid)?;
        }
        Ok(())
    }

    /// Whom a row counts for, whatever changed.
    fn concerned_by(&mut self, rid: i64) -> Result<(), StoreError> {
        if self.index.values().all(|of| of.concerns.is_empty()) {
            return Ok(());
        }
        let row: Option<(u32, Vec<u8>)> = self
            .tx
            .prepare_cached("SELECT type, cells FROM record WHERE rid = ?")
            .and_then(|mut query| query.query_row([rid], |row| Ok((row.get(0)?, row.get(1)?))).optional())
            .map_err(error)?;
        let Some((ty, blob)) = row else { return Ok(()) };
        match self.index.get(&Uid(ty)).filter(|of| !of.concerns.is_empty()) {
            Some(of) => self.concerned(of, &read_cells(&blob)?, None),
            None => Ok(()),
        }
    }

    /// Whom a row with these cells counts for; with `changed`, only where one of these fields matters.
    fn concerned(&mut self, of: &TypeIndex, cells: &Cells<'_>, changed: Option<&[Uid]>) -> Result<(), StoreError> {
        for concern in &of.concerns {
            let matters = changed
                .is_none_or(|changed| changed.iter().any(|uid| *uid == concern.field || concern.wakes.contains(uid)));
            let cell = find(cells, concern.field);
            if matters && cell.is_known() {
                self.named(concern.of, &cell.text())?;
            }
        }
        Ok(())
    }

    fn named(&mut self, ty: Uid, id: &str) -> Result<(), StoreError> {
        let rid: Option<i64> = self
            .tx
            .prepare_cached("SELECT rid FROM record WHERE type = ? AND id = ?")
            .and_then(|mut query| query.query_row(params![ty.0, id], |row| row.get(0)).optional())
            .map_err(error)?;
        rid.map_or(Ok(()), |rid| self.subjects_of(rid, None))
    }
}

fn sids_of(db: &Connection, rid: i64) -> Result<Vec<i64>, StoreError> {
    let mut query = db.prepare_cached("SELECT sid FROM member WHERE rid = ?").map_err(error)?;
    let sids = query.query_map([rid], |row| row.get(0)).map_err(error)?;
    sids.collect::<Result<_, _>>().map_err(error)
}

/// Records whose place this one took.
pub(super) fn before(db: &Connection, ty: Uid, id: &str) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT rid FROM record WHERE to_type = ? AND to_id = ? AND to_id IS NOT NULL";
    let mut query = db.prepare_cached(sql).map_err(error)?;
    let rids = query.query_map(params![ty.0, id], |row| row.get(0)).map_err(error)?;
    rids.collect::<Result<_, _>>().map_err(error)
}

pub(super) struct Put {
    pub rid: i64,
    pub changed: bool,
    /// What changed concerns the record's own subjects.
    pub wakes: bool,
}

impl Put {
    fn same(rid: i64) -> Put {
        Put { rid, changed: false, wakes: false }
    }
}

struct Old {
    rid: i64,
    at: i64,
    exact: bool,
    state: i64,
    cells: Vec<u8>,
    redirect: Option<(Uid, String)>,
    aliases: Option<Vec<u8>>,
}

pub(super) type Cells<'a> = Vec<(Uid, Cell<'a>)>;

pub(super) fn read_cells(blob: &[u8]) -> Result<Cells<'_>, StoreError> {
    decode(blob).collect::<Result<_, _>>().map_err(|error| StoreError::Corrupt(error.to_string()))
}

impl Old {
    /// The server's clock stood in for an inexact stamp: a row of the same second may be the later one.
    fn newer_than(&self, row: &RowIn) -> bool {
        let at = if self.exact { self.at } else { self.at - self.at.rem_euclid(1000) };
        row.stamp.at.0 < at
    }
}

/// Inserts or updates one row and wakes those who are related to it. Its own subjects are the caller's to wake: one of
/// them may be in hand.
pub(super) fn put_row(wake: &mut Wake<'_>, index: &Index, side: Side, row: &RowIn) -> Result<Put, StoreError> {
    let tx = wake.tx;
    let sql = "SELECT rid, at, exact, state, cells, to_type, to_id, aliases FROM record WHERE type = ? AND id = ?";
    let old = tx
        .prepare_cached(sql)
        .and_then(|mut query| {
            query
                .query_row(params![row.ty.0, row.id], |r| {
                    let to: Option<u32> = r.get(5)?;
                    Ok(Old {
                        rid: r.get(0)?,
                        at: r.get(1)?,
                        exact: r.get(2)?,
                        state: r.get(3)?,
                        cells: r.get(4)?,
                        redirect: to.map(Uid).zip(r.get(6)?),
                        aliases: r.get(7)?,
                    })
                })
                .optional()
        })
        .map_err(error)?;
    match old {
        None => insert_row(wake, index, side, row),
        Some(old) if old.newer_than(row) => Ok(Put::same(old.rid)),
        Some(old) => update_row(wake, index, row, &old),
    }
}

fn insert_row(wake: &mut Wake<'_>, index: &Index, side: Side, row: &RowIn) -> Result<Put, StoreError> {
    let tx = wake.tx;
    let sql = "INSERT INTO record(side, type, id, at, exact, state, cells, to_type, to_id, aliases)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let aliases = row.aliases.as_deref().unwrap_or_default();
    tx.prepare_cached(sql)
        .and_then(|mut insert| {
            insert.execute(params![
                side.code(),
                row.ty.0,
                row.id,
                row.stamp.at.0,
                row.stamp.exact,
                row.presence.code(),
                row.cells,
                row.redirect.as_ref().map(|(ty, _)| ty.0),
                row.redirect.as_ref().map(|(_, id)| id),
                alias_blob(aliases)
            ])
        })
        .map_err(error)?;
    let rid = tx.last_insert_rowid();
    let Some(of) = index.get(&row.ty) else { return Ok(Put { rid, changed: true, wakes: false }) };
    let cells = read_cells(&row.cells)?;
    for (hash, identity) in hashes(&of.keys, &row.id, &cells, aliases) {
        add_key(tx, hash, rid)?;
        // Those who were unique are not any more.
        if identity {
            wake.filed(hash, rid)?;
        }
    }
    for block in &of.blocks {
        add_subject(tx, *block, rid)?;
    }
    for (key, _) in &of.reverse {
        wake.filed(KeySpec::reference(*key, &row.id), rid)?;
    }
    wake.concerned(of, &cells, None)?;
    wake.those_before(row.ty, &row.id)?;
    Ok(Put { rid, changed: true, wakes: true })
}

/// A subject of one record: who else belongs to it is for `identify` to say.
fn add_subject(tx: &Transaction<'_>, block: Uid, rid: i64) -> Result<i64, StoreError> {
    tx.prepare_cached("INSERT INTO subject(block, base) VALUES (?, x'')")
        .and_then(|mut insert| insert.execute([block.0]))
        .map_err(error)?;
    let sid = tx.last_insert_rowid();
    tx.prepare_cached("INSERT INTO member VALUES (?, ?, ?, 0)")
        .and_then(|mut insert| insert.execute(params![rid, block.0, sid]))
        .map_err(error)?;
    Ok(sid)
}

/// Records that were read before a block of the plan had their type become members of it now.
pub(super) fn add_members(wake: &mut Wake<'_>, types: &[TypeIndex]) -> Result<(), StoreError> {
    for (of, block) in types.iter().flat_map(|of| of.blocks.iter().map(move |block| (of, *block))) {
        let sql = "SELECT rid FROM record WHERE type = ?1
                   AND NOT EXISTS (SELECT 1 FROM member WHERE member.rid = record.rid AND member.block = ?2)";
        let mut query = wake.tx.prepare(sql).map_err(error)?;
        let rids = query.query_map([of.ty.0, block.0], |row| row.get(0)).map_err(error)?;
        for rid in rids.collect::<Result<Vec<i64>, _>>().map_err(error)? {
            let sid = add_subject(wake.tx, block, rid)?;
            wake.subject(sid)?;
        }
    }
    Ok(())
}

fn update_row(wake: &mut Wake<'_>, index: &Index, row: &RowIn, old: &Old) -> Result<Put, StoreError> {
    let tx = wake.tx;
    let moved =
        row.redirect.as_ref().map(|(ty, id)| (*ty, &**id)) != old.redirect.as_ref().map(|(ty, id)| (*ty, &**id));
    let came_back = old.state != row.presence.code() || moved;
    let was = read_aliases(old.aliases.as_deref())?;
    let is = row.aliases.as_ref().unwrap_or(&was);
    let renamed = *is != was;
    if (row.cells == old.cells || row.cells.is_empty()) && !came_back && !renamed {
        if row.stamp.at.0 > old.at {
            tx.prepare_cached("UPDATE record SET at = ?, exact = ? WHERE rid = ?")
                .and_then(|mut update| update.execute(params![row.stamp.at.0, row.stamp.exact, old.rid]))
                .map_err(error)?;
        }
        return Ok(Put::same(old.rid));
    }
    let (before, news) = (read_cells(&old.cells)?, read_cells(&row.cells)?);
    let after = merge(&before, &news);
    let changed: Vec<Uid> =
        news.iter().filter(|(uid, cell)| find(&before, *uid) != *cell).map(|(uid, _)| *uid).collect();
    kept::let_go(tx, old.rid)?;
    let mut blob = Vec::with_capacity(old.cells.len() + row.cells.len() / 4);
    encode(after.iter().copied(), &mut blob);
    let sql =
        "UPDATE record SET at = ?, exact = ?, state = ?, cells = ?, to_type = ?, to_id = ?, aliases = ? WHERE rid = ?";
    tx.prepare_cached(sql)
        .and_then(|mut update| {
            let to = row.redirect.as_ref();
            update.execute(params![
                row.stamp.at.0,
                row.stamp.exact,
                row.presence.code(),
                blob,
                to.map(|(ty, _)| ty.0),
                to.map(|(_, id)| id),
                alias_blob(is),
                old.rid
            ])
        })
        .map_err(error)?;
    let differs = came_back || renamed || !changed.is_empty();
    let Some(of) = index.get(&row.ty).filter(|_| differs) else {
        return Ok(Put { rid: old.rid, changed: differs, wakes: false });
    };
    rekey(wake, of, old.rid, &row.id, (&before, &was), (&after, is))?;
    if came_back {
        wake.those_before(row.ty, &row.id)?;
    }
    let named = if came_back { None } else { Some(changed.as_slice()) };
    wake.concerned(of, &before, named)?;
    wake.concerned(of, &after, named)?;
    for (key, fields) in &of.reverse {
        if came_back || changed.iter().any(|uid| fields.contains(uid)) {
            wake.filed(KeySpec::reference(*key, &row.id), old.rid)?;
        }
    }
    let wakes = came_back || renamed || changed.iter().any(|uid| of.wakes.binary_search(uid).is_ok());
    Ok(Put { rid: old.rid, changed: true, wakes })
}

fn rekey(
    wake: &mut Wake<'_>,
    of: &TypeIndex,
    rid: i64,
    id: &str,
    before: (&Cells<'_>, &[Alias]),
    after: (&Cells<'_>, &[Alias]),
) -> Result<(), StoreError> {
    let (was, is) = (hashes(&of.keys, id, before.0, before.1), hashes(&of.keys, id, after.0, after.1));
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
pub(super) fn hashes(
    specs: &[KeySpec],
    id: &str,
    cells: &Cells<'_>,
    aliases: &[Alias],
) -> BTreeSet<(Fingerprint, bool)> {
    let of = |spec: &KeySpec| {
        let identity = spec.identity;
        spec.hashes(id, |uid| find(cells, uid), aliases).into_iter().map(move |hash| (hash, identity))
    };
    specs.iter().flat_map(of).collect()
}

/// A further value of a field.
pub(super) type Alias = (Uid, Box<str>);

/// Null for the many that have none.
fn alias_blob(aliases: &[Alias]) -> Option<Vec<u8>> {
    let mut sorted: Vec<&Alias> = aliases.iter().collect();
    sorted.sort();
    let mut blob = Vec::new();
    encode(sorted.iter().map(|(uid, value)| (*uid, Cell::Text(value))), &mut blob);
    (!blob.is_empty()).then_some(blob)
}

pub(super) fn read_aliases(blob: Option<&[u8]>) -> Result<Vec<Alias>, StoreError> {
    let cells = read_cells(blob.unwrap_or_default())?;
    Ok(cells.into_iter().map(|(uid, cell)| (uid, cell.text().into())).collect())
}

pub(super) fn find<'a>(cells: &Cells<'a>, uid: Uid) -> Cell<'a> {
    cells.binary_search_by_key(&uid, |(uid, _)| *uid).map_or(Cell::Unread, |at| cells[at].1)
}

/// Files every row anew: the plan looks for other keys now.
pub(super) fn rebuild_keys(tx: &Transaction<'_>, types: &[TypeIndex]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM key", []).map_err(error)?;
    for of in types {
        let mut query = tx.prepare("SELECT rid, id, cells, aliases FROM record WHERE type = ?").map_err(error)?;
        let mut rows = query.query([of.ty.0]).map_err(error)?;
        while let Some(row) = rows.next().map_err(error)? {
            let (rid, id, blob): (i64, String, Vec<u8>) =
                (row.get(0).map_err(error)?, row.get(1).map_err(error)?, row.get(2).map_err(error)?);
            let aliases: Option<Vec<u8>> = row.get(3).map_err(error)?;
            let aliases = read_aliases(aliases.as_deref())?;
            for (hash, _) in hashes(&of.keys, &id, &read_cells(&blob)?, &aliases) {
                add_key(tx, hash, rid)?;
            }
        }
    }
    Ok(())
}

fn set_gone(wake: &mut Wake<'_>, index: &Index, told: &Gone) -> Result<bool, StoreError> {
    let (ty, id) = (told.ty, &*told.id);
    // Told of a deletion that is older than the record as it is known: it was restored since.
    let at = told.at.map(|at| at.0);
    // What another record took the place of is no more either, and that is known better.
    let (gone, redirected) = (Presence::Gone.code(), Presence::Redirected.code());
    let sql =
        "UPDATE record SET state = ?3, at = coalesce(?5, at) WHERE type = ?1 AND id = ?2 AND state NOT IN (?3, ?4)
               AND at <= coalesce(?5, at) RETURNING rid";
    let values = params![ty.0, id, gone, redirected, at];
    let rid: Option<i64> = wake.tx.query_row(sql, values, |row| row.get(0)).optional().map_err(error)?;
    let Some(rid) = rid else { return Ok(false) };
    wake.subjects_of(rid, None)?;
    wake.those_before(ty, id)?;
    wake.concerned_by(rid)?;
    for (key, _) in index.get(&ty).map(|of| of.reverse.as_slice()).unwrap_or_default() {
        wake.filed(KeySpec::reference(*key, id), rid)?;
    }
    Ok(true)
}

fn apply_member(wake: &mut Wake<'_>, index: &Index, change: &MemberChange) -> Result<(), StoreError> {
    let tx = wake.tx;
    let scan = |list: Uid| -> Result<i64, StoreError> {
        let sql = "SELECT scan FROM list WHERE list = ?";
        Ok(tx.query_row(sql, [list.0], |row| row.get(0)).optional().map_err(error)?.unwrap_or(0))
    };
    match change {
        MemberChange::Joined { list, id } => {
            let scan = scan(*list)?;
            let sql = "UPDATE listed SET scan = ?3 WHERE list = ?1 AND id = ?2";
            let known = tx.prepare_cached(sql).and_then(|mut q| q.execute(params![list.0, id, scan])).map_err(error)?;
            if known == 0 {
                // A list is known by its first member, whether or not it is ever read whole.
                tx.prepare_cached("INSERT OR IGNORE INTO list VALUES (?, ?)")
                    .and_then(|mut insert| insert.execute(params![list.0, scan]))
                    .map_err(error)?;
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
            tx.execute("INSERT INTO list VALUES (?1, 1) ON CONFLICT DO UPDATE SET scan = scan + 1", [list.0])
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
            wake.subjects_of(rid, None)?;
        }
    }
    Ok(())
}

pub(super) fn list_size(db: &Connection, list: Uid) -> Result<u64, StoreError> {
    db.query_row("SELECT count(*) FROM listed WHERE list = ?", [list.0], |row| row.get::<_, i64>(0))
        .map(|count| count.max(0) as u64)
        .map_err(error)
}
