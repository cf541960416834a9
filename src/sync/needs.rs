//! Facts that decisions wait for, fetched for a whole wave at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::crm::{CallError, FieldTime, Found, Gone, Lookup, RawRow};
use crate::data::{BySide, KeyForm, Millis, Presence, Side, Uid, decode};
use crate::decide::{Need, Program};
use crate::lang::plan::MatchLine;
use crate::store::{Hood, KeyPart, LATE_MS, RecordRow, Rid, Sid};

use super::feeds::ingest_rows;
use super::session::{Ports, Session, SyncError};

/// What has been learned for the subjects of a wave.
#[derive(Default)]
pub(super) struct Learned {
    pub times: Vec<FieldTime>,
    /// Subjects whose keys were looked for on a side, and that were decided again since.
    pub absent: BySide<BTreeSet<Sid>>,
}

/// One subject's needs.
pub(super) struct Needy<'a> {
    pub sid: Sid,
    pub rows: BySide<Option<&'a RecordRow>>,
    pub needs: Vec<Need>,
}

/// Fetches what the wave needs. Rows that are found go into the mirror; the subjects are decided again afterwards. An error
/// on a side leaves its needs open.
pub(super) async fn fetch_needs(
    ports: Ports<'_>,
    session: &Session,
    program: &Program,
    hood: &Hood,
    needy: &[Needy<'_>],
    learned: &mut Learned,
) -> Result<BySide<Option<CallError>>, SyncError> {
    let mut errors = BySide::default();
    let mut looked: BySide<BTreeSet<Sid>> = BySide::default();
    for side in Side::BOTH {
        let mut ask = Ask::default();
        for one in needy {
            one.needs.iter().for_each(|need| ask.add(ports, session, program, hood, side, one, need));
        }
        looked[side].extend(std::mem::take(&mut ask.sids));
        let lookups = ask.lookups();
        if lookups.is_empty() {
            continue;
        }
        let now = ports.env.now();
        ports.ledger[side].top_up(ports.store, session.epoch, now, 8 + ask.size() as i64 / 40).await?;
        let found = ports.crm[side].fetch(&session.reads[side], &lookups).await;
        for (lookup, found) in lookups.iter().zip(found) {
            match found {
                Ok(found) => keep(ports, session, side, lookup, found, &ask.referred, learned).await?,
                Err(error) => errors[side] = Some(error),
            }
        }
    }
    // Whether a record is absent on one side hangs on the other one too: whose place its partner took.
    if errors.left.is_none() && errors.right.is_none() {
        for side in Side::BOTH {
            learned.absent[side].append(&mut looked[side]);
        }
    }
    Ok(errors)
}

#[allow(clippy::too_many_arguments)]
async fn keep(
    ports: Ports<'_>,
    session: &Session,
    side: Side,
    lookup: &Lookup,
    found: Found,
    referred: &BTreeSet<(Uid, Box<str>)>,
    learned: &mut Learned,
) -> Result<(), SyncError> {
    learned.times.extend(found.times);
    let gone: Vec<Gone> = match lookup {
        Lookup::Ids { ty, .. } => found.missing.into_iter().map(|id| Gone { ty: *ty, id, at: None }).collect(),
        _ => Vec::new(),
    };
    let mut rows = found.rows;
    rows.extend(gone.iter().filter(|one| referred.contains(&(one.ty, one.id.clone()))).map(|one| RawRow {
        ty: one.ty,
        id: one.id.clone(),
        presence: Presence::Gone,
        ..RawRow::default()
    }));
    ingest_rows(ports, session, side, rows, gone, ports.env.now()).await
}

/// The lookups of one side, gathered.
#[derive(Default)]
struct Ask {
    keys: BTreeMap<(Uid, Uid, KeyForm), BTreeSet<Box<str>>>,
    ids: BTreeMap<Uid, BTreeSet<Box<str>>>,
    times: BTreeMap<Uid, (BTreeSet<Box<str>>, BTreeSet<Uid>)>,
    /// Subjects whose absence the keys are to show.
    sids: BTreeSet<Sid>,
    /// Records that others refer to and that were never read: one that is not there is remembered as gone.
    referred: BTreeSet<(Uid, Box<str>)>,
    /// Records of which it is asked whose place they took.
    former: BTreeMap<Uid, BTreeSet<Box<str>>>,
}

impl Ask {
    #[allow(clippy::too_many_arguments)]
    fn add(
        &mut self,
        ports: Ports<'_>,
        session: &Session,
        program: &Program,
        hood: &Hood,
        side: Side,
        one: &Needy<'_>,
        need: &Need,
    ) {
        match need {
            Need::Absent { side: on } if *on == side => {
                let Some(source) = one.rows[side.other()] else { return };
                let enforced = ports.crm[side].caps().enforces_unique;
                self.absent(session, program, side, enforced, source);
                self.sids.insert(one.sid);
            }
            // The record that its partner is created for may have been another one before, which has a partner.
            Need::Absent { .. } => {
                let Some(source) = one.rows[side] else { return };
                if !ports.crm[side].caps().enforces_unique {
                    self.members(program, side, source, ports.env.now());
                }
                if ports.crm[side].caps().converts && program.block.types[side].len() > 1 {
                    self.former.entry(source.ty).or_default().insert(source.id.clone());
                }
            }
            Need::Times { line } => {
                let Some(row) = one.rows[side] else { return };
                let Some(ty) = program.type_index(side, row.ty) else { return };
                let line = program.block.lines.iter().find(|def| def.rule.uid == *line);
                let target = line.and_then(|line| line.targets[side].get(ty)).and_then(Option::as_ref);
                if let Some(target) = target {
                    let entry = self.times.entry(row.ty).or_default();
                    entry.0.insert(row.id.clone());
                    entry.1.insert(target.field);
                }
            }
            Need::Fresh { rid } => {
                if let Some(row) = hood.record(*rid).filter(|row| row.side == side) {
                    self.ids.entry(row.ty).or_default().insert(row.id.clone());
                }
            }
            Need::Record { side: on, ty, id } if *on == side => {
                self.ids.entry(*ty).or_default().insert(id.clone());
                self.referred.insert((*ty, id.clone()));
            }
            Need::Record { .. } => {}
        }
    }

    /// Asks for every key of the source on every type of the side. A side that enforces its unique fields refuses the second
    /// record itself.
    fn absent(&mut self, session: &Session, program: &Program, side: Side, enforced: bool, source: &RecordRow) {
        let Some(from) = program.type_index(side.other(), source.ty) else { return };
        let lines = program.block.matches.len();
        for line in 0..lines + program.block.own.len() {
            let Some(mine) = program.key_spec(side.other(), from, line) else { continue };
            for (at, used) in program.block.types[side].iter().enumerate() {
                let Some(theirs) = program.key_spec(side, at, line) else { continue };
                let (Some(a), Some(b)) = (mine.parts.first(), theirs.parts.first()) else { continue };
                let values = key_values(source, a);
                match b {
                    KeyPart::Id => self.ids.entry(used.uid).or_default().extend(values),
                    KeyPart::Field(field, form) => {
                        let read = session.reads[side].of_type(used.uid);
                        let unique = !form.is_loose() && read.is_some_and(|read| read.unique.contains(field));
                        // What the server keeps unique it refuses itself, save by our own key, by which it would take our
                        // create for an update; by anything else it cannot be asked consistently.
                        if !enforced && (!unique || line >= lines) {
                            self.keys.entry((used.uid, *field, *form)).or_default().extend(values);
                        }
                    }
                }
            }
        }
    }

    /// Asks for the records of another block that stand for the source, by match lines that go through them: those that came
    /// with it may have been read before it.
    fn members(&mut self, program: &Program, side: Side, source: &RecordRow, now: Millis) {
        if now.since(source.stamp.at) >= LATE_MS {
            return;
        }
        for way in program.block.matches.iter().filter_map(MatchLine::through).flat_map(|through| &through.ways[side]) {
            if program.type_index(side, source.ty) == Some(way.ty) {
                let key = (way.member, way.field, KeyForm::Id);
                self.keys.entry(key).or_default().insert(source.id.clone());
            }
        }
    }

    fn size(&self) -> usize {
        self.keys.values().map(BTreeSet::len).sum::<usize>()
            + self.ids.values().chain(self.former.values()).map(BTreeSet::len).sum::<usize>()
            + self.times.values().map(|(ids, _)| ids.len() * 2).sum::<usize>()
    }

    fn lookups(&self) -> Vec<Lookup> {
        let keys = self.keys.iter().map(|((ty, field, form), values)| Lookup::Key {
            ty: *ty,
            field: *field,
            form: *form,
            values: values.iter().cloned().collect(),
        });
        let ids = self.ids.iter().map(|(ty, ids)| Lookup::Ids { ty: *ty, ids: ids.iter().cloned().collect() });
        let times = self.times.iter().map(|(ty, (ids, fields))| Lookup::Times {
            ty: *ty,
            ids: ids.iter().cloned().collect(),
            fields: fields.iter().copied().collect(),
        });
        let former = self.former.iter().map(|(ty, ids)| Lookup::Former { ty: *ty, ids: ids.iter().cloned().collect() });
        keys.chain(ids).chain(former).chain(times).collect()
    }
}

/// By all values that the record is found by.
fn key_values(row: &RecordRow, part: &KeyPart) -> Vec<Box<str>> {
    match part {
        KeyPart::Id => vec![row.id.clone()],
        KeyPart::Field(field, form) => {
            let cells = decode(&row.cells).filter_map(Result::ok).filter(|(uid, cell)| uid == field && cell.is_known());
            let own = cells.map(|(_, cell)| cell.text().trim().into());
            let aliases = row.aliases.iter().filter(|(uid, _)| uid == field).map(|(_, value)| value.clone());
            let all = own.chain(aliases);
            match form.is_loose() {
                true => all.filter_map(|value: Box<str>| form.key(&value).map(Into::into)).collect(),
                false => all.collect(),
            }
        }
    }
}

/// Rows to be read again before anything is decided about them.
pub(super) fn stale(hood: &Hood, members: &[crate::decide::Member]) -> Vec<Rid> {
    let rows = members.iter().filter_map(|member| hood.record(member.rid));
    rows.filter(|row| row.presence == crate::data::Presence::Stale).map(|row| row.rid).collect()
}
