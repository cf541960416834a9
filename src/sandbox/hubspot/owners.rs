//! Owners: the portal's users, to whom records can belong.

use serde_json::{Value, json};

use crate::data::Millis;

#[derive(Clone, Debug)]
pub struct Owner {
    pub id: u64,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    /// Null once the owner is archived; it is not the id that records hold.
    pub user_id: Option<u64>,
    pub archived: bool,
    pub created: Millis,
    pub updated: Millis,
}

impl Owner {
    pub(super) fn to_json(&self) -> Value {
        json!({"id": self.id.to_string(), "email": self.email, "type": "PERSON", "firstName": self.first_name,
            "lastName": self.last_name, "userId": self.user_id.filter(|_| !self.archived),
            "userIdIncludingInactive": self.user_id, "archived": self.archived, "teams": [],
            "createdAt": self.created.to_iso(), "updatedAt": self.updated.to_iso()})
    }
}
