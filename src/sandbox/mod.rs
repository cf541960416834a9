//! Models of both CRMs: records, schema, limits, errors and lag, behind the CRMs' own HTTP APIs.
//!
//! Each model is a plain value and a function `handle(&mut World, now, request) -> response`: no clock, no socket, no
//! chance of its own. The same function serves the simulation, the tests and `syncline sandbox`. [`data`] fills both
//! from files or with generated [`people`]; [`face`] serves them over HTTP, or HTTPS with [`tls`], with [`faults`] where
//! asked for.

pub mod data;
pub mod face;
pub mod faults;
pub mod hubspot;
mod names;
pub mod people;
pub mod salesforce;
pub mod tls;

use bytes::Bytes;
use http::{Request, Response};

use crate::data::Millis;

/// Hosts of the two models, for a client in the same process.
pub const HUBSPOT_URL: &str = "http://hubspot.localhost";
pub const SALESFORCE_URL: &str = "http://salesforce.localhost";

/// Answers a request by the host that it names.
pub fn handle(
    hubspot: &mut hubspot::World,
    salesforce: &mut salesforce::World,
    now: Millis,
    request: &Request<Bytes>,
) -> Response<Bytes> {
    match request.uri().host() {
        Some("hubspot.localhost") => hubspot::handle(hubspot, now, request),
        _ => salesforce::handle(salesforce, now, request),
    }
}
