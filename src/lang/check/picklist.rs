//! Picklists against the options of both sides: the C codes.

use std::collections::BTreeSet;

use syncline_grammar::Span;
use syncline_grammar::tree::{Direction, Path, PickLeftKind, PickRightKind, PickRow, Picklist, Value, ValueKind};

use super::globals::Globals;
use super::rows::RowUse;
use super::suggest::{as_option, few};
use super::sync::crm;
use crate::data::{BySide, Side};
use crate::diagnostic::{Code, Finding, Fix};
use crate::lang::plan::{Outcome, Place, Table};
use crate::lang::schema::FieldDef;

/// What people write for "all others", where it is no option.
const REST: [&str; 7] = ["else", "default", "other", "others", "rest", "any", "all"];

/// All picklists as tables, in the order of the files. `whole`: every sync was checked, so that what nothing uses is
/// really unused.
pub(super) fn check(
    globals: &Globals<'_>,
    rows: &[&RowUse<'_>],
    whole: bool,
    findings: &mut Vec<Finding>,
) -> Vec<Table> {
    let tables = globals.picklists.iter().enumerate().map(|(at, (file, tree))| {
        let uses: Vec<&RowUse<'_>> = rows.iter().filter(|row| row.clauses.via == Some(at)).copied().collect();
        let mut check =
            PicklistCheck { globals, file: *file, tree, fields: BySide::default(), to: BySide::default(), findings };
        check.gather(&uses);
        if uses.is_empty() && whole {
            let message = format!("no row goes `via {}`", tree.name.text);
            let finding = Finding::new(Code::Unused, *file, tree.name.span, message);
            // Not made unasked: a row may be meant to use it.
            check.findings.push(finding.fix(Fix::remove(*file, tree.span, check.text()).titled("leave the block out")));
        }
        let table = check.table();
        check.covered(&table);
        table
    });
    tables.collect()
}

struct PicklistCheck<'c, 'a> {
    globals: &'c Globals<'a>,
    file: usize,
    tree: &'c Picklist,
    /// The fields whose options the rows name, with their API names.
    fields: BySide<Vec<(String, &'c FieldDef)>>,
    /// Which sides values go to.
    to: BySide<bool>,
    findings: &'c mut Vec<Finding>,
}

impl<'c> PicklistCheck<'c, '_> {
    fn gather(&mut self, uses: &[&'c RowUse<'_>]) {
        for row in uses {
            for side in Side::BOTH {
                self.to[side] |= row.writes(side);
                for field in row.ends[side].fields() {
                    if !self.fields[side].iter().any(|(name, def)| name == field.name && std::ptr::eq(*def, field.def))
                    {
                        self.fields[side].push((field.name.to_owned(), field.def));
                    }
                }
            }
        }
        let Some(pair) = &self.tree.pair else { return };
        for (side, path) in [(Side::Left, &pair.hubspot), (Side::Right, &pair.salesforce)] {
            match self.head_field(side, path) {
                Some(def) => {
                    if !self.fields[side].iter().any(|(_, known)| std::ptr::eq(*known, def)) {
                        self.fields[side].push((path.text(), def));
                    }
                }
                None => {
                    let message = format!("{} has no field `{}`", crm(side), path.text());
                    let finding = Finding::new(Code::NoFields, self.file, path.span, message);
                    self.findings.push(finding.help("write the record type and the field: `Lead.Status`"));
                }
            }
        }
        if uses.is_empty() {
            self.to.right = pair.arrow.direction != Direction::ToHubSpot;
            self.to.left = pair.arrow.direction != Direction::ToSalesforce;
        }
    }

    fn head_field(&self, side: Side, path: &Path) -> Option<&'c FieldDef> {
        let [ty, field] = path.parts.as_slice() else { return None };
        self.globals.catalogs[side].types.get(&ty.text)?.fields.get(&field.text)
    }

    fn table(&mut self) -> Table {
        let mut table =
            Table { name: self.tree.name.text.clone(), place: self.place(self.tree.span), to: BySide::default() };
        for row in &self.tree.rows {
            let sides: &[Side] = match row.arrow.direction {
                Direction::Both => &[Side::Right, Side::Left],
                Direction::ToSalesforce => &[Side::Right],
                Direction::ToHubSpot => &[Side::Left],
            };
            match &row.left.kind {
                PickLeftKind::Otherwise { at_creation } => self.otherwise(&mut table, row, sides, *at_creation),
                PickLeftKind::Blank => self.blank(&mut table, row, sides),
                PickLeftKind::Values(values) => self.values(&mut table, row, sides, values),
            }
        }
        table
    }

    fn otherwise(&mut self, table: &mut Table, row: &PickRow, sides: &[Side], at_creation: bool) {
        for side in sides {
            let outcome = match &row.right.kind {
                PickRightKind::Value(_) if sides.len() > 1 => {
                    self.meaningless(row, "a value stands for one side only: write one row for each direction");
                    return;
                }
                PickRightKind::Value(value) => match self.option(*side, value) {
                    Some(value) => Outcome::Value(value),
                    None => continue,
                },
                PickRightKind::Same => Outcome::Same,
                PickRightKind::Blank => Outcome::Blank,
                PickRightKind::Skip => Outcome::Skip,
                PickRightKind::Reject => Outcome::Reject,
                PickRightKind::Restore if !at_creation => Outcome::Restore,
                PickRightKind::Restore => {
                    self.meaningless(row, "a new record has no value to restore");
                    return;
                }
                PickRightKind::AssignmentRules | PickRightKind::IntegrationUser => {
                    self.meaningless(row, "only an `owners` block gives records to people");
                    return;
                }
            };
            let mapping = &mut table.to[*side];
            let place = if at_creation { &mut mapping.otherwise_at_creation } else { &mut mapping.otherwise };
            if place.replace(outcome).is_some() {
                self.twice(row, "otherwise", *side);
            }
        }
    }

    fn blank(&mut self, table: &mut Table, row: &PickRow, sides: &[Side]) {
        let place = self.place(row.span);
        for side in sides {
            let taken = match (&row.right.kind, side) {
                (PickRightKind::Value(value), Side::Right) => {
                    let Some(value) = self.option(Side::Right, value) else { continue };
                    table.to.right.blank.replace(Outcome::Value(value)).is_some()
                }
                (PickRightKind::Value(value), Side::Left) => {
                    let Some(value) = self.option(Side::Right, value) else { continue };
                    table.to.left.rows.insert(value, (Outcome::Blank, place.clone())).is_some()
                }
                (PickRightKind::Skip, Side::Right) => table.to.right.blank.replace(Outcome::Skip).is_some(),
                (PickRightKind::Reject, Side::Right) => table.to.right.blank.replace(Outcome::Reject).is_some(),
                (PickRightKind::Restore, Side::Right) => table.to.right.blank.replace(Outcome::Restore).is_some(),
                _ => {
                    self.meaningless(row, "a blank becomes an option, `skip`, `reject` or `restore`");
                    return;
                }
            };
            if taken {
                self.twice(row, "blank", *side);
            }
        }
    }

    fn values(&mut self, table: &mut Table, row: &PickRow, sides: &[Side], values: &[Value]) {
        let place = self.place(row.span);
        let left: Vec<Box<str>> = self
            .expand(values)
            .into_iter()
            .filter_map(|(file, value)| self.option_in(file, Side::Left, value))
            .collect();
        let right = match &row.right.kind {
            PickRightKind::Value(value) => match self.option(Side::Right, value) {
                Some(value) => Some(value),
                None => return,
            },
            _ => None,
        };
        if sides.contains(&Side::Left) && values.len() > 1 && !matches!(row.right.kind, PickRightKind::Same) {
            let message = "several HubSpot values for one Salesforce value, on the way to HubSpot";
            let finding = Finding::new(Code::NotOneToOne, self.file, row.left.span, message);
            let finding = finding.help("let one go both ways, `<->`, and the others to Salesforce, `->`");
            self.findings.push(finding.fix(Fix::write(self.file, row.arrow.span, "->")));
            return;
        }
        for value in left {
            for side in sides {
                let (key, outcome) = match (&row.right.kind, side) {
                    (PickRightKind::Same, _) => {
                        self.known_option(self.file, Side::Right, row.right.span, &value);
                        (Some(value.clone()), Outcome::Value(value.clone()))
                    }
                    (PickRightKind::Value(_), Side::Right) => match &right {
                        Some(to) => (Some(value.clone()), Outcome::Value(to.clone())),
                        None => continue,
                    },
                    (PickRightKind::Value(_), Side::Left) => (right.clone(), Outcome::Value(value.clone())),
                    (PickRightKind::Blank, Side::Right) => (Some(value.clone()), Outcome::Blank),
                    (PickRightKind::Blank, Side::Left) => (None, Outcome::Value(value.clone())),
                    (PickRightKind::Skip, Side::Right) => (Some(value.clone()), Outcome::Skip),
                    (PickRightKind::Reject, Side::Right) => (Some(value.clone()), Outcome::Reject),
                    (PickRightKind::Restore, Side::Right) => (Some(value.clone()), Outcome::Restore),
                    _ => {
                        self.meaningless(row, "this stands for no Salesforce value, so nothing comes back from it");
                        return;
                    }
                };
                let mapping = &mut table.to[*side];
                let (taken, what) = match key {
                    Some(key) => {
                        (mapping.rows.insert(key.clone(), (outcome, place.clone())).is_some(), key.into_string())
                    }
                    None => (mapping.blank.replace(outcome).is_some(), "blank".to_owned()),
                };
                if taken {
                    self.twice(row, &what, *side);
                }
            }
        }
    }

    /// The values, with the files they stand in.
    fn expand<'v>(&self, values: &'v [Value]) -> Vec<(usize, &'v Value)>
    where
        'c: 'v,
    {
        let globals: &'c Globals<'_> = self.globals;
        let mut out = Vec::new();
        for value in values {
            let block = match &value.kind {
                ValueKind::Word(word) if !self.is_option(Side::Left, word) => globals.values.get(word.as_str()),
                _ => None,
            };
            match block {
                Some((file, block)) => out.extend(block.values.iter().map(|value| (*file, value))),
                None => out.push((self.file, value)),
            }
        }
        out
    }

    fn option(&mut self, side: Side, value: &Value) -> Option<Box<str>> {
        self.option_in(self.file, side, value)
    }

    fn option_in(&mut self, file: usize, side: Side, value: &Value) -> Option<Box<str>> {
        let text = match &value.kind {
            ValueKind::Word(text) | ValueKind::Text(text) | ValueKind::Number(text) | ValueKind::Date(text) => text,
        };
        self.known_option(file, side, value.span, text).then(|| text.as_str().into())
    }

    fn is_option(&self, side: Side, text: &str) -> bool {
        self.fields[side].iter().any(|(_, def)| def.options.iter().any(|option| option.value == text))
    }

    /// Values of fields without options are anything.
    fn known_option(&mut self, file: usize, side: Side, span: Span, text: &str) -> bool {
        let listed = self.fields[side].iter().filter(|(_, def)| !def.options.is_empty());
        let names: Vec<&str> = listed.map(|(name, _)| name.as_str()).collect();
        if names.is_empty() || self.is_option(side, text) {
            return true;
        }
        let options = self.fields[side].iter().flat_map(|(_, def)| &def.options);
        let known: Vec<(&str, &str)> = options.map(|option| (option.value.as_str(), option.label.as_str())).collect();
        let message = format!("`{text}` is no option of {}'s {}", crm(side), few(&names));
        let finding = Finding::new(Code::NotAValue, file, span, message);
        let finding = match self.globals.likeness.suggest(text, known.iter().copied()) {
            _ if side == Side::Left && REST.iter().any(|word| text.eq_ignore_ascii_case(word)) => {
                finding.help("all values without a row are called `otherwise`").fix(Fix::write(file, span, "otherwise"))
            }
            Some(found) => found.into(finding, as_option),
            None => {
                finding.help(format!("its options are {}", few(&known.iter().map(|(v, _)| *v).collect::<Vec<_>>())))
            }
        };
        self.findings.push(finding);
        false
    }

    fn twice(&mut self, row: &PickRow, what: &str, side: Side) {
        let (code, message) = match row.arrow.direction {
            Direction::Both => (Code::NotOneToOne, format!("`{what}` has a second row on the way to {}", crm(side))),
            _ => (Code::MappedTwice, format!("`{what}` is mapped a second time on the way to {}", crm(side))),
        };
        let mut finding = Finding::new(code, self.file, row.span, message);
        if code == Code::NotOneToOne {
            let away = if side == Side::Left { "->" } else { "<-" };
            finding = finding.fix(Fix::write(self.file, row.arrow.span, away));
        }
        self.findings.push(finding);
    }

    fn text(&self) -> &str {
        self.globals.texts.get(self.file).map_or("", |file| &file.text)
    }

    fn meaningless(&mut self, row: &PickRow, help: &str) {
        let finding = Finding::new(Code::WrongOutcome, self.file, row.span, "the row has no meaning in this direction");
        self.findings.push(finding.help(help));
    }

    fn place(&self, span: Span) -> Place {
        self.globals.place(self.file, span)
    }

    /// Every option of a closed source has a row, or falls to `otherwise`; what `same` lets pass exists at the target.
    fn covered(&mut self, table: &Table) {
        for side in Side::BOTH {
            if !self.to[side] {
                continue;
            }
            let mapping = &table.to[side];
            let sources = self.fields[side.other()].iter().filter(|(_, def)| def.closed);
            let unmapped: BTreeSet<&str> = sources
                .flat_map(|(_, def)| def.options.iter().filter(|option| !option.hidden))
                .map(|option| option.value.as_str())
                .filter(|value| !mapping.rows.contains_key(*value))
                .collect();
            let (code, values) = match &mapping.otherwise {
                None => (Code::NotMapped, unmapped.into_iter().collect()),
                Some(Outcome::Same) => (Code::SameIsMissing, self.missing_at(side, unmapped)),
                Some(_) => continue,
            };
            if values.is_empty() {
                continue;
            }
            let (span, message, help) = match code {
                Code::NotMapped => (
                    self.tree.name.span,
                    format!("no row for {} on the way to {}", few(&values), crm(side)),
                    "give them rows, or end with `otherwise`",
                ),
                _ => (
                    self.same_row(side).unwrap_or(self.tree.name.span),
                    format!("{} has no option {}", crm(side), few(&values)),
                    "give them rows of their own",
                ),
            };
            let mut finding = Finding::new(code, self.file, span, message).help(help);
            if let (Code::NotMapped, Some(last)) = (code, self.tree.rows.last()) {
                let arrow = if side == Side::Right { "->" } else { "<-" };
                finding =
                    finding.fix(Fix::line_below(self.file, last.span, self.text(), &format!("otherwise {arrow} skip")));
            }
            self.findings.push(finding);
        }
    }

    fn missing_at<'v>(&self, side: Side, values: BTreeSet<&'v str>) -> Vec<&'v str> {
        let targets: Vec<&FieldDef> = self.fields[side].iter().map(|(_, def)| *def).filter(|def| def.closed).collect();
        let lacks = |value: &str| targets.iter().any(|def| !def.options.iter().any(|option| option.value == value));
        values.into_iter().filter(|value| lacks(value)).collect()
    }

    fn same_row(&self, side: Side) -> Option<Span> {
        let goes = |row: &&PickRow| match row.arrow.direction {
            Direction::Both => true,
            Direction::ToSalesforce => side == Side::Right,
            Direction::ToHubSpot => side == Side::Left,
        };
        let row = self.tree.rows.iter().filter(goes).find(|row| {
            matches!(row.left.kind, PickLeftKind::Otherwise { at_creation: false })
                && matches!(row.right.kind, PickRightKind::Same)
        });
        row.map(|row| row.span)
    }
}
