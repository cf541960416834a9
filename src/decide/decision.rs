//! What is to be done with one subject, and why.

use std::sync::Arc;

use crate::crm::FieldTime;
use crate::data::{BySide, Fingerprint, Side, Uid, Value};
use crate::lang::plan::{Cond, Converted, RuleRef};
use crate::store::{Rid, SubjectRow};

use super::base::{Agreed, BaseView};
use super::create::decide_creation;
use super::events::{decide_linked, decide_lost};
use super::flow::decide_flow;
use super::frame::Frame;
use super::gates::Way;
use super::lifecycle::decide_stage;
use super::lines::{Pair, decide_lines};
use super::parting::decide_parting;
use super::program::Program;

/// The answer for one subject; the buffer is reused.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    pub verdict: Verdict,
    pub moves: Vec<Move>,
    /// Facts to be fetched before the answer stands.
    pub needs: Vec<Need>,
    /// What is not written, and why.
    pub held: Vec<Held>,
    /// Rows that agree now, to be remembered.
    pub agreed: Vec<Agreed>,
    /// What is remembered no longer: an event is over.
    pub forgotten: Vec<Uid>,
    /// What decided about the record; nought where there is nothing to say of it.
    pub inputs: Fingerprint,
    /// What a condition asks for and could not be read: the record waits for it.
    pub unread: Option<String>,
    /// When time alone may make the answer another one. Milliseconds since 1970.
    pub turns_at: Option<i64>,
    /// A record to be created gets its owner by the CRM's own rules.
    pub assign: bool,
    /// Its stage cannot be decided yet, and nothing else hangs on that.
    pub later: bool,
    /// Values flowed to these sides so far, and do no more.
    pub freezes: BySide<bool>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Verdict {
    /// Linked; what flows is in the moves. A closed direction names its gate.
    Linked { barred: BySide<Option<String>> },
    /// A record is to be created: type by its index.
    Create { side: Side, ty: usize, rule: RuleRef },
    /// The record is to be deleted, because its partner was.
    Delete { side: Side, rule: RuleRef },
    /// Unlinked, and left so.
    Skipped { why: String },
    /// A linked record was deleted: the other one is left alone.
    Frozen { why: String },
    /// A fact that decides could not be read yet.
    #[default]
    Waiting,
}

/// One field to write.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    pub side: Side,
    pub line: Uid,
    pub rule: RuleRef,
    pub field: Uid,
    /// API name of the field.
    pub name: Arc<str>,
    pub before: Value,
    pub after: Value,
    /// The other side's value that this one comes from.
    pub source: Value,
    /// What decided about the row.
    pub inputs: Fingerprint,
    /// Had this side changed too, the outcome would be another.
    pub contested: bool,
    /// Nothing is agreed by it: it brings back a value of this side's own that our write replaced unseen, or the other side
    /// is to be written as well.
    pub restores: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// When the row's field changed on either side.
    Times { line: Uid },
    /// A consistent look that no record on `side` has this subject's keys.
    Absent { side: Side },
    /// The record is read again: what our own write did to it is unknown, or a value of it was never read.
    Fresh { rid: Rid },
    /// A record that a member refers to, and that was never read.
    Record { side: Side, ty: Uid, id: Box<str> },
}

/// Something that a rule or a CRM keeps from being written.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub rule: RuleRef,
    pub why: String,
    /// The whole record stops.
    pub reject: bool,
    pub inputs: Fingerprint,
    /// Already on record as an issue with these inputs.
    pub known: bool,
}

impl Held {
    pub(super) fn skipped(rule: &RuleRef, why: String, inputs: Fingerprint) -> Held {
        Held { rule: rule.clone(), why, reject: false, inputs, known: false }
    }

    pub(super) fn rejected(rule: &RuleRef, why: String, inputs: Fingerprint) -> Held {
        Held { rule: rule.clone(), why, reject: true, inputs, known: false }
    }

    pub(super) fn quiet(rule: &RuleRef) -> Held {
        Held { rule: rule.clone(), why: String::new(), reject: false, inputs: Fingerprint::default(), known: true }
    }

    /// What is on record already: the row stops the record if that is what its value comes to, and is else left out.
    pub(super) fn again(rule: &RuleRef, converted: &Converted, inputs: Fingerprint) -> Held {
        match converted {
            Converted::Reject(why) => Held { known: true, ..Held::rejected(rule, why.clone(), inputs) },
            _ => Held::quiet(rule),
        }
    }
}

/// What `decide` is told beside the frame.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    pub base: &'a BaseView<'a>,
    pub subject: &'a SubjectRow,
    pub times: &'a [FieldTime],
    /// Sides that were just asked and have no record with this subject's keys.
    pub absent: BySide<bool>,
    /// The pass's time: conditions with spans count from it. Milliseconds since 1970.
    pub now: i64,
}

/// Pure: the same frame, base and facts give the same answer, everywhere.
pub fn decide(program: &Program, frame: &Frame<'_>, known: &Known<'_>, out: &mut Decision) {
    out.clear();
    if !known.subject.issues.is_empty() {
        out.inputs = program.record_inputs(frame);
    }
    decide_members(program, frame, known, out);
    if out.held.iter().any(|held| held.reject) {
        out.moves.clear();
        out.agreed.clear();
        out.forgotten.clear();
        out.needs.clear();
    }
    if known.subject.issues.is_empty() && !out.is_quiet() {
        out.inputs = program.record_inputs(frame);
    }
}

