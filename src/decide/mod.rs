//! Who is who, and what must be written: pure functions over a plan and the mirror. No I/O, no clock, no chance.
//!
//! [`identify`] joins records into subjects, [`decide`] compares a subject with what was last agreed, [`merge`] is the
//! table of winners. Everything that wants to know (the engine, the dry run, tests) calls these same functions.

mod base;
mod count;
mod create;
mod decision;
mod events;
mod explain;
mod flow;
mod frame;
mod gates;
mod heirs;
mod identify;
mod inputs;
mod lifecycle;
#[cfg(test)]
mod lifecycle_tests;
mod lines;
mod merge;
mod money;
mod order;
mod parting;
mod program;
#[cfg(test)]
mod tests;
mod values;

pub use base::{Agreed, AgreedView, Base, BaseView};
pub use create::foreseen;
pub use decision::{Decision, Held, Known, Move, Need, Verdict, decide};
pub use explain::{
    About, Counting, CreateLine, Creation, Explanation, Flow, GateLine, Joint, Judged, Pick, RecordLine, Rival,
    RowLine, RowState, Saw, StageLine, Stages, Take, explain,
};
pub use frame::{Frame, Here};
pub use gates::{Barred, Way};
pub use identify::{Identified, Member, Proposed, Relink, Unsettled, Unsure, Used, identify};
pub use lifecycle::derived;
pub use merge::{Higher, Merged, Seen, Since, merge};
pub use program::{Program, key_spec};
