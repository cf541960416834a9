//! The first sync of many people between the two sandboxes, over HTTP: what Syncline's own side needs in memory, and
//! where its time goes. The sandboxes run in a process of their own.
//!
//! `cargo bench --bench people -- 100000` takes another number of people than 2,000. HubSpot's pace (90 calls in ten
//! seconds, four searches a second) sets the time as a whole; what counts is the processor time and the memory.

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use secrecy::SecretString;
use serde_json::Value;
use support::{RULES, plan, schemas};
use syncline::crm::Crm;
use syncline::crm::http::{Env, Fut, Meter, Network, Origin, SystemEnv};
use syncline::crm::hubspot::{Hubspot, HubspotConfig};
use syncline::crm::salesforce::{Flow, Salesforce, SalesforceConfig};
use syncline::data::{BySide, Dict, Digest, Millis, Uid};
use syncline::store::*;
use syncline::sync::{Event, Ledger, Observer, Opening, PassOptions, Ports, Session, run_pass};

/// The sandboxes, which end with this value.
struct Sandbox {
    child: Child,
    ready: Value,
}

impl Sandbox {
    fn start(people: usize) -> Sandbox {
        let scale = people.to_string();
        let mut child = Command::new(env!("CARGO_BIN_EXE_syncline"))
            .args(["sandbox", "--hubspot-port", "0", "--salesforce-port", "0", "--scale", &scale, "--quiet"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the sandbox starts");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("its output is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says when it is ready");
        Sandbox { child, ready: serde_json::from_str(&line).expect("and where") }
    }

    fn text(&self, pointer: &str) -> &str {
        self.ready.pointer(pointer).and_then(Value::as_str).expect("the ready line is whole")
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A store that keeps the time.
struct Timed {
    inner: Sqlite,
    clock: Mutex<Clock>,
}

#[derive(Default)]
struct Clock {
    steps: BTreeMap<&'static str, (u32, Duration)>,
    /// When the last neighbourhood was loaded, until something else is asked of the store.
    loaded: Option<Instant>,
}

impl Timed {
    async fn time<T>(&self, step: &'static str, work: Fut<'_, T>) -> T {
        let began = Instant::now();
        let loaded = self.clock.lock().expect("nobody panics").loaded.take();
        if let Some(loaded) = loaded.filter(|_| step == "intend") {
            self.add("(load to intend: identify, decide, pack)", began - loaded);
        }
        let done = work.await;
        self.add(step, began.elapsed());
        if step == "load" {
            self.clock.lock().expect("nobody panics").loaded = Some(Instant::now());
        }
        done
    }

    fn add(&self, step: &'static str, took: Duration) {
        let mut clock = self.clock.lock().expect("nobody panics");
        let entry = clock.steps.entry(step).or_default();
        entry.0 += 1;
        entry.1 += took;
    }
}

macro_rules! timed {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)*) => {$(
        fn $name<'a>(&'a self, $($arg: $ty),*) -> Fut<'a, Result<$out, StoreError>> {
            Box::pin(self.time(stringify!($name), self.inner.$name($($arg),*)))
        }
    )*};
}

