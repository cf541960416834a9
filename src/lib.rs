//! Syncline keeps HubSpot and Salesforce in step, with rules as code.
//!
//! Imports go one way: `cli -> sync -> {decide, crm, store} -> lang`, with `data` below all. The sandbox stands
//! apart: it imports no adapter, so that the two cannot share one wrong idea of an API. See ARCHITECTURE.md.

pub mod cli;
pub mod crm;
pub mod data;
pub mod decide;
pub mod diagnostic;
pub mod lang;
pub mod lsp;
#[cfg(feature = "planted")]
pub mod planted;
#[cfg(not(feature = "planted"))]
mod planted;
pub mod sandbox;
pub mod store;
pub mod sync;
