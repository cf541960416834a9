//! A project on disk: settings, rules, schema snapshots.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use super::settings::{Settings, SettingsError};
use crate::data::{BySide, Dict};
use crate::diagnostic::{Finding, SourceFile};
use crate::lang::compile;
use crate::lang::plan::Plan;
use crate::lang::schema::Catalog;

/// Longest schema snapshot that is read, in bytes.
const SCHEMA_LIMIT: u64 = 64 * 1024 * 1024;
/// Longest rule file that is read; the language's own limit is below it.
const RULES_LIMIT: u64 = 4 * 1024 * 1024;

#[derive(Debug, Error, Diagnostic)]
pub enum ProjectError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Settings(#[from] SettingsError),
    #[error("there are no rules in `{0}`")]
    #[diagnostic(help("put files that end in `.sync` there, or name the right folder as `rules` in `syncline.yaml`"))]
    NoRules(PathBuf),
    #[error("cannot read `{path}`: {why}")]
    #[diagnostic(help("look at its place and rights; `syncline.yaml` names the folders of rules and schemas"))]
    Read { path: PathBuf, why: String },
    #[error("`{path}` is not UTF-8: byte {at} is none")]
    #[diagnostic(help("save the file as UTF-8"))]
    NotUtf8 { path: PathBuf, at: usize },
    #[error("`{path}` is over {limit} bytes")]
    #[diagnostic(help("rules can be split over several files; `syncline pull` writes a schema anew"))]
    TooLong { path: PathBuf, limit: u64 },
    #[error("there is no schema of {crm}: `{path}`")]
    #[diagnostic(help("run `syncline pull`: it asks {crm} for its fields and writes the file"))]
    NoSchema { crm: &'static str, path: PathBuf },
    #[error("`{path}` is no schema: {why}")]
    #[diagnostic(help("run `syncline pull` to write it anew"))]
    Schema { path: PathBuf, why: String },
    #[error("`{path}` describes {found}, not {crm}")]
    #[diagnostic(help("run `syncline pull` to write it anew"))]
    WrongSchema { crm: &'static str, path: PathBuf, found: String },
}

pub(super) struct Project {
    pub settings: Settings,
    pub files: Vec<SourceFile>,
    pub catalogs: BySide<Catalog>,
}

impl Project {
    pub(super) fn read(root: &Path) -> Result<Project, ProjectError> {
        let settings = Settings::read(&root.join("syncline.yaml"))?;
        let files = rule_files(&settings.rules, root)?;
        let left = schema("hubspot", &settings.schemas.join("hubspot.json"))?;
        let right = schema("salesforce", &settings.schemas.join("salesforce.json"))?;
        Ok(Project { settings, files, catalogs: BySide::new(left, right) })
    }

    pub(super) fn compile(&self, dict: &mut Dict) -> (Option<Plan>, Vec<Finding>) {
        compile(&self.files, &self.catalogs.left, &self.catalogs.right, dict)
    }

    /// Rules and schemas as one text, for the journal: what an old operation meant can be read years later.
    pub(super) fn source(&self) -> Vec<u8> {
        let rules: Vec<_> = self.files.iter().map(|file| (&file.name, &file.text)).collect();
        serde_json::to_vec(&serde_json::json!({
            "rules": rules, "schemas": [&self.catalogs.left, &self.catalogs.right],
        }))
        .unwrap_or_default()
    }
}

fn rule_files(folder: &Path, root: &Path) -> Result<Vec<SourceFile>, ProjectError> {
    let fail =
        |path: &Path, error: std::io::Error| ProjectError::Read { path: path.to_owned(), why: error.to_string() };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| fail(folder, error))? {
        let path = entry.map_err(|error| fail(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == "sync") {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        return Err(ProjectError::NoRules(folder.to_owned()));
    }
    paths
        .iter()
        .map(|path| {
            let bytes = read_limited(path, RULES_LIMIT)?;
            let text = String::from_utf8(bytes)
                .map_err(|error| ProjectError::NotUtf8 { path: path.clone(), at: error.utf8_error().valid_up_to() })?;
            let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
            Ok(SourceFile::new(name.trim_start_matches("./").to_owned(), text))
        })
        .collect()
}

fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, ProjectError> {
    let fail = |error: std::io::Error| ProjectError::Read { path: path.to_owned(), why: error.to_string() };
    if std::fs::metadata(path).map_err(fail)?.len() > limit {
        return Err(ProjectError::TooLong { path: path.to_owned(), limit });
    }
    std::fs::read(path).map_err(fail)
}

fn schema(crm: &'static str, path: &Path) -> Result<Catalog, ProjectError> {
    if !path.exists() {
        return Err(ProjectError::NoSchema { crm, path: path.to_owned() });
    }
    let bytes = read_limited(path, SCHEMA_LIMIT)?;
    let catalog: Catalog = serde_json::from_slice(&bytes)
        .map_err(|error| ProjectError::Schema { path: path.to_owned(), why: error.to_string() })?;
    if catalog.crm != crm {
        return Err(ProjectError::WrongSchema { crm, path: path.to_owned(), found: catalog.crm });
    }
    Ok(catalog)
}
