//! The rule language above its syntax: schemas, checks, plans. Does no I/O.

pub mod plan;
pub mod schema;
