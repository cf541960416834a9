//! What Syncline knows: the mirror, the links, the journal. One file per connection.

pub mod port;

pub use port::*;
