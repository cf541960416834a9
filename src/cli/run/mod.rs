//! `syncline run`: passes at an interval, on the plan that the files mean, until told to stop.

pub(super) mod held;
mod log;
mod pace;
mod runner;
mod stop;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use miette::{Diagnostic, Report};
use thiserror::Error;

use super::connect::{Connection, connect};
use super::passes::{PassError, Shared, open_state, same_accounts};
use super::project::Project;
use super::test::verdict;
use super::watch::{Loader, TESTS, Timing, Watch};
use super::{Global, Outcome, block_on, check};
use crate::crm::CallErrorKind;
use crate::crm::http::SystemEnv;
use crate::data::{BySide, Dict, Side};
use crate::diagnostic::has_errors;
use crate::sync::{Ledger, Opening, Ports, SyncError};
use log::{Event, Log};
use runner::Runner;
use stop::Stop;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Folder of the project
    #[arg(long, short = 'C', value_name = "DIR", default_value = ".")]
    project: PathBuf,
}

#[derive(Debug, Error, Diagnostic)]
enum RunError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Pass(#[from] PassError),
    /// Becomes a [`RunError::Pass`] where the state file is known.
    #[error(transparent)]
    Sync(#[from] SyncError),
    #[error("cannot listen for signals: {0}")]
    Signals(std::io::Error),
}

impl RunError {
    fn on(self, state: &Path) -> RunError {
        match self {
            RunError::Sync(error) => RunError::Pass(PassError::of(error, state)),
            error => error,
        }
    }
}

/// Between tries to reach the CRMs at the start.
const AGAIN: Duration = Duration::from_secs(10);

pub(super) fn run(args: &Args, global: Global) -> Result<Outcome, Report> {
    let project = Project::read(&args.project)?;
    let mut dict = Dict::default();
    let (plan, findings) = project.compile(&mut dict);
    let Some(plan) = plan.filter(|_| !has_errors(&findings)) else {
        check::print(&findings, &project.files, global);
        return Ok(Outcome::Findings);
    };
    let catalogs = BySide::new(&project.catalogs.left, &project.catalogs.right);
    let said = verdict(&plan, &dict, catalogs, Some(TESTS))?;
    if !said.findings.is_empty() {
        check::print(&said.findings, &project.files, global);
        return Ok(Outcome::Findings);
    }
    let state = project.settings.state.clone();
    Ok(block_on(work(&args.project, project, Log::new(global)))?.map_err(|error| error.on(&state))?)
}

async fn work(root: &Path, project: Project, log: Log) -> Result<Outcome, RunError> {
    let mut stop = Stop::listen(log).map_err(RunError::Signals)?;
    let ledgers = BySide::new(Arc::new(Ledger::new("hubspot")), Arc::new(Ledger::new("salesforce")));
    let meter = |side: Side| Arc::new(Shared(ledgers[side].clone()));
    let connected = connect(&project.settings, meter(Side::Left), meter(Side::Right));
    let Connection { hubspot, salesforce } = connected.map_err(PassError::from)?;
    let store = open_state(&project, false)?;
    let ports = Ports {
        store: &store,
        crm: BySide::new(&hubspot, &salesforce),
        env: &SystemEnv,
        ledger: BySide::new(&ledgers.left, &ledgers.right),
    };
    let opening = tokio::select! {
        opening = open(ports, log) => opening?,
        _ = stop.asked() => {
            log.tell(&Event::Stopped { whole: true });
            return Ok(Outcome::Fine);
        }
    };
    same_accounts(&project, &opening)?;
    let watch = Watch::start(Loader::new(root, opening.dict.clone()), Timing::default());
    Runner::new(ports, opening, project.settings, log, stop).run(watch).await?;
    Ok(Outcome::Fine)
}

/// A CRM that cannot be reached now is tried again: whoever starts this may not be there to do it.
async fn open(ports: Ports<'_>, log: Log) -> Result<Opening, RunError> {
    loop {
        match Opening::begin(ports, "syncline run").await {
            Err(SyncError::Call(error))
                if matches!(error.kind, CallErrorKind::Down | CallErrorKind::Throttled { .. }) =>
            {
                log.tell(&Event::Trouble { why: &format!("{error}; tried again in {} s", AGAIN.as_secs()) });
                tokio::time::sleep(AGAIN).await;
            }
            opened => return Ok(opened?),
        }
    }
}
