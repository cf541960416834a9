//! From checked rules to a plan that the engine runs.

mod applies;
mod closures;
mod convert;
mod digest;
mod email;
mod fold;
mod fuse;
mod ir;
mod lower;
mod paths;
mod reads;
mod walk;

pub use applies::applies;
pub use closures::{Check, Cx, compile_cond};
pub use convert::{Carried, Converted, Reason, convert, target};
pub use digest::digest;
pub use email::is_valid_email;
pub use fold::fold_case;
pub use fuse::fuse;
pub use ir::*;
pub use lower::lower;
pub use paths::{Paths, Wake};
pub use reads::{IndexKey, Reads, TypeRead};
pub use walk::{Trace, holds, slots_of, trace};
