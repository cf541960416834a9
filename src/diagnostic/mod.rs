//! What is wrong with rules, as plain data, and how it is shown.

mod code;
mod escape;
pub mod explain;
mod finding;
pub mod fix;
pub mod render;
mod sources;

pub use code::{Code, Severity};
pub use escape::escape;
pub use finding::{Edit, Finding, Fix, Label, has_errors, sort};
pub use sources::{LineIndex, SourceFile};
