//! What the engine asks of a CRM. It names no vendor; a third CRM is one more implementation of [`Crm`].

use std::time::Duration;

use thiserror::Error;

use crate::data::{FieldKind, Millis, Person, Presence, Stamp, Uid, Value};
use crate::lang::schema::{Catalog, Initial};

pub use super::http::Fut;

/// One CRM account.
pub trait Crm: Send + Sync {
    fn caps(&self) -> &Caps;

    /// Which account the credentials open; compared with the one pinned in the state file before anything else.
    fn whoami(&self) -> Fut<'_, Result<Account, CallError>>;

    /// The account's own description of the named types (API names), for schema snapshots.
    fn describe<'a>(&'a self, types: &'a [String]) -> Fut<'a, Result<Catalog, CallError>>;

    /// The feeds that keep `reads` current. Pure.
    fn feeds(&self, reads: &Reads) -> Vec<FeedSpec>;

    /// One page of each of `due`, in its order. Many at once, so that they can share a call. An error of one feed leaves
    /// the others' pages good.
    fn read<'a>(&'a self, reads: &'a Reads, due: &'a [FeedAt]) -> Fut<'a, Vec<Result<Page, CallError>>>;

    /// Looks records up consistently: never through an index that lags. One answer per lookup, in order.
    fn fetch<'a>(&'a self, reads: &'a Reads, lookups: &'a [Lookup]) -> Fut<'a, Vec<Result<Found, CallError>>>;

    /// Groups writes into the fewest calls. Pure: the dry run, the forecast and the engine all use it. Every index of
    /// `writes` is in exactly one call.
    fn pack(&self, reads: &Reads, writes: &[Write]) -> Vec<Call>;

    /// Sends one call. The reply has exactly one item per write of the call, whatever the server answered.
    fn send<'a>(&'a self, reads: &'a Reads, call: &'a Call, writes: &'a [Write]) -> Fut<'a, Reply>;

    /// After updates whose replies were lost: values that somebody else wrote after `since` and that ours replaced, per
    /// write. Empty where the CRM keeps no history.
    fn overwritten<'a>(
        &'a self,
        reads: &'a Reads,
        writes: &'a [Write],
        since: Millis,
    ) -> Fut<'a, Result<Vec<Vec<Overwritten>>, CallError>>;

    /// Everybody to whom records can belong, those who are gone too. A CRM without owners has nobody.
    fn people(&self) -> Fut<'_, Result<Vec<Person>, CallError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// What the server last said of its day's calls.
    fn usage(&self) -> Usage;
}

/// What a CRM can and cannot do.
#[derive(Clone, Debug)]
pub struct Caps {
    /// Name for people: `HubSpot`.
    pub name: &'static str,
    /// How far behind its change feed may be.
    pub lag: Duration,
    /// Keeps the time of each field's last change.
    pub field_times: bool,
    /// The server itself refuses a second record with the same unique field.
    pub enforces_unique: bool,
    /// Records of one type may become records of another one: [`Lookup::Former`] can have an answer.
    pub converts: bool,
}

/// The account behind a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Portal or org id: pinned in the state file.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The user that our writes appear under.
    pub user: Option<String>,
    /// A real company's live account, not a test account.
    pub live: bool,
}

/// The smallest set of types, fields and lists that a plan needs from one side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reads {
    pub types: Vec<TypeRead>,
    pub lists: Vec<ListRead>,
}

