//! What two CRMs hold once all is quiet: people by their address, without what differs from run to run (ids, times).

use std::collections::BTreeMap;

use serde_json::Value;

const HUBSPOT: [&str; 9] =
    ["email", "firstname", "lastname", "jobtitle", "phone", "mobilephone", "city", "zip", "hs_lead_status"];
const SALESFORCE: [&str; 13] = [
    "Email",
    "FirstName",
    "LastName",
    "Title",
    "Phone",
    "MobilePhone",
    "Company",
    "City",
    "MailingCity",
    "PostalCode",
    "MailingPostalCode",
    "Status",
    "IsDeleted",
];

/// One line per record: `side type address field=value …`. Equal people twice are two lines.
#[derive(Debug, PartialEq, Eq)]
pub struct Ends(Vec<String>);

impl Ends {
    /// From what both models dump.
    pub fn of(hubspot: &Value, salesforce: &Value) -> Ends {
        let mut addresses: BTreeMap<&str, &str> = BTreeMap::new();
        let mut lines = Vec::new();
        for contact in hubspot["contacts"].as_array().unwrap() {
            let properties = &contact["properties"];
            let email = properties["email"].as_str().unwrap_or_default();
            addresses.insert(contact["id"].as_str().unwrap(), email);
            lines.push(format!("HubSpot contact {} archived={}", told(properties, &HUBSPOT), contact["archived"]));
        }
        for object in ["Lead", "Contact"] {
            for person in salesforce[object].as_array().into_iter().flatten() {
                // The key is an id: told by whose it is.
                let key = person["HubSpot_Id__c"].as_str().map(|id| addresses.get(id).unwrap_or(&"nobody"));
                lines.push(format!("Salesforce {object} {} key={key:?}", told(person, &SALESFORCE)));
            }
        }
        lines.sort();
        Ends(lines)
    }

    /// Lines that only one of the two has.
    pub fn differences(&self, expected: &Ends) -> Vec<String> {
        let count = |ends: &Ends| {
            let mut count: BTreeMap<String, i32> = BTreeMap::new();
            ends.0.iter().for_each(|line| *count.entry(line.clone()).or_default() += 1);
            count
        };
        let (is, should) = (count(self), count(expected));
        let more = |a: &BTreeMap<String, i32>, b: &BTreeMap<String, i32>, what: &str| {
            let lines = a.iter().filter(|(line, n)| **n > b.get(*line).copied().unwrap_or(0));
            lines.map(|(line, _)| format!("{what} {line}")).collect::<Vec<_>>()
        };
        [more(&is, &should, "has"), more(&should, &is, "lacks")].concat()
    }
}

fn told(record: &Value, fields: &[&str]) -> String {
    let known = fields.iter().filter(|field| record.get(**field).is_some_and(|value| !value.is_null()));
    known.map(|field| format!("{field}={}", record[*field])).collect::<Vec<_>>().join(" ")
}
