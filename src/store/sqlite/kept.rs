//! A subject's base as the file keeps it: a value that a row of a member holds as well is not kept twice. The port knows
//! nothing of this: bytes go in and the same bytes come out, whatever becomes of the rows in between. For this, a base that
//! leans on a row is made whole before the row changes or leaves the subject.
//!
//! Kept are: how many rows it leans on and their numbers, then the cells of the base in their order. A cell is as the base
//! has it, or a mark: [`MARK`] plus the row's place among them, and how far its field is from that of the mark before.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension, params};

use super::schema::error;
use crate::data::{Bytes, CodecError, Uid, put_varint, put_zigzag, raw_cell, raw_cells};
use crate::store::StoreError;

/// Above the tags of all cells.
const MARK: u8 = 0x40;
/// A mark is no shorter than a cell of fewer bytes.
const SHORTEST: usize = 4;
/// Rows that a base leans on.
const MOST_ROWS: usize = 8;

/// Writes a subject's base.
pub(super) fn put_base(db: &Connection, sid: i64, base: &[u8]) -> Result<(), StoreError> {
    let sql = "SELECT rid, cells FROM member JOIN record USING (rid) WHERE sid = ? ORDER BY rid LIMIT ?";
    let mut query = db.prepare_cached(sql).map_err(error)?;
    let rows = query.query_map(params![sid, MOST_ROWS as i64], |row| Ok((row.get(0)?, row.get(1)?))).map_err(error)?;
    let rows: Vec<(i64, Vec<u8>)> = rows.collect::<Result<_, _>>().map_err(error)?;
    write(db, sid, &pack(base, &rows).map_err(corrupt)?)
}

/// The base again, from what the file keeps and the rows that it leans on.
pub(super) fn whole<'r>(kept: &[u8], row: impl Fn(i64) -> Option<&'r [u8]>) -> Result<Vec<u8>, StoreError> {
    unpack(kept, row).map_err(corrupt)
}

/// A row is about to change, or to leave its subjects: their bases lean on it no more.
pub(super) fn let_go(db: &Connection, rid: i64) -> Result<(), StoreError> {
    let sql = "SELECT sid, base FROM member JOIN subject USING (sid) WHERE rid = ?";
    let mut query = db.prepare_cached(sql).map_err(error)?;
    let bases = query.query_map([rid], |row| Ok((row.get(0)?, row.get(1)?))).map_err(error)?;
    let bases: Vec<(i64, Vec<u8>)> = bases.collect::<Result<_, _>>().map_err(error)?;
    for (sid, kept) in bases {
        let leans = rids(&mut Bytes::new(&kept)).ok_or(CodecError { at: 0 }).map_err(corrupt)?;
        if leans.contains(&rid) {
            let rows = leans.into_iter().map(|rid| Ok((rid, cells(db, rid)?)));
            let rows: BTreeMap<i64, Vec<u8>> = rows.collect::<Result<_, StoreError>>()?;
            let base = whole(&kept, |rid| rows.get(&rid).map(Vec::as_slice))?;
            write(db, sid, &pack(&base, &[]).map_err(corrupt)?)?;
        }
    }
    Ok(())
}

fn cells(db: &Connection, rid: i64) -> Result<Vec<u8>, StoreError> {
    let mut query = db.prepare_cached("SELECT cells FROM record WHERE rid = ?").map_err(error)?;
    let cells = query.query_row([rid], |row| row.get(0)).optional().map_err(error)?;
    cells.ok_or_else(|| StoreError::Corrupt(format!("record {rid} is missing")))
}

fn write(db: &Connection, sid: i64, kept: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE subject SET base = ? WHERE sid = ?")
        .and_then(|mut update| update.execute(params![kept, sid]))
        .map_err(error)?;
    Ok(())
}

fn corrupt(error: CodecError) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

fn rids(bytes: &mut Bytes<'_>) -> Option<Vec<i64>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let count = usize::try_from(bytes.varint()?).ok().filter(|count| *count <= MOST_ROWS)?;
    (0..count).map(|_| bytes.varint().and_then(|rid| i64::try_from(rid).ok())).collect()
}

