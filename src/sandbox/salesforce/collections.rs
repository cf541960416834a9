//! sObject Collections: up to 200 rows in one call, one result per row.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::errors::{ApiError, Refused, write_errors};
use super::ids::Id;
use super::reply::Reply;
use super::request::Call;
use super::schema::ObjectIx;
use super::world::World;
use super::write::Actor;

const MOST_ROWS: usize = 200;
const MOST_RETRIEVED: usize = 2_000;
/// Mixed types are worked on in runs of one type.
const MOST_RUNS: usize = 10;

/// What became of one row.
struct Outcome {
    id: Option<String>,
    /// Present in upserts only.
    created: Option<bool>,
    errors: Refused,
}

impl Outcome {
    fn done(id: String, created: Option<bool>) -> Outcome {
        Outcome { id: Some(id), created, errors: Vec::new() }
    }

    fn refused(id: Option<String>, errors: impl Into<Refused>) -> Outcome {
        Outcome { id, created: None, errors: errors.into() }
    }
}

/// `POST`, `PATCH` and `DELETE /composite/sobjects`.
pub(super) fn write(world: &mut World, call: &Call<'_>) -> Reply {
    match call.method {
        "POST" | "PATCH" => match envelope(call) {
            Ok((records, all)) => {
                let creates = call.method == "POST";
                transaction(world, call, all, &records, |world, call, rows| {
                    let mut seen = BTreeSet::new();
                    rows.iter()
                        .map(|row| if creates { create(world, call, row) } else { update(world, call, row, &mut seen) })
                        .collect()
                })
            }
            Err(error) => error.into(),
        },
        "DELETE" => delete(world, call),
        _ => call.not_allowed("DELETE, PATCH, POST").into(),
    }
}

/// `PATCH /composite/sobjects/X/KEY`.
pub(super) fn upsert(world: &mut World, call: &Call<'_>, object: &str, field: &str) -> Reply {
    if call.method != "PATCH" {
        return call.not_allowed("PATCH").into();
    }
    let Some(ox) = world.schema.find(object) else { return ApiError::not_found().into() };
    if let Err(error) = world.key_field(ox, field) {
        return error.into();
    }
    match envelope(call) {
        Ok((records, all)) => transaction(world, call, all, &records, |world, call, rows| {
            let mut seen = BTreeSet::new();
            rows.iter().map(|row| upsert_one(world, call, ox, field, row, &mut seen)).collect()
        }),
        Err(error) => error.into(),
    }
}

/// `GET` and `POST /composite/sobjects/X`: rows by id, in the order asked; `null` where there is none.
pub(super) fn retrieve(world: &mut World, call: &Call<'_>, object: &str) -> Reply {
    let Some(ox) = world.schema.find(object) else { return ApiError::not_found().into() };
    let list = |value: Option<&Value>| -> Vec<String> {
        let items = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let split = |text: Option<&str>| -> Vec<String> {
        text.unwrap_or_default().split(',').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect()
    };
    let (ids, names) = match call.method {
        "GET" | "HEAD" => (split(call.param("ids")), split(call.param("fields"))),
        "POST" => match call.object() {
            Ok(body) => (list(body.get("ids")), list(body.get("fields"))),
            Err(error) => return error.into(),
        },
        _ => return call.not_allowed("GET, HEAD, POST").into(),
    };
    if ids.len() > MOST_RETRIEVED {
        return too_many(ids.len(), MOST_RETRIEVED).into();
    }
    if ids.is_empty() || names.is_empty() {
        return ApiError::new("MISSING_ARGUMENT", "ids and fields must be given").into();
    }
    let fields = match world.fields_named(ox, names.iter().map(String::as_str)) {
        Ok(fields) => fields,
        Err(error) => return error.into(),
    };
    let mut out = String::from("[");
    for (n, id) in ids.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        let record = Id::parse(id).and_then(|id| world.table(ox)?.by_id(&id)).filter(|r| !r.deleted);
        match record {
            Some(record) => world.write_record(ox, record, &fields, call.version, &mut out),
            None => out.push_str("null"),
        }
    }
    out.push(']');
    Reply::json(200, out)
}

