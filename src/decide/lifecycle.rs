//! How far a record has come: forward by what holds of it and of its company, backward only where a rule says so.
//!
//! Everything here comes from data, nothing from what was decided: how far the records of a company have come is read from
//! what was derived of each of them, never from a stage that was written.

use crate::data::{Cell, Fingerprint, Side, Value};
use crate::lang::plan::{Cond, Cx, Lifecycle, Predicate, RuleRef, StageRule};
use crate::planted::{self, Bug};
use crate::store::{Derived, KeySpec, Sid};

use super::base::Agreed;
use super::decision::{Decision, Held, Known, Move, Need};
use super::frame::Frame;
use super::gates::{Way, answer};
use super::program::Program;

/// What rules say of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Said<'p> {
    /// The highest one that holds.
    holds: Option<&'p StageRule>,
    /// The highest one of which nothing can be said yet.
    unread: Option<&'p StageRule>,
}

impl<'p> Said<'p> {
    fn of(rules: &'p [StageRule], tests: &[Predicate], frame: &Frame<'_>, now: i64) -> Said<'p> {
        let mut said = Said::default();
        for (rule, test) in rules.iter().zip(tests) {
            let place = match answer(&rule.when, test, frame.unread, &Cx { cells: &frame.cells, now }) {
                Some(false) => continue,
                Some(true) => &mut said.holds,
                None => &mut said.unread,
            };
            if place.is_none_or(|known| known.stage < rule.stage) {
                *place = Some(rule);
            }
        }
        said
    }

    fn stage(rule: Option<&StageRule>) -> Option<usize> {
        rule.map(|rule| rule.stage)
    }
}

/// Whether the rules of a linked pair move its stage: it flows to the left. `None` where that could not be read.
fn flows(program: &Program, frame: &Frame<'_>, now: i64) -> Option<bool> {
    if frame.here.left.is_none() || frame.here.right.is_none() {
        return Some(false);
    }
    match program.way(Side::Left, &frame.cells, frame.unread, now) {
        Way::Open => Some(true),
        Way::Barred(_) => Some(program.block.gates.keep_syncing.left),
        Way::Unread(..) => None,
    }
}

/// How far the record has come by its own, for its company. `None`: it cannot be told now, and what was known stays.
pub fn derived(program: &Program, frame: &Frame<'_>, sid: Sid, now: i64) -> Option<Derived> {
    let life = program.block.lifecycle.as_ref()?;
    let cascade = life.cascade.as_ref().filter(|cascade| cascade.derives)?;
    if frame.stale {
        return None;
    }
    let none = Derived { sid, fact: cascade.fact, group: None, rank: None, open: false };
    if frame.here.left.is_none_or(|here| here.ty != life.ty) {
        return Some(none);
    }
    let group = match frame.cells.get(cascade.head)? {
        Cell::Unread => return None,
        cell if !cell.is_known() => return Some(none),
        cell => KeySpec::reference(cascade.key, &cell.text()),
    };
    let said = match flows(program, frame, now) {
        Some(true) => Said::of(&life.reach, &program.reach, frame, now),
        Some(false) => return Some(none),
        None => return Some(Derived { group: Some(group), open: true, ..none }),
    };
    let rank = Said::stage(said.holds);
    let open = Said::stage(said.unread) > rank;
    match rank.is_some() || open {
        true => {
            Some(Derived { group: Some(group), rank: rank.and_then(|rank| u32::try_from(rank).ok()), open, ..none })
        }
        false => Some(none),
    }
}

/// The stage that a record is created with: as far as it has come already.
pub(super) fn at_creation(program: &Program, frame: &Frame<'_>, ty: usize, now: i64) -> Option<Move> {
    let life = program.block.lifecycle.as_ref().filter(|life| life.ty == ty && life.target.createable)?;
    let said = Said::of(&life.reach, &program.reach, frame, now);
    // What is not known yet moves it when it is.
    let rule = said.holds.filter(|_| Said::stage(said.unread) <= Said::stage(said.holds))?;
    let stage = life.order.get(rule.stage)?;
    Some(write(program, life, &rule.rule, Cell::Null, Value::text(&**stage)))
}

