//! The tables, and opening a file that may be missing, newer, damaged or no database at all.

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::store::StoreError;

/// Marks our files: "Sync" in ASCII.
const APPLICATION: i64 = 0x5379_6e63;
/// Raised with every change of the tables.
pub(super) const FORMAT: i64 = 7;
/// Files up to this many pages are checked whole when they are opened.
const QUICK_CHECK_PAGES: i64 = 25_000;

const TABLES: &str = "
CREATE TABLE meta  (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE dict  (uid INTEGER PRIMARY KEY, kind INT NOT NULL, name TEXT NOT NULL);
CREATE TABLE plan  (digest BLOB PRIMARY KEY, source BLOB NOT NULL, at INT NOT NULL);
CREATE TABLE feed  (name TEXT PRIMARY KEY, cursor BLOB, due INT NOT NULL, complete INT NOT NULL) WITHOUT ROWID;
-- `others`: when somebody else last changed it, where a write of ours came after that.
CREATE TABLE record(rid INTEGER PRIMARY KEY, side INT NOT NULL, type INT NOT NULL, id TEXT NOT NULL, at INT NOT NULL,
                    exact INT NOT NULL, state INT NOT NULL, cells BLOB NOT NULL, to_type INT, to_id TEXT,
                    aliases BLOB, others INT);
CREATE UNIQUE INDEX record_id ON record(type, id);
-- Whose place a record took.
CREATE INDEX record_to ON record(to_type, to_id) WHERE to_id IS NOT NULL;
-- Match keys and references: 64-bit hashes, verified by the cells.
CREATE TABLE key   (hash INT NOT NULL, rid INT NOT NULL, PRIMARY KEY(hash, rid)) WITHOUT ROWID;
-- By the record's id, so that a member that was not read yet is not lost.
CREATE TABLE listed(list INT NOT NULL, id TEXT NOT NULL, scan INT NOT NULL, PRIMARY KEY(list, id)) WITHOUT ROWID;
-- `whole`: was read to its end once, so that who is not in it is known.
CREATE TABLE list  (list INTEGER PRIMARY KEY, scan INT NOT NULL, whole INT NOT NULL);
-- A number is never given twice: the journal and outcomes name subjects that may be no more.
CREATE TABLE subject(sid INTEGER PRIMARY KEY AUTOINCREMENT, block INT NOT NULL, base BLOB NOT NULL);
CREATE TABLE member(rid INT NOT NULL, block INT NOT NULL, sid INT NOT NULL, role INT NOT NULL,
                    PRIMARY KEY(rid, block)) WITHOUT ROWID;
CREATE INDEX member_sid ON member(sid);
-- How far a subject has come, for the group (a hash, as in `key`) that it belongs to.
CREATE TABLE derived(sid INT NOT NULL, fact INT NOT NULL, grp INT NOT NULL, rank INT, open INT NOT NULL,
                    PRIMARY KEY(sid, fact)) WITHOUT ROWID;
CREATE INDEX derived_furthest ON derived(fact, grp, rank);
CREATE INDEX derived_open ON derived(fact, grp) WHERE open;
CREATE TABLE tick  (n INT NOT NULL);
-- `asked`: the tick at which it was last asked for.
CREATE TABLE work  (sid INTEGER PRIMARY KEY, due INT NOT NULL, tries INT NOT NULL, asked INT NOT NULL);
CREATE TABLE batch (batch INTEGER PRIMARY KEY, pass INT NOT NULL, epoch INT NOT NULL, side INT NOT NULL,
                    name TEXT NOT NULL, calls INT NOT NULL, plan BLOB NOT NULL, at INT NOT NULL,
                    as_of INT NOT NULL);
CREATE TABLE op    (op INTEGER PRIMARY KEY, batch INT NOT NULL, sid INT NOT NULL, type INT NOT NULL, rule INT NOT NULL,
                    rid INT, id TEXT, guard INT, guard_value TEXT, state INT NOT NULL, cells BLOB NOT NULL, fault TEXT,
                    overwritten BLOB, at INT NOT NULL, deletes INT NOT NULL);
CREATE INDEX op_sid ON op(sid);
CREATE INDEX op_open ON op(sid) WHERE state IN (0, 4);
CREATE INDEX op_late ON op(sid, at) WHERE state = 6;
CREATE TABLE issue (sid INT NOT NULL, line INT NOT NULL, rule INT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
                    inputs INT NOT NULL, first INT NOT NULL, last INT NOT NULL, PRIMARY KEY(sid, line)) WITHOUT ROWID;
-- What people said of two records of a block: the same, or not.
CREATE TABLE answer(block INT NOT NULL, lft INT NOT NULL, rgt INT NOT NULL, same INT NOT NULL, at INT NOT NULL,
                    PRIMARY KEY(lft, rgt, block)) WITHOUT ROWID;
CREATE INDEX answer_right ON answer(rgt);
-- Whose problem may be over when a record changes.
CREATE TABLE waits (rid INT NOT NULL, sid INT NOT NULL, line INT NOT NULL, PRIMARY KEY(rid, sid)) WITHOUT ROWID;
CREATE TABLE pass  (pass INTEGER PRIMARY KEY, plan BLOB NOT NULL, epoch INT NOT NULL, began INT NOT NULL, ended INT,
                    counts TEXT);
CREATE TABLE spend (account TEXT NOT NULL, hour INT NOT NULL, calls INT NOT NULL, PRIMARY KEY(account, hour)) WITHOUT ROWID;
";

/// Makes the tables, or makes sure that they are ours.
pub(super) fn prepare(db: &Connection) -> Result<(), StoreError> {
    if pragma(db, "page_count")? == 0 {
        db.execute_batch(&format!(
            "BEGIN; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT}; {TABLES}
             INSERT INTO meta VALUES ('epoch', '0'); INSERT INTO tick VALUES (0); COMMIT;"
        ))
        .map_err(error)?;
        return Ok(());
    }
    let pages = recognise(db)?;
    if pages <= QUICK_CHECK_PAGES {
        let said: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(error)?;
        if said != "ok" {
            return Err(StoreError::Corrupt(said));
        }
    }
    Ok(())
}

/// Makes sure that the tables are ours, without looking at them; how many pages there are.
pub(super) fn recognise(db: &Connection) -> Result<i64, StoreError> {
    let format = pragma(db, "user_version")?;
    if pragma(db, "application_id")? != APPLICATION {
        return Err(StoreError::Corrupt("it is another program's database".into()));
    }
    if format > FORMAT {
        return Err(StoreError::Newer { found: format, known: FORMAT });
    }
    if format < FORMAT {
        return Err(StoreError::Older { found: format, known: FORMAT });
    }
    pragma(db, "page_count")
}

fn pragma(db: &Connection, name: &str) -> Result<i64, StoreError> {
    db.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).map_err(error)
}

/// Durable to the disk at every commit.
pub(super) fn durable(db: &Connection) -> Result<(), StoreError> {
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000;").map_err(error)
}

pub(super) fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

pub(super) fn error(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(error.to_string()),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt(error.to_string()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
        _ => StoreError::Io(error.to_string()),
    }
}
