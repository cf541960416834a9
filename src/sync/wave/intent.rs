//! What a wave means to do: subjects that are settled as they are, and writes to be sent.

use std::sync::atomic::Ordering;

use super::WaveCx;
use super::decided::Decided;
use super::guard::guard;
use crate::crm::{Act, Call, Guard, Write, WriteCell};
use crate::data::{BySide, Fingerprint, Millis, Side, Stamp, Uid};
use crate::decide::{Program, Verdict};
use crate::store::{Batch, Hood, Issue, Op, OpAct, OpCell, Settled, Wave, Work};
use crate::sync::changes::Change;
use crate::sync::outcomes::Pending;
use crate::sync::rehearsal;
use crate::sync::report::{Counts, Event};

/// How long a subject waits when a side could not be asked.
const WAIT_MS: i64 = 60_000;

/// The writes of each side, and beside each one what becomes of its subject by the reply.
#[derive(Default)]
pub(super) struct Outbox {
    pub writes: BySide<Vec<Write>>,
    pub pending: BySide<Vec<Pending>>,
}

/// Gathers the decisions of a wave.
pub(super) struct Intent<'a> {
    cx: &'a WaveCx<'a>,
    program: &'a Program,
    hood: &'a Hood,
    /// Why a side could not be asked.
    unreachable: BySide<Option<String>>,
    counts: &'a mut Counts,
    wave: Wave,
    outbox: Outbox,
}

