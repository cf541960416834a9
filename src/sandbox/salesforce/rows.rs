//! Single rows: `/sobjects/X`, `/sobjects/X/ID`, `/sobjects/X/KEY/VALUE`.

use serde_json::{Value, json};

use super::errors::ApiError;
use super::reply::Reply;
use super::request::{Call, http_date};
use super::schema::ObjectIx;
use super::table::RowIx;
use super::world::World;
use super::write::{Actor, second};

/// `POST /sobjects/X`.
pub(super) fn create(world: &mut World, call: &Call<'_>, object: &str) -> Reply {
    if call.method != "POST" {
        return call.not_allowed("GET, HEAD, POST").into();
    }
    let Some(ox) = world.schema.find(object) else { return ApiError::not_found().into() };
    let body = match call.object() {
        Ok(body) => body,
        Err(error) => return error.into(),
    };
    match world.create(ox, &body, &Actor::api(call.user), call.now) {
        Ok(id) => created(world, call, ox, &id.to_string(), false),
        Err(errors) => errors.into(),
    }
}

fn created(world: &World, call: &Call<'_>, object: ObjectIx, id: &str, upsert: bool) -> Reply {
    let name = world.schema.object(object).map_or("", |o| o.name);
    let mut body = json!({"id": id, "success": true, "errors": []});
    if let (true, Some(fields)) = (upsert, body.as_object_mut()) {
        fields.insert("created".to_owned(), true.into());
    }
    Reply::json(201, body.to_string()).with("location", format!("{}/sobjects/{name}/{id}", call.root()))
}

/// `GET`, `PATCH`, `DELETE /sobjects/X/ID`.
pub(super) fn by_id(world: &mut World, call: &Call<'_>, object: &str, id: &str) -> Reply {
    let Some(ox) = world.schema.find(object) else { return ApiError::not_found().into() };
    match world.live_row(ox, id) {
        Ok(row) => one(world, call, ox, row),
        Err(error) => error.into(),
    }
}

/// The same by a key, and upsert.
pub(super) fn by_key(world: &mut World, call: &Call<'_>, object: &str, field: &str, value: &str) -> Reply {
    let Some(ox) = world.schema.find(object) else { return ApiError::not_found().into() };
    if field.eq_ignore_ascii_case("Id") {
        return ApiError::no_such_key(field).into();
    }
    let rows = match world.rows_by_key(ox, field, value) {
        Ok(rows) => rows,
        Err(error) => return error.into(),
    };
    match rows.as_slice() {
        [] if call.method == "PATCH" && call.param("updateOnly") != Some("true") => {
            insert_with_key(world, call, ox, field, value)
        }
        [] => ApiError::not_found().into(),
        [row] if call.method == "PATCH" => update_with_key(world, call, ox, *row),
        [row] => one(world, call, ox, *row),
        several => choices(world, call, ox, several),
    }
}

/// 300: the URLs of all rows with this key; nothing is written.
fn choices(world: &World, call: &Call<'_>, object: ObjectIx, rows: &[RowIx]) -> Reply {
    let name = world.schema.object(object).map_or("", |o| o.name);
    let records = rows.iter().filter_map(|ix| world.table(object)?.row(*ix));
    let urls: Vec<Value> = records.map(|r| format!("{}/sobjects/{name}/{}", call.root(), r.id).into()).collect();
    Reply::json(300, Value::from(urls).to_string())
}

fn insert_with_key(world: &mut World, call: &Call<'_>, object: ObjectIx, field: &str, value: &str) -> Reply {
    let mut body = match call.object() {
        Ok(body) => body,
        Err(error) => return error.into(),
    };
    if body.keys().any(|k| k.eq_ignore_ascii_case(field)) {
        return key_in_body(field).into();
    }
    body.insert(field.to_owned(), value.into());
    match world.create(object, &body, &Actor::api(call.user), call.now) {
        Ok(id) => created(world, call, object, &id.to_string(), true),
        Err(errors) => errors.into(),
    }
}

fn key_in_body(field: &str) -> ApiError {
    let message = format!("The {field} field should not be specified in the sobject data.");
    ApiError::new("INVALID_FIELD", message)
}

