//! Calls that failed, and records that were refused.

use std::time::Duration;

use thiserror::Error;

use crate::data::Uid;

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
