//! One file per form in which findings are shown.

mod human;
mod json;
mod summary;

pub use human::{Look, human};
pub use json::json;
pub use summary::summary;
