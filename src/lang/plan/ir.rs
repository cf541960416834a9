//! The execution plan: plain data, every name resolved, nothing left to look up by text.
//!
//! A condition or a map row reads *slots*. A slot is one value of a subject, wherever it comes from: a field of either
//! record, a field of a record reached through a reference, membership of a list, the state of the link. The engine fills
//! one flat array of cells per subject; `decide` sees nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::owners::OwnerTable;
use super::rule_test::RuleTest;
use crate::data::{BySide, Digest, FieldKind, Side, Uid, Value, Zone};
use crate::lang::places::{Part, PlaceTable};
use crate::lang::schema::Initial;

/// Index into [`Block::slots`].
pub type SlotId = usize;

/// Everything that a set of rule files means against two schemas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub digest: Digest,
    pub blocks: Vec<Block>,
    pub limits: Limits,
    /// What the rules promise; no part of the digest.
    pub tests: Vec<RuleTest>,
    /// Rule files in the order that [`Place::file`] counts.
    pub files: Vec<String>,
}

/// The `limits` block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// Most calls in a rolling 24 hours.
    pub calls_per_day: BySide<Option<u32>>,
    /// Percent of the day's calls that Syncline leaves to people and other tools.
    pub keep_percent: BySide<Option<Decimal>>,
    /// Percent of the day's calls above which nothing is tried again.
    pub pause_retries_percent: BySide<Option<Decimal>>,
    pub hold: Option<Hold>,
    /// `delete at most N records per pass`
    pub deletes_per_pass: Option<u32>,
}

/// `hold when more than N records or P % would change`.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    pub records: u32,
    pub percent: Option<Decimal>,
}

/// Where a rule stands: what every finding, plan line and journal entry points at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    pub file: usize,
    /// 1-based.
    pub line: u32,
}

/// A rule's identity: its stable number, the name that people see, and its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleRef {
    pub uid: Uid,
    /// `create Lead otherwise`, `"inclusion list"`, `people.firstname`.
    pub name: Arc<str>,
    pub place: Place,
}

/// One `sync` block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    pub uid: Uid,
    pub name: String,
    /// The record types in the block's head, in its order.
    pub types: BySide<Vec<TypeUse>>,
    /// Records that conditions look at through a reference of a member: a contact's primary company.
    pub reaches: Vec<Reach>,
    /// Questions about records that refer to a member: a contact's opportunities.
    pub counts: Vec<Count>,
    pub slots: Vec<Slot>,
    /// In the order of the file: the first line that finds a partner decides.
    pub matches: Vec<MatchLine>,
    pub gates: Gates,
    /// `pick` of the block `to SIDE`: which of several records on that side is the one. Empty: several are reported.
    pub pick: BySide<Vec<Choice>>,
    /// `create` lines of the block `to SIDE`, in order.
    pub create: BySide<Vec<Create>>,
    pub lines: Vec<Line>,
    /// `together`: rows that are decided, written and held as one.
    pub groups: Vec<Group>,
    pub tables: Tables,
    /// What happens to a side because of what happened on the other one.
    pub events: BySide<Events>,
    /// How often computed fields are read again, in milliseconds.
    pub recheck: Option<i64>,
    pub lifecycle: Option<Lifecycle>,
}

/// `lifecycle contact.lifecyclestage { … }`: how far left records have come, by what holds of them. Forward only, but for
/// `back to`.
#[derive(Clone, Debug, PartialEq)]
pub struct Lifecycle {
    /// Named like the field. Under its number a record's way back is remembered.
    pub rule: RuleRef,
    /// Index into the left types.
    pub ty: usize,
    pub stage: SlotId,
    pub target: Target,
    /// Every stage, lowest first.
    pub order: Vec<Box<str>>,
    pub reach: Vec<StageRule>,
    pub back: Vec<StageRule>,
    pub cascade: Option<Cascade>,
}

/// `reach customer "closed won" when …`
#[derive(Clone, Debug, PartialEq)]
pub struct StageRule {
    pub rule: RuleRef,
    /// Index into [`Lifecycle::order`].
    pub stage: usize,
    pub when: Cond,
}

/// What the records of one company share: how far the furthest of them has come by the `reach` rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Cascade {
    /// How far each record has come: a derived fact, kept per subject. Its name holds the meaning of the rules that it
    /// comes from, so that what other rules made of it is not read.
    pub fact: Uid,
    /// Index key under which a company and its records are filed together.
    pub key: Uid,
    /// The slot with the company's id.
    pub head: SlotId,
    /// The fact comes from the records of this block.
    pub derives: bool,
    /// The slot with the furthest stage, where the records of this block get it, and the rule that gives it.
    pub given: Option<(SlotId, RuleRef)>,
}

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

