//! The real engine and adapters on the simulated network.

use std::sync::{Arc, OnceLock};

use syncline::cli::connect_models;
use syncline::crm::Crm;
use syncline::crm::http::Meter;
use syncline::crm::hubspot::Hubspot;
use syncline::crm::salesforce::Salesforce;
use syncline::data::{BySide, Dict, Millis};
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::lang::plan::Plan;
use syncline::lang::schema::Catalog;
use syncline::store::Store;
use syncline::sync::{Ledger, Ports};

use crate::mortal::Mortal;
use crate::world::Sim;

/// What outlives a crash.
pub struct Machine {
    pub sim: Sim,
    pub store: Mortal,
}

struct Shared(Arc<Ledger>);

impl Meter for Shared {
    fn take(&self) -> bool {
        self.0.take()
    }
}

/// What a process has of its own: connections, and the count of their calls.
pub struct Connected {
    hubspot: Hubspot,
    salesforce: Salesforce,
    ledgers: BySide<Arc<Ledger>>,
}

impl Machine {
    pub fn new(sim: Sim) -> Machine {
        Machine { store: Mortal::new(sim.clone()), sim }
    }

    pub fn connect(&self) -> Connected {
        let ledgers = BySide::new(Arc::new(Ledger::new("left")), Arc::new(Ledger::new("right")));
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
        Connected { hubspot: both.hubspot, salesforce: both.salesforce, ledgers }
    }

    pub fn ports<'a>(&'a self, connected: &'a Connected) -> Ports<'a> {
        Ports {
            store: &self.store,
            crm: BySide::new(&connected.hubspot as &dyn Crm, &connected.salesforce as &dyn Crm),
            env: &self.sim,
            ledger: BySide::new(&connected.ledgers.left, &connected.ledgers.right),
        }
    }
}

pub fn compiled(rules: &str, dict: &mut Dict) -> Plan {
    let (left, right) = catalogs();
    let (plan, findings) = compile(&[SourceFile::new("people.sync", rules)], left, right, dict);
    plan.unwrap_or_else(|| panic!("{findings:#?}"))
}

/// Both CRMs' own descriptions, asked for once.
pub fn catalogs() -> &'static (Catalog, Catalog) {
    static CATALOGS: OnceLock<(Catalog, Catalog)> = OnceLock::new();
    CATALOGS.get_or_init(|| {
        let describe = async {
            let machine = Machine::new(Sim::new(0));
            let (epoch, _) = machine.store.inner.open("describe").await.unwrap();
            let connected = machine.connect();
            for ledger in [&connected.ledgers.left, &connected.ledgers.right] {
                ledger.start(&*machine.store.inner, epoch, Millis(0)).await.unwrap();
            }
            let left = connected.hubspot.describe(&["contact".into(), "company".into()]).await.unwrap();
            let right = connected
                .salesforce
                .describe(&["Lead", "Contact", "Account", "Opportunity", "OpportunityContactRole"].map(str::to_owned))
                .await
                .unwrap();
            (left, right)
        };
        std::thread::scope(|scope| scope.spawn(|| crate::in_virtual_time(describe)).join().unwrap())
    })
}
