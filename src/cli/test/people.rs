//! What the people of a test do in both CRMs, and which records its words name.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::models::Models;
use super::staff::{self, Staff};
use crate::cli::show::crm;
use crate::data::{FieldKind, Millis, Side, Value, day_from_iso, id_core};
use crate::lang::plan::{TestField, TestRecord, TestValue};
use crate::sandbox::salesforce::Refused;

/// A record of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub side: Side,
    pub ty: String,
    pub id: String,
    pub alias: Option<String>,
    /// As the CRM shows it to people: neither deleted, nor merged away, nor a converted lead.
    pub live: bool,
}

/// Every record that the test has seen, in order of appearance.
#[derive(Default)]
pub(super) struct Cast {
    known: Vec<Known>,
    staff: Staff,
}

/// Why a step cannot be done.
#[derive(Debug)]
pub(super) enum Undone {
    /// The word does not name one record, but so many.
    NotOne { word: String, many: usize },
    /// The CRM's own words.
    Refused(String),
}

impl Cast {
    /// Takes up records that came to be, and who is live now.
    pub(super) fn look(&mut self, models: &Models) {
        for ty in models.hubspot.types() {
            for record in models.hubspot.records(ty) {
                self.add(Side::Left, ty, &record.id().to_string());
            }
        }
        for ty in models.salesforce.sizes().into_keys().filter(|ty| !CATALOGS.contains(ty)) {
            for record in models.salesforce.records(ty) {
                if let Some(Json::String(id)) = models.salesforce.value(ty, record, "Id") {
                    self.add(Side::Right, ty, &id);
                }
            }
        }
        for known in &mut self.known {
            known.live = is_live(models, known);
        }
    }

    fn add(&mut self, side: Side, ty: &str, id: &str) {
        if self.by_id(side, ty, id).is_none() {
            let (ty, id) = (ty.to_owned(), id.to_owned());
            self.known.push(Known { side, ty, id, alias: None, live: true });
        }
    }

    pub(super) fn live(&self, side: Side, ty: &str) -> impl Iterator<Item = &Known> {
        let ty = ty.to_owned();
        self.known.iter().filter(move |known| known.live && known.side == side && known.ty == ty)
    }

    /// By id; `None` for a record that the test has not seen.
    pub(super) fn by_id(&self, side: Side, ty: &str, id: &str) -> Option<&Known> {
        let same = |known: &&Known| known.side == side && known.ty == ty && id_core(&known.id) == id_core(id);
        self.known.iter().find(same)
    }

    /// The record that a step names. A type names its one live record, of several the one without a name of its own; or the
    /// only one that is gone.
    pub(super) fn find(&self, models: &Models, record: &TestRecord) -> Result<&Known, Undone> {
        self.choose(models, record, true)
    }

    /// The same where the record is to be one that is gone.
    pub(super) fn find_gone(&self, models: &Models, record: &TestRecord) -> Result<&Known, Undone> {
        self.choose(models, record, false)
    }

    fn choose(&self, models: &Models, record: &TestRecord, live: bool) -> Result<&Known, Undone> {
        let missing = |many| Undone::NotOne { word: record.word().to_owned(), many };
        let of_type = || self.known.iter().filter(|known| (known.side, &known.ty) == (record.side, &record.ty));
        if record.alias.is_some() {
            let named = of_type().find(|known| known.alias == record.alias).ok_or_else(|| missing(0))?;
            // A merged record goes on under the id that took its place.
            let heir = match record.side {
                Side::Left => models.hubspot.record(&record.ty, &named.id).map(|heir| heir.id().to_string()),
                Side::Right => None,
            };
            return Ok(heir.and_then(|id| self.by_id(record.side, &record.ty, &id)).unwrap_or(named));
        }
        let right: Vec<&Known> = of_type().filter(|known| known.live == live).collect();
        // Who has a name of its own is called by it, where there is another.
        let nameless: Vec<&Known> = right.iter().copied().filter(|known| known.alias.is_none()).collect();
        let all: Vec<&Known> = of_type().collect();
        match (right.as_slice(), nameless.as_slice(), all.as_slice()) {
            ([one], ..) | (_, [one], _) | ([], _, [one]) => Ok(one),
            (many, ..) => Err(missing(many.len())),
        }
    }

    pub(super) fn give(
        &mut self,
        models: &mut Models,
        record: &TestRecord,
        fields: &[TestField],
        now: Millis,
    ) -> Result<(), Undone> {
        let values = self.values(models, fields)?;
        let id = match record.side {
            _ if staff::is(&record.ty) => self.staff.join(models, &record.ty, &values, now),
            Side::Left => {
                let (own, tied) = apart(&values);
                let id = models.hubspot.user_create(&record.ty, &borrowed(&texts(&own)), now).map_err(refused)?;
                tie(models, &record.ty, &id, tied, now)?;
                id
            }
            Side::Right => {
                // A blank is what a new record holds anyway.
                let given: Vec<(&str, Json)> =
                    values.iter().filter(|(_, value)| *value != Value::Null).map(|(n, v)| (*n, to_json(v))).collect();
                models.salesforce.user_create(&record.ty, &given, now).map_err(all_refused)?
            }
        };
        self.add(record.side, &record.ty, &id);
        if let Some(known) = self.known.last_mut() {
            known.alias = record.alias.clone();
        }
        Ok(())
    }

