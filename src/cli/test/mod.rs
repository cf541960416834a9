//! `syncline test`: the rules' own tests, on models of both CRMs in this process. Nothing is called, nothing is kept.
//!
//! `models` makes the CRMs that the schema snapshots describe, `lab` puts the real adapters, engine and store in front of
//! them, `people` does what the test says, `play` goes through the steps, `expect` judges; a `witness` listens to the
//! engine, for the trace of a failure and for `coverage`.

mod coverage;
mod expect;
mod failure;
mod lab;
mod models;
mod people;
mod play;
mod report;
mod staff;
mod witness;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use miette::{Diagnostic, Report as Failed};
use thiserror::Error;

use super::out::{errln, out, outln};
use super::project::Project;
use super::signals::Signals;
use super::watch::{Found, Loaded, Loader, Refused, Timing, Watch, Why};
use super::{Format, Global, Outcome, block_on, check};
use crate::data::{BySide, Dict};
use crate::diagnostic::{Finding, has_errors};
use crate::lang::plan::{Plan, RuleTest};
use crate::lang::schema::Catalog;
use coverage::{Described, Point, points};
use failure::Failure;
use lab::{SEED, START};
use models::Models;
use play::{Ground, Played, play};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Only tests with this text in their name
    #[arg(value_name = "FILTER")]
    filter: Option<String>,
    /// Folder of the project
    #[arg(long, short = 'C', value_name = "DIR", default_value = ".")]
    project: PathBuf,
    /// Show which outcomes of the rules no test has seen
    #[arg(long)]
    coverage: bool,
    /// Fail when less than this percentage of the outcomes is seen
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    min: Option<u8>,
    /// Run them again whenever a file is saved
    #[arg(long)]
    watch: bool,
}

#[derive(Debug, Error, Diagnostic)]
pub enum TestError {
    #[error("the test `{name}` could not be run: {why}")]
    NotRun { name: String, why: String },
    #[error("`--watch` goes on, and a JUnit file has an end")]
    #[diagnostic(help("leave one of the two out"))]
    WatchedJunit,
    #[error("cannot listen for signals: {0}")]
    Signals(std::io::Error),
    #[error("no test has `{0}` in its name")]
    #[diagnostic(help("`syncline test` without a filter runs all of them"))]
    NoneLikeIt(String),
}

/// What came of all tests that were run.
pub(super) struct Report<'a> {
    plan: &'a Plan,
    played: Vec<(&'a RuleTest, Played)>,
    points: BTreeMap<Point, Described>,
}

impl Report<'_> {
    fn failed(&self) -> usize {
        self.played.iter().filter(|(_, played)| !played.failures.is_empty()).count()
    }

    fn seen(&self) -> BTreeSet<&Point> {
        self.played.iter().flat_map(|(_, played)| &played.covered).collect()
    }

    /// Outcomes of the rules that no test has seen.
    fn missing(&self) -> report::Missing<'_> {
        let seen = self.seen();
        let mut missing: report::Missing<'_> = self.points.iter().filter(|(point, _)| !seen.contains(point)).collect();
        let place = |described: &Described| described.place.as_ref().map(|place| (place.file, place.line));
        // What has no place of its own comes after all that has.
        missing.sort_by_key(|(_, described)| (described.place.is_none(), place(described)));
        missing
    }

    /// How many outcomes were seen, of how many.
    fn share(&self) -> (usize, usize) {
        (self.points.len() - self.missing().len(), self.points.len())
    }

    /// Whole percent, rounded down: 100 is all.
    fn percent(&self) -> usize {
        match self.share() {
            (_, 0) => 100,
            (seen, all) => seen * 100 / all,
        }
    }
}

pub(super) fn run(args: &Args, global: Global) -> Result<Outcome, Failed> {
    if args.watch {
        return match global.format {
            Format::Junit => Err(TestError::WatchedJunit.into()),
            _ => block_on(watch(args, global))?,
        };
    }
    let project = Project::read(&args.project)?;
    let mut dict = Dict::default();
    let (plan, findings) = project.compile(&mut dict);
    match plan.filter(|_| !has_errors(&findings)) {
        Some(plan) => Ok(show(args, global, &project, &plan, &dict)?),
        None => {
            check::print(&findings, &project.files, global);
            Ok(Outcome::Undone)
        }
    }
}

/// Runs the tests whenever the files have changed, until it is told to stop.
async fn watch(args: &Args, global: Global) -> Result<Outcome, Failed> {
    let mut signals = Signals::catch().map_err(TestError::Signals)?;
    let mut watch = Watch::start(Loader::without_tests(&args.project), Timing::default());
    loop {
        let found = tokio::select! {
            found = watch.found.recv() => found,
            () = signals.next() => None,
        };
        match found {
            None => return Ok(Outcome::Fine),
            Some(Found::Good(loaded)) => {
                let Loaded { project, plan, dict, .. } = &*loaded;
                if let Err(error) = tokio::task::block_in_place(|| show(args, global, project, plan, dict)) {
                    errln!("{:?}", Failed::from(error));
                }
            }
            Some(Found::Refused(Refused { why: Why::Findings(findings, files) })) => {
                check::print(&findings, &files, global);
            }
            Some(Found::Refused(Refused { why: Why::Unfit(error) })) => errln!("{error}"),
            Some(Found::Unwatched(why)) => errln!("{why}"),
        }
    }
}

