//! Writing a portal as JSON, in the form that `load` reads.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::cells::Prop;
use super::kind::Kind;
use super::record::Record;
use super::schema::{PropertyDef, Schema};
use super::world::World;
use crate::data::Millis;

impl World {
    /// Everything that `load` reads: records with their history, associations and lists, and the definitions that
    /// differ from those of a new portal. Not: settings, rate limits, and what search does not show yet.
    pub fn dump(&self) -> Value {
        let mut file = Map::new();
        let mut properties = Map::new();
        let mut aliases = Map::new();
        for kind in Kind::ALL {
            let table = self.table(kind);
            let records = table.list(false, 0).chain(table.list(true, 0)).map(|record| self.dump_record(kind, record));
            file.insert(kind.plural().to_owned(), records.collect());
            let own = Schema::of(kind, Millis(0));
            let changed = table.schema.iter().filter(|def| !is_stock(&own, def)).map(PropertyDef::to_json);
            properties.insert(kind.plural().to_owned(), changed.collect());
            let pairs = table.aliases().iter().map(|(from, to)| (from.to_string(), json!(to.to_string())));
            aliases.insert(kind.plural().to_owned(), Value::Object(pairs.collect()));
        }
        file.insert("properties".to_owned(), Value::Object(properties));
        file.insert("aliases".to_owned(), Value::Object(aliases));
        let mut groups = Map::new();
        for kind in Kind::ALL {
            let made = self.groups.keys().filter(|(of, _)| *of == kind);
            groups.insert(kind.plural().to_owned(), made.map(|(_, name)| self.group_json(kind, name)).collect());
        }
        file.insert("propertyGroups".to_owned(), Value::Object(groups));
        file.insert("owners".to_owned(), self.owners.values().map(|owner| owner.to_json()).collect());
        let pipelines = self.pipelines.iter().enumerate().map(|(order, pipeline)| pipeline.to_json(order));
        file.insert("pipelines".to_owned(), pipelines.collect());
        let lists = self.lists.values().map(|list| {
            let (members, joined): (Vec<String>, Vec<String>) =
                list.members(0).map(|(id, at)| (id.to_string(), at.to_iso())).unzip();
            json!({"id": list.id.to_string(), "name": list.name, "objectTypeId": list.kind.type_id(),
                "processingType": list.processing.name(), "createdAt": list.created.to_iso(), "members": members,
                "joinedAt": joined})
        });
        file.insert("lists".to_owned(), lists.collect());
        Value::Object(file)
    }

    fn dump_record(&self, kind: Kind, record: &Arc<Record>) -> Value {
        let properties: Map<String, Value> =
            record.properties().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        let mut associations = Map::new();
        for to in Kind::ALL {
            let mut ids: Vec<(bool, u64)> =
                self.edges.of((kind, record.id), to).map(|(id, primary)| (!primary, id)).collect();
            // The first one is taken for the primary one.
            ids.sort_unstable();
            if !ids.is_empty() {
                let ids: Vec<String> = ids.into_iter().map(|(_, id)| id.to_string()).collect();
                associations.insert(to.plural().to_owned(), json!(ids));
            }
        }
        let mut item = json!({"id": record.id.to_string(), "properties": properties, "associations": associations,
            "createdAt": record.created.to_iso(), "updatedAt": record.updated.to_iso(),
            "archived": record.archived.is_some()});
        if let Some(fields) = item.as_object_mut() {
            if let Some(at) = record.archived {
                fields.insert("archivedAt".to_owned(), json!(at.to_iso()));
            }
            if !record.versions.is_empty() {
                fields.insert("propertiesWithHistory".to_owned(), self.dump_history(kind, record));
            }
        }
        item
    }

    fn dump_history(&self, kind: Kind, record: &Record) -> Value {
        let mut props: Vec<Prop> = record.versions.iter().map(|(prop, _)| *prop).collect();
        props.sort_unstable();
        props.dedup();
        let all = props.into_iter().filter_map(|prop| {
            let name = self.table(kind).schema.names().name(prop)?.to_owned();
            Some((name, self.history_json(record, prop)))
        });
        Value::Object(all.collect())
    }

    /// Versions newest first, as `propertiesWithHistory` has them.
    pub(super) fn history_json(&self, record: &Record, prop: Prop) -> Value {
        use super::record::Source;
        let versions = record.history_of(prop).into_iter().map(|version| {
            let mut item = json!({"value": version.value.as_deref().unwrap_or_default(),
                "timestamp": version.at.to_iso(), "sourceType": version.source.name()});
            if let Some(fields) = item.as_object_mut() {
                match version.source {
                    Source::Api => {
                        fields.insert("sourceId".to_owned(), json!(self.config.app_id.to_string()));
                    }
                    Source::CrmUi => {
                        fields.insert("sourceId".to_owned(), json!("userId:1"));
                        fields.insert("updatedByUserId".to_owned(), json!(1));
                    }
                    _ => {}
                }
            }
            item
        });
        versions.collect()
    }
}

fn is_stock(own: &Schema, def: &PropertyDef) -> bool {
    let takes_options_from_pipelines = matches!(def.name.as_str(), "pipeline" | "dealstage");
    own.find_any(&def.name).is_some_and(|stock| {
        let same = PropertyDef { created: stock.created, updated: stock.updated, ..def.clone() };
        takes_options_from_pipelines || same == *stock
    })
}
