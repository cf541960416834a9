//! Owners, read-only.

use serde_json::{Value, json};

use super::super::errors::ApiError;
use super::super::owners::Owner;
use super::super::world::World;
use super::cursor;
use super::reply::Reply;
use super::request::Call;

/// Either the active or the archived ones.
pub(super) fn list(world: &World, call: &Call) -> Result<Reply, ApiError> {
    let limit = call.limit(100, 500)?;
    let archived = call.flag("archived");
    let email = call.query("email").filter(|email| !email.is_empty()).map(str::to_lowercase);
    let first: u64 = cursor::place(call, |text| text.parse().ok())?.unwrap_or(0);
    let wanted = |owner: &&Owner| {
        owner.archived == archived && email.as_ref().is_none_or(|email| owner.email.to_lowercase() == *email)
    };
    let mut found = world.owners.range(first..).map(|(_, owner)| owner).filter(wanted);
    let results: Vec<Value> = found.by_ref().take(limit).map(Owner::to_json).collect();
    let mut body = json!({"results": results});
    if let (Some(next), Some(fields)) = (found.next(), body.as_object_mut()) {
        fields.insert("paging".to_owned(), json!({"next": {"after": cursor::opaque(next.id)}}));
    }
    Ok(Reply::Json(200, body))
}

pub(super) fn get(world: &World, id: &str, call: &Call) -> Result<Reply, ApiError> {
    let number: u64 = id.parse().map_err(|_| ApiError::odd_id(id))?;
    let by_user = call.query("idProperty") == Some("userId");
    let found = world.owners.values().find(|owner| match by_user {
        true => owner.user_id == Some(number),
        false => owner.id == number,
    });
    let owner = found.filter(|owner| owner.archived == call.flag("archived")).ok_or_else(ApiError::not_found)?;
    Ok(Reply::Json(200, owner.to_json()))
}
