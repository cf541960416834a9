//! A row of a map: which value goes where, who wins, what a blank does.

use std::collections::BTreeSet;

use super::Teller;
use super::document::{Document, Part};
use super::passing::passing;
use super::phrases::{crm, number, per_type, target_names, when};
use super::wakes;
use crate::data::Side;
use crate::lang::plan::{Block, Cond, Currencies, Flow, Handler, Line, OnClear, Onto, Policy, Source, Target, Winner};

impl Teller<'_> {
    pub(super) fn row(&self, block: &Block, at: usize) -> Option<Document> {
        let line = block.lines.get(at)?;
        let mut document = Document::new(&*line.rule.name, "row", self.at(&line.rule.place))
            .with("what it does", vec![Part::Text(what(block, line))])
            .with("for which records", which(block, line))
            .with("when values change", changes(&line.policy, line));
        document = document
            .with("first link", vec![Part::Text(first_link(&line.policy, line.at_creation))])
            .with("at creation", vec![Part::List(at_creation(block, line))])
            .with("what does not fit", vec![Part::List(fitting(block, line))])
            .with("what wakes it", vec![Part::List(wakes_row(block, line))])
            .with("what it costs", vec![Part::List(self.cost_of_row(block, line))]);
        let fields = fields_of(block, line);
        Some(document.with("tests", self.tests_of(&line.rule.name, &fields)))
    }

    fn cost_of_row(&self, block: &Block, line: &Line) -> Vec<String> {
        let sides: Vec<Side> = Side::BOTH.into_iter().filter(|side| line.policy.writes(*side)).collect();
        let mut slots = wakes::slots(block, &line.when);
        Side::BOTH.into_iter().for_each(|side| wakes::with_parts(block, line.slots[side], &mut slots));
        let mut out = vec![self.cost_of_writing(&sides)];
        out.extend(self.cost_of_reading(block, &slots));
        if (line.policy.flow, line.policy.winner) == (Flow::Both, Winner::Newest) {
            for side in Side::BOTH {
                if let Some(records) = self.per_call[side].field_times {
                    out.push(format!(
                        "where both sides changed it, {} is asked when it did: one call for up to {} records",
                        crm(side),
                        number(records)
                    ));
                }
            }
        }
        out
    }
}

/// The fields that the row writes: side, type, name.
pub(super) fn fields_of<'b>(block: &'b Block, line: &'b Line) -> Vec<(Side, &'b str, &'b str)> {
    let mut out = Vec::new();
    for side in Side::BOTH {
        for (ty, target) in block.types[side].iter().zip(&line.targets[side]) {
            out.extend(target.as_ref().map(|target| (side, ty.name.as_str(), &*target.name)));
        }
    }
    out
}

/// One end of the row in words.
pub(super) fn end(block: &Block, line: &Line, side: Side) -> String {
    let targets = target_names(&line.targets[side]);
    if targets.iter().any(Option::is_some) {
        return per_type(block, side, &targets);
    }
    let Some(slot) = block.slots.get(line.slots[side]) else { return "nothing".to_owned() };
    match &slot.source {
        Source::Constant(_) => format!("the value {} of the rules", slot.name),
        Source::Composed(_) => format!("the text {}, put together of fields", slot.name),
        Source::FirstKnown(_) => {
            let names: Vec<String> = slot.name.split(" else ").map(|name| format!("`{name}`")).collect();
            format!("the first of {} that is known in {}", names.join(", "), crm(side))
        }
        Source::ListOf { count } => {
            let of = block.counts.get(*count).map_or("", |count| &count.referring.ty.name);
            format!("the `{}` of {}: of every {of} that names the record, each value once", slot.name, crm(side))
        }
        Source::RecordId { .. } | Source::ReachedId { .. } => {
            format!("the record id (`{}`) of {}", slot.name, crm(side))
        }
        Source::Field { fields, .. } => {
            let names: Vec<Option<String>> = block.types[side]
                .iter()
                .zip(fields)
                .map(|(ty, uid)| super::phrases::field_name(ty, *uid).map(str::to_owned))
                .collect();
            per_type(block, side, &names)
        }
        _ => format!("`{}` of {}", slot.name, crm(side)),
    }
}

