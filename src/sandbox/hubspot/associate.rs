//! Tying records together and apart, and what follows from it.

use std::sync::Arc;

use super::edges::has_single_primary;
use super::errors::ApiError;
use super::kind::Kind;
use super::record::Record;
use super::world::World;
use crate::data::Millis;

impl World {
    /// Archives a record: its associations and memberships go, `updatedAt` stays.
    pub(super) fn archive(&mut self, kind: Kind, id: u64, now: Millis) -> bool {
        let Some(record) = self.table(kind).get(id).cloned() else { return false };
        self.detach(kind, id, now);
        let mut record = Arc::unwrap_or_clone(record);
        record.archived = Some(now);
        self.store(kind, record, now);
        true
    }

    /// Makes an archived record live again, unless another has taken one of its unique values.
    pub(super) fn restore(&mut self, kind: Kind, mut record: Record, now: Millis) -> Result<(), ApiError> {
        let table = self.table(kind);
        for (prop, value) in table.keys(&record).into_iter().filter(|(prop, _)| table.is_unique(*prop)) {
            if let Some(taken) = table.find(prop, &value) {
                return Err(self.taken(kind, prop, &value, Some(record.id), taken));
            }
        }
        record.archived = None;
        self.stamp(kind, &mut record, now);
        self.store(kind, record, now);
        Ok(())
    }

    /// Removes a record and all that is known of it, live or archived. False when there is none of that id.
    pub(super) fn purge(&mut self, kind: Kind, id: u64, now: Millis) -> bool {
        let table = self.table(kind);
        if table.get(id).is_none() && table.get_archived(id).is_none() {
            return false;
        }
        self.detach(kind, id, now);
        let visible = self.visible(now);
        self.table_mut(kind).forget(id, visible);
        true
    }

    /// Takes a record out of all associations and lists.
    pub(super) fn detach(&mut self, kind: Kind, id: u64, now: Millis) {
        for other in self.edges.neighbours((kind, id)) {
            self.dissociate((kind, id), other, now);
        }
        for list in self.lists.values_mut().filter(|list| list.kind == kind) {
            list.remove(id, now);
        }
    }

    /// Ties two records. The first company of a contact or deal becomes its primary one; `primary` moves that.
    pub(super) fn associate(&mut self, from: (Kind, u64), to: (Kind, u64), primary: bool, now: Millis) {
        let (owner, company) = match has_single_primary(to.0, from.0) {
            true => (to, from),
            false => (from, to),
        };
        if !has_single_primary(owner.0, company.0) {
            self.edges.put(from, to, false);
            return;
        }
        let old = self.edges.primary(owner, Kind::Company);
        if old == Some(company.1) {
            return;
        }
        let becomes = primary || old.is_none();
        if becomes && let Some(old) = old {
            self.edges.put(owner, (Kind::Company, old), false);
        }
        self.edges.put(owner, company, becomes);
        if becomes && owner.0 == Kind::Contact {
            self.mirror_company(owner.1, Some(company.1), now);
        }
    }

    /// An association that was the primary one becomes a plain one.
    pub(super) fn make_plain(&mut self, from: (Kind, u64), to: (Kind, u64), now: Millis) {
        if !self.edges.has(from, to) {
            return;
        }
        for (owner, company) in [(from, to), (to, from)] {
            let single = owner.0 == Kind::Contact && has_single_primary(owner.0, company.0);
            if single && self.edges.primary(owner, Kind::Company) == Some(company.1) {
                self.mirror_company(owner.1, None, now);
            }
        }
        self.edges.put(from, to, false);
    }

    pub(super) fn dissociate(&mut self, from: (Kind, u64), to: (Kind, u64), now: Millis) -> bool {
        for (owner, company) in [(from, to), (to, from)] {
            let primary =
                has_single_primary(owner.0, company.0) && self.edges.primary(owner, Kind::Company) == Some(company.1);
            if owner.0 == Kind::Contact && primary {
                self.mirror_company(owner.1, None, now);
            }
        }
        self.edges.remove(from, to)
    }

    /// `associatedcompanyid` follows the primary company.
    fn mirror_company(&mut self, contact: u64, company: Option<u64>, now: Millis) {
        let value = company.map(|id| id.to_string());
        let touch = self.config.primary_company_touches_contact;
        self.system_write(Kind::Contact, contact, "associatedcompanyid", value.as_deref(), touch, now);
    }

    pub(super) fn associate_by_domain(&mut self, contact: u64, now: Millis) {
        let table = self.table(Kind::Company);
        let domain = self.table(Kind::Contact).get(contact).and_then(|record| record.get("hs_email_domain"));
        let company = domain.zip(table.schema.names().find("domain")).and_then(|(value, prop)| table.find(prop, value));
        if let Some(company) = company {
            self.associate((Kind::Contact, contact), (Kind::Company, company), false, now);
        }
    }
}
