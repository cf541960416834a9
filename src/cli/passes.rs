//! One pass on a project, for real or as a rehearsal.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use miette::Diagnostic;
use thiserror::Error;

use super::answers;
use super::connect::{ConnectError, Connection, connect};
use super::project::Project;
use super::show::Collector;
use super::signals::Signals;
use crate::crm::http::{Env, Meter, SystemEnv};
use crate::crm::{CallError, CallErrorKind, Crm};
use crate::data::{BySide, Side};
use crate::diagnostic::{Finding, has_errors};
use crate::lang::plan::Plan;
use crate::store::{Sqlite, Store, StoreError};
use crate::sync::{
    Ledger, Opening, PassOptions, PassReport, Ports, Problem, Rehearsal, Session, SyncError, problems, run_pass,
};

#[derive(Debug, Error, Diagnostic)]
pub enum PassError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Connect(#[from] ConnectError),
    #[error("{error}: `{path}`")]
    #[diagnostic(help("{}", state_help(error)))]
    State { path: PathBuf, error: StoreError },
    #[error(transparent)]
    #[diagnostic(help("{}", call_help(.0)))]
    Call(CallError),
    #[error("{0}")]
    #[diagnostic(help("name the credentials of that account, or another file as `state`; nothing was written"))]
    WrongAccount(String),
    #[error("`{path}` was read from {crm} account `{snapshot}`, but the credentials open `{account}`")]
    #[diagnostic(help("run `syncline pull` if the account is the right one; nothing was written"))]
    OtherAccount { crm: &'static str, path: PathBuf, snapshot: String, account: String },
    #[error("cannot create the folder `{path}`: {why}")]
    Folder { path: PathBuf, why: String },
}

impl PassError {
    pub(super) fn of(error: SyncError, state: &Path) -> PassError {
        let path = state.to_owned();
        match error {
            SyncError::Call(error) => PassError::Call(error),
            SyncError::WrongAccount { .. } => PassError::WrongAccount(error.to_string()),
            SyncError::Store(error) => PassError::State { path, error },
            SyncError::Damaged(error) => PassError::State { path, error: StoreError::Corrupt(error.to_string()) },
        }
    }
}

/// What to do about a call without which nothing can go on.
pub(super) fn call_help(error: &CallError) -> &'static str {
    match error.kind {
        CallErrorKind::Auth => "put a valid secret where `syncline.yaml` names it",
        CallErrorKind::Denied => "give the user or app that these credentials belong to the right to do this",
        CallErrorKind::Down => "look at the address in `syncline.yaml` and at the network, then run it again",
        CallErrorKind::Shape => {
            "look whether the address in `syncline.yaml` is the CRM's own and no proxy answers for it"
        }
        CallErrorKind::Throttled { .. } | CallErrorKind::Budget => "run it again later",
        CallErrorKind::Cursor | CallErrorKind::Refused => "look at the address and the rights of the credentials",
    }
}

pub(super) fn state_help(error: &StoreError) -> &'static str {
    match error {
        StoreError::Busy => "another `syncline` works on it; wait for it to end",
        StoreError::Older { .. } => {
            "move it away (keep it for its journal): the next pass reads both CRMs anew and links what belongs together"
        }
        StoreError::Newer { .. } => "use the newer version of Syncline that wrote it",
        StoreError::Corrupt(_) => {
            "restore it from a backup; nothing was written. Without one, move it away: records are then linked anew by their \
             keys, but what was deleted on one side alone is created there again: look at `syncline plan` first"
        }
        StoreError::Full(_) => "make room on the disk; nothing more is written to the CRMs until then",
        _ => "look at the file's place and rights",
    }
}

/// What came of it.
pub(super) enum Passed {
    /// The rules have errors: nothing was called.
    Refused(Vec<Finding>),
    Ran(Box<Ran>),
}

pub(super) struct Ran {
    pub plan: Plan,
    pub report: PassReport,
    /// What is on record after the pass.
    pub problems: Vec<Problem>,
}

pub(super) struct Shared(pub Arc<Ledger>);

impl Meter for Shared {
    fn take(&self) -> bool {
        self.0.take()
    }
}

