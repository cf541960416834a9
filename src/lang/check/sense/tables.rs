//! Rows through a picklist: values that their target does not take, that do not come back, or that turn an order around.

use std::collections::BTreeSet;

use crate::data::{Cell, Side, Uid};
use crate::diagnostic::{Code, Finding};
use crate::lang::check::globals::Globals;
use crate::lang::check::rows::RowUse;
use crate::lang::check::sync::{SyncResult, crm};
use crate::lang::plan::{
    Around, Convert, Converted, Flow, Handler, Mapping, Onto, Outcome, Table, Winner, convert, target,
};

/// What can be said of the rows of all syncs and the tables that they go through.
pub(in crate::lang::check) fn tables(
    globals: &Globals<'_>,
    results: &[SyncResult<'_>],
    tables: &[Table],
    findings: &mut Vec<Finding>,
) {
    let mut drifting: BTreeSet<usize> = BTreeSet::new();
    for result in results {
        for (row, line) in result.rows.iter().zip(&result.checked.lines) {
            let Some((at, table)) = row.clauses.via.and_then(|at| Some((at, tables.get(at)?))) else { continue };
            for side in Side::BOTH.into_iter().filter(|side| row.writes(*side)) {
                unfit(result, row, table, side, findings);
            }
            let exchanges = row.flow == Flow::Both && row.clauses.onto == Onto::Replace && !line.policy.by_value();
            if exchanges && drifting.insert(at) {
                drifts(globals, result, row, at, table, findings);
            }
            if line.policy.winner == Winner::ForwardOnly {
                let rank = |side: Side, value: &str| {
                    line.ranks[side].iter().find(|(option, _)| **option == *value).map(|(_, rank)| *rank)
                };
                turned(result, row, table, rank, findings);
            }
        }
    }
}

/// A value that the table gives and the target refuses.
fn unfit(result: &SyncResult<'_>, row: &RowUse<'_>, table: &Table, side: Side, findings: &mut Vec<Finding>) {
    if row.clauses.handlers.iter().any(|(_, handler)| matches!(handler, Handler::Skip | Handler::Reject)) {
        return;
    }
    let handlers: Vec<Handler> = row.clauses.handlers.iter().map(|(_, handler)| handler.clone()).collect();
    let plain = Convert { handlers, ..Convert::default() };
    let around = Around { at_creation: true, ..Around::default() };
    for ty in 0..result.sense.types[side].len() {
        let Some(field) = row.target(side, ty) else { continue };
        let target = target(Uid::NONE, field.name, field.def);
        let values = given(&table.to[side]);
        let misfit = values.into_iter().find(|value| {
            let cell = value.map_or(Cell::Null, Cell::Text);
            !matches!(convert(cell, &plain, &around, side, &target), Converted::Value(_) | Converted::Blank)
        });
        let Some(misfit) = misfit else { continue };
        let shown = misfit.map_or("a blank".to_owned(), |value| format!("`{value}`"));
        let of = result.sense.types[side].get(ty).map_or("", |member| member.name);
        let message = format!("the picklist gives {shown}, which `{}` of {} {of} does not take", field.name, crm(side));
        let finding = Finding::new(Code::TableUnfit, result.file, row.tree.span, message);
        findings.push(finding.help("correct the row of the picklist; or say `or skip` or `or reject`"));
        return;
    }
}

/// Every value that a table can give; none is a blank.
fn given(mapping: &Mapping) -> Vec<Option<&str>> {
    let others = [&mapping.blank, &mapping.otherwise, &mapping.otherwise_at_creation].into_iter().flatten();
    let rows = mapping.rows.values().map(|(outcome, _)| outcome);
    let given = rows.chain(others).filter_map(|outcome| match outcome {
        Outcome::Value(value) => Some(Some(&**value)),
        Outcome::Blank => Some(None),
        Outcome::Same | Outcome::Skip | Outcome::Reject | Outcome::Restore => None,
    });
    given.collect()
}

/// A value that goes over, comes back as another one, and goes over as a third.
fn drifts(
    globals: &Globals<'_>,
    result: &SyncResult<'_>,
    row: &RowUse<'_>,
    at: usize,
    table: &Table,
    findings: &mut Vec<Finding>,
) {
    let Some((file, tree)) = globals.picklists.get(at) else { return };
    for to in [Side::Right, Side::Left] {
        let there = &table.to[to];
        let back = &table.to[to.other()];
        let found = starts(row, there, to).into_iter().find_map(|start| {
            let over = become_of(there, start)?;
            let home = become_of(back, over)?;
            let again = become_of(there, home)?;
            (again != over).then_some([start, over, home, again])
        });
        let Some([start, over, home, again]) = found else { continue };
        let message = format!("`{start}` becomes `{over}`, which comes back as `{home}`, and that becomes `{again}`");
        let finding = Finding::new(Code::DoesNotComeBack, *file, tree.name.span, message).also(
            result.file,
            row.tree.span,
            "this row goes both ways",
        );
        findings.push(
            finding.help(format!("let what `{over}` comes back as become `{over}` again: give both one row, `<->`")),
        );
        return;
    }
}

/// Values that may go over: those with a row, and the options of the source.
fn starts<'r>(row: &'r RowUse<'_>, mapping: &'r Mapping, to: Side) -> BTreeSet<&'r str> {
    let fields = row.ends[to.other()].fields();
    let options = fields.iter().flat_map(|field| field.def.options.iter()).map(|option| option.value.as_str());
    mapping.rows.keys().map(|key| &**key).chain(options).collect()
}

fn become_of<'m>(mapping: &'m Mapping, value: &'m str) -> Option<&'m str> {
    let row = mapping.rows.get(value).map(|(outcome, _)| outcome);
    match row.or(mapping.otherwise.as_ref())? {
        Outcome::Value(value) => Some(value),
        Outcome::Same => Some(value),
        Outcome::Blank | Outcome::Skip | Outcome::Reject | Outcome::Restore => None,
    }
}

/// For `forward only`: of two values the higher one becomes the lower one.
fn turned(
    result: &SyncResult<'_>,
    row: &RowUse<'_>,
    table: &Table,
    rank: impl Fn(Side, &str) -> Option<u32>,
    findings: &mut Vec<Finding>,
) {
    for to in [Side::Right, Side::Left] {
        let mapping = &table.to[to];
        let mut ranked: Vec<(u32, u32, &str, &str)> = starts(row, mapping, to)
            .into_iter()
            .filter_map(|value| {
                let made = become_of(mapping, value)?;
                Some((rank(to.other(), value)?, rank(to, made)?, value, made))
            })
            .collect();
        ranked.sort_unstable();
        let pair = ranked.windows(2).find(|pair| matches!(pair, [low, high] if low.0 < high.0 && low.1 > high.1));
        let Some([low, high]) = pair else { continue };
        let message = format!(
            "`{}` is higher than `{}`, and `{}`, which it becomes, is lower than `{}`",
            high.2, low.2, high.3, low.3
        );
        let finding = Finding::new(Code::OrderTurned, result.file, row.tree.span, message);
        findings.push(
            finding.help(
                "what moves forward on one side moves backward on the other: correct the picklist or the `order`",
            ),
        );
        return;
    }
}
