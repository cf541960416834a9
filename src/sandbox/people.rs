//! Generated people, companies and owners for both CRMs, in the shape of the data files.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::salesforce::Id;
use crate::data::Millis;

const DAY_MS: i64 = 86_400_000;
/// Of a hundred people, how many both sides know, and how many only HubSpot knows; Salesforce alone knows the rest.
const ON_BOTH: usize = 40;
const ON_HUBSPOT: usize = 30;
const PEOPLE_PER_COMPANY: usize = 8;
const FIRST_CONTACT: usize = 10_001;
const FIRST_COMPANY: usize = 20_814_400_001;
const FIRST_OWNER: usize = 71_820_001;

const FIRST: &[&str] = &[
    "Ada",
    "Amir",
    "Ana",
    "Andrei",
    "Anke",
    "Aoife",
    "Beatriz",
    "Ben",
    "Bjørn",
    "Carla",
    "Chen",
    "Chloé",
    "Daniel",
    "Deepa",
    "Elena",
    "Emeka",
    "Emily",
    "Fatima",
    "Felix",
    "Grace",
    "Hannah",
    "Hiroshi",
    "Ines",
    "Ivan",
    "James",
    "Jana",
    "Jorge",
    "Josephine",
    "Kaito",
    "Karen",
    "Lars",
    "Leila",
    "Luis",
    "Maria",
    "Marek",
    "Mei",
    "Michael",
    "Nadia",
    "Noah",
    "Olga",
    "Omar",
    "Patricia",
    "Paul",
    "Priya",
    "Rachel",
    "Ravi",
    "Robert",
    "Rosa",
    "Sam",
    "Sofia",
    "Søren",
    "Tara",
    "Thomas",
    "Uma",
    "Victor",
    "Wei",
    "Yusuf",
    "Zoë",
];
const LAST: &[&str] = &[
    "Abbott",
    "Adeyemi",
    "Ahmed",
    "Andersson",
    "Baker",
    "Banerjee",
    "Becker",
    "Brooks",
    "Carter",
    "Castillo",
    "Chan",
    "Costa",
    "Cruz",
    "Dubois",
    "Evans",
    "Fischer",
    "Foster",
    "García",
    "Gupta",
    "Haddad",
    "Hansen",
    "Hughes",
    "Ito",
    "Jensen",
    "Johnson",
    "Kaur",
    "Kim",
    "Kowalski",
    "Larsen",
    "Lee",
    "Lopez",
    "Martin",
    "Meyer",
    "Moreau",
    "Moss",
    "Müller",
    "Nguyen",
    "Novak",
    "O'Brien",
    "Okafor",
    "Olsen",
    "Park",
    "Patel",
    "Petrov",
    "Ramos",
    "Reed",
    "Rossi",
    "Sato",
    "Schmidt",
    "Silva",
    "Singh",
    "Smith",
    "Tanaka",
    "Taylor",
    "Torres",
    "Walker",
    "Weber",
    "Wilson",
    "Wong",
    "Young",
];
const TITLES: &[&str] = &[
    "Account Manager",
    "Buyer",
    "Chief Financial Officer",
    "Chief Technology Officer",
    "Director of Operations",
    "Director of Procurement",
    "Engineering Manager",
    "Facilities Manager",
    "Head of IT",
    "Marketing Manager",
    "Office Manager",
    "Plant Manager",
    "Project Manager",
    "Purchasing Agent",
    "Sales Director",
    "Software Engineer",
    "SVP, Operations",
    "VP, Customer Success",
    "VP, Finance",
    "VP, Marketing",
];
const COMPANY_FIRST: &[&str] = &[
    "Alder",
    "Amber",
    "Beacon",
    "Birch",
    "Bluestone",
    "Cedar",
    "Clearwater",
    "Copper",
    "Eastgate",
    "Falcon",
    "Granite",
    "Harbor",
    "Highland",
    "Ironwood",
    "Juniper",
    "Keystone",
    "Lakeside",
    "Maple",
    "Meridian",
    "Northfield",
    "Orchard",
    "Pinnacle",
    "Quarry",
    "Redwood",
    "Ridgeline",
    "Silver",
    "Summit",
    "Tidewater",
    "Union",
    "Westbrook",
];
const COMPANY_LAST: &[(&str, &str, &str)] = &[
    ("Analytics", "INFORMATION_TECHNOLOGY_AND_SERVICES", "Technology"),
    ("Biotech", "BIOTECHNOLOGY", "Biotechnology"),
    ("Capital", "FINANCIAL_SERVICES", "Finance"),
    ("Construction", "CONSTRUCTION", "Construction"),
    ("Electric", "UTILITIES", "Utilities"),
    ("Foods", "FOOD_PRODUCTION", "Food & Beverage"),
    ("Freight", "LOGISTICS_AND_SUPPLY_CHAIN", "Transportation"),
    ("Health", "HOSPITAL_HEALTH_CARE", "Healthcare"),
    ("Hotels", "HOSPITALITY", "Hospitality"),
    ("Insurance", "INSURANCE", "Insurance"),
    ("Media", "MEDIA_PRODUCTION", "Media"),
    ("Software", "COMPUTER_SOFTWARE", "Technology"),
];
const PLACES: &[(&str, &str, &str, &str)] = &[
    ("Atlanta", "GA", "Georgia", "404"),
    ("Austin", "TX", "Texas", "512"),
    ("Boston", "MA", "Massachusetts", "617"),
    ("Chicago", "IL", "Illinois", "312"),
    ("Columbus", "OH", "Ohio", "614"),
    ("Denver", "CO", "Colorado", "303"),
    ("Miami", "FL", "Florida", "305"),
    ("Minneapolis", "MN", "Minnesota", "612"),
    ("New York", "NY", "New York", "212"),
    ("Phoenix", "AZ", "Arizona", "602"),
    ("Portland", "OR", "Oregon", "503"),
    ("Raleigh", "NC", "North Carolina", "919"),
    ("San Francisco", "CA", "California", "415"),
    ("Seattle", "WA", "Washington", "206"),
];
const SOURCES: &[(&str, &str)] = &[
    ("ORGANIC_SEARCH", "Web"),
    ("REFERRALS", "Partner Referral"),
    ("OFFLINE", "Phone Inquiry"),
    ("DIRECT_TRAFFIC", "Web"),
    ("OTHER_CAMPAIGNS", "Purchased List"),
];
const OWNERS: &[(&str, &str)] =
    &[("Dana", "Whitfield"), ("Marcus", "Bell"), ("Ingrid", "Sandberg"), ("Tomás", "Herrera")];

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

