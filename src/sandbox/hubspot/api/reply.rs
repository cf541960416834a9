//! Turning an answer into an HTTP response.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, LOCATION};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::Value;

use super::super::errors::ApiError;
use crate::data::Millis;

pub(super) enum Reply {
    Json(u16, Value),
    /// 201 with the address of what was made.
    Created(String, Value),
    /// 204.
    Nothing,
    Refused(Box<ApiError>),
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Reply {
        Reply::Refused(Box::new(error))
    }
}

impl Reply {
    pub fn respond(self, correlation: &str, now: Millis, headers: Vec<(&'static str, String)>) -> Response<Bytes> {
        let (status, location, body) = match self {
            Reply::Json(status, body) => (status, None, Some(body)),
            Reply::Created(location, body) => (201, Some(location), Some(body)),
            Reply::Nothing => (204, None, None),
            Reply::Refused(error) => (error.status, None, Some(error.body(correlation))),
        };
        let mut response = Response::new(body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string())));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let map = response.headers_mut();
        let mut put = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                map.insert(name, value);
            }
        };
        put(CONTENT_TYPE, "application/json;charset=utf-8");
        put(DATE, &http_date(now));
        put(HeaderName::from_static("x-hubspot-correlation-id"), correlation);
        if let Some(location) = location {
            put(LOCATION, &location);
        }
        for (name, value) in headers {
            put(HeaderName::from_static(name), &value);
        }
        response
    }
}

/// Refused before HubSpot's own servers, hence in HTML.
pub(super) fn uri_too_long(now: Millis) -> Response<Bytes> {
    let html = "<html>\r\n<head><title>414 Request-URI Too Large</title></head>\r\n<body>\r\n<center><h1>414 \
                Request-URI Too Large</h1></center>\r\n</body>\r\n</html>\r\n";
    let mut response = Response::new(Bytes::from_static(html.as_bytes()));
    *response.status_mut() = StatusCode::URI_TOO_LONG;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    if let Ok(date) = HeaderValue::from_str(&http_date(now)) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

/// `Mon, 23 Nov 2026 10:03:48 GMT`.
fn http_date(now: Millis) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let iso = now.to_iso();
    let weekday = usize::try_from(now.0.div_euclid(86_400_000).rem_euclid(7)).unwrap_or(0);
    let part = |from: usize, to: usize| iso.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().unwrap_or(1).saturating_sub(1);
    let (day, month) = (DAYS.get(weekday).unwrap_or(&"Thu"), MONTHS.get(month).unwrap_or(&"Jan"));
    format!("{day}, {} {month} {} {} GMT", part(8, 10), part(0, 4), part(11, 19))
}

/// A random UUID.
pub(super) fn uuid(rng: &mut fastrand::Rng) -> String {
    let (a, b) = (rng.u64(..), rng.u64(..));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        (b >> 48) & 0x3fff | 0x8000,
        b & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_http_has_them() {
        let at = Millis::from_iso("2026-11-23T10:03:48Z").unwrap_or_default();
        assert_eq!(http_date(at), "Mon, 23 Nov 2026 10:03:48 GMT");
        assert_eq!(http_date(Millis(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
