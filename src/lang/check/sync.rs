//! One `sync` block under check.

use std::collections::BTreeMap;

use syncline_grammar::Span;
use syncline_grammar::tree::{self, BlockLine, MapLine, SyncLine, Target};

use super::checked::{CheckedCount, CheckedMatch, CheckedReach, CheckedSlot, CheckedSource, CheckedSync, RuleName};
use super::count::not_described;
use super::globals::Globals;
use super::rows::RowUse;
use super::sense::{Asked, Sense};
use super::suggest::as_word;
use crate::data::{BySide, FieldKind, Side};
use crate::diagnostic::{Code, Finding, has_errors};
use crate::lang::plan::{Place, SlotId};
use crate::lang::schema::TypeDef;

/// A record type in the head.
#[derive(Clone, Copy, Debug)]
pub(super) struct MemberType<'a> {
    pub name: &'a str,
    pub def: &'a TypeDef,
}

pub(super) struct SyncCheck<'a> {
    pub globals: &'a Globals<'a>,
    pub file: usize,
    pub tree: &'a tree::Sync,
    pub types: BySide<Vec<MemberType<'a>>>,
    pub slots: Vec<CheckedSlot>,
    slot_index: BTreeMap<CheckedSource, SlotId>,
    pub reaches: Vec<CheckedReach>,
    pub counts: Vec<CheckedCount>,
    pub matches: Vec<CheckedMatch>,
    /// `on restore` lines, and where they stand.
    pub restores: Vec<(Target, Span)>,
    /// Every condition, for what they mean together.
    pub asked: Vec<Asked<'a>>,
    pub findings: Vec<Finding>,
}

/// The product names, as people write them.
pub(super) fn crm(side: Side) -> &'static str {
    match side {
        Side::Left => "HubSpot",
        Side::Right => "Salesforce",
    }
}

pub(super) fn side_of(side: tree::Side) -> Side {
    match side {
        tree::Side::HubSpot => Side::Left,
        tree::Side::Salesforce => Side::Right,
    }
}

/// What is known of a sync after its check: the rules, and the rows with their schema for the checks that look across
/// syncs.
pub(super) struct SyncResult<'a> {
    pub file: usize,
    pub checked: CheckedSync,
    pub rows: Vec<RowUse<'a>>,
    pub sense: Sense<'a>,
    pub findings: Vec<Finding>,
}

/// Checks a sync. Nothing but findings comes back when its head names unknown types: every name in it would be unknown.
pub(super) fn check<'a>(
    globals: &'a Globals<'a>,
    file: usize,
    tree: &'a tree::Sync,
) -> Result<SyncResult<'a>, Vec<Finding>> {
    let mut sync = SyncCheck::bare(globals, file, tree, BySide::default());
    sync.head();
    if sync.types.left.len() != tree.hubspot.len() || sync.types.right.len() != tree.salesforce.len() {
        return Err(sync.findings);
    }
    let mut checked = CheckedSync {
        name: tree.name.text.clone(),
        place: globals.place(file, tree.span),
        types: BySide::new(names(&sync.types.left), names(&sync.types.right)),
        reaches: Vec::new(),
        counts: Vec::new(),
        slots: Vec::new(),
        matches: Vec::new(),
        both: Vec::new(),
        to: BySide::default(),
        keep_syncing: BySide::default(),
        pick: BySide::default(),
        choices: BySide::default(),
        create: BySide::default(),
        events: BySide::default(),
        on: Vec::new(),
        lines: Vec::new(),
        groups: Vec::new(),
        places: Vec::new(),
        recheck: None,
        lifecycle: None,
    };
    for line in &tree.lines {
        if let SyncLine::Match(line) = line {
            sync.match_line(line);
        }
    }
    sync.blocks(&mut checked);
    sync.restores(&checked);
    sync.pairs(&checked);
    let rows = sync.rows();
    sync.ask_rows(&rows);
    sync.flow(&rows);
    sync.clause_rules(&rows);
    sync.forward_only(&rows);
    sync.loss(&rows);
    sync.money(&rows);
    sync.creations(&checked, &rows);
    checked.places = sync.places(&rows);
    checked.lines = rows.iter().map(|row| sync.line(row, &rows)).collect();
    checked.groups = sync.groups(&rows);
    checked.lifecycle = sync.lifecycle(&rows);
    checked.slots = std::mem::take(&mut sync.slots);
    checked.recheck = sync.recheck(&checked);
    checked.reaches = std::mem::take(&mut sync.reaches);
    checked.counts = std::mem::take(&mut sync.counts);
    checked.matches = std::mem::take(&mut sync.matches);
    let (mut findings, asked) = (sync.findings, sync.asked);
    let whole = !has_errors(&findings);
    let sense = Sense::new(globals, file, tree, sync.types, &checked, asked);
    sense.report(&checked, &rows, whole, &mut findings);
    Ok(SyncResult { file, checked, rows, sense, findings })
}

