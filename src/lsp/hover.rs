//! What the thing under the pointer is.

use std::fmt::Write as _;

use syncline_grammar::tree::{self, Item};
use syncline_grammar::{Span, TokenKind, tokens};

use super::analysis::Analysis;
use super::completion::fields_of;
use super::names::{Found, Mention, Part, Role, Space, Values, mention_at, part};
use super::references::{Symbol, definition, symbol_of};
use super::words;
use crate::data::{FieldKind, Side};
use crate::lang::schema::{FieldDef, Initial, TypeDef};

/// Text in Markdown about a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    pub span: Span,
    pub text: String,
}

/// Options that are listed; the rest is counted.
const OPTIONS: usize = 20;

pub fn hover(analysis: &Analysis, file: usize, offset: u32) -> Option<Hover> {
    let mentions = analysis.mentions(file);
    if let Some(mention) = mention_at(&mentions, offset)
        && let Some(text) = about(analysis, file, mention)
    {
        return Some(Hover { span: mention.span, text });
    }
    word(analysis.text(file), offset)
}

/// A word of the language.
fn word(text: &str, offset: u32) -> Option<Hover> {
    let tokens = tokens(text);
    let at = tokens.iter().position(|token| token.span.start <= offset && offset < token.span.end)?;
    if tokens.get(at)?.kind != TokenKind::Word {
        return None;
    }
    let first = at.saturating_sub(4);
    let near = tokens.get(first..tokens.len().min(at + 5))?;
    let words: Vec<&str> = near.iter().map(|token| token.span.slice(text)).collect();
    let (run, about) = words::around(&words, at - first)?;
    let (from, to) = (near.get(run.start)?, near.get(run.end - 1)?);
    Some(Hover { span: from.span.to(to.span), text: format!("**{}**: {about}", words.get(run)?.join(" ")) })
}

fn about(analysis: &Analysis, file: usize, mention: &Mention<'_>) -> Option<String> {
    let catalogs = analysis.catalogs.as_deref();
    match &mention.role {
        Role::Type(scope) => {
            let found = Side::BOTH.into_iter().find_map(|side| {
                let right = super::names::Reach::Both == scope.reach || side == scope.side;
                let def = catalogs?[side].types.get(mention.text).filter(|_| right)?;
                Some((side, def))
            });
            found.map(|(side, def)| typed(side, mention.text, def))
        }
        Role::Field { scope, parts, part: at } => match part(catalogs?, scope, parts, *at) {
            Part::Fields(found) => Some(fields(&found)),
            Part::Type { side, name, def } => Some(typed(side, name, def)),
            Part::Reference { side, reference } => {
                let (side, to) = (crm(side), &reference.to);
                Some(format!("**{}**: the {side} `{to}` whose id is in `{}`", mention.text, reference.field))
            }
            Part::Side(side) => Some(format!("Names of {}.", crm(side))),
            Part::Unknown => None,
        },
        Role::Value { of, kind, in_set } => {
            let word = matches!(kind, tree::ValueKind::Word(_));
            let trees: Vec<&tree::File> = analysis.trees.iter().collect();
            let defs = catalogs.map_or_else(Vec::new, |catalogs| fields_of(catalogs, &trees, of));
            let option = defs.iter().flat_map(|def| &def.options).find(|option| option.value == mention.text);
            match option {
                Some(option) => Some(format!("**{}**: {}", option.value, option.label)),
                None if word && *in_set => block(analysis, Space::Values, mention.text),
                None => matches!(of, Values::Field { .. }).then(|| defs.first().map(|def| limits(def))).flatten(),
            }
        }
        Role::Block(space) | Role::BlockRef(space) => block(analysis, *space, mention.text),
        Role::TablePart { table } => block(analysis, Space::Table, table),
        Role::List => {
            let list = |side: Side| catalogs?[side].lists.iter().find(|list| list.name == mention.text);
            let list = Side::BOTH.into_iter().find_map(list)?;
            Some(format!("The list **{}** of `{}` records", list.name, list.of))
        }
        Role::Rule { .. } => None,
        Role::RuleRef(_) | Role::RecordRef { .. } => {
            let symbol = symbol_of(analysis, file, mention)?;
            let spot = definition(analysis, &symbol)?;
            let line = line_of(analysis.text(spot.file), spot.span);
            let place = analysis.files.get(spot.file)?;
            let (number, _) = place.line_column(spot.span.start);
            let what = if matches!(symbol, Symbol::Record { .. }) { "given" } else { "rule" };
            Some(format!("{what} at {}:{number}\n\n```sync\n{line}\n```", place.name))
        }
        Role::Record(held) => Some(format!("a {} `{}` of this test", crm(held.side), held.ty)),
    }
}

