//! Bodies as JSON: whole or not at all, with a depth that cannot hurt.

use serde::Deserialize;

use crate::crm::{CallError, CallErrorKind, Effect};

/// An answer that is not what the API promises. What it was an answer to may have happened.
pub fn shape(text: impl Into<String>) -> CallError {
    CallError { effect: Effect::Maybe, kind: CallErrorKind::Shape, text: text.into() }
}

/// Reads a body. Half a surrogate pair, which JSON allows to be written and no text can hold, becomes U+FFFD rather than
/// costing the page; parts that are kept unread are mended too. (serde_json refuses nesting deeper than 128 by itself.)
pub fn parse<'a, T: Deserialize<'a>>(body: &'a [u8], mended: &'a mut Vec<u8>) -> Result<T, CallError> {
    let body = match mend_surrogates(body) {
        None => body,
        Some(whole) => {
            *mended = whole;
            mended
        }
    };
    serde_json::from_slice(body).map_err(|error| not_json(body, &error))
}

fn not_json(body: &[u8], error: &serde_json::Error) -> CallError {
    let start = String::from_utf8_lossy(&body[..body.len().min(512)]).trim_start().to_ascii_lowercase();
    if start.starts_with("<!doctype") || start.starts_with("<html") {
        return shape("the server answered with a web page instead of data");
    }
    if body.is_empty() {
        return shape("the server answered with nothing");
    }
    match error.classify() {
        serde_json::error::Category::Eof => shape(format!("the answer is cut off after {} bytes", body.len())),
        _ => shape(format!("the answer is not the JSON that was promised: {error}")),
    }
}

/// Replaces `\ud800`-`\udfff` escapes that have no partner; `None` where there are none.
fn mend_surrogates(body: &[u8]) -> Option<Vec<u8>> {
    let mut lone = Vec::new();
    let mut at = 0;
    while let Some(next) = body.get(at..)?.iter().position(|byte| *byte == b'\\') {
        at += next;
        at += match (unit(body, at), unit(body, at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                lone.push(at);
                6
            }
            (Some(_), _) => 6,
            (None, _) => 2,
        };
    }
    let mut whole = (!lone.is_empty()).then(|| body.to_vec())?;
    lone.iter().for_each(|at| whole[at + 2..at + 6].copy_from_slice(b"fffd"));
    Some(whole)
}

fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let escape = bytes.get(at..at + 6)?;
    (escape.starts_with(b"\\u")).then_some(())?;
    u16::from_str_radix(std::str::from_utf8(&escape[2..]).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<serde_json::Value, CallError> {
        parse(body.as_bytes(), &mut Vec::new())
    }

    #[test]
    fn half_a_surrogate_pair_does_not_cost_the_page() {
        let value = read(r#"{"a":"x\ud800y","b":"\ud83d\ude00","c":"\\ud800"}"#).unwrap();
        assert_eq!(value["a"], "x\u{fffd}y");
        assert_eq!(value["b"], "😀");
        assert_eq!(value["c"], "\\ud800");
        let mut mended = Vec::new();
        let unread: &serde_json::value::RawValue = parse(br#"["x\uDFFF", "\u00e4\n"]"#, &mut mended).unwrap();
        assert_eq!(unread.get(), r#"["x\ufffd", "\u00e4\n"]"#);
    }

    #[test]
    fn what_is_not_json_says_what_it_is() {
        for (body, said) in [
            ("<!DOCTYPE html><html>", "web page"),
            ("", "nothing"),
            ("{\"results\":[{\"id\"", "cut off after 17 bytes"),
            ("{]", "not the JSON"),
        ] {
            let text = read(body).unwrap_err().text;
            assert!(text.contains(said), "{body}: {text}");
        }
        assert!(read(&"[".repeat(100_000)).is_err(), "depth is bounded");
    }
}
