//! What is on record: problems, and the last writes.

use std::fmt::Write;

use super::rule_name;
use crate::cli::show::crm;
use crate::cli::show::moment;
use crate::cli::why::words::{message, value, way_out};
use crate::cli::why::{State, Subject};
use crate::data::Uid;
use crate::decide::RowState;
use crate::diagnostic::escape;
use crate::store::{IssueRow, JournalRow, OpAct, OpState};

/// Operations that are shown.
pub(super) const WRITES: usize = 8;

pub(super) fn issues(out: &mut String, state: &State, subject: &Subject<'_>) {
    // What a row tells is not told again.
    let told = |line: Uid| {
        subject.told.rows.iter().any(|row| row.rule.uid == line && matches!(row.state, RowState::Held { .. }))
    };
    let others: Vec<&IssueRow> = subject.issues.iter().filter(|row| !told(row.issue.line)).collect();
    if !others.is_empty() {
        out.push_str("\non record\n");
    }
    for row in others {
        let issue = &row.issue;
        let of = if issue.line == Uid::NONE { "the record".to_owned() } else { rule_name(state, issue.line) };
        let _ = writeln!(
            out,
            "  {} {}: {}   since {}",
            escape(&issue.code),
            escape(&of),
            message(&issue.message),
            moment(row.first)
        );
        if issue.line == Uid::NONE {
            let _ = writeln!(out, "      way out: {}", way_out(&issue.code));
        }
    }
    match subject.work {
        Some((due, _)) if due <= state.now => out.push_str("\nit is decided again by the next pass\n"),
        Some((due, tries)) => {
            let tries =
                if tries > 0 { format!(", after {tries} tries in a row that came to nothing") } else { String::new() };
            let _ = writeln!(out, "\nit is decided again from {} on{tries}", moment(due));
        }
        None => {}
    }
}

pub(super) fn writes(out: &mut String, state: &State, subject: &Subject<'_>) {
    if subject.journal.is_empty() {
        return;
    }
    out.push_str("\nlast writes\n");
    for op in subject.journal.iter().take(WRITES) {
        let what = match op.intent.act {
            OpAct::Create { .. } => format!("created by {}", escape(&rule_name(state, op.intent.rule))),
            OpAct::Update { .. } => "updated".to_owned(),
            OpAct::Delete { .. } => format!("deleted by {}", escape(&rule_name(state, op.intent.rule))),
        };
        let id = op.id.as_deref().map_or(String::new(), |id| format!(" {}", escape(id)));
        let _ = writeln!(out, "  {}  {}{id}  {what}{}", moment(op.at), crm(op.side), ending(op));
        let name = |field| state.dict.name(field).rsplit('.').next().unwrap_or_default().to_owned();
        let width = op.intent.cells.iter().map(|cell| name(cell.field).len()).max().unwrap_or(0);
        for cell in &op.intent.cells {
            let (field, after) = (name(cell.field), value(Some(&cell.after)));
            let rule = rule_name(state, cell.line);
            let _ = writeln!(
                out,
                "      {:<width$}   {} -> {after}   {}",
                escape(&field),
                value(Some(&cell.before)),
                escape(&rule)
            );
        }
        for (field, theirs) in &op.overwritten {
            let _ =
                writeln!(out, "      {} was {} when it was written over", escape(&name(*field)), value(Some(theirs)));
        }
    }
    if subject.journal.len() > WRITES {
        out.push_str("  …\n");
    }
}

pub(super) fn ending(op: &JournalRow) -> String {
    let state = match op.state {
        OpState::Done => return String::new(),
        OpState::Intended => "on its way",
        OpState::Existed => "not done: the record was there already",
        OpState::Rejected => "refused",
        OpState::Unknown => "outcome not known yet",
        OpState::Void => "not done: decided anew",
        OpState::Late => "not found when looked for: sent again if it is still wanted",
    };
    match &op.fault {
        Some(fault) => format!("   {state}: {}", message(fault)),
        None => format!("   {state}"),
    }
}
