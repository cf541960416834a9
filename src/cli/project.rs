//! A project on disk: settings, rules, schema snapshots.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use super::settings::{Settings, SettingsError};
use super::snapshot::{Contents, Parts, SCHEMAS, Snapshot, Unread};
use crate::data::{BySide, Dict};
use crate::diagnostic::{Finding, SourceFile};
use crate::lang::compile;
use crate::lang::plan::Plan;
use crate::lang::schema::Catalog;

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
        Project::of(Snapshot::take(root))
    }

    /// Makes a project of what was read; looks at no file again.
    pub(super) fn of(snapshot: Snapshot) -> Result<Project, ProjectError> {
        let Snapshot { root, settings, parts, .. } = snapshot;
        let settings = settings?;
        let Some(Parts { rules, schemas }) = parts else { return Err(ProjectError::NoRules(settings.rules)) };
        let rules = rules.map_err(|why| ProjectError::Read { path: settings.rules.clone(), why })?;
        if rules.is_empty() {
            return Err(ProjectError::NoRules(settings.rules));
        }
        let files = rules
            .into_iter()
            .map(|(path, contents)| rule_file(&path, contents, &root))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Project { settings, files, catalogs: catalogs(schemas)? })
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

/// The schemas of both sides.
pub(super) fn catalogs(schemas: BySide<(PathBuf, Contents)>) -> Result<BySide<Catalog>, ProjectError> {
    Ok(BySide::new(schema(SCHEMAS.left, schemas.left)?, schema(SCHEMAS.right, schemas.right)?))
}

/// What is wrong with its bytes is a finding of the file, beside those of the others.
fn rule_file(path: &Path, contents: Contents, root: &Path) -> Result<SourceFile, ProjectError> {
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let name = name.trim_start_matches("./");
    match contents {
        Err(Unread::TooLong { limit }) => Ok(SourceFile::too_large(name, usize::try_from(limit).unwrap_or(usize::MAX))),
        contents => Ok(SourceFile::from_bytes(name, contents.map_err(|why| unread(path, why))?)),
    }
}

/// A rule file whose text is needed as it is.
pub(super) fn rule_text(path: &Path, contents: Contents, root: &Path) -> Result<SourceFile, ProjectError> {
    let bytes = contents.map_err(|why| unread(path, why))?;
    match std::str::from_utf8(&bytes) {
        Ok(_) => rule_file(path, Ok(bytes), root),
        Err(error) => Err(ProjectError::NotUtf8 { path: path.to_owned(), at: error.valid_up_to() }),
    }
}

fn unread(path: &Path, why: Unread) -> ProjectError {
    let path = path.to_owned();
    match why {
        Unread::Missing => ProjectError::Read { path, why: "it is not there".to_owned() },
        Unread::TooLong { limit } => ProjectError::TooLong { path, limit },
        Unread::Failed(why) => ProjectError::Read { path, why },
    }
}

/// `file`: its name, which is the CRM's.
fn schema(file: &'static str, (path, contents): (PathBuf, Contents)) -> Result<Catalog, ProjectError> {
    let crm = file.trim_end_matches(".json");
    let bytes = match contents {
        Err(Unread::Missing) => return Err(ProjectError::NoSchema { crm, path }),
        contents => contents.map_err(|why| unread(&path, why))?,
    };
    let catalog: Catalog = match serde_json::from_slice(&bytes) {
        Ok(catalog) => catalog,
        Err(error) => return Err(ProjectError::Schema { path, why: error.to_string() }),
    };
    if catalog.crm != crm {
        return Err(ProjectError::WrongSchema { crm, path, found: catalog.crm });
    }
    Ok(catalog)
}
