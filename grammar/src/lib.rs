//! The Syncline rule language: text to an owned tree with spans. No schema, no I/O.

pub mod problem;
pub mod span;
pub mod tree;

pub use problem::{Problem, ProblemCode};
pub use span::{Span, line_column};
