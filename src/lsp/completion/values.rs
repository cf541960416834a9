//! Values that can stand at a place: options with their labels, `true` and `false`, `values` blocks.

use syncline_grammar::tree::{self, ClauseKind, Item as Block, MapLine, OperandKind, Path, SyncLine};

use super::hole::Quotes;
use super::{Item, Kind, names};
use crate::data::{BySide, FieldKind, Side};
use crate::lang::schema::{Catalog, FieldDef};
use crate::lsp::names::{Heads, Part, Reach, Scope, Space, Values, part};
use crate::lsp::text::{is_word, quoted};

pub(super) fn values(
    catalogs: Option<&BySide<Catalog>>,
    trees: &[&tree::File],
    of: &Values<'_>,
    in_set: bool,
    quotes: Quotes,
) -> Vec<Item> {
    let defs = catalogs.map_or_else(Vec::new, |catalogs| fields_of(catalogs, trees, of));
    let mut items: Vec<Item> = Vec::new();
    for option in defs.iter().flat_map(|def| &def.options).filter(|option| !option.hidden) {
        let bare = is_word(&option.value) && quotes == Quotes::None;
        let insert = if bare { option.value.clone() } else { quoted(&option.value) };
        let item = Item::new(Kind::Option, &option.value).insert(insert).detail(&option.label);
        if !items.contains(&item) {
            items.push(item);
        }
    }
    if quotes == Quotes::None {
        if defs.iter().any(|def| def.kind == FieldKind::Bool) {
            items.extend(["true", "false"].map(|word| Item::new(Kind::Option, word)));
        }
        if in_set {
            items.extend(names::blocks(trees, Space::Values));
        }
    }
    items
}

/// The fields whose values are meant.
pub fn fields_of<'c>(catalogs: &'c BySide<Catalog>, trees: &[&tree::File], of: &Values<'_>) -> Vec<&'c FieldDef> {
    match of {
        Values::Field { scope, parts } => named(catalogs, scope, parts),
        Values::Order(block) => {
            let scope = Scope { reach: Reach::Both, ..Scope::of_side(Side::Left) };
            block.fields.iter().flat_map(|path| named(catalogs, &scope, &texts(path))).collect()
        }
        Values::Picklist { picklist, side } => {
            let pair =
                picklist.pair.as_ref().map(|pair| if *side == Side::Left { &pair.hubspot } else { &pair.salesforce });
            let own = pair.map_or_else(Vec::new, |path| named(catalogs, &Scope::of_side(*side), &texts(path)));
            own.into_iter().chain(of_rows(catalogs, trees, &picklist.name.text, *side)).collect()
        }
        Values::Nothing => Vec::new(),
    }
}

/// The fields of the rows that go via a table.
fn of_rows<'c>(catalogs: &'c BySide<Catalog>, trees: &[&tree::File], table: &str, side: Side) -> Vec<&'c FieldDef> {
    let heads = Heads::of(trees.iter().copied());
    let mut found = Vec::new();
    for block in trees.iter().flat_map(|tree| &tree.items) {
        let Block::Sync(sync) = block else { continue };
        let Some(types) = heads.sync(&sync.name.text) else { continue };
        let scope = Scope { side, types: types.clone(), prefix: false, reach: Reach::Scope };
        let maps = sync.lines.iter().filter_map(|line| match line {
            SyncLine::Map(map) => Some(&map.lines),
            _ => None,
        });
        let rows = maps.flatten().flat_map(|line| match line {
            MapLine::Row(row) => std::slice::from_ref(row),
            MapLine::Together(group) => &group.rows,
        });
        let uses = |row: &&tree::Row| {
            row.clauses.iter().any(|clause| matches!(&clause.kind, ClauseKind::Via(path) if path.text() == table))
        };
        for row in rows.filter(uses) {
            let end = if side == Side::Left { &row.left } else { &row.right };
            for operand in &end.list {
                if let OperandKind::Field(path) = &operand.kind {
                    found.extend(named(catalogs, &scope, &texts(path)));
                }
            }
        }
    }
    found
}

fn named<'c>(catalogs: &'c BySide<Catalog>, scope: &Scope<'_>, parts: &[&str]) -> Vec<&'c FieldDef> {
    match part(catalogs, scope, parts, parts.len().saturating_sub(1)) {
        Part::Fields(fields) => fields.into_iter().map(|field| field.def).collect(),
        _ => Vec::new(),
    }
}

fn texts(path: &Path) -> Vec<&str> {
    path.parts.iter().map(|part| part.text.as_str()).collect()
}
