//! `match` lines.

use syncline_grammar::tree::{Key, Match, MatchBy};

use super::checked::{CheckedKey, CheckedKeyPart, CheckedMatch};
use super::names::{Look, Origin, Resolved};
use super::sync::SyncCheck;
use super::types::{comparable, kind_words};
use crate::data::{BySide, FieldKind, Side};
use crate::diagnostic::{Code, Finding};

impl<'a> SyncCheck<'a> {
    pub(super) fn match_line(&mut self, line: &Match) {
        let MatchBy::Keys(keys) = &line.by else { return };
        if super::unbuilt::in_match(line) {
            return;
        }
        let parts: Vec<Option<CheckedKey>> = keys.iter().map(|key| self.key(key)).collect();
        let Some(parts) = parts.into_iter().collect::<Option<Vec<_>>>() else { return };
        let written: Vec<String> =
            keys.iter().map(|key| format!("{} = {}", key.hubspot.text(), key.salesforce.text())).collect();
        let name = format!("match {}", written.join(" and "));
        if self.matches.iter().any(|known| known.parts == parts) {
            self.error(Code::NameTwice, line.span, format!("`{name}` stands twice"));
            return;
        }
        let rule = self.rule(name.clone(), name, line.span);
        self.matches.push(CheckedMatch { rule, parts });
    }

    fn key(&mut self, key: &Key) -> Option<CheckedKey> {
        let left = self.resolve(Look::fixed(Side::Left), &key.hubspot);
        let right = self.resolve(Look::fixed(Side::Right), &key.salesforce);
        let (left, right) = (left?, right?);
        for resolved in [&left, &right] {
            if matches!(resolved.origin, Origin::Reached { .. } | Origin::ReachedId { .. }) {
                self.unbuilt(resolved.span, "a key over a reference");
                return None;
            }
        }
        let kinds = |resolved: &Resolved<'a>| -> Vec<FieldKind> {
            match resolved.fields().as_slice() {
                [] => vec![FieldKind::Id],
                fields => fields.iter().map(|field| field.def.kind).collect(),
            }
        };
        for a in kinds(&left) {
            for b in kinds(&right) {
                if !comparable(a, b) || a == FieldKind::Options {
                    let message = format!("{} and {} are never equal", kind_words(a), kind_words(b));
                    let finding = Finding::new(Code::KeysDiffer, self.file, key.span, message);
                    self.report(finding);
                    return None;
                }
            }
        }
        // A text that is compared with an id is one: its case counts, and so do its first fifteen characters alone.
        let id = kinds(&left).into_iter().chain(kinds(&right)).any(|kind| kind == FieldKind::Id);
        Some(CheckedKey { sides: BySide::new(self.key_parts(&left, id), self.key_parts(&right, id)) })
    }

    fn key_parts(&self, resolved: &Resolved<'a>, id: bool) -> Vec<Option<CheckedKeyPart>> {
        let kind = |own: FieldKind| if id { FieldKind::Id } else { own };
        (0..self.types[resolved.side].len())
            .map(|ty| match resolved.field(ty) {
                Some(field) => Some(CheckedKeyPart::Field { name: field.name.to_owned(), kind: kind(field.def.kind) }),
                None => resolved.applies(ty).then_some(CheckedKeyPart::Id),
            })
            .collect()
    }
}
