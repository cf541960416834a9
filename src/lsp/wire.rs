//! Messages as bytes: a header with the length, then JSON.
//!
//! Framing is our own: that of the `lsp-server` crate ends the session at the first message it cannot read, and takes as
//! much memory as a header asks for.

use std::io::{self, BufRead, Read, Write};

use lsp_server::{ErrorCode, Message};
use serde_json::{Value, json};

/// Longest message that is read, in bytes.
const LONGEST: usize = 64 * 1024 * 1024;
/// Longest line of a header.
const LONGEST_HEADER: u64 = 8 * 1024;

/// What came in.
#[derive(Debug)]
pub enum Incoming {
    Message(Box<Message>),
    /// A message that is none; the answer to it.
    Unreadable(Value),
}

/// The next message; none at the end of the stream. An error means that where the next one starts is not known.
pub fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let Some(length) = header(input)? else { return Ok(None) };
    let mut bytes = Vec::new();
    input.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Ok(None);
    }
    let value: Value = match serde_json::from_slice(&bytes) {
        Ok(value) => value,
        Err(error) => return Ok(Some(refusal(Value::Null, ErrorCode::ParseError, &error.to_string()))),
    };
    let id = value.get("id").cloned();
    Ok(Some(match serde_json::from_value(value) {
        // Without a method it is the answer to a request of ours, or nothing.
        Ok(Message::Notification(_)) if id.is_some() => {
            refusal(id.unwrap_or_default(), ErrorCode::InvalidRequest, "the id is neither a number nor a text")
        }
        Ok(message) => Incoming::Message(Box::new(message)),
        Err(_) => refusal(id.unwrap_or_default(), ErrorCode::InvalidRequest, "this is no message of the protocol"),
    }))
}

fn refusal(id: Value, code: ErrorCode, message: &str) -> Incoming {
    Incoming::Unreadable(json!({"id": id, "error": {"code": code as i32, "message": message}}))
}

/// The length that the header tells; none at the end of the stream.
fn header(input: &mut impl BufRead) -> io::Result<Option<usize>> {
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut length = None;
    loop {
        let mut line = Vec::new();
        input.take(LONGEST_HEADER).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        let Some(line) = line.strip_suffix(b"\n") else { return Err(wrong("a header without its end")) };
        let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line));
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| wrong("a header without a colon"))?;
        if name.trim().eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<usize>().ok();
        }
    }
    match length {
        Some(length) if length <= LONGEST => Ok(Some(length)),
        Some(_) => Err(wrong("a message that is too long")),
        None => Err(wrong("a message without its length")),
    }
}

/// Writes a message, whole.
pub fn write(output: &mut impl Write, message: impl serde::Serialize) -> io::Result<()> {
    let mut value = serde_json::to_value(message)?;
    if let Value::Object(fields) = &mut value {
        fields.insert("jsonrpc".to_owned(), "2.0".into());
    }
    let text = value.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(text: &str) -> Vec<u8> {
        format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes()
    }

    #[test]
    fn a_message_that_cannot_be_read_does_not_end_the_stream() {
        let mut stream = Vec::new();
        stream.extend(framed("{\"nonsense\": "));
        stream.extend(framed("{\"id\": 7, \"params\": 1}"));
        stream.extend(framed("{\"id\": 1.5, \"method\": \"shutdown\"}"));
        stream.extend(framed("[1]"));
        let last = r#"{"method": "a\ud83d\ude00", "params": {"b": [1, 2]}}"#;
        stream.extend(format!("content-length:{}\nContent-Type: x\r\n\r\n{last}", last.len()).bytes());
        let mut input = stream.as_slice();
        for (id, code) in [(json!(null), -32700), (json!(7), -32600), (json!(1.5), -32600), (json!(null), -32600)] {
            let Some(Incoming::Unreadable(answer)) = read(&mut input).unwrap() else { panic!("{id}") };
            assert_eq!((&answer["id"], &answer["error"]["code"]), (&id, &json!(code)));
        }
        let Some(Incoming::Message(message)) = read(&mut input).unwrap() else { panic!("a notification") };
        let Message::Notification(message) = *message else { panic!("{message:?}") };
        assert_eq!(message.method, "a😀");
        assert!(read(&mut input).unwrap().is_none());
    }

    #[test]
    fn lengths_that_cannot_be_are_refused_before_memory_is_taken() {
        for head in ["Content-Length: 99999999999999\r\n\r\n", "Content-Length: -1\r\n\r\n", "a\r\n\r\n", "\r\n"] {
            assert!(read(&mut head.as_bytes()).is_err(), "{head:?}");
        }
        assert!(read(&mut "Content-Length: 5\r\n\r\n{".as_bytes()).unwrap().is_none(), "cut off");
        assert!(read(&mut "x".repeat(20_000).as_bytes()).is_err());
        assert!(read(&mut io::empty()).unwrap().is_none());
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut bytes = Vec::new();
        write(&mut bytes, json!({"method": "ä", "params": null})).unwrap();
        assert!(matches!(read(&mut bytes.as_slice()).unwrap(), Some(Incoming::Message(_))));
    }
}
