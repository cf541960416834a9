//! What people do with companies and accounts that are known by their people, and what must be true of these at the end.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::json;
use syncline::data::Millis;
use syncline::sandbox::hubspot::Record;

use crate::users::address;
use crate::world::World;

pub const RULES: &str = r#"
sync companies: hubspot company <-> salesforce Account {
  match salesforceaccountid = Id
  match through people
  to hubspot { create company always }
  map salesforce wins {
    name                <-> Name  or truncate  or use "(unknown)"
    salesforceaccountid <-  Id
  }
}
"#;
const COMPANIES: usize = 5;
/// Our own staff works nowhere else.
const PEOPLE: u32 = 10;
/// Longer than any pass, with what it may not see yet when it begins.
const KNOWN_MS: i64 = 600_000;

/// What the oracle remembers of one seed.
pub struct Firms {
    rng: Rng,
    companies: Vec<String>,
    /// Who was ever at which company.
    employed: BTreeSet<(String, String)>,
    /// Since when a person was at which account.
    placed: BTreeMap<String, Vec<(Millis, String)>>,
}

impl Firms {
    pub fn new(seed: u64) -> Firms {
        Firms {
            rng: Rng::with_seed(seed ^ 0x2545_f491),
            companies: Vec::new(),
            employed: BTreeSet::new(),
            placed: BTreeMap::new(),
        }
    }
}

impl World {
    fn chance(&mut self, below: u32) -> u32 {
        self.firms.as_mut().map_or(0, |firms| firms.rng.u32(0..below))
    }

    /// Companies before anything else, so that contacts can be at them.
    pub fn found_firms(&mut self, now: Millis) {
        for n in 0..COMPANIES {
            let name = format!("Firm {n}");
            let made = self.hubspot.user_create("company", &[("name", Some(&*name))], now);
            if let (Ok(id), Some(firms)) = (made, &mut self.firms) {
                firms.companies.push(id);
            }
        }
        for _ in 0..10 {
            self.firm_acts(now);
        }
    }

    pub fn firm_acts(&mut self, now: Millis) {
        let email = address(self.chance(PEOPLE));
        match self.chance(8) {
            0 | 1 => self.employ(&email, now),
            2 | 3 => self.place(&email, now),
            4 => self.convert(&email, now),
            _ => {}
        }
    }

    fn employ(&mut self, email: &str, now: Millis) {
        let at = self.chance(COMPANIES as u32) as usize;
        let company = self.firms.as_ref().and_then(|firms| firms.companies.get(at).cloned());
        let (Some(contact), Some(company)) = (self.contact(email), company) else { return };
        if self.hubspot.set_primary_company(&contact, &company, now).is_ok() {
            self.log.push((now, format!("contact {contact} is at company {company}")));
            self.firms.iter_mut().for_each(|firms| {
                firms.employed.insert((company.clone(), contact.clone()));
            });
        }
    }

    /// A person's account: one that is there, or a new one.
    fn place(&mut self, email: &str, now: Millis) {
        let people = self.people(email);
        let Some((_, person, _)) = people.iter().find(|(object, ..)| *object == "Contact") else { return };
        if self.is_held(person, now) {
            return;
        }
        let all = self.accounts();
        let at = self.chance(all.len().max(1) as u32 * 2) as usize;
        let account = match all.get(at) {
            Some(account) => account.clone(),
            None => match self.salesforce.user_create("Account", &[("Name", json!("A"))], now) {
                Ok(account) => account,
                Err(_) => return,
            },
        };
        if self.salesforce.user_update("Contact", person, &[("AccountId", json!(account))], now).is_ok() {
            self.log.push((now, format!("contact {person} is at account {account}")));
            if let Some(firms) = &mut self.firms {
                firms.placed.entry(person.clone()).or_default().push((now, account));
            }
        }
    }

    fn accounts(&self) -> Vec<String> {
        let live = self.salesforce.records("Account").filter(|record| !self.flag("Account", record, "IsDeleted"));
        let id = |record| self.salesforce.value("Account", record, "Id")?.as_str().map(str::to_owned);
        live.filter_map(id).collect()
    }
}

