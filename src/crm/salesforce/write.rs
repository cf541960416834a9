//! Composites of collections. Updates are framed by a look before and a look after, in one call: the first shows what
//! somebody wrote behind our back, the second what the server made of our values.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use http::Method;
use serde_json::{Map, Value as Json, json};

use super::composite::{PARTS, Part, PartAnswer};
use super::fetch::RETRIEVE;
use super::pack::{Kind, UPDATES, collections};
use super::rows::columns;
use super::values::to_json;
use super::{Salesforce, VERSION, faults, ids};
use crate::crm::http::Safety;
use crate::crm::{
    Act, Call, CallError, Category, Effect, Fault, Guard, Item, Overwritten, RawRow, Reads, Reply, Retry, TypeRead,
    Write,
};
use crate::data::{Uid, Value, decode};
use crate::planted::{self, Bug};

/// Calls that a call may cost more when collections of it are refused whole: one bad record among two hundred is found in
/// four.
const SEARCH: usize = 8;
/// Refusals that are about a field, whatever its value.
const FIELD_FAULTS: [&str; 2] = ["INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE"];

impl Salesforce {
    pub(super) async fn write(&self, reads: &Reads, call: &Call, writes: &[Write]) -> Reply {
        let writes: Vec<&Write> = call.writes.iter().filter_map(|at| writes.get(*at)).collect();
        match writes.is_empty() {
            true => Reply::Items(Vec::new()),
            false => self.carried_out(reads, &writes).await,
        }
    }

    async fn carried_out(&self, reads: &Reads, writes: &[&Write]) -> Reply {
        let mut items = vec![Item::Unknown; writes.len()];
        let groups: Vec<Group> = collections(writes)
            .into_iter()
            .map(|(kind, range)| Group { kind, at: range.collect(), refused: None })
            .collect();
        match self.send_groups(reads, writes, groups, &mut items).await {
            Ok(refused) => self.narrow(reads, writes, refused, &mut items).await,
            Err(error) => return Reply::Failed(error),
        }
        self.read_back(reads, writes, &mut items).await;
        Reply::Items(items)
    }

    /// What the server stored. If it cannot be read now, the feed will bring it.
    async fn read_back(&self, reads: &Reads, writes: &[&Write], items: &mut [Item]) {
        let mut by_type: BTreeMap<Uid, Vec<String>> = BTreeMap::new();
        for (write, item) in writes.iter().zip(items.iter()) {
            if let Item::Created { id, .. } = item {
                by_type.entry(write.ty).or_default().push(id.to_string());
            }
        }
        let wanted: Vec<(&TypeRead, &[String])> = by_type
            .iter()
            .filter_map(|(ty, ids)| Some((reads.of_type(*ty)?, ids)))
            .flat_map(|(read, ids)| ids.chunks(RETRIEVE).map(move |ids| (read, ids)))
            .collect();
        for some in wanted.chunks(PARTS) {
            let parts: Vec<Part> =
                some.iter().map(|(read, ids)| Part::retrieve(&read.name, ids, &columns(read))).collect();
            let Ok((answers, _)) = self.composite(&parts, Safety::Read).await else { return };
            for ((read, ids), answer) in some.iter().zip(answers) {
                let rows = self.retrieved(read, &answer.body, ids.len()).unwrap_or_default();
                let rows: BTreeMap<Box<str>, RawRow> = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
                for item in items.iter_mut() {
                    if let Item::Created { id, row } = item
                        && let Some(found) = rows.get(id)
                    {
                        *row = Some(found.clone());
                    }
                }
            }
        }
    }

