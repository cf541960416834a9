//! From a JSON body to cells: every rule that describe states about a field's value.

use serde_json::{Map, Value};

use crate::data::{Millis, day_from_iso};

use super::errors::{ApiError, Refused};
use super::field::{FieldDef, FieldType};
use super::ids::Id;
use super::record::{Cell, Val};
use super::schema::{ObjectDef, ObjectIx};
use super::world::World;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Create,
    Update,
}

/// The cells that a body sets, in the body's order; `None` clears. Unknown fields, wrong JSON types and read-only fields
/// are reported alone, as the org stops at them; bad values are reported all together.
pub(super) fn changes(
    world: &World,
    object: ObjectIx,
    body: &Map<String, Value>,
    mode: Mode,
) -> Result<Vec<(u16, Option<Cell>)>, Refused> {
    let def = world.schema.object(object).ok_or_else(ApiError::not_found)?;
    let mut cells = Vec::with_capacity(body.len());
    let mut wrong = Vec::new();
    for (name, value) in body.iter().filter(|(name, _)| *name != "attributes") {
        if name.eq_ignore_ascii_case("Id") {
            return Err(id_in_body(mode).into());
        }
        if let (Some(reference), Value::Object(parent)) = (def.relationship(name), value) {
            cells.push((reference, Some(Cell::Id(parent_by_key(world, def, reference, parent)?))));
            continue;
        }
        let (ix, field) = def
            .find(name)
            .and_then(|ix| Some((ix, def.field(ix)?)))
            .ok_or_else(|| ApiError::no_such_field(name, def.name))?;
        if !(if mode == Mode::Create { field.createable } else { field.updateable }) {
            return Err(ApiError::read_only(&field.name).into());
        }
        match cell(field, value).and_then(|cell| check_reference(world, field, cell)) {
            Ok(cell) => cells.push((ix, cell)),
            Err(error) if error.code == "JSON_PARSER_ERROR" => return Err(error.into()),
            Err(error) => wrong.push(error),
        }
    }
    if wrong.is_empty() { Ok(cells) } else { Err(wrong) }
}

fn id_in_body(mode: Mode) -> ApiError {
    match mode {
        Mode::Create => {
            ApiError::new("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call").on("Id")
        }
        Mode::Update => ApiError::new("INVALID_FIELD", "The Id field should not be specified in the sobject data."),
    }
}

/// The cell for one value.
fn cell(field: &FieldDef, value: &Value) -> Result<Option<Cell>, ApiError> {
    let text = match value {
        Value::Null if field.kind == FieldType::Boolean => {
            let message = format!("{}: value not of required type: null", field.label);
            return Err(ApiError::new("INVALID_TYPE_ON_FIELD_IN_RECORD", message).on(&field.name));
        }
        Value::Null => return Ok(None),
        Value::Object(_) => return Err(ApiError::wrong_json(field, "START_OBJECT", "{")),
        Value::Array(_) => return Err(ApiError::wrong_json(field, "START_ARRAY", "[")),
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(b) => b.to_string(),
    };
    if text.is_empty() && field.kind != FieldType::Boolean {
        return Ok(None);
    }
    let unreadable = || {
        let kind = match value {
            Value::Number(n) if n.is_f64() => "VALUE_NUMBER_FLOAT",
            Value::Number(_) => "VALUE_NUMBER_INT",
            Value::Bool(true) => "VALUE_TRUE",
            Value::Bool(false) => "VALUE_FALSE",
            _ => "VALUE_STRING",
        };
        ApiError::wrong_json(field, kind, &text)
    };
    let cell = match field.kind {
        FieldType::Boolean => Cell::Bool(text.parse().map_err(|_| unreadable())?),
        FieldType::Date => Cell::Date(
            text.get(..10)
                .filter(|_| text.len() == 10 || Millis::from_iso(&text).is_some())
                .and_then(day_from_iso)
                .ok_or_else(unreadable)?,
        ),
        FieldType::DateTime => {
            let midnight = || day_from_iso(&text).map(|day| Millis(i64::from(day) * 86_400_000));
            Cell::Time(Millis::from_iso(&text).or_else(midnight).ok_or_else(unreadable)?)
        }
        kind if kind.is_number() => number(field, &text).ok_or_else(unreadable)??,
        FieldType::Reference | FieldType::Id => match Id::parse(&text) {
            Some(id) => Cell::Id(id),
            None => return Err(ApiError::bad_id(&field.label, &text, &field.name)),
        },
        _ => checked_text(field, text)?,
    };
    Ok(Some(cell))
}

