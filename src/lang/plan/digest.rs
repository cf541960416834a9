//! The identity of a plan: what it means, not how, where or in which order it was written.
//!
//! Everything is spelled out by name. Lists whose order means nothing are sorted, numbers of slots and of the dictionary
//! never show, and neither do labels and places.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::ir::*;
use super::owners::OwnerTable;
use crate::data::{BySide, Dict, Digest, Side, Uid, Zone};
use crate::lang::places::{Atlas, PlaceTable};

pub fn digest(plan: &Plan, dict: &Dict) -> Digest {
    let blocks = sorted(plan.blocks.iter().map(|block| Speller { block, dict }.block()));
    Digest::of(format!("{blocks};{:?}", plan.limits).as_bytes())
}

/// What a block means.
pub(super) fn meaning(block: &Block, dict: &Dict) -> Digest {
    Digest::of(Speller { block, dict }.block().as_bytes())
}

/// A plan rule by rule: what each means, under the name that people see.
#[derive(Debug, Default)]
pub(super) struct Spelled {
    pub rules: BTreeMap<String, String>,
    /// Names in the order in which they are tried, where the first that fits decides.
    pub orders: BTreeMap<String, Vec<String>>,
}

pub(super) fn spell(plan: &Plan, dict: &Dict) -> Spelled {
    let mut out = Spelled::default();
    for block in &plan.blocks {
        Speller { block, dict }.rules(&mut out);
    }
    out.rules.insert("limits".to_owned(), format!("{:?}", plan.limits));
    out
}

struct Speller<'p> {
    block: &'p Block,
    dict: &'p Dict,
}

fn sorted(parts: impl Iterator<Item = String>) -> String {
    let mut parts: Vec<String> = parts.collect();
    parts.sort();
    format!("{parts:?}")
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    format!("{:?}", parts.collect::<Vec<_>>())
}

fn by_side(value: impl Fn(Side) -> String) -> String {
    format!("<{}|{}>", value(Side::Left), value(Side::Right))
}