    /// Sends collections in one call, updates between two looks. Items are set for those that were answered; those that
    /// were refused whole, of which nothing was carried out, come back.
    async fn send_groups(
        &self,
        reads: &Reads,
        writes: &[&Write],
        groups: Vec<Group>,
        items: &mut [Item],
    ) -> Result<Vec<Group>, CallError> {
        let looked = match groups.first().map(|group| group.kind) {
            Some(Kind::Update(ty)) => reads.of_type(ty),
            _ => None,
        };
        let sent: Vec<usize> = groups.iter().flat_map(|group| &group.at).copied().collect();
        let ids: Vec<String> = sent.iter().filter_map(|at| id_of(writes[*at])).collect();
        let look = || looked.map(|read| Part::retrieve(&read.name, &ids, &columns(read)));
        let mut parts: Vec<Part> = look().into_iter().collect();
        let looks = parts.len();
        for group in &groups {
            parts.push(collection(reads, group.kind, &group.of(writes)).ok_or_else(unreadable)?);
        }
        parts.extend(look());
        let (answers, _) = self.composite(&parts, Safety::Write).await?;
        let mut refused = Vec::new();
        for (group, answer) in groups.into_iter().zip(answers.iter().skip(looks)) {
            match results(reads, &group.of(writes), answer) {
                Ok(found) => group.at.iter().zip(found).for_each(|(at, item)| items[*at] = item),
                Err(fault) => refused.push(Group { refused: Some(fault), ..group }),
            }
        }
        if let Some(read) = looked {
            let look = |answer: Option<&PartAnswer>| -> BTreeMap<Box<str>, RawRow> {
                let answer = answer.filter(|answer| answer.status == 200);
                let rows =
                    answer.and_then(|answer| self.retrieved(read, &answer.body, ids.len()).ok()).unwrap_or_default();
                rows.into_iter().map(|row| (row.id.clone(), row)).collect()
            };
            let (before, after) = (look(answers.first()), look(answers.last()));
            for at in sent {
                let Item::Updated { row, overwritten } = &mut items[at] else { continue };
                let Some(id) = id_of(writes[at]) else { continue };
                *row = after.get(id.as_str()).cloned();
                if let Some(seen) = before.get(id.as_str()) {
                    *overwritten = replaced(writes[at], seen);
                }
            }
        }
        Ok(refused)
    }

    /// Finds what collections were refused for: one record with a value that cannot be read, or a field that is no more,
    /// refuses all two hundred. A fault of a field is laid to the records that write it; else the collection goes out again
    /// in smaller ones, until the record is alone. What is not found within the calls allowed waits.
    async fn narrow(&self, reads: &Reads, writes: &[&Write], refused: Vec<Group>, items: &mut [Item]) {
        let mut open: VecDeque<Group> = refused.into_iter().flat_map(|group| blame(writes, group, items)).collect();
        for _ in 0..SEARCH {
            if open.is_empty() {
                return;
            }
            let update = matches!(open[0].kind, Kind::Update(_));
            let room = if update { UPDATES } else { PARTS };
            let groups: Vec<Group> = open.drain(..room.min(open.len())).collect();
            let doubtful: Vec<Group> = groups.clone();
            match self.send_groups(reads, writes, groups, items).await {
                Ok(refused) => open.extend(refused.into_iter().flat_map(|group| blame(writes, group, items))),
                Err(error) if error.effect == Effect::None => {
                    open.extend(doubtful);
                    break;
                }
                // What became of these is unknown, which they are anyway.
                Err(_) => break,
            }
        }
        for group in open {
            let Some(fault) = group.refused else { continue };
            let wait = Fault { field: None, retry: Retry::Later(Duration::from_secs(60)), ..fault };
            group.at.iter().for_each(|at| items[*at] = Item::Rejected(wait.clone()));
        }
    }
}

/// Records of one collection.
#[derive(Clone)]
struct Group {
    kind: Kind,
    /// Indices into the writes of the call.
    at: Vec<usize>,
    /// What it, or the larger one that it is a part of, was refused for.
    refused: Option<Fault>,
}

impl Group {
    fn of<'w>(&self, writes: &[&'w Write]) -> Vec<&'w Write> {
        self.at.iter().map(|at| writes[*at]).collect()
    }
}

