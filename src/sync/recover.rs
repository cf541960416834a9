//! Intents without outcome: after a crash, or when a reply was lost. Creates are looked for by their guard; updates are
//! never sent again, but the record is read and decided anew.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::crm::{Act, Found, Lookup, RawRow, Write, WriteCell};
use crate::data::{BySide, Cell, KeyForm, Millis, Presence, Side, Uid, Value, decode};
use crate::decide::{Agreed, Base};
use crate::planted::{self, Bug};
use crate::store::{LATE_MS, OpAct, OpState, OpenOp, Outcome, Sid, Work};

use super::feeds::row_in;
use super::outcomes::{Bases, agree, disputed};
use super::report::{Counts, Event, Observer};
use super::session::{Ports, Session, SyncError};

/// Resolves what can be resolved now; what cannot (the CRM does not answer for it) stays open for the next pass, and its
/// subjects with it. Returns why, per side.
pub(super) async fn recover(
    ports: Ports<'_>,
    session: &Session,
    observer: &dyn Observer,
    counts: &mut Counts,
) -> Result<BySide<Option<String>>, SyncError> {
    let mut failed: BySide<Option<String>> = BySide::default();
    let open = ports.store.open_ops().await?;
    if open.is_empty() {
        return Ok(failed);
    }
    for side in Side::BOTH {
        let ops: Vec<&OpenOp> = open.iter().filter(|op| op.side == side).collect();
        if ops.is_empty() {
            continue;
        }
        observer.on(Event::Recovered { side, ops: ops.len() });
        counts.recovered += ops.len();
        failed[side] = recover_side(ports, session, side, &ops).await?;
    }
    Ok(failed)
}

