//! An answer before it is HTTP: composite requests embed it in their own.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};

use super::errors::{ApiError, write_errors};

const JSON: &str = "application/json;charset=UTF-8";

#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub status: u16,
    /// JSON text, or nothing.
    pub body: String,
    pub content_type: &'static str,
    pub headers: Vec<(&'static str, String)>,
}

impl Reply {
    pub fn json(status: u16, body: impl Into<String>) -> Reply {
        Reply { status, body: body.into(), content_type: JSON, headers: Vec::new() }
    }

    pub fn empty(status: u16) -> Reply {
        Reply::json(status, "")
    }

    /// What the gateway in front of the org says: never JSON.
    pub fn html(status: u16, title: &str) -> Reply {
        let body = format!(
            "<html>\n<head><title>{status} {title}</title></head>\n<body><h1>{status} {title}</h1></body>\n</html>\n"
        );
        Reply { status, body, content_type: "text/html; charset=UTF-8", headers: Vec::new() }
    }

    /// A plain word, as the identity service refuses.
    pub fn text(status: u16, word: &str) -> Reply {
        Reply { status, body: word.to_owned(), content_type: "text/html; charset=UTF-8", headers: Vec::new() }
    }

    /// An envelope of the partner API.
    pub fn xml(status: u16, body: String) -> Reply {
        Reply { status, body, content_type: "text/xml; charset=UTF-8", headers: Vec::new() }
    }

    pub fn refused(errors: &[ApiError]) -> Reply {
        let mut body = String::new();
        write_errors(errors, "errorCode", &mut body);
        Reply::json(errors.first().map_or(400, ApiError::status), body)
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        self.headers.push((name, value.into()));
        self
    }

    pub fn is_error(&self) -> bool {
        self.status >= 300 && self.status != 304
    }

    pub fn into_http(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Reply {
        Reply::refused(&[error])
    }
}

impl From<Vec<ApiError>> for Reply {
    fn from(errors: Vec<ApiError>) -> Reply {
        Reply::refused(&errors)
    }
}
