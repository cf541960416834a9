//! What people said of proposed matches.

use rusqlite::{Connection, Transaction, params};

use super::ingest::{Index, Wake};
use super::meta;
use super::schema::error;
use crate::data::{Millis, Uid};
use crate::planted::{self, Bug};
use crate::store::{Answer, Rid, StoreError};

/// Keeps an answer and wakes both subjects; false where a record is not in the block.
pub(super) fn put(tx: &Transaction<'_>, index: &Index, answer: &Answer, now: Millis) -> Result<bool, StoreError> {
    let Answer { block, left, right, same } = *answer;
    let sql = "SELECT (SELECT count(*) FROM member WHERE block = ?1 AND rid IN (?2, ?3)) = 2";
    if !tx.query_row(sql, params![block.0, left.0, right.0], |row| row.get(0)).map_err(error)? {
        return Ok(false);
    }
    let sql = "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?)";
    tx.execute(sql, params![block.0, left.0, right.0, same, now.0]).map_err(error)?;
    if planted::is(Bug::AnswerWakesNobody) {
        return Ok(true);
    }
    let mut wake = Wake::new(tx, index, now);
    wake.subjects_of(left.0, None)?;
    wake.subjects_of(right.0, None)?;
    Ok(true)
}

/// A subject gained or lost a record: what was said of its records may hold for more now, or for less.
pub(super) fn told(tx: &Transaction<'_>, sid: i64, now: Millis) -> Result<(), StoreError> {
    if !any(tx)? {
        return Ok(());
    }
    let sql = "INSERT INTO work SELECT other.sid, ?2, 0, ?3 FROM member own
               JOIN answer ON (lft = own.rid OR rgt = own.rid) AND answer.block = own.block
               JOIN member other ON other.rid = lft + rgt - own.rid AND other.block = own.block
               WHERE own.sid = ?1 AND other.sid <> ?1 GROUP BY other.sid
               ON CONFLICT DO UPDATE SET due = min(due, ?2), asked = ?3";
    let tick = meta::next_tick(tx)?;
    tx.prepare_cached(sql).and_then(|mut wake| wake.execute(params![sid, now.0, tick.0])).map_err(error)?;
    Ok(())
}

/// Whether there is any.
pub(super) fn any(db: &Connection) -> Result<bool, StoreError> {
    let mut query = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM answer)").map_err(error)?;
    query.query_row([], |row| row.get(0)).map_err(error)
}

/// Those about a record.
pub(super) fn about(db: &Connection, rid: Rid) -> Result<Vec<Answer>, StoreError> {
    let sql = "SELECT block, lft, rgt, same FROM answer WHERE lft = ?1
               UNION SELECT block, lft, rgt, same FROM answer WHERE rgt = ?1";
    let mut query = db.prepare_cached(sql).map_err(error)?;
    let rows = query.query_map([rid.0], |row| {
        Ok(Answer { block: Uid(row.get(0)?), left: Rid(row.get(1)?), right: Rid(row.get(2)?), same: row.get(3)? })
    });
    rows.map_err(error)?.collect::<Result<_, _>>().map_err(error)
}