/// Lays a refusal to the records that it is about, and says what goes out once more.
fn blame(writes: &[&Write], group: Group, items: &mut [Item]) -> Vec<Group> {
    let Some(fault) = group.refused.clone() else { return Vec::new() };
    let of_field = fault.field.filter(|_| FIELD_FAULTS.contains(&fault.code.as_str()));
    let writing = |at: &usize| of_field.is_some_and(|field| writes[*at].cells.iter().any(|cell| cell.field == field));
    let (bad, rest): (Vec<usize>, Vec<usize>) = match group.at.len() {
        1 => (group.at, Vec::new()),
        _ => group.at.into_iter().partition(writing),
    };
    bad.iter().for_each(|at| items[*at] = Item::Rejected(fault.clone()));
    let pieces = if bad.is_empty() { PARTS } else { 1 };
    let size = rest.len().div_ceil(pieces).max(1);
    let piece = |at: &[usize]| Group { kind: group.kind, at: at.to_vec(), refused: Some(fault.clone()) };
    rest.chunks(size).map(piece).collect()
}

fn unreadable() -> CallError {
    faults::local("a write names a type or field that is not read".into())
}

fn id_of(write: &Write) -> Option<String> {
    match &write.act {
        Act::Update { id } | Act::Delete { id } if ids::is_id(id) => Some(ids::long(id)),
        _ => None,
    }
}

/// Values that stood in the record and were not the ones that we knew.
fn replaced(write: &Write, before: &RawRow) -> Vec<Overwritten> {
    let held: BTreeMap<Uid, Value> =
        decode(&before.cells).filter_map(Result::ok).map(|(uid, c)| (uid, c.to_value())).collect();
    let cells = write.cells.iter().filter(|cell| cell.contested);
    cells
        .filter_map(|cell| {
            let value = held.get(&cell.field)?;
            let known = value.cell().same(&cell.expect.cell()) || value.cell().same(&cell.value.cell());
            (!known).then(|| Overwritten { field: cell.field, value: value.clone() })
        })
        .collect()
}

fn collection(reads: &Reads, kind: Kind, writes: &[&Write]) -> Option<Part> {
    let base = format!("/services/data/{VERSION}/composite/sobjects");
    let (Kind::Insert(ty, _) | Kind::Upsert(ty, ..) | Kind::Update(ty) | Kind::Delete(ty)) = kind;
    if let Kind::Delete(_) = kind {
        let ids: Option<Vec<String>> = writes.iter().map(|write| id_of(write)).collect();
        let url = format!("{base}?ids={}&allOrNone=false", ids?.join(","));
        return Some(Part { method: Method::DELETE, url, body: None, assign: false });
    }
    let read = reads.of_type(ty)?;
    let records: Option<Vec<Json>> = writes.iter().map(|write| record(read, kind, write)).collect();
    let body = Some(json!({"allOrNone": false, "records": records?}));
    Some(match kind {
        Kind::Insert(_, assign) => Part { method: Method::POST, url: base, body, assign },
        Kind::Update(_) | Kind::Delete(_) => Part { method: Method::PATCH, url: base, body, assign: false },
        Kind::Upsert(_, key, assign) => {
            let url = format!("{base}/{}/{}", read.name, read.field(key)?.name);
            Part { method: Method::PATCH, url, body, assign }
        }
    })
}

fn record(read: &TypeRead, kind: Kind, write: &Write) -> Option<Json> {
    let mut fields = Map::new();
    fields.insert("attributes".into(), json!({"type": read.name}));
    let keyless = planted::is(Bug::PlainCreate) && matches!(kind, Kind::Insert(..));
    for cell in write.cells.iter().filter(|cell| !keyless || !read.own_keys.contains(&cell.field)) {
        fields.insert(read.field(cell.field)?.name.clone(), to_json(&cell.value));
    }
    match (kind, &write.act) {
        (Kind::Update(_), _) => {
            fields.insert("id".into(), json!(id_of(write)?));
        }
        (Kind::Upsert(_, key, _), Act::Create { guard: Guard::OurKey { value, .. } }) => {
            fields.insert(read.field(key)?.name.clone(), json!(value));
        }
        _ => {}
    }
    Some(Json::Object(fields))
}

