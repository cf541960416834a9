//! After all is quiet: both sides of everybody get another title at once. The rules in force at the end say which one stays,
//! and where much at once is held, nothing moves before the word, and after it exactly these.

use std::time::Duration;

use serde_json::json;
use syncline::crm::http::Env;
use syncline::sync::Ending;

use crate::check::Broken;
use crate::engine::Machine;
use crate::report::Run;
use crate::story::rest;
use crate::users::{PEOPLE, address};
use crate::world::{Sim, World};

/// Contact, object and id of its partner.
type Pair = (String, &'static str, String);

pub async fn play(sim: &Sim, machine: &Machine, run: &mut Run) {
    let pairs: Vec<Pair> = {
        let mut world = sim.world.lock().unwrap();
        let pairs = pairs(&world);
        edit_all(&mut world, &pairs, sim);
        pairs
    };
    // Until the indexes have caught up.
    tokio::time::sleep(Duration::from_secs(300)).await;
    let mut broken = |what: String| run.broken.push(Broken { promise: "guard", what });
    let limit = sim.world.lock().unwrap().desk.guard.limit;
    let count = pairs.len() as u64;
    if limit.is_some_and(|limit| count > limit) {
        match machine.serve(1).await.map(|served| (served.people, served.report.ending)) {
            Ok((0, Ending::Held(holding))) if holding.records == count => {}
            ended => broken(format!("{count} were edited, and the pass without a word came to {ended:?}")),
        }
        match machine.serve(2).await.map(|served| (served.people, served.report.ending)) {
            Ok((people, Ending::Quiet)) if people == count => {}
            ended => broken(format!("{count} were released, and the pass came to {ended:?}")),
        }
    }
    rest(sim, machine, Duration::from_secs(700), run).await;
    let world = sim.world.lock().unwrap();
    for (n, (contact, object, person)) in pairs.iter().enumerate() {
        let held = [world.property(contact, "jobtitle"), world.text(object, person, "Title")];
        let wins = if world.desk.rules.hubspot_wins { format!("h{n}") } else { format!("s{n}") };
        if held.iter().any(|title| *title != wins) {
            let what = format!("contact {contact} and {object} {person} hold {held:?}, and {wins} wins");
            run.broken.push(Broken { promise: "the rules in force", what });
        }
    }
}

/// Who is linked and within the gates.
fn pairs(world: &World) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for email in (0..PEOPLE).map(address).filter(|email| world.deleted(email).is_empty()) {
        let Some(contact) = world.contact(&email).filter(|_| !world.is_excluded(&email)) else { continue };
        let Some((object, person)) = world.person_of(&email, &contact) else { continue };
        if !pairs.iter().any(|(of, ..)| *of == contact) {
            pairs.push((contact, object, person));
        }
    }
    pairs
}

fn edit_all(world: &mut World, pairs: &[Pair], sim: &Sim) {
    let now = sim.now();
    for (n, (contact, object, person)) in pairs.iter().enumerate() {
        let title = format!("h{n}");
        world.hubspot.user_update("contact", contact, &[("jobtitle", Some(&title))], now).unwrap();
        world.salesforce.user_update(object, person, &[("Title", json!(format!("s{n}")))], now).unwrap();
    }
}
