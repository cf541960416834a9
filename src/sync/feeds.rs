//! Reading what changed: all due feeds of one side, page by page, each page committed with its cursor.

use std::collections::BTreeMap;

use crate::crm::{CallErrorKind, FeedAt, FeedKind, FeedSpec, Gone, ListRead, Page, RawRow, Reads, Redirect};
use crate::data::{Millis, Side, Uid};
use crate::planted::{self, Bug};
use crate::store::{FeedState, Ingest, RowIn};

use super::report::{Counts, Event, Observer, STOPPED};
use super::session::{Ports, Session, SyncError};

/// Calls that one round of reading may need at the most.
const CALLS_PER_ROUND: i64 = 24;
/// A feed that answers with more pages than this in one pass goes on in the next.
const PAGES_PER_PASS: usize = 100_000;

/// Reads every feed of a side that is due, to its end. A feed that fails is left where it was: the side is then not
/// current, and nothing is decided absent on it. Returns why, if so.
pub(super) async fn read_side(
    ports: Ports<'_>,
    session: &Session,
    side: Side,
    force: bool,
    observer: &dyn Observer,
    counts: &mut Counts,
) -> Result<Option<String>, SyncError> {
    let reads = &session.reads[side];
    let states: BTreeMap<String, FeedState> =
        ports.store.feeds().await?.into_iter().map(|state| (state.name.clone(), state)).collect();
    let now = ports.env.now();
    let mut changed: BTreeMap<Uid, Vec<Box<str>>> = BTreeMap::new();
    let mut failed = None;
    let specs: Vec<FeedSpec> = ports.crm[side].feeds(reads);
    // Lists ask per changed record, so rows are read first.
    for members in [false, true] {
        let mut open: Vec<Reading<'_>> = Vec::new();
        for spec in specs.iter().filter(|spec| matches!(spec.kind, FeedKind::Members { .. }) == members) {
            let key = state_key(side, &spec.name);
            let state = states.get(&key);
            // Further away than it can be: the clock was ahead when that was written.
            let latest = now.plus(i64::try_from(spec.interval.as_millis()).unwrap_or(i64::MAX));
            if force || spec.interval.is_zero() || state.is_none_or(|s| s.due <= now || s.due > latest) {
                let list = match spec.kind {
                    FeedKind::Members { list } => reads.list(list),
                    FeedKind::Modified { .. } | FeedKind::Deleted { .. } => None,
                };
                let mut reading = Reading::new(spec, state, list);
                reading.at.changed = list.and_then(|list| changed.get(&list.of)).cloned().unwrap_or_default();
                open.push(reading);
            }
        }
        for _ in 0..PAGES_PER_PASS {
            if open.is_empty() {
                break;
            }
            if observer.stopping() {
                failed = Some(STOPPED.to_owned());
                break;
            }
            ports.ledger[side].top_up(ports.store, session.epoch, ports.env.now(), CALLS_PER_ROUND).await?;
            for reading in &mut open {
                if let Some(list) = reading.list {
                    reading.at.known = Some(ports.store.list_size(list.uid).await?);
                }
            }
            let due: Vec<FeedAt> = open.iter().map(|reading| reading.at.clone()).collect();
            let pages = ports.crm[side].read(reads, &due).await;
            let mut next = Vec::new();
            for (reading, page) in open.into_iter().zip(pages) {
                match page {
                    Ok(page) => {
                        let more = page.more;
                        let reading =
                            ingest_page(ports, session, side, reading, page, &mut changed, observer, counts).await?;
                        next.extend(more.then_some(reading));
                    }
                    // The cursor is no longer good: once more from the start.
                    Err(error) if error.kind == CallErrorKind::Cursor && !reading.anew => {
                        next.push(Reading { at: FeedAt { cursor: None, ..reading.at }, anew: true, ..reading });
                    }
                    Err(error) => {
                        if error.kind == CallErrorKind::Cursor {
                            forget_cursor(ports, session, side, &reading).await?;
                        }
                        observer.on(Event::Unread { side, feed: &reading.at.name, why: &error.text });
                        failed = Some(error.text);
                    }
                }
            }
            open = next;
        }
    }
    ports.ledger[side].correct(ports.crm[side].usage());
    Ok(failed)
}

