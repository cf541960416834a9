//! State files that cannot be used: said with a way out, and left as they are.

use std::fs::File;
use std::path::Path;

use rusqlite::Connection;

use crate::stage::{Ran, Stage};

const STATE: &str = ".syncline/state.db";

fn said(ran: &Ran) -> String {
    ran.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

fn foreign(path: &Path) {
    let db = Connection::open(path).unwrap();
    db.execute_batch("CREATE TABLE songs(title TEXT); INSERT INTO songs VALUES ('x');").unwrap();
}

/// A state file of one pass.
fn used() -> (Stage, crate::stage::Sandbox) {
    let (stage, sandbox) = Stage::served();
    let ran = stage.run("apply");
    // Two of its records are refused.
    assert_eq!(ran.code, Some(1), "{ran}");
    (stage, sandbox)
}

#[test]
fn a_file_that_is_not_ours_is_left_alone() {
    let (good, sandbox) = used();
    let state = good.path().join(STATE);
    let bytes = std::fs::read(&state).unwrap();
    let mut rng = fastrand::Rng::with_seed(7);
    let noise: Vec<u8> = (0..50_000).map(|_| rng.u8(..)).collect();
    let mut holed = bytes.clone();
    holed[8192..16_384].copy_from_slice(&noise[..8192]);
    let newer = {
        let db = Connection::open(&state).unwrap();
        db.pragma_update(None, "user_version", 99).unwrap();
        db.close().unwrap();
        std::fs::read(&state).unwrap()
    };
    let songs = {
        let folder = tempfile::tempdir().unwrap();
        foreign(&folder.path().join("songs.db"));
        std::fs::read(folder.path().join("songs.db")).unwrap()
    };
    let cases = [
        ("noise", noise, "restore it from a backup"),
        ("cut off", bytes[..bytes.len() / 2].to_vec(), "restore it from a backup"),
        ("a hole in it", holed, "restore it from a backup"),
        ("another program's", songs, "restore it from a backup"),
        ("newer", newer, "use the newer version of Syncline"),
        ("text", b"this is no database, but somebody's notes\n".repeat(100), "restore it from a backup"),
    ];
    for (what, bytes, way_out) in cases {
        let stage = Stage::example();
        stage.point_at(sandbox.url("hubspot"), sandbox.url("salesforce"));
        stage.write(STATE, &bytes);
        for verb in ["plan", "apply"] {
            let ran = stage.run(verb);
            let said = said(&ran);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{what}: {ran}");
            assert!(said.contains(way_out) && said.contains("state.db"), "{what}: {said}");
            assert!(std::fs::read(stage.path().join(STATE)).unwrap() == bytes, "{what}: the file was changed");
        }
    }
}

/// Operations in the journal: nothing is written to a CRM without one.
fn intents(stage: &Stage) -> i64 {
    let db = Connection::open(stage.path().join(STATE)).unwrap();
    db.query_row("SELECT count(*) FROM op", [], |row| row.get(0)).unwrap()
}

#[test]
fn damaged_cells_stop_the_pass_before_it_writes() {
    for (what, damage) in [
        ("a record", "UPDATE record SET cells = x'ffffffffffffffffffff'"),
        ("what was agreed", "UPDATE subject SET base = x'ffffffffffffffffffff'"),
        ("the dictionary", "DELETE FROM dict WHERE uid = 5"),
        ("the epoch", "UPDATE meta SET v = 'soon' WHERE k = 'epoch'"),
    ] {
        let (stage, _sandbox) = used();
        // All is decided anew.
        let rules = stage.read("rules/people.sync").replace("hubspot wins", "salesforce wins");
        stage.write("rules/people.sync", rules);
        let db = Connection::open(stage.path().join(STATE)).unwrap();
        let before = intents(&stage);
        db.execute_batch(damage).unwrap();
        db.close().unwrap();
        for verb in ["plan", "apply"] {
            let ran = stage.run(verb);
            let said = said(&ran);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{what}: {ran}");
            assert!(said.contains("damaged") && said.contains("restore it from a backup"), "{what}: {said}");
        }
        assert_eq!(intents(&stage), before, "{what}: something was written");
    }
}

#[test]
fn a_state_in_use_is_not_waited_for() {
    let (stage, _sandbox) = used();
    let before = std::fs::read(stage.path().join(STATE)).unwrap();
    let lock = File::options().write(true).open(stage.path().join(".syncline/state.db.lock")).unwrap();
    lock.lock().unwrap();
    let ran = stage.run("apply");
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(said(&ran).contains("another `syncline` works on it"), "{ran}");
    assert!(std::fs::read(stage.path().join(STATE)).unwrap() == before);
    // A plan reads a copy.
    assert_eq!(stage.run("plan").code, Some(1));
    drop(lock);
    assert_eq!(stage.run("apply").code, Some(1));
}
