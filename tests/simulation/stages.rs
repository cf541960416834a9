//! Stages at the end, told from what both CRMs hold and from all that users ever did: as far as anything holds, never
//! backward by our hand but where a rule says so, and never a stage that nothing ever gave.

use std::collections::BTreeSet;

use syncline::sandbox::hubspot::Record;

use crate::deals::{Deals, LEAD, ORDER, rank, stage_of};
use crate::users::{PEOPLE, address};
use crate::world::World;

/// A contact that is in both CRMs and within the gates.
struct Person {
    id: String,
    email: String,
    company: Option<String>,
    /// How far it has come by its own.
    came: Option<usize>,
    /// It has opportunities, and all are lost.
    lost: bool,
    linked: bool,
    /// Its partner is deleted, and it is left as it is: its own stage and its company's.
    left_alone: bool,
}

pub fn broken(world: &World) -> Vec<String> {
    let Some(deals) = &world.deals else { return Vec::new() };
    let people: Vec<Person> = (0..PEOPLE).filter_map(|n| person(world, &address(n))).collect();
    let company_came = |company: &str| {
        people.iter().filter(|one| one.company.as_deref() == Some(company)).filter_map(|one| one.came).max()
    };
    let mut out = Vec::new();
    for one in &people {
        let Some(record) = world.hubspot.record("contact", &one.id) else { continue };
        let floor = one.came.max(one.company.as_deref().and_then(company_came));
        let stage = stage_of(record);
        if one.left_alone {
            // All that users did is known by then, and nobody moves it any more.
            let moved = record
                .history("lifecyclestage")
                .into_iter()
                .find(|step| step.source.name() == "API" && step.at > world.quiet_since);
            out.extend(moved.map(|step| format!("{}: lost its partner, and was moved to {:?}", one.email, step.value)));
        } else if stage < floor {
            out.push(format!("{}: the stage is {:?} and {:?} holds", one.email, told(stage), told(floor)));
        }
        if one.linked && one.lost && floor <= Some(LEAD) && stage > Some(LEAD) {
            out.push(format!("{}: all is lost, and the stage is {:?}", one.email, told(stage)));
        }
        out.extend(history(record, true).into_iter().map(|what| format!("{}: {what}", one.email)));
        let given = given(
            deals,
            |company, contact| {
                let mut members = deals.members.iter().filter(|(of, _)| of == company);
                contact == one.id || members.any(|(_, contact)| world.heir(contact) == one.id)
            },
            world,
            Some(&one.id),
        );
        out.extend(strange(record, &given).into_iter().map(|what| format!("{}: {what}", one.email)));
    }
    for company in &deals.companies {
        let Some(record) = world.hubspot.record("company", company) else { continue };
        if stage_of(record) < company_came(company) {
            let (is, holds) = (told(stage_of(record)), told(company_came(company)));
            out.push(format!("company {company}: the stage is {is:?} and {holds:?} holds"));
        }
        out.extend(history(record, false).into_iter().map(|what| format!("company {company}: {what}")));
        let given = given(deals, |of, _| of == company, world, None);
        out.extend(strange(record, &given).into_iter().map(|what| format!("company {company}: {what}")));
    }
    // Nobody outside the gates is moved.
    for email in (0..PEOPLE).map(address).filter(|email| email.ends_with("@acme.com")) {
        let Some(record) = world.contact(&email).and_then(|id| world.hubspot.record("contact", &id)) else { continue };
        if record.history("lifecyclestage").iter().any(|one| one.source.name() == "API") {
            out.push(format!("{email}: is our own staff, and its stage was moved"));
        }
    }
    out
}

fn told(stage: Option<usize>) -> &'static str {
    stage.map_or("", |stage| ORDER[stage])
}

fn person(world: &World, email: &str) -> Option<Person> {
    if email.ends_with("@acme.com") {
        return None;
    }
    let id = world.contact(email)?;
    let company = Some(world.property(&id, "associatedcompanyid")).filter(|company| !company.is_empty());
    let partner = world.person_of(email, &id);
    let stands: Vec<Option<usize>> = match &partner {
        Some(("Contact", person)) => stands(world, person),
        _ => Vec::new(),
    };
    let came = stands.iter().copied().flatten().max();
    let lost = !stands.is_empty() && stands.iter().all(Option::is_none);
    let linked = partner.is_some();
    let left_alone = !linked && (world.partner_is_deleted(&id) || world.partner_is_anothers(&id));
    Some(Person { id, email: email.to_owned(), company, came, lost, linked, left_alone })
}

