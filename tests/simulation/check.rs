//! What must be true when it is quiet, whatever happened before.

use std::collections::{BTreeMap, BTreeSet};

use syncline::data::{Millis, Uid, decode};
use syncline::store::{OpId, OpState, Sid, Store};

use crate::engine::Machine;
use crate::world::World;

/// The fields of a pair: name for edits, HubSpot's, the lead's and the contact's.
const FIELDS: [(&str, &str, &str, &str); 3] = [
    ("first", "firstname", "FirstName", "FirstName"),
    ("title", "jobtitle", "Title", "Title"),
    ("city", "city", "City", "MailingCity"),
];

/// Every broken promise, in words.
pub async fn broken(machine: &Machine, calm: &[(Millis, Millis)]) -> Vec<String> {
    let mut broken = Vec::new();
    {
        let world = machine.sim.world.lock().unwrap();
        for n in 0..12 {
            let email = format!("p{n}@example.com");
            broken.extend(twice(&world, &email));
            broken.extend(unequal(&world, &email));
            broken.extend(lost_edits(&world, &email, calm));
        }
    }
    broken.extend(journal(machine).await);
    broken.extend(mirror(machine).await);
    broken
}

fn text(world: &World, object: &'static str, id: &str, field: &str) -> String {
    let record = world.salesforce.record(object, id);
    let value = record.and_then(|record| world.salesforce.value(object, record, field));
    value.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn property(world: &World, id: &str, name: &str) -> String {
    world.hubspot.record("contact", id).and_then(|r| r.get(name)).unwrap_or_default().to_owned()
}

/// At most one live record per address is of our making.
fn twice(world: &World, email: &str) -> Option<String> {
    let ours = world.people(email).into_iter().filter(|(_, _, ours)| *ours).count();
    (ours > 1).then(|| format!("{email}: {ours} records in Salesforce are of our making"))
}

/// Linked records hold the same.
fn unequal(world: &World, email: &str) -> Vec<String> {
    let people = world.people(email);
    let Some(contact) = world.contact(email) else { return Vec::new() };
    let linked: Vec<_> =
        people.iter().filter(|(object, id, _)| text(world, object, id, "HubSpot_Id__c") == contact).collect();
    if linked.is_empty() {
        let on_list = world.hubspot.record("contact", &contact).is_some();
        return match (people.len(), on_list) {
            (0, _) => Vec::new(),
            (n, _) => vec![format!("{email}: in both CRMs ({n} times in Salesforce) and not linked")],
        };
    }
    let mut out = Vec::new();
    if linked.len() > 1 {
        out.push(format!("{email}: {} records carry the same key", linked.len()));
    }
    let (object, id, _) = linked[0];
    for (_, left, lead, of_contact) in FIELDS {
        let right = if *object == "Lead" { lead } else { of_contact };
        let (h, s) = (property(world, &contact, left), text(world, object, id, right));
        if h.trim() != s.trim() {
            out.push(format!("{email}: {left} is {h:?} and {right} is {s:?}"));
        }
    }
    out
}

/// The value at the end is the last edit of one side; and where a calm pass lay between the last edits of the two sides,
/// it is the later one.
fn lost_edits(world: &World, email: &str, calm: &[(Millis, Millis)]) -> Vec<String> {
    let Some(contact) = world.contact(email) else { return Vec::new() };
    let linked =
        world.people(email).into_iter().find(|(object, id, _)| text(world, object, id, "HubSpot_Id__c") == contact);
    let Some((_, person, _)) = linked else { return Vec::new() };
    let mut out = Vec::new();
    for (line, left, ..) in FIELDS {
        let edits: Vec<_> =
            world.edits.iter().filter(|e| (e.id == contact || e.id == person) && e.field == line).collect();
        let last = |side: char| edits.iter().rev().find(|edit| edit.side == side);
        let held = property(world, &contact, left).trim().to_owned();
        let allowed: BTreeSet<&str> = match (last('H'), last('S')) {
            (None, None) => continue,
            (Some(h), None) => [h.value.as_str()].into(),
            (None, Some(s)) => [s.value.as_str()].into(),
            (Some(h), Some(s)) => {
                let between = calm.iter().any(|(from, to)| h.at.min(s.at) < *from && *to < h.at.max(s.at));
                match (between, h.at < s.at, line) {
                    (true, true, _) => [s.value.as_str()].into(),
                    // `prefer salesforce`: what HubSpot says over a known value goes back.
                    (true, false, "title") => [s.value.as_str(), h.value.as_str()].into(),
                    (true, false, _) => [h.value.as_str()].into(),
                    (false, ..) => [h.value.as_str(), s.value.as_str()].into(),
                }
            }
        };
        // A title that only HubSpot edited may have been put back; a record may have been linked after the edit.
        let before_link = world.linked.get(&contact).is_none_or(|linked| edits[0].at <= *linked);
        let lenient = line == "title" || before_link;
        if !allowed.contains(held.as_str()) && !lenient {
            out.push(format!("{email}: {left} is {held:?}, and not one of {allowed:?}"));
        }
    }
    out
}

/// Every operation names its rule, plan and epoch, and has come to an end.
async fn journal(machine: &Machine) -> Vec<String> {
    let mut out = Vec::new();
    for row in machine.store.journal(OpId(0), usize::MAX).await.unwrap() {
        let ruled = row.intent.rule != Uid::NONE || row.intent.cells.iter().all(|cell| cell.line != Uid::NONE);
        if !ruled || row.plan.0 == [0; 16] || row.epoch.0 == 0 {
            out.push(format!("operation {} names no rule, plan or epoch", row.op.0));
        }
        if matches!(row.state, OpState::Intended | OpState::Unknown) {
            out.push(format!("operation {} never came to an end", row.op.0));
        }
    }
    out
}

/// The mirror holds what the CRMs hold.
async fn mirror(machine: &Machine) -> Vec<String> {
    let all: Vec<Sid> = (1..400).map(Sid).collect();
    let hood = machine.store.load(&all).await.unwrap();
    let (_, dict) = machine.store.inner.open("check").await.unwrap();
    let world = machine.sim.world.lock().unwrap();
    let mut out = Vec::new();
    for row in hood.records.iter().filter(|row| row.presence == syncline::data::Presence::Live) {
        let name = dict.name(row.ty).split('/').nth(1).unwrap_or_default().to_owned();
        let cells: BTreeMap<String, String> = decode(&row.cells)
            .filter_map(Result::ok)
            .map(|(uid, cell)| {
                (dict.name(uid).rsplit('.').next().unwrap_or_default().to_owned(), cell.text().into_owned())
            })
            .collect();
        for (_, left, lead, contact) in FIELDS {
            let (field, held) = match name.as_str() {
                "contact" => (left, property(&world, &row.id, left)),
                "Lead" => (lead, text(&world, "Lead", &row.id, lead)),
                "Contact" => (contact, text(&world, "Contact", &row.id, contact)),
                _ => continue,
            };
            if cells.get(field).is_some_and(|mirrored| *mirrored != held) {
                out.push(format!(
                    "the mirror holds {:?} for {field} of {name} {}, the CRM {held:?}",
                    cells.get(field),
                    row.id
                ));
            }
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
    let world = machine.sim.world.lock().unwrap();
    world.edits.iter().for_each(|edit| println!("{} {edit:?}", edit.at.to_iso()));
}
