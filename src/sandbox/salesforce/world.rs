//! One org as plain data: schema, rows, sessions, usage; and what its users do without the API.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::data::Millis;
use crate::sandbox::names;

use super::auth::Sessions;
use super::config::{Config, Counters};
use super::errors::{ApiError, Refused};
use super::field::{FieldDef, FieldType, PicklistValue};
use super::ids::Id;
use super::limits::Usage;
use super::query::Cursors;
use super::record::{Cell, Record};
use super::schema::{ObjectDef, ObjectIx, Schema};
use super::standard;
use super::table::{RowIx, Table};
use super::write::Actor;

/// One Salesforce org. Plain data: clone it to keep a state.
#[derive(Clone, Debug)]
pub struct World {
    pub config: Config,
    pub(super) schema: Arc<Schema>,
    pub(super) tables: Vec<Table>,
    pub(super) rng: fastrand::Rng,
    pub(super) sessions: Sessions,
    pub(super) cursors: Cursors,
    pub(super) usage: Usage,
    pub(super) counters: Counters,
    /// The user that API calls act as.
    pub(super) integration_user: Id,
    /// The user that `user_*` act as.
    pub(super) ui_user: Id,
    late: Vec<Late>,
    journal: Vec<Undo>,
    /// Transactions open; the journal is kept while there is one.
    open: usize,
}

/// A change in a transaction that has not committed.
#[derive(Clone, Debug)]
struct Late {
    visible: Millis,
    object: ObjectIx,
    change: LateChange,
}

#[derive(Clone, Debug)]
enum LateChange {
    Create(Record),
    Update {
        row: RowIx,
        cells: Vec<(u16, Option<Cell>)>,
        user: Id,
        stamped: Millis,
    },
    /// The transaction holds the row, and changes nothing of it.
    Hold {
        row: RowIx,
    },
}

/// Every record has a currency, the corporate one where none is given.
fn in_several_currencies(schema: &mut Schema, currencies: &[String]) {
    let Some(corporate) = currencies.first() else { return };
    let values = currencies.iter().map(|code| PicklistValue::new(code.clone()));
    let picklist: Vec<PicklistValue> = values.collect();
    for object in schema.objects.iter_mut().filter(|object| object.writable) {
        let def = FieldDef::new("CurrencyIsoCode", "Currency ISO Code", FieldType::Picklist).restricted();
        let default = Some(corporate.clone().into());
        object.add(FieldDef { picklist: picklist.clone(), default, added: true, ..def });
    }
}

/// Users beyond those that every org has are numbered from here.
const SET_UP: usize = 100;

/// How to take back one step of a transaction.
#[derive(Clone, Debug)]
enum Undo {
    Insert(ObjectIx),
    Replace(ObjectIx, RowIx, Record),
}

/// A place in the journal to roll back to.
pub(super) struct Savepoint {
    journal: usize,
    counters: Counters,
}

impl World {
    /// A new org without business data: standard schema, stages, an administrator and the integration user.
    pub fn new(config: Config, seed: u64, now: Millis) -> World {
        let mut schema = standard::schema();
        in_several_currencies(&mut schema, &config.currencies);
        let mut tables = vec![Table::default(); schema.objects.len()];
        for (object, table) in schema.objects.iter().zip(&mut tables) {
            for (ix, _) in object.visible().filter(|(ix, f)| *ix != super::schema::ID && f.indexed()) {
                table.index(ix);
            }
        }
        let admin = Id::numbered("005", 1);
        let integration = Id::numbered("005", 2);
        let mut world = World {
            schema: Arc::new(schema),
            tables,
            rng: fastrand::Rng::with_seed(seed),
            sessions: Sessions::new(&config),
            cursors: Cursors::default(),
            usage: Usage::default(),
            counters: Counters::default(),
            integration_user: integration,
            ui_user: admin,
            late: Vec::new(),
            journal: Vec::new(),
            open: 0,
            config,
        };
        world.found(admin, integration, now);
        world
    }