/// `match email = Email`: all keys must be equal, none blank.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchLine {
    pub rule: RuleRef,
    /// Index key of both sides.
    pub key: Uid,
    pub parts: Vec<KeyPair>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct KeyPair {
    /// Per type of the side; `None`: that type takes no part in the line.
    pub left: Vec<Option<KeyPart>>,
    pub right: Vec<Option<KeyPart>>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum KeyPart {
    /// The record's own id.
    Id,
    Field {
        uid: Uid,
        kind: FieldKind,
    },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gates {
    /// `both ways`.
    pub both: Vec<Gate>,
    /// `to SIDE`.
    pub to: BySide<Vec<Gate>>,
    /// `on leave keep syncing` in `both ways` or `to SIDE`: the gate stops creation only. Otherwise leaving freezes.
    pub keep_syncing: BySide<bool>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    pub rule: RuleRef,
    pub exclude: bool,
    pub when: Cond,
}

/// The `on` lines of `to SIDE`, and what else says who a record's partner is.
#[derive(Clone, Debug, PartialEq)]
pub struct Events {
    /// `on merge follow`: a record goes on with the survivor when its partner was merged away. Otherwise it is left alone.
    pub follow_merges: bool,
    pub delete: OnDelete,
    /// `on restore set …`, where `on delete set …` was carried out.
    pub restore: Vec<Setting>,
    /// `on leave … and set …`
    pub leave: Vec<Setting>,
}

impl Default for Events {
    fn default() -> Events {
        Events { follow_merges: true, delete: OnDelete::Ignore, restore: Vec::new(), leave: Vec::new() }
    }
}

/// What becomes of a record whose partner was deleted.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum OnDelete {
    /// It is left as it is, and no partner is created again.
    #[default]
    Ignore,
    /// It stands alone: another partner may be found or created.
    Unlink,
    Delete(RuleRef),
    Set(Vec<Setting>),
}

/// `set PATH to VALUE`: written once, when the event is seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// A number of its own: under it is remembered that it was carried out.
    pub rule: RuleRef,
    /// Per type of the side; `None` where the type has no such field.
    pub targets: Vec<Option<Target>>,
    pub value: Value,
}

/// One preference of `pick`.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    MostRecentlyUpdated,
    /// By the type's creation time: the field per type.
    OldestCreated {
        fields: Vec<Uid>,
    },
    /// Index into the side's types.
    Type(usize),
    /// Judged with the candidate as that side's record.
    When(Cond),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Create {
    pub rule: RuleRef,
    /// Index into the side's types; `None` for `create nothing`.
    pub target: Option<usize>,
    /// Index into the *other* side's types: only for a source of this type.
    pub from: Option<usize>,
    pub even_if_excluded: bool,
    pub when: Cond,
}

/// One map row.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Name as in `people.firstname`.
    pub rule: RuleRef,
    pub slots: BySide<SlotId>,
    pub policy: Policy,
    /// What may be written on that side, per type; `None` where the row does not apply to the type.
    pub targets: BySide<Vec<Option<Target>>>,
    /// `convert[side]` makes the value that goes to `side`.
    pub convert: BySide<Convert>,
    /// Only in the call that creates the record.
    pub at_creation: bool,
    /// Where it is false, the row is not there for the record.
    pub when: Cond,
    /// Index into [`Block::groups`].
    pub group: Option<usize>,
    /// For `forward only`: the order of the options that each side has, sorted by option; empty where values have an order
    /// of their own.
    pub ranks: BySide<Vec<(Box<str>, u32)>>,
}

/// `together "billing address"`: one winner for all rows, which share flow and map.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub rule: RuleRef,
    pub policy: Policy,
}

/// How the two values of a row become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub flow: Flow,
    pub winner: Winner,
    pub onto: Onto,
    /// `clear[side]`: what becomes of a value that is cleared on `side`.
    pub clear: BySide<OnClear>,
}

impl Policy {
    /// With what a clear does where the row does not say it.
    pub fn new(flow: Flow, winner: Winner, onto: Onto) -> Policy {
        let clear = |side: Side| match (flow, winner) {
            _ if onto == Onto::IfBlank => OnClear::Restore,
            (Flow::To(target), _) if target == side => OnClear::Restore,
            (Flow::Both, Winner::Prefer(preferred)) if preferred != side => OnClear::Restore,
            (Flow::Both, Winner::ForwardOnly) => OnClear::Restore,
            _ => OnClear::Pass,
        };
        Policy { flow, winner, onto, clear: BySide::new(clear(Side::Left), clear(Side::Right)) }
    }

    pub fn writes(&self, side: Side) -> bool {
        self.flow == Flow::Both || self.flow == Flow::To(side)
    }

    /// Whether values are added and taken away one by one, instead of one value replacing the other.
    pub fn by_value(&self) -> bool {
        self.onto == Onto::AddOnly || self.winner == Winner::MergeValues
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Both,
    To(Side),
}

/// Who wins when both sides changed, and what a blank does: the table of `docs/language.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Winner {
    /// `newest wins`: by the field's own change time where the side keeps one, else by the record's.
    Newest,
    /// `newest record wins`.
    NewestRecord,
    /// `hubspot wins`, `salesforce wins`; one-way rows have the source's side.
    Wins(Side),
    /// `prefer SIDE unless blank`.
    Prefer(Side),
    /// `merge values`: what either side added or took away is added or taken away on the other.
    MergeValues,
    /// `forward only`: the higher in the order.
    ForwardOnly,
    /// `ask first`: a person makes them equal.
    AskFirst,
}

