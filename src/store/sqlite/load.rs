//! A wave's neighbourhood: the subjects asked for, who shares a key with them, and whom they refer to.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::ingest::{Index, KEY_CAP, before, find, read_aliases, read_cells};
use super::schema::error;
use super::{answers, derived, kept, meta, vouchers};
use crate::data::{Fingerprint, Millis, Presence, Side, Stamp, Uid, id_checksum, id_core};
use crate::store::{
    Answer, Furthest, Hood, KeyPart, KeySpec, RecordRow, Rid, Role, Sid, StoreError, SubjectRow, Voucher,
};

/// Rounds of following shared keys from the subjects asked for.
const ROUNDS: usize = 3;

/// How much is loaded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    ToDecide,
    /// Also what stands for subjects that are linked already.
    ToExplain,
}

pub(super) fn load(db: &Connection, index: &Index, asked: &[Sid], depth: Depth) -> Result<Hood, StoreError> {
    let (lists, whole) = lists(db)?;
    let answers = answers::any(db)?.then(BTreeSet::new);
    let mut loader = Loader {
        db,
        index,
        depth,
        subjects: BTreeMap::new(),
        records: BTreeMap::new(),
        lists,
        answers,
        vouchers: BTreeMap::new(),
    };
    let asked: BTreeSet<Sid> = asked.iter().copied().collect();
    let mut next = asked.clone();
    for round in 0..=ROUNDS {
        let mut keys: BTreeSet<Fingerprint> = BTreeSet::new();
        let mut at_hand: Vec<Sid> = std::mem::take(&mut next).into_iter().collect();
        while let Some(sid) = at_hand.pop() {
            let (more, beside) = loader.subject(sid, asked.contains(&sid))?;
            keys.extend(more);
            next.extend(loader.vouchers(sid)?);
            // Whose place a record took, and which took its place, belongs to it however far that goes back.
            at_hand.extend(beside.into_iter().filter(|sid| !loader.subjects.contains_key(sid)));
        }
        if keys.is_empty() && next.is_empty() || round == ROUNDS {
            break;
        }
        for key in keys {
            next.extend(loader.filed(key)?);
        }
        next.retain(|sid| !loader.subjects.contains_key(sid));
    }
    loader.referring()?;
    loader.reached()?;
    let furthest = loader.furthest()?;
    let mut hood = Hood::new(loader.subjects.into_values().collect(), loader.records.into_values().collect());
    hood.as_of = meta::tick(db)?;
    hood.furthest = furthest;
    hood.lists = whole;
    hood.vouchers = loader.vouchers;
    hood.answers = loader.answers.into_iter().flatten().collect();
    Ok(hood)
}

struct Loader<'a> {
    db: &'a Connection,
    index: &'a Index,
    depth: Depth,
    subjects: BTreeMap<Sid, SubjectRow>,
    records: BTreeMap<Rid, RecordRow>,
    lists: Vec<Uid>,
    /// None: nobody has said anything.
    answers: Option<BTreeSet<Answer>>,
    vouchers: BTreeMap<(Uid, Rid), Vec<Voucher>>,
}

/// All lists of which anything is known, and those that were read to their end.
fn lists(db: &Connection) -> Result<(Vec<Uid>, BTreeSet<Uid>), StoreError> {
    let mut query = db.prepare_cached("SELECT list, whole FROM list ORDER BY list").map_err(error)?;
    let lists = query.query_map([], |row| Ok((Uid(row.get(0)?), row.get(1)?))).map_err(error)?;
    let lists: Vec<(Uid, bool)> = lists.collect::<Result<_, _>>().map_err(error)?;
    let whole = lists.iter().filter(|(_, whole)| *whole).map(|(list, _)| *list).collect();
    Ok((lists.into_iter().map(|(list, _)| list).collect(), whole))
}

