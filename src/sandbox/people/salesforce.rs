//! As Salesforce holds them.

use serde_json::{Value, json};

use crate::data::Millis;
use crate::sandbox::salesforce::Id;

use super::{Company, Person, ascii, owner_email, pick};

pub(super) fn lead(n: usize, person: &Person, rng: &mut fastrand::Rng) -> Value {
    let (city, code, ..) = person.company.place;
    json!({
        "Id": salesforce_id("00Q", n), "FirstName": person.first, "LastName": person.last, "Title": person.title,
        "Company": person.company.name, "Email": person.email, "Phone": salesforce_phone(person), "City": city,
        "State": code, "Country": "USA", "Industry": person.company.industry.1, "LeadSource": person.source.1,
        "Status": pick(&["Open - Not Contacted", "Working - Contacted"], rng), "IsConverted": false,
        "NumberOfEmployees": person.company.employees, "OwnerId": salesforce_id("005", person.owner),
        "CreatedDate": person.created.to_iso(), "LastModifiedDate": person.changed.to_iso(),
    })
}

pub(super) fn salesforce_contact(n: usize, person: &Person, rng: &mut fastrand::Rng) -> Value {
    let (city, code, ..) = person.company.place;
    json!({
        "Id": salesforce_id("003", n), "AccountId": person.company.account, "FirstName": person.first,
        "LastName": person.last, "Title": person.title, "Email": person.email, "Phone": salesforce_phone(person),
        "MailingCity": city, "MailingState": code, "MailingCountry": "USA", "LeadSource": person.source.1,
        "HasOptedOutOfEmail": rng.usize(..25) == 0, "OwnerId": salesforce_id("005", person.owner),
        "CreatedDate": person.created.to_iso(), "LastModifiedDate": person.changed.to_iso(),
    })
}

pub(super) fn account(company: &Company, created: Millis) -> Value {
    let (city, code, ..) = company.place;
    json!({
        "Id": company.account, "Name": company.name, "Website": format!("https://{}", company.domain),
        "Industry": company.industry.1, "BillingCity": city, "BillingState": code, "BillingCountry": "USA",
        "NumberOfEmployees": company.employees, "CreatedDate": created.to_iso(), "LastModifiedDate": created.to_iso(),
    })
}

pub(super) fn user(n: usize, owner: &(&str, &str), created: Millis) -> Value {
    let email = owner_email(owner);
    json!({
        "Id": salesforce_id("005", n), "FirstName": owner.0, "LastName": owner.1, "Username": format!("{email}.sim"),
        "Email": email, "Alias": ascii(owner.1).chars().take(8).collect::<String>(), "IsActive": true,
        "UserType": "Standard", "CreatedDate": created.to_iso(), "LastModifiedDate": created.to_iso(),
    })
}

pub(super) fn salesforce_phone(person: &Person) -> String {
    format!("({}) 555-{:04}", person.company.place.3, person.line)
}

/// 18 characters, numbered apart from the ids that the org gives itself.
pub(super) fn salesforce_id(prefix: &str, n: usize) -> String {
    let short = format!("{prefix}Hs1{n:09}");
    Id::parse(&short).map_or(short, |id| id.to_string())
}