async fn recover_side(
    ports: Ports<'_>,
    session: &Session,
    side: Side,
    ops: &[&OpenOp],
) -> Result<Option<String>, SyncError> {
    let now = ports.env.now();
    let reads = &session.reads[side];
    ports.ledger[side].top_up(ports.store, session.epoch, now, 8 + ops.len() as i64 / 20).await?;
    if planted::is(Bug::ResentUpdate) {
        let updates = ops.iter().filter(|op| matches!(op.intent.act, OpAct::Update { .. }));
        let writes: Vec<Write> = updates.map(|op| write_of(op)).collect();
        for call in ports.crm[side].pack(reads, &writes) {
            ports.crm[side].send(reads, &call, &writes).await;
        }
    }
    let lookups = lookups(ops);
    let mut rows: Vec<RawRow> = Vec::new();
    let mut unanswered = Unanswered::default();
    let asked: Vec<Lookup> = lookups.iter().map(|(_, lookup)| lookup.clone()).collect();
    for ((of, _), found) in lookups.iter().zip(ports.crm[side].fetch(reads, &asked).await) {
        match found {
            Ok(Found { rows: more, .. }) => rows.extend(more),
            Err(error) => unanswered.add(*of, error.text),
        }
    }
    // What our updates replaced without having seen it is known only where the CRM keeps a history.
    let updates: Vec<&OpenOp> =
        ops.iter().copied().filter(|op| matches!(op.intent.act, OpAct::Update { .. })).collect();
    let writes: Vec<Write> = updates.iter().map(|op| write_of(op)).collect();
    let since = updates.iter().map(|op| op.at).min().unwrap_or(now);
    let overwritten = match ports.crm[side].overwritten(reads, &writes, since).await {
        Ok(overwritten) => overwritten,
        Err(error) => {
            updates.iter().for_each(|op| unanswered.add((op.intent.ty, Uid::NONE), error.text.clone()));
            Vec::new()
        }
    };
    let overwritten: BTreeMap<_, _> = updates.iter().map(|op| op.op).zip(overwritten).collect();
    let ops: Vec<&OpenOp> = ops.iter().copied().filter(|op| !unanswered.concerns(op)).collect();
    let sids: Vec<Sid> = ops.iter().map(|op| op.intent.sid).collect();
    let hood = ports.store.load(&sids).await?;
    let mut bases = Bases::new();
    for subject in &hood.subjects {
        bases.insert(subject.sid, Base::from_bytes(&subject.base)?);
    }
    let found = by_key(&ops, &rows);
    let mut outcomes = Vec::new();
    for op in ops {
        let row = key_of(op).and_then(|key| found.get(&key).copied()).filter(|row| !deleted_before(row, op.at));
        let theirs = overwritten.get(&op.op).map(Vec::as_slice).unwrap_or_default();
        let base = bases.entry(op.intent.sid).or_default();
        let created = matches!(op.intent.act, OpAct::Create { .. });
        let outcome = match (row, created) {
            // Deleted once, it is gone for good reason; there, it is decided anew.
            _ if matches!(op.intent.act, OpAct::Delete { .. }) => {
                deletion(op, row.is_some_and(|row| row.presence != Presence::Archived))
            }
            (Some(row), _) => {
                let landed = landed(op, row);
                let ours = created && (op.id.is_some() || by_our_key(session, side, op));
                for cell in op.intent.cells.iter().filter(|_| landed || ours) {
                    if cell.restores {
                        base.restored(side, cell.line, &cell.after, disputed(cell, &cell.after, theirs));
                        continue;
                    }
                    // A record that carries our key is of our making, whatever else it holds by now: what it holds beside what
                    // we wrote is somebody's edit.
                    base.wrote(side, agree(cell, side, &RawRow { by_us: landed, ..row.clone() }, theirs));
                }
                // Neither what we saw nor what we wrote: somebody edited it since, and that is a change, even where the two
                // sides had never agreed before.
                for cell in op.intent.cells.iter().filter(|_| !landed && !created) {
                    let edited = held(row, cell.field).is_some_and(|held| {
                        !held.cell().same(&cell.before.cell()) && !held.cell().same(&cell.after.cell())
                    });
                    if edited && base.get(cell.line).is_none() {
                        let (left, right) = match side {
                            Side::Left => (cell.before.clone(), cell.source.clone()),
                            Side::Right => (cell.source.clone(), cell.before.clone()),
                        };
                        base.set(Agreed { line: cell.line, left, right, disputed: BySide::default() });
                    }
                }
                let state = if landed || ours {
                    OpState::Done
                } else if created {
                    OpState::Existed
                } else {
                    OpState::Void
                };
                Outcome {
                    row: Some((side, row_in(reads, row.clone()))),
                    created: created && (landed || ours),
                    base: Some(base.to_bytes()),
                    overwritten: theirs.iter().map(|o| (o.field, o.value.clone())).collect(),
                    ..Outcome::plain(op.op, op.intent.sid, state, Work::Again)
                }
            }
            // The same key may go out again at once: whichever request comes first, the other one finds its record.
            (None, true) if by_our_key(session, side, op) => {
                Outcome::plain(op.op, op.intent.sid, OpState::Late, Work::Again)
            }
            // The server itself refuses the second one.
            (None, true) if enforced(session, side, op) => {
                Outcome::plain(op.op, op.intent.sid, OpState::Void, Work::Again)
            }
            // A request that is still on its way would make a second record.
            (None, true) if now.since(op.at) < LATE_MS => {
                Outcome::plain(op.op, op.intent.sid, OpState::Unknown, Work::Later(op.at.plus(LATE_MS)))
            }
            (None, true) => Outcome::plain(op.op, op.intent.sid, OpState::Void, Work::Again),
            (None, false) => Outcome {
                stale: match op.intent.act {
                    OpAct::Update { rid, .. } => vec![rid],
                    OpAct::Create { .. } | OpAct::Delete { .. } => Vec::new(),
                },
                ..Outcome::plain(op.op, op.intent.sid, OpState::Void, Work::Again)
            },
        };
        outcomes.push(outcome);
    }
    ports.store.settle(session.epoch, &outcomes, now).await?;
    Ok(unanswered.why)
}

/// Types and fields ([`Uid::NONE`]: the id) of which the CRM did not answer.
#[derive(Default)]
struct Unanswered {
    of: BTreeSet<(Uid, Uid)>,
    why: Option<String>,
}

impl Unanswered {
    fn add(&mut self, of: (Uid, Uid), why: String) {
        self.of.insert(of);
        self.why.get_or_insert(why);
    }

    fn concerns(&self, op: &OpenOp) -> bool {
        key_of(op).is_some_and(|(ty, field, _)| self.of.contains(&(ty, field)))
    }
}

