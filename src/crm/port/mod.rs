//! What the engine asks of a CRM. It names no vendor; a third CRM is one more implementation of [`Crm`].

mod fault;
mod feed;
mod lookup;
mod reads;
mod write;

use std::time::Duration;

use crate::data::{Millis, Person};
use crate::lang::schema::Catalog;

pub use super::http::Fut;
pub use fault::{CallError, CallErrorKind, Category, Effect, Fault, Retry, Scope};
pub use feed::{FeedAt, FeedKind, FeedSpec, Gone, MemberChange, Page, RawRow, Redirect};
pub use lookup::{FieldTime, Found, Lookup};
pub use reads::{FieldRead, ListRead, Reads, TypeRead};
pub use write::{Act, Call, Guard, Item, Overwritten, Reply, Write, WriteCell};

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

    /// Looks records up consistently, save by a key that is not unique, which a CRM may know from an index that lags: who is
    /// not found by one may be there for as long as [`Caps::lag`]. One answer per lookup, in order.
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

/// The server's own count of the day's calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub used: Option<u64>,
    pub limit: Option<u64>,
}
