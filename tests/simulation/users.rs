//! What people do on both sides, remembered so that it can be told whether it was lost.

use serde_json::json;
use syncline::data::Millis;

use crate::world::World;

/// The fields of a pair: name for edits, HubSpot's, the lead's and the contact's, and how much of it Salesforce takes.
pub const FIELDS: [(&str, &str, &str, &str, usize); 3] = [
    ("first", "firstname", "FirstName", "FirstName", 40),
    ("title", "jobtitle", "Title", "Title", 128),
    ("city", "city", "City", "MailingCity", 40),
];
/// A row that only some rules have.
pub const PHONE: (&str, &str, &str, &str, usize) = ("phone", "phone", "Phone", "Phone", 40);
/// Before a calm edit, both sides were left alone this long: longer than any lag.
const STILL_MS: i64 = 120_000;

/// A user's edit, as the oracle remembers it.
#[derive(Clone, Debug)]
pub struct Edit {
    pub at: Millis,
    pub side: char,
    /// The record that was edited.
    pub id: String,
    pub field: &'static str,
    pub before: String,
    /// As its own side keeps it.
    pub value: String,
    /// Made when both sides agreed and the engine had nothing left to do: nothing that was edited before counts any more.
    pub calm: bool,
}

/// What a contact held when it was merged. It may have been on its way to Salesforce just then.
#[derive(Clone, Debug)]
pub struct Underway {
    pub at: Millis,
    /// The survivor.
    pub contact: String,
    pub field: &'static str,
    pub value: String,
}

/// The address of person `n`: some are our own staff, which the rules exclude.
pub fn address(n: u32) -> String {
    match n {
        10 | 11 => format!("p{n}@acme.com"),
        n => format!("p{n}@example.com"),
    }
}
pub const PEOPLE: u32 = 12;

impl World {
    /// Something that people do: create, edit, put on the list, say who is who.
    pub fn user_acts(&mut self, now: Millis) {
        // They see what long transactions have committed by now.
        self.salesforce.settle(now);
        if self.questions.is_some() {
            return self.key_acts(now);
        }
        if self.deals.is_some() {
            self.deal_acts(now);
        }
        if self.firms.is_some() {
            self.firm_acts(now);
        }
        if self.desk.changing {
            self.work_acts(now);
        }
        let email = address(self.rng.u32(0..PEOPLE));
        match self.rng.u32(0..16) {
            12 if self.rng.u32(0..4) == 0 => self.merge_contacts(now),
            13 => self.delete(&email, now),
            14 => self.restore(&email, now),
            15 => self.hold_row(&email, now),
            10 => self.convert(&email, now),
            11 => self.merge_people(&email, now),
            0 | 1 => self.create_contact(&email, now),
            2 => self.create_person(&email, now),
            3 => {
                if let Some(id) = self.contact(&email) {
                    self.put_on_list(id, now);
                }
            }
            4..=6 => self.edit_contact(&email, now),
            _ => self.edit_person(&email, now),
        }
    }

    /// What people do where rules change: phones, which some rules know of, and much at once, which the guard holds.
    fn work_acts(&mut self, now: Millis) {
        if self.desk.guard.limit.is_some() && self.desk.rng.u32(0..25) == 0 {
            self.mass_edit(now);
        }
        if self.desk.rng.u32(0..3) > 0 {
            return;
        }
        self.serial += 1;
        let (email, phone) = (address(self.desk.rng.u32(0..PEOPLE)), format!("+1 {}", self.serial));
        if self.desk.rng.bool() {
            if let Some(id) = self.contact(&email) {
                // Who is in the bin cannot be edited.
                let _ = self.hubspot.user_update("contact", &id, &[(PHONE.1, Some(&phone))], now);
            }
        } else if let Some((object, id, _)) =
            self.people(&email).into_iter().next().filter(|(_, id, _)| !self.is_held(id, now))
        {
            let _ = self.salesforce.user_update(object, &id, &[(PHONE.2, json!(phone))], now);
        }
    }

    pub fn create_contact(&mut self, email: &str, now: Millis) {
        // Who is in the bin is taken out of it.
        if !self.deleted(email).is_empty() {
            return;
        }
        let name = format!("n{}", self.rng.u32(0..100));
        let title = if self.rng.bool() { "VIP" } else { "Clerk" };
        let made = self.hubspot.user_create(
            "contact",
            &[("email", Some(email)), ("firstname", Some(&name)), ("lastname", Some("L")), ("jobtitle", Some(title))],
            now,
        );
        let Ok(id) = made else { return };
        for (field, value) in [("first", name), ("title", title.to_owned())] {
            self.remember(now, 'H', &id, field, String::new(), value, false);
        }
        if self.rng.u32(0..4) > 0 {
            self.put_on_list(id, now);
        }
    }

    pub fn is_held(&self, id: &str, now: Millis) -> bool {
        self.held.get(id).is_some_and(|until| now <= *until)
    }

    /// A long transaction holds a row and leaves it as it is: no change of the row tells when that is over.
    fn hold_row(&mut self, email: &str, now: Millis) {
        let Some((object, id, _)) = self.people(email).into_iter().next() else { return };
        if self.is_held(&id, now) {
            return;
        }
        let until = now.plus(self.rng.i64(1_000..300_000));
        if self.salesforce.user_hold(object, &id, until).is_ok() {
            self.situation("a row is held and not changed");
            self.held.insert(id, until);
        }
    }

    fn put_on_list(&mut self, id: String, now: Millis) {
        if self.hubspot.list_add(&self.list.clone(), &id, now).is_ok() {
            self.listed.insert(id);
        }
    }