/// Somebody who is in both CRMs.
struct Known {
    contact: String,
    company: Option<String>,
    /// Their accounts in Salesforce, of all who have the address.
    accounts: BTreeSet<String>,
    /// That of the one who carries the contact's id.
    linked: Option<(String, String)>,
}

pub fn broken(world: &World) -> Vec<String> {
    let Some(firms) = &world.firms else { return Vec::new() };
    let known: Vec<Known> =
        (0..PEOPLE).filter_map(|n| known(world, &address(n))).chain(deleted(world, firms)).collect();
    let live: Vec<&Record> = world.hubspot.records("company").filter(|record| record.archived().is_none()).collect();
    let carried = |record: &&Record| record.get("salesforceaccountid").unwrap_or_default().to_owned();
    let accounts = world.accounts();
    let free: BTreeSet<String> =
        live.iter().filter(|one| !accounts.contains(&carried(one))).map(|one| one.id().to_string()).collect();
    let mut out = Vec::new();
    for account in &accounts {
        let companies: Vec<String> =
            live.iter().filter(|one| carried(one) == *account).map(|one| one.id().to_string()).collect();
        match companies.len() {
            0 => out.extend(left_out(account, &accounts, &free, &known, &live)),
            1 => {}
            _ => out.push(format!("account {account} is {companies:?}")),
        }
    }
    out.extend(live.iter().filter_map(|one| made_for_nothing(world, firms, &known, one)));
    out
}

fn known(world: &World, email: &str) -> Option<Known> {
    let contact = world.contact(email)?;
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let people: Vec<(&str, String, bool)> =
        world.addresses(&contact).iter().flat_map(|email| world.people(email)).collect();
    let accounts = people.iter().filter(|(object, ..)| *object == "Contact");
    let accounts = accounts.filter_map(|(_, id, _)| some(world.text("Contact", id, "AccountId"))).collect();
    let linked = world.person_of(email, &contact).filter(|(object, _)| *object == "Contact");
    let linked = linked.and_then(|(_, id)| some(world.text("Contact", &id, "AccountId")).map(|account| (id, account)));
    let company = some(world.property(&contact, "associatedcompanyid"));
    Some(Known { contact, company, accounts, linked })
}

/// Contacts that users deleted, at each company at which they were: HubSpot tells of them once an hour, so that they may count
/// as they were.
fn deleted(world: &World, firms: &Firms) -> Vec<Known> {
    let mut out = Vec::new();
    for (_, contact, emails) in world.deleted.iter().filter(|(object, ..)| *object == "contact") {
        let people = emails.iter().flat_map(|email| world.people(email));
        let accounts = people.map(|(object, id, _)| world.text(object, &id, "AccountId"));
        let accounts: BTreeSet<String> = accounts.filter(|account| !account.is_empty()).collect();
        for (company, _) in firms.employed.iter().filter(|(_, of)| of == contact) {
            let (contact, company) = (contact.clone(), Some(company.clone()));
            out.push(Known { contact, company, accounts: accounts.clone(), linked: None });
        }
    }
    out
}

/// An account without a company: people say for two, or for one that is another account.
fn left_out(
    account: &str,
    accounts: &[String],
    free: &BTreeSet<String>,
    known: &[Known],
    live: &[&Record],
) -> Option<String> {
    let at = |one: &&Known| one.accounts.contains(account);
    let companies: BTreeSet<&String> = known.iter().filter(at).filter_map(|one| one.company.as_ref()).collect();
    if companies.is_empty() {
        return Some(format!("account {account} has no company, and nobody's company stands in its way"));
    }
    let mut open = companies.into_iter().filter(|company| free.contains(*company));
    let (Some(only), None) = (open.next(), open.next()) else { return None };
    let carried = |account: &String| live.iter().any(|one| one.get("salesforceaccountid") == Some(account));
    let there = known.iter().filter(|one| one.company.as_ref() == Some(only));
    let mut others = there.flat_map(|one| &one.accounts).filter(|of| *of != account && accounts.contains(of));
    let surely = known
        .iter()
        .any(|one| one.company.as_ref() == Some(only) && one.linked.as_ref().is_some_and(|(_, of)| of == account));
    let alone = others.all(carried);
    (surely && alone).then(|| format!("account {account} is company {only} by its people, and is not linked"))
}

