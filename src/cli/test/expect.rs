//! What a test expects, held against what is.

use super::models::Models;
use super::people::{Cast, Known, Undone, held, same};
use super::witness::Seen;
use crate::cli::show::crm;
use crate::data::{Side, Value};
use crate::diagnostic::Code;
use crate::lang::plan::{Expectation, TestField, TestRecord, TestRule, TestStep, Whose};
use crate::sync::{Change, PassReport};
use syncline_grammar::Span;

/// What an expectation is judged by.
pub(super) struct Asked<'a> {
    pub models: &'a Models,
    pub cast: &'a Cast,
    pub seen: &'a Seen,
    pub report: &'a PassReport,
}

/// An expectation that is not met.
#[derive(Debug)]
pub(super) struct Wrong {
    pub code: Code,
    pub span: Span,
    /// As in findings: lower case, no full stop.
    pub message: String,
    pub help: Option<String>,
    pub difference: Option<Difference>,
}

/// Fields of one record that are not as expected.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Difference {
    pub record: String,
    pub fields: Vec<FieldDifference>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct FieldDifference {
    pub field: String,
    pub expected: Value,
    /// `None`: the record has no such field.
    pub actual: Option<Value>,
}

impl Wrong {
    pub(super) fn new(code: Code, span: Span, message: impl Into<String>) -> Wrong {
        Wrong { code, span, message: message.into(), help: None, difference: None }
    }

    fn help(mut self, help: impl Into<String>) -> Wrong {
        self.help = Some(help.into());
        self
    }
}

pub(super) fn judge(asked: &Asked<'_>, step: &TestStep, expected: &Expectation) -> Result<(), Wrong> {
    let span = step.span;
    let wrong = |code, message: String| Err(Wrong::new(code, span, message));
    match expected {
        Expectation::NoWrites => match asked.seen.changes.len() {
            0 => Ok(()),
            1 => wrong(Code::WroteAfterAll, "the pass wrote a record".to_owned()),
            many => wrong(Code::WroteAfterAll, format!("the pass wrote {many} times")),
        },
        Expectation::ExcludedBy(rule) => {
            let mut stops = asked.seen.subjects.values().flat_map(|subject| &subject.stops);
            match stops.any(|stop| stop.rule == rule.name) {
                true => Ok(()),
                false => wrong(Code::NotExcluded, format!("{} excludes no record", quoted(rule))),
            }
        }
        Expectation::Created { side, ty, by } => created(asked, span, *side, ty, by),
        Expectation::RejectedBy(rule) => match asked.seen.rejected.iter().any(|held| held.rule == rule.name) {
            true => Ok(()),
            false => wrong(Code::NotRejected, format!("{} stopped no record", quoted(rule))),
        },
        Expectation::Linked { record, to } => linked(asked, span, record, to),
        Expectation::NoRecord { side, ty } => match asked.cast.live(*side, ty).count() {
            0 => Ok(()),
            1 => wrong(Code::RecordExists, format!("there is a {} {ty}", crm(*side))),
            many => wrong(Code::RecordExists, format!("there are {many} {} records of type {ty}", crm(*side))),
        },
        Expectation::Calls { side, number } => {
            let calls = &asked.report.counts.calls;
            let made = match side {
                Side::Left => calls.left,
                Side::Right => calls.right,
            };
            match made == *number {
                true => Ok(()),
                false => {
                    let calls = if made == 1 { "call" } else { "calls" };
                    wrong(Code::OtherCalls, format!("the pass made {made} {calls} to {}, not {number}", crm(*side)))
                }
            }
        }
        Expectation::Fields { of, fields, by } => in_record(asked, span, of, fields, by.as_ref()),
    }
}

fn quoted(rule: &TestRule) -> String {
    format!("`{}`", rule.written)
}

fn created(asked: &Asked<'_>, span: Span, side: Side, ty: &str, by: &TestRule) -> Result<(), Wrong> {
    let made = |change: &&Change| change.create && change.side == side && change.ty == ty;
    let made: Vec<&Change> = asked.seen.changes.iter().filter(made).collect();
    let done = |change: &&&Change| change.fault.is_none();
    if made.iter().filter(done).any(|change| change.rule.as_deref() == Some(&*by.name)) {
        return Ok(());
    }
    let kind = format!("{} {ty}", crm(side));
    if let Some(other) = made.iter().find(done) {
        let rule = other.rule.as_deref().unwrap_or_default().trim_matches('"');
        let message = format!("the {kind} was created by `{rule}`");
        return Err(Wrong::new(Code::NotCreated, span, message).help(format!("the test expects {}", quoted(by))));
    }
    Err(Wrong::new(Code::NotCreated, span, format!("the pass created no {kind}")))
}

