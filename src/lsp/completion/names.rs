//! Names that can stand at a place: fields, types, blocks, rules, records.

use std::collections::BTreeSet;

use syncline_grammar::Span;
use syncline_grammar::tree::{self, Item as Block};

use super::hole::{NAME, Quotes};
use super::{Item, Kind};
use crate::data::{BySide, Side};
use crate::lang::schema::{Catalog, FieldDef, TypeDef};
use crate::lsp::analysis::Analysis;
use crate::lsp::hover::kind_words;
use crate::lsp::names::{Does, Mention, Reach, Role, Scope, Space, types_at};
use crate::lsp::text::{name, quoted};

pub(super) fn fields(catalogs: &BySide<Catalog>, scope: &Scope<'_>, before: &[&str]) -> Vec<Item> {
    let Some(at) = types_at(catalogs, scope, before) else { return Vec::new() };
    if at.only_types {
        return match scope.reach {
            Reach::Both => Side::BOTH.into_iter().flat_map(|side| all_types(&catalogs[side])).collect(),
            _ => all_types(&catalogs[at.side]).collect(),
        };
    }
    let mut items = Vec::new();
    let names: BTreeSet<&str> = at.types.iter().flat_map(|(_, def)| def.fields.keys().map(String::as_str)).collect();
    for field in names {
        let on: Vec<(&str, &FieldDef)> =
            at.types.iter().filter_map(|(ty, def)| Some((*ty, def.fields.get(field)?))).collect();
        if on.len() == at.types.len() {
            items.extend(on.first().map(|(_, def)| self::field(name(field), def)));
        } else if at.may_be_type {
            // A plain name must be on every type, so this one is written with its type.
            items.extend(on.iter().map(|(ty, def)| self::field(format!("{}.{}", name(ty), name(field)), def)));
        }
    }
    if at.may_be_reference {
        let mut seen = BTreeSet::new();
        for (reference, to) in at.types.iter().flat_map(|(_, def)| &def.references) {
            if seen.insert(reference) {
                let detail = format!("fields of its {}", to.to);
                items.push(Item::new(Kind::Reference, name(reference)).detail(detail));
            }
        }
    }
    if at.may_be_type && at.types.len() > 1 {
        items.extend(at.types.iter().map(|(ty, def)| Item::new(Kind::Type, name(ty)).detail(&def.label)));
    }
    if at.may_be_side {
        items.extend(
            ["hubspot", "salesforce"].map(|side| Item::new(Kind::Word, side).detail("the other side's fields")),
        );
    }
    items
}

fn field(label: String, def: &FieldDef) -> Item {
    Item::new(Kind::Field, label).detail(format!("{} · {}", def.label, kind_words(def.kind)))
}

fn typed((ty, def): (&String, &TypeDef)) -> Item {
    Item::new(Kind::Type, name(ty)).detail(&def.label)
}

fn all_types(catalog: &Catalog) -> impl Iterator<Item = Item> {
    catalog.types.iter().map(typed)
}

pub(super) fn types(catalogs: &BySide<Catalog>, scope: &Scope<'_>) -> Vec<Item> {
    match scope.reach {
        Reach::Scope => {
            let known = scope.types[scope.side].iter();
            known.filter_map(|ty| catalogs[scope.side].types.get_key_value(*ty)).map(typed).collect()
        }
        Reach::Side | Reach::Referring => all_types(&catalogs[scope.side]).collect(),
        Reach::Both => Side::BOTH.into_iter().flat_map(|side| all_types(&catalogs[side])).collect(),
    }
}

pub(super) fn lists(catalogs: &BySide<Catalog>) -> Vec<Item> {
    let lists = Side::BOTH.into_iter().flat_map(|side| &catalogs[side].lists);
    lists
        .map(|list| Item::new(Kind::List, &list.name).insert(quoted(&list.name)).detail(format!("list of {}", list.of)))
        .collect()
}

