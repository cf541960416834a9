//! HubSpot's errors, in the port's words.

use serde_json::Value;

use crate::crm::http::{Answer, parse};
use crate::crm::{CallError, CallErrorKind, Category, Effect, Fault, Retry, TypeRead};

/// A call that was refused whole: nothing of it was carried out.
pub(super) fn refused(answer: &Answer) -> CallError {
    let body: Value = parse(&answer.body, &mut Vec::new()).unwrap_or_default();
    let said = body.get("message").and_then(Value::as_str).unwrap_or("no reason given");
    let kind = match answer.status.as_u16() {
        403 => CallErrorKind::Denied,
        _ => CallErrorKind::Refused,
    };
    CallError { effect: Effect::None, kind, text: format!("HubSpot refuses ({}): {}", answer.status, plain(said)) }
}

/// A page that was refused: where it should have begun, HubSpot may not know any more.
pub(super) fn page(answer: &Answer, after: Option<&str>) -> CallError {
    let error = refused(answer);
    match (answer.status.as_u16(), after) {
        (400, Some(_)) => CallError { kind: CallErrorKind::Cursor, ..error },
        _ => error,
    }
}

pub(super) fn local(text: String) -> CallError {
    CallError { effect: Effect::None, kind: CallErrorKind::Shape, text }
}

/// One error of a batch, or the error of a whole call laid to one record.
pub(super) fn fault(error: &Value, read: Option<&TypeRead>) -> Fault {
    let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
    let (category, message) = (text("category"), text("message"));
    let first = error.get("errors").and_then(Value::as_array).and_then(|all| all.first());
    let inner = first.and_then(|inner| inner.get("code")).and_then(Value::as_str);
    let code = inner.or_else(|| embedded(message, "error")).unwrap_or(category);
    let property = [first, Some(error)]
        .into_iter()
        .flatten()
        .find_map(|error| error.pointer("/context/propertyName/0")?.as_str())
        .or_else(|| embedded(message, "name"));
    let field = property.and_then(|name| read?.fields.iter().find(|field| field.name == name)).map(|field| field.uid);
    let what = match (category, code) {
        ("CONFLICT", _) | (_, "CONFLICTING_UNIQUE_VALUE") => Category::Duplicate,
        ("OBJECT_NOT_FOUND", _) => Category::Gone,
        ("MISSING_SCOPES" | "USER_DOES_NOT_HAVE_PERMISSIONS", _) => Category::Rights,
        ("VALIDATION_ERROR", _) => Category::Value,
        _ => Category::Other,
    };
    let code = if code.is_empty() { "REFUSED" } else { code };
    Fault { category: what, code: code.into(), field, message: plain(message), retry: Retry::WhenChanged }
}

/// The id in `Contact already exists. Existing ID: 123`: the API names it nowhere else.
pub(super) fn existing_id(error: &Value) -> Option<Box<str>> {
    let message = error.get("message")?.as_str()?;
    let rest = message.split("Existing ID:").nth(1)?.trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| digits.into())
}

/// `Property values were not valid: [{…"name":"x"…}]` holds JSON inside its text.
fn embedded<'a>(message: &'a str, key: &str) -> Option<&'a str> {
    let list = &message[message.find('[')?..];
    let at = list.find(&format!("\"{key}\":\""))? + key.len() + 4;
    list.get(at..)?.split('"').next()
}

/// What HubSpot says, without the JSON that some of its texts hold: `Property "x" does not exist`.
fn plain(message: &str) -> String {
    let listed = message.find('[').and_then(|at| serde_json::from_str::<Vec<Value>>(message.get(at..)?).ok());
    let mut said: Vec<&str> = Vec::new();
    for text in listed.iter().flatten().filter_map(|one| one.get("message").and_then(Value::as_str)) {
        if !said.contains(&text) {
            said.push(text);
        }
    }
    match said.is_empty() {
        true => cut(message),
        false => cut(&said.join("; ")),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_inside_a_text_is_told_in_words() {
        let one =
            r#"{"isValid":false,"message":"Property \"x\" does not exist","error":"PROPERTY_DOESNT_EXIST","name":"x"}"#;
        let message = format!("Property values were not valid: [{one},{one}]");
        assert_eq!(plain(&message), "Property \"x\" does not exist");
        let found = fault(&serde_json::json!({"category": "VALIDATION_ERROR", "message": message}), None);
        assert_eq!((&*found.code, found.message.as_str()), ("PROPERTY_DOESNT_EXIST", "Property \"x\" does not exist"));
        for same in ["Contact already exists. Existing ID: 101", "[", "x [1, 2]", "[{}]"] {
            assert_eq!(plain(same), same);
        }
    }
}
