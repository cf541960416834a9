//! One `sync` as a whole.

use super::Teller;
use super::create::told;
use super::document::{Document, Part};
use super::phrases::{and, crm, plural, span, types, when};
use super::row::{end, through};
use crate::data::Side;
use crate::lang::plan::{Block, Choice, Cond, Events, Flow, Line, OnClear, OnDelete, Onto, Setting, Winner};

impl Teller<'_> {
    pub(super) fn sync(&self, block: &Block) -> Document {
        let mut document = Document::new(&*block.name, "sync", self.at(&block.place))
            .with("what it does", vec![Part::Text(what(block))]);
        let matches = block.matches.iter().map(|line| match line.proposes {
            true => format!("`{}`, if somebody says so", line.rule.name),
            false => format!("`{}`", line.rule.name),
        });
        let matches = matches.collect();
        document = document.with(
            "which records are the same",
            vec![Part::Text("The first of these lines that finds a partner decides:".into()), Part::List(matches)],
        );
        document = document.with("in both directions", vec![Part::List(gates(block, None))]);
        for side in [Side::Right, Side::Left] {
            document = document.with(&format!("to {}", crm(side)), vec![Part::List(way(block, side))]);
        }
        let head = ["HubSpot", "", "Salesforce", "who wins", "also"].map(str::to_owned).to_vec();
        let rows = block.lines.iter().map(|line| row(block, line)).collect();
        document = document.with("fields", vec![Part::Table { head, rows }]);
        if let Some(recheck) = block.recheck {
            let text =
                format!("Computed fields, of which the CRMs tell no changes, are read again every {}.", span(recheck));
            document = document.with("computed fields", vec![Part::Text(text)]);
        }
        document.with("what it costs", vec![Part::List(self.cost_of_sync(block))])
    }

    fn cost_of_sync(&self, block: &Block) -> Vec<String> {
        let mut out = Vec::new();
        for side in Side::BOTH {
            let per = &self.per_call[side];
            let types = block.types[side].len();
            let calls = types.div_ceil(per.types.max(1));
            out.push(format!(
                "{}: {} per pass to see what changed, with up to {} records of a type in each",
                crm(side),
                plural(calls, "call"),
                super::phrases::number(per.changed)
            ));
        }
        let mut slots: Vec<&Cond> = block.gates.both.iter().map(|gate| &gate.when).collect();
        for side in Side::BOTH {
            slots.extend(block.gates.to[side].iter().map(|gate| &gate.when));
            slots.extend(block.create[side].iter().map(|create| &create.when));
        }
        slots.extend(block.lines.iter().map(|line| &line.when));
        if let Some(lifecycle) = &block.lifecycle {
            slots.extend(lifecycle.reach.iter().chain(&lifecycle.back).map(|rule| &rule.when));
        }
        let mut all = std::collections::BTreeSet::new();
        slots.into_iter().for_each(|cond| all.extend(super::wakes::slots(block, cond)));
        for line in &block.lines {
            Side::BOTH.into_iter().for_each(|side| super::wakes::with_parts(block, line.slots[side], &mut all));
        }
        out.extend(self.cost_of_reading(block, &all));
        for side in Side::BOTH.into_iter().filter(|side| block.lines.iter().any(|line| line.policy.writes(*side))) {
            let per = &self.per_call[side];
            out.push(format!(
                "{}: {} new or {} changed records are written in one call",
                crm(side),
                super::phrases::number(per.creates),
                super::phrases::number(per.updates)
            ));
        }
        out
    }
}

pub(super) fn what(block: &Block) -> String {
    let ways: Vec<Side> =
        Side::BOTH.into_iter().filter(|side| block.lines.iter().any(|line| line.policy.writes(*side))).collect();
    let (left, right) = (types(block, Side::Left, "or"), types(block, Side::Right, "or"));
    match ways.as_slice() {
        [side] if *side == Side::Right => format!("Carries data of {left} to {right}."),
        [_] => format!("Carries data of {right} to {left}."),
        _ => format!("Keeps {left} and {right} in step."),
    }
}

fn gates(block: &Block, to: Option<Side>) -> Vec<String> {
    let all = super::find::gates(block, to);
    let mut out = Vec::new();
    let includes: Vec<_> = all.iter().filter(|gate| !gate.exclude).collect();
    if includes.len() > 1 {
        out.push("a record needs one of the `include` lines".to_owned());
    }
    for gate in includes {
        out.push(format!("include {} when {}", gate.rule.name, when(block, &gate.when)));
    }
    for gate in all.iter().filter(|gate| gate.exclude) {
        out.push(format!("exclude {} when {}", gate.rule.name, when(block, &gate.when)));
    }
    out
}

fn way(block: &Block, side: Side) -> Vec<String> {
    let mut out = gates(block, Some(side));
    if !block.pick[side].is_empty() {
        let choices: Vec<String> = block.pick[side].iter().map(|choice| choice_words(block, side, choice)).collect();
        out.push(format!("of several that match: {}", choices.join(", then ")));
    }
    out.extend(block.create[side].iter().map(|create| told(block, side, create)));
    if block.create[side].is_empty() && block.lines.iter().any(|line| line.policy.writes(side)) {
        out.push("nothing is created".to_owned());
    }
    out.extend(events(block, side, &block.events[side]));
    out
}

