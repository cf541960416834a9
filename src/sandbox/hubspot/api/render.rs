//! A record as the API shows it.

use serde_json::{Map, Value, json};

use super::super::cells::Prop;
use super::super::kind::Kind;
use super::super::record::Record;
use super::super::world::World;
use super::cursor;

/// Inline associations are cut at this many; the rest must be read from the associations API.
const INLINE_ASSOCIATIONS: usize = 100;

/// Which properties to show.
pub(super) struct Selection {
    /// `None`: every property that has a value, as writes answer.
    shown: Option<Vec<(String, Prop)>>,
    history: Vec<(String, Prop)>,
}

impl Selection {
    /// What a read asked for: the type's defaults when it named nothing, else what it named and the record's id and
    /// times. Names that are not defined are left out silently.
    pub fn named(world: &World, kind: Kind, properties: &[String], history: &[String]) -> Selection {
        let schema = &world.table(kind).schema;
        let find = |name: &str| schema.find(name).map(|(prop, _)| (name.to_owned(), prop));
        let always = [kind.created(), "hs_object_id", kind.modified()];
        let shown = match properties.is_empty() && history.is_empty() {
            true => kind.defaults().iter().filter_map(|name| find(name)).collect(),
            false => always.into_iter().chain(properties.iter().map(String::as_str)).filter_map(find).collect(),
        };
        Selection { shown: Some(shown), history: history.iter().filter_map(|name| find(name)).collect() }
    }

    pub fn stored() -> Selection {
        Selection { shown: None, history: Vec::new() }
    }

    pub fn record(&self, world: &World, kind: Kind, record: &Record) -> Map<String, Value> {
        let properties: Map<String, Value> = match &self.shown {
            None => record.properties().map(|(name, value)| (name.to_owned(), json!(value))).collect(),
            Some(shown) => shown.iter().map(|(name, prop)| (name.clone(), json!(record.cells.get(*prop)))).collect(),
        };
        let mut out = Map::new();
        let mut put = |key: &str, value: Value| {
            out.insert(key.to_owned(), value);
        };
        put("id", json!(record.id.to_string()));
        put("properties", Value::Object(properties));
        put("createdAt", json!(record.created.to_iso()));
        put("updatedAt", json!(record.updated.to_iso()));
        put("archived", json!(record.archived.is_some()));
        if let Some(at) = record.archived {
            put("archivedAt", json!(at.to_iso()));
        }
        let portal = world.config.portal_id;
        let url = format!("https://app.hubspot.com/contacts/{portal}/record/{}/{}", kind.type_id(), record.id);
        put("url", json!(url));
        if !self.history.is_empty() {
            let all = self.history.iter().map(|(name, prop)| (name.clone(), world.history_json(record, *prop)));
            put("propertiesWithHistory", Value::Object(all.collect()));
        }
        out
    }
}

/// The `associations` of a record read with them: an id once per association type, no key where there is none.
pub(super) fn associations(world: &World, kind: Kind, id: u64, to: &[Kind]) -> Option<Value> {
    let mut all = Map::new();
    for to in to {
        let found: Vec<(u64, bool)> = world.edges.of((kind, id), *to).take(INLINE_ASSOCIATIONS + 1).collect();
        let name = format!("{}_to_{}", kind.singular(), to.singular());
        let results: Vec<Value> = found
            .iter()
            .take(INLINE_ASSOCIATIONS)
            .flat_map(|(other, primary)| {
                let item = |kind: String| json!({"id": other.to_string(), "type": kind});
                let labelled = primary.then(|| item(name.clone()));
                labelled.into_iter().chain([item(format!("{name}_unlabeled"))])
            })
            .collect();
        if results.is_empty() {
            continue;
        }
        let mut page = json!({"results": results});
        if let (Some((next, _)), Some(fields)) = (found.get(INLINE_ASSOCIATIONS), page.as_object_mut()) {
            let next = cursor::opaque(next);
            let link = format!(
                "https://api.hubapi.com/crm/v4/objects/{}/{id}/associations/{}?after={next}",
                kind.plural(),
                to.plural()
            );
            fields.insert("paging".to_owned(), json!({"next": {"after": next, "link": link}}));
        }
        all.insert(to.plural().to_owned(), page);
    }
    (!all.is_empty()).then_some(Value::Object(all))
}
