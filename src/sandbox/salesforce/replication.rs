//! `/sobjects/X/updated` and `/sobjects/X/deleted`: ids of rows that changed in a span of time.

use std::ops::Bound;

use serde_json::json;

use crate::data::Millis;

use super::errors::ApiError;
use super::record::{Record, moment};
use super::reply::Reply;
use super::request::Call;
use super::world::World;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// How far back `updated` and `deleted` reach.
const REACH: [i64; 2] = [30 * DAY, 15 * DAY];

/// Rows created or changed from `start` up to `end`, by SystemModstamp.
pub(super) fn updated(world: &mut World, call: &Call<'_>, object: &str) -> Reply {
    match span(world, call, object, REACH[0]) {
        Ok((rows, covered)) => {
            let ids: Vec<String> = rows.iter().filter(|row| !row.deleted).map(|row| row.id.to_string()).collect();
            Reply::json(200, json!({"ids": ids, "latestDateCovered": moment(covered)}).to_string())
        }
        Err(error) => error.into(),
    }
}

/// Rows deleted in that span.
pub(super) fn deleted(world: &mut World, call: &Call<'_>, object: &str) -> Reply {
    match span(world, call, object, REACH[1]) {
        Ok((rows, covered)) => {
            let gone = rows.iter().filter(|row| row.deleted);
            let rows: Vec<_> =
                gone.map(|row| json!({"id": row.id.to_string(), "deletedDate": moment(row.modified)})).collect();
            let earliest = moment(call.now.minus(REACH[1]));
            let body = json!({"deletedRecords": rows, "earliestDateAvailable": earliest,
                "latestDateCovered": moment(covered)});
            Reply::json(200, body.to_string())
        }
        Err(error) => error.into(),
    }
}

/// The rows stamped in the span that a call asks for, and the end of what it covers. Seconds are not looked at.
fn span<'w>(
    world: &'w World,
    call: &Call<'_>,
    object: &str,
    reach: i64,
) -> Result<(Vec<&'w Record>, Millis), ApiError> {
    if !matches!(call.method, "GET" | "HEAD") {
        return Err(call.not_allowed("GET, HEAD"));
    }
    let ox = world.schema.find(object).ok_or_else(ApiError::not_found)?;
    let time = |name: &'static str| {
        let text = call
            .param(name)
            .ok_or_else(|| ApiError::new("MISSING_ARGUMENT", format!("{name} parameter is required")))?;
        let at = Millis::from_iso(text);
        at.ok_or_else(|| ApiError::new("INVALID_FIELD", format!("{name}: not a date with a time: {text}")))
    };
    let minute = |at: Millis| Millis(at.0 - at.0.rem_euclid(MINUTE));
    let (start, end) = (minute(time("start")?), minute(time("end")?));
    let refused = |message: &str| Err(ApiError::new("INVALID_REPLICATION_DATE", message));
    if end <= start {
        return refused("endDate must be at least one minute greater than startDate");
    }
    if start < call.now.minus(reach) {
        return refused("startDate before org replication enabled date");
    }
    if start > call.now {
        return refused("startDate is in the future");
    }
    let Some(table) = world.table(ox) else { return Err(ApiError::not_found()) };
    let rows = table.stamped(Bound::Included(start), Bound::Excluded(end)).filter_map(|ix| table.row(ix)).collect();
    Ok((rows, end.min(minute(call.now))))
}
