//! What changed: searches by the time of the last change, and lists.
//!
//! A search is read as a tail: everything from the cursor on, paged by id (never by `after`, which ends at 10,000), and
//! acted on at once. The next tail begins five minutes before the first page's own time, since the index lags; what comes
//! again is equal to the mirror and dies there.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rows::{Records, identity};
use super::{Hubspot, SEARCH, VERSION, faults, lists, path_of};
use crate::crm::http::{Query, parse};
use crate::crm::{CallError, CallErrorKind, Effect, FeedAt, FeedKind, FeedSpec, Gone, Page, Reads, TypeRead};
use crate::data::Millis;
use crate::planted::{self, Bug};

/// Bytes that a search may have.
const SEARCH_BODY: usize = 3_000;
pub(super) const SEARCH_PAGE: usize = 200;
pub(super) const BATCH: usize = 100;
const LAG_MS: i64 = 300_000;

pub(super) fn specs(reads: &Reads) -> Vec<FeedSpec> {
    let interval = Duration::ZERO;
    let modified = reads.types.iter().map(|read| FeedSpec {
        name: format!("modified/{}", read.name),
        kind: FeedKind::Modified,
        interval,
    });
    let deleted =
        reads.types.iter().filter(|read| !read.unique.is_empty() || !read.own_keys.is_empty()).map(|read| FeedSpec {
            name: format!("deleted/{}", read.name),
            kind: FeedKind::Deleted,
            interval: Duration::from_secs(3600),
        });
    let lists = reads.lists.iter().map(|list| FeedSpec {
        name: format!("list/{}", list.name),
        kind: FeedKind::Members { list: list.uid },
        interval,
    });
    modified.chain(deleted).chain(lists).collect()
}

#[derive(Default, Serialize, Deserialize)]
struct Tail {
    /// From which time of change on.
    since: i64,
    /// The last id of the page before, inside a chain of pages.
    after: Option<String>,
    /// Where the next tail begins.
    next: Option<i64>,
}

impl Hubspot {
    pub(super) async fn feed(&self, reads: &Reads, at: &FeedAt) -> Result<Page, CallError> {
        let unknown = || faults::local(format!("no feed is called `{}`", at.name));
        let (kind, name) = at.name.split_once('/').ok_or_else(unknown)?;
        if kind == "list" {
            let list = reads.lists.iter().find(|list| list.name == name).ok_or_else(unknown)?;
            return lists::read(self, list, at).await;
        }
        let read = reads.types.iter().find(|read| read.name == name).ok_or_else(unknown)?;
        match kind {
            "modified" => self.modified(read, at).await,
            "deleted" => self.deleted(read, at).await,
            _ => Err(unknown()),
        }
    }

    async fn modified(&self, read: &TypeRead, at: &FeedAt) -> Result<Page, CallError> {
        let tail: Tail = cursor(at)?;
        let modified = if read.name == "contact" { "lastmodifieddate" } else { "hs_lastmodifieddate" };
        let mut filters = vec![
            json!({"propertyName": "hs_object_id", "operator": "GT", "value": tail.after.as_deref().unwrap_or("0")}),
        ];
        if tail.since > 0 {
            filters.push(json!({"propertyName": modified, "operator": "GTE", "value": tail.since.to_string()}));
        }
        let properties: Vec<&str> = read.fields.iter().map(|field| field.name.as_str()).chain(identity(read)).collect();
        let mut body = json!({
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": properties, "limit": SEARCH_PAGE,
        });
        // Too many properties for a search: it gives the ids, and batch reads give the values.
        let ids_only = body.to_string().len() > SEARCH_BODY;
        if ids_only {
            body["properties"] = json!(["hs_object_id"]);
        }
        let answer = self
            .call(Query::ask(format!("/crm/objects/{VERSION}/{}/search", path_of(&read.name)), &body).class(SEARCH))
            .await?;
        if !answer.status.is_success() {
            return Err(faults::refused(&answer));
        }
        let lag = if planted::is(Bug::NoOverlap) { 0 } else { LAG_MS };
        let next = tail.next.unwrap_or(self.now(&answer).0 - lag);
        let mut mended = Vec::new();
        let records: Records<'_> = parse(&answer.body, &mut mended)?;
        let last = records.results.iter().filter_map(|record| record.id.0.parse::<u64>().ok()).max();
        let more = records.results.len() >= SEARCH_PAGE;
        let previous = tail.after.as_deref().and_then(|after| after.parse().ok());
        if more && last <= previous {
            return Err(faults::local("the search does not move on: the same page came twice".into()));
        }
        let rows = match ids_only {
            false => records.results.iter().flat_map(|record| record.rows(read)).collect(),
            true => self.rows_of(read, records.results.iter().map(|record| record.id.0.clone()).collect()).await?,
        };
        let tail = match more {
            true => Tail { since: tail.since, after: last.map(|last| last.to_string()), next: Some(next) },
            false => Tail { since: next, after: None, next: None },
        };
        Ok(Page { rows, more, cursor: to_cursor(&tail), ..Page::default() })
    }

    /// Archived records, of which the API has no newest: all that are kept, ninety days of them.
    async fn deleted(&self, read: &TypeRead, at: &FeedAt) -> Result<Page, CallError> {
        let tail: Tail = cursor(at)?;
        let after = tail.after.as_ref().map(|after| format!("&after={after}")).unwrap_or_default();
        let path = format!("/crm/objects/{VERSION}/{}?archived=true&limit={BATCH}{after}", path_of(&read.name));
        let answer = self.call(Query::get(path)).await?;
        if !answer.status.is_success() {
            return Err(faults::page(&answer, tail.after.as_deref()));
        }
        let mut mended = Vec::new();
        let records: Records<'_> = parse(&answer.body, &mut mended)?;
        let gone = records.results.iter().map(|record| Gone {
            ty: read.uid,
            id: record.id.0.clone(),
            at: record.archived_at.as_deref().and_then(Millis::from_iso),
        });
        let gone = gone.collect();
        let next = records.paging.map(|paging| paging.next(tail.after.as_deref())).transpose()?.flatten();
        let more = next.is_some();
        let tail = Tail { after: next, ..Tail::default() };
        Ok(Page { gone, more, cursor: to_cursor(&tail), ..Page::default() })
    }
}

pub(super) fn cursor<T: Default + serde::de::DeserializeOwned>(at: &FeedAt) -> Result<T, CallError> {
    match &at.cursor {
        None => Ok(T::default()),
        Some(bytes) => serde_json::from_slice(bytes).map_err(|_| CallError {
            effect: Effect::None,
            kind: CallErrorKind::Cursor,
            text: format!("the cursor of `{}` is not one", at.name),
        }),
    }
}

pub(super) fn to_cursor(cursor: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(cursor).unwrap_or_default()
}
