//! The plans of one runner: the one in force, the next one, and the one that waits for a person's word. A plan changes only
//! between two passes: for a pass it is taken out of the keeper's hands, and nothing that comes meanwhile can reach it.

use crate::data::{Dict, Digest, Millis, Side};
use crate::lang::plan::{Hold, Plan};
use crate::planted::{self, Bug};
use crate::store::Store;

use super::hold::Holding;
use super::pass::{PassOptions, run_pass};
use super::release::Release;
use super::report::{Ending, Observer, PassReport};
use super::session::{Opening, Ports, Session, SyncError};
use super::trial::{Trial, trial};

/// A plan that may be put in force, with what its owner keeps beside it.
pub struct Candidate<P> {
    pub plan: Plan,
    /// Every number that the plan names; plans that follow one another share one numbering.
    pub dict: Dict,
    pub source: Vec<u8>,
    pub with: P,
}

/// The plan in force.
pub struct InForce<P> {
    pub session: Session,
    pub since: Millis,
    pub with: P,
    /// What words have released of it, until it is done.
    release: Release,
    /// What the last pass would have done without the guard.
    held: Option<Holding>,
}

/// What came of a plan.
pub enum TakenUp<P> {
    /// It is the first one of this runner.
    First,
    /// It means the same as the one in force.
    Same,
    /// It took this one's place.
    Changed(Box<InForce<P>>),
    /// It waits for a word: see [`Keeper::waiting`].
    Held,
    /// What it would change could not be counted. It is tried again before the next pass, unless a newer one comes.
    Later { plan: Digest, why: String },
}

/// What a pass came to for what is held.
#[derive(Debug, PartialEq)]
pub enum Standing {
    /// Nothing is held, or the same as before: the word for it stays good.
    Same,
    /// Something is held that was not: see [`InForce::held`].
    Held,
    /// What was held is not due any more.
    Withdrawn(Holding),
}

/// A word that was taken.
pub enum Approved<P> {
    /// For the plan that waited: it is in force now.
    Plan(Holding, TakenUp<P>),
    /// For the next pass on the plan in force.
    Pass(Holding),
}

pub struct Keeper<'a, P> {
    ports: Ports<'a>,
    opening: Opening,
    force: Option<InForce<P>>,
    /// Newer than what is in force, and not looked at yet.
    next: Option<Candidate<P>>,
    /// Looked at, but what it would change could not be counted.
    later: Option<Candidate<P>>,
    waiting: Option<(Candidate<P>, Holding)>,
}

