//! The names of rules, as plans, journals and tests know them.

use syncline_grammar::Span;
use syncline_grammar::tree::{
    BlockLine, Create, CreateRule, CreateWhat, File, Item, Join, LifecycleLine, MapLine, Operand, OperandKind,
    Operands, Row, Sync, SyncLine,
};

use super::heads::Heads;

/// What a rule does to a record, so that a test can name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// A gate, or `create nothing`.
    Exclude,
    Create,
    /// A row of a map, or a line of a `lifecycle`.
    Row,
}

/// A rule that a test can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Without quotes.
    pub name: String,
    pub does: Does,
    /// The sync that it is one of.
    pub sync: String,
    pub file: usize,
    /// Its name in quotes; the whole line where it has none.
    pub span: Span,
    /// It has a name of its own.
    pub named: bool,
}

/// All rules of a project.
pub fn rules(trees: &[File], texts: &[&str]) -> Vec<Rule> {
    let heads = Heads::of(trees);
    let mut out = Vec::new();
    for (file, tree) in trees.iter().enumerate() {
        let text = texts.get(file).copied().unwrap_or("");
        for item in &tree.items {
            match item {
                Item::Sync(sync) => of_sync(file, sync, text, &mut out),
                Item::Lifecycle(block) => {
                    let sync = block.field.parts.first().and_then(|ty| heads.with_left(&ty.text));
                    let Some((sync, _)) = sync else { continue };
                    for line in &block.lines {
                        let (name, span, named) = match line {
                            LifecycleLine::Reach { name, .. } | LifecycleLine::BackTo { name, .. } => {
                                (name.text.clone(), name.span, true)
                            }
                            LifecycleLine::Cascade { span, to } => (format!("cascade to {}", to.text()), *span, false),
                        };
                        out.push(Rule { name, does: Does::Row, sync: sync.to_owned(), file, span, named });
                    }
                }
                _ => {}
            }
        }
    }
    out
}

fn of_sync(file: usize, sync: &Sync, text: &str, out: &mut Vec<Rule>) {
    let rule = |name: String, does: Does, span: Span, named: bool| Rule {
        name,
        does,
        sync: sync.name.text.clone(),
        file,
        span,
        named,
    };
    let mut rows: Vec<&Row> = Vec::new();
    for line in &sync.lines {
        match line {
            SyncLine::Block(block) => {
                for line in &block.lines {
                    match line {
                        BlockLine::Gate(gate) => {
                            out.push(rule(gate.name.text.clone(), Does::Exclude, gate.name.span, true));
                        }
                        BlockLine::Create(create) => {
                            let does = match &create.what {
                                CreateWhat::Nothing(_) => Does::Exclude,
                                CreateWhat::Object(_) => Does::Create,
                            };
                            let span = create.name.as_ref().map_or(create.span, |name| name.span);
                            out.push(rule(create_name(create, text), does, span, create.name.is_some()));
                        }
                        _ => {}
                    }
                }
            }
            SyncLine::Map(map) => rows.extend(map.lines.iter().flat_map(|line| match line {
                MapLine::Row(row) => std::slice::from_ref(row),
                MapLine::Together(group) => &group.rows,
            })),
            _ => {}
        }
    }
    let ends: Vec<(String, String)> = rows.iter().map(|row| (end(&row.left, text), end(&row.right, text))).collect();
    for (row, (left, right)) in rows.iter().zip(&ends) {
        let alone = ends.iter().filter(|(other, _)| other == left).count() == 1;
        let made = |operand: &Operand| {
            matches!(operand.kind, OperandKind::Text(_) | OperandKind::Number(_) | OperandKind::ListOf(_))
        };
        let constant = row.left.join == Join::One && row.left.list.iter().all(made);
        let name = match (constant, alone) {
            (true, _) => format!("{}.{right}", sync.name.text),
            (false, true) => format!("{}.{left}", sync.name.text),
            (false, false) => format!("{}.{left} = {right}", sync.name.text),
        };
        out.push(rule(name, Does::Row, row.span, false));
    }
}

/// As the check names it.
fn create_name(create: &Create, text: &str) -> String {
    let what = match &create.what {
        CreateWhat::Nothing(_) => "nothing",
        CreateWhat::Object(name) => &name.text,
    };
    let from = create.from.as_ref().map_or(String::new(), |from| format!(" from {}", from.text));
    match (&create.name, &create.rule) {
        (Some(name), _) => name.text.clone(),
        (None, CreateRule::Otherwise(_)) => format!("create {what}{from} otherwise"),
        (None, CreateRule::Always(_)) => format!("create {what}{from} always"),
        (None, CreateRule::When(when)) => format!("create {what}{from} when {}", spaced(when.span(), text)),
    }
}

fn end(operands: &Operands, text: &str) -> String {
    let names = operands.list.iter().map(|operand| match &operand.kind {
        OperandKind::Field(path) => path.text(),
        OperandKind::Text(text) => format!("\"{text}\""),
        OperandKind::Number(number) => number.clone(),
        OperandKind::ListOf(_) => spaced(operand.span, text),
    });
    let names: Vec<String> = names.collect();
    names.join(if operands.join == Join::Else { " else " } else { ", " })
}

fn spaced(span: Span, text: &str) -> String {
    span.slice(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::data::{BySide, Side};
    use crate::lang::check::check;
    use crate::lsp::testing::{catalogs, project_of};

    /// Two pieces of code name rules; a test would not know a rule that they name differently.
    #[test]
    fn rules_are_named_as_the_checks_name_them() {
        for text in [
            include_str!("../../../tests/corpus/ok_people.sync"),
            include_str!("../../../tests/corpus/ok_rows.sync"),
            include_str!("../../../tests/corpus/ok_lists.sync"),
            include_str!("../../../tests/corpus/ok_tests.sync"),
            include_str!("../../../tests/corpus/ok_lifecycle.sync"),
        ] {
            let analysis = project_of(&[text]);
            let catalogs = catalogs();
            let sides = BySide::new(&catalogs.left, &catalogs.right);
            let checked = check(&analysis.files, &analysis.trees, false, sides).0.expect("rules without a fault");
            let mut known = BTreeSet::new();
            for sync in &checked.syncs {
                let gates = sync.both.iter().chain(&sync.to.left).chain(&sync.to.right).map(|gate| &gate.rule);
                let creates = Side::BOTH.into_iter().flat_map(|side| &sync.create[side]).map(|create| &create.rule);
                let life = sync.lifecycle.iter().flat_map(|life| {
                    let cascades = life.cascade.iter().flat_map(|cascade| [&cascade.to_company, &cascade.to_records]);
                    life.reach.iter().chain(&life.back).map(|stage| &stage.rule).chain(cascades.flatten())
                });
                let lines = sync.lines.iter().map(|line| &line.rule);
                for rule in gates.chain(creates).chain(life).chain(lines) {
                    known.insert((sync.name.clone(), rule.name.trim_matches('"').to_owned()));
                }
            }
            let found = rules(&analysis.trees, &[text]).into_iter().map(|rule| (rule.sync, rule.name));
            assert_eq!(found.collect::<BTreeSet<_>>(), known);
        }
    }
}
