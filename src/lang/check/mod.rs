//! From syntax trees to checked rules, with all independent faults at once. One file per family of codes.

mod blocks;
mod checked;
mod clauses;
mod cond;
mod count;
mod events;
mod flow;
mod globals;
mod keys;
mod lifecycle;
mod limits;
mod list_of;
mod literal;
mod loss;
mod money;
mod names;
mod operands;
mod order;
mod ordered;
mod owners;
mod picklist;
mod place;
mod rows;
mod rule_tests;
mod sense;
mod suggest;
mod sync;
mod through;
mod traps;
mod types;
mod unbuilt;

use syncline_grammar::tree;

pub use checked::*;

use super::schema::Catalog;
use crate::data::BySide;
use crate::diagnostic::{Code, Finding, SourceFile, has_errors};

/// Findings about something that is not there. After a fault of syntax it may only be unread.
const ABSENCE: &[Code] = &[
    Code::UnknownTable,
    Code::UnknownSync,
    Code::UnknownValues,
    Code::NotAMatchKey,
    Code::NotMapped,
    Code::StateAlone,
    Code::NoWinner,
    Code::RequiredNotMapped,
    Code::OpenCreateList,
    Code::CreatesUnmatched,
    Code::NothingMatched,
    Code::NoOwnKey,
    Code::NoEdition,
    Code::NoStageField,
    Code::WrongCascade,
    Code::Unused,
    Code::UnknownRule,
    Code::UnknownRecord,
    Code::NoPassYet,
    Code::GivenIncomplete,
    Code::ExpectsNothing,
];

/// Checks parsed files against both schemas. `trees` are the trees of `files`; `damaged` says that a file had faults of
/// syntax, so that something may be missing from its tree.
pub fn check(
    files: &[SourceFile],
    trees: &[tree::File],
    damaged: bool,
    catalogs: BySide<&Catalog>,
) -> (Option<Checked>, Vec<Finding>) {
    let mut findings = Vec::new();
    for (file, tree) in trees.iter().enumerate() {
        unbuilt::report(file, tree, &mut findings);
    }
    let globals = globals::Globals::gather(files, trees, catalogs, &mut findings);
    let limits = limits::check(&globals, &mut findings);
    let limits_at = globals.limits.first().map(|(file, tree)| globals.place(*file, tree.span));
    lifecycle::placed(&globals, &mut findings);
    let mut results = Vec::new();
    for (file, tree) in &globals.syncs {
        match sync::check(&globals, *file, tree) {
            Ok(mut result) => {
                findings.append(&mut result.findings);
                results.push(result);
            }
            Err(found) => findings.extend(found),
        }
    }
    lifecycle::one_writer(&globals, &results, &mut findings);
    through::circles(&globals, &mut findings);
    // A table whose name is misspelled somewhere is not unused.
    let named = !findings.iter().any(|finding| finding.code == Code::UnknownTable);
    let whole = named && results.len() == globals.syncs.len();
    let rows: Vec<&rows::RowUse<'_>> = results.iter().flat_map(|result| &result.rows).collect();
    let tables = picklist::check(&globals, &rows, whole, &mut findings);
    let owners = owners::check(&globals, &rows, whole, &mut findings);
    place::check(&globals, &rows, whole, &mut findings);
    drop(rows);
    if !has_errors(&findings) {
        sense::tables(&globals, &results, &tables, &mut findings);
        sense::across(&results, &mut findings);
        lifecycle::fed_across(&results, &mut findings);
    }
    let syncs: Vec<&CheckedSync> = results.iter().map(|result| &result.checked).collect();
    let tests = rule_tests::check(&globals, &syncs, results.len() == globals.syncs.len(), &mut findings);
    if damaged {
        findings.retain(|finding| !ABSENCE.contains(&finding.code));
    }
    if has_errors(&findings) || damaged {
        return (None, findings);
    }
    let syncs = results.into_iter().map(|result| result.checked).collect();
    (Some(Checked { syncs, tables, owners, limits, limits_at, sets: globals.sets(), tests }), findings)
}
