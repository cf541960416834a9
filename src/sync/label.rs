//! What people know a subject by.

use std::collections::BTreeSet;

use crate::data::{FieldKind, KeyForm, Uid, decode};
use crate::decide::{Frame, Member, Program};
use crate::lang::plan::{KeyPart, MatchLine};
use crate::store::Hood;

/// The first text key that it has, else an id.
pub(super) fn label(program: &Program, frame: &Frame<'_>, hood: &Hood, members: &[Member]) -> String {
    let block = &program.block;
    let keys = block.matches.iter().flat_map(MatchLine::keys);
    let keys = keys.flat_map(|pair| pair.left.iter().chain(&pair.right).flatten()).filter_map(|part| match part {
        KeyPart::Field { uid, form } if *form != KeyForm::Id => Some(*uid),
        _ => None,
    });
    // Companies that are nobody's partner have no keys: any text of theirs is their name.
    let texts = block.types.left.iter().flat_map(|used| &used.fields).filter(|field| field.kind == FieldKind::Text);
    let texts = texts.map(|field| field.uid).filter(|_| block.matches.is_empty());
    let fields: BTreeSet<Uid> = keys.chain(texts).collect();
    let rows = [frame.here.left.map(|here| here.row), frame.here.right.map(|here| here.row)];
    let keyed = rows.into_iter().flatten().find_map(|row| {
        let mut cells = decode(&row.cells).filter_map(Result::ok);
        cells.find(|(uid, cell)| fields.contains(uid) && cell.is_known()).map(|(_, cell)| cell.text().into_owned())
    });
    keyed.unwrap_or_else(|| {
        members.iter().filter_map(|m| hood.record(m.rid)).map(|row| row.id.to_string()).next().unwrap_or_default()
    })
}
