//! Which records the gates of a direction let through.

use super::phrases::joined;
use crate::data::Side;
use crate::lang::plan::{Block, Cond, Gate, Source};

/// `included by "a" or "b", not excluded by "c"`; `None` where no gate keeps one out. To a record without a partner the
/// `include` lines for linked ones say nothing.
pub(super) fn passing(block: &Block, side: Side, alone: bool) -> Option<String> {
    let lists = [&block.gates.both, &block.gates.to[side]];
    let says = |gate: &&Gate| !(alone && is_linked(block, &gate.when));
    let names = |exclude: bool, gates: &[Gate]| -> Vec<String> {
        gates
            .iter()
            .filter(|gate| gate.exclude == exclude)
            .filter(says)
            .map(|gate| gate.rule.name.to_string())
            .collect()
    };
    let includes = lists.map(|gates| names(false, gates)).into_iter().filter(|names| !names.is_empty());
    let mut out: Vec<String> = includes.map(|names| format!("included by {}", joined(&names, "or"))).collect();
    let excludes: Vec<String> = lists.into_iter().flat_map(|gates| names(true, gates)).collect();
    if !excludes.is_empty() {
        out.push(format!("not excluded by {}", joined(&excludes, "or")));
    }
    (!out.is_empty()).then(|| joined(&out, "and"))
}

/// Whether a condition is that the record is linked, and nothing else.
fn is_linked(block: &Block, cond: &Cond) -> bool {
    match cond {
        Cond::All(parts) => !parts.is_empty() && parts.iter().all(|part| is_linked(block, part)),
        Cond::Is(slot, true) => matches!(block.slots.get(*slot).map(|slot| &slot.source), Some(Source::Linked { .. })),
        _ => false,
    }
}
