//! What becomes of records: they are converted, merged, deleted and restored.

use serde_json::json;
use syncline::data::Millis;

use crate::users::{FIELDS, Underway, address};
use crate::world::World;

/// No pass takes longer.
const UNDER_WAY_MS: i64 = 300_000;

impl World {
    /// A lead becomes a contact: a new one, or one that is there already.
    pub fn convert(&mut self, email: &str, now: Millis) {
        let people = self.people(email);
        let Some((_, lead, _)) = people.iter().find(|(object, ..)| *object == "Lead") else { return };
        let there = people.iter().find(|(object, ..)| *object == "Contact").filter(|_| self.rng.bool());
        if self.is_held(lead, now) || there.is_some_and(|(_, id, _)| self.is_held(id, now)) {
            return;
        }
        let done = match there {
            Some((_, contact, _)) => {
                self.tell_values(("Lead", lead), ("Contact", contact), now);
                self.salesforce.user_convert_into(lead, contact, now)
            }
            None => self.salesforce.user_convert(lead, None, None, now),
        };
        let Ok(converted) = done else { return };
        let held = FIELDS.map(|(_, _, lead_field, contact, _)| {
            [self.text("Lead", lead, lead_field), self.text("Contact", &converted.contact, contact)]
        });
        self.log.push((now, format!("Lead {lead} is converted to {}, with {held:?}", converted.contact)));
        self.situation(if there.is_some() { "lead converted into a contact" } else { "lead converted" });
        if there.is_none() {
            self.created.insert(converted.contact.clone(), now);
            self.became.insert(lead.clone(), converted.contact);
        }
    }

    /// Two rows with one address become one.
    pub fn merge_people(&mut self, email: &str, now: Millis) {
        let people = self.people(email);
        let object = if self.rng.bool() { "Lead" } else { "Contact" };
        let mut ids: Vec<&String> = people.iter().filter(|(of, ..)| *of == object).map(|(_, id, _)| id).collect();
        self.rng.shuffle(&mut ids);
        let [winner, loser, ..] = ids.as_slice() else { return };
        if self.is_held(winner, now) || self.is_held(loser, now) {
            return;
        }
        self.tell_values((object, loser), (object, winner), now);
        if self.salesforce.user_merge(object, winner, loser, now).is_ok() {
            let held = FIELDS.map(|(_, _, lead, contact, _)| {
                self.text(object, winner, if object == "Lead" { lead } else { contact })
            });
            self.log.push((now, format!("{object} {loser} goes into {winner}, with {held:?}")));
            self.situation("merge in Salesforce");
        }
    }

