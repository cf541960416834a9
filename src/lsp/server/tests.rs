use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::*;
use crate::lsp::disk::Folder;
use crate::lsp::testing::catalogs;

/// A disk in memory: one project in `/p`, whose parts may be missing.
#[derive(Default)]
struct Memory {
    files: Mutex<Vec<(&'static str, String)>>,
    no_schemas: Mutex<bool>,
}

impl Disk for Memory {
    fn root_of(&self, path: &Path) -> Option<PathBuf> {
        path.starts_with("/p").then(|| PathBuf::from("/p"))
    }

    fn read(&self, root: &Path) -> Folder {
        let lacks = *self.no_schemas.lock().unwrap();
        let files =
            self.files.lock().unwrap().clone().into_iter().map(|(name, text)| (root.join("rules").join(name), text));
        Folder {
            root: root.to_owned(),
            rules: root.join("rules"),
            files: files.collect(),
            catalogs: (!lacks).then(catalogs),
            troubles: if lacks { vec!["there is no schema".to_owned()] } else { Vec::new() },
            depends: vec![root.join("syncline.yaml"), root.join("schemas/hubspot.json")],
        }
    }
}

const RULES: &str = "edition 2026\nsync people: hubspot contact <-> salesforce Lead {\n  match email = Email\n  map newest wins {\n    email <-> Email  or reject\n  }\n}\n";

/// What an editor says, and then all that it hears.
fn session(disk: &Memory, said: &[Value]) -> (io::Result<Ended>, Vec<Value>) {
    let mut input = Vec::new();
    let end = [request(99, "shutdown", Value::Null), note("exit", Value::Null)];
    let ends = said.iter().any(|message| message["method"] == "exit") || said.is_empty();
    for message in said.iter().chain(end.iter().filter(|_| !ends)) {
        wire::write(&mut input, message).unwrap();
    }
    let mut output = Vec::new();
    let ended = serve(io::Cursor::new(input), &mut output, disk);
    let mut heard = Vec::new();
    let mut rest = output.as_slice();
    while let Some(incoming) = wire::read(&mut rest).unwrap() {
        heard.push(match incoming {
            Incoming::Message(message) => serde_json::to_value(&*message).unwrap(),
            Incoming::Unreadable(value) => value,
        });
    }
    (ended, heard)
}

fn request(id: i32, method: &str, params: Value) -> Value {
    json!({"id": id, "method": method, "params": params})
}

fn note(method: &str, params: Value) -> Value {
    json!({"method": method, "params": params})
}

fn initialize() -> Value {
    let files = json!({"didChangeWatchedFiles": {"dynamicRegistration": true}});
    let params = json!({"capabilities": {"workspace": files}, "workspaceFolders": [{"uri": "file:///p", "name": "p"}]});
    request(1, "initialize", params)
}

fn opened(name: &str, text: &str) -> Value {
    note(
        "textDocument/didOpen",
        json!({"textDocument": {"uri": format!("file://{name}"), "languageId": "sync", "version": 1, "text": text}}),
    )
}

fn published(heard: &[Value]) -> Vec<(String, Value, usize)> {
    let of = |message: &&Value| message["method"] == "textDocument/publishDiagnostics";
    let told = heard.iter().filter(of).map(|message| {
        let params = &message["params"];
        let uri = params["uri"].as_str().unwrap().to_owned();
        (uri, params["version"].clone(), params["diagnostics"].as_array().unwrap().len())
    });
    told.collect()
}

fn answer_to(heard: &[Value], id: i32) -> Value {
    heard.iter().find(|message| message["id"] == id && message.get("method").is_none()).cloned().unwrap_or_default()
}

#[test]
fn findings_come_with_the_version_go_when_mended_and_files_that_are_not_open_have_theirs() {
    let disk = Memory::default();
    disk.files
        .lock()
        .unwrap()
        .extend([("a.sync", RULES.to_owned()), ("b.sync", "edition 2026\nvalues x { 1 ".to_owned())]);
    let change = |version: i32, line: u32, from: u32, to: u32, text: &str| {
        let range = json!({"start": {"line": line, "character": from}, "end": {"line": line, "character": to}});
        let document = json!({"uri": "file:///p/rules/a.sync", "version": version});
        note(
            "textDocument/didChange",
            json!({"textDocument": document, "contentChanges": [{"range": range, "text": text}]}),
        )
    };
    let mut faulty = session(
        &disk,
        &[initialize(), note("initialized", json!({})), opened("/p/rules/a.sync", RULES), change(2, 4, 4, 9, "emial")],
    )
    .1;
    let told = published(&faulty);
    assert_eq!(
        told.iter().find(|(uri, ..)| uri.ends_with("a.sync")),
        Some(&("file:///p/rules/a.sync".into(), json!(2), 1))
    );
    assert_eq!(
        told.iter().find(|(uri, ..)| uri.ends_with("b.sync")).map(|(_, version, count)| (version, *count > 0)),
        Some((&Value::Null, true))
    );
    let finding =
        faulty.iter().find(|message| message["params"]["version"] == 2).unwrap()["params"]["diagnostics"][0].clone();
    assert_eq!((&finding["code"], &finding["range"]["start"]), (&json!("N102"), &json!({"line": 4, "character": 4})));
    assert!(finding["message"].as_str().unwrap().contains("did you mean `email`?"), "{finding}");
    assert!(faulty.iter().any(|message| message["method"] == "client/registerCapability"), "asks for changes on disk");

    let shut = [request(8, "shutdown", Value::Null), note("exit", Value::Null)];
    let mut said = vec![initialize(), opened("/p/rules/a.sync", RULES), change(2, 4, 4, 9, "emial")];
    said.push(change(3, 4, 4, 9, "email"));
    said.extend(shut);
    let (ended, heard) = session(&disk, &said);
    faulty = heard;
    assert_eq!(ended.unwrap(), Ended::AsAsked);
    assert_eq!(answer_to(&faulty, 8)["result"], Value::Null);
}

#[test]
fn changed_schemas_and_deleted_files_are_taken_up() {
    let disk = Memory::default();
    *disk.no_schemas.lock().unwrap() = true;
    disk.files.lock().unwrap().push(("a.sync", RULES.replace("email <->", "emial <->")));
    let mut workspace = Workspace::new(&disk, Encoding::Utf16);
    workspace.add_folder(Path::new("/p"));
    let counts = |workspace: &Workspace<'_>| -> Vec<usize> {
        workspace.projects().map(|project| project.analysis.findings.len()).collect()
    };
    assert_eq!(
        (counts(&workspace), workspace.messages()),
        (vec![0], vec!["there is no schema".to_owned()]),
        "only syntax"
    );
    *disk.no_schemas.lock().unwrap() = false;
    workspace.changed_on_disk(&[PathBuf::from("/elsewhere/hubspot.json")]);
    assert_eq!(counts(&workspace), [0]);
    workspace.changed_on_disk(&[PathBuf::from("/p/schemas/hubspot.json")]);
    assert_eq!((counts(&workspace), workspace.messages()), (vec![1], Vec::new()));
    disk.files.lock().unwrap().clear();
    workspace.changed_on_disk(&[PathBuf::from("/p/rules/a.sync")]);
    assert_eq!(workspace.projects().map(|project| project.uris.len()).sum::<usize>(), 0);
}

