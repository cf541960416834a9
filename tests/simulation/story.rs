//! One seed from start to end: what is there before, passes in bad weather, then quiet, and what is true at the end.

use std::time::Duration;

use syncline::crm::http::Env;
use syncline::data::Side;
use syncline::store::{OpAct, Store};
use syncline::sync::{Ending, SyncError};

use crate::check::{self, Broken};
use crate::deals::{self, Deals};
use crate::engine::Machine;
use crate::firms::{self, Firms};
use crate::process::Struck;
use crate::questions::Questions;
use crate::report::Run;
use crate::rules::Rules;
use crate::users::{PEOPLE, address};
use crate::world::{Fate, Sim, Weather};
use crate::{epilogue, in_virtual_time, number, stages};

/// Calls per day and account of a seed that has few.
const FEW_CALLS: i64 = 150;
/// Records that may change without a word, where the rules hold more.
const HOLD: u64 = 4;

/// What happens in a seed beside what people do with contacts and leads.
#[derive(Clone, Copy, PartialEq)]
pub enum Story {
    People,
    /// People sell, and stages follow.
    Deals,
    /// People work at companies, which are known by them.
    Firms,
    /// Rules change while passes run.
    Reloads,
    /// They do, and much at once waits for a word.
    Guard,
    /// A rule proposes matches, and people say which ones are.
    Questions,
}

impl Story {
    fn rules(self, poor: bool) -> Rules {
        match self {
            Story::Deals => Rules::with(deals::RULES),
            Story::Firms => Rules::with(firms::RULES),
            Story::Questions => Rules { questions: true, ..Rules::default() },
            Story::Guard => {
                Rules::with(format!("\nlimits {{\n  hold when more than {HOLD} records would change\n}}\n"))
            }
            _ if poor => Rules::with(format!(
                "\nlimits {{\n  hubspot {FEW_CALLS} calls per day\n  salesforce {FEW_CALLS} calls per day\n}}\n"
            )),
            Story::People | Story::Reloads => Rules::default(),
        }
    }

    fn rules_change(self) -> bool {
        matches!(self, Story::Reloads | Story::Guard)
    }
}

/// Plays one seed.
pub fn play(seed: u64, story: Story) -> Run {
    in_virtual_time(async move {
        let sim = Sim::new(seed);
        let poor = seed % 10 == 9 && story == Story::People;
        let machine = Machine::new(sim.clone());
        let start = sim.now();
        {
            let mut world = sim.world.lock().unwrap();
            world.desk.rules = story.rules(poor);
            world.desk.changing = story.rules_change();
            world.desk.guard.limit = (story == Story::Guard).then_some(HOLD);
            world.ceiling = poor.then_some(FEW_CALLS);
        }
        match story {
            Story::Questions => {
                let mut world = sim.world.lock().unwrap();
                world.questions = Some(Questions::new(seed));
                world.ask_people(start);
            }
            _ => populate(&sim),
        }
        if story == Story::Deals {
            let mut world = sim.world.lock().unwrap();
            world.deals = Some(Deals::new(seed));
            world.found_companies(start);
        }
        if story == Story::Firms {
            let mut world = sim.world.lock().unwrap();
            world.firms = Some(Firms::new(seed));
            world.found_firms(start);
        }
        let mut run = Run::default();
        storm(&sim, &machine, poor, &mut run).await;
        quiet(&sim, &machine, poor, &mut run).await;
        run.broken.extend(check::all(&machine).await);
        if story.rules_change() && run.broken.is_empty() {
            epilogue::play(&sim, &machine, &mut run).await;
        }
        if number("SEED").is_some() {
            check::tell(&machine).await;
        }
        let mut world = sim.world.lock().unwrap();
        if story == Story::Deals {
            stages::note(&mut world);
        }
        if story == Story::Firms {
            firms::note(&mut world);
        }
        if (0..12).any(|n| world.people(&address(n)).len() > 1) {
            world.situation("rows in Salesforce with one address");
        }
        run.trace = world.trace;
        run.faults = world.faults.clone();
        run.situations = world.situations.clone();
        run.virtual_ms = sim.now().since(start);
        run
    })
}

/// What is there before Syncline comes.
fn populate(sim: &Sim) {
    let now = sim.now();
    let mut world = sim.world.lock().unwrap();
    for email in [0, 1, 2, 3, 4, 5, 6, 7, 10].map(address) {
        match world.rng.u32(0..4) {
            0 => world.create_contact(&email, now),
            1 => world.create_person(&email, now),
            2 => {
                world.create_contact(&email, now);
                world.create_person(&email, now);
            }
            // Two rows with one address.
            _ => {
                world.create_person(&email, now);
                world.create_person(&email, now);
            }
        }
    }
}

