//! Rows by external id, or by any field that describe marks as a look-up key.

use super::errors::ApiError;
use super::ids::Id;
use super::record::Val;
use super::schema::{self, ObjectIx};
use super::table::RowIx;
use super::world::World;

impl World {
    /// The field, when it can be an upsert key.
    pub(super) fn key_field(&self, object: ObjectIx, field: &str) -> Result<u16, ApiError> {
        let def = self.schema.object(object).ok_or_else(ApiError::not_found)?;
        let ix = def.find(field).filter(|ix| def.field(*ix).is_some_and(|f| f.external_id || f.id_lookup));
        ix.ok_or_else(|| ApiError::no_such_key(field))
    }

    /// Live rows whose key field has this value, in order of creation. Case counts only where the field says so.
    pub(super) fn rows_by_key(&self, object: ObjectIx, field: &str, value: &str) -> Result<Vec<RowIx>, ApiError> {
        let ix = self.key_field(object, field)?;
        let (Some(def), Some(table)) = (self.schema.object(object), self.table(object)) else {
            return Err(ApiError::not_found());
        };
        let value = value.trim();
        if ix == schema::ID {
            let row = Id::parse(value).and_then(|id| table.find(&id));
            return Ok(row.into_iter().filter(|r| table.row(*r).is_some_and(|r| !r.deleted)).collect());
        }
        let exact = def.field(ix).is_some_and(|f| f.case_sensitive);
        let mut rows: Vec<RowIx> = table
            .with_key(ix, &value.to_lowercase())
            .unwrap_or_default()
            .iter()
            .copied()
            .filter(|r| table.row(*r).is_some_and(|r| !r.deleted && (!exact || r.value(ix) == Val::Text(value))))
            .collect();
        rows.sort_unstable();
        Ok(rows)
    }
}