/// What each of a person's opportunities gives; a lost one nothing.
fn stands(world: &World, person: &str) -> Vec<Option<usize>> {
    let roles = world.salesforce.records("OpportunityContactRole").filter(|role| {
        !world.flag("OpportunityContactRole", role, "IsDeleted")
            && world.salesforce.value("OpportunityContactRole", role, "ContactId").is_some_and(|id| id == *person)
    });
    let deals = roles.filter_map(|role| {
        let deal = world.salesforce.value("OpportunityContactRole", role, "OpportunityId")?;
        world.salesforce.record("Opportunity", deal.as_str()?)
    });
    let live = deals.filter(|deal| !world.flag("Opportunity", deal, "IsDeleted"));
    live.map(|deal| {
        let flag = |field| world.flag("Opportunity", deal, field);
        if flag("IsWon") { Some(5) } else { (!flag("IsClosed")).then_some(4) }
    })
    .collect()
}

/// Steps backward that were ours. `back`: by a clear, it may go back to a lead.
fn history(record: &Record, back: bool) -> Vec<String> {
    let mut steps = record.history("lifecyclestage");
    steps.reverse();
    let mut out = Vec::new();
    let (mut before, mut cleared) = (None, false);
    for step in steps {
        let stage = step.value.as_deref().and_then(rank);
        let ours = step.source.name() == "API";
        if ours && stage < before && !(back && stage.is_none()) {
            out.push(format!("we moved it back from {:?} to {:?}", told(before), told(stage)));
        }
        cleared = ours && stage.is_none() && before.is_some();
        before = stage;
    }
    // Who was merged took the other one's.
    if cleared && stage_of(record).is_none() {
        out.push("we cleared it and left it so".to_owned());
    }
    out
}

/// Every stage that opportunities ever gave to those who were ever at one of these companies, or to `own` itself: to what
/// they are by now, whatever its address was.
fn given(deals: &Deals, at: impl Fn(&str, &str) -> bool, world: &World, own: Option<&str>) -> BTreeSet<usize> {
    let members: Vec<(&str, String)> = deals.members.iter().map(|(company, id)| (&**company, world.heir(id))).collect();
    let companies: BTreeSet<&str> =
        members.iter().filter(|(company, contact)| at(company, contact)).map(|(company, _)| *company).collect();
    let contacts = members.iter().filter(|(company, _)| companies.contains(company)).map(|(_, contact)| &**contact);
    let emails: BTreeSet<String> = contacts.chain(own).flat_map(|contact| world.addresses(contact)).collect();
    let roles = deals.roles.iter().filter(|(_, email)| emails.contains(email));
    roles.filter_map(|(deal, _)| deals.gave.get(deal)).flatten().copied().collect()
}

/// Stages of our writing that nothing ever gave.
fn strange(record: &Record, given: &BTreeSet<usize>) -> Vec<String> {
    let ours = record.history("lifecyclestage").into_iter().filter(|step| step.source.name() == "API");
    let stages = ours.filter_map(|step| step.value.as_deref().and_then(rank));
    let odd = stages.filter(|stage| *stage != LEAD && !given.contains(stage));
    odd.map(|stage| format!("we gave it {:?}, which nothing ever gave", ORDER[stage])).collect()
}

/// What came of it, so that it can be told whether it came to anything.
pub fn note(world: &mut World) {
    let steps = |object: &'static str, what: [&'static str; 2]| {
        let records = world.hubspot.records(object);
        let steps =
            records.flat_map(|record| record.history("lifecyclestage")).filter(|step| step.source.name() == "API");
        steps.map(move |step| what[usize::from(step.value.is_none_or(|value| value.is_empty()))]).collect::<Vec<_>>()
    };
    let contacts = steps("contact", ["we move a contact's stage", "we clear a contact's stage"]);
    let companies = steps("company", ["we move a company's stage", "we clear a company's stage"]);
    contacts.into_iter().chain(companies).for_each(|what| world.situation(what));
}
