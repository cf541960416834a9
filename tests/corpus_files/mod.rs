//! The files of `tests/corpus`, and the schemas that they are checked against.

use std::path::{Path, PathBuf};

use syncline::diagnostic::SourceFile;
use syncline::lang::schema::Catalog;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

pub fn catalog(name: &str) -> Catalog {
    let text = std::fs::read_to_string(folder().join("schemas").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Sorted by name.
pub fn cases() -> Vec<SourceFile> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let rules = entries.filter(|path| path.extension().is_some_and(|extension| extension == "sync"));
    let mut cases: Vec<SourceFile> = rules
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            SourceFile::new(name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}
