//! Which values may stand at the end, from what the users typed and the rules alone: no batches, no retries, no cursors.

use std::collections::BTreeSet;

use syncline::data::Millis;

use crate::users::{Edit, FIELDS, carried};
use crate::world::{Blind, World};

/// Edits of a linked pair whose value is not there, though nothing that the rules prefer took its place.
pub fn lost_edits(world: &World, email: &str) -> Vec<String> {
    let Some(contact) = world.contact(email) else { return Vec::new() };
    let Some((_, person)) = world.person_of(email, &contact) else { return Vec::new() };
    let linked = world.linked.get(&contact).copied().unwrap_or_default();
    let lineage = world.lineage(&person);
    let heir = lineage.len() > 1;
    let mut out = Vec::new();
    for (line, left, _, _, longest) in FIELDS {
        let edits: Vec<&Edit> =
            world.edits.iter().filter(|e| (e.id == contact || lineage.contains(&e.id)) && e.field == line).collect();
        let Some(mut allowed) = allowed(line, &edits, linked, heir) else { continue };
        // Under another winner another one of them stayed, also of those who were merged since.
        if line == "title" && (world.desk.rules.hubspot_wins || world.desk.changed(|rules| rules.hubspot_wins)) {
            let ids: BTreeSet<String> = world.lineage(&contact).union(&lineage).cloned().collect();
            let all = world.edits.iter().filter(|edit| edit.field == line && ids.contains(&edit.id));
            allowed.extend(all.map(|edit| edit.value.as_str()));
        }
        let held = world.property(&contact, left);
        // What Salesforce kept of a value may have come back, or been typed there again.
        let typed = |value: &str| {
            edits.iter().any(|edit| edit.side == 'H' && carried(&edit.value, longest) == carried(value, longest))
        };
        let round = line == "title" && allowed.iter().any(|value| carried(value, longest) == held);
        let again = allowed.contains(carried(&held, longest).as_str()) && typed(&held);
        if !allowed.contains(held.as_str())
            && !round
            && !again
            && !underway(world, &contact, line, &edits, carried(&held, longest).as_str(), longest)
            && !unforeseen(world, (&contact, &person), &edits, &held, longest)
        {
            out.push(format!("{email}: {left} is {held:?}, and not one of {allowed:?}"));
        }
    }
    out
}

fn allowed<'a>(line: &str, edits: &[&'a Edit], linked: Millis, heir: bool) -> Option<BTreeSet<&'a str>> {
    if edits.is_empty() {
        return None;
    }
    let all = |side: char| edits.iter().filter(move |edit| edit.side == side).map(|edit| edit.value.as_str());
    // What came before an edit that was made at rest counts no more.
    let since = edits.iter().rposition(|edit| edit.calm).unwrap_or(0);
    let last = |side: char| edits[since..].iter().rev().find(|edit| edit.side == side);
    // Who undoes an edit before it was read has changed nothing, as far as anybody can tell.
    let undone = |edit: &Edit| {
        let earlier = edits.iter().filter(|of| of.side == edit.side && of.at < edit.at);
        earlier.clone().any(|of| of.before == edit.value) || earlier.clone().any(|of| of.value == edit.value)
    };
    // What a record held when it was merged or restored is no change of it.
    let changed_at = |side: char| {
        let real = |of: &&&Edit| of.side == side && (of.before != of.value || of.calm);
        edits.iter().rfind(real).map(|of| of.at)
    };
    let mut allowed: BTreeSet<&str> = match (line, last('H'), last('S')) {
        (_, _, Some(s)) if undone(s) => edits.iter().map(|edit| edit.value.as_str()).collect(),
        // `prefer salesforce unless blank`: HubSpot's counts only where Salesforce has none.
        ("title", ..) => match all('S').next_back() {
            Some(value) if !value.is_empty() => [value].into(),
            Some(_) => all('H').chain([""]).collect(),
            None => all('H').collect(),
        },
        // Salesforce wins where both changed. Of HubSpot's later one it depends whether it knew Salesforce's.
        ("first", Some(h), Some(s)) if Some(h.at) >= changed_at('S') => [h.value.as_str(), s.value.as_str()].into(),
        // Times of change are those of records on one side, and a write of ours may lie on top on the other.
        ("city", Some(h), Some(s)) => [h.value.as_str(), s.value.as_str()].into(),
        (_, _, Some(s)) => [s.value.as_str()].into(),
        (_, Some(h), None) => [h.value.as_str()].into(),
        (_, None, None) => return None,
    };
    // What a record lacks that took another one's place, it was not given, as far as anybody can tell.
    if heir && allowed.contains("") {
        allowed.extend(edits.iter().map(|edit| edit.value.as_str()));
    }
    // A blank never clears at the first link.
    if edits.iter().any(|edit| edit.value.is_empty() && edit.at <= linked) && allowed.contains("") {
        allowed.extend(edits.iter().map(|edit| edit.value.as_str()));
    }
    Some(allowed)
}

/// A contact that was merged held this value, and a pass that had read it before brought it to Salesforce after: there it
/// counts as Salesforce's, until somebody edits it there or both come to rest. Where Salesforce is not preferred, it comes
/// back only to a survivor that has none: that one was not given it, as far as anybody can tell.
fn underway(world: &World, contact: &str, line: &str, edits: &[&Edit], held: &str, longest: usize) -> bool {
    let contacts = world.lineage(contact);
    let since = |at: Millis| edits.iter().filter(move |edit| edit.at > at);
    let over = |edit: &&&Edit| edit.calm || edit.side == 'S' && edit.before != edit.value;
    let blank = edits.iter().rfind(|edit| edit.side == 'H').is_some_and(|edit| edit.value.is_empty());
    let of = world.underway.iter().filter(|of| contacts.contains(&of.contact) && of.field == line);
    let mut of = of.filter(|of| carried(&of.value, longest) == held && since(of.at).find(over).is_none());
    (line == "title" || blank) && of.next().is_some()
}

/// A write of which nobody can know what it replaced left this value, or what Salesforce makes of it. Who edited the record
/// after that is known all the same.
fn unforeseen(world: &World, (contact, person): (&str, &str), edits: &[&Edit], held: &str, longest: usize) -> bool {
    let has = |body: &str, value: &str| body.contains(&serde_json::Value::from(value).to_string());
    let names = |body: &str, id: &str| body.contains(id.get(..15).unwrap_or(id));
    let left = |body: &str| {
        let mut typed = edits.iter().map(|edit| edit.value.as_str());
        has(body, held)
            || held.is_empty() && body.contains("null")
            || typed.any(|value| carried(value, longest) == held && has(body, value))
    };
    let over = |of: &&Blind| {
        let mut later = edits.iter().filter(|edit| edit.at > of.at && edit.side == of.side);
        later.any(|edit| names(&of.body, &edit.id))
    };
    let of = world.blind.iter().filter(|of| names(&of.body, contact) || names(&of.body, person));
    of.filter(|of| left(&of.body)).any(|of| !over(&of))
}
