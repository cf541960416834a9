//! What Syncline knows: the mirror, the links, the journal. One file per connection.

#[cfg(test)]
mod conformance;
mod hood;
mod index;
mod lock;
mod operation;
mod port;
mod reader;
mod sqlite;

pub use hood::*;
pub use index::*;
pub use lock::InstanceLock;
pub use operation::*;
pub use port::*;
pub use reader::*;
pub use sqlite::{Sqlite, SqliteReader};
