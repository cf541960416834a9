//! The state file of a process that may die at every commit: before it, or after it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use syncline::crm::http::{Env, Fut};
use syncline::data::{Dict, Digest, Millis, Uid};
use syncline::store::*;

use crate::identities;
use crate::world::Sim;

/// The store, with every commit an effect at which something may happen to the process.
pub struct Mortal {
    pub inner: Arc<Sqlite>,
    sim: Sim,
    /// Of the process that opened it last.
    epoch: AtomicI64,
    plans: Mutex<Plans>,
}

/// Which plans were ever in force, and which of them a pass ran on.
#[derive(Default)]
struct Plans {
    in_force: Vec<Digest>,
    of_pass: BTreeMap<i64, Digest>,
    /// The pass in flight, and its epoch.
    open: Option<(Epoch, i64)>,
    dict: Dict,
}

impl Mortal {
    pub fn new(sim: Sim) -> Mortal {
        let inner = Arc::new(Sqlite::in_memory().unwrap());
        assert!(sim.store.set(inner.clone()).is_ok(), "a world has one state file");
        Mortal { inner, sim, epoch: AtomicI64::new(0), plans: Mutex::default() }
    }

    /// The plan in force.
    pub fn in_force(&self) -> Option<Digest> {
        self.plans.lock().unwrap().in_force.last().copied()
    }

    /// What a number stands for.
    pub fn name(&self, uid: Uid) -> String {
        self.plans.lock().unwrap().dict.name(uid).to_owned()
    }

    /// The plan that a pass began with.
    pub fn plan_of(&self, pass: i64) -> Option<Digest> {
        self.plans.lock().unwrap().of_pass.get(&pass).copied()
    }

    /// Who is who after a commit.
    async fn looked_at(&self) {
        if let Some(after) = identities::known(&self.sim, &self.inner).await {
            identities::committed(&self.sim, &after);
        }
    }

    /// A commit that went through is one of the process that opened the state last.
    fn committed<T>(&self, what: &str, e: Epoch, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if done.is_ok() && e.0 != self.epoch.load(Ordering::SeqCst) {
            let mut world = self.sim.world.lock().unwrap();
            world.breaks("fence", format!("{what} was committed by epoch {}, which is over", e.0));
        }
        done
    }
}

macro_rules! forward {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)*) => {$(
        fn $name<'a>(&'a self, $($arg: $ty),*) -> Fut<'a, Result<$out, StoreError>> {
            self.inner.$name($($arg),*)
        }
    )*};
}

macro_rules! fenced {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)*) => {$(
        fn $name<'a>(&'a self, e: Epoch, $($arg: $ty),*) -> Fut<'a, Result<$out, StoreError>> {
            Box::pin(async move { self.committed(stringify!($name), e, self.inner.$name(e, $($arg),*).await) })
        }
    )*};
}

macro_rules! commit {
    ($step:literal: $($name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)*) => {$(
        fn $name<'a>(&'a self, e: Epoch, $($arg: $ty),*) -> Fut<'a, Result<$out, StoreError>> {
            Box::pin(async move {
                self.sim.effect("dies before", $step, None).await;
                let done = self.committed(stringify!($name), e, self.inner.$name(e, $($arg),*).await);
                self.sim.effect("dies after", $step, None).await;
                done
            })
        }
    )*};
}