async fn storm(sim: &Sim, machine: &Machine, poor: bool, run: &mut Run) {
    for _ in 0..10 {
        machine.say_while_nothing_runs().await;
        let began = sim.now();
        let passes = {
            let mut world = sim.world.lock().unwrap();
            // Some passes meet no fault, and find users at work all the same.
            let fair = world.rng.u32(0..3) == 0;
            world.weather = if fair { Weather { user: 200, ..Weather::default() } } else { Weather::STORM };
            for _ in 0..world.rng.u32(0..4) {
                world.user_acts(began);
            }
            let several = world.desk.changing || world.questions.is_some();
            let passes = if several { world.desk.rng.u32(1..4) } else { 1 };
            let at = world.effects + world.rng.u64(1..60) * u64::from(passes);
            world.fate = match world.rng.u32(0..12) {
                0..=3 => Some((at, Fate::Dies)),
                4 => Some((at, Fate::Stalls)),
                _ => None,
            };
            passes
        };
        run.passes += passes;
        let ended = match machine.struck(passes).await {
            Struck::Died => {
                run.crashes += 1;
                work_on(sim, machine).await;
                None
            }
            Struck::Ended(ended) => Some(*ended),
            Struck::Stalled { other, late } => {
                run.passes += 1;
                if let Err(error) = *late
                    && !matches!(error, SyncError::Store(_) | SyncError::Call { .. })
                {
                    run.broken.push(Broken { promise: "fence", what: format!("a stale pass ended with {error}") });
                }
                let mut began_first = *other;
                if let Ok(served) = &mut began_first {
                    served.began = began;
                }
                Some(began_first)
            }
        };
        let open = !machine.store.open_ops().await.unwrap().is_empty();
        let done = ended.filter(|_| !open).and_then(Result::ok).filter(|served| served.report.ending == Ending::Quiet);
        let pause = {
            let mut world = sim.world.lock().unwrap();
            world.fate = None;
            world.calm = done.map(|served| served.began);
            if world.admin_acts(4) {
                world.situation("rules are saved while nothing runs");
            }
            match (poor, world.rng.u32(0..4)) {
                (true, _) => world.rng.u64(3_600..14_400),
                // Before the search index has caught up.
                (false, 0) => world.rng.u64(1..20),
                (false, _) => world.rng.u64(1..900),
            }
        };
        pause_for(sim, pause).await;
    }
}

/// Nobody calls, and what is on its way arrives when it is due.
async fn pause_for(sim: &Sim, seconds: u64) {
    let end = sim.now().plus(i64::try_from(seconds * 1_000).unwrap_or(i64::MAX));
    loop {
        let due = sim.world.lock().unwrap().late.iter().map(|(due, _)| *due).min().filter(|due| *due <= end);
        let wait = due.unwrap_or(end).since(sim.now()).max(0);
        tokio::time::sleep(Duration::from_millis(wait.unsigned_abs())).await;
        sim.settle_late();
        if due.is_none() {
            return;
        }
    }
}

/// The process is dead, and people go on: with what it was writing, too.
async fn work_on(sim: &Sim, machine: &Machine) {
    let open = machine.store.open_ops().await.unwrap();
    let mut world = sim.world.lock().unwrap();
    let cells = |side: Side| {
        let updates = open.iter().filter(move |op| op.side == side).filter_map(|op| match &op.intent.act {
            OpAct::Update { id, .. } => Some((id, &op.intent)),
            OpAct::Create { .. } | OpAct::Delete { .. } => None,
        });
        updates
            .flat_map(|(id, intent)| intent.cells.iter().map(|cell| (id.to_string(), intent.ty, cell.field)))
            .collect::<Vec<_>>()
    };
    // Where Salesforce is preferred, an edit there counts whatever came before.
    let cells = [Side::Right, Side::Left].map(cells).into_iter().find(|cells| !cells.is_empty()).unwrap_or_default();
    if cells.is_empty() || world.desk.rng.u32(0..4) == 0 {
        return;
    }
    let (id, ty, field) = cells[world.desk.rng.usize(0..cells.len())].clone();
    let last = |uid| machine.store.name(uid).rsplit(['/', '.']).next().unwrap_or_default().to_owned();
    world.edit_again(&last(ty), &id, &last(field), sim.now());
}

/// No faults, no users, the indexes catch up.
async fn quiet(sim: &Sim, machine: &Machine, poor: bool, run: &mut Run) {
    if poor {
        tokio::time::sleep(Duration::from_secs(25 * 3_600)).await;
    }
    {
        let mut world = sim.world.lock().unwrap();
        world.weather = Weather::default();
        world.calm = None;
        world.quiet = true;
        world.quiet_since = sim.now();
        // Some of what was deleted comes back.
        for n in 0..PEOPLE {
            if world.rng.bool() {
                world.restore(&address(n), sim.now());
            }
        }
    }
    rest(sim, machine, Duration::from_secs(if poor { 3 * 3_600 } else { 700 }), run).await;
}

/// Passes until three processes in a row have nothing to write.
pub async fn rest(sim: &Sim, machine: &Machine, pause: Duration, run: &mut Run) {
    let mut idle = 0;
    for _ in 0..24 {
        tokio::time::sleep(pause).await;
        sim.settle_late();
        let (before, passes) = {
            let world = sim.world.lock().unwrap();
            // What is held gets its word while the process lives.
            (world.writes, if world.desk.guard.limit.is_some() { 3 } else { 1 })
        };
        run.passes += passes;
        // Every other seed ends with open questions.
        if sim.world.lock().unwrap().questions.as_mut().is_some_and(|of| of.answered) {
            sim.people_say(true).await;
        }
        if let Err(error) = machine.serve(passes).await {
            run.broken.push(Broken { promise: "comes to rest", what: format!("a quiet pass failed: {error}") });
        }
        idle = if sim.world.lock().unwrap().writes == before { idle + 1 } else { 0 };
        if idle == 3 {
            return;
        }
    }
    run.broken.push(Broken { promise: "comes to rest", what: "it never does".into() });
}
