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
use crate::cli::answers;
use crate::cli::passes::{PassError, same_accounts};
use crate::cli::project::Project;
use crate::cli::settings::Settings;
use crate::cli::show::crm;
use crate::cli::watch::{Found, Refused, TESTS, Watch, Why};
use crate::data::{BySide, Side};
use crate::lang::plan::differences;
use crate::store::StoreError;
use crate::sync::{
    self, Approved, Candidate, Event as Told, Holding, Keeper, Observer, Opening, PassReport, Ports, Standing,
    SyncError, TakenUp,
};

/// Between two looks for approvals, while something is held.
const APPROVALS: Duration = Duration::from_millis(250);

pub(super) struct Runner<'a> {
    ports: Ports<'a>,
    keeper: Keeper<'a, Files>,
    /// Those of the start: connections and the state file stay as they are.
    started: Settings,
    log: Log,
    stop: Stop,
    pace: Pace,
    restart: Vec<&'static str>,
}

/// What a plan was made of.
struct Files {
    project: Project,
    /// When the first sign of the change was seen.
    began: Instant,
}

fn in_force(force: &sync::InForce<Files>) -> InForce {
    InForce { plan: force.session.plan.digest.short(), since: force.since }
}

impl<'a> Runner<'a> {
    pub(super) fn new(ports: Ports<'a>, opening: Opening, started: Settings, log: Log, stop: Stop) -> Runner<'a> {
        let (keeper, pace, restart) = (Keeper::new(ports, opening), Pace::default(), Vec::new());
        Runner { ports, keeper, started, log, stop, pace, restart }
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
        let Some(candidate) = self.keeper.newest() else { return Ok(()) };
        self.withdraw()?;
        self.tell_restart(&candidate.with.project.settings);
        if let Err(error) = same_accounts(&candidate.with.project, self.keeper.opening()) {
            self.refuse(&Refused { why: Why::Unfit(Box::new(error)) });
            return Ok(());
        }
        let watcher = Spectator::new(self.log, &self.stop);
        let taken = self.keeper.take_up(candidate, &watcher).await?;
        self.taken_up(taken, false)
    }

    /// `by_word`: how long a plan had to wait for a word says nothing.
    fn taken_up(&self, taken: TakenUp<Files>, by_word: bool) -> Result<(), RunError> {
        let Some(force) = self.keeper.force() else { return Ok(()) };
        let now = in_force(force);
        let interval_s = force.with.project.settings.run.interval.0.as_secs();
        match taken {
            TakenUp::First => {
                let accounts = &self.keeper.opening().accounts;
                let accounts = BySide::new(&*accounts.left.id, &*accounts.right.id);
                self.log.tell(&Event::Running { now: &now, accounts, interval_s });
            }
            TakenUp::Same => self.log.tell(&Event::Same { now: &now, interval_s }),
            TakenUp::Changed(was) => {
                let (before, after) = (&was.session, &force.session);
                let means = differences((&before.plan, &before.dict), (&after.plan, &after.dict));
                let took = force.with.began.elapsed().as_millis();
                let took_ms = (!by_word).then(|| u64::try_from(took).unwrap_or(u64::MAX));
                self.log.tell(&Event::Changed { was: &in_force(&was).plan, now: &now, means: &means, took_ms });
            }
            TakenUp::Later { plan, why } => {
                let why = format!("what rules {} would change cannot be counted yet: {why}", plan.short());
                self.log.tell(&Event::Trouble { why: &why });
            }
            TakenUp::Held => {
                if let Some((candidate, holding)) = self.keeper.waiting() {
                    let held = Held::new(What::Rules, candidate.plan.digest.short(), holding);
                    self.log.tell(&Event::Held { now: &now, held: &held });
                }
            }
        }
        self.publish()
    }

    async fn pass(&mut self, found: &mut UnboundedReceiver<Found>) -> Result<Passed, RunError> {
        let Some(mut force) = self.keeper.start() else { return Ok(Passed::Nothing) };
        let now = in_force(&force);
        let mut asked = self.stop.clone();
        let stop = asked.clone();
        let watcher = Spectator::new(self.log, &stop);
        let ended = {
            let mut work = pin!(force.pass(self.ports, &watcher));
            loop {
                tokio::select! {
                    biased;
                    ended = &mut work => break Some(ended),
                    until = asked.asked() => break tokio::time::timeout_at(until, &mut work).await.ok(),
                    Some(found) = found.recv() => self.note(found, Some(&now))?,
                }
            }
        };
        let standing = match &ended {
            Some(Ok(report)) => force.passed(report),
            _ => Standing::Same,
        };
        self.keeper.end(force);
        match ended {
            None => Ok(Passed::Cut),
            Some(Ok(report)) => {
                self.passed(&report, watcher.issues(), standing)?;
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

    fn passed(&mut self, report: &PassReport, issues: usize, standing: Standing) -> Result<(), RunError> {
        self.pace.note(BySide::new(
            report.counts.calls.left.saturating_sub(report.counts.write_calls.left),
            report.counts.calls.right.saturating_sub(report.counts.write_calls.right),
        ));
        let (interval, short) = self.interval();
        let next = self.ports.env.now().plus(i64::try_from(interval.as_millis()).unwrap_or(i64::MAX));
        let Some(force) = self.keeper.force() else { return Ok(()) };
        let now = in_force(force);
        self.log.tell(&Event::Pass { now: &now, report, issues, left: self.left(), next, short: short.map(crm) });
        let held = |holding: &Holding| Held::new(What::Pass, now.plan.clone(), holding);
        match standing {
            Standing::Same => return Ok(()),
            Standing::Held => {
                if let Some(holding) = force.held() {
                    self.log.tell(&Event::Held { now: &now, held: &held(holding) });
                }
            }
            Standing::Withdrawn(holding) => self.log.tell(&Event::Withdrawn { held: &held(&holding) }),
        }
        self.publish()
    }

    /// Until it is time for the next pass: the interval is over, the files have changed, or a word was given.
    async fn pause(&mut self, found: &mut UnboundedReceiver<Found>, until: Option<Instant>) -> Result<(), RunError> {
        let mut stop = self.stop.clone();
        let mut look = tokio::time::interval(APPROVALS);
        while !self.keeper.is_offered() {
            tokio::select! {
                _ = stop.asked() => return Ok(()),
                () = tokio::time::sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => return Ok(()),
                // Were the watch to end, passes go on as before.
                Some(some) = found.recv() => {
                    let now = self.keeper.force().map(in_force);
                    self.note(some, now.as_ref())?;
                }
                _ = look.tick() => {
                    if self.answered().await? | self.approved().await? {
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
                let source = loaded.project.source();
                let with = Files { project: loaded.project, began: loaded.began };
                self.keeper.offer(Candidate { plan: loaded.plan, dict: loaded.dict, source, with });
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
        let now = self.keeper.force().map(in_force);
        self.log.tell(&Event::Refused { now: now.as_ref(), why: &refused.why });
    }

    /// What waits for a word is no longer what is on disk.
    fn withdraw(&mut self) -> Result<(), RunError> {
        if let Some((candidate, holding)) = self.keeper.withdraw() {
            let held = Held::new(What::Rules, candidate.plan.digest.short(), &holding);
            self.log.tell(&Event::Withdrawn { held: &held });
            self.publish()?;
        }
        Ok(())
    }

    /// Takes people's words on proposed matches. Returns whether there was one.
    async fn answered(&self) -> Result<bool, RunError> {
        let (state, epoch) = (&self.started.state, self.keeper.opening().epoch);
        let taken = match answers::take(state, self.ports.store, epoch, self.ports.env.now()).await {
            // The words stay where they are, and the next pass says what is wrong.
            Err(StoreError::Full(_) | StoreError::Busy | StoreError::Io(_)) => 0,
            Err(error) => return Err(RunError::Pass(PassError::State { path: state.clone(), error })),
            Ok(taken) => taken,
        };
        if taken > 0 {
            self.log.tell(&Event::Answered { matches: taken });
        }
        Ok(taken > 0)
    }

    /// Takes approvals. Returns whether there was one.
    async fn approved(&mut self) -> Result<bool, RunError> {
        let state = self.started.state.clone();
        let running = self.keeper.force().map(in_force).map_or_else(String::new, |now| now.plan);
        let waits = self.keeper.waiting().map(|(candidate, _)| candidate.plan.digest.short());
        let approved = self.keeper.approved(|holding| held::take(&state, &holding.token)).await?;
        let taken = match approved {
            None => return Ok(false),
            Some(Approved::Plan(holding, taken)) => {
                let held = Held::new(What::Rules, waits.unwrap_or_default(), &holding);
                self.log.tell(&Event::Approved { held: &held });
                Some(taken)
            }
            Some(Approved::Pass(holding)) => {
                self.log.tell(&Event::Approved { held: &Held::new(What::Pass, running, &holding) });
                None
            }
        };
        match taken {
            Some(taken) => self.taken_up(taken, true)?,
            None => self.publish()?,
        }
        Ok(true)
    }

    fn publish(&self) -> Result<(), RunError> {
        let rules = self.keeper.waiting().map(|(candidate, holding)| (What::Rules, candidate.plan.digest, holding));
        let pass = self.keeper.force().and_then(|force| {
            let holding = force.held()?;
            Some((What::Pass, force.session.plan.digest, holding))
        });
        let all: Vec<Held> =
            rules.into_iter().chain(pass).map(|(what, plan, holding)| Held::new(what, plan.short(), holding)).collect();
        let path = &self.started.state;
        held::publish(path, &all).map_err(|error| {
            let error = StoreError::Io(error.to_string());
            RunError::Pass(PassError::State { path: path.clone(), error })
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
        self.keeper.force().map_or(Duration::MAX, |force| force.with.project.settings.run.interval.0)
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
