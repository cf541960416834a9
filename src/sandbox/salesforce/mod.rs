//! A model of one Salesforce org behind its REST API.
//!
//! [`World`] is the org as plain data and [`handle`] answers one request at one moment: no clock, no socket, no chance of its
//! own. What the model does follows the public documentation and public client libraries; where they are silent, the
//! harder reading for a client was taken (rows without ORDER BY come in the order of random ids, messages hold
//! 15-character ids).
//!
//! - the org: [`World`], [`Config`], [`Counters`], [`FieldDef`], [`Record`]
//! - what users do without the API: `World::user_*`, conversion, merge and the recycle bin
//! - the API: login, limits, describe, rows, collections, composite, batch, queries, searches
//! - whole orgs from and to JSON: [`World::load`], [`World::dump`]

mod auth;
mod batch;
mod collections;
mod composite;
mod config;
mod derive;
mod describe;
mod errors;
mod field;
mod identity;
mod ids;
mod keys;
mod limits;
mod load;
mod people;
mod places;
mod query;
mod record;
mod references;
mod replication;
mod reply;
mod request;
mod route;
mod rows;
mod schema;
mod soap;
mod soql;
mod sosl;
mod standard;
mod table;
mod undelete;
mod validate;
mod world;
mod write;

#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{Request, Response};

use crate::data::Millis;

pub use config::{Config, Counters};
pub use errors::{ApiError, Refused};
pub use field::{FieldDef, FieldType, PicklistValue};
pub use ids::Id;
pub use load::LoadError;
pub use people::Converted;
pub use record::Record;
pub use world::World;

/// Answers one request at one moment. Never panics, whatever the request.
pub fn handle(world: &mut World, now: Millis, request: &Request<Bytes>) -> Response<Bytes> {
    world.settle(now);
    route::answer(world, now, request).into_http()
}
