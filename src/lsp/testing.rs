//! Small projects for tests: texts with the corpus's schemas, and a `|` where the cursor is.

use std::sync::{Arc, LazyLock};

use super::analysis::Analysis;
use crate::data::BySide;
use crate::diagnostic::SourceFile;
use crate::lang::schema::Catalog;

pub fn catalogs() -> Arc<BySide<Catalog>> {
    static READ: LazyLock<Arc<BySide<Catalog>>> = LazyLock::new(|| {
        let read = |text| serde_json::from_str(text).unwrap();
        let left = read(include_str!("../../tests/corpus/schemas/hubspot.json"));
        Arc::new(BySide::new(left, read(include_str!("../../tests/corpus/schemas/salesforce.json"))))
    });
    READ.clone()
}

/// Files `rules/0.sync`, `rules/1.sync` and so on.
pub fn project_of(texts: &[&str]) -> Analysis {
    let files = texts.iter().enumerate().map(|(at, text)| SourceFile::new(format!("rules/{at}.sync"), *text));
    Analysis::new(files.collect(), Some(catalogs()))
}

/// A project of one file, and the offset of the mark in it.
pub fn project(marked: &str) -> (Analysis, usize) {
    let at = marked.find('|').unwrap();
    (project_of(&[&marked.replacen('|', "", 1)]), at)
}
