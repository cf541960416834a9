//! One row into the mirror.

use rusqlite::{OptionalExtension, Transaction, params};

use super::Index;
use super::keys::{add_key, alias_blob, find, hashes, read_aliases, read_cells, rekey};
use super::wake::Wake;
use crate::crm::Gone;
use crate::data::{Millis, Presence, Side, Stamp, Uid, encode, merge};
use crate::store::sqlite::kept;
use crate::store::sqlite::schema::error;
use crate::store::{KeySpec, RowIn, StoreError, TypeIndex};

pub(in crate::store::sqlite) struct Put {
    pub rid: i64,
    pub changed: bool,
    /// What changed concerns the record's own subjects.
    pub wakes: bool,
}

impl Put {
    pub(super) fn same(rid: i64) -> Put {
        Put { rid, changed: false, wakes: false }
    }
}

pub(super) struct Old {
    rid: i64,
    known: Stamp,
    state: i64,
    cells: Vec<u8>,
    redirect: Option<(Uid, String)>,
    aliases: Option<Vec<u8>>,
    others: Option<i64>,
}

impl Old {
    /// When somebody else last changed it, as far as that is earlier than the row's own time.
    fn others(&self, row: &RowIn) -> Option<i64> {
        match row.by_us {
            true => self.others.or(Some(self.known.at.0)),
            false if row.stamp.at > self.known.at => None,
            false => self.others,
        }
    }
}

/// Inserts or updates one row and wakes those who are related to it. Its own subjects are the caller's to wake: one of
/// them may be in hand.
pub(in crate::store::sqlite) fn put_row(
    wake: &mut Wake<'_>,
    index: &Index,
    side: Side,
    row: &RowIn,
) -> Result<Put, StoreError> {
    let tx = wake.tx;
    let sql = "SELECT rid, at, exact, state, cells, to_type, to_id, aliases, others FROM record
               WHERE type = ? AND id = ?";
    let old = tx
        .prepare_cached(sql)
        .and_then(|mut query| {
            query
                .query_row(params![row.ty.0, row.id], |r| {
                    let to: Option<u32> = r.get(5)?;
                    Ok(Old {
                        rid: r.get(0)?,
                        known: Stamp { at: Millis(r.get(1)?), exact: r.get(2)? },
                        state: r.get(3)?,
                        cells: r.get(4)?,
                        redirect: to.map(Uid).zip(r.get(6)?),
                        aliases: r.get(7)?,
                        others: r.get(8)?,
                    })
                })
                .optional()
        })
        .map_err(error)?;
    match old {
        None => insert_row(wake, index, side, row),
        Some(old) if row.stamp.supersedes(old.known) => update_row(wake, index, row, &old),
        Some(old) => Ok(Put::same(old.rid)),
    }
}

pub(super) fn insert_row(wake: &mut Wake<'_>, index: &Index, side: Side, row: &RowIn) -> Result<Put, StoreError> {
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
    if !of.vouches.is_empty() {
        wake.vouched_by(rid)?;
    }
    Ok(Put { rid, changed: true, wakes: true })
}

