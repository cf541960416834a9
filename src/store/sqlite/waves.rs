//! Work, intents and outcomes.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, ToSql, Transaction, params};

use super::ingest::{Index, Wake, put_row};
use super::meta;
use super::schema::error;
use super::{answers, cells, derived, kept};
use crate::data::{Fingerprint, Millis, Presence, Stamp, Uid, encode};
use crate::planted::{self, Bug};
use crate::store::{
    BatchId, BatchIds, Census, Epoch, Identity, Issue, Op, OpAct, OpId, OpState, Outcome, Role, Settled, Sid,
    StoreError, Take, Tick, Wave, Work,
};

pub(super) fn wake_all(tx: &Transaction<'_>, block: Uid, now: Millis) -> Result<u64, StoreError> {
    let sql = "INSERT INTO work SELECT sid, ?2, 0, ?3 FROM subject WHERE block = ?1
               ON CONFLICT DO UPDATE SET due = min(due, ?2), asked = ?3";
    let tick = meta::next_tick(tx)?;
    tx.execute(sql, params![block.0, now.0, tick.0]).map(|rows| rows as u64).map_err(error)
}

/// Blocks that the plan does not have wait, with what was agreed in them, until it has them again.
pub(super) fn take(db: &Connection, index: &Index, query: &Take) -> Result<Vec<Sid>, StoreError> {
    let blocks = index.values().flat_map(|of| &of.blocks).filter(|block| [Uid::NONE, **block].contains(&query.block));
    let blocks: BTreeSet<String> = blocks.map(|block| block.0.to_string()).collect();
    let blocks = blocks.into_iter().collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT sid FROM work CROSS JOIN subject USING (sid) WHERE sid > ?1 AND due <= ?2 AND block IN ({blocks})
         AND NOT EXISTS (SELECT 1 FROM op WHERE op.sid = work.sid AND state IN (0, 4)) ORDER BY sid LIMIT ?3"
    );
    let mut statement = db.prepare_cached(&sql).map_err(error)?;
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let sids =
        statement.query_map(params![query.after.0, query.now.0, limit], |row| row.get(0).map(Sid)).map_err(error)?;
    sids.collect::<Result<_, _>>().map_err(error)
}

pub(super) fn census(db: &Connection, block: Uid) -> Result<Census, StoreError> {
    let sql = "SELECT count(*), count(due), min(due) FROM subject LEFT JOIN work USING (sid) WHERE block = ?1";
    db.query_row(sql, [block.0], |row| {
        let next: Option<i64> = row.get(2)?;
        Ok(Census {
            subjects: row.get::<_, i64>(0)?.max(0) as u64,
            waiting: row.get::<_, i64>(1)?.max(0) as u64,
            next_due: next.map(Millis),
        })
    })
    .map_err(error)
}

pub(super) fn intend(tx: &Transaction<'_>, index: &Index, e: Epoch, wave: &Wave) -> Result<Vec<BatchIds>, StoreError> {
    for change in &wave.identities {
        match change {
            Identity::Join { rid, into, role } => join(tx, rid.0, *into, *role as i64, wave.now)?,
            Identity::Split { rid, from } => split(tx, rid.0, *from, wave)?,
            Identity::Role { rid, block, role } => {
                tx.prepare_cached("UPDATE member SET role = ? WHERE rid = ? AND block = ?")
                    .and_then(|mut update| update.execute(params![*role as i64, rid.0, block.0]))
                    .map_err(error)?;
            }
        }
    }
    let mut wake = Wake::new(tx, index, wave.now);
    for change in &wave.identities {
        wake.vouched_by(change.rid().0)?;
    }
    let mut issues: BTreeMap<Sid, Vec<&Issue>> = BTreeMap::new();
    for issue in &wave.issues {
        issues.entry(issue.sid).or_default().push(issue);
    }
    for settled in &wave.settled {
        settle_subject(tx, settled, issues.get(&settled.sid).map(Vec::as_slice).unwrap_or_default(), wave)?;
    }
    derived::put(tx, &wave.derived, wave.now)?;
    let mut out = Vec::with_capacity(wave.batches.len());
    for batch in &wave.batches {
        tx.execute(
            "INSERT INTO batch(pass, epoch, side, name, calls, plan, at, as_of) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                wave.pass,
                e.0,
                batch.side.code(),
                batch.name,
                batch.calls,
                wave.plan.0.as_slice(),
                wave.now.0,
                wave.as_of.0
            ],
        )
        .map_err(error)?;
        let mut ids = BatchIds { batch: BatchId(tx.last_insert_rowid()), ops: Vec::with_capacity(batch.ops.len()) };
        for op in &batch.ops {
            ids.ops.push(insert_op(tx, ids.batch, op, wave.now)?);
        }
        out.push(ids);
    }
    Ok(out)
}

