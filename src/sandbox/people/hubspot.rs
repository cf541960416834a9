//! As HubSpot holds them.

use serde_json::{Value, json};

use crate::data::Millis;

use super::{Company, FIRST_OWNER, Person, owner_email, pick};

pub(super) fn hubspot_contact(id: &str, person: &Person, rng: &mut fastrand::Rng) -> Value {
    let (city, code, state, area) = person.company.place;
    // People type a state as they like.
    let state = if rng.usize(..4) == 0 { code } else { state };
    let email = if rng.usize(..30) == 0 { person.email.to_uppercase() } else { person.email.clone() };
    json!({
        "id": id,
        "properties": {
            "email": email, "firstname": person.first, "lastname": person.last, "jobtitle": person.title,
            "company": person.company.name, "phone": format!("+1 {area}-555-{:04}", person.line), "city": city,
            "state": state, "country": "United States", "lifecyclestage": pick(&["lead", "opportunity", "customer"], rng),
            "hs_analytics_source": person.source.0, "hubspot_owner_id": (FIRST_OWNER + person.owner).to_string(),
            "lastmodifieddate": person.changed.to_iso(),
        },
        "createdAt": person.created.to_iso(), "updatedAt": person.changed.to_iso(), "archived": false,
        "associations": {"companies": [person.company.id.to_string()]},
    })
}

pub(super) fn hubspot_company(company: &Company, created: Millis) -> Value {
    let (city, _, state, _) = company.place;
    json!({
        "id": company.id.to_string(),
        "properties": {
            "name": company.name, "domain": company.domain, "website": company.domain, "city": city, "state": state,
            "country": "United States", "industry": company.industry.0,
            "numberofemployees": company.employees.to_string(),
        },
        "createdAt": created.to_iso(), "updatedAt": created.to_iso(), "archived": false,
    })
}

pub(super) fn hubspot_owner(n: usize, owner: &(&str, &str), created: Millis) -> Value {
    json!({
        "id": (FIRST_OWNER + n).to_string(), "email": owner_email(owner), "firstName": owner.0, "lastName": owner.1,
        "userId": 50_310_001 + n, "type": "PERSON", "archived": false,
        "createdAt": created.to_iso(), "updatedAt": created.to_iso(),
    })
}
