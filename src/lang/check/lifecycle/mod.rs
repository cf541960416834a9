//! `lifecycle contact.lifecyclestage { … }`: how far a record has come.

mod cascade;
mod placed;
mod spread;

use std::collections::{BTreeMap, BTreeSet};

use syncline_grammar::Span;
use syncline_grammar::tree::{self, LifecycleLine, Path, Target, Text};

use crate::data::{BySide, FieldKind, Side};
use crate::diagnostic::{Code, Finding};
use crate::lang::check::checked::{CheckedLifecycle, CheckedSource, CheckedStage};
use crate::lang::check::cond::At;
use crate::lang::check::literal::{Literal, Written};
use crate::lang::check::names::Look;
use crate::lang::check::rows::RowUse;
use crate::lang::check::sense::{Asked, By};
use crate::lang::check::sync::SyncCheck;
use crate::lang::plan::{Cond, SlotId, slots_of};

pub(super) use placed::{one_writer, placed};
pub(super) use spread::fed_across;

impl<'a> SyncCheck<'a> {
    /// The `lifecycle` of the sync's left records. It may stand in another file.
    pub(super) fn lifecycle(&mut self, rows: &[RowUse<'a>]) -> Option<CheckedLifecycle> {
        let globals = self.globals;
        let mut mine = globals.lifecycles.iter().filter_map(|(file, block)| {
            let [ty, _] = block.field.parts.as_slice() else { return None };
            let at = self.types.left.iter().position(|member| member.name == ty.text)?;
            Some((*file, block, at))
        });
        let (file, block, ty) = mine.next()?;
        if let Some((file, again, _)) = mine.find(|(.., at)| *at != ty) {
            let finding = super::unbuilt::finding(file, again.field.span, "a `lifecycle` of a second type of one sync");
            self.report(finding);
        }
        let own = std::mem::replace(&mut self.file, file);
        let checked = self.lifecycle_block(block, ty, rows);
        self.file = own;
        checked
    }

    fn lifecycle_block(
        &mut self,
        block: &'a tree::Lifecycle,
        ty: usize,
        rows: &[RowUse<'a>],
    ) -> Option<CheckedLifecycle> {
        let stage = self.resolve(Look::fixed(Side::Left), &block.field)?;
        let field = stage.field(ty)?;
        let order = self.options_in_order(&[field]).filter(|_| field.def.kind == FieldKind::Option);
        let Some(order) = order.filter(|_| field.def.updateable) else {
            let what = if field.def.updateable { "its options have no order" } else { "it cannot be written" };
            let message = format!("`{}` is no stage: {what}", block.field.text());
            self.error(Code::NoStageField, block.field.span, message);
            return None;
        };
        let sync = &self.tree.name.text;
        let name = format!("{sync}.{}", field.name);
        let rule = self.rule(format!("{name} by lifecycle"), name.clone(), block.span);
        let look = Look { only: BySide::new(Some(ty), None), ..Look::condition(Side::Right) };
        let at = At { look, target: Target::BothWays };
        let (mut reach, mut back) = (Vec::new(), Vec::new());
        let mut cascades: Vec<(Span, &Path)> = Vec::new();
        let mut names: BTreeMap<&str, Span> = BTreeMap::new();
        for line in &block.lines {
            let (span, value, text, when, onto) = match line {
                LifecycleLine::Reach { span, stage, name, when } => (*span, stage, name, when, &mut reach),
                LifecycleLine::BackTo { span, stage, name, when } => (*span, stage, name, when, &mut back),
                LifecycleLine::Cascade { span, to } => {
                    cascades.push((*span, to));
                    continue;
                }
            };
            self.named_once(&mut names, text);
            let written = Written { span: value.span, kind: &value.kind, own: true };
            let known = self.literal(FieldKind::Option, &stage, &written, false);
            let tree = when;
            let when = self.cond(at, when);
            if let (Some(Literal::Text(known)), Some(when)) = (known, when) {
                let shown = format!("\"{}\"", text.text);
                let rule = self.rule(format!("{name} {shown}"), shown, span);
                let stage = order.iter().position(|option| *option == known);
                let back = matches!(line, LifecycleLine::BackTo { .. });
                self.asked.extend(stage.map(|stage| Asked {
                    file: self.file,
                    line: span,
                    tree: Some(tree),
                    cond: when.clone(),
                    by: By::Stage { ty, stage, back },
                    name: format!("`{}`", text.text),
                }));
                onto.extend(stage.map(|stage| CheckedStage { rule, stage, when }));
            }
        }
        let cascade = self.cascades(&cascades, ty, field.name, &order, &reach, &name);
        let whens = block.lines.iter().filter_map(|line| match line {
            LifecycleLine::Reach { when, name, .. } => Some((name, when)),
            _ => None,
        });
        for (text, when) in whens {
            let rule = reach.iter().find(|rule| rule.rule.name == format!("\"{}\"", text.text));
            if let Some(rule) = rule
                && let Some(fed) = self.fed(&rule.when, field.name, rows)
            {
                let message = format!("`{fed}` comes from the stage that this line moves");
                self.error(Code::FeedsItself, when.span(), message);
            }
        }
        let stage = self.slot(&stage);
        let order = order.into_iter().map(str::to_owned).collect();
        Some(CheckedLifecycle { rule, ty, field: field.name.to_owned(), stage, order, reach, back, cascade })
    }

    fn named_once<'t>(&mut self, names: &mut BTreeMap<&'t str, Span>, name: &'t Text) {
        if let Some(first) = names.insert(&name.text, name.span) {
            let message = format!("two rules of this lifecycle are named `{}`", name.text);
            let finding = Finding::new(Code::NameTwice, self.file, name.span, message);
            self.report(finding.also(self.file, first, "the first one"));
        }
    }

    /// What of a condition comes from the stage, as the rule wrote it: the stage itself, or what rows carry it to.
    fn fed(&self, when: &Cond, stage: &str, rows: &[RowUse<'a>]) -> Option<String> {
        let mut fed: BTreeSet<(Side, &str)> = BTreeSet::from([(Side::Left, stage)]);
        let carries = |row: &RowUse<'a>, fed: &BTreeSet<(Side, &str)>, to: Side| {
            let from = to.other();
            row.writes(to) && row.ends[from].fields().iter().any(|field| fed.contains(&(from, field.name)))
        };
        loop {
            let before = fed.len();
            for (row, to) in rows.iter().flat_map(|row| Side::BOTH.map(|to| (row, to))) {
                if carries(row, &fed, to) {
                    fed.extend(row.ends[to].fields().iter().map(|field| (to, field.name)));
                }
            }
            if fed.len() == before {
                break;
            }
        }
        let mut found = None;
        slots_of(when, &mut |slot: SlotId| {
            let Some(slot) = self.slots.get(slot) else { return };
            let comes = match &slot.source {
                CheckedSource::Field { side, fields } => {
                    fields.iter().flatten().any(|field| fed.contains(&(*side, field.as_str())))
                }
                // A company's stage is what its records make it.
                CheckedSource::Reached { reach, field } => {
                    field == stage && self.reaches.get(*reach).is_some_and(|reach| reach.side == Side::Left)
                }
                _ => false,
            };
            if comes && found.is_none() {
                found = Some(slot.name.clone());
            }
        });
        found
    }
}