/// The state file keeps feeds of both sides in one table.
pub(super) fn state_key(side: Side, feed: &str) -> String {
    match side {
        Side::Left => format!("left/{feed}"),
        Side::Right => format!("right/{feed}"),
    }
}

struct Reading<'a> {
    at: FeedAt,
    /// The list whose members are read.
    list: Option<&'a ListRead>,
    interval_ms: i64,
    /// It began anew in this pass already.
    anew: bool,
}

impl<'a> Reading<'a> {
    fn new(spec: &FeedSpec, state: Option<&FeedState>, list: Option<&'a ListRead>) -> Reading<'a> {
        let cursor = state.and_then(|state| state.cursor.clone());
        let interval_ms = i64::try_from(spec.interval.as_millis()).unwrap_or(i64::MAX);
        Reading { at: FeedAt { cursor, ..spec.from_start() }, list, interval_ms, anew: false }
    }
}

/// The next pass reads this feed from the start.
async fn forget_cursor(
    ports: Ports<'_>,
    session: &Session,
    side: Side,
    reading: &Reading<'_>,
) -> Result<(), SyncError> {
    let now = ports.env.now();
    let name = state_key(side, &reading.at.name);
    let feed = FeedState { name, cursor: None, due: now, complete: false };
    ports.store.ingest(session.epoch, &Ingest { feed: Some(feed), now, ..Ingest::default() }).await?;
    Ok(())
}

#[allow(clippy::too_many_arguments)]
async fn ingest_page<'a>(
    ports: Ports<'_>,
    session: &Session,
    side: Side,
    reading: Reading<'a>,
    page: Page,
    changed: &mut BTreeMap<Uid, Vec<Box<str>>>,
    observer: &dyn Observer,
    counts: &mut Counts,
) -> Result<Reading<'a>, SyncError> {
    let now = ports.env.now();
    let rows: Vec<RowIn> = page.rows.into_iter().map(|row| row_in(&session.reads[side], row)).collect();
    let read = rows.len();
    let due = if page.more { now } else { now.plus(reading.interval_ms) };
    let delta = Ingest {
        side: Some(side),
        rows,
        gone: page.gone,
        members: page.members,
        feed: Some(FeedState {
            name: state_key(side, &reading.at.name),
            cursor: Some(page.cursor.clone()),
            due,
            complete: !page.more,
        }),
        now,
    };
    if planted::is(Bug::CursorBeforeWork) {
        let cursor = Ingest { side: Some(side), feed: delta.feed.clone(), now, ..Ingest::default() };
        ports.store.ingest(session.epoch, &cursor).await?;
    }
    let ingested = ports.store.ingest(session.epoch, &delta).await?;
    counts.rows_read += read;
    counts.rows_changed += ingested.changed;
    observer.on(Event::Read { side, feed: &reading.at.name, rows: read, changed: ingested.changed });
    for (ty, id) in ingested.ids {
        changed.entry(ty).or_default().push(id);
    }
    Ok(Reading { at: FeedAt { cursor: Some(page.cursor), changed: Vec::new(), ..reading.at }, ..reading })
}

/// What the CRM returned, as the store takes it. Of a record that took another one's place, types that nobody reads say
/// nothing.
pub(super) fn row_in(reads: &Reads, row: RawRow) -> RowIn {
    let ty = |redirect: &Redirect| reads.types.iter().find(|read| *read.name == *redirect.ty).map(|read| read.uid);
    let redirect = row.redirect.and_then(|redirect| Some((ty(&redirect)?, redirect.id)));
    RowIn {
        ty: row.ty,
        id: row.id,
        stamp: row.stamp,
        presence: row.presence,
        redirect,
        cells: row.cells,
        aliases: row.aliases,
        by_us: row.by_us,
    }
}

/// Rows fetched beside the feeds go into the mirror at once.
pub(super) async fn ingest_rows(
    ports: Ports<'_>,
    session: &Session,
    side: Side,
    rows: Vec<RawRow>,
    gone: Vec<Gone>,
    now: Millis,
) -> Result<(), SyncError> {
    let rows = rows.into_iter().map(|row| row_in(&session.reads[side], row)).collect();
    let delta = Ingest { side: Some(side), rows, gone, now, ..Ingest::default() };
    ports.store.ingest(session.epoch, &delta).await?;
    Ok(())
}
