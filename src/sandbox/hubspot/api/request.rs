//! Reading a request: query, body, and ids in either JSON type.

use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value};

use super::super::errors::ApiError;

/// What a handler sees of a request.
pub(super) struct Call {
    query: Vec<(String, String)>,
    body: Option<Value>,
    chars: usize,
}

impl Call {
    pub fn read(request: &Request<Bytes>, limit: usize) -> Result<Call, ApiError> {
        let query = request.uri().query().unwrap_or_default();
        let query = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(key, value)| (decode(key, true), decode(value, true)))
            .collect();
        let bytes = request.body();
        if bytes.len() > limit {
            return Err(ApiError::plain(413, "Request body is too large"));
        }
        let body = match bytes.is_empty() {
            true => None,
            false => Some(serde_json::from_slice(bytes).map_err(|error| {
                let (line, column) = (error.line(), error.column());
                ApiError::plain(400, format!("Invalid input JSON on line {line}, column {column}: {error}"))
            })?),
        };
        let chars = String::from_utf8_lossy(bytes).chars().count();
        Ok(Call { query, body, chars })
    }

    pub fn query(&self, key: &str) -> Option<&str> {
        self.query.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    /// A parameter that may be repeated, or hold several values separated by commas.
    pub fn queries(&self, key: &str) -> Vec<String> {
        let values = self.query.iter().filter(|(k, _)| k == key).flat_map(|(_, value)| value.split(','));
        values.map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }

    /// In any case: HubSpot's own Python client writes `True`. `1` is false.
    pub fn flag(&self, key: &str) -> bool {
        self.query(key).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// The length of the body in characters.
    pub fn chars(&self) -> usize {
        self.chars
    }

    /// `limit` between 1 and `max`.
    pub fn limit(&self, default: usize, max: usize) -> Result<usize, ApiError> {
        check_limit(self.query("limit").map(|text| text.parse().ok()), default, max)
    }

    pub fn body(&self) -> Result<&Value, ApiError> {
        self.body.as_ref().ok_or_else(|| ApiError::plain(400, "Invalid input JSON: the request has no body"))
    }

    pub fn object(&self) -> Result<&Map<String, Value>, ApiError> {
        self.body()?.as_object().ok_or_else(|| ApiError::plain(400, "Invalid input JSON: expected an object"))
    }

    /// `inputs`; a body without it is answered with an empty success, as HubSpot does.
    pub fn inputs(&self, max: usize) -> Result<&[Value], ApiError> {
        let inputs = match self.object()?.get("inputs") {
            None | Some(Value::Null) => return Ok(&[]),
            Some(Value::Array(inputs)) => inputs,
            Some(_) => return Err(ApiError::plain(400, "Invalid input JSON: `inputs` is not a list")),
        };
        if inputs.len() > max {
            let text = format!("The maximum number of inputs supported in a batch request is {max}");
            return Err(ApiError::validation(text));
        }
        Ok(inputs)
    }
}

/// `given` is `Some(None)` when something unreadable was given.
pub(super) fn check_limit(given: Option<Option<usize>>, default: usize, max: usize) -> Result<usize, ApiError> {
    match given {
        None => Ok(default),
        Some(Some(limit)) if (1..=max).contains(&limit) => Ok(limit),
        Some(_) => Err(ApiError::validation(format!("limit must be between 1 and {max}"))),
    }
}

/// A text or a number, as text.
pub(super) fn text(json: Option<&Value>) -> Option<String> {
    match json? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A list of texts; anything else in it is skipped.
pub(super) fn texts(json: Option<&Value>) -> Vec<String> {
    let items = json.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| text(Some(item))).collect()
}

/// `properties` of a write. Null leaves a property alone; numbers and flags are read as text.
pub(super) fn values(json: Option<&Value>) -> Result<Vec<(String, String)>, ApiError> {
    let Some(fields) = json.and_then(Value::as_object) else {
        return Err(ApiError::plain(400, "Invalid input JSON: some required fields were not set: [properties]"));
    };
    let mut values = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        match value {
            Value::Null => {}
            Value::String(text) => values.push((name.clone(), text.clone())),
            Value::Number(number) => values.push((name.clone(), number.to_string())),
            Value::Bool(flag) => values.push((name.clone(), flag.to_string())),
            Value::Array(_) | Value::Object(_) => {
                let text = format!("Invalid input JSON: the value of property {name} is not text");
                return Err(ApiError::plain(400, text));
            }
        }
    }
    Ok(values)
}

/// Undoes percent-encoding; `+` is a space in a query only. Bytes that are no UTF-8 are replaced.
pub(super) fn decode(text: &str, query: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        let hex = |b: &u8| char::from(*b).to_digit(16);
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hex(high), hex(low)) {
                (Some(high), Some(low)) => {
                    bytes.push((high * 16 + low) as u8);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            (b'+', _) if query => bytes.push(b' '),
            (other, _) => bytes.push(*other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
