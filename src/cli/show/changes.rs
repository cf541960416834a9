//! Changes, each with the rule that made it.

use super::crm;
use super::told::Told;
use crate::diagnostic::escape;
use crate::lang::plan::Plan;
use crate::sync::{Change, Relinked};

/// At most `most` changes in full, then what the rest amounts to.
pub(in crate::cli) fn changes(told: &Told, plan: &Plan, most: usize, dry: bool) -> String {
    let mut out = String::new();
    for relinked in told.relinked.iter().take(most) {
        out.push_str(&one_relinked(relinked, plan));
    }
    if told.relinked.len() > most {
        out.push_str(&format!("  … and {} more links that move\n", told.relinked.len() - most));
    }
    for change in told.changes.iter().take(most) {
        out.push_str(&one_change(change, plan));
    }
    if told.changes.len() > most {
        let rest = match dry {
            true => "`--most N` shows more, `--format json` all",
            false => "all are in the journal: `syncline why RECORD` shows those of a record",
        };
        out.push_str(&format!("  … and {} more; {rest}\n", told.changes.len() - most));
    }
    out
}

/// `  > Salesforce Lead     ana@x.io   00Q1 -> 00Q2   relink when another is picked   rules.sync:9`
fn one_relinked(relinked: &Relinked, plan: &Plan) -> String {
    let Relinked { subject, side, from, to, rule, place: at, .. } = relinked;
    let other = if from.ty == to.ty { String::new() } else { format!("{} ", to.ty) };
    format!(
        "  > {} {:<8} {}   the link moves from {} to {other}{}   {}   {}\n",
        crm(*side),
        from.ty,
        escape(subject),
        escape(&from.id),
        escape(&to.id),
        escape(rule),
        place(at, plan)
    )
}

fn one_change(change: &Change, plan: &Plan) -> String {
    let sign = match &change.fault {
        Some(_) => "✗",
        None if change.create => "+",
        None if change.delete => "-",
        None => "~",
    };
    let subject = escape(&change.subject);
    let mut out = format!("  {sign} {} {:<8} {subject}", crm(change.side), change.ty);
    if let Some(rule) = &change.rule {
        out.push_str(&format!("   {}   {}", escape(rule), place(&change.place, plan)));
    }
    out.push('\n');
    let width = change.cells.iter().map(|cell| cell.field.len()).max().unwrap_or(0);
    for cell in &change.cells {
        let (before, after) = (short(&cell.before.cell()), short(&cell.after.cell()));
        match change.create {
            true => out.push_str(&format!("      {:<width$} = {after}\n", cell.field)),
            false => {
                let rule = escape(&cell.rule);
                let at = place(&cell.place, plan);
                out.push_str(&format!("      {:<width$}   {before} -> {after}   {rule}   {at}\n", cell.field));
            }
        }
    }
    if let Some(fault) = &change.fault {
        out.push_str(&format!("      {}\n", escape(fault)));
    }
    out
}

fn place(place: &crate::lang::plan::Place, plan: &Plan) -> String {
    plan.files.get(place.file).map(|file| format!("{file}:{}", place.line)).unwrap_or_default()
}

fn short(cell: &crate::data::Cell<'_>) -> String {
    let text = cell.to_string();
    let cut: String = text.chars().take(60).collect();
    let cut = if cut.len() < text.len() { format!("{cut}…") } else { cut };
    escape(&cut).into_owned()
}
