//! Found rows as JSON.

use super::super::record::Record;
use super::super::rows::write_attributes;
use super::super::schema::ObjectIx;
use super::super::table::RowIx;
use super::super::world::World;
use super::eval::{At, follow, leaf};
use super::plan::{Plan, Shape, Slot};
use super::search::search_in;

/// Conditions that the child queries of one row may look at.
const CHILD_WORK: u64 = 1_000_000;

/// Appends a row as the plan selects it.
pub(in super::super) fn write_row(world: &World, plan: &Plan, record: &Record, version: u16, out: &mut String) {
    write(world, At { object: plan.object, record }, &plan.shape, version, out);
}

fn write(world: &World, at: At<'_>, shape: &Shape, version: u16, out: &mut String) {
    let name = world.schema.object(at.object).map_or("", |o| o.name);
    write_attributes(name, &at.record.id, version, out);
    for slot in &shape.slots {
        match slot {
            Slot::Field { name, leaf: field } => {
                write_name(name, out);
                leaf(world, at, field).write_json(out);
            }
            Slot::Parent { name, hop, shape } => {
                write_name(name, out);
                match follow(world, at, hop) {
                    Some(parent) => write(world, parent, shape, version, out),
                    None => out.push_str("null"),
                }
            }
            Slot::Children { name, field, plan } => {
                write_name(name, out);
                write_children(world, at, *field, plan, version, out);
            }
        }
    }
    out.push('}');
}

fn write_name(name: &str, out: &mut String) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
}

/// The list of children, whole; `null` when there are none.
fn write_children(world: &World, parent: At<'_>, field: u16, plan: &Plan, version: u16, out: &mut String) {
    let among = children(world, plan.object, field, parent.record);
    let mut work = CHILD_WORK;
    let rows = search_in(world, plan, Some(&among), false, &mut work).unwrap_or_default();
    if rows.is_empty() {
        return out.push_str("null");
    }
    out.push_str(&format!("{{\"totalSize\":{},\"done\":true,\"records\":[", rows.len()));
    if !plan.count {
        let records = rows.iter().filter_map(|ix| world.table(plan.object)?.row(*ix));
        for (n, record) in records.enumerate() {
            if n > 0 {
                out.push(',');
            }
            write_row(world, plan, record, version, out);
        }
    }
    out.push_str("]}");
}

fn children(world: &World, object: ObjectIx, field: u16, parent: &Record) -> Vec<RowIx> {
    let rows = world.table(object).and_then(|t| t.with_key(field, parent.id.short()));
    rows.unwrap_or_default().to_vec()
}
