//! `/search?q=FIND {words} RETURNING Object(fields)`: words looked for in names, addresses and phone numbers.
//!
//! Covered: FIND with `*` at the end of a word, IN … FIELDS, RETURNING with fields, WHERE, ORDER BY and LIMIT, an overall
//! LIMIT. Logical operators between words are refused with a message.

use super::errors::ApiError;
use super::field::FieldType;
use super::record::{Record, Val};
use super::reply::Reply;
use super::request::Call;
use super::schema::ObjectDef;
use super::soql;
use super::world::World;

/// Rows in one answer.
const MOST_ROWS: usize = 2_000;

/// The fields that IN names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Among {
    All,
    Name,
    Email,
    Phone,
}

struct Search<'q> {
    words: Vec<String>,
    among: Among,
    /// Object, and what stands between its parentheses.
    returning: Vec<(&'q str, &'q str)>,
    limit: usize,
}

/// `GET /search?q=…`.
pub(super) fn search(world: &mut World, call: &Call<'_>) -> Reply {
    let Some(text) = call.param("q") else { return malformed("A search string has to be specified").into() };
    let search = match parse(text) {
        Ok(search) => search,
        Err(error) => return error.into(),
    };
    match run(world, call, &search) {
        Ok(rows) => Reply::json(200, format!("{{\"searchRecords\":[{}]}}", rows.join(","))),
        Err(error) => error.into(),
    }
}

fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::new("MALFORMED_SEARCH", message)
}

/// What follows a keyword at the start of a text.
fn after<'q>(text: &'q str, keyword: &str) -> Option<&'q str> {
    let text = text.trim_start();
    let head = text.get(..keyword.len()).filter(|head| head.eq_ignore_ascii_case(keyword))?;
    let rest = text.get(head.len()..)?;
    rest.starts_with(|c: char| !c.is_alphanumeric() && c != '_').then_some(rest).or(rest.is_empty().then_some(rest))
}

fn parse(text: &str) -> Result<Search<'_>, ApiError> {
    let rest = after(text, "FIND").ok_or_else(|| malformed(format!("unexpected token: '{}'", text.trim())))?;
    let braces = rest.trim_start().strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let (find, mut rest) = braces.ok_or_else(|| malformed("the words to find stand in braces"))?;
    let words = words(find)?;
    let mut among = Among::All;
    if let Some(named) = after(rest, "IN") {
        let groups = [("ALL", Among::All), ("NAME", Among::Name), ("EMAIL", Among::Email), ("PHONE", Among::Phone)];
        let found = groups.into_iter().find_map(|(name, group)| Some((group, after(after(named, name)?, "FIELDS")?)));
        (among, rest) = found.ok_or_else(|| malformed("IN names ALL, NAME, EMAIL or PHONE FIELDS"))?;
    }
    let mut returning = Vec::new();
    if let Some(list) = after(rest, "RETURNING") {
        rest = list;
        loop {
            let start = rest.trim_start();
            let end = start.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(start.len());
            let (name, tail) = start.split_at(end);
            let (inside, tail) = match tail.trim_start().strip_prefix('(') {
                Some(inside) => {
                    let end = closing(inside).ok_or_else(|| malformed("a parenthesis is not closed"))?;
                    (inside.get(..end).unwrap_or_default(), inside.get(end + 1..).unwrap_or_default())
                }
                None => ("", tail),
            };
            returning.push((name, inside));
            match tail.trim_start().strip_prefix(',') {
                Some(more) => rest = more,
                None => {
                    rest = tail;
                    break;
                }
            }
        }
    }
    let mut limit = MOST_ROWS;
    if let Some(count) = after(rest, "LIMIT") {
        limit = count.trim().parse().map_err(|_| malformed(format!("unexpected token: '{}'", count.trim())))?;
    } else if !rest.trim().is_empty() {
        return Err(malformed(format!("unexpected token: '{}'", rest.trim())));
    }
    Ok(Search { words, among, returning, limit })
}

