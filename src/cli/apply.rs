//! `syncline apply`: one pass.

use std::path::PathBuf;

use miette::Report;

use super::plan::rehearse_or_run;
use super::{Global, Outcome};
use crate::sync::PassOptions;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Folder of the project
    #[arg(long, short = 'C', value_name = "DIR", default_value = ".")]
    project: PathBuf,
    /// Release what was held, by the word that the held pass gave
    #[arg(long, value_name = "WORD")]
    approve: Option<String>,
    /// How many changes to show in full
    #[arg(long, value_name = "N", default_value_t = 50)]
    most: usize,
}

pub(super) fn run(args: &Args, global: Global) -> Result<Outcome, Report> {
    let options = PassOptions { approve: args.approve.clone(), ..PassOptions::default() };
    rehearse_or_run(&args.project, false, args.most, &options, global)
}