fn pack(base: &[u8], rows: &[(i64, Vec<u8>)]) -> Result<Vec<u8>, CodecError> {
    if base.is_empty() {
        return Ok(Vec::new());
    }
    let mut held: HashMap<&[u8], (u8, i64)> = HashMap::new();
    for (at, (_, row)) in (0u8..).zip(rows) {
        for (field, cell) in raw_cells(row)?.into_iter().filter(|(_, cell)| cell.len() >= SHORTEST) {
            held.entry(cell).or_insert((at, i64::from(field.0)));
        }
    }
    let cells = raw_cells(base)?;
    let leans = cells.iter().any(|(_, cell)| held.contains_key(cell));
    let rows = if leans { rows } else { &[] };
    let mut out = Vec::with_capacity(base.len());
    put_varint(&mut out, rows.len() as u64);
    rows.iter().for_each(|(rid, _)| put_varint(&mut out, *rid as u64));
    let (mut last, mut last_field) = (0, 0);
    for (Uid(key), cell) in cells {
        put_varint(&mut out, u64::from(key - last) << 1 | u64::from(cell.is_empty()));
        last = key;
        match held.get(cell) {
            Some((at, field)) => {
                out.push(MARK + at);
                put_zigzag(&mut out, field - last_field);
                last_field = *field;
            }
            None => out.extend_from_slice(cell),
        }
    }
    Ok(out)
}

fn unpack<'r>(kept: &[u8], row: impl Fn(i64) -> Option<&'r [u8]>) -> Result<Vec<u8>, CodecError> {
    let damaged = |at: usize| CodecError { at };
    let mut bytes = Bytes::new(kept);
    let mut rows: Vec<Vec<(Uid, &[u8])>> = Vec::new();
    for rid in rids(&mut bytes).ok_or(damaged(0))? {
        rows.push(raw_cells(row(rid).ok_or(damaged(0))?)?);
    }
    let mut out = Vec::with_capacity(kept.len() * 2);
    let mut last_field = 0i64;
    while !bytes.is_empty() {
        let at = bytes.at();
        let key = bytes.varint().ok_or(damaged(at))?;
        put_varint(&mut out, key);
        if key & 1 == 1 {
            continue;
        }
        let cell = match bytes.peek() {
            Some(tag) if tag >= MARK => {
                let row = bytes.byte().and_then(|tag| rows.get(usize::from(tag - MARK)));
                last_field = bytes.zigzag().and_then(|step| last_field.checked_add(step)).ok_or(damaged(at))?;
                row.and_then(|row| {
                    let found = row.binary_search_by_key(&last_field, |(field, _)| i64::from(field.0)).ok()?;
                    row.get(found).map(|(_, cell)| *cell)
                })
            }
            _ => raw_cell(&mut bytes),
        };
        out.extend_from_slice(cell.ok_or(damaged(at))?);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::data::{Cell, encode};

    type Texts = BTreeMap<u32, Option<String>>;

    fn blob(cells: &Texts) -> Vec<u8> {
        let mut out = Vec::new();
        let cell = |text: &'_ Option<String>| text.as_deref().map_or(Cell::Null, Cell::Text).to_value();
        let cells: Vec<_> = cells.iter().map(|(uid, text)| (Uid(*uid), cell(text))).collect();
        encode(cells.iter().map(|(uid, value)| (*uid, value.cell())), &mut out);
        out
    }

    fn texts(most: u32) -> impl Strategy<Value = Texts> {
        let words = prop::sample::select(vec!["", "a", "Ada", "Lovelace", "ada@example.com", "Analytical Engines"]);
        prop::collection::btree_map(1..most, prop::option::of(words.prop_map(str::to_owned)), 0..20)
    }

    proptest! {
        #[test]
        fn what_is_kept_comes_back(base in texts(400), left in texts(3_000), right in texts(90)) {
            let rows = [(7, blob(&left)), (90_001, blob(&right))];
            let base = blob(&base);
            for rows in [&rows[..], &rows[..1], &[]] {
                let kept = pack(&base, rows).unwrap();
                let row = |rid: i64| rows.iter().find(|(of, _)| *of == rid).map(|(_, row)| row.as_slice());
                prop_assert_eq!(unpack(&kept, row), Ok(base.clone()));
            }
        }

        #[test]
        fn damaged_bytes_are_an_error_and_never_a_panic(kept in prop::collection::vec(any::<u8>(), 0..60), row in texts(90)) {
            let row = blob(&row);
            let _ = unpack(&kept, |_| Some(row.as_slice()));
        }
    }

    #[test]
    fn a_base_that_repeats_its_rows_is_short() {
        let texts: Texts = (1..30).map(|uid| (uid, Some(format!("some value {uid}")))).collect();
        let (row, base) = (blob(&texts), blob(&texts.iter().map(|(uid, text)| (uid * 4, text.clone())).collect()));
        assert!(pack(&base, &[(1, row)]).unwrap().len() < base.len() / 4);
    }
}
