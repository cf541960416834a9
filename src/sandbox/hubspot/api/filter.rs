//! The filters of a search.

use std::cmp::Ordering;

use serde_json::Value;

use super::super::cells::Prop;
use super::super::errors::ApiError;
use super::super::kind::Kind;
use super::super::record::Record;
use super::super::schema::PropertyType;
use super::super::validate::moment;
use super::super::world::World;
use super::request::{text, texts};
use crate::data::Millis;

const GROUPS: usize = 5;
const PER_GROUP: usize = 6;
const TOTAL: usize = 18;

/// What a filter or a sort looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    Modified,
    Created,
    Cell(Prop, PropertyType),
    /// `associations.company` and the like.
    Associated(Kind),
}

/// A value in the order of its type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    Id(u64),
    Moment(Millis),
    Number(f64),
    Text(String),
}

impl Key {
    fn compare(&self, other: &Key) -> Option<Ordering> {
        match (self, other) {
            (Key::Id(a), Key::Id(b)) => Some(a.cmp(b)),
            (Key::Moment(a), Key::Moment(b)) => Some(a.cmp(b)),
            (Key::Number(a), Key::Number(b)) => a.partial_cmp(b),
            (Key::Text(a), Key::Text(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    pub fn order(&self, other: &Key) -> Ordering {
        self.compare(other).unwrap_or(Ordering::Equal)
    }
}

#[derive(Clone, Debug)]
enum Test {
    Compare(fn(Ordering) -> bool, Key),
    Between(Key, Key),
    OneOf(Vec<String>),
    NoneOf(Vec<String>),
    Has,
    HasNot,
    Token(Vec<String>),
    NoToken(Vec<String>),
}

#[derive(Clone, Debug)]
pub(super) struct Filter {
    field: Field,
    test: Test,
}

impl Field {
    pub fn find(world: &World, kind: Kind, name: &str) -> Option<Field> {
        if name == "hs_object_id" {
            return Some(Field::Id);
        }
        if name == kind.modified() {
            return Some(Field::Modified);
        }
        if name == "createdate" && kind != Kind::Deal {
            return Some(Field::Created);
        }
        if let Some(to) = name.strip_prefix("associations.") {
            return Kind::parse(to).map(Field::Associated);
        }
        world.table(kind).schema.find(name).map(|(prop, def)| Field::Cell(prop, def.kind))
    }

    /// The value of a record, `None` when it has none.
    pub fn key(self, record: &Record) -> Option<Key> {
        match self {
            Field::Id => Some(Key::Id(record.id)),
            Field::Modified => Some(Key::Moment(record.updated)),
            Field::Created => Some(Key::Moment(record.created)),
            Field::Cell(prop, kind) => {
                record.cells.get(prop).filter(|value| !value.is_empty()).and_then(|value| typed(kind, value))
            }
            Field::Associated(_) => None,
        }
    }

    fn parse(self, raw: &str) -> Option<Key> {
        match self {
            Field::Id | Field::Associated(_) => raw.trim().parse().ok().map(Key::Id),
            Field::Modified | Field::Created => moment(raw).map(Key::Moment),
            Field::Cell(_, kind) => typed(kind, raw),
        }
    }
}

/// Enumerations keep their case, text does not.
fn typed(kind: PropertyType, raw: &str) -> Option<Key> {
    match kind {
        PropertyType::Number => raw.trim().parse().ok().map(Key::Number),
        PropertyType::Date | PropertyType::DateTime => moment(raw).map(Key::Moment),
        PropertyType::Enumeration => Some(Key::Text(raw.to_owned())),
        PropertyType::Text | PropertyType::Phone | PropertyType::Bool => Some(Key::Text(raw.to_lowercase())),
    }
}

/// Reads `filterGroups`, or a bare `filters`. Groups are alternatives; a search without any takes all.
pub(super) fn groups(world: &World, kind: Kind, body: &Value) -> Result<Vec<Vec<Filter>>, ApiError> {
    let list = |json: Option<&Value>| json.and_then(Value::as_array).cloned().unwrap_or_default();
    let mut groups: Vec<Vec<Value>> =
        list(body.get("filterGroups")).iter().map(|group| list(group.get("filters"))).collect();
    if let bare @ [_, ..] = list(body.get("filters")).as_slice() {
        groups.push(bare.to_vec());
    }
    if groups.len() > GROUPS || groups.iter().any(|g| g.len() > PER_GROUP) || groups.iter().flatten().count() > TOTAL {
        let text = format!("Too many filters: at most {GROUPS} groups of {PER_GROUP}, {TOTAL} in all");
        return Err(ApiError::validation(text));
    }
    groups.iter().map(|group| group.iter().map(|json| filter(world, kind, json)).collect()).collect()
}

fn filter(world: &World, kind: Kind, json: &Value) -> Result<Filter, ApiError> {
    let name = text(json.get("propertyName")).unwrap_or_default();
    let field = Field::find(world, kind, &name)
        .ok_or_else(|| ApiError::validation(format!("There is no property {name} to filter by")))?;
    let bad = |key: &str| ApiError::validation(format!("{key} of the filter on {name} is missing or cannot be read"));
    let read = |key: &'static str| text(json.get(key)).and_then(|raw| field.parse(&raw)).ok_or_else(|| bad(key));
    let compare = |accepts| read("value").map(|key| Test::Compare(accepts, key));
    let words = || text(json.get("value")).map(|raw| tokens(&raw, true)).ok_or_else(|| bad("value"));
    let values = || match texts(json.get("values")) {
        values if values.is_empty() => Err(bad("values")),
        values => Ok(values),
    };
    let operator = text(json.get("operator")).unwrap_or_default();
    let test = match operator.as_str() {
        "EQ" => compare(Ordering::is_eq)?,
        "NEQ" => compare(Ordering::is_ne)?,
        "LT" => compare(Ordering::is_lt)?,
        "LTE" => compare(Ordering::is_le)?,
        "GT" => compare(Ordering::is_gt)?,
        "GTE" => compare(Ordering::is_ge)?,
        "BETWEEN" => Test::Between(read("value")?, read("highValue")?),
        "IN" => Test::OneOf(values()?),
        "NOT_IN" => Test::NoneOf(values()?),
        "HAS_PROPERTY" => Test::Has,
        "NOT_HAS_PROPERTY" => Test::HasNot,
        "CONTAINS_TOKEN" => Test::Token(words()?),
        "NOT_CONTAINS_TOKEN" => Test::NoToken(words()?),
        other => return Err(ApiError::validation(format!("{other} is not a filter operator"))),
    };
    Ok(Filter { field, test })
}

impl Filter {
    /// The least id that can match, where the filter bounds it.
    pub fn first_id(&self) -> Option<u64> {
        match (self.field, &self.test) {
            // NEQ lets smaller ids through as well.
            (Field::Id, Test::Compare(accepts, Key::Id(bound))) if !accepts(Ordering::Less) => Some(*bound),
            _ => None,
        }
    }

    /// The span of modification times that can match, where the filter bounds it.
    pub fn modified(&self) -> Option<(Millis, Millis)> {
        let (from, to) = (Millis(i64::MIN), Millis(i64::MAX));
        match (self.field, &self.test) {
            (Field::Modified, Test::Between(Key::Moment(low), Key::Moment(high))) => Some((*low, *high)),
            (Field::Modified, Test::Compare(accepts, Key::Moment(at))) => {
                match (accepts(Ordering::Less), accepts(Ordering::Greater)) {
                    (false, true) => Some((*at, to)),
                    (true, false) => Some((from, *at)),
                    (false, false) => Some((*at, *at)),
                    (true, true) => None,
                }
            }
            _ => None,
        }
    }

    /// Whether a record passes. Like HubSpot, `NEQ` and `NOT_IN` skip records without the property.
    pub fn accepts(&self, world: &World, kind: Kind, record: &Record) -> bool {
        if let Field::Associated(to) = self.field {
            return self.accepts_edge(world, (kind, record.id), to);
        }
        let key = self.field.key(record);
        match &self.test {
            Test::Has => key.is_some(),
            Test::HasNot => key.is_none(),
            Test::Compare(accepts, bound) => self.any(key, |key| key.compare(bound).is_some_and(accepts)),
            Test::Between(low, high) => self.any(key, |key| {
                key.compare(low).is_some_and(Ordering::is_ge) && key.compare(high).is_some_and(Ordering::is_le)
            }),
            // Values are compared as given: on text, only lower-cased ones can match.
            Test::OneOf(values) => self.any(key, |key| values.iter().any(|v| self.equals(key, v))),
            Test::NoneOf(values) => key.is_some() && !self.any(key, |key| values.iter().any(|v| self.equals(key, v))),
            Test::Token(words) => self.has_tokens(record, words),
            Test::NoToken(words) => !self.has_tokens(record, words),
        }
    }

    /// A choice of several values matches by any of them.
    fn any(&self, key: Option<Key>, test: impl Fn(&Key) -> bool) -> bool {
        match (self.field, key) {
            (_, None) => false,
            (Field::Cell(_, PropertyType::Enumeration), Some(Key::Text(text))) if text.contains(';') => {
                text.split(';').any(|part| test(&Key::Text(part.to_owned())))
            }
            (_, Some(key)) => test(&key),
        }
    }

    fn equals(&self, key: &Key, raw: &str) -> bool {
        match key {
            Key::Text(text) => text == raw,
            _ => self.field.parse(raw).as_ref() == Some(key),
        }
    }

    fn has_tokens(&self, record: &Record, words: &[String]) -> bool {
        let Field::Cell(prop, _) = self.field else { return false };
        let held = record.cells.get(prop).map(|text| tokens(text, false)).unwrap_or_default();
        !words.is_empty() && words.iter().all(|word| held.iter().any(|token| wildcard(word, token)))
    }

    fn accepts_edge(&self, world: &World, from: (Kind, u64), to: Kind) -> bool {
        match &self.test {
            Test::Compare(accepts, Key::Id(id)) => accepts(Ordering::Equal) == world.edges.has(from, (to, *id)),
            Test::OneOf(ids) => ids.iter().filter_map(|id| id.parse().ok()).any(|id| world.edges.has(from, (to, id))),
            Test::Has => world.edges.of(from, to).next().is_some(),
            Test::HasNot => world.edges.of(from, to).next().is_none(),
            _ => false,
        }
    }
}

/// Lower-cased words; `*` stays in a pattern.
pub(super) fn tokens(text: &str, pattern: bool) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || (pattern && c == '*');
    let words = text.split(|c| !is_part(c)).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

fn wildcard(pattern: &str, token: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(_), Some(_)) => token.contains(pattern.trim_matches('*')),
        (Some(end), None) => token.ends_with(end),
        (None, Some(start)) => token.starts_with(start),
        (None, None) => token == pattern,
    }
}
