//! `apply` is killed at seeded moments, again and again, and started anew until it comes to its end.

use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use syncline::crm::http::{Env, SystemEnv};
use syncline::data::Millis;
use syncline::sandbox::data::Worlds;
use syncline::sandbox::face::{self, Face};
use syncline::sandbox::{hubspot, salesforce};
use syncline::store::{OpId, OpState, Sqlite, Store};
use tokio::runtime::Runtime;

use crate::ends::Ends;
#[cfg(unix)]
use crate::stage::{Ran, Sandbox};
use crate::stage::{Stage, syncline};

const PEOPLE: usize = 400;
const ROUNDS: u64 = 10;
const KILLS_PER_ROUND: usize = 3;

/// Both models in this process, behind real ports: so that a call can be the moment of a kill.
struct Served {
    runtime: Runtime,
    face: Face,
    hubspot: Arc<Mutex<hubspot::World>>,
    salesforce: Arc<Mutex<salesforce::World>>,
    calls: Arc<AtomicU64>,
}

impl Served {
    fn start() -> Served {
        let mut worlds = Worlds::generate(PEOPLE, 11, Millis(SystemEnv.now().0 - 86_400_000)).unwrap();
        // As fast as the program can: limits would only make it wait.
        worlds.hubspot.config.enforce_limits = false;
        worlds.hubspot.config.search_lag_ms = 0;
        let (hubspot, salesforce) = (Arc::new(Mutex::new(worlds.hubspot)), Arc::new(Mutex::new(worlds.salesforce)));
        let calls = Arc::new(AtomicU64::new(0));
        let runtime = Runtime::new().unwrap();
        let counted = calls.clone();
        // The models ask for the time once for each call.
        let clock = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            SystemEnv.now()
        };
        let served = face::serve(hubspot.clone(), salesforce.clone(), (0, 0), clock, None);
        let face = runtime.block_on(served).unwrap();
        Served { runtime, face, hubspot, salesforce, calls }
    }

    fn stage(&self) -> Stage {
        let stage = Stage::example();
        stage.point_at(&self.face.hubspot_url(), &self.face.salesforce_url());
        let rules = stage.read("rules/people.sync").replace("hold when more than 500 records would change", "");
        stage.write("rules/people.sync", rules);
        stage
    }

    fn ends(&self) -> Ends {
        Ends::of(&face::locked(&self.hubspot).dump(), &face::locked(&self.salesforce).dump())
    }

    fn made(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }
}

fn apply(stage: &Stage) -> std::process::Child {
    let mut command = syncline();
    command.args(["apply", "--format", "json"]).current_dir(stage.path());
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Lets it go on to the end; what it told.
fn to_its_end(stage: &Stage) -> Value {
    let out = apply(stage).wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stdout));
    serde_json::from_slice(&out.stdout).unwrap()
}

/// Kills it a moment after its `nth` call has arrived. `false`: it was done before that.
fn killed(served: &Served, stage: &Stage, nth: u64, after: Duration) -> bool {
    let start = served.made();
    let mut child = apply(stage);
    loop {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if served.made() >= start + nth {
            break;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    std::thread::sleep(after);
    child.kill().unwrap();
    // Killed, unless it had come to its end by itself just now.
    child.wait().unwrap().code().is_none()
}

#[test]
fn killed_at_any_moment_it_ends_as_if_nothing_had_happened() {
    let begun = Instant::now();
    let calm = Served::start();
    let stage = calm.stage();
    let told = to_its_end(&stage);
    assert!(told["counts"]["created"]["salesforce"].as_u64() > Some(50), "{}", told["counts"]);
    let length = calm.made();
    to_its_end(&stage);
    let expected = calm.ends();

    // The first kill of a round falls into its own tenth of the whole run, the others into what was left.
    let mut rng = fastrand::Rng::with_seed(0x5ce9e);
    let (mut kills, mut torn, mut recovered) = (0, 0, 0);
    let mut moments = Vec::new();
    for round in 0..ROUNDS {
        let served = Served::start();
        let stage = served.stage();
        let state = stage.path().join(".syncline/state.db");
        let tenth = |n: u64| 1 + n * (length - 1) / ROUNDS;
        let mut span = tenth(round)..=tenth(round + 1);
        for _ in 0..KILLS_PER_ROUND {
            let (nth, after) = (rng.u64(span.clone()), Duration::from_micros(rng.u64(..9_000)));
            if !killed(&served, &stage, nth, after) {
                break;
            }
            kills += 1;
            let open = open_ops(&served.runtime, &state);
            torn += u32::from(open > 0);
            moments.push(format!("round {round}, call {nth} + {after:?}: {open} open"));
            span = 2..=length / 2;
        }
        recovered += to_its_end(&stage)["counts"]["recovered"].as_u64().unwrap();
        let quiet = to_its_end(&stage);
        assert_eq!(quiet["changes"], Value::Array(Vec::new()), "nothing is left to do");
        let differs = served.ends().differences(&expected);
        assert!(differs.is_empty(), "after {moments:#?}: {} records differ:\n{}", differs.len(), differs.join("\n"));
        assert_eq!(open_ops(&served.runtime, &state), 0, "every operation came to an end");
        served.runtime.block_on(served.face.stop());
    }
    println!("{length} calls, {moments:#?}, {recovered} looked up at the end, {:?}", begun.elapsed());
    assert!(kills >= ROUNDS as u32 && torn > 0, "no kill fell between an intent and its outcome: {moments:#?}");
    calm.runtime.block_on(calm.face.stop());
}

/// Operations of the journal that have not come to an end.
fn open_ops(runtime: &Runtime, state: &std::path::Path) -> usize {
    if !state.exists() {
        return 0;
    }
    let store = Sqlite::open(state).unwrap();
    let journal = runtime.block_on(store.journal(OpId(0), usize::MAX)).unwrap();
    journal.iter().filter(|row| matches!(row.state, OpState::Intended | OpState::Unknown)).count()
}

/// Somebody presses Ctrl-C: what was sent is settled, and they are told what came of it.
#[cfg(unix)]
#[test]
fn an_interrupted_apply_tells_what_it_did() {
    let stage = Stage::example();
    let data = stage.path().join("data");
    let sandbox = Sandbox::start(&["--data", data.to_str().unwrap(), "--faults", "latency=200"]);
    stage.point_at(sandbox.url("hubspot"), sandbox.url("salesforce"));
    let mut command = syncline();
    command.args(["apply", "--most", "0"]).current_dir(stage.path());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let state = stage.path().join(".syncline/state.db");
    while !state.exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let ran = Ran::of("apply --most 0", child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stdout.contains("Not all could be done: stopped before its end. The next pass goes on."), "{ran}");
    assert_eq!(ran.stderr, "stopping: what was sent is settled first; once more ends it at once\n");
}
