//! A record as an example, in the words of the rules: `{ lifecyclestage: lead, email: "a@acme.com" }`.

use std::collections::BTreeSet;

use super::{Sense, Shape};
use crate::data::{FieldKind, Value};
use crate::lang::check::checked::{CheckedSource, CheckedSync};
use crate::lang::meaning::{Domain, NOW, Record};
use crate::lang::plan::{Cond, SlotId, slots_of};

const DAY: i64 = 86_400_000;

impl Sense<'_> {
    /// What of the record the conditions ask for.
    pub(in crate::lang::check) fn shown(
        &self,
        checked: &CheckedSync,
        shape: Shape,
        record: &Record,
        conds: &[&Cond],
    ) -> String {
        let mut words = Words::default();
        self.tell(checked, shape, record, conds, &mut words);
        words.whole()
    }

    /// The same, added to what is said of the record already.
    pub(super) fn tell(
        &self,
        checked: &CheckedSync,
        shape: Shape,
        record: &Record,
        conds: &[&Cond],
        words: &mut Words,
    ) {
        let aged = aged(conds);
        let mut asked = BTreeSet::new();
        for cond in conds {
            slots_of(cond, &mut |slot| {
                asked.insert(slot);
            });
        }
        let Words { fields, facts } = words;
        for (at, value) in &record.values {
            let Some(slot) = checked.slots.get(*at) else { continue };
            let domain = self.spaces.get(&shape).and_then(|space| space.domains.get(*at));
            let seen = asked.contains(at) || asked.iter().any(|slot| self.stands_for(shape, *slot) == Some(*at));
            if !seen || matches!(domain, None | Some(Domain::Fixed(_))) {
                continue;
            }
            let holds = *value == Value::Bool(true);
            match &slot.source {
                CheckedSource::Member { list, .. } => {
                    facts.push(format!("{}on the list \"{list}\"", if holds { "" } else { "not " }));
                }
                CheckedSource::Unique { .. } => facts.push(match holds {
                    true => slot.name.clone(),
                    false => slot.name.replacen(" is unique", " is not unique", 1),
                }),
                // The question is `any`, whatever the first one that asked it said.
                CheckedSource::Count { .. } => facts.push(match (slot.name.strip_prefix("no "), holds) {
                    (Some(rest), true) => format!("with any {rest}"),
                    (Some(rest), false) => format!("with no {rest}"),
                    (None, true) => format!("with {}", slot.name),
                    (None, false) => format!("without {}", slot.name),
                }),
                _ => fields.push(format!("{}: {}", slot.name, written(value, slot.kind, aged.contains(at)))),
            }
        }
    }
}

/// What is said of a record: its fields with their values, and what else holds of it.
#[derive(Default)]
pub(super) struct Words {
    fields: Vec<String>,
    facts: Vec<String>,
}

impl Words {
    pub(super) fn whole(self) -> String {
        let Words { fields, facts } = self;
        match (fields.is_empty(), facts.is_empty()) {
            (true, true) => "any record".to_owned(),
            (true, false) => format!("a record {}", facts.join(", ")),
            (false, _) => {
                let fields = format!("{{ {} }}", fields.join(", "));
                [vec![fields], facts].concat().join(", ")
            }
        }
    }
}

impl Sense<'_> {
    /// The slot that holds the value of this one.
    fn stands_for(&self, shape: Shape, slot: SlotId) -> Option<SlotId> {
        match self.spaces.get(&shape)?.domains.get(slot)? {
            Domain::As(other) => Some(*other),
            _ => None,
        }
    }
}

/// Slots of which the age is asked.
fn aged(conds: &[&Cond]) -> BTreeSet<SlotId> {
    let mut timed = Vec::new();
    conds.iter().for_each(|cond| crate::lang::plan::timed(cond, &mut timed));
    let slots = timed.iter().filter_map(|cond| match cond {
        Cond::Within { slot, .. } | Cond::Before { slot, .. } => Some(*slot),
        _ => None,
    });
    slots.collect()
}

/// As a rule would write it.
pub(super) fn written(value: &Value, kind: FieldKind, aged: bool) -> String {
    match value {
        Value::Null => "blank".to_owned(),
        Value::Time(at) if aged && *at < NOW && (NOW - at) % DAY == 0 => format!("{} days ago", (NOW - at) / DAY),
        Value::Time(at) if aged && *at == NOW => "now".to_owned(),
        Value::Text(text) => {
            let word = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
            match kind == FieldKind::Option && word {
                true => text.to_string(),
                false => format!("{:?}", &**text),
            }
        }
        other => other.cell().text().into_owned(),
    }
}