impl Reads {
    pub fn of_type(&self, ty: Uid) -> Option<&TypeRead> {
        self.types.iter().find(|read| read.uid == ty)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct TypeRead {
    pub uid: Uid,
    /// API name.
    pub name: String,
    /// Sorted by `uid`. The record's own id is not among them.
    pub fields: Vec<FieldRead>,
    /// The field that carries the other side's id, where the rules map one.
    pub own_key: Option<Uid>,
    /// Fields of which the CRM refuses a second record with the same value.
    pub unique: Vec<Uid>,
}

impl TypeRead {
    pub fn field(&self, uid: Uid) -> Option<&FieldRead> {
        self.fields.iter().find(|field| field.uid == uid)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct FieldRead {
    pub uid: Uid,
    /// API name.
    pub name: String,
    pub kind: FieldKind,
    /// What a new record holds in it when nothing is given: the dry run answers with it.
    pub initial: Initial,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ListRead {
    pub uid: Uid,
    pub name: String,
    /// Type of the members.
    pub of: Uid,
}

/// One source of changes with a cursor of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSpec {
    /// Stable: `contact.modified`. The state file keeps the cursor under it.
    pub name: String,
    pub kind: FeedKind,
    /// How long a finished read of it stays good when nothing presses.
    pub interval: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedKind {
    /// Created, changed and, where the CRM says so, deleted rows.
    Modified,
    Deleted,
    /// Who is in a list.
    Members {
        list: Uid,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct FeedAt {
    pub name: String,
    /// As the adapter last returned it; `None` at the very first read.
    pub cursor: Option<Vec<u8>>,
    /// For [`FeedKind::Members`] only: how many members the mirror holds.
    pub known: Option<u64>,
    /// Ids of records that changed since the feed was last read, for feeds that ask per record.
    pub changed: Vec<Box<str>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    pub rows: Vec<RawRow>,
    /// Ids that are no more.
    pub gone: Vec<Gone>,
    pub members: Vec<MemberChange>,
    /// Where to read on; kept in the transaction that keeps the page.
    pub cursor: Vec<u8>,
    /// Read on at once with `cursor`.
    pub more: bool,
}

/// A record that is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub ty: Uid,
    pub id: Box<str>,
    /// When it was deleted, where the CRM says so: what it was before does not bring it back.
    pub at: Option<Millis>,
}

/// A record as the CRM returned it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawRow {
    pub ty: Uid,
    pub id: Box<str>,
    pub stamp: Stamp,
    pub presence: Presence,
    /// Which record took the place of one that is [`Presence::Redirected`]; `None` where the CRM does not say.
    pub redirect: Option<Redirect>,
    /// Written with [`crate::data::encode`], sorted by field number; a field that was not asked for is not in it.
    pub cells: Vec<u8>,
    /// Further values by which the record is found, beside those of its fields: HubSpot's secondary e-mail addresses.
    /// `None` where they were not told.
    pub aliases: Option<Vec<(Uid, Box<str>)>>,
    /// Last changed by the user that our own writes appear under.
    pub by_us: bool,
}

/// A record that took another one's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// API name of its type: a lead becomes a contact.
    pub ty: Box<str>,
    pub id: Box<str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberChange {
    Joined {
        list: Uid,
        id: Box<str>,
    },
    Left {
        list: Uid,
        id: Box<str>,
    },
    /// A full reading of the list begins: what is not named again until `End` has left.
    Start {
        list: Uid,
    },
    End {
        list: Uid,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Lookup {
    Ids {
        ty: Uid,
        ids: Vec<Box<str>>,
    },
    /// Records whose `field` has one of `values`.
    Key {
        ty: Uid,
        field: Uid,
        values: Vec<Box<str>>,
    },
    /// Records of other types that one of these took the place of.
    Former {
        ty: Uid,
        ids: Vec<Box<str>>,
    },
    /// When each of `fields` last changed.
    Times {
        ty: Uid,
        ids: Vec<Box<str>>,
        fields: Vec<Uid>,
    },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    pub rows: Vec<RawRow>,
    /// Ids or key values that name nothing.
    pub missing: Vec<Box<str>>,
    /// Of a look-up by key: further values by which records were found, with the record's id. A record may answer to more
    /// values than the one that its field shows, like HubSpot's secondary e-mail addresses.
    pub aliases: Vec<(Box<str>, Box<str>)>,
    pub times: Vec<FieldTime>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FieldTime {
    pub id: Box<str>,
    pub field: Uid,
    pub at: Millis,
}

/// One record to create or update.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    pub ty: Uid,
    pub act: Act,
    /// Sorted by field.
    pub cells: Vec<WriteCell>,
    /// Of a create: the CRM's own rules give the record its owner.
    pub assign: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    Create { guard: Guard },
    Update { id: Box<str> },
    Delete { id: Box<str> },
}

/// What keeps a create that is sent twice from making two records.
#[derive(Clone, Debug, PartialEq)]
pub enum Guard {
    /// An upsert by our own key.
    OurKey { field: Uid, value: Box<str> },
    /// The server refuses the second one.
    ServerUnique { field: Uid, value: Box<str> },
    /// Nothing: looked for by this field before it is sent again.
    Probe { field: Uid, value: Box<str> },
}

#[derive(Clone, Debug, PartialEq)]
pub struct WriteCell {
    pub field: Uid,
    /// [`Value::Null`] clears.
    pub value: Value,
    /// What the mirror held: a server that held something else had it changed behind our back.
    pub expect: Value,
    /// Had the target changed too, the outcome would be another: what we replace must be known.
    pub contested: bool,
}

/// Writes that go out together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// For people and the journal: `batch create contact`.
    pub name: String,
    /// Indices into the packed writes.
    pub writes: Vec<usize>,
    /// HTTP calls that this will cost when nothing fails.
    pub calls: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// One per write of the call, in its order.
    Items(Vec<Item>),
    Failed(CallError),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// With the row as the server then had it, where the reply or a read right after it says.
    Created {
        id: Box<str>,
        row: Option<RawRow>,
    },
    Updated {
        row: Option<RawRow>,
        overwritten: Vec<Overwritten>,
    },
    /// Deleted, by this call or before.
    Deleted,
    /// A record with this key is already there.
    Existed {
        id: Box<str>,
    },
    Rejected(Fault),
    /// The server did not say. It may have happened.
    Unknown,
}

/// A value that somebody wrote after we read and that our write replaced.
#[derive(Clone, Debug, PartialEq)]
pub struct Overwritten {
    pub field: Uid,
    pub value: Value,
}

/// A whole call that failed.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("{text}")]
pub struct CallError {
    pub effect: Effect,
    pub kind: CallErrorKind,
    /// What happened, for people; no secrets.
    pub text: String,
}

impl CallError {
    /// Says whose error it is, where the text does not yet.
    pub fn by(self, crm: &str) -> CallError {
        if self.text.contains(crm) {
            return self;
        }
        CallError { text: format!("{crm}: {}", self.text), ..self }
    }
}

/// Whether a failed call may have changed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    None,
    Maybe,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallErrorKind {
    /// The account's limit; not before this long.
    Throttled { after: Duration, scope: Scope },
    /// The credentials are refused.
    Auth,
    /// The credentials are good, the right is missing.
    Denied,
    /// The server or the way to it.
    Down,
    /// An answer that is not what the API promises.
    Shape,
    /// The cursor is no longer good: start the feed anew.
    Cursor,
    /// The server refuses the request itself.
    Refused,
    /// Our own budget for the day is used up.
    Budget,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Burst,
    Day,
}

/// Why one record was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub category: Category,
    /// The vendor's code: `STRING_TOO_LONG`.
    pub code: String,
    pub field: Option<Uid>,
    pub message: String,
    pub retry: Retry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// The value is not one that the CRM takes.
    Value,
    /// The CRM holds another record to be the same.
    Duplicate,
    /// The record is gone, or merged into another one.
    Gone,
    /// The record became one of another type: it is there, and takes no change any more.
    Redirected,
    /// The user may not.
    Rights,
    /// Somebody else holds the record right now.
    Locked,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    Later(Duration),
    /// When the record, the rules or the schema changed.
    WhenChanged,
}

/// The server's own count of the day's calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub used: Option<u64>,
    pub limit: Option<u64>,
}
