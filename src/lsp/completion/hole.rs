//! A name put into the text where the cursor is, to see what it would mean.

use syncline_grammar::{Span, parse, tree};

use super::{Item, names, values};
use crate::lsp::analysis::Analysis;
use crate::lsp::names::{Heads, Mention, Role, Space, mentions};

/// A word that nobody uses.
pub(super) const NAME: &str = "zq_hole_zq";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    None,
    Double,
}

/// What makes a line whole that ends at the cursor, the most likely first.
const ENDINGS: [&str; 15] = [
    "",
    " is known",
    " <-> zq",
    " = zq",
    ": 1",
    " \"zq\" when zq is known",
    " always",
    " to 1",
    " by \"zq\"",
    " to zq",
    " into zq",
    " { }",
    " <-> salesforce zq { }",
    " <-> zq { }",
    " leaves list \"zq\"",
];

/// What could stand in the place of `replace`, and what it would replace.
pub(super) fn fill(
    analysis: &Analysis,
    file: usize,
    replace: Span,
    cursor: usize,
    quotes: Quotes,
) -> Option<(Span, Vec<Item>)> {
    let text = analysis.text(file);
    let (start, end) = around(analysis.tree(file)?, replace, text.len());
    let (before, after) = (text.get(start..replace.start as usize)?, text.get(replace.end as usize..end)?);
    // Within the braces of a text a field is meant.
    let inside = (quotes == Quotes::Double).then(|| text.get(replace.start as usize..cursor)).flatten();
    let field = inside
        .and_then(|written| Some((written.rfind('{')?, written)))
        .filter(|(at, written)| written.get(*at..).is_some_and(|rest| !rest.contains('}')));
    let hole = match (quotes, field) {
        (Quotes::None, _) => NAME.to_owned(),
        (Quotes::Double, None) => format!("\"{NAME}\""),
        (Quotes::Double, Some((at, written))) => format!("{}{NAME}}}\"", head_of_path(written, at)),
    };
    for ending in ENDINGS {
        let filled = format!("{before}{hole}{ending}{after}");
        let parsed = parse(&filled);
        // The block as it is now counts after the one that it was.
        let trees: Vec<&tree::File> = analysis.trees.iter().chain([&parsed.file]).collect();
        let heads = Heads::of(trees.iter().copied());
        let found = mentions(&parsed.file, &filled, &heads);
        let Some(mention) = found.iter().find(|mention| mention.text.contains(NAME)) else { continue };
        let replace = match field {
            Some((at, written)) => {
                let start = replace.start as usize + head_of_path(written, at).len();
                Span::new(start, cursor)
            }
            None => replace,
        };
        return Some((replace, items(analysis, mention, &found, &trees, quotes)));
    }
    None
}

/// The stretch of a file between the blocks before and after a place: nothing else says what a name would be there.
fn around(tree: &tree::File, place: Span, length: usize) -> (usize, usize) {
    let spans = || tree.items.iter().map(tree::Item::span);
    let start = spans().map(|span| span.end).filter(|end| *end <= place.start).max();
    let end = spans().map(|span| span.start).filter(|start| *start >= place.end).min();
    (start.map_or(0, |start| start as usize), end.map_or(length, |end| end as usize))
}

/// The text up to the word that is being written in its last brace: `"Met {company.` of `"Met {company.na`.
fn head_of_path(written: &str, brace: usize) -> &str {
    let rest = written.get(brace + 1..).unwrap_or("");
    let end = brace + 1 + rest.rfind('.').map_or(0, |dot| dot + 1);
    written.get(..end).unwrap_or(written)
}

fn items(
    analysis: &Analysis,
    mention: &Mention<'_>,
    all: &[Mention<'_>],
    trees: &[&tree::File],
    quotes: Quotes,
) -> Vec<Item> {
    let catalogs = analysis.catalogs.as_deref();
    match &mention.role {
        Role::Block(_) | Role::Rule { .. } | Role::Record(_) => Vec::new(),
        Role::BlockRef(space) => {
            // A sync goes through others: the one that is being written is the last.
            let own = names::blocks(trees.last().map(std::slice::from_ref).unwrap_or_default(), Space::Sync);
            let others = names::blocks(trees, *space).into_iter();
            others.filter(|item| own.iter().all(|own| own.label != item.label)).collect()
        }
        Role::TablePart { table } => names::table_parts(trees, table),
        Role::Type(scope) => catalogs.map_or_else(Vec::new, |catalogs| names::types(catalogs, scope)),
        Role::Field { scope, parts, part } => {
            let before = parts.get(..*part).unwrap_or(&[]);
            catalogs.map_or_else(Vec::new, |catalogs| names::fields(catalogs, scope, before))
        }
        Role::Value { of, in_set, .. } => {
            let mut items = values::values(catalogs, trees, of, *in_set, quotes);
            items.extend(names::records_as_values(mention, all, quotes));
            items
        }
        Role::List => catalogs.map_or_else(Vec::new, names::lists),
        Role::RuleRef(does) => names::rules(analysis, *does),
        Role::RecordRef { test, .. } => names::records(all, *test),
    }
}