fn choice_words(block: &Block, side: Side, choice: &Choice) -> String {
    match choice {
        Choice::MostRecentlyUpdated => "the one that was updated last".to_owned(),
        Choice::OldestCreated { .. } => "the one that was created first".to_owned(),
        Choice::Type(ty) => format!("a {}", block.types[side].get(*ty).map_or("?", |ty| &ty.name)),
        Choice::When(cond) => format!("one where {}", when(block, cond)),
    }
}

fn events(block: &Block, side: Side, events: &Events) -> Vec<String> {
    if !block.lines.iter().any(|line| line.policy.writes(side)) {
        return Vec::new();
    }
    let other = crm(side.other());
    let mut out = Vec::new();
    out.push(match &events.delete {
        OnDelete::Ignore => format!("its partner deleted in {other}: it is left as it is"),
        OnDelete::Unlink => format!("its partner deleted in {other}: it stands alone, and may get another one"),
        OnDelete::Delete(_) => format!("its partner deleted in {other}: it is deleted, too"),
        OnDelete::Set(settings) => format!("its partner deleted in {other}: {}", set(settings)),
    });
    if !events.restore.is_empty() {
        out.push(format!("its partner restored in {other}: {}", set(&events.restore)));
    }
    out.push(match events.follow_merges {
        true => format!("its partner merged away in {other}: it goes on with the survivor"),
        false => format!("its partner merged away in {other}: nothing flows to it any more"),
    });
    if events.relink.is_some() {
        out.push(format!("the link moves to another record in {} when that is picked", crm(side)));
    }
    out.push(match block.gates.keep_syncing[side] {
        true => "no longer within the gates: it goes on".to_owned(),
        false => "no longer within the gates: the link stays, nothing flows".to_owned(),
    });
    if !events.leave.is_empty() {
        out.push(format!("and then, once: {}", set(&events.leave)));
    }
    out
}

fn set(settings: &[Setting]) -> String {
    let each: Vec<String> = settings
        .iter()
        .filter_map(|setting| {
            let target = setting.targets.iter().flatten().next()?;
            Some(format!("`{}` is set to {}", target.name, setting.value.cell()))
        })
        .collect();
    and(&each)
}

fn row(block: &Block, line: &Line) -> Vec<String> {
    let arrow = match line.policy.flow {
        Flow::Both => "<->",
        Flow::To(Side::Right) => "->",
        Flow::To(Side::Left) => "<-",
    };
    let short = |side: Side| end(block, line, side).replace('`', "").replace(&format!(" of {} ", crm(side)), " of ");
    let short = |side: Side| match block.types[side].len() {
        1 => short(side).rsplit_once(" of ").map_or_else(|| short(side), |(field, _)| field.to_owned()),
        _ => short(side),
    };
    vec![short(Side::Left), arrow.to_owned(), short(Side::Right), winner(line), also(block, line)]
}

fn winner(line: &Line) -> String {
    match (line.policy.flow, line.policy.onto, line.policy.winner) {
        (Flow::To(_), Onto::Replace, _) => String::new(),
        (_, Onto::IfBlank, _) => "only blanks are filled".to_owned(),
        (_, Onto::AddOnly, _) => "values are only added".to_owned(),
        (_, _, Winner::Newest) => "the newer".to_owned(),
        (_, _, Winner::NewestRecord) => "the newer record".to_owned(),
        (_, _, Winner::Wins(side)) => crm(side).to_owned(),
        (_, _, Winner::Prefer(side)) => format!("{} unless blank", crm(side)),
        (_, _, Winner::MergeValues) => "both are merged".to_owned(),
        (_, _, Winner::ForwardOnly) => "the higher".to_owned(),
        (_, _, Winner::AskFirst) => "a person".to_owned(),
    }
}

fn also(block: &Block, line: &Line) -> String {
    let mut out = Vec::new();
    out.extend(through(block, line));
    if line.at_creation {
        out.push("at creation only".to_owned());
    }
    if let Some(group) = line.group.and_then(|group| block.groups.get(group)) {
        out.push(format!("together {}", group.rule.name));
    }
    let usual = crate::lang::plan::Policy::new(line.policy.flow, line.policy.winner, line.policy.onto);
    for side in Side::BOTH {
        if line.policy.clear[side] != usual.clear[side] {
            let what = match line.policy.clear[side] {
                OnClear::Pass => "a clear goes across",
                OnClear::Keep => "a clear changes nothing",
                OnClear::Restore => "a clear is undone",
            };
            out.push(format!("{what} ({})", crm(side)));
        }
    }
    if line.when != Cond::Always && line.when != Cond::All(Vec::new()) {
        out.push(format!("while {}", when(block, &line.when)));
    }
    out.join("; ")
}