/// Lower-cased words. A backslash keeps the character behind it.
fn words(find: &str) -> Result<Vec<String>, ApiError> {
    let plain = find.replace(['\\', '"'], "");
    let words: Vec<String> = plain.split_whitespace().map(str::to_lowercase).collect();
    if words.iter().any(|word| matches!(word.as_str(), "and" | "or" | "not")) {
        return Err(malformed("logical operators are not supported by this model"));
    }
    match words.iter().map(|word| word.trim_end_matches('*').chars().count()).max() {
        Some(longest) if longest > 1 => Ok(words),
        _ => Err(malformed("search term must be longer than one character")),
    }
}

/// Where the parenthesis closes that was opened before this text, quotes skipped.
fn closing(inside: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth == 0 => return Some(at),
            ')' if !quoted => depth -= 1,
            _ => {}
        }
    }
    None
}

fn run(world: &mut World, call: &Call<'_>, search: &Search<'_>) -> Result<Vec<String>, ApiError> {
    let schema = world.schema.clone();
    let every: Vec<(&str, &str)> = schema.objects.iter().filter(|o| o.writable).map(|o| (o.name, "")).collect();
    let asked = if search.returning.is_empty() { &every } else { &search.returning };
    let mut rows = Vec::new();
    let mut work = world.config.query_work;
    for (name, inside) in asked {
        let fields = if inside.trim().is_empty() { "Id" } else { inside.trim() };
        let upper = fields.to_ascii_uppercase();
        let tail = [" WHERE ", " ORDER ", " LIMIT "].iter().filter_map(|word| upper.find(word)).min();
        let (fields, tail) = fields.split_at(tail.unwrap_or(fields.len()));
        let statement = format!("SELECT {fields} FROM {name}{tail}");
        let query = soql::parse(&statement).and_then(|query| soql::resolve(&schema, &query, call.now));
        let (plan, limit) = query.map_err(|error| error.in_text(&statement))?.without_limit();
        let found = soql::search(world, &plan, false, &mut work)
            .map_err(|_| ApiError::new("QUERY_TIMEOUT", "Your query request was running for too long."))?;
        let def = schema.object(plan.object).ok_or_else(ApiError::not_found)?;
        let table = world.table(plan.object).ok_or_else(ApiError::not_found)?;
        let records = found.iter().filter_map(|ix| table.row(*ix)).filter(|row| fits(def, row, search));
        for record in records.take(limit).take(search.limit.saturating_sub(rows.len())) {
            let mut out = String::new();
            soql::write_row(world, &plan, record, call.version, &mut out);
            rows.push(out);
        }
    }
    Ok(rows)
}

/// Every word is in one of the fields looked at.
fn fits(def: &ObjectDef, record: &Record, search: &Search<'_>) -> bool {
    let looked_at = |kind: FieldType, name: &str| match search.among {
        Among::All => matches!(kind, FieldType::Email | FieldType::Phone | FieldType::Text | FieldType::TextArea),
        Among::Name => matches!(name, "Name" | "FirstName" | "LastName" | "Subject"),
        Among::Email => kind == FieldType::Email,
        Among::Phone => kind == FieldType::Phone,
    };
    let texts: Vec<String> = def
        .visible()
        .filter(|(_, field)| looked_at(field.kind, &field.name))
        .filter_map(|(ix, _)| match record.value(ix) {
            Val::Text(text) => Some(text.to_lowercase()),
            _ => None,
        })
        .collect();
    search.words.iter().all(|word| texts.iter().any(|text| has_word(text, word)))
}

/// As a whole, or as one of its words; `*` leaves the end open.
fn has_word(text: &str, word: &str) -> bool {
    let parts = text.split(|c: char| !c.is_alphanumeric()).chain([text]);
    match word.strip_suffix('*') {
        Some(start) => parts.into_iter().any(|part| part.starts_with(start)),
        None => parts.into_iter().any(|part| part == word),
    }
}
