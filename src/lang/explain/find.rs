//! Rules by the names that people use for them.

use crate::data::Side;
use crate::lang::plan::{Block, Plan};

/// What can be told of: indexes into the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Sync {
        block: usize,
    },
    Match {
        block: usize,
        line: usize,
    },
    /// `to`: of which block; none: of `both ways`.
    Gate {
        block: usize,
        to: Option<Side>,
        gate: usize,
    },
    Create {
        block: usize,
        side: Side,
        line: usize,
    },
    Row {
        block: usize,
        line: usize,
    },
    Group {
        block: usize,
        group: usize,
    },
    Picklist {
        block: usize,
        table: usize,
    },
    Place {
        block: usize,
        table: usize,
    },
    Owners {
        block: usize,
        table: usize,
    },
    Lifecycle {
        block: usize,
    },
    Stage {
        block: usize,
        back: bool,
        rule: usize,
    },
    /// `values` or `order`.
    Set {
        at: usize,
    },
    Limits,
}

/// Everything that can be told of, each with its names, the shortest that is always its own first.
pub(super) fn subjects(plan: &Plan) -> Vec<(Subject, Vec<String>)> {
    let mut out: Vec<(Subject, Vec<String>)> = Vec::new();
    for (block, of) in plan.blocks.iter().enumerate().filter(|(_, of)| !of.types.right.is_empty()) {
        let rule = |name: &str| {
            let name = name.trim_matches('"');
            vec![format!("{}.{name}", of.name), name.to_owned()]
        };
        out.push((Subject::Sync { block }, vec![of.name.clone()]));
        for (line, found) in of.matches.iter().enumerate() {
            out.push((Subject::Match { block, line }, rule(&found.rule.name)));
        }
        for to in [None, Some(Side::Left), Some(Side::Right)] {
            for (gate, found) in gates(of, to).iter().enumerate() {
                out.push((Subject::Gate { block, to, gate }, rule(&found.rule.name)));
            }
        }
        for side in Side::BOTH {
            for (line, found) in of.create[side].iter().enumerate() {
                out.push((Subject::Create { block, side, line }, rule(&found.rule.name)));
            }
        }
        for (line, found) in of.lines.iter().enumerate() {
            let short = found.rule.name.strip_prefix(&format!("{}.", of.name)).unwrap_or(&found.rule.name);
            let mut names = vec![found.rule.name.to_string(), short.to_owned()];
            for target in Side::BOTH.into_iter().flat_map(|side| found.targets[side].iter().flatten()) {
                names.push(format!("{}.{}", of.name, target.name));
            }
            out.push((Subject::Row { block, line }, names));
        }
        for (group, found) in of.groups.iter().enumerate() {
            out.push((Subject::Group { block, group }, rule(&found.rule.name)));
        }
        for (table, found) in of.tables.picklists.iter().enumerate() {
            out.push((Subject::Picklist { block, table }, vec![found.name.clone()]));
        }
        for (table, found) in of.tables.places.iter().enumerate() {
            out.push((Subject::Place { block, table }, vec![found.name.clone()]));
        }
        for (table, found) in of.tables.owners.iter().enumerate() {
            out.push((Subject::Owners { block, table }, vec![found.name.clone()]));
        }
        if let Some(lifecycle) = &of.lifecycle {
            let ty = of.types.left.get(lifecycle.ty).map_or("", |ty| &ty.name);
            out.push((
                Subject::Lifecycle { block },
                vec![format!("{ty}.{}", lifecycle.target.name), "lifecycle".into()],
            ));
            for (back, rules) in [(false, &lifecycle.reach), (true, &lifecycle.back)] {
                for (at, found) in rules.iter().enumerate() {
                    out.push((Subject::Stage { block, back, rule: at }, rule(&found.rule.name)));
                }
            }
        }
    }
    for (at, set) in plan.sets.iter().enumerate() {
        let whole = std::iter::once(set.names.join(", "));
        out.push((Subject::Set { at }, whole.chain(set.names.iter().cloned()).collect()));
    }
    out.push((Subject::Limits, vec!["limits".to_owned()]));
    out
}

pub(super) fn gates(block: &Block, to: Option<Side>) -> &[crate::lang::plan::Gate] {
    match to {
        None => &block.gates.both,
        Some(side) => &block.gates.to[side],
    }
}

/// With or without quotes, and with or without the sync's name: `people."our own staff"`, `our own staff`. Several rules
/// can have one name. A table that several syncs use is told once.
pub fn find(plan: &Plan, wanted: &str) -> Vec<Subject> {
    let wanted = plain(wanted);
    let all = subjects(plan);
    let mut found: Vec<Subject> = Vec::new();
    for exact in [true, false] {
        for (subject, names) in &all {
            let fits = |name: &String| match exact {
                true => plain(name) == wanted,
                false => plain(name).eq_ignore_ascii_case(&wanted),
            };
            let table = matches!(subject, Subject::Picklist { .. } | Subject::Place { .. } | Subject::Owners { .. });
            let told =
                table && found.iter().any(|known| std::mem::discriminant(known) == std::mem::discriminant(subject));
            if names.iter().any(fits) && !told {
                found.push(*subject);
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    found
}

fn plain(name: &str) -> String {
    let name: String = name.chars().filter(|c| !matches!(c, '"' | '\u{201c}' | '\u{201d}')).collect();
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The names that are most like one that does not exist, best first.
pub fn near(plan: &Plan, wanted: &str) -> Vec<String> {
    const NEAR: f64 = 0.6;
    const MOST: usize = 3;
    let wanted = plain(wanted).to_lowercase();
    let mut scored: Vec<(f64, String)> = Vec::new();
    for (_, names) in subjects(plan) {
        let likeness = |name: &String| strsim::normalized_damerau_levenshtein(&plain(name).to_lowercase(), &wanted);
        let best = names.iter().map(likeness).fold(0.0, f64::max);
        if let Some(first) = names.first().filter(|_| best >= NEAR) {
            scored.push((best, first.clone()));
        }
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.into_iter().take(MOST).map(|(_, name)| name).collect()
}
