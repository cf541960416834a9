//! Search: it reads the lagging index and answers with the index's copy of each record.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::errors::ApiError;
use super::super::index::SearchIndex;
use super::super::kind::Kind;
use super::super::record::Record;
use super::super::world::World;
use super::filter::{Field, Filter, Key, groups, tokens};
use super::render::Selection;
use super::reply::Reply;
use super::request::{Call, check_limit, text, texts};
use crate::data::Millis;

const PAGE: usize = 200;
/// As deep as one query can be paged.
const DEPTH: usize = 10_000;
const BODY_CHARS: usize = 3_000;

/// What to find, ready to be tried on rows.
struct Query {
    groups: Vec<Vec<Filter>>,
    words: Vec<String>,
    sort: Option<(Field, bool)>,
}

/// A page of rows; `total` is exact up to 10,000 and an estimate beyond, where HubSpot stops paging anyway.
struct Found {
    page: Vec<Arc<Record>>,
    total: usize,
}

pub(super) fn search(world: &World, kind: Kind, call: &Call) -> Result<Reply, ApiError> {
    let body = call.body()?;
    if !body.is_object() {
        return Err(ApiError::plain(400, "Invalid input JSON: expected an object"));
    }
    if call.chars() > BODY_CHARS {
        let text = format!("The request body is longer than {BODY_CHARS} characters");
        return Err(ApiError::validation(text));
    }
    let limit = body.get("limit").filter(|limit| !limit.is_null());
    let limit = check_limit(limit.map(|json| text(Some(json)).and_then(|t| t.parse().ok())), 10, PAGE)?;
    let after = match body.get("after").filter(|after| !after.is_null()) {
        None => 0,
        Some(json) => {
            let given = text(Some(json)).unwrap_or_default();
            match given.as_str() {
                "" => 0,
                given => given.parse().map_err(|_| ApiError::validation("after is not a valid paging cursor"))?,
            }
        }
    };
    if after >= DEPTH {
        return Err(ApiError::validation(format!("Paging through more than {DEPTH} results is not supported")));
    }
    let query = Query {
        groups: groups(world, kind, body)?,
        words: text(body.get("query")).map(|words| tokens(&words, false)).unwrap_or_default(),
        sort: sort(world, kind, body.get("sorts"))?,
    };
    let found = query.run(world, kind, after, limit);
    let selection = Selection::named(world, kind, &texts(body.get("properties")), &[]);
    let fresh = |record: &Arc<Record>| match world.config.stale_index_fresh_body {
        true => world.table(kind).get(record.id).unwrap_or(record).clone(),
        false => record.clone(),
    };
    let results: Vec<Value> =
        found.page.iter().map(|record| Value::Object(selection.record(world, kind, &fresh(record)))).collect();
    let mut answer = json!({"total": found.total, "results": results});
    if after + limit < found.total
        && let Some(fields) = answer.as_object_mut()
    {
        fields.insert("paging".to_owned(), json!({"next": {"after": (after + limit).to_string()}}));
    }
    Ok(Reply::Json(200, answer))
}

/// One sort at most, as an object or as `-createdate`.
fn sort(world: &World, kind: Kind, json: Option<&Value>) -> Result<Option<(Field, bool)>, ApiError> {
    let sorts = json.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let [one] = sorts else {
        return match sorts.is_empty() {
            true => Ok(None),
            false => Err(ApiError::validation("Only one sort is supported")),
        };
    };
    let (name, down) = match one {
        Value::String(text) => (text.trim_start_matches('-').to_owned(), text.starts_with('-')),
        other => (
            text(other.get("propertyName")).unwrap_or_default(),
            text(other.get("direction")).as_deref() == Some("DESCENDING"),
        ),
    };
    let field = Field::find(world, kind, &name).filter(|field| !matches!(field, Field::Associated(_)));
    let field = field.ok_or_else(|| ApiError::validation(format!("There is no property {name} to sort by")))?;
    Ok(Some((field, down)))
}

impl Query {
    fn accepts(&self, world: &World, kind: Kind, record: &Record) -> bool {
        let in_group = |group: &Vec<Filter>| group.iter().all(|filter| filter.accepts(world, kind, record));
        (self.groups.is_empty() || self.groups.iter().any(in_group)) && self.has_words(kind, record)
    }

