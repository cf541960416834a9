//! Where a `lifecycle` may stand, and that nothing else writes its field.

use std::collections::BTreeMap;

use syncline_grammar::Span;
use syncline_grammar::tree::{self};

use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::check::globals::{Globals, InFile};
use crate::lang::check::suggest::as_word;
use crate::lang::check::sync::SyncResult;

/// Every `lifecycle` has its place: a record type that stands left in one sync, for which it is the only one.
pub(in crate::lang::check) fn placed(globals: &Globals<'_>, findings: &mut Vec<Finding>) {
    let mut known: BTreeMap<&str, (usize, Span)> = BTreeMap::new();
    for (file, block) in &globals.lifecycles {
        if block.lines.is_empty() {
            let message = "nothing stands in this `lifecycle`";
            findings.push(Finding::new(Code::Unused, *file, block.field.span, message));
        }
        let [ty, _] = block.field.parts.as_slice() else {
            let message = format!("`{}` is no field of a record type", block.field.text());
            let finding = Finding::new(Code::NoStageField, *file, block.field.span, message);
            findings.push(finding.help("write the record type and the field: `contact.lifecyclestage`"));
            continue;
        };
        let types = &globals.catalogs.left.types;
        if !types.contains_key(&ty.text) {
            let message = format!("HubSpot has no record type `{}`", ty.text);
            let names = types.iter().map(|(name, def)| (name.as_str(), def.label.as_str()));
            let finding = Finding::new(Code::UnknownType, *file, ty.span, message);
            findings.push(match globals.likeness.suggest(&ty.text, names) {
                Some(found) => found.into(finding, as_word),
                None => finding.help("if it is new, pull the schema again"),
            });
            continue;
        }
        match known.get(ty.text.as_str()) {
            Some((first_file, first)) => {
                let message = format!("`{}` has a `lifecycle` already", ty.text);
                let finding = Finding::new(Code::BlockTwice, *file, block.field.span, message);
                findings.push(finding.also(*first_file, *first, "the first one"));
                continue;
            }
            None => known.insert(&ty.text, (*file, block.field.span)),
        };
        let syncs: Vec<&InFile<'_, tree::Sync>> =
            globals.syncs.iter().filter(|(_, sync)| is_left(sync, &ty.text)).collect();
        match syncs.as_slice() {
            [_] => {}
            [] => {
                let message = format!("`{}` stands left in no `sync`", ty.text);
                findings.push(Finding::new(Code::NoStageField, *file, ty.span, message));
            }
            [_, (again_in, again), ..] => {
                let message = format!("`{}` stands left in several syncs: which one decides is not said", ty.text);
                let finding = Finding::new(Code::NoStageField, *file, ty.span, message);
                findings.push(finding.also(*again_in, again.name.span, "the second one"));
            }
        }
    }
}

/// No row of any sync writes what a `lifecycle` moves.
pub(in crate::lang::check) fn one_writer(
    globals: &Globals<'_>,
    results: &[SyncResult<'_>],
    findings: &mut Vec<Finding>,
) {
    let moved: Vec<(&str, &str, &InFile<'_, tree::Lifecycle>)> = results
        .iter()
        .filter_map(|result| Some((result.checked.types.left.as_slice(), result.checked.lifecycle.as_ref()?)))
        .flat_map(|(types, life)| {
            let own = types.get(life.ty).map(String::as_str);
            let cascade = life.cascade.as_ref().filter(|cascade| cascade.to_company.is_some());
            let block = globals.lifecycles.iter().find(|(_, block)| own == block.field.parts.first().map(|p| &*p.text));
            let types = [own, cascade.map(|cascade| cascade.company.as_str())];
            types.into_iter().flatten().filter_map(move |ty| Some((ty, life.field.as_str(), block?)))
        })
        .collect();
    for result in results {
        let types = result.checked.types.left.iter().enumerate();
        for (ty, name) in types {
            for row in &result.rows {
                let Some(target) = row.target(Side::Left, ty) else { continue };
                let Some((.., (file, block))) = moved.iter().find(|(of, field, _)| of == name && *field == target.name)
                else {
                    continue;
                };
                let message = format!("`{}` of {name} is moved by a `lifecycle`", target.name);
                let finding = Finding::new(Code::StageMapped, result.file, row.tree.span, message);
                let help = "leave the row out, or let it only read the stage: `->`";
                let row_span = row.tree.span;
                findings.retain(|known| {
                    known.code != Code::StageBackward || known.labels.iter().all(|l| l.span != row_span)
                });
                findings.push(finding.also(*file, block.field.span, "by this one").help(help));
            }
        }
    }
}

fn is_left(sync: &tree::Sync, ty: &str) -> bool {
    sync.hubspot.iter().any(|name| name.text == ty)
}
