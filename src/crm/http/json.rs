//! Bodies as JSON: whole or not at all, with a depth that cannot hurt.

use serde::Deserialize;

use crate::crm::{CallError, CallErrorKind, Effect};

/// An answer that is not what the API promises. What it was an answer to may have happened.
pub fn shape(text: impl Into<String>) -> CallError {
    CallError { effect: Effect::Maybe, kind: CallErrorKind::Shape, text: text.into() }
}

/// Reads a body. Half a surrogate pair, which JSON allows to be written and no text can hold, becomes U+FFFD rather than
/// costing the page. (serde_json refuses nesting deeper than 128 by itself.)
pub fn parse<'a, T: Deserialize<'a>>(body: &'a [u8], mended: &'a mut Vec<u8>) -> Result<T, CallError> {
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        Err(error) if has_escape(body) => {
            *mended = mend_surrogates(body);
            serde_json::from_slice(mended).map_err(|_| not_json(body, &error))
        }
        Err(error) => Err(not_json(body, &error)),
    }
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

fn has_escape(body: &[u8]) -> bool {
    body.windows(3).any(|w| w[0] == b'\\' && w[1] == b'u' && (w[2] == b'd' || w[2] == b'D'))
}

/// Replaces `\ud800`-`\udfff` escapes that have no partner.
fn mend_surrogates(body: &[u8]) -> Vec<u8> {
    let mut out = body.to_vec();
    let mut at = 0;
    while at + 1 < out.len() {
        if out[at] != b'\\' {
            at += 1;
            continue;
        }
        if out[at + 1] != b'u' {
            at += 2;
            continue;
        }
        match (unit(&out, at), unit(&out, at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => at += 12,
            (Some(0xd800..=0xdfff), _) => {
                out[at + 2..at + 6].copy_from_slice(b"fffd");
                at += 6;
            }
            _ => at += 6,
        }
    }
    out
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
