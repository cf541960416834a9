//! One wave: subjects are identified and decided, what is missing is fetched, intents are committed, calls are sent, and
//! each reply is settled as it comes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::crm::{Act, Call, CallErrorKind, Guard, Reply, Write, WriteCell};
use crate::data::{BySide, Fingerprint, Millis, Side, Stamp, Uid};
use crate::decide::{Base, BaseView, Decision, Frame, Known, Need, Program, Verdict, decide, identify};
use crate::store::{Batch, BatchIds, Derived, Hood, Identity, Issue, Op, OpAct, OpCell, Settled, Sid, Wave, Work};

use super::changes::Change;
use super::needs::{Learned, Needy, fetch_needs, stale};
use super::outcomes::{Bases, Pending, settle_reply};
use super::report::{Counts, Event, Judged, Observer, STOPPED};
use super::session::{Ports, Session, SyncError};

/// How long a subject waits when a side could not be asked.
const WAIT_MS: i64 = 60_000;
/// Rounds of fetching facts before a subject is put off.
const ROUNDS: usize = 3;
/// Calls in flight on one side.
const IN_FLIGHT: usize = 8;

/// What a wave may and did do.
pub(super) struct WaveCx<'a> {
    pub ports: Ports<'a>,
    pub session: &'a Session,
    pub programs: &'a [Program],
    pub pass: i64,
    pub observer: &'a dyn Observer,
    /// Sides whose changes were read to the end: only there may a record be called absent.
    pub current: BySide<bool>,
    /// Records of which the deletion was begun in this pass.
    pub deletes: AtomicU32,
}

/// What keeps further waves from being worth while.
#[derive(Debug, Default)]
pub(super) struct WaveEnd {
    pub parked: BySide<Option<String>>,
    /// Why facts that decide could not be read now.
    pub unread: BySide<Option<String>>,
    /// Operations whose effect is not known.
    pub doubts: bool,
}

