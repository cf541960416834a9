//! What the engine asks of a store. Set-oriented throughout: never one call per record.

use thiserror::Error;

use super::hood::Hood;
use super::index::TypeIndex;
use super::operation::{Answer, BatchIds, Derived, IssueRow, JournalRow, OpenOp, Outcome, Wave};
use crate::crm::Fut;
use crate::data::{Dict, Digest, Millis, Presence, Side, Stamp, Uid};

/// A record of the mirror, a subject, an operation, a batch of operations: our own numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rid(pub i64);
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid(pub i64);
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct OpId(pub i64);
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub i64);

/// Counts the commits that woke somebody. What was asked for at a later one than a wave was loaded at outlives the wave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(pub i64);

/// A request that nobody answered may still arrive this long after it was sent. Milliseconds.
pub const LATE_MS: i64 = 10 * 60_000;

/// The fence: every commit names the epoch that it was opened with, and fails once a later one was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Epoch(pub i64);

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum StoreError {
    /// Another instance has opened the state since.
    #[error("another instance took over this state file")]
    Fenced,
    #[error("the disk is full: {0}")]
    Full(String),
    #[error("the state file is damaged: {0}")]
    Corrupt(String),
    /// Another process holds it.
    #[error("the state file is in use by another process")]
    Busy,
    #[error("the state file was written by a newer version (format {found}, this version knows {known})")]
    Newer { found: i64, known: i64 },
    #[error("the state file was written by an older version (format {found}, this version knows {known})")]
    Older { found: i64, known: i64 },
    #[error("state file: {0}")]
    Io(String),
}

/// See ARCHITECTURE.md for what each transaction holds. All writes of one call are one transaction.
pub trait Store: Send + Sync {
    /// T0: a new epoch. The dictionary as stored.
    fn open(&self, holder: &str) -> Fut<'_, Result<(Epoch, Dict), StoreError>>;
    /// Persists names that are new in `dict`, the plan's source under its digest, and what its types are indexed by. Records
    /// that are members of a block for the first time get a subject each, with work.
    fn adopt<'a>(&'a self, e: Epoch, plan: &'a Adopt) -> Fut<'a, Result<(), StoreError>>;
    fn meta<'a>(&'a self, key: &'a str) -> Fut<'a, Result<Option<String>, StoreError>>;
    fn set_meta<'a>(&'a self, e: Epoch, key: &'a str, value: &'a str) -> Fut<'a, Result<(), StoreError>>;

    fn feeds(&self) -> Fut<'_, Result<Vec<FeedState>, StoreError>>;
    /// T1: rows, list members, the work that they wake, the cursor.
    fn ingest<'a>(&'a self, e: Epoch, delta: &'a Ingest) -> Fut<'a, Result<Ingested, StoreError>>;
    /// Members that the mirror holds of a list.
    fn list_size(&self, list: Uid) -> Fut<'_, Result<u64, StoreError>>;

    /// Wakes every subject of a block, for a cause that touches all: new rules.
    fn wake_all(&self, e: Epoch, block: Uid, now: Millis) -> Fut<'_, Result<u64, StoreError>>;
    /// Subjects of the plan's blocks that are due and numbered above `after`, by number. One that has an operation without
    /// outcome is not among them.
    fn take<'a>(&'a self, query: &'a Take) -> Fut<'a, Result<Vec<Sid>, StoreError>>;
    /// Subjects of `block`, how many of them have work, and when the first of it is due.
    fn census(&self, block: Uid) -> Fut<'_, Result<Census, StoreError>>;
    /// The subjects with all that decides about them: members, base, lists, the records that they reach, and every other
    /// subject that shares a match key with them (`asked` false).
    fn load<'a>(&'a self, sids: &'a [Sid]) -> Fut<'a, Result<Hood, StoreError>>;

    /// What was derived of subjects. A group that comes further by it, or falls back, has work.
    fn derive<'a>(&'a self, e: Epoch, derived: &'a [Derived], now: Millis) -> Fut<'a, Result<(), StoreError>>;

    /// T2: identities, settled subjects, what was derived of them, issues, and the intents of the wave. Returns the numbers given to `wave.batches`.
    /// Work that was asked for after `wave.as_of` stays, whatever the wave says of its subject.
    fn intend<'a>(&'a self, e: Epoch, wave: &'a Wave) -> Fut<'a, Result<Vec<BatchIds>, StoreError>>;
    /// T3: outcomes, the rows that they brought, links to what was created. Work that was asked for after the operation's
    /// wave was loaded stays, and so does who else the rows concern.
    fn settle<'a>(&'a self, e: Epoch, outcomes: &'a [Outcome], now: Millis) -> Fut<'a, Result<(), StoreError>>;
    /// Keeps a person's word on two records; both subjects have work. Returns whether both records are in the block.
    fn answer<'a>(&'a self, e: Epoch, answer: &'a Answer, now: Millis) -> Fut<'a, Result<bool, StoreError>>;
    /// Intents without outcome, oldest first.
    fn open_ops(&self) -> Fut<'_, Result<Vec<OpenOp>, StoreError>>;

    /// Calls spent by `account` since `since`, or some more: never fewer.
    fn spent<'a>(&'a self, account: &'a str, since: Millis) -> Fut<'a, Result<u64, StoreError>>;
    /// Adds to the ledger; negative gives back what was reserved and not used.
    fn spend<'a>(&'a self, e: Epoch, account: &'a str, at: Millis, calls: i64) -> Fut<'a, Result<(), StoreError>>;

    fn begin_pass<'a>(&'a self, e: Epoch, plan: Digest, at: Millis) -> Fut<'a, Result<i64, StoreError>>;
    fn end_pass<'a>(&'a self, e: Epoch, pass: i64, at: Millis, counts: &'a str) -> Fut<'a, Result<(), StoreError>>;

    fn issues(&self) -> Fut<'_, Result<Vec<IssueRow>, StoreError>>;
    /// A copy of the state that is thrown away with all that is committed to it, save calls: they were made, and are booked
    /// in the state itself.
    fn scratch(&self) -> Result<Box<dyn Store>, StoreError>;
    /// The journal, oldest first, from operation `after` on, at most `limit`.
    fn journal(&self, after: OpId, limit: usize) -> Fut<'_, Result<Vec<JournalRow>, StoreError>>;
}

