//! Rules without a fault: every name found in a schema, nothing numbered yet. What [`crate::lang::plan`] is made from.

use crate::data::{BySide, FieldKind, KeyForm, Side, Value, Zone};
use crate::lang::places::PlaceTable;
use crate::lang::plan::{
    Cond, CountTest, Currencies, Event, Handler, Limits, NamedSet, OwnerTable, Piece, Place, PlaceWay, Policy,
    RuleTest, SlotId, Table,
};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    pub syncs: Vec<CheckedSync>,
    pub tables: Vec<Table>,
    pub owners: Vec<OwnerTable>,
    pub limits: Limits,
    pub limits_at: Option<Place>,
    pub sets: Vec<NamedSet>,
    pub tests: Vec<RuleTest>,
}

/// A rule's name as people see it, and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleName {
    /// Unique among the rules of its kind in its sync.
    pub identity: String,
    pub name: String,
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CheckedSync {
    pub name: String,
    pub place: Place,
    /// API names.
    pub types: BySide<Vec<String>>,
    pub reaches: Vec<CheckedReach>,
    pub counts: Vec<CheckedCount>,
    pub slots: Vec<CheckedSlot>,
    pub matches: Vec<CheckedMatch>,
    pub both: Vec<CheckedGate>,
    pub to: BySide<Vec<CheckedGate>>,
    pub keep_syncing: BySide<bool>,
    pub pick: BySide<Vec<CheckedChoice>>,
    /// As `pick`.
    pub choices: BySide<Vec<RuleName>>,
    pub create: BySide<Vec<CheckedCreate>>,
    pub events: BySide<CheckedEvents>,
    pub on: Vec<CheckedOn>,
    pub lines: Vec<CheckedLine>,
    pub groups: Vec<CheckedGroup>,
    /// One for each pair of rows via a `place`, in the order of the countries' rows.
    pub places: Vec<PlaceTable>,
    /// `recheck every …`, in milliseconds.
    pub recheck: Option<i64>,
    pub lifecycle: Option<CheckedLifecycle>,
}

