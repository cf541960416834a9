//! The index keys of a record, and what it holds in them.

use std::collections::BTreeSet;

use rusqlite::{Transaction, params};

use super::wake::Wake;
use crate::data::{Cell, Fingerprint, Uid, decode, encode};
use crate::store::sqlite::schema::error;
use crate::store::{KeySpec, StoreError, TypeIndex};

pub(super) fn rekey(
    wake: &mut Wake<'_>,
    of: &TypeIndex,
    rid: i64,
    id: &str,
    before: (&Cells<'_>, &[Alias]),
    after: (&Cells<'_>, &[Alias]),
) -> Result<(), StoreError> {
    let (was, is) = (hashes(&of.keys, id, before.0, before.1), hashes(&of.keys, id, after.0, after.1));
    for (hash, identity) in was.difference(&is) {
        wake.tx
            .prepare_cached("DELETE FROM key WHERE hash = ? AND rid = ?")
            .and_then(|mut delete| delete.execute(params![hash.0 as i64, rid]))
            .map_err(error)?;
        if *identity {
            wake.filed(*hash, rid)?;
        }
    }
    for (hash, identity) in is.difference(&was) {
        add_key(wake.tx, *hash, rid)?;
        if *identity {
            wake.filed(*hash, rid)?;
        }
    }
    Ok(())
}

pub(super) fn add_key(tx: &Transaction<'_>, hash: Fingerprint, rid: i64) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT OR IGNORE INTO key VALUES (?, ?)")
        .and_then(|mut insert| insert.execute(params![hash.0 as i64, rid]))
        .map_err(error)?;
    Ok(())
}

/// A row's keys, each with whether equal ones are the same thing.
pub(in crate::store::sqlite) fn hashes(
    specs: &[KeySpec],
    id: &str,
    cells: &Cells<'_>,
    aliases: &[Alias],
) -> BTreeSet<(Fingerprint, bool)> {
    let of = |spec: &KeySpec| {
        let identity = spec.identity;
        spec.hashes(id, |uid| find(cells, uid), aliases).into_iter().map(move |hash| (hash, identity))
    };
    specs.iter().flat_map(of).collect()
}

/// A further value of a field.
pub(in crate::store::sqlite) type Alias = (Uid, Box<str>);

/// Null for the many that have none.
pub(super) fn alias_blob(aliases: &[Alias]) -> Option<Vec<u8>> {
    let mut sorted: Vec<&Alias> = aliases.iter().collect();
    sorted.sort();
    let mut blob = Vec::new();
    encode(sorted.iter().map(|(uid, value)| (*uid, Cell::Text(value))), &mut blob);
    (!blob.is_empty()).then_some(blob)
}

pub(in crate::store::sqlite) fn read_aliases(blob: Option<&[u8]>) -> Result<Vec<Alias>, StoreError> {
    let cells = read_cells(blob.unwrap_or_default())?;
    Ok(cells.into_iter().map(|(uid, cell)| (uid, cell.text().into())).collect())
}

/// Files every row anew: the plan looks for other keys now.
pub(in crate::store::sqlite) fn rebuild_keys(tx: &Transaction<'_>, types: &[TypeIndex]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM key", []).map_err(error)?;
    for of in types {
        let mut query = tx.prepare("SELECT rid, id, cells, aliases FROM record WHERE type = ?").map_err(error)?;
        let mut rows = query.query([of.ty.0]).map_err(error)?;
        while let Some(row) = rows.next().map_err(error)? {
            let (rid, id, blob): (i64, String, Vec<u8>) =
                (row.get(0).map_err(error)?, row.get(1).map_err(error)?, row.get(2).map_err(error)?);
            let aliases: Option<Vec<u8>> = row.get(3).map_err(error)?;
            let aliases = read_aliases(aliases.as_deref())?;
            for (hash, _) in hashes(&of.keys, &id, &read_cells(&blob)?, &aliases) {
                add_key(tx, hash, rid)?;
            }
        }
    }
    Ok(())
}

pub(in crate::store::sqlite) type Cells<'a> = Vec<(Uid, Cell<'a>)>;

pub(in crate::store::sqlite) fn read_cells(blob: &[u8]) -> Result<Cells<'_>, StoreError> {
    decode(blob).collect::<Result<_, _>>().map_err(|error| StoreError::Corrupt(error.to_string()))
}

pub(in crate::store::sqlite) fn find<'a>(cells: &Cells<'a>, uid: Uid) -> Cell<'a> {
    cells.binary_search_by_key(&uid, |(uid, _)| *uid).map_or(Cell::Unread, |at| cells[at].1)
}