    /// The rows that every org is born with.
    fn found(&mut self, admin: Id, integration: Id, now: Millis) {
        let text = |t: &str| Value::from(t);
        let username = self.config.username.clone();
        let users = [
            (admin, "Admin", "Acme", "admin@acme.com.sim", "admin@acme.com", "admin"),
            (integration, "Sync", "Integration", username.as_str(), "sync@acme.com", "sync"),
        ];
        for (id, first, last, username, email, alias) in users {
            let fields = [
                ("FirstName", text(first)),
                ("LastName", text(last)),
                ("Username", text(username)),
                ("Email", text(email)),
                ("Alias", text(alias)),
                ("IsActive", true.into()),
                ("UserType", text("Standard")),
                ("TimeZoneSidKey", text("America/Los_Angeles")),
                ("LocaleSidKey", text("en_US")),
                ("LanguageLocaleKey", text("en_US")),
                ("EmailEncodingKey", text("UTF-8")),
            ];
            self.seed_row("User", id, &fields, now);
        }
        for (n, (name, probability, forecast, closed, won)) in standard::STAGES.iter().enumerate() {
            let fields = [
                ("MasterLabel", text(name)),
                ("ApiName", text(name)),
                ("IsActive", true.into()),
                ("SortOrder", (n + 1).into()),
                ("IsClosed", (*closed).into()),
                ("IsWon", (*won).into()),
                ("ForecastCategory", text(forecast)),
                ("ForecastCategoryName", text(forecast)),
                ("DefaultProbability", (*probability).into()),
            ];
            self.seed_row("OpportunityStage", Id::numbered("01J", 100 + n), &fields, now);
        }
        for (n, (name, default, converted)) in standard::LEAD_STATUSES.iter().enumerate() {
            let fields = [
                ("MasterLabel", text(name)),
                ("ApiName", text(name)),
                ("SortOrder", (n + 1).into()),
                ("IsDefault", (*default).into()),
                ("IsConverted", (*converted).into()),
            ];
            self.seed_row("LeadStatus", Id::numbered("01J", 200 + n), &fields, now);
        }
        let org = Id::parse(&self.config.org_id).unwrap_or_else(|| Id::numbered("00D", 1));
        let fields = [
            ("Name", text(&self.config.org_name.clone())),
            ("OrganizationType", text("Developer Edition")),
            ("InstanceName", text("SIM1")),
            ("IsSandbox", false.into()),
        ];
        self.seed_row("Organization", org, &fields, now);
    }

    fn seed_row(&mut self, object: &str, id: Id, fields: &[(&str, Value)], now: Millis) {
        let mut row: Map<String, Value> = fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        row.insert("Id".to_owned(), id.to_string().into());
        if let Some(ix) = self.schema.find(object) {
            self.load_row(ix, &row, now);
        }
    }

    /// Gives the org an object of its own, named `Visit__c` or the like; where it has it already, nothing happens.
    pub fn add_object(&mut self, name: &str, label: &str) {
        if self.schema.find(name).is_some() {
            return;
        }
        let schema = Arc::make_mut(&mut self.schema);
        let (name, label) = (names::keep(name), names::keep(label));
        let prefix = names::keep(&format!("a{:02}", schema.objects.len() % 100));
        let object = ObjectDef::new(name, label, label, prefix);
        let mut table = Table::default();
        for (ix, _) in object.visible().filter(|(ix, field)| *ix != super::schema::ID && field.indexed()) {
            table.index(ix);
        }
        schema.objects.push(object);
        self.tables.push(table);
    }

    /// Adds a custom field, or redefines the one with this name. An unknown object is left alone.
    pub fn add_field(&mut self, object: &str, def: FieldDef) {
        let Some(ox) = self.schema.find(object) else { return };
        let Some(target) = Arc::make_mut(&mut self.schema).objects.get_mut(ox) else { return };
        let indexed = def.indexed();
        let field = target.add(FieldDef { added: true, ..def });
        if let (Some(field), true, Some(table)) = (field, indexed, self.tables.get_mut(ox)) {
            table.index(field);
        }
    }

    /// The definition of a field.
    pub fn field(&self, object: &str, name: &str) -> Option<&FieldDef> {
        let object = self.schema.object(self.schema.find(object)?)?;
        object.field(object.find(name)?)
    }

    /// The definitions of an object's fields; none of an unknown object.
    pub fn fields(&self, object: &str) -> impl Iterator<Item = &FieldDef> {
        let object = self.schema.find(object).and_then(|ix| self.schema.object(ix));
        object.into_iter().flat_map(|object| object.visible().map(|(_, def)| def))
    }

