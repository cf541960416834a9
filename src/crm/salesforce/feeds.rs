//! What changed: one query per object by `SystemModstamp`, deleted rows included, all objects in one call.
//!
//! Rows may become visible later than their stamp says (a long transaction), so the next reading begins ten minutes before
//! this one did; what comes again is equal to the mirror and dies there.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::composite::{PARTS, Part, PartAnswer};
use super::rows::{Records, columns};
use super::{Salesforce, faults, ids, soql};
use crate::crm::http::Safety;
use crate::crm::{CallError, CallErrorKind, Effect, FeedAt, FeedKind, FeedSpec, Page, Reads, TypeRead};
use crate::data::Millis;
use crate::planted::{self, Bug};

/// Rows of one page.
pub(super) const PAGE: usize = 2_000;
const LAG_MS: i64 = 600_000;

pub(super) fn specs(reads: &Reads) -> Vec<FeedSpec> {
    let spec = |read: &TypeRead| FeedSpec {
        name: format!("modified/{}", read.name),
        kind: FeedKind::Modified { ty: read.uid },
        interval: Duration::ZERO,
    };
    reads.types.iter().map(spec).collect()
}

#[derive(Default, Serialize, Deserialize)]
struct Tail {
    /// From which stamp on, in milliseconds.
    since: i64,
    /// The last row of the page before, inside a chain of pages.
    last: Option<(i64, String)>,
    /// Where the next reading begins.
    next: Option<i64>,
}

impl Salesforce {
    pub(super) async fn pages(&self, reads: &Reads, due: &[FeedAt]) -> Vec<Result<Page, CallError>> {
        let mut pages = Vec::with_capacity(due.len());
        for some in due.chunks(PARTS) {
            let asked: Vec<Result<(Tail, &TypeRead, Part), CallError>> = some.iter().map(|at| ask(reads, at)).collect();
            let (mut parts, mut order) = (Vec::new(), Vec::new());
            for one in asked {
                order.push(one.map(|(tail, read, part)| {
                    parts.push(part);
                    (tail, read)
                }));
            }
            let answers = match parts.is_empty() {
                true => Ok((Vec::new(), Millis::default())),
                false => self.composite(&parts, Safety::Read).await,
            };
            match answers {
                Err(error) => pages.extend(order.into_iter().map(|one| one.and(Err(error.clone())))),
                Ok((answers, at)) => {
                    let mut answers = answers.into_iter();
                    for one in order {
                        pages.push(one.and_then(|(tail, read)| match answers.next() {
                            Some(answer) => self.page(read, tail, &answer, at),
                            None => Err(faults::local("the composite answer lacks a part".into())),
                        }));
                    }
                }
            }
        }
        pages
    }

    fn page(&self, read: &TypeRead, tail: Tail, answer: &PartAnswer, at: Millis) -> Result<Page, CallError> {
        if answer.status != 200 {
            return Err(faults::part(answer.status, &answer.body));
        }
        let records: Records<'_> = serde_json::from_str(&answer.body)
            .map_err(|error| faults::local(format!("a page of {} is not what was promised: {error}", read.name)))?;
        let rows = records.rows(read, self.user().as_deref())?;
        // A page that the server cut short goes on by its last row: locators end with the session.
        let more = records.records.len() >= PAGE || !records.done;
        let last = rows.last().map(|row| (row.stamp.at.0, row.id.to_string()));
        let lag = if planted::is(Bug::NoOverlap) { 0 } else { LAG_MS };
        let next = tail.next.unwrap_or(at.0 - lag);
        if more && (last.is_none() || last == tail.last) {
            return Err(faults::local(format!("the pages of {} do not move on", read.name)));
        }
        let tail = match more {
            true => Tail { since: tail.since, last, next: Some(next) },
            false => Tail { since: next, last: None, next: None },
        };
        let cursor = serde_json::to_vec(&tail).unwrap_or_default();
        Ok(Page { rows, more, cursor, ..Page::default() })
    }
}

fn ask<'r>(reads: &'r Reads, at: &FeedAt) -> Result<(Tail, &'r TypeRead, Part), CallError> {
    let unknown = || faults::local(format!("no feed is called `{}`", at.name));
    let FeedKind::Modified { ty } = at.kind else { return Err(unknown()) };
    let read = reads.of_type(ty).ok_or_else(unknown)?;
    let tail: Tail = match &at.cursor {
        None => Tail::default(),
        Some(bytes) => serde_json::from_slice(bytes).map_err(|_| CallError {
            effect: Effect::None,
            kind: CallErrorKind::Cursor,
            text: format!("the cursor of `{}` is not one", at.name),
        })?,
    };
    let condition = match &tail.last {
        Some((stamp, _)) if planted::is(Bug::PageByTimeOnly) => {
            format!("WHERE SystemModstamp > {}", soql::moment(Millis(*stamp)))
        }
        Some((stamp, id)) if ids::is_id(id) => {
            let stamp = soql::moment(Millis(*stamp));
            format!("WHERE SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > '{id}')")
        }
        _ if tail.since > 0 => format!("WHERE SystemModstamp >= {}", soql::moment(Millis(tail.since))),
        _ => String::new(),
    };
    let rest = format!("{condition} ORDER BY SystemModstamp, Id LIMIT {PAGE}");
    let statement = soql::select(&columns(read), &read.name, &rest).ok_or_else(unknown)?;
    Ok((tail, read, Part::query_all(&statement)))
}
