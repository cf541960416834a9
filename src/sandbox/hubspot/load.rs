//! Filling a portal from JSON: `{contacts, companies, deals, owners, lists, pipelines, properties, propertyGroups,
//! aliases}`, all optional. Records have the shape of the objects API; their `associations` are lists of ids.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::cells::{Cells, Prop};
use super::edges::has_single_primary;
use super::groups::Group;
use super::kind::Kind;
use super::lists::{List, Processing};
use super::owners::Owner;
use super::pipelines::{Pipeline, Stage};
use super::record::{Record, Source, Version};
use super::schema::PropertyDef;
use super::world::World;
use crate::data::Millis;

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("expected an object with lists of records")]
    NotAnObject,
    #[error("`{0}` is not a list")]
    NotAList(String),
    #[error("item {at} of `{list}` has no numeric `id`")]
    NoId { list: &'static str, at: usize },
    #[error("a property of `{object}` cannot be read: {why}")]
    Property { object: &'static str, why: String },
    #[error("`{0}` has more than 65,534 properties")]
    TooManyProperties(&'static str),
}

impl World {
    /// Takes every record as it is, whatever HubSpot would refuse today: options nobody defined, broken e-mails, values
    /// of unknown properties (which become text properties). A record whose id is known replaces it. Search sees all at
    /// once. `now` stands in for missing times.
    pub fn load(&mut self, json: &Value, now: Millis) -> Result<(), LoadError> {
        let file = json.as_object().ok_or(LoadError::NotAnObject)?;
        for kind in Kind::ALL {
            let defs = file.get("properties").and_then(|all| all.get(kind.plural()));
            for def in defs.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default() {
                let why = |why| LoadError::Property { object: kind.plural(), why };
                let mut def = PropertyDef::from_json(def).map_err(why)?;
                (def.created, def.updated) = (now, now);
                self.table_mut(kind).schema.put(def);
            }
            self.table_mut(kind).reindex();
            let groups = file.get("propertyGroups").and_then(|all| all.get(kind.plural())).and_then(Value::as_array);
            for group in groups.into_iter().flatten() {
                let text = |key: &str| group.get(key).and_then(Value::as_str).map(str::to_owned);
                if let (Some(name), Some(label)) = (text("name"), text("label")) {
                    let display_order = group.get("displayOrder").and_then(Value::as_i64).unwrap_or(-1);
                    self.groups.insert((kind, name), Group { label, display_order });
                }
            }
        }
        for (order, item) in list(file, "pipelines")?.iter().enumerate() {
            self.load_pipeline(item, order, now);
        }
        self.adopt_pipelines(list(file, Kind::Deal.plural())?, now);
        for (at, item) in list(file, "owners")?.iter().enumerate() {
            let owner = owner(item, now).ok_or(LoadError::NoId { list: "owners", at })?;
            self.owners.insert(owner.id, owner);
        }
        for kind in Kind::ALL {
            for (at, item) in list(file, kind.plural())?.iter().enumerate() {
                let id = id(item.get("id")).ok_or(LoadError::NoId { list: kind.plural(), at })?;
                self.load_record(kind, id, item, now)?;
            }
        }
        self.adopt_lifecycle_stages();
        for kind in Kind::ALL {
            for item in list(file, kind.plural())? {
                if let Some(id) = id(item.get("id")) {
                    self.load_edges(kind, id, item);
                }
            }
            let aliases = file.get("aliases").and_then(|all| all.get(kind.plural())).and_then(Value::as_object);
            for (from, to) in aliases.into_iter().flatten() {
                if let (Ok(from), Some(to)) = (from.parse(), self::id(Some(to))) {
                    self.table_mut(kind).alias(from, to);
                }
            }
        }
        for (at, item) in list(file, "lists")?.iter().enumerate() {
            let id = id(item.get("id")).ok_or(LoadError::NoId { list: "lists", at })?;
            self.load_list(id, item, now);
        }
        Ok(())
    }

    fn load_record(&mut self, kind: Kind, id: u64, item: &Value, now: Millis) -> Result<(), LoadError> {
        let empty = Map::new();
        let props = item.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        let property_time = |name: &str| props.get(name).and_then(Value::as_str).and_then(Millis::from_iso);
        let created = moment(item.get("createdAt")).or_else(|| property_time("createdate")).unwrap_or(now);
        let updated = property_time(kind.modified()).or_else(|| moment(item.get("updatedAt"))).unwrap_or(created);
        let archived = item.get("archived").and_then(Value::as_bool).unwrap_or(false);
        let mut cells: Vec<(Prop, Option<String>)> = Vec::with_capacity(props.len());
        for (name, value) in props {
            let prop = self.intern(kind, name, now).ok_or(LoadError::TooManyProperties(kind.plural()))?;
            cells.push((prop, text(value)));
        }
        let mut record = Record {
            id,
            created,
            updated,
            archived: archived.then(|| moment(item.get("archivedAt")).unwrap_or(updated)),
            cells: Cells::default(),
            versions: Vec::new(),
            origin: Source::Import,
            names: self.table(kind).schema.names().clone(),
        };
        self.set_cells(kind, &mut record, &[("createdate", Some(&created.to_iso()))]);
        self.stamp(kind, &mut record, updated);
        record.cells.apply(cells.iter().filter(|(_, v)| v.is_some()).map(|(prop, value)| (*prop, value.as_deref())));
        for (name, value) in self.calculated(kind, &record) {
            if !props.contains_key(name) {
                self.set_cells(kind, &mut record, &[(name, value.as_deref())]);
            }
        }
        let history = item.get("propertiesWithHistory").and_then(Value::as_object);
        for (name, versions) in history.into_iter().flatten() {
            let prop = self.intern(kind, name, now).ok_or(LoadError::TooManyProperties(kind.plural()))?;
            let versions = versions.as_array().map(Vec::as_slice).unwrap_or_default();
            record.versions.extend(versions.iter().rev().filter_map(|v| Some((prop, version(v)?))));
        }
        record.names = self.table(kind).schema.names().clone();
        self.table_mut(kind).put(record, None);
        Ok(())
    }

    fn load_edges(&mut self, kind: Kind, own: u64, item: &Value) {
        for to in Kind::ALL {
            let Some(named) = item.get("associations").and_then(|all| all.get(to.plural())) else { continue };
            let items = named.get("results").unwrap_or(named).as_array().map(Vec::as_slice).unwrap_or_default();
            let ids: Vec<u64> = items.iter().filter_map(|item| id(item.get("id").or(Some(item)))).collect();
            let given =
                self.table(kind).get(own).and_then(|record| record.get("associatedcompanyid")).map(str::to_owned);
            let primary = given
                .and_then(|text| text.parse().ok())
                .filter(|given| ids.contains(given))
                .or(ids.first().copied())
                .filter(|_| has_single_primary(kind, to));
            for other in ids {
                let known = self.table(kind).get(own).is_some() && self.table(to).get(other).is_some();
                if !known || (kind, own) == (to, other) {
                    continue;
                }
                // The other side may have said already that this is the primary one.
                let was = self.edges.of((kind, own), to).any(|(id, primary)| id == other && primary);
                self.edges.put((kind, own), (to, other), was || primary == Some(other));
                if kind == Kind::Contact && primary == Some(other) {
                    self.fill_company(own, other);
                }
            }
        }
    }

    /// Sets `associatedcompanyid` where the file does not, without touching the record's times.
    fn fill_company(&mut self, contact: u64, company: u64) {
        let Some(record) = self.table(Kind::Contact).get(contact) else { return };
        if record.get("associatedcompanyid").is_none() {
            let mut record = Record::clone(record);
            self.set_cells(Kind::Contact, &mut record, &[("associatedcompanyid", Some(&company.to_string()))]);
            self.table_mut(Kind::Contact).put(record, None);
        }
    }

    fn load_list(&mut self, own: u64, item: &Value, now: Millis) {
        let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
        let kind = item.get("objectTypeId").and_then(Value::as_str).and_then(Kind::parse).unwrap_or(Kind::Contact);
        let dynamic = item.get("dynamic").and_then(Value::as_bool).unwrap_or(false);
        let processing = item.get("processingType").and_then(Value::as_str).and_then(Processing::parse);
        let by_flag = if dynamic { Processing::Dynamic } else { Processing::Manual };
        let created = moment(item.get("createdAt")).unwrap_or(now);
        let mut list = List::new(own, name, kind, processing.unwrap_or(by_flag), created);
        let members = item.get("members").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let joined = item.get("joinedAt").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (at, member) in members.iter().enumerate() {
            if let Some(member) = id(Some(member)).filter(|id| self.table(kind).get(*id).is_some()) {
                list.add(member, moment(joined.get(at)).unwrap_or(now));
            }
        }
        self.lists.insert(own, list);
    }

    fn load_pipeline(&mut self, item: &Value, order: usize, now: Millis) {
        let text = |json: &Value, key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
        let id = text(item, "id").unwrap_or_else(|| format!("pipeline{order}"));
        let label = text(item, "label").unwrap_or_else(|| id.clone());
        let stages = item.get("stages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let stages = stages
            .iter()
            .filter_map(|stage| {
                let id = text(stage, "id")?;
                let label = text(stage, "label").unwrap_or_else(|| id.clone());
                let probability = stage.pointer("/metadata/probability").and_then(Value::as_str).unwrap_or("0.5");
                Some(Stage::new(&id, &label, probability))
            })
            .collect();
        self.add_pipeline(Pipeline { id, label, stages, created: moment(item.get("createdAt")).unwrap_or(now) });
    }

    /// Ids that only a portal's own pipelines have (they are numbers) become known, so that the definitions agree with
    /// the records.
    fn adopt_pipelines(&mut self, deals: &[Value], now: Millis) {
        let text = |deal: &Value, name: &str| {
            deal.get("properties").and_then(|props| props.get(name)).and_then(Value::as_str).map(str::to_owned)
        };
        let pairs: BTreeSet<(String, String)> = deals
            .iter()
            .filter_map(|deal| Some((text(deal, "pipeline")?, text(deal, "dealstage")?)))
            .filter(|(pipeline, stage)| is_portals_own(pipeline) || is_portals_own(stage))
            .collect();
        for (pipeline, stage) in pairs {
            if !self.pipelines.iter().any(|known| known.id == pipeline) {
                let label = format!("Pipeline {pipeline}");
                self.pipelines.push(Pipeline { id: pipeline.clone(), label, stages: Vec::new(), created: now });
            }
            if let Some(known) = self.pipelines.iter_mut().find(|known| known.id == pipeline)
                && known.stage(&stage).is_none()
            {
                known.stages.push(Stage::new(&stage, &format!("Stage {stage}"), "0.5"));
            }
        }
        self.sync_stage_options();
    }

    /// The same for lifecycle stages.
    fn adopt_lifecycle_stages(&mut self) {
        for kind in [Kind::Contact, Kind::Company] {
            let stages: BTreeSet<String> = self
                .records(kind.plural())
                .filter_map(|record| record.get("lifecyclestage"))
                .filter(|stage| is_portals_own(stage))
                .map(str::to_owned)
                .collect();
            if let Some(def) = self.table_mut(kind).schema.edit("lifecyclestage") {
                for stage in stages {
                    if !def.options.iter().any(|option| option.value == stage) {
                        def.add_option(&stage, &format!("Stage {stage}"));
                    }
                }
            }
        }
    }
}

fn list<'a>(file: &'a Map<String, Value>, key: &str) -> Result<&'a [Value], LoadError> {
    match file.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(LoadError::NotAList(key.to_owned())),
    }
}

fn is_portals_own(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())
}

/// Ids are text, and numbers in some copies.
fn id(json: Option<&Value>) -> Option<u64> {
    match json? {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_u64(),
        _ => None,
    }
}

fn moment(json: Option<&Value>) -> Option<Millis> {
    json.and_then(Value::as_str).and_then(Millis::from_iso)
}

/// A property value as text; some tools write numbers and flags as JSON has them.
fn text(json: &Value) -> Option<String> {
    match json {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn version(json: &Value) -> Option<Version> {
    Some(Version {
        value: json.get("value").and_then(Value::as_str).map(Into::into),
        at: moment(json.get("timestamp"))?,
        source: Source::parse(json.get("sourceType").and_then(Value::as_str).unwrap_or_default()),
    })
}

fn owner(item: &Value, now: Millis) -> Option<Owner> {
    let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Owner {
        id: id(item.get("id"))?,
        email: text("email"),
        first_name: text("firstName"),
        last_name: text("lastName"),
        user_id: id(item.get("userId")),
        archived: item.get("archived").and_then(Value::as_bool).unwrap_or(false),
        created: moment(item.get("createdAt")).unwrap_or(now),
        updated: moment(item.get("updatedAt")).unwrap_or(now),
    })
}
