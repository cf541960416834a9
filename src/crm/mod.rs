//! CRMs behind one port. Each adapter is a folder; `http/` is what they share.

pub mod http;
pub mod hubspot;
pub mod port;
pub mod salesforce;

pub use port::*;
