//! The heads of all syncs of a project.

use std::collections::BTreeMap;

use syncline_grammar::tree::{self, File, Item};

use crate::data::{BySide, Side};

/// API names of the record types in the heads, by the syncs' names.
#[derive(Clone, Debug, Default)]
pub struct Heads<'t> {
    syncs: BTreeMap<&'t str, BySide<Vec<&'t str>>>,
}

impl<'t> Heads<'t> {
    pub fn of(trees: impl IntoIterator<Item = &'t File>) -> Heads<'t> {
        let mut heads = Heads::default();
        for item in trees.into_iter().flat_map(|tree| &tree.items) {
            if let Item::Sync(sync) = item {
                heads.syncs.insert(&sync.name.text, types(sync));
            }
        }
        heads
    }

    pub fn sync(&self, name: &str) -> Option<&BySide<Vec<&'t str>>> {
        self.syncs.get(name)
    }

    /// The name and the types of the sync in which a type stands left.
    pub fn with_left(&self, ty: &str) -> Option<(&'t str, &BySide<Vec<&'t str>>)> {
        self.syncs.iter().find(|(_, types)| types.left.contains(&ty)).map(|(name, types)| (*name, types))
    }

    /// The side on which a type stands in some head. Types of the two sides differ at least in their first letter.
    pub fn side_of_type(&self, ty: &str) -> Side {
        let stands = |side: Side| self.syncs.values().any(|types| types[side].contains(&ty));
        match (stands(Side::Left), stands(Side::Right)) {
            (true, false) => Side::Left,
            (false, true) => Side::Right,
            _ if ty.starts_with(|c: char| c.is_ascii_uppercase()) => Side::Right,
            _ => Side::Left,
        }
    }
}

pub fn types(sync: &tree::Sync) -> BySide<Vec<&str>> {
    BySide::new(
        sync.hubspot.iter().map(|name| name.text.as_str()).collect(),
        sync.salesforce.iter().map(|name| name.text.as_str()).collect(),
    )
}

pub fn side_of(side: tree::Side) -> Side {
    match side {
        tree::Side::HubSpot => Side::Left,
        tree::Side::Salesforce => Side::Right,
    }
}
