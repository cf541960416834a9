//! What anybody can see who looks into both CRMs, and what is remembered of who became whom.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use syncline::sandbox::hubspot;

use crate::world::World;

impl World {
    /// Whether the rules, as they are at last, exclude who has this address.
    pub fn is_excluded(&self, email: &str) -> bool {
        email.ends_with("@acme.com") && !self.desk.rules.staff
    }

    pub fn contact(&self, email: &str) -> Option<String> {
        let mut found = self.hubspot.records("contact").filter(|r| r.archived().is_none());
        let of = |record: &&hubspot::Record| {
            let further = record.get("hs_additional_emails").unwrap_or_default();
            record.get("email") == Some(email) || further.split(';').any(|one| one == email)
        };
        found.find(of).map(|record| record.id().to_string())
    }

    /// All addresses of a contact; of one that a user deleted, those it had.
    pub fn addresses(&self, contact: &str) -> Vec<String> {
        if let Some((.., emails)) = self.deleted.iter().find(|(object, id, _)| *object == "contact" && id == contact) {
            return emails.clone();
        }
        let further = self.property(contact, "hs_additional_emails");
        let mut all: Vec<String> = further.split(';').filter(|one| !one.is_empty()).map(str::to_owned).collect();
        all.push(self.property(contact, "email"));
        all
    }

    /// What users deleted of a person.
    pub fn deleted(&self, email: &str) -> Vec<(&'static str, String)> {
        let contact = self.contact(email);
        let mut all = contact.map_or_else(Vec::new, |contact| self.addresses(&contact));
        all.push(email.to_owned());
        let of = self.deleted.iter().filter(|(_, _, emails)| emails.iter().any(|one| all.contains(one)));
        of.map(|(object, id, _)| (*object, id.clone())).collect()
    }

    pub fn property(&self, id: &str, name: &str) -> String {
        self.hubspot.record("contact", id).and_then(|r| r.get(name)).unwrap_or_default().to_owned()
    }

    pub fn text(&self, object: &str, id: &str, field: &str) -> String {
        let record = self.salesforce.record(object, id);
        let value = record.and_then(|record| self.salesforce.value(object, record, field));
        value.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The record and those whose place it took, as far as they were linked.
    pub fn lineage(&self, id: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::from([id.to_owned()]);
        while let Some((from, _)) = self.became.iter().find(|(from, to)| all.contains(*to) && !all.contains(*from)) {
            all.insert(from.clone());
        }
        all
    }

    /// What a record is by now.
    pub fn heir(&self, id: &str) -> String {
        let mut id = id.to_owned();
        while let Some(next) = self.became.get(&id).filter(|next| **next != id) {
            id = next.clone();
        }
        id
    }

    /// Live leads and contacts with an address, converted leads aside: object, id, whether we made it.
    pub fn people(&self, email: &str) -> Vec<(&'static str, String, bool)> {
        let us = self.salesforce.integration_user();
        let mut out = Vec::new();
        for object in ["Contact", "Lead"] {
            for record in self.salesforce.records(object) {
                let value = |field: &str| self.salesforce.value(object, record, field);
                let text = |field: &str| value(field).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
                let away = |field: &str| value(field) == Some(json!(true));
                if text("Email") == email && !away("IsDeleted") && !away("IsConverted") {
                    out.push((object, text("Id"), text("CreatedById") == us));
                }
            }
        }
        out
    }

    /// The record in Salesforce that carries the id of a contact.
    pub fn person_of(&self, email: &str, contact: &str) -> Option<(&'static str, String)> {
        let all =
            self.people(email).into_iter().chain(self.addresses(contact).into_iter().flat_map(|one| self.people(&one)));
        let mut all = all.filter(|(object, id, _)| self.text(object, id, "HubSpot_Id__c") == contact);
        all.next().map(|(object, id, _)| (object, id))
    }

    /// Whether the partner of a contact is in the bin: a record that carries its id, or that was deleted before it got it.
    pub fn partner_is_deleted(&self, contact: &str) -> bool {
        let emails = self.addresses(contact);
        ["Lead", "Contact"].into_iter().any(|object| {
            let text = |record, field| match self.salesforce.value(object, record, field) {
                Some(Value::String(text)) => text,
                _ => String::new(),
            };
            let mut deleted = self.salesforce.records(object).filter(|record| {
                // Who was merged away has an heir.
                self.flag(object, record, "IsDeleted") && text(record, "MasterRecordId").is_empty()
            });
            deleted.any(|record| match text(record, "HubSpot_Id__c") {
                key if key.is_empty() => emails.contains(&text(record, "Email")),
                key => self.heir(&key) == contact,
            })
        })
    }

    /// Whether who has the address of a contact in Salesforce is the partner of another one, which is in the bin.
    pub fn partner_is_anothers(&self, contact: &str) -> bool {
        let mut people = self.addresses(contact).into_iter().flat_map(|email| self.people(&email));
        people.any(|(object, id, _)| {
            let key = self.text(object, &id, "HubSpot_Id__c");
            key != contact && self.deleted.iter().any(|(object, of, _)| *object == "contact" && *of == key)
        })
    }
}
