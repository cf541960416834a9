//! Generated people, companies and owners for both CRMs, in the shape of the data files.

mod hubspot;
mod names;
mod salesforce;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use hubspot::{hubspot_company, hubspot_contact, hubspot_owner};
use names::{COMPANY_FIRST, COMPANY_LAST, FIRST, LAST, OWNERS, PLACES, SOURCES, TITLES};
use salesforce::{account, lead, salesforce_contact, salesforce_id, user};

use serde_json::{Value, json};

use crate::data::Millis;

const DAY_MS: i64 = 86_400_000;
/// Of a hundred people, how many both sides know, and how many only HubSpot knows; Salesforce alone knows the rest.
const ON_BOTH: usize = 40;
const ON_HUBSPOT: usize = 30;
const PEOPLE_PER_COMPANY: usize = 8;
const FIRST_CONTACT: usize = 10_001;
const FIRST_COMPANY: usize = 20_814_400_001;
const FIRST_OWNER: usize = 71_820_001;

struct Company {
    id: usize,
    account: String,
    name: String,
    domain: String,
    industry: (&'static str, &'static str),
    place: (&'static str, &'static str, &'static str, &'static str),
    employees: u32,
}

/// What both sides would say of one person if they agreed.
struct Person<'a> {
    first: &'static str,
    last: &'static str,
    email: String,
    title: &'static str,
    line: u32,
    source: (&'static str, &'static str),
    owner: usize,
    company: &'a Company,
    created: Millis,
    changed: Millis,
}

/// `scale` people: four in ten on both sides with the same e-mail, the rest on one. Returns both files.
pub fn generate(scale: usize, seed: u64, now: Millis) -> (Value, Value) {
    let rng = &mut fastrand::Rng::with_seed(seed);
    let companies: Vec<Company> = (0..scale.div_ceil(PEOPLE_PER_COMPANY)).map(|n| company(n, rng)).collect();
    let mut emails = BTreeMap::new();
    let (mut contacts, mut members) = (Vec::new(), Vec::new());
    let (mut leads, mut sf_contacts) = (Vec::new(), Vec::new());
    for n in 0..scale {
        let Some(company) = companies.get(n / PEOPLE_PER_COMPANY) else { break };
        let person = person(company, &mut emails, rng, now);
        let draw = rng.usize(..100);
        if draw < ON_BOTH + ON_HUBSPOT {
            let id = (FIRST_CONTACT + n).to_string();
            if rng.usize(..100) < 90 {
                members.push(id.clone());
            }
            contacts.push(hubspot_contact(&id, &person, rng));
        }
        if !(ON_BOTH..ON_BOTH + ON_HUBSPOT).contains(&draw) {
            match rng.bool() {
                true => leads.push(lead(n, &person, rng)),
                false => sf_contacts.push(salesforce_contact(n, &person, rng)),
            }
        }
    }
    let created = now.minus(400 * DAY_MS);
    let hubspot = json!({
        "owners": OWNERS.iter().enumerate().map(|(n, owner)| hubspot_owner(n, owner, created)).collect::<Vec<_>>(),
        "companies": companies.iter().map(|company| hubspot_company(company, created)).collect::<Vec<_>>(),
        "contacts": contacts,
        "lists": [{"id": "1", "name": "Sync to Salesforce", "dynamic": true, "members": members}],
    });
    let salesforce = json!({
        "User": OWNERS.iter().enumerate().map(|(n, owner)| user(n, owner, created)).collect::<Vec<_>>(),
        "Account": companies.iter().map(|company| account(company, created)).collect::<Vec<_>>(),
        "Contact": sf_contacts,
        "Lead": leads,
    });
    (hubspot, salesforce)
}

/// One of a list that is not empty.
fn pick<T: Copy + Default>(list: &[T], rng: &mut fastrand::Rng) -> T {
    rng.choice(list).copied().unwrap_or_default()
}

fn company(n: usize, rng: &mut fastrand::Rng) -> Company {
    let first = COMPANY_FIRST.get(n % COMPANY_FIRST.len()).copied().unwrap_or_default();
    let rest = n / COMPANY_FIRST.len();
    // Each round through the first names takes another last name; a number follows when all are used up.
    let (last, hubspot, salesforce) = COMPANY_LAST.get((n + rest) % COMPANY_LAST.len()).copied().unwrap_or_default();
    let round = rest / COMPANY_LAST.len();
    let number = if round > 0 { format!(" {}", round + 1) } else { String::new() };
    let name = format!("{first} {last}{number}");
    let domain = format!("{}.example.com", name.to_lowercase().replace(' ', "-"));
    Company {
        id: FIRST_COMPANY + n,
        account: salesforce_id("001", n),
        name,
        domain,
        industry: (hubspot, salesforce),
        place: pick(PLACES, rng),
        employees: rng.u32(5..5_000),
    }
}

fn person<'a>(
    company: &'a Company,
    emails: &mut BTreeMap<String, usize>,
    rng: &mut fastrand::Rng,
    now: Millis,
) -> Person<'a> {
    let (first, last) = (pick(FIRST, rng), pick(LAST, rng));
    let local = format!("{}.{}", ascii(first), ascii(last));
    let used = emails.entry(format!("{local}@{}", company.domain)).or_default();
    *used += 1;
    let number = if *used > 1 { used.to_string() } else { String::new() };
    let created = now.minus(rng.i64(30 * DAY_MS..365 * DAY_MS));
    Person {
        first,
        last,
        email: format!("{local}{number}@{}", company.domain),
        title: pick(TITLES, rng),
        line: rng.u32(..10_000),
        source: pick(SOURCES, rng),
        owner: rng.usize(..OWNERS.len()),
        company,
        created,
        changed: created.plus(rng.i64(0..30 * DAY_MS)),
    }
}

/// The letters of a name as an e-mail address has them.
fn ascii(name: &str) -> String {
    let plain = |c: char| match c {
        'é' | 'ë' => Some('e'),
        'á' => Some('a'),
        'í' => Some('i'),
        'ø' => Some('o'),
        'ü' => Some('u'),
        c => c.is_ascii_alphanumeric().then_some(c),
    };
    name.to_lowercase().chars().filter_map(plain).collect()
}

fn owner_email((first, last): &(&str, &str)) -> String {
    format!("{}.{}@acme.com", ascii(first), ascii(last))
}