impl Store for Mortal {
    fn open(&self, holder: &str) -> Fut<'_, Result<(Epoch, Dict), StoreError>> {
        let holder = holder.to_owned();
        Box::pin(async move {
            let (epoch, dict) = self.inner.open(&holder).await?;
            self.epoch.store(epoch.0, Ordering::SeqCst);
            Ok((epoch, dict))
        })
    }
    fn adopt<'a>(&'a self, e: Epoch, plan: &'a Adopt) -> Fut<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.sim.effect("dies before", "adopt", None).await;
            let done = self.committed("adopt", e, self.inner.adopt(e, plan).await);
            if done.is_ok() {
                let mut plans = self.plans.lock().unwrap();
                plans.in_force.push(plan.digest);
                plans.dict = plan.dict.clone();
                if let Some(of) = &mut self.sim.world.lock().unwrap().questions {
                    of.dict = plan.dict.clone();
                }
                if let Some((_, pass)) = plans.open.filter(|(epoch, _)| *epoch == e) {
                    let what = format!("another one was put in force in the middle of pass {pass}");
                    self.sim.world.lock().unwrap().breaks("a plan changes between passes", what);
                }
            }
            self.sim.effect("dies after", "adopt", None).await;
            done
        })
    }
    fn begin_pass(&self, e: Epoch, plan: Digest, at: Millis) -> Fut<'_, Result<i64, StoreError>> {
        Box::pin(async move {
            let pass = self.committed("begin_pass", e, self.inner.begin_pass(e, plan, at).await)?;
            let mut plans = self.plans.lock().unwrap();
            plans.of_pass.insert(pass, plan);
            plans.open = Some((e, pass));
            if plans.in_force.last() != Some(&plan) {
                let what = format!("pass {pass} begins on a plan that is not in force");
                self.sim.world.lock().unwrap().breaks("a plan changes between passes", what);
            }
            Ok(pass)
        })
    }
    fn end_pass<'a>(&'a self, e: Epoch, pass: i64, at: Millis, counts: &'a str) -> Fut<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.committed("end_pass", e, self.inner.end_pass(e, pass, at, counts).await)?;
            self.plans.lock().unwrap().open = None;
            Ok(())
        })
    }
    fn answer<'a>(&'a self, e: Epoch, answer: &'a Answer, now: Millis) -> Fut<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            self.sim.effect("dies before", "adopt", None).await;
            let done = self.committed("answer", e, self.inner.answer(e, answer, now).await);
            if done == Ok(true) {
                self.sim.world.lock().unwrap().word_is_kept(answer, self.sim.now());
            }
            self.sim.effect("dies after", "adopt", None).await;
            done
        })
    }
    fn intend<'a>(&'a self, e: Epoch, wave: &'a Wave) -> Fut<'a, Result<Vec<BatchIds>, StoreError>> {
        Box::pin(async move {
            self.sim.effect("dies before", "intend", None).await;
            let matters = identities::matters(wave);
            let before = if matters { identities::known(&self.sim, &self.inner).await } else { None };
            let done = self.committed("intend", e, self.inner.intend(e, wave).await);
            if let (Ok(ids), Some(before)) = (&done, before) {
                identities::intended(&self.sim, &before, wave, ids);
                self.looked_at().await;
            }
            self.sim.effect("dies after", "intend", None).await;
            done
        })
    }
    fn settle<'a>(&'a self, e: Epoch, outcomes: &'a [Outcome], now: Millis) -> Fut<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.sim.effect("dies before", "settle", None).await;
            let done = self.committed("settle", e, self.inner.settle(e, outcomes, now).await);
            if done.is_ok() && outcomes.iter().any(|outcome| outcome.created) {
                self.looked_at().await;
            }
            self.sim.effect("dies after", "settle", None).await;
            done
        })
    }
    fn scratch(&self) -> Result<Box<dyn Store>, StoreError> {
        self.inner.scratch()
    }
    fn feeds(&self) -> Fut<'_, Result<Vec<FeedState>, StoreError>> {
        self.inner.feeds()
    }
    fn list_size(&self, list: Uid) -> Fut<'_, Result<u64, StoreError>> {
        self.inner.list_size(list)
    }
    fn census(&self, block: Uid) -> Fut<'_, Result<Census, StoreError>> {
        self.inner.census(block)
    }
    fn open_ops(&self) -> Fut<'_, Result<Vec<OpenOp>, StoreError>> {
        self.inner.open_ops()
    }
    fn issues(&self) -> Fut<'_, Result<Vec<IssueRow>, StoreError>> {
        self.inner.issues()
    }
    fn journal(&self, after: OpId, limit: usize) -> Fut<'_, Result<Vec<JournalRow>, StoreError>> {
        self.inner.journal(after, limit)
    }
    forward! {
        meta(key: &'a str) -> Option<String>;
        take(query: &'a Take) -> Vec<Sid>;
        load(sids: &'a [Sid]) -> Hood;
        spent(account: &'a str, since: Millis) -> u64;
    }
    fenced! {
        spend(account: &'a str, at: Millis, calls: i64) -> ();
    }
    commit! { "adopt":
        set_meta(key: &'a str, value: &'a str) -> ();
        wake_all(block: Uid, now: Millis) -> u64;
    }
    commit! { "ingest":
        ingest(delta: &'a Ingest) -> Ingested;
    }
    commit! { "derive":
        derive(derived: &'a [Derived], now: Millis) -> ();
    }
}
