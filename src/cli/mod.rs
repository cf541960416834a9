//! The command line: arguments to work, results to stdout, talk to stderr, and an exit code. One file per verb.

mod answers;
mod apply;
mod approve;
mod check;
mod connect;
mod demo;
mod explain;
mod files;
mod fmt;
mod link;
mod local;
mod lsp;
mod out;
mod passes;
mod plan;
mod project;
mod pull;
mod run;
mod sandbox;
pub mod settings;
mod show;
mod signals;
mod snapshot;
pub mod test;
mod watch;
mod why;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use serde_json::json;

use crate::diagnostic::render::{self, Look};
use out::{errln, outln};

pub use connect::{ConnectError, Connection, connect, connect_models};

#[derive(Parser)]
#[command(name = "syncline", version, about = "Keeps HubSpot and Salesforce in step, with rules as code")]
struct Args {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

/// What every verb takes.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Global {
    /// How results are written; not every command has every form
    #[arg(long, global = true, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub format: Format,
    /// When to use colour; `auto` is where a terminal can show it and NO_COLOR is not set
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// Results and errors only
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Drawn for a terminal
    Human,
    /// One finding per paragraph, without drawings: for screen readers and logs
    Plain,
    /// For programs; stable
    Json,
    /// SARIF 2.1.0, which code hosts and editors read
    Sarif,
    /// Remarks on the lines of a pull request, as a GitHub workflow writes them
    Github,
    /// JUnit XML, which build servers read
    Junit,
    /// For tickets and pages
    Markdown,
}

impl Format {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

impl Verb {
    /// The forms that its result has.
    fn formats(&self) -> &'static [Format] {
        match self {
            Verb::Check(_) => {
                &[Format::Human, Format::Plain, Format::Json, Format::Sarif, Format::Github, Format::Junit]
            }
            Verb::Test(_) => &[Format::Human, Format::Plain, Format::Json, Format::Github, Format::Junit],
            Verb::Explain(_) => &[Format::Human, Format::Plain, Format::Json, Format::Markdown],
            _ => &[Format::Human, Format::Json],
        }
    }

    /// As it is typed.
    fn name(&self) -> &'static str {
        match self {
            Verb::Check(_) => "check",
            Verb::Fmt(_) => "fmt",
            Verb::Pull(_) => "pull",
            Verb::Plan(_) => "plan",
            Verb::Apply(_) => "apply",
            Verb::Why(_) => "why",
            Verb::Explain(_) => "explain",
            Verb::Lsp(_) => "lsp",
            Verb::Test(_) => "test",
            Verb::Run(_) => "run",
            Verb::Approve(_) => "approve",
            Verb::Link(_) => "link",
            Verb::Decline(_) => "decline",
            Verb::Demo(_) => "demo",
            Verb::Sandbox(_) => "sandbox",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

impl Global {
    /// How findings are drawn: as wide as the terminal, in colour where it can show it.
    fn look(&self) -> Look {
        let terminal = std::io::stdout().is_terminal();
        let colour = match self.color {
            Color::Auto => (terminal && !dumb() || forced_color()) && !no_color(),
            Color::Always => true,
            Color::Never => false,
        };
        let asked = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
        let seen = || terminal_size::terminal_size().filter(|_| terminal).map(|(width, _)| usize::from(width.0));
        // Longer lines are hard to read, however wide the window is.
        let width = asked.or_else(|| seen().map(|width: usize| width.min(120))).unwrap_or(100);
        Look { width, colour }
    }
}

/// Runs the asynchronous part of a verb.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T, StartError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    Ok(runtime.map_err(|error| StartError(error.to_string()))?.block_on(work))
}

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot start: {0}")]
struct StartError(String);

#[derive(Subcommand)]
enum Verb {
    /// Check the rules: all findings at once
    Check(check::Args),
    /// Write the rules in canonical form
    Fmt(fmt::Args),
    /// Ask both CRMs for their fields and write them beside the rules
    Pull(pull::Args),
    /// Show what a pass would write, and why; writes nothing anywhere
    Plan(plan::Args),
    /// Run one pass
    Apply(apply::Args),
    /// Say of one record whether it is synced, and why; by the local state alone
    Why(why::Args),
    /// Say in plain English what a rule does, or all of them; or what a code means
    Explain(explain::Args),
    /// Serve an editor: findings, completion and more as rules are typed; editors start it
    Lsp(lsp::Args),
    /// Run the rules' own tests
    Test(test::Args),
    /// Keep both CRMs in step until told to stop; changed rules are taken up as they are saved
    Run(run::Args),
    /// Release what a running `syncline run` holds, or list it
    Approve(approve::Args),
    /// Join two records that a rule proposes for one, or list what is proposed
    Link(link::Args),
    /// Keep two records apart that a rule proposes for one
    Decline(link::Args),
    /// Watch rules bring two simulated CRMs into step
    Demo(demo::Args),
    /// Serve a model of both CRMs on this machine, to try rules on
    Sandbox(sandbox::Args),
}

/// How a verb ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0.
    Fine,
    /// Exit code 1: there is something to look at.
    Findings,
    /// Exit code 2: it could not be done, and why has been said.
    Undone,
}

