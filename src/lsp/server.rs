//! The session: messages in, answers and findings out. Everything happens in the order in which it came.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Write};
use std::sync::mpsc::{Receiver, channel};

use gen_lsp_types as lsp;
use lsp::{Diagnostic, PublishDiagnosticsParams, Uri};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::convert::{Client, View};
use super::disk::Disk;
use super::position::Encoding;
use super::requests::{answer, capabilities};
use super::wire::{self, Incoming};
use super::workspace::{Workspace, path_of};

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to shut down, and then to exit.
    AsAsked,
    /// The editor left without a word, or asked to exit before it asked to shut down.
    Unasked,
}

/// Serves one editor until it leaves. Input is read on a thread of its own, so that what is outdated by what came after it
/// can be seen.
pub fn serve(input: impl BufRead + Send + 'static, output: &mut impl Write, disk: &dyn Disk) -> io::Result<Ended> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut input = input;
        loop {
            let read = wire::read(&mut input);
            let last = !matches!(read, Ok(Some(_)));
            if sender.send(read).is_err() || last {
                return;
            }
        }
    });
    let mut session = Session {
        output,
        workspace: Workspace::new(disk, Encoding::default()),
        client: Client::default(),
        phase: Phase::New,
        watches: false,
        published: BTreeMap::new(),
    };
    session.run(&receiver)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    New,
    Running,
    ShutDown,
}

struct Session<'d, W> {
    output: &'d mut W,
    workspace: Workspace<'d>,
    client: Client,
    phase: Phase,
    /// The editor watches files for those that ask.
    watches: bool,
    /// What the editor was told last of each file.
    published: BTreeMap<Uri, (Option<i32>, Vec<Diagnostic>)>,
}

type Read = io::Result<Option<Incoming>>;

