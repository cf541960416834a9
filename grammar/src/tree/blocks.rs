//! The other top-level blocks: zone, values, order, limits, place, lifecycle, members.

use super::atoms::{Arrow, Name, Number, Path, Side, Text, Value};
use super::cond::Cond;
use super::sync::On;
use crate::span::Span;

/// `zone "America/New_York"`
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    pub docs: Option<super::Docs>,
    pub span: Span,
    pub name: Text,
}

/// `values our_domains { "acme.com", "acme.io" }`
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    pub docs: Option<super::Docs>,
    pub span: Span,
    pub name: Name,
    pub values: Vec<Value>,
}

/// `order contact.partner_tier, Contact.Partner_Tier__c { Bronze, Silver, Gold }`, lowest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub docs: Option<super::Docs>,
    pub span: Span,
    pub fields: Vec<Path>,
    pub values: Vec<Value>,
}

/// `limits { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    pub docs: Option<super::Docs>,
    pub span: Span,
    pub limits: Vec<Limit>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    pub span: Span,
    pub kind: LimitKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum LimitKind {
    /// `salesforce 20_000 calls per day`
    CallsPerDay { side: Side, calls: Number },
    /// `hold when more than 500 records or 10 % would change`
    HoldAbove { records: Number, percent: Option<Number> },
    /// `delete at most 20 records per pass`
    DeleteAtMost { records: Number },
    /// `keep 10 % of salesforce for people`
    KeepForPeople { percent: Number, side: Side },
    /// `pause retries above 75 % of salesforce`
    PauseRetriesAbove { percent: Number, side: Side },
    /// `when short favour people, then deals`: names of syncs, first is best.
    Favour { syncs: Vec<Name> },
}

/// `place places { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub docs: Option<super::Docs>,
    pub span: Span,
    pub name: Name,
    pub lines: Vec<PlaceLine>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PlaceLine {
    pub span: Span,
    pub kind: PlaceLineKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum PlaceLineKind {
    Picklists(PlacePicklists),
    Values(PlaceValues),
    Unknown(PlaceUnknown),
    /// `write codes to salesforce`
    Write {
        notation: PlaceNotation,
        to: Side,
    },
    /// `alias "Deutschland" = DE`
    Alias {
        text: Text,
        value: Value,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlacePicklists {
    None,
    Standard,
    Customised,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceValues {
    Matched,
    AsTheyAre,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceUnknown {
    Skip,
    Reject,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceNotation {
    Names,
    Codes,
}

/// `lifecycle contact.lifecyclestage { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Lifecycle {
    pub docs: Option<super::Docs>,
    pub span: Span,
    pub field: Path,
    pub lines: Vec<LifecycleLine>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum LifecycleLine {
    /// `reach customer "closed won" when …`
    Reach { span: Span, stage: Value, name: Text, when: Cond },
    /// `back to lead "lost" when …`
    BackTo { span: Span, stage: Value, name: Text, when: Cond },
    /// `cascade to company.contacts`
    Cascade { span: Span, to: Path },
}

/// `members webinar: hubspot list "Attendees" -> salesforce Campaign "Webinar 2026" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Members {
    pub docs: Option<super::Docs>,
    pub span: Span,
    pub name: Name,
    pub list: Text,
    pub arrow: Arrow,
    pub campaign: Text,
    pub lines: Vec<MembersLine>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum MembersLine {
    On(On),
    /// `set Status to "Responded" when lifecyclestage is at least lead`
    Set {
        span: Span,
        field: Path,
        value: Value,
        when: Option<Cond>,
    },
}
