//! What the engine asks of a store. Set-oriented throughout: never one call per record.

use thiserror::Error;

use crate::crm::{Fault, Fut};
use crate::data::{BySide, CellList, Dict, Digest, FieldKind, Fingerprint, Millis, Presence, Side, Stamp, Uid, Value};

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

    /// T2: identities, settled subjects, issues, and the intents of the wave. Returns the numbers given to `wave.batches`.
    /// Work that was asked for after `wave.as_of` stays, whatever the wave says of its subject.
    fn intend<'a>(&'a self, e: Epoch, wave: &'a Wave) -> Fut<'a, Result<Vec<BatchIds>, StoreError>>;
    /// T3: outcomes, the rows that they brought, links to what was created. Work that was asked for after the operation's
    /// wave was loaded stays, and so does who else the rows concern.
    fn settle<'a>(&'a self, e: Epoch, outcomes: &'a [Outcome], now: Millis) -> Fut<'a, Result<(), StoreError>>;
    /// Intents without outcome, oldest first.
    fn open_ops(&self) -> Fut<'_, Result<Vec<OpenOp>, StoreError>>;

    /// Calls spent by `account` since `since`.
    fn spent<'a>(&'a self, account: &'a str, since: Millis) -> Fut<'a, Result<u64, StoreError>>;
    /// Adds to the ledger; negative gives back what was reserved and not used.
    fn spend<'a>(&'a self, e: Epoch, account: &'a str, at: Millis, calls: i64) -> Fut<'a, Result<(), StoreError>>;

    fn begin_pass<'a>(&'a self, e: Epoch, plan: Digest, at: Millis) -> Fut<'a, Result<i64, StoreError>>;
    fn end_pass<'a>(&'a self, e: Epoch, pass: i64, at: Millis, counts: &'a str) -> Fut<'a, Result<(), StoreError>>;

    fn issues(&self) -> Fut<'_, Result<Vec<IssueRow>, StoreError>>;
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

/// How rows of one type are found and whom they wake.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TypeIndex {
    pub ty: Uid,
    /// Rows of this type are members of subjects of these blocks.
    pub blocks: Vec<Uid>,
    /// Fields whose change wakes the row's own subject. Presence always does.
    pub wakes: Vec<Uid>,
    pub keys: Vec<KeySpec>,
    /// A change of one of these fields wakes the rows found under `hash(key, id of the changed row)`.
    pub reverse: Vec<(Uid, Vec<Uid>)>,
    /// Records that rows of this type count for.
    pub concerns: Vec<Concern>,
}

/// A record that a row counts for: a contact, for an opportunity contact role.
#[derive(Clone, Debug, PartialEq)]
pub struct Concern {
    /// The row's field that holds the other record's id.
    pub field: Uid,
    /// Type of that record.
    pub of: Uid,
    /// Index key under which the row is found from that id.
    pub key: Uid,
    /// Fields whose change wakes that record. Presence always does, and so does a change of `field`, on both sides of it.
    pub wakes: Vec<Uid>,
}

/// A key that rows are found by. Rows with a blank part have none.
#[derive(Clone, Debug, PartialEq)]
pub struct KeySpec {
    pub key: Uid,
    pub parts: Vec<KeyPart>,
    /// Rows with equal keys are the same thing (a match line); otherwise a reference.
    pub identity: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum KeyPart {
    Id,
    Field(Uid, FieldKind),
}

impl KeySpec {
    /// The hash of a row's key: text folded, ids by their first fifteen characters.
    pub fn hash<'a>(&self, id: &str, cell: impl Fn(Uid) -> crate::data::Cell<'a>) -> Option<Fingerprint> {
        let mut hash = Fingerprint::of(&self.key.0.to_le_bytes());
        for part in &self.parts {
            hash = match part {
                KeyPart::Id => hash.with(crate::data::id_core(id).as_bytes()),
                KeyPart::Field(uid, kind) => {
                    let cell = cell(*uid);
                    if !cell.is_known() {
                        return None;
                    }
                    let text = cell.text();
                    match kind {
                        FieldKind::Id => hash.with(crate::data::id_core(&text).as_bytes()),
                        _ => hash.with(fold_key(&text).as_bytes()),
                    }
                }
            };
        }
        Some(hash)
    }

    /// The hash under which a reference to the record `id` is filed.
    pub fn reference(key: Uid, id: &str) -> Fingerprint {
        Fingerprint::of(&key.0.to_le_bytes()).with(crate::data::id_core(id).as_bytes())
    }
}

/// Text as keys compare it: lower case, without outer space. What looks like an id keeps its case elsewhere.
fn fold_key(text: &str) -> String {
    text.trim().to_lowercase()
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
    pub gone: Vec<(Uid, Box<str>)>,
    pub members: Vec<crate::crm::MemberChange>,
    pub feed: Option<FeedState>,
    pub now: Millis,
}

