//! Owners, archived ones too: old records keep them.

use serde::Deserialize;

use super::rows::{Paging, next_page};
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
                after = next_page(page.paging, after.as_deref())?;
                if after.is_none() {
                    break;
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
