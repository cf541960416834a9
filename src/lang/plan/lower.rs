//! Checked rules to a plan: every name gets its number, every type the smallest set of fields.

use std::collections::BTreeSet;

use super::convert::target;
use super::digest::digest;
use super::fuse::fuse;
use super::ir::*;
use super::matches::{Named, named_through};
use super::owners::OwnerTable;
use crate::data::{BySide, Dict, FieldKind, Kind, Side, Uid};
use crate::lang::check::{
    Checked, CheckedChoice, CheckedCount, CheckedDelete, CheckedEvents, CheckedGate, CheckedKeyPart, CheckedLine,
    CheckedMatch, CheckedReach, CheckedSetting, CheckedSlot, CheckedSource, CheckedSync, RuleName,
};
use crate::lang::schema::{Catalog, FieldDef, Initial};

/// `files`: their names, in the order that places count.
pub fn lower(checked: Checked, files: Vec<String>, catalogs: BySide<&Catalog>, dict: &mut Dict) -> Plan {
    let named = named_through(&checked.syncs);
    let mut lowering = Lowering { catalogs, dict, tables: &checked.tables, owners: &checked.owners, named };
    let blocks = checked.syncs.into_iter().flat_map(|sync| lowering.blocks(sync)).collect();
    let mut plan = Plan {
        blocks,
        limits: checked.limits,
        limits_at: checked.limits_at,
        sets: checked.sets,
        tests: checked.tests,
        files,
        ..Plan::default()
    };
    plan.digest = digest(&plan, dict);
    plan
}

pub(super) struct Lowering<'a> {
    catalogs: BySide<&'a Catalog>,
    pub(super) dict: &'a mut Dict,
    tables: &'a [Table],
    owners: &'a [OwnerTable],
    named: Vec<Named>,
}

pub(super) fn side_word(side: Side) -> &'static str {
    match side {
        Side::Left => "left",
        Side::Right => "right",
    }
}

/// Fields that a type must be read with.
pub(super) type Wanted = BTreeSet<String>;