/// A row as read. Cells replace those of the same fields; others stay.
#[derive(Clone, Debug, PartialEq)]
pub struct RowIn {
    pub ty: Uid,
    pub id: Box<str>,
    /// An older stamp than the mirror's never overwrites. An inexact one in the mirror is good to the second only.
    pub stamp: Stamp,
    pub presence: Presence,
    pub cells: Vec<u8>,
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
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Census {
    pub subjects: u64,
    /// With work, due or not yet.
    pub waiting: u64,
    pub next_due: Option<Millis>,
}

/// Subjects and the records around them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hood {
    /// Sorted by number.
    pub subjects: Vec<SubjectRow>,
    /// Sorted by number.
    pub records: Vec<RecordRow>,
    /// When it was loaded: what the pass calls now.
    pub now: Millis,
    /// Sides whose changes could not be read to the end: what is not here may be there.
    pub behind: BySide<bool>,
    /// What was asked for up to here is known to it.
    pub as_of: Tick,
    /// Positions of `records`, sorted by type and id.
    by_id: Vec<u32>,
    /// References that records hold, and the positions of those, sorted.
    by_reference: Vec<(Fingerprint, u32)>,
}

impl Hood {
    pub fn new(mut subjects: Vec<SubjectRow>, mut records: Vec<RecordRow>) -> Hood {
        subjects.sort_by_key(|row| row.sid);
        records.sort_by_key(|row| row.rid);
        let mut by_id: Vec<u32> = (0..records.len() as u32).collect();
        by_id.sort_by_key(|at| id_key(&records[*at as usize]));
        let references = (0u32..).zip(&records);
        let mut by_reference: Vec<(Fingerprint, u32)> =
            references.flat_map(|(at, row)| row.references.iter().map(move |hash| (*hash, at))).collect();
        by_reference.sort_unstable();
        Hood { subjects, records, by_id, by_reference, ..Hood::default() }
    }

    /// The hood as a pass sees it.
    pub fn seen(self, now: Millis, behind: BySide<bool>) -> Hood {
        Hood { now, behind, ..self }
    }

    /// The records that hold a reference ([`KeySpec::reference`]), in the order of their numbers.
    pub fn referring(&self, reference: Fingerprint) -> impl Iterator<Item = &RecordRow> {
        let from = self.by_reference.partition_point(|(hash, _)| *hash < reference);
        let found = self.by_reference[from..].iter().take_while(move |(hash, _)| *hash == reference);
        found.filter_map(|(_, at)| self.records.get(*at as usize))
    }

    pub fn record(&self, rid: Rid) -> Option<&RecordRow> {
        self.records.binary_search_by_key(&rid, |row| row.rid).ok().map(|at| &self.records[at])
    }

    pub fn subject(&self, sid: Sid) -> Option<&SubjectRow> {
        self.subjects.binary_search_by_key(&sid, |row| row.sid).ok().map(|at| &self.subjects[at])
    }

    /// A record by its id.
    pub fn by_id(&self, ty: Uid, id: &str) -> Option<&RecordRow> {
        let key = (ty, crate::data::id_core(id));
        let at = self.by_id.binary_search_by(|at| id_key(&self.records[*at as usize]).cmp(&key)).ok()?;
        self.records.get(self.by_id[at] as usize)
    }
}

fn id_key(row: &RecordRow) -> (Uid, &str) {
    (row.ty, crate::data::id_core(&row.id))
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SubjectRow {
    pub sid: Sid,
    pub block: Uid,
    /// Asked for, not merely a neighbour.
    pub asked: bool,
    /// Has an operation whose outcome is not known: its members may be about to change.
    pub busy: bool,
    /// When the last create of its was sent that nobody answered and that was not found ([`OpState::Late`]).
    pub late: Option<Millis>,
    pub members: Vec<(Rid, Role)>,
    /// Last agreed values per map row; written by `decide::base`.
    pub base: Vec<u8>,
    pub settled: Option<Fingerprint>,
    /// Times that work on it failed in a row.
    pub tries: u32,
    /// Problems on record, by field line ([`Uid::NONE`]: the whole record), with the inputs they were seen with.
    pub issues: Vec<(Uid, Fingerprint)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The one that is written.
    Primary = 0,
    /// Held to be the same thing; seen, not written.
    Other = 1,
}

#[derive(Clone, Debug, PartialEq)]
pub struct RecordRow {
    pub rid: Rid,
    pub side: Side,
    pub ty: Uid,
    pub id: Box<str>,
    pub stamp: Stamp,
    pub presence: Presence,
    pub cells: Vec<u8>,
    /// Identity keys, sorted.
    pub keys: Vec<Fingerprint>,
    /// References to other records, sorted.
    pub references: Vec<Fingerprint>,
    /// Lists that it is in, sorted.
    pub lists: Vec<Uid>,
}

/// A change of who is who.
#[derive(Clone, Debug, PartialEq)]
pub enum Identity {
    /// The record becomes a member of the subject; its old subject, when empty, is no more, and leaves it its work.
    Join {
        rid: Rid,
        into: Sid,
        role: Role,
    },
    Role {
        rid: Rid,
        block: Uid,
        role: Role,
    },
}

/// What one wave commits before anything is sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wave {
    pub now: Millis,
    pub pass: i64,
    pub plan: Digest,
    /// Of the neighbourhood that it was decided on.
    pub as_of: Tick,
    pub identities: Vec<Identity>,
    pub settled: Vec<Settled>,
    pub issues: Vec<Issue>,
    pub batches: Vec<Batch>,
}

