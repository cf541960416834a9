//! What a rule can look at: the record types of a block with the fields that it reads, and the values of a subject.

use crate::data::{FieldKind, Side, Uid, Value};
use crate::lang::schema::Initial;

use super::Cond;

/// Index into [`Block::slots`].
pub type SlotId = usize;

/// A record type that the block reads, with the fields that it needs: the smallest set.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeUse {
    pub uid: Uid,
    pub name: String,
    pub label: String,
    pub fields: Vec<FieldUse>,
    /// The field in which this type can carry the other side's record id, and its map row: creates with it are safe to
    /// repeat.
    pub own_key: Option<OwnKey>,
    /// Fields, of those that are read, of which the CRM refuses a second record with the same value.
    pub unique: Vec<Uid>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FieldUse {
    pub uid: Uid,
    pub name: String,
    pub label: String,
    pub kind: FieldKind,
    pub initial: Initial,
    /// Computed by the CRM, which need not report its change.
    pub calculated: bool,
}

/// `hs_object_id -> HubSpot_Id__c`, where the target is unique.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnKey {
    pub field: Uid,
    /// Index into [`Block::lines`].
    pub line: usize,
}

/// A record type reached through a field of a member that holds its id.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    /// The side of the member; the reached type is on the same side.
    pub side: Side,
    /// The field that holds the id, per member type; [`Uid::NONE`] where the type has none.
    pub through: Vec<Uid>,
    pub target: TypeUse,
    /// Index key under which members are found from the reached record's id.
    pub key: Uid,
}

/// A question about the records that refer to a member: `any Opportunity by OpportunityContactRole where IsClosed is
/// false`. The answer is one fact of the subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    /// The side of the member; the counted records are on the same side.
    pub side: Side,
    /// The records that name the member.
    pub referring: Referring,
    /// Where the counted record is another one: the one that the referring record names.
    pub onward: Option<Onward>,
    /// What the filter looks at in a counted record.
    pub slots: Vec<Slot>,
    pub test: CountTest,
    pub filter: Cond,
}

/// Records of `ty` that hold a member's id.
#[derive(Clone, Debug, PartialEq)]
pub struct Referring {
    pub ty: TypeUse,
    /// The field that holds it, per member type; [`Uid::NONE`] where none can refer to records of the type.
    pub fields: Vec<Uid>,
    /// Index key under which they are found from the member's id.
    pub key: Uid,
}

/// The record that a referring record names in `field`.
#[derive(Clone, Debug, PartialEq)]
pub struct Onward {
    pub field: Uid,
    pub ty: TypeUse,
    /// Index key under which the referring records are found from this one's id.
    pub key: Uid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountTest {
    AtLeast(u32),
    /// False of none: who asks means "has some, and all".
    Every,
    /// Nothing is asked: the values of its one slot are taken, for [`Source::ListOf`].
    Values,
}

/// One value of a subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// As the rule wrote it: `email`, `Lead.Status`, `company.domain`.
    pub name: String,
    pub kind: FieldKind,
    pub source: Source,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A field of the member on `side`; per type of that side, [`Uid::NONE`] where it has none (then blank).
    Field { side: Side, fields: Vec<Uid> },
    /// The member's own id; per type of that side, whether it counts (then blank).
    RecordId { side: Side, types: Vec<bool> },
    /// A field of the record behind [`Block::reaches`]; blank when there is none.
    Reached { reach: usize, field: Uid },
    /// The id of the record behind [`Block::reaches`].
    ReachedId { reach: usize },
    /// Whether the member on `side` is in the list.
    Member { side: Side, list: Uid },
    /// Whether the subject has a linked record on `side`, of the given type where one is named.
    Linked { side: Side, ty: Option<usize> },
    /// The answer to a question of [`Block::counts`].
    Count { count: usize },
    /// `list of`: what the records of this question of [`Block::counts`] hold in its slot, as a set: sorted, joined by `;`,
    /// blank when there is none. Only map rows look at it.
    ListOf { count: usize },
    /// The furthest stage that a record of the company in `head` has come to ([`Cascade`]); blank when none has come
    /// anywhere. `stages`: what the fact counts, lowest first.
    Furthest { head: SlotId, key: Uid, fact: Uid, stages: Vec<Box<str>> },
    /// Whether no other record on `side` has this member's key of [`Block::matches`].
    Unique { side: Side, line: usize },
    /// `a else b`: the first slot that is known. The slots stand before this one.
    FirstKnown(Vec<SlotId>),
    /// The same for every record: `"HubSpot"`. Only map rows look at it.
    Constant(Value),
    /// `"Back on {page_title}"`: blank when all its values are. Only map rows look at it.
    Composed(Vec<Piece>),
}

/// A part of [`Source::Composed`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    Text(Box<str>),
    Value(SlotId),
}
