//! What a pair costs in the state file: thirty mapped fields, 55 % of them filled, linked and agreed. By table.
//!
//! `cargo bench --bench size -- 100000` takes another number of pairs than 20,000.

#[path = "support/mod.rs"]
mod support;

use std::path::Path;

use rusqlite::Connection;
use support::{Model, NOW, now, schemas};
use syncline::data::{BySide, Cell, FieldKind, Side};
use syncline::decide::{Base, BaseView, Decision, Frame, Known, decide, identify};
use syncline::lang::schema::{Catalog, FieldDef};
use syncline::store::{Ingest, RowIn, Settled, Sid, Sqlite, Store, Take, Wave, Work};

/// Beside the e-mail address and the key.
const FIELDS: usize = 30;
const FILLED_PERCENT: usize = 55;
const WAVE: usize = 1_000;
const WORDS: [&str; 12] = [
    "Engineering",
    "Berlin",
    "yes",
    "Analytical Engines",
    "2026",
    "north",
    "Head of Operations",
    "partner",
    "EUR 12,500",
    "+49 30 901820",
    "a",
    "Referral by a customer",
];

/// The sample's schemas with thirty more text fields on both sides.
fn wide() -> BySide<Catalog> {
    let mut schemas = schemas();
    let def = |label: &str| FieldDef { label: label.to_owned(), max: Some(255), ..text() };
    for n in 0..FIELDS {
        if let Some(contact) = schemas.left.types.get_mut("contact") {
            contact.fields.insert(format!("wide_{n}"), def(&format!("Wide {n}")));
        }
        if let Some(lead) = schemas.right.types.get_mut("Lead") {
            lead.fields.insert(format!("Wide_{n}__c"), def(&format!("Wide {n}")));
        }
    }
    schemas
}

fn text() -> FieldDef {
    let json = serde_json::json!({"label": "", "kind": FieldKind::Text});
    serde_json::from_value(json).expect("a text field needs no more")
}

fn rules() -> String {
    let rows: String = (0..FIELDS).map(|n| format!("    wide_{n} <-> Wide_{n}__c or truncate\n")).collect();
    format!(
        "edition 2026\n\nsync people: hubspot contact <-> salesforce Lead {{\n  match email = Email\n\n  \
         to salesforce {{\n    create Lead always\n  }}\n  to hubspot {{\n    create contact always\n  }}\n\n  \
         map prefer salesforce unless blank {{\n    email <-> Email or reject\n    lastname <-> LastName or truncate or use \"(unknown)\"\n    \
         company -> Lead.Company or truncate or use \"(none)\"\n{rows}    hs_object_id -> HubSpot_Id__c\n  }}\n}}\n"
    )
}

/// The same values on both sides: they are linked and agree.
fn rows(model: &Model, n: usize) -> [RowIn; 2] {
    let email = format!("firstname.lastname{n}@company{}.example.com", n / 8);
    let id = (90_000_000_000 + n).to_string();
    let names: Vec<(String, String)> = (0..FIELDS).map(|at| (format!("wide_{at}"), format!("Wide_{at}__c"))).collect();
    let filled = |at: usize| (n * 7 + at * 13) % 100 < FILLED_PERCENT;
    let value = |at: usize| match filled(at) {
        true => Cell::Text(WORDS[(n + at * 5) % WORDS.len()]),
        false => Cell::Null,
    };
    let mut left =
        vec![("email", Cell::Text(&email)), ("lastname", Cell::Text("Lovelace")), ("company", Cell::Text("Acme"))];
    let mut right = vec![
        ("Email", Cell::Text(&email)),
        ("LastName", Cell::Text("Lovelace")),
        ("Company", Cell::Text("Acme")),
        ("HubSpot_Id__c", Cell::Text(&id)),
    ];
    for (at, (ours, theirs)) in names.iter().enumerate() {
        left.push((ours, value(at)));
        right.push((theirs, value(at)));
    }
    [model.row(Side::Left, "contact", &id, &left), model.row(Side::Right, "Lead", &format!("00QHs{n:010}MAA"), &right)]
}

