//! Deliberate faults, one at a time, that the simulation must find: proof that it would see the real ones. Without the
//! feature `planted` nothing of this is left in the code.

/// One mechanism that keeps a promise, taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A create carries no key of ours, and is an insert.
    PlainCreate,
    /// The cursor is committed before the rows that it passes.
    CursorBeforeWork,
    /// What both sides agreed on is remembered as the left side keeps it.
    BaseFromLeft,
    /// A record is created without a look whether it is there.
    NoAbsenceCheck,
    /// A result that the answer lacks counts as done.
    MissingIsDone,
    /// After a crash, updates without outcome are sent again unread.
    ResentUpdate,
    /// The base holds what was sent, not what was stored: the difference comes back as a change.
    EchoIsAChange,
    /// Intents are not open in the state file while their calls are on the way.
    IntentNotOpen,
    /// What a write replaced unseen is forgotten.
    DisputeDropped,
    /// Any process may commit, also one that was replaced.
    EpochNotChecked,
    /// The next reading begins where the last one ended: late rows are passed over.
    NoOverlap,
    /// The next page begins after the last stamp, whoever else has it.
    PageByTimeOnly,
    /// Calls are made whether granted or not.
    BudgetNotAsked,
    /// A converted lead stays linked, and what it became is somebody new.
    ConversionNotFollowed,
    /// What was agreed is forgotten when a record takes another one's place.
    BaseDropped,
    /// The loser of a merge stays the one that is written.
    LoserWritten,
    /// A stage is written backward in one step, without a clear before it.
    BackAtOnce,
    /// Who lost its partner gets another one, and the deleted one comes back as the second.
    RestoredIsNew,
    /// Where a stage was to go back to is not remembered when it is cleared.
    WayBackForgotten,
    /// A company that comes further is news to nobody.
    FurthestNotTold,
    /// A plan is remembered as the one in force before it has woken anybody.
    PlanBeforeItsWork,
    /// New fields count as read before their feeds start anew.
    CoveredTooEarly,
    /// A plan is tried on the state itself instead of a copy.
    TrialOnTheState,
    /// The guard counts what is left when all is written.
    GuardAfterTheWaves,
    /// Who has a word for some may change any number.
    ReleaseForgetsTheLimit,
    /// What was released is free for ever, also when all of it is done.
    ReleaseNeverEnds,
    /// A word stands for a plan, whatever is at stake.
    WordForThePlanAlone,
    /// What belongs together by its people is decided before they are.
    PeopleNotAwaited,
    /// Who is linked says nothing to those who are known by it.
    LinkTellsNobody,
    /// What was said of a record is forgotten when its subject is joined to another.
    AnswerLostAtJoin,
    /// An answer is kept, and nobody is decided by it.
    AnswerWakesNobody,
    /// Who was declined is proposed again.
    DeclinedIsAskedAgain,
    /// A question holds the left record only.
    QuestionHoldsOneSide,
    /// A record that parts from others has no work.
    PartedHasNoWork,
    /// Records that share nothing any more stay one thing.
    TwinsNeverPart,
    /// A record that just parts is looked for in vain, and missing.
    PartedIsMissing,
}

/// Whether this fault is planted on this thread.
#[cfg(not(feature = "planted"))]
#[inline(always)]
pub const fn is(_: Bug) -> bool {
    false
}

#[cfg(feature = "planted")]
pub use chosen::{is, plant};

#[cfg(feature = "planted")]
mod chosen {
    use std::cell::Cell;

    use super::Bug;

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Whether this fault is planted on this thread.
    pub fn is(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }

    /// Plants one fault on this thread, or none.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }

    impl Bug {
        pub const ALL: [Bug; 36] = [
            Bug::PlainCreate,
            Bug::CursorBeforeWork,
            Bug::BaseFromLeft,
            Bug::NoAbsenceCheck,
            Bug::MissingIsDone,
            Bug::ResentUpdate,
            Bug::EchoIsAChange,
            Bug::IntentNotOpen,
            Bug::DisputeDropped,
            Bug::EpochNotChecked,
            Bug::NoOverlap,
            Bug::PageByTimeOnly,
            Bug::BudgetNotAsked,
            Bug::ConversionNotFollowed,
            Bug::BaseDropped,
            Bug::LoserWritten,
            Bug::BackAtOnce,
            Bug::RestoredIsNew,
            Bug::WayBackForgotten,
            Bug::FurthestNotTold,
            Bug::PlanBeforeItsWork,
            Bug::CoveredTooEarly,
            Bug::TrialOnTheState,
            Bug::GuardAfterTheWaves,
            Bug::ReleaseForgetsTheLimit,
            Bug::ReleaseNeverEnds,
            Bug::WordForThePlanAlone,
            Bug::PeopleNotAwaited,
            Bug::LinkTellsNobody,
            Bug::AnswerLostAtJoin,
            Bug::AnswerWakesNobody,
            Bug::DeclinedIsAskedAgain,
            Bug::QuestionHoldsOneSide,
            Bug::PartedHasNoWork,
            Bug::TwinsNeverPart,
            Bug::PartedIsMissing,
        ];
    }
}
