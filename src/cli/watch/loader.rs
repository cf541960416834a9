//! From the files to a plan, off to the side: whatever comes of it, the plan that runs is not touched.

use std::path::{Path, PathBuf};
use std::time::Duration;

use miette::Diagnostic;
use tokio::time::Instant;

use crate::cli::project::Project;
use crate::cli::snapshot::Snapshot;
use crate::cli::test::{Verdict, verdict};
use crate::data::{BySide, Dict};
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
    /// Tests of the rules for which there was no time.
    pub untested: usize,
    /// When the first sign of the change was seen.
    pub began: Instant,
}

/// Rules are not kept waiting by their tests for longer.
pub(in crate::cli) const TESTS: Duration = Duration::from_secs(2);

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
    tests: bool,
}

impl Loader {
    /// `dict`: as it is in the state file. It only ever grows here, so that plans which never run cannot make two names
    /// share a number.
    pub(in crate::cli) fn new(root: &Path, dict: Dict) -> Loader {
        Loader { root: root.to_owned(), dict, tests: true }
    }

    /// For whoever runs the tests by himself.
    pub(in crate::cli) fn without_tests(root: &Path) -> Loader {
        Loader { tests: false, ..Loader::new(root, Dict::default()) }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Reads, checks, compiles and runs the rules' own tests; each step needs the one before it to be free of errors.
    pub(super) fn load(&mut self, snapshot: Snapshot, began: Instant) -> Result<Loaded, Refused> {
        let project = Project::of(snapshot).map_err(|error| Refused { why: Why::Unfit(Box::new(error)) })?;
        let (plan, findings) = project.compile(&mut self.dict);
        let Some(plan) = plan.filter(|_| !has_errors(&findings)) else {
            return Err(Refused { why: Why::Findings(findings, project.files) });
        };
        let untested = if self.tests { self.test(&project, &plan)? } else { 0 };
        Ok(Loaded { project, plan, dict: self.dict.clone(), untested, began })
    }

    /// How many tests there was no time for; refused when one fails.
    fn test(&self, project: &Project, plan: &Plan) -> Result<usize, Refused> {
        let catalogs = BySide::new(&project.catalogs.left, &project.catalogs.right);
        let Verdict { findings, left } = verdict(plan, &self.dict, catalogs, Some(TESTS))
            .map_err(|error| Refused { why: Why::Unfit(Box::new(error)) })?;
        match findings.is_empty() {
            true => Ok(left),
            false => Err(Refused { why: Why::Findings(findings, project.files.clone()) }),
        }
    }
}