impl Lowering<'_> {
    /// A sync's block, and one for the companies that its stages cascade to.
    fn blocks(&mut self, sync: CheckedSync) -> Vec<Block> {
        let mut block = self.block(&sync);
        let Some(life) = &sync.lifecycle else { return vec![block] };
        let companies = self.lifecycle(&sync, life, &mut block);
        std::iter::once(block).chain(companies).collect()
    }

    fn block(&mut self, sync: &CheckedSync) -> Block {
        let name = sync.name.clone();
        let wanted = self.wanted(sync);
        let used: Vec<usize> =
            sync.lines.iter().filter_map(|line| line.via).collect::<BTreeSet<_>>().into_iter().collect();
        let lines: Vec<Line> = sync.lines.iter().map(|line| self.line(sync, line, &used)).collect();
        let mut types = BySide::new(Vec::new(), Vec::new());
        for side in Side::BOTH {
            for (ty, type_name) in sync.types[side].iter().enumerate() {
                let fields = wanted[side].get(ty).cloned().unwrap_or_default();
                let own_key = self.own_key(sync, side, ty, type_name);
                types[side].push(TypeUse { own_key, ..self.type_use(side, type_name, &fields) });
            }
        }
        let reaches = sync.reaches.iter().enumerate().map(|(at, reach)| self.reach(sync, at, reach)).collect();
        let counts = sync.counts.iter().map(|count| self.count(sync, count)).collect();
        let slots = sync.slots.iter().map(|slot| self.slot(&sync.types, &sync.reaches, slot)).collect();
        let matches: Vec<MatchLine> = sync.matches.iter().map(|line| self.match_line(sync, line)).collect();
        let own: Vec<MatchLine> =
            Side::BOTH.into_iter().filter_map(|side| self.own_match(&name, side, &types)).collect();
        let own = own.into_iter().filter(|own| matches.iter().all(|line| line.by != own.by)).collect();
        let gates = Gates {
            both: self.gates(&name, &sync.both),
            to: BySide::new(self.gates(&name, &sync.to.left), self.gates(&name, &sync.to.right)),
            keep_syncing: sync.keep_syncing,
        };
        let mut pick = BySide::new(Vec::new(), Vec::new());
        let mut create = BySide::new(Vec::new(), Vec::new());
        for side in Side::BOTH {
            pick[side] = sync.pick[side].iter().map(|choice| self.choice(sync, side, choice)).collect();
            create[side] = sync.create[side]
                .iter()
                .map(|line| Create {
                    rule: self.rule(&name, &line.rule),
                    target: line.target,
                    from: line.from,
                    even_if_excluded: line.even_if_excluded,
                    when: fuse(line.when.clone()),
                })
                .collect();
        }
        let rules = |lowering: &mut Self, side: Side| {
            sync.choices[side].iter().map(|rule| lowering.rule(&name, rule)).collect::<Vec<RuleRef>>()
        };
        let choices = BySide::new(rules(self, Side::Left), rules(self, Side::Right));
        let on = sync.on.iter().map(|line| OnLine {
            rule: self.rule(&name, &line.rule),
            event: line.event,
            sides: line.sides.clone(),
        });
        let on = on.collect();
        let groups =
            sync.groups.iter().map(|group| Group { rule: self.rule(&name, &group.rule), policy: group.policy });
        let groups = groups.collect();
        let picklists = used.iter().filter_map(|table| self.tables.get(*table).cloned()).collect();
        let owners = owner_tables(sync).iter().filter_map(|table| self.owners.get(*table).cloned()).collect();
        let tables = Tables { picklists, places: sync.places.clone(), owners };
        let uid = self.dict.intern(Kind::Block, &name);
        let recheck = sync.recheck;
        let events = BySide::new(self.events(sync, Side::Left), self.events(sync, Side::Right));
        Block {
            uid,
            name,
            place: sync.place.clone(),
            types,
            reaches,
            counts,
            slots,
            matches,
            own,
            gates,
            pick,
            choices,
            create,
            lines,
            groups,
            tables,
            events,
            on,
            recheck,
            lifecycle: None,
        }
    }

    /// What slots, targets, keys and choices name, per type of each side.
    fn wanted(&self, sync: &CheckedSync) -> BySide<Vec<Wanted>> {
        let mut wanted =
            BySide::new(vec![Wanted::new(); sync.types.left.len()], vec![Wanted::new(); sync.types.right.len()]);
        let mut want = |side: Side, ty: usize, field: &str| {
            if let Some(fields) = wanted[side].get_mut(ty) {
                fields.insert(field.to_owned());
            }
        };
        for slot in &sync.slots {
            if let CheckedSource::Field { side, fields } = &slot.source {
                for (ty, field) in fields.iter().enumerate() {
                    field.iter().for_each(|field| want(*side, ty, field));
                }
            }
        }
        for reach in &sync.reaches {
            for (ty, field) in reach.through.iter().enumerate() {
                field.iter().for_each(|field| want(reach.side, ty, field));
            }
        }
        for side in Side::BOTH {
            for line in &sync.lines {
                for (ty, field) in line.targets[side].iter().enumerate() {
                    field.iter().for_each(|field| want(side, ty, field));
                }
            }
            for set in sync.events[side].settings() {
                for (ty, field) in set.fields.iter().enumerate() {
                    field.iter().for_each(|field| want(side, ty, field));
                }
            }
            for key in sync.matches.iter().flat_map(CheckedMatch::keys) {
                for (ty, part) in key.sides[side].iter().enumerate() {
                    if let Some(CheckedKeyPart::Field { name, .. }) = part {
                        want(side, ty, name);
                    }
                }
            }
            if sync.pick[side].contains(&CheckedChoice::OldestCreated) {
                for (ty, name) in sync.types[side].iter().enumerate() {
                    let created = self.catalogs[side].types.get(name).and_then(|def| def.created.as_deref());
                    created.into_iter().for_each(|field| want(side, ty, field));
                }
            }
        }
        for Named { side, ty, field, .. } in self.named.iter().filter(|named| named.sync == sync.name) {
            let at = sync.types[*side].iter().position(|known| known == ty);
            at.into_iter().for_each(|at| want(*side, at, field));
        }
        wanted
    }

    pub(super) fn type_use(&mut self, side: Side, name: &str, wanted: &Wanted) -> TypeUse {
        let def = self.catalogs[side].types.get(name);
        let uses = wanted.iter().map(|field| {
            let known = def.and_then(|def| def.fields.get(field));
            FieldUse {
                uid: self.field(side, name, field),
                name: field.clone(),
                label: known.map_or_else(|| field.clone(), |known| known.label.clone()),
                kind: known.map_or(FieldKind::Text, |known| known.kind),
                calculated: known.is_some_and(|known| known.calculated),
                // What cannot be given, the CRM sets itself.
                initial: known.filter(|known| known.createable).map_or(Initial::Unknown, |known| known.initial.clone()),
            }
        });
        let fields = uses.collect();
        let label = def.map_or_else(|| name.to_owned(), |def| def.label.clone());
        let unique = def.map_or(&[][..], |def| &def.unique);
        let unique = unique.iter().filter(|field| wanted.contains(*field)).map(|field| self.field(side, name, field));
        let unique = unique.collect();
        TypeUse { uid: self.ty(side, name), name: name.to_owned(), label, fields, own_key: None, unique }
    }

    fn reach(&mut self, sync: &CheckedSync, at: usize, reach: &CheckedReach) -> Reach {
        let fields: Wanted = sync
            .slots
            .iter()
            .filter_map(|slot| match &slot.source {
                CheckedSource::Reached { reach, field } if *reach == at => Some(field.clone()),
                _ => None,
            })
            .collect();
        let through = sync.types[reach.side].iter().zip(&reach.through).map(|(ty, field)| match field {
            Some(field) => self.field(reach.side, ty, field),
            None => Uid::NONE,
        });
        Reach {
            side: reach.side,
            through: through.collect(),
            target: self.type_use(reach.side, &reach.target, &fields),
            key: self.dict.intern(Kind::Key, &format!("{}/{}.{}", sync.name, side_word(reach.side), reach.name)),
        }
    }

    fn count(&mut self, sync: &CheckedSync, count: &CheckedCount) -> Count {
        let side = count.side;
        let (referring, ways) = &count.referring;
        let counted = count.onward.as_ref().map_or(referring, |(_, counted)| counted);
        let looked_at: Wanted = count
            .slots
            .iter()
            .filter_map(|slot| match &slot.source {
                CheckedSource::Field { fields, .. } => fields.first().cloned().flatten(),
                _ => None,
            })
            .collect();
        let mut of_referring: Wanted = ways.iter().flatten().cloned().collect();
        match &count.onward {
            Some((field, _)) => drop(of_referring.insert(field.clone())),
            None => of_referring.extend(looked_at.iter().cloned()),
        }
        let fields = ways.iter().map(|field| match field {
            Some(field) => self.field(side, referring, field),
            None => Uid::NONE,
        });
        let fields = fields.collect();
        let key = |what: &str| format!("{}/{}/{what}", sync.name, side_word(side));
        let referring_key = self.dict.intern(Kind::Key, &key(&format!("{referring}.{ways:?}")));
        let onward = count.onward.as_ref().map(|(field, counted)| Onward {
            field: self.field(side, referring, field),
            ty: self.type_use(side, counted, &looked_at),
            key: self.dict.intern(Kind::Key, &key(&format!("{referring}.{field}"))),
        });
        let types = BySide::new(vec![counted.clone()], vec![counted.clone()]);
        Count {
            side,
            referring: Referring { ty: self.type_use(side, referring, &of_referring), fields, key: referring_key },
            onward,
            slots: count.slots.iter().map(|slot| self.slot(&types, &[], slot)).collect(),
            test: count.test,
            filter: fuse(count.filter.clone()),
        }
    }

    fn slot(&mut self, types: &BySide<Vec<String>>, reaches: &[CheckedReach], slot: &CheckedSlot) -> Slot {
        Slot { name: slot.name.clone(), kind: slot.kind, source: self.source(types, reaches, &slot.source) }
    }

    fn source(&mut self, types: &BySide<Vec<String>>, reaches: &[CheckedReach], source: &CheckedSource) -> Source {
        match source {
            CheckedSource::Field { side, fields } => {
                let uids = types[*side].iter().zip(fields).map(|(ty, field)| match field {
                    Some(field) => self.field(*side, ty, field),
                    None => Uid::NONE,
                });
                Source::Field { side: *side, fields: uids.collect() }
            }
            CheckedSource::RecordId { side, types } => Source::RecordId { side: *side, types: types.clone() },
            CheckedSource::Reached { reach, field } => {
                let field =
                    reaches.get(*reach).map_or(Uid::NONE, |target| self.field(target.side, &target.target, field));
                Source::Reached { reach: *reach, field }
            }
            CheckedSource::ReachedId { reach } => Source::ReachedId { reach: *reach },
            CheckedSource::Member { side, list } => {
                let list = self.dict.intern(Kind::List, &format!("{}/{list}", side_word(*side)));
                Source::Member { side: *side, list }
            }
            CheckedSource::Linked { side, ty } => Source::Linked { side: *side, ty: *ty },
            CheckedSource::Count { count } => Source::Count { count: *count },
            CheckedSource::ListOf { count } => Source::ListOf { count: *count },
            CheckedSource::Unique { side, line } => Source::Unique { side: *side, line: *line },
            CheckedSource::FirstKnown(slots) => Source::FirstKnown(slots.clone()),
            CheckedSource::Constant(value) => Source::Constant(value.clone()),
            CheckedSource::Composed(pieces) => Source::Composed(pieces.clone()),
        }
    }

    fn gates(&mut self, sync: &str, gates: &[CheckedGate]) -> Vec<Gate> {
        let gates = gates.iter().map(|gate| Gate {
            rule: self.rule(sync, &gate.rule),
            exclude: gate.exclude,
            when: fuse(gate.when.clone()),
        });
        gates.collect()
    }

    fn events(&mut self, sync: &CheckedSync, side: Side) -> Events {
        let CheckedEvents { ignore_merges, delete, restore, leave, relink } = &sync.events[side];
        let mut settings = |all: &[CheckedSetting]| all.iter().map(|set| self.setting(sync, side, set)).collect();
        let (restore, leave) = (settings(restore), settings(leave));
        let delete = match delete {
            CheckedDelete::Ignore => OnDelete::Ignore,
            CheckedDelete::Unlink => OnDelete::Unlink,
            CheckedDelete::Delete(rule) => OnDelete::Delete(self.rule(&sync.name, rule)),
            CheckedDelete::Set(all) => OnDelete::Set(all.iter().map(|set| self.setting(sync, side, set)).collect()),
        };
        let relink = relink.as_ref().map(|rule| self.rule(&sync.name, rule));
        Events { follow_merges: !ignore_merges, delete, restore, leave, relink }
    }

    fn setting(&mut self, sync: &CheckedSync, side: Side, set: &CheckedSetting) -> Setting {
        let targets = sync.types[side].iter().zip(&set.fields).map(|(ty, field)| {
            let field = field.as_deref()?;
            let uid = self.field(side, ty, field);
            Some(target(uid, field, self.field_def(side, ty, field)?))
        });
        let targets = targets.collect();
        Setting { rule: self.rule(&sync.name, &set.rule), targets, value: set.value.clone() }
    }

    fn choice(&mut self, sync: &CheckedSync, side: Side, choice: &CheckedChoice) -> Choice {
        match choice {
            CheckedChoice::MostRecentlyUpdated => Choice::MostRecentlyUpdated,
            CheckedChoice::Type(ty) => Choice::Type(*ty),
            CheckedChoice::When(cond) => Choice::When(fuse(cond.clone())),
            CheckedChoice::OldestCreated => {
                let fields = sync.types[side].iter().map(|ty| {
                    let created = self.catalogs[side].types.get(ty).and_then(|def| def.created.clone());
                    created.map_or(Uid::NONE, |created| self.field(side, ty, &created))
                });
                Choice::OldestCreated { fields: fields.collect() }
            }
        }
    }

    fn line(&mut self, sync: &CheckedSync, line: &CheckedLine, used: &[usize]) -> Line {
        let mut targets = BySide::new(Vec::new(), Vec::new());
        for side in Side::BOTH {
            let fields = sync.types[side].iter().zip(&line.targets[side]);
            let made = fields.map(|(ty, field)| {
                let field = field.as_deref()?;
                let uid = self.field(side, ty, field);
                Some(target(uid, field, self.field_def(side, ty, field)?))
            });
            targets[side] = made.collect();
        }
        let table = line.via.and_then(|via| used.iter().position(|table| *table == via));
        let owners = line.owners.and_then(|via| owner_tables(sync).iter().position(|table| *table == via));
        let convert = |to: Side| Convert {
            table,
            place: line.place.map(|place| place[to]),
            owners,
            handlers: line.handlers.clone(),
            zone: line.zone.clone(),
            several: sync.slots.get(line.slots[to.other()]).is_some_and(|slot| slot.kind == FieldKind::Options),
        };
        Line {
            rule: RuleRef {
                uid: self.dict.intern(Kind::Line, &line.rule.identity),
                name: line.rule.name.as_str().into(),
                place: line.rule.place.clone(),
            },
            slots: line.slots,
            policy: line.policy,
            targets,
            convert: BySide::new(convert(Side::Left), convert(Side::Right)),
            at_creation: line.at_creation,
            when: fuse(line.when.clone()),
            group: line.group,
            ranks: line.ranks.clone(),
            currencies: line.currencies.clone(),
        }
    }

    /// The first row that writes the other side's record id into a field by which records can be looked up.
    fn own_key(&mut self, sync: &CheckedSync, side: Side, ty: usize, type_name: &str) -> Option<OwnKey> {
        sync.lines.iter().enumerate().find_map(|(at, line)| {
            let field = line.targets[side].get(ty)?.as_deref()?;
            let source = sync.slots.get(line.slots[side.other()])?;
            let key = self.field_def(side, type_name, field)?.external_key;
            // A row with a condition may be missing.
            let from_id = matches!(source.source, CheckedSource::RecordId { .. }) && line.when == Cond::All(Vec::new());
            (key && from_id).then(|| OwnKey { field: self.field(side, type_name, field), line: at })
        })
    }

    pub(super) fn field_def(&self, side: Side, ty: &str, field: &str) -> Option<&FieldDef> {
        let catalogs: BySide<&Catalog> = self.catalogs;
        catalogs[side].types.get(ty)?.fields.get(field)
    }

    pub(super) fn rule(&mut self, sync: &str, rule: &RuleName) -> RuleRef {
        let uid = self.dict.intern(Kind::Rule, &format!("{sync}/{}", rule.identity));
        RuleRef { uid, name: rule.name.as_str().into(), place: rule.place.clone() }
    }

    pub(super) fn ty(&mut self, side: Side, name: &str) -> Uid {
        self.dict.intern(Kind::Type, &format!("{}/{name}", side_word(side)))
    }

    pub(super) fn field(&mut self, side: Side, ty: &str, field: &str) -> Uid {
        self.dict.intern(Kind::Field, &field_name(side, ty, field))
    }
}

/// The `owners` blocks that the sync's rows go through.
fn owner_tables(sync: &CheckedSync) -> Vec<usize> {
    sync.lines.iter().filter_map(|line| line.owners).collect::<BTreeSet<_>>().into_iter().collect()
}

fn field_name(side: Side, ty: &str, field: &str) -> String {
    format!("{}/{ty}.{field}", side_word(side))
}
