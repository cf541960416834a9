//! What must be true of who is who where a rule proposes matches: at every commit, and when all is quiet. Told from the
//! records' keys and from what people said alone.

use std::collections::{BTreeMap, BTreeSet};

use syncline::crm::http::Env;
use syncline::data::Side;
use syncline::store::{BatchIds, Identity, OpAct, OpId, OpState, Rid, Role, Sid, Sqlite, Store, Wave};

use crate::engine::Machine;
use crate::known::{Known, Words};
use crate::users::{FIELDS, carried};
use crate::world::{Sim, World};

/// Times that records part in a seed.
const MOST_PARTED: u32 = 200;

/// Problems of a subject: code and message.
type Codes = BTreeMap<String, String>;

/// The state before a commit, where the story has questions.
pub async fn known(sim: &Sim, store: &Sqlite) -> Option<Known> {
    let dict = sim.world.lock().unwrap().questions.as_ref().map(|of| of.dict.clone())?;
    Some(Known::load(store, &dict).await)
}

/// Whether a wave changes who is who, or makes anybody.
pub fn matters(wave: &Wave) -> bool {
    let mut ops = wave.batches.iter().flat_map(|batch| &batch.ops);
    !wave.identities.is_empty() || ops.any(|op| matches!(op.act, OpAct::Create { .. }))
}

/// A wave was committed.
pub fn intended(sim: &Sim, before: &Known, wave: &Wave, ids: &[BatchIds]) {
    let now = sim.now();
    let mut world = sim.world.lock().unwrap();
    let Some(mut of) = world.questions.take() else { return };
    let after = before.after(&wave.identities);
    for what in unfounded(before, &after, &of.kept) {
        world.breaks("who is who", what);
    }
    for change in &wave.identities {
        if let Identity::Split { rid, .. } = change {
            world.log.push((now, format!("{} parts", before.name(*rid))));
            world.situation("twins part");
            // A pass that parts and joins for ever never ends, so nobody would be told at its end.
            of.parted += 1;
            assert!(of.parted < MOST_PARTED, "{} parts again and again: {:?}", before.name(*rid), wave.identities);
        }
    }
    for (batch, ids) in wave.batches.iter().zip(ids) {
        for (op, id) in batch.ops.iter().zip(&ids.ops) {
            if !matches!(op.act, OpAct::Create { .. }) {
                continue;
            }
            let sources = after.live(op.sid, batch.side.other());
            let names: Vec<String> = sources.iter().map(|rid| after.name(*rid)).collect();
            if let Some((left, right)) = after.questions(op.sid, &of.kept, true).first() {
                let what = format!("{} and {}", after.name(*left), after.name(*right));
                world.breaks("who is who", format!("a partner for {names:?} is created, and {what} are in question"));
            }
            if !after.said_same(op.sid, &of.kept).is_empty() {
                let what = format!("a partner for {names:?} is created, and somebody said which one it has");
                world.breaks("who is who", what);
            }
            of.created.insert(*id, (batch.side, sources));
        }
    }
    world.questions = Some(of);
}

/// Subjects that became one, and neither a certain key nor a word says so.
fn unfounded(before: &Known, after: &Known, words: &Words) -> Vec<String> {
    let mut out = Vec::new();
    for (sid, members) in &after.subjects {
        let old: BTreeSet<Sid> = members.iter().filter_map(|(rid, _)| before.holder(*rid)).collect();
        let Some(first) = old.first().copied() else { continue };
        let mut reached = BTreeSet::from([first]);
        while let Some(next) = old
            .iter()
            .copied()
            .find(|sid| !reached.contains(sid) && reached.iter().any(|of| before.certain(*of, *sid, words)))
        {
            reached.insert(next);
        }
        if reached.len() < old.len() {
            let names: Vec<String> = members.iter().map(|(rid, _)| before.name(*rid)).collect();
            out.push(format!("{names:?} became one ({sid:?} of {old:?}), and nothing says that they are"));
        }
    }
    out
}

/// Something was committed: who was ever linked stays so.
pub fn committed(sim: &Sim, after: &Known) {
    let mut world = sim.world.lock().unwrap();
    let Some(mut of) = world.questions.take() else { return };
    for (left, right) in &of.linked {
        if after.holder(*left) != after.holder(*right) {
            world.breaks("who is who", format!("{} and {} were linked", after.name(*left), after.name(*right)));
        }
    }
    for sid in after.subjects.keys() {
        if let (Some(left), Some(right)) = (after.primary(*sid, Side::Left), after.primary(*sid, Side::Right)) {
            let by_hand = of.kept.get(&(left, right)) == Some(&true);
            if of.linked.insert((left, right)) && by_hand {
                world.situation("linked by hand");
            }
        }
    }
    world.questions = Some(of);
}

