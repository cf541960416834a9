//! The recycle bin: what was deleted can come back, with what was deleted along with it.

use crate::data::Millis;

use super::errors::{ApiError, Refused};
use super::ids::Id;
use super::record::Val;
use super::schema::ObjectIx;
use super::table::RowIx;
use super::world::World;
use super::write::{CASCADES, touch};

impl World {
    /// A user takes a row out of the recycle bin. One that was lost to a merge comes back as a row of its own.
    pub fn user_undelete(&mut self, object: &str, id: &str, now: Millis) -> Result<(), Refused> {
        self.settle(now);
        let ox = self.object_named(object)?;
        let found = Id::parse(id).and_then(|id| self.table(ox)?.find(&id));
        let row = found.ok_or_else(ApiError::not_found)?;
        let savepoint = self.begin();
        let done = self.undelete(ox, row, now);
        match done {
            Ok(()) => self.commit(savepoint),
            Err(_) => self.rollback(savepoint),
        }
        done
    }

    fn undelete(&mut self, object: ObjectIx, row: RowIx, now: Millis) -> Result<(), Refused> {
        let schema = self.schema.clone();
        let def = schema.object(object).ok_or_else(ApiError::not_found)?;
        let old = self.table(object).and_then(|table| table.row(row)).cloned().ok_or_else(ApiError::not_found)?;
        if !old.deleted {
            return Err(ApiError::new("UNDELETE_FAILED", "Entity is not in the recycle bin").into());
        }
        let mut record = old.clone();
        record.deleted = false;
        if let Some(master) = def.find("MasterRecordId") {
            record.set(master, None);
        }
        // Somebody may have taken a unique value in the meantime.
        let unique: Vec<u16> = def.visible().filter(|(_, field)| field.unique).map(|(ix, _)| ix).collect();
        self.check_row(object, def, Some(row), &record, &unique)?;
        touch(&mut record, self.ui_user, now);
        self.replace_row(object, row, record);
        for (_, child, field) in CASCADES.iter().filter(|(parent, ..)| *parent == def.name) {
            self.undelete_children(child, field, &old.id, old.modified, now)?;
        }
        Ok(())
    }

    /// Children that went in the same moment as their parent.
    fn undelete_children(
        &mut self,
        child: &str,
        field: &str,
        parent: &Id,
        gone: Millis,
        now: Millis,
    ) -> Result<(), Refused> {
        let Some(cx) = self.schema.find(child) else { return Ok(()) };
        let Some(field) = self.schema.object(cx).and_then(|def| def.find(field)) else { return Ok(()) };
        let rows: Vec<RowIx> = self
            .table(cx)
            .and_then(|table| table.with_key(field, parent.short()))
            .unwrap_or_default()
            .iter()
            .copied()
            .filter(|ix| {
                let row = self.table(cx).and_then(|table| table.row(*ix));
                row.is_some_and(|r| r.deleted && r.modified == gone && r.value(field) == Val::Id(*parent))
            })
            .collect();
        rows.into_iter().try_for_each(|row| self.undelete(cx, row, now))
    }
}
