//! What both adapters share of HTTP: tokens, limits, retries, JSON. [`Transport`] is the only door to the network.

mod auth;
mod client;
mod env;
mod json;
mod limiter;
mod link;
mod meter;
mod network;
mod transport;

pub use auth::{Auth, StaticToken};
pub use client::{Answer, Client, Origin, Query, Reader, Safety};
pub use env::SystemEnv;
pub use json::{parse, shape};
pub use limiter::{Limiter, Window};
pub use link::pinned_path;
pub use meter::{Meter, Unmetered};
pub use network::Network;
pub use transport::{Env, Fut, NetError, Transport};