    pub fn create_person(&mut self, email: &str, now: Millis) {
        if !self.deleted(email).is_empty() {
            return;
        }
        let object = if self.rng.bool() { "Lead" } else { "Contact" };
        let name = format!("N{}", self.rng.u32(0..100));
        let mut fields = vec![("Email", json!(email)), ("LastName", json!("L")), ("FirstName", json!(name))];
        if object == "Lead" {
            fields.push(("Company", json!("C")));
        }
        if let Ok(id) = self.salesforce.user_create(object, &fields, now) {
            self.created.insert(id.clone(), now);
            self.remember(now, 'S', &id, "first", String::new(), name, false);
        }
    }

    #[allow(clippy::too_many_arguments)]
    pub fn remember(
        &mut self,
        at: Millis,
        side: char,
        id: &str,
        field: &'static str,
        before: String,
        value: String,
        calm: bool,
    ) {
        self.edits.push(Edit { at, side, id: id.to_owned(), field, before, value, calm });
    }

    /// What somebody types: something new, what stood there before, nothing, something with space around it.
    fn typed(&mut self, id: &str, field: &str, longest: usize) -> String {
        self.serial += 1;
        let new = format!("v{}", self.serial);
        let undone = self.edits.iter().rev().find(|edit| edit.id == id && edit.field == field);
        match (self.rng.u32(0..20), undone) {
            (0 | 1, _) => String::new(),
            (2..=4, Some(edit)) => edit.before.clone(),
            (5..=7, _) => format!(" {new} "),
            (8 | 9, _) => format!("{new} {}", "x".repeat(longest)).chars().take(longest).collect(),
            _ => new,
        }
    }

    pub fn edit_contact(&mut self, email: &str, now: Millis) {
        let Some(id) = self.contact(email) else { return };
        let (field, property, ..) = *self.rng.choice(&FIELDS).unwrap();
        let value = self.typed(&id, field, 60);
        let before = self.property(&id, property);
        let calm = self.is_calm(email, field, now);
        if self.hubspot.user_update("contact", &id, &[(property, Some(&value))], now).is_ok() {
            let value = self.property(&id, property);
            if value != before {
                self.remember(now, 'H', &id, field, before, value, calm);
            }
        }
    }

    pub fn edit_person(&mut self, email: &str, now: Millis) {
        let people = self.people(email);
        let Some((object, id, _)) = people.first() else { return };
        let (object, id) = (*object, id.clone());
        if self.is_held(&id, now) {
            return;
        }
        let (field, _, lead, contact, _) = *self.rng.choice(&FIELDS).unwrap();
        let name = if object == "Lead" { lead } else { contact };
        let value = self.typed(&id, field, 40);
        let before = self.text(object, &id, name);
        if value.trim() == before {
            return;
        }
        let calm = self.is_calm(email, field, now);
        let given = if value.is_empty() { json!(null) } else { json!(value) };
        let fields = [(name, given)];
        let late = self.rng.u32(0..6) == 0;
        let done = match late {
            true => {
                let visible = now.plus(self.rng.i64(1_000..60_000));
                self.situation("late commit");
                self.held.insert(id.clone(), visible);
                self.salesforce.user_update_late(object, &id, &fields, now, visible).is_ok()
            }
            false => self.salesforce.user_update(object, &id, &fields, now).is_ok(),
        };
        if done {
            self.remember(now, 'S', &id, field, before, value.trim().to_owned(), calm);
        }
    }

    /// Somebody works on the very field that a process which died was writing: after the write, as far as it arrived.
    pub fn edit_again(&mut self, object: &str, id: &str, name: &str, now: Millis) {
        let fields = FIELDS.iter().find(|(_, left, lead, contact, _)| match object {
            "contact" => *left == name,
            "Lead" => *lead == name,
            _ => *contact == name,
        });
        let Some((field, ..)) = fields else { return };
        if self.is_held(id, now) {
            return;
        }
        self.serial += 1;
        let (value, left) = (format!("v{}", self.serial), object == "contact");
        let before = if left { self.property(id, name) } else { self.text(object, id, name) };
        let done = match left {
            true => self.hubspot.user_update("contact", id, &[(name, Some(&value))], now).is_ok(),
            false => self.salesforce.user_update(object, id, &[(name, json!(value))], now).is_ok(),
        };
        if done {
            self.situation("user edits what a dead process wrote");
            self.remember(now, if left { 'H' } else { 'S' }, id, field, before, value, false);
        }
    }

    /// Whether a pair's field has been at rest: agreed on both sides, the engine done with it, no call on its way.
    fn is_calm(&self, email: &str, field: &str, now: Millis) -> bool {
        let Some(began) = self.calm.filter(|_| self.late.is_empty()) else { return false };
        let Some(contact) = self.contact(email) else { return false };
        let Some((object, person)) = self.person_of(email, &contact) else { return false };
        let Some((_, left, lead, right, longest)) = FIELDS.iter().find(|of| of.0 == field) else { return false };
        let right = if object == "Lead" { lead } else { right };
        let lineage = self.lineage(&person);
        let touched = self.edits.iter().rev().take_while(|edit| edit.at >= began.minus(STILL_MS));
        let mut touched =
            touched.filter(|edit| (edit.id == contact || lineage.contains(&edit.id)) && edit.field == field);
        let equal = carried(&self.property(&contact, left), *longest) == self.text(object, &person, right);
        self.held.get(&person).is_none_or(|until| *until < now) && equal && touched.next().is_none()
    }
}

/// What Salesforce keeps of a value of HubSpot's.
pub fn carried(value: &str, longest: usize) -> String {
    value.trim().chars().take(longest).collect::<String>().trim().to_owned()
}
