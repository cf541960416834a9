//! `/query` and `/queryAll`: results in pages, the rest behind a locator.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::data::Millis;

use super::errors::ApiError;
use super::ids::Id;
use super::reply::Reply;
use super::request::Call;
use super::soql::{self, Plan};
use super::table::RowIx;
use super::world::World;

/// Locators kept at most; the oldest go first.
const MOST_CURSORS: usize = 1_000;

/// Results that a client has not read to the end.
#[derive(Clone, Debug, Default)]
pub(super) struct Cursors {
    open: BTreeMap<Id, Cursor>,
}

#[derive(Clone, Debug)]
struct Cursor {
    /// Locators belong to the user, so they outlive a token.
    user: Id,
    opened: Millis,
    plan: Arc<Plan>,
    rows: Arc<[RowIx]>,
    page: usize,
    deleted_too: bool,
}

/// `GET /query?q=…`; `all` for `/queryAll`.
pub(super) fn query(world: &mut World, call: &Call<'_>, all: bool) -> Reply {
    let Some(text) = call.param("q") else {
        return ApiError::new("MALFORMED_QUERY", "A query string has to be specified").into();
    };
    let schema = world.schema.clone();
    let plan = match soql::parse(text).and_then(|query| soql::resolve(&schema, &query, call.now)) {
        Ok(plan) => plan,
        Err(error) => return error.in_text(text).into(),
    };
    world.counters.queries += 1;
    let mut work = world.config.query_work;
    let too_long = || ApiError::new("QUERY_TIMEOUT", "Your query request was running for too long.").into();
    match soql::groups(world, &plan, all, &mut work) {
        Ok(None) => {}
        Ok(Some(groups)) if groups.len() > soql::MOST_GROUPS => {
            let message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single \
                           batch";
            return ApiError::new("EXCEEDED_ID_LIMIT", message).into();
        }
        Ok(Some(groups)) => {
            let body = format!("{{\"totalSize\":{},\"done\":true,\"records\":[{}]}}", groups.len(), groups.join(","));
            return Reply::json(200, body);
        }
        Err(soql::TooMuchWork) => return too_long(),
    }
    let rows = match soql::search(world, &plan, all, &mut work) {
        Ok(rows) => rows,
        Err(soql::TooMuchWork) => return too_long(),
    };
    if plan.count {
        return Reply::json(200, format!("{{\"totalSize\":{},\"done\":true,\"records\":[]}}", rows.len()));
    }
    let cursor = Cursor {
        user: call.user,
        opened: call.now,
        plan: Arc::new(plan),
        rows: rows.into(),
        page: page_size(world, call),
        deleted_too: all,
    };
    let locator = Id::random("0r8", &mut world.rng);
    let reply = page(world, call, &cursor, &locator, 0);
    if cursor.rows.len() > cursor.page {
        world.keep(locator, cursor, call.now);
    }
    reply
}

/// `GET /query/LOCATOR-OFFSET`.
pub(super) fn more(world: &mut World, call: &Call<'_>) -> Reply {
    let invalid = || ApiError::new("INVALID_QUERY_LOCATOR", "invalid query locator").into();
    let text = call.path.get(1).map_or("", String::as_str);
    let Some((id, offset)) = text.rsplit_once('-') else { return invalid() };
    let (Some(locator), Ok(offset)) = (Id::parse(id), offset.parse::<usize>()) else { return invalid() };
    let life = world.config.cursor_ms;
    let cursor = world.cursors.open.get(&locator).cloned();
    match cursor.filter(|c| c.user == call.user && call.now.since(c.opened) < life && offset < c.rows.len()) {
        Some(cursor) => page(world, call, &cursor, &locator, offset),
        None => invalid(),
    }
}

/// `Sforce-Query-Options: batchSize=N`, within the org's page size.
fn page_size(world: &World, call: &Call<'_>) -> usize {
    let asked = call.header("sforce-query-options").and_then(|header| {
        let option = header.split([',', ';']).find_map(|part| part.trim().strip_prefix("batchSize="))?;
        option.trim().parse::<usize>().ok()
    });
    asked.unwrap_or(2_000).clamp(200, 2_000).min(world.config.page_size).max(1)
}

impl World {
    fn keep(&mut self, locator: Id, cursor: Cursor, now: Millis) {
        let life = self.config.cursor_ms;
        self.cursors.open.retain(|_, c| now.since(c.opened) < life);
        while self.cursors.open.len() >= MOST_CURSORS {
            let oldest = self.cursors.open.iter().min_by_key(|(id, c)| (c.opened, **id)).map(|(id, _)| *id);
            match oldest {
                Some(id) => self.cursors.open.remove(&id),
                None => break,
            };
        }
        self.cursors.open.insert(locator, cursor);
    }
}

/// One page. Rows are read now, not when the query ran: one deleted since is left out.
fn page(world: &World, call: &Call<'_>, cursor: &Cursor, locator: &Id, offset: usize) -> Reply {
    let total = cursor.rows.len();
    let end = offset.saturating_add(cursor.page).min(total);
    let mut out = format!("{{\"totalSize\":{total},\"done\":{}", end == total);
    if end < total {
        out.push_str(&format!(",\"nextRecordsUrl\":\"{}/query/{locator}-{end}\"", call.root()));
    }
    out.push_str(",\"records\":[");
    let records = cursor.rows.get(offset..end).unwrap_or_default().iter();
    let records = records.filter_map(|ix| world.table(cursor.plan.object)?.row(*ix));
    for (n, record) in records.filter(|r| cursor.deleted_too || !r.deleted).enumerate() {
        if n > 0 {
            out.push(',');
        }
        soql::write_row(world, &cursor.plan, record, call.version, &mut out);
    }
    out.push_str("]}");
    Reply::json(200, out)
}
