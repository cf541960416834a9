//! `syncline fmt`: rules in canonical form.

use std::io::Read;
use std::path::{Path, PathBuf};

use miette::{Diagnostic, Report};
use serde_json::{Value, json};
use syncline_grammar::{Changed, FormatError, format};
use thiserror::Error;

use super::check;
use super::files::{print_diff, replace};
use super::out::{errln, out, outln};
use super::project::{ProjectError, rule_text};
use super::settings::Settings;
use super::snapshot::{RULES_LIMIT, contents, rule_paths};
use super::{Format, Global, Outcome};
use crate::diagnostic::render;
use crate::diagnostic::{Finding, SourceFile};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Files and folders of rules, or `-` for stdin to stdout; without any, the rules of the project
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Folder of the project
    #[arg(long, short = 'C', value_name = "DIR", default_value = ".")]
    project: PathBuf,
    /// Write nothing; list the files that would change, and exit with 1 if there are any
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change, and exit with 1 if anything would
    #[arg(long)]
    diff: bool,
}

#[derive(Debug, Error, Diagnostic)]
enum FmtError {
    #[error("`-` stands for stdin, and takes no other paths beside it")]
    #[diagnostic(help("format the files in a run of their own"))]
    StdinAndPaths,
    #[error("cannot read stdin: {0}")]
    Stdin(String),
    #[error("stdin is not UTF-8: byte {0} is none")]
    #[diagnostic(help("send it as UTF-8"))]
    StdinNotUtf8(usize),
}

/// What became of one file.
enum Done {
    Same,
    Changed(String),
    /// It has faults of syntax.
    Faulty(Vec<Finding>),
    Refused(Changed),
}

/// Where a text came from.
enum Place {
    Stdin,
    File(PathBuf),
}

pub(super) fn run(args: &Args, global: Global) -> Result<Outcome, Report> {
    let stdin = args.paths.iter().any(|path| path.as_os_str() == "-");
    let (places, files) = match stdin {
        true if args.paths.len() > 1 => return Err(FmtError::StdinAndPaths.into()),
        true => (vec![Place::Stdin], vec![stdin_file()?]),
        false => read(&rules(args)?, args)?,
    };
    let done: Vec<Done> = files.iter().enumerate().map(|(at, file)| one(at, file)).collect();
    if !args.check && !args.diff {
        for ((place, file), done) in places.iter().zip(&files).zip(&done) {
            if let (Place::File(path), Done::Changed(text)) = (place, done) {
                replace(path, &file.text, text)?;
            }
        }
    }
    for (file, done) in files.iter().zip(&done) {
        if let Done::Refused(changed) = done {
            errln!("`{}` was left alone: formatting would change {changed}", file.name);
            errln!("  this is a fault of Syncline, not of the file; please report it with the file");
        }
    }
    match global.format {
        Format::Json => outln!("{}", told(&files, &done)),
        _ if stdin => say_text(args, &files, &done, global),
        _ => say(args, &files, &done, global),
    }
    let changed = done.iter().any(|done| matches!(done, Done::Changed(_)));
    Ok(match () {
        () if done.iter().any(|done| matches!(done, Done::Refused(_))) => Outcome::Undone,
        () if done.iter().any(|done| matches!(done, Done::Faulty(_))) => Outcome::Findings,
        () if changed && (args.check || args.diff) => Outcome::Findings,
        () => Outcome::Fine,
    })
}

fn one(at: usize, file: &SourceFile) -> Done {
    match format(&file.text) {
        Ok(text) if text == file.text => Done::Same,
        Ok(text) => Done::Changed(text),
        Err(FormatError::Problems(problems)) => {
            Done::Faulty(problems.iter().map(|problem| Finding::from_problem(at, problem)).collect())
        }
        Err(FormatError::Fault(changed)) => Done::Refused(changed),
    }
}

