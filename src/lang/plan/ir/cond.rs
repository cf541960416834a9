//! Conditions over slots.

use rust_decimal::Decimal;

use super::SlotId;
use crate::data::Zone;

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
