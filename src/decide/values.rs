//! `merge values` and `add only`: what one side added or took away is added or taken away on the other, value by value.

use std::collections::BTreeSet;

use crate::data::{Cell, FieldKind, Side, Value, id_core};
use crate::lang::plan::{Around, Convert, Converted, Onto, Target, convert};

use super::base::Agreed;
use super::decision::{Decision, Held};
use super::lines::{Pair, Row};
use super::program::Program;

type Options = BTreeSet<String>;

pub(super) fn decide_values(program: &Program, row: &Row<'_>, pair: &Pair<'_>, out: &mut Decision) {
    let line = row.line;
    let known = pair.quarantined.contains(&(line.rule.uid, row.inputs(program)));
    let mut wanted: Vec<(Side, &Target, Value)> = Vec::new();
    let mut held = Vec::new();
    for to in Side::BOTH.into_iter().filter(|to| line.policy.writes(*to)) {
        let Some(target) = pair.target(line, to) else { continue };
        let value = match merged(program, row, to, target, &mut held) {
            Converted::Value(carried) => carried.into_value(),
            Converted::Blank => Value::Null,
            Converted::Skip(why) | Converted::Hold(why) | Converted::Restore(why) => {
                held.push(Held::skipped(&line.rule, why, row.inputs(program)));
                continue;
            }
            Converted::LeaveOut { .. } => continue,
            Converted::Reject(why) => {
                held.push(Held::rejected(&line.rule, why, row.inputs(program)));
                continue;
            }
        };
        if !value.cell().same(&row.actual[to]) {
            match target.updateable {
                true => wanted.push((to, target, value)),
                false => {
                    let why = format!("`{}` cannot be changed", target.label);
                    held.push(Held::skipped(&line.rule, why, row.inputs(program)));
                }
            }
        }
    }
    if let Some(stops) = held.iter().position(|held| held.reject) {
        return out.held.push(Held { known, ..held.swap_remove(stops) });
    }
    if known {
        return out.held.push(Held::quiet(&line.rule));
    }
    // One issue for a row is enough.
    out.held.extend(held.into_iter().take(1));
    if wanted.is_empty() {
        return row.agree(out);
    }
    // Where both sides are to be written, what was agreed stands until both are: either write may fail alone.
    let both = wanted.len() > 1;
    if both && row.agreed.is_none() {
        out.agreed.push(Agreed { line: line.rule.uid, ..Agreed::default() });
    }
    for (to, target, value) in wanted.into_iter().filter(|(to, ..)| pair.open[*to]) {
        row.write(program, to, target, value, true, out);
        if let Some(last) = out.moves.last_mut() {
            last.restores = both;
        }
    }
}

/// The options of `to`, with what the other side added and without what it took away.
fn merged(program: &Program, row: &Row<'_>, to: Side, target: &Target, held: &mut Vec<Held>) -> Converted<'static> {
    let line = row.line;
    let from = to.other();
    let carry = |option: &str| row.carry(program, Cell::Text(option), to, target).into_owned();
    // What our write replaced unseen was edited from something older than what is agreed: it only adds.
    let own = |side: Side| -> Options {
        let mut own = options(row.seen[side]);
        if row.disputed[side] {
            own.extend(options(row.actual[side]));
        }
        own
    };
    let was = row.agreed.map(|agreed| options(agreed.on(from))).unwrap_or_default();
    let (mut before, mut after) = (Options::new(), Options::new());
    for option in &was {
        if let Converted::Value(carried) = carry(option) {
            before.extend(options(carried.cell()));
        }
    }
    for option in own(from) {
        let known = was.contains(&option);
        match carry(&option) {
            Converted::Value(carried) => after.extend(options(carried.cell())),
            // Reported when it is new; later it is as it was.
            Converted::Skip(why) | Converted::Hold(why) | Converted::Restore(why) if !known => {
                held.push(Held::skipped(&line.rule, why, row.inputs(program)))
            }
            Converted::Reject(why) if !known => held.push(Held::rejected(&line.rule, why, row.inputs(program))),
            _ => {}
        }
    }
    let mut own = own(to);
    if line.policy.onto == Onto::AddOnly {
        // An id that is there in its other form is there.
        let new: Vec<String> =
            after.into_iter().filter(|new| own.iter().all(|own| id_core(own) != id_core(new))).collect();
        own.extend(new);
    } else {
        own.retain(|option| after.contains(option) || !before.contains(option));
        own.extend(after.difference(&before).cloned());
    }
    let joined = Value::text(own.into_iter().collect::<Vec<_>>().join(";"));
    // It is in the words of `to` already.
    let plain = Convert { handlers: line.convert[to].handlers.clone(), ..Convert::default() };
    convert(joined.cell(), &plain, &Around::default(), to, target).into_owned()
}

fn options(cell: Cell<'_>) -> Options {
    let text = cell.text();
    FieldKind::canonical_options(&text).split(';').filter(|option| !option.is_empty()).map(str::to_owned).collect()
}