/// What the store must know of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adopt {
    pub digest: Digest,
    /// Rule files and schemas, so that the journal stays explainable.
    pub source: Vec<u8>,
    pub dict: Dict,
    pub types: Vec<TypeIndex>,
    pub at: Millis,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FeedState {
    pub name: String,
    pub cursor: Option<Vec<u8>>,
    pub due: Millis,
    /// Has been read to its end at least once.
    pub complete: bool,
}

/// One transaction's worth of news from one feed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ingest {
    pub side: Option<Side>,
    pub rows: Vec<RowIn>,
    pub gone: Vec<crate::crm::Gone>,
    pub members: Vec<crate::crm::MemberChange>,
    pub feed: Option<FeedState>,
    pub now: Millis,
}

/// A row as read. Cells replace those of the same fields; others stay.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowIn {
    pub ty: Uid,
    pub id: Box<str>,
    /// An older stamp than the mirror's never overwrites. An inexact one in the mirror is good to the second only.
    pub stamp: Stamp,
    pub presence: Presence,
    /// Type and id of the record that took the place of one that is [`Presence::Redirected`].
    pub redirect: Option<(Uid, Box<str>)>,
    pub cells: Vec<u8>,
    /// Further values of fields, by which the row is found as well; `None` leaves them.
    pub aliases: Option<Vec<(Uid, Box<str>)>>,
    /// The last change of it was ours.
    pub by_us: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ingested {
    /// Rows that differ from the mirror.
    pub changed: usize,
    /// Subjects with work now that had none.
    pub woken: usize,
    /// Ids of rows that changed, for feeds that ask per record: `(type, id)`.
    pub ids: Vec<(Uid, Box<str>)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Take {
    pub now: Millis,
    pub limit: usize,
    /// Only subjects numbered above this: a scan goes upwards.
    pub after: Sid,
    /// Only subjects of this block; [`Uid::NONE`]: of every block of the plan.
    pub block: Uid,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Census {
    pub subjects: u64,
    /// With work, due or not yet.
    pub waiting: u64,
    pub next_due: Option<Millis>,
}
