//! What people said of proposed matches.

use rusqlite::{Connection, Transaction, params};

use super::ingest::{Index, Wake};
use super::schema::error;
use crate::data::{Millis, Uid};
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
    let mut wake = Wake::new(tx, index, now);
    wake.subjects_of(left.0, None)?;
    wake.subjects_of(right.0, None)?;
    Ok(true)
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