/// From arguments to the exit code: 0 fine, 1 findings, 2 could not do it.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            // Help and version come this way too, and go to stdout with code 0. A closed pipe leaves nobody to tell.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    set_color(args.global.color);
    let formats = args.verb.formats();
    if !formats.contains(&args.global.format) {
        let names: Vec<String> = formats.iter().map(|format| format!("`{}`", format.name())).collect();
        let has =
            names.split_last().map_or_else(String::new, |(last, first)| format!("{} or {last}", first.join(", ")));
        errln!("`syncline {}` writes {has}, not `{}`", args.verb.name(), args.global.format.name());
        return ExitCode::from(2);
    }
    let done = match &args.verb {
        Verb::Check(verb) => check::run(verb, args.global),
        Verb::Fmt(verb) => fmt::run(verb, args.global),
        Verb::Pull(verb) => pull::run(verb, args.global),
        Verb::Plan(verb) => plan::run(verb, args.global),
        Verb::Apply(verb) => apply::run(verb, args.global),
        Verb::Why(verb) => why::run(verb, args.global),
        Verb::Explain(verb) => explain::run(verb, args.global),
        Verb::Lsp(verb) => lsp::run(verb, args.global),
        Verb::Test(verb) => test::run(verb, args.global),
        Verb::Run(verb) => run::run(verb, args.global),
        Verb::Approve(verb) => approve::run(verb, args.global),
        Verb::Link(verb) => link::run(verb, args.global, true),
        Verb::Decline(verb) => link::run(verb, args.global, false),
        Verb::Demo(verb) => demo::run(verb, args.global),
        Verb::Sandbox(verb) => sandbox::run(verb, args.global),
    };
    match done {
        Ok(_) if out::lost() => {
            errln!("the result could not be written to stdout");
            ExitCode::from(2)
        }
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Undone) => ExitCode::from(2),
        Err(report) => {
            complain(&report, args.global.format);
            ExitCode::from(2)
        }
    }
}

/// https://no-color.org
fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty())
}

/// A terminal that shows what it is given, character by character: editors' shells say so of themselves.
fn dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|kind| kind == "dumb")
}

/// https://bixense.com/clicolors
fn forced_color() -> bool {
    std::env::var_os("CLICOLOR_FORCE").is_some_and(|set| !set.is_empty() && set != "0")
}

fn set_color(color: Color) {
    let chosen = match color {
        Color::Auto if no_color() => false,
        Color::Auto if forced_color() => true,
        Color::Auto if dumb() => false,
        Color::Auto => return,
        Color::Always => true,
        Color::Never => false,
    };
    // Refused only when a hook is set already, and then reports are shown in its way.
    let _ = miette::set_hook(Box::new(move |_| Box::new(miette::MietteHandlerOpts::new().color(chosen).build())));
}

/// Says why it could not be done: for people on stderr, for programs as one line of JSON on stdout.
fn complain(report: &miette::Report, format: Format) {
    match format {
        Format::Json => {
            let help = report.help().map(|help| help.to_string());
            outln!("{}", json!({"error": {"message": report.to_string(), "help": help}}));
        }
        Format::Plain => {
            errln!("error: {report}");
            report.help().into_iter().for_each(|help| errln!("help: {help}"));
        }
        // Where a workflow looks for them, so that a failed step says why.
        Format::Github => outln!("{}", render::github_error(&report.to_string())),
        _ => errln!("{report:?}"),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn arguments_are_well_formed() {
        super::Args::command().debug_assert();
    }
}
