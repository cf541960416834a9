//! `syncline check`: all findings at once, and what mends them.

use std::path::PathBuf;

use miette::Report;

use super::files::{print_diff, replace};
use super::out::{out, outln};
use super::project::Project;
use super::{Format, Global, Outcome};
use crate::data::Dict;
use crate::diagnostic::fix::{Settled, settle};
use crate::diagnostic::{Finding, SourceFile, escape, has_errors, render};
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
        let settled = Settled { files: project.files, findings, made: Vec::new() };
        tell(&settled, args, global);
        return Ok(outcome(&settled.findings));
    }
    let catalogs = &project.catalogs;
    let settled =
        settle(&project.files, |files| compile(files, &catalogs.left, &catalogs.right, &mut Dict::default()).1);
    let changed = || project.files.iter().zip(&settled.files).filter(|(old, new)| old.text != new.text);
    if args.diff {
        for (old, new) in changed() {
            print_diff(&old.name, &old.text, &new.text);
        }
        return Ok(if changed().next().is_some() { Outcome::Findings } else { outcome(&settled.findings) });
    }
    for (old, new) in changed() {
        replace(&args.project.join(&old.name), &old.text, &new.text)?;
    }
    tell(&settled, args, global);
    Ok(outcome(&settled.findings))
}

fn outcome(findings: &[Finding]) -> Outcome {
    if has_errors(findings) { Outcome::Findings } else { Outcome::Fine }
}

/// What was changed, and what is left.
fn tell(settled: &Settled, args: &Args, global: Global) {
    let Settled { files, findings, made } = settled;
    // Other tools look for the files from where they are, not from the project's folder.
    let from_here = || -> Vec<SourceFile> {
        let name = |file: &SourceFile| args.project.join(&file.name).display().to_string();
        files.iter().map(|file| SourceFile::new(name(file).trim_start_matches("./"), &*file.text)).collect()
    };
    match global.format {
        Format::Json => outln!("{}", render::report(findings, files, made)),
        Format::Sarif => outln!("{:#}", render::sarif(findings, &from_here())),
        Format::Github => out!("{}", render::github(findings, &from_here())),
        Format::Junit => out!("{}", render::junit(findings, &from_here())),
        _ => {
            for made in made {
                let file = files.get(made.file).map_or("", |file| &file.name);
                outln!("fixed {} {file}:{}: {}", made.finding.code, made.line, escape(&made.title));
            }
            if !made.is_empty() {
                outln!("");
            }
            print(findings, files, global);
        }
    }
}

/// Findings go to stdout: they are the result.
pub(super) fn print(findings: &[Finding], files: &[SourceFile], global: Global) {
    match global.format {
        Format::Json => outln!("{}", render::report(findings, files, &[])),
        Format::Github => out!("{}", render::github(findings, files)),
        Format::Junit => out!("{}", render::junit(findings, files)),
        format => {
            match format {
                Format::Plain => out!("{}", render::plain(findings, files)),
                _ => out!("{}", render::human(findings, files, global.look())),
            }
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
