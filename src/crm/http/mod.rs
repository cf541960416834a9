//! What both adapters share of HTTP. `Transport` is the only door to the network.

mod transport;

pub use transport::{Env, Fut, NetError, Transport};
