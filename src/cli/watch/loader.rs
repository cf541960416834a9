//! From the files to a plan, off to the side: whatever comes of it, the plan that runs is not touched.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use tokio::time::Instant;

use crate::cli::project::Project;
use crate::cli::snapshot::Snapshot;
use crate::data::Dict;
use crate::diagnostic::{Finding, SourceFile, has_errors};
use crate::lang::plan::Plan;

/// What came of files that were whole.
pub(in crate::cli) enum Found {
    Good(Box<Loaded>),
    Refused(Refused),
    /// The folders cannot be watched; looks at an interval are all there is.
    Unwatched(String),
}

/// A plan that is ready to run.
pub(in crate::cli) struct Loaded {
    pub project: Project,
    pub plan: Plan,
    /// Every number that the plan names. Plans of one loader share one numbering.
    pub dict: Dict,
    /// When the first sign of the change was seen.
    pub began: Instant,
}

pub(in crate::cli) struct Refused {
    pub why: Why,
}

pub(in crate::cli) enum Why {
    /// The files could not be read, or do not belong to the accounts that are connected.
    Unfit(Box<dyn Diagnostic + Send + Sync>),
    Findings(Vec<Finding>, Vec<SourceFile>),
}

pub(in crate::cli) struct Loader {
    root: PathBuf,
    dict: Dict,
}

impl Loader {
    /// `dict`: as it is in the state file. It only ever grows here, so that plans which never run cannot make two names
    /// share a number.
    pub(in crate::cli) fn new(root: &Path, dict: Dict) -> Loader {
        Loader { root: root.to_owned(), dict }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Reads, checks and compiles; each step needs the one before it to be free of errors.
    pub(super) fn load(&mut self, snapshot: Snapshot, began: Instant) -> Result<Loaded, Refused> {
        let project = Project::of(snapshot).map_err(|error| Refused { why: Why::Unfit(Box::new(error)) })?;
        let (plan, findings) = project.compile(&mut self.dict);
        let Some(plan) = plan.filter(|_| !has_errors(&findings)) else {
            return Err(Refused { why: Why::Findings(findings, project.files) });
        };
        Ok(Loaded { project, plan, dict: self.dict.clone(), began })
    }
}