impl<'a, P> Keeper<'a, P> {
    pub fn new(ports: Ports<'a>, opening: Opening) -> Keeper<'a, P> {
        Keeper { ports, opening, force: None, next: None, later: None, waiting: None }
    }

    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// `None` while a pass has it, and before the first one.
    pub fn force(&self) -> Option<&InForce<P>> {
        self.force.as_ref()
    }

    pub fn waiting(&self) -> Option<(&Candidate<P>, &Holding)> {
        self.waiting.as_ref().map(|(candidate, holding)| (candidate, holding))
    }

    /// A newer plan: looked at before the next pass.
    pub fn offer(&mut self, candidate: Candidate<P>) {
        self.next = Some(candidate);
    }

    pub fn is_offered(&self) -> bool {
        self.next.is_some()
    }

    /// What is to be taken up before the next pass.
    pub fn newest(&mut self) -> Option<Candidate<P>> {
        let later = self.later.take();
        self.next.take().or(later)
    }

    /// What waits for a word is not wanted any more.
    pub fn withdraw(&mut self) -> Option<(Candidate<P>, Holding)> {
        self.waiting.take()
    }

    /// Puts a plan in force, unless it would change more than the plan in force or it itself allows without a word.
    pub async fn take_up(&mut self, candidate: Candidate<P>, observer: &dyn Observer) -> Result<TakenUp<P>, SyncError> {
        let Some(force) = &self.force else { return self.put_in_force(candidate, Release::Nothing).await };
        let limits: Vec<&Hold> =
            [&force.session.plan.limits.hold, &candidate.plan.limits.hold].into_iter().flatten().collect();
        if force.session.plan.digest == candidate.plan.digest || limits.is_empty() {
            return self.put_in_force(candidate, Release::Nothing).await;
        }
        match self.on_trial(force, &candidate, &limits, observer).await? {
            Trial::Within => self.put_in_force(candidate, Release::Nothing).await,
            Trial::Unread { why } => {
                let plan = candidate.plan.digest;
                self.later = Some(candidate);
                Ok(TakenUp::Later { plan, why })
            }
            Trial::Over(holding) => {
                self.waiting = Some((candidate, holding));
                Ok(TakenUp::Held)
            }
        }
    }

    /// Counts on a copy of the state.
    async fn on_trial(
        &self,
        force: &InForce<P>,
        candidate: &Candidate<P>,
        limits: &[&Hold],
        observer: &dyn Observer,
    ) -> Result<Trial, SyncError> {
        let copy = self.ports.store.scratch()?;
        let store: &dyn Store = if planted::is(Bug::TrialOnTheState) { self.ports.store } else { &*copy };
        let ports = Ports { store, ..self.ports };
        let (epoch, now) = (self.opening.epoch, ports.env.now());
        for side in Side::BOTH {
            ports.ledger[side].start(store, epoch, now).await?;
        }
        let tried = trial(ports, &self.opening, (&candidate.plan, &candidate.dict), limits, observer).await;
        for side in Side::BOTH {
            ports.ledger[side].close(store, epoch, now).await?;
            ports.ledger[side].limit(&force.session.plan.limits, side, ports.crm[side].usage());
        }
        tried
    }

    async fn put_in_force(&mut self, candidate: Candidate<P>, release: Release) -> Result<TakenUp<P>, SyncError> {
        let Candidate { plan, dict, source, with } = candidate;
        let session = Session::begin(self.ports, self.opening.clone(), dict, plan, source).await?;
        let mut force = InForce { session, since: self.ports.env.now(), with, release, held: None };
        let Some(was) = self.force.take() else {
            self.force = Some(force);
            return Ok(TakenUp::First);
        };
        if was.session.plan.digest != force.session.plan.digest {
            self.force = Some(force);
            return Ok(TakenUp::Changed(Box::new(was)));
        }
        (force.since, force.held) = (was.since, was.held);
        if force.release == Release::Nothing {
            force.release = was.release;
        }
        self.force = Some(force);
        Ok(TakenUp::Same)
    }

    /// Hands the plan in force over to a pass.
    pub fn start(&mut self) -> Option<InForce<P>> {
        self.force.take()
    }

    /// Takes it back, whatever came of the pass.
    pub fn end(&mut self, force: InForce<P>) {
        self.force = Some(force);
    }

    /// Takes a word, where one was given for what is held: `take` says so, and forgets it.
    pub async fn approved(&mut self, mut take: impl FnMut(&Holding) -> bool) -> Result<Option<Approved<P>>, SyncError> {
        if let Some((candidate, holding)) = self.waiting.take_if(|(_, holding)| take(holding)) {
            let release = Release::Records(holding.records);
            return Ok(Some(Approved::Plan(holding, self.put_in_force(candidate, release).await?)));
        }
        let Some(force) = &mut self.force else { return Ok(None) };
        let Some(holding) = force.held.take_if(|holding| take(holding)) else { return Ok(None) };
        force.release = Release::Records(holding.records);
        Ok(Some(Approved::Pass(holding)))
    }
}

impl<P> InForce<P> {
    pub fn held(&self) -> Option<&Holding> {
        self.held.as_ref()
    }

    /// One pass. The day rolls on: what was spent longest ago no longer counts.
    pub async fn pass(&self, ports: Ports<'_>, observer: &dyn Observer) -> Result<PassReport, SyncError> {
        for side in Side::BOTH {
            ports.ledger[side].start(ports.store, self.session.epoch, ports.env.now()).await?;
        }
        let options = PassOptions { release: self.release.clone(), ..PassOptions::default() };
        run_pass(ports, &self.session, &options, observer).await
    }

    /// What its end means for what is held and what was released.
    pub fn passed(&mut self, report: &PassReport) -> Standing {
        self.release = match report.ending {
            Ending::Quiet if !planted::is(Bug::ReleaseNeverEnds) => Release::Nothing,
            _ => report.release.clone(),
        };
        let held = match &report.ending {
            Ending::Held(holding) => Some(holding.clone()),
            _ => None,
        };
        // People go on working while something is held. The word that was given stays good as long as no more is at stake
        // than it speaks of and what may change without a word.
        let slack = self.session.plan.limits.hold.as_ref().map_or(0, |hold| u64::from(hold.records));
        match (self.held.take(), held) {
            (Some(before), Some(now)) if now.records <= before.records.saturating_add(slack) => {
                self.held = Some(before);
                Standing::Same
            }
            (_, Some(now)) => {
                self.held = Some(now);
                Standing::Held
            }
            (Some(before), None) => Standing::Withdrawn(before),
            (None, None) => Standing::Same,
        }
    }
}
