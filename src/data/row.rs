//! Rows of the mirror, and the bytes that hold their cells.
//!
//! A blob is a run of entries, sorted by field number: twice the step from the field before, plus one where the cell is
//! blank, which is all of it; else its tag and payload follow. A field that is not in the blob was not read.

use rust_decimal::Decimal;
use thiserror::Error;

use super::bytes::{Bytes, put_varint, put_zigzag};
use super::cell::{Cell, Value};
use super::dict::Uid;
use super::time::Millis;

/// Whether a record is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    #[default]
    Live,
    /// Deleted in a way that its CRM can undo.
    Archived,
    /// The CRM no longer knows the id.
    Gone,
    /// Our own write's effect is unknown: to be read before anything is decided.
    Stale,
    /// Another record took its place: a merge, or the conversion of a lead.
    Redirected,
}

impl Presence {
    pub fn code(self) -> i64 {
        self as i64
    }

    pub fn from_code(code: i64) -> Option<Presence> {
        use Presence::*;
        [Live, Archived, Gone, Stale, Redirected].into_iter().find(|p| p.code() == code)
    }
}

/// The server's own time of a row's last change. `exact` is false where the reply of a write named no time and the
/// server's clock stands in for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    pub at: Millis,
    pub exact: bool,
}

impl Stamp {
    /// Whether news of this time may take the place of what is known: not where it is older. Of an inexact time only the
    /// second counts: news of the same second may be the later one.
    pub fn supersedes(self, known: Stamp) -> bool {
        let sure = if known.exact { known.at.0 } else { known.at.0 - known.at.0.rem_euclid(1000) };
        self.at.0 >= sure
    }

    /// Of what we did to a record ourselves, while it was as it is known: what is told of that time, by an index that lags,
    /// is older.
    pub fn next(self) -> Stamp {
        Stamp { at: self.at.plus(1), exact: true }
    }
}

/// Owned cells of one record, sorted by field number.
pub type CellList = Vec<(Uid, Value)>;

/// A blob that is not one of ours: the state file is damaged.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("cells are damaged at byte {at}")]
pub struct CodecError {
    pub at: usize,
}

const FALSE: u8 = 1;
const TRUE: u8 = 2;
const NUM: u8 = 3;
const DAY: u8 = 4;
const TIME: u8 = 5;
const TEXT: u8 = 6;
const INT: u8 = 7;

/// Writes cells, which must be sorted by field number; unread ones are left out.
pub fn encode<'a>(cells: impl IntoIterator<Item = (Uid, Cell<'a>)>, out: &mut Vec<u8>) {
    let mut last = 0;
    for (uid, cell) in cells {
        if matches!(cell, Cell::Unread) {
            continue;
        }
        debug_assert!(uid.0 >= last, "cells must be sorted");
        let null = matches!(cell, Cell::Null);
        put_varint(out, u64::from(uid.0 - last) << 1 | u64::from(null));
        last = uid.0;
        put_cell(out, cell);
    }
}

fn put_cell(out: &mut Vec<u8>, cell: Cell<'_>) {
    match cell {
        Cell::Unread | Cell::Null => {}
        Cell::Bool(b) => out.push(if b { TRUE } else { FALSE }),
        Cell::Num(n) => match i64::try_from(n.normalize()).ok().filter(|_| n.normalize().scale() == 0) {
            Some(int) => {
                out.push(INT);
                put_zigzag(out, int);
            }
            None => {
                out.push(NUM);
                out.extend_from_slice(&n.normalize().serialize());
            }
        },
        Cell::Day(d) => {
            out.push(DAY);
            put_zigzag(out, i64::from(d));
        }
        Cell::Time(t) => {
            out.push(TIME);
            put_zigzag(out, t);
        }
        Cell::Text(text) => {
            out.push(TEXT);
            put_varint(out, text.len() as u64);
            out.extend_from_slice(text.as_bytes());
        }
    }
}

/// Reads a blob back, cell by cell, borrowing text from it.
pub fn decode(blob: &[u8]) -> Decoder<'_> {
    Decoder { bytes: Bytes::new(blob), last: 0, failed: false }
}

/// See [`decode`].
pub struct Decoder<'a> {
    bytes: Bytes<'a>,
    last: u32,
    failed: bool,
}

