//! What all seeds came to, as a table; and what must have occurred for it to mean anything.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::check::Broken;

/// Steps that are calls.
const CALLS: [&str; 6] = ["login", "account", "read", "list", "look up", "write"];
/// Steps that are commits.
const COMMITS: [&str; 4] = ["adopt", "ingest", "intend", "settle"];
/// Faults that any call may meet.
const NETWORK: [&str; 6] = ["not sent", "lost reply", "late", "429", "401", "500"];
/// What may happen to the process at any effect.
const PROCESS: [&str; 3] = ["dies before", "dies after", "stalls"];
/// Faults of some calls only.
const SOME: [(&str, &str); 3] =
    [("missing result", "write"), ("missing result", "look up"), ("skipped record", "write")];
const SITUATIONS: [&str; 16] = [
    "user edits what a dead process wrote",
    "merge in HubSpot",
    "deleted in HubSpot",
    "deleted in Salesforce",
    "restored",
    "lead converted",
    "lead converted into a contact",
    "merge in Salesforce",
    "equal timestamps at the border of a page",
    "search behind a change",
    "late commit",
    "read before a late commit shows",
    "rows in Salesforce with one address",
    "user creates the same address just before us",
    "user creates the address of a call on its way",
    "user edits between read and write",
];

/// What one seed came to.
#[derive(Debug, Default, PartialEq)]
pub struct Run {
    pub broken: Vec<Broken>,
    pub trace: u64,
    pub virtual_ms: i64,
    pub passes: u32,
    pub crashes: u32,
    pub faults: BTreeMap<(&'static str, &'static str), u64>,
    pub situations: BTreeMap<&'static str, u64>,
}

#[derive(Default)]
pub struct Table {
    seeds: u64,
    virtual_ms: i64,
    passes: u32,
    crashes: u32,
    busy: Duration,
    faults: BTreeMap<(&'static str, &'static str), u64>,
    situations: BTreeMap<&'static str, u64>,
}

impl Table {
    pub fn timed<T>(&mut self, run: impl FnOnce() -> T) -> T {
        let (began, cpu) = (Instant::now(), cpu());
        let done = run();
        self.busy += match (cpu, self::cpu()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => began.elapsed(),
        };
        done
    }

    pub fn add(&mut self, run: Run) {
        self.seeds += 1;
        self.virtual_ms += run.virtual_ms;
        self.passes += run.passes;
        self.crashes += run.crashes;
        run.faults.into_iter().for_each(|(kind, n)| *self.faults.entry(kind).or_default() += n);
        run.situations.into_iter().for_each(|(kind, n)| *self.situations.entry(kind).or_default() += n);
    }

    /// What can occur and did not.
    pub fn never_hit(&self) -> Vec<String> {
        let calls = NETWORK.into_iter().chain(PROCESS).flat_map(|kind| CALLS.map(|step| (kind, step)));
        let commits = PROCESS.into_iter().flat_map(|kind| COMMITS.map(|step| (kind, step)));
        let arrives = CALLS.map(|step| ("dies, call arrives", step));
        let expected = calls.chain(commits).chain(SOME).chain(arrives);
        let faults =
            expected.filter(|pair| !self.faults.contains_key(pair)).map(|(kind, step)| format!("{kind} x {step}"));
        let situations = SITUATIONS.into_iter().filter(|what| !self.situations.contains_key(what)).map(str::to_owned);
        faults.chain(situations).collect()
    }

    /// Whether a situation ever occurred.
    pub fn met(&self, what: &str) -> bool {
        self.situations.contains_key(what)
    }

    pub fn print(&self) {
        let hours = self.virtual_ms / 3_600_000;
        println!(
            "simulation: {} seeds, {} passes, {} crashes, {hours} virtual hours",
            self.seeds, self.passes, self.crashes
        );
        println!("  {:.1} ms of CPU per seed", self.busy.as_secs_f64() * 1000.0 / self.seeds.max(1) as f64);
        let kinds: BTreeSet<&str> = self.faults.keys().map(|(kind, _)| *kind).collect();
        let steps: Vec<&str> = CALLS.into_iter().chain(COMMITS).collect();
        print!("  {:<19}", "fault x step");
        steps.iter().for_each(|step| print!("{step:>9}"));
        println!();
        for kind in kinds {
            print!("  {kind:<19}");
            for step in &steps {
                match self.faults.get(&(kind, *step)) {
                    Some(n) => print!("{n:>9}"),
                    None => print!("{:>9}", "-"),
                }
            }
            println!();
        }
        self.situations.iter().for_each(|(what, n)| println!("  {n:>6}  {what}"));
    }
}

/// What this thread has used of a processor, where the system tells.
fn cpu() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
