//! A path in the schemas of both sides.

use super::{Reach, Scope};
use crate::data::{BySide, Side};
use crate::lang::schema::{Catalog, FieldDef, Reference, TypeDef};

/// A field of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Found<'c> {
    pub side: Side,
    /// API name of its type.
    pub ty: &'c str,
    /// Its own API name.
    pub name: &'c str,
    pub def: &'c FieldDef,
}

/// What one part of a path is.
#[derive(Clone, Debug)]
pub enum Part<'c> {
    /// `hubspot.` or `salesforce.`
    Side(Side),
    Type {
        side: Side,
        name: &'c str,
        def: &'c TypeDef,
    },
    Reference {
        side: Side,
        reference: &'c Reference,
    },
    /// On one type of those that are meant, or on several.
    Fields(Vec<Found<'c>>),
    Unknown,
}

/// The types whose fields the next part of a path may be, and what else it may be.
#[derive(Clone, Debug)]
pub struct Types<'c> {
    pub side: Side,
    pub types: Vec<(&'c str, &'c TypeDef)>,
    /// A type of the scope may stand here.
    pub may_be_type: bool,
    /// Names of references may stand here.
    pub may_be_reference: bool,
    /// `hubspot` and `salesforce` may stand here.
    pub may_be_side: bool,
    /// The path must start with a type, and this is its start.
    pub only_types: bool,
}

/// What may stand after the first parts of a path.
pub fn types_at<'c>(catalogs: &'c BySide<Catalog>, scope: &Scope<'_>, before: &[&str]) -> Option<Types<'c>> {
    let known = |side: Side, names: &[&str]| -> Vec<(&'c str, &'c TypeDef)> {
        let found = names.iter().filter_map(|name| catalogs[side].types.get_key_value(*name));
        found.map(|(name, def)| (name.as_str(), def)).collect()
    };
    let all = |side: Side| -> Vec<(&'c str, &'c TypeDef)> {
        catalogs[side].types.iter().map(|(name, def)| (name.as_str(), def)).collect()
    };
    let mut at = match scope.reach {
        Reach::Scope => Types {
            side: scope.side,
            types: known(scope.side, &scope.types[scope.side]),
            may_be_type: true,
            may_be_reference: true,
            may_be_side: scope.prefix,
            only_types: false,
        },
        Reach::Side | Reach::Referring | Reach::Both => {
            let first = before.first();
            let side = match first.filter(|_| scope.reach == Reach::Both) {
                Some(first) => Side::BOTH.into_iter().find(|side| catalogs[*side].types.contains_key(*first))?,
                None => scope.side,
            };
            Types {
                side,
                types: all(side),
                may_be_type: true,
                may_be_reference: scope.reach == Reach::Referring,
                may_be_side: false,
                only_types: true,
            }
        }
    };
    let mut rest = before;
    if let Some((first, more)) = rest.split_first().filter(|_| at.may_be_side)
        && let Some(side) = side_word(first)
    {
        at = Types { side, types: known(side, &scope.types[side]), may_be_side: false, ..at };
        rest = more;
    }
    if let Some((first, more)) = rest.split_first()
        && let Some(named) = at.types.iter().find(|(name, _)| name == first).copied()
    {
        at = Types { types: vec![named], may_be_type: false, may_be_side: false, only_types: false, ..at };
        rest = more;
    }
    if let Some((first, more)) = rest.split_first() {
        let reference =
            at.types.iter().find_map(|(_, def)| def.references.get(*first)).filter(|_| at.may_be_reference)?;
        let types = known(at.side, &[reference.to.as_str()]);
        at = Types {
            types,
            may_be_type: false,
            may_be_reference: false,
            may_be_side: false,
            only_types: false,
            side: at.side,
        };
        rest = more;
    }
    rest.is_empty().then_some(at)
}

/// What the part of a path is, by the parts before it and whether more come after it.
pub fn part<'c>(catalogs: &'c BySide<Catalog>, scope: &Scope<'_>, parts: &[&str], at: usize) -> Part<'c> {
    let (Some(before), Some(word)) = (parts.get(..at), parts.get(at)) else { return Part::Unknown };
    let Some(types) = types_at(catalogs, scope, before) else { return Part::Unknown };
    if at + 1 < parts.len() {
        if let Some(side) = side_word(word).filter(|_| types.may_be_side) {
            return Part::Side(side);
        }
        if let Some((side, (name, def))) = typed(catalogs, scope, &types, word) {
            return Part::Type { side, name, def };
        }
        let side = types.side;
        let reference = types.types.iter().find_map(|(_, def)| def.references.get(*word));
        return match reference.filter(|_| types.may_be_reference) {
            Some(reference) => Part::Reference { side, reference },
            None => Part::Unknown,
        };
    }
    if types.only_types {
        return match typed(catalogs, scope, &types, word) {
            Some((side, (name, def))) => Part::Type { side, name, def },
            None => Part::Unknown,
        };
    }
    let side = types.side;
    let fields = types.types.iter().filter_map(|(ty, def)| {
        let (name, def) = def.fields.get_key_value(*word)?;
        Some(Found { side, ty, name, def })
    });
    let fields: Vec<Found<'c>> = fields.collect();
    if fields.is_empty() { Part::Unknown } else { Part::Fields(fields) }
}

type Named<'c> = (&'c str, &'c TypeDef);

fn typed<'c>(
    catalogs: &'c BySide<Catalog>,
    scope: &Scope<'_>,
    types: &Types<'c>,
    word: &str,
) -> Option<(Side, Named<'c>)> {
    if !types.may_be_type {
        return None;
    }
    if scope.reach == Reach::Both {
        return Side::BOTH.into_iter().find_map(|side| {
            let (name, def) = catalogs[side].types.get_key_value(word)?;
            Some((side, (name.as_str(), def)))
        });
    }
    types.types.iter().find(|(name, _)| *name == word).map(|named| (types.side, *named))
}

fn side_word(word: &str) -> Option<Side> {
    match word {
        "hubspot" => Some(Side::Left),
        "salesforce" => Some(Side::Right),
        _ => None,
    }
}
