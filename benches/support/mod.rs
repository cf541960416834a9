//! What the benches share: the sample rules on a store in memory, rows for them, and ratios taken within one run.

// Each bench uses its part of this.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use syncline::data::{BySide, Cell, Dict, Millis, Side, Stamp, encode};
use syncline::decide::Program;
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::lang::plan::Plan;
use syncline::lang::schema::Catalog;
use syncline::store::{Adopt, Epoch, RowIn, Sqlite, Store};
use syncline::sync::{reads_of, type_indexes};

pub const RULES: &str = include_str!("../../examples/developer-edition/rules/people.sync");
const HUBSPOT: &str = include_str!("../../examples/developer-edition/schemas/hubspot.json");
const SALESFORCE: &str = include_str!("../../examples/developer-edition/schemas/salesforce.json");
/// 2026-11-23T09:00:00Z
pub const NOW: Millis = Millis(1_795_424_400_000);

/// A plan in force on a store.
pub struct Model {
    pub plan: Plan,
    pub program: Program,
    pub store: Sqlite,
    pub epoch: Epoch,
}

/// The sample's schemas: HubSpot left, Salesforce right.
pub fn schemas() -> BySide<Catalog> {
    let read = |text| serde_json::from_str(text).expect("the sample's schemas are well formed");
    BySide::new(read(HUBSPOT), read(SALESFORCE))
}

/// Whatever the store does, it does at once.
pub fn now<T>(step: impl Future<Output = T>) -> T {
    futures_util::FutureExt::now_or_never(step).expect("a store in this process never waits")
}

impl Model {
    pub fn new(rules: &str, schemas: &BySide<Catalog>, store: Sqlite) -> Model {
        let (epoch, mut dict) = now(store.open("bench")).expect("a fresh state opens");
        let plan = plan(rules, schemas, &mut dict);
        let types = type_indexes(&plan);
        let adopt = Adopt { digest: plan.digest, source: Vec::new(), dict, types, at: NOW };
        now(store.adopt(epoch, &adopt)).expect("a plan is adopted");
        let program = Program::of(&plan).remove(0);
        Model { plan, program, store, epoch }
    }

    /// A row of the mirror with these fields; the others that the plan reads are blank.
    pub fn row(&self, side: Side, ty: &str, id: &str, fields: &[(&str, Cell<'_>)]) -> RowIn {
        let reads = reads_of(&self.plan, side);
        let read = reads.types.iter().find(|read| read.name == ty).expect("the plan reads the type");
        let fields: BTreeMap<&str, Cell<'_>> = fields.iter().copied().collect();
        let cell = |name: &str| fields.get(name).copied().unwrap_or(Cell::Null);
        let mut cells = Vec::new();
        encode(read.fields.iter().map(|field| (field.uid, cell(&field.name))), &mut cells);
        let stamp = Stamp { at: NOW.minus(86_400_000), exact: true };
        RowIn { ty: read.uid, id: id.into(), stamp, cells, ..RowIn::default() }
    }
}

pub fn plan(rules: &str, schemas: &BySide<Catalog>, dict: &mut Dict) -> Plan {
    let (plan, findings) = compile(&[SourceFile::new("people.sync", rules)], &schemas.left, &schemas.right, dict);
    plan.unwrap_or_else(|| panic!("{findings:#?}"))
}

/// Runs both in turn, many times, and says how fast `ours` is for each round of `theirs`: noise hits both alike.
pub fn ratio(what: &str, items: usize, mut ours: impl FnMut(), mut theirs: impl FnMut()) {
    let time = |step: &mut dyn FnMut()| {
        let began = Instant::now();
        step();
        began.elapsed()
    };
    let mut rounds: Vec<(Duration, Duration)> = (0..41).map(|_| (time(&mut ours), time(&mut theirs))).collect();
    let part = |(ours, theirs): &(Duration, Duration)| theirs.as_secs_f64() / ours.as_secs_f64();
    rounds.sort_by(|a, b| part(a).total_cmp(&part(b)));
    let (ours, theirs) = rounds[rounds.len() / 2];
    let rate = |time: Duration| items as f64 / time.as_secs_f64();
    println!(
        "{what}: {:.2} of the reference ({:.0} a second against {:.0})",
        theirs.as_secs_f64() / ours.as_secs_f64(),
        rate(ours),
        rate(theirs)
    );
}
