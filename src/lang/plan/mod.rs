//! From checked rules to a plan that the engine runs.

mod closures;
mod convert;
mod differ;
mod digest;
mod email;
mod fold;
mod fuse;
mod ir;
mod lifecycle;
mod lower;
mod matches;
mod owners;
mod rule_test;
mod walk;
mod words;

pub use closures::{Cx, Predicate, compile_cond};
pub use convert::{Around, Carried, Converted, convert, target};
pub use differ::{Differences, differences};
pub use digest::digest;
pub use email::is_valid_email;
pub use fold::fold_case;
pub use fuse::fuse;
pub use ir::*;
pub use lower::lower;
pub use owners::{Directory, Owned, OwnerLine, OwnerMatch, OwnerOutcome, OwnerTable};
pub use rule_test::*;
pub use walk::{Trace, decided, holds, slots_of, test_cell, trace, unread};
pub use walk::{timed, turns_at};
pub use words::words;
