//! `sync` and what stands in it: how records are matched, gated, picked, created.

use super::atoms::{Arrow, Duration, Name, Path, Side, Text, Value};
use super::cond::Cond;
use super::map::{Associate, Map};
use crate::span::Span;

/// `sync people: hubspot contact <-> salesforce Lead or Contact { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Sync {
    pub docs: Option<super::Docs>,
    pub span: Span,
    pub name: Name,
    pub hubspot: Vec<Name>,
    pub arrow: Arrow,
    pub salesforce: Vec<Name>,
    pub lines: Vec<SyncLine>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SyncLine {
    Match(Match),
    RollUp(RollUp),
    Recheck(Recheck),
    /// `both ways`, `to hubspot`, `to salesforce`.
    Block(Block),
    Map(Map),
    Associate(Associate),
}

/// `match email = Email and company = Company or propose`, `match through people`.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    pub span: Span,
    pub by: MatchBy,
    /// The words `or propose`.
    pub or_propose: Option<Span>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum MatchBy {
    /// The name of another sync.
    Through(Name),
    /// At least one; all must be equal.
    Keys(Vec<Key>),
}

/// `domain = Website as domain`
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub span: Span,
    pub hubspot: Path,
    pub salesforce: Path,
    pub as_type: Option<Name>,
}

/// `roll up per contact per day`
#[derive(Clone, Debug, PartialEq)]
pub struct RollUp {
    pub span: Span,
    pub per: Vec<Name>,
}

/// `recheck every 24 hours`
#[derive(Clone, Debug, PartialEq)]
pub struct Recheck {
    pub span: Span,
    pub every: Duration,
}

/// `both ways { … }` or `to SIDE { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub span: Span,
    /// The words before the brace.
    pub head: Span,
    pub target: Target,
    pub lines: Vec<BlockLine>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    BothWays,
    To(Side),
}

/// A block of both ways holds gates and events only.
#[derive(Clone, Debug, PartialEq)]
pub enum BlockLine {
    Gate(Gate),
    Pick(Pick),
    Relink(Relink),
    Create(Create),
    On(On),
}

/// `include "has an email" when email is known`
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    pub span: Span,
    pub kind: GateKind,
    pub name: Text,
    pub when: Cond,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateKind {
    Include,
    Exclude,
}

/// `pick Contact, then oldest created`
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    pub span: Span,
    pub choices: Vec<Choice>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    pub span: Span,
    pub kind: ChoiceKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ChoiceKind {
    MostRecentlyUpdated,
    OldestCreated,
    When(Cond),
    /// A record of this object.
    Object(Name),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Relink {
    pub span: Span,
    pub rule: RelinkRule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelinkRule {
    Never,
    WhenAnotherIsPicked,
}

/// `create contact from Lead "new leads" even if excluded when Status is not "Junk"`
#[derive(Clone, Debug, PartialEq)]
pub struct Create {
    pub span: Span,
    pub what: CreateWhat,
    /// The object on the other side.
    pub from: Option<Name>,
    pub name: Option<Text>,
    /// The words `even if excluded`.
    pub even_if_excluded: Option<Span>,
    pub rule: CreateRule,
}

#[derive(Clone, Debug, PartialEq)]
pub enum CreateWhat {
    /// The word `nothing`.
    Nothing(Span),
    Object(Name),
}

#[derive(Clone, Debug, PartialEq)]
pub enum CreateRule {
    When(Cond),
    Otherwise(Span),
    Always(Span),
}

/// `on delete freeze and set salesforcedeleted to true`
#[derive(Clone, Debug, PartialEq)]
pub struct On {
    pub span: Span,
    pub event: Event,
    /// At least one.
    pub actions: Vec<Action>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    pub span: Span,
    pub kind: EventKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    Leave,
    Delete,
    Restore,
    Merge,
    Convert,
    Erase,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    pub span: Span,
    pub kind: ActionKind,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ActionKind {
    Ignore,
    Freeze,
    KeepSyncing,
    Unlink,
    Delete,
    Restore,
    Follow,
    Propose,
    Set { field: Path, value: Value },
}
