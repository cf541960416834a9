//! Users, inactive ones too: old records keep their owners.

use serde::Deserialize;

use super::{Salesforce, VERSION, faults, ids};
use crate::crm::CallError;
use crate::crm::http::{Query, parse, pinned_path};
use crate::data::Person;

const USERS: &str = "SELECT Id, Email, Name, IsActive FROM User ORDER BY Id";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Users {
    records: Vec<User>,
    done: bool,
    #[serde(default)]
    next_records_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct User {
    id: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    name: Option<String>,
    is_active: bool,
}

impl Salesforce {
    /// All users of the org.
    pub(super) async fn users(&self) -> Result<Vec<Person>, CallError> {
        let q: String = url::form_urlencoded::byte_serialize(USERS.as_bytes()).collect();
        let mut path = format!("/services/data/{VERSION}/query?q={q}");
        let mut people = Vec::new();
        loop {
            let answer = self.call(Query::get(path.clone())).await?;
            if !answer.status.is_success() {
                return Err(faults::refused(&answer));
            }
            let page: Users = parse(&answer.body, &mut Vec::new())?;
            let users = page.records.into_iter().filter(|user| ids::is_id(&user.id));
            people.extend(users.map(|user| Person {
                id: ids::long(&user.id).into(),
                email: user.email.unwrap_or_default().into(),
                name: user.name.unwrap_or_default().into(),
                active: user.is_active,
            }));
            match page.next_records_url.filter(|_| !page.done) {
                None => return Ok(people),
                Some(link) => {
                    let next = pinned_path(&self.client.origin, &link)?;
                    if next == path {
                        return Err(faults::local("the pages of users do not move on".into()));
                    }
                    path = next;
                }
            }
        }
    }
}
