//! The map rows of a linked pair: what each holds, and what would come of it.

use crate::data::{BySide, Cell, CodecError, Side, Uid, Value};
use crate::lang::plan::{Currencies, Line, RuleRef};
use crate::store::{IssueRow, SubjectRow};

use super::judged::{Judge, Judged};
use crate::decide::base::BaseView;
use crate::decide::decision::{Decision, Need};
use crate::decide::frame::Here;
use crate::decide::lines::{Pair, decide_lines};

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowLine<'p> {
    pub rule: &'p RuleRef,
    /// What each side holds; `None`: not read.
    pub values: BySide<Option<Value>>,
    /// What both sides last agreed on.
    pub agreed: Option<BySide<Value>>,
    pub state: RowState<'p>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum RowState<'p> {
    /// Nothing is to be written.
    InStep,
    /// This is written to the side by the next pass.
    Moves { side: Side, after: Value },
    /// Something would move, where nothing may flow: what, and to which side; `None` where it would be held there.
    Closed(Option<(Side, Value)>),
    /// Held, with the code of the problem.
    Held { code: String, why: String },
    /// Its group is held by this row, or the record is.
    HeldBy { rule: &'p RuleRef },
    /// Both sides changed, and the newer wins: the times of change are asked for first.
    Times,
    /// The row's `when` is false for this record.
    NotThere(Judged),
    /// What decides was not read yet: a value of the row, or one that its `when` asks for.
    NotKnown,
    /// One of the two record types has no such field.
    OtherType,
    /// Written in the call that creates a record only.
    AtCreation,
}

pub(super) fn rows<'p>(
    judge: &Judge<'p, '_>,
    here: BySide<Here<'_>>,
    closed: &BySide<bool>,
    subject: &SubjectRow,
    issues: &[IssueRow],
) -> Result<Vec<RowLine<'p>>, CodecError> {
    let (program, frame) = (judge.program, judge.frame);
    let mut base = BaseView::default();
    base.fill(&subject.base)?;
    let decided = |open: BySide<bool>| {
        let BySide { left, right } = here;
        let (times, quarantined) = (&[], subject.issues.as_slice());
        let pair = Pair { left, right, open, base: &base, times, quarantined, now: judge.now };
        let mut decision = Decision::default();
        decide_lines(program, frame, &pair, &mut decision);
        decision
    };
    let decision = decided(BySide::new(!closed.left, !closed.right));
    // As if everything might flow: what a closed way keeps is told as well.
    let all = if closed.left || closed.right { decided(BySide::new(true, true)) } else { Decision::default() };
    let applies = &program.lines[here.left.ty][here.right.ty];
    let mut out = Vec::with_capacity(program.block.lines.len());
    for (at, line) in program.block.lines.iter().enumerate() {
        let stands = program.stands(at, &frame.cells, frame.unread, judge.now);
        let cell = |side: Side| frame.cell(line.slots[side]);
        let slots = [line.slots.left, line.slots.right].into_iter();
        let mut slots = slots.chain(line.currencies.iter().flat_map(Currencies::slots));
        let unread = slots.any(|slot| matches!(frame.cell(slot), Cell::Unread));
        let state = match stands {
            _ if line.at_creation => RowState::AtCreation,
            _ if !applies.contains(&at) => RowState::OtherType,
            Some(false) => RowState::NotThere(judge.judge(&line.when, &frame.cells)?),
            None => RowState::NotKnown,
            Some(true) if unread => RowState::NotKnown,
            Some(true) => state(judge, line, &decision, &all, issues),
        };
        let value = |side: Side| (!matches!(cell(side), Cell::Unread)).then(|| cell(side).to_value());
        let agreed = base.get(line.rule.uid);
        out.push(RowLine {
            rule: &line.rule,
            values: BySide::new(value(Side::Left), value(Side::Right)),
            agreed: agreed.map(|agreed| BySide::new(agreed.left.to_value(), agreed.right.to_value())),
            state,
        });
    }
    Ok(out)
}

fn state<'p>(
    judge: &Judge<'p, '_>,
    line: &'p Line,
    decision: &Decision,
    all: &Decision,
    issues: &[IssueRow],
) -> RowState<'p> {
    let uid = line.rule.uid;
    if decision.unread.is_some() {
        return RowState::NotKnown;
    }
    if let Some(held) = decision.held.iter().find(|held| held.rule.uid == uid) {
        // What is on record says it in the words of whoever refused.
        let recorded = issues.iter().find(|row| row.issue.line == uid).filter(|_| held.known);
        return match recorded {
            Some(row) => RowState::Held { code: row.issue.code.clone(), why: row.issue.message.clone() },
            None => RowState::Held { code: if held.reject { "R703" } else { "R702" }.into(), why: held.why.clone() },
        };
    }
    let lines = &judge.program.block.lines;
    let named = |uid| lines.iter().map(|line| &line.rule).find(|rule| rule.uid == uid);
    let stops = decision.held.iter().find(|held| held.reject);
    let mv = decision.moves.iter().find(|mv| mv.line == uid);
    let times = decision.needs.contains(&Need::Times { line: uid });
    // The rows of a `together` are held as one.
    let group = line.group.map(|group| lines.iter().filter(move |other| other.group == Some(group)));
    let with =
        group.into_iter().flatten().find(|other| decision.held.iter().any(|held| held.rule.uid == other.rule.uid));
    match (mv, stops.and_then(|held| named(held.rule.uid)), with) {
        (Some(_), Some(rule), _) => RowState::HeldBy { rule },
        (Some(mv), None, _) => RowState::Moves { side: mv.side, after: mv.after.clone() },
        (None, _, _) if times => RowState::Times,
        (None, _, Some(other)) if !decision.agreed.iter().any(|agreed| agreed.line == uid) => {
            RowState::HeldBy { rule: &other.rule }
        }
        _ => kept(all, uid),
    }
}

fn kept<'p>(all: &Decision, line: Uid) -> RowState<'p> {
    let mv = all.moves.iter().find(|mv| mv.line == line);
    match mv {
        Some(mv) => RowState::Closed(Some((mv.side, mv.after.clone()))),
        None if all.held.iter().any(|held| held.rule.uid == line) => RowState::Closed(None),
        None => RowState::InStep,
    }
}
