//! Small tables: epoch, dictionary, plans, feeds, passes, the ledger.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::schema::error;
use super::{derived, ingest};
use crate::data::{Dict, Digest, Kind, Millis, Uid};
use crate::store::{Adopt, Epoch, FeedState, PassRow, StoreError, Tick};

const HOUR_MS: i64 = 60 * 60 * 1000;

pub(super) fn epoch(db: &Connection) -> Result<Epoch, StoreError> {
    let text = get(db, "epoch")?.and_then(|text| text.parse().ok());
    text.map(Epoch).ok_or_else(|| StoreError::Corrupt("it has no epoch".into()))
}

pub(super) fn open(db: &mut Connection, holder: &str) -> Result<(Epoch, Dict), StoreError> {
    let tx = db.transaction().map_err(error)?;
    let next = Epoch(epoch(&tx)?.0 + 1);
    set(&tx, "epoch", &next.0.to_string())?;
    set(&tx, "holder", holder)?;
    let dict = dict(&tx)?;
    tx.commit().map_err(error)?;
    Ok((next, dict))
}

pub(super) fn dict(db: &Connection) -> Result<Dict, StoreError> {
    let damaged = || StoreError::Corrupt("its dictionary has gaps".into());
    let mut query = db.prepare("SELECT uid, kind, name FROM dict ORDER BY uid").map_err(error)?;
    let rows = query.query_map([], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?)));
    let mut entries = Vec::new();
    for row in rows.map_err(error)? {
        let (uid, kind, name) = row.map_err(error)?;
        entries.push((Uid(uid), Kind::from_code(kind).ok_or_else(damaged)?, name));
    }
    Dict::from_entries(entries).ok_or_else(damaged)
}

pub(super) fn adopt(tx: &Transaction<'_>, plan: &Adopt) -> Result<(), StoreError> {
    let known: u32 = tx.query_row("SELECT coalesce(max(uid), 0) FROM dict", [], |row| row.get(0)).map_err(error)?;
    for (uid, kind, name) in plan.dict.entries_after(known) {
        tx.execute("INSERT INTO dict VALUES (?, ?, ?)", params![uid.0, kind as i64, name]).map_err(error)?;
    }
    tx.execute(
        "INSERT OR IGNORE INTO plan VALUES (?, ?, ?)",
        params![plan.digest.0.as_slice(), plan.source, plan.at.0],
    )
    .map_err(error)?;
    let keys: Vec<_> = plan.types.iter().map(|index| (index.ty, &index.keys)).collect();
    // The hash of the keys itself is in its second version.
    let keys = Digest::of(format!("2 {keys:?}").as_bytes()).to_string();
    if get(tx, "keys")?.as_deref() != Some(&keys) {
        ingest::rebuild_keys(tx, &plan.types)?;
        set(tx, "keys", &keys)?;
    }
    derived::keep_only(tx, plan.types.iter().flat_map(|index| &index.gathers).map(|(fact, _)| *fact))?;
    let blocks: Vec<_> = plan.types.iter().map(|index| (index.ty, &index.blocks)).collect();
    let blocks = Digest::of(format!("{blocks:?}").as_bytes()).to_string();
    if get(tx, "blocks")?.as_deref() != Some(&blocks) {
        let index = plan.types.iter().map(|of| (of.ty, of.clone())).collect();
        ingest::add_members(&mut ingest::Wake::new(tx, &index, plan.at), &plan.types)?;
        set(tx, "blocks", &blocks)?;
    }
    Ok(())
}

pub(super) fn get(db: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    let mut query = db.prepare_cached("SELECT v FROM meta WHERE k = ?").map_err(error)?;
    query.query_row([key], |row| row.get(0)).optional().map_err(error)
}

pub(super) fn set(tx: &Transaction<'_>, key: &str, value: &str) -> Result<(), StoreError> {
    tx.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, value]).map_err(error)?;
    Ok(())
}

pub(super) fn feeds(db: &Connection) -> Result<Vec<FeedState>, StoreError> {
    let mut query = db.prepare_cached("SELECT name, cursor, due, complete FROM feed ORDER BY name").map_err(error)?;
    let rows = query.query_map([], |row| {
        Ok(FeedState { name: row.get(0)?, cursor: row.get(1)?, due: Millis(row.get(2)?), complete: row.get(3)? })
    });
    rows.map_err(error)?.collect::<Result<_, _>>().map_err(error)
}

/// The last commit that woke somebody.
pub(super) fn tick(db: &Connection) -> Result<Tick, StoreError> {
    let mut query = db.prepare_cached("SELECT n FROM tick").map_err(error)?;
    query.query_row([], |row| row.get(0).map(Tick)).map_err(error)
}

pub(super) fn next_tick(tx: &Transaction<'_>) -> Result<Tick, StoreError> {
    let mut update = tx.prepare_cached("UPDATE tick SET n = n + 1 RETURNING n").map_err(error)?;
    update.query_row([], |row| row.get(0).map(Tick)).map_err(error)
}

pub(super) fn set_feed(tx: &Transaction<'_>, feed: &FeedState) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT OR REPLACE INTO feed VALUES (?, ?, ?, ?)")
        .and_then(|mut insert| insert.execute(params![feed.name, feed.cursor, feed.due.0, feed.complete]))
        .map_err(error)?;
    Ok(())
}

/// Calls are kept by the hour: the hour of `since` counts whole, since they may all have been made after it.
pub(super) fn spent(db: &Connection, account: &str, since: Millis) -> Result<u64, StoreError> {
    let hour = since.0.div_euclid(HOUR_MS);
    db.query_row(
        "SELECT coalesce(sum(calls), 0) FROM spend WHERE account = ? AND hour >= ?",
        params![account, hour],
        |row| row.get::<_, i64>(0),
    )
    .map(|calls| calls.max(0) as u64)
    .map_err(error)
}

pub(super) fn spend(tx: &Transaction<'_>, account: &str, at: Millis, calls: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO spend VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET calls = calls + ?3",
        params![account, at.0.div_euclid(HOUR_MS), calls],
    )
    .map_err(error)?;
    Ok(())
}

pub(super) fn begin_pass(tx: &Transaction<'_>, e: Epoch, plan: Digest, at: Millis) -> Result<i64, StoreError> {
    tx.execute("INSERT INTO pass(plan, epoch, began) VALUES (?, ?, ?)", params![plan.0.as_slice(), e.0, at.0])
        .map_err(error)?;
    Ok(tx.last_insert_rowid())
}

pub(super) fn end_pass(tx: &Transaction<'_>, pass: i64, at: Millis, counts: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE pass SET ended = ?, counts = ? WHERE pass = ?", params![at.0, counts, pass]).map_err(error)?;
    Ok(())
}

/// The last pass that came to its end.
pub(super) fn last_pass(db: &Connection) -> Result<Option<PassRow>, StoreError> {
    let sql = "SELECT pass, plan, began, ended FROM pass WHERE ended IS NOT NULL ORDER BY pass DESC LIMIT 1";
    let mut query = db.prepare_cached(sql).map_err(error)?;
    let row = query
        .query_row([], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?, Millis(row.get(2)?), Millis(row.get(3)?))));
    let Some((pass, plan, began, ended)) = row.optional().map_err(error)? else { return Ok(None) };
    let plan = plan.try_into().map_err(|_| StoreError::Corrupt("a pass has no plan".into()))?;
    Ok(Some(PassRow { pass, plan: Digest(plan), began, ended }))
}