fn hubspot_contact(id: &str, person: &Person, rng: &mut fastrand::Rng) -> Value {
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

fn hubspot_company(company: &Company, created: Millis) -> Value {
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

fn hubspot_owner(n: usize, owner: &(&str, &str), created: Millis) -> Value {
    json!({
        "id": (FIRST_OWNER + n).to_string(), "email": owner_email(owner), "firstName": owner.0, "lastName": owner.1,
        "userId": 50_310_001 + n, "type": "PERSON", "archived": false,
        "createdAt": created.to_iso(), "updatedAt": created.to_iso(),
    })
}

fn lead(n: usize, person: &Person, rng: &mut fastrand::Rng) -> Value {
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

fn salesforce_contact(n: usize, person: &Person, rng: &mut fastrand::Rng) -> Value {
    let (city, code, ..) = person.company.place;
    json!({
        "Id": salesforce_id("003", n), "AccountId": person.company.account, "FirstName": person.first,
        "LastName": person.last, "Title": person.title, "Email": person.email, "Phone": salesforce_phone(person),
        "MailingCity": city, "MailingState": code, "MailingCountry": "USA", "LeadSource": person.source.1,
        "HasOptedOutOfEmail": rng.usize(..25) == 0, "OwnerId": salesforce_id("005", person.owner),
        "CreatedDate": person.created.to_iso(), "LastModifiedDate": person.changed.to_iso(),
    })
}

fn account(company: &Company, created: Millis) -> Value {
    let (city, code, ..) = company.place;
    json!({
        "Id": company.account, "Name": company.name, "Website": format!("https://{}", company.domain),
        "Industry": company.industry.1, "BillingCity": city, "BillingState": code, "BillingCountry": "USA",
        "NumberOfEmployees": company.employees, "CreatedDate": created.to_iso(), "LastModifiedDate": created.to_iso(),
    })
}

fn user(n: usize, owner: &(&str, &str), created: Millis) -> Value {
    let email = owner_email(owner);
    json!({
        "Id": salesforce_id("005", n), "FirstName": owner.0, "LastName": owner.1, "Username": format!("{email}.sim"),
        "Email": email, "Alias": ascii(owner.1).chars().take(8).collect::<String>(), "IsActive": true,
        "UserType": "Standard", "CreatedDate": created.to_iso(), "LastModifiedDate": created.to_iso(),
    })
}

fn owner_email((first, last): &(&str, &str)) -> String {
    format!("{}.{}@acme.com", ascii(first), ascii(last))
}

fn salesforce_phone(person: &Person) -> String {
    format!("({}) 555-{:04}", person.company.place.3, person.line)
}

/// 18 characters, numbered apart from the ids that the org gives itself.
fn salesforce_id(prefix: &str, n: usize) -> String {
    let short = format!("{prefix}Hs1{n:09}");
    Id::parse(&short).map_or(short, |id| id.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn emails(file: &Value, list: &str, pointer: &str) -> BTreeSet<String> {
        let rows = file[list].as_array().unwrap();
        let all: BTreeSet<String> =
            rows.iter().map(|row| row.pointer(pointer).unwrap().as_str().unwrap().to_lowercase()).collect();
        assert_eq!(all.len(), rows.len(), "no e-mail is there twice");
        all
    }

    #[test]
    fn four_in_ten_are_on_both_sides() {
        let now = Millis(1_795_428_000_000);
        let (hubspot, salesforce) = generate(2_000, 1, now);
        let left = emails(&hubspot, "contacts", "/properties/email");
        let mut right = emails(&salesforce, "Lead", "/Email");
        right.append(&mut emails(&salesforce, "Contact", "/Email"));
        assert_eq!(left.union(&right).count(), 2_000);
        assert!((740..860).contains(&left.intersection(&right).count()));
        assert_eq!((hubspot, salesforce), generate(2_000, 1, now));
        assert_ne!(generate(9, 1, now), generate(9, 2, now));
    }
}
