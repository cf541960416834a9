//! `syncline why` on many people, found by each of their keys. How long it takes is printed, never asserted:
//! `PEOPLE=100000 cargo test --test cli -- --nocapture one_of_many`.

use std::time::Instant;

use syncline::data::{BySide, Cell, Dict, Millis, Presence, Side, Stamp, Uid, Value, encode};
use syncline::decide::{Base, BaseView, Decision, Frame, Known, Program, decide, identify};
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::store::{
    Adopt, Batch, Ingest, Op, OpAct, OpCell, OpState, Outcome, Rid, RowIn, Settled, Sid, Sqlite, Store, Take, Wave,
    Work,
};
use syncline::sync::{reads_of, type_indexes};

use crate::stage::Stage;

const WAVE: usize = 1_000;
/// 2026-11-23T09:00:00Z
const NOW: Millis = Millis(1_795_424_400_000);

/// A quick few, or as many as `PEOPLE` says.
fn people() -> usize {
    std::env::var("PEOPLE").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000)
}

fn now<T>(step: impl Future<Output = T>) -> T {
    futures_util::FutureExt::now_or_never(step).expect("a store in this process never waits")
}

fn address(n: usize) -> String {
    format!("firstname.lastname{n}@company{}.example.com", n / 8)
}

/// Everybody read, linked and settled, with one update each in the journal.
fn fill(stage: &Stage) {
    let read = |name: &str| serde_json::from_str(&stage.read(name)).unwrap();
    let (left, right) = (read("schemas/hubspot.json"), read("schemas/salesforce.json"));
    std::fs::create_dir_all(stage.path().join(".syncline")).unwrap();
    let store = Sqlite::open(&stage.path().join(".syncline/state.db")).unwrap();
    let (epoch, mut dict) = now(store.open("pace")).unwrap();
    let files = [SourceFile::new("rules/people.sync", stage.read("rules/people.sync"))];
    let (plan, _): (_, Vec<_>) = compile(&files, &left, &right, &mut dict);
    let plan = plan.unwrap();
    let adopt = Adopt {
        digest: plan.digest,
        source: Vec::new(),
        dict: Dict::clone(&dict),
        types: type_indexes(&plan),
        at: NOW,
    };
    now(store.adopt(epoch, &adopt)).unwrap();
    now(store.set_meta(epoch, "plan", &plan.digest.to_string())).unwrap();
    let program = Program::of(&plan).remove(0);
    let row = |side: Side, ty: &str, id: String, fields: &[(&str, &str)]| {
        let reads = reads_of(&plan, side);
        let read = reads.types.iter().find(|read| read.name == ty).unwrap();
        let mut cells = Vec::new();
        let cell = |name: &str| fields.iter().find(|(of, _)| *of == name).map_or(Cell::Null, |(_, v)| Cell::Text(v));
        encode(read.fields.iter().map(|field| (field.uid, cell(&field.name))), &mut cells);
        RowIn {
            ty: read.uid,
            id: id.into(),
            stamp: Stamp { at: NOW, exact: true },
            presence: Presence::Live,
            cells,
            ..RowIn::default()
        }
    };
    let pass = now(store.begin_pass(epoch, plan.digest, NOW)).unwrap();
    for from in (0..people()).step_by(WAVE) {
        let people = from..(from + WAVE).min(people());
        let lefts = people.clone().map(|n| {
            let address = address(n);
            row(Side::Left, "contact", (900_000_000 + n).to_string(), &[("email", &address), ("lastname", "Lovelace")])
        });
        let rights = people.clone().map(|n| {
            let (address, id) = (address(n), format!("00QHs{n:010}"));
            row(Side::Right, "Lead", id, &[("Email", &address), ("LastName", "Lovelace"), ("Company", "Acme")])
        });
        for (side, rows) in [(Side::Left, lefts.collect::<Vec<_>>()), (Side::Right, rights.collect())] {
            now(store.ingest(epoch, &Ingest { side: Some(side), rows, now: NOW, ..Ingest::default() })).unwrap();
        }
    }
    let mut after = Sid(0);
    loop {
        let sids = now(store.take(&Take { now: NOW, limit: WAVE, after, ..Take::default() })).unwrap();
        let Some(last) = sids.last() else { break };
        after = *last;
        let hood = now(store.load(&sids)).unwrap();
        let identified = identify(&program, &hood, NOW.0);
        let mut wave = Wave {
            now: NOW,
            pass,
            plan: plan.digest,
            as_of: hood.as_of,
            identities: identified.changes.clone(),
            ..Wave::default()
        };
        let (mut frame, mut decision, mut ops) = (Frame::default(), Decision::default(), Vec::new());
        for (sid, members) in &identified.subjects {
            let subject = hood.subject(*sid).unwrap();
            frame.fill(&program, &hood, members).unwrap();
            let (mut base, never) = (Base::default(), BaseView::default());
            let known = Known { base: &never, subject, times: &[], absent: BySide::new(true, true), now: NOW.0 };
            decide(&program, &frame, &known, &mut decision);
            decision.agreed.iter().for_each(|agreed| base.set(agreed.clone()));
            let base = base.to_bytes();
            wave.settled.push(Settled { sid: *sid, base, work: Work::Done, keep: Vec::new() });
            let cell = OpCell {
                line: program.block.lines[0].rule.uid,
                field: program.block.types.left[0].fields[0].uid,
                before: Value::Null,
                after: Value::text("x"),
                source: Value::text("x"),
                contested: false,
                restores: false,
            };
            let act = OpAct::Update { rid: Rid(1), id: "1".into() };
            ops.push(Op { sid: *sid, ty: program.block.types.left[0].uid, act, rule: Uid::NONE, cells: vec![cell] });
        }
        let of: Vec<Sid> = ops.iter().map(|op| op.sid).collect();
        wave.batches.push(Batch { side: Side::Left, name: "update".into(), calls: 1, ops });
        let ids = now(store.intend(epoch, &wave)).unwrap();
        let done = ids[0].ops.iter().zip(of).map(|(op, sid)| Outcome::plain(*op, sid, OpState::Done, Work::Done));
        now(store.settle(epoch, &done.collect::<Vec<_>>(), NOW)).unwrap();
    }
    now(store.end_pass(epoch, pass, NOW, "{}")).unwrap();
}

#[test]
fn one_of_many_people_is_found_by_each_key() {
    let stage = Stage::example();
    let began = Instant::now();
    fill(&stage);
    let size = std::fs::metadata(stage.path().join(".syncline/state.db")).unwrap().len();
    println!("{} people in {} MB, filled in {:?}", people(), size / 1_000_000, began.elapsed());
    let (known, id) = (address(people() / 2), format!("00QHs{:010}", people() / 2));
    let slip = known.replace("example.com", "exmple.com");
    for (what, record, code) in [
        ("by address", known.as_str(), 0),
        ("by id", &id, 0),
        ("one slip away", &slip, 1),
        ("unknown", "nobody@nowhere.example", 1),
    ] {
        let mut times: Vec<_> = (0..11)
            .map(|_| {
                let began = Instant::now();
                let ran = stage.run(&format!("why {record}"));
                assert_eq!(ran.code, Some(code), "{ran}");
                began.elapsed()
            })
            .collect();
        times.sort();
        println!("{what}: median {:?}, slowest {:?}", times[5], times[10]);
    }
}