    /// One row, deleted or not, by 15- or 18-character id.
    pub fn record(&self, object: &str, id: &str) -> Option<&Record> {
        self.tables.get(self.schema.find(object)?)?.by_id(&Id::parse(id)?)
    }

    /// All rows of an object, deleted ones too, in order of creation; nothing for an unknown object.
    pub fn records(&self, object: &str) -> impl Iterator<Item = &Record> {
        self.schema.find(object).and_then(|ix| self.tables.get(ix)).map_or(&[][..], Table::rows).iter()
    }

    /// The value of a field of a row as the API would send it; `None` when the object has no such field.
    pub fn value(&self, object: &str, record: &Record, field: &str) -> Option<Value> {
        let object = self.schema.object(self.schema.find(object)?)?;
        Some(record.value(object.find(field)?).json())
    }

    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The user that API calls act as; 18 characters.
    pub fn integration_user(&self) -> String {
        self.integration_user.to_string()
    }

    /// What an administrator sets up: the user with this number, new or with other fields. Its id.
    pub fn set_up_user(&mut self, number: usize, fields: &[(&str, Value)], now: Millis) -> String {
        let id = Id::numbered("005", SET_UP + number);
        self.seed_row("User", id, fields, now);
        id.to_string()
    }

    /// Who acts in the `user_*` functions from now on; the administrator at first. False when there is no such user.
    pub fn act_as(&mut self, user: &str) -> bool {
        match self.record("User", user).map(|r| r.id) {
            Some(id) => {
                self.ui_user = id;
                true
            }
            None => false,
        }
    }

    /// Makes visible what late transactions have committed by now.
    pub fn settle(&mut self, now: Millis) {
        if self.late.iter().all(|l| l.visible > now) {
            return;
        }
        let (mut due, later): (Vec<Late>, Vec<Late>) = self.late.drain(..).partition(|l| l.visible <= now);
        self.late = later;
        due.sort_by_key(|l| l.visible);
        for late in due {
            match late.change {
                LateChange::Create(record) => {
                    self.insert_row(late.object, record);
                }
                LateChange::Update { row, cells, user, stamped } => {
                    self.apply(late.object, row, cells, user, stamped);
                }
                LateChange::Hold { .. } => {}
            }
        }
    }

    /// What a user creates in the browser.
    pub fn user_create(&mut self, object: &str, fields: &[(&str, Value)], now: Millis) -> Result<String, Refused> {
        self.settle(now);
        let ox = self.object_named(object)?;
        let id = self.create(ox, &body(fields), &Actor::user(self.ui_user), now)?;
        Ok(id.to_string())
    }

    pub fn user_update(
        &mut self,
        object: &str,
        id: &str,
        fields: &[(&str, Value)],
        now: Millis,
    ) -> Result<(), Refused> {
        self.settle(now);
        let (ox, row) = self.row_named(object, id)?;
        self.update(ox, row, &body(fields), &Actor::user(self.ui_user), now)
    }

    pub fn user_delete(&mut self, object: &str, id: &str, now: Millis) -> Result<(), Refused> {
        self.settle(now);
        let (ox, row) = self.row_named(object, id)?;
        self.delete(ox, row, &Actor::user(self.ui_user), now)
    }

    /// A user's change in a long transaction: stamped `stamped`, seen from `visible` on. Until then a write to that
    /// row answers UNABLE_TO_LOCK_ROW and a read gives the old values.
    pub fn user_update_late(
        &mut self,
        object: &str,
        id: &str,
        fields: &[(&str, Value)],
        stamped: Millis,
        visible: Millis,
    ) -> Result<(), Refused> {
        let (ox, row) = self.row_named(object, id)?;
        let user = self.ui_user;
        let cells = self.checked_update(ox, row, &body(fields))?;
        let change = LateChange::Update { row, cells, user, stamped };
        self.late.push(Late { visible, object: ox, change });
        Ok(())
    }

    /// A long transaction holds the row until then, and leaves it as it is.
    pub fn user_hold(&mut self, object: &str, id: &str, until: Millis) -> Result<(), Refused> {
        let (object, row) = self.row_named(object, id)?;
        self.late.push(Late { visible: until, object, change: LateChange::Hold { row } });
        Ok(())
    }

