//! HubSpot's error bodies.

use serde_json::{Map, Value, json};

use super::kind::Kind;

/// A refusal as HubSpot words it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    pub status: u16,
    pub message: String,
    /// `VALIDATION_ERROR`, `CONFLICT`, … Some of HubSpot's errors have none.
    pub category: Option<&'static str>,
    pub sub_category: Option<&'static str>,
    pub errors: Vec<Value>,
    /// `{"id": ["1"]}` and the like.
    pub context: Vec<(&'static str, Vec<String>)>,
}

/// One property value that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Invalid {
    pub name: String,
    pub code: &'static str,
    pub message: String,
}

impl ApiError {
    pub(super) fn plain(status: u16, message: impl Into<String>) -> ApiError {
        ApiError {
            status,
            message: message.into(),
            category: None,
            sub_category: None,
            errors: Vec::new(),
            context: Vec::new(),
        }
    }

    pub(super) fn new(status: u16, category: &'static str, message: impl Into<String>) -> ApiError {
        ApiError { category: Some(category), ..ApiError::plain(status, message) }
    }

    pub(super) fn validation(message: impl Into<String>) -> ApiError {
        ApiError::new(400, "VALIDATION_ERROR", message)
    }

    pub(super) fn with(mut self, key: &'static str, values: Vec<String>) -> ApiError {
        self.context.push((key, values));
        self
    }

    pub(super) fn sub(mut self, sub_category: &'static str) -> ApiError {
        self.sub_category = Some(sub_category);
        self
    }

    /// All refused values of one record; the message holds them again as JSON text.
    pub(super) fn invalid(portal: u64, all: &[Invalid]) -> ApiError {
        let texts: Vec<Value> = all
            .iter()
            .map(|i| {
                json!({"isValid": false, "message": i.message, "error": i.code, "name": i.name,
                    "localizedErrorMessage": i.message, "portalId": portal})
            })
            .collect();
        let mut error = ApiError::validation(format!("Property values were not valid: {}", Value::Array(texts)));
        error.errors = all
            .iter()
            .map(|i| json!({"message": i.message, "code": i.code, "context": {"propertyName": [i.name]}}))
            .collect();
        error
    }

    pub(super) fn unauthorized() -> ApiError {
        ApiError::new(
            401,
            "INVALID_AUTHENTICATION",
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more \
             details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        )
    }

    pub(super) fn expired() -> ApiError {
        let text = "The OAuth token used to make this call expired 2 hour(s) ago.";
        ApiError::new(401, "EXPIRED_AUTHENTICATION", text)
    }

    /// HubSpot sends no category here.
    pub(super) fn not_found() -> ApiError {
        ApiError::plain(404, "resource not found")
    }

    pub(super) fn odd_id(id: &str) -> ApiError {
        ApiError::new(404, "OBJECT_NOT_FOUND", "Object not found.  objectId are usually numeric.")
            .with("id", vec![id.to_owned()])
    }

    pub(super) fn missing_objects(kind: Kind, ids: Vec<String>) -> ApiError {
        let name = kind.singular().to_uppercase();
        let text =
            format!("Could not get some {name} objects, they may be deleted or not exist. Check that ids are valid.");
        ApiError::new(404, "OBJECT_NOT_FOUND", text).with("ids", ids)
    }

    /// The id of the owner of the e-mail is in the text only.
    pub(super) fn contact_exists(id: u64) -> ApiError {
        ApiError::new(409, "CONFLICT", format!("Contact already exists. Existing ID: {id}"))
    }

    /// An item of `errors` in a 207 answer.
    pub(super) fn item(&self, trace: Option<&str>) -> Value {
        let mut body = self.fields();
        if let Some(trace) = trace {
            let context = body.entry("context").or_insert_with(|| json!({}));
            if let Some(context) = context.as_object_mut() {
                context.insert("objectWriteTraceId".to_owned(), json!([trace]));
            }
        }
        Value::Object(body)
    }

    pub(super) fn body(&self, correlation: &str) -> Value {
        let mut body = self.fields();
        body.insert("correlationId".to_owned(), json!(correlation));
        Value::Object(body)
    }

    fn fields(&self) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("status".to_owned(), json!("error"));
        body.insert("message".to_owned(), json!(self.message));
        if let Some(category) = self.category {
            body.insert("category".to_owned(), json!(category));
        }
        if let Some(sub) = self.sub_category {
            body.insert("subCategory".to_owned(), json!(sub));
        }
        if !self.errors.is_empty() {
            body.insert("errors".to_owned(), json!(self.errors));
        }
        if !self.context.is_empty() {
            let context: Map<String, Value> =
                self.context.iter().map(|(key, values)| ((*key).to_owned(), json!(values))).collect();
            body.insert("context".to_owned(), Value::Object(context));
        }
        body
    }
}