/// `records` and `allOrNone`, within the limits of a call.
fn envelope(call: &Call<'_>) -> Result<(Vec<Map<String, Value>>, bool), ApiError> {
    let mut body = call.object()?;
    let all = body.get("allOrNone").and_then(Value::as_bool).unwrap_or(false);
    let Some(Value::Array(items)) = body.remove("records") else {
        return Err(ApiError::new("JSON_PARSER_ERROR", "The value provided for records must be a list"));
    };
    if items.len() > MOST_ROWS {
        return Err(too_many(items.len(), MOST_ROWS));
    }
    let mut records = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::Object(record) => records.push(record),
            _ => return Err(ApiError::new("JSON_PARSER_ERROR", "each of records must be an object")),
        }
    }
    let mut runs = records.iter().map(type_of).collect::<Vec<_>>();
    runs.dedup();
    if runs.len() > MOST_RUNS {
        let message =
            format!("Request contains {} runs of one type, which exceeds the maximum of {MOST_RUNS}", runs.len());
        return Err(ApiError::new("LIMIT_EXCEEDED", message));
    }
    Ok((records, all))
}

fn too_many(given: usize, most: usize) -> ApiError {
    let message = format!("record limit reached. cannot submit more than {most} records in a single call; got {given}");
    ApiError::new("EXCEEDED_ID_LIMIT", message)
}

fn type_of(record: &Map<String, Value>) -> Option<&str> {
    record.get("attributes")?.get("type")?.as_str()
}

/// Runs the rows; with `all`, one refusal takes everything back.
fn transaction<T>(
    world: &mut World,
    call: &Call<'_>,
    all: bool,
    rows: &[T],
    run: impl FnOnce(&mut World, &Call<'_>, &[T]) -> Vec<Outcome>,
) -> Reply {
    let savepoint = world.begin();
    let mut outcomes = run(world, call, rows);
    let whole = |o: &&Outcome| o.errors.iter().any(|e| matches!(e.code, "INVALID_FIELD" | "JSON_PARSER_ERROR"));
    if let Some(bad) = outcomes.iter().find(whole).filter(|_| world.config.strict_collections) {
        let errors = bad.errors.clone();
        world.rollback(savepoint);
        return errors.into();
    }
    if all && outcomes.iter().any(|o| !o.errors.is_empty()) {
        world.rollback(savepoint);
        let message =
            "Record rolled back because not all records were valid and the request was using AllOrNone header";
        for outcome in outcomes.iter_mut().filter(|o| o.errors.is_empty()) {
            outcome.errors.push(ApiError::new("ALL_OR_NONE_OPERATION_ROLLED_BACK", message));
            (outcome.id, outcome.created) = (None, None);
        }
    } else {
        world.commit(savepoint);
    }
    Reply::json(200, results(&outcomes))
}

fn results(outcomes: &[Outcome]) -> String {
    let mut out = String::from("[");
    for (n, outcome) in outcomes.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        out.push('{');
        if let Some(id) = &outcome.id {
            out.push_str(&format!("\"id\":{},", Value::from(id.as_str())));
        }
        out.push_str(&format!("\"success\":{},\"errors\":", outcome.errors.is_empty()));
        write_errors(&outcome.errors, "statusCode", &mut out);
        if let Some(created) = outcome.created {
            out.push_str(&format!(",\"created\":{created}"));
        }
        out.push('}');
    }
    out.push(']');
    out
}

fn typed(world: &World, row: &Map<String, Value>) -> Result<ObjectIx, ApiError> {
    let missing = || ApiError::new("INVALID_TYPE", "attributes.type must name the sObject type of each record");
    world.object_named(type_of(row).ok_or_else(missing)?)
}

fn create(world: &mut World, call: &Call<'_>, row: &Map<String, Value>) -> Outcome {
    let made =
        typed(world, row).map_err(Refused::from).and_then(|ox| world.create(ox, row, &Actor::api(call.user), call.now));
    match made {
        Ok(id) => Outcome::done(id.to_string(), None),
        Err(errors) => Outcome::refused(None, errors),
    }
}

fn update(world: &mut World, call: &Call<'_>, row: &Map<String, Value>, seen: &mut BTreeSet<Id>) -> Outcome {
    let mut fields = row.clone();
    let key = fields.keys().find(|k| k.eq_ignore_ascii_case("Id")).cloned();
    let given = key.and_then(|k| fields.remove(&k)).and_then(|v| v.as_str().map(str::to_owned));
    let Some(id) = given else {
        return Outcome::refused(None, ApiError::new("MISSING_ARGUMENT", "Id not specified in an update call"));
    };
    if Id::parse(&id).is_some_and(|id| !seen.insert(id)) {
        let message = format!("duplicate id specified: {id}");
        return Outcome::refused(Some(id), ApiError::new("DUPLICATE_VALUE", message));
    }
    let result = typed(world, row).and_then(|ox| Ok((ox, listed_row(world, ox, &id)?))).map_err(Refused::from);
    match result.and_then(|(ox, ix)| world.update(ox, ix, &fields, &Actor::api(call.user), call.now)) {
        Ok(()) => Outcome::done(Id::parse(&id).map_or(id, |i| i.to_string()), None),
        Err(errors) => Outcome::refused(Some(id), errors),
    }
}

