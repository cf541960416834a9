//! SQLite keeps what every store promises, in memory and in a file; and what only a file can break.

use super::*;
use crate::store::conformance::{AT, Bench, Open, conformance, contact, now};
use crate::store::{Ingest, StoreError, Work};

struct InMemory(Sqlite);

impl Bench for InMemory {
    fn fresh() -> InMemory {
        InMemory(Sqlite::in_memory().unwrap())
    }

    fn store(&self) -> &dyn Store {
        &self.0
    }

    fn reopen(self) -> Option<InMemory> {
        None
    }
}

struct InFile {
    store: Sqlite,
    folder: tempfile::TempDir,
}

impl Bench for InFile {
    fn fresh() -> InFile {
        let folder = tempfile::tempdir().unwrap();
        InFile { store: Sqlite::open(&folder.path().join("state.db")).unwrap(), folder }
    }

    fn store(&self) -> &dyn Store {
        &self.store
    }

    /// What a process that was killed leaves: the file and its log, never closed.
    fn reopen(self) -> Option<InFile> {
        let left = tempfile::tempdir().unwrap();
        for file in std::fs::read_dir(self.folder.path()).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), left.path().join(file.file_name())).unwrap();
        }
        Some(InFile { store: Sqlite::open(&left.path().join("state.db")).unwrap(), folder: left })
    }
}

conformance!(in_memory, InMemory);
conformance!(in_a_file, InFile);

#[test]
fn a_second_process_is_told_at_once_that_the_file_is_in_use() {
    let bench = InFile::fresh();
    let path = bench.folder.path().join("state.db");
    assert_eq!(Sqlite::open(&path).err(), Some(StoreError::Busy));
    // A dry run needs no lock, and leaves the file alone.
    Open::on(bench.store()).ingest(vec![contact("1", 1, "Ada")]);
    let scratch = Sqlite::scratch_of(Some(&path)).unwrap();
    let copy = Open::on(&scratch);
    copy.ingest(vec![contact("1", 2, "changed"), contact("2", 1, "Bob")]);
    assert_eq!(copy.all().records.len(), 2);
    assert_eq!(Open::on(bench.store()).all().records.len(), 1);
    let InFile { store, folder } = bench;
    drop(store);
    assert!(Sqlite::open(&folder.path().join("state.db")).is_ok(), "the lock ends with its holder");
}

#[test]
fn a_full_disk_stops_the_commit_and_spoils_nothing() {
    let bench = InFile::fresh();
    let open = Open::on(bench.store());
    open.ingest(vec![contact("1", 1, "Ada")]);
    let before = open.all();
    let limit = |pages: &str| {
        let inner = bench.store.inner.lock().unwrap();
        inner.db.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let most = limit("1");
    let long = "x".repeat(20_000);
    let rows = (0..200).map(|n| contact(&format!("9{n}"), 1, &long)).collect();
    let delta = Ingest { rows, now: AT, ..Ingest::default() };
    assert!(matches!(now(open.store.ingest(open.e, &delta)), Err(StoreError::Full(_))), "room for {most} pages");
    assert_eq!(open.all(), before);
    limit("1000000");
    assert_eq!(now(open.store.ingest(open.e, &delta)).unwrap().changed, 200, "with room, it goes on");
    open.settle(&open.due(AT), Work::Done);
}

#[test]
fn a_file_that_is_not_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let refused = |path: &Path| Sqlite::open(path).map(drop).unwrap_err();
    std::fs::write(&path, "no database, but long enough to be one: ".repeat(100)).unwrap();
    assert!(matches!(refused(&path), StoreError::Corrupt(_)));
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs(x)").unwrap();
    assert!(matches!(refused(&path), StoreError::Corrupt(_)));
    std::fs::remove_file(&path).unwrap();
    drop(Sqlite::open(&path).unwrap());
    for (format, newer) in [(schema::FORMAT + 1, true), (schema::FORMAT - 1, false)] {
        Connection::open(&path).unwrap().execute_batch(&format!("PRAGMA user_version = {format}")).unwrap();
        let known = schema::FORMAT;
        let expected = match newer {
            true => StoreError::Newer { found: format, known },
            false => StoreError::Older { found: format, known },
        };
        assert_eq!(refused(&path), expected);
    }
}
