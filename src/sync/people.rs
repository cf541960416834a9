//! Owners and users: small tables that are read whole, kept with the state, and wake the records that hang on them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::crm::CallErrorKind;
use crate::data::{BySide, Digest, Millis, Person, Side};
use crate::decide::Program;
use crate::lang::plan::{Directory, Plan};

use super::report::{Event, Observer};
use super::session::{Ports, Session, SyncError};

/// How long a reading stays good.
const GOOD_MS: i64 = 60 * 60 * 1000;
/// Calls that a reading may need.
const CALLS: i64 = 8;

#[derive(Serialize, Deserialize)]
struct Kept {
    at: i64,
    people: Vec<Person>,
}

/// The session's programs with the people of both sides, where its rules go by owners. A side that cannot be read keeps
/// what was read last; a change wakes every subject of the blocks that use it.
pub(super) async fn programs(
    ports: Ports<'_>,
    session: &Session,
    force: bool,
    observer: &dyn Observer,
) -> Result<Vec<Program>, SyncError> {
    if session.plan.blocks.iter().all(|block| block.tables.owners.is_empty()) {
        return Ok(Program::of(&session.plan));
    }
    let mut people: BySide<Option<Vec<Person>>> = BySide::default();
    for side in Side::BOTH {
        people[side] = read(ports, session, side, force, observer).await?;
    }
    Ok(with_people(&session.plan, people))
}

fn with_people(plan: &Plan, people: BySide<Option<Vec<Person>>>) -> Vec<Program> {
    let seen = Digest::of(&serde_json::to_vec(&[&people.left, &people.right]).unwrap_or_default());
    Program::with_people(plan, &Arc::new(Directory::new(people)), seen)
}

/// Under which name the state keeps the people of a side.
pub fn people_key(side: Side) -> String {
    format!("people.{side:?}").to_lowercase()
}

/// The programs as the last pass had them: with the people that the state keeps under [`people_key`].
pub fn programs_of(plan: &Plan, kept: BySide<Option<String>>) -> Vec<Program> {
    if plan.blocks.iter().all(|block| block.tables.owners.is_empty()) {
        return Program::of(plan);
    }
    let people = |text: Option<String>| {
        let kept: Option<Kept> = text.and_then(|text| serde_json::from_str(&text).ok());
        kept.map(|kept| kept.people)
    };
    with_people(plan, BySide::new(people(kept.left), people(kept.right)))
}

async fn read(
    ports: Ports<'_>,
    session: &Session,
    side: Side,
    force: bool,
    observer: &dyn Observer,
) -> Result<Option<Vec<Person>>, SyncError> {
    let key = people_key(side);
    let kept: Option<Kept> = ports.store.meta(&key).await?.and_then(|text| serde_json::from_str(&text).ok());
    let now = ports.env.now();
    let good = |kept: &Kept| (0..GOOD_MS).contains(&now.since(Millis(kept.at)));
    if let Some(kept) = kept.as_ref().filter(|kept| !force && good(kept)) {
        return Ok(Some(kept.people.clone()));
    }
    ports.ledger[side].top_up(ports.store, session.epoch, now, CALLS).await?;
    let fresh = match ports.crm[side].people().await {
        Ok(people) => people,
        Err(error) => {
            let feed = if error.kind == CallErrorKind::Denied { "owners (not allowed)" } else { "owners" };
            observer.on(Event::Unread { side, feed, why: &error.text });
            return Ok(kept.map(|kept| kept.people));
        }
    };
    // First the work, then the table: a crash between the two wakes them once more.
    if kept.is_none_or(|kept| kept.people != fresh) {
        for block in session.plan.blocks.iter().filter(|block| !block.tables.owners.is_empty()) {
            ports.store.wake_all(session.epoch, block.uid, now).await?;
        }
    }
    let text = serde_json::to_string(&Kept { at: now.0, people: fresh.clone() }).unwrap_or_default();
    ports.store.set_meta(session.epoch, &key, &text).await?;
    Ok(Some(fresh))
}