fn line_of(text: &str, span: Span) -> &str {
    let start = text.get(..span.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or("").trim()
}

fn block(analysis: &Analysis, space: Space, name: &str) -> Option<String> {
    let mut items = analysis.trees.iter().flat_map(|tree| &tree.items);
    let (keyword, docs, more) = items.find_map(|item| {
        let (of, declared, docs, more) = match item {
            Item::Sync(block) => {
                let names =
                    |names: &[tree::Name]| names.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join(" or ");
                let more = format!("HubSpot {}, Salesforce {}", names(&block.hubspot), names(&block.salesforce));
                (Space::Sync, &block.name.text, &block.docs, more)
            }
            Item::Picklist(block) => (Space::Table, &block.name.text, &block.docs, count(block.rows.len(), "row")),
            Item::Owners(block) => (Space::Table, &block.name.text, &block.docs, String::new()),
            Item::Stages(block) => {
                (Space::Table, &block.name.text, &block.docs, count(block.pipelines.len(), "pipeline"))
            }
            Item::Place(block) => (Space::Table, &block.name.text, &block.docs, String::new()),
            Item::Values(block) => (Space::Values, &block.name.text, &block.docs, count(block.values.len(), "value")),
            Item::Test(block) => (Space::Test, &block.name.text, &block.docs, String::new()),
            _ => return None,
        };
        (of == space && declared == name).then(|| (item.keyword(), docs, more))
    })?;
    let mut text = format!("{keyword} **{name}**");
    if !more.is_empty() {
        let _ = write!(text, ": {more}");
    }
    if let Some(docs) = docs {
        let _ = write!(text, "\n\n{}", docs.lines.join("\n"));
    }
    Some(text)
}

fn count(number: usize, of: &str) -> String {
    format!("{number} {of}{}", if number == 1 { "" } else { "s" })
}

fn typed(side: Side, name: &str, def: &TypeDef) -> String {
    format!("**{name}** · {} · {}\n\na record type with {}", def.label, crm(side), count(def.fields.len(), "field"))
}

/// One field on one type, or on several types, each described unless they are alike.
fn fields(found: &[Found<'_>]) -> String {
    let mut out = String::new();
    let mut told: Vec<String> = Vec::new();
    for field in found {
        let about = format!("{}\n\n{}", field.def.label, limits(field.def));
        if told.contains(&about) {
            continue;
        }
        let alike = found.iter().filter(|other| format!("{}\n\n{}", other.def.label, limits(other.def)) == about);
        let types: Vec<String> = alike.map(|other| format!("`{}`", other.ty)).collect();
        let break_ = if out.is_empty() { "" } else { "\n\n---\n\n" };
        let (label, limits) = (&field.def.label, limits(field.def));
        let _ =
            write!(out, "{break_}**{}** · {label} · {} {}\n\n{limits}", field.name, crm(field.side), types.join(", "));
        told.push(about);
    }
    out
}

/// Type, limits and options of a field.
fn limits(def: &FieldDef) -> String {
    let mut parts = vec![kind_words(def.kind).to_owned()];
    parts.extend(def.max.map(|max| format!("at most {max} characters")));
    parts.extend(
        def.scale
            .filter(|_| def.kind == FieldKind::Number)
            .map(|digits| count(digits as usize, "digit") + " after the point"),
    );
    if def.required {
        parts.push("never blank".to_owned());
    }
    match (def.createable, def.updateable) {
        (false, false) => parts.push("cannot be written".to_owned()),
        (true, false) => parts.push("written only when the record is created".to_owned()),
        (false, true) => parts.push("not written when the record is created".to_owned()),
        (true, true) => {}
    }
    if def.external_key {
        parts.push("can hold the other side's key".to_owned());
    }
    if let Initial::Value(value) = &def.initial {
        parts.push(format!("`{value}` when nothing is given"));
    }
    let mut text = parts.join(", ");
    let shown: Vec<_> = def.options.iter().filter(|option| !option.hidden).collect();
    if !shown.is_empty() {
        let order = if def.ordered { ", in their order" } else { "" };
        let _ = write!(text, "\n\n{}{order}:\n", count(shown.len(), "option"));
        for option in shown.iter().take(OPTIONS) {
            let _ = match option.label == option.value {
                true => write!(text, "\n- `{}`", option.value),
                false => write!(text, "\n- `{}` {}", option.value, option.label),
            };
        }
        if let Some(more) = shown.len().checked_sub(OPTIONS).filter(|more| *more > 0) {
            let _ = write!(text, "\n- and {more} more");
        }
    }
    text
}

pub fn kind_words(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Email => "e-mail address",
        FieldKind::Bool => "checkbox",
        FieldKind::Number => "number",
        FieldKind::Day => "date",
        FieldKind::Time => "date with time",
        FieldKind::Option => "picklist",
        FieldKind::Options => "multi-select",
        FieldKind::Id => "record id",
    }
}

pub fn crm(side: Side) -> &'static str {
    match side {
        Side::Left => "HubSpot",
        Side::Right => "Salesforce",
    }
}

