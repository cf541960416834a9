//! A CRM on which nothing is written: reads are real, writes are answered as they would be if all went well. With it the
//! dry run is the very pass that would run, on a store whose changes are thrown away.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use crate::crm::http::Env;
use crate::crm::{
    Account, Act, Call, CallError, Caps, Crm, FeedAt, FeedSpec, FieldTime, Found, Fut, Guard, Item, Lookup,
    Overwritten, Page, RawRow, Reads, Reply, TypeRead, Usage, Write,
};
use crate::data::{KeyForm, Millis, Person, Stamp, Uid, Value, decode, encode};
use crate::lang::plan::fold_case;
use crate::lang::schema::{Catalog, Initial};

/// Ids of records that do not exist yet begin with this; no CRM's ids hold a space.
const NEW: &str = "new ";

/// Type, field and folded value: the id of the record that has it.
type Taken = BTreeMap<(Uid, Uid, Box<str>), Box<str>>;

/// See the module text.
pub struct Rehearsal<'a> {
    inner: &'a dyn Crm,
    env: &'a dyn Env,
    created: Mutex<Created>,
}

/// Whether a record with this id is only to be.
pub(super) fn is_to_be(id: &str) -> bool {
    id.starts_with(NEW)
}

/// What was only to be.
#[derive(Default)]
struct Created {
    records: u64,
    /// By the keys of which the CRM takes one record only.
    taken: Taken,
}

impl<'a> Rehearsal<'a> {
    pub fn new(inner: &'a dyn Crm, env: &'a dyn Env) -> Rehearsal<'a> {
        Rehearsal { inner, env, created: Mutex::default() }
    }

    /// Ids of live records by a unique key that a create of this call would have.
    async fn taken(&self, reads: &Reads, writes: &[&Write]) -> Result<Taken, CallError> {
        let mut keys: BTreeMap<(Uid, Uid), Vec<Box<str>>> = BTreeMap::new();
        for write in writes {
            if let Act::Create { guard: Guard::ServerUnique { field, value } } = &write.act {
                keys.entry((write.ty, *field)).or_default().push(value.clone());
            }
        }
        let mut taken = Taken::new();
        let lookup = |((ty, field), values)| Lookup::Key { ty, field, form: KeyForm::Text, values };
        let lookups: Vec<Lookup> = keys.into_iter().map(lookup).collect();
        for (lookup, found) in lookups.iter().zip(self.inner.fetch(reads, &lookups).await) {
            let (found, Lookup::Key { ty, field, .. }) = (found?, lookup) else { continue };
            for row in found.rows {
                let cell = decode(&row.cells).filter_map(Result::ok).find(|(uid, _)| uid == field);
                taken.extend(cell.map(|(_, cell)| ((*ty, *field, fold_case(&cell.text())), row.id.clone())));
            }
            taken.extend(found.aliases.into_iter().map(|(value, id)| ((*ty, *field, fold_case(&value)), id)));
        }
        Ok(taken)
    }

    fn answer(&self, reads: &Reads, write: &Write, taken: &Taken) -> Item {
        let guard = match &write.act {
            Act::Create { guard } => guard,
            Act::Update { .. } => return Item::Updated { row: None, overwritten: Vec::new() },
            Act::Delete { .. } => return Item::Deleted,
        };
        if let Guard::ServerUnique { field, value } = guard {
            let key = (write.ty, *field, fold_case(value));
            let id = taken.get(&key).cloned().or_else(|| self.created().taken.get(&key).cloned());
            if let Some(id) = id {
                return Item::Existed { id };
            }
        }
        let read = reads.of_type(write.ty);
        let id = self.new_id(read.map_or("record", |read| &read.name));
        if let Guard::ServerUnique { field, value } = guard {
            self.created().taken.insert((write.ty, *field, fold_case(value)), id.clone());
        }
        let stamp = Stamp { at: self.env.now(), exact: false };
        Item::Created { row: Some(RawRow { stamp, ..new_row(write, id.clone(), read) }), id }
    }

    fn new_id(&self, type_name: &str) -> Box<str> {
        let mut created = self.created();
        created.records += 1;
        format!("{NEW}{type_name} {}", created.records).into()
    }

    fn created(&self) -> MutexGuard<'_, Created> {
        self.created.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Crm for Rehearsal<'_> {
    fn caps(&self) -> &Caps {
        self.inner.caps()
    }

    fn whoami(&self) -> Fut<'_, Result<Account, CallError>> {
        self.inner.whoami()
    }

    fn describe<'a>(&'a self, types: &'a [String]) -> Fut<'a, Result<Catalog, CallError>> {
        self.inner.describe(types)
    }

    fn people(&self) -> Fut<'_, Result<Vec<Person>, CallError>> {
        self.inner.people()
    }

    fn feeds(&self, reads: &Reads) -> Vec<FeedSpec> {
        self.inner.feeds(reads)
    }

    fn read<'a>(&'a self, reads: &'a Reads, due: &'a [FeedAt]) -> Fut<'a, Vec<Result<Page, CallError>>> {
        self.inner.read(reads, due)
    }

    /// Records that are only to be are not asked for; their fields have the time of their creation.
    fn fetch<'a>(&'a self, reads: &'a Reads, lookups: &'a [Lookup]) -> Fut<'a, Vec<Result<Found, CallError>>> {
        let real: Vec<Lookup> = lookups.iter().map(without_new).collect();
        Box::pin(async move {
            let mut answers = self.inner.fetch(reads, &real).await;
            for (lookup, answer) in lookups.iter().zip(&mut answers) {
                if let Ok(found) = answer {
                    found.times.extend(times_of_new(lookup, self.env.now()));
                }
            }
            answers
        })
    }

    fn pack(&self, reads: &Reads, writes: &[Write]) -> Vec<Call> {
        self.inner.pack(reads, writes)
    }

    /// Where the CRM itself refuses a second record with a key, it is asked whether there is one: that is what the real
    /// call would be told.
    fn send<'a>(&'a self, reads: &'a Reads, call: &'a Call, writes: &'a [Write]) -> Fut<'a, Reply> {
        Box::pin(async move {
            let writes: Vec<&Write> = call.writes.iter().filter_map(|at| writes.get(*at)).collect();
            let taken = match self.taken(reads, &writes).await {
                Ok(taken) => taken,
                Err(error) => return Reply::Failed(error),
            };
            Reply::Items(writes.iter().map(|write| self.answer(reads, write, &taken)).collect())
        })
    }

    fn overwritten<'a>(
        &'a self,
        _: &'a Reads,
        writes: &'a [Write],
        _: Millis,
    ) -> Fut<'a, Result<Vec<Vec<Overwritten>>, CallError>> {
        Box::pin(async move { Ok(vec![Vec::new(); writes.len()]) })
    }

    fn usage(&self) -> Usage {
        self.inner.usage()
    }
}

