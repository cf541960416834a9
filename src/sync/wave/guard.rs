//! How a create is kept from making two records.

use crate::crm::{Guard, WriteCell};
use crate::data::{Side, Uid};
use crate::decide::Program;

/// What keeps a create that is sent twice from making two records: our own key, else a field that the server keeps unique,
/// else the key by which it would be found.
pub(super) fn guard(program: &Program, side: Side, ty: usize, cells: &[WriteCell]) -> Guard {
    let used = &program.block.types[side][ty];
    let value = |field: Uid| cells.iter().find(|cell| cell.field == field).map(|cell| cell.value.cell().text().into());
    if let Some(key) = &used.own_key
        && let Some(value) = value(key.field)
    {
        return Guard::OurKey { field: key.field, value };
    }
    if let Some((field, value)) = used.unique.iter().find_map(|field| Some((*field, value(*field)?))) {
        return Guard::ServerUnique { field, value };
    }
    let keys = (0..program.block.matches.len()).filter_map(|line| program.key_spec(side, ty, line));
    let found = keys.flat_map(|spec| &spec.parts).find_map(|part| match part {
        crate::store::KeyPart::Field(field, _) => Some((*field, value(*field)?)),
        crate::store::KeyPart::Id => None,
    });
    let (field, value) = found.unwrap_or((Uid::NONE, "".into()));
    Guard::Probe { field, value }
}
