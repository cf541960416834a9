//! What a pass tells while it runs, and at its end.

use std::fmt;

use crate::data::{BySide, Millis, Side};
use crate::decide::{Decision, Frame, Program, Used};
use crate::store::Sid;

use super::changes::{Change, Relinked};
use super::hold::Holding;
use super::release::Release;

/// Told of everything that a person may want to see. Called from within the pass: must be quick.
pub trait Observer: Send + Sync {
    fn on(&self, event: Event<'_>);

    /// Whether the pass is to come to an end early: what is on its way is settled, nothing more is begun.
    fn stopping(&self) -> bool {
        false
    }
}

/// Why something was left for the next pass, once the observer wants an end.
pub(super) const STOPPED: &str = "stopped before its end";

/// For those who only want the report.
pub struct Silent;

impl Observer for Silent {
    fn on(&self, _: Event<'_>) {}
}

#[derive(Debug)]
pub enum Event<'a> {
    /// Rows of a feed were read; `changed` differ from the mirror.
    Read { side: Side, feed: &'a str, rows: usize, changed: usize },
    /// A feed could not be read.
    Unread { side: Side, feed: &'a str, why: &'a str },
    /// A wave of subjects was decided.
    Deciding { subjects: usize },
    /// One subject was decided; told again after each round of fetching and each write.
    Decided(&'a Judged<'a>),
    /// A subject for which nothing is written, with the reason, where there is one.
    Skipped { label: &'a str, why: &'a str },
    /// A linked record to which values flowed until now.
    Frozen { label: &'a str, why: &'a str },
    /// A problem that is on record now.
    Issue { label: &'a str, rule: &'a str, code: &'a str, message: &'a str },
    /// Written, or in a dry run what would be. Told when its outcome is known.
    Changed(&'a Change),
    /// A link that moved to another record.
    Relinked(&'a Relinked),
    /// Calls go out.
    Sending { side: Side, call: &'a str, records: usize },
    /// A record whose fate after a crash or a lost reply was looked up.
    Recovered { side: Side, ops: usize },
}

/// A decision with all that it was made of.
pub struct Judged<'a> {
    pub sid: Sid,
    pub label: &'a str,
    pub program: &'a Program,
    pub frame: &'a Frame<'a>,
    pub decision: &'a Decision,
    /// What of the rules said which records belong together, where that was new.
    pub used: Option<&'a Used>,
    /// Why it is not known which records belong together; nothing is decided then.
    pub ambiguous: Option<&'a str>,
    /// A rule proposes a match, and nobody has answered.
    pub proposed: bool,
    /// The time that conditions count from.
    pub now: Millis,
}

impl fmt::Debug for Judged<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Judged").field("label", &self.label).field("decision", &self.decision).finish_non_exhaustive()
    }
}

/// Sums of one pass.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    pub rows_read: usize,
    pub rows_changed: usize,
    pub decided: usize,
    pub created: BySideCount,
    pub updated: BySideCount,
    #[serde(skip_serializing_if = "BySideCount::is_none")]
    pub deleted: BySideCount,
    /// Links that moved to another record.
    #[serde(skip_serializing_if = "is_zero")]
    pub relinked: usize,
    /// Linked records to which values flowed until now.
    #[serde(skip_serializing_if = "is_zero")]
    pub frozen: usize,
    pub rejected: usize,
    pub skipped: usize,
    pub waiting: usize,
    pub recovered: usize,
    /// HTTP calls made.
    pub calls: BySideCount,
    /// HTTP calls that were writes, as forecast by the packing.
    pub write_calls: BySideCount,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct BySideCount {
    pub left: u64,
    pub right: u64,
}

impl BySideCount {
    pub fn add(&mut self, side: Side, n: u64) {
        match side {
            Side::Left => self.left += n,
            Side::Right => self.right += n,
        }
    }

    pub fn is_none(&self) -> bool {
        self.both() == 0
    }

    pub fn both(self) -> u64 {
        self.left + self.right
    }
}

/// How a pass ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Ending {
    /// Nothing is due any more.
    #[default]
    Quiet,
    /// More is due, but later: a retry, a limit, a side that could not be read.
    Later { why: String },
    /// More would change than the rules allow without a person's word; nothing was written.
    Held(Holding),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct PassReport {
    pub pass: i64,
    pub counts: Counts,
    pub ending: Ending,
    /// What the guard would have held was released by the word that was given.
    pub approved: bool,
    /// What the guard would have held, had it been asked ([`super::PassOptions::count_only`]).
    pub would_hold: Option<Holding>,
    /// Sides whose changes could not all be read: why.
    pub unread: BySide<Option<String>>,
    /// What is left for the next pass of what a person has released.
    pub release: Release,
}
