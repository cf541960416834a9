//! The portal: its records, definitions, lists and users.

use std::collections::BTreeMap;

use super::config::Config;
use super::edges::Edges;
use super::errors::ApiError;
use super::groups::Group;
use super::kind::Kind;
use super::limits::{Counters, Limiter};
use super::lists::List;
use super::owners::Owner;
use super::pipelines::Pipeline;
use super::record::Record;
use super::schema::{PropertyDef, PropertyType};
use super::table::Table;
use crate::data::Millis;

/// One portal as a plain value. Records are shared between clones until they change.
#[derive(Clone, Debug)]
pub struct World {
    pub config: Config,
    pub(super) rng: fastrand::Rng,
    /// The standard ones first, in the order of [`Kind::ALL`].
    pub(super) tables: Vec<Table>,
    /// Stands for every type that the portal does not have.
    nothing: Table,
    pub(super) edges: Edges,
    pub(super) lists: BTreeMap<u64, List>,
    /// Deleted ones, which can be restored.
    pub(super) gone_lists: BTreeMap<u64, List>,
    pub(super) groups: BTreeMap<(Kind, String), Group>,
    pub(super) owners: BTreeMap<u64, Owner>,
    pub(super) pipelines: Vec<Pipeline>,
    pub(super) limiter: Limiter,
    pub(super) counters: Counters,
}

impl World {
    /// An empty portal with the default properties, lifecycle stages and sales pipeline.
    pub fn new(config: Config, seed: u64, now: Millis) -> World {
        let mut world = World {
            config,
            rng: fastrand::Rng::with_seed(seed),
            tables: Kind::ALL.map(|kind| Table::new(kind, now)).into(),
            nothing: Table::new(Kind::Custom(""), now),
            edges: Edges::default(),
            lists: BTreeMap::new(),
            gone_lists: BTreeMap::new(),
            groups: BTreeMap::new(),
            owners: BTreeMap::new(),
            pipelines: vec![Pipeline::sales(now)],
            limiter: Limiter::default(),
            counters: Counters::default(),
        };
        world.sync_stage_options();
        world
    }

    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// A live record; the id of a merged one finds what it became.
    pub fn record(&self, object: &str, id: &str) -> Option<&Record> {
        self.table(Kind::parse(object)?).resolve(id.parse().ok()?).map(AsRef::as_ref)
    }

    /// The live records of a type in order of id; none of an unknown type.
    pub fn records(&self, object: &str) -> impl Iterator<Item = &Record> {
        let table = Kind::parse(object).map(|kind| self.table(kind));
        table.into_iter().flat_map(|table| table.list(false, 0)).map(AsRef::as_ref)
    }

    /// The contacts, companies or deals that a record is associated with.
    pub fn associated(&self, object: &str, id: &str, to: &str) -> Vec<String> {
        let (Some(kind), Ok(id), Some(to)) = (Kind::parse(object), id.parse(), Kind::parse(to)) else {
            return Vec::new();
        };
        self.edges.of((kind, id), to).map(|(id, _)| id.to_string()).collect()
    }

    /// Gives the portal an object type of its own, by its id: `2-3456`. Its records have no associations, and are no part of a
    /// dump. Whether it is one, also where the portal has it.
    pub fn add_type(&mut self, id: &str, now: Millis) -> bool {
        let Some(kind) = Kind::custom(id) else { return false };
        if self.tables.iter().all(|table| table.kind != kind) {
            self.tables.push(Table::new(kind, now));
        }
        true
    }

    /// The names of all object types.
    pub fn types(&self) -> Vec<&'static str> {
        self.tables.iter().map(|table| table.kind.singular()).collect()
    }

    /// Defines a property, or replaces the definition of that name. Of an unknown object type, nothing.
    pub fn add_property(&mut self, object: &str, def: PropertyDef) {
        if let Some(kind) = Kind::parse(object) {
            let table = self.table_mut(kind);
            table.schema.put(def);
            table.reindex();
        }
    }

    /// The definition of a property that is not archived.
    pub fn property(&self, object: &str, name: &str) -> Option<&PropertyDef> {
        self.table(Kind::parse(object)?).schema.find(name).map(|(_, def)| def)
    }

    /// The id of the list of this name.
    pub fn list_named(&self, name: &str) -> Option<String> {
        self.lists.iter().find(|(_, list)| list.name == name).map(|(id, _)| id.to_string())
    }

    pub fn add_owner(&mut self, owner: Owner) {
        self.owners.insert(owner.id, owner);
    }

    pub fn add_pipeline(&mut self, pipeline: Pipeline) {
        self.pipelines.retain(|known| known.id != pipeline.id);
        self.pipelines.push(pipeline);
        self.sync_stage_options();
    }

    pub(super) fn table(&self, kind: Kind) -> &Table {
        self.tables.iter().find(|table| table.kind == kind).unwrap_or(&self.nothing)
    }

    pub(super) fn table_mut(&mut self, kind: Kind) -> &mut Table {
        self.tables.iter_mut().find(|table| table.kind == kind).unwrap_or(&mut self.nothing)
    }

    /// When search will show a write made now; `None` = at once.
    pub(super) fn visible(&mut self, now: Millis) -> Option<Millis> {
        let jitter = match self.config.lag_jitter_ms {
            ms if ms > 0 => self.rng.i64(0..=ms),
            _ => 0,
        };
        let lag = self.config.search_lag_ms.max(0).saturating_add(jitter);
        (lag > 0).then(|| now.plus(lag))
    }

    /// `pipeline` and `dealstage` list what the pipelines hold.
    pub(super) fn sync_stage_options(&mut self) {
        let pipelines = self.pipelines.clone();
        let schema = &mut self.table_mut(Kind::Deal).schema;
        if let Some(def) = schema.edit("pipeline") {
            def.options.clear();
            pipelines.iter().for_each(|pipeline| def.add_option(&pipeline.id, &pipeline.label));
        }
        if let Some(def) = schema.edit("dealstage") {
            def.options.clear();
            for stage in pipelines.iter().flat_map(|pipeline| &pipeline.stages) {
                def.add_option(&stage.id, &stage.label);
            }
        }
    }

    /// The number of a property, defined as text if it is new.
    pub(super) fn intern(&mut self, kind: Kind, name: &str, now: Millis) -> Option<super::cells::Prop> {
        let schema = &mut self.table_mut(kind).schema;
        match schema.names().find(name) {
            Some(prop) => Some(prop),
            None => {
                let def = PropertyDef::custom(name, name, PropertyType::Text);
                schema.put(PropertyDef { created: now, updated: now, ..def })
            }
        }
    }
}

pub(super) fn parse_kind(object: &str) -> Result<Kind, ApiError> {
    Kind::parse(object).ok_or_else(|| ApiError::plain(400, format!("Unable to infer object type from: {object}")))
}
