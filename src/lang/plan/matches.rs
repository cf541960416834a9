//! `match` lines to their part of the plan, and what other syncs are read with because of them.

use super::ir::*;
use super::lower::{Lowering, side_word};
use crate::data::{BySide, KeyForm, Kind, Side};
use crate::lang::check::{CheckedKeyPart, CheckedMatch, CheckedMatchBy, CheckedSync, CheckedThrough};

/// A field that a sync's records are read with because another sync goes through them.
pub(super) struct Named {
    pub(super) sync: String,
    pub(super) side: Side,
    pub(super) ty: String,
    pub(super) field: String,
}

pub(super) fn named_through(syncs: &[CheckedSync]) -> Vec<Named> {
    let throughs = syncs.iter().flat_map(|sync| &sync.matches).filter_map(CheckedMatch::through);
    let named = throughs.flat_map(|CheckedThrough { sync, ways }| {
        let of = move |side: Side| {
            ways[side].iter().map(move |way| Named {
                sync: sync.clone(),
                side,
                ty: way.member.clone(),
                field: way.field.clone(),
            })
        };
        of(Side::Left).chain(of(Side::Right))
    });
    named.collect()
}

impl Lowering<'_> {
    pub(super) fn match_line(&mut self, sync: &CheckedSync, line: &CheckedMatch) -> MatchLine {
        let key = format!("{}/{}", sync.name, line.rule.identity);
        let by = match &line.by {
            CheckedMatchBy::Keys(keys) => MatchBy::Keys(
                keys.iter()
                    .map(|part| KeyPair {
                        left: self.key_parts(sync, Side::Left, &part.sides.left),
                        right: self.key_parts(sync, Side::Right, &part.sides.right),
                    })
                    .collect(),
            ),
            CheckedMatchBy::Through(through) => MatchBy::Through(self.through(&key, through)),
        };
        MatchLine {
            rule: self.rule(&sync.name, &line.rule),
            key: self.dict.intern(Kind::Key, &key),
            by,
            proposes: line.proposes,
        }
    }

    fn through(&mut self, key: &str, through: &CheckedThrough) -> Through {
        let mut ways = BySide::new(Vec::new(), Vec::new());
        for side in Side::BOTH {
            for way in &through.ways[side] {
                let name = format!("{}.{}", way.member, way.field);
                ways[side].push(ThroughWay {
                    member: self.ty(side, &way.member),
                    field: self.field(side, &way.member, &way.field),
                    ty: way.ty,
                    key: self.dict.intern(Kind::Key, &format!("{key}/{}.{name}", side_word(side))),
                    field_name: name,
                });
            }
        }
        Through { block: self.dict.intern(Kind::Block, &through.sync), name: through.sync.clone(), ways }
    }

    fn key_parts(&mut self, sync: &CheckedSync, side: Side, parts: &[Option<CheckedKeyPart>]) -> Vec<Option<KeyPart>> {
        let parts = sync.types[side].iter().zip(parts).map(|(ty, part)| {
            part.as_ref().map(|part| match part {
                CheckedKeyPart::Id => KeyPart::Id,
                CheckedKeyPart::Field { name, form } => KeyPart::Field { uid: self.field(side, ty, name), form: *form },
            })
        });
        parts.collect()
    }

    /// Records of a side that carry ids of the other one, and these.
    pub(super) fn own_match(&mut self, sync: &str, side: Side, types: &BySide<Vec<TypeUse>>) -> Option<MatchLine> {
        let keys = types[side]
            .iter()
            .map(|used| used.own_key.as_ref().map(|key| KeyPart::Field { uid: key.field, form: KeyForm::Id }));
        let keys: Vec<Option<KeyPart>> = keys.collect();
        if keys.iter().all(Option::is_none) {
            return None;
        }
        let ids = vec![Some(KeyPart::Id); types[side.other()].len()];
        let (left, right) = if side == Side::Left { (keys, ids) } else { (ids, keys) };
        let key = self.dict.intern(Kind::Key, &format!("{sync}/own key {}", side_word(side)));
        let rule = RuleRef { name: "own key".into(), ..RuleRef::default() };
        Some(MatchLine { rule, key, by: MatchBy::Keys(vec![KeyPair { left, right }]), proposes: false })
    }
}
