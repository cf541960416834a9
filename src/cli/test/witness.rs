//! What the engine tells while a test runs: how each record was decided last, what a pass wrote, and which outcomes of the
//! rules were seen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use super::coverage::{self, Point};
use crate::data::{BySide, Cell, Side};
use crate::decide::{Verdict, foreseen};
use crate::lang::plan::{Gate, Place, RuleRef, holds, words};
use crate::store::Sid;
use crate::sync::{Change, Event, Judged, Observer};

#[derive(Default)]
pub(super) struct Witness {
    seen: Mutex<Seen>,
}

#[derive(Default)]
pub(super) struct Seen {
    /// How each subject was decided last, in this pass or before.
    pub subjects: BTreeMap<Sid, Subject>,
    pub covered: BTreeSet<Point>,
    /// Of this pass.
    pub changes: Vec<Change>,
    pub rejected: Vec<Rejected>,
    pub troubles: Vec<String>,
}

/// A subject as it was decided last.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub label: String,
    /// Type and id of its records.
    pub ids: BySide<Option<(String, String)>>,
    /// Why nothing flows, or not everything; empty where all is as the rules say.
    pub why: Vec<String>,
    /// Rules that keep it out, with what they say of it.
    pub stops: Vec<Stop>,
}

/// A rule that keeps a record out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stop {
    pub rule: String,
    pub place: Place,
    /// `exclude when email ends with "@acme.com"`
    pub text: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rejected {
    pub label: String,
    pub rule: String,
    pub place: Place,
    pub why: String,
}

impl Witness {
    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A new pass begins.
    pub(super) fn begin(&self) {
        let mut seen = self.seen();
        seen.changes.clear();
        seen.rejected.clear();
        seen.troubles.clear();
    }
}

impl Observer for Witness {
    fn on(&self, event: Event<'_>) {
        let mut seen = self.seen();
        match event {
            Event::Decided(judged) => seen.decided(judged),
            Event::Changed(change) => {
                if let Some(fault) = &change.fault {
                    let line = format!("{}: refused: {fault}", change.subject);
                    seen.troubles.push(line);
                }
                seen.changes.push(change.clone());
            }
            Event::Issue { label, code, message, .. } => seen.troubles.push(format!("{label}: {message} ({code})")),
            Event::Unread { feed, why, .. } => seen.troubles.push(format!("{feed} could not be read: {why}")),
            _ => {}
        }
    }
}

impl Seen {
    fn decided(&mut self, judged: &Judged<'_>) {
        let frame = judged.frame;
        let id = |side: Side| {
            let here = frame.here[side]?;
            Some((judged.program.block.types[side].get(here.ty)?.name.clone(), here.row.id.to_string()))
        };
        let ids = BySide::new(id(Side::Left), id(Side::Right));
        // Records that were joined are one subject from now on.
        let shares =
            |other: &Subject| Side::BOTH.iter().any(|side| ids[*side].is_some() && ids[*side] == other.ids[*side]);
        self.subjects.retain(|sid, subject| *sid == judged.sid || !shares(subject));
        let held = judged.decision.held.iter().filter(|held| !held.why.is_empty());
        let mut why: Vec<String> = held.clone().map(|held| format!("{}: {}", held.rule.name, held.why)).collect();
        let known = &mut self.rejected;
        for held in held.filter(|held| held.reject) {
            let rejected = Rejected {
                label: judged.label.to_owned(),
                rule: held.rule.name.to_string(),
                place: held.rule.place.clone(),
                why: held.why.clone(),
            };
            if !known.contains(&rejected) {
                known.push(rejected);
            }
        }
        match &judged.decision.verdict {
            Verdict::Skipped { why: reason } | Verdict::Frozen { why: reason } => why.insert(0, reason.clone()),
            Verdict::Linked { barred } => {
                for (side, reason) in
                    Side::BOTH.iter().filter_map(|side| Some((*side, barred[side.to_owned()].as_ref()?)))
                {
                    why.push(format!("nothing flows to {}: {reason}", crate::cli::show::crm(side)));
                }
            }
            Verdict::Create { .. } | Verdict::Delete { .. } | Verdict::Waiting => {}
        }
        why.extend(judged.ambiguous.map(str::to_owned));
        why.extend(judged.decision.unread.clone());
        let stops = stops(judged);
        let subject = Subject { label: judged.label.to_owned(), ids, why, stops };
        self.subjects.insert(judged.sid, subject);
        coverage::observe(judged, &mut self.covered);
    }
}

/// The gates that keep a subject from flowing, and a `create nothing` line that leaves it alone.
fn stops(judged: &Judged<'_>) -> Vec<Stop> {
    let (block, cells, now) = (&judged.program.block, &judged.frame.cells, judged.now.0);
    let here = &judged.frame.here;
    let mut out = Vec::new();
    let sides: Vec<Side> = match &judged.decision.verdict {
        Verdict::Linked { barred } => Side::BOTH.into_iter().filter(|side| barred[*side].is_some()).collect(),
        Verdict::Skipped { .. } => Side::BOTH.into_iter().filter(|side| here[*side].is_none()).collect(),
        Verdict::Frozen { .. } | Verdict::Create { .. } | Verdict::Delete { .. } | Verdict::Waiting => return out,
    };
    for side in sides {
        foreseen(judged.program, judged.frame, now, |cells| {
            for gates in [&block.gates.both, &block.gates.to[side]] {
                closed(gates, block, cells, now, &mut out);
            }
        });
        if let (Verdict::Skipped { .. }, Some(source)) = (&judged.decision.verdict, here[side.other()])
            && let Some(line) = coverage::chosen(&block.create[side], source.ty, cells, now)
            && line.target.is_none()
        {
            out.push(stop(&line.rule, "creates nothing".to_owned()));
        }
    }
    out
}

fn closed(gates: &[Gate], block: &crate::lang::plan::Block, cells: &[Cell<'_>], now: i64, out: &mut Vec<Stop>) {
    let includes = || gates.iter().filter(|gate| !gate.exclude);
    let shut = includes().next().is_some() && !includes().any(|gate| holds(&gate.when, cells, now));
    for gate in gates {
        let stops = if gate.exclude { holds(&gate.when, cells, now) } else { shut };
        if stops {
            let (word, not) = if gate.exclude { ("exclude", "") } else { ("include", "not so: ") };
            let text = format!("{word} when {}", words(&gate.when, &block.slots));
            out.push(stop(&gate.rule, format!("{not}{text}")));
        }
    }
}

fn stop(rule: &RuleRef, text: String) -> Stop {
    Stop { rule: rule.name.to_string(), place: rule.place.clone(), text }
}
