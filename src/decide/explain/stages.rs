//! How far a subject's left record has come, line by line.

use crate::data::{Cell, CodecError, Value};
use crate::lang::plan::{RuleRef, StageRule};

use super::judged::{Judge, Judged};
use crate::decide::decision::Decision;

#[derive(Clone, Debug, PartialEq)]
pub struct Stages<'p> {
    /// API name of the field.
    pub field: &'p str,
    /// `None`: not read.
    pub value: Option<Value>,
    /// Of a record that has a partner.
    pub lines: Vec<StageLine<'p>>,
    /// What its company gives it: the furthest stage of its records, and the line that says so.
    pub company: Option<(Value, &'p RuleRef)>,
    /// What the next pass writes, and by which line.
    pub moves: Option<(Value, RuleRef)>,
}

/// A `reach` or `back to` line.
#[derive(Clone, Debug, PartialEq)]
pub struct StageLine<'p> {
    pub rule: &'p RuleRef,
    pub back: bool,
    pub stage: &'p str,
    pub judged: Judged,
}

pub(super) fn stages<'p>(judge: &Judge<'p, '_>, decision: &Decision) -> Result<Option<Stages<'p>>, CodecError> {
    let (program, frame) = (judge.program, judge.frame);
    let Some(life) = program.block.lifecycle.as_ref().filter(|life| frame.here.left.is_some_and(|h| h.ty == life.ty))
    else {
        return Ok(None);
    };
    let line = |rule: &'p StageRule, back: bool| {
        let stage = life.order.get(rule.stage).map_or("", |stage| stage);
        Ok(StageLine { rule: &rule.rule, back, stage, judged: judge.judge(&rule.when, &frame.cells)? })
    };
    let partnered = frame.here.right.is_some();
    let lines = life.reach.iter().map(|rule| line(rule, false)).chain(life.back.iter().map(|rule| line(rule, true)));
    let lines = if partnered { lines.collect::<Result<_, CodecError>>()? } else { Vec::new() };
    let given = life.cascade.as_ref().and_then(|cascade| cascade.given.as_ref());
    let company = given.map(|(slot, rule)| (frame.cell(*slot).to_value(), rule));
    let cell = frame.cell(life.stage);
    let moved = decision.moves.iter().find(|mv| mv.field == life.target.field);
    Ok(Some(Stages {
        field: &life.target.name,
        value: (!matches!(cell, Cell::Unread)).then(|| cell.to_value()),
        lines,
        company,
        moves: moved.map(|mv| (mv.after.clone(), mv.rule.clone())),
    }))
}
