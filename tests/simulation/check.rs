//! What must be true when it is quiet, whatever happened before.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use syncline::data::{Millis, Presence, Side, Uid, decode};
use syncline::store::{OpAct, OpId, OpState, Sid, Store};

use crate::engine::Machine;
use crate::firms;
use crate::identities;
use crate::oracle;
use crate::stages;
use crate::users::{FIELDS, PEOPLE, PHONE, address, carried};
use crate::world::World;

/// How often one record may be written once nothing happens any more: created or brought up to date, given its key, and
/// given back a value that was written over.
const WRITES_IN_QUIET: u32 = 4;

/// Beside these: a stage cleared, given, and moved forward.
const WRITES_OF_STAGES: u32 = 3;

/// A call arrives within this time, or has no part in the story.
const ON_ITS_WAY_MS: i64 = 60_000;

/// A promise that was not kept, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    pub promise: &'static str,
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.promise, self.what)
    }
}

fn broken(promise: &'static str, what: Vec<String>) -> impl Iterator<Item = Broken> {
    what.into_iter().map(move |what| Broken { promise, what })
}

/// Every broken promise, in words.
pub async fn all(machine: &Machine) -> Vec<Broken> {
    let mut out = Vec::new();
    {
        let world = machine.sim.world.lock().unwrap();
        out.extend(world.broken.clone());
        // Where people sell or work somewhere, that is looked at: the rest is the other story's.
        let another = world.deals.is_some() || world.firms.is_some() || world.questions.is_some();
        let people = if another { 0 } else { PEOPLE };
        for email in (0..people).map(address) {
            out.extend(broken("nothing twice", twice(&world, &email)));
            out.extend(broken("deleted stays deleted", recreated(&world, &email)));
            match world.is_excluded(&email) {
                // Who was let in by other rules is there.
                true if world.desk.changed(|rules| rules.staff) => {}
                _ if !world.deleted(&email).is_empty() => {}
                true => out.extend(broken("gates are kept", created(&world, &email))),
                false => {
                    out.extend(broken("both sides equal", unequal(&world, &email)));
                    out.extend(broken("no lost edit", oracle::lost_edits(&world, &email)));
                }
            }
        }
        let most = WRITES_IN_QUIET + if world.deals.is_some() { WRITES_OF_STAGES } else { 0 };
        // A new company has nothing by which it is known yet.
        let often = world.rewritten.iter().filter(|(id, times)| !id.is_empty() && **times > most);
        let often = often.map(|(id, times)| format!("{id} was written {times} times after all was quiet")).collect();
        out.extend(broken("no echo", often));
        out.extend(broken("stages", stages::broken(&world)));
        out.extend(broken("companies", firms::broken(&world)));
    }
    out.extend(broken("who is who", identities::broken(machine).await));
    out.extend(broken("attribution", journal(machine).await));
    out.extend(broken("mirror", mirror(machine).await));
    out.extend(broken("budget", ledger(machine).await));
    out
}

/// At most one live record per address is of our making.
fn twice(world: &World, email: &str) -> Vec<String> {
    let people = world.people(email);
    let ours = people.iter().filter(|(_, _, ours)| *ours).count();
    let mut keys: Vec<String> = people.iter().map(|(object, id, _)| world.text(object, id, "HubSpot_Id__c")).collect();
    keys.retain(|key| !key.is_empty());
    let mut out = Vec::new();
    if ours > 1 {
        out.push(format!("{email}: {ours} records in Salesforce are of our making"));
    }
    if keys.len() > 1 && world.deleted(email).is_empty() {
        out.push(format!("{email}: {} records carry a key", keys.len()));
    }
    out
}

/// Who was linked to a record that a user deleted gets no other one (`on delete ignore`).
fn recreated(world: &World, email: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (object, id) in world.deleted(email) {
        let key = if object == "contact" { id.clone() } else { world.text(object, &id, "HubSpot_Id__c") };
        let again = world.people(email).into_iter().find(|(object, id, _)| {
            object != &"contact" && world.text(object, id, "HubSpot_Id__c") == key && !key.is_empty()
        });
        if let Some((now, again, _)) = again.filter(|_| object != "contact") {
            out.push(format!("{email}: {object} {id} was deleted, and {now} {again} is in its place"));
        }
        let carried = world.people(email).iter().any(|(object, id, _)| world.text(object, id, "HubSpot_Id__c") == key);
        let contact = world.contact(email).filter(|contact| object == "contact" && *contact != id && carried);
        // A second create of the same address may have been on its way.
        let on_its_way = |contact: &String| {
            let made = world.hubspot.record("contact", contact).map(|record| record.created());
            made.zip(world.archived.get(&id)).is_some_and(|(made, gone)| made.since(*gone) < ON_ITS_WAY_MS)
        };
        let contact = contact.filter(|contact| !on_its_way(contact));
        if let Some(contact) = contact.filter(|contact| !world.edits.iter().any(|edit| edit.id == *contact)) {
            out.push(format!("{email}: contact {id} was deleted, and contact {contact} is in its place"));
        }
    }
    out
}