/// What becomes of the stage of the left record.
pub(super) fn decide_stage(program: &Program, frame: &Frame<'_>, known: &Known<'_>, refused: bool, out: &mut Decision) {
    let Some(life) = &program.block.lifecycle else { return };
    if refused || frame.lost.right || frame.here.left.is_none_or(|here| here.ty != life.ty) {
        return;
    }
    // Rules ask about the partner in the other CRM; a company's stage comes to every record within the gates of both ways.
    let (own, shared) = match (frame.here.right.is_some(), flows(program, frame, known.now)) {
        (true, flows) => (flows == Some(true), flows == Some(true)),
        (false, _) => match program.way_both(&frame.cells, frame.unread, known.now) {
            Way::Open => (false, true),
            Way::Barred(_) => return,
            Way::Unread(..) => return out.later = true,
        },
    };
    if own || shared {
        Stage { program, life, frame, known, own }.decide(shared, out);
    }
}

struct Stage<'a> {
    program: &'a Program,
    life: &'a Lifecycle,
    frame: &'a Frame<'a>,
    known: &'a Known<'a>,
    /// The record's own rules count.
    own: bool,
}

impl<'a> Stage<'a> {
    fn said(&self, rules: &'a [StageRule], tests: &[Predicate]) -> Said<'a> {
        match self.own {
            true => Said::of(rules, tests, self.frame, self.known.now),
            false => Said::default(),
        }
    }

    fn rank(&self, stage: &str) -> Option<usize> {
        self.life.order.iter().position(|known| **known == *stage)
    }

    fn decide(&self, shared: bool, out: &mut Decision) {
        let (life, cell) = (self.life, self.frame.cell(self.life.stage));
        if matches!(cell, Cell::Unread) {
            return;
        }
        let current = self.rank(&cell.text());
        if current.is_none() && !cell.is_blank() {
            let why = format!("`{}` has no place among the stages", cell.text());
            return self.hold(&life.rule, cell, why, out);
        }
        let reach = self.said(&life.reach, &self.program.reach);
        let given = life.cascade.as_ref().and_then(|cascade| cascade.given.as_ref()).filter(|_| shared);
        let company = given.and_then(|(slot, rule)| Some((self.rank(&self.frame.cell(*slot).text())?, rule)));
        let own = reach.holds.map(|rule| (rule.stage, &rule.rule));
        let furthest = match (own, company) {
            (Some(own), Some(company)) if own.0 >= company.0 => Some(own),
            (own, company) => company.or(own),
        };
        let floor = furthest.map(|(stage, _)| stage);
        // A rule that would go further than all that is known.
        if Said::stage(reach.unread) > floor.max(current) {
            return self.wait(reach.unread, out);
        }
        let way_back = self.way_back();
        match (furthest, way_back.filter(|_| cell.is_blank())) {
            (Some((stage, rule)), back) if Some(stage) > current && Some(stage) >= Said::stage(back) => {
                self.write(rule, cell, stage, out);
            }
            (_, Some(back)) => self.write(&back.rule, cell, back.stage, out),
            _ => {
                if let Some(back) = self.back(current, floor, given.is_some(), reach.unread, out) {
                    return self.start_back(back, cell, out);
                }
            }
        }
        if way_back.is_some() && !cell.is_blank() {
            out.agreed.push(Agreed { line: life.rule.uid, ..Agreed::default() });
        }
    }

    /// The rule by which the stage was cleared, while it is on its way.
    fn way_back(&self) -> Option<&'a StageRule> {
        let agreed = self.known.base.get(self.life.rule.uid)?;
        let stage = self.rank(&agreed.right.text())?;
        self.life.back.iter().find(|rule| rule.stage == stage)
    }

