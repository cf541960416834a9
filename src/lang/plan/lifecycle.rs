//! A `lifecycle` to its part of the plan, and the block of the companies that its stages cascade to.

use std::collections::BTreeSet;

use super::convert::target;
use super::digest::meaning;
use super::fuse::fuse;
use super::ir::*;
use super::lower::Lowering;
use crate::data::{BySide, FieldKind, Kind, Side, Uid};
use crate::lang::check::{CheckedCascade, CheckedLifecycle, CheckedStage, CheckedSync, RuleName};

impl Lowering<'_> {
    /// Gives the sync's block its lifecycle. Returns the companies' block, where a stage cascades to them.
    pub(super) fn lifecycle(
        &mut self,
        sync: &CheckedSync,
        life: &CheckedLifecycle,
        block: &mut Block,
    ) -> Option<Block> {
        let ty = sync.types.left.get(life.ty)?;
        let stages = |rules: &[CheckedStage], lowering: &mut Self| -> Vec<StageRule> {
            let rules = rules.iter().map(|rule| StageRule {
                rule: lowering.stage_rule(&rule.rule),
                stage: rule.stage,
                when: fuse(rule.when.clone()),
            });
            rules.collect()
        };
        block.lifecycle = Some(Lifecycle {
            rule: self.stage_rule(&life.rule),
            ty: life.ty,
            stage: life.stage,
            target: self.stage_target(ty, &life.field)?,
            order: boxed(&life.order),
            reach: stages(&life.reach, self),
            back: stages(&life.back, self),
            cascade: None,
        });
        let cascade = life.cascade.as_ref()?;
        let key = self
            .dict
            .intern(Kind::Key, &format!("{}/left/{ty}.{} and {}", sync.name, cascade.through, cascade.company));
        // What the fact counts and where it comes from: with other rules it is another fact.
        let meaning = meaning(block, self.dict);
        let fact = self.dict.intern(Kind::Rule, &format!("{}/furthest {}/{meaning}", sync.name, life.field));
        let furthest = furthest(cascade.head, key, fact, &life.order);
        let given = cascade.to_records.as_ref().map(|rule| {
            block.slots.push(furthest.clone());
            (block.slots.len() - 1, self.stage_rule(rule))
        });
        if let Some(life) = &mut block.lifecycle {
            life.cascade = Some(Cascade { fact, key, head: cascade.head, derives: true, given });
        }
        self.companies(sync, life, cascade, (key, fact))
    }

    fn companies(
        &mut self,
        sync: &CheckedSync,
        life: &CheckedLifecycle,
        cascade: &CheckedCascade,
        (key, fact): (Uid, Uid),
    ) -> Option<Block> {
        let (name, rule) = (&cascade.company, cascade.to_company.as_ref()?);
        let uid = self.field(Side::Left, name, &life.field);
        let used = self.type_use(Side::Left, name, &BTreeSet::from([life.field.clone()]));
        let own_id = Source::RecordId { side: Side::Left, types: vec![true] };
        let slots = vec![
            Slot {
                name: life.field.clone(),
                kind: FieldKind::Option,
                source: Source::Field { side: Side::Left, fields: vec![uid] },
            },
            Slot { name: "id".to_owned(), kind: FieldKind::Id, source: own_id },
            furthest(1, key, fact, &life.order),
        ];
        let rule = self.stage_rule(rule);
        let lifecycle = Lifecycle {
            rule: rule.clone(),
            ty: 0,
            stage: 0,
            target: self.stage_target(name, &life.field)?,
            order: boxed(&cascade.order),
            reach: Vec::new(),
            back: Vec::new(),
            cascade: Some(Cascade { fact, key, head: 1, derives: false, given: Some((2, rule)) }),
        };
        let name = format!("{}/{name}", sync.name);
        Some(Block {
            uid: self.dict.intern(Kind::Block, &name),
            name,
            types: BySide::new(vec![used], Vec::new()),
            slots,
            lifecycle: Some(lifecycle),
            ..Block::default()
        })
    }

    fn stage_target(&mut self, ty: &str, field: &str) -> Option<Target> {
        let uid = self.field(Side::Left, ty, field);
        Some(target(uid, field, self.field_def(Side::Left, ty, field)?))
    }

    /// Numbered like a map row: what it writes is filed under it.
    fn stage_rule(&mut self, rule: &RuleName) -> RuleRef {
        let uid = self.dict.intern(Kind::Line, &rule.identity);
        RuleRef { uid, name: rule.name.as_str().into(), place: rule.place.clone() }
    }
}

fn boxed(stages: &[String]) -> Vec<Box<str>> {
    stages.iter().map(|stage| stage.as_str().into()).collect()
}

fn furthest(head: SlotId, key: Uid, fact: Uid, stages: &[String]) -> Slot {
    let source = Source::Furthest { head, key, fact, stages: boxed(stages) };
    Slot { name: "furthest stage at the company".to_owned(), kind: FieldKind::Option, source }
}