    /// A row that a user creates in a long transaction: stamped `stamped`, exists for others from `visible` on.
    pub fn user_create_late(
        &mut self,
        object: &str,
        fields: &[(&str, Value)],
        stamped: Millis,
        visible: Millis,
    ) -> Result<String, Refused> {
        let ox = self.object_named(object)?;
        let record = self.checked_create(ox, &body(fields), &Actor::user(self.ui_user), stamped)?;
        let id = record.id.to_string();
        self.late.push(Late { visible, object: ox, change: LateChange::Create(record) });
        Ok(id)
    }

    pub(super) fn is_locked(&self, object: ObjectIx, row: RowIx) -> bool {
        let holds = |l: &Late| match l.change {
            LateChange::Update { row: held, .. } | LateChange::Hold { row: held } => held == row,
            LateChange::Create(_) => false,
        };
        self.late.iter().any(|l| l.object == object && holds(l))
    }

    pub(super) fn table(&self, object: ObjectIx) -> Option<&Table> {
        self.tables.get(object)
    }

    pub(super) fn object_named(&self, name: &str) -> Result<ObjectIx, ApiError> {
        self.schema.find(name).ok_or_else(|| ApiError::no_such_type(name))
    }

    /// The row with this id, or why there is none to act on.
    pub(super) fn row_named(&self, object: &str, id: &str) -> Result<(ObjectIx, RowIx), ApiError> {
        let ox = self.object_named(object)?;
        Ok((ox, self.live_row(ox, id)?))
    }

    pub(super) fn live_row(&self, object: ObjectIx, id: &str) -> Result<RowIx, ApiError> {
        let def = self.schema.object(object).ok_or_else(ApiError::not_found)?;
        let parsed = Id::parse(id).filter(|i| i.prefix() == def.prefix);
        let parsed = parsed.ok_or_else(|| ApiError::bad_id(&format!("{} ID", def.label), id, "Id"))?;
        let table = self.table(object).ok_or_else(ApiError::not_found)?;
        let row = table.find(&parsed).ok_or_else(ApiError::not_found)?;
        match table.row(row) {
            Some(r) if !r.deleted => Ok(row),
            Some(_) => Err(ApiError::deleted()),
            None => Err(ApiError::not_found()),
        }
    }

    pub(super) fn insert_row(&mut self, object: ObjectIx, record: Record) {
        if let Some(table) = self.tables.get_mut(object) {
            table.insert(record);
            if self.open > 0 {
                self.journal.push(Undo::Insert(object));
            }
        }
    }

    pub(super) fn replace_row(&mut self, object: ObjectIx, row: RowIx, record: Record) {
        let old = self.tables.get_mut(object).and_then(|t| t.replace(row, record));
        if let (Some(old), true) = (old, self.open > 0) {
            self.journal.push(Undo::Replace(object, row, old));
        }
    }

    /// Opens a transaction; it may hold others. Close it with [`World::commit`] or [`World::rollback`].
    pub(super) fn begin(&mut self) -> Savepoint {
        self.open += 1;
        Savepoint { journal: self.journal.len(), counters: self.counters.clone() }
    }

    pub(super) fn commit(&mut self, _: Savepoint) {
        self.open = self.open.saturating_sub(1);
        if self.open == 0 {
            self.journal.clear();
        }
    }

    pub(super) fn rollback(&mut self, to: Savepoint) {
        for undo in self.journal.split_off(to.journal.min(self.journal.len())).into_iter().rev() {
            match undo {
                Undo::Insert(object) => {
                    if let Some(table) = self.tables.get_mut(object) {
                        table.pop();
                    }
                }
                Undo::Replace(object, row, old) => {
                    if let Some(table) = self.tables.get_mut(object) {
                        table.replace(row, old);
                    }
                }
            }
        }
        let counters = Counters {
            calls: self.counters.calls,
            over_limit: self.counters.over_limit,
            logins: self.counters.logins,
            queries: self.counters.queries,
            ..to.counters.clone()
        };
        self.counters = counters;
        self.commit(to);
    }

    /// Counts of live rows by object name, for a face to show.
    pub fn sizes(&self) -> BTreeMap<&'static str, usize> {
        let live = |t: &Table| t.rows().iter().filter(|r| !r.deleted).count();
        self.schema.objects.iter().zip(&self.tables).map(|(o, t)| (o.name, live(t))).collect()
    }
}

fn body(fields: &[(&str, Value)]) -> Map<String, Value> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}
