//! Fields that the org computes when a row is stored.

use crate::data::day_to_iso;

use super::record::{Cell, Record, Val};
use super::schema::ObjectDef;
use super::standard::STAGES;

/// Brings derived fields in step after the fields `changed` were set.
pub(super) fn complete(object: &ObjectDef, record: &mut Record, changed: &[u16]) {
    let touched = |name: &str| object.find(name).is_some_and(|ix| changed.contains(&ix));
    match object.name {
        "Contact" | "Lead" | "User" => compose_name(object, record),
        "Opportunity" => opportunity(object, record, touched("StageName"), touched("Probability")),
        "Task" => {
            let closed = text(object, record, "Status") == Some("Completed");
            set(object, record, "IsClosed", Some(Cell::Bool(closed)));
        }
        _ => {}
    }
}

/// A lead that became a contact takes no more changes.
pub(super) fn is_converted(object: &ObjectDef, record: &Record) -> bool {
    object.name == "Lead" && object.find("IsConverted").is_some_and(|ix| record.value(ix) == Val::Bool(true))
}

fn compose_name(object: &ObjectDef, record: &mut Record) {
    let first = text(object, record, "FirstName").unwrap_or_default();
    let last = text(object, record, "LastName").unwrap_or_default();
    let name = format!("{first} {last}");
    let name = name.trim();
    let cell = (!name.is_empty()).then(|| Cell::Text(name.into()));
    set(object, record, "Name", cell);
}

fn opportunity(object: &ObjectDef, record: &mut Record, stage_set: bool, probability_set: bool) {
    let stage = text(object, record, "StageName");
    if stage_set {
        let known = STAGES.iter().find(|(name, ..)| Some(*name) == stage);
        let (probability, forecast, closed, won) =
            known.map_or((0, "Omitted", false, false), |(_, p, f, c, w)| (*p, *f, *c, *w));
        if !probability_set {
            set(object, record, "Probability", Some(Cell::Int(probability)));
        }
        set(object, record, "IsClosed", Some(Cell::Bool(closed)));
        set(object, record, "IsWon", Some(Cell::Bool(won)));
        set(object, record, "ForecastCategory", Some(Cell::Text(forecast.into())));
        set(object, record, "ForecastCategoryName", Some(Cell::Text(forecast.into())));
    }
    let expected = match (number(object, record, "Amount"), number(object, record, "Probability")) {
        (Some(amount), Some(probability)) => Some(whole_or_not(amount * probability / 100.0)),
        _ => None,
    };
    set(object, record, "ExpectedRevenue", expected);
    if let Some(Val::Date(day)) = object.find("CloseDate").map(|ix| record.value(ix)) {
        let date = day_to_iso(day);
        let mut parts = date.split('-').filter_map(|p| p.parse::<i64>().ok());
        if let (Some(year), Some(month)) = (parts.next(), parts.next()) {
            let quarter = (month + 2) / 3;
            set(object, record, "FiscalYear", Some(Cell::Int(year)));
            set(object, record, "FiscalQuarter", Some(Cell::Int(quarter)));
            set(object, record, "Fiscal", Some(Cell::Text(format!("{year} {quarter}").into())));
        }
    }
}

fn whole_or_not(n: f64) -> Cell {
    match n.fract() == 0.0 && n.abs() < 9e15 {
        true => Cell::Int(n as i64),
        false => Cell::Num(n),
    }
}

fn set(object: &ObjectDef, record: &mut Record, field: &str, cell: Option<Cell>) {
    if let Some(ix) = object.find(field) {
        record.set(ix, cell);
    }
}

fn text<'a>(object: &ObjectDef, record: &'a Record, field: &str) -> Option<&'a str> {
    match record.value(object.find(field)?) {
        Val::Text(text) => Some(text),
        _ => None,
    }
}

fn number(object: &ObjectDef, record: &Record, field: &str) -> Option<f64> {
    match record.value(object.find(field)?) {
        Val::Int(i) => Some(i as f64),
        Val::Num(n) => Some(n),
        _ => None,
    }
}