pub(super) fn what(block: &Block, line: &Line) -> String {
    let (left, right) = (end(block, line, Side::Left), end(block, line, Side::Right));
    let through = through(block, line).map_or_else(String::new, |through| format!(", {through}"));
    let zone = line.convert.left.zone.as_ref().or(line.convert.right.zone.as_ref());
    let day = zone.map_or_else(String::new, |zone| format!(" The day counts, as it is in {}.", zone.name()));
    let main = match line.policy.flow {
        Flow::Both if line.policy.by_value() => format!("Keeps the same values in {left} and {right}{through}."),
        Flow::Both => format!("Keeps {left} and {right} the same{through}."),
        Flow::To(side) => {
            let (from, to) = if side == Side::Left { (right, left) } else { (left, right) };
            let verb = match line.policy.onto {
                Onto::Replace => "Writes",
                Onto::IfBlank => "Fills a blank with",
                Onto::AddOnly => "Adds",
            };
            let into = if line.policy.onto == Onto::IfBlank { "in" } else { "to" };
            format!("{verb} {from} {into} {to}{through}. {} is never changed by it.", crm(side.other()))
        }
    };
    format!("{main}{day}")
}

pub(super) fn through(block: &Block, line: &Line) -> Option<String> {
    let convert = Side::BOTH.into_iter().map(|side| &line.convert[side]);
    for convert in convert {
        if let Some(table) = convert.table.and_then(|table| block.tables.picklists.get(table)) {
            return Some(format!("through the picklist `{}`", table.name));
        }
        if let Some(table) = convert.place.and_then(|place| block.tables.places.get(place.table)) {
            return Some(format!("through the place `{}`", table.name));
        }
        if let Some(table) = convert.owners.and_then(|table| block.tables.owners.get(table)) {
            return Some(format!("through the owners `{}`", table.name));
        }
    }
    None
}

fn which(block: &Block, line: &Line) -> Vec<Part> {
    let mut out = Vec::new();
    for side in Side::BOTH.into_iter().filter(|side| line.policy.writes(*side)) {
        let gates = passing(block, side, false).map_or_else(String::new, |gates| format!(" {gates}"));
        let every = if gates.is_empty() { "every linked record" } else { "linked records" };
        out.push(format!("to {}: {every}{gates}", crm(side)));
        let lacking: Vec<String> = block.types[side]
            .iter()
            .zip(&line.targets[side])
            .filter(|(_, target)| target.is_none())
            .map(|(ty, _)| ty.name.clone())
            .collect();
        if !lacking.is_empty() {
            out.push(format!("not where the record in {} is a {}", crm(side), super::phrases::joined(&lacking, "or")));
        }
    }
    if line.when != Cond::Always && line.when != Cond::All(Vec::new()) {
        out.push(format!("only while {}; else it is not there, and forgets nothing", when(block, &line.when)));
    }
    vec![Part::List(out)]
}

/// The table of docs/language.md, for one row.
pub(super) fn changes(policy: &Policy, line: &Line) -> Vec<Part> {
    if line.at_creation {
        return vec![Part::Text("It writes in the call that creates the record, and never again.".to_owned())];
    }
    let mut out = Vec::new();
    for side in Side::BOTH {
        out.push(format!("changed in {}: {}", crm(side), changed(policy, side)));
    }
    for side in Side::BOTH {
        out.push(format!("cleared in {}: {}", crm(side), cleared(policy, line, side)));
    }
    if policy.flow == Flow::Both {
        out.push(format!("changed in both: {}", conflict(policy)));
    }
    vec![Part::List(out)]
}

