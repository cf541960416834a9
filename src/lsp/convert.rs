//! From plain data to the protocol's.

use std::collections::{BTreeMap, HashMap};

use gen_lsp_types as lsp;
use lsp::{Diagnostic, Location, TextEdit, Uri};
use syncline_grammar::Span;

use super::completion::{Completion, Item, Kind};
use super::highlight::{Colour, LEGEND};
use super::symbols;
use super::workspace::{Project, Workspace};
use crate::diagnostic::{Code, Edit, Finding, Severity};

/// What the editor understands, and where codes are explained.
#[derive(Clone, Debug, Default)]
pub struct Client {
    pub related_information: bool,
    /// The address of the list of codes.
    pub docs: Option<Uri>,
}

/// A project with the names by which its editor knows the files.
pub struct View<'w> {
    pub workspace: &'w Workspace<'w>,
    pub project: &'w Project,
}

impl View<'_> {
    pub fn range(&self, file: usize, span: Span) -> lsp::Range {
        let text = self.project.analysis.text(file);
        self.project
            .lines(file)
            .map_or_else(lsp::Range::default, |lines| lines.range(text, span, self.workspace.encoding))
    }

    pub fn location(&self, file: usize, span: Span) -> Option<Location> {
        let (uri, _) = self.workspace.named(self.project.uris.get(file)?);
        Some(Location { uri, range: self.range(file, span) })
    }

    /// Edits by their files.
    pub fn edit(&self, edits: &[Edit]) -> lsp::WorkspaceEdit {
        let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
        let mut edits: Vec<&Edit> = edits.iter().collect();
        edits.sort_by_key(|edit| (edit.file, edit.span));
        for edit in edits {
            let Some(location) = self.location(edit.file, edit.span) else { continue };
            let edit = TextEdit { range: location.range, new_text: edit.text.clone() };
            changes.entry(location.uri).or_default().push(edit);
        }
        lsp::WorkspaceEdit { changes: Some(changes), ..lsp::WorkspaceEdit::default() }
    }

    pub fn diagnostic(&self, finding: &Finding, client: &Client) -> Diagnostic {
        let (place, others) = match finding.labels.split_first() {
            Some((first, others)) => (Some(first), others),
            None => (None, [].as_slice()),
        };
        let mut message = finding.message.clone();
        // The words under the place itself; those under others follow as related places, or here.
        let mut words: Vec<&str> =
            place.iter().map(|label| label.text.as_str()).filter(|text| !text.is_empty()).collect();
        let related = others.iter().filter(|label| !label.text.is_empty()).filter_map(|label| {
            let location = self.location(label.file, label.span)?;
            Some(lsp::DiagnosticRelatedInformation { location, message: label.text.clone() })
        });
        let related: Vec<_> = related.collect();
        if !client.related_information {
            words.extend(others.iter().map(|label| label.text.as_str()).filter(|text| !text.is_empty()));
        }
        for line in words.into_iter().chain(finding.help.as_deref()) {
            message.push('\n');
            message.push_str(line);
        }
        Diagnostic {
            range: place.map_or_else(lsp::Range::default, |label| self.range(label.file, label.span)),
            severity: Some(match finding.severity {
                Severity::Error => lsp::DiagnosticSeverity::Error,
                Severity::Warning => lsp::DiagnosticSeverity::Warning,
            }),
            code: Some(finding.code.id().to_owned().into()),
            code_description: client.docs.clone().map(|mut href| {
                let word = finding.code.severity().word();
                href.set_fragment(Some(&format!("{}-{word}", finding.code.id().to_lowercase())));
                lsp::CodeDescription { href }
            }),
            source: Some("syncline".to_owned()),
            message: message.into(),
            tags: dead(finding.code).then(|| vec![lsp::DiagnosticTag::Unnecessary]),
            related_information: (client.related_information && !related.is_empty()).then_some(related),
            data: None,
        }
    }

    /// Every file's findings, also of files that have none.
    pub fn diagnostics(&self, client: &Client) -> BTreeMap<usize, Vec<Diagnostic>> {
        let mut out: BTreeMap<usize, Vec<Diagnostic>> =
            (0..self.project.uris.len()).map(|file| (file, Vec::new())).collect();
        for finding in &self.project.analysis.findings {
            let file = finding.labels.first().map_or(0, |label| label.file);
            out.entry(file).or_default().push(self.diagnostic(finding, client));
        }
        out
    }

    pub fn completion(&self, file: usize, completion: Completion) -> lsp::CompletionList {
        let range = self.range(file, completion.replace);
        let text = completion.replace.slice(self.project.analysis.text(file));
        let in_quotes = text.starts_with('"');
        let items = completion.items.into_iter().enumerate().map(|(at, item)| {
            let Item { kind, label, insert, detail, about } = item;
            lsp::CompletionItem {
                kind: Some(completion_kind(kind)),
                sort_text: Some(format!("{at:05}")),
                // What is compared with what stands there, quotes and all.
                filter_text: in_quotes.then(|| insert.clone()),
                text_edit: Some(TextEdit { range, new_text: insert }.into()),
                detail: (!detail.is_empty()).then_some(detail),
                documentation: (!about.is_empty()).then(|| about.into()),
                label,
                ..lsp::CompletionItem::default()
            }
        });
        lsp::CompletionList { items: items.collect(), ..lsp::CompletionList::default() }
    }

    pub fn symbols(&self, file: usize, found: Vec<symbols::Symbol>) -> Vec<lsp::DocumentSymbol> {
        let symbol = |symbol: symbols::Symbol| {
            let range = self.range(file, symbol.span);
            let selection_range = self.range(file, symbol.name_span);
            let kind = match symbol.kind {
                symbols::Kind::Sync => lsp::SymbolKind::Module,
                symbols::Kind::Table => lsp::SymbolKind::Enum,
                symbols::Kind::Block => lsp::SymbolKind::Namespace,
                symbols::Kind::Rule => lsp::SymbolKind::Event,
                symbols::Kind::Row => lsp::SymbolKind::Field,
                symbols::Kind::Test => lsp::SymbolKind::Method,
            };
            let inner = self.symbols(file, symbol.inner);
            let mut out = lsp::DocumentSymbol::new(symbol.name, None, kind, None, None, range, selection_range, None);
            out.detail = (!symbol.detail.is_empty()).then_some(symbol.detail);
            out.children = (!inner.is_empty()).then_some(inner);
            out
        };
        found.into_iter().map(symbol).collect()
    }

    /// Each token by its distance from the one before it.
    pub fn tokens(&self, file: usize, colours: &[(Span, Colour)]) -> lsp::SemanticTokens {
        let mut data = Vec::new();
        let mut last = lsp::Position::default();
        for (span, colour) in colours {
            let range = self.range(file, *span);
            if range.start.line != range.end.line || range.start < last {
                continue;
            }
            let same_line = range.start.line == last.line;
            data.push(lsp::SemanticToken {
                delta_line: range.start.line - last.line,
                delta_start: if same_line { range.start.character - last.character } else { range.start.character },
                length: range.end.character - range.start.character,
                token_type: *colour as u32,
                token_modifiers_bitset: 0,
            });
            last = range.start;
        }
        lsp::SemanticTokens { data, ..lsp::SemanticTokens::default() }
    }
}

/// Codes of what does nothing, which editors show faded.
fn dead(code: Code) -> bool {
    matches!(code, Code::DeadCreate | Code::Unused)
}

fn completion_kind(kind: Kind) -> lsp::CompletionItemKind {
    match kind {
        Kind::Word => lsp::CompletionItemKind::Keyword,
        Kind::Sign => lsp::CompletionItemKind::Operator,
        Kind::Field => lsp::CompletionItemKind::Field,
        Kind::Type => lsp::CompletionItemKind::Class,
        Kind::Reference => lsp::CompletionItemKind::Reference,
        Kind::Option => lsp::CompletionItemKind::EnumMember,
        Kind::Block => lsp::CompletionItemKind::Module,
        Kind::Rule => lsp::CompletionItemKind::Event,
        Kind::Record => lsp::CompletionItemKind::Variable,
        Kind::List => lsp::CompletionItemKind::Enum,
    }
}

pub fn legend() -> lsp::SemanticTokensLegend {
    lsp::SemanticTokensLegend {
        token_types: LEGEND.iter().map(|name| (*name).to_owned()).collect(),
        token_modifiers: Vec::new(),
    }
}