impl Loader<'_> {
    /// Loads a subject with its records; their identity keys, and subjects of records that took their place or whose place
    /// they took.
    fn subject(&mut self, sid: Sid, asked: bool) -> Result<(Vec<Fingerprint>, BTreeSet<Sid>), StoreError> {
        if self.subjects.contains_key(&sid) {
            return Ok(Default::default());
        }
        let row = self
            .db
            .prepare_cached(
                "SELECT block, base, coalesce((SELECT tries FROM work WHERE work.sid = subject.sid), 0),
                 EXISTS (SELECT 1 FROM op WHERE op.sid = subject.sid AND state IN (0, 4))
                 FROM subject WHERE sid = ?",
            )
            .and_then(|mut query| {
                query
                    .query_row([sid.0], |row| {
                        Ok(SubjectRow {
                            sid,
                            block: Uid(row.get(0)?),
                            base: row.get(1)?,
                            tries: row.get(2)?,
                            busy: row.get(3)?,
                            asked,
                            ..SubjectRow::default()
                        })
                    })
                    .optional()
            })
            .map_err(error)?;
        let Some(mut subject) = row else { return Ok(Default::default()) };
        subject.late = self.late(sid)?;
        subject.members = self.members(sid)?;
        subject.issues = self.issues(sid)?;
        let (mut keys, mut beside) = (Vec::new(), BTreeSet::new());
        for (rid, _) in &subject.members {
            if let Some(record) = self.record_by("rid = ?", [rid.0])? {
                keys.extend_from_slice(&record.keys);
                self.beside(&record, subject.block, &mut beside)?;
                self.answers_about(*rid, subject.block, &mut beside)?;
                self.records.insert(*rid, record);
            }
        }
        let cells = |rid| self.records.get(&Rid(rid)).map(|record| record.cells.as_slice());
        subject.base = kept::whole(&subject.base, cells)?;
        self.subjects.insert(sid, subject);
        Ok((keys, beside))
    }

    /// What stands for the records of a loaded subject that has no partner; the subjects for which the same stands.
    fn vouchers(&mut self, sid: Sid) -> Result<BTreeSet<Sid>, StoreError> {
        let mut beside = BTreeSet::new();
        let goes_through = |block: Uid| self.index.values().any(|of| of.vouches.iter().any(|v| v.block == block));
        let Some(subject) = self.subjects.get(&sid).filter(|subject| goes_through(subject.block)) else {
            return Ok(beside);
        };
        if self.depth == Depth::ToDecide && vouchers::is_linked(self.db, sid)? {
            return Ok(beside);
        }
        for rid in subject.members.iter().map(|(rid, _)| *rid) {
            let Some(record) = self.records.get(&rid) else { continue };
            let vouched = vouchers::of(self.db, self.index, (record.ty, &record.id), subject.block)?;
            self.vouchers.extend(vouched.by_line.into_iter().map(|(line, all)| ((line, rid), all)));
            beside.extend(vouched.beside);
        }
        Ok(beside)
    }

    /// Subjects, of the same block, of the records that took this one's place or whose place it took.
    fn beside(&self, record: &RecordRow, block: Uid, out: &mut BTreeSet<Sid>) -> Result<(), StoreError> {
        let mut rids = before(self.db, record.ty, &record.id)?;
        if let Some((ty, id)) = &record.redirect {
            let mut query =
                self.db.prepare_cached("SELECT rid FROM record WHERE type = ? AND id = ?").map_err(error)?;
            rids.extend(query.query_row(params![ty.0, id], |row| row.get::<_, i64>(0)).optional().map_err(error)?);
        }
        for rid in rids {
            let mut query =
                self.db.prepare_cached("SELECT sid FROM member WHERE rid = ? AND block = ?").map_err(error)?;
            let sid = query.query_row(params![rid, block.0], |row| row.get(0).map(Sid)).optional().map_err(error)?;
            out.extend(sid);
        }
        Ok(())
    }

    /// What people said of a record in this block; who was linked to it by hand belongs to it, whatever the keys say.
    fn answers_about(&mut self, rid: Rid, block: Uid, beside: &mut BTreeSet<Sid>) -> Result<(), StoreError> {
        let Some(answers) = &mut self.answers else { return Ok(()) };
        let about = answers::about(self.db, rid)?;
        for answer in about.into_iter().filter(|answer| answer.block == block) {
            let other = if answer.left == rid { answer.right } else { answer.left };
            if answer.same {
                let mut query =
                    self.db.prepare_cached("SELECT sid FROM member WHERE rid = ? AND block = ?").map_err(error)?;
                let sid = query.query_row(params![other.0, block.0], |row| row.get(0).map(Sid));
                beside.extend(sid.optional().map_err(error)?);
            }
            answers.insert(answer);
        }
        Ok(())
    }

    fn late(&self, sid: Sid) -> Result<Vec<(Millis, Uid)>, StoreError> {
        let mut query =
            self.db.prepare_cached("SELECT at, type FROM op WHERE sid = ? AND state = 6 ORDER BY at").map_err(error)?;
        let rows = query.query_map([sid.0], |row| Ok((Millis(row.get(0)?), Uid(row.get(1)?))));
        rows.map_err(error)?.collect::<Result<_, _>>().map_err(error)
    }

    fn members(&self, sid: Sid) -> Result<Vec<(Rid, Role)>, StoreError> {
        let mut query =
            self.db.prepare_cached("SELECT rid, role FROM member WHERE sid = ? ORDER BY rid").map_err(error)?;
        let rows =
            query.query_map([sid.0], |row| Ok((Rid(row.get(0)?), Role::from_code(row.get(1)?).unwrap_or(Role::Other))));
        rows.map_err(error)?.collect::<Result<_, _>>().map_err(error)
    }

    fn issues(&self, sid: Sid) -> Result<Vec<(Uid, Fingerprint)>, StoreError> {
        let mut query = self.db.prepare_cached("SELECT line, inputs FROM issue WHERE sid = ?").map_err(error)?;
        let rows = query.query_map([sid.0], |row| Ok((Uid(row.get(0)?), Fingerprint(row.get::<_, i64>(1)? as u64))));
        rows.map_err(error)?.collect::<Result<_, _>>().map_err(error)
    }

    fn record_by(&self, by: &str, key: impl rusqlite::Params) -> Result<Option<RecordRow>, StoreError> {
        let sql = format!(
            "SELECT rid, side, type, id, at, exact, state, cells, to_type, to_id, aliases, others FROM record \
             WHERE {by}"
        );
        let row = self
            .db
            .prepare_cached(&sql)
            .and_then(|mut query| {
                query
                    .query_row(key, |row| {
                        let record = RecordRow {
                            rid: Rid(row.get(0)?),
                            side: Side::from_code(row.get(1)?).unwrap_or(Side::Left),
                            ty: Uid(row.get(2)?),
                            id: row.get::<_, String>(3)?.into(),
                            stamp: Stamp { at: Millis(row.get(4)?), exact: row.get(5)? },
                            others: row.get::<_, Option<i64>>(11)?.map(Millis),
                            presence: Presence::Gone,
                            redirect: row
                                .get::<_, Option<u32>>(8)?
                                .map(Uid)
                                .zip(row.get::<_, Option<String>>(9)?.map(Into::into)),
                            cells: row.get(7)?,
                            aliases: Vec::new(),
                            keys: Vec::new(),
                            references: Vec::new(),
                            lists: Vec::new(),
                        };
                        Ok((record, row.get::<_, i64>(6)?, row.get::<_, Option<Vec<u8>>>(10)?))
                    })
                    .optional()
            })
            .map_err(error)?;
        let Some((mut record, state, aliases)) = row else { return Ok(None) };
        record.aliases = read_aliases(aliases.as_deref())?;
        record.presence =
            Presence::from_code(state).ok_or_else(|| StoreError::Corrupt(format!("a record has state {state}")))?;
        let specs = self.index.get(&record.ty).map(|of| of.keys.as_slice()).unwrap_or_default();
        let cells = read_cells(&record.cells)?;
        let identity = specs.iter().filter(|spec| spec.identity);
        let of = |spec: &KeySpec| spec.hashes(&record.id, |uid| find(&cells, uid), &record.aliases);
        record.keys = identity.flat_map(of).collect();
        record.keys.sort_unstable();
        let references = specs.iter().filter(|spec| !spec.identity);
        record.references = references.filter_map(|spec| spec.hash(&record.id, |uid| find(&cells, uid))).collect();
        record.references.sort_unstable();
        for list in &self.lists {
            let sql = "SELECT EXISTS (SELECT 1 FROM listed WHERE list = ? AND id = ?)";
            let mut query = self.db.prepare_cached(sql).map_err(error)?;
            if query.query_row(params![list.0, record.id], |row| row.get(0)).map_err(error)? {
                record.lists.push(*list);
            }
        }
        Ok(Some(record))
    }

    fn filed(&self, key: Fingerprint) -> Result<Vec<Sid>, StoreError> {
        let sql = format!("SELECT sid FROM key JOIN member USING (rid) WHERE hash = ? LIMIT {KEY_CAP}");
        let mut query = self.db.prepare_cached(&sql).map_err(error)?;
        let sids = query.query_map([key.0 as i64], |row| row.get(0).map(Sid)).map_err(error)?;
        sids.collect::<Result<_, _>>().map_err(error)
    }

    /// The records that count for members.
    fn referring(&mut self) -> Result<(), StoreError> {
        let mut wanted: BTreeSet<i64> = BTreeSet::new();
        for concern in self.index.values().flat_map(|of| &of.concerns) {
            for record in self.records.values().filter(|record| record.ty == concern.of) {
                let hash = KeySpec::reference(concern.key, &record.id);
                let mut query = self.db.prepare_cached("SELECT rid FROM key WHERE hash = ?").map_err(error)?;
                let rids = query.query_map([hash.0 as i64], |row| row.get(0)).map_err(error)?;
                for rid in rids {
                    wanted.insert(rid.map_err(error)?);
                }
            }
        }
        for rid in wanted.into_iter().filter(|rid| !self.records.contains_key(&Rid(*rid))).collect::<Vec<_>>() {
            if let Some(record) = self.record_by("rid = ?", [rid])? {
                self.records.insert(record.rid, record);
            }
        }
        Ok(())
    }

    /// How far the groups have come that the records are filed with: each is asked for once.
    fn furthest(&self) -> Result<BTreeMap<(Uid, Fingerprint), Furthest>, StoreError> {
        let mut groups: BTreeSet<(Uid, Fingerprint)> = BTreeSet::new();
        for record in self.records.values() {
            let Some(of) = self.index.get(&record.ty).filter(|of| !of.gathers.is_empty()) else { continue };
            let cells = read_cells(&record.cells)?;
            for (fact, key) in &of.gathers {
                let group = of.keys.iter().find(|spec| spec.key == *key);
                let group = group.and_then(|spec| spec.hash(&record.id, |uid| find(&cells, uid)));
                groups.extend(group.map(|group| (*fact, group)));
            }
        }
        groups.into_iter().map(|at| Ok((at, derived::furthest(self.db, at.0, at.1)?))).collect()
    }

    /// The records that members, and what counts for them, refer to.
    fn reached(&mut self) -> Result<(), StoreError> {
        let mut wanted: BTreeSet<(Uid, String)> = BTreeSet::new();
        for record in self.records.values() {
            let Some(of) = self.index.get(&record.ty) else { continue };
            let cells = read_cells(&record.cells)?;
            for spec in of.keys.iter().filter(|spec| !spec.identity) {
                let Some(KeyPart::Field(field, _)) = spec.parts.first() else { continue };
                let cell = find(&cells, *field);
                let targets = self.index.values().filter(|to| to.reverse.iter().any(|(key, _)| *key == spec.key));
                wanted.extend(targets.filter(|_| cell.is_known()).map(|to| (to.ty, cell.text().into_owned())));
            }
        }
        for (ty, id) in wanted {
            // A reference may have the short form of an id, the record the long one.
            let core = id_core(&id);
            let long = id_checksum(core).map(|check| core.chars().chain(check.map(char::from)).collect::<String>());
            for form in [Some(id.as_str()), Some(core), long.as_deref()].into_iter().flatten() {
                if let Some(record) = self.record_by("type = ? AND id = ?", params![ty.0, form])? {
                    let (to, rid) = (record.redirect.clone(), record.rid);
                    self.records.insert(rid, record);
                    // The record that took its place stands for it.
                    if let Some((ty, id)) = to
                        && let Some(record) = self.record_by("type = ? AND id = ?", params![ty.0, id])?
                    {
                        self.records.insert(record.rid, record);
                    }
                    break;
                }
            }
        }
        Ok(())
    }
}
