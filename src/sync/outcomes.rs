//! What a reply means for each of its operations: the row, the new base, the problem, whether to decide again.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::crm::{CallErrorKind, Category, Effect, Fault, Item, Lookup, Overwritten, RawRow, Reads, Reply, Retry};
use crate::data::{BySide, Cell, Fingerprint, Side, Stamp, Uid, Value, decode, encode};
use crate::decide::{Agreed, Base};
use crate::planted::{self, Bug};
use crate::store::{Issue, Op, OpAct, OpCell, OpId, OpState, Outcome, Sid, Work};

use super::changes::Change;
use super::feeds::{ingest_rows, row_in};
use super::report::{Counts, Event};
use super::session::SyncError;
use super::wave::WaveCx;

/// The bases of a wave's subjects, as its outcomes change them.
pub(super) type Bases = BTreeMap<Sid, Base>;

/// One operation on its way.
pub(super) struct Pending {
    pub op: Op,
    pub change: Change,
    /// Of the mirror's row that is updated.
    pub stamp: Stamp,
    pub inputs: Fingerprint,
    /// Per cell: field, row, and what decided about it.
    pub line_inputs: Vec<(Uid, Uid, Fingerprint)>,
    pub tries: u32,
    /// Problems on record when it was decided.
    pub known_issues: Vec<(Uid, Fingerprint)>,
}

/// Settles one reply. Returns whether an operation's effect is unknown.
pub(super) async fn settle_reply(
    cx: &WaveCx<'_>,
    side: Side,
    pending: &[&Pending],
    ids: &[OpId],
    reply: Reply,
    bases: &mut Bases,
    counts: &mut Counts,
) -> Result<bool, SyncError> {
    let now = cx.ports.env.now();
    let items: Vec<Item> = match reply {
        Reply::Items(items) => items,
        Reply::Failed(error) if error.effect == Effect::Maybe => vec![Item::Unknown; pending.len()],
        Reply::Failed(error) => {
            let wait = match error.kind {
                CallErrorKind::Throttled { after, .. } => after,
                _ => Duration::from_secs(60),
            };
            let fault = Fault {
                category: Category::Other,
                code: "NOT_SENT".into(),
                field: None,
                message: error.text,
                retry: Retry::Later(wait),
            };
            let void = |(pending, op): (&&Pending, &OpId)| {
                let mut outcome = Outcome::plain(*op, pending.op.sid, OpState::Void, later(now.0, wait, pending.tries));
                outcome.fault = Some(fault.clone());
                outcome
            };
            let outcomes: Vec<Outcome> = pending.iter().zip(ids).map(void).collect();
            counts.waiting += outcomes.len();
            cx.ports.store.settle(cx.session.epoch, &outcomes, now).await?;
            return Ok(false);
        }
    };
    let mut outcomes = Vec::with_capacity(pending.len());
    let mut doubts = false;
    for ((pending, op), item) in pending.iter().zip(ids).zip(items) {
        let mut change = pending.change.clone();
        let outcome = match item {
            // What the server made of the values is not known: it is looked up before anything is agreed.
            Item::Created { row: None, id } => {
                doubts = true;
                Outcome { id: Some(id), ..Outcome::plain(*op, pending.op.sid, OpState::Unknown, Work::Again) }
            }
            Item::Created { id, row: Some(row) } => {
                counts.created.add(side, 1);
                change.id = Some(id.to_string());
                done(&cx.session.reads[side], side, *op, pending, row, &[], bases)
            }
            Item::Updated { row, overwritten } => {
                counts.updated.add(side, 1);
                let id = change.id.clone().unwrap_or_default();
                let row = row.unwrap_or_else(|| written_row(pending, &id, pending.stamp));
                done(&cx.session.reads[side], side, *op, pending, row, &overwritten, bases)
            }
            Item::Deleted => {
                counts.deleted.add(side, 1);
                let deleted = match pending.op.act {
                    OpAct::Delete { rid, .. } => Some(rid),
                    _ => None,
                };
                Outcome { deleted, ..Outcome::plain(*op, pending.op.sid, OpState::Done, Work::Again) }
            }
            Item::Existed { id } => existed(cx, side, *op, pending, id).await?,
            // The record that we ask for is there, and became another one: it is looked up by our key.
            Item::Rejected(fault) if fault.category == Category::Redirected && creates(pending) => {
                doubts = true;
                Outcome::plain(*op, pending.op.sid, OpState::Unknown, Work::Again)
            }
            Item::Rejected(fault) => {
                counts.rejected += 1;
                change.fault = Some(format!("{}: {}", fault.code, fault.message));
                rejected(*op, pending, fault, now.0)
            }
            Item::Unknown => {
                doubts = true;
                Outcome::plain(*op, pending.op.sid, OpState::Unknown, Work::Again)
            }
        };
        change.outcome = outcome.state;
        cx.observer.on(Event::Changed(&change));
        if let Some(issue) = &outcome.issue {
            let rule = cx.session.dict.name(issue.rule);
            cx.observer.on(Event::Issue { label: &change.subject, rule, code: &issue.code, message: &issue.message });
        }
        outcomes.push(outcome);
    }
    cx.ports.store.settle(cx.session.epoch, &outcomes, now).await?;
    Ok(doubts)
}

