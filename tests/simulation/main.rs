//! The real engine over simulated CRMs: seeded, in virtual time, with crashes, faults and users in between.
//!
//! `SEEDS=N` runs N seeds instead of the default; `SEED=N` runs one, with its story.

mod check;
mod engine;
mod world;

use std::collections::BTreeMap;
use std::time::Duration;

use engine::Machine;
use syncline::crm::http::Env;
use syncline::data::Millis;
use syncline::sync::{Ending, Silent};
use world::{Sim, Weather};

/// What one seed came to.
#[derive(Debug, Default, PartialEq)]
pub struct Run {
    pub broken: Vec<String>,
    pub trace: u64,
    pub virtual_ms: i64,
    pub passes: u32,
    pub crashes: u32,
    pub hits: BTreeMap<String, u64>,
}

fn in_virtual_time<T>(run: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(run)
}

fn play(seed: u64) -> Run {
    in_virtual_time(async move {
        let sim = Sim::new(seed);
        let machine = Machine::new(sim.clone());
        let start = sim.now();
        let mut run = Run::default();
        // What is there before Syncline comes.
        {
            let mut world = sim.world.lock().unwrap();
            for n in 0..8 {
                let email = format!("p{n}@example.com");
                match world.rng.u32(0..4) {
                    0 => world.create_contact(&email, start),
                    1 => world.create_person(&email, start),
                    2 => {
                        world.create_contact(&email, start);
                        world.create_person(&email, start);
                    }
                    // Two rows with one address.
                    _ => {
                        world.create_person(&email, start);
                        world.create_person(&email, start);
                    }
                }
            }
        }
        let mut calm: Vec<(Millis, Millis)> = Vec::new();
        for _ in 0..10 {
            {
                let mut world = sim.world.lock().unwrap();
                // Each seed has its own weather: some of the kinds, not always all.
                world.weather =
                    if world.rng.u32(0..3) == 0 { Weather { user: 200, ..Weather::default() } } else { Weather::STORM };
                for _ in 0..world.rng.u32(0..4) {
                    world.user_acts(sim.now());
                }
                let doomed = world.rng.u32(0..3) == 0;
                world.crash_at = doomed.then(|| world.effects + world.rng.u64(1..60));
            }
            run.passes += 1;
            let died = machine.mortal_pass().await.is_none();
            run.crashes += u32::from(died);
            let pause = sim.world.lock().unwrap().rng.u64(1..900);
            tokio::time::sleep(Duration::from_secs(pause)).await;
        }
        // Quiet: no faults, no users, the indexes catch up.
        {
            let mut world = sim.world.lock().unwrap();
            world.weather = Weather::default();
            world.crash_at = None;
        }
        let mut quiet = 0;
        for _ in 0..24 {
            tokio::time::sleep(Duration::from_secs(700)).await;
            sim.settle_late();
            let before = sim.world.lock().unwrap().writes;
            let from = sim.now();
            run.passes += 1;
            match machine.pass(&Silent).await {
                Ok(report) if report.ending == Ending::Quiet => calm.push((from, sim.now())),
                Ok(_) => {}
                Err(error) => run.broken.push(format!("a quiet pass failed: {error}")),
            }
            let idle = sim.world.lock().unwrap().writes == before;
            quiet = if idle { quiet + 1 } else { 0 };
            if quiet == 3 {
                break;
            }
        }
        if quiet < 3 {
            run.broken.push("it never comes to rest".into());
        }
        calm.clear();
        run.broken.extend(check::broken(&machine, &calm).await);
        if number("SEED").is_some() {
            check::tell(&machine).await;
        }
        let world = sim.world.lock().unwrap();
        run.trace = world.trace;
        run.hits = world.hits.clone();
        run.virtual_ms = sim.now().since(start);
        run
    })
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn whatever_happens_both_sides_end_equal() {
    if let Some(seed) = number("SEED") {
        let run = play(seed);
        assert!(run.broken.is_empty(), "seed {seed}: {run:#?}");
        return;
    }
    let seeds = number("SEEDS").unwrap_or(60);
    let began = std::time::Instant::now();
    let (mut hits, mut virtual_ms, mut passes, mut crashes) = (BTreeMap::<String, u64>::new(), 0, 0, 0);
    let mut broken = Vec::new();
    for seed in 0..seeds {
        let run = play(seed);
        if seed % 20 == 0 {
            assert_eq!(play(seed).trace, run.trace, "seed {seed} does not give the same trace twice");
        }
        broken.extend(run.broken.iter().map(|what| format!("seed {seed}: {what}")));
        run.hits.iter().for_each(|(kind, n)| *hits.entry(kind.clone()).or_default() += n);
        virtual_ms += run.virtual_ms;
        passes += run.passes;
        crashes += run.crashes;
    }
    println!("simulation: {seeds} seeds, {passes} passes, {crashes} crashes, {} virtual hours", virtual_ms / 3_600_000);
    println!("  {:.0} ms of real time per seed", began.elapsed().as_millis() as f64 / seeds as f64);
    hits.iter().for_each(|(kind, n)| println!("  {n:>6}  {kind}"));
    assert!(broken.is_empty(), "{} broken promises:\n{}", broken.len(), broken.join("\n"));
}