fn show(args: &Args, global: Global, project: &Project, plan: &Plan, dict: &Dict) -> Result<Outcome, TestError> {
    let filter = args.filter.as_deref();
    let catalogs = BySide::new(&project.catalogs.left, &project.catalogs.right);
    let wanted = |test: &RuleTest| filter.is_none_or(|filter| test.name.contains(filter));
    let report = run_tests(plan, dict, catalogs, wanted, None)?;
    if let (Some(filter), []) = (filter, report.played.as_slice()) {
        return Err(TestError::NoneLikeIt(filter.to_owned()));
    }
    let counts = args.coverage || args.min.is_some();
    match global.format {
        Format::Json => outln!("{}", report::to_json(&report, &project.files, counts)),
        Format::Junit => out!("{}", report::junit(&report, &project.files)),
        Format::Github => out!("{}", report::github(&report, &project.files)),
        Format::Plain => out!("{}", report::plain(&report, &project.files)),
        _ => {
            out!("{}", report::human(&report, &project.files, global.look(), !global.quiet));
            if counts {
                out!("{}", report::coverage(&report));
            }
        }
    }
    let covered = args.min.is_none_or(|min| report.percent() >= usize::from(min));
    if !covered {
        errln!("coverage is {}%, less than {}%", report.percent(), args.min.unwrap_or_default());
    }
    Ok(if report.failed() == 0 && covered { Outcome::Fine } else { Outcome::Findings })
}

/// What the rules' own tests say of them.
#[derive(Debug, Default)]
pub struct Verdict {
    /// One for each expectation that is not met.
    pub findings: Vec<Finding>,
    /// Tests that were not begun in time.
    pub left: usize,
}

/// Runs all tests of a plan; none is begun later than `most` from now.
pub fn verdict(
    plan: &Plan,
    dict: &Dict,
    catalogs: BySide<&Catalog>,
    most: Option<Duration>,
) -> Result<Verdict, TestError> {
    let report = run_tests(plan, dict, catalogs, |_| true, most)?;
    let left = plan.tests.len() - report.played.len();
    let failures = report.played.into_iter().flat_map(|(test, played)| {
        let named = move |failure: Failure| failure.finding.also(test.place.file, test.span, "in this test");
        played.failures.into_iter().map(named)
    });
    Ok(Verdict { findings: failures.collect(), left })
}

/// Plays the tests that are `wanted`, each in a world of its own, several at a time. `most`: none is begun later.
pub(super) fn run_tests<'a>(
    plan: &'a Plan,
    dict: &Dict,
    catalogs: BySide<&Catalog>,
    wanted: impl Fn(&RuleTest) -> bool,
    most: Option<Duration>,
) -> Result<Report<'a>, TestError> {
    let end = most.and_then(|most| Instant::now().checked_add(most));
    let tests: Vec<&RuleTest> = plan.tests.iter().filter(|test| wanted(test)).collect();
    let models = Models::of(catalogs, SEED, START);
    let ground = Ground { plan, dict, models: &models };
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, Result<Played, String>>> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(tests.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    let Some(test) = tests.get(at).filter(|_| end.is_none_or(|end| Instant::now() < end)) else {
                        break;
                    };
                    let played = play(&ground, test);
                    done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(at, played);
                }
            });
        }
    });
    let done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let played = done.into_iter().filter_map(|(at, played)| Some((*tests.get(at)?, played)));
    let played = played.map(|(test, played)| match played {
        Ok(played) => Ok((test, played)),
        Err(why) => Err(TestError::NotRun { name: test.name.clone(), why }),
    });
    Ok(Report { plan, played: played.collect::<Result<_, _>>()?, points: points(plan) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceFile;
    use crate::lang::compile;

    #[test]
    fn tests_that_there_is_no_time_for_are_counted() {
        let read = |text| serde_json::from_str(text).unwrap();
        let left: Catalog = read(include_str!("../../../examples/developer-edition/schemas/hubspot.json"));
        let right: Catalog = read(include_str!("../../../examples/developer-edition/schemas/salesforce.json"));
        let rules = include_str!("../../../examples/developer-edition/rules/people.sync");
        let tests = include_str!("../../../examples/developer-edition/rules/people.tests.sync");
        let mut dict = Dict::default();
        let files = [SourceFile::new("rules.sync", rules), SourceFile::new("tests.sync", tests)];
        let plan = compile(&files, &left, &right, &mut dict).0.unwrap();
        let run = |most| verdict(&plan, &dict, BySide::new(&left, &right), most).unwrap();
        assert_eq!(run(Some(Duration::ZERO)).left, plan.tests.len());
        let all = run(None);
        assert!(all.left == 0 && all.findings.is_empty(), "{all:#?}");
        let without = compile(&files[..1], &left, &right, &mut dict).0.unwrap();
        assert_eq!(plan.digest, without.digest, "tests change nothing of what the rules mean");
    }
}
