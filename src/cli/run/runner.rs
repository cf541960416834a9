//! The loop: a pass, a pause, a pass; between them the plan may change, within one never.

use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use super::RunError;
use super::held::{self, Held, What};
use super::log::{Event, InForce, Log};
use super::pace::Pace;
use super::stop::Stop;
use crate::cli::passes::{PassError, same_accounts};
use crate::cli::project::Project;
use crate::cli::settings::Settings;
use crate::cli::show::crm;
use crate::cli::watch::{Found, Loaded, Refused, TESTS, Watch, Why};
use crate::data::{BySide, Side};
use crate::lang::plan::{Hold, differences};
use crate::store::{Sqlite, StoreError};
use crate::sync::{
    Ending, Event as Told, Observer, Opening, PassOptions, PassReport, Ports, Session, SyncError, Trial, run_pass,
    trial,
};

/// Between two looks for approvals, while something is held.
const APPROVALS: Duration = Duration::from_millis(250);

pub(super) struct Runner<'a> {
    ports: Ports<'a>,
    opening: Opening,
    /// Those of the start: connections and the state file stay as they are.
    started: Settings,
    log: Log,
    stop: Stop,
    pace: Pace,
    running: Option<Running>,
    /// Newer than what runs, and not looked at yet.
    next: Option<Box<Loaded>>,
    /// Looked at, but what it would change could not be counted.
    later: Option<Box<Loaded>>,
    /// A plan that waits for a word.
    waiting: Option<(Box<Loaded>, Held)>,
    restart: Vec<&'static str>,
}

/// The plan in force.
struct Running {
    session: Session,
    project: Project,
    now: InForce,
    /// Records that a word has released, until they are done.
    allowance: u64,
    /// What the last pass would have done without the guard.
    held: Option<Held>,
}

