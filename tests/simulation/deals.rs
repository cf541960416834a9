//! What people do with opportunities, roles, companies and stages: drawn apart from all else, and remembered as far as it
//! tells which stages anybody may ever have been given.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::{Value, json};
use syncline::data::Millis;
use syncline::sandbox::hubspot::Record;

use crate::users::{PEOPLE, address};
use crate::world::World;

/// The portal's own order.
pub const ORDER: [&str; 8] = [
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
];
pub const RULES: &str = r#"
lifecycle contact.lifecyclestage {
  reach opportunity "open opportunity" when any Opportunity by OpportunityContactRole where IsClosed is false
  reach customer    "closed won"       when any Opportunity by OpportunityContactRole where IsWon is true
  back to lead      "lost" when every Opportunity by OpportunityContactRole where (IsClosed is true and IsWon is false)
  cascade to company
  cascade to company.contacts
}
"#;
pub const LEAD: usize = 1;
const COMPANIES: usize = 3;

/// What the oracle remembers of one seed.
pub struct Deals {
    rng: Rng,
    pub companies: Vec<String>,
    /// Who was ever at which company: company and contact.
    pub members: BTreeSet<(String, String)>,
    /// Opportunity and the address of who ever had a role on it.
    pub roles: BTreeSet<(String, String)>,
    /// Stages that an opportunity ever gave.
    pub gave: BTreeMap<String, BTreeSet<usize>>,
}

impl Deals {
    pub fn new(seed: u64) -> Deals {
        Deals {
            rng: Rng::with_seed(seed ^ 0x5bd1_e995),
            companies: Vec::new(),
            members: BTreeSet::new(),
            roles: BTreeSet::new(),
            gave: BTreeMap::new(),
        }
    }
}

pub fn rank(stage: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == stage)
}

pub fn stage_of(record: &Record) -> Option<usize> {
    record.get("lifecyclestage").and_then(rank)
}

impl World {
    fn draw(&mut self, range: std::ops::Range<u32>) -> u32 {
        self.deals.as_mut().map_or(0, |deals| deals.rng.u32(range))
    }

    /// Companies before anything else, so that contacts can be at them.
    pub fn found_companies(&mut self, now: Millis) {
        for n in 0..COMPANIES {
            let name = format!("Company {n}");
            let Ok(id) = self.hubspot.user_create("company", &[("name", Some(&*name))], now) else { continue };
            if let Some(deals) = &mut self.deals {
                deals.companies.push(id);
            }
        }
        for _ in 0..8 {
            self.deal_acts(now);
        }
    }

    /// Something that people do in sales.
    pub fn deal_acts(&mut self, now: Millis) {
        match self.draw(0..20) {
            0..=2 => self.open_deal(now),
            3..=7 => self.add_role(now),
            8 | 9 => self.drop_role(now),
            10..=13 => self.move_deal(now),
            14 => self.delete_or_restore(now),
            15..=17 => self.change_company(now),
            _ => self.move_stage(now),
        }
    }

    /// One of the live (or the deleted) records of an object, by its id.
    fn one_of(&mut self, object: &str, deleted: bool) -> Option<String> {
        let ids: Vec<String> = self
            .salesforce
            .records(object)
            .filter(|record| self.flag(object, record, "IsDeleted") == deleted)
            .filter_map(|record| self.salesforce.value(object, record, "Id")?.as_str().map(str::to_owned))
            .collect();
        let at = self.draw(0..ids.len().max(1) as u32) as usize;
        ids.get(at).cloned()
    }

    pub fn flag(&self, object: &str, record: &syncline::sandbox::salesforce::Record, field: &str) -> bool {
        self.salesforce.value(object, record, field) == Some(Value::Bool(true))
    }

    /// What the opportunity gives now, for ever.
    fn remember_deal(&mut self, id: &str) {
        let Some(record) = self.salesforce.record("Opportunity", id) else { return };
        let (closed, won) = (self.flag("Opportunity", record, "IsClosed"), self.flag("Opportunity", record, "IsWon"));
        let gives = if won { Some(5) } else { (!closed).then_some(4) };
        if let Some(deals) = &mut self.deals {
            deals.gave.entry(id.to_owned()).or_default().extend(gives);
        }
    }