/// What must be true when all is quiet.
pub async fn broken(machine: &Machine) -> Vec<String> {
    let store = &*machine.store.inner;
    let Some(known) = known(&machine.sim, store).await else { return Vec::new() };
    let mut issues: BTreeMap<Sid, Codes> = BTreeMap::new();
    for row in store.issues().await.unwrap() {
        issues.entry(row.issue.sid).or_default().insert(row.issue.code, row.issue.message);
    }
    let done = store.journal(OpId(0), usize::MAX).await.unwrap();
    let done: Vec<OpId> = done.iter().filter(|row| row.state == OpState::Done).map(|row| row.op).collect();
    let mut world = machine.sim.world.lock().unwrap();
    let Some(of) = world.questions.take() else { return Vec::new() };
    let mut out: Vec<String> = of.left.values().map(|word| format!("nobody took {word:?}")).collect();
    out.extend(
        known.subjects.iter().filter(|(_, members)| members.is_empty()).map(|(sid, _)| format!("{sid:?} is empty")),
    );
    for rid in known.records.keys().filter(|rid| known.holder(**rid).is_none()) {
        out.push(format!("{} is in no subject", known.name(*rid)));
    }
    out.extend(twice(&known, &of.created, &done));
    // Contacts that are deleted are listed once an hour.
    let away = |id: &str| world.hubspot.record("contact", id).is_none_or(|contact| contact.archived().is_some());
    let unseen = |rid: &Rid| known.records.get(rid).is_some_and(|of| of.side == Side::Left && of.live && away(&of.id));
    let seen = |members: &[(Rid, Role)]| !members.iter().any(|(rid, _)| unseen(rid));
    let seen: Vec<Sid> = known.subjects.iter().filter(|(_, of)| seen(of)).map(|(sid, _)| *sid).collect();
    for sid in &seen {
        let codes = issues.get(sid).cloned().unwrap_or_default();
        out.extend(match known.lone(*sid) {
            Some(side) => alone(&known, *sid, side, &of.kept, &codes),
            None => linked(&world, &known, *sid, &codes),
        });
        if codes.contains_key("R709") {
            world.situation("a question stays open");
        }
    }
    world.questions = Some(of);
    out
}

/// Nobody got two partners of our making.
fn twice(known: &Known, created: &BTreeMap<OpId, (Side, Vec<Rid>)>, done: &[OpId]) -> Vec<String> {
    let mut seen: BTreeSet<(usize, Rid)> = BTreeSet::new();
    let made = created.iter().filter(|(op, _)| done.contains(op));
    let made = made.flat_map(|(_, (side, sources))| sources.iter().map(|rid| (*side as usize, *rid)));
    let again: Vec<(usize, Rid)> = made.filter(|one| !seen.insert(*one)).collect();
    again.into_iter().map(|(_, rid)| format!("for {} two partners were created", known.name(rid))).collect()
}

/// Who has no partner is held by a question, by a key that is not clear, or by a gate.
fn alone(known: &Known, sid: Sid, side: Side, words: &Words, codes: &Codes) -> Vec<String> {
    let names: Vec<String> = known.live(sid, side).into_iter().map(|rid| known.name(rid)).collect();
    let certain: Vec<Sid> =
        known.subjects.keys().copied().filter(|other| *other != sid && known.certain(sid, *other, words)).collect();
    let (asked, may_be_asked) = (known.questions(sid, words, true), known.questions(sid, words, false));
    let (told, unclear) = (codes.contains_key("R709"), codes.contains_key("R701"));
    let mut out = Vec::new();
    if told && may_be_asked.is_empty() {
        out.push(format!("{names:?} are held by a question that nobody asks"));
    }
    if unclear && certain.is_empty() {
        out.push(format!("{names:?} are said to be unclear, and nothing shares a key with them"));
    }
    let waits = side == Side::Right && known.live(sid, side).iter().any(|rid| known.records[rid].title.is_empty());
    if !told && !unclear && (!asked.is_empty() || !waits && may_be_asked.is_empty()) {
        out.push(format!(
            "{names:?} have no partner; questions {asked:?}, problems {codes:?}, the same as {certain:?}"
        ));
    }
    if side == Side::Right && !known.share(&known.live(sid, side)) {
        out.push(format!("{names:?} are one thing, and share nothing"));
    }
    // What is certain links; unless the partner has another one already.
    let free = certain.iter().filter(|other| known.lone(**other) == Some(side.other()));
    if !unclear && free.count() > 0 {
        out.push(format!("{names:?} are the same as {certain:?}, and are not linked"));
    }
    out
}

/// A linked pair is in step, and in no question.
fn linked(world: &World, known: &Known, sid: Sid, codes: &Codes) -> Vec<String> {
    let mut out = Vec::new();
    if codes.keys().any(|code| code == "R709" || code == "R701") {
        let names: Vec<String> = known.subjects[&sid].iter().map(|(rid, _)| known.name(*rid)).collect();
        out.push(format!("{names:?} are linked, and held: {codes:?}"));
    }
    let (Some(left), Some(right)) = (known.primary(sid, Side::Left), known.primary(sid, Side::Right)) else {
        return out;
    };
    let (contact, person) = (&known.records[&left], &known.records[&right]);
    let text = |field: &str| world.text(&person.object, &person.id, field);
    if text("HubSpot_Id__c") != contact.id {
        out.push(format!(
            "{} is linked to contact {}, and says {:?}",
            known.name(right),
            contact.id,
            text("HubSpot_Id__c")
        ));
    }
    for (_, property, lead, of_contact, longest) in FIELDS {
        let held = world.property(&contact.id, property);
        let field = if person.object == "Lead" { lead } else { of_contact };
        if carried(&held, longest) != text(field) {
            out.push(format!("contact {} has {held:?} and {} has {:?}", contact.id, known.name(right), text(field)));
        }
    }
    out
}
