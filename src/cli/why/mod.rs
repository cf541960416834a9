//! `syncline why`: of one record, whether it is synced, and why, from the local state alone. Nothing is locked, asked or
//! written, so it can be used while `syncline run` works.

mod draw;
mod find;
mod json;
mod near;
mod words;

use std::path::PathBuf;

use miette::{Diagnostic, Report};
use thiserror::Error;

use super::local::{Local, LocalError, programs};
use super::out::{out, outln};
use super::project::Project;
use super::{Format, Global, Outcome, block_on};
use crate::crm::http::{Env, SystemEnv};
use crate::data::{BySide, CodecError, Dict, KeyForm, Millis, decode};
use crate::decide::{Explanation, Identified, Program, explain, identify};
use crate::lang::plan::{KeyPart, MatchLine, Plan};
use crate::store::{Hood, IssueRow, JournalRow, PassRow, Reader, Sid, StoreError};
use crate::sync::type_indexes;
use find::Found;
pub(super) use find::{Asked, find};

/// Subjects that are explained in full.
const MOST: usize = 5;
/// Operations of a subject that are looked at, newest first.
const OPERATIONS: usize = 200;

#[derive(clap::Args)]
pub(super) struct Args {
    /// An e-mail address, or the id of a record of either side; `hubspot:ID` and `salesforce:ID` choose
    #[arg(value_name = "RECORD")]
    record: String,
    /// Folder of the project
    #[arg(long, short = 'C', value_name = "DIR", default_value = ".")]
    project: PathBuf,
}

#[derive(Debug, Error, Diagnostic)]
enum WhyError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Local(#[from] LocalError),
    #[error("no record is named")]
    #[diagnostic(help("give an e-mail address or the id of a record: `syncline why ada@example.com`"))]
    Nothing,
}

/// What is known of the state as a whole.
pub(super) struct State {
    pub plan: Plan,
    pub dict: Dict,
    pub now: Millis,
    pub last: Option<PassRow>,
    /// The rules in force there, where they are others than those of the files.
    pub other_rules: Option<String>,
}

/// One subject with what is on record of it.
pub(super) struct Subject<'a> {
    pub program: &'a Program,
    /// What people know it by: a key of a match line.
    pub label: Option<String>,
    pub told: Explanation<'a>,
    /// Newest first.
    pub journal: Vec<JournalRow>,
    pub issues: Vec<IssueRow>,
    pub work: Option<(Millis, u32)>,
}

pub(super) fn run(args: &Args, global: Global) -> Result<Outcome, Report> {
    let asked = Asked::parse(&args.record);
    if asked.text.is_empty() {
        return Err(WhyError::Nothing.into());
    }
    let project = Project::read(&args.project)?;
    Ok(block_on(answer(&project, &asked, global))??)
}

async fn answer(project: &Project, asked: &Asked, global: Global) -> Result<Outcome, WhyError> {
    let path = &project.settings.state;
    let fail = |error: StoreError| WhyError::from(LocalError::State { path: path.clone(), error });
    let Local { reader, dict, plan } = Local::open(project, "`syncline plan` shows what a first pass would do").await?;
    let programs = programs(&reader, &plan).await.map_err(fail)?;
    let in_force = reader.meta("plan").await.map_err(fail)?;
    let other_rules = in_force.filter(|digest| *digest != plan.digest.to_string());
    let last = reader.last_pass().await.map_err(fail)?;
    let state = State { plan, dict, now: SystemEnv.now(), last, other_rules };

    let found = find(&reader, &state.plan, asked).await.map_err(fail)?;
    let index = type_indexes(&state.plan);
    let hood = reader.load(&index, &found.sids).await.map_err(fail)?.seen(state.now, BySide::default());
    let identified: Vec<Identified> = programs.iter().map(|program| identify(program, &hood, state.now.0)).collect();
    let damaged = |error: CodecError| fail(StoreError::Corrupt(error.to_string()));
    let mut subjects = Vec::new();
    for (program, identified) in programs.iter().zip(&identified) {
        for sid in identified.subjects.keys().take(MOST) {
            subjects.extend(subject(&reader, program, &hood, identified, *sid, &state, &damaged, &fail).await?);
        }
    }
    match global.format {
        Format::Json => outln!("{}", json::answer(&state, asked, &subjects, &found)),
        _ if subjects.is_empty() => out!("{}", draw::not_found(&state, asked, &found)),
        _ => out!("{}", draw::found(&state, &subjects)),
    }
    Ok(if subjects.is_empty() { Outcome::Findings } else { Outcome::Fine })
}

#[allow(clippy::too_many_arguments)]
async fn subject<'a>(
    reader: &dyn Reader,
    program: &'a Program,
    hood: &'a Hood,
    identified: &'a Identified,
    sid: Sid,
    state: &State,
    damaged: &impl Fn(CodecError) -> WhyError,
    fail: &impl Fn(StoreError) -> WhyError,
) -> Result<Option<Subject<'a>>, WhyError> {
    let issues = reader.issues_of(sid).await.map_err(fail)?;
    let Some(told) = explain(program, hood, identified, sid, &issues, state.now.0).map_err(damaged)? else {
        return Ok(None);
    };
    let journal = reader.journal_of(sid, OPERATIONS).await.map_err(fail)?;
    let work = reader.work_of(sid).await.map_err(fail)?;
    let label = label(program, hood, &told);
    Ok(Some(Subject { program, label, told, journal, issues, work }))
}

/// The first text key of a match line that a record has.
fn label(program: &Program, hood: &Hood, told: &Explanation<'_>) -> Option<String> {
    let keys = program.block.matches.iter().flat_map(MatchLine::keys);
    let fields = keys.flat_map(|pair| pair.left.iter().chain(&pair.right).flatten()).filter_map(|part| match part {
        KeyPart::Field { uid, form } if *form != KeyForm::Id => Some(*uid),
        _ => None,
    });
    let fields: Vec<_> = fields.collect();
    let rows = told.records.iter().filter_map(|row| hood.record(row.rid));
    rows.flat_map(|row| decode(&row.cells).filter_map(Result::ok))
        .find(|(uid, cell)| fields.contains(uid) && cell.is_known())
        .map(|(_, cell)| cell.text().into_owned())
}
