//! `syncline check`: all findings at once, and what mends them.

use std::path::PathBuf;

use miette::Report;

use super::files::{self, replace};
use super::out::{out, outln};
use super::project::Project;
use super::{Format, Global, Outcome};
use crate::data::Dict;
use crate::diagnostic::fix::{Settled, settle};
use crate::diagnostic::{Finding, SourceFile, has_errors, render};
use crate::lang::compile;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Folder of the project
    #[arg(long, short = 'C', value_name = "DIR", default_value = ".")]
    project: PathBuf,
    /// Make the changes of the rules that are surely meant, and show what is left
    #[arg(long)]
    fix: bool,
    /// With `--fix`: show the changes and write nothing
    #[arg(long, requires = "fix")]
    diff: bool,
}

pub(super) fn run(args: &Args, global: Global) -> Result<Outcome, Report> {
    let project = Project::read(&args.project)?;
    if !args.fix {
        let (_, findings) = project.compile(&mut Dict::default());
        print(&findings, &project.files, global);
        return Ok(outcome(&findings));
    }
    let catalogs = &project.catalogs;
    let settled =
        settle(&project.files, |files| compile(files, &catalogs.left, &catalogs.right, &mut Dict::default()).1);
    let changed = || project.files.iter().zip(&settled.files).filter(|(old, new)| old.text != new.text);
    if args.diff {
        for (old, new) in changed() {
            out!("{}", files::diff(&old.name, &old.text, &new.text));
        }
        return Ok(if changed().next().is_some() { Outcome::Findings } else { outcome(&settled.findings) });
    }
    for (old, new) in changed() {
        replace(&args.project.join(&old.name), &old.text, &new.text)?;
    }
    tell(&settled, global);
    Ok(outcome(&settled.findings))
}

fn outcome(findings: &[Finding]) -> Outcome {
    if has_errors(findings) { Outcome::Findings } else { Outcome::Fine }
}

/// What was changed, one line each, and what is left.
fn tell(settled: &Settled, global: Global) {
    if global.format == Format::Human && !settled.made.is_empty() {
        for made in &settled.made {
            let file = settled.files.get(made.file).map_or("", |file| &file.name);
            outln!("fixed {} {file}:{}: {}", made.finding.code, made.line, made.title);
        }
        outln!("");
    }
    print(&settled.findings, &settled.files, global);
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
            match findings.iter().filter(|finding| finding.fixes.iter().any(|fix| fix.safe)).count() {
                0 => {}
                count => outln!("`syncline check --fix` mends {count} of them"),
            }
        }
    }
}