fn update_with_key(world: &mut World, call: &Call<'_>, object: ObjectIx, row: RowIx) -> Reply {
    let body = match call.object() {
        Ok(body) => body,
        Err(error) => return error.into(),
    };
    let key = call.path.get(2).map_or("", String::as_str);
    if body.keys().any(|k| k.eq_ignore_ascii_case(key)) {
        return key_in_body(key).into();
    }
    match world.update(object, row, &body, &Actor::api(call.user), call.now) {
        Ok(()) if call.version < 46 => Reply::empty(204),
        Ok(()) => {
            let id = world.table(object).and_then(|t| t.row(row)).map(|r| r.id.to_string());
            Reply::json(200, json!({"id": id, "success": true, "errors": [], "created": false}).to_string())
        }
        Err(errors) => errors.into(),
    }
}

fn one(world: &mut World, call: &Call<'_>, object: ObjectIx, row: RowIx) -> Reply {
    match call.method {
        "GET" | "HEAD" => read(world, call, object, row),
        "PATCH" => patch(world, call, object, row),
        "DELETE" => match world.delete(object, row, &Actor::api(call.user), call.now) {
            Ok(()) => Reply::empty(204),
            Err(errors) => errors.into(),
        },
        _ => call.not_allowed("DELETE, GET, HEAD, PATCH").into(),
    }
}

fn patch(world: &mut World, call: &Call<'_>, object: ObjectIx, row: RowIx) -> Reply {
    let modified = world.table(object).and_then(|t| t.row(row)).map(|r| r.modified);
    if let Some(text) = call.header("if-unmodified-since") {
        let Some(since) = http_date(text) else { return bad_date(text).into() };
        if modified.is_some_and(|at| second(at) > since) {
            let message = "the record was modified after the given date";
            return ApiError::new("ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE", message).into();
        }
    }
    let body = match call.object() {
        Ok(body) => body,
        Err(error) => return error.into(),
    };
    match world.update(object, row, &body, &Actor::api(call.user), call.now) {
        Ok(()) => Reply::empty(204),
        Err(errors) => errors.into(),
    }
}

fn bad_date(text: &str) -> ApiError {
    ApiError::new("INVALID_FIELD", format!("invalid date in header: {text}"))
}

fn read(world: &World, call: &Call<'_>, object: ObjectIx, row: RowIx) -> Reply {
    let Some(record) = world.table(object).and_then(|t| t.row(row)) else { return ApiError::not_found().into() };
    if let Some(text) = call.header("if-modified-since") {
        let Some(since) = http_date(text) else { return bad_date(text).into() };
        if second(record.modified) <= since {
            return Reply::empty(304);
        }
    }
    let fields = match call.param("fields") {
        Some(list) => match world.fields_named(object, list.split(',')) {
            Ok(fields) => fields,
            Err(error) => return error.into(),
        },
        None => world.all_fields(object),
    };
    let mut out = String::new();
    world.write_record(object, record, &fields, call.version, &mut out);
    Reply::json(200, out)
}

impl World {
    pub(super) fn all_fields(&self, object: ObjectIx) -> Vec<u16> {
        self.schema.object(object).map_or_else(Vec::new, |o| o.visible().map(|(ix, _)| ix).collect())
    }

    /// Positions of fields by name.
    pub(super) fn fields_named<'a>(
        &self,
        object: ObjectIx,
        names: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<u16>, ApiError> {
        let def = self.schema.object(object).ok_or_else(ApiError::not_found)?;
        let names = names.map(str::trim).filter(|n| !n.is_empty());
        names.map(|n| def.find(n).ok_or_else(|| ApiError::no_such_field(n, def.name))).collect()
    }

    /// Appends a record as the API shows it: attributes first, then the fields, nulls included.
    pub(super) fn write_record(
        &self,
        object: ObjectIx,
        record: &super::record::Record,
        fields: &[u16],
        version: u16,
        out: &mut String,
    ) {
        let Some(def) = self.schema.object(object) else { return };
        write_attributes(def.name, &record.id, version, out);
        for ix in fields {
            if let Some(field) = def.field(*ix) {
                out.push_str(&format!(",\"{}\":", field.name));
                record.value(*ix).write_json(out);
            }
        }
        out.push('}');
    }
}

/// Opens a record: `{"attributes":{…}`.
pub(super) fn write_attributes(object: &str, id: &super::ids::Id, version: u16, out: &mut String) {
    out.push_str(&format!(
        "{{\"attributes\":{{\"type\":\"{object}\",\"url\":\"/services/data/v{version}.0/sobjects/{object}/{id}\"}}"
    ));
}