impl<W: Write> Session<'_, W> {
    fn run(&mut self, receiver: &Receiver<Read>) -> io::Result<Ended> {
        while let Ok(first) = receiver.recv() {
            // All that has come in meanwhile is worked off before findings are made of it.
            let queue: Vec<Read> = std::iter::once(first).chain(receiver.try_iter()).collect();
            let cancelled = cancelled(&queue);
            for read in queue {
                let Some(incoming) = read? else { return Ok(Ended::Unasked) };
                match incoming {
                    Incoming::Unreadable(answer) => wire::write(self.output, answer)?,
                    Incoming::Message(message) => {
                        if let Some(ended) = self.message(*message, &cancelled)? {
                            return Ok(ended);
                        }
                    }
                }
            }
            if self.phase == Phase::Running {
                self.publish()?;
            }
        }
        Ok(Ended::Unasked)
    }

    fn message(&mut self, message: Message, cancelled: &BTreeSet<RequestId>) -> io::Result<Option<Ended>> {
        match message {
            Message::Request(request) => {
                let id = request.id.clone();
                if self.phase == Phase::Running && request.method == "shutdown" {
                    // What came before is told; nothing is after.
                    self.publish()?;
                }
                let response = match self.phase {
                    _ if cancelled.contains(&id) => refuse(id, ErrorCode::RequestCanceled, "it was cancelled"),
                    Phase::New if request.method == "initialize" => self.initialize(request),
                    Phase::New => refuse(id, ErrorCode::ServerNotInitialized, "`initialize` comes first"),
                    Phase::ShutDown => refuse(id, ErrorCode::InvalidRequest, "the session is shut down"),
                    Phase::Running if request.method == "initialize" => {
                        refuse(id, ErrorCode::InvalidRequest, "the session is initialized already")
                    }
                    Phase::Running if request.method == "shutdown" => {
                        self.phase = Phase::ShutDown;
                        Response::new_ok(id, Value::Null)
                    }
                    Phase::Running => {
                        self.workspace.check();
                        match answer(&self.workspace, &self.client, &request.method, request.params) {
                            Ok(result) => Response::new_ok(id, result),
                            Err((code, message)) => refuse(id, code, &message),
                        }
                    }
                };
                wire::write(self.output, response)?;
            }
            Message::Notification(notification) if notification.method == "exit" => {
                let asked = self.phase == Phase::ShutDown;
                return Ok(Some(if asked { Ended::AsAsked } else { Ended::Unasked }));
            }
            Message::Notification(notification) if self.phase == Phase::Running => self.notification(notification)?,
            // Answers to what we asked for; and what comes before its time.
            Message::Notification(_) | Message::Response(_) => {}
        }
        Ok(None)
    }

    fn initialize(&mut self, request: Request) -> Response {
        let params = request.params;
        let can = |path: &str| params.pointer(&format!("/capabilities/{path}")) == Some(&Value::Bool(true));
        let encodings = params.pointer("/capabilities/general/positionEncodings").and_then(Value::as_array);
        if encodings.is_some_and(|encodings| encodings.iter().any(|encoding| encoding == "utf-8")) {
            self.workspace.encoding = Encoding::Utf8;
        }
        self.client = Client {
            related_information: can("textDocument/publishDiagnostics/relatedInformation"),
            docs: params
                .pointer("/initializationOptions/docs")
                .and_then(Value::as_str)
                .and_then(|text| Uri::parse(text).ok()),
        };
        self.watches = can("workspace/didChangeWatchedFiles/dynamicRegistration");
        self.phase = Phase::Running;
        let named = params.get("workspaceFolders").and_then(Value::as_array);
        let folders = named.into_iter().flatten().filter_map(|folder| folder.get("uri"));
        let folders: Vec<Uri> = folders
            .chain(params.get("rootUri"))
            .filter_map(Value::as_str)
            .filter_map(|uri| Uri::parse(uri).ok())
            .collect();
        for folder in folders {
            self.add_folder(&folder);
        }
        Response::new_ok(
            request.id,
            json!({
                "capabilities": capabilities(self.workspace.encoding),
                "serverInfo": {"name": "syncline", "version": env!("CARGO_PKG_VERSION")},
            }),
        )
    }

    fn add_folder(&mut self, folder: &Uri) {
        if let Some(path) = path_of(folder) {
            self.workspace.add_folder(&path);
        }
    }

    fn notification(&mut self, notification: Notification) -> io::Result<()> {
        let Notification { method, params } = notification;
        match method.as_str() {
            "initialized" if self.watches => self.watch()?,
            "textDocument/didOpen" => {
                if let Some(lsp::DidOpenTextDocumentParams { text_document: document }) = read(params) {
                    self.workspace.open(document.uri, document.version, document.text);
                }
            }
            "textDocument/didChange" => {
                if let Some(lsp::DidChangeTextDocumentParams { text_document, content_changes }) = read(params) {
                    let uri = &text_document.text_document_identifier.uri;
                    self.workspace.change(uri, text_document.version, content_changes);
                }
            }
            "textDocument/didClose" => {
                if let Some(lsp::DidCloseTextDocumentParams { text_document }) = read(params) {
                    self.workspace.close(&text_document.uri);
                }
            }
            "workspace/didChangeWatchedFiles" => {
                if let Some(lsp::DidChangeWatchedFilesParams { changes }) = read(params) {
                    let paths: Vec<_> = changes.iter().filter_map(|change| path_of(&change.uri)).collect();
                    self.workspace.changed_on_disk(&paths);
                }
            }
            "workspace/didChangeWorkspaceFolders" => {
                if let Some(lsp::DidChangeWorkspaceFoldersParams { event }) = read(params) {
                    event.added.iter().for_each(|folder| self.add_folder(&folder.uri));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Asks the editor to tell of changes on disk.
    fn watch(&mut self) -> io::Result<()> {
        let watchers: Vec<Value> = WATCHED.iter().map(|pattern| json!({"globPattern": pattern})).collect();
        let registration = json!({
            "id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": {"watchers": watchers},
        });
        let params = json!({"registrations": [registration]});
        wire::write(self.output, Request::new(RequestId::from(1), "client/registerCapability".to_owned(), params))
    }

    /// Tells the findings of every file where they differ from what was told, and what else must be said.
    fn publish(&mut self) -> io::Result<()> {
        self.workspace.check();
        for message in self.workspace.messages() {
            let params = json!({"type": 2, "message": message});
            wire::write(self.output, Notification::new("window/showMessage".to_owned(), params))?;
        }
        let mut now: BTreeMap<Uri, (Option<i32>, Vec<Diagnostic>)> = BTreeMap::new();
        for project in self.workspace.projects() {
            let view = View { workspace: &self.workspace, project };
            for (file, diagnostics) in view.diagnostics(&self.client) {
                let Some(uri) = project.uris.get(file) else { continue };
                let (uri, version) = self.workspace.named(uri);
                now.insert(uri, (version, diagnostics));
            }
        }
        let gone = self.published.keys().filter(|uri| !now.contains_key(*uri)).cloned().collect::<Vec<_>>();
        now.extend(gone.into_iter().map(|uri| (uri, (None, Vec::new()))));
        for (uri, (version, diagnostics)) in now {
            let known = self.published.get(&uri);
            let new = known.map_or(version.is_some() || !diagnostics.is_empty(), |known| {
                (known.0, &known.1) != (version, &diagnostics)
            });
            if !new {
                continue;
            }
            let params = PublishDiagnosticsParams { uri: uri.clone(), version, diagnostics: diagnostics.clone() };
            wire::write(self.output, Notification::new("textDocument/publishDiagnostics".to_owned(), params))?;
            match version.is_none() && diagnostics.is_empty() {
                true => self.published.remove(&uri),
                false => self.published.insert(uri, (version, diagnostics)),
            };
        }
        Ok(())
    }
}

const WATCHED: [&str; 3] = ["**/*.sync", "**/syncline.yaml", "**/{hubspot,salesforce}.json"];

/// Params of a notification; one that cannot be read is left alone, for there is nobody to tell.
fn read<T: DeserializeOwned>(params: Value) -> Option<T> {
    serde_json::from_value(params).ok()
}

fn refuse(id: RequestId, code: ErrorCode, message: &str) -> Response {
    Response::new_err(id, code as i32, message.to_owned())
}

/// Requests that were taken back before their turn came.
fn cancelled(queue: &[Read]) -> BTreeSet<RequestId> {
    let cancels = queue.iter().filter_map(|read| match read {
        Ok(Some(Incoming::Message(message))) => match &**message {
            Message::Notification(one) if one.method == "$/cancelRequest" => one.params.get("id").cloned(),
            _ => None,
        },
        _ => None,
    });
    cancels.filter_map(read).collect()
}

#[cfg(test)]
mod tests;
