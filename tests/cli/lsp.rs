//! The language server as an editor starts it.

use std::io::Write as _;
use std::process::{Command, Stdio};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/developer-edition");

/// What the program says and how it ends, after it was told this.
fn serve(said: &[u8]) -> (String, Option<i32>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_syncline"))
        .arg("lsp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(said).unwrap();
    let ended = child.wait_with_output().unwrap();
    (String::from_utf8(ended.stdout).unwrap() + &String::from_utf8_lossy(&ended.stderr), ended.status.code())
}

fn framed(messages: &[String]) -> Vec<u8> {
    messages.iter().flat_map(|text| format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes()).collect()
}

#[test]
fn a_project_on_disk_is_read_and_the_exit_code_says_whether_the_editor_said_goodbye() {
    let root = std::path::absolute(EXAMPLE).unwrap();
    let root = url::Url::from_directory_path(root).unwrap();
    let initialize = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{"rootUri":"{root}","capabilities":{{}}}}}}"#
    );
    let rules = root.join("rules/people.sync").unwrap();
    let hover = format!(
        r#"{{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{{"textDocument":{{"uri":"{rules}"}},"position":{{"line":5,"character":9}}}}}}"#
    );
    let goodbye = [r#"{"jsonrpc":"2.0","id":3,"method":"shutdown"}"#, r#"{"jsonrpc":"2.0","method":"exit"}"#];
    let mut said = vec![initialize, hover];
    said.extend(goodbye.map(str::to_owned));
    let (heard, code) = serve(&framed(&said));
    assert!(heard.contains("HubSpot `contact`"), "the hover needs the schema on disk: {heard}");
    assert_eq!(code, Some(0), "{heard}");
    said.remove(2);
    assert_eq!(serve(&framed(&said)).1, Some(1));
    let (heard, code) = serve(b"hello\n\n");
    assert!(heard.contains("the editor's messages cannot be read on"), "{heard}");
    assert_eq!(code, Some(2));
}
