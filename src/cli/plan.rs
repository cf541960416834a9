//! `syncline plan`: what a pass would write, and why. Writes nothing anywhere.

use std::path::PathBuf;

use miette::Report;

use super::out::{errln, out, outln};
use super::passes::{Passed, Ran, pass};
use super::project::Project;
use super::show::{self, Collector};
use super::{Format, Global, Outcome, block_on, check};
use crate::diagnostic::escape;
use crate::sync::{Ending, PassOptions};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Folder of the project
    #[arg(long, short = 'C', value_name = "DIR", default_value = ".")]
    project: PathBuf,
    /// How many changes to show in full
    #[arg(long, value_name = "N", default_value_t = 50)]
    most: usize,
}

pub(super) fn run(args: &Args, global: Global) -> Result<Outcome, Report> {
    rehearse_or_run(&args.project, true, args.most, &PassOptions { count_only: true, ..PassOptions::default() }, global)
}

/// What `plan` and `apply` have in common: everything but whether it is real.
pub(super) fn rehearse_or_run(
    folder: &std::path::Path,
    dry: bool,
    most: usize,
    options: &PassOptions,
    global: Global,
) -> Result<Outcome, Report> {
    let project = Project::read(folder)?;
    let collector = Collector::new(global.quiet || global.format == Format::Json);
    let passed = block_on(pass(&project, dry, options, &collector))??;
    let Ran { plan, report, problems } = match passed {
        Passed::Refused(findings) => {
            check::print(&findings, &project.files, global);
            return Ok(Outcome::Findings);
        }
        Passed::Ran(ran) => *ran,
    };
    if let Some(word) = options.approve.as_ref().filter(|_| !report.approved) {
        errln!("`{}` released nothing: it is the word of another change, or nothing was held", escape(word));
    }
    let mut told = collector.told();
    let is_open = told.with_problems(problems);
    match global.format {
        Format::Json => outln!("{}", show::to_json(&plan, &told, &report, dry)),
        _ => {
            if dry {
                outln!("rules {}   dry run: nothing is written\n", plan.digest.short());
            } else {
                outln!("rules {}   pass {}\n", plan.digest.short(), report.pass);
            }
            out!("{}", show::changes(&told, &plan, most, dry));
            out!("{}", show::reasons(&told, most));
            out!("\n{}", show::summary(&report, &told, dry));
        }
    }
    let fine = matches!(report.ending, Ending::Quiet) && !is_open;
    Ok(if fine { Outcome::Fine } else { Outcome::Findings })
}