#[test]
fn outside_of_projects_the_syntax_is_checked_and_that_is_said_once() {
    let disk = Memory::default();
    let said = [
        initialize(),
        opened("/tmp/x.sync", "edition 2026\nsync"),
        opened("/tmp/y.sync", "edition 2026\nzone \"a"),
        opened("/p/other/z.sync", "edition 2026\n}"),
    ];
    let (_, heard) = session(&disk, &said);
    let told = published(&heard);
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|(_, version, count)| *version == 1 && *count > 0), "{told:?}");
    assert_eq!(
        heard.iter().filter(|message| message["method"] == "window/showMessage").count(),
        2,
        "one for each reason"
    );
}

#[test]
fn the_session_follows_the_protocol() {
    let disk = Memory::default();
    let hover = |id: i32| {
        request(
            id,
            "textDocument/hover",
            json!({"textDocument": {"uri": "file:///p/rules/a.sync"}, "position": {"line": 4, "character": 5}}),
        )
    };
    let said = [
        hover(2),
        initialize(),
        request(3, "initialize", json!({})),
        opened("/p/rules/a.sync", RULES),
        hover(4),
        request(5, "no/such", json!({})),
        request(6, "textDocument/hover", json!({"textDocument": 1})),
        request(7, "shutdown", Value::Null),
        hover(9),
        note("exit", Value::Null),
    ];
    let (ended, heard) = session(&disk, &said);
    assert_eq!(ended.unwrap(), Ended::AsAsked);
    let code = |id: i32| answer_to(&heard, id)["error"]["code"].clone();
    assert_eq!([2, 3, 5, 6, 9].map(code), [-32002, -32600, -32601, -32602, -32600].map(|code| json!(code)));
    assert_eq!(answer_to(&heard, 1)["result"]["capabilities"]["positionEncoding"], "utf-16");
    assert!(answer_to(&heard, 4)["result"]["contents"]["value"].as_str().unwrap().starts_with("**email**"));

    let (ended, _) = session(&disk, &[initialize(), note("exit", Value::Null)]);
    assert_eq!(ended.unwrap(), Ended::Unasked);
    assert_eq!(session(&disk, &[]).0.unwrap(), Ended::Unasked);
}

