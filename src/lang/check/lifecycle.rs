//! `lifecycle contact.lifecyclestage { … }`: how far a record has come.

use std::collections::{BTreeMap, BTreeSet};

use syncline_grammar::Span;
use syncline_grammar::tree::{self, LifecycleLine, Path, Target, Text};

use super::checked::{CheckedCascade, CheckedLifecycle, CheckedSource, CheckedStage, CheckedSync, RuleName};
use super::cond::At;
use super::globals::{Globals, InFile};
use super::literal::{Literal, Written};
use super::names::Look;
use super::rows::RowUse;
use super::sense::{Asked, By};
use super::suggest::{as_word, few};
use super::sync::{MemberType, SyncCheck, SyncResult};
use crate::data::{BySide, FieldKind, Side};
use crate::diagnostic::{Code, Finding};
use crate::lang::plan::{Cond, Piece, SlotId, slots_of};
use crate::lang::schema::FieldDef;

/// Every `lifecycle` has its place: a record type that stands left in one sync, for which it is the only one.
pub(super) fn placed(globals: &Globals<'_>, findings: &mut Vec<Finding>) {
    let mut known: BTreeMap<&str, (usize, Span)> = BTreeMap::new();
    for (file, block) in &globals.lifecycles {
        if block.lines.is_empty() {
            let message = "nothing stands in this `lifecycle`";
            findings.push(Finding::new(Code::Unused, *file, block.field.span, message));
        }
        let [ty, _] = block.field.parts.as_slice() else {
            let message = format!("`{}` is no field of a record type", block.field.text());
            let finding = Finding::new(Code::NoStageField, *file, block.field.span, message);
            findings.push(finding.help("write the record type and the field: `contact.lifecyclestage`"));
            continue;
        };
        let types = &globals.catalogs.left.types;
        if !types.contains_key(&ty.text) {
            let message = format!("HubSpot has no record type `{}`", ty.text);
            let names = types.iter().map(|(name, def)| (name.as_str(), def.label.as_str()));
            let finding = Finding::new(Code::UnknownType, *file, ty.span, message);
            findings.push(match globals.likeness.suggest(&ty.text, names) {
                Some(found) => found.into(finding, as_word),
                None => finding.help("if it is new, pull the schema again"),
            });
            continue;
        }
        match known.get(ty.text.as_str()) {
            Some((first_file, first)) => {
                let message = format!("`{}` has a `lifecycle` already", ty.text);
                let finding = Finding::new(Code::BlockTwice, *file, block.field.span, message);
                findings.push(finding.also(*first_file, *first, "the first one"));
                continue;
            }
            None => known.insert(&ty.text, (*file, block.field.span)),
        };
        let syncs: Vec<&InFile<'_, tree::Sync>> =
            globals.syncs.iter().filter(|(_, sync)| is_left(sync, &ty.text)).collect();
        match syncs.as_slice() {
            [_] => {}
            [] => {
                let message = format!("`{}` stands left in no `sync`", ty.text);
                findings.push(Finding::new(Code::NoStageField, *file, ty.span, message));
            }
            [_, (again_in, again), ..] => {
                let message = format!("`{}` stands left in several syncs: which one decides is not said", ty.text);
                let finding = Finding::new(Code::NoStageField, *file, ty.span, message);
                findings.push(finding.also(*again_in, again.name.span, "the second one"));
            }
        }
    }
}