impl<'a> Decoder<'a> {
    #[inline]
    fn cell(&mut self) -> Option<Cell<'a>> {
        let bytes = &mut self.bytes;
        Some(match bytes.byte()? {
            FALSE => Cell::Bool(false),
            TRUE => Cell::Bool(true),
            INT => Cell::Num(Decimal::from(bytes.zigzag()?)),
            NUM => Cell::Num(Decimal::deserialize(bytes.slice(16)?.try_into().ok()?)),
            DAY => Cell::Day(i32::try_from(bytes.zigzag()?).ok()?),
            TIME => Cell::Time(bytes.zigzag()?),
            TEXT => {
                let len = usize::try_from(bytes.varint()?).ok()?;
                Cell::Text(std::str::from_utf8(bytes.slice(len)?).ok()?)
            }
            _ => return None,
        })
    }

    #[inline]
    fn entry(&mut self) -> Option<(Uid, Cell<'a>)> {
        let (uid, null) = key(&mut self.bytes, &mut self.last)?;
        Some((uid, if null { Cell::Null } else { self.cell()? }))
    }
}

#[inline]
fn key(bytes: &mut Bytes<'_>, last: &mut u32) -> Option<(Uid, bool)> {
    let key = bytes.varint()?;
    *last = last.checked_add(u32::try_from(key >> 1).ok()?)?;
    Some((Uid(*last), key & 1 == 1))
}

/// A blob's entries: field numbers, and tag and payload as [`encode`] wrote them; nothing where the cell is blank.
pub fn raw_cells(blob: &[u8]) -> Result<Vec<(Uid, &[u8])>, CodecError> {
    let (mut bytes, mut last, mut out) = (Bytes::new(blob), 0, Vec::new());
    while !bytes.is_empty() {
        let at = bytes.at();
        let (uid, null) = key(&mut bytes, &mut last).ok_or(CodecError { at })?;
        let cell = if null { &[] } else { raw_cell(&mut bytes).ok_or(CodecError { at })? };
        out.push((uid, cell));
    }
    Ok(out)
}

/// Tag and payload of one cell that is not blank.
pub fn raw_cell<'a>(bytes: &mut Bytes<'a>) -> Option<&'a [u8]> {
    let from = bytes.at();
    match bytes.byte()? {
        FALSE | TRUE => {}
        NUM => drop(bytes.slice(16)?),
        INT | DAY | TIME => drop(bytes.varint()?),
        TEXT => {
            let len = usize::try_from(bytes.varint()?).ok()?;
            bytes.slice(len)?;
        }
        _ => return None,
    }
    Some(bytes.since(from))
}

impl<'a> Iterator for Decoder<'a> {
    type Item = Result<(Uid, Cell<'a>), CodecError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.bytes.is_empty() {
            return None;
        }
        let at = self.bytes.at();
        match self.entry() {
            Some(entry) => Some(Ok(entry)),
            None => {
                self.failed = true;
                Some(Err(CodecError { at }))
            }
        }
    }
}

/// The cells of `old`, overwritten by those of `new`; both sorted by field number.
pub fn merge<'a>(old: &[(Uid, Cell<'a>)], new: &[(Uid, Cell<'a>)]) -> Vec<(Uid, Cell<'a>)> {
    let mut out = Vec::with_capacity(old.len() + new.len());
    let (mut a, mut b) = (old.iter().peekable(), new.iter().peekable());
    loop {
        let next = match (a.peek(), b.peek()) {
            (Some(x), Some(y)) if x.0 < y.0 => a.next(),
            (Some(x), Some(y)) if x.0 == y.0 => {
                a.next();
                b.next()
            }
            (_, Some(_)) => b.next(),
            (Some(_), None) => a.next(),
            (None, None) => return out,
        };
        out.extend(next.copied());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(|n| Value::Num(n.into())),
            (any::<i32>(), 0u32..20).prop_map(|(n, scale)| Value::Num(Decimal::new(n.into(), scale))),
            any::<i32>().prop_map(Value::Day),
            any::<i64>().prop_map(Value::Time),
            ".*".prop_map(Value::text),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(cells in prop::collection::btree_map(1u32..5000, value(), 0..40)) {
            let mut blob = Vec::new();
            encode(cells.iter().map(|(uid, value)| (Uid(*uid), value.cell())), &mut blob);
            let back: Result<Vec<_>, _> = decode(&blob).map(|e| e.map(|(uid, cell)| (uid.0, cell.to_value()))).collect();
            prop_assert_eq!(back, Ok(cells.into_iter().collect()));
        }

        #[test]
        fn damaged_bytes_are_an_error_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let read: Vec<_> = decode(&bytes).collect();
            prop_assert!(read.iter().rev().skip(1).all(Result::is_ok));
        }
    }

    #[test]
    fn a_newer_cell_replaces_an_older_one() {
        let old = [(Uid(1), Cell::Text("a")), (Uid(3), Cell::Bool(true))];
        let new = [(Uid(2), Cell::Null), (Uid(3), Cell::Bool(false))];
        assert_eq!(merge(&old, &new), [(Uid(1), Cell::Text("a")), (Uid(2), Cell::Null), (Uid(3), Cell::Bool(false))]);
    }
}