    pub(super) fn set(
        &mut self,
        models: &mut Models,
        record: &TestRecord,
        fields: &[TestField],
        now: Millis,
    ) -> Result<(), Undone> {
        let known = self.find(models, record)?.clone();
        let values = self.values(models, fields)?;
        match known.side {
            _ if staff::is(&known.ty) => {
                self.staff.change(models, &known.ty, &known.id, &values, now);
                Ok(())
            }
            Side::Left => {
                let (own, tied) = apart(&values);
                if !own.is_empty() {
                    models.hubspot.user_update(&known.ty, &known.id, &borrowed(&texts(&own)), now).map_err(refused)?;
                }
                tie(models, &known.ty, &known.id, tied, now)
            }
            Side::Right => {
                let given: Vec<(&str, Json)> = values.iter().map(|(name, value)| (*name, to_json(value))).collect();
                models.salesforce.user_update(&known.ty, &known.id, &given, now).map_err(all_refused)
            }
        }
    }

    fn values<'f>(&self, models: &Models, fields: &'f [TestField]) -> Result<Vec<(&'f str, Value)>, Undone> {
        let values = fields.iter().map(|field| Ok((field.name.as_str(), self.value(models, &field.value)?)));
        values.collect()
    }

    /// A value as the test means it now.
    pub(super) fn value(&self, models: &Models, value: &TestValue) -> Result<Value, Undone> {
        match value {
            TestValue::Is(value) => Ok(value.clone()),
            TestValue::IdOf(record) => Ok(Value::text(self.find(models, record)?.id.as_str())),
        }
    }

    pub(super) fn member(
        &self,
        models: &mut Models,
        list: &str,
        record: &TestRecord,
        joins: bool,
        now: Millis,
    ) -> Result<(), Undone> {
        let id = self.find(models, record)?.id.clone();
        let list =
            models.hubspot.list_named(list).ok_or_else(|| Undone::Refused("there is no such list".to_owned()))?;
        let done = match joins {
            true => models.hubspot.list_add(&list, &id, now),
            false => models.hubspot.list_remove(&list, &id, now),
        };
        done.map(drop).map_err(refused)
    }

    pub(super) fn delete(&self, models: &mut Models, record: &TestRecord, now: Millis) -> Result<(), Undone> {
        let known = self.find(models, record)?;
        match known.side {
            Side::Left => models.hubspot.user_archive(&known.ty, &known.id, now).map_err(refused),
            Side::Right => models.salesforce.user_delete(&known.ty, &known.id, now).map_err(all_refused),
        }
    }

    pub(super) fn restore(&self, models: &mut Models, record: &TestRecord, now: Millis) -> Result<(), Undone> {
        let known = self.find_gone(models, record)?;
        match known.side {
            Side::Left => models.hubspot.user_restore(&known.ty, &known.id, now).map_err(refused),
            Side::Right => models.salesforce.user_undelete(&known.ty, &known.id, now).map_err(all_refused),
        }
    }

    pub(super) fn convert(&self, models: &mut Models, record: &TestRecord, now: Millis) -> Result<(), Undone> {
        let known = self.find(models, record)?;
        models.salesforce.user_convert(&known.id, None, None, now).map(drop).map_err(all_refused)
    }

    pub(super) fn merge(
        &self,
        models: &mut Models,
        record: &TestRecord,
        into: &TestRecord,
        now: Millis,
    ) -> Result<(), Undone> {
        let (loser, winner) = (self.find(models, record)?, self.find(models, into)?);
        match winner.side {
            Side::Left => models.hubspot.user_merge(&winner.ty, &winner.id, &loser.id, now).map(drop).map_err(refused),
            Side::Right => models.salesforce.user_merge(&winner.ty, &winner.id, &loser.id, now).map_err(all_refused),
        }
    }
}

/// Rows that every org is born with: no test names them.
const CATALOGS: [&str; 5] = ["User", "OpportunityStage", "LeadStatus", "RecordType", "Organization"];

fn is_live(models: &Models, known: &Known) -> bool {
    match known.side {
        // Whoever is not active is there.
        _ if staff::is(&known.ty) => true,
        Side::Left => models.hubspot.record(&known.ty, &known.id).is_some_and(|held| held.id().to_string() == known.id),
        Side::Right => models.salesforce.record(&known.ty, &known.id).is_some_and(|row| {
            let is = |field: &str| models.salesforce.value(&known.ty, row, field) == Some(Json::Bool(true));
            !is("IsDeleted") && !is("IsConverted")
        }),
    }
}