const HOUR_MS: i64 = 60 * 60 * 1000;

fn names(types: &[MemberType<'_>]) -> Vec<String> {
    types.iter().map(|member| member.name.to_owned()).collect()
}

impl<'a> SyncCheck<'a> {
    /// With nothing looked at yet.
    pub(super) fn bare(
        globals: &'a Globals<'a>,
        file: usize,
        tree: &'a tree::Sync,
        types: BySide<Vec<MemberType<'a>>>,
    ) -> SyncCheck<'a> {
        SyncCheck {
            globals,
            file,
            tree,
            types,
            slots: Vec::new(),
            slot_index: BTreeMap::new(),
            reaches: Vec::new(),
            counts: Vec::new(),
            matches: Vec::new(),
            restores: Vec::new(),
            asked: Vec::new(),
            findings: Vec::new(),
        }
    }

    fn head(&mut self) {
        for (side, listed) in [(Side::Left, &self.tree.hubspot), (Side::Right, &self.tree.salesforce)] {
            let catalog = self.globals.catalogs[side];
            for name in listed {
                match catalog.types.get_key_value(&name.text) {
                    Some((key, _)) if self.types[side].iter().any(|member| member.name == key) => {
                        let message = format!("`{key}` stands twice in the head");
                        self.report(Finding::new(Code::NameTwice, self.file, name.span, message));
                    }
                    Some((key, def)) => self.types[side].push(MemberType { name: key, def }),
                    None => {
                        let known = catalog.types.iter().map(|(name, def)| (name.as_str(), def.label.as_str()));
                        let message = format!("{} has no record type `{}`", crm(side), name.text);
                        let finding = Finding::new(Code::UnknownType, self.file, name.span, message);
                        self.report(match self.globals.likeness.suggest(&name.text, known) {
                            Some(found) => found.into(finding, as_word),
                            None => finding.help(not_described(side, &name.text)),
                        });
                    }
                }
            }
        }
    }

    /// How often computed fields are read again; never where none is read.
    fn recheck(&mut self, checked: &CheckedSync) -> Option<i64> {
        let lines = self.tree.lines.iter().filter_map(|line| match line {
            SyncLine::Recheck(line) => Some(line),
            _ => None,
        });
        let lines: Vec<&tree::Recheck> = lines.collect();
        let (first, others) = lines.split_first()?;
        for again in others {
            let finding = Finding::new(Code::BlockTwice, self.file, again.span, "a second `recheck`");
            self.report(finding.also(self.file, first.span, "the first one"));
        }
        let mut needed = true;
        if !self.reads_computed(checked) {
            let finding = Finding::new(Code::NeedlessRecheck, self.file, first.span, "nothing here is computed");
            self.report(finding.help("leave it out").fix(self.without(first.span).safe()));
            needed = false;
        }
        let every = super::literal::number(&first.every.number.text).filter(|every| !every.is_zero());
        let unit = match first.every.unit {
            tree::Unit::Hours => HOUR_MS,
            tree::Unit::Days => 24 * HOUR_MS,
        };
        let ms = every
            .filter(|every| every.is_sign_positive())
            .and_then(|every| every.checked_mul(unit.into()))
            .and_then(|ms| i64::try_from(ms.trunc()).ok())
            .filter(|ms| *ms >= HOUR_MS);
        if ms.is_none() {
            let message = format!("`{}` is no time between two readings", first.every.number.text);
            self.report(Finding::new(Code::BadNumber, self.file, first.every.span, message).help("an hour at least"));
        }
        ms.filter(|_| needed)
    }

    fn reads_computed(&self, checked: &CheckedSync) -> bool {
        let computed = |side: Side, ty: &str, field: &str| {
            let def = self.globals.catalogs[side].types.get(ty).and_then(|def| def.fields.get(field));
            def.is_some_and(|def| def.calculated)
        };
        checked.slots.iter().any(|slot| match &slot.source {
            CheckedSource::Field { side, fields } => checked.types[*side]
                .iter()
                .zip(fields)
                .any(|(ty, field)| field.as_ref().is_some_and(|field| computed(*side, ty, field))),
            CheckedSource::Reached { reach, field } => {
                self.reaches.get(*reach).is_some_and(|reach| computed(reach.side, &reach.target, field))
            }
            _ => false,
        })
    }

    pub(super) fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(super) fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.report(Finding::new(code, self.file, span, message));
    }

    pub(super) fn unbuilt(&mut self, span: Span, what: &str) {
        self.report(super::unbuilt::finding(self.file, span, what));
    }

    pub(super) fn place(&self, span: Span) -> Place {
        self.globals.place(self.file, span)
    }

    pub(super) fn rule(&self, identity: impl Into<String>, name: impl Into<String>, span: Span) -> RuleName {
        RuleName { identity: identity.into(), name: name.into(), place: self.place(span) }
    }

    /// What the author wrote there, with single spaces.
    pub(super) fn written(&self, span: Span) -> String {
        let text = self.globals.texts.get(self.file).map_or("", |file| span.slice(&file.text));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn slot_for(&mut self, name: String, kind: FieldKind, source: CheckedSource) -> SlotId {
        if let Some(at) = self.slot_index.get(&source) {
            return *at;
        }
        self.slot_index.insert(source.clone(), self.slots.len());
        self.slots.push(CheckedSlot { name, kind, source });
        self.slots.len() - 1
    }

    pub(super) fn reach(&mut self, reach: CheckedReach) -> usize {
        match self.reaches.iter().position(|known| *known == reach) {
            Some(at) => at,
            None => {
                self.reaches.push(reach);
                self.reaches.len() - 1
            }
        }
    }

    /// The block's lines for a target, over all blocks of that target.
    pub(super) fn block_lines(&self, target: Target) -> Vec<&'a BlockLine> {
        let lines = self.tree.lines.iter().filter_map(|line| match line {
            SyncLine::Block(block) if block.target == target => Some(block.lines.iter()),
            _ => None,
        });
        lines.flatten().collect()
    }

    /// The maps, in the order of the file.
    pub(super) fn maps(&self) -> Vec<&'a tree::Map> {
        let maps = self.tree.lines.iter().filter_map(|line| match line {
            SyncLine::Map(map) => Some(map),
            _ => None,
        });
        maps.collect()
    }

    /// The groups, in the order of the file.
    pub(super) fn togethers(&self) -> Vec<&'a tree::Together> {
        let lines = self.maps().into_iter().flat_map(|map| &map.lines);
        let groups = lines.filter_map(|line| match line {
            MapLine::Together(together) => Some(together),
            MapLine::Row(_) => None,
        });
        groups.collect()
    }
}