fn insert_op(tx: &Transaction<'_>, batch: BatchId, op: &Op, now: Millis) -> Result<OpId, StoreError> {
    let (rid, id, guard) = match &op.act {
        OpAct::Create { guard } => (None, None, guard.as_ref()),
        OpAct::Update { rid, id } | OpAct::Delete { rid, id } => (Some(rid.0), Some(id), None),
    };
    let state = if planted::is(Bug::IntentNotOpen) { OpState::Void } else { OpState::Intended };
    tx.prepare_cached(
        "INSERT INTO op(batch, sid, type, rule, rid, id, guard, guard_value, state, cells, at, deletes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .and_then(|mut insert| {
        insert.execute(params![
            batch.0,
            op.sid.0,
            op.ty.0,
            op.rule.0,
            rid,
            id,
            guard.map(|(field, _)| field.0),
            guard.map(|(_, value)| value),
            state as i64,
            cells::to_bytes(&op.cells),
            now.0,
            matches!(op.act, OpAct::Delete { .. })
        ])
    })
    .map_err(error)?;
    Ok(OpId(tx.last_insert_rowid()))
}

/// Moves a record into a subject; a subject that it leaves empty is no more, and its work passes on.
fn join(tx: &Transaction<'_>, rid: i64, into: Sid, role: i64, now: Millis) -> Result<(), StoreError> {
    let block: Option<i64> = tx
        .query_row("SELECT block FROM subject WHERE sid = ?", [into.0], |row| row.get(0))
        .optional()
        .map_err(error)?;
    let Some(block) = block else { return Err(StoreError::Corrupt(format!("subject {} is missing", into.0))) };
    let old: Option<i64> = tx
        .query_row("SELECT sid FROM member WHERE rid = ? AND block = ?", params![rid, block], |row| row.get(0))
        .optional()
        .map_err(error)?;
    if old != Some(into.0) {
        kept::let_go(tx, rid)?;
    }
    tx.execute("INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?)", params![rid, block, into.0, role])
        .map_err(error)?;
    if let Some(old) = old.filter(|old| *old != into.0) {
        for sid in [old, into.0] {
            answers::told(tx, sid, now)?;
        }
        let empty: bool = tx
            .query_row("SELECT NOT EXISTS (SELECT 1 FROM member WHERE sid = ?)", [old], |row| row.get(0))
            .map_err(error)?;
        if empty {
            if planted::is(Bug::AnswerLostAtJoin) {
                tx.execute("DELETE FROM answer WHERE ? IN (lft, rgt)", [rid]).map_err(error)?;
            }
            let sql = "INSERT INTO work SELECT ?2, due, 0, asked FROM work WHERE sid = ?1
                       ON CONFLICT DO UPDATE SET due = min(due, excluded.due), asked = max(asked, excluded.asked)";
            tx.execute(sql, params![old, into.0]).map_err(error)?;
            derived::forget(tx, old, now)?;
            // What was written to it is told of the one that it is now. A create that may yet arrive was its own.
            tx.execute("UPDATE op SET sid = ?2 WHERE sid = ?1 AND state <> 6", params![old, into.0]).map_err(error)?;
            for table in ["subject", "work", "issue", "waits"] {
                tx.execute(&format!("DELETE FROM {table} WHERE sid = ?"), [old]).map_err(error)?;
            }
        }
    }
    Ok(())
}

/// A record leaves the subject that it is in, which others stay in, for one of its own.
fn split(tx: &Transaction<'_>, rid: i64, from: Sid, wave: &Wave) -> Result<(), StoreError> {
    let run = |sql: &str, values: &[&dyn ToSql]| tx.execute(sql, values).map_err(error);
    if run("INSERT INTO subject(block, base) SELECT block, x'' FROM subject WHERE sid = ?", &[&from.0])? == 0 {
        return Err(StoreError::Corrupt(format!("subject {} is missing", from.0)));
    }
    let sid = tx.last_insert_rowid();
    join(tx, rid, Sid(sid), Role::Primary as i64, wave.now)?;
    if planted::is(Bug::PartedHasNoWork) {
        return Ok(());
    }
    let sql =
        "INSERT INTO work VALUES (?1, ?2, 0, ?3) ON CONFLICT DO UPDATE SET due = min(due, ?2), asked = max(asked, ?3)";
    run(sql, &[&sid, &wave.now.0, &wave.as_of.0])?;
    Ok(())
}

