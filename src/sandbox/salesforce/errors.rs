//! Refusals in Salesforce's own words, and the JSON they travel in.

use super::field::FieldDef;
use super::ids::Id;
use super::record::write_text;

/// One refusal. A call or row may carry several.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// `errorCode` of a reply, `statusCode` of a collections row.
    pub code: &'static str,
    pub message: String,
    pub fields: Vec<String>,
}

/// All that is wrong with one row or call.
pub type Refused = Vec<ApiError>;

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Refused {
        vec![error]
    }
}

impl ApiError {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> ApiError {
        ApiError { code, message: message.into(), fields: Vec::new() }
    }

    pub(super) fn on(mut self, field: &str) -> ApiError {
        self.fields.push(field.to_owned());
        self
    }

    /// HTTP status when the refusal is the whole reply.
    pub(super) fn status(&self) -> u16 {
        match self.code {
            "INVALID_SESSION_ID" | "INVALID_AUTH_HEADER" => 401,
            "REQUEST_LIMIT_EXCEEDED" => 403,
            "NOT_FOUND" | "ENTITY_IS_DELETED" => 404,
            "METHOD_NOT_ALLOWED" => 405,
            "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE" | "BATCH_PROCESSING_HALTED" => 412,
            "UNSUPPORTED_MEDIA_TYPE" => 415,
            _ => 400,
        }
    }

    pub(super) fn not_found() -> ApiError {
        ApiError::new("NOT_FOUND", "The requested resource does not exist")
    }

    pub(super) fn deleted() -> ApiError {
        ApiError::new("ENTITY_IS_DELETED", "entity is deleted")
    }

    pub(super) fn no_such_key(field: &str) -> ApiError {
        ApiError::new("NOT_FOUND", format!("Provided external ID field does not exist or is not accessible: {field}"))
    }

    pub(super) fn no_such_type(object: &str) -> ApiError {
        ApiError::new("INVALID_TYPE", format!("sObject type '{object}' is not supported."))
    }

    pub(super) fn no_such_field(field: &str, object: &str) -> ApiError {
        ApiError::new("INVALID_FIELD", format!("No such column '{field}' on sobject of type {object}"))
    }

    pub(super) fn bad_id(label: &str, value: &str, field: &str) -> ApiError {
        ApiError::new("MALFORMED_ID", format!("{label}: id value of incorrect type: {}", excerpt(value))).on(field)
    }

    /// What a value of the wrong JSON type gets; `kind` as `VALUE_STRING`.
    pub(super) fn wrong_json(def: &FieldDef, kind: &str, value: &str) -> ApiError {
        let message = format!(
            "Cannot deserialize instance of {} from {kind} value {} or request may be missing a required field",
            def.kind.name(),
            excerpt(value)
        );
        ApiError::new("JSON_PARSER_ERROR", message).on(&def.name)
    }

    pub(super) fn required(fields: &[&str]) -> ApiError {
        ApiError {
            code: "REQUIRED_FIELD_MISSING",
            message: format!("Required fields are missing: [{}]", fields.join(", ")),
            fields: fields.iter().map(|f| (*f).to_owned()).collect(),
        }
    }

    pub(super) fn read_only(field: &str) -> ApiError {
        let message = format!(
            "Unable to create/update fields: {field}. Please check the security settings of this field and verify that \
             it is read/write for your profile or permission set."
        );
        ApiError::new("INVALID_FIELD_FOR_INSERT_UPDATE", message).on(field)
    }

    pub(super) fn too_long(def: &FieldDef, value: &str) -> ApiError {
        let message = format!("{}: data value too large: {} (max length={})", def.label, excerpt(value), def.length);
        ApiError::new("STRING_TOO_LONG", message).on(&def.name)
    }

    /// The message holds the 15-character id, as the real one does.
    pub(super) fn duplicate(field: &str, holder: &Id) -> ApiError {
        let message = format!("duplicate value found: {field} duplicates value on record with id: {}", holder.short());
        ApiError::new("DUPLICATE_VALUE", message)
    }

    pub(super) fn locked(id: &Id) -> ApiError {
        let message = format!("unable to obtain exclusive access to this record or 1 records: {id}");
        ApiError::new("UNABLE_TO_LOCK_ROW", message)
    }
}

/// The first 255 characters.
fn excerpt(text: &str) -> String {
    text.chars().take(255).collect()
}

/// Appends the refusals as a JSON array whose code is under `key`: `errorCode`, or `statusCode` in collections rows.
pub(super) fn write_errors(errors: &[ApiError], key: &str, out: &mut String) {
    out.push('[');
    for (n, error) in errors.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        out.push_str("{\"message\":");
        write_text(&error.message, out);
        out.push_str(&format!(",\"{key}\":\"{}\"", error.code));
        if !error.fields.is_empty() || key == "statusCode" {
            out.push_str(&format!(",\"fields\":{}", serde_json::Value::from(error.fields.clone())));
        }
        out.push('}');
    }
    out.push(']');
}