/// The rule files that the arguments mean, each once.
fn rules(args: &Args) -> Result<Vec<PathBuf>, Report> {
    let mut rules = Vec::new();
    let given = if args.paths.is_empty() { std::slice::from_ref(&args.project) } else { &args.paths };
    for path in given {
        if !path.is_dir() {
            rules.push(path.clone());
            continue;
        }
        let settings = path.join("syncline.yaml");
        let is_project = args.paths.is_empty() || settings.is_file();
        let folder = if is_project { Settings::read(&settings)?.rules } else { path.clone() };
        let found = rule_paths(&folder).map_err(|why| ProjectError::Read { path: folder.clone(), why })?;
        if found.is_empty() {
            return Err(ProjectError::NoRules(folder).into());
        }
        rules.extend(found);
    }
    rules.sort();
    rules.dedup();
    Ok(rules)
}

/// Files are named as the other verbs name those of the project, or as they were given.
fn read(paths: &[PathBuf], args: &Args) -> Result<(Vec<Place>, Vec<SourceFile>), Report> {
    let root = if args.paths.is_empty() { &args.project } else { Path::new(".") };
    let read = |path: &PathBuf| {
        let file = rule_text(path, contents(path, RULES_LIMIT), root)?;
        Ok((Place::File(path.clone()), file))
    };
    paths.iter().map(read).collect()
}

fn stdin_file() -> Result<SourceFile, FmtError> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(RULES_LIMIT + 1).read_to_end(&mut bytes);
    read.map_err(|error| FmtError::Stdin(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| FmtError::StdinNotUtf8(error.utf8_error().valid_up_to()))?;
    Ok(SourceFile::new("<stdin>", text))
}

fn findings(done: &[Done]) -> Vec<Finding> {
    done.iter().flat_map(|done| if let Done::Faulty(findings) = done { findings.clone() } else { Vec::new() }).collect()
}

fn say(args: &Args, files: &[SourceFile], done: &[Done], global: Global) {
    let changed = || files.iter().zip(done).filter_map(|(file, done)| Some((file, text_of(done)?)));
    for (file, text) in changed() {
        if args.diff {
            print_diff(&file.name, &file.text, text);
        } else {
            outln!("{}", file.name);
        }
    }
    let found = findings(done);
    if !found.is_empty() {
        check::print(&found, files, global);
    }
    if !global.quiet {
        let (count, all) = (changed().count(), if files.len() == 1 { "file" } else { "files" });
        let verb = if args.check || args.diff { "would be written anew" } else { "written anew" };
        errln!("{count} of {} {all} {verb}", files.len());
    }
}

/// Of stdin: the text itself, so that it can be piped on; what is wrong with it goes to stderr.
fn say_text(args: &Args, files: &[SourceFile], done: &[Done], global: Global) {
    for (file, done) in files.iter().zip(done) {
        let text = text_of(done).unwrap_or(&file.text);
        match done {
            Done::Faulty(found) => errln!("{}", render::human(found, files, global.look()).trim_end()),
            Done::Refused(_) => {}
            Done::Same | Done::Changed(_) if args.diff => {
                print_diff(&file.name, &file.text, text);
            }
            Done::Same | Done::Changed(_) if args.check => {}
            Done::Same | Done::Changed(_) => out!("{text}"),
        }
    }
}

fn text_of(done: &Done) -> Option<&str> {
    if let Done::Changed(text) = done { Some(text) } else { None }
}

fn told(files: &[SourceFile], done: &[Done]) -> Value {
    let one = |(file, done): (&SourceFile, &Done)| {
        let outcome = match done {
            Done::Same => "same",
            Done::Changed(_) => "changed",
            Done::Faulty(_) => "faulty",
            Done::Refused(_) => "refused",
        };
        json!({"file": file.name, "outcome": outcome, "text": text_of(done)})
    };
    let all: Vec<Value> = files.iter().zip(done).map(one).collect();
    json!({"files": all, "findings": render::json(&findings(done), files)})
}