/// One result per record, in their order. Of fewer only those count that name their record: what was seen before it was
/// written must not be forgotten because another one's result is missing. A collection that was refused whole did nothing.
fn results(reads: &Reads, writes: &[&Write], answer: &PartAnswer) -> Result<Vec<Item>, Fault> {
    let body: Json = serde_json::from_str(&answer.body).unwrap_or_default();
    let read = writes.first().and_then(|write| reads.of_type(write.ty));
    if (400..500).contains(&answer.status) {
        return Err(faults::fault(&body, read));
    }
    let results = body.as_array().map(Vec::as_slice).unwrap_or_default();
    if answer.status >= 300 || results.len() != writes.len() {
        if planted::is(Bug::MissingIsDone) && matches!(writes[0].act, Act::Update { .. }) {
            return Ok(vec![Item::Updated { row: None, overwritten: Vec::new() }; writes.len()]);
        }
        return Ok(writes.iter().map(|write| named(write, results)).collect());
    }
    let item = |(write, result): (&&Write, &Json)| {
        let id = result.get("id").and_then(Json::as_str).filter(|id| ids::is_id(id)).map(ids::long);
        match (result.get("success").and_then(Json::as_bool), id, &write.act) {
            // An upsert by our own key met a record that has it: that is none of this create's making.
            (Some(true), Some(id), Act::Create { .. }) if result.get("created") == Some(&Json::Bool(false)) => {
                Item::Existed { id: id.into() }
            }
            (Some(true), Some(id), Act::Create { .. }) => Item::Created { id: id.into(), row: None },
            (Some(true), _, Act::Update { .. }) => Item::Updated { row: None, overwritten: Vec::new() },
            (Some(true), _, Act::Delete { .. }) => Item::Deleted,
            (Some(false), ..) => refused(read, write, result),
            _ => Item::Unknown,
        }
    };
    Ok(writes.iter().zip(results).map(item).collect())
}

/// What is said of a record under its id, where results are not one for each.
fn named(write: &Write, results: &[Json]) -> Item {
    let Some(id) = id_of(write) else { return Item::Unknown };
    let done = |result: &&Json| result.get("success").and_then(Json::as_bool) == Some(true);
    let of_it =
        |result: &Json| result.get("id").and_then(Json::as_str).is_some_and(|of| ids::is_id(of) && ids::long(of) == id);
    match (results.iter().filter(done).any(of_it), &write.act) {
        (true, Act::Update { .. }) => Item::Updated { row: None, overwritten: Vec::new() },
        (true, Act::Delete { .. }) => Item::Deleted,
        _ => Item::Unknown,
    }
}

fn refused(read: Option<&TypeRead>, write: &Write, result: &Json) -> Item {
    let errors = result.get("errors").cloned().unwrap_or_default();
    let fault = faults::fault(&errors, read);
    // A duplicate value names the record that holds it.
    let create = matches!(write.act, Act::Create { .. });
    let named = fault
        .message
        .split("id:")
        .nth(1)
        .map(str::trim)
        .map(|id| id.chars().take_while(char::is_ascii_alphanumeric).collect::<String>());
    match named.filter(|id| create && fault.category == Category::Duplicate && ids::is_id(id)) {
        Some(id) => Item::Existed { id: ids::long(&id).into() },
        None if fault.category == Category::Gone && matches!(write.act, Act::Delete { .. }) => Item::Deleted,
        None => Item::Rejected(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_fewer_results_than_records_those_count_that_name_theirs() {
        let ids = ["001R00000064wdtIAA", "0019000000oC4HkAAK", "003D000000QOMqgIAH"];
        let update =
            |id: &str| Write { ty: Uid(1), act: Act::Update { id: id.into() }, cells: Vec::new(), assign: false };
        let writes = ids.map(update);
        let writes: Vec<&Write> = writes.iter().collect();
        let answered = |said: Json| {
            let answer = PartAnswer { status: 200, body: said.to_string() };
            results(&Reads::default(), &writes, &answer).unwrap()
        };
        let done = Item::Updated { row: None, overwritten: Vec::new() };
        let ok = |id: &str| json!({"id": id, "success": true, "errors": []});
        let refused = json!({"success": false, "errors": [{"statusCode": "X", "message": "no"}]});
        assert_eq!(answered(json!([ok(ids[2]), ok(ids[0])])), [done.clone(), Item::Unknown, done.clone()]);
        assert_eq!(answered(json!([refused, ok(ids[1])])), [Item::Unknown, done, Item::Unknown]);
        assert_eq!(answered(json!({})), [Item::Unknown, Item::Unknown, Item::Unknown]);
    }
}