    /// Every word starts a word of one of the type's text properties.
    fn has_words(&self, kind: Kind, record: &Record) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let held: Vec<String> =
            kind.searched().iter().filter_map(|name| record.get(name)).flat_map(|text| tokens(text, false)).collect();
        self.words.iter().all(|word| held.iter().any(|token| token.starts_with(word.as_str())))
    }

    /// The least id that any group lets through.
    fn first_id(&self) -> u64 {
        let of = |group: &Vec<Filter>| group.iter().filter_map(Filter::first_id).max().unwrap_or(0);
        self.groups.iter().map(of).min().unwrap_or(0)
    }

    /// The span of modification times that any group lets through.
    fn span(&self) -> (Millis, Millis) {
        let all = (Millis(i64::MIN), Millis(i64::MAX));
        let of = |group: &Vec<Filter>| {
            let spans = group.iter().filter_map(Filter::modified);
            spans.fold(all, |(from, to), (low, high)| (from.max(low), to.min(high)))
        };
        self.groups.iter().map(of).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or(all)
    }

    fn run(&self, world: &World, kind: Kind, skip: usize, limit: usize) -> Found {
        let index = &world.table(kind).index;
        let (from, to) = self.span();
        if from > to {
            return Found { page: Vec::new(), total: 0 };
        }
        let bounded = from > Millis(i64::MIN) || to < Millis(i64::MAX);
        let first = self.first_id();
        match self.sort {
            Some((Field::Modified, down)) => {
                let rows = index.modified(from, to).filter(|id| *id >= first).filter_map(|id| index.get(id));
                match down {
                    true => self.walk(world, kind, rows.rev(), skip, limit),
                    false => self.walk(world, kind, rows, skip, limit),
                }
            }
            None | Some((Field::Id, false)) => {
                // A short span of time is cheaper to sort by id than all ids are to walk.
                let mut recent: Vec<u64> = match bounded {
                    true => index.modified(from, to).take(DEPTH + 1).filter(|id| *id >= first).collect(),
                    false => Vec::new(),
                };
                if bounded && index.modified(from, to).nth(DEPTH).is_none() {
                    recent.sort_unstable();
                    let rows = recent.into_iter().filter_map(|id| index.get(id));
                    return self.walk(world, kind, rows, skip, limit);
                }
                self.walk(world, kind, index.by_id(first), skip, limit)
            }
            Some((Field::Id, true)) => self.walk(world, kind, index.by_id(first).rev(), skip, limit),
            Some((field, down)) => self.sorted(world, kind, index, (field, down), skip, limit),
        }
    }

    /// Rows that come in the right order already: stops once the page is full and 10,000 are counted.
    fn walk<'w>(
        &self,
        world: &'w World,
        kind: Kind,
        rows: impl Iterator<Item = &'w Arc<Record>>,
        skip: usize,
        limit: usize,
    ) -> Found {
        let (mut page, mut total, mut tried) = (Vec::with_capacity(limit), 0, 0);
        for record in rows {
            tried += 1;
            if !self.accepts(world, kind, record) {
                continue;
            }
            if total >= skip && page.len() < limit {
                page.push(record.clone());
            }
            total += 1;
            if total > DEPTH {
                let all = world.table(kind).index.len();
                return Found { page, total: (all * total / tried).max(total) };
            }
        }
        Found { page, total }
    }

    /// Any other sort needs all matches; records without the property come last.
    fn sorted(
        &self,
        world: &World,
        kind: Kind,
        index: &SearchIndex,
        (field, down): (Field, bool),
        skip: usize,
        limit: usize,
    ) -> Found {
        let mut all: Vec<(Option<Key>, &Arc<Record>)> = index
            .by_id(self.first_id())
            .filter(|record| self.accepts(world, kind, record))
            .map(|record| (field.key(record), record))
            .collect();
        all.sort_by(|(a, _), (b, _)| match (a, b) {
            (Some(a), Some(b)) if down => b.order(a),
            (Some(a), Some(b)) => a.order(b),
            (a, b) => match (a.is_some(), b.is_some()) {
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                _ => Ordering::Equal,
            },
        });
        let total = all.len();
        let page = all.into_iter().skip(skip).take(limit).map(|(_, record)| record.clone()).collect();
        Found { page, total }
    }
}
