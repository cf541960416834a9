//! What people do where a rule proposes matches: they change the keys by which records are found, and say of two records
//! whether they are the same thing, at any time. Drawn apart from all else.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::json;
use syncline::crm::http::Env;
use syncline::data::{Dict, Millis, Side};
use syncline::store::{Answer, OpId, Rid};

use crate::known::{Known, Words};
use crate::users::address;
use crate::world::{Sim, World};

/// Addresses that they have.
pub const ADDRESSES: u32 = 10;
const PHONES: u32 = 4;

#[derive(Default)]
pub struct Questions {
    pub rng: Rng,
    /// Names of the plan in force.
    pub dict: Dict,
    /// Words on their way to the process: of several about two records the last one counts.
    pub left: BTreeMap<(Rid, Rid), Answer>,
    /// Words that the state file has.
    pub kept: Words,
    /// Records that were ever linked.
    pub linked: BTreeSet<(Rid, Rid)>,
    /// For which records creates were sent, and on which side.
    pub created: BTreeMap<OpId, (Side, Vec<Rid>)>,
    /// How often a record parted from others.
    pub parted: u32,
    /// All is answered in the end.
    pub answered: bool,
    /// Contacts that people made.
    contacts: BTreeSet<String>,
}

impl Questions {
    pub fn new(seed: u64) -> Questions {
        Questions { rng: Rng::with_seed(seed ^ 0x6a09_e667), answered: seed.is_multiple_of(2), ..Questions::default() }
    }

    fn phone(&mut self, serial: u32) -> String {
        match self.rng.u32(0..9) {
            0..=5 => format!("+1 100{}", self.rng.u32(0..PHONES)),
            6 => format!("+1 {serial}"),
            _ => String::new(),
        }
    }

    fn address(&mut self, serial: u32) -> String {
        match self.rng.u32(0..5) {
            0 => format!("s{serial}@example.com"),
            _ => address(self.rng.u32(0..ADDRESSES)),
        }
    }
}

impl World {
    pub fn ask_people(&mut self, now: Millis) {
        let Some(mut of) = self.questions.take() else { return };
        for n in 0..12 {
            self.serial += 1;
            let (email, phone) = (of.address(self.serial), of.phone(self.serial));
            match n {
                0..5 => self.new_contact(&mut of, &email, &phone, now),
                // Some of these have one address.
                5..8 => self.new_person(&mut of, &email, &phone, now),
                _ => self.new_person(&mut of, &address(n % 2), &phone, now),
            }
        }
        self.questions = Some(of);
    }

    /// Something that people do.
    pub fn key_acts(&mut self, now: Millis) {
        let Some(mut of) = self.questions.take() else { return };
        self.serial += 1;
        let (what, serial) = (of.rng.u32(0..20), self.serial);
        let (email, phone) = (of.address(serial), of.phone(serial));
        match what {
            0..=2 => self.new_contact(&mut of, &email, &phone, now),
            3 | 4 => self.new_person(&mut of, &email, &phone, now),
            5 => self.change_contact(&mut of, "phone", &phone, now),
            6 => self.change_contact(&mut of, "email", &email, now),
            7 | 8 => self.change_person(&mut of, "Phone", &phone, now),
            9..=11 => self.change_person(&mut of, "Email", &email, now),
            12 => self.convert(&email, now),
            13 => self.merge_people(&email, now),
            14 if of.rng.bool() => self.merge_contacts(now),
            14 => self.delete(&email, now),
            15 => self.restore(&email, now),
            16 => self.edit_contact(&email, now),
            _ => self.edit_person(&email, now),
        }
        self.questions = Some(of);
    }

    fn new_contact(&mut self, of: &mut Questions, email: &str, phone: &str, now: Millis) {
        let name = format!("n{}", self.serial);
        let fields = [("email", Some(email)), ("firstname", Some(&*name)), ("phone", Some(phone))];
        if let Ok(id) = self.hubspot.user_create("contact", &fields, now) {
            self.log.push((now, format!("contact {id} is made: {email} {phone}")));
            of.contacts.insert(id);
        }
    }

    fn new_person(&mut self, of: &mut Questions, email: &str, phone: &str, now: Millis) {
        let object = if of.rng.u32(0..3) == 0 { "Contact" } else { "Lead" };
        let name = format!("N{}", self.serial);
        let mut fields = vec![("Email", json!(email)), ("LastName", json!("L")), ("FirstName", json!(name))];
        fields.extend((object == "Lead").then(|| ("Company", json!("C"))));
        fields.extend((!phone.is_empty()).then(|| ("Phone", json!(phone))));
        fields.extend((of.rng.u32(0..3) == 0).then(|| ("Title", json!("Clerk"))));
        if let Ok(id) = self.salesforce.user_create(object, &fields, now) {
            self.log.push((now, format!("{object} {id} is made: {fields:?}")));
            self.created.insert(id, now);
        }
    }

