//! A process from start to end, as `syncline run` is one: it takes up the rules that are saved, runs passes, and takes words
//! for what it holds.

use std::pin::pin;
use std::time::Duration;

use syncline::crm::http::Env;
use syncline::data::{Dict, Millis, Side};
use syncline::store::{Epoch, OpAct, OpenOp, Store, StoreError};
use syncline::sync::{
    Approved, Candidate, Ending, Keeper, Opening, PassReport, Ports, Silent, Standing, SyncError, TakenUp,
};

use crate::engine::{Machine, compiled};
use crate::rules::Rules;

/// What the last pass of a process came to.
#[derive(Debug)]
pub struct Served {
    pub report: PassReport,
    /// When that pass began.
    pub began: Millis,
    /// People that it wrote to.
    pub people: u64,
}

/// How a process that may be struck ended.
pub enum Struck {
    Died,
    Ended(Box<Result<Served, SyncError>>),
    /// It hung, another took over, and then it went on.
    Stalled {
        other: Box<Result<Served, SyncError>>,
        late: Box<Result<Served, SyncError>>,
    },
}

/// The watch of the rules' files.
struct Watch<'m> {
    machine: &'m Machine,
    dict: Dict,
    /// As many saves were seen.
    saves: Option<u64>,
}

impl Watch<'_> {
    fn look(&mut self, keeper: &mut Keeper<'_, Rules>) {
        let (rules, saves) = {
            let world = self.machine.sim.world.lock().unwrap();
            (world.desk.rules.clone(), world.desk.saves)
        };
        if self.saves.replace(saves) != Some(saves) {
            let text = rules.text();
            let plan = compiled(&text, &mut self.dict);
            keeper.offer(Candidate { plan, dict: self.dict.clone(), source: text.into_bytes(), with: rules });
        }
    }
}

impl Machine {
    pub async fn serve(&self, passes: u32) -> Result<Served, SyncError> {
        self.sim.world.lock().unwrap().process_begins();
        let connected = self.connect();
        let ports = self.ports(&connected);
        let opening = Opening::begin(ports, "sim").await?;
        let mut watch = Watch { machine: self, dict: opening.dict.clone(), saves: None };
        let mut keeper = Keeper::new(ports, opening);
        let mut left = passes;
        loop {
            self.take_words(keeper.opening().epoch).await?;
            watch.look(&mut keeper);
            self.take_up(&mut keeper).await?;
            let served = self.pass(ports, &mut keeper, &mut watch).await?;
            left -= 1;
            if left == 0 {
                return Ok(served);
            }
            self.pause(&mut keeper).await?;
        }
    }

    /// Takes up what people said since: each word is left until the state has it.
    async fn take_words(&self, e: Epoch) -> Result<(), StoreError> {
        let words = self.sim.world.lock().unwrap().questions.as_ref().map(|of| of.left.clone()).unwrap_or_default();
        for (pair, answer) in words {
            let kept = self.store.answer(e, &answer, self.sim.now()).await?;
            let mut world = self.sim.world.lock().unwrap();
            if !kept {
                world.breaks("who is who", format!("{answer:?} was not kept"));
            }
            let Some(of) = &mut world.questions else { continue };
            if of.left.get(&pair) == Some(&answer) {
                of.left.remove(&pair);
            }
        }
        Ok(())
    }

    /// No process is there: who says something puts it into the state itself.
    pub async fn say_while_nothing_runs(&self) {
        let says = {
            let mut world = self.sim.world.lock().unwrap();
            world.fate = None;
            world.questions.as_mut().is_some_and(|of| of.rng.u32(0..3) == 0)
        };
        if says && self.sim.people_say(false).await {
            let (epoch, _) = self.store.open("a person").await.unwrap();
            self.take_words(epoch).await.unwrap();
            self.sim.world.lock().unwrap().situation("said while nothing runs");
        }
    }

    async fn take_up(&self, keeper: &mut Keeper<'_, Rules>) -> Result<(), SyncError> {
        let Some(candidate) = keeper.newest() else { return Ok(()) };
        keeper.withdraw();
        self.sim.world.lock().unwrap().desk.guard.trial = keeper.force().is_some();
        let taken = keeper.take_up(candidate, &Silent).await;
        self.sim.world.lock().unwrap().desk.guard.trial = false;
        self.taken_up(keeper, &taken?);
        Ok(())
    }

    fn taken_up(&self, keeper: &Keeper<'_, Rules>, taken: &TakenUp<Rules>) {
        let mut world = self.sim.world.lock().unwrap();
        if let Some(force) = keeper.force() {
            world.desk.plans.insert(force.session.plan.digest, force.with.clone());
        }
        match taken {
            TakenUp::Changed(_) => world.situation("rules change while a process runs"),
            TakenUp::Held => world.situation("rules are held"),
            TakenUp::Later { .. } => world.situation("a trial could not read"),
            TakenUp::First | TakenUp::Same => {}
        }
        publish(&mut world.desk.published, keeper);
    }

