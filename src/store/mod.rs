//! What Syncline knows: the mirror, the links, the journal. One file per connection.

#[cfg(test)]
mod conformance;
mod lock;
pub mod port;
mod sqlite;

pub use lock::InstanceLock;
pub use port::*;
pub use sqlite::Sqlite;
