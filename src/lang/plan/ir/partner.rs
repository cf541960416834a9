//! Who a record's partner is, what may be created, and what follows when it is gone.

use super::{Cond, RuleRef, Target};
use crate::data::{BySide, KeyForm, Side, Uid, Value};

/// `match email = Email`, `match through people`
#[derive(Clone, Debug, PartialEq)]
pub struct MatchLine {
    pub rule: RuleRef,
    /// Index key of both sides; what the line is known by.
    pub key: Uid,
    pub by: MatchBy,
    /// What it finds is linked only when a person says so.
    pub proposes: bool,
}

/// What says that two records are the same.
#[derive(Clone, Debug, PartialEq)]
pub enum MatchBy {
    /// All keys must be equal, none blank.
    Keys(Vec<KeyPair>),
    /// Linked records of another block, one on each side, that name the two.
    Through(Through),
}

impl MatchLine {
    /// The keys that it compares; none of a line that goes through another block.
    pub fn keys(&self) -> &[KeyPair] {
        match &self.by {
            MatchBy::Keys(keys) => keys,
            MatchBy::Through(_) => &[],
        }
    }

    pub fn through(&self) -> Option<&Through> {
        match &self.by {
            MatchBy::Keys(_) => None,
            MatchBy::Through(through) => Some(through),
        }
    }

    /// What records of a type are filed by; `None` where they take no part in the line.
    pub fn key_of(&self, side: Side, ty: usize) -> Option<Vec<&KeyPart>> {
        let MatchBy::Keys(keys) = &self.by else { return None };
        let parts = keys.iter().map(|pair| if side == Side::Left { &pair.left } else { &pair.right });
        parts.map(|parts| parts.get(ty)?.as_ref()).collect()
    }
}

/// `through people`: where the people stand and in which fields they name this block's records.
#[derive(Clone, Debug, PartialEq)]
pub struct Through {
    /// The block whose linked records count.
    pub block: Uid,
    pub name: String,
    pub ways: BySide<Vec<ThroughWay>>,
}

/// A field of a type of the other block that names a record of this one.
#[derive(Clone, Debug, PartialEq)]
pub struct ThroughWay {
    /// The type that has the field.
    pub member: Uid,
    pub field: Uid,
    /// For people: `Contact.AccountId`.
    pub field_name: String,
    /// Index into this block's types of the side.
    pub ty: usize,
    /// Index key under which the members are found from the record's id.
    pub key: Uid,
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
        form: KeyForm,
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
    /// `relink when another is picked`: the link moves to the record of this side that the `pick` line takes. Otherwise it
    /// stays.
    pub relink: Option<RuleRef>,
}

impl Default for Events {
    fn default() -> Events {
        Events { follow_merges: true, delete: OnDelete::Ignore, restore: Vec::new(), leave: Vec::new(), relink: None }
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

/// An `on` line as it is written; what it means stands in [`Events`] and [`Gates::keep_syncing`].
#[derive(Clone, Debug, PartialEq)]
pub struct OnLine {
    pub rule: RuleRef,
    pub event: Event,
    /// To which sides something happens.
    pub sides: Vec<Side>,
}

/// What happened on the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A linked record passes the gates no more.
    Leave,
    Delete,
    Restore,
    Merge,
    Convert,
}