fn changed(policy: &Policy, side: Side) -> String {
    let other = side.other();
    if !policy.writes(other) {
        return match policy.onto {
            Onto::Replace => format!("the value of {} comes back", crm(other)),
            _ => "it stays".to_owned(),
        };
    }
    match (policy.onto, policy.winner) {
        (Onto::IfBlank, _) => format!("goes to {} where that is blank", crm(other)),
        (Onto::AddOnly, _) => format!("what is new is added in {}, nothing is taken away", crm(other)),
        (_, Winner::MergeValues) => format!("what was added or taken away is added or taken away in {}", crm(other)),
        (_, Winner::ForwardOnly) => {
            format!("goes to {} where it is higher, else the higher one comes back", crm(other))
        }
        (_, Winner::Prefer(preferred)) if preferred != side => {
            format!("goes to {0} only where {0} is blank, else the value of {0} comes back", crm(other))
        }
        _ => format!("goes to {}", crm(other)),
    }
}

fn cleared(policy: &Policy, line: &Line, side: Side) -> String {
    if policy.by_value() {
        return "its values count as taken away".to_owned();
    }
    let other = side.other();
    match policy.clear[side] {
        OnClear::Keep => "each side stays as it is until it changes next".to_owned(),
        OnClear::Restore if policy.writes(side) => format!("the value of {} comes back", crm(other)),
        OnClear::Restore => "it stays blank".to_owned(),
        OnClear::Pass if !policy.writes(other) => format!("the value of {} comes back", crm(other)),
        OnClear::Pass => {
            let required = line.targets[other].iter().flatten().any(|target| target.required);
            let substitute = line.convert[other].handlers.iter().find_map(|handler| match handler {
                Handler::Use(value) => Some(value),
                _ => None,
            });
            match (required, substitute) {
                (_, Some(value)) => format!("{} is written in {}", shown(value), crm(other)),
                (true, None) => format!("{} never takes a blank: what does not fit, see below", crm(other)),
                (false, None) => format!("cleared in {}", crm(other)),
            }
        }
    }
}

fn conflict(policy: &Policy) -> String {
    match (policy.onto, policy.winner) {
        (Onto::IfBlank | Onto::AddOnly, _) => "nothing is replaced".to_owned(),
        (_, Winner::Newest) => {
            "the newer change wins: of HubSpot the time of the property counts, of Salesforce that of the record"
                .to_owned()
        }
        (_, Winner::NewestRecord) => "the record that was changed last wins".to_owned(),
        (_, Winner::Wins(side)) => format!("{} wins, also when it is the one that is blank", crm(side)),
        (_, Winner::Prefer(side)) => format!("{} wins unless it is blank", crm(side)),
        (_, Winner::MergeValues) => "both changes are made on both sides".to_owned(),
        (_, Winner::ForwardOnly) => "the higher value goes to both".to_owned(),
        (_, Winner::AskFirst) => {
            "nothing is written until a person makes them equal; it is listed as an issue".to_owned()
        }
    }
}

pub(super) fn first_link(policy: &Policy, at_creation: bool) -> String {
    if at_creation {
        return "When two records are linked that exist already, it does nothing.".to_owned();
    }
    let known = match (policy.flow, policy.onto, policy.winner) {
        (_, Onto::IfBlank, _) => "known values stay as they are".to_owned(),
        (_, Onto::AddOnly, _) => "values are added".to_owned(),
        (Flow::To(side), ..) => format!("the value of {} replaces the other", crm(side.other())),
        (_, _, Winner::MergeValues) => "both get all values of both".to_owned(),
        (_, _, Winner::ForwardOnly) => "both get the higher one".to_owned(),
        (_, _, Winner::AskFirst) => "different values are held for a person".to_owned(),
        (_, _, Winner::Wins(side) | Winner::Prefer(side)) => format!("both get the value of {}", crm(side)),
        (_, _, Winner::NewestRecord) => "both get the value of the record that was changed last".to_owned(),
        (_, _, Winner::Newest) => {
            "both get the newer one, that of Salesforce where times cannot be compared".to_owned()
        }
    };
    let blank = match policy.flow {
        Flow::Both => "a known value goes to a blank".to_owned(),
        Flow::To(side) => format!("a known value of {} goes to a blank", crm(side.other())),
    };
    format!(
        "When two records are linked for the first time, a blank clears nothing: {blank}. Where both are known, {known}."
    )
}

