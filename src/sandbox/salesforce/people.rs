//! What changes who a record is: conversion of a lead, merge of two records.

use serde_json::{Map, Value};

use crate::data::Millis;

use super::derive;
use super::errors::{ApiError, Refused};
use super::ids::Id;
use super::record::{Cell, Val};
use super::schema::ObjectIx;
use super::table::RowIx;
use super::world::World;
use super::write::{Actor, second, touch};

/// What a lead became; 18-character ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    pub account: String,
    pub contact: String,
    pub opportunity: Option<String>,
}

/// Lead fields that a conversion copies to the new contact, besides the ones that `Config::conversion` adds.
const TO_CONTACT: &[(&str, &str)] = &[
    ("Salutation", "Salutation"),
    ("FirstName", "FirstName"),
    ("LastName", "LastName"),
    ("Title", "Title"),
    ("Email", "Email"),
    ("Phone", "Phone"),
    ("MobilePhone", "MobilePhone"),
    ("Fax", "Fax"),
    ("LeadSource", "LeadSource"),
    ("Street", "MailingStreet"),
    ("City", "MailingCity"),
    ("State", "MailingState"),
    ("PostalCode", "MailingPostalCode"),
    ("Country", "MailingCountry"),
    ("HasOptedOutOfEmail", "HasOptedOutOfEmail"),
    ("DoNotCall", "DoNotCall"),
    ("OwnerId", "OwnerId"),
];

const TO_ACCOUNT: &[(&str, &str)] = &[
    ("Company", "Name"),
    ("Website", "Website"),
    ("Industry", "Industry"),
    ("AnnualRevenue", "AnnualRevenue"),
    ("NumberOfEmployees", "NumberOfEmployees"),
    ("Phone", "Phone"),
    ("OwnerId", "OwnerId"),
];

impl World {
    /// A user converts a lead: new contact, new account or the one given, and an opportunity when a name is given.
    pub fn user_convert(
        &mut self,
        lead: &str,
        account: Option<&str>,
        opportunity: Option<&str>,
        now: Millis,
    ) -> Result<Converted, Refused> {
        self.settle(now);
        let (lx, row) = self.row_named("Lead", lead)?;
        let actor = Actor::user(self.ui_user);
        let is_converted = self.schema.object(lx).zip(self.table(lx).and_then(|t| t.row(row)));
        if is_converted.is_some_and(|(def, record)| derive::is_converted(def, record)) {
            return Err(ApiError::new("CANNOT_UPDATE_CONVERTED_LEAD", "lead already converted").into());
        }
        let account = match account {
            Some(id) => Id::parse(id).ok_or_else(|| ApiError::bad_id("Account ID", id, "AccountId"))?,
            None => {
                let body = self.copied(lx, row, TO_ACCOUNT.iter().copied());
                self.create(self.object_named("Account")?, &body, &actor, now)?
            }
        };
        let mapped = self.config.conversion.clone();
        let fields = TO_CONTACT.iter().copied().chain(mapped.iter().map(|(from, to)| (from.as_str(), to.as_str())));
        let mut body = self.copied(lx, row, fields);
        body.insert("AccountId".to_owned(), account.to_string().into());
        let contact = self.create(self.object_named("Contact")?, &body, &actor, now)?;
        let opportunity = match opportunity {
            Some(name) => Some(self.opportunity_of(name, &account, &contact, now)?),
            None => None,
        };
        self.mark_converted(lx, row, &account, &contact, opportunity, now);
        Ok(Converted {
            account: account.to_string(),
            contact: contact.to_string(),
            opportunity: opportunity.map(|id| id.to_string()),
        })
    }

    /// A user converts a lead into a contact that is there already, which gets what it lacks.
    pub fn user_convert_into(&mut self, lead: &str, contact: &str, now: Millis) -> Result<Converted, Refused> {
        self.settle(now);
        let (lx, row) = self.row_named("Lead", lead)?;
        let (cx, contact_row) = self.row_named("Contact", contact)?;
        let actor = Actor::user(self.ui_user);
        let converted = self.schema.object(lx).zip(self.table(lx).and_then(|t| t.row(row)));
        if converted.is_some_and(|(def, record)| derive::is_converted(def, record)) {
            return Err(ApiError::new("CANNOT_UPDATE_CONVERTED_LEAD", "lead already converted").into());
        }
        let mut body = self.copied(lx, row, TO_CONTACT.iter().copied());
        let has = self.copied(cx, contact_row, TO_CONTACT.iter().map(|(_, to)| (*to, *to)));
        body.retain(|field, _| !has.contains_key(field));
        self.update(cx, contact_row, &body, &actor, now)?;
        let of = self.table(cx).and_then(|table| table.row(contact_row)).cloned().ok_or_else(ApiError::not_found)?;
        let def = self.schema.object(cx).ok_or_else(ApiError::not_found)?;
        let account = match def.find("AccountId").map(|field| of.value(field)) {
            Some(Val::Id(id)) => id,
            _ => {
                let body = self.copied(lx, row, TO_ACCOUNT.iter().copied());
                self.create(self.object_named("Account")?, &body, &actor, now)?
            }
        };
        self.mark_converted(lx, row, &account, &of.id, None, now);
        Ok(Converted { account: account.to_string(), contact: of.id.to_string(), opportunity: None })
    }

