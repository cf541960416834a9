//! Merging two records: a new record takes their place, and both old ids lead to it.

use super::cells::Prop;
use super::errors::ApiError;
use super::kind::Kind;
use super::record::{Record, Source, Version};
use super::world::World;
use crate::data::Millis;

impl World {
    /// The primary's values win; the other fills the gaps. Returns the id of the new record.
    pub fn user_merge(&mut self, object: &str, primary: &str, other: &str, now: Millis) -> Result<String, ApiError> {
        let kind = Kind::parse(object).ok_or_else(ApiError::not_found)?;
        let find = |id: &str| id.parse().ok().and_then(|id| self.table(kind).resolve(id)).map(|record| record.id);
        let (primary, other) = find(primary).zip(find(other)).ok_or_else(ApiError::not_found)?;
        self.merge(kind, primary, other, Source::CrmUi, now).map(|id| id.to_string())
    }

    pub(super) fn merge(
        &mut self,
        kind: Kind,
        primary: u64,
        other: u64,
        source: Source,
        now: Millis,
    ) -> Result<u64, ApiError> {
        if primary == other {
            return Err(ApiError::validation("Cannot merge an object with itself"));
        }
        let table = self.table(kind);
        let (Some(first), Some(second)) = (table.get(primary).cloned(), table.get(other).cloned()) else {
            return Err(ApiError::not_found());
        };
        let merged_before = [&first, &second].into_iter().filter_map(|record| record.get("hs_merged_object_ids"));
        let ids: Vec<String> =
            merged_before.map(str::to_owned).chain([primary.to_string(), other.to_string()]).collect();
        let emails = merged_emails(kind, &first, &second);

        let id = self.table_mut(kind).next_id();
        let mut record = Record::clone(&second);
        record.id = id;
        record.created = first.created.min(second.created);
        record.origin = source;
        record.versions = first.versions.clone();
        record.names = self.table(kind).schema.names().clone();
        let values: Vec<(Prop, &str)> = first.cells.iter().collect();
        record.cells.apply(values.into_iter().map(|(prop, value)| (prop, Some(value))));
        // Where the primary's value was cleared, the other one's is the newest of its history.
        let filled = second
            .cells
            .iter()
            .filter(|(prop, _)| first.cells.get(*prop).is_none() && first.versions.iter().any(|(of, _)| of == prop));
        let filled = filled
            .map(|(prop, value)| (prop, Version { value: Some(value.into()), at: now, source: record.origin.clone() }));
        record.versions.extend(filled);
        let created = record.created.to_iso();
        self.set_cells(
            kind,
            &mut record,
            &[("hs_merged_object_ids", Some(&ids.join(";"))), ("createdate", Some(&created))],
        );
        if emails.is_some() {
            self.set_cells(kind, &mut record, &[("hs_additional_emails", emails.as_deref())]);
        }
        self.stamp(kind, &mut record, now);
        self.calculate(kind, &mut record, now);

        let company = self.edges.primary((kind, primary), Kind::Company);
        let mut neighbours = self.edges.neighbours((kind, primary));
        neighbours.extend(self.edges.neighbours((kind, other)));
        neighbours.retain(|node| *node != (kind, primary) && *node != (kind, other));
        let joined: Vec<(u64, Millis)> = self
            .lists
            .values()
            .filter(|list| list.kind == kind)
            .filter_map(|list| Some((list.id, list.joined(primary).or_else(|| list.joined(other))?)))
            .collect();
        for old in [primary, other] {
            self.detach(kind, old, now);
            let visible = self.visible(now);
            self.table_mut(kind).forget(old, visible);
            self.table_mut(kind).alias(old, id);
        }
        self.store(kind, record, now);
        for node in neighbours {
            let is_primary = node.0 == Kind::Company && Some(node.1) == company;
            self.associate((kind, id), node, is_primary, now);
        }
        for (list, at) in joined {
            if let Some(list) = self.lists.get_mut(&list) {
                list.add(id, at);
            }
        }
        Ok(id)
    }
}

/// All addresses of both but the one that stays primary.
fn merged_emails(kind: Kind, first: &Record, second: &Record) -> Option<String> {
    if kind != Kind::Contact {
        return None;
    }
    let stays = first.get("email").or(second.get("email"));
    let mut all: Vec<&str> = Vec::new();
    for record in [first, second] {
        for email in ["email", "hs_additional_emails"].into_iter().filter_map(|name| record.get(name)) {
            for part in email.split(';').filter(|part| !part.is_empty() && Some(*part) != stays) {
                if !all.contains(&part) {
                    all.push(part);
                }
            }
        }
    }
    (!all.is_empty()).then(|| all.join(";"))
}
