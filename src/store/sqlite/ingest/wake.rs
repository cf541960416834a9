//! Which subjects a change concerns: they get work.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::Index;
use super::keys::{Cells, find, hashes, read_aliases, read_cells};
use crate::data::{Fingerprint, Millis, Uid};
use crate::planted::{self, Bug};
use crate::store::sqlite::schema::error;
use crate::store::sqlite::{meta, vouchers};
use crate::store::{Rid, Sid, StoreError, Tick, TypeIndex};

/// Puts subjects on the work list.
pub(in crate::store::sqlite) struct Wake<'t> {
    pub tx: &'t Transaction<'t>,
    pub index: &'t Index,
    pub now: Millis,
    /// Subjects that had no work before.
    pub woken: usize,
    tick: Option<Tick>,
}

impl<'t> Wake<'t> {
    pub(in crate::store::sqlite) fn new(tx: &'t Transaction<'t>, index: &'t Index, now: Millis) -> Wake<'t> {
        Wake { tx, index, now, woken: 0, tick: None }
    }

    /// The tick of this transaction, counted when it wakes the first.
    pub(super) fn tick(&mut self) -> Result<Tick, StoreError> {
        let tick = match self.tick {
            Some(tick) => tick,
            None => meta::next_tick(self.tx)?,
        };
        self.tick = Some(tick);
        Ok(tick)
    }

    pub(super) fn subject(&mut self, sid: i64) -> Result<(), StoreError> {
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
    pub(in crate::store::sqlite) fn subjects_of(&mut self, rid: i64, but: Option<Sid>) -> Result<(), StoreError> {
        for sid in sids_of(self.tx, rid)?.into_iter().filter(|sid| but != Some(Sid(*sid))) {
            self.subject(sid)?;
        }
        self.waiting_for(rid)
    }

    /// Those who were refused because of the record: that may be over now.
    fn waiting_for(&mut self, rid: i64) -> Result<(), StoreError> {
        let mut query = self.tx.prepare_cached("DELETE FROM waits WHERE rid = ? RETURNING sid, line").map_err(error)?;
        let waits = query.query_map([rid], |row| Ok((row.get(0)?, row.get(1)?))).map_err(error)?;
        for (sid, line) in waits.collect::<Result<Vec<(i64, u32)>, _>>().map_err(error)? {
            let sql = "DELETE FROM issue WHERE sid = ? AND line = ?";
            self.tx.execute(sql, params![sid, line]).map_err(error)?;
            self.subject(sid)?;
        }
        Ok(())
    }

    /// Those whose place the record took.
    pub(super) fn those_before(&mut self, ty: Uid, id: &str) -> Result<(), StoreError> {
        for rid in before(self.tx, ty, id)? {
            self.subjects_of(rid, None)?;
        }
        Ok(())
    }

    /// Everybody who is filed under a key.
    pub(super) fn filed(&mut self, hash: Fingerprint, but: i64) -> Result<(), StoreError> {
        let mut query = self.tx.prepare_cached("SELECT rid FROM key WHERE hash = ?").map_err(error)?;
        let rids = query.query_map([hash.0 as i64], |row| row.get::<_, i64>(0)).map_err(error)?;
        let rids: Vec<i64> = rids.collect::<Result<_, _>>().map_err(error)?;
        for rid in rids.into_iter().filter(|rid| *rid != but) {
            self.subjects_of(rid, None)?;
            self.concerned_by(rid)?;
        }
        Ok(())
    }

    /// Everybody who shares a match key with a record that went or came back.
    pub(in crate::store::sqlite) fn sharing(&mut self, rid: i64) -> Result<(), StoreError> {
        let sql = "SELECT type, id, cells, aliases FROM record WHERE rid = ?";
        let mut query = self.tx.prepare_cached(sql).map_err(error)?;
        let mut rows = query.query([rid]).map_err(error)?;
        let Some(row) = rows.next().map_err(error)? else { return Ok(()) };
        let (ty, id): (u32, String) = (row.get(0).map_err(error)?, row.get(1).map_err(error)?);
        let (blob, aliases): (Vec<u8>, Option<Vec<u8>>) = (row.get(2).map_err(error)?, row.get(3).map_err(error)?);
        let Some(of) = self.index.get(&Uid(ty)) else { return Ok(()) };
        let aliases = read_aliases(aliases.as_deref())?;
        for (hash, _) in hashes(&of.keys, &id, &read_cells(&blob)?, &aliases).into_iter().filter(|(_, same)| *same) {
            self.filed(hash, rid)?;
        }
        Ok(())
    }

    /// Whom a row counts for, whatever changed.
    pub(super) fn concerned_by(&mut self, rid: i64) -> Result<(), StoreError> {
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
    pub(super) fn concerned(
        &mut self,
        of: &TypeIndex,
        cells: &Cells<'_>,
        changed: Option<&[Uid]>,
    ) -> Result<(), StoreError> {
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

    /// Records without a partner for which the record, or what it is linked with, stands.
    pub(in crate::store::sqlite) fn vouched_by(&mut self, rid: i64) -> Result<(), StoreError> {
        if planted::is(Bug::LinkTellsNobody) {
            return Ok(());
        }
        let touched = vouchers::touched_by(self.tx, self.index, Rid(rid))?;
        touched.into_iter().try_for_each(|sid| self.subject(sid.0))
    }

    /// Those for which it stood before it changed.
    pub(super) fn vouched_before(&mut self, of: &TypeIndex, before: &Cells<'_>) -> Result<(), StoreError> {
        let touched = vouchers::touched_before(self.tx, of, before)?;
        touched.into_iter().try_for_each(|sid| self.subject(sid.0))
    }

    pub(super) fn named(&mut self, ty: Uid, id: &str) -> Result<(), StoreError> {
        let rid: Option<i64> = self
            .tx
            .prepare_cached("SELECT rid FROM record WHERE type = ? AND id = ?")
            .and_then(|mut query| query.query_row(params![ty.0, id], |row| row.get(0)).optional())
            .map_err(error)?;
        rid.map_or(Ok(()), |rid| self.subjects_of(rid, None))
    }
}

pub(super) fn sids_of(db: &Connection, rid: i64) -> Result<Vec<i64>, StoreError> {
    let mut query = db.prepare_cached("SELECT sid FROM member WHERE rid = ?").map_err(error)?;
    let sids = query.query_map([rid], |row| row.get(0)).map_err(error)?;
    sids.collect::<Result<_, _>>().map_err(error)
}

/// Records whose place this one took.
pub(in crate::store::sqlite) fn before(db: &Connection, ty: Uid, id: &str) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT rid FROM record WHERE to_type = ? AND to_id = ? AND to_id IS NOT NULL";
    let mut query = db.prepare_cached(sql).map_err(error)?;
    let rids = query.query_map(params![ty.0, id], |row| row.get(0)).map_err(error)?;
    rids.collect::<Result<_, _>>().map_err(error)
}

pub(super) fn wake_id(wake: &mut Wake<'_>, index: &Index, id: &str) -> Result<(), StoreError> {
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