    async fn pass(
        &self,
        ports: Ports<'_>,
        keeper: &mut Keeper<'_, Rules>,
        watch: &mut Watch<'_>,
    ) -> Result<Served, SyncError> {
        let began = self.sim.now();
        self.sim.world.lock().unwrap().pass_begins();
        let mut force = keeper.start().expect("the first plan needs no word");
        let ended = {
            let mut work = pin!(force.pass(ports, &Silent));
            loop {
                tokio::select! {
                    biased;
                    ended = &mut work => break ended,
                    () = self.sim.saved.notified() => {
                        self.sim.world.lock().unwrap().situation("rules are saved in the middle of a pass");
                        watch.look(keeper);
                    }
                }
            }
        };
        let standing = ended.as_ref().map_or(Standing::Same, |report| force.passed(report));
        keeper.end(force);
        let quiet = match &ended {
            Ok(report) if report.ending == Ending::Quiet => self.store.open_ops().await?.is_empty(),
            _ => false,
        };
        let mut world = self.sim.world.lock().unwrap();
        let people = world.pass_ends(ended.as_ref().ok());
        world.calm = quiet.then_some(began);
        if standing != Standing::Same {
            publish(&mut world.desk.published, keeper);
        }
        Ok(Served { report: ended?, began, people })
    }

    /// Between two passes people and admins go on; a word is taken as soon as it is there.
    async fn pause(&self, keeper: &mut Keeper<'_, Rules>) -> Result<(), SyncError> {
        let pause = {
            let mut world = self.sim.world.lock().unwrap();
            let now = self.sim.now();
            if !world.quiet {
                world.admin_acts(3);
                world.user_acts(now);
            }
            if world.quiet || world.desk.rng.bool() {
                world.desk.give_words();
            }
            world.desk.rng.u64(1..300)
        };
        tokio::time::sleep(Duration::from_secs(pause)).await;
        let approved = keeper.approved(|holding| {
            let mut world = self.sim.world.lock().unwrap();
            let given = world.desk.words.remove(&holding.token);
            if let Some(given) =
                given.as_ref().filter(|given| (given.records, given.creates) != (holding.records, holding.creates))
            {
                world.breaks("a word is for what it was given for", format!("{given:?} released {holding:?}"));
            }
            given.is_some()
        });
        match approved.await? {
            None => {}
            Some(Approved::Plan(holding, taken)) => {
                self.sim.world.lock().unwrap().word_taken(&holding);
                self.taken_up(keeper, &taken);
            }
            Some(Approved::Pass(holding)) => {
                let mut world = self.sim.world.lock().unwrap();
                world.word_taken(&holding);
                publish(&mut world.desk.published, keeper);
            }
        }
        Ok(())
    }

    /// A process that may be killed, or hang until another has done its work.
    pub async fn struck(&self, passes: u32) -> Struck {
        let mut first = Box::pin(self.serve(passes));
        tokio::select! {
            biased;
            () = self.sim.crashed.notified() => {
                drop(first);
                self.lose_what_was_told().await;
                return Struck::Died;
            }
            () = self.sim.stalled.notified() => {}
            ended = &mut first => return Struck::Ended(Box::new(ended)),
        }
        self.sim.world.lock().unwrap().fate = None;
        tokio::time::sleep(Duration::from_secs(20)).await;
        let other = self.serve(1).await;
        self.sim.world.lock().unwrap().stale = true;
        self.sim.resume.notify_one();
        let late = first.await;
        self.sim.world.lock().unwrap().stale = false;
        Struck::Stalled { other: Box::new(other), late: Box::new(late) }
    }

    /// Answers that the process had, or that were on their way to it, and were not in the state file when it died: for
    /// whichever operation is open still, nobody will know what its write replaced.
    async fn lose_what_was_told(&self) {
        let open = self.store.inner.open_ops().await.unwrap();
        let mut world = self.sim.world.lock().unwrap();
        for told in std::mem::take(&mut world.told) {
            let lost = |op: &OpenOp| match &op.intent.act {
                OpAct::Update { id, .. } => op.side == Side::Right && told.body.contains(id.get(..15).unwrap_or(id)),
                _ => false,
            };
            if open.iter().any(lost) {
                world.blind.push(told);
            }
        }
    }
}

fn publish(published: &mut Vec<syncline::sync::Holding>, keeper: &Keeper<'_, Rules>) {
    let rules = keeper.waiting().map(|(_, holding)| holding.clone());
    let pass = keeper.force().and_then(|force| force.held().cloned());
    *published = rules.into_iter().chain(pass).collect();
}
