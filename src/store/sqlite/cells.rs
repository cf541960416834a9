//! The cells of an operation as bytes: what was written, before and after, and why.

use crate::data::{Cell, Uid, Value, decode, encode};
use crate::store::{OpCell, StoreError};

/// Entries per cell in the shared codec: row, field, after, and the rest where it says something.
const STEP: u32 = 8;

pub(super) fn to_bytes(cells: &[OpCell]) -> Vec<u8> {
    let mut out = Vec::new();
    encode(
        cells.iter().enumerate().flat_map(|(at, cell)| {
            let key = move |n: u32| Uid(at as u32 * STEP + n + 1);
            [
                Some((key(0), Cell::Num(cell.line.0.into()))),
                Some((key(1), Cell::Num(cell.field.0.into()))),
                Some((key(2), cell.after.cell())),
                (cell.before != Value::Null).then(|| (key(3), cell.before.cell())),
                (cell.source != cell.after).then(|| (key(4), cell.source.cell())),
                cell.contested.then_some((key(5), Cell::Bool(true))),
                cell.restores.then_some((key(6), Cell::Bool(true))),
            ]
            .into_iter()
            .flatten()
        }),
        &mut out,
    );
    out
}

pub(super) fn from_bytes(bytes: &[u8]) -> Result<Vec<OpCell>, StoreError> {
    let damaged = || StoreError::Corrupt("an operation's cells are damaged".into());
    let mut cells: Vec<OpCell> = Vec::new();
    for entry in decode(bytes) {
        let (key, cell) = entry.map_err(|_| damaged())?;
        let part = key.0.checked_sub(1).ok_or_else(damaged)? % STEP;
        let number = |cell: Cell<'_>| match cell {
            Cell::Num(n) => u32::try_from(n).ok().map(Uid),
            _ => None,
        };
        if part == 0 {
            let (line, null) = (number(cell).ok_or_else(damaged)?, || Value::Null);
            cells.push(OpCell {
                line,
                field: Uid::NONE,
                before: null(),
                after: null(),
                source: null(),
                contested: false,
                restores: false,
            });
            continue;
        }
        let last = cells.last_mut().ok_or_else(damaged)?;
        match part {
            1 => last.field = number(cell).ok_or_else(damaged)?,
            2 => {
                last.after = cell.to_value();
                last.source = cell.to_value();
            }
            3 => last.before = cell.to_value(),
            4 => last.source = cell.to_value(),
            5 => last.contested = true,
            6 => last.restores = true,
            _ => return Err(damaged()),
        }
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back() {
        let cell = |line, after: Value, source: Value| OpCell {
            line: Uid(line),
            field: Uid(7),
            before: Value::text("old"),
            after,
            source,
            contested: line == 3,
            restores: line == 9,
        };
        let cells = vec![cell(9, Value::text("a"), Value::text("a")), cell(3, Value::Null, Value::Bool(true))];
        assert_eq!(from_bytes(&to_bytes(&cells)), Ok(cells));
        assert!(from_bytes(&[2, 0]).is_err());
    }
}