impl Store for Timed {
    fn open(&self, holder: &str) -> Fut<'_, Result<(Epoch, Dict), StoreError>> {
        self.inner.open(holder)
    }
    fn feeds(&self) -> Fut<'_, Result<Vec<FeedState>, StoreError>> {
        self.inner.feeds()
    }
    fn list_size(&self, list: Uid) -> Fut<'_, Result<u64, StoreError>> {
        self.inner.list_size(list)
    }
    fn wake_all(&self, e: Epoch, block: Uid, now: Millis) -> Fut<'_, Result<u64, StoreError>> {
        self.inner.wake_all(e, block, now)
    }
    fn answer<'a>(&'a self, e: Epoch, answer: &'a Answer, now: Millis) -> Fut<'a, Result<bool, StoreError>> {
        self.inner.answer(e, answer, now)
    }
    fn census(&self, block: Uid) -> Fut<'_, Result<Census, StoreError>> {
        self.inner.census(block)
    }
    fn open_ops(&self) -> Fut<'_, Result<Vec<OpenOp>, StoreError>> {
        Box::pin(self.time("open_ops", self.inner.open_ops()))
    }
    fn scratch(&self) -> Result<Box<dyn Store>, StoreError> {
        self.inner.scratch()
    }
    fn issues(&self) -> Fut<'_, Result<Vec<IssueRow>, StoreError>> {
        self.inner.issues()
    }
    fn journal(&self, after: OpId, limit: usize) -> Fut<'_, Result<Vec<JournalRow>, StoreError>> {
        self.inner.journal(after, limit)
    }
    timed! {
        adopt(e: Epoch, plan: &'a Adopt) -> ();
        meta(key: &'a str) -> Option<String>;
        set_meta(e: Epoch, key: &'a str, value: &'a str) -> ();
        ingest(e: Epoch, delta: &'a Ingest) -> Ingested;
        take(query: &'a Take) -> Vec<Sid>;
        load(sids: &'a [Sid]) -> Hood;
        derive(e: Epoch, derived: &'a [Derived], now: Millis) -> ();
        intend(e: Epoch, wave: &'a Wave) -> Vec<BatchIds>;
        settle(e: Epoch, outcomes: &'a [Outcome], now: Millis) -> ();
        spent(account: &'a str, since: Millis) -> u64;
        spend(e: Epoch, account: &'a str, at: Millis, calls: i64) -> ();
        begin_pass(e: Epoch, plan: Digest, at: Millis) -> i64;
        end_pass(e: Epoch, pass: i64, at: Millis, counts: &'a str) -> ();
    }
}

/// Says where the pass is, and what it has needed by then.
#[derive(Default)]
struct Progress(Mutex<BTreeMap<String, usize>>);

impl Observer for Progress {
    fn on(&self, event: Event<'_>) {
        let mut seen = self.0.lock().expect("nobody panics");
        if let Event::Deciding { .. } = event
            && seen.is_empty()
        {
            println!("all is read: {}", memory());
        }
        let what = match event {
            Event::Deciding { .. } => "waves".to_owned(),
            Event::Issue { code, .. } => format!("issue {code}"),
            Event::Recovered { .. } => "recoveries".to_owned(),
            Event::Unread { .. } => "unread feeds".to_owned(),
            _ => return,
        };
        *seen.entry(what).or_default() += 1;
    }
}

struct Shared(Arc<Ledger>);

impl Meter for Shared {
    fn take(&self) -> bool {
        self.0.take()
    }
}

/// The most memory that this process ever held.
#[cfg(target_os = "linux")]
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS"));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join(", ")
}

#[cfg(not(target_os = "linux"))]
fn memory() -> String {
    "memory is told on Linux only".into()
}

/// Processor time of this process so far.
#[cfg(target_os = "linux")]
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which stands in brackets: fields 14 and 15, in hundredths of a second.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    Duration::from_millis(fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10)
}

#[cfg(not(target_os = "linux"))]
fn processor() -> Duration {
    Duration::ZERO
}

async fn sync(sandbox: &Sandbox, store: &Timed) {
    let ledgers = BySide::new(Arc::new(Ledger::new("hubspot")), Arc::new(Ledger::new("salesforce")));
    let network = Arc::new(Network::new().expect("a client"));
    let env = Arc::new(SystemEnv);
    let secret = |pointer: &str| SecretString::from(sandbox.text(pointer));
    let origin = |pointer: &str| Origin::parse(sandbox.text(pointer)).expect("an address");
    let config = HubspotConfig { origin: origin("/hubspot/url"), token: secret("/hubspot/token") };
    let hubspot = Hubspot::new(config, network.clone(), Arc::new(Shared(ledgers.left.clone())), env.clone());
    let client_id = sandbox.text("/salesforce/client_id").to_owned();
    let flow = Flow::ClientCredentials { client_id, client_secret: secret("/salesforce/client_secret") };
    let config = SalesforceConfig { origin: origin("/salesforce/url"), flow };
    let salesforce = Salesforce::new(config, network, Arc::new(Shared(ledgers.right.clone())), env);
    let ports = Ports {
        store: store as &dyn Store,
        crm: BySide::new(&hubspot as &dyn Crm, &salesforce as &dyn Crm),
        env: &SystemEnv as &dyn Env,
        ledger: BySide::new(&ledgers.left, &ledgers.right),
    };
    let opening = Opening::begin(ports, "bench").await.expect("both let us in");
    let mut dict = opening.dict.clone();
    let plan = plan(RULES, &schemas(), &mut dict);
    let session = Session::begin(ports, opening, dict, plan, RULES.into()).await.expect("a session begins");
    let options = PassOptions { count_only: true, ..PassOptions::default() };
    let progress = Progress::default();
    let report = run_pass(ports, &session, &options, &progress).await.expect("the pass goes on");
    println!("{:?}\n{:?}\n{:?}", report.ending, report.counts, progress.0);
}

fn main() {
    let people = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(2_000);
    let sandbox = Sandbox::start(people);
    let folder = tempfile::tempdir().expect("a folder for the state file");
    let path = folder.path().join("state.db");
    let store = Timed { inner: Sqlite::open(&path).expect("a state file is made"), clock: Mutex::default() };
    println!("{people} people; before the first call: {}", memory());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let (began, before) = (Instant::now(), processor());
    runtime.block_on(sync(&sandbox, &store));
    let used = processor() - before;
    println!("{}", memory());
    println!("{:.1} s, of them {:.1} s of this process's own", began.elapsed().as_secs_f64(), used.as_secs_f64());
    for (step, (times, took)) in &store.clock.lock().expect("nobody panics").steps {
        println!("  {:>8.2} s in {times:>6} of {step}", took.as_secs_f64());
    }
    println!("state file: {} bytes a person", path.metadata().map_or(0, |file| file.len()) / people as u64);
}
