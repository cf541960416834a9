//! Changes, skips and problems for people and for machines.

use std::collections::{BTreeMap, HashMap};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::data::{Millis, Side};
use crate::diagnostic::escape;
use crate::lang::plan::Plan;
use crate::sync::{Change, Ending, Event, Holding, Observer, PassReport, Problem, Relinked};

/// Collects what a pass tells; shows progress on stderr.
pub(super) struct Collector {
    told: Mutex<Told>,
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
}

#[derive(Default)]
pub(super) struct Told {
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

pub(super) struct Issue {
    pub label: String,
    pub rule: String,
    pub code: String,
    pub message: String,
    /// It was on record before; first seen then.
    pub since: Option<Millis>,
}

impl Told {
    /// With the problems that are on record, told before or not. Whether somebody has to do something about one of them.
    pub(super) fn with_problems(&mut self, problems: Vec<Problem>) -> bool {
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
    pub(super) fn new(quiet: bool) -> Collector {
        let bar =
            if quiet || !std::io::stderr().is_terminal() { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        Collector { told: Mutex::default(), bar, stop: Arc::default() }
    }

    /// Set it, and the pass comes to its end early.
    pub(super) fn stop(&self) -> Arc<AtomicBool> {
        self.stop.clone()
    }

    /// All that was told, in an order of its own: both sides are asked at once, and which call is answered first is nothing
    /// that two runs should differ by. Changes of one record stay in the order in which they came.
    pub(super) fn told(&self) -> MutexGuard<'_, Told> {
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

/// The sides' names: HubSpot is left of an arrow.
pub(super) fn crm(side: Side) -> &'static str {
    match side {
        Side::Left => "HubSpot",
        Side::Right => "Salesforce",
    }
}

/// To the second: `2026-01-01T20:49:32Z`.
pub(super) fn moment(at: Millis) -> String {
    let text = at.to_iso();
    text.split_once('.').map(|(seconds, _)| format!("{seconds}Z")).unwrap_or(text)
}

pub(super) fn to_json(plan: &Plan, told: &Told, report: &PassReport, dry: bool) -> Value {
    let changes: Vec<Value> = told
        .changes
        .iter()
        .map(|change| {
            let mut value = serde_json::to_value(change).unwrap_or_default();
            value["side"] = json!(crm(change.side).to_lowercase());
            value
        })
        .collect();
    let skipped: Vec<Value> =
        told.skipped.iter().map(|(label, why)| json!({"subject": label, "reason": why})).collect();
    let issues: Vec<Value> = told
        .issues
        .iter()
        .map(|issue| {
            let since = issue.since.map(moment);
            json!({"subject": issue.label, "rule": issue.rule, "code": issue.code, "message": issue.message, "since": since})
        })
        .collect();
    let ending = match &report.ending {
        Ending::Quiet => json!({"state": "quiet"}),
        Ending::Later { why } => json!({"state": "later", "reason": why}),
        Ending::Held(holding) => json!({"state": "held", "holding": holding}),
    };
    let mut out = json!({
        "version": 1, "plan": plan.digest.to_string(), "dry_run": dry, "changes": changes, "skipped": skipped,
        "issues": issues, "ending": ending, "counts": by_crm(serde_json::to_value(&report.counts).unwrap_or_default()),
    });
    if !told.frozen.is_empty() {
        let frozen = told.frozen.iter().map(|(label, why)| json!({"subject": label, "reason": why}));
        out["frozen"] = frozen.collect();
    }
    if let (Some(held), Ending::Quiet | Ending::Later { .. }) = (&report.held, &report.ending) {
        out["would_hold"] = json!(held);
    }
    if !told.relinked.is_empty() {
        let relinked = told.relinked.iter().map(|relinked| {
            let mut value = serde_json::to_value(relinked).unwrap_or_default();
            value["side"] = json!(crm(relinked.side).to_lowercase());
            value
        });
        out["relinked"] = relinked.collect();
    }
    out
}

/// Sides by their names.
pub(super) fn by_crm(mut counts: Value) -> Value {
    if let Some(counts) = counts.as_object_mut() {
        for value in counts.values_mut() {
            if let (Some(left), Some(right)) = (value.get("left").cloned(), value.get("right").cloned()) {
                *value = json!({"hubspot": left, "salesforce": right});
            }
        }
    }
    counts
}

/// At most `most` changes in full, then what the rest amounts to.
pub(super) fn changes(told: &Told, plan: &Plan, most: usize, dry: bool) -> String {
    let mut out = String::new();
    for relinked in told.relinked.iter().take(most) {
        out.push_str(&one_relinked(relinked, plan));
    }
    if told.relinked.len() > most {
        out.push_str(&format!("  … and {} more links that move\n", told.relinked.len() - most));
    }
    for change in told.changes.iter().take(most) {
        out.push_str(&one_change(change, plan));
    }
    if told.changes.len() > most {
        let rest = match dry {
            true => "`--most N` shows more, `--format json` all",
            false => "all are in the journal: `syncline why RECORD` shows those of a record",
        };
        out.push_str(&format!("  … and {} more; {rest}\n", told.changes.len() - most));
    }
    out
}

/// `  > Salesforce Lead     ana@x.io   00Q1 -> 00Q2   relink when another is picked   rules.sync:9`
fn one_relinked(relinked: &Relinked, plan: &Plan) -> String {
    let Relinked { subject, side, from, to, rule, place: at, .. } = relinked;
    let other = if from.ty == to.ty { String::new() } else { format!("{} ", to.ty) };
    format!(
        "  > {} {:<8} {}   the link moves from {} to {other}{}   {}   {}\n",
        crm(*side),
        from.ty,
        escape(subject),
        escape(&from.id),
        escape(&to.id),
        escape(rule),
        place(at, plan)
    )
}

fn one_change(change: &Change, plan: &Plan) -> String {
    let sign = match &change.fault {
        Some(_) => "✗",
        None if change.create => "+",
        None if change.delete => "-",
        None => "~",
    };
    let subject = escape(&change.subject);
    let mut out = format!("  {sign} {} {:<8} {subject}", crm(change.side), change.ty);
    if let Some(rule) = &change.rule {
        out.push_str(&format!("   {}   {}", escape(rule), place(&change.place, plan)));
    }
    out.push('\n');
    let width = change.cells.iter().map(|cell| cell.field.len()).max().unwrap_or(0);
    for cell in &change.cells {
        let (before, after) = (short(&cell.before.cell()), short(&cell.after.cell()));
        match change.create {
            true => out.push_str(&format!("      {:<width$} = {after}\n", cell.field)),
            false => {
                let rule = escape(&cell.rule);
                let at = place(&cell.place, plan);
                out.push_str(&format!("      {:<width$}   {before} -> {after}   {rule}   {at}\n", cell.field));
            }
        }
    }
    if let Some(fault) = &change.fault {
        out.push_str(&format!("      {}\n", escape(fault)));
    }
    out
}

fn place(place: &crate::lang::plan::Place, plan: &Plan) -> String {
    plan.files.get(place.file).map(|file| format!("{file}:{}", place.line)).unwrap_or_default()
}

fn short(cell: &crate::data::Cell<'_>) -> String {
    let text = cell.to_string();
    let cut: String = text.chars().take(60).collect();
    let cut = if cut.len() < text.len() { format!("{cut}…") } else { cut };
    escape(&cut).into_owned()
}

/// Skipped records by reason, and problems.
pub(super) fn reasons(told: &Told, most: usize) -> String {
    let mut out = String::new();
    for issue in told.issues.iter().take(most) {
        let rule = if issue.rule.is_empty() { String::new() } else { format!(" ({})", issue.rule) };
        let since = issue.since.map(|at| format!("   since {}", moment(at))).unwrap_or_default();
        out.push_str(&format!(
            "  ! {} {}: {}{}{since}\n",
            issue.code,
            escape(&issue.label),
            escape(&issue.message),
            escape(&rule)
        ));
    }
    if told.issues.len() > most {
        out.push_str(&format!("  … and {} more problems\n", told.issues.len() - most));
    }
    by_reason("frozen", &told.frozen, &mut out);
    by_reason("skipped", &told.skipped, &mut out);
    out
}

fn by_reason(word: &str, of: &[(String, String)], out: &mut String) {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (label, why) in of {
        by_reason.entry(why).or_default().push(label);
    }
    for (why, labels) in by_reason {
        let some: Vec<_> = labels.iter().take(3).map(|label| escape(label).into_owned()).collect();
        let more = if labels.len() > 3 { ", …" } else { "" };
        out.push_str(&format!("  - {:>3} {word}: {}   ({}{more})\n", labels.len(), escape(why), some.join(", ")));
    }
}

/// The last lines: sums, calls, and what is left to do.
pub(super) fn summary(report: &PassReport, told: &Told, dry: bool) -> String {
    let counts = &report.counts;
    let refused = told.changes.iter().filter(|change| change.fault.is_some()).count();
    let (verb, calls) = if dry { ("Plan", "would cost") } else { ("Done", "cost") };
    let tense = if dry { "to " } else { "" };
    let word = |done: &str, to: &str| if dry { to.to_owned() } else { done.to_owned() };
    let mut out = format!(
        "{verb}: {} {tense}{} ({} in HubSpot, {} in Salesforce), {} {tense}{} ({}, {})",
        counts.created.both(),
        word("created", "create"),
        counts.created.left,
        counts.created.right,
        counts.updated.both(),
        word("updated", "update"),
        counts.updated.left,
        counts.updated.right,
    );
    if counts.deleted.both() > 0 {
        let (deleted, word) = (counts.deleted, word("deleted", "delete"));
        out.push_str(&format!(", {} {tense}{word} ({}, {})", deleted.both(), deleted.left, deleted.right));
    }
    if counts.relinked > 0 {
        let links = if counts.relinked == 1 { "link" } else { "links" };
        out.push_str(&format!(", {} {links} {tense}{}", counts.relinked, word("moved", "move")));
    }
    if counts.frozen > 0 {
        out.push_str(&format!(", {} {tense}{}", counts.frozen, word("frozen", "freeze")));
    }
    if refused > 0 {
        out.push_str(&format!(", {refused} refused"));
    }
    out.push_str(&format!(
        ".\nCalls: {} to HubSpot and {} to Salesforce; the writes among them {calls} {} and {}.\n",
        counts.calls.left, counts.calls.right, counts.write_calls.left, counts.write_calls.right
    ));
    match &report.ending {
        Ending::Quiet => {}
        Ending::Later { why } => {
            out.push_str(&format!("Not all could be done: {}. The next pass goes on.\n", escape(why)))
        }
        Ending::Held(held) => out.push_str(&format!(
            "Held: {}. Nothing was written.\nLook at `syncline plan`, then release exactly this with `syncline apply \
             --approve {}`.\n",
            at_stake(held),
            held.token
        )),
    }
    if let (true, Some(held)) = (dry, &report.held) {
        out.push_str(&format!(
            "The guard would hold this: {}. Release exactly this with `syncline apply --approve {}`.\n",
            at_stake(held),
            held.token
        ));
    }
    out
}

/// What the guard counts: records of both sides that belong together are one.
fn at_stake(held: &Holding) -> String {
    format!("{}; the rules allow {} without a word", held.counted(), held.limit)
}