/// Connects, opens the state (or a copy that is thrown away) and runs one pass.
pub(super) async fn pass(
    project: &Project,
    dry: bool,
    options: &PassOptions,
    collector: &Collector,
) -> Result<Passed, PassError> {
    let (checked, findings) = project.compile(&mut crate::data::Dict::default());
    if checked.is_none() || has_errors(&findings) {
        return Ok(Passed::Refused(findings));
    }
    let ledgers = BySide::new(Arc::new(Ledger::new("hubspot")), Arc::new(Ledger::new("salesforce")));
    let meter = |side: Side| Arc::new(Shared(ledgers[side].clone()));
    let Connection { hubspot, salesforce } = connect(&project.settings, meter(Side::Left), meter(Side::Right))?;
    if !dry {
        end_early_on_a_signal(collector);
    }
    let store = open_state(project, dry)?;
    let rehearsals = BySide::new(Rehearsal::new(&hubspot, &SystemEnv), Rehearsal::new(&salesforce, &SystemEnv));
    let real = BySide::new(&hubspot as &dyn Crm, &salesforce as &dyn Crm);
    let rehearsed = BySide::new(&rehearsals.left as &dyn Crm, &rehearsals.right as &dyn Crm);
    let ports = Ports {
        store: &store as &dyn Store,
        crm: if dry { rehearsed } else { real },
        env: &SystemEnv,
        ledger: BySide::new(&ledgers.left, &ledgers.right),
    };
    let fail = |error: SyncError| PassError::of(error, &project.settings.state);
    let opening = Opening::begin(ports, "syncline").await.map_err(fail)?;
    same_accounts(project, &opening)?;
    if !dry {
        let taken = answers::take(&project.settings.state, &store, opening.epoch, SystemEnv.now()).await;
        taken.map_err(|error| fail(error.into()))?;
    }
    let mut dict = opening.dict.clone();
    let (plan, findings) = project.compile(&mut dict);
    let Some(plan) = plan else { return Ok(Passed::Refused(findings)) };
    let session = Session::begin(ports, opening, dict, plan, project.source()).await.map_err(fail)?;
    let report = run_pass(ports, &session, options, collector).await.map_err(fail)?;
    let problems = problems(ports, &session).await.map_err(fail)?;
    Ok(Passed::Ran(Box::new(Ran { plan: session.plan, report, problems })))
}

/// The first signal lets what was sent be settled and the report be told; the second one ends it at once, and what was sent
/// is looked up by the next pass.
fn end_early_on_a_signal(collector: &Collector) {
    let stop = collector.stop();
    // From now on, not from when the task is first run.
    let Ok(mut signals) = Signals::catch() else { return };
    tokio::spawn(async move {
        signals.next().await;
        stop.store(true, Ordering::Relaxed);
        eprintln!("stopping: what was sent is settled first; once more ends it at once");
        signals.next().await;
        std::process::exit(130)
    });
}

/// The schemas must be of the accounts that are connected.
pub(super) fn same_accounts(project: &Project, opening: &Opening) -> Result<(), PassError> {
    for side in Side::BOTH {
        let (snapshot, account) = (&project.catalogs[side], &opening.accounts[side]);
        if snapshot.account != account.id {
            return Err(PassError::OtherAccount {
                crm: super::show::crm(side),
                path: project.settings.schemas.join(format!("{}.json", snapshot.crm)),
                snapshot: snapshot.account.clone(),
                account: account.id.clone(),
            });
        }
    }
    Ok(())
}

pub(super) fn open_state(project: &Project, dry: bool) -> Result<Sqlite, PassError> {
    let path = &project.settings.state;
    let opened = match dry {
        true => Sqlite::scratch_of(Some(path)),
        false => {
            if let Some(folder) = path.parent() {
                let fail = |error: std::io::Error| PassError::Folder { path: folder.into(), why: error.to_string() };
                std::fs::create_dir_all(folder).map_err(fail)?;
            }
            Sqlite::open(path)
        }
    };
    opened.map_err(|error| PassError::State { path: path.clone(), error })
}
