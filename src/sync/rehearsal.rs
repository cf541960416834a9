//! A CRM on which nothing is written: reads are real, writes are answered as they would be if all went well. With it the
//! dry run is the very pass that would run, on a store whose changes are thrown away.

use std::sync::Mutex;

use crate::crm::{
    Account, Act, Call, CallError, Caps, Crm, FeedAt, FeedSpec, Found, Fut, Item, Lookup, Overwritten, Page, Reads,
    Reply, Usage, Write,
};
use crate::data::Millis;
use crate::lang::schema::Catalog;

/// Ids of records that do not exist yet begin with this; no CRM's ids hold a space.
const NEW: &str = "new ";

/// See the module text.
pub struct Rehearsal<'a> {
    inner: &'a dyn Crm,
    created: Mutex<u64>,
}

impl<'a> Rehearsal<'a> {
    pub fn new(inner: &'a dyn Crm) -> Rehearsal<'a> {
        Rehearsal { inner, created: Mutex::new(0) }
    }

    fn new_id(&self, type_name: &str) -> Box<str> {
        let mut created = self.created.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *created += 1;
        format!("{NEW}{type_name} {created}").into()
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

    fn feeds(&self, reads: &Reads) -> Vec<FeedSpec> {
        self.inner.feeds(reads)
    }

    fn read<'a>(&'a self, reads: &'a Reads, due: &'a [FeedAt]) -> Fut<'a, Vec<Result<Page, CallError>>> {
        self.inner.read(reads, due)
    }

    /// Records that are only to be are not asked for.
    fn fetch<'a>(&'a self, reads: &'a Reads, lookups: &'a [Lookup]) -> Fut<'a, Vec<Result<Found, CallError>>> {
        let real: Vec<Lookup> = lookups.iter().map(without_new).collect();
        Box::pin(async move { self.inner.fetch(reads, &real).await })
    }

    fn pack(&self, reads: &Reads, writes: &[Write]) -> Vec<Call> {
        self.inner.pack(reads, writes)
    }

    fn send<'a>(&'a self, reads: &'a Reads, call: &'a Call, writes: &'a [Write]) -> Fut<'a, Reply> {
        let items = call.writes.iter().filter_map(|at| writes.get(*at)).map(|write| match write.act {
            Act::Create { .. } => {
                let name = reads.of_type(write.ty).map_or("record", |read| &read.name);
                Item::Created { id: self.new_id(name), row: None }
            }
            Act::Update { .. } => Item::Updated { row: None, overwritten: Vec::new() },
        });
        let reply = Reply::Items(items.collect());
        Box::pin(async move { reply })
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

fn without_new(lookup: &Lookup) -> Lookup {
    let real = |ids: &[Box<str>]| ids.iter().filter(|id| !id.starts_with(NEW)).cloned().collect();
    match lookup {
        Lookup::Ids { ty, ids } => Lookup::Ids { ty: *ty, ids: real(ids) },
        Lookup::Key { ty, field, values } => Lookup::Key { ty: *ty, field: *field, values: real(values) },
        Lookup::Times { ty, ids, fields } => Lookup::Times { ty: *ty, ids: real(ids), fields: fields.clone() },
    }
}
