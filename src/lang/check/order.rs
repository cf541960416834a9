//! `order` blocks: which option is higher than which.

use syncline_grammar::tree::{self, Path, ValueKind};

use super::globals::InFile;
use super::suggest::{Likeness, as_option, few, join};
use super::sync::crm;
use crate::data::{BySide, FieldKind, Side};
use crate::diagnostic::{Code, Finding};
use crate::lang::schema::{Catalog, FieldDef};

/// Fields that share an order, and their values, lowest first.
pub(super) struct Order<'a> {
    pub fields: Vec<&'a FieldDef>,
    pub values: Vec<&'a str>,
}

pub(super) fn check<'a>(
    blocks: &[InFile<'a, tree::Order>],
    catalogs: BySide<&'a Catalog>,
    likeness: &Likeness,
    findings: &mut Vec<Finding>,
) -> Vec<Order<'a>> {
    let mut orders: Vec<Order<'a>> = Vec::new();
    for (file, block) in blocks {
        let mut fields: Vec<&'a FieldDef> = Vec::new();
        for path in &block.fields {
            let Some((side, def)) = field(catalogs, path) else {
                let message = format!("neither side has a field `{}`", path.text());
                let help = "write the record type and the field: `contact.partner_tier`";
                findings.push(Finding::new(Code::NoFields, *file, path.span, message).help(help));
                continue;
            };
            let known = orders.iter().flat_map(|order| &order.fields).chain(&fields);
            if known.into_iter().any(|known| std::ptr::eq(*known, def)) {
                let message = format!("`{}` has an order already", path.text());
                findings.push(Finding::new(Code::OrderedTwice, *file, path.span, message));
                continue;
            }
            options(*file, block, (side, path, def), likeness, findings);
            against_its_own(*file, block, side, path, def, findings);
            fields.push(def);
        }
        let mut values: Vec<&'a str> = Vec::new();
        for value in &block.values {
            let text = text(&value.kind);
            if values.contains(&text) {
                let message = format!("`{text}` stands in the order twice");
                findings.push(Finding::new(Code::OrderedTwice, *file, value.span, message));
            }
            values.push(text);
        }
        orders.push(Order { fields, values });
    }
    orders
}

fn text(kind: &ValueKind) -> &str {
    let (ValueKind::Word(text) | ValueKind::Text(text) | ValueKind::Number(text) | ValueKind::Date(text)) = kind;
    text
}

/// Record types have different names on the two sides, so the type tells the side.
fn field<'a>(catalogs: BySide<&'a Catalog>, path: &Path) -> Option<(Side, &'a FieldDef)> {
    let [ty, field] = path.parts.as_slice() else { return None };
    Side::BOTH.into_iter().find_map(|side| Some((side, catalogs[side].types.get(&ty.text)?.fields.get(&field.text)?)))
}

/// Where the CRM itself has an order of the options, that one counts there: HubSpot moves stages by it.
fn against_its_own(
    file: usize,
    block: &tree::Order,
    side: Side,
    path: &Path,
    def: &FieldDef,
    findings: &mut Vec<Finding>,
) {
    if !def.ordered {
        return;
    }
    let mut places: Vec<(usize, &str, syncline_grammar::Span)> = Vec::new();
    for value in &block.values {
        let text = text(&value.kind);
        let place = def.options.iter().position(|option| option.value == text);
        places.extend(place.map(|place| (place, text, value.span)));
    }
    let turned = places.windows(2).find(|pair| matches!(pair, [low, high] if low.0 > high.0));
    if let Some([low, high]) = turned {
        let message = format!("in {} `{}` comes before `{}`", crm(side), high.1, low.1);
        let finding = Finding::new(Code::OrderAgainstPortal, file, high.2, message)
            .also(file, low.2, "stands lower here")
            .also(file, path.span, format!("{} has an order of these options", crm(side)));
        findings.push(finding.help("leave the field out of the block: its own order is known"));
    }
}

fn options(
    file: usize,
    block: &tree::Order,
    (side, path, def): (Side, &Path, &FieldDef),
    likeness: &Likeness,
    findings: &mut Vec<Finding>,
) {
    if def.kind != FieldKind::Option {
        let message = format!("`{}` is no picklist with one choice", path.text());
        findings.push(Finding::new(Code::NoFields, file, path.span, message));
        return;
    }
    if def.options.is_empty() {
        return;
    }
    let known = || def.options.iter().map(|option| (option.value.as_str(), option.label.as_str()));
    for value in &block.values {
        let text = text(&value.kind);
        if known().all(|(option, _)| option != text) {
            let message = format!("`{text}` is no option of {}'s `{}`", crm(side), path.text());
            let finding = Finding::new(Code::NotAValue, file, value.span, message);
            findings.push(match likeness.suggest(text, known()) {
                Some(found) => found.into(finding, as_option),
                None => finding.help(format!("its options are {}", few(&known().map(|(v, _)| v).collect::<Vec<_>>()))),
            });
        }
    }
    let shown = def.options.iter().filter(|option| !option.hidden).map(|option| option.value.as_str());
    let left_out: Vec<&str> =
        shown.filter(|option| block.values.iter().all(|value| text(&value.kind) != *option)).collect();
    if !left_out.is_empty() {
        let message = format!("the order leaves out {} of `{}`", join(&left_out, "and"), path.text());
        findings
            .push(Finding::new(Code::OrderIncomplete, file, path.span, message).help("give every option its place"));
    }
}
