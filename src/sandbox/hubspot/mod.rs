//! A model of one HubSpot portal behind HubSpot's own HTTP API.
//!
//! [`World`] is the portal as a plain value: records with property history (`record`), one `table` per object type;
//! definitions (`schema`, `groups`); associations (`edges`); `lists`, `owners`, `pipelines`; a search `index` that lags; rate
//! `limits`. `validate` and `write` hold the rules of a write; `associate`, `calculated` and `merge` what follows from
//! one; `users` is everybody else who works in the portal. [`handle`] is the API over it (`api`); `load` and `dump`
//! carry a portal from and to JSON. No clock, no socket; chance comes from the seed.

mod api;
mod associate;
mod calculated;
mod cells;
mod config;
mod dump;
mod edges;
mod errors;
mod groups;
mod index;
mod kind;
mod limits;
mod lists;
mod load;
mod merge;
mod owners;
mod pipelines;
mod record;
mod schema;
mod table;
mod users;
mod validate;
mod world;
mod write;

#[cfg(test)]
mod tests;

pub use api::handle;
pub use config::Config;
pub use errors::ApiError;
pub use kind::Kind;
pub use limits::{Class, Counters};
pub use lists::Processing;
pub use load::LoadError;
pub use owners::Owner;
pub use pipelines::{Pipeline, Stage};
pub use record::{Record, Source, Version};
pub use schema::{PropertyDef, PropertyOption, PropertyType};
pub use world::World;