    /// One of those that nobody made by a rule is the only one whose address changes: who was made is looked for by it.
    fn change_contact(&mut self, of: &mut Questions, property: &str, value: &str, now: Millis) {
        let live = self.hubspot.records("contact").filter(|record| record.archived().is_none());
        let ids: Vec<String> = live.map(|record| record.id().to_string()).collect();
        let ids: Vec<&String> = ids.iter().filter(|id| property == "phone" || of.contacts.contains(*id)).collect();
        if ids.is_empty() {
            return;
        }
        let id = ids[of.rng.usize(0..ids.len())];
        if self.hubspot.user_update("contact", id, &[(property, Some(value))], now).is_ok() {
            self.log.push((now, format!("contact {id}: {property} is {value:?}")));
        }
    }

    fn change_person(&mut self, of: &mut Questions, field: &str, value: &str, now: Millis) {
        let people = self.everybody();
        if people.is_empty() {
            return;
        }
        let (object, id) = &people[of.rng.usize(0..people.len())];
        let given = if value.is_empty() { json!(null) } else { json!(value) };
        if !self.is_held(id, now) && self.salesforce.user_update(object, id, &[(field, given)], now).is_ok() {
            self.log.push((now, format!("{object} {id}: {field} is {value:?}")));
            if field == "Email" {
                // Nobody could find it by that before.
                self.created.insert(id.clone(), now);
            }
        }
    }

    /// Live leads and contacts of Salesforce.
    fn everybody(&self) -> Vec<(&'static str, String)> {
        let of = |object: &'static str| {
            let away = |record, field| self.flag(object, record, field);
            let live = self.salesforce.records(object);
            let live = live.filter(move |record| !away(record, "IsDeleted") && !away(record, "IsConverted"));
            live.filter_map(move |record| {
                let id = self.salesforce.value(object, record, "Id")?;
                Some((object, id.as_str()?.to_owned()))
            })
        };
        of("Contact").chain(of("Lead")).collect()
    }

    /// The state file has a word now.
    pub fn word_is_kept(&mut self, answer: &Answer, now: Millis) {
        let Some(of) = &mut self.questions else { return };
        self.log.push((now, format!("the state has {answer:?}")));
        let before = of.kept.insert((answer.left, answer.right), answer.same);
        self.situation(if answer.same { "said to be the same" } else { "said to be two" });
        if before.is_some_and(|before| before != answer.same) {
            self.situation("said otherwise later");
        }
    }
}

impl Sim {
    /// Somebody answers one of the questions that are open, or says otherwise of two records that are not linked yet. `all`:
    /// whatever is open.
    /// Returns whether anybody did.
    pub async fn people_say(&self, all: bool) -> bool {
        let Some((dict, kept)) = ({
            let world = self.world.lock().unwrap();
            world.questions.as_ref().map(|of| (of.dict.clone(), of.kept.clone()))
        }) else {
            return false;
        };
        let store = self.store.get().unwrap().clone();
        let issues = syncline::store::Store::issues(&*store).await.unwrap();
        let held = issues.iter().filter(|row| row.issue.code == "R709").map(|row| row.issue.sid);
        let known = Known::load(&store, &dict).await;
        let mut open: Vec<(Rid, Rid)> = Vec::new();
        for pair in held.flat_map(|sid| known.questions(sid, &kept, false)) {
            let pair = (known.end(pair.0), known.end(pair.1));
            if !open.contains(&pair) {
                open.push(pair);
            }
        }
        let mut world = self.world.lock().unwrap();
        let Some(of) = &mut world.questions else { return false };
        let apart = |(left, right): &(Rid, Rid)| known.holder(*left) != known.holder(*right);
        let again = kept.keys().copied().filter(apart).filter(|_| !all);
        let again: Vec<(Rid, Rid)> = again.filter(|_| of.rng.u32(0..10) == 0).collect();
        let Some(block) = known.block else { return false };
        let mut said = false;
        for (left, right) in open.iter().copied().chain(again) {
            let before = kept.get(&(left, right));
            if !all && before.is_none() && of.rng.u32(0..3) > 0 {
                continue;
            }
            // Who has another partner can only be kept apart.
            let taken = known.holder(right).is_some_and(|sid| !known.rows(sid, Side::Left).is_empty());
            let same = before.map_or_else(|| of.rng.bool(), |same| !same) && !taken;
            said = true;
            of.left.insert((left, right), Answer { block, left, right, same });
        }
        if !open.is_empty() {
            let now = self.now();
            let told: Vec<String> = of.left.values().map(|word| format!("{word:?}")).collect();
            world.log.push((now, format!("open {open:?}, words {told:?}")));
            world.situation("people are asked");
        }
        said
    }
}