/// The rules create none of our own staff. (What is linked goes on: `on leave keep syncing`.)
fn created(world: &World, email: &str) -> Vec<String> {
    let people = world.people(email).into_iter().filter(|(_, _, ours)| *ours);
    let mut out: Vec<String> = people.map(|(object, id, _)| format!("{email}: {object} {id} was created")).collect();
    let contact = world.contact(email).and_then(|id| world.hubspot.record("contact", &id));
    let first = contact.and_then(|contact| contact.history("email").pop());
    if first.is_some_and(|first| first.source.name() == "API") {
        out.push(format!("{email}: a contact was created"));
    }
    out
}

/// Who is to be on both sides is, once, and holds the same; who is not, is not.
fn unequal(world: &World, email: &str) -> Vec<String> {
    let people = world.people(email);
    let Some(contact) = world.contact(email) else {
        return people.first().map(|_| format!("{email}: in Salesforce only")).into_iter().collect();
    };
    let Some((object, id)) = world.person_of(email, &contact) else {
        let listed = world.listed.contains(&contact);
        return match (people.len(), listed) {
            (0, false) => Vec::new(),
            (0, true) => vec![format!("{email}: on the list and not in Salesforce")],
            (n, _) => vec![format!("{email}: in both CRMs ({n} times in Salesforce) and not linked")],
        };
    };
    let mut out = Vec::new();
    let titles: BTreeSet<bool> =
        world.edits.iter().filter(|e| e.id == contact && e.field == "title").map(|e| e.value == "VIP").collect();
    let merged = !world.property(&contact, "hs_merged_object_ids").is_empty();
    let ours = people.iter().any(|(_, of, ours)| *of == id && *ours) && !merged;
    if ours && titles.len() == 1 && titles.contains(&true) != (object == "Contact") {
        out.push(format!("{email}: was created as a {object}, against the rules"));
    }
    let phone = world.desk.rules.phone.then_some(PHONE);
    for (_, left, lead, of_contact, longest) in FIELDS.into_iter().chain(phone) {
        let right = if object == "Lead" { lead } else { of_contact };
        let (h, s) = (world.property(&contact, left), world.text(object, &id, right));
        if carried(&h, longest) != s {
            out.push(format!("{email}: {left} is {h:?} and {right} is {s:?}"));
        }
    }
    out
}

/// Every operation names its rules, plan and epoch, and has come to an end; plan and rules are those of its pass.
async fn journal(machine: &Machine) -> Vec<String> {
    let mut out = Vec::new();
    let (_, dict) = machine.store.inner.open("check").await.unwrap();
    let plans = machine.sim.world.lock().unwrap().desk.plans.clone();
    if machine.store.in_force()
        != plans
            .iter()
            .find(|(_, rules)| **rules == machine.sim.world.lock().unwrap().desk.rules)
            .map(|(plan, _)| *plan)
    {
        out.push("the plan in force at the end is not the one on disk".to_owned());
    }
    for row in machine.store.journal(OpId(0), usize::MAX).await.unwrap() {
        let create = matches!(row.intent.act, OpAct::Create { .. });
        let ruled = !create || row.intent.rule != Uid::NONE;
        let cells = &row.intent.cells;
        if !ruled || cells.is_empty() || cells.iter().any(|cell| cell.line == Uid::NONE) {
            out.push(format!("operation {} does not name its rules", row.op.0));
        }
        if row.plan.0 == [0; 16] || row.epoch.0 == 0 || row.pass == 0 {
            out.push(format!("operation {} names no plan, epoch or pass", row.op.0));
        }
        if machine.store.plan_of(row.pass) != Some(row.plan) {
            out.push(format!("operation {} is not of the plan of its pass", row.op.0));
        }
        match plans.get(&row.plan) {
            None => out.push(format!("operation {} is of a plan that was never in force", row.op.0)),
            Some(rules) => {
                let names = |what: &str| cells.iter().any(|cell| dict.name(cell.line).contains(what));
                let staff = cells.iter().any(|cell| cell.after.cell().text().ends_with("@acme.com"));
                if !rules.phone && names("phone") || !rules.staff && create && staff {
                    out.push(format!("operation {} is not of the rules of its plan", row.op.0));
                }
            }
        }
        if matches!(row.state, OpState::Intended | OpState::Unknown) {
            out.push(format!("operation {} never came to an end", row.op.0));
        }
    }
    out
}