impl<'a> Intent<'a> {
    pub fn new(
        cx: &'a WaveCx<'a>,
        program: &'a Program,
        hood: &'a Hood,
        unreachable: BySide<Option<String>>,
        now: Millis,
        counts: &'a mut Counts,
    ) -> Intent<'a> {
        let plan = cx.session.plan.digest;
        let wave = Wave { now, pass: cx.pass, plan, as_of: hood.as_of, ..Wave::default() };
        Intent { cx, program, hood, unreachable, counts, wave, outbox: Outbox::default() }
    }

    /// Adds to the wave what one decision means: settled as it is, or writes to be sent.
    pub fn add(&mut self, one: &Decided) {
        self.counts.decided += 1;
        self.wave.identities.extend(one.identities.iter().cloned());
        self.wave.derived.extend(one.derived);
        let mut base = one.base.clone();
        one.decision.agreed.iter().for_each(|agreed| base.set(agreed.clone()));
        base.retain(|agreed| !one.decision.forgotten.contains(&agreed.line));
        let unread = one.decision.verdict == Verdict::Waiting && one.decision.unread.is_some();
        let waits = unread || !one.needs.is_empty();
        let mut work = Work::Done;
        if let Some(why) = &one.ambiguous {
            // Once it is clear, the same record is no longer the one that was in question: nothing of it was refused.
            let inputs = one.decision.inputs.with(why.as_bytes());
            match one.proposed {
                Some(rule) => self.issue(one, Uid::NONE, rule, "R709", why, inputs),
                None if one.contradicted => self.issue(one, Uid::NONE, Uid::NONE, "R711", why, inputs),
                None => self.issue(one, Uid::NONE, Uid::NONE, "R701", why, inputs),
            }
        } else if waits && self.is_to_be(one) {
            // What only the CRM can compute is known once the record is there: nothing that anybody has to look after.
            work = Work::Later(now_plus(self.wave.now, one.tries));
        } else if waits {
            self.counts.waiting += 1;
            let why = self.unreachable.left.clone().or(self.unreachable.right.clone());
            if let (None, Some(unread)) = (&why, &one.decision.unread) {
                self.issue(one, Uid::NONE, Uid::NONE, "R704", unread, one.decision.inputs);
            }
            let why = why.or(one.decision.unread.clone());
            let why = why.as_deref().unwrap_or("a fact that decides could not be read yet");
            self.cx.observer.on(Event::Skipped { label: &one.label, why });
            work = Work::Later(now_plus(self.wave.now, one.tries));
        } else {
            for held in &one.decision.held {
                self.hold(one, held);
            }
            match &one.decision.verdict {
                Verdict::Skipped { why } | Verdict::Frozen { why } => {
                    self.counts.skipped += 1;
                    self.cx.observer.on(Event::Skipped { label: &one.label, why });
                }
                Verdict::Waiting => {
                    work = match one.settles_at {
                        Some(at) if at > self.wave.now => Work::At(at),
                        // What it waits for is decided in this very pass.
                        Some(_) => Work::Again,
                        None => Work::Later(now_plus(self.wave.now, one.tries)),
                    };
                }
                Verdict::Linked { barred } => self.froze(one, barred),
                Verdict::Create { .. } | Verdict::Delete { .. } => {}
            }
            let held_back = match &one.decision.verdict {
                Verdict::Delete { rule, .. } => self.over_deletes().map(|most| (rule, most)),
                _ => None,
            };
            if let Some((rule, most)) = held_back {
                let why = format!("the rules allow {most} deletions per pass: this one waits for the next");
                self.issue(one, rule.uid, rule.uid, "R708", &why, one.decision.inputs);
                work = Work::Later(self.wave.now.plus(WAIT_MS));
            } else if one.decision.writes() {
                work = Work::Again;
                for side in Side::BOTH {
                    self.add_write(one, side);
                }
            }
        }
        if let Some(why) = &one.surplus {
            let block = self.program.block.uid;
            self.issue(one, block, Uid::NONE, "R707", why, Fingerprint::of(why.as_bytes()));
        }
        if work == Work::Done && one.decision.later {
            work = Work::Later(now_plus(self.wave.now, one.tries));
        }
        if let (Work::Done, Some(at)) = (work, one.decision.turns_at) {
            work = Work::At(Millis(at));
        }
        // A problem that was on record and whose causes have not changed stays on record; what passes by itself, until it did.
        let still = |line: &Uid, inputs: &Fingerprint| match *line {
            Uid::NONE if *inputs == Issue::NOTICE => waits || one.decision.writes(),
            Uid::NONE => *inputs == one.decision.inputs && !one.decision.writes(),
            line => waits || one.decision.held.iter().any(|held| held.known && held.rule.uid == line),
        };
        let keep =
            one.known_issues.iter().filter(|(line, inputs)| still(line, inputs)).map(|(line, _)| *line).collect();
        self.wave.settled.push(Settled { sid: one.sid, base: base.to_bytes(), work, keep });
    }

    /// Whether one of its records is there only in a dry run.
    fn is_to_be(&self, one: &Decided) -> bool {
        Side::BOTH.into_iter().any(|side| {
            one.rows[side].and_then(|rid| self.hood.record(rid)).is_some_and(|row| rehearsal::is_to_be(&row.id))
        })
    }

    fn froze(&mut self, one: &Decided, barred: &BySide<Option<String>>) {
        let why =
            Side::BOTH.into_iter().find_map(|side| barred[side].as_deref().filter(|_| one.decision.freezes[side]));
        if let Some(why) = why {
            self.counts.frozen += 1;
            self.cx.observer.on(Event::Frozen { label: &one.label, why });
        }
    }

    /// The rules' limit of deletions per pass, where it is reached; else one more is counted.
    fn over_deletes(&self) -> Option<u32> {
        let most = self.cx.session.plan.limits.deletes_per_pass?;
        let within = |begun: u32| (begun < most).then_some(begun + 1);
        self.cx.deletes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).is_err().then_some(most)
    }

    fn hold(&mut self, one: &Decided, held: &crate::decide::Held) {
        if !held.known {
            let code = if held.reject { "R703" } else { "R702" };
            self.issue(one, held.rule.uid, held.rule.uid, code, &held.why, held.inputs);
        }
    }

    fn issue(&mut self, one: &Decided, line: Uid, rule: Uid, code: &str, why: &str, inputs: Fingerprint) {
        self.counts.rejected += usize::from(!matches!(code, "R702" | "R707" | "R708"));
        let name = self.cx.session.dict.name(rule);
        let known = one.known_issues.contains(&(line, inputs));
        if !known || matches!(code, "R701" | "R709" | "R711") {
            self.cx.observer.on(Event::Issue {
                label: &one.label,
                rule: if rule == Uid::NONE { "" } else { name },
                code,
                message: why,
            });
        }
        self.wave.issues.push(Issue {
            sid: one.sid,
            line,
            rule,
            code: code.to_owned(),
            message: why.to_owned(),
            inputs,
        });
    }

    fn add_write(&mut self, one: &Decided, side: Side) {
        let (program, hood) = (self.program, self.hood);
        let creating = match &one.decision.verdict {
            Verdict::Create { side: on, ty, rule } if *on == side => Some((*ty, rule)),
            _ => None,
        };
        let deleting = match &one.decision.verdict {
            Verdict::Delete { side: on, rule } if *on == side => Some(rule),
            _ => None,
        };
        let moves: Vec<_> = one.decision.moves.iter().filter(|mv| mv.side == side).collect();
        if moves.is_empty() && creating.is_none() && deleting.is_none() {
            return;
        }
        let mut cells: Vec<WriteCell> = moves
            .iter()
            .map(|mv| WriteCell {
                field: mv.field,
                value: mv.after.clone(),
                expect: mv.before.clone(),
                contested: mv.contested,
            })
            .collect();
        cells.sort_by_key(|cell| cell.field);
        let op_cells = moves.iter().map(|mv| OpCell {
            line: mv.line,
            field: mv.field,
            before: mv.before.clone(),
            after: mv.after.clone(),
            source: mv.source.clone(),
            contested: mv.contested,
            restores: mv.restores,
        });
        let mut stamp = Stamp::default();
        let (ty, act, op_act, rule, id) = match creating {
            Some((ty, rule)) => {
                let used = &program.block.types[side][ty];
                let guard = guard(program, side, ty, &cells);
                let (Guard::OurKey { field, value }
                | Guard::ServerUnique { field, value }
                | Guard::Probe { field, value }) = &guard;
                let op_guard = Some((*field, value.clone()));
                (used, Act::Create { guard: guard.clone() }, OpAct::Create { guard: op_guard }, Some(rule), None)
            }
            None => {
                let (Some(rid), Some(ty)) = (one.rows[side], one.types[side]) else { return };
                let Some(row) = hood.record(rid) else { return };
                let used = &program.block.types[side][ty];
                let id = row.id.clone();
                stamp = row.stamp;
                let told = Some(id.to_string());
                match deleting {
                    Some(_) => (used, Act::Delete { id: id.clone() }, OpAct::Delete { rid, id }, deleting, told),
                    None => (used, Act::Update { id: id.clone() }, OpAct::Update { rid, id }, None, told),
                }
            }
        };
        let op = Op {
            sid: one.sid,
            ty: ty.uid,
            act: op_act,
            rule: rule.map_or(Uid::NONE, |rule| rule.uid),
            cells: op_cells.collect(),
        };
        let change = Change {
            sync: program.block.name.clone(),
            subject: one.label.clone(),
            side,
            ty: ty.name.clone(),
            id,
            create: creating.is_some(),
            delete: deleting.is_some(),
            rule: rule.map(|rule| rule.name.to_string()),
            place: rule.map(|rule| rule.place.clone()).unwrap_or_default(),
            cells: Change::cells(&one.decision, side),
            outcome: crate::store::OpState::Intended,
            fault: None,
        };
        let assign = creating.is_some() && one.decision.assign;
        self.outbox.writes[side].push(Write { ty: ty.uid, act, cells, assign });
        self.outbox.pending[side].push(Pending {
            op,
            change,
            stamp,
            inputs: one.decision.inputs,
            line_inputs: moves.iter().map(|mv| (mv.field, mv.line, mv.inputs)).collect(),
            tries: one.tries,
            known_issues: one.known_issues.clone(),
        });
    }

    /// Groups the writes into calls, and adds the calls to the wave as batches.
    pub fn packed(mut self) -> (Wave, Vec<(Side, Call)>, Outbox) {
        let Outbox { writes, pending } = &self.outbox;
        let mut calls = Vec::new();
        for side in Side::BOTH.into_iter().filter(|side| !writes[*side].is_empty()) {
            for call in self.cx.ports.crm[side].pack(&self.cx.session.reads[side], &writes[side]) {
                let ops = call.writes.iter().filter_map(|at| pending[side].get(*at)).map(|pending| pending.op.clone());
                let ops = ops.collect();
                self.wave.batches.push(Batch { side, name: call.name.clone(), calls: call.calls, ops });
                calls.push((side, call));
            }
        }
        (self.wave, calls, self.outbox)
    }
}

fn now_plus(now: Millis, tries: u32) -> Millis {
    now.plus(WAIT_MS << tries.min(6))
}
