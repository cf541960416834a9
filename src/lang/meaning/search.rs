//! Conditions taken apart into one list of tests per slot, branch by branch: a branch that asks for a value that no slot
//! can hold is closed.

use std::collections::{BTreeMap, BTreeSet};

use super::slot::{self, Literal, Solved, Test};
use super::{Answer, Budget, Domain, NOW, Record, Space, Wanted};
use crate::data::Value;
use crate::lang::plan::{Cond, SlotId, holds, slots_of};

pub(super) fn find(space: &Space, wanted: &[Wanted<'_>], budget: &Budget) -> Answer {
    let mut asked = BTreeSet::new();
    for (cond, _) in wanted {
        slots_of(cond, &mut |slot| {
            asked.insert(slot);
        });
    }
    // What is blank or false wherever it is not asked for keeps every axiom.
    let about = |axiom: &&Cond| {
        let mut about = false;
        slots_of(axiom, &mut |slot| about |= asked.contains(&slot));
        about
    };
    let mut pending: Vec<Wanted<'_>> = space.axioms.iter().filter(about).map(|axiom| (axiom, true)).collect();
    pending.extend(wanted);
    let search = Search { space, wanted, budget };
    search.branch(pending, State::default())
}

struct Search<'c> {
    space: &'c Space,
    wanted: &'c [Wanted<'c>],
    budget: &'c Budget,
}

/// Choices within choices that are followed: the stack ends somewhere.
const DEEPEST: u32 = 100;

/// What a branch asks for so far.
#[derive(Clone, Default)]
struct State<'c> {
    depth: u32,
    literals: BTreeMap<SlotId, Vec<Literal<'c>>>,
    /// `is same as` between two slots.
    pairs: Vec<Wanted<'c>>,
    /// Conditions of which one part must answer so.
    choices: Vec<(&'c [Cond], bool)>,
}

impl<'c> Search<'c> {
    fn branch(&self, mut pending: Vec<Wanted<'c>>, mut state: State<'c>) -> Answer {
        let mut touched: Vec<SlotId> = Vec::new();
        while let Some((cond, wanted)) = pending.pop() {
            if !self.budget.step() {
                return Answer::Unknown;
            }
            match (cond, wanted) {
                (Cond::Always, wanted) | (Cond::Never, wanted) => {
                    if wanted != (*cond == Cond::Always) {
                        return Answer::Never;
                    }
                }
                (Cond::Not(inner), wanted) => pending.push((inner, !wanted)),
                (Cond::All(parts), true) | (Cond::Any(parts), false) => {
                    pending.extend(parts.iter().map(|part| (part, wanted)));
                }
                (Cond::All(parts), false) | (Cond::Any(parts), true) => match parts.as_slice() {
                    [] => return Answer::Never,
                    [one] => pending.push((one, wanted)),
                    parts => state.choices.push((parts, wanted)),
                },
                (Cond::Same(a, b) | Cond::SameText(a, b), wanted) => {
                    match self.pair(cond, wanted, *a, *b, &mut state) {
                        Some(slots) => touched.extend(slots),
                        None => return Answer::Never,
                    }
                }
                (atom, wanted) => {
                    let Some(slot) = slot::of(atom) else { return Answer::Unknown };
                    let slot = self.own(slot);
                    for _ in 0..slot::size(atom) / 16 {
                        self.budget.step();
                    }
                    state.literals.entry(slot).or_default().push((Test::Atom(atom), wanted));
                    touched.push(slot);
                }
            }
        }
        touched.sort_unstable();
        touched.dedup();
        let mut values = BTreeMap::new();
        for slot in touched {
            match self.solve(slot, &state) {
                Solved::Never => return Answer::Never,
                Solved::Value(value) => drop(values.insert(slot, Some(value))),
                Solved::Unknown => drop(values.insert(slot, None)),
            }
        }
        // The smallest choice first: it closes soonest.
        let at = (0..state.choices.len()).min_by_key(|at| state.choices[*at].0.len());
        match at {
            Some(at) => {
                let (parts, wanted) = state.choices.swap_remove(at);
                self.choose(parts, wanted, &state)
            }
            None => self.record(&state, values),
        }
    }

    fn choose(&self, parts: &'c [Cond], wanted: bool, state: &State<'c>) -> Answer {
        let state = &State { depth: state.depth + 1, ..state.clone() };
        if state.depth > DEEPEST {
            return Answer::Unknown;
        }
        let mut answer = Answer::Never;
        for (at, part) in parts.iter().enumerate() {
            // The ones before are the other way: their own branches were looked at.
            let before = parts[..at].iter().filter(|part| is_atom(part)).map(|part| (part, !wanted));
            let pending: Vec<Wanted<'c>> = before.chain([(part, wanted)]).collect();
            match self.branch(pending, state.clone()) {
                Answer::Never => {}
                found @ Answer::Record(_) => return found,
                Answer::Unknown => answer = Answer::Unknown,
            }
        }
        answer
    }

