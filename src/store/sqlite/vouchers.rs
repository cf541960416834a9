//! Who stands for whom over blocks (`match through`): what a row says that has no partner is asked of rows of another block
//! that name it, and of those that are linked with them.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::ingest::{Cells, Index, KEY_CAP, find, read_cells};
use super::schema::error;
use crate::data::{Millis, Presence, Side, Uid};
use crate::store::{KeySpec, Rid, Role, Sid, StoreError, TypeIndex, Voucher};

/// What stands for a record in its block, by match line; and the subjects of the records on the other side for which the same
/// stands.
#[derive(Default)]
pub(super) struct Vouched {
    pub by_line: BTreeMap<Uid, Vec<Voucher>>,
    pub beside: BTreeSet<Sid>,
}

/// A record that belongs to a subject of another block, as its primary.
struct Primary {
    rid: i64,
    side: Side,
    ty: Uid,
    live: bool,
    cells: Vec<u8>,
}

pub(super) fn of(db: &Connection, index: &Index, (ty, id): (Uid, &str), block: Uid) -> Result<Vouched, StoreError> {
    let mut out = Vouched::default();
    let vouches = index.values().flat_map(|of| of.vouches.iter().map(move |vouch| (of.ty, vouch)));
    for (member, vouch) in vouches.filter(|(_, vouch)| vouch.of == ty && vouch.block == block) {
        for (rid, id, sid) in naming(db, member, vouch.by, KeySpec::reference(vouch.key, id).0)? {
            let members = primaries(db, sid)?;
            let mut voucher = voucher(db, sid, id)?;
            for partner in members.iter().filter(|member| member.rid != rid && member.live) {
                for (ty, id, known) in named_by(db, index, partner, vouch.by, vouch.line)? {
                    match known {
                        Some((rid, sid)) => {
                            voucher.partners.push(rid);
                            if out.beside.len() < KEY_CAP {
                                out.beside.insert(sid);
                            }
                        }
                        None => voucher.missing.push((partner.side, ty, id)),
                    }
                }
            }
            out.by_line.entry(vouch.line).or_default().push(voucher);
        }
    }
    Ok(out)
}

/// Live rows of a type that are filed under a hash, with their subjects in `by`, as whose primaries they stand.
fn naming(db: &Connection, ty: Uid, by: Uid, hash: u64) -> Result<Vec<(i64, Box<str>, Sid)>, StoreError> {
    let sql = "SELECT record.rid, id, sid FROM key JOIN record USING (rid) JOIN member USING (rid)
               WHERE hash = ? AND type = ? AND state = ? AND block = ? AND role = ?";
    let mut query = db.prepare_cached(sql).map_err(error)?;
    let live = Presence::Live.code();
    let rows = query.query_map(params![hash as i64, ty.0, live, by.0, Role::Primary as i64], |row| {
        Ok((row.get(0)?, row.get::<_, String>(1)?.into(), Sid(row.get(2)?)))
    });
    rows.map_err(error)?.collect::<Result<_, _>>().map_err(error)
}

fn primaries(db: &Connection, sid: Sid) -> Result<Vec<Primary>, StoreError> {
    let sql = "SELECT rid, side, type, state, cells FROM member JOIN record USING (rid) WHERE sid = ? AND role = ?";
    let mut query = db.prepare_cached(sql).map_err(error)?;
    let rows = query.query_map(params![sid.0, Role::Primary as i64], |row| {
        let side = Side::from_code(row.get(1)?).unwrap_or(Side::Left);
        let live = row.get::<_, i64>(3)? == Presence::Live.code();
        Ok(Primary { rid: row.get(0)?, side, ty: Uid(row.get(2)?), live, cells: row.get(4)? })
    });
    rows.map_err(error)?.collect::<Result<_, _>>().map_err(error)
}

/// Type and id of a record, and its number and subject where it was read.
type Named = (Uid, Box<str>, Option<(Rid, Sid)>);

/// The records that a row of block `by` stands for by a match line.
fn named_by(db: &Connection, index: &Index, row: &Primary, by: Uid, line: Uid) -> Result<Vec<Named>, StoreError> {
    let Some(of) = index.get(&row.ty) else { return Ok(Vec::new()) };
    let cells = read_cells(&row.cells)?;
    let mut out = Vec::new();
    for vouch in of.vouches.iter().filter(|vouch| vouch.by == by && vouch.line == line) {
        let cell = find(&cells, vouch.field);
        if cell.is_known() {
            let id = cell.text();
            out.push((vouch.of, id.as_ref().into(), subject_of(db, vouch.of, &id, vouch.block)?));
        }
    }
    Ok(out)
}

