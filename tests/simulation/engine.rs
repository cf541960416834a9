//! The real engine, adapters and store, on the simulated network; and a store that may die at every commit.

use std::sync::{Arc, OnceLock};

use secrecy::SecretString;
use syncline::crm::Crm;
use syncline::crm::http::{Fut, Meter, Origin};
use syncline::crm::hubspot::{Hubspot, HubspotConfig};
use syncline::crm::salesforce::{Flow, Salesforce, SalesforceConfig};
use syncline::data::{BySide, Dict, Digest, Millis, Uid};
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::lang::plan::Plan;
use syncline::lang::schema::Catalog;
use syncline::store::*;
use syncline::sync::{Ledger, Observer, Opening, PassOptions, PassReport, Ports, Session, Silent, SyncError, run_pass};

use crate::world::{HUBSPOT, SALESFORCE, Sim};

const RULES: &str = include_str!("people.sync");

/// What outlives a crash.
pub struct Machine {
    pub sim: Sim,
    pub store: Mortal,
}

/// The store, with every commit an effect at which the process may die: before it, or after it.
pub struct Mortal {
    pub inner: Sqlite,
    sim: Sim,
}

struct Shared(Arc<Ledger>);

impl Meter for Shared {
    fn take(&self) -> bool {
        self.0.take()
    }
}

impl Machine {
    pub fn new(sim: Sim) -> Machine {
        Machine { store: Mortal { inner: Sqlite::in_memory().unwrap(), sim: sim.clone() }, sim }
    }

    fn crms(&self, ledgers: &BySide<Arc<Ledger>>) -> (Hubspot, Salesforce) {
        let transport = Arc::new(self.sim.clone());
        let env = Arc::new(self.sim.clone());
        let (token, client_id, client_secret) = {
            let world = self.sim.world.lock().unwrap();
            let salesforce = &world.salesforce.config;
            (world.hubspot.config.token.clone(), salesforce.client_id.clone(), salesforce.client_secret.clone())
        };
        let config = HubspotConfig { origin: Origin::parse(HUBSPOT).unwrap(), token: SecretString::from(token) };
        let hubspot = Hubspot::new(config, transport.clone(), Arc::new(Shared(ledgers.left.clone())), env.clone());
        let flow = Flow::ClientCredentials { client_id, client_secret: SecretString::from(client_secret) };
        let config = SalesforceConfig { origin: Origin::parse(SALESFORCE).unwrap(), flow };
        let salesforce = Salesforce::new(config, transport, Arc::new(Shared(ledgers.right.clone())), env);
        (hubspot, salesforce)
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
        let session = Session::begin(ports, opening, dict, plan, RULES.as_bytes().to_vec()).await?;
        run_pass(ports, &session, &PassOptions::default(), observer).await
    }

    /// Runs one pass in a process that may be killed; `None` when it was.
    pub async fn mortal_pass(&self) -> Option<Result<PassReport, SyncError>> {
        tokio::select! {
            biased;
            () = self.sim.crashed.notified() => None,
            ended = self.pass(&Silent) => Some(ended),
        }
    }

    fn plan(&self, dict: &mut Dict) -> Plan {
        let (left, right) = catalogs();
        let files = [SourceFile::new("people.sync", RULES)];
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
                ledger.start(&machine.store.inner, epoch, Millis(0)).await.unwrap();
            }
            let (hubspot, salesforce) = machine.crms(&ledgers);
            let left = hubspot.describe(&["contact".into(), "company".into()]).await.unwrap();
            let right = salesforce.describe(&["Lead".into(), "Contact".into()]).await.unwrap();
            (left, right)
        };
        std::thread::scope(|scope| scope.spawn(|| crate::in_virtual_time(describe)).join().unwrap())
    })
}

macro_rules! forward {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)*) => {$(
        fn $name<'a>(&'a self, $($arg: $ty),*) -> Fut<'a, Result<$out, StoreError>> {
            Box::pin(async move { self.inner.$name($($arg),*).await })
        }
    )*};
}

macro_rules! commit {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $out:ty;)*) => {$(
        fn $name<'a>(&'a self, $($arg: $ty),*) -> Fut<'a, Result<$out, StoreError>> {
            Box::pin(async move {
                self.sim.effect(concat!("commit of ", stringify!($name))).await;
                let done = self.inner.$name($($arg),*).await;
                self.sim.effect(concat!("after ", stringify!($name))).await;
                done
            })
        }
    )*};
}

impl Store for Mortal {
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
        adopt(e: Epoch, plan: &'a Adopt) -> ();
        meta(key: &'a str) -> Option<String>;
        set_meta(e: Epoch, key: &'a str, value: &'a str) -> ();
        take(query: &'a Take) -> Vec<Sid>;
        load(sids: &'a [Sid]) -> Hood;
        spent(account: &'a str, since: Millis) -> u64;
        spend(e: Epoch, account: &'a str, at: Millis, calls: i64) -> ();
        begin_pass(e: Epoch, plan: Digest, at: Millis) -> i64;
        end_pass(e: Epoch, pass: i64, at: Millis, counts: &'a str) -> ();
    }
    commit! {
        ingest(e: Epoch, delta: &'a Ingest) -> Ingested;
        intend(e: Epoch, wave: &'a Wave) -> Vec<BatchIds>;
        settle(e: Epoch, outcomes: &'a [Outcome], now: Millis) -> ();
    }
}
