//! What users of the portal do in its UI, and what its list filters decide.

use std::sync::Arc;

use super::errors::ApiError;
use super::kind::Kind;
use super::lists::{List, Processing};
use super::record::Record;
use super::world::{World, parse_kind};
use super::write::Actor;
use crate::data::Millis;

impl World {
    pub fn user_create(
        &mut self,
        object: &str,
        props: &[(&str, Option<&str>)],
        now: Millis,
    ) -> Result<String, ApiError> {
        let kind = parse_kind(object)?;
        let change = self.check(kind, None, &texts(props), &Actor::user())?;
        Ok(self.commit_create(kind, change, Actor::user().source, now).to_string())
    }

    /// `None` or `""` clears. A user may move a lifecycle stage backward.
    pub fn user_update(
        &mut self,
        object: &str,
        id: &str,
        props: &[(&str, Option<&str>)],
        now: Millis,
    ) -> Result<(), ApiError> {
        let kind = parse_kind(object)?;
        let record = self.existing(kind, id)?;
        let change = self.check(kind, Some(&record), &texts(props), &Actor::user())?;
        self.commit_update(kind, record.id, change, &Actor::user().source, now);
        Ok(())
    }

    pub fn user_archive(&mut self, object: &str, id: &str, now: Millis) -> Result<(), ApiError> {
        let kind = parse_kind(object)?;
        let id = self.existing(kind, id)?.id;
        self.archive(kind, id, now);
        Ok(())
    }

    /// Brings an archived record back. Its associations and memberships stay gone: nothing public says otherwise.
    pub fn user_restore(&mut self, object: &str, id: &str, now: Millis) -> Result<(), ApiError> {
        let kind = parse_kind(object)?;
        let number: u64 = id.parse().map_err(|_| ApiError::odd_id(id))?;
        let record = self.table(kind).get_archived(number).cloned().ok_or_else(ApiError::not_found)?;
        self.restore(kind, Arc::unwrap_or_clone(record), now)
    }

    /// Ties two records, as the associations card does.
    pub fn user_associate(&mut self, from: (&str, &str), to: (&str, &str), now: Millis) -> Result<(), ApiError> {
        let (from_kind, to_kind) = (parse_kind(from.0)?, parse_kind(to.0)?);
        let (from, to) = (self.existing(from_kind, from.1)?.id, self.existing(to_kind, to.1)?.id);
        self.associate((from_kind, from), (to_kind, to), false, now);
        Ok(())
    }

    pub fn set_primary_company(&mut self, contact: &str, company: &str, now: Millis) -> Result<(), ApiError> {
        let contact = self.existing(Kind::Contact, contact)?.id;
        let company = self.existing(Kind::Company, company)?.id;
        self.associate((Kind::Contact, contact), (Kind::Company, company), true, now);
        Ok(())
    }

    /// Makes a list and returns its id.
    pub fn list_create(
        &mut self,
        name: &str,
        object: &str,
        processing: Processing,
        now: Millis,
    ) -> Result<String, ApiError> {
        let kind = parse_kind(object)?;
        let last = self.lists.keys().chain(self.gone_lists.keys()).max();
        let id = last.map_or(1, |last| last.saturating_add(1));
        self.lists.insert(id, List::new(id, name, kind, processing, now));
        Ok(id.to_string())
    }

    /// Adds a record to a list of any kind: by hand, or because the filters of a dynamic list now match. False when it
    /// was a member already.
    pub fn list_add(&mut self, list: &str, record: &str, now: Millis) -> Result<bool, ApiError> {
        let (list, record) = self.member(list, record)?;
        Ok(self.lists.get_mut(&list).is_some_and(|list| list.add(record, now)))
    }

    pub fn list_remove(&mut self, list: &str, record: &str, now: Millis) -> Result<bool, ApiError> {
        let (list, record) = self.member(list, record)?;
        Ok(self.lists.get_mut(&list).is_some_and(|list| list.remove(record, now)))
    }

    fn member(&self, list: &str, record: &str) -> Result<(u64, u64), ApiError> {
        let found = list.parse().ok().and_then(|id| self.lists.get(&id)).ok_or_else(ApiError::not_found)?;
        Ok((found.id, self.existing(found.kind, record)?.id))
    }

    fn existing(&self, kind: Kind, id: &str) -> Result<Arc<Record>, ApiError> {
        let id: u64 = id.parse().map_err(|_| ApiError::odd_id(id))?;
        self.table(kind).resolve(id).cloned().ok_or_else(ApiError::not_found)
    }
}

fn texts(props: &[(&str, Option<&str>)]) -> Vec<(String, String)> {
    props.iter().map(|(name, value)| ((*name).to_owned(), value.unwrap_or_default().to_owned())).collect()
}
