//! Owners, archived ones too: old records keep them.

use serde::Deserialize;

use super::{Hubspot, VERSION, faults};
use crate::crm::CallError;
use crate::crm::http::{Query, parse};
use crate::data::Person;

const PAGE: usize = 500;

#[derive(Deserialize)]
struct Owners {
    results: Vec<Owner>,
    #[serde(default)]
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    #[serde(default)]
    next: Option<Next>,
}

#[derive(Deserialize)]
struct Next {
    after: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    id: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    first_name: Option<String>,
    #[serde(default)]
    last_name: Option<String>,
}

impl Hubspot {
    /// All owners of the portal; records hold an owner's id, not the user's.
    pub(super) async fn owners(&self) -> Result<Vec<Person>, CallError> {
        let mut people = Vec::new();
        for archived in [false, true] {
            let mut after: Option<String> = None;
            loop {
                let from = after.as_ref().map_or_else(String::new, |after| format!("&after={after}"));
                let path = format!("/crm/owners/{VERSION}?limit={PAGE}&archived={archived}{from}");
                let answer = self.call(Query::get(path)).await?;
                if !answer.status.is_success() {
                    return Err(faults::refused(&answer));
                }
                let page: Owners = parse(&answer.body, &mut Vec::new())?;
                people.extend(page.results.into_iter().map(|owner| person(owner, !archived)));
                let next = page.paging.and_then(|paging| paging.next).map(|next| next.after);
                let next = next.filter(|next| next.chars().all(|c| c.is_ascii_alphanumeric()));
                if next.is_some() && next == after {
                    return Err(faults::local("the pages of owners do not move on".into()));
                }
                match next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        Ok(people)
    }
}

fn person(owner: Owner, active: bool) -> Person {
    let names = [owner.first_name.unwrap_or_default(), owner.last_name.unwrap_or_default()];
    Person {
        id: owner.id.into(),
        email: owner.email.unwrap_or_default().into(),
        name: names.join(" ").trim().into(),
        active,
    }
}