fn subject_of(db: &Connection, ty: Uid, id: &str, block: Uid) -> Result<Option<(Rid, Sid)>, StoreError> {
    let sql = "SELECT record.rid, sid FROM record JOIN member USING (rid) WHERE type = ? AND id = ? AND block = ?";
    let mut query = db.prepare_cached(sql).map_err(error)?;
    let found = query.query_row(params![ty.0, id, block.0], |row| Ok((Rid(row.get(0)?), Sid(row.get(1)?))));
    found.optional().map_err(error)
}

fn voucher(db: &Connection, sid: Sid, id: Box<str>) -> Result<Voucher, StoreError> {
    let sql = "SELECT due, tries, EXISTS (SELECT 1 FROM op WHERE op.sid = ?1 AND state IN (0, 4)),
               (SELECT max(at) FROM op WHERE op.sid = ?1 AND state = 6)
               FROM (SELECT 1) LEFT JOIN work ON work.sid = ?1";
    let mut query = db.prepare_cached(sql).map_err(error)?;
    query
        .query_row([sid.0], |row| {
            let due: Option<i64> = row.get(0)?;
            let tries: Option<u32> = row.get(1)?;
            Ok(Voucher {
                id,
                partners: Vec::new(),
                missing: Vec::new(),
                work: due.map(Millis).zip(tries),
                busy: row.get(2)?,
                late: row.get::<_, Option<i64>>(3)?.map(Millis),
            })
        })
        .map_err(error)
}

/// Whether a subject has records on both sides.
pub(super) fn is_linked(db: &Connection, sid: Sid) -> Result<bool, StoreError> {
    let sql = "SELECT count(DISTINCT side) = 2 FROM member JOIN record USING (rid) WHERE sid = ? AND role <> ?";
    let mut query = db.prepare_cached(sql).map_err(error)?;
    query.query_row(params![sid.0, Role::Former as i64], |row| row.get(0)).map_err(error)
}

/// Subjects without a partner for which something else may stand now: a record was linked, parted, deleted or names another
/// one.
pub(super) fn touched_by(db: &Connection, index: &Index, rid: Rid) -> Result<BTreeSet<Sid>, StoreError> {
    let mut out = BTreeSet::new();
    if index.values().all(|of| of.vouches.is_empty()) {
        return Ok(out);
    }
    let sql = "SELECT sid, block, type, id, side, cells FROM member JOIN record USING (rid) WHERE rid = ?";
    let mut query = db.prepare_cached(sql).map_err(error)?;
    let rows = query.query_map([rid.0], |row| {
        let side = Side::from_code(row.get(4)?).unwrap_or(Side::Left);
        let own = Primary { rid: rid.0, side, ty: Uid(row.get(2)?), live: true, cells: row.get(5)? };
        Ok((Sid(row.get(0)?), Uid(row.get(1)?), row.get::<_, String>(3)?, own))
    });
    for (sid, block, id, own) in rows.map_err(error)?.collect::<Result<Vec<_>, _>>().map_err(error)? {
        let lines: BTreeSet<Uid> = vouched_lines(index, block);
        let mut members = if lines.is_empty() { Vec::new() } else { primaries(db, sid)? };
        let ty = own.ty;
        members.push(own);
        for (member, line) in members.iter().flat_map(|member| lines.iter().map(move |line| (member, *line))) {
            out.extend(
                named_by(db, index, member, block, line)?.into_iter().filter_map(|(_, _, known)| Some(known?.1)),
            );
        }
        // Who is linked is free for nobody else any more.
        out.extend(of(db, index, (ty, &id), block)?.beside);
    }
    free(db, out)
}

/// Subjects that something stood for until a row changed.
pub(super) fn touched_before(db: &Connection, of: &TypeIndex, before: &Cells<'_>) -> Result<BTreeSet<Sid>, StoreError> {
    let mut out = BTreeSet::new();
    for vouch in &of.vouches {
        let cell = find(before, vouch.field);
        if cell.is_known() {
            out.extend(subject_of(db, vouch.of, &cell.text(), vouch.block)?.map(|(_, sid)| sid));
        }
    }
    free(db, out)
}

fn free(db: &Connection, sids: BTreeSet<Sid>) -> Result<BTreeSet<Sid>, StoreError> {
    let mut out = BTreeSet::new();
    for sid in sids {
        if !is_linked(db, sid)? {
            out.insert(sid);
        }
    }
    Ok(out)
}

fn vouched_lines(index: &Index, by: Uid) -> BTreeSet<Uid> {
    index.values().flat_map(|of| &of.vouches).filter(|vouch| vouch.by == by).map(|vouch| vouch.line).collect()
}
