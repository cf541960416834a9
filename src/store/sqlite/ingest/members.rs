//! Who is in which list.

use rusqlite::{Connection, OptionalExtension, params};

use super::Index;
use super::wake::{Wake, wake_id};
use crate::crm::MemberChange;
use crate::data::Uid;
use crate::store::StoreError;
use crate::store::sqlite::schema::error;

pub(super) fn apply_member(wake: &mut Wake<'_>, index: &Index, change: &MemberChange) -> Result<(), StoreError> {
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
                tx.prepare_cached("INSERT OR IGNORE INTO list VALUES (?, ?, 0)")
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
            tx.execute("INSERT INTO list VALUES (?1, 1, 0) ON CONFLICT DO UPDATE SET scan = scan + 1", [list.0])
                .map_err(error)?;
        }
        MemberChange::End { list } => {
            let mut query = tx.prepare("DELETE FROM listed WHERE list = ? AND scan < ? RETURNING id").map_err(error)?;
            let left = query.query_map(params![list.0, scan(*list)?], |row| row.get::<_, String>(0)).map_err(error)?;
            for id in left.collect::<Result<Vec<_>, _>>().map_err(error)? {
                wake_id(wake, index, &id)?;
            }
            // Whatever was put off may have waited for who is not in it.
            let sql = "UPDATE list SET whole = 1 WHERE list = ? AND NOT whole";
            if tx.execute(sql, [list.0]).map_err(error)? > 0 {
                tx.execute("UPDATE work SET due = ?1 WHERE due > ?1", [wake.now.0]).map_err(error)?;
            }
        }
    }
    Ok(())
}

pub(in crate::store::sqlite) fn list_size(db: &Connection, list: Uid) -> Result<u64, StoreError> {
    db.query_row("SELECT count(*) FROM listed WHERE list = ?", [list.0], |row| row.get::<_, i64>(0))
        .map(|count| count.max(0) as u64)
        .map_err(error)
}
