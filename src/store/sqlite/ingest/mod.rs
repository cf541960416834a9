//! What was read goes into the mirror, and wakes whom it concerns. An equal row wakes nobody: our own echo dies here.

mod keys;
mod members;
mod put;
mod wake;

pub(super) use keys::{Cells, find, read_aliases, read_cells, rebuild_keys};
pub(super) use members::list_size;
pub(super) use put::{add_members, put_row};
pub(super) use wake::{Wake, before};

use members::apply_member;
use put::set_gone;

use std::collections::BTreeMap;

use rusqlite::Transaction;

use super::meta;

use crate::data::{Side, Uid};
use crate::store::{Ingest, Ingested, StoreError, TypeIndex};

pub(super) type Index = BTreeMap<Uid, TypeIndex>;

/// Rows of one key that are looked at; a key shared by more is no key.
pub(super) const KEY_CAP: usize = 200;

pub(super) fn ingest(tx: &Transaction<'_>, index: &Index, delta: &Ingest) -> Result<Ingested, StoreError> {
    let mut out = Ingested::default();
    let mut wake = Wake::new(tx, index, delta.now);
    let side = delta.side.unwrap_or(Side::Left);
    for row in &delta.rows {
        let put = put_row(&mut wake, index, side, row)?;
        if put.wakes {
            wake.subjects_of(put.rid, None)?;
        }
        if put.changed {
            out.changed += 1;
            out.ids.push((row.ty, row.id.clone()));
        }
    }
    for gone in &delta.gone {
        out.changed += usize::from(set_gone(&mut wake, index, gone)?);
    }
    for change in &delta.members {
        apply_member(&mut wake, index, change)?;
    }
    if let Some(feed) = &delta.feed {
        meta::set_feed(tx, feed)?;
    }
    out.woken = wake.woken;
    Ok(out)
}
