//! What an explanation asks of a state that another process may be writing.

use super::hood::Hood;
use super::index::TypeIndex;
use super::operation::{IssueRow, JournalRow};
use super::port::{Rid, Sid, StoreError};
use crate::crm::Fut;
use crate::data::{Dict, Digest, Fingerprint, Millis, Presence, Side, Uid};

/// One moment of a state: all answers are of the same commit. Nothing is locked and nothing is written. Everything is
/// found by an index, so that the answers do not get slower with the number of records.
pub trait Reader: Send + Sync {
    fn dict(&self) -> Fut<'_, Result<Dict, StoreError>>;
    fn meta<'a>(&'a self, key: &'a str) -> Fut<'a, Result<Option<String>, StoreError>>;
    fn last_pass(&self) -> Fut<'_, Result<Option<PassRow>, StoreError>>;

    /// The record of a type with this id; of a Salesforce id both forms are looked for.
    fn by_id<'a>(&'a self, ty: Uid, id: &'a str) -> Fut<'a, Result<Option<FoundRow>, StoreError>>;
    /// Records that are filed under these hashes, each with the hash; at most two hundred for one.
    fn by_keys<'a>(&'a self, hashes: &'a [Fingerprint]) -> Fut<'a, Result<Vec<(Fingerprint, FoundRow)>, StoreError>>;

    /// As [`super::Store::load`], with the index of the plan that asks.
    fn load<'a>(&'a self, index: &'a [TypeIndex], sids: &'a [Sid]) -> Fut<'a, Result<Hood, StoreError>>;
    /// When the subject is to be decided next, and how often that failed in a row; `None` when nothing waits.
    fn work_of(&self, sid: Sid) -> Fut<'_, Result<Option<(Millis, u32)>, StoreError>>;
    /// Subjects that have an issue with this code on record, by number.
    fn with_issue<'a>(&'a self, code: &'a str) -> Fut<'a, Result<Vec<Sid>, StoreError>>;
    fn issues_of(&self, sid: Sid) -> Fut<'_, Result<Vec<IssueRow>, StoreError>>;
    /// The last operations of a subject, newest first.
    fn journal_of(&self, sid: Sid, limit: usize) -> Fut<'_, Result<Vec<JournalRow>, StoreError>>;
}

/// A record that was found, and the subjects that it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundRow {
    pub rid: Rid,
    pub side: Side,
    pub ty: Uid,
    pub id: Box<str>,
    pub presence: Presence,
    pub sids: Vec<Sid>,
}

/// A pass that came to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct PassRow {
    pub pass: i64,
    pub plan: Digest,
    pub began: Millis,
    pub ended: Millis,
}
