//! Whether values flow between the two records of a pair, and when that came to an end: a gate that closes changes no value
//! in a CRM, so that nobody would see it there.

use crate::data::{BySide, Side, Value};

use super::base::{Agreed, BaseView};
use super::decision::Decision;
use super::program::Program;

/// `shut`: the sides that nothing flows to now. Remembered in the base under the block's own number, so that it is news once.
pub(super) fn decide_flow(program: &Program, shut: BySide<bool>, base: &BaseView<'_>, out: &mut Decision) {
    let line = program.block.uid;
    let before = base.get(line);
    let was = |side: Side| before.is_some_and(|before| before.on(side).same(&Value::Bool(true).cell()));
    if Side::BOTH.into_iter().all(|side| shut[side] == was(side)) {
        return;
    }
    for side in Side::BOTH {
        // A pair that is new to these rules did not flow before.
        out.freezes[side] = shut[side] && !was(side) && flows(program, base, side);
    }
    match shut.left || shut.right {
        true => out.agreed.push(Agreed {
            line,
            left: Value::Bool(shut.left),
            right: Value::Bool(shut.right),
            disputed: BySide::default(),
        }),
        false => out.forgotten.push(line),
    }
}

/// Whether a row that writes to the side was agreed.
fn flows(program: &Program, base: &BaseView<'_>, side: Side) -> bool {
    let lines = program.block.lines.iter();
    lines.filter(|line| line.policy.writes(side)).any(|line| base.get(line.rule.uid).is_some())
}
