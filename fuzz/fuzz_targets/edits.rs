//! Rules that are edited in any way while an editor asks about them: after the last edit all is known that would be, had
//! the text been opened as it is then.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use syncline::data::BySide;
use syncline::diagnostic::SourceFile;
use syncline::lang::schema::Catalog;
use syncline::lsp::{Analysis, actions, completion, folding, highlight, hover, references, rename, symbols};
use syncline_grammar::Span;

#[derive(Arbitrary, Debug)]
struct Edit {
    at: u16,
    removed: u8,
    typed: String,
}

#[derive(Arbitrary, Debug)]
struct Session {
    edits: Vec<Edit>,
    opened: String,
}

static SCHEMAS: LazyLock<Arc<BySide<Catalog>>> = LazyLock::new(|| {
    let read = |text: &str| serde_json::from_str(text).expect("the schemas of the corpus");
    let hubspot = read(include_str!("../../tests/corpus/schemas/hubspot.json"));
    Arc::new(BySide::new(hubspot, read(include_str!("../../tests/corpus/schemas/salesforce.json"))))
});

fn analysis(text: &str) -> Analysis {
    let other = "edition 2026\nvalues our_domains { \"acme.com\" }\n";
    let files = vec![SourceFile::new("a.sync", text), SourceFile::new("b.sync", other)];
    Analysis::new(files, Some(SCHEMAS.clone()))
}

/// The nearest offset at or before, that does not stand inside a character.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fuzz_target!(|session: Session| {
    let mut text = session.opened;
    let mut edited = analysis(&text);
    for edit in session.edits.into_iter().take(4) {
        let start = boundary(&text, usize::from(edit.at));
        let end = boundary(&text, start + usize::from(edit.removed)).max(start);
        text.replace_range(start..end, &edit.typed);
        edited.replace(0, &text);
        let at = boundary(&text, start + edit.typed.len());
        let _ = completion::complete(&edited, 0, at);
        edited.check();
        let _ = hover::hover(&edited, 0, at as u32);
        let _ = rename::rename(&edited, 0, at as u32, "renamed");
        let _ = references::symbol_at(&edited, 0, at as u32).map(|(_, symbol)| references::spots(&edited, &symbol));
        for action in actions::actions(&edited, 0, Span::new(start, at)) {
            for edit in &action.edits {
                let file = &edited.files[edit.file].text;
                assert!(file.get(edit.span.start as usize..edit.span.end as usize).is_some(), "{action:?}");
            }
        }
    }
    let opened = analysis(&text);
    assert_eq!(edited.findings, opened.findings);
    assert_eq!(edited.trees, opened.trees);
    assert_eq!(highlight::colours(&edited, 0), highlight::colours(&opened, 0));
    assert_eq!(symbols::symbols(&edited.trees[0], &text).len(), symbols::symbols(&opened.trees[0], &text).len());
    assert_eq!(folding::folds(&text, edited.comments(0)), folding::folds(&text, opened.comments(0)));
});
