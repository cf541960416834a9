//! Map rows and stages.

use std::fmt::Write;

use super::way::tree;
use crate::cli::show::crm;
use crate::cli::why::State;
use crate::cli::why::words::{both, place, value, way_out};
use crate::data::{BySide, Side};
use crate::decide::{RowLine, RowState, Stages};
use crate::diagnostic::escape;

pub(super) fn rows(out: &mut String, state: &State, rows: &[RowLine<'_>]) {
    if rows.is_empty() {
        return;
    }
    out.push_str("\nrows: HubSpot | Salesforce\n");
    let width = rows.iter().map(|row| row.rule.name.len()).max().unwrap_or(0);
    for row in rows {
        let name = escape(&row.rule.name);
        let at = place(row.rule, &state.plan);
        let (word, more) = row_state(state, row);
        let _ = writeln!(out, "  {name:<width$}  {word:<11}  {}   {at}", both(&row.values));
        if let Some(more) = more {
            let _ = writeln!(out, "      {more}");
        }
        if let RowState::NotThere(judged) = &row.state {
            tree(out, judged, "      ", true);
        }
        let differs =
            |side: Side| row.agreed.as_ref().is_some_and(|agreed| row.values[side].as_ref() != Some(&agreed[side]));
        match &row.agreed {
            Some(agreed) if differs(Side::Left) || differs(Side::Right) => {
                let agreed = BySide::new(Some(agreed.left.clone()), Some(agreed.right.clone()));
                let _ = writeln!(out, "      last agreed: {}", both(&agreed));
            }
            None if !matches!(row.state, RowState::OtherType | RowState::AtCreation | RowState::InStep) => {
                out.push_str("      never agreed so far\n");
            }
            _ => {}
        }
    }
}

pub(super) fn row_state(state: &State, row: &RowLine<'_>) -> (&'static str, Option<String>) {
    let to =
        |side: Side, after| format!("{}: {} -> {}", crm(side), value(row.values[side].as_ref()), value(Some(after)));
    match &row.state {
        RowState::InStep => ("in step", None),
        RowState::Moves { side, after } => ("moves", Some(to(*side, after))),
        RowState::Closed(Some((side, after))) => {
            ("closed", Some(format!("would go to {}; nothing goes there now", to(*side, after))))
        }
        RowState::Closed(None) => ("closed", Some("would be held, if something might flow".into())),
        RowState::Held { code, why } => {
            ("held", Some(format!("{code}: {}\n      way out: {}", escape(why), way_out(code))))
        }
        RowState::HeldBy { rule } => {
            ("held", Some(format!("with {}   {}", escape(&rule.name), place(rule, &state.plan))))
        }
        RowState::Times => {
            ("moves", Some("both sides changed: the newer wins, by times that the next pass asks for".into()))
        }
        RowState::NotThere(_) => ("not there", Some("its `when` is false for this record".into())),
        RowState::NotKnown => {
            ("not known", Some("a value of it, or one that its `when` asks for, was not read yet".into()))
        }
        RowState::OtherType => ("other type", None),
        RowState::AtCreation => ("at creation", None),
    }
}

/// How far the record has come, and what says so.
pub(super) fn stages(out: &mut String, state: &State, stages: &Stages<'_>) {
    let _ = write!(out, "\nstage: {} {}", escape(stages.field), value(stages.value.as_ref()));
    if let Some((after, rule)) = &stages.moves {
        let _ = write!(out, " -> {} at the next pass, by {}", value(Some(after)), escape(&rule.name));
    }
    out.push('\n');
    for line in &stages.lines {
        let kind = if line.back { "back to" } else { "reach" };
        let at = place(line.rule, &state.plan);
        let _ = writeln!(out, "  {kind} {} {}   {at}", escape(line.stage), escape(&line.rule.name));
        tree(out, &line.judged, "  ", true);
    }
    if let Some((furthest, rule)) = &stages.company {
        let at = place(rule, &state.plan);
        let _ =
            writeln!(out, "  {}   {at}\n  └─ its company has come to {}", escape(&rule.name), value(Some(furthest)));
    }
}
