//! `syncline approve`: a person's word for what a running `syncline run` holds.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use miette::{Diagnostic, Report};
use serde_json::json;
use thiserror::Error;

use super::out::outln;
use super::run::held::{Held, approve, is_taken, published};
use super::settings::Settings;
use super::{Format, Global, Outcome};
use crate::store::{InstanceLock, StoreError};

/// How long the runner is given to take the word; it may be in the middle of a pass.
const WAIT: Duration = Duration::from_secs(3);

#[derive(clap::Args)]
pub(super) struct Args {
    /// What `syncline run` said it holds; without it, all that is held is listed
    #[arg(value_name = "WORD")]
    word: Option<String>,
    /// Folder of the project
    #[arg(long, short = 'C', value_name = "DIR", default_value = ".")]
    project: PathBuf,
}

#[derive(Debug, Error, Diagnostic)]
enum ApproveError {
    #[error("no `syncline run` is at work on `{0}`")]
    #[diagnostic(help("start it; or release what a single pass holds with `syncline apply --approve WORD`"))]
    NobodyRuns(PathBuf),
    #[error("nothing is held under the word `{0}`")]
    #[diagnostic(help(
        "`syncline approve` without a word lists what is held; a word holds for the change it was given for"
    ))]
    Unknown(String),
    #[error("cannot write beside `{path}`: {why}")]
    Write { path: PathBuf, why: String },
}

pub(super) fn run(args: &Args, global: Global) -> Result<Outcome, Report> {
    let state = Settings::read(&args.project.join("syncline.yaml"))?.state;
    if !matches!(InstanceLock::take(&state), Err(StoreError::Busy)) {
        return Err(ApproveError::NobodyRuns(state).into());
    }
    let held = published(&state);
    let Some(word) = &args.word else {
        list(&held, global);
        return Ok(Outcome::Fine);
    };
    let one = held.iter().find(|held| held.word == *word).ok_or_else(|| ApproveError::Unknown(word.clone()))?;
    approve(&state, one).map_err(|error| ApproveError::Write { path: state.clone(), why: error.to_string() })?;
    let began = Instant::now();
    let taken = loop {
        if is_taken(&state, one) {
            break true;
        }
        if began.elapsed() > WAIT {
            break false;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    match global.format {
        Format::Json => outln!("{}", json!({"version": 1, "approved": one, "taken": taken})),
        _ if taken => outln!("approved: {}", one.text()),
        _ => outln!("approved: {}; it is taken up after the pass that is under way", one.text()),
    }
    Ok(Outcome::Fine)
}

fn list(held: &[Held], global: Global) {
    match global.format {
        Format::Json => outln!("{}", json!({"version": 1, "held": held})),
        _ if held.is_empty() => outln!("nothing is held"),
        _ => held.iter().for_each(|held| outln!("{}  {}", held.word, held.text())),
    }
}
