//! The requests of an editor, each answered from one state of a project.

use gen_lsp_types as lsp;
use lsp::TextDocumentPositionParams;
use lsp_server::ErrorCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use syncline_grammar::Span;

use super::convert::{Client, View, legend};
use super::position::Encoding;
use super::rename::RenameError;
use super::workspace::Workspace;
use super::{actions, completion, folding, formatting, highlight, hover, references, rename, symbols};

type Answer = Result<Value, (ErrorCode, String)>;

/// The source action that applies every safe fix of a file.
const FIX_ALL: &str = "source.fixAll.syncline";

pub fn capabilities(encoding: Encoding) -> Value {
    json!({
        "positionEncoding": match encoding { Encoding::Utf8 => "utf-8", Encoding::Utf16 => "utf-16" },
        "textDocumentSync": {"openClose": true, "change": 2},
        "completionProvider": {"triggerCharacters": [".", "\"", "{", " "]},
        "hoverProvider": true,
        "definitionProvider": true,
        "referencesProvider": true,
        "renameProvider": {"prepareProvider": true},
        "documentFormattingProvider": true,
        "documentSymbolProvider": true,
        "foldingRangeProvider": true,
        "semanticTokensProvider": {"legend": legend(), "full": true},
        "codeActionProvider": {"codeActionKinds": ["quickfix", FIX_ALL]},
        "workspace": {"workspaceFolders": {"supported": true, "changeNotifications": true}},
    })
}

/// The answer to a request. Of documents that are not known, nothing.
pub fn answer(workspace: &Workspace<'_>, client: &Client, method: &str, params: Value) -> Answer {
    match method {
        "textDocument/completion" => at(workspace, params, |view, file, offset| {
            value(view.completion(file, completion::complete(&view.project.analysis, file, offset as usize)))
        }),
        "textDocument/hover" => at(workspace, params, |view, file, offset| {
            let Some(found) = hover::hover(&view.project.analysis, file, offset) else { return Ok(Value::Null) };
            let range = view.range(file, found.span);
            value(json!({"contents": {"kind": "markdown", "value": found.text}, "range": range}))
        }),
        "textDocument/definition" => at(workspace, params, |view, file, offset| {
            let symbol = references::symbol_at(&view.project.analysis, file, offset);
            let spot = symbol.and_then(|(_, symbol)| references::definition(&view.project.analysis, &symbol));
            value(spot.and_then(|spot| view.location(spot.file, spot.span)))
        }),
        "textDocument/references" => {
            let declares = params.pointer("/context/includeDeclaration") != Some(&Value::Bool(false));
            at(workspace, params, |view, file, offset| {
                let symbol = references::symbol_at(&view.project.analysis, file, offset);
                let spots = symbol.map(|(_, symbol)| references::spots(&view.project.analysis, &symbol));
                let spots = spots.into_iter().flatten().filter(|spot| declares || !spot.declares);
                value(spots.filter_map(|spot| view.location(spot.file, spot.span)).collect::<Vec<_>>())
            })
        }
        "textDocument/prepareRename" => {
            at(workspace, params, |view, file, offset| match rename::prepare(&view.project.analysis, file, offset) {
                Ok((span, name)) => value(json!({"range": view.range(file, span), "placeholder": name})),
                Err(RenameError::NothingHere) => Ok(Value::Null),
                Err(error) => Err((ErrorCode::RequestFailed, error.to_string())),
            })
        }
        "textDocument/rename" => {
            let new = params.get("newName").and_then(Value::as_str).unwrap_or("").to_owned();
            at(workspace, params, |view, file, offset| {
                match rename::rename(&view.project.analysis, file, offset, &new) {
                    Ok(edits) => value(view.edit(&edits)),
                    Err(error) => Err((ErrorCode::RequestFailed, error.to_string())),
                }
            })
        }
        "textDocument/documentSymbol" => of_file(workspace, params, |view, file| {
            let analysis = &view.project.analysis;
            let found = analysis.tree(file).map(|tree| symbols::symbols(tree, analysis.text(file)));
            value(view.symbols(file, found.unwrap_or_default()))
        }),
        "textDocument/foldingRange" => of_file(workspace, params, |view, file| {
            let analysis = &view.project.analysis;
            let folds = folding::folds(analysis.text(file), analysis.comments(file));
            let folds = folds.into_iter().map(|(start, end, comment)| {
                let kind = if comment { "comment" } else { "region" };
                json!({"startLine": start, "endLine": end, "kind": kind})
            });
            Ok(folds.collect())
        }),
        "textDocument/semanticTokens/full" => of_file(workspace, params, |view, file| {
            value(view.tokens(file, &highlight::colours(&view.project.analysis, file)))
        }),
        // The width of a tab is not asked for: there is one form.
        "textDocument/formatting" => {
            of_file(workspace, params, |view, file| match formatting::formatting(&view.project.analysis, file) {
                Ok(edit) => {
                    let edit = edit.map(|edit| json!({"range": view.range(file, edit.span), "newText": edit.text}));
                    value(edit.into_iter().collect::<Vec<_>>())
                }
                Err(changed) => Err((ErrorCode::RequestFailed, format!("formatting would change {changed}"))),
            })
        }
        "textDocument/codeAction" => code_actions(workspace, client, params),
        _ => Err((ErrorCode::MethodNotFound, format!("`{method}` is not served"))),
    }
}