fn checked_text(field: &FieldDef, text: String) -> Result<Cell, ApiError> {
    if field.length > 0 && text.chars().count() > field.length as usize {
        return Err(ApiError::too_long(field, &text));
    }
    if field.kind == FieldType::Email && !is_email(&text) {
        let message = format!("{}: invalid email address: {text}", field.label);
        return Err(ApiError::new("INVALID_EMAIL_ADDRESS", message).on(&field.name));
    }
    if field.restricted && !field.is_place_code() {
        let known = |v: &str| field.picklist.iter().any(|p| p.active && p.value == v);
        let fine = match field.kind {
            FieldType::MultiPicklist => text.split(';').all(|v| known(v.trim())),
            _ => known(&text),
        };
        if !fine {
            let message = format!("{}: bad value for restricted picklist field: {text}", field.label);
            return Err(ApiError::new("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message).on(&field.name));
        }
    }
    Ok(Cell::Text(text.into()))
}

/// A number in its field's range, rounded to its decimals; `None` when the text is none.
fn number(field: &FieldDef, text: &str) -> Option<Result<Cell, ApiError>> {
    let given: f64 = text.parse().ok().filter(|n: &f64| n.is_finite())?;
    let decimals = 10f64.powi(i32::from(field.scale));
    let whole_digits = i32::from(field.precision.saturating_sub(field.scale));
    if field.precision > 0 && given.abs() >= 10f64.powi(whole_digits) {
        let message = format!("{}: value outside of valid range on numeric field: {text}", field.label);
        return Some(Err(ApiError::new("NUMBER_OUTSIDE_VALID_RANGE", message).on(&field.name)));
    }
    if field.kind == FieldType::Int && given.fract() != 0.0 {
        return None;
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Some(Ok(Cell::Int(whole)));
    }
    let rounded = (given * decimals).round() / decimals;
    Some(Ok(match field.precision > 0 && rounded.is_finite() {
        true => Cell::Num(rounded),
        false => Cell::Num(given),
    }))
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let local_char = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let label = |l: &str| {
        !l.is_empty()
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    let dots = |s: &str| s.starts_with('.') || s.ends_with('.') || s.contains("..");
    !local.is_empty()
        && local.chars().all(local_char)
        && !dots(local)
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// A reference must name a live row of an object it may point to; owners must be active users.
fn check_reference(world: &World, field: &FieldDef, cell: Option<Cell>) -> Result<Option<Cell>, ApiError> {
    let Some(Cell::Id(id)) = &cell else { return Ok(cell) };
    let modelled = |name: &str| world.schema.find(name).is_some();
    if field.refers_to.is_empty() || !field.refers_to.iter().all(|r| modelled(r) || r == "Group") {
        return Ok(cell);
    }
    let target = world
        .schema
        .of_id(id)
        .filter(|ox| world.schema.object(*ox).is_some_and(|o| field.refers_to.iter().any(|r| r == o.name)));
    let Some(target) = target else {
        let group = id.prefix() == "00G" && field.refers_to.iter().any(|r| r == "Group");
        return if group { Ok(cell) } else { Err(ApiError::bad_id(&field.label, &id.to_string(), &field.name)) };
    };
    let invalid = || ApiError::new("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id").on(&field.name);
    let row = world.table(target).and_then(|t| t.by_id(id)).ok_or_else(invalid)?;
    if row.deleted {
        return Err(ApiError::deleted().on(&field.name));
    }
    if field.name == "OwnerId" {
        let active = world.schema.object(target).and_then(|o| o.find("IsActive"));
        if active.is_some_and(|ix| row.value(ix) == Val::Bool(false)) {
            let message = format!("operation performed with inactive user [{}] as owner", id.short());
            return Err(ApiError::new("INACTIVE_OWNER_OR_USER", message).on(&field.name));
        }
    }
    Ok(cell)
}

/// `"Account":{"Ext__c":"v"}`: the parent that an external id names.
fn parent_by_key(world: &World, def: &ObjectDef, reference: u16, parent: &Map<String, Value>) -> Result<Id, ApiError> {
    let field = def.field(reference).ok_or_else(ApiError::not_found)?;
    let (key, value) = parent
        .iter()
        .find(|(k, _)| *k != "attributes")
        .ok_or_else(|| ApiError::wrong_json(field, "START_OBJECT", "{}"))?;
    let target = field.refers_to.first().and_then(|r| world.schema.find(r)).ok_or_else(ApiError::not_found)?;
    let target_name = world.schema.object(target).map_or("", |o| o.name);
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match world.rows_by_key(target, key, &text)?.as_slice() {
        [one] => world.table(target).and_then(|t| t.row(*one)).map(|r| r.id).ok_or_else(ApiError::not_found),
        [] => Err(ApiError::new(
            "INVALID_FIELD",
            format!("Foreign key external ID: {text} not found for field {key} in entity {target_name}"),
        )),
        _ => Err(ApiError::new(
            "DUPLICATE_EXTERNAL_ID",
            format!("{key}: more than one record found for external id field: {text}"),
        )),
    }
}