/// A company of our making, for an account that was another company by all that was known when it came.
fn made_for_nothing(world: &World, firms: &Firms, known: &[Known], made: &Record) -> Option<String> {
    let ours = made.history("name").pop().is_some_and(|first| first.source.name() == "API");
    let account = made.history("salesforceaccountid").pop()?.value?.to_string();
    let then = made.created();
    let before = then.minus(KNOWN_MS);
    let one = known.iter().find(|one| one.linked.as_ref().is_some_and(|(_, of)| *of == account))?;
    let (person, _) = one.linked.as_ref()?;
    let company = one.company.as_ref().filter(|company| **company != made.id().to_string())?;
    let contact = world.hubspot.record("contact", &one.contact)?;
    // Nobody else says anything of the two.
    let alone = firms.employed.iter().filter(|(of, _)| of == company).all(|(_, contact)| *contact == one.contact)
        && known.iter().filter(|other| other.accounts.contains(&account)).count() == 1
        && one.accounts.len() == 1
        && merged(world, &one.contact).is_empty();
    let rows = ["Lead", "Contact"].map(|object| rows_ever(world, object, contact.get("email").unwrap_or_default()));
    let employed = contact.history("associatedcompanyid");
    let employed = employed.len() == 1 && employed[0].at < before && contact.created() < before;
    let free = world.hubspot.record("company", company)?.history("salesforceaccountid");
    let free = free.iter().all(|step| step.at > then);
    let placed = placed(world, firms, person, &account, before);
    (ours && alone && rows.iter().sum::<usize>() == 1 && employed && placed && free).then(|| {
        format!("company {} was made for account {account}, which was company {company} by its people", made.id())
    })
}

fn merged(world: &World, contact: &str) -> String {
    world.property(contact, "hs_merged_object_ids")
}

/// Records that ever had the address and are not converted.
fn rows_ever(world: &World, object: &str, email: &str) -> usize {
    let all = world.salesforce.records(object);
    let has_it = |record: &&_| world.salesforce.value(object, record, "Email").is_some_and(|of| of == *email);
    all.filter(has_it).filter(|record| !world.flag(object, record, "IsConverted")).count()
}

/// Whether the person was at the account from its first day, or for long.
fn placed(world: &World, firms: &Firms, person: &str, account: &str, before: Millis) -> bool {
    let second = |text: &str| text.get(..19).map(str::to_owned);
    let opened = second(&world.text("Account", account, "CreatedDate"));
    match firms.placed.get(person).map(Vec::as_slice) {
        Some([(at, _)]) => *at < before || second(&at.to_iso()) == opened,
        Some(_) => false,
        None => second(&world.text("Contact", person, "CreatedDate")) == opened,
    }
}

/// Who is where, for a person who wants to know why.
pub fn tell(world: &World) {
    if world.firms.is_none() {
        return;
    }
    for one in (0..PEOPLE).filter_map(|n| known(world, &address(n))) {
        let Known { contact, company, accounts, linked } = one;
        println!("contact {contact} at company {company:?}; its people at {accounts:?}, linked with {linked:?}");
    }
    for one in world.hubspot.records("company") {
        println!("company {} {:?} is account {:?}", one.id(), one.get("name"), one.get("salesforceaccountid"));
    }
    println!("accounts {:?}", world.accounts());
}

/// What came of it.
pub fn note(world: &mut World) {
    let companies = world.hubspot.records("company");
    let told = companies.filter_map(|one| {
        let ours = one.history("name").pop()?.source.name() == "API";
        one.get("salesforceaccountid").filter(|id| !id.is_empty())?;
        Some(if ours { "a company is made for an account" } else { "a company is an account by its people" })
    });
    let told: Vec<&'static str> = told.collect();
    told.into_iter().for_each(|what| world.situation(what));
}
