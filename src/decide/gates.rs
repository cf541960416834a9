//! Whether a subject may flow to a side: any `include`, no `exclude`, in every block that gates the direction.

use crate::data::{BySide, Cell, Side};
use crate::lang::plan::{Cond, Cx, Gate, Predicate, RuleRef, decided, unread};

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

/// Whether values may flow in one direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way<'a> {
    Open,
    Barred(Barred<'a>),
    /// A condition of this rule hangs on a value that could not be read.
    Unread(&'a RuleRef, &'a Cond),
}

impl<'a> Way<'a> {
    pub(super) fn barred(self) -> Option<Barred<'a>> {
        match self {
            Way::Barred(barred) => Some(barred),
            _ => None,
        }
    }
}

impl Program {
    /// Judges every gate of the direction. `unread` says whether any of the cells is not read.
    pub(super) fn way(&self, side: Side, cells: &[Cell<'_>], any_unread: bool, now: i64) -> Way<'_> {
        let cx = Cx { cells, now };
        self.way_on(side, judge(&self.block.gates.both, &self.both, any_unread, &cx), any_unread, &cx)
    }

    /// [`Program::way`] for both sides.
    pub(super) fn ways(&self, cells: &[Cell<'_>], any_unread: bool, now: i64) -> BySide<Way<'_>> {
        let cx = Cx { cells, now };
        let both = judge(&self.block.gates.both, &self.both, any_unread, &cx);
        BySide::new(Side::Left, Side::Right).map(|side| self.way_on(side, both, any_unread, &cx))
    }

    /// With what the gates of both ways say.
    fn way_on<'a>(&'a self, side: Side, both: Way<'a>, any_unread: bool, cx: &Cx<'_>) -> Way<'a> {
        match both {
            Way::Open => judge(&self.block.gates.to[side], &self.to[side], any_unread, cx),
            Way::Barred(barred) => Way::Barred(barred),
            unread => match judge(&self.block.gates.to[side], &self.to[side], any_unread, cx) {
                Way::Barred(barred) => Way::Barred(barred),
                _ => unread,
            },
        }
    }

    /// The gates of both ways alone: those of a record that has no partner yet.
    pub(super) fn way_both(&self, cells: &[Cell<'_>], any_unread: bool, now: i64) -> Way<'_> {
        judge(&self.block.gates.both, &self.both, any_unread, &Cx { cells, now })
    }

    /// For people: which value of a condition is missing.
    pub(super) fn unread_text(&self, rule: &RuleRef, cond: &Cond, cells: &[Cell<'_>]) -> String {
        let name = unread(cond, cells).and_then(|slot| self.block.slots.get(slot)).map_or("a value", |slot| &slot.name);
        format!("{} asks for `{name}`, which could not be read", rule.name)
    }
}

/// A condition's answer; `None` where it hangs on a cell that is not read.
pub(super) fn answer(cond: &Cond, test: &Predicate, any_unread: bool, cx: &Cx<'_>) -> Option<bool> {
    if any_unread { decided(cond, cx.cells, cx.now) } else { Some(test(cx)) }
}

fn judge<'a>(gates: &'a [Gate], tests: &[Predicate], any_unread: bool, cx: &Cx<'_>) -> Way<'a> {
    let (mut included, mut includes) = (false, false);
    let (mut open_exclude, mut open_include) = (None, None);
    for (gate, test) in gates.iter().zip(tests) {
        includes |= !gate.exclude;
        if !gate.exclude && included {
            continue;
        }
        match (gate.exclude, answer(&gate.when, test, any_unread, cx)) {
            (true, Some(true)) => return Way::Barred(Barred::By(&gate.rule)),
            (true, Some(false)) => {}
            (true, None) => open_exclude = open_exclude.or(Some(gate)),
            (false, Some(holds)) => included = holds,
            (false, None) => open_include = open_include.or(Some(gate)),
        }
    }
    // An `include` without an answer does not matter where another one holds.
    match (open_exclude, open_include) {
        (Some(gate), _) => Way::Unread(&gate.rule, &gate.when),
        (None, Some(gate)) if !included => Way::Unread(&gate.rule, &gate.when),
        _ if included || !includes => Way::Open,
        _ => Way::Barred(Barred::NotIncluded(gates)),
    }
}
