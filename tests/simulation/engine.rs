//! The real engine, adapters and store, on the simulated network; and a store that may die at every commit.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use syncline::cli::connect_models;
use syncline::crm::Crm;
use syncline::crm::http::{Fut, Meter};
use syncline::crm::hubspot::Hubspot;
use syncline::crm::salesforce::Salesforce;
use syncline::data::{BySide, Dict, Digest, Millis, Uid};
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::lang::plan::Plan;
use syncline::lang::schema::Catalog;
use syncline::store::*;
use syncline::sync::{Ledger, Observer, Opening, PassOptions, PassReport, Ports, Session, Silent, SyncError, run_pass};

use crate::world::Sim;

pub const RULES: &str = include_str!("people.sync");

/// What outlives a crash.
pub struct Machine {
    pub sim: Sim,
    pub store: Mortal,
    rules: String,
}

/// The store, with every commit an effect at which the process may die: before it, or after it.
pub struct Mortal {
    pub inner: Arc<Sqlite>,
    sim: Sim,
    /// Of the process that opened it last.
    epoch: AtomicI64,
}

/// How a process that may be struck ended.
pub enum Struck {
    Died,
    Ended(Box<Result<PassReport, SyncError>>),
    /// It hung, another took over, and then it went on.
    Stalled {
        other: Box<Result<PassReport, SyncError>>,
        late: Box<Result<PassReport, SyncError>>,
    },
}

struct Shared(Arc<Ledger>);

impl Meter for Shared {
    fn take(&self) -> bool {
        self.0.take()
    }
}

impl Machine {
    pub fn new(sim: Sim) -> Machine {
        Machine::with_rules(sim, RULES.to_owned())
    }

    pub fn with_rules(sim: Sim, rules: String) -> Machine {
        let inner = Arc::new(Sqlite::in_memory().unwrap());
        assert!(sim.store.set(inner.clone()).is_ok(), "a world has one state file");
        Machine { store: Mortal { inner, sim: sim.clone(), epoch: AtomicI64::new(0) }, sim, rules }
    }

    fn crms(&self, ledgers: &BySide<Arc<Ledger>>) -> (Hubspot, Salesforce) {
        let env = Arc::new(self.sim.clone());
        let (hubspot, salesforce) = {
            let world = self.sim.world.lock().unwrap();
            (world.hubspot.config.clone(), world.salesforce.config.clone())
        };
        let meters = BySide::new(
            Arc::new(Shared(ledgers.left.clone())) as Arc<dyn Meter>,
            Arc::new(Shared(ledgers.right.clone())),
        );
        let both = connect_models(&hubspot, &salesforce, env.clone(), env, meters).unwrap();
        (both.hubspot, both.salesforce)
    }

    /// A process from start to end: opens, runs one pass, ends.
    pub async fn pass(&self, observer: &dyn Observer) -> Result<PassReport, SyncError> {
        let ledgers = BySide::new(Arc::new(Ledger::new("left")), Arc::new(Ledger::new("right")));
        let (hubspot, salesforce) = self.crms(&ledgers);
        let ports = Ports {
            store: &self.store,
            crm: BySide::new(&hubspot as &dyn Crm, &salesforce as &dyn Crm),
            env: &self.sim,
            ledger: BySide::new(&ledgers.left, &ledgers.right),
        };
        let opening = Opening::begin(ports, "sim").await?;
        let mut dict = opening.dict.clone();
        let plan = self.plan(&mut dict);
        let session = Session::begin(ports, opening, dict, plan, self.rules.as_bytes().to_vec()).await?;
        run_pass(ports, &session, &PassOptions::default(), observer).await
    }

    /// Runs one pass in a process that may be killed, or hang until another has done its pass.
    pub async fn struck_pass(&self) -> Struck {
        let mut first = Box::pin(self.pass(&Silent));
        tokio::select! {
            biased;
            () = self.sim.crashed.notified() => return Struck::Died,
            () = self.sim.stalled.notified() => {}
            ended = &mut first => return Struck::Ended(Box::new(ended)),
        }
        self.sim.world.lock().unwrap().fate = None;
        tokio::time::sleep(std::time::Duration::from_secs(20)).await;
        let other = self.pass(&Silent).await;
        self.sim.world.lock().unwrap().stale = true;
        self.sim.resume.notify_one();
        let late = first.await;
        self.sim.world.lock().unwrap().stale = false;
        Struck::Stalled { other: Box::new(other), late: Box::new(late) }
    }

    fn plan(&self, dict: &mut Dict) -> Plan {
        let (left, right) = catalogs();
        let files = [SourceFile::new("people.sync", self.rules.as_str())];
        let (plan, findings) = compile(&files, left, right, dict);
        plan.unwrap_or_else(|| panic!("{findings:#?}"))
    }
}

/// Both CRMs' own descriptions, asked for once.
pub fn catalogs() -> &'static (Catalog, Catalog) {
    static CATALOGS: OnceLock<(Catalog, Catalog)> = OnceLock::new();
    CATALOGS.get_or_init(|| {
        let describe = async {
            let machine = Machine::new(Sim::new(0));
            let ledgers = BySide::new(Arc::new(Ledger::new("l")), Arc::new(Ledger::new("r")));
            let (epoch, _) = machine.store.inner.open("describe").await.unwrap();
            for ledger in [&ledgers.left, &ledgers.right] {
                ledger.start(&*machine.store.inner, epoch, Millis(0)).await.unwrap();
            }
            let (hubspot, salesforce) = machine.crms(&ledgers);
            let left = hubspot.describe(&["contact".into(), "company".into()]).await.unwrap();
            let right = salesforce.describe(&["Lead".into(), "Contact".into()]).await.unwrap();
            (left, right)
        };
        std::thread::scope(|scope| scope.spawn(|| crate::in_virtual_time(describe)).join().unwrap())
    })
}

impl Mortal {
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
    ($($name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)*) => {$(
        fn $name<'a>(&'a self, e: Epoch, $($arg: $ty),*) -> Fut<'a, Result<$out, StoreError>> {
            Box::pin(async move {
                self.sim.effect("dies before", stringify!($name), None).await;
                let done = self.committed(stringify!($name), e, self.inner.$name(e, $($arg),*).await);
                self.sim.effect("dies after", stringify!($name), None).await;
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
        adopt(plan: &'a Adopt) -> ();
        set_meta(key: &'a str, value: &'a str) -> ();
        wake_all(block: Uid, now: Millis) -> u64;
        spend(account: &'a str, at: Millis, calls: i64) -> ();
        begin_pass(plan: Digest, at: Millis) -> i64;
        end_pass(pass: i64, at: Millis, counts: &'a str) -> ();
    }
    commit! {
        ingest(delta: &'a Ingest) -> Ingested;
        derive(derived: &'a [Derived], now: Millis) -> ();
        intend(wave: &'a Wave) -> Vec<BatchIds>;
        settle(outcomes: &'a [Outcome], now: Millis) -> ();
    }
}