    /// Both sides of a comparison are known where it is true. None where the branch closes.
    fn pair(&self, cond: &'c Cond, wanted: bool, a: SlotId, b: SlotId, state: &mut State<'c>) -> Option<Vec<SlotId>> {
        let ends = |cond: &Cond| match cond {
            Cond::Same(a, b) => Some((false, self.own(*a).min(self.own(*b)), self.own(*a).max(self.own(*b)))),
            Cond::SameText(a, b) => Some((true, self.own(*a).min(self.own(*b)), self.own(*a).max(self.own(*b)))),
            _ => None,
        };
        if state.pairs.iter().any(|(known, answer)| ends(known) == ends(cond) && *answer != wanted) {
            return None;
        }
        state.pairs.push((cond, wanted));
        let (a, b) = (self.own(a), self.own(b));
        let known = match (wanted, a == b) {
            (true, _) => true,
            (false, true) => false,
            (false, false) => return Some(Vec::new()),
        };
        let slots = if a == b { vec![a] } else { vec![a, b] };
        for slot in &slots {
            state.literals.entry(*slot).or_default().push((Test::Known, known));
        }
        Some(slots)
    }

    fn own(&self, slot: SlotId) -> SlotId {
        match self.space.domains.get(slot) {
            Some(Domain::As(other)) => *other,
            _ => slot,
        }
    }

    fn solve(&self, slot: SlotId, state: &State<'c>) -> Solved {
        let literals = state.literals.get(&slot).map_or(&[][..], Vec::as_slice);
        match self.space.domains.get(slot) {
            Some(domain) => slot::solve(domain, literals),
            None => Solved::Unknown,
        }
    }

    /// The branch asks for nothing more: a record with these values, if it answers as wanted.
    fn record(&self, state: &State<'c>, values: BTreeMap<SlotId, Option<Value>>) -> Answer {
        let mut record = Record::default();
        for slot in state.literals.keys() {
            let value = match values.get(slot) {
                Some(value) => value.clone(),
                None => match self.solve(*slot, state) {
                    Solved::Never => return Answer::Never,
                    Solved::Value(value) => Some(value),
                    Solved::Unknown => None,
                },
            };
            match value {
                Some(value) => record.values.push((*slot, value)),
                None => return Answer::Unknown,
            }
        }
        for (cond, wanted) in &state.pairs {
            if let Cond::Same(a, b) | Cond::SameText(a, b) = cond {
                self.make_pair(self.own(*a), self.own(*b), *wanted, state, &mut record);
            }
        }
        let cells = record.cells(self.space);
        let axioms = self.space.axioms.iter().map(|axiom| (axiom, true));
        let right = axioms.chain(self.wanted.iter().copied()).all(|(cond, wanted)| holds(cond, &cells, NOW) == wanted);
        drop(cells);
        if right { Answer::Record(record) } else { Answer::Unknown }
    }

    /// Makes the values of two slots equal, or different, where the tests of both take it.
    fn make_pair(&self, a: SlotId, b: SlotId, wanted: bool, state: &State<'c>, record: &mut Record) {
        let value =
            |slot: SlotId, record: &Record| record.values.iter().find(|(at, _)| *at == slot).map(|(_, v)| v.clone());
        let takes = |slot: SlotId, value: &Value| {
            let literals = state.literals.get(&slot).map_or(&[][..], Vec::as_slice);
            self.space.domains.get(slot).is_some_and(|domain| slot::takes(domain, literals, value))
        };
        let (of_a, of_b) = (value(a, record), value(b, record));
        let put = |slot: SlotId, value: Value, record: &mut Record| {
            record.values.retain(|(at, _)| *at != slot);
            record.values.push((slot, value));
        };
        match (wanted, of_a, of_b) {
            (true, Some(of_a), _) if takes(b, &of_a) => put(b, of_a, record),
            (true, _, Some(of_b)) if takes(a, &of_b) => put(a, of_b, record),
            (false, of_a, of_b) if of_a == of_b => {
                let other = |slot: SlotId| {
                    let candidates = [Value::Null, Value::text("another"), Value::Num(7.into())];
                    candidates.into_iter().find(|value| Some(value) != of_a.as_ref() && takes(slot, value))
                };
                if let Some(value) = other(b) {
                    put(b, value, record);
                } else if let Some(value) = other(a) {
                    put(a, value, record);
                }
            }
            _ => {}
        }
    }
}

fn is_atom(cond: &Cond) -> bool {
    !matches!(cond, Cond::All(_) | Cond::Any(_) | Cond::Not(_))
}
