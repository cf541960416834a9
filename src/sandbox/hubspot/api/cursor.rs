//! Cursors that tell nothing: the place in base64, escaped for a query string (`NTI1Cg%3D%3D`). Lists of records and searches
//! have plain numbers instead.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

use super::super::errors::ApiError;
use super::request::Call;

pub(super) fn opaque(place: impl std::fmt::Display) -> String {
    URL_SAFE.encode(format!("{place}\n")).replace('=', "%3D")
}

/// Where the page begins that `after` asks for; clients send a cursor as they got it, or escape it once more.
pub(super) fn place<T>(call: &Call, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, ApiError> {
    call.query("after").filter(|after| !after.is_empty()).map(|after| read(after, parse)).transpose()
}

pub(super) fn read<T>(cursor: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, ApiError> {
    let bytes = URL_SAFE.decode(cursor.replace("%3D", "=")).ok();
    let place = bytes.and_then(|bytes| parse(std::str::from_utf8(&bytes).ok()?.trim_end()));
    place.ok_or_else(|| ApiError::validation("after is not a valid paging cursor"))
}
