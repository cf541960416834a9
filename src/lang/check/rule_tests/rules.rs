//! The rules that tests can name.

use syncline_grammar::tree::{BlockLine, Join, MapLine, OperandKind, Operands, Row, Sync, SyncLine, Text};

use super::TestCheck;
use crate::data::Side;
use crate::diagnostic::{Code, Finding};
use crate::lang::check::checked::CheckedSync;
use crate::lang::check::suggest::{as_text, few, join};
use crate::lang::check::sync::crm;
use crate::lang::plan::TestRule;

/// What rules do, by the name in plans and journals.
#[derive(Default)]
pub(super) struct Rules {
    /// Gates, and `create nothing` lines.
    pub excluding: Vec<String>,
    /// With the side and type of what they create.
    pub creating: Vec<(String, Side, String)>,
    /// Rows of maps, and the lines of a `lifecycle`.
    pub rows: Vec<String>,
}

impl Rules {
    pub fn of(syncs: &[&CheckedSync]) -> Rules {
        let mut rules = Rules::default();
        for sync in syncs {
            let gates = sync.both.iter().chain(&sync.to.left).chain(&sync.to.right);
            rules.excluding.extend(gates.map(|gate| gate.rule.name.clone()));
            for side in Side::BOTH {
                for create in &sync.create[side] {
                    match create.target.and_then(|ty| sync.types[side].get(ty)) {
                        Some(ty) => rules.creating.push((create.rule.name.clone(), side, ty.clone())),
                        None => rules.excluding.push(create.rule.name.clone()),
                    }
                }
            }
            rules.rows.extend(sync.lines.iter().map(|line| line.rule.name.clone()));
            if let Some(life) = &sync.lifecycle {
                rules.rows.extend(life.reach.iter().chain(&life.back).map(|stage| stage.rule.name.clone()));
                let cascades = life.cascade.iter().flat_map(|cascade| [&cascade.to_company, &cascade.to_records]);
                rules.rows.extend(cascades.flatten().map(|rule| rule.name.clone()));
            }
        }
        rules
    }
}

/// Whether a line of the sync has this name, as far as its tree shows: gates, named `create` lines and rows.
fn names_a_line(sync: &Sync, name: &str) -> bool {
    let row = |row: &Row| {
        let (left, right) = (end(&row.left), end(&row.right));
        let ways = [left.clone(), right.clone(), format!("{left} = {right}")];
        ways.iter().any(|way| name.strip_prefix(&*sync.name.text).and_then(|rest| rest.strip_prefix('.')) == Some(way))
    };
    sync.lines.iter().any(|line| match line {
        SyncLine::Block(block) => block.lines.iter().any(|line| match line {
            BlockLine::Gate(gate) => gate.name.text == name,
            BlockLine::Create(create) => create.name.as_ref().is_some_and(|own| own.text == name),
            _ => false,
        }),
        SyncLine::Map(map) => map.lines.iter().any(|line| match line {
            MapLine::Row(one) => row(one),
            MapLine::Together(together) => together.rows.iter().any(row),
        }),
        _ => false,
    })
}

/// One end of a row, as its name has it.
fn end(operands: &Operands) -> String {
    let names = operands.list.iter().map(|operand| match &operand.kind {
        OperandKind::Field(path) => path.text(),
        OperandKind::ListOf(path) => format!("list of {}", path.text()),
        OperandKind::Text(text) | OperandKind::Number(text) => text.clone(),
    });
    let between = if operands.join == Join::Else { " else " } else { ", " };
    names.collect::<Vec<_>>().join(between)
}

/// The name without the quotes in which people gave it.
pub(super) fn bare(name: &str) -> &str {
    name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name)
}

impl<'a> TestCheck<'_, 'a> {
    pub(super) fn excluding(&mut self, by: &Text) -> Option<TestRule> {
        let names: Vec<&str> = self.rules.excluding.iter().map(String::as_str).collect();
        self.rule(by, &names, "excludes")
    }

    pub(super) fn row(&mut self, by: &Text, does: &str) -> Option<TestRule> {
        let names: Vec<&str> = self.rules.rows.iter().map(String::as_str).collect();
        self.rule(by, &names, does)
    }

    pub(super) fn creating(&mut self, by: &Text, made: Option<(Side, &str)>) -> Option<TestRule> {
        let rules = self.rules;
        let all: Vec<&str> = rules.creating.iter().map(|(name, ..)| name.as_str()).collect();
        let rule = self.rule(by, &all, "creates")?;
        let (side, ty) = made?;
        let fits = |(name, of, made): &(String, Side, String)| *name == rule.name && (*of, made.as_str()) == (side, ty);
        if !rules.creating.iter().any(fits) {
            let message = format!("`{}` does not create a {} {ty}", by.text, crm(side));
            let finding = Finding::new(Code::UnknownRule, self.file, by.span, message);
            let creates: Vec<&str> = rules
                .creating
                .iter()
                .filter(|(_, of, made)| (*of, made.as_str()) == (side, ty))
                .map(|(name, ..)| bare(name))
                .collect();
            self.report(match creates.is_empty() {
                true => finding.help(format!("no rule creates a {ty}")),
                false => finding.help(format!("created by {}", join(&creates, "or"))),
            });
            return None;
        }
        Some(rule)
    }

    /// Whether a line of the rules has the name and did not come through the check: of it is said what is wrong with it.
    fn stands_in_rules(&self, name: &str) -> bool {
        let creating = self.rules.creating.iter().map(|(name, ..)| name);
        let mut checked = self.rules.excluding.iter().chain(&self.rules.rows).chain(creating);
        !checked.any(|known| bare(known) == name) && self.globals.syncs.iter().any(|(_, sync)| names_a_line(sync, name))
    }

    pub(super) fn rule(&mut self, by: &Text, names: &[&str], does: &str) -> Option<TestRule> {
        if let Some(name) = names.iter().find(|name| bare(name) == by.text) {
            return Some(TestRule { span: by.span, written: by.text.clone(), name: (*name).to_owned() });
        }
        if self.whole && !self.stands_in_rules(&by.text) {
            let message = format!("no rule `{}` {does}", by.text);
            let finding = Finding::new(Code::UnknownRule, self.file, by.span, message);
            let known = names.iter().map(|name| (bare(name), bare(name)));
            let finding = match self.globals.likeness.suggest(&by.text, known) {
                Some(found) => found.into(finding, as_text),
                None if names.is_empty() => finding,
                None => {
                    let names: Vec<&str> = names.iter().map(|name| bare(name)).collect();
                    finding.help(format!("what {does}: {}", few(&names)))
                }
            };
            self.report(finding);
        }
        None
    }
}
