//! What a wave commits and how it ends: identities, settled subjects, problems, and the operations, which are intent and
//! journal in one.

use super::hood::Role;
use super::port::{BatchId, Epoch, OpId, Rid, RowIn, Sid, Tick};
use crate::crm::Fault;
use crate::data::{CellList, Digest, Fingerprint, Millis, Side, Uid, Value};

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
    /// The record gets a subject of its own, with work.
    Split {
        rid: Rid,
        from: Sid,
    },
}

impl Identity {
    /// The record that it is about.
    pub fn rid(&self) -> Rid {
        let (Identity::Join { rid, .. } | Identity::Role { rid, .. } | Identity::Split { rid, .. }) = self;
        *rid
    }
}

/// A person's word on whether two records are the same thing. A later one about the same two takes its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    /// The `sync` block in which they are.
    pub block: Uid,
    pub left: Rid,
    pub right: Rid,
    /// They are to be linked; otherwise no rule proposes it any more.
    pub same: bool,
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
    pub derived: Vec<Derived>,
    pub issues: Vec<Issue>,
    pub batches: Vec<Batch>,
}

/// How far a subject has come, for the group that it belongs to. Without a rank and not open, nothing is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derived {
    pub sid: Sid,
    /// What was derived.
    pub fact: Uid,
    /// Under which hash the group is filed ([`crate::store::KeySpec::reference`]).
    pub group: Option<Fingerprint>,
    pub rank: Option<u32>,
    /// It may be further: what it hangs on could not be read.
    pub open: bool,
}

/// A subject decided. Its issues are replaced by those of the wave that name it, save those that it keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    pub sid: Sid,
    /// Cells of the shared codec, as in [`super::SubjectRow`].
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
    /// What it was seen with: until that changes, what it is about is not tried again. [`Issue::NOTICE`]: it is.
    pub inputs: Fingerprint,
}

impl Issue {
    /// The inputs of a problem that passes by itself: no record has them, so that it keeps nothing back.
    pub const NOTICE: Fingerprint = Fingerprint(1);
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
    Delete { rid: Rid, id: Box<str> },
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
    /// Of a create whose record was not told: its id.
    pub id: Option<Box<str>>,
    /// The subject's base afterwards; `None` leaves it.
    pub base: Option<Vec<u8>>,
    pub fault: Option<Fault>,
    pub issue: Option<Issue>,
    /// Type and id of the record of which a change may end the issue.
    pub waits_for: Option<(Uid, Box<str>)>,
    /// Rows whose state is unknown now: to be read before they are decided.
    pub stale: Vec<Rid>,
    /// A row that is deleted now.
    pub deleted: Option<Rid>,
    pub work: Work,
    /// Somebody's values that this write replaced: for the journal.
    pub overwritten: CellList,
}

impl Outcome {
    /// An ending that brings no row, no problem and no new base.
    pub fn plain(op: OpId, sid: Sid, state: OpState, work: Work) -> Outcome {
        Outcome {
            op,
            sid,
            state,
            row: None,
            created: false,
            id: None,
            base: None,
            fault: None,
            issue: None,
            waits_for: None,
            stale: Vec::new(),
            deleted: None,
            work,
            overwritten: Vec::new(),
        }
    }
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
    /// Of the record, where it is known: of a create, that it happened.
    pub id: Option<Box<str>>,
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