fn deletion(op: &OpenOp, there: bool) -> Outcome {
    let deleted = match op.intent.act {
        OpAct::Delete { rid, .. } if !there => Some(rid),
        _ => None,
    };
    let state = if there { OpState::Void } else { OpState::Done };
    Outcome { deleted, ..Outcome::plain(op.op, op.intent.sid, state, Work::Again) }
}

/// Whether a create carries our own key: sent again, it makes no second record.
fn by_our_key(session: &Session, side: Side, op: &OpenOp) -> bool {
    let OpAct::Create { guard: Some((field, _)) } = &op.intent.act else { return false };
    session.reads[side].of_type(op.intent.ty).is_some_and(|read| read.own_keys.contains(field))
}

/// Whether the CRM refuses a second record with this create's key.
fn enforced(session: &Session, side: Side, op: &OpenOp) -> bool {
    let OpAct::Create { guard: Some((field, _)) } = &op.intent.act else { return false };
    session.reads[side].of_type(op.intent.ty).is_some_and(|read| read.unique.contains(field))
}

/// One lookup per type and field.
fn lookups(ops: &[&OpenOp]) -> Vec<((Uid, Uid), Lookup)> {
    let mut texts: BTreeMap<(Uid, Uid), Vec<Box<str>>> = BTreeMap::new();
    for op in ops {
        let (field, text) = match (&op.intent.act, &op.id) {
            (OpAct::Update { id, .. } | OpAct::Delete { id, .. }, _) | (OpAct::Create { .. }, Some(id)) => {
                (Uid::NONE, id)
            }
            (OpAct::Create { guard: Some((field, value)) }, None) if *field != Uid::NONE => (*field, value),
            (OpAct::Create { .. }, None) => continue,
        };
        texts.entry((op.intent.ty, field)).or_default().push(text.clone());
    }
    let lookup = |((ty, field), values)| {
        let lookup = match field {
            Uid::NONE => Lookup::Ids { ty, ids: values },
            field => Lookup::Key { ty, field, form: KeyForm::Text, values },
        };
        ((ty, field), lookup)
    };
    texts.into_iter().map(lookup).collect()
}

/// By what an operation's record is found: type, field ([`Uid::NONE`]: the id) and text.
type Key = (Uid, Uid, String);

fn key_of(op: &OpenOp) -> Option<Key> {
    let ty = op.intent.ty;
    match (&op.intent.act, &op.id) {
        (OpAct::Update { id, .. } | OpAct::Delete { id, .. }, _) | (OpAct::Create { .. }, Some(id)) => {
            Some((ty, Uid::NONE, crate::data::id_core(id).to_owned()))
        }
        (OpAct::Create { guard: Some((field, value)) }, None) => Some((ty, *field, value.trim().to_ascii_lowercase())),
        (OpAct::Create { guard: None }, None) => None,
    }
}

/// The rows that are there, by every key that an operation may have. A lead that was converted since we made it is the one
/// that we made.
fn by_key<'r>(ops: &[&OpenOp], rows: &'r [RawRow]) -> BTreeMap<Key, &'r RawRow> {
    let fields: BTreeSet<(Uid, Uid)> =
        ops.iter().filter_map(|op| key_of(op)).map(|(ty, field, _)| (ty, field)).collect();
    let mut out = BTreeMap::new();
    let there = |row: &&RawRow| row.presence == Presence::Live;
    let moved = |row: &&RawRow| row.presence == Presence::Redirected;
    let mut deleted: Vec<&RawRow> = rows.iter().filter(|row| row.presence == Presence::Archived).collect();
    deleted.sort_by_key(|row| Reverse(row.stamp.at));
    let all = rows.iter().filter(there).chain(rows.iter().filter(moved)).chain(deleted);
    for row in all {
        for (_, field) in fields.range((row.ty, Uid::NONE)..=(row.ty, Uid(u32::MAX))) {
            let held = match *field {
                Uid::NONE => Some(crate::data::id_core(&row.id).to_owned()),
                field => text(&row.cells, field).map(|held| held.trim().to_ascii_lowercase()),
            };
            if let Some(held) = held {
                out.entry((row.ty, *field, held)).or_insert(row);
            }
        }
    }
    out
}