/// Read, linked, decided and settled, as the engine does it in a pass that writes nothing.
fn fill(path: &Path, pairs: usize) {
    let model = Model::new(&rules(), &wide(), Sqlite::open(path).expect("a state file is made"));
    for from in (0..pairs).step_by(WAVE) {
        let both: Vec<[RowIn; 2]> = (from..(from + WAVE).min(pairs)).map(|n| rows(&model, n)).collect();
        for (at, side) in [Side::Left, Side::Right].into_iter().enumerate() {
            let rows = both.iter().map(|pair| pair[at].clone()).collect();
            let delta = Ingest { side: Some(side), rows, now: NOW, ..Ingest::default() };
            now(model.store.ingest(model.epoch, &delta)).expect("rows are ingested");
        }
    }
    let mut after = Sid(0);
    loop {
        let sids =
            now(model.store.take(&Take { now: NOW, limit: WAVE, after, ..Take::default() })).expect("work is taken");
        let Some(last) = sids.last() else { break };
        after = *last;
        let hood = now(model.store.load(&sids)).expect("a neighbourhood is loaded");
        let identified = identify(&model.program, &hood, NOW.0);
        let mut wave = Wave { now: NOW, as_of: hood.as_of, identities: identified.changes.clone(), ..Wave::default() };
        let (mut frame, mut decision) = (Frame::default(), Decision::default());
        for (sid, members) in &identified.subjects {
            let subject = hood.subject(*sid).expect("it was loaded");
            frame.fill(&model.program, &hood, members).expect("the rows are sound");
            let (mut base, never) = (Base::default(), BaseView::default());
            let known = Known { base: &never, subject, times: &[], absent: BySide::new(true, true), now: NOW.0 };
            decide(&model.program, &frame, &known, &mut decision);
            assert!(!decision.writes(), "both sides hold the same: {:?}", decision.moves);
            decision.agreed.iter().for_each(|agreed| base.set(agreed.clone()));
            let base = base.to_bytes();
            wave.settled.push(Settled { sid: *sid, base, work: Work::Done, keep: Vec::new() });
        }
        now(model.store.intend(model.epoch, &wave)).expect("a wave is settled");
    }
}

fn report(path: &Path, pairs: usize) -> Result<(), rusqlite::Error> {
    let db = Connection::open(path)?;
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    let linked: i64 = db.query_row("SELECT count(*) FROM subject", [], |row| row.get(0))?;
    assert_eq!(linked, pairs as i64, "every pair is one subject");
    let cells: f64 = db.query_row("SELECT avg(length(cells)) FROM record", [], |row| row.get(0))?;
    println!("{pairs} pairs, {FIELDS} mapped fields, {FILLED_PERCENT} % filled; {cells:.0} bytes of cells a record\n");
    let mut query = db.prepare("SELECT name, sum(pgsize), sum(unused) FROM dbstat GROUP BY name ORDER BY 2 DESC")?;
    let tables = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    println!("{:<20} {:>12} {:>12}", "table or index", "bytes a pair", "of it unused");
    let mut sum = 0.0;
    for table in tables {
        let (name, bytes, unused): (String, i64, i64) = table?;
        let a_pair = |bytes: i64| bytes as f64 / pairs as f64;
        sum += a_pair(bytes);
        if a_pair(bytes) >= 0.5 {
            println!("{name:<20} {:>12.0} {:>12.0}", a_pair(bytes), a_pair(unused));
        }
    }
    println!("{:<20} {sum:>12.0}", "sum");
    Ok(())
}

fn main() {
    let pairs = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(20_000);
    let folder = tempfile::tempdir().expect("a folder for the state file");
    let path = folder.path().join("state.db");
    fill(&path, pairs);
    report(&path, pairs).expect("the state file is read back");
}