impl Speller<'_> {
    fn block(&self) -> String {
        let block = self.block;
        let types = by_side(|side| {
            sorted(block.types[side].iter().map(|ty| {
                let key = ty.own_key.as_ref().map(|key| self.uid(key.field));
                let fields = sorted(ty.fields.iter().map(|field| format!("{} {:?}", field.name, field.kind)));
                let unique = sorted(ty.unique.iter().map(|field| self.uid(*field).to_owned()));
                format!("{} {key:?} {unique} {fields}", ty.name)
            }))
        });
        let matches = listed(block.matches.iter().map(|line| self.match_line(line)));
        let both = self.gates(&block.gates.both);
        let to = by_side(|side| self.gates(&block.gates.to[side]));
        let keep = block.gates.keep_syncing;
        let pick = by_side(|side| listed(block.pick[side].iter().map(|choice| self.choice(side, choice))));
        let create = by_side(|side| listed(block.create[side].iter().map(|create| self.create(side, create))));
        let lines = sorted(block.lines.iter().map(|line| self.line(line)));
        let recheck = block.recheck;
        let events = by_side(|side| self.events(&block.events[side]));
        let life = block.lifecycle.as_ref().map_or_else(String::new, |life| self.lifecycle(life));
        format!(
            "{:?} {types} {matches} {both} {to} {keep:?} {pick} {create} {lines} {recheck:?} {events} {life}",
            block.name
        )
    }

    /// The fact of a cascade has the meaning of these very rules in its name: it is not spelled.
    fn lifecycle(&self, life: &Lifecycle) -> String {
        let Lifecycle { rule: _, ty, stage, target, order, reach, back, cascade } = life;
        let (stage, target, ty) = (self.slot(*stage), self.target(target), self.type_name(Side::Left, Some(*ty)));
        let rules = |rules: &[StageRule]| sorted(rules.iter().map(|rule| self.stage_rule(life, rule)));
        let cascade = cascade.as_ref().map(|Cascade { fact: _, key: _, head, derives, given }| {
            (self.slot(*head), derives, given.as_ref().map(|(slot, rule)| (self.slot(*slot), &rule.name)))
        });
        format!("{ty} {stage} {target} {order:?} {} {} {cascade:?}", rules(reach), rules(back))
    }

    fn stage_rule(&self, life: &Lifecycle, rule: &StageRule) -> String {
        format!("{:?} {:?} {}", rule.rule.name, life.order.get(rule.stage), self.cond(&rule.when))
    }

    fn rules(&self, out: &mut Spelled) {
        let block = self.block;
        let name = |rule: &str| format!("{}: {rule}", block.name);
        let head = by_side(|side| {
            sorted(block.types[side].iter().map(|ty| {
                let key = ty.own_key.as_ref().map(|key| self.uid(key.field));
                format!("{} {key:?} {}", ty.name, sorted(ty.unique.iter().map(|field| self.uid(*field).to_owned())))
            }))
        });
        out.rules.insert(name("record types and keys"), head);
        out.rules.insert(name("on leave"), format!("{:?}", block.gates.keep_syncing));
        out.rules.insert(name("on"), by_side(|side| self.events(&block.events[side])));
        out.rules.insert(name("recheck"), format!("{:?}", block.recheck));
        if let Some(life) = &block.lifecycle {
            let whole = Lifecycle { reach: Vec::new(), back: Vec::new(), ..life.clone() };
            out.rules.insert(name(&format!("stages of {}", life.target.name)), self.lifecycle(&whole));
            for (way, rules) in [("reach", &life.reach), ("back to", &life.back)] {
                for rule in rules {
                    out.rules.insert(name(&rule.rule.name), format!("{way} {}", self.stage_rule(life, rule)));
                }
            }
        }
        for line in &block.matches {
            out.rules.insert(name(&line.rule.name), self.match_line(line));
        }
        let gates = block.gates.both.iter().map(|gate| ("both", gate));
        let to = |side: Side, word| block.gates.to[side].iter().map(move |gate| (word, gate));
        for (way, gate) in gates.chain(to(Side::Left, "left")).chain(to(Side::Right, "right")) {
            // A name may stand in both directions: its meaning is then both lines.
            let entry = out.rules.entry(name(&gate.rule.name)).or_default();
            let _ = write!(entry, "{way} {} {};", gate.exclude, self.cond(&gate.when));
        }
        for side in Side::BOTH {
            let pick = listed(block.pick[side].iter().map(|choice| self.choice(side, choice)));
            out.rules.entry(name("pick")).or_default().push_str(&pick);
            for create in &block.create[side] {
                out.rules.insert(name(&create.rule.name), self.create(side, create));
            }
            let order = block.create[side].iter().map(|create| create.rule.name.to_string()).collect();
            out.orders.insert(name(&format!("order of the create lines {side:?}")), order);
        }
        let order = block.matches.iter().map(|line| line.rule.name.to_string()).collect();
        out.orders.insert(name("order of the match lines"), order);
        for line in &block.lines {
            // Its identity names both ends, so that another row of the same field does not rename it.
            out.rules.insert(self.uid(line.rule.uid).to_owned(), self.line_meaning(line));
        }
    }

    fn events(&self, events: &Events) -> String {
        let Events { follow_merges, delete, restore, leave, relink } = events;
        let settings = |all: &[Setting]| {
            sorted(all.iter().map(|Setting { rule, targets, value }| {
                let fields = targets.iter().map(|to| to.as_ref().map_or("-", |to| self.uid(to.field)).to_owned());
                format!("{} {} {value:?}", rule.name, sorted(fields))
            }))
        };
        let delete = match delete {
            OnDelete::Ignore => "ignore".to_owned(),
            OnDelete::Unlink => "unlink".to_owned(),
            OnDelete::Delete(_) => "delete".to_owned(),
            OnDelete::Set(all) => settings(all),
        };
        format!("{follow_merges} {delete} {} {} {}", settings(restore), settings(leave), relink.is_some())
    }

    fn uid(&self, uid: Uid) -> &str {
        if uid == Uid::NONE { "-" } else { self.dict.name(uid) }
    }

    fn type_name(&self, side: Side, ty: Option<usize>) -> &str {
        ty.and_then(|ty| self.block.types[side].get(ty)).map_or("-", |ty| &ty.name)
    }

    /// Values that stand in the order of the block's types, by type name.
    fn per_type<T>(&self, side: Side, values: &[T], spell: impl Fn(&T) -> String) -> String {
        sorted(self.block.types[side].iter().zip(values).map(|(ty, value)| format!("{}: {}", ty.name, spell(value))))
    }

    fn match_line(&self, line: &MatchLine) -> String {
        let part = |part: &Option<KeyPart>| match part {
            None => "-".to_owned(),
            Some(KeyPart::Id) => "id".to_owned(),
            Some(KeyPart::Field { uid, form }) => format!("{} {form:?}", self.uid(*uid)),
        };
        let parts = match &line.by {
            MatchBy::Keys(keys) => sorted(keys.iter().map(|pair| {
                let pair = BySide::new(&pair.left, &pair.right);
                by_side(|side| self.per_type(side, pair[side], part))
            })),
            MatchBy::Through(through) => {
                let way = |side: Side| {
                    let named =
                        |way: &ThroughWay| format!("{} {}", self.uid(way.field), self.type_name(side, Some(way.ty)));
                    sorted(through.ways[side].iter().map(named))
                };
                format!("through {} {}", through.name, by_side(way))
            }
        };
        if line.proposes { format!("propose {parts}") } else { parts }
    }

    fn gates(&self, gates: &[Gate]) -> String {
        sorted(gates.iter().map(|gate| format!("{:?} {} {}", gate.rule.name, gate.exclude, self.cond(&gate.when))))
    }

    fn choice(&self, side: Side, choice: &Choice) -> String {
        match choice {
            Choice::MostRecentlyUpdated => "updated".to_owned(),
            Choice::OldestCreated { fields } => {
                format!("created {}", self.per_type(side, fields, |uid| self.uid(*uid).to_owned()))
            }
            Choice::Type(ty) => format!("type {}", self.type_name(side, Some(*ty))),
            Choice::When(cond) => format!("when {}", self.cond(cond)),
        }
    }

    fn create(&self, side: Side, create: &Create) -> String {
        let (to, from) = (self.type_name(side, create.target), self.type_name(side.other(), create.from));
        let when = self.cond(&create.when);
        format!("{:?} {to} {from} {} {when}", create.rule.name, create.even_if_excluded)
    }

    fn line(&self, line: &Line) -> String {
        format!("{:?} {}", line.rule.name, self.line_meaning(line))
    }

    fn line_meaning(&self, line: &Line) -> String {
        let slots = by_side(|side| self.slot(line.slots[side]));
        let targets = by_side(|side| {
            self.per_type(side, &line.targets[side], |target| {
                target.as_ref().map_or_else(|| "-".to_owned(), |target| self.target(target))
            })
        });
        let convert = by_side(|side| {
            let convert = &line.convert[side];
            let table = convert.table.and_then(|table| self.block.tables.picklists.get(table));
            let table = table.map_or_else(|| "-".to_owned(), |table| mapping(&table.to[side]));
            let handlers = sorted(convert.handlers.iter().map(|handler| format!("{handler:?}")));
            let zone = convert.zone.as_ref().map(Zone::name);
            let place = convert.place.as_ref().map_or_else(String::new, |place| self.place(place));
            let owners =
                convert.owners.and_then(|table| self.block.tables.owners.get(table)).map(|table| owners(table, side));
            format!("{table} {handlers} {zone:?} {place} {owners:?}")
        });
        let Line { rule: _, slots: _, policy, targets: _, convert: _, at_creation, when, group, ranks, currencies } =
            line;
        let group = group.and_then(|group| self.block.groups.get(group)).map(|group| &group.rule.name);
        let when = self.cond(when);
        let money = currencies.as_ref().map(|Currencies { of, reject }| {
            let side = |side: Side| {
                let Currency { slot, home } = &of[side];
                format!("{:?} {home:?}", slot.map(|slot| self.slot(slot)))
            };
            format!("{} {reject}", by_side(side))
        });
        format!("{slots} {policy:?} {targets} {convert} {at_creation} {when} {group:?} {ranks:?} {money:?}")
    }

    /// The spellings of both sides' lists decide, in whatever order they stand, and those that every version knows: what
    /// one held back, the next one may know.
    fn place(&self, way: &PlaceWay) -> String {
        let Some(table) = self.block.tables.places.get(way.table) else { return "?".to_owned() };
        let PlaceTable { name: _, at: _, picklists, matched, write, reject, aliases, words } = table;
        let entries = |side: Side| {
            let lists = [&words[side].countries, &words[side].parts];
            let lists =
                lists.map(|list| list.as_ref().map(|list| sorted(list.iter().map(|entry| format!("{entry:?}")))));
            format!("{lists:?}")
        };
        let aliases = sorted(aliases.iter().map(|alias| format!("{alias:?}")));
        let beside = way.beside.map(|slot| self.slot(slot));
        let words = Digest::of(by_side(entries).as_bytes());
        let known = Atlas::get().data();
        format!("{:?} {picklists:?} {matched} {write:?} {reject} {aliases} {words} {known} {beside:?}", way.part)
    }

    fn target(&self, target: &Target) -> String {
        let Target { field, name: _, label: _, kind, max, scale, required, createable, updateable, options } = target;
        let options = options.as_ref().map(|options| sorted(options.iter().map(|option| option.to_string())));
        let field = self.uid(*field);
        format!("{field} {kind:?} {max:?} {scale:?} {required} {createable} {updateable} {options:?}")
    }

    fn slot(&self, slot: SlotId) -> String {
        let Some(slot) = self.block.slots.get(slot) else { return "?".to_owned() };
        let source = match &slot.source {
            Source::Field { side, fields } => {
                format!("{side:?} {}", self.per_type(*side, fields, |uid| self.uid(*uid).to_owned()))
            }
            Source::RecordId { side, types } => {
                format!("{side:?} id {}", self.per_type(*side, types, |counts| counts.to_string()))
            }
            Source::Reached { reach, field } => format!("{} {}", self.reach(*reach), self.uid(*field)),
            Source::ReachedId { reach } => format!("{} id", self.reach(*reach)),
            Source::Member { list, .. } => format!("member {:?}", self.uid(*list)),
            Source::Linked { side, ty } => format!("linked {side:?} {}", self.type_name(*side, *ty)),
            Source::Count { count } => self.count(*count),
            Source::ListOf { count } => format!("list {}", self.list(*count)),
            Source::FirstKnown(slots) => {
                format!("first {}", listed(slots.iter().map(|slot| self.slot(*slot))))
            }
            Source::Constant(value) => format!("constant {value:?}"),
            Source::Composed(pieces) => listed(pieces.iter().map(|piece| match piece {
                Piece::Text(text) => format!("text {text:?}"),
                Piece::Value(slot) => self.slot(*slot),
            })),
            Source::Furthest { head, key: _, fact: _, stages } => format!("furthest {} {stages:?}", self.slot(*head)),
            Source::Unique { side, line } => {
                let line = self.block.matches.get(*line).map_or_else(String::new, |line| self.match_line(line));
                format!("unique {side:?} {line}")
            }
        };
        format!("({:?} {source})", slot.kind)
    }

    fn count(&self, count: usize) -> String {
        let Some(count) = self.block.counts.get(count) else { return "?".to_owned() };
        let ways = self.per_type(count.side, &count.referring.fields, |uid| self.uid(*uid).to_owned());
        let onward = count.onward.as_ref().map(|onward| (self.uid(onward.field), &onward.ty.name));
        // The filter looks at the counted record, by slots of its own.
        let counted = count.onward.as_ref().map_or(&count.referring.ty, |onward| &onward.ty);
        let types = BySide::new(vec![counted.clone()], vec![counted.clone()]);
        let own = Block { types, slots: count.slots.clone(), ..Block::default() };
        let filter = Speller { block: &own, dict: self.dict }.cond(&count.filter);
        format!("{:?} {} {ways} {onward:?} {:?} {filter}", count.side, count.referring.ty.name, count.test)
    }

    fn list(&self, count: usize) -> String {
        let slots = self.block.counts.get(count).map_or(&[][..], |count| &count.slots);
        let field = slots.iter().map(|slot| match &slot.source {
            Source::Field { fields, .. } => sorted(fields.iter().map(|uid| self.uid(*uid).to_owned())),
            _ => "id".to_owned(),
        });
        format!("{} {}", listed(field), self.count(count))
    }

    fn reach(&self, reach: usize) -> String {
        let Some(reach) = self.block.reaches.get(reach) else { return "?".to_owned() };
        let through = self.per_type(reach.side, &reach.through, |uid| self.uid(*uid).to_owned());
        format!("{:?} {through} {}", reach.side, reach.target.name)
    }

    fn cond(&self, cond: &Cond) -> String {
        let slot = |slot: &SlotId| self.slot(*slot);
        match cond {
            Cond::Always => "always".to_owned(),
            Cond::Never => "never".to_owned(),
            Cond::All(parts) => format!("all {}", sorted(parts.iter().map(|part| self.cond(part)))),
            Cond::Any(parts) => format!("any {}", sorted(parts.iter().map(|part| self.cond(part)))),
            Cond::Not(inner) => format!("not {}", self.cond(inner)),
            Cond::Known(at) => format!("known {}", slot(at)),
            Cond::Is(at, value) => format!("{} is {value}", slot(at)),
            Cond::Text { slot: at, test, values } => format!("{} {test:?} {values:?}", slot(at)),
            Cond::Exactly { slot: at, values } => format!("{} exactly {values:?}", slot(at)),
            Cond::Number { slot: at, test, value } => format!("{} {test:?} {}", slot(at), value.normalize()),
            Cond::Day { slot: at, test, value } => format!("{} {test:?} day {value}", slot(at)),
            Cond::Time { slot: at, test, value } => format!("{} {test:?} time {value}", slot(at)),
            Cond::Rank { slot: at, test, value, ranks } => format!("{} {test:?} rank {value} {ranks:?}", slot(at)),
            Cond::Within { slot: at, ms } => format!("{} within {ms}", slot(at)),
            Cond::Before { slot: at, ms } => format!("{} before {ms}", slot(at)),
            Cond::DayWithin { slot: at, days, zone } => format!("{} within {days} days of {}", slot(at), zone.name()),
            Cond::DayBefore { slot: at, days, zone } => format!("{} before {days} days of {}", slot(at), zone.name()),
            Cond::Email(at) => format!("email {}", slot(at)),
            Cond::Same(a, b) => format!("same {}", sorted([a, b].into_iter().map(slot))),
            Cond::SameText(a, b) => format!("same text {}", sorted([a, b].into_iter().map(slot))),
            Cond::Options { slot: at, test, values } => format!("{} {test:?} {values:?}", slot(at)),
        }
    }
}

/// Likewise.
fn owners(table: &OwnerTable, to: Side) -> String {
    let OwnerTable { name: _, place: _, matches, rows, otherwise, otherwise_at_creation } = table;
    let rows = sorted(rows[to].iter().map(|row| format!("{row:?}")));
    format!("{matches:?} {rows} {:?} {:?}", otherwise[to], otherwise_at_creation[to])
}

/// A table by what it does on the way to one side; its name and the places of its rows mean nothing.
fn mapping(mapping: &Mapping) -> String {
    let mut out = String::new();
    for (value, (outcome, _)) in &mapping.rows {
        let _ = write!(out, "{value:?}: {outcome:?}, ");
    }
    let Mapping { rows: _, blank, otherwise, otherwise_at_creation } = mapping;
    let _ = write!(out, "{blank:?} {otherwise:?} {otherwise_at_creation:?}");
    out
}
