//! A crash at every single effect of one small story, and once more in the process that cleans up after it: the end is
//! always that of the story without a crash.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use syncline::crm::http::Env;

use crate::check;
use crate::engine::Machine;
use crate::in_virtual_time;
use crate::process::Struck;
use crate::users::{FIELDS, PHONE};
use crate::world::{Fate, Sim};

/// Both CRMs at the end, without what the servers draw by chance: per address, what either side holds and whether they are
/// linked.
type End = BTreeMap<String, Vec<String>>;

const ADDRESSES: [&str; 5] = ["both", "left", "right", "edited", "vip"];

fn address(name: &str) -> String {
    format!("{name}@example.com")
}

/// What people do before each round of passes.
type Phase = fn(&Sim);

/// Plays the story. The process dies at these effects, from this phase on, each counted from the start of its process;
/// whether it did.
fn story(phases: &[Phase], from: usize, crashes: &[u64]) -> (End, usize) {
    in_virtual_time(async {
        let sim = Sim::new(7);
        let machine = Machine::new(sim.clone());
        let mut crashes = crashes.iter().copied();
        let (mut next, mut died) = (None, 0);
        for (n, phase) in phases.iter().enumerate() {
            phase(&sim);
            if n == from {
                next = crashes.next();
            }
            for _ in 0..8 {
                tokio::time::sleep(Duration::from_secs(700)).await;
                let (effects, writes) = {
                    let mut world = sim.world.lock().unwrap();
                    world.fate = next.map(|at| (world.effects + at, Fate::Dies));
                    (world.effects, world.writes)
                };
                match machine.struck(1).await {
                    Struck::Died => {
                        died += 1;
                        next = crashes.next();
                    }
                    Struck::Ended(ended) => {
                        ended.unwrap();
                        let world = sim.world.lock().unwrap();
                        // Not reached in this pass: what is left of the way is for the next.
                        next = next.map(|at| at - (world.effects - effects));
                        if world.writes == writes {
                            break;
                        }
                    }
                    Struck::Stalled { .. } => unreachable!("nothing stalls here"),
                }
            }
        }
        let broken = check::all(&machine).await;
        assert!(broken.is_empty(), "{broken:#?}");
        (end(&sim), died)
    })
}

fn populate(sim: &Sim) {
    let now = sim.now();
    let mut world = sim.world.lock().unwrap();
    let list = world.list.clone();
    for (name, title) in [("both", "Clerk"), ("left", "Clerk"), ("edited", "Clerk"), ("vip", "VIP")] {
        let email = address(name);
        let fields = [
            ("email", Some(email.as_str())),
            ("firstname", Some("H")),
            ("lastname", Some("L")),
            ("jobtitle", Some(title)),
            ("phone", Some("+1 1")),
        ];
        let id = world.hubspot.user_create("contact", &fields, now).unwrap();
        world.hubspot.list_add(&list, &id, now).unwrap();
        world.listed.insert(id);
    }
    for (name, object) in [("both", "Contact"), ("right", "Lead"), ("edited", "Lead")] {
        let mut fields = vec![("Email", json!(address(name))), ("LastName", json!("L")), ("FirstName", json!("S"))];
        if object == "Lead" {
            fields.push(("Company", json!("C")));
        }
        world.salesforce.user_create(object, &fields, now).unwrap();
    }
}

/// Edits of both sides, after the first pass.
fn edit(sim: &Sim) {
    let now = sim.now();
    let mut world = sim.world.lock().unwrap();
    let id = world.contact(&address("edited")).unwrap();
    let edits = [("city", Some(" Berlin ")), ("firstname", Some("Once more a name that is too long for Salesforce"))];
    world.hubspot.user_update("contact", &id, &edits, now).unwrap();
    let (object, id, _) = world.people(&address("both"))[0].clone();
    world
        .salesforce
        .user_update(object, &id, &[("Title", json!("Chief")), ("MailingCity", json!("Rome"))], now)
        .unwrap();
}

/// Rules with a row more, of which neither side was read so far.
fn reload(sim: &Sim) {
    let mut world = sim.world.lock().unwrap();
    world.desk.rules.phone = true;
    world.desk.saves += 1;
}

fn end(sim: &Sim) -> End {
    let world = sim.world.lock().unwrap();
    let of = |name: &str| {
        let email = address(name);
        let contact = world.contact(&email).unwrap_or_default();
        let fields: Vec<_> = FIELDS.into_iter().chain([PHONE]).collect();
        let left: Vec<String> = fields.iter().map(|(_, left, ..)| world.property(&contact, left)).collect();
        let mut out = vec![left.join("|")];
        for (object, id, ours) in world.people(&email) {
            let right = fields.iter().map(|(_, _, lead, of_contact, _)| {
                world.text(object, &id, if object == "Lead" { lead } else { of_contact })
            });
            let right: Vec<String> = right.collect();
            let linked = world.text(object, &id, "HubSpot_Id__c") == contact;
            out.push(format!("{object} {} ours {ours} linked {linked}", right.join("|")));
        }
        (email, out)
    };
    ADDRESSES.iter().map(|name| of(name)).collect()
}

/// Plays it with a crash at each of its effects; how many there are.
fn at_any_effect(phases: &[Phase], from: usize) -> u64 {
    let (undisturbed, _) = story(phases, from, &[]);
    for (email, both) in &undisturbed {
        let linked = both.len() == 2 && both[1].ends_with("linked true");
        assert!(linked, "{email} is not once on each side, and linked: {both:?}");
    }
    let mut at = 1;
    loop {
        let (end, died) = story(phases, from, &[at]);
        assert_eq!(end, undisturbed, "crash at effect {at}");
        if died == 0 {
            println!("crashes: one at each of {} effects, three runs each", at - 1);
            return at - 1;
        }
        // The next process dies as well, sooner or later.
        for again in [1 + at % 5, 6 + at % 17] {
            let (end, _) = story(phases, from, &[at, again]);
            assert_eq!(end, undisturbed, "crash at effect {at}, and {again} effects later");
        }
        at += 1;
    }
}

#[test]
fn a_crash_at_any_effect_changes_nothing_in_the_end() {
    assert!(at_any_effect(&[populate, edit], 0) > 60);
}

#[test]
fn a_crash_at_any_effect_of_a_reload_changes_nothing_in_the_end() {
    assert!(at_any_effect(&[populate, reload], 1) > 40);
}
