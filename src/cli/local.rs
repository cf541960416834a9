//! The state file and the rules beside it, for verbs that answer from what is there: nothing is locked, no CRM is asked.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use super::passes::state_help;
use super::project::Project;
use crate::data::{BySide, Dict, Side};
use crate::decide::Program;
use crate::diagnostic::has_errors;
use crate::lang::plan::Plan;
use crate::store::{Reader, SqliteReader, StoreError};
use crate::sync::{people_key, programs_of};

pub(super) struct Local {
    pub reader: SqliteReader,
    pub dict: Dict,
    pub plan: Plan,
}

#[derive(Debug, Error, Diagnostic)]
pub(super) enum LocalError {
    #[error("there is no state yet: `{path}`")]
    #[diagnostic(help("`syncline apply` or `syncline run` makes it; {until}"))]
    NoState { path: PathBuf, until: &'static str },
    #[error("{error}: `{path}`")]
    #[diagnostic(help("{}", state_help(error)))]
    State { path: PathBuf, error: StoreError },
    #[error("the rules have errors")]
    #[diagnostic(help("`syncline check` shows them all"))]
    Rules,
}

impl Local {
    /// `until`: what a person is told of the time before the first pass.
    pub(super) async fn open(project: &Project, until: &'static str) -> Result<Local, LocalError> {
        let path = &project.settings.state;
        let fail = |error: StoreError| LocalError::State { path: path.clone(), error };
        if !path.exists() {
            return Err(LocalError::NoState { path: path.clone(), until });
        }
        let reader = SqliteReader::open(path).map_err(fail)?;
        let mut dict = reader.dict().await.map_err(fail)?;
        let (plan, findings) = project.compile(&mut dict);
        let plan = plan.filter(|_| !has_errors(&findings)).ok_or(LocalError::Rules)?;
        Ok(Local { reader, dict, plan })
    }
}

/// The plan's programs, with the people that the last pass knew.
pub(super) async fn programs(reader: &dyn Reader, plan: &Plan) -> Result<Vec<Program>, StoreError> {
    let mut kept = BySide::default();
    for side in Side::BOTH {
        kept[side] = reader.meta(&people_key(side)).await?;
    }
    Ok(programs_of(plan, kept))
}
