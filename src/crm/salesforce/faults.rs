//! Salesforce's errors, in the port's words.

use std::time::Duration;

use serde_json::Value;

use crate::crm::http::{Answer, parse};
use crate::crm::{CallError, CallErrorKind, Category, Effect, Fault, Retry, TypeRead};

/// A call that was refused whole: nothing of it was carried out.
pub(super) fn refused(answer: &Answer) -> CallError {
    let body: Value = parse(&answer.body, &mut Vec::new()).unwrap_or_default();
    let (code, message) = first(&body);
    let kind = match (answer.status.as_u16(), code.as_str()) {
        (_, "INVALID_QUERY_LOCATOR") => CallErrorKind::Cursor,
        (403, _) | (_, "INSUFFICIENT_ACCESS" | "API_DISABLED_FOR_ORG") => CallErrorKind::Denied,
        _ => CallErrorKind::Refused,
    };
    let text = match message.is_empty() {
        true => format!("Salesforce refuses the call ({})", answer.status),
        false => format!("Salesforce refuses the call: {} ({code})", plain(&message)),
    };
    CallError { effect: Effect::None, kind, text }
}

/// A part of a composite that failed.
pub(super) fn part(status: u16, body: &str) -> CallError {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let (code, message) = first(&body);
    let kind = match code.as_str() {
        "INVALID_QUERY_LOCATOR" => CallErrorKind::Cursor,
        "INSUFFICIENT_ACCESS" | "INVALID_TYPE" => CallErrorKind::Denied,
        "QUERY_TIMEOUT" | "SERVER_UNAVAILABLE" | "UNKNOWN_EXCEPTION" => CallErrorKind::Down,
        _ if status >= 500 => CallErrorKind::Down,
        _ => CallErrorKind::Refused,
    };
    let effect = if status >= 500 { Effect::Maybe } else { Effect::None };
    CallError { effect, kind, text: format!("Salesforce answers {status}: {} ({code})", plain(&message)) }
}

pub(super) fn local(text: String) -> CallError {
    CallError { effect: Effect::None, kind: CallErrorKind::Shape, text }
}

fn first(body: &Value) -> (String, String) {
    let error = body.as_array().and_then(|all| all.first()).unwrap_or(body);
    let text = |key: &str| error.get(key).and_then(Value::as_str);
    let code = text("errorCode").or(text("statusCode")).or(text("error")).unwrap_or("NO_CODE");
    (code.to_owned(), text("message").unwrap_or_default().to_owned())
}

/// One row's error: `statusCode` in collections, `errorCode` elsewhere.
pub(super) fn fault(errors: &Value, read: Option<&TypeRead>) -> Fault {
    let (code, message) = first(errors);
    let error = errors.as_array().and_then(|all| all.first()).unwrap_or(errors);
    let named = error.get("fields").and_then(Value::as_array).and_then(|all| all.first()).and_then(Value::as_str);
    let named = named.or_else(|| in_text(&code, &message));
    let field = named.and_then(|name| read?.fields.iter().find(|field| field.name == name)).map(|field| field.uid);
    let (category, retry) = judge(&code, &message);
    Fault { category, code, field, message: plain(&message), retry }
}

/// The field that an error names only in its text.
fn in_text<'a>(code: &str, message: &'a str) -> Option<&'a str> {
    match code {
        // No such column 'Nope__c' on sobject of type Lead
        "INVALID_FIELD" => message.split('\'').nth(1),
        // Unable to create/update fields: Nope__c, More__c. Please check …
        "INVALID_FIELD_FOR_INSERT_UPDATE" => message.split("fields: ").nth(1)?.split([',', '.', ' ']).next(),
        _ => None,
    }
}

fn judge(code: &str, message: &str) -> (Category, Retry) {
    let soon = Retry::Later(Duration::from_secs(20));
    match code {
        "UNABLE_TO_LOCK_ROW" => (Category::Locked, soon),
        _ if message.contains("UNABLE_TO_LOCK_ROW") => (Category::Locked, soon),
        "ENTITY_IS_DELETED" | "NOT_FOUND" => (Category::Gone, Retry::WhenChanged),
        "CANNOT_UPDATE_CONVERTED_LEAD" => (Category::Redirected, Retry::WhenChanged),
        "DUPLICATE_VALUE" | "DUPLICATES_DETECTED" | "DUPLICATE_EXTERNAL_ID" => {
            (Category::Duplicate, Retry::WhenChanged)
        }
        "INSUFFICIENT_ACCESS" | "INSUFFICIENT_ACCESS_OR_READONLY" | "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY" => {
            (Category::Rights, Retry::WhenChanged)
        }
        "SERVER_UNAVAILABLE"
        | "UNKNOWN_EXCEPTION"
        | "REQUEST_RUNNING_TOO_LONG"
        | "ALL_OR_NONE_OPERATION_ROLLED_BACK"
        | "PROCESSING_HALTED" => (Category::Other, Retry::Later(Duration::from_secs(60))),
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE" | "ENTITY_IS_LOCKED" => {
            (Category::Locked, Retry::Later(Duration::from_secs(600)))
        }
        _ => (Category::Value, Retry::WhenChanged),
    }
}

/// What Salesforce says, on one line. Of a query it shows the place of the fault first, over three lines.
fn plain(text: &str) -> String {
    let behind = text.rsplit_once("ERROR at Row:").and_then(|(_, rest)| rest.split_once('\n'));
    let said = behind.map(|(_, said)| said).filter(|said| !said.trim().is_empty()).unwrap_or(text);
    said.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_a_query_is_told_on_one_line() {
        let message = "\nEmail,Ghost__c FROM Lead\n      ^\nERROR at Row:1:Column:7\nNo such column 'Ghost__c' on entity\n 'Lead'.";
        assert_eq!(plain(message), "No such column 'Ghost__c' on entity 'Lead'.");
        for same in ["", "duplicate value found", "ERROR at Row:1:Column:7"] {
            assert_eq!(plain(same), same);
        }
        assert_eq!(plain("ERROR at Row:1\n "), "ERROR at Row:1");
    }
}
