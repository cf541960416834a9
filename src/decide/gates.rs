//! Whether a subject may flow to a side: any `include`, no `exclude`, in every block that gates the direction.

use crate::data::{Cell, Side};
use crate::lang::plan::{Cx, Gate, Predicate, RuleRef};

use super::program::Program;

/// Why a direction is closed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Barred<'a> {
    /// An `exclude` applies.
    By(&'a RuleRef),
    /// None of these `include` lines applies.
    NotIncluded(&'a [Gate]),
}

impl Barred<'_> {
    /// For people: `excluded by "our own staff"`, `not in "inclusion list"`.
    pub fn text(&self) -> String {
        match self {
            Barred::By(rule) => format!("excluded by {}", rule.name),
            Barred::NotIncluded(gates) => {
                let names: Vec<&str> = gates.iter().filter(|g| !g.exclude).map(|gate| &*gate.rule.name).collect();
                format!("not included by {}", names.join(" or "))
            }
        }
    }
}

impl Program {
    /// `None` when the way to `side` is open.
    pub(super) fn barred(&self, side: Side, cells: &[Cell<'_>], now: i64) -> Option<Barred<'_>> {
        let cx = Cx { cells, now };
        judge(&self.block.gates.both, &self.both, &cx)
            .or_else(|| judge(&self.block.gates.to[side], &self.to[side], &cx))
    }
}

fn judge<'a>(gates: &'a [Gate], tests: &[Predicate], cx: &Cx<'_>) -> Option<Barred<'a>> {
    let mut included = None;
    for (gate, test) in gates.iter().zip(tests) {
        if gate.exclude {
            if test(cx) {
                return Some(Barred::By(&gate.rule));
            }
        } else if included != Some(true) {
            included = Some(test(cx));
        }
    }
    (included == Some(false)).then_some(Barred::NotIncluded(gates))
}
