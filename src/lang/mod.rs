//! The rule language above its syntax: schemas, checks, plans. Does no I/O.

pub mod check;
mod compile;
pub mod explain;
pub mod meaning;
pub mod places;
pub mod plan;
pub mod schema;

pub use compile::{compile, findings};
