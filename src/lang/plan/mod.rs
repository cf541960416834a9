//! From checked rules to a plan that the engine runs.

mod ir;

pub use ir::*;