fn settle_subject(tx: &Transaction<'_>, settled: &Settled, issues: &[&Issue], wave: &Wave) -> Result<(), StoreError> {
    let (sid, now) = (settled.sid, wave.now);
    kept::put_base(tx, sid.0, &settled.base)?;
    set_work(tx, sid, settled.work, now, wave.as_of)?;
    let mut query = tx.prepare_cached("SELECT line FROM issue WHERE sid = ?").map_err(error)?;
    let known: Vec<u32> = query.query_map([sid.0], |row| row.get(0)).and_then(Iterator::collect).map_err(error)?;
    let said: BTreeSet<u32> = issues.iter().map(|issue| issue.line.0).collect();
    for line in known.into_iter().filter(|line| !said.contains(line) && !settled.keep.contains(&Uid(*line))) {
        for table in ["issue", "waits"] {
            tx.execute(&format!("DELETE FROM {table} WHERE sid = ? AND line = ?"), params![sid.0, line])
                .map_err(error)?;
        }
    }
    issues.iter().try_for_each(|issue| put_issue(tx, issue, now))
}

/// A problem that is on record already keeps the time when it was first seen. A subject that is no more has none.
fn put_issue(tx: &Transaction<'_>, issue: &Issue, now: Millis) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO issue SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7 WHERE EXISTS (SELECT 1 FROM subject WHERE sid = ?1)
         ON CONFLICT DO UPDATE SET
         first = CASE WHEN code = ?4 THEN first ELSE ?7 END, rule = ?3, code = ?4, message = ?5, inputs = ?6, last = ?7",
    )
    .and_then(|mut insert| {
        let Fingerprint(inputs) = issue.inputs;
        insert.execute(params![
            issue.sid.0,
            issue.line.0,
            issue.rule.0,
            issue.code,
            issue.message,
            inputs as i64,
            now.0
        ])
    })
    .map_err(error)?;
    Ok(())
}

/// Sets the work of a subject as decided on what was known at `as_of`: what was asked for since stays, and stays due.
fn set_work(tx: &Transaction<'_>, sid: Sid, work: Work, now: Millis, as_of: Tick) -> Result<(), StoreError> {
    let run = |sql: &str, values: &[(&str, i64)]| {
        let values: Vec<(&str, &dyn ToSql)> = values.iter().map(|(name, value)| (*name, value as &dyn ToSql)).collect();
        let mut statement = tx.prepare_cached(sql).map_err(error)?;
        statement.execute(values.as_slice()).map_err(error)
    };
    let (sid, as_of) = ((":sid", sid.0), (":as_of", as_of.0));
    match work {
        Work::Done => {
            run("DELETE FROM work WHERE sid = :sid AND asked <= :as_of", &[sid, as_of])?;
            run("UPDATE work SET tries = 0 WHERE sid = :sid", &[sid])?;
        }
        Work::At(due) => {
            let sql =
                "INSERT INTO work SELECT :sid, :due, 0, :as_of WHERE EXISTS (SELECT 1 FROM subject WHERE sid = :sid)
                       ON CONFLICT DO UPDATE SET tries = 0,
                       due = CASE WHEN asked > :as_of THEN min(due, :due) ELSE :due END";
            run(sql, &[sid, as_of, (":due", due.0)])?;
        }
        Work::Again => {
            let sql =
                "INSERT INTO work SELECT :sid, :due, 0, :as_of WHERE EXISTS (SELECT 1 FROM subject WHERE sid = :sid)
                       ON CONFLICT DO UPDATE SET due = min(due, :due)";
            run(sql, &[sid, as_of, (":due", now.0)])?;
        }
        Work::Later(due) => {
            let sql =
                "INSERT INTO work SELECT :sid, :due, 1, :as_of WHERE EXISTS (SELECT 1 FROM subject WHERE sid = :sid)
                       ON CONFLICT DO UPDATE SET tries = tries + 1,
                       due = CASE WHEN asked > :as_of THEN min(due, :due) ELSE :due END";
            run(sql, &[sid, as_of, (":due", due.0)])?;
        }
    }
    Ok(())
}