/// A row by id; rows of a list say "invalid cross reference" where a URL says "not found".
fn listed_row(world: &World, object: ObjectIx, id: &str) -> Result<u32, ApiError> {
    world.live_row(object, id).map_err(|error| match error.code {
        "NOT_FOUND" => ApiError::new("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
        _ => error,
    })
}

fn upsert_one(
    world: &mut World,
    call: &Call<'_>,
    object: ObjectIx,
    field: &str,
    row: &Map<String, Value>,
    seen: &mut BTreeSet<String>,
) -> Outcome {
    let mut fields = row.clone();
    let name = fields.keys().find(|k| k.eq_ignore_ascii_case(field)).cloned();
    let key = match name.and_then(|k| fields.remove(&k)) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(n)) => n.to_string(),
        _ => String::new(),
    };
    let by_id = field.eq_ignore_ascii_case("Id");
    if typed(world, row).ok() != Some(object) {
        return Outcome::refused(None, ApiError::new("INVALID_TYPE", "attributes.type must be the type in the URL"));
    }
    if key.is_empty() && !by_id {
        let message = format!("{field} not specified");
        return Outcome::refused(None, ApiError::new("MISSING_ARGUMENT", message));
    }
    if !key.is_empty() && !seen.insert(key.to_lowercase()) {
        let message = format!("Duplicate external id specified: {key}");
        return Outcome::refused(None, ApiError::new("DUPLICATE_VALUE", message));
    }
    let actor = Actor::api(call.user);
    let found = match (by_id, key.is_empty()) {
        (true, true) => Ok(Vec::new()),
        (true, false) => listed_row(world, object, &key).map(|ix| vec![ix]),
        (false, _) => world.rows_by_key(object, field, &key),
    };
    let result = match found.as_deref() {
        Ok([]) => {
            if !by_id {
                fields.insert(field.to_owned(), key.into());
            }
            world.create(object, &fields, &actor, call.now).map(|id| (id.to_string(), true))
        }
        Ok([ix]) => world.update(object, *ix, &fields, &actor, call.now).map(|()| {
            let id = world.table(object).and_then(|t| t.row(*ix)).map(|r| r.id.to_string());
            (id.unwrap_or_default(), false)
        }),
        Ok(_) => Err(ApiError::new(
            "DUPLICATE_EXTERNAL_ID",
            format!("{field}: more than one record found for external id field: {key}"),
        )
        .into()),
        Err(error) => Err(error.clone().into()),
    };
    match result {
        Ok((id, created)) => Outcome::done(id, Some(created)),
        Err(errors) => Outcome { created: Some(false), ..Outcome::refused(None, errors) },
    }
}

fn delete(world: &mut World, call: &Call<'_>) -> Reply {
    let ids: Vec<String> = call
        .param("ids")
        .unwrap_or_default()
        .split(',')
        .map(|s| s.trim().to_owned())
        .filter(|s| !s.is_empty())
        .collect();
    if ids.len() > MOST_ROWS {
        return too_many(ids.len(), MOST_ROWS).into();
    }
    if ids.is_empty() {
        return ApiError::new("MISSING_ARGUMENT", "ids must be given").into();
    }
    let all = call.param("allOrNone") == Some("true");
    transaction(world, call, all, &ids, |world, call, ids| ids.iter().map(|id| delete_one(world, call, id)).collect())
}

fn delete_one(world: &mut World, call: &Call<'_>, id: &str) -> Outcome {
    let object = Id::parse(id).and_then(|i| world.schema.of_id(&i));
    let object = object.ok_or_else(|| ApiError::bad_id("Id", id, "Id"));
    let row = object.and_then(|ox| Ok((ox, listed_row(world, ox, id)?))).map_err(Refused::from);
    match row.and_then(|(ox, ix)| world.delete(ox, ix, &Actor::api(call.user), call.now)) {
        Ok(()) => Outcome::done(Id::parse(id).map_or_else(|| id.to_owned(), |i| i.to_string()), None),
        Err(errors) => Outcome::refused(Some(id.to_owned()), errors),
    }
}