/// A subject of one record: who else belongs to it is for `identify` to say.
pub(super) fn add_subject(tx: &Transaction<'_>, block: Uid, rid: i64) -> Result<i64, StoreError> {
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
pub(in crate::store::sqlite) fn add_members(wake: &mut Wake<'_>, types: &[TypeIndex]) -> Result<(), StoreError> {
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

pub(super) fn update_row(wake: &mut Wake<'_>, index: &Index, row: &RowIn, old: &Old) -> Result<Put, StoreError> {
    let tx = wake.tx;
    let moved =
        row.redirect.as_ref().map(|(ty, id)| (*ty, &**id)) != old.redirect.as_ref().map(|(ty, id)| (*ty, &**id));
    let came_back = old.state != row.presence.code() || moved;
    let was = read_aliases(old.aliases.as_deref())?;
    let is = row.aliases.as_ref().unwrap_or(&was);
    let renamed = *is != was;
    if (row.cells == old.cells || row.cells.is_empty()) && !came_back && !renamed {
        if row.stamp.at > old.known.at {
            tx.prepare_cached("UPDATE record SET at = ?, exact = ?, others = ? WHERE rid = ?")
                .and_then(|mut update| {
                    update.execute(params![row.stamp.at.0, row.stamp.exact, old.others(row), old.rid])
                })
                .map_err(error)?;
        }
        return Ok(Put { wakes: touches(index, row, old), ..Put::same(old.rid) });
    }
    let (before, news) = (read_cells(&old.cells)?, read_cells(&row.cells)?);
    let after = merge(&before, &news);
    let changed: Vec<Uid> =
        news.iter().filter(|(uid, cell)| find(&before, *uid) != *cell).map(|(uid, _)| *uid).collect();
    kept::let_go(tx, old.rid)?;
    let mut blob = Vec::with_capacity(old.cells.len() + row.cells.len() / 4);
    encode(after.iter().copied(), &mut blob);
    let sql =
        "UPDATE record SET at = ?, exact = ?, state = ?, cells = ?, to_type = ?, to_id = ?, aliases = ?, others = ?
               WHERE rid = ?";
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
                old.others(row),
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
        wake.sharing(old.rid)?;
    }
    let named = if came_back { None } else { Some(changed.as_slice()) };
    wake.concerned(of, &before, named)?;
    wake.concerned(of, &after, named)?;
    if of.vouches.iter().any(|vouch| came_back || changed.contains(&vouch.field)) {
        wake.vouched_before(of, &before)?;
        wake.vouched_by(old.rid)?;
    }
    for (key, fields) in &of.reverse {
        if came_back || changed.iter().any(|uid| fields.contains(uid)) {
            wake.filed(KeySpec::reference(*key, &row.id), old.rid)?;
        }
    }
    let named = changed.iter().any(|uid| of.wakes.binary_search(uid).is_ok());
    let wakes = came_back || renamed || named || touches(index, row, old);
    Ok(Put { rid: old.rid, changed: true, wakes })
}

/// Somebody else changed it, and that alone decides something.
fn touches(index: &Index, row: &RowIn, old: &Old) -> bool {
    !row.by_us && row.stamp.at > old.known.at && index.get(&row.ty).is_some_and(|of| of.touched)
}

pub(super) fn set_gone(wake: &mut Wake<'_>, index: &Index, told: &Gone) -> Result<bool, StoreError> {
    let (ty, id) = (told.ty, &*told.id);
    // What another record took the place of is no more either, and that is known better.
    let (gone, redirected) = (Presence::Gone.code(), Presence::Redirected.code());
    let sql = "SELECT rid, at, exact FROM record WHERE type = ? AND id = ? AND state NOT IN (?, ?)";
    let known: Option<(i64, Stamp)> = wake
        .tx
        .prepare_cached(sql)
        .and_then(|mut query| {
            query
                .query_row(params![ty.0, id, gone, redirected], |r| {
                    Ok((r.get(0)?, Stamp { at: Millis(r.get(1)?), exact: r.get(2)? }))
                })
                .optional()
        })
        .map_err(error)?;
    let Some((rid, known)) = known else { return Ok(false) };
    let told = told.at.map_or(known, |at| Stamp { at, exact: true });
    // A record that is known as of a later time was restored since.
    if !told.supersedes(known) {
        return Ok(false);
    }
    wake.tx
        .prepare_cached("UPDATE record SET state = ?, at = ?, exact = ? WHERE rid = ?")
        .and_then(|mut update| update.execute(params![gone, told.at.0, told.exact, rid]))
        .map_err(error)?;
    wake.subjects_of(rid, None)?;
    wake.those_before(ty, id)?;
    wake.sharing(rid)?;
    wake.concerned_by(rid)?;
    wake.vouched_by(rid)?;
    for (key, _) in index.get(&ty).map(|of| of.reverse.as_slice()).unwrap_or_default() {
        wake.filed(KeySpec::reference(*key, id), rid)?;
    }
    Ok(true)
}