    fn opportunity_of(&mut self, name: &str, account: &Id, contact: &Id, now: Millis) -> Result<Id, Refused> {
        let actor = Actor::user(self.ui_user);
        let body = |fields: &[(&str, String)]| -> Map<String, Value> {
            fields.iter().map(|(k, v)| ((*k).to_owned(), v.as_str().into())).collect()
        };
        let close = now.plus(90 * 86_400_000).to_iso();
        let fields = body(&[
            ("Name", name.to_owned()),
            ("AccountId", account.to_string()),
            ("StageName", "Prospecting".to_owned()),
            ("CloseDate", close.get(..10).unwrap_or_default().to_owned()),
        ]);
        let id = self.create(self.object_named("Opportunity")?, &fields, &actor, now)?;
        let role = body(&[("OpportunityId", id.to_string()), ("ContactId", contact.to_string())]);
        self.create(self.object_named("OpportunityContactRole")?, &role, &actor, now)?;
        Ok(id)
    }

    fn mark_converted(
        &mut self,
        lead: ObjectIx,
        row: RowIx,
        account: &Id,
        contact: &Id,
        opportunity: Option<Id>,
        now: Millis,
    ) {
        let schema = self.schema.clone();
        let record = self.table(lead).and_then(|t| t.row(row)).cloned();
        let (Some(def), Some(mut record)) = (schema.object(lead), record) else { return };
        let day = i32::try_from(second(now).0.div_euclid(86_400_000)).unwrap_or(0);
        let cells = [
            ("IsConverted", Some(Cell::Bool(true))),
            ("Status", Some(Cell::Text("Closed - Converted".into()))),
            ("ConvertedDate", Some(Cell::Date(day))),
            ("ConvertedAccountId", Some(Cell::Id(*account))),
            ("ConvertedContactId", Some(Cell::Id(*contact))),
            ("ConvertedOpportunityId", opportunity.map(Cell::Id)),
        ];
        for (field, cell) in cells {
            if let Some(ix) = def.find(field) {
                record.set(ix, cell);
            }
        }
        touch(&mut record, self.ui_user, now);
        self.replace_row(lead, row, record);
    }

    /// A body with values of a row under other names; blanks are left out.
    fn copied<'a>(
        &self,
        object: ObjectIx,
        row: RowIx,
        fields: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Map<String, Value> {
        let Some(def) = self.schema.object(object) else { return Map::new() };
        let Some(record) = self.table(object).and_then(|t| t.row(row)) else { return Map::new() };
        fields
            .filter_map(|(from, to)| Some((to.to_owned(), record.value(def.find(from)?).json())))
            .filter(|(_, value)| !value.is_null())
            .collect()
    }

    /// A user merges `loser` into `winner`: the loser is deleted with `MasterRecordId` set, and what pointed to it points
    /// to the winner. Accounts, contacts and leads can be merged.
    pub fn user_merge(&mut self, object: &str, winner: &str, loser: &str, now: Millis) -> Result<(), Refused> {
        self.settle(now);
        let (ox, winner_row) = self.row_named(object, winner)?;
        let (_, loser_row) = self.row_named(object, loser)?;
        let schema = self.schema.clone();
        let def = schema.object(ox).ok_or_else(ApiError::not_found)?;
        let master = def.find("MasterRecordId");
        let (Some(master), true) = (master, winner_row != loser_row) else {
            return Err(ApiError::new("INVALID_OPERATION", "these records cannot be merged").into());
        };
        let id = |ix| self.table(ox).and_then(|t| t.row(ix)).map(|r| r.id).ok_or_else(ApiError::not_found);
        let (winner_id, loser_id) = (id(winner_row)?, id(loser_row)?);
        let user = self.ui_user;
        for (cx, field, _) in schema.children(def.name) {
            if cx == ox && field == master {
                continue;
            }
            let rows = self.table(cx).and_then(|t| t.with_key(field, loser_id.short())).unwrap_or_default().to_vec();
            for child in rows {
                let Some(mut record) = self.table(cx).and_then(|t| t.row(child)).cloned() else { continue };
                if record.value(field) == Val::Id(loser_id) && !record.deleted {
                    record.set(field, Some(Cell::Id(winner_id)));
                    record.stamp = second(now).max(record.stamp);
                    self.replace_row(cx, child, record);
                }
            }
        }
        for ix in [winner_row, loser_row] {
            let Some(mut record) = self.table(ox).and_then(|t| t.row(ix)).cloned() else { continue };
            if ix == loser_row {
                record.set(master, Some(Cell::Id(winner_id)));
                record.deleted = true;
            }
            touch(&mut record, user, now);
            self.replace_row(ox, ix, record);
        }
        Ok(())
    }
}
