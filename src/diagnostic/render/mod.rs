//! One file per form in which findings are shown.

mod excerpt;
mod github;
mod human;
mod json;
mod junit;
mod plain;
mod sarif;
mod summary;

pub use github::{github, github_error};
pub use human::{Look, human};
pub use json::{json, report};
pub use junit::{junit, xml};
pub use plain::plain;
pub use sarif::sarif;
pub use summary::summary;