impl WaveCx<'_> {
    pub(super) async fn run(&self, program: &Program, sids: &[Sid], counts: &mut Counts) -> Result<WaveEnd, SyncError> {
        let now = self.ports.env.now();
        let mut learned = Learned::default();
        let behind = |side: Side| (!self.current[side]).then(|| "its changes could not be read".to_owned());
        let mut unreachable = BySide::new(behind(Side::Left), behind(Side::Right));
        let mut unread: BySide<Option<String>> = BySide::default();
        for round in 0.. {
            let behind = BySide::new(!self.current.left, !self.current.right);
            let hood = self.ports.store.load(sids).await?.seen(now, behind);
            let decided = self.decide_all(program, &hood, &learned, now)?;
            let needy: Vec<Needy<'_>> =
                decided.iter().filter(|one| !one.needs.is_empty()).map(|one| one.needy(&hood)).collect();
            let last = round == ROUNDS || unreachable.left.is_some() || unreachable.right.is_some();
            if needy.is_empty() || last {
                let end = self.carry_out(program, &hood, decided, unreachable, now, counts).await?;
                return Ok(WaveEnd { unread, ..end });
            }
            let errors = fetch_needs(self.ports, self.session, program, &hood, &needy, &mut learned).await?;
            for side in Side::BOTH {
                unreachable[side] = errors[side].as_ref().map(|error| error.text.clone());
                unread[side] = unreachable[side].clone().or(unread[side].take());
            }
        }
        Ok(WaveEnd::default())
    }

    fn decide_all(
        &self,
        program: &Program,
        hood: &Hood,
        learned: &Learned,
        now: Millis,
    ) -> Result<Vec<Decided>, SyncError> {
        let identified = identify(program, hood, now.0);
        let holders = identified.subjects.iter().flat_map(|(sid, all)| all.iter().map(|member| (member.rid, *sid)));
        let holders: BTreeMap<_, Sid> = holders.collect();
        let mut changes: BTreeMap<Sid, Vec<Identity>> = BTreeMap::new();
        for change in &identified.changes {
            let sid = match change {
                Identity::Join { into, .. } => *into,
                Identity::Role { rid, .. } => holders.get(rid).copied().unwrap_or_default(),
            };
            changes.entry(sid).or_default().push(change.clone());
        }
        let mut out = Vec::with_capacity(identified.subjects.len());
        let (mut frame, mut view) = (Frame::default(), BaseView::default());
        for (sid, members) in &identified.subjects {
            let Some(subject) = hood.subject(*sid) else { continue };
            frame.fill(program, hood, members)?;
            view.fill(identified.base(subject))?;
            let base = Base::from_bytes(identified.base(subject))?;
            let mut decision = Decision::default();
            let absent = BySide::new(
                learned.absent.left.contains(sid) && self.current.left,
                learned.absent.right.contains(sid) && self.current.right,
            );
            let known = Known { base: &view, subject, times: &learned.times, absent, now: now.0 };
            let ambiguous = identified.ambiguous.get(sid).cloned();
            let surplus = identified.surplus.get(sid).cloned();
            if identified.waiting.contains(sid) || ambiguous.is_some() {
                decision.inputs = program.record_inputs(&frame);
            } else {
                decide(program, &frame, &known, &mut decision);
            }
            let needs = match frame.stale {
                true => stale(hood, members).into_iter().map(|rid| Need::Fresh { rid }).collect(),
                false => decision.needs.clone(),
            };
            let rows = BySide::new(frame.here.left.map(|h| h.row.rid), frame.here.right.map(|h| h.row.rid));
            let types = BySide::new(frame.here.left.map(|h| h.ty), frame.here.right.map(|h| h.ty));
            let unclear = identified.waiting.contains(sid) || ambiguous.is_some();
            let derived = if unclear { None } else { crate::decide::derived(program, &frame, *sid, now.0) };
            let label = label(program, &frame, hood, members);
            self.observer.on(Event::Decided(&Judged {
                sid: *sid,
                label: &label,
                program,
                frame: &frame,
                decision: &decision,
                ambiguous: ambiguous.as_deref(),
                now,
            }));
            let known_issues = subject.issues.clone();
            let identities = changes.remove(sid).unwrap_or_default();
            out.push(Decided {
                sid: *sid,
                decision,
                base,
                ambiguous,
                surplus,
                needs,
                rows,
                types,
                label,
                identities,
                derived,
                tries: subject.tries,
                known_issues,
            });
        }
        Ok(out)
    }

    async fn carry_out(
        &self,
        program: &Program,
        hood: &Hood,
        decided: Vec<Decided>,
        unreachable: BySide<Option<String>>,
        now: Millis,
        counts: &mut Counts,
    ) -> Result<WaveEnd, SyncError> {
        self.observer.on(Event::Deciding { subjects: decided.len() });
        let plan = self.session.plan.digest;
        let mut wave = Wave { now, pass: self.pass, plan, as_of: hood.as_of, ..Wave::default() };
        let mut writes: BySide<Vec<Write>> = BySide::default();
        let mut pending: BySide<Vec<Pending>> = BySide::default();
        for one in &decided {
            counts.decided += 1;
            wave.identities.extend(one.identities.iter().cloned());
            wave.derived.extend(one.derived);
            self.settle_or_write(program, hood, one, &unreachable, &mut wave, &mut writes, &mut pending, counts);
        }
        let calls = self.pack(&writes, &pending, &mut wave);
        let mut bases = Bases::default();
        for settled in &wave.settled {
            bases.insert(settled.sid, Base::from_bytes(&settled.base)?);
        }
        let ids = self.ports.store.intend(self.session.epoch, &wave).await?;
        self.send(calls, &ids, &writes, pending, bases, counts).await
    }

    /// Adds to the wave what one decision means: settled as it is, or writes to be sent.
    #[allow(clippy::too_many_arguments)]
    fn settle_or_write(
        &self,
        program: &Program,
        hood: &Hood,
        one: &Decided,
        unreachable: &BySide<Option<String>>,
        wave: &mut Wave,
        writes: &mut BySide<Vec<Write>>,
        pending: &mut BySide<Vec<Pending>>,
        counts: &mut Counts,
    ) {
        let mut base = one.base.clone();
        one.decision.agreed.iter().for_each(|agreed| base.set(agreed.clone()));
        base.retain(|agreed| !one.decision.forgotten.contains(&agreed.line));
        let waits = !one.needs.is_empty();
        let mut work = Work::Done;
        if let Some(why) = &one.ambiguous {
            self.issue(one, Uid::NONE, Uid::NONE, "R701", why, one.decision.inputs, wave, counts);
        } else if waits {
            counts.waiting += 1;
            let why = [&unreachable.left, &unreachable.right].into_iter().flatten().next();
            if let (None, Some(unread)) = (why, &one.decision.unread) {
                self.issue(one, Uid::NONE, Uid::NONE, "R704", unread, one.decision.inputs, wave, counts);
            }
            let why = why.or(one.decision.unread.as_ref());
            let why = why.map_or("a fact that decides could not be read yet", String::as_str);
            self.observer.on(Event::Skipped { label: &one.label, why });
            work = Work::Later(now_plus(wave.now, one.tries));
        } else {
            for held in &one.decision.held {
                self.hold(one, held, wave, counts);
            }
            match &one.decision.verdict {
                Verdict::Skipped { why } | Verdict::Frozen { why } => {
                    counts.skipped += 1;
                    self.observer.on(Event::Skipped { label: &one.label, why });
                }
                Verdict::Waiting => work = Work::Later(now_plus(wave.now, one.tries)),
                Verdict::Linked { .. } | Verdict::Create { .. } | Verdict::Delete { .. } => {}
            }
            let stopped = one.decision.held.iter().any(|held| held.reject);
            let held_back = match &one.decision.verdict {
                Verdict::Delete { rule, .. } => self.over_deletes().map(|most| (rule, most)),
                _ => None,
            };
            if let Some((rule, most)) = held_back {
                let why = format!("the rules allow {most} deletions per pass: this one waits for the next");
                self.issue(one, rule.uid, rule.uid, "R708", &why, one.decision.inputs, wave, counts);
                work = Work::Later(wave.now.plus(WAIT_MS));
            } else if one.decision.writes() && !stopped {
                work = Work::Again;
                for side in Side::BOTH {
                    self.add_write(program, hood, one, side, writes, pending);
                }
            }
        }
        if let Some(why) = &one.surplus {
            let block = program.block.uid;
            self.issue(one, block, Uid::NONE, "R707", why, Fingerprint::of(why.as_bytes()), wave, counts);
        }
        if work == Work::Done && one.decision.later {
            work = Work::Later(now_plus(wave.now, one.tries));
        }
        if let (Work::Done, Some(at)) = (work, one.decision.turns_at) {
            work = Work::At(Millis(at));
        }
        // A problem that was on record and whose causes have not changed stays on record.
        let still = |line: &Uid, inputs: &Fingerprint| match *line {
            Uid::NONE => *inputs == one.decision.inputs && !one.decision.writes(),
            line => waits || one.decision.held.iter().any(|held| held.known && held.rule.uid == line),
        };
        let keep =
            one.known_issues.iter().filter(|(line, inputs)| still(line, inputs)).map(|(line, _)| *line).collect();
        wave.settled.push(Settled { sid: one.sid, base: base.to_bytes(), work, keep });
    }

    /// The rules' limit of deletions per pass, where it is reached; else one more is counted.
    fn over_deletes(&self) -> Option<u32> {
        let most = self.session.plan.limits.deletes_per_pass?;
        let within = |begun: u32| (begun < most).then_some(begun + 1);
        self.deletes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within).is_err().then_some(most)
    }

    fn hold(&self, one: &Decided, held: &crate::decide::Held, wave: &mut Wave, counts: &mut Counts) {
        if !held.known {
            let code = if held.reject { "R703" } else { "R702" };
            self.issue(one, held.rule.uid, held.rule.uid, code, &held.why, held.inputs, wave, counts);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn issue(
        &self,
        one: &Decided,
        line: Uid,
        rule: Uid,
        code: &str,
        why: &str,
        inputs: Fingerprint,
        wave: &mut Wave,
        counts: &mut Counts,
    ) {
        counts.rejected += usize::from(!matches!(code, "R702" | "R707" | "R708"));
        let name = self.session.dict.name(rule);
        let known = one.known_issues.contains(&(line, inputs));
        if !known || code == "R701" {
            self.observer.on(Event::Issue {
                label: &one.label,
                rule: if rule == Uid::NONE { "" } else { name },
                code,
                message: why,
            });
        }
        wave.issues.push(Issue { sid: one.sid, line, rule, code: code.to_owned(), message: why.to_owned(), inputs });
    }

    #[allow(clippy::too_many_arguments)]
    fn add_write(
        &self,
        program: &Program,
        hood: &Hood,
        one: &Decided,
        side: Side,
        writes: &mut BySide<Vec<Write>>,
        pending: &mut BySide<Vec<Pending>>,
    ) {
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
        writes[side].push(Write { ty: ty.uid, act, cells, assign });
        pending[side].push(Pending {
            op,
            change,
            stamp,
            inputs: one.decision.inputs,
            line_inputs: moves.iter().map(|mv| (mv.field, mv.line, mv.inputs)).collect(),
            tries: one.tries,
        });
    }

    /// Groups the writes into calls, and adds the calls to the wave as batches.
    fn pack(&self, writes: &BySide<Vec<Write>>, pending: &BySide<Vec<Pending>>, wave: &mut Wave) -> Vec<(Side, Call)> {
        let mut calls = Vec::new();
        for side in Side::BOTH.into_iter().filter(|side| !writes[*side].is_empty()) {
            for call in self.ports.crm[side].pack(&self.session.reads[side], &writes[side]) {
                let ops = call.writes.iter().filter_map(|at| pending[side].get(*at)).map(|pending| pending.op.clone());
                wave.batches.push(Batch { side, name: call.name.clone(), calls: call.calls, ops: ops.collect() });
                calls.push((side, call));
            }
        }
        calls
    }

    #[allow(clippy::too_many_arguments)]
    async fn send(
        &self,
        calls: Vec<(Side, Call)>,
        ids: &[BatchIds],
        writes: &BySide<Vec<Write>>,
        pending: BySide<Vec<Pending>>,
        mut bases: Bases,
        counts: &mut Counts,
    ) -> Result<WaveEnd, SyncError> {
        let mut end = WaveEnd::default();
        let mut queue = calls.into_iter().zip(ids);
        let mut flying = FuturesUnordered::new();
        for side in Side::BOTH {
            let want = 8 + wave_calls(&pending[side]);
            self.ports.ledger[side].top_up(self.ports.store, self.session.epoch, self.ports.env.now(), want).await?;
        }
        loop {
            while flying.len() < IN_FLIGHT {
                let Some(((side, call), ids)) = queue.next() else { break };
                counts.write_calls.add(side, u64::from(call.calls));
                self.observer.on(Event::Sending { side, call: &call.name, records: call.writes.len() });
                if self.observer.stopping() {
                    end.parked[side].get_or_insert_with(|| STOPPED.to_owned());
                }
                let parked = end.parked[side].is_some();
                let (crm, reads) = (self.ports.crm[side], &self.session.reads[side]);
                let mine = &writes[side];
                flying.push(async move {
                    let reply = match parked {
                        true => Reply::Failed(crate::crm::CallError {
                            effect: crate::crm::Effect::None,
                            kind: CallErrorKind::Budget,
                            text: "not sent: the account is paused".into(),
                        }),
                        false => crm.send(reads, &call, mine).await,
                    };
                    (side, call, ids, reply)
                });
            }
            let Some((side, call, ids, reply)) = flying.next().await else { break };
            if let Reply::Failed(error) = &reply {
                end.parked[side] = Some(error.text.clone());
            }
            let mine: Vec<&Pending> = call.writes.iter().filter_map(|at| pending[side].get(*at)).collect();
            end.doubts |= settle_reply(self, side, &mine, &ids.ops, reply, &mut bases, counts).await?;
        }
        Ok(end)
    }
}

fn wave_calls(pending: &[Pending]) -> i64 {
    // Half a hundred records a call is the least that either CRM takes; a read-back doubles it.
    pending.len() as i64 / 50 * 2 + 8
}

fn now_plus(now: Millis, tries: u32) -> Millis {
    now.plus(WAIT_MS << tries.min(6))
}

/// What keeps a create that is sent twice from making two records: our own key, else a field that the server keeps unique,
/// else the key by which it would be found.
fn guard(program: &Program, side: Side, ty: usize, cells: &[WriteCell]) -> Guard {
    let used = &program.block.types[side][ty];
    let value = |field: Uid| cells.iter().find(|cell| cell.field == field).map(|cell| cell.value.cell().text().into());
    if let Some(key) = &used.own_key
        && let Some(value) = value(key.field)
    {
        return Guard::OurKey { field: key.field, value };
    }
    if let Some((field, value)) = used.unique.iter().find_map(|field| Some((*field, value(*field)?))) {
        return Guard::ServerUnique { field, value };
    }
    let keys = (0..program.block.matches.len()).filter_map(|line| program.key_spec(side, ty, line));
    let found = keys.flat_map(|spec| &spec.parts).find_map(|part| match part {
        crate::store::KeyPart::Field(field, _) => Some((*field, value(*field)?)),
        crate::store::KeyPart::Id => None,
    });
    let (field, value) = found.unwrap_or((Uid::NONE, "".into()));
    Guard::Probe { field, value }
}

/// One subject, decided.
struct Decided {
    sid: Sid,
    decision: Decision,
    base: Base,
    ambiguous: Option<String>,
    /// See [`crate::decide::Identified::surplus`].
    surplus: Option<String>,
    needs: Vec<Need>,
    rows: BySide<Option<crate::store::Rid>>,
    types: BySide<Option<usize>>,
    label: String,
    identities: Vec<Identity>,
    derived: Option<Derived>,
    tries: u32,
    known_issues: Vec<(Uid, Fingerprint)>,
}

impl Decided {
    fn needy<'h>(&self, hood: &'h Hood) -> Needy<'h> {
        let row = |side: Side| self.rows[side].and_then(|rid| hood.record(rid));
        Needy { sid: self.sid, rows: BySide::new(row(Side::Left), row(Side::Right)), needs: self.needs.clone() }
    }
}

/// What people know a subject by: the first text key that it has, else an id.
fn label(program: &Program, frame: &Frame<'_>, hood: &Hood, members: &[crate::decide::Member]) -> String {
    let fields: BTreeSet<Uid> = program
        .block
        .matches
        .iter()
        .flat_map(|line| &line.parts)
        .flat_map(|pair| pair.left.iter().chain(&pair.right).flatten())
        .filter_map(|part| match part {
            crate::lang::plan::KeyPart::Field { uid, kind } if *kind != crate::data::FieldKind::Id => Some(*uid),
            _ => None,
        })
        .collect();
    let rows = [frame.here.left.map(|here| here.row), frame.here.right.map(|here| here.row)];
    let keyed = rows.into_iter().flatten().find_map(|row| {
        let mut cells = crate::data::decode(&row.cells).filter_map(Result::ok);
        cells.find(|(uid, cell)| fields.contains(uid) && cell.is_known()).map(|(_, cell)| cell.text().into_owned())
    });
    keyed.unwrap_or_else(|| {
        members.iter().filter_map(|m| hood.record(m.rid)).map(|row| row.id.to_string()).next().unwrap_or_default()
    })
}