pub(super) fn settle(tx: &Transaction<'_>, index: &Index, outcomes: &[Outcome], now: Millis) -> Result<(), StoreError> {
    let mut wake = Wake::new(tx, index, now);
    for outcome in outcomes {
        let mut written = None;
        if let Some((side, row)) = &outcome.row {
            let put = put_row(&mut wake, index, *side, row)?;
            written = Some((put.rid, row.id.clone()));
            if outcome.created {
                adopt_created(tx, put.rid, outcome.sid, now)?;
                wake.vouched_by(put.rid)?;
            }
            // The subject in hand is decided again anyway; in other blocks, and where somebody else holds the record, it is news.
            if put.wakes {
                wake.subjects_of(put.rid, Some(outcome.sid))?;
            }
        }
        let (rid, id) = written.map_or((None, outcome.id.clone()), |(rid, id)| (Some(rid), Some(id)));
        let fault = outcome.fault.as_ref().map(|fault| format!("{}: {}", fault.code, fault.message));
        let overwritten = (!outcome.overwritten.is_empty()).then(|| {
            let mut blob = Vec::new();
            encode(outcome.overwritten.iter().map(|(uid, value)| (*uid, value.cell())), &mut blob);
            blob
        });
        tx.prepare_cached(
            "UPDATE op SET state = ?2, rid = coalesce(rid, ?3), id = coalesce(id, ?4), fault = ?5, overwritten = ?6
             WHERE op = ?1",
        )
        .and_then(|mut update| update.execute(params![outcome.op.0, outcome.state as i64, rid, id, fault, overwritten]))
        .map_err(error)?;
        if let Some(base) = &outcome.base {
            kept::put_base(tx, outcome.sid.0, base)?;
        }
        if let Some(issue) = &outcome.issue {
            put_issue(tx, issue, now)?;
            if let Some((ty, id)) = &outcome.waits_for {
                let sql = "INSERT OR REPLACE INTO waits SELECT rid, ?3, ?4 FROM record WHERE type = ?1 AND id = ?2";
                tx.execute(sql, params![ty.0, id, issue.sid.0, issue.line.0]).map_err(error)?;
            }
        }
        for rid in &outcome.stale {
            // One whose place another took is not written any more: nothing of it is in doubt.
            let sql = "UPDATE record SET state = ? WHERE rid = ? AND state <> ?";
            tx.execute(sql, params![Presence::Stale.code(), rid.0, Presence::Redirected.code()]).map_err(error)?;
        }
        if let Some(rid) = outcome.deleted
            && set_away(tx, rid.0)?
        {
            wake.subjects_of(rid.0, Some(outcome.sid))?;
            wake.sharing(rid.0)?;
        }
        if outcome.state != OpState::Unknown {
            let sql = "SELECT as_of FROM op JOIN batch USING (batch) WHERE op = ?";
            let as_of: Option<i64> = tx
                .prepare_cached(sql)
                .and_then(|mut query| query.query_row([outcome.op.0], |row| row.get(0)).optional())
                .map_err(error)?;
            set_work(tx, outcome.sid, outcome.work, now, Tick(as_of.unwrap_or_default()))?;
        }
    }
    Ok(())
}

/// We deleted it. False where it was away already.
fn set_away(tx: &Transaction<'_>, rid: i64) -> Result<bool, StoreError> {
    let (away, redirected) = (Presence::Archived.code(), Presence::Redirected.code());
    let sql = "SELECT at, exact FROM record WHERE rid = ? AND state NOT IN (?, ?)";
    let known = tx
        .query_row(sql, params![rid, away, redirected], |r| Ok(Stamp { at: Millis(r.get(0)?), exact: r.get(1)? }))
        .optional()
        .map_err(error)?;
    let Some(Stamp { at, exact }) = known.map(Stamp::next) else { return Ok(false) };
    let sql = "UPDATE record SET state = ?, at = ?, exact = ? WHERE rid = ?";
    tx.execute(sql, params![away, at.0, exact, rid]).map_err(error)?;
    Ok(true)
}

/// The record that a create made belongs to the subject that asked for it, unless somebody else already holds it.
fn adopt_created(tx: &Transaction<'_>, rid: i64, sid: Sid, now: Millis) -> Result<(), StoreError> {
    let sql =
        "SELECT EXISTS (SELECT 1 FROM member own JOIN member other ON other.sid = own.sid AND other.rid <> own.rid
               JOIN subject ON subject.sid = own.sid WHERE own.rid = ?1 AND own.sid <> ?2
               AND subject.block = (SELECT block FROM subject WHERE sid = ?2))";
    let taken: bool = tx.query_row(sql, params![rid, sid.0], |row| row.get(0)).map_err(error)?;
    let exists = "SELECT EXISTS (SELECT 1 FROM subject WHERE sid = ?)";
    let there: bool = tx.query_row(exists, [sid.0], |row| row.get(0)).map_err(error)?;
    match there && !taken {
        true => join(tx, rid, sid, 0, now),
        false => Ok(()),
    }
}
