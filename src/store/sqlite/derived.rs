//! Derived facts: how far each subject has come, and by it the furthest of its group. A group that comes further, or falls
//! back, wakes all that are filed with it: in one statement, however many they are.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::meta;
use super::schema::error;
use crate::data::{Fingerprint, Millis, Uid};
use crate::store::{Derived, Furthest, Sid, StoreError};

/// What is kept of a subject.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Kept {
    group: i64,
    rank: Option<u32>,
    open: bool,
}

/// Keeps what was derived, and wakes the groups that it moves.
pub(super) fn put(tx: &Transaction<'_>, derived: &[Derived], now: Millis) -> Result<(), StoreError> {
    let mut moved: Vec<(Uid, i64, Option<u32>)> = Vec::new();
    for one in derived {
        let old = kept(tx, one.fact, one.sid)?;
        let new = one.group.filter(|_| one.rank.is_some() || one.open).map(|Fingerprint(group)| Kept {
            group: group as i64,
            rank: one.rank,
            open: one.open,
        });
        if old == new {
            continue;
        }
        for group in [old, new].into_iter().flatten().map(|kept| kept.group) {
            if moved.iter().all(|(fact, known, _)| (*fact, *known) != (one.fact, group)) {
                moved.push((one.fact, group, rank_of(tx, one.fact, group)?));
            }
        }
        set(tx, one.fact, one.sid, new)?;
    }
    for (fact, group, before) in moved {
        if rank_of(tx, fact, group)? != before {
            wake(tx, group, now)?;
        }
    }
    Ok(())
}

/// A subject that is no more has come nowhere.
pub(super) fn forget(tx: &Transaction<'_>, sid: i64, now: Millis) -> Result<(), StoreError> {
    let mut query = tx.prepare_cached("SELECT fact FROM derived WHERE sid = ?").map_err(error)?;
    let facts: Vec<u32> = query.query_map([sid], |row| row.get(0)).and_then(Iterator::collect).map_err(error)?;
    let none = |fact| Derived { sid: Sid(sid), fact: Uid(fact), group: None, rank: None, open: false };
    put(tx, &facts.into_iter().map(none).collect::<Vec<_>>(), now)
}

/// Facts that the plan does not ask for are of other rules.
pub(super) fn keep_only(tx: &Transaction<'_>, facts: impl Iterator<Item = Uid>) -> Result<(), StoreError> {
    let facts: Vec<String> = facts.map(|fact| fact.0.to_string()).collect();
    tx.execute(&format!("DELETE FROM derived WHERE fact NOT IN ({})", facts.join(", ")), []).map_err(error)?;
    Ok(())
}

pub(super) fn furthest(db: &Connection, fact: Uid, group: Fingerprint) -> Result<Furthest, StoreError> {
    let group = group.0 as i64;
    let sql = "SELECT EXISTS (SELECT 1 FROM derived WHERE fact = ? AND grp = ? AND open)";
    let mut query = db.prepare_cached(sql).map_err(error)?;
    let open = query.query_row(params![fact.0, group], |row| row.get(0)).map_err(error)?;
    Ok(Furthest { rank: rank_of(db, fact, group)?, open })
}

fn rank_of(db: &Connection, fact: Uid, group: i64) -> Result<Option<u32>, StoreError> {
    let mut query = db.prepare_cached("SELECT max(rank) FROM derived WHERE fact = ? AND grp = ?").map_err(error)?;
    query.query_row(params![fact.0, group], |row| row.get(0)).map_err(error)
}

fn kept(db: &Connection, fact: Uid, sid: Sid) -> Result<Option<Kept>, StoreError> {
    let mut query =
        db.prepare_cached("SELECT grp, rank, open FROM derived WHERE sid = ? AND fact = ?").map_err(error)?;
    let row = query
        .query_row(params![sid.0, fact.0], |row| Ok(Kept { group: row.get(0)?, rank: row.get(1)?, open: row.get(2)? }));
    row.optional().map_err(error)
}

fn set(tx: &Transaction<'_>, fact: Uid, sid: Sid, kept: Option<Kept>) -> Result<(), StoreError> {
    match kept {
        Some(Kept { group, rank, open }) => tx
            .prepare_cached("INSERT OR REPLACE INTO derived(sid, fact, grp, rank, open) VALUES (?, ?, ?, ?, ?)")
            .and_then(|mut insert| insert.execute(params![sid.0, fact.0, group, rank, open])),
        None => tx
            .prepare_cached("DELETE FROM derived WHERE sid = ? AND fact = ?")
            .and_then(|mut delete| delete.execute(params![sid.0, fact.0])),
    }
    .map_err(error)?;
    Ok(())
}

fn wake(tx: &Transaction<'_>, group: i64, now: Millis) -> Result<(), StoreError> {
    let tick = meta::next_tick(tx)?;
    let sql = "INSERT INTO work SELECT DISTINCT sid, ?2, 0, ?3 FROM key JOIN member USING (rid) WHERE hash = ?1
               ON CONFLICT DO UPDATE SET due = min(due, ?2), asked = ?3";
    tx.execute(sql, params![group, now.0, tick.0]).map_err(error)?;
    Ok(())
}
