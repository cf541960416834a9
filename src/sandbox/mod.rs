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
pub mod people;
pub mod salesforce;
pub mod tls;