    /// The highest `back to` that holds, below where the record is and not below what it has come to.
    fn back(
        &self,
        current: Option<usize>,
        floor: Option<usize>,
        shared: bool,
        unread: Option<&StageRule>,
        out: &mut Decision,
    ) -> Option<&'a StageRule> {
        let said = self.said(&self.life.back, &self.program.back);
        let allowed = |rule: &&StageRule| Some(rule.stage) < current && Some(rule.stage) >= floor;
        let holds = said.holds.filter(allowed);
        let open = said.unread.filter(allowed).filter(|rule| Some(rule.stage) > Said::stage(holds));
        if open.is_some() {
            self.wait(open, out);
            return None;
        }
        // Nothing goes back while something that would keep it is not known.
        if holds.is_some() && (unread.is_some() || shared && self.frame.furthest_open) {
            out.later = true;
            return None;
        }
        holds
    }

    /// What a rule asks for is not read: it is fetched where it is known by its id, else asked for again later.
    fn wait(&self, rule: Option<&StageRule>, out: &mut Decision) {
        let mut needs: Vec<Need> = Vec::new();
        for (side, ty, id) in &self.frame.missing {
            let need = Need::Record { side: *side, ty: *ty, id: id.clone() };
            needs.extend(Some(need).filter(|need| !needs.contains(need)));
        }
        out.later = true;
        if let Some(StageRule { rule, when, .. }) = rule.filter(|_| !needs.is_empty()) {
            out.unread = Some(self.program.unread_text(rule, when, &self.frame.cells));
            out.needs.extend(needs);
        }
    }

    /// A CRM moves no stage backward, so it is cleared first. Where it was to go is remembered before that.
    fn start_back(&self, back: &StageRule, cell: Cell<'_>, out: &mut Decision) {
        if planted::is(Bug::BackAtOnce) {
            return self.write(&back.rule, cell, back.stage, out);
        }
        let right = Value::text(&*self.life.order[back.stage]);
        out.agreed.push(Agreed { line: self.life.rule.uid, left: cell.to_value(), right, ..Agreed::default() });
        self.put(&back.rule, cell, Value::Null, out);
    }

    fn write(&self, rule: &RuleRef, cell: Cell<'_>, stage: usize, out: &mut Decision) {
        self.put(rule, cell, Value::text(&*self.life.order[stage]), out);
    }

    fn put(&self, rule: &RuleRef, cell: Cell<'_>, after: Value, out: &mut Decision) {
        let mv = write(self.program, self.life, rule, cell, after);
        match self.known.subject.issues.contains(&(rule.uid, mv.inputs)) {
            true => out.held.push(Held::quiet(rule)),
            false => out.moves.push(mv),
        }
    }

    fn hold(&self, rule: &RuleRef, cell: Cell<'_>, why: String, out: &mut Decision) {
        let inputs = inputs(self.program, rule, cell, &Value::Null);
        match self.known.subject.issues.contains(&(rule.uid, inputs)) {
            true => out.held.push(Held::quiet(rule)),
            false => out.held.push(Held::skipped(rule, why, inputs)),
        }
    }
}

/// Nothing is agreed by it: the other side has no stage.
fn write(program: &Program, life: &Lifecycle, rule: &RuleRef, cell: Cell<'_>, after: Value) -> Move {
    Move {
        side: Side::Left,
        line: rule.uid,
        rule: rule.clone(),
        field: life.target.field,
        name: life.target.name.clone(),
        before: cell.to_value(),
        inputs: inputs(program, rule, cell, &after),
        after,
        source: Value::Null,
        contested: false,
        restores: true,
    }
}

fn inputs(program: &Program, rule: &RuleRef, cell: Cell<'_>, after: &Value) -> Fingerprint {
    let start = Fingerprint::of(&program.digest.0).with(&rule.uid.0.to_le_bytes());
    start.with(cell.text().as_bytes()).with(after.cell().text().as_bytes())
}

/// Conditions of the block's lifecycle.
pub(super) fn conditions(life: &Lifecycle) -> impl Iterator<Item = &Cond> {
    life.reach.iter().chain(&life.back).map(|rule| &rule.when)
}