/// What a row may do to a value that its target has already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Onto {
    #[default]
    Replace,
    /// `if blank`: nothing.
    IfBlank,
    /// `add only`: add options to it.
    AddOnly,
}

/// What a clear does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnClear {
    /// The blank goes to the other side.
    #[default]
    Pass,
    /// Each side stays as it is until it changes next.
    Keep,
    /// The other side's value comes back.
    Restore,
}

/// A field that may be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub field: Uid,
    pub name: Arc<str>,
    pub label: String,
    pub kind: FieldKind,
    /// Most characters, counted in UTF-16 units as both CRMs do.
    pub max: Option<u32>,
    /// Digits after the point.
    pub scale: Option<u32>,
    /// Never takes a blank.
    pub required: bool,
    pub createable: bool,
    pub updateable: bool,
    /// The values that a closed picklist takes.
    pub options: Option<Vec<Box<str>>>,
}

/// How a value crosses: through a table, then into the target's type, then what to do when it does not fit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Convert {
    /// Index into [`Tables::picklists`].
    pub table: Option<usize>,
    /// `via` a `place`.
    pub place: Option<PlaceWay>,
    /// `via` an `owners` block: index into [`Tables::owners`].
    pub owners: Option<usize>,
    /// `or …`, in the order of the row.
    pub handlers: Vec<Handler>,
    /// `as date`: between days and moments, where days begin.
    pub zone: Option<Zone>,
}

/// One of the two fields of a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlaceWay {
    /// Index into [`Tables::places`].
    pub table: usize,
    pub part: Part,
    /// Where the source has the other one; `None`: it is not mapped.
    pub beside: Option<SlotId>,
}

/// What the block's values are looked up in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    pub picklists: Vec<Table>,
    pub places: Vec<PlaceTable>,
    pub owners: Vec<OwnerTable>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Handler {
    /// Too long: cut at the last whole character that fits.
    Truncate,
    /// Too precise: round half away from zero.
    Round,
    /// Leave the field as it is.
    Skip,
    /// Stop the record.
    Reject,
    /// Where a blank would be written.
    Use(Value),
}

/// A `picklist`: both directions.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub name: String,
    /// `to[side]` converts values on their way to `side`.
    pub to: BySide<Mapping>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    pub rows: BTreeMap<Box<str>, (Outcome, Place)>,
    pub blank: Option<Outcome>,
    /// `None`: a value without a row is reported and the field is left as it is.
    pub otherwise: Option<Outcome>,
    /// `otherwise at creation`.
    pub otherwise_at_creation: Option<Outcome>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Value(Box<str>),
    Same,
    Blank,
    Skip,
    Reject,
    /// The other side's value comes back.
    Restore,
}

/// A condition: two-valued, over slots. With a blank every comparison is false and every negated one true.
#[derive(Clone, Debug, PartialEq)]
pub enum Cond {
    Always,
    Never,
    All(Vec<Cond>),
    Any(Vec<Cond>),
    Not(Box<Cond>),
    Known(SlotId),
    /// A checkbox or fact with this value.
    Is(SlotId, bool),
    /// Text without case and outer space; `value` is already folded.
    Text {
        slot: SlotId,
        test: TextTest,
        values: Vec<Box<str>>,
    },
    /// Text, option or id to the letter; `values` sorted.
    Exactly {
        slot: SlotId,
        values: Vec<Box<str>>,
    },
    Number {
        slot: SlotId,
        test: Test,
        value: Decimal,
    },
    Day {
        slot: SlotId,
        test: Test,
        value: i32,
    },
    Time {
        slot: SlotId,
        test: Test,
        value: i64,
    },
    /// Rank in an ordered picklist; `ranks` sorted by option.
    Rank {
        slot: SlotId,
        test: Test,
        value: u32,
        ranks: Vec<(Box<str>, u32)>,
    },
    /// `is in the last N days`: between now minus the span and now.
    Within {
        slot: SlotId,
        ms: i64,
    },
    /// `is more than N days ago`.
    Before {
        slot: SlotId,
        ms: i64,
    },
    /// The same for days, as they are counted in the zone.
    DayWithin {
        slot: SlotId,
        days: i64,
        zone: Zone,
    },
    DayBefore {
        slot: SlotId,
        days: i64,
        zone: Zone,
    },
    /// `is a valid email`.
    Email(SlotId),
    /// `is same as`: both known and equal.
    Same(SlotId, SlotId),
    /// The same for text: without case and outer space.
    SameText(SlotId, SlotId),
    /// A multi-select; `values` sorted.
    Options {
        slot: SlotId,
        test: SetTest,
        values: Vec<Box<str>>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextTest {
    IsAnyOf,
    ContainsAny,
    ContainsAll,
    StartsWithAny,
    EndsWithAny,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetTest {
    HasAny,
    HasAll,
}

/// A comparison with the slot on the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    Equal,
    AtLeast,
    AtMost,
    MoreThan,
    LessThan,
}
