//! The guard, seen from outside: how many people each pass writes to, and how many it may.

use std::collections::BTreeSet;

use http::Request;
use syncline::sync::{Ending, Holding, PassReport};

use crate::wire::{side_of, written};
use crate::world::World;

#[derive(Default)]
pub struct Guard {
    /// Records that may change without a word; `None`: the rules hold nothing.
    pub limit: Option<u64>,
    /// A plan is on trial.
    pub trial: bool,
    /// What calls of the pass in flight wrote.
    written: BTreeSet<Target>,
    released: Option<Released>,
}

/// A record: by its id, or, of a create, by the key or the address that it gets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Contact(String),
    Person(String),
    Address(String),
}

/// What was let pass by a word since it was taken.
struct Released {
    records: u64,
    passes: u64,
    people: BTreeSet<String>,
}

impl World {
    /// What was released is forgotten with the process that it was released to.
    pub fn process_begins(&mut self) {
        self.desk.guard.released = None;
        self.desk.guard.trial = false;
        self.desk.published.clear();
        self.pass_begins();
    }

    pub fn pass_begins(&mut self) {
        self.calm = None;
        self.looked.clear();
        self.desk.guard.written.clear();
    }

    pub fn word_taken(&mut self, holding: &Holding) {
        self.situation("a word is taken");
        self.desk.guard.released = Some(Released { records: holding.records, passes: 0, people: BTreeSet::new() });
    }

    /// A write leaves.
    pub fn guard_write(&mut self, request: &Request<bytes::Bytes>) {
        if self.desk.guard.trial {
            self.breaks("guard", "a trial writes".to_owned());
        }
        for record in written(request) {
            let target = match (side_of(request), record.id) {
                (0, Some(id)) => Target::Contact(id),
                (_, Some(id)) => Target::Person(id),
                (1, None) if !record.key.is_empty() => Target::Contact(record.key),
                (_, None) => Target::Address(record.email),
            };
            self.desk.guard.written.insert(target);
        }
    }

    /// Whom a record is about: a contact's id, else an address.
    fn about(&self, target: &Target) -> String {
        // A contact that the pass made may be deleted before it ends.
        let deleted = |email: &str| {
            let mut contacts = self.deleted.iter().filter(|(object, ..)| *object == "contact");
            contacts.rfind(|(.., emails)| emails.iter().any(|one| one == email)).map(|(_, id, _)| id.clone())
        };
        let of_address =
            |email: &str| self.contact(email).or_else(|| deleted(email)).unwrap_or_else(|| email.to_owned());
        match target {
            Target::Contact(id) => self.heir(id),
            Target::Address(email) => of_address(email),
            Target::Person(id) => {
                let id = self.heir(id);
                let text = |field| ["Lead", "Contact"].map(|object| self.text(object, &id, field)).concat();
                match text("HubSpot_Id__c") {
                    key if key.is_empty() => of_address(&text("Email")),
                    key => self.heir(&key),
                }
            }
        }
    }

    /// How many people the pass wrote to, which is no more than it might.
    pub fn pass_ends(&mut self, report: Option<&PassReport>) -> u64 {
        let people: BTreeSet<String> = self.desk.guard.written.iter().map(|target| self.about(target)).collect();
        let count = people.len() as u64;
        let Some(limit) = self.desk.guard.limit.filter(|_| !self.stale) else { return count };
        let held = report.is_some_and(|report| matches!(report.ending, Ending::Held(_)));
        if held {
            self.situation("a pass is held");
        }
        if held && count > 0 {
            self.breaks("guard", format!("a pass that is held wrote to {people:?}"));
        }
        let (mut count_all, mut most) = (count, limit);
        if let Some(released) = &mut self.desk.guard.released {
            released.passes += u64::from(!held);
            released.people.extend(people.iter().cloned());
            count_all = released.people.len() as u64;
            most = released.records + limit * released.passes;
        }
        if !held && count_all > most {
            self.breaks("guard", format!("{count_all} people were written to, and {most} might be: {people:?}"));
        }
        if report.is_some_and(|report| report.ending == Ending::Quiet) {
            self.desk.guard.released = None;
        }
        count
    }

    /// People work on the records of everybody at once.
    pub fn mass_edit(&mut self, now: syncline::data::Millis) {
        let side = self.desk.rng.bool();
        for email in (0..crate::users::PEOPLE).map(crate::users::address) {
            match side {
                true => self.edit_contact(&email, now),
                false => self.edit_person(&email, now),
            }
        }
        self.situation("a mass edit");
    }
}