/// The record as the CRM would have made it: what was written, its own defaults, and blanks. What only the CRM can compute
/// stays unread, so that nothing is decided by it.
fn new_row(write: &Write, id: Box<str>, read: Option<&TypeRead>) -> RawRow {
    let mut cells: Vec<(Uid, Value)> = write.cells.iter().map(|cell| (cell.field, cell.value.clone())).collect();
    for field in read.map(|read| read.fields.as_slice()).unwrap_or_default() {
        let given = write.cells.iter().any(|cell| cell.field == field.uid);
        match &field.initial {
            _ if given => {}
            Initial::Blank => cells.push((field.uid, Value::Null)),
            Initial::Value(value) => cells.push((field.uid, Value::text(&**value))),
            Initial::Unknown => {}
        }
    }
    cells.sort_by_key(|(uid, _)| *uid);
    let mut blob = Vec::new();
    encode(cells.iter().map(|(uid, value)| (*uid, value.cell())), &mut blob);
    RawRow { ty: write.ty, id, cells: blob, by_us: true, ..RawRow::default() }
}

fn times_of_new(lookup: &Lookup, at: Millis) -> Vec<FieldTime> {
    let Lookup::Times { ids, fields, .. } = lookup else { return Vec::new() };
    let new = ids.iter().filter(|id| is_to_be(id));
    new.flat_map(|id| fields.iter().map(move |field| FieldTime { id: id.clone(), field: *field, at, ours: true }))
        .collect()
}

fn without_new(lookup: &Lookup) -> Lookup {
    let real = |ids: &[Box<str>]| ids.iter().filter(|id| !is_to_be(id)).cloned().collect();
    match lookup {
        Lookup::Ids { ty, ids } => Lookup::Ids { ty: *ty, ids: real(ids) },
        Lookup::Former { ty, ids } => Lookup::Former { ty: *ty, ids: real(ids) },
        Lookup::Key { ty, field, form, values } => {
            Lookup::Key { ty: *ty, field: *field, form: *form, values: real(values) }
        }
        Lookup::Times { ty, ids, fields } => Lookup::Times { ty: *ty, ids: real(ids), fields: fields.clone() },
    }
}