/// No row of any sync writes what a `lifecycle` moves.
pub(super) fn one_writer(globals: &Globals<'_>, results: &[SyncResult<'_>], findings: &mut Vec<Finding>) {
    let moved: Vec<(&str, &str, &InFile<'_, tree::Lifecycle>)> = results
        .iter()
        .filter_map(|result| Some((result.checked.types.left.as_slice(), result.checked.lifecycle.as_ref()?)))
        .flat_map(|(types, life)| {
            let own = types.get(life.ty).map(String::as_str);
            let cascade = life.cascade.as_ref().filter(|cascade| cascade.to_company.is_some());
            let block = globals.lifecycles.iter().find(|(_, block)| own == block.field.parts.first().map(|p| &*p.text));
            let types = [own, cascade.map(|cascade| cascade.company.as_str())];
            types.into_iter().flatten().filter_map(move |ty| Some((ty, life.field.as_str(), block?)))
        })
        .collect();
    for result in results {
        let types = result.checked.types.left.iter().enumerate();
        for (ty, name) in types {
            for row in &result.rows {
                let Some(target) = row.target(Side::Left, ty) else { continue };
                let Some((.., (file, block))) = moved.iter().find(|(of, field, _)| of == name && *field == target.name)
                else {
                    continue;
                };
                let message = format!("`{}` of {name} is moved by a `lifecycle`", target.name);
                let finding = Finding::new(Code::StageMapped, result.file, row.tree.span, message);
                let help = "leave the row out, or let it only read the stage: `->`";
                let row_span = row.tree.span;
                findings.retain(|known| {
                    known.code != Code::StageBackward || known.labels.iter().all(|l| l.span != row_span)
                });
                findings.push(finding.also(*file, block.field.span, "by this one").help(help));
            }
        }
    }
}

fn is_left(sync: &tree::Sync, ty: &str) -> bool {
    sync.hubspot.iter().any(|name| name.text == ty)
}

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

    fn cascades(
        &mut self,
        lines: &[(Span, &Path)],
        ty: usize,
        field: &str,
        order: &[&str],
        reach: &[CheckedStage],
        name: &str,
    ) -> Option<CheckedCascade> {
        let (first, _) = lines.first()?;
        if reach.is_empty() {
            self.error(Code::WrongCascade, *first, "no `reach` line says what could cascade");
            return None;
        }
        let mut cascade: Option<CheckedCascade> = None;
        for (span, path) in lines {
            let member = *self.types.left.get(ty)?;
            let Some((reference, to_records)) = self.cascade_way(member, path) else { continue };
            let (target, through) = (reference.to.as_str(), reference.field.as_str());
            let made = match cascade.take() {
                Some(made) if made.company == target => made,
                Some(made) => {
                    let message = format!("this cascade goes by `{through}`, another one by `{}`", made.through);
                    self.error(Code::WrongCascade, *span, message);
                    cascade = Some(made);
                    continue;
                }
                None => {
                    let fields = (0..self.types.left.len()).map(|at| (at == ty).then(|| through.to_owned()));
                    let source = CheckedSource::Field { side: Side::Left, fields: fields.collect() };
                    let head = self.slot_for(through.to_owned(), FieldKind::Id, source);
                    CheckedCascade {
                        head,
                        through: through.to_owned(),
                        company: target.to_owned(),
                        order: Vec::new(),
                        to_company: None,
                        to_records: None,
                    }
                }
            };
            let mut made = made;
            let shown = format!("cascade to {}", path.text());
            let rule: RuleName = self.rule(format!("{name} {shown}"), shown, *span);
            let already = if to_records { &mut made.to_records } else { &mut made.to_company };
            if already.replace(rule).is_some() {
                self.error(Code::BlockTwice, *span, "this cascade stands here already");
            } else if !to_records {
                made.order = self.stages_of_company(*span, target, field, order, reach).unwrap_or_default();
            }
            cascade = Some(made);
        }
        cascade
    }

    /// The reference that a cascade goes by, and whether it goes on to the other records.
    fn cascade_way(
        &mut self,
        member: MemberType<'a>,
        path: &Path,
    ) -> Option<(&'a crate::lang::schema::Reference, bool)> {
        let (first, rest) = path.parts.split_first()?;
        let reference = member.def.references.get(&first.text);
        let plural = format!("{}s", member.name);
        match (reference, rest) {
            (Some(reference), []) => Some((reference, false)),
            (Some(reference), [last]) if last.text == plural => Some((reference, true)),
            _ => {
                let ways: Vec<String> =
                    member.def.references.keys().flat_map(|key| [key.clone(), format!("{key}.{plural}")]).collect();
                let ways: Vec<&str> = ways.iter().map(String::as_str).collect();
                let message = format!("a stage does not cascade to `{}`", path.text());
                let finding = Finding::new(Code::WrongCascade, self.file, path.span, message);
                self.report(match ways.is_empty() {
                    true => finding,
                    false => finding.help(format!("it may go to {}", few(&ways))),
                });
                None
            }
        }
    }

    /// The company's own order of stages, in which every one that can be reached has its place.
    fn stages_of_company(
        &mut self,
        span: Span,
        company: &str,
        field: &str,
        order: &[&str],
        reach: &[CheckedStage],
    ) -> Option<Vec<String>> {
        let def: Option<&'a FieldDef> =
            self.globals.catalogs.left.types.get(company).and_then(|def| def.fields.get(field));
        let Some(def) = def.filter(|def| def.kind == FieldKind::Option && def.updateable && def.ordered) else {
            let message = format!("`{company}` has no stages in a field `{field}`");
            let finding = Finding::new(Code::WrongCascade, self.file, span, message);
            self.report(finding.help("if it is new, pull the schema again"));
            return None;
        };
        let stages: Vec<String> = def.options.iter().map(|option| option.value.clone()).collect();
        let reached = reach.iter().filter_map(|rule| order.get(rule.stage).copied());
        let lacking: Vec<&str> = reached.filter(|stage| stages.iter().all(|known| known != stage)).collect();
        if !lacking.is_empty() {
            let message = format!("a `{company}` has no stage {}", few(&lacking));
            self.error(Code::WrongCascade, span, message);
            return None;
        }
        Some(stages)
    }
}