/// Blocks of a space, by their names.
pub(super) fn blocks(trees: &[&tree::File], space: Space) -> Vec<Item> {
    let mut items = Vec::new();
    for block in trees.iter().flat_map(|tree| &tree.items) {
        let (of, declared, docs) = match block {
            Block::Sync(block) => (Space::Sync, &block.name, &block.docs),
            Block::Picklist(block) => (Space::Table, &block.name, &block.docs),
            Block::Owners(block) => (Space::Table, &block.name, &block.docs),
            Block::Stages(block) => (Space::Table, &block.name, &block.docs),
            Block::Place(block) => (Space::Table, &block.name, &block.docs),
            Block::Values(block) => (Space::Values, &block.name, &block.docs),
            _ => continue,
        };
        if of != space || declared.text == NAME {
            continue;
        }
        let about = docs.as_ref().map_or_else(String::new, |docs| docs.lines.join("\n"));
        let names: Vec<String> = match block {
            Block::Place(_) => ["country", "state"].map(|part| format!("{}.{part}", name(&declared.text))).into(),
            Block::Stages(_) => ["pipeline", "stage"].map(|part| format!("{}.{part}", name(&declared.text))).into(),
            _ => vec![name(&declared.text)],
        };
        let detail = block.keyword();
        for label in names {
            let item = Item::new(Kind::Block, label).detail(detail).about(&about);
            if !items.contains(&item) {
                items.push(item);
            }
        }
    }
    items
}

pub(super) fn table_parts(trees: &[&tree::File], table: &str) -> Vec<Item> {
    let parts: &[&str] = match trees.iter().flat_map(|tree| &tree.items).find_map(|block| match block {
        Block::Place(block) if block.name.text == table => Some(&["country", "state"]),
        Block::Stages(block) if block.name.text == table => Some(&["pipeline", "stage"]),
        _ => None,
    }) {
        Some(parts) => parts,
        None => &[],
    };
    parts.iter().map(|part| Item::new(Kind::Block, *part)).collect()
}

pub(super) fn rules(analysis: &Analysis, does: Does) -> Vec<Item> {
    let texts: Vec<&str> = analysis.files.iter().map(|file| file.text.as_str()).collect();
    let rules = crate::lsp::names::rules(&analysis.trees, &texts);
    let mut items: Vec<Item> = Vec::new();
    for rule in rules.into_iter().filter(|rule| rule.does == does) {
        let item =
            Item::new(Kind::Rule, &rule.name).insert(quoted(&rule.name)).detail(format!("rule of {}", rule.sync));
        if !items.contains(&item) {
            items.push(item);
        }
    }
    items
}

/// Records of a test: by their names, and by the types of those without one.
pub(super) fn records(all: &[Mention<'_>], test: Span) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut push = |label: &str, detail: &str| {
        if label != NAME && items.iter().all(|item| item.label != label) {
            items.push(Item::new(Kind::Record, label).detail(detail));
        }
    };
    for mention in all {
        match &mention.role {
            Role::Record(held) if held.test == test => {
                push(mention.text, held.ty);
            }
            Role::RecordRef { test: of, held: Some(held) } if *of == test => push(held.ty, "the record of this type"),
            _ => {}
        }
    }
    items
}

/// A record stands for its id where a value stands.
pub(super) fn records_as_values(value: &Mention<'_>, all: &[Mention<'_>], quotes: Quotes) -> Vec<Item> {
    if quotes == Quotes::Double {
        return Vec::new();
    }
    // The test whose name is the last before the value.
    let tests = all.iter().filter(|mention| matches!(mention.role, Role::Block(Space::Test) | Role::Block(_)));
    let around = tests.filter(|mention| mention.span.start < value.span.start).max_by_key(|mention| mention.span.start);
    match around {
        Some(Mention { role: Role::Block(Space::Test), span, .. }) => {
            records(all, *span).into_iter().filter(|item| item.detail != "the record of this type").collect()
        }
        _ => Vec::new(),
    }
}