fn linked(asked: &Asked<'_>, span: Span, record: &TestRecord, to: &TestRecord) -> Result<(), Wrong> {
    let (one, other) = (find(asked, span, record)?, find(asked, span, to)?);
    let holds = |known: &Known| {
        let known_by = |(ty, id): &(String, String)| asked.cast.by_id(known.side, ty, id) == Some(known);
        let is = move |id: &Option<(String, String)>| id.as_ref().is_some_and(known_by);
        asked.seen.subjects.values().find(move |subject| is(&subject.ids[known.side]))
    };
    let partner = holds(one).and_then(|subject| subject.ids[other.side].clone());
    match partner {
        Some((ty, id)) if asked.cast.by_id(other.side, &ty, &id) == Some(other) => Ok(()),
        Some((ty, id)) => {
            let linked = asked.cast.by_id(other.side, &ty, &id).map_or(id.clone(), called);
            let message = format!("`{}` is linked to {linked}", record.word());
            Err(Wrong::new(Code::NotLinked, span, message).help(format!("the test expects {}", called(other))))
        }
        None => {
            let message = format!("`{}` is linked to no {} record", record.word(), crm(other.side));
            Err(Wrong::new(Code::NotLinked, span, message))
        }
    }
}

fn in_record(
    asked: &Asked<'_>,
    span: Span,
    of: &Whose,
    fields: &[TestField],
    by: Option<&TestRule>,
) -> Result<(), Wrong> {
    let (record, wrong) = match of {
        Whose::Record(record) => {
            let known = find(asked, span, record)?;
            (known, differences(asked, span, known, fields)?)
        }
        Whose::Any { side, ty } => {
            let mut near: Option<(&Known, Vec<FieldDifference>)> = None;
            for known in asked.cast.live(*side, ty) {
                let found = differences(asked, span, known, fields)?;
                if near.as_ref().is_none_or(|(_, least)| found.len() < least.len()) {
                    near = Some((known, found));
                }
            }
            let none = || Wrong::new(Code::OtherValue, span, format!("there is no {} {ty}", crm(*side)));
            near.ok_or_else(none)?
        }
    };
    if let [first, others @ ..] = wrong.as_slice() {
        let actual = first.actual.as_ref().map_or("not there".to_owned(), shown);
        let mut message = format!("`{}` is {actual}, not {}", first.field, shown(&first.expected));
        if !others.is_empty() {
            message.push_str(&format!(", and {} more", others.len()));
        }
        let difference = Difference { record: called(record), fields: wrong };
        return Err(Wrong { difference: Some(difference), ..Wrong::new(Code::OtherValue, span, message) });
    }
    match by {
        Some(rule) => written_by(asked, record, fields, rule),
        None => Ok(()),
    }
}

/// The value of a record, short.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "blank".to_owned(),
        other => other.cell().to_string(),
    }
}

fn differences(
    asked: &Asked<'_>,
    span: Span,
    known: &Known,
    fields: &[TestField],
) -> Result<Vec<FieldDifference>, Wrong> {
    let mut out = Vec::new();
    for field in fields {
        let expected = asked.cast.value(asked.models, &field.value).map_err(|undone| unnamed(span, &undone))?;
        let actual = held(asked.models, known, &field.name, field.kind);
        if !actual.as_ref().is_some_and(|actual| same(field.kind, &expected, actual)) {
            out.push(FieldDifference { field: field.name.clone(), expected, actual });
        }
    }
    Ok(out)
}

/// The rule must have written one of the fields in the last pass.
fn written_by(asked: &Asked<'_>, record: &Known, fields: &[TestField], rule: &TestRule) -> Result<(), Wrong> {
    let of_record = |change: &&Change| {
        let id = change.id.as_ref();
        change.side == record.side && id.is_some_and(|id| asked.cast.by_id(change.side, &change.ty, id) == Some(record))
    };
    let done = asked.seen.changes.iter().filter(of_record).filter(|change| change.fault.is_none());
    let cells = done.flat_map(|change| &change.cells);
    let cells: Vec<_> = cells.filter(|cell| fields.iter().any(|field| field.name == cell.field)).collect();
    if cells.iter().any(|cell| cell.rule == rule.name) {
        return Ok(());
    }
    let names: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
    let message = match cells.first() {
        Some(cell) => format!("`{}` was written by `{}`", cell.field, cell.rule),
        None => format!("the pass did not write {} of {}", names.join(" or "), called(record)),
    };
    Err(Wrong::new(Code::OtherRule, rule.span, message).help("the value is as expected"))
}

fn find<'a>(asked: &Asked<'a>, span: Span, record: &TestRecord) -> Result<&'a Known, Wrong> {
    asked.cast.find(asked.models, record).map_err(|undone| match undone {
        Undone::NotOne(0) => {
            Wrong::new(Code::NotOneRecord, span, format!("there is no {} {}", crm(record.side), record.ty))
        }
        other => unnamed(span, &other),
    })
}

fn unnamed(span: Span, undone: &Undone) -> Wrong {
    let message = match undone {
        Undone::NotOne(0) => "a record that is named is not there".to_owned(),
        Undone::NotOne(many) => format!("the type names {many} records"),
        Undone::Refused(why) => why.clone(),
    };
    Wrong::new(Code::NotOneRecord, span, message)
}

/// A record as a test's report calls it.
pub(super) fn called(known: &Known) -> String {
    match &known.alias {
        Some(alias) => format!("{} {} `{alias}`", crm(known.side), known.ty),
        None => format!("{} {} {}", crm(known.side), known.ty, known.id),
    }
}
