//! What a pass tells, collected.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use indicatif::{ProgressBar, ProgressStyle};

use super::crm;
use crate::data::Millis;
use crate::sync::{Change, Event, Observer, Problem, Relinked};

/// Collects what a pass tells; shows progress on stderr.
pub(in crate::cli) struct Collector {
    told: Mutex<Told>,
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
}

#[derive(Default)]
pub(in crate::cli) struct Told {
    pub changes: Vec<Change>,
    pub relinked: Vec<Relinked>,
    /// `(record, reason)`
    pub skipped: Vec<(String, String)>,
    /// Where a record stands in `skipped`.
    known: HashMap<String, usize>,
    /// Linked records to which values flow no more: `(record, reason)`.
    pub frozen: Vec<(String, String)>,
    pub issues: Vec<Issue>,
}

pub(in crate::cli) struct Issue {
    pub label: String,
    pub rule: String,
    pub code: String,
    pub message: String,
    /// It was on record before; first seen then.
    pub since: Option<Millis>,
}

impl Told {
    /// With the problems that are on record, told before or not. Whether somebody has to do something about one of them.
    pub(in crate::cli) fn with_problems(&mut self, problems: Vec<Problem>) -> bool {
        let told = std::mem::take(&mut self.issues);
        let same = |issue: &Issue, problem: &Problem| {
            (&issue.label, &issue.code, &issue.rule) == (&problem.label, &problem.code, &problem.rule)
        };
        let is_open = problems.iter().any(Problem::is_open);
        let beside = told.iter().any(|issue| issue.code == UNREAD);
        let known = problems.iter().map(|problem| Issue {
            label: problem.label.clone(),
            rule: problem.rule.clone(),
            code: problem.code.clone(),
            message: problem.message.clone(),
            since: (!told.iter().any(|issue| same(issue, problem))).then_some(problem.since),
        });
        self.issues = known.collect();
        let passing = told.into_iter().filter(|issue| issue.code == UNREAD);
        self.issues.extend(passing);
        is_open || beside
    }
}

/// A feed could not be read: said of the pass, and on no record.
const UNREAD: &str = "R720";

impl Collector {
    pub(in crate::cli) fn new(quiet: bool) -> Collector {
        let bar =
            if quiet || !std::io::stderr().is_terminal() { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        Collector { told: Mutex::default(), bar, stop: Arc::default() }
    }

    /// Set it, and the pass comes to its end early.
    pub(in crate::cli) fn stop(&self) -> Arc<AtomicBool> {
        self.stop.clone()
    }

    /// All that was told, in an order of its own: both sides are asked at once, and which call is answered first is nothing
    /// that two runs should differ by. Changes of one record stay in the order in which they came.
    pub(in crate::cli) fn told(&self) -> MutexGuard<'_, Told> {
        self.bar.finish_and_clear();
        let mut told = self.told.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        told.changes
            .sort_by(|a, b| (a.side, &a.ty, !a.create, &a.subject).cmp(&(b.side, &b.ty, !b.create, &b.subject)));
        told.relinked.sort_by(|a, b| (&a.subject, &a.from.id).cmp(&(&b.subject, &b.from.id)));
        told.frozen.sort();
        told.issues.sort_by(|a, b| (&a.code, &a.label, &a.rule).cmp(&(&b.code, &b.label, &b.rule)));
        told
    }
}

impl Observer for Collector {
    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn on(&self, event: Event<'_>) {
        let mut told = self.told.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        match event {
            Event::Read { side, feed, rows, .. } => {
                self.bar.set_message(format!("reading {} {feed}: {rows}", crm(side)))
            }
            Event::Unread { side, feed, why } => {
                let label = format!("{} {feed}", crm(side));
                let (code, message) = (UNREAD.to_owned(), why.to_owned());
                told.issues.push(Issue { label, rule: String::new(), code, message, since: None });
            }
            Event::Decided(_) => {}
            Event::Deciding { subjects } => self.bar.set_message(format!("deciding {subjects}")),
            Event::Skipped { label, why } => {
                // A subject is decided again after its writes; the last word counts.
                match told.known.get(label).copied() {
                    Some(at) => told.skipped[at].1 = why.to_owned(),
                    None => {
                        let at = told.skipped.len();
                        told.known.insert(label.to_owned(), at);
                        told.skipped.push((label.to_owned(), why.to_owned()));
                    }
                }
            }
            Event::Frozen { label, why } => told.frozen.push((label.into(), why.into())),
            Event::Issue { label, rule, code, message } => told.issues.push(Issue {
                label: label.into(),
                rule: rule.into(),
                code: code.into(),
                message: message.into(),
                since: None,
            }),
            Event::Changed(change) => told.changes.push(change.clone()),
            Event::Relinked(relinked) => told.relinked.push(relinked.clone()),
            Event::Sending { side, call, records } => {
                self.bar.set_message(format!("{}: {call}, {records} records", crm(side)));
            }
            Event::Recovered { side, ops } => {
                self.bar.set_message(format!("looking up {ops} open operations in {}", crm(side)))
            }
        }
    }
}