/// A write that happened: the row as it is now, and what both sides agree on.
fn done(
    reads: &Reads,
    side: Side,
    op: OpId,
    pending: &Pending,
    row: RawRow,
    overwritten: &[Overwritten],
    bases: &mut Bases,
) -> Outcome {
    let base = bases.entry(pending.op.sid).or_default();
    let mut outcome = Outcome::plain(op, pending.op.sid, OpState::Done, Work::Again);
    for cell in &pending.op.cells {
        if cell.restores {
            base.restored(side, cell.line, &cell.after, disputed(cell, &cell.after, overwritten));
            // Nothing is agreed by it, so it would be written for ever.
            let stored = row.by_us.then(|| field(&row.cells, cell.field)).flatten();
            if stored.is_some_and(|stored| {
                stored.cell().same(&cell.before.cell()) && !cell.after.cell().same(&cell.before.cell())
            }) {
                let message = format!("the value {} was accepted and not kept", cell.after.cell());
                let known = pending.line_inputs.iter().find(|(of, ..)| *of == cell.field);
                let inputs = known.map_or(pending.inputs, |(.., inputs)| *inputs);
                outcome.issue = Some(Issue { inputs, ..issue(pending, cell.line, "R705", message) });
            }
            continue;
        }
        let agreed = agree(cell, side, &row, overwritten);
        let kept = agreed.on(side).same(&cell.before.cell()) && !cell.after.cell().same(&cell.before.cell());
        if kept && !matches!(pending.op.act, OpAct::Create { .. }) {
            let message = format!("the value {} was accepted and not kept", cell.after.cell());
            outcome.issue = Some(issue(pending, cell.line, "R705", message));
        }
        base.wrote(side, agreed);
    }
    outcome.overwritten = overwritten.iter().map(|o| (o.field, o.value.clone())).collect();
    outcome.created = matches!(pending.op.act, OpAct::Create { .. });
    outcome.base = Some(base.to_bytes());
    // Somebody else changed it between our reading and our writing.
    let by_us = row.by_us && overwritten.is_empty();
    outcome.row = Some((side, row_in(reads, RawRow { by_us, ..row })));
    outcome
}

/// What both sides agree on after a write: the value as the written side stored it. If somebody else changed the record
/// since, only what we wrote is agreed, and theirs counts as their change.
pub(super) fn agree(cell: &OpCell, side: Side, row: &RawRow, overwritten: &[Overwritten]) -> Agreed {
    // What differs by space alone is what the server made of ours, whoever wrote last.
    let ours = |held: &Value| row.by_us || held.cell().text().trim() == cell.after.cell().text().trim();
    let stored = field(&row.cells, cell.field).filter(|held| ours(held) && !planted::is(Bug::EchoIsAChange));
    let stored = stored.unwrap_or_else(|| cell.after.clone());
    let mut replaced = BySide::default();
    replaced[side] = disputed(cell, &stored, overwritten);
    let (left, right) = match side {
        Side::Left => (stored, cell.source.clone()),
        Side::Right => (cell.source.clone(), stored),
    };
    Agreed { line: cell.line, left, right, disputed: replaced }
}

/// A value of somebody else's that the write replaced.
pub(super) fn disputed(cell: &OpCell, stored: &Value, theirs: &[Overwritten]) -> Option<Value> {
    let theirs = theirs.iter().find(|theirs| theirs.field == cell.field)?;
    let known = theirs.value.cell().same(&stored.cell()) || theirs.value.cell().same(&cell.before.cell());
    (!known && !planted::is(Bug::DisputeDropped)).then(|| theirs.value.clone())
}

