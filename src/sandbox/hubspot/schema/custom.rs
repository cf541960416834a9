//! What every object type of a portal's own has.

use super::row::{Row, datetime, number};

const INFO: &str = "objectinformation";

pub(super) const ROWS: &[Row] = &[
    number(INFO, "hs_object_id", "Record ID").read_only(),
    datetime(INFO, "hs_createdate", "Object create date/time").read_only(),
    datetime(INFO, "hs_lastmodifieddate", "Object last modified date/time").read_only(),
];