fn decide_members(program: &Program, frame: &Frame<'_>, known: &Known<'_>, out: &mut Decision) {
    out.turns_at = program.turns_at(&frame.cells, known.now).into_iter().chain(frame.turns_at).min();
    if frame.stale {
        out.verdict = Verdict::Waiting;
        return;
    }
    if let Some(unsure) = &frame.unsure {
        out.verdict = Verdict::Waiting;
        out.unread = Some(unsure.why.clone());
        out.needs.clone_from(&unsure.needs);
        return;
    }
    let whole_record = known.subject.issues.iter().any(|(line, inputs)| *line == Uid::NONE && *inputs == out.inputs);
    match (frame.here.left, frame.here.right) {
        // A block of companies: nothing but stages.
        _ if program.block.types.right.is_empty() => out.verdict = Verdict::Linked { barred: BySide::default() },
        (Some(left), Some(right)) => {
            let BySide { left: to_left, right: to_right } = program.ways(&frame.cells, frame.unread, known.now);
            for way in [&to_left, &to_right] {
                if let Way::Unread(rule, cond) = way {
                    return out.wait(program, frame, rule, cond);
                }
            }
            let barred = BySide::new(to_left.barred(), to_right.barred());
            let keep = &program.block.gates.keep_syncing;
            let open = BySide::new(
                !whole_record && (barred.left.is_none() || keep.left),
                !whole_record && (barred.right.is_none() || keep.right),
            );
            let pair = Pair {
                left,
                right,
                open,
                base: known.base,
                times: known.times,
                quarantined: &known.subject.issues,
                now: known.now,
            };
            let shut = BySide::new(barred.left.is_some() && !keep.left, barred.right.is_some() && !keep.right);
            out.verdict =
                Verdict::Linked { barred: BySide::new(barred.left.map(|b| b.text()), barred.right.map(|b| b.text())) };
            if decide_parting(program, frame, known, out) {
                return;
            }
            decide_lines(program, frame, &pair, out);
            if out.verdict != Verdict::Waiting {
                decide_flow(program, shut, known.base, out);
            }
            if !whole_record {
                decide_linked(program, left, Side::Left, &to_left, known, out);
                decide_linked(program, right, Side::Right, &to_right, known, out);
            }
        }
        (None, None) => out.verdict = Verdict::Frozen { why: "no live record is left".into() },
        _ if frame.astray => return out.stray(frame),
        _ if frame.parted.is_some() => out.verdict = Verdict::Frozen { why: frame.parted.clone().unwrap_or_default() },
        (Some(_), None) if frame.lost.right => decide_lost(program, frame, Side::Left, known, whole_record, out),
        (None, Some(_)) if frame.lost.left => decide_lost(program, frame, Side::Right, known, whole_record, out),
        (Some(here), None) => decide_creation(program, frame, here, Side::Right, known, whole_record, out),
        (None, Some(here)) => decide_creation(program, frame, here, Side::Left, known, whole_record, out),
    }
    if !matches!(out.verdict, Verdict::Waiting | Verdict::Frozen { .. }) {
        decide_stage(program, frame, known, whole_record, out);
    }
}

impl Decision {
    fn clear(&mut self) {
        self.verdict = Verdict::Waiting;
        self.moves.clear();
        self.needs.clear();
        self.held.clear();
        self.agreed.clear();
        self.forgotten.clear();
        self.unread = None;
        self.assign = false;
        self.later = false;
        self.freezes = BySide::default();
        self.turns_at = None;
        self.inputs = Fingerprint::default();
    }

    /// Linked, and in step as far as the rules go.
    fn is_quiet(&self) -> bool {
        let linked = matches!(self.verdict, Verdict::Linked { .. });
        linked && self.moves.is_empty() && self.held.is_empty() && self.needs.is_empty()
    }

    /// Nothing is decided until what `cond` asks for is read.
    pub(super) fn wait(&mut self, program: &Program, frame: &Frame<'_>, rule: &RuleRef, cond: &Cond) {
        self.held.clear();
        self.moves.clear();
        self.agreed.clear();
        self.forgotten.clear();
        self.needs.clear();
        self.verdict = Verdict::Waiting;
        self.unread = Some(program.unread_text(rule, cond, &frame.cells));
        self.needs.extend(frame.needs(program));
    }

    /// Nothing is decided until the record that took a member's place is read.
    fn stray(&mut self, frame: &Frame<'_>) {
        self.verdict = Verdict::Waiting;
        self.unread = frame.parted.clone();
        let missing = frame.missing.iter();
        self.needs.extend(missing.map(|(side, ty, id)| Need::Record { side: *side, ty: *ty, id: id.clone() }));
    }

    /// Whether something is to be written now.
    pub fn writes(&self) -> bool {
        if self.held.iter().any(|held| held.reject) {
            return false;
        }
        !self.moves.is_empty() || matches!(self.verdict, Verdict::Create { .. } | Verdict::Delete { .. })
    }
}
