//! Members of a list. Joins are told newest first; leaves are told by nobody, so they are asked for: for records that
//! changed (a dynamic list follows its records), and for the whole list when its size still differs.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::feeds::{BATCH, cursor, to_cursor};
use super::rows::{Ident, Paging, next_page};
use super::{Hubspot, VERSION, faults};
use crate::crm::http::{Query, parse};
use crate::crm::{CallError, FeedAt, ListRead, MemberChange, Page};

pub(super) const PAGE: usize = 250;
const HEAD: usize = 100;

#[derive(Default, Serialize, Deserialize)]
struct Seen {
    list: Option<String>,
    /// Inside a full reading: where the next page begins.
    after: Option<String>,
    /// The newest join that is known.
    newest: Option<(String, String)>,
    full: bool,
    /// The list's size, to be compared with the mirror once that holds all the changes.
    check: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    record_id: Ident,
    #[serde(default)]
    membership_timestamp: String,
}

#[derive(Deserialize)]
struct Members {
    results: Vec<Member>,
    #[serde(default)]
    paging: Option<Paging>,
}

pub(super) async fn read(hubspot: &Hubspot, list: &ListRead, at: &FeedAt) -> Result<Page, CallError> {
    let seen: Seen = cursor(at)?;
    match (&seen.list, seen.full) {
        (Some(id), true) if seen.after.is_some() => {
            full(hubspot, list, id.clone(), seen.after.clone(), seen.newest.clone()).await
        }
        (Some(id), true) => begin(hubspot, list, id.clone()).await,
        (Some(id), false) if seen.check.is_some_and(|size| at.known != Some(size)) => {
            begin(hubspot, list, id.clone()).await
        }
        _ if seen.check.is_some() => Ok(Page { cursor: to_cursor(&Seen { check: None, ..seen }), ..Page::default() }),
        _ => {
            let (id, size) = head(hubspot, &list.name).await?;
            if seen.list.as_ref() != Some(&id) {
                return begin(hubspot, list, id).await;
            }
            changes(hubspot, list, at, seen, id, size).await
        }
    }
}

/// Id and size, by name.
async fn head(hubspot: &Hubspot, name: &str) -> Result<(String, u64), CallError> {
    let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    let (body, _) = hubspot.json(Query::get(format!("/crm/lists/{VERSION}/object-type-id/0-1/name/{name}"))).await?;
    let list = body.get("list").unwrap_or(&body);
    let id = list.get("listId").map(text_of).unwrap_or_default();
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
        return Err(faults::local("HubSpot named a list without an id".into()));
    }
    let size = list.get("size").or_else(|| list.pointer("/additionalProperties/hs_list_size"));
    Ok((id, size.map(text_of).and_then(|size| size.parse().ok()).unwrap_or(u64::MAX)))
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The first page of the whole list. Whoever joins from now on is told after `newest`, be it on a page that is read already.
async fn begin(hubspot: &Hubspot, list: &ListRead, id: String) -> Result<Page, CallError> {
    let head = page(hubspot, format!("/crm/lists/{VERSION}/{id}/memberships/join-order?limit=1"), None).await?;
    full(hubspot, list, id, None, newest(&head)).await
}

/// One page of the whole list.
async fn full(
    hubspot: &Hubspot,
    list: &ListRead,
    id: String,
    after: Option<String>,
    newest: Option<(String, String)>,
) -> Result<Page, CallError> {
    let first = after.is_none();
    let from = after.as_ref().map(|after| format!("&after={after}")).unwrap_or_default();
    let path = format!("/crm/lists/{VERSION}/{id}/memberships?limit={PAGE}{from}");
    let members = page(hubspot, path, after.as_deref()).await?;
    let mut changes = Vec::with_capacity(members.results.len() + 2);
    changes.extend(first.then_some(MemberChange::Start { list: list.uid }));
    changes.extend(members.results.iter().map(|m| MemberChange::Joined { list: list.uid, id: m.record_id.0.clone() }));
    let next = next_page(members.paging, after.as_deref())?;
    let more = next.is_some();
    changes.extend((!more).then_some(MemberChange::End { list: list.uid }));
    let seen = Seen { list: Some(id), after: next, newest, full: more, check: None };
    Ok(Page { members: changes, more, cursor: to_cursor(&seen), ..Page::default() })
}

async fn changes(
    hubspot: &Hubspot,
    list: &ListRead,
    at: &FeedAt,
    seen: Seen,
    id: String,
    size: u64,
) -> Result<Page, CallError> {
    let mut out: Vec<MemberChange> = Vec::new();
    for ids in at.changed.chunks(BATCH) {
        let inputs: Vec<Value> = ids.iter().map(|id| json!({"objectTypeId": "0-1", "recordId": id})).collect();
        let path = format!("/crm/lists/{VERSION}/records/memberships/batch/read");
        let (body, _) = hubspot.json(Query::ask(path, &json!({"inputs": inputs}))).await?;
        let results = body.get("results").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for record in ids {
            let of = results.iter().find(|result| result.get("recordId").map(text_of).as_deref() == Some(record));
            let Some(of) = of else { continue };
            let memberships =
                of.get("memberships").or_else(|| of.get("results")).or_else(|| of.get("recordListMemberships"));
            // Not said is not left: the list's size tells.
            let Some(all) = memberships.and_then(Value::as_array) else { continue };
            let in_list =
                all.iter().any(|membership| membership.get("listId").map(text_of).as_deref() == Some(id.as_str()));
            out.push(match in_list {
                true => MemberChange::Joined { list: list.uid, id: record.clone() },
                false => MemberChange::Left { list: list.uid, id: record.clone() },
            });
        }
    }
    let joined = page(hubspot, format!("/crm/lists/{VERSION}/{id}/memberships/join-order?limit={HEAD}"), None).await?;
    let known = |m: &Member| {
        seen.newest.as_ref().is_some_and(|(id, at)| *id == *m.record_id.0 && *at == m.membership_timestamp)
    };
    let fresh: Vec<&Member> = joined.results.iter().take_while(|member| !known(member)).collect();
    out.extend(fresh.iter().map(|m| MemberChange::Joined { list: list.uid, id: m.record_id.0.clone() }));
    let (newest, all_fresh) = (newest(&joined), fresh.len() == joined.results.len());
    // More than one page of them: those beyond it are not known.
    let overrun = all_fresh && next_page(joined.paging, None)?.is_some();
    // The size tells of leaves that no changed record explains: once the changes are in the mirror, or at once.
    let check = (!out.is_empty()).then_some(size);
    let full = overrun || (out.is_empty() && at.known != Some(size));
    let seen = Seen { list: Some(id), after: None, newest, full, check };
    Ok(Page { members: out, more: full || check.is_some(), cursor: to_cursor(&seen), ..Page::default() })
}

fn newest(members: &Members) -> Option<(String, String)> {
    members.results.first().map(|m| (m.record_id.0.to_string(), m.membership_timestamp.clone()))
}

async fn page(hubspot: &Hubspot, path: String, after: Option<&str>) -> Result<Members, CallError> {
    let answer = hubspot.call(Query::get(path)).await?;
    if !answer.status.is_success() {
        return Err(faults::page(&answer, after));
    }
    parse(&answer.body, &mut Vec::new())
}
