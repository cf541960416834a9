//! Those to whom the records of a test belong: owners in HubSpot, users in Salesforce.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::models::Models;
use super::people::{Named, to_json};
use crate::data::{Millis, Value};
use crate::lang::plan::{OWNER, USER};
use crate::sandbox::hubspot::Owner;

/// Ids of owners count from here.
const FIRST: u64 = 101;
/// The user behind an owner has an id of its own.
const USERS: u64 = 5_000;

/// The owners and users that a test gave.
#[derive(Default)]
pub(super) struct Staff {
    owners: Vec<Owner>,
    users: Vec<User>,
}

struct User {
    id: String,
    fields: BTreeMap<String, Json>,
}

/// Whether records of this type are people to whom others belong.
pub(super) fn is(ty: &str) -> bool {
    [OWNER, USER].contains(&ty)
}

impl Staff {
    /// Somebody new, with an id.
    pub(super) fn join(&mut self, models: &mut Models, ty: &str, values: &[Named<'_>], now: Millis) -> String {
        if ty == OWNER {
            let id = FIRST + self.owners.len() as u64;
            let mut owner = Owner {
                id,
                email: String::new(),
                first_name: String::new(),
                last_name: String::new(),
                user_id: Some(id + USERS),
                archived: false,
                created: now,
                updated: now,
            };
            put(&mut owner, values, now);
            models.hubspot.add_owner(owner.clone());
            self.owners.push(owner);
            return id.to_string();
        }
        // What a user needs beside what a test says of it.
        let name = format!("test{}", self.users.len() + 1);
        let username = format!("{name}@syncline.example");
        let usual = [
            ("Username", username.as_str()),
            ("LastName", name.as_str()),
            ("Alias", name.as_str()),
            ("UserType", "Standard"),
            ("TimeZoneSidKey", "America/Los_Angeles"),
            ("LocaleSidKey", "en_US"),
            ("LanguageLocaleKey", "en_US"),
            ("EmailEncodingKey", "UTF-8"),
        ];
        let mut fields: BTreeMap<String, Json> =
            usual.into_iter().map(|(field, text)| (field.to_owned(), Json::from(text))).collect();
        fields.insert("IsActive".to_owned(), true.into());
        self.users.push(User { id: String::new(), fields });
        self.set_up(models, self.users.len() - 1, values, now)
    }

    pub(super) fn change(&mut self, models: &mut Models, ty: &str, id: &str, values: &[Named<'_>], now: Millis) {
        if ty == OWNER {
            if let Some(owner) = self.owners.iter_mut().find(|owner| owner.id.to_string() == id) {
                put(owner, values, now);
                models.hubspot.add_owner(owner.clone());
            }
        } else if let Some(at) = self.users.iter().position(|user| user.id == id) {
            self.set_up(models, at, values, now);
        }
    }

    fn set_up(&mut self, models: &mut Models, at: usize, values: &[Named<'_>], now: Millis) -> String {
        let Some(user) = self.users.get_mut(at) else { return String::new() };
        user.fields.extend(values.iter().map(|(name, value)| ((*name).to_owned(), to_json(value))));
        let part = |field: &str| user.fields.get(field).and_then(Json::as_str).unwrap_or_default().to_owned();
        let name = format!("{} {}", part("FirstName"), part("LastName")).trim().to_owned();
        user.fields.insert("Name".to_owned(), name.into());
        let fields: Vec<(&str, Json)> =
            user.fields.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        user.id = models.salesforce.set_up_user(at, &fields, now);
        user.id.clone()
    }
}

fn put(owner: &mut Owner, values: &[Named<'_>], now: Millis) {
    for (name, value) in values {
        let text = || value.cell().text().into_owned();
        match *name {
            "email" => owner.email = text(),
            "firstName" => owner.first_name = text(),
            "lastName" => owner.last_name = text(),
            _ => owner.archived = *value == Value::Bool(true),
        }
    }
    owner.updated = now;
}