fn code_actions(workspace: &Workspace<'_>, client: &Client, params: Value) -> Answer {
    let range: lsp::Range = params.get("range").cloned().map_or_else(|| Ok(lsp::Range::default()), read)?;
    let only = params.pointer("/context/only").and_then(Value::as_array).cloned();
    // `source` asks for `source.fixAll` too.
    let wanted = |kind: &str| {
        only.as_ref().is_none_or(|only| {
            let asked = only.iter().filter_map(Value::as_str);
            asked
                .into_iter()
                .any(|asked| kind.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
        })
    };
    of_file(workspace, params, |view, file| {
        let analysis = &view.project.analysis;
        let Some(lines) = view.project.lines(file) else { return Ok(Value::Null) };
        let offset = |place| lines.offset(analysis.text(file), place, view.workspace.encoding);
        let span = Span::new(offset(range.start), offset(range.end));
        let found = actions::actions(analysis, file, span).into_iter().filter_map(|action| {
            let kind = if action.finding.is_some() { "quickfix" } else { FIX_ALL };
            let finding = action.finding.and_then(|at| analysis.findings.get(at));
            wanted(kind).then(|| {
                json!({
                    "title": action.title,
                    "kind": kind,
                    "diagnostics": finding.map(|finding| [view.diagnostic(finding, client)]).into_iter().flatten().collect::<Vec<_>>(),
                    "isPreferred": action.preferred,
                    "edit": view.edit(&action.edits),
                })
            })
        });
        Ok(found.collect())
    })
}

fn of_file(workspace: &Workspace<'_>, params: Value, answer: impl FnOnce(&View<'_>, usize) -> Answer) -> Answer {
    let document = params.get("textDocument").cloned().unwrap_or_default();
    let lsp::TextDocumentIdentifier { uri } = read(document)?;
    match workspace.find(&uri) {
        Some((project, file)) => answer(&View { workspace, project }, file),
        None => Ok(Value::Null),
    }
}

fn at(workspace: &Workspace<'_>, params: Value, answer: impl FnOnce(&View<'_>, usize, u32) -> Answer) -> Answer {
    let TextDocumentPositionParams { text_document, position } = read(params)?;
    let Some((project, file)) = workspace.find(&text_document.uri) else { return Ok(Value::Null) };
    let view = View { workspace, project };
    let Some(lines) = project.lines(file) else { return Ok(Value::Null) };
    let offset = lines.offset(project.analysis.text(file), position, workspace.encoding);
    answer(&view, file, u32::try_from(offset).unwrap_or(u32::MAX))
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, (ErrorCode, String)> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}

fn value(of: impl Serialize) -> Answer {
    serde_json::to_value(of).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}
