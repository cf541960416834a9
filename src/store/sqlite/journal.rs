//! The journal, and what is open in it.

use rusqlite::{Connection, Row, params};

use super::cells;
use super::ingest::read_cells;
use super::schema::error;
use crate::data::{Digest, Fingerprint, Millis, Side, Uid};
use crate::store::{
    BatchId, Epoch, Issue, IssueRow, JournalRow, Op, OpAct, OpId, OpState, OpenOp, Rid, Sid, StoreError,
};

const COLUMNS: &str = "op.op, op.batch, op.sid, op.type, op.rule, op.rid, op.id, op.guard, op.guard_value, op.state, op.cells, \
     op.fault, op.overwritten, op.at, batch.side, batch.pass, batch.epoch, batch.plan, op.deletes";

pub(super) fn open_ops(db: &Connection) -> Result<Vec<OpenOp>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM op JOIN batch USING (batch) WHERE op.state IN (0, 4) ORDER BY op.op");
    let mut query = db.prepare_cached(&sql).map_err(error)?;
    let mut rows = query.query([]).map_err(error)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(error)? {
        let (op, side) = (read_op(row)?, read_side(row)?);
        out.push(OpenOp {
            op: OpId(get(row, 0)?),
            batch: BatchId(get(row, 1)?),
            side,
            intent: op,
            id: get::<Option<String>>(row, 6)?.map(Into::into),
            at: Millis(get(row, 13)?),
        });
    }
    Ok(out)
}

pub(super) fn journal(db: &Connection, after: OpId, limit: usize) -> Result<Vec<JournalRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM op JOIN batch USING (batch) WHERE op.op > ? ORDER BY op.op LIMIT ?");
    let mut query = db.prepare_cached(&sql).map_err(error)?;
    let mut rows = query.query(params![after.0, i64::try_from(limit).unwrap_or(i64::MAX)]).map_err(error)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(error)? {
        out.push(journal_row(row)?);
    }
    Ok(out)
}

/// The last operations of a subject, newest first.
pub(super) fn journal_of(db: &Connection, sid: Sid, limit: usize) -> Result<Vec<JournalRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM op JOIN batch USING (batch) WHERE op.sid = ? ORDER BY op.op DESC LIMIT ?");
    let mut query = db.prepare_cached(&sql).map_err(error)?;
    let mut rows = query.query(params![sid.0, i64::try_from(limit).unwrap_or(i64::MAX)]).map_err(error)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(error)? {
        out.push(journal_row(row)?);
    }
    Ok(out)
}

fn journal_row(row: &Row<'_>) -> Result<JournalRow, StoreError> {
    let state: i64 = get(row, 9)?;
    let overwritten: Option<Vec<u8>> = get(row, 12)?;
    let overwritten = overwritten.unwrap_or_default();
    let plan: Vec<u8> = get(row, 17)?;
    Ok(JournalRow {
        op: OpId(get(row, 0)?),
        pass: get(row, 15)?,
        epoch: Epoch(get(row, 16)?),
        plan: Digest(plan.try_into().map_err(|_| damaged())?),
        side: read_side(row)?,
        state: OpState::from_code(state).ok_or_else(damaged)?,
        intent: read_op(row)?,
        id: get::<Option<String>>(row, 6)?.map(Into::into),
        fault: get(row, 11)?,
        overwritten: read_cells(&overwritten)?.into_iter().map(|(uid, cell)| (uid, cell.to_value())).collect(),
        at: Millis(get(row, 13)?),
    })
}

fn read_op(row: &Row<'_>) -> Result<Op, StoreError> {
    let guard: Option<u32> = get(row, 7)?;
    let value: Option<String> = get(row, 8)?;
    let id: Option<String> = get(row, 6)?;
    let act = match (guard.zip(value), get::<Option<i64>>(row, 5)?.zip(id)) {
        (Some((field, value)), _) => OpAct::Create { guard: Some((Uid(field), value.into())) },
        (None, Some((rid, id))) if get(row, 18)? => OpAct::Delete { rid: Rid(rid), id: id.into() },
        (None, Some((rid, id))) => OpAct::Update { rid: Rid(rid), id: id.into() },
        (None, None) => OpAct::Create { guard: None },
    };
    let blob: Vec<u8> = get(row, 10)?;
    Ok(Op {
        sid: Sid(get(row, 2)?),
        ty: Uid(get(row, 3)?),
        act,
        rule: Uid(get(row, 4)?),
        cells: cells::from_bytes(&blob)?,
    })
}

fn read_side(row: &Row<'_>) -> Result<Side, StoreError> {
    Side::from_code(get(row, 14)?).ok_or_else(damaged)
}

fn get<T: rusqlite::types::FromSql>(row: &Row<'_>, at: usize) -> Result<T, StoreError> {
    row.get(at).map_err(error)
}

fn damaged() -> StoreError {
    StoreError::Corrupt("the journal is damaged".into())
}

const ISSUES: &str = "SELECT sid, line, rule, code, message, inputs, first, last,
     coalesce((SELECT tries FROM work WHERE work.sid = issue.sid), 0) FROM issue";

pub(super) fn issues(db: &Connection) -> Result<Vec<IssueRow>, StoreError> {
    let mut query = db.prepare_cached(&format!("{ISSUES} ORDER BY sid, line")).map_err(error)?;
    let rows = query.query_map([], issue_row);
    rows.map_err(error)?.collect::<Result<_, _>>().map_err(error)
}

pub(super) fn issues_of(db: &Connection, sid: Sid) -> Result<Vec<IssueRow>, StoreError> {
    let mut query = db.prepare_cached(&format!("{ISSUES} WHERE sid = ? ORDER BY line")).map_err(error)?;
    let rows = query.query_map([sid.0], issue_row);
    rows.map_err(error)?.collect::<Result<_, _>>().map_err(error)
}

fn issue_row(row: &Row<'_>) -> rusqlite::Result<IssueRow> {
    let issue = Issue {
        sid: Sid(row.get(0)?),
        line: Uid(row.get(1)?),
        rule: Uid(row.get(2)?),
        code: row.get(3)?,
        message: row.get(4)?,
        inputs: Fingerprint(row.get::<_, i64>(5)? as u64),
    };
    Ok(IssueRow { issue, first: Millis(row.get(6)?), last: Millis(row.get(7)?), tries: row.get(8)? })
}