    /// Two contacts become a new one.
    pub fn merge_contacts(&mut self, now: Millis) {
        let mut all = || address(self.rng.u32(0..10));
        let (one, other) = (all(), all());
        let (Some(one), Some(other)) = (self.contact(&one), self.contact(&other)) else { return };
        let partners: Vec<(&'static str, String)> = [&one, &other]
            .into_iter()
            .flat_map(|id| self.addresses(id).into_iter().filter_map(|email| self.person_of(&email, id)))
            .collect();
        // What it holds, and what a pass may have read of it that is under way yet.
        let recent = |id: &str, field: &str| {
            let edits = self.edits.iter().rev().take_while(|edit| now.since(edit.at) < UNDER_WAY_MS);
            let edits = edits.filter(|edit| edit.id == id && edit.field == field);
            edits.map(|edit| edit.before.clone()).collect::<Vec<_>>()
        };
        let held = FIELDS.map(|(field, property, ..)| {
            let of = |id: &String| [vec![self.property(id, property)], recent(id, field)].concat();
            (field, [of(&one), of(&other)].concat())
        });
        let Ok(merged) = self.hubspot.user_merge("contact", &one, &other, now) else { return };
        self.log.push((now, format!("contacts {one} and {other} become {merged}")));
        self.situation("merge in HubSpot");
        self.became.insert(one.clone(), merged.clone());
        self.became.insert(other.clone(), merged.clone());
        if self.listed.remove(&one) | self.listed.remove(&other) {
            self.listed.insert(merged.clone());
        }
        for (field, values) in held {
            let on_their_way = values.into_iter().filter(|value| !value.is_empty());
            self.underway.extend(on_their_way.map(|value| Underway { at: now, contact: merged.clone(), field, value }));
        }
        for (field, property, lead, contact, _) in FIELDS {
            // What the partner holds may come back, as far as the rules prefer it.
            for (object, id) in &partners {
                let value = self.text(object, id, if *object == "Lead" { lead } else { contact });
                self.remember(now, 'S', id, field, value.clone(), value, false);
            }
            let value = self.property(&merged, property);
            self.remember(now, 'H', &merged, field, String::new(), value, false);
        }
    }

    pub fn delete(&mut self, email: &str, now: Millis) {
        let people = self.people(email);
        match (self.rng.bool(), self.contact(email), people.first()) {
            (true, Some(contact), _) => {
                let emails = self.addresses(&contact);
                if self.hubspot.user_archive("contact", &contact, now).is_ok() {
                    self.archived.insert(contact.clone(), now);
                    self.listed.remove(&contact);
                    self.log.push((now, format!("contact {contact} is deleted")));
                    self.deleted.push(("contact", contact, emails));
                    self.situation("deleted in HubSpot");
                }
            }
            (false, _, Some((object, id, _))) => {
                let done = !self.is_held(id, now) && self.salesforce.user_delete(object, id, now).is_ok();
                if done {
                    self.log.push((now, format!("{object} {id} is deleted")));
                    self.deleted.push((object, id.clone(), vec![email.to_owned()]));
                    self.situation("deleted in Salesforce");
                }
            }
            _ => {}
        }
    }

    pub fn restore(&mut self, email: &str, now: Millis) {
        for (object, id) in self.deleted(email) {
            let done = match object {
                "contact" => self.hubspot.user_restore(object, &id, now).is_ok(),
                _ => self.salesforce.user_undelete(object, &id, now).is_ok(),
            };
            if done {
                self.log.push((now, format!("{object} {id} is restored")));
                self.situation("restored");
                // Nobody could find it before.
                self.created.insert(id.clone(), now);
                self.comes_back(email, object, &id, now);
                self.deleted.retain(|(_, of, _)| *of != id);
            }
        }
    }

    /// Whose contact was merged meanwhile comes back to another one: what it holds counts as any partner's does.
    fn comes_back(&mut self, email: &str, object: &'static str, id: &str, now: Millis) {
        let contact = self.contact(email).unwrap_or_default();
        if object == "contact" || self.property(&contact, "hs_merged_object_ids").is_empty() {
            return;
        }
        for (field, _, lead, of_contact, _) in FIELDS {
            let value = self.text(object, id, if object == "Lead" { lead } else { of_contact });
            self.remember(now, 'S', id, field, value.clone(), value, false);
        }
    }

    /// One record is about to take another's place: it gets what it lacks, and what it holds is an edit where the other one
    /// was linked.
    fn tell_values(&mut self, from: (&str, &str), to: (&str, &str), now: Millis) {
        let linked = !self.text(from.0, from.1, "HubSpot_Id__c").is_empty();
        if linked {
            self.became.insert(from.1.to_owned(), to.1.to_owned());
        }
        for (field, _, lead, contact, _) in FIELDS {
            let name = |object: &str| if object == "Lead" { lead } else { contact };
            let (was, is) = (self.text(from.0, from.1, name(from.0)), self.text(to.0, to.1, name(to.0)));
            let takes = is.is_empty() && !was.is_empty();
            if takes && self.salesforce.user_update(to.0, to.1, &[(name(to.0), json!(was))], now).is_err() {
                continue;
            }
            if takes && !linked {
                self.remember(now, 'S', to.1, field, is, was, false);
            } else if !takes && linked && is != was {
                self.remember(now, 'S', to.1, field, was, is, false);
            }
        }
    }
}