/// See [`crate::lang::plan::Lifecycle`].
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedLifecycle {
    pub rule: RuleName,
    /// Index into the left types.
    pub ty: usize,
    /// API name of the field.
    pub field: String,
    pub stage: SlotId,
    /// Every stage, lowest first.
    pub order: Vec<String>,
    pub reach: Vec<CheckedStage>,
    pub back: Vec<CheckedStage>,
    pub cascade: Option<CheckedCascade>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CheckedStage {
    pub rule: RuleName,
    /// Index into the order.
    pub stage: usize,
    pub when: Cond,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CheckedCascade {
    /// The slot with the company's id.
    pub head: SlotId,
    /// API name of the field that holds it.
    pub through: String,
    /// API name of the company's type.
    pub company: String,
    /// Every stage of a company, lowest first.
    pub order: Vec<String>,
    pub to_company: Option<RuleName>,
    pub to_records: Option<RuleName>,
}

/// See [`crate::lang::plan::Slot`].
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedSlot {
    pub name: String,
    pub kind: FieldKind,
    pub source: CheckedSource,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckedSource {
    /// Field names per type.
    Field {
        side: Side,
        fields: Vec<Option<String>>,
    },
    RecordId {
        side: Side,
        types: Vec<bool>,
    },
    Reached {
        reach: usize,
        field: String,
    },
    ReachedId {
        reach: usize,
    },
    Member {
        side: Side,
        list: String,
    },
    Linked {
        side: Side,
        ty: Option<usize>,
    },
    Unique {
        side: Side,
        line: usize,
    },
    Count {
        count: usize,
    },
    ListOf {
        count: usize,
    },
    FirstKnown(Vec<SlotId>),
    Constant(Value),
    Composed(Vec<Piece>),
}

/// See [`crate::lang::plan::Count`].
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedCount {
    pub side: Side,
    /// API name of the referring type and, per member type, of its field that holds the member's id.
    pub referring: (String, Vec<Option<String>>),
    /// API names of the referring type's field and of the type that it names.
    pub onward: Option<(String, String)>,
    pub slots: Vec<CheckedSlot>,
    pub test: CountTest,
    pub filter: Cond,
}

/// See [`crate::lang::plan::Reach`].
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedReach {
    pub side: Side,
    /// The reference's name: `company`.
    pub name: String,
    /// Field names per member type.
    pub through: Vec<Option<String>>,
    /// API name of the type.
    pub target: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CheckedMatch {
    pub rule: RuleName,
    pub by: CheckedMatchBy,
    /// `or propose`
    pub proposes: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum CheckedMatchBy {
    Keys(Vec<CheckedKey>),
    Through(CheckedThrough),
}

impl CheckedMatch {
    /// The keys that it compares; none of a line that goes through another sync.
    pub fn keys(&self) -> &[CheckedKey] {
        match &self.by {
            CheckedMatchBy::Keys(keys) => keys,
            CheckedMatchBy::Through(_) => &[],
        }
    }

    pub fn through(&self) -> Option<&CheckedThrough> {
        match &self.by {
            CheckedMatchBy::Keys(_) => None,
            CheckedMatchBy::Through(through) => Some(through),
        }
    }
}

/// See [`crate::lang::plan::Through`].
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedThrough {
    pub sync: String,
    pub ways: BySide<Vec<CheckedWay>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CheckedWay {
    /// API names of the type and of its field.
    pub member: String,
    pub field: String,
    /// Index into this sync's types of the side.
    pub ty: usize,
}

/// Per type of each side, what takes part in the key.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedKey {
    pub sides: BySide<Vec<Option<CheckedKeyPart>>>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum CheckedKeyPart {
    Id,
    Field { name: String, form: KeyForm },
}

#[derive(Clone, Debug, PartialEq)]
pub struct CheckedGate {
    pub rule: RuleName,
    pub exclude: bool,
    pub when: Cond,
}

#[derive(Clone, Debug, PartialEq)]
pub enum CheckedChoice {
    MostRecentlyUpdated,
    OldestCreated,
    Type(usize),
    When(Cond),
}

/// See [`crate::lang::plan::Events`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckedEvents {
    pub ignore_merges: bool,
    pub delete: CheckedDelete,
    pub restore: Vec<CheckedSetting>,
    pub leave: Vec<CheckedSetting>,
    pub relink: Option<RuleName>,
}

impl CheckedEvents {
    pub fn settings(&self) -> impl Iterator<Item = &CheckedSetting> {
        let deleted = match &self.delete {
            CheckedDelete::Set(all) => all.as_slice(),
            _ => &[],
        };
        deleted.iter().chain(&self.restore).chain(&self.leave)
    }
}

/// See [`crate::lang::plan::OnLine`].
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedOn {
    pub rule: RuleName,
    pub event: Event,
    pub sides: Vec<Side>,
}

/// See [`crate::lang::plan::OnDelete`].
#[derive(Clone, Debug, Default, PartialEq)]
pub enum CheckedDelete {
    #[default]
    Ignore,
    Unlink,
    Delete(RuleName),
    Set(Vec<CheckedSetting>),
}

/// See [`crate::lang::plan::Setting`].
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedSetting {
    pub rule: RuleName,
    /// Field names per type.
    pub fields: Vec<Option<String>>,
    pub value: Value,
}

/// See [`crate::lang::plan::Create`].
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedCreate {
    pub rule: RuleName,
    pub target: Option<usize>,
    pub from: Option<usize>,
    pub even_if_excluded: bool,
    pub when: Cond,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CheckedLine {
    pub rule: RuleName,
    pub slots: BySide<SlotId>,
    pub policy: Policy,
    /// Names of the fields that the row writes on each side, per type.
    pub targets: BySide<Vec<Option<String>>>,
    /// Index into [`Checked::tables`].
    pub via: Option<usize>,
    /// By the side that values go to.
    pub place: Option<BySide<PlaceWay>>,
    /// Index into [`Checked::owners`].
    pub owners: Option<usize>,
    pub handlers: Vec<Handler>,
    pub at_creation: bool,
    /// `as date`: where days begin.
    pub zone: Option<Zone>,
    pub when: Cond,
    /// Index into [`CheckedSync::groups`].
    pub group: Option<usize>,
    pub currencies: Option<Currencies>,
    /// See [`crate::lang::plan::Line::ranks`].
    pub ranks: BySide<Vec<(Box<str>, u32)>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CheckedGroup {
    pub rule: RuleName,
    pub policy: Policy,
}