impl<'a> Runner<'a> {
    pub(super) fn new(ports: Ports<'a>, opening: Opening, started: Settings, log: Log, stop: Stop) -> Runner<'a> {
        let (pace, restart) = (Pace::default(), Vec::new());
        let (running, next, later, waiting) = (None, None, None, None);
        Runner { ports, opening, started, log, stop, pace, running, next, later, waiting, restart }
    }

    pub(super) async fn run(mut self, mut watch: Watch) -> Result<(), RunError> {
        let mut whole = true;
        while whole && !self.stop.is_asked() {
            self.take_up().await?;
            let began = Instant::now();
            let interval = match self.pass(&mut watch.found).await? {
                Passed::Done => self.interval().0,
                Passed::Nothing => Duration::MAX,
                Passed::Failed => self.wish(),
                Passed::Cut => {
                    whole = false;
                    break;
                }
            };
            let until = began.checked_add(interval);
            self.pause(&mut watch.found, until).await?;
        }
        // A file that cannot be taken away only tells of what is no longer held.
        let _ = held::publish(&self.started.state, &[]);
        self.log.tell(&Event::Stopped { whole });
        Ok(())
    }

    /// Puts the newest plan in force, unless it has to wait for a word.
    async fn take_up(&mut self) -> Result<(), RunError> {
        let later = self.later.take();
        let Some(loaded) = self.next.take().or(later) else { return Ok(()) };
        self.withdraw()?;
        self.tell_restart(&loaded.project.settings);
        if let Err(error) = same_accounts(&loaded.project, &self.opening) {
            self.refuse(&Refused { why: Why::Unfit(Box::new(error)) });
            return Ok(());
        }
        let Some(running) = &self.running else { return self.put_in_force(loaded, 0).await };
        let limits: Vec<&Hold> =
            [&running.session.plan.limits.hold, &loaded.plan.limits.hold].into_iter().flatten().collect();
        if running.session.plan.digest == loaded.plan.digest || limits.is_empty() {
            return self.put_in_force(loaded, 0).await;
        }
        match self.on_trial(&loaded, &limits).await? {
            Trial::Within => self.put_in_force(loaded, 0).await,
            Trial::Unread { why } => {
                let why =
                    format!("what rules {} would change cannot be counted yet: {why}", loaded.plan.digest.short());
                self.log.tell(&Event::Trouble { why: &why });
                self.later = Some(loaded);
                Ok(())
            }
            Trial::Over(holding) => {
                let held = Held::new(What::Rules, loaded.plan.digest.short(), &holding);
                self.log.tell(&Event::Held { now: &running.now, held: &held });
                self.waiting = Some((loaded, held));
                self.publish()
            }
        }
    }

    /// Counts on a copy of the state; the calls that it takes are entered in the real account.
    async fn on_trial(&self, loaded: &Loaded, limits: &[&Hold]) -> Result<Trial, RunError> {
        let state = &self.started.state;
        let copy = Sqlite::scratch_of(Some(state)).map_err(|error| PassError::State { path: state.clone(), error })?;
        let ports = Ports { store: &copy, ..self.ports };
        let (epoch, now) = (self.opening.epoch, self.ports.env.now());
        let made = BySide::new(ports.ledger.left.made(), ports.ledger.right.made());
        for side in Side::BOTH {
            ports.ledger[side].start(&copy, epoch, now).await.map_err(SyncError::from)?;
        }
        let watcher = Spectator::new(self.log, &self.stop);
        let tried = trial(ports, &self.opening, (&loaded.plan, &loaded.dict), limits, &watcher).await;
        for side in Side::BOTH {
            let ledger = ports.ledger[side];
            ledger.close(&copy, epoch, now).await.map_err(SyncError::from)?;
            ledger.book(self.ports.store, epoch, now, ledger.made() - made[side]).await.map_err(SyncError::from)?;
            if let Some(running) = &self.running {
                ledger.limit(&running.session.plan.limits, side, ports.crm[side].usage());
            }
        }
        Ok(tried?)
    }

    async fn put_in_force(&mut self, loaded: Box<Loaded>, allowance: u64) -> Result<(), RunError> {
        let Loaded { project, plan, dict, began, .. } = *loaded;
        let source = project.source();
        let session = Session::begin(self.ports, self.opening.clone(), dict, plan, source).await?;
        let was = self.running.take();
        let interval_s = project.settings.run.interval.0.as_secs();
        let same = was.as_ref().is_some_and(|was| was.session.plan.digest == session.plan.digest);
        let now = match &was {
            Some(was) if same => was.now.clone(),
            _ => InForce { plan: session.plan.digest.short(), since: self.ports.env.now() },
        };
        match &was {
            None => {
                let accounts = BySide::new(&*self.opening.accounts.left.id, &*self.opening.accounts.right.id);
                self.log.tell(&Event::Running { now: &now, accounts, interval_s });
            }
            Some(_) if same => self.log.tell(&Event::Same { now: &now, interval_s }),
            Some(was) => {
                let means = differences((&was.session.plan, &was.session.dict), (&session.plan, &session.dict));
                // A plan that had to wait for a word says nothing by it.
                let took_ms = (allowance == 0).then(|| u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
                self.log.tell(&Event::Changed { was: &was.now.plan, now: &now, means: &means, took_ms });
            }
        }
        let (held, left) = was.filter(|_| same).map_or((None, 0), |was| (was.held, was.allowance));
        self.running = Some(Running { session, project, now, allowance: allowance.max(left), held });
        self.publish()
    }

    async fn pass(&mut self, found: &mut UnboundedReceiver<Found>) -> Result<Passed, RunError> {
        let Some(running) = self.running.take() else { return Ok(Passed::Nothing) };
        let options = PassOptions { allowance: running.allowance, ..PassOptions::default() };
        let (ports, mut asked) = (self.ports, self.stop.clone());
        let stop = asked.clone();
        let watcher = Spectator::new(self.log, &stop);
        let ended = {
            let mut work = pin!(async {
                let (epoch, now) = (running.session.epoch, ports.env.now());
                for side in Side::BOTH {
                    // The day rolls on: what was spent longest ago no longer counts.
                    ports.ledger[side].start(ports.store, epoch, now).await?;
                }
                run_pass(ports, &running.session, &options, &watcher).await
            });
            loop {
                tokio::select! {
                    biased;
                    ended = &mut work => break Some(ended),
                    until = asked.asked() => break tokio::time::timeout_at(until, &mut work).await.ok(),
                    Some(found) = found.recv() => self.note(found, Some(&running.now))?,
                }
            }
        };
        self.running = Some(running);
        match ended {
            None => Ok(Passed::Cut),
            Some(Ok(report)) => {
                self.passed(&report, watcher.issues())?;
                Ok(Passed::Done)
            }
            // The disk may have room again, and a lock may be gone.
            Some(Err(SyncError::Store(error @ (StoreError::Full(_) | StoreError::Busy | StoreError::Io(_))))) => {
                self.log.tell(&Event::Trouble { why: &error.to_string() });
                Ok(Passed::Failed)
            }
            Some(Err(error)) => Err(error.into()),
        }
    }

    fn passed(&mut self, report: &PassReport, issues: usize) -> Result<(), RunError> {
        self.pace.note(BySide::new(
            report.counts.calls.left.saturating_sub(report.counts.write_calls.left),
            report.counts.calls.right.saturating_sub(report.counts.write_calls.right),
        ));
        let (interval, short) = self.interval();
        let next = self.ports.env.now().plus(i64::try_from(interval.as_millis()).unwrap_or(i64::MAX));
        let (log, left) = (self.log, self.left());
        let Some(running) = &mut self.running else { return Ok(()) };
        log.tell(&Event::Pass { now: &running.now, report, issues, left, next, short: short.map(crm) });
        let held = match &report.ending {
            Ending::Held(holding) => Some(Held::new(What::Pass, running.now.plan.clone(), holding)),
            _ => None,
        };
        if report.ending == Ending::Quiet {
            running.allowance = 0;
        }
        // People go on working while something is held. The word that was given stays good as long as no more is at stake
        // than it speaks of and what may change without a word.
        let slack = running.session.plan.limits.hold.as_ref().map_or(0, |hold| u64::from(hold.records));
        let stands = |before: &Held, now: &Held| now.records <= before.records.saturating_add(slack);
        match (&running.held, held) {
            (Some(before), Some(now)) if stands(before, &now) => return Ok(()),
            (before, None) => {
                if let Some(held) = before {
                    log.tell(&Event::Withdrawn { held });
                }
                running.held = None;
            }
            (_, Some(now)) => {
                log.tell(&Event::Held { now: &running.now, held: &now });
                running.held = Some(now);
            }
        }
        self.publish()
    }

    /// Until it is time for the next pass: the interval is over, the files have changed, or a word was given.
    async fn pause(&mut self, found: &mut UnboundedReceiver<Found>, until: Option<Instant>) -> Result<(), RunError> {
        let mut stop = self.stop.clone();
        let mut look = tokio::time::interval(APPROVALS);
        while self.next.is_none() {
            tokio::select! {
                _ = stop.asked() => return Ok(()),
                () = tokio::time::sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => return Ok(()),
                // Were the watch to end, passes go on as before.
                Some(some) = found.recv() => {
                    let now = self.running.as_ref().map(|running| running.now.clone());
                    self.note(some, now.as_ref())?;
                }
                _ = look.tick() => {
                    if self.approved().await? {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, found: Found, now: Option<&InForce>) -> Result<(), RunError> {
        match found {
            Found::Good(loaded) => {
                if loaded.untested > 0 {
                    let (left, all) = (loaded.untested, loaded.plan.tests.len());
                    let why = format!(
                        "{left} of {all} tests of the rules were not run within {} s: `syncline test` runs them all",
                        TESTS.as_secs()
                    );
                    self.log.tell(&Event::Trouble { why: &why });
                }
                self.next = Some(loaded);
            }
            Found::Refused(refused) => {
                self.log.tell(&Event::Refused { now, why: &refused.why });
                self.withdraw()?;
            }
            Found::Unwatched(why) => {
                let why = format!("the folders cannot be watched, they are looked at every 2 s: {why}");
                self.log.tell(&Event::Trouble { why: &why });
            }
        }
        Ok(())
    }

    fn refuse(&self, refused: &Refused) {
        self.log.tell(&Event::Refused { now: self.running.as_ref().map(|running| &running.now), why: &refused.why });
    }

    /// What waits for a word is no longer what is on disk.
    fn withdraw(&mut self) -> Result<(), RunError> {
        if let Some((_, held)) = self.waiting.take() {
            self.log.tell(&Event::Withdrawn { held: &held });
            self.publish()?;
        }
        Ok(())
    }

    /// Takes approvals. Returns whether there was one.
    async fn approved(&mut self) -> Result<bool, RunError> {
        let state = &self.started.state;
        if let Some((loaded, held)) = self.waiting.take_if(|(_, held)| held::take(state, held)) {
            self.log.tell(&Event::Approved { held: &held });
            self.put_in_force(loaded, held.records).await?;
            return Ok(true);
        }
        let Some(running) = &mut self.running else { return Ok(false) };
        let Some(held) = running.held.take_if(|held| held::take(state, held)) else { return Ok(false) };
        self.log.tell(&Event::Approved { held: &held });
        running.allowance = held.records;
        self.publish()?;
        Ok(true)
    }

    fn publish(&self) -> Result<(), RunError> {
        let rules = self.waiting.iter().map(|(_, held)| held);
        let pass = self.running.iter().filter_map(|running| running.held.as_ref());
        let all: Vec<Held> = rules.chain(pass).cloned().collect();
        let path = self.started.state.clone();
        held::publish(&path, &all).map_err(|error| {
            let error = StoreError::Io(error.to_string());
            RunError::Pass(PassError::State { path, error })
        })
    }

    fn tell_restart(&mut self, new: &Settings) {
        let old = &self.started;
        let differ = [
            ("hubspot", old.hubspot != new.hubspot),
            ("salesforce", old.salesforce != new.salesforce),
            ("state", old.state != new.state),
        ];
        let restart: Vec<&'static str> = differ.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
        if !restart.is_empty() && restart != self.restart {
            self.log.tell(&Event::Restart { settings: &restart });
        }
        self.restart = restart;
    }

    fn wish(&self) -> Duration {
        self.running.as_ref().map_or(Duration::MAX, |running| running.project.settings.run.interval.0)
    }

    fn interval(&self) -> (Duration, Option<Side>) {
        self.pace.interval(self.wish(), self.left())
    }

    fn left(&self) -> BySide<Option<u64>> {
        BySide::new(self.ports.ledger.left.left(), self.ports.ledger.right.left())
    }
}

enum Passed {
    Done,
    /// There is no plan yet.
    Nothing,
    Failed,
    /// It was not at its end when the time was up.
    Cut,
}

/// Tells problems as they come, and hands on that the end is near.
struct Spectator<'a> {
    log: Log,
    stop: &'a Stop,
    issues: std::sync::atomic::AtomicUsize,
}

impl<'a> Spectator<'a> {
    /// Most problems told of one pass.
    const MOST: usize = 20;

    fn new(log: Log, stop: &'a Stop) -> Spectator<'a> {
        Spectator { log, stop, issues: Default::default() }
    }

    fn issues(&self) -> usize {
        self.issues.load(std::sync::atomic::Ordering::Relaxed)
    }
}

impl Observer for Spectator<'_> {
    fn on(&self, event: Told<'_>) {
        let unread;
        let issue = match event {
            Told::Issue { label, rule, code, message } => Event::Issue { subject: label, rule, code, message },
            Told::Unread { side, feed, why } => {
                unread = format!("{} {feed} could not be read: {why}", crm(side));
                Event::Trouble { why: &unread }
            }
            _ => return,
        };
        let before = self.issues.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if before < Spectator::MOST {
            self.log.tell(&issue);
        }
    }

    fn stopping(&self) -> bool {
        self.stop.is_asked()
    }
}
