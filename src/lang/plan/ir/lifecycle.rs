//! How far a record has come, and what its company shares.

use super::{Cond, RuleRef, SlotId, Target};
use crate::data::Uid;

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