#[cfg(test)]
mod tests {
    use crate::lsp::testing::project;

    fn hover(marked: &str) -> String {
        let (analysis, offset) = project(marked);
        super::hover(&analysis, 0, offset as u32).map_or_else(String::new, |hover| hover.text)
    }

    #[test]
    fn a_field_says_what_it_takes() {
        let rows =
            |row: &str| format!("sync people: hubspot contact <-> salesforce Lead or Contact {{ map {{ {row} }} }}");
        let text = hover(&rows("email <-> Em|ail"));
        assert!(text.starts_with("**Email** · Email · Salesforce `Lead`, `Contact`\n\ne-mail address"), "{text}");
        let text = hover(&rows("hs_lead_|status <-> Lead.Status"));
        assert!(
            text.contains("picklist") && text.contains("options") && text.contains("- `IN_PROGRESS` In progress"),
            "{text}"
        );
        let text = hover(&rows("hs_lead_status <-> Le|ad.Status"));
        assert!(text.starts_with("**Lead** · Lead · Salesforce\n\na record type with "), "{text}");
        let text = hover(&rows("compa|ny.name -> Lead.Company"));
        assert_eq!(text, "**company**: the HubSpot `company` whose id is in `associatedcompanyid`");
        assert!(hover(&rows("\"Met {first|name}\" -> Title")).starts_with("**firstname**"), "in a text");
        assert_eq!(hover(&rows("no_such_f|ield -> Title")), "");
    }

    #[test]
    fn words_blocks_options_and_rules_say_what_they_are() {
        let text = "/// Ours.\nvalues our_domains { \"acme.com\" }\n\
            sync people: hubspot contact <-> salesforce Lead {\n\
            both ways { exclude \"staff\" when email ends with any of our_domains or lifecyclestage is lead }\n\
            map { email <-> Email or reject  hs_lead_status -> Status via statuses } }\n\
            picklist statuses { NEW -> \"Open - Not Contacted\" }\n\
            test \"a\" { given hubspot contact as ana { email: \"x\" }\n pass\n expect excluded by \"staff\" }";
        let at = |find: &str, into: usize| {
            let at = text.find(find).unwrap() + into;
            hover(&format!("{}|{}", &text[..at], &text[at..]))
        };
        assert_eq!(at("any of our", 8), "values **our_domains**: 1 value\n\nOurs.");
        assert_eq!(
            at("or reject", 4),
            "**or reject**: What does not fit stops the whole record, and the reason is listed."
        );
        assert_eq!(at("is lead", 4), "**lead**: Lead");
        assert_eq!(at("via statuses", 5), "picklist **statuses**: 1 row");
        assert!(
            at("by \"staff", 5).starts_with("rule at rules/0.sync:4\n\n```sync\nboth ways { exclude"),
            "{}",
            at("by \"staff", 5)
        );
        assert!(at("NEW", 1).starts_with("**NEW**"));
        assert_eq!(at("as ana", 4), "a HubSpot `contact` of this test");
        assert!(at("both ways", 6).starts_with("**both ways**"));
        assert!(at("sync people", 6).starts_with("sync **people**: HubSpot contact, Salesforce Lead"));
    }
}