    fn open_deal(&mut self, now: Millis) {
        let stage = if self.draw(0..4) == 0 { "Closed Won" } else { "Prospecting" };
        let fields = [("Name", json!("D")), ("StageName", json!(stage)), ("CloseDate", json!("2027-06-01"))];
        if let Ok(id) = self.salesforce.user_create("Opportunity", &fields, now) {
            self.remember_deal(&id);
        }
    }

    fn add_role(&mut self, now: Millis) {
        let (Some(deal), Some(person)) = (self.one_of("Opportunity", false), self.one_of("Contact", false)) else {
            return;
        };
        let fields = [("OpportunityId", json!(deal)), ("ContactId", json!(person))];
        if self.salesforce.user_create("OpportunityContactRole", &fields, now).is_ok() {
            let email = self.text("Contact", &person, "Email");
            self.log.push((now, format!("role of {email} {person} on {deal}")));
            if let Some(deals) = &mut self.deals {
                deals.roles.insert((deal, email));
            }
        }
    }

    fn drop_role(&mut self, now: Millis) {
        if let Some(role) = self.one_of("OpportunityContactRole", false)
            && self.salesforce.user_delete("OpportunityContactRole", &role, now).is_ok()
        {
            self.log.push((now, format!("role {role} is deleted")));
            self.situation("a role is deleted");
        }
    }

    fn move_deal(&mut self, now: Millis) {
        let Some(deal) = self.one_of("Opportunity", false) else { return };
        let to = ["Closed Won", "Closed Won", "Closed Lost", "Closed Lost", "Negotiation/Review"];
        let fields = [("StageName", json!(to[self.draw(0..5) as usize]))];
        self.log.push((now, format!("deal {deal} moves: {fields:?}")));
        if self.draw(0..6) == 0 {
            let visible = now.plus(i64::from(self.draw(1_000..60_000)));
            if self.salesforce.user_update_late("Opportunity", &deal, &fields, now, visible).is_ok() {
                // What it will give, it may give from now on.
                if let Some(deals) = &mut self.deals {
                    deals.gave.entry(deal).or_default().extend([4, 5]);
                }
            }
        } else if self.salesforce.user_update("Opportunity", &deal, &fields, now).is_ok() {
            self.remember_deal(&deal);
        }
    }

    fn delete_or_restore(&mut self, now: Millis) {
        let restore = self.draw(0..2) == 0;
        let Some(deal) = self.one_of("Opportunity", restore) else { return };
        let done = match restore {
            true => self.salesforce.user_undelete("Opportunity", &deal, now),
            false => self.salesforce.user_delete("Opportunity", &deal, now),
        };
        if done.is_ok() {
            self.log.push((now, format!("deal {deal} restored {restore}")));
            self.situation(if restore { "an opportunity is restored" } else { "an opportunity is deleted" });
        }
    }

    fn someone(&mut self) -> Option<String> {
        let email = address(self.draw(0..PEOPLE));
        self.contact(&email)
    }

    fn change_company(&mut self, now: Millis) {
        let at = self.draw(0..COMPANIES as u32) as usize;
        let company = self.deals.as_ref().and_then(|deals| deals.companies.get(at).cloned());
        let (Some(contact), Some(company)) = (self.someone(), company) else { return };
        self.log.push((now, format!("contact {contact} is at company {company}")));
        if self.hubspot.set_primary_company(&contact, &company, now).is_ok()
            && let Some(deals) = &mut self.deals
        {
            deals.members.insert((company, contact));
        }
    }

    /// A user may move a stage wherever he likes.
    fn move_stage(&mut self, now: Millis) {
        let stage = ORDER[self.draw(0..6) as usize];
        let company = self.draw(0..4) == 0;
        let at = self.draw(0..COMPANIES as u32) as usize;
        let (object, id) = match company {
            true => ("company", self.deals.as_ref().and_then(|deals| deals.companies.get(at).cloned())),
            false => ("contact", self.someone()),
        };
        let Some(id) = id else { return };
        if self.hubspot.user_update(object, &id, &[("lifecyclestage", Some(stage))], now).is_ok() {
            self.log.push((now, format!("{object} {id} moves to {stage}")));
            self.situation("a user moves a stage");
        }
    }
}
