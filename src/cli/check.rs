//! `syncline check`: all findings at once.

use std::path::PathBuf;

use miette::Report;

use super::out::{out, outln};
use super::project::Project;
use super::{Format, Global, Outcome};
use crate::data::Dict;
use crate::diagnostic::{Finding, SourceFile, has_errors, render};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Folder of the project
    #[arg(long, short = 'C', value_name = "DIR", default_value = ".")]
    project: PathBuf,
}

pub(super) fn run(args: &Args, global: Global) -> Result<Outcome, Report> {
    let project = Project::read(&args.project)?;
    let (_, findings) = project.compile(&mut Dict::default());
    print(&findings, &project.files, global);
    Ok(if has_errors(&findings) { Outcome::Findings } else { Outcome::Fine })
}

/// Findings go to stdout: they are the result.
pub(super) fn print(findings: &[Finding], files: &[SourceFile], global: Global) {
    match global.format {
        Format::Json => outln!("{}", render::json(findings, files)),
        Format::Human | Format::Junit => {
            out!("{}", render::human(findings, files, global.look()));
            if let Some(first) = findings.first() {
                outln!("`syncline explain {}` says more", first.code);
            }
        }
    }
}
