//! One call to the REST API, taken apart: path, query, headers, body. Subrequests of a composite are calls too.

use std::borrow::Cow;

use http::HeaderMap;
use serde_json::{Map, Value};

use crate::data::Millis;

use super::errors::ApiError;
use super::ids::Id;

pub(super) struct Call<'a> {
    pub method: &'a str,
    /// `59` of `v59.0`.
    pub version: u16,
    /// Path below the version, decoded, without empty parts at the end.
    pub path: Vec<String>,
    pub query: Vec<(String, String)>,
    pub headers: &'a HeaderMap,
    pub body: Body<'a>,
    pub now: Millis,
    pub user: Id,
}

#[derive(Clone, Copy)]
pub(super) enum Body<'a> {
    Bytes(&'a [u8]),
    /// Of a subrequest; `None` when it has none.
    Json(Option<&'a Value>),
}

impl Call<'_> {
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Cow<'_, Value>, ApiError> {
        let unreadable = |message: String| ApiError::new("JSON_PARSER_ERROR", message);
        match self.body {
            Body::Json(Some(value)) => Ok(Cow::Borrowed(value)),
            Body::Json(None) => Err(unreadable("No content to map to Object due to end of input".to_owned())),
            Body::Bytes(bytes) => {
                let content = self.header("content-type").unwrap_or("application/json");
                if !content.trim_start().to_ascii_lowercase().starts_with("application/json") {
                    let message = format!("unsupported media type: {content}");
                    return Err(ApiError::new("UNSUPPORTED_MEDIA_TYPE", message));
                }
                serde_json::from_slice(bytes).map(Cow::Owned).map_err(|e| unreadable(e.to_string()))
            }
        }
    }

    /// The body as a JSON object.
    pub fn object(&self) -> Result<Map<String, Value>, ApiError> {
        match self.json()?.into_owned() {
            Value::Object(map) => Ok(map),
            _ => Err(ApiError::new("JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object")),
        }
    }

    /// `/services/data/v59.0`
    pub fn root(&self) -> String {
        format!("/services/data/v{}.0", self.version)
    }

    pub fn not_allowed(&self, allowed: &str) -> ApiError {
        let message = format!("HTTP Method '{}' not allowed. Allowed are {allowed}", self.method);
        ApiError::new("METHOD_NOT_ALLOWED", message)
    }
}

/// Path parts below `/services/data/vNN.0` and the version; `None` when it is no such path or an unknown version.
pub(super) fn versioned(path: &str) -> Option<(u16, Vec<String>)> {
    let rest = path.strip_prefix("/services/data/v")?;
    let (version, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let version: u16 = version.strip_suffix(".0")?.parse().ok()?;
    (31..=68).contains(&version).then(|| (version, parts(rest)))
}

fn parts(path: &str) -> Vec<String> {
    path.trim_end_matches('/').split('/').filter(|p| !p.is_empty()).map(|p| decode(p, false)).collect()
}

/// `a=1&b=x+y`, as queries and forms are written.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(key, true), decode(value, true))
    };
    text.split('&').filter(|p| !p.is_empty()).map(pair).collect()
}

/// Percent-decodes; bytes that are not UTF-8 become U+FFFD.
fn decode(text: &str, plus_is_space: bool) -> String {
    let hex = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16));
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match (byte, hex(bytes.get(at)), hex(bytes.get(at + 1))) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', ..) if plus_is_space => out.push(b' '),
            _ => out.push(*byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Reads an HTTP date, `Tue, 10 Aug 2027 00:00:00 GMT`.
pub(super) fn http_date(text: &str) -> Option<Millis> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split([' ', '-']).filter(|w| !w.is_empty()).skip(1);
    let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|m| m.eq_ignore_ascii_case(month))? + 1;
    let day: u32 = day.parse().ok()?;
    Millis::from_iso(&format!("{year}-{month:02}-{day:02}T{time}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_keep_encoded_slashes_and_forgive_a_slash_at_the_end() {
        let (version, path) = versioned("/services/data/v59.0/sobjects/Lead/Key__c/a%2Fb+c%20%C3%A9/").unwrap();
        assert_eq!((version, path[3].as_str()), (59, "a/b+c é"));
        assert_eq!(versioned("/services/data/v30.0/limits"), None);
        assert_eq!(versioned("/services/data/v59/limits"), None);
        assert_eq!(
            pairs("q=a+b%2Bc&x&%zz=%"),
            [("q".into(), "a b+c".into()), ("x".into(), String::new()), ("%zz".into(), "%".into())]
        );
    }

    #[test]
    fn http_dates_are_read() {
        assert_eq!(http_date("Thu, 01 Jan 2026 20:49:32 GMT"), Millis::from_iso("2026-01-01T20:49:32Z"));
        assert_eq!(http_date("yesterday"), None);
    }
}