/// The company is not a property that people write: they tie the two records.
const COMPANY: &str = "associatedcompanyid";

pub(super) type Named<'f> = (&'f str, Value);

fn apart<'v, 'f>(values: &'v [Named<'f>]) -> (Vec<&'v Named<'f>>, Option<&'v Value>) {
    let (tied, own): (Vec<_>, Vec<_>) = values.iter().partition(|(name, _)| *name == COMPANY);
    (own, tied.first().map(|(_, value)| value))
}

fn tie(models: &mut Models, ty: &str, id: &str, company: Option<&Value>, now: Millis) -> Result<(), Undone> {
    let Some(company) = company else { return Ok(()) };
    if *company == Value::Null {
        return Err(Undone::Refused("a test can tie a record to a company, not take it away".to_owned()));
    }
    let company = company.cell().text().into_owned();
    let tied = match ty {
        "contact" => {
            let tied = models.hubspot.user_associate((ty, id), ("company", &company), now);
            tied.and_then(|()| models.hubspot.set_primary_company(id, &company, now))
        }
        _ => models.hubspot.user_associate((ty, id), ("company", &company), now),
    };
    tied.map_err(refused)
}

/// HubSpot takes every value as text; an empty one clears.
fn texts<'v>(values: &'v [&'v Named<'_>]) -> Vec<(&'v str, Cow<'v, str>)> {
    values.iter().map(|(name, value)| (*name, value.cell().text())).collect()
}

fn borrowed<'v>(texts: &'v [(&'v str, Cow<'v, str>)]) -> Vec<(&'v str, Option<&'v str>)> {
    texts.iter().map(|(name, text)| (*name, Some(&**text))).collect()
}

pub(super) fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(set) => Json::Bool(*set),
        Value::Num(number) => {
            let text = number.normalize().to_string();
            let whole = text.parse::<i64>().ok().map(Json::from);
            whole.or_else(|| text.parse::<f64>().ok().map(Json::from)).unwrap_or(Json::String(text))
        }
        other => Json::String(other.cell().text().into_owned()),
    }
}

fn refused(error: crate::sandbox::hubspot::ApiError) -> Undone {
    Undone::Refused(format!("{}: {error}", crm(Side::Left)))
}

fn all_refused(errors: Refused) -> Undone {
    let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Undone::Refused(format!("{}: {}", crm(Side::Right), all.join("; ")))
}

/// What a record holds, typed by the schema; `None` when the record or the field is not there.
pub(super) fn held(models: &Models, known: &Known, field: &str, kind: FieldKind) -> Option<Value> {
    match known.side {
        Side::Left => {
            let record = models.hubspot.record(&known.ty, &known.id)?;
            Some(typed(kind, record.get(field).unwrap_or_default()))
        }
        Side::Right => {
            let record = models.salesforce.record(&known.ty, &known.id)?;
            Some(match models.salesforce.value(&known.ty, record, field)? {
                Json::Null => typed(kind, ""),
                Json::String(text) => typed(kind, &text),
                other => typed(kind, &other.to_string()),
            })
        }
    }
}

fn typed(kind: FieldKind, text: &str) -> Value {
    if text.is_empty() {
        return if kind == FieldKind::Bool { Value::Bool(false) } else { Value::Null };
    }
    let as_text = || Value::text(text);
    match kind {
        FieldKind::Text | FieldKind::Option => as_text(),
        FieldKind::Email => Value::text(text.trim().to_lowercase()),
        FieldKind::Options => Value::text(FieldKind::canonical_options(text)),
        FieldKind::Id => Value::text(id_core(text)),
        FieldKind::Bool => match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => as_text(),
        },
        FieldKind::Number => text
            .parse()
            .or_else(|_| Decimal::from_scientific(text))
            .map_or_else(|_| as_text(), |number: Decimal| Value::Num(number.normalize())),
        FieldKind::Day => day_from_iso(text.get(..10).unwrap_or(text)).map_or_else(as_text, Value::Day),
        FieldKind::Time => Millis::from_iso(text).map_or_else(as_text, |at| Value::Time(at.0)),
    }
}

/// Whether a record holds what the test expects: ids in either of their forms, a blank checkbox is false.
pub(super) fn same(kind: FieldKind, expected: &Value, held: &Value) -> bool {
    match (kind, expected, held) {
        (FieldKind::Bool, Value::Null, Value::Bool(false)) => true,
        (FieldKind::Id, Value::Text(a), Value::Text(b)) => id_core(a) == id_core(b),
        // An id may stand in a field that is plain text.
        (FieldKind::Text, Value::Text(a), Value::Text(b)) => a == b || (id_core(a) != &**a && id_core(a) == id_core(b)),
        _ => expected.cell().same(&held.cell()),
    }
}