fn field(cells: &[u8], field: Uid) -> Option<Value> {
    decode(cells).filter_map(Result::ok).find(|(uid, _)| *uid == field).map(|(_, cell)| cell.to_value())
}

/// Where the reply holds no row: the record as it must be now, as far as we wrote it.
fn written_row(pending: &Pending, id: &str, stamp: Stamp) -> RawRow {
    let mut cells: Vec<(Uid, Cell<'_>)> = pending.op.cells.iter().map(|cell| (cell.field, cell.after.cell())).collect();
    cells.sort_by_key(|(uid, _)| *uid);
    let mut blob = Vec::new();
    encode(cells, &mut blob);
    let stamp = Stamp { exact: false, ..stamp };
    RawRow { ty: pending.op.ty, id: id.into(), stamp, cells: blob, by_us: true, ..RawRow::default() }
}

/// Somebody else's record, or one of ours: it is read, and identification sees to the rest. If that does not join the two,
/// the problem stays on record and nothing is tried again until something changes.
async fn existed(cx: &WaveCx<'_>, side: Side, op: OpId, pending: &Pending, id: Box<str>) -> Result<Outcome, SyncError> {
    let now = cx.ports.env.now();
    let lookup = Lookup::Ids { ty: pending.op.ty, ids: vec![id.clone()] };
    cx.ports.ledger[side].top_up(cx.ports.store, cx.session.epoch, now, 4).await?;
    let found = cx.ports.crm[side].fetch(&cx.session.reads[side], std::slice::from_ref(&lookup)).await;
    let mut outcome = Outcome::plain(op, pending.op.sid, OpState::Existed, Work::Again);
    match found.into_iter().next() {
        Some(Ok(found)) => {
            ingest_rows(cx.ports, cx.session, side, found.rows, Vec::new(), now).await?;
            let message = format!("record {id} already has this key, though no match line finds it");
            outcome.issue = Some(issue(pending, Uid::NONE, "R706", message));
            outcome.waits_for = Some((pending.op.ty, id));
        }
        _ => outcome.work = later(now.0, Duration::from_secs(60), pending.tries),
    }
    Ok(outcome)
}

fn creates(pending: &Pending) -> bool {
    matches!(pending.op.act, OpAct::Create { .. })
}

/// What passes by itself is sent again, and told when it lasts; it keeps nothing back. All else waits for a change.
fn rejected(op: OpId, pending: &Pending, fault: Fault, now: i64) -> Outcome {
    let text = format!("{} ({})", fault.message, fault.code);
    let mut outcome = Outcome::plain(op, pending.op.sid, OpState::Rejected, Work::Again);
    match (fault.retry, &pending.op.act) {
        (Retry::Later(wait), _) => {
            let notice = || Issue { inputs: Issue::NOTICE, ..issue(pending, Uid::NONE, "R710", text) };
            outcome.issue = (pending.tries > 0).then(notice);
            outcome.work = later(now, wait, pending.tries);
        }
        (Retry::WhenChanged, OpAct::Update { rid, .. })
            if matches!(fault.category, Category::Gone | Category::Redirected) =>
        {
            outcome.stale = vec![*rid];
        }
        (Retry::WhenChanged, _) => {
            let line = fault.field.and_then(|field| pending.line_inputs.iter().find(|(of, ..)| *of == field));
            // A create that was refused for the same value before goes out with it all the same: the field cannot be left
            // out, so the record waits.
            let again = |line: Uid, inputs| creates(pending) && pending.known_issues.contains(&(line, inputs));
            outcome.issue = Some(match line.filter(|(_, line, inputs)| !again(*line, *inputs)) {
                Some((_, line, inputs)) => {
                    outcome.work = Work::Later(crate::data::Millis(now));
                    Issue { inputs: *inputs, ..issue(pending, *line, "R710", text) }
                }
                None => issue(pending, Uid::NONE, "R710", text),
            });
        }
    }
    outcome.fault = Some(fault);
    outcome
}

fn issue(pending: &Pending, line: Uid, code: &str, message: String) -> Issue {
    let rule = if line == Uid::NONE { pending.op.rule } else { line };
    Issue { sid: pending.op.sid, line, rule, code: code.into(), message, inputs: pending.inputs }
}

/// Not before `wait`, and later with every try that failed.
fn later(now: i64, wait: Duration, tries: u32) -> Work {
    let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX / 64);
    Work::Later(crate::data::Millis(now.saturating_add(wait.saturating_mul(1 << tries.min(6)))))
}
