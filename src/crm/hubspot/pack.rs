//! Writes into calls: a hundred of one type and kind at a time, no id and no unique value twice in one call.

use std::collections::{BTreeMap, BTreeSet};

use super::feeds::BATCH;
use crate::crm::{Act, Call, Guard, Reads, Write};
use crate::data::Uid;

pub(super) fn pack(reads: &Reads, writes: &[Write]) -> Vec<Call> {
    let mut groups: BTreeMap<(Uid, &str), Vec<usize>> = BTreeMap::new();
    for (at, write) in writes.iter().enumerate() {
        groups.entry((write.ty, verb(&write.act))).or_default().push(at);
    }
    let mut calls = Vec::new();
    for ((ty, verb), group) in groups {
        let name = reads.of_type(ty).map_or("record", |read| &read.name);
        for chunk in chunks(writes, &group) {
            let contested = chunk.iter().filter(|at| writes[**at].cells.iter().any(|cell| cell.contested)).count();
            let history = if verb == "update" { contested.div_ceil(BATCH / 2) } else { 0 };
            calls.push(Call { name: format!("batch {verb} {name}"), writes: chunk, calls: 1 + history as u32 });
        }
    }
    calls
}

/// The last word of a batch's path.
pub(super) fn verb(act: &Act) -> &'static str {
    match act {
        Act::Create { .. } => "create",
        Act::Update { .. } => "update",
        Act::Delete { .. } => "archive",
    }
}

fn chunks(writes: &[Write], group: &[usize]) -> Vec<Vec<usize>> {
    let mut out: Vec<(Vec<usize>, BTreeSet<String>)> = Vec::new();
    for at in group {
        let key = match &writes[*at].act {
            Act::Update { id } | Act::Delete { id } => id.to_string(),
            Act::Create {
                guard: Guard::ServerUnique { value, .. } | Guard::Probe { value, .. } | Guard::OurKey { value, .. },
            } => value.to_lowercase(),
        };
        // Only the newest chunks can have room: looking further back would make this quadratic.
        let recent = out.len().saturating_sub(4);
        match out[recent..].iter_mut().find(|(chunk, keys)| chunk.len() < BATCH && !keys.contains(&key)) {
            Some((chunk, keys)) => {
                chunk.push(*at);
                keys.insert(key);
            }
            None => out.push((vec![*at], BTreeSet::from([key]))),
        }
    }
    out.into_iter().map(|(chunk, _)| chunk).collect()
}