#[test]
fn a_request_that_was_taken_back_before_its_turn_is_not_answered_with_a_result() {
    let read = |value: Value| -> Read { wire::read(&mut framed(&value).as_slice()) };
    let queue = [read(request(5, "textDocument/hover", json!({}))), read(note("$/cancelRequest", json!({"id": 5})))];
    assert_eq!(cancelled(&queue), BTreeSet::from([RequestId::from(5)]));
}

fn framed(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    wire::write(&mut bytes, value).unwrap();
    bytes
}

#[test]
fn hostile_messages_and_places_are_survived() {
    let disk = Memory::default();
    let far = json!({"line": u32::MAX, "character": u32::MAX});
    let mut said = vec![initialize(), opened("/p/rules/a.sync", RULES)];
    let document = |uri: &str| json!({"uri": uri, "version": 7});
    for uri in ["file:///p/rules/a.sync", "file:///p/rules/none.sync", "untitled:x", "http://[::1]/"] {
        let change = json!({"range": {"start": far, "end": {"line": 0, "character": 3}}, "text": "{{{"});
        said.push(note("textDocument/didChange", json!({"textDocument": document(uri), "contentChanges": [change]})));
    }
    said.push(note("textDocument/didChange", json!({"textDocument": 1})));
    said.push(note("textDocument/didClose", json!({"textDocument": {"uri": "file:///nowhere"}})));
    said.push(note("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": "untitled:x", "type": 9}]})));
    let methods = [
        "completion",
        "hover",
        "definition",
        "references",
        "prepareRename",
        "rename",
        "documentSymbol",
        "foldingRange",
        "semanticTokens/full",
        "codeAction",
        "formatting",
    ];
    for (at, method) in methods.iter().enumerate() {
        for (more, uri) in ["file:///p/rules/a.sync", "untitled:none"].iter().enumerate() {
            let params = json!({"textDocument": {"uri": uri}, "position": far, "range": {"start": far, "end": far}, "newName": "x", "context": {"diagnostics": []},
                "options": {"tabSize": 2, "insertSpaces": true}});
            said.push(request((10 + 2 * at + more) as i32, &format!("textDocument/{method}"), params));
        }
    }
    said.extend([request(99, "shutdown", Value::Null), note("exit", Value::Null)]);
    let (ended, heard) = session(&disk, &said);
    assert_eq!(ended.unwrap(), Ended::AsAsked);
    for id in 10..10 + 2 * methods.len() as i32 {
        let answer = answer_to(&heard, id);
        let code = &answer["error"]["code"];
        assert!(answer.get("result").is_some() || *code == -32803 || *code == -32601, "{id}: {answer}");
    }
}