/// A field of a record type.
type FieldAt<'r> = (Side, &'r str, &'r str);

/// What a `reach` line asks for comes from the stage over rows of other syncs: a deal that gets it from its company, which
/// gets it by the cascade.
pub(super) fn fed_across(results: &[SyncResult<'_>], findings: &mut Vec<Finding>) {
    for result in results {
        let Some(life) = &result.checked.lifecycle else { continue };
        let Some(own) = result.checked.types.left.get(life.ty) else { continue };
        let mut fed: BTreeSet<FieldAt<'_>> = BTreeSet::from([(Side::Left, own.as_str(), life.field.as_str())]);
        if let Some(cascade) = life.cascade.as_ref().filter(|cascade| cascade.to_company.is_some()) {
            fed.insert((Side::Left, &cascade.company, &life.field));
        }
        spread(results, &mut fed);
        for asked in &result.sense.asked {
            let (By::Stage { back: false, .. }, Some(tree)) = (asked.by, asked.tree) else { continue };
            if let Some(name) = asks_for(&result.checked, &asked.cond, &fed) {
                let message = format!("`{name}` comes from the stage that this line moves, over another sync");
                findings.push(Finding::new(Code::FeedsItself, asked.file, tree.span(), message));
            }
        }
    }
}

/// Adds every field that a row of any sync fills from one of these.
fn spread<'r>(results: &'r [SyncResult<'_>], fed: &mut BTreeSet<FieldAt<'r>>) {
    loop {
        let before = fed.len();
        for result in results {
            for (row, line) in result.rows.iter().zip(&result.checked.lines) {
                for to in Side::BOTH.into_iter().filter(|to| row.writes(*to)) {
                    let sources = sources_of(&result.checked, line.slots[to.other()]);
                    if !sources.iter().any(|source| fed.contains(source)) {
                        continue;
                    }
                    let targets = result.checked.types[to].iter().zip(&line.targets[to]);
                    fed.extend(targets.filter_map(|(of, target)| Some((to, of.as_str(), target.as_ref()?.as_str()))));
                }
            }
        }
        if fed.len() == before {
            return;
        }
    }
}

/// The fields that a slot's value is made of.
fn sources_of(checked: &CheckedSync, slot: SlotId) -> Vec<FieldAt<'_>> {
    match checked.slots.get(slot).map(|slot| &slot.source) {
        Some(CheckedSource::Field { side, fields }) => {
            let types = checked.types[*side].iter().zip(fields);
            types.filter_map(|(of, field)| Some((*side, of.as_str(), field.as_ref()?.as_str()))).collect()
        }
        Some(CheckedSource::Reached { reach, field }) => {
            let reach = checked.reaches.get(*reach);
            reach.map(|reach| (reach.side, reach.target.as_str(), field.as_str())).into_iter().collect()
        }
        Some(CheckedSource::FirstKnown(slots)) => slots.iter().flat_map(|slot| sources_of(checked, *slot)).collect(),
        Some(CheckedSource::Composed(pieces)) => {
            let values = pieces.iter().filter_map(|piece| match piece {
                Piece::Value(slot) => Some(*slot),
                Piece::Text(_) => None,
            });
            values.flat_map(|slot| sources_of(checked, slot)).collect()
        }
        _ => Vec::new(),
    }
}

/// The first of these fields that a condition asks for, also of counted records, as the rule wrote it.
fn asks_for(checked: &CheckedSync, cond: &Cond, fed: &BTreeSet<FieldAt<'_>>) -> Option<String> {
    let mut found = None;
    slots_of(cond, &mut |at: SlotId| {
        let Some(slot) = checked.slots.get(at).filter(|_| found.is_none()) else { return };
        if sources_of(checked, at).iter().any(|source| fed.contains(source)) {
            found = Some(slot.name.clone());
        }
        let CheckedSource::Count { count } = &slot.source else { return };
        let Some(count) = checked.counts.get(*count) else { return };
        let of = count.onward.as_ref().map_or(&count.referring.0, |(_, of)| of);
        slots_of(&count.filter, &mut |at: SlotId| {
            if let Some(slot) = count.slots.get(at)
                && let CheckedSource::Field { fields, .. } = &slot.source
                && fields.iter().flatten().any(|field| fed.contains(&(count.side, of.as_str(), field.as_str())))
            {
                found.get_or_insert_with(|| format!("{}.{}", of, slot.name));
            }
        });
    });
    found
}