/// A subject decided. Its issues are replaced by those of the wave that name it, save those that it keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    pub sid: Sid,
    pub inputs: Fingerprint,
    pub base: Vec<u8>,
    pub work: Work,
    /// Rows (or [`Uid::NONE`]) whose issues on record stay as they are.
    pub keep: Vec<Uid>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Nothing left to do until something changes.
    Done,
    /// Nothing left to do before this time, though nothing changes.
    At(Millis),
    /// Decided again at once, when its operations have settled.
    Again,
    /// Decided again at this time; counts as a failed try.
    Later(Millis),
}

/// A problem of a record or of one of its fields, as people see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    pub sid: Sid,
    /// The map row, or [`Uid::NONE`] for the whole record.
    pub line: Uid,
    pub rule: Uid,
    pub code: String,
    pub message: String,
    pub inputs: Fingerprint,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    pub side: Side,
    pub name: String,
    pub calls: u32,
    pub ops: Vec<Op>,
}

/// Intent and journal in one.
#[derive(Clone, Debug, PartialEq)]
pub struct Op {
    pub sid: Sid,
    pub ty: Uid,
    pub act: OpAct,
    /// The rule that created the record; [`Uid::NONE`] for updates, whose cells name theirs.
    pub rule: Uid,
    pub cells: Vec<OpCell>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum OpAct {
    Create { guard: Option<(Uid, Box<str>)> },
    Update { rid: Rid, id: Box<str> },
}

#[derive(Clone, Debug, PartialEq)]
pub struct OpCell {
    pub line: Uid,
    pub field: Uid,
    pub before: Value,
    pub after: Value,
    /// The value on the other side that this one agrees with.
    pub source: Value,
    pub contested: bool,
    /// A value of the written side's own that comes back: nothing is agreed by it.
    pub restores: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchIds {
    pub batch: BatchId,
    pub ops: Vec<OpId>,
}

/// How one operation ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub op: OpId,
    pub sid: Sid,
    pub state: OpState,
    /// The row that the reply or a probe brought; of a create, it becomes the subject's primary member.
    pub row: Option<(Side, RowIn)>,
    pub created: bool,
    /// The subject's base afterwards; `None` leaves it.
    pub base: Option<Vec<u8>>,
    pub fault: Option<Fault>,
    pub issue: Option<Issue>,
    /// Rows whose state is unknown now: to be read before they are decided.
    pub stale: Vec<Rid>,
    pub work: Work,
    /// Somebody's values that this write replaced: for the journal.
    pub overwritten: CellList,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OpState {
    Intended = 0,
    Done = 1,
    /// A create found a record already there.
    Existed = 2,
    Rejected = 3,
    Unknown = 4,
    /// Given up without effect, or not sent again: decided anew.
    Void = 5,
    /// A create by our own key that nobody answered and that is not there: sent again if it is still wanted. It may yet
    /// arrive ([`LATE_MS`]), so its subject takes no other record for its partner until then.
    Late = 6,
}

impl OpState {
    pub fn from_code(code: i64) -> Option<OpState> {
        use OpState::*;
        [Intended, Done, Existed, Rejected, Unknown, Void, Late].into_iter().find(|state| *state as i64 == code)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct OpenOp {
    pub op: OpId,
    pub batch: BatchId,
    pub side: Side,
    pub intent: Op,
    pub at: Millis,
}

#[derive(Clone, Debug, PartialEq)]
pub struct IssueRow {
    pub issue: Issue,
    pub first: Millis,
    pub last: Millis,
    pub tries: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct JournalRow {
    pub op: OpId,
    pub pass: i64,
    pub epoch: Epoch,
    pub plan: Digest,
    pub side: Side,
    pub state: OpState,
    pub intent: Op,
    /// Id of the record that was created or updated, where known.
    pub id: Option<Box<str>>,
    pub fault: Option<String>,
    pub overwritten: CellList,
    pub at: Millis,
}
