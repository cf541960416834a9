//! What a record is to the other side, and what it would take to change that.

use std::fmt::Write;

use crate::cli::why::Subject;
use crate::cli::why::words::{Standing, to_change, way_out};
use crate::data::Side;
use crate::diagnostic::escape;
use crate::store::Role;

/// What people know it by: the key that was found, or an id.
pub(super) fn label(subject: &Subject<'_>) -> String {
    let primary = subject.told.records.iter().find(|row| row.role == Role::Primary);
    let row = primary.or(subject.told.records.first());
    let id = row.map_or("", |row| &row.id);
    escape(&subject.label.clone().unwrap_or_else(|| id.to_owned())).into_owned()
}

pub(super) fn takes(out: &mut String, subject: &Subject<'_>, standing: Standing) {
    let told = &subject.told;
    if standing == Standing::Proposed {
        for pair in &told.proposed {
            let pair = format!("{} {}", escape(&pair.left), escape(&pair.right));
            let _ = writeln!(out, "  to change that: `syncline link {pair}`, or `syncline decline {pair}`");
        }
        return;
    }
    if standing == Standing::Ambiguous {
        let _ = writeln!(out, "  to change that: {}", way_out(if told.contradicted { "R711" } else { "R701" }));
        return;
    }
    let sides: Vec<Side> = match &told.creation {
        Some(creation) => vec![creation.side],
        None => {
            let closed = |side: &Side| !told.ways[*side].lets_through() || told.rows.is_empty();
            Side::BOTH.into_iter().filter(closed).collect()
        }
    };
    let mut said: Vec<Vec<String>> = Vec::new();
    for side in sides {
        let lines = to_change(told, side);
        // Both directions are mostly closed by the same gate.
        if standing == Standing::Due || lines.is_empty() || said.contains(&lines) {
            continue;
        }
        match lines.as_slice() {
            [line] => {
                let _ = writeln!(out, "  to change that: {line}");
            }
            lines => {
                let _ = writeln!(out, "  to change that:");
                lines.iter().for_each(|line| {
                    let _ = writeln!(out, "    {line}");
                });
            }
        }
        said.push(lines);
    }
}