/// One that was deleted before the operation is another record; since, it is the one that we made or wrote, and somebody
/// deleted it. Salesforce tells whole seconds: a record made and deleted in the second of its intent was not before it.
fn deleted_before(row: &RawRow, at: Millis) -> bool {
    let second = Millis(at.0 - at.0.rem_euclid(1000));
    row.presence == Presence::Archived && !(row.stamp.exact && row.stamp.at >= second)
}

/// Whether the record holds what we wrote, save for what a server does to text.
fn landed(op: &OpenOp, row: &RawRow) -> bool {
    let cells: Vec<(Uid, Cell<'_>)> = decode(&row.cells).filter_map(Result::ok).collect();
    op.intent.cells.iter().all(|cell| {
        let held = cells.binary_search_by_key(&cell.field, |(uid, _)| *uid).map(|at| cells[at].1);
        held.is_ok_and(|held| held.same(&cell.after.cell()) || held.text().trim() == cell.after.cell().text().trim())
    })
}

fn held(row: &RawRow, field: Uid) -> Option<Value> {
    decode(&row.cells).filter_map(Result::ok).find(|(uid, _)| *uid == field).map(|(_, cell)| cell.to_value())
}

fn text(cells: &[u8], field: Uid) -> Option<String> {
    decode(cells).filter_map(Result::ok).find(|(uid, _)| *uid == field).map(|(_, cell)| cell.text().into_owned())
}

fn write_of(op: &OpenOp) -> Write {
    let id = match &op.intent.act {
        OpAct::Update { id, .. } | OpAct::Delete { id, .. } => id.clone(),
        OpAct::Create { .. } => "".into(),
    };
    let cells = op.intent.cells.iter().map(|cell| WriteCell {
        field: cell.field,
        value: cell.after.clone(),
        expect: cell.before.clone(),
        contested: cell.contested,
    });
    Write { ty: op.intent.ty, act: Act::Update { id }, cells: cells.collect(), assign: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Stamp, encode};
    use crate::store::{BatchId, Op, OpId};

    const TYPE: Uid = Uid(1);
    const KEY: Uid = Uid(2);
    /// 2026-11-23T09:22:51.269Z
    const AT: Millis = Millis(1_795_425_771_269);

    fn create() -> OpenOp {
        let act = OpAct::Create { guard: Some((KEY, "101".into())) };
        let intent = Op { sid: Sid(1), ty: TYPE, act, rule: Uid::NONE, cells: Vec::new() };
        OpenOp { op: OpId(1), batch: BatchId(1), side: Side::Right, intent, id: None, at: AT }
    }

    fn row(id: &str, presence: Presence, at: Millis) -> RawRow {
        let mut cells = Vec::new();
        encode([(KEY, Cell::Text("101"))], &mut cells);
        let stamp = Stamp { at, exact: true };
        RawRow { ty: TYPE, id: id.into(), stamp, presence, redirect: None, aliases: None, cells, by_us: false }
    }

    fn found(rows: &[RawRow]) -> Option<String> {
        let op = create();
        let found = by_key(&[&op], rows).get(&key_of(&op)?).copied();
        found.filter(|row| !deleted_before(row, op.at)).map(|row| row.id.to_string())
    }

    #[test]
    fn a_record_that_somebody_deleted_right_after_it_was_made_is_the_one_that_we_made() {
        // Made and deleted within the second of the intent, as Salesforce tells it.
        let at_once = row("at once", Presence::Archived, Millis(1_795_425_771_000));
        assert_eq!(found(&[at_once]).as_deref(), Some("at once"));
        let before = row("before", Presence::Archived, Millis(1_795_425_770_000));
        assert_eq!(found(std::slice::from_ref(&before)), None);
        // Of several the last; and what is there comes first.
        let since = row("since", Presence::Archived, Millis(1_795_425_775_000));
        assert_eq!(found(&[before.clone(), since.clone()]).as_deref(), Some("since"));
        let there = row("there", Presence::Live, Millis(1_795_425_771_000));
        assert_eq!(found(&[before, since, there]).as_deref(), Some("there"));
    }
}