/// The mirror holds what the CRMs hold: all of it, and nothing else.
async fn mirror(machine: &Machine) -> Vec<String> {
    let all: Vec<Sid> = (1..400).map(Sid).collect();
    let hood = machine.store.load(&all).await.unwrap();
    let (_, dict) = machine.store.inner.open("check").await.unwrap();
    let world = machine.sim.world.lock().unwrap();
    let mut out = Vec::new();
    let mut missing: BTreeSet<String> = (0..PEOPLE)
        .map(address)
        .flat_map(|email| world.people(&email).into_iter().map(|(_, id, _)| id).chain(world.contact(&email)))
        .collect();
    for row in hood.records.iter().filter(|row| row.presence == Presence::Live) {
        missing.remove(&*row.id);
        let name = dict.name(row.ty).split('/').nth(1).unwrap_or_default().to_owned();
        // Archived ones are listed once an hour.
        if name == "contact" && world.hubspot.record("contact", &row.id).is_none_or(|r| r.archived().is_some()) {
            continue;
        }
        let cells: BTreeMap<String, String> = decode(&row.cells)
            .filter_map(Result::ok)
            .map(|(uid, cell)| {
                (dict.name(uid).rsplit('.').next().unwrap_or_default().to_owned(), cell.text().into_owned())
            })
            .collect();
        for (_, left, lead, contact, _) in FIELDS {
            let (field, held) = match name.as_str() {
                "contact" => (left, world.property(&row.id, left)),
                "Lead" => (lead, world.text("Lead", &row.id, lead)),
                "Contact" => (contact, world.text("Contact", &row.id, contact)),
                _ => continue,
            };
            if let Some(mirrored) = cells.get(field).filter(|mirrored| **mirrored != held) {
                out.push(format!("it holds {mirrored:?} for {field} of {name} {}, the CRM {held:?}", row.id));
            }
        }
    }
    out.extend(missing.iter().map(|id| format!("it lacks {id}")));
    out
}

/// Every call was granted before it was made.
async fn ledger(machine: &Machine) -> Vec<String> {
    let mut out = Vec::new();
    for (side, account) in [(Side::Left, "left"), (Side::Right, "right")] {
        let granted = machine.store.inner.spent(account, Millis(0)).await.unwrap();
        let made = machine.sim.world.lock().unwrap().calls[side as usize].len() as u64;
        if made > granted {
            out.push(format!("{made} calls were made on side {side:?} and {granted} granted"));
        }
    }
    out
}

/// The story of one seed, for a person who wants to know why.
pub async fn tell(machine: &Machine) {
    let (_, dict) = machine.store.inner.open("tell").await.unwrap();
    for row in machine.store.journal(OpId(0), usize::MAX).await.unwrap() {
        println!(
            "{} op {} of {:?} {:?} {:?}: {:?}",
            row.at.to_iso(),
            row.op.0,
            row.intent.sid,
            row.side,
            row.intent.act,
            row.state
        );
        for cell in &row.intent.cells {
            let name = dict.name(cell.field);
            println!(
                "      {name}: {:?} -> {:?} from {:?} contested {}",
                cell.before, cell.after, cell.source, cell.contested
            );
        }
        if !row.overwritten.is_empty() {
            println!("      overwritten: {:?}", row.overwritten);
        }
    }
    if let Some(known) = identities::known(&machine.sim, &machine.store.inner).await {
        known.records.iter().for_each(|(rid, record)| println!("{rid:?} of {:?}: {record:?}", known.holder(*rid)));
        known.subjects.iter().for_each(|(sid, members)| println!("{sid:?}: {members:?}"));
        machine.store.issues().await.unwrap().iter().for_each(|row| println!("{:?}", row.issue));
    }
    let world = machine.sim.world.lock().unwrap();
    world.edits.iter().for_each(|edit| println!("{} {edit:?}", edit.at.to_iso()));
    world.log.iter().for_each(|(at, what)| println!("{} {what}", at.to_iso()));
    for email in (0..PEOPLE).map(address) {
        let contact = world.contact(&email).unwrap_or_default();
        let of = ["lifecyclestage", "associatedcompanyid", "hs_merged_object_ids"]
            .map(|name| world.property(&contact, name));
        println!("{email}: contact {contact} {of:?}, in Salesforce {:?}", world.people(&email));
    }
    firms::tell(&world);
}