fn at_creation(block: &Block, line: &Line) -> Vec<String> {
    let mut out = Vec::new();
    for side in Side::BOTH.into_iter().filter(|side| line.policy.writes(*side)) {
        let created = |ty: usize| block.create[side].iter().any(|create| create.target == Some(ty));
        for (ty, target) in line.targets[side].iter().enumerate().filter(|(ty, _)| created(*ty)) {
            let (Some(member), Some(target)) = (block.types[side].get(ty), target) else { continue };
            let needs = if target.required { ", which needs it" } else { "" };
            match target.createable {
                true => out.push(format!("a new {} {} gets it{needs}", crm(side), member.name)),
                false => out.push(format!("a new {} {} gets it in a second call", crm(side), member.name)),
            }
        }
    }
    out
}

/// What the row does with values that the target does not take.
pub(super) fn fitting(block: &Block, line: &Line) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for side in Side::BOTH.into_iter().filter(|side| line.policy.writes(*side)) {
        let targets: Vec<(&str, &Target)> = block.types[side]
            .iter()
            .zip(&line.targets[side])
            .filter_map(|(ty, target)| Some((ty.name.as_str(), target.as_ref()?)))
            .collect();
        let limits = |of: fn(&Target) -> Option<u32>| -> String {
            let found: BTreeSet<u32> = targets.iter().filter_map(|(_, target)| of(target)).collect();
            let found: Vec<String> = found.into_iter().map(number).collect();
            super::phrases::joined(&found, "or")
        };
        for handler in &line.convert[side].handlers {
            let said = match handler {
                Handler::Truncate => {
                    let max = limits(|target| target.max);
                    // What the other side cannot hold does not come from there.
                    let longest = line.targets[side.other()].iter().flatten().map(|target| target.max);
                    let longest = longest.collect::<Option<Vec<u32>>>().and_then(|all| all.into_iter().max());
                    let shortest = targets.iter().filter_map(|(_, target)| target.max).min();
                    match max.is_empty() || (longest.is_some() && longest <= shortest) {
                        true => continue,
                        false => format!("a text of more than {max} characters is cut for {}", crm(side)),
                    }
                }
                Handler::Round => {
                    let scale = limits(|target| target.scale);
                    match scale.is_empty() {
                        true => continue,
                        false => format!("more than {scale} digits behind the point are rounded for {}", crm(side)),
                    }
                }
                Handler::Skip => "what does not fit leaves the field as it is, and is listed as an issue".to_owned(),
                Handler::Reject => "what does not fit stops the whole record, and is listed as an issue".to_owned(),
                Handler::Use(value) => {
                    format!("{} stands in where {} would be given a blank", shown(value), crm(side))
                }
            };
            if !out.contains(&said) {
                out.push(said);
            }
        }
    }
    if let Some(money) = &line.currencies {
        let does = if money.reject { "stops the whole record" } else { "leaves the field as it is" };
        out.push(format!("an amount in another currency than the other side's {does}, and is listed as an issue"));
    }
    if out.is_empty() {
        out.push(
            "everything fits by the schema; what still does not is left as it is, and listed as an issue".to_owned(),
        );
    }
    out
}

fn shown(value: &crate::data::Value) -> String {
    value.cell().to_string()
}

fn wakes_row(block: &Block, line: &Line) -> Vec<String> {
    let mut slots = BTreeSet::new();
    for side in Side::BOTH {
        wakes::with_parts(block, line.slots[side], &mut slots);
    }
    slots.extend(line.currencies.iter().flat_map(Currencies::slots));
    let mut out = wakes::of_slots(block, slots);
    for more in wakes::of_cond(block, &line.when) {
        if !out.contains(&more) {
            out.push(more);
        }
    }
    let gated = Side::BOTH.into_iter().any(|side| line.policy.writes(side) && !block.gates.to[side].is_empty());
    if gated || !block.gates.both.is_empty() {
        out.push("whatever lets the record through the gates, or keeps it out".to_owned());
    }
    out
}
