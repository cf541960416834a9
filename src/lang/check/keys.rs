//! `match` lines.

use syncline_grammar::Span;
use syncline_grammar::tree::{BlockLine, CreateWhat, Key, Match, MatchBy, SyncLine};

use super::checked::{CheckedKey, CheckedKeyPart, CheckedMatch, CheckedSync};
use super::names::{Look, Origin, Resolved};
use super::sync::SyncCheck;
use super::types::{comparable, kind_words};
use crate::data::{BySide, FieldKind, Side};
use crate::diagnostic::{Code, Finding};

impl<'a> SyncCheck<'a> {
    /// Rows write between records that are a pair: there must be a way for two to become one.
    pub(super) fn pairs(&mut self, checked: &CheckedSync) {
        let mut lines = self.tree.lines.iter();
        // What rolls up makes its records itself.
        if lines.any(|line| matches!(line, SyncLine::RollUp(_))) {
            return;
        }
        let written: Vec<Span> = self.tree.lines.iter().filter_map(match_span).collect();
        let creates = Side::BOTH.into_iter().any(|side| checked.create[side].iter().any(|line| line.target.is_some()));
        match written.as_slice() {
            // Of lines that create without a key is said that they do.
            [] if creates || self.creates_something() => {}
            [] => {
                let message = "nothing says which records are the same, so that none is ever written";
                let finding = Finding::new(Code::NothingMatched, self.file, self.tree.name.span, message);
                self.report(finding.help("add a line like `match email = Email`"));
            }
            [first, ..] if self.matches.len() == written.len() && !creates && !self.matches.iter().any(may_match) => {
                let message = "no record is ever found by this, so that none is ever written";
                let finding = Finding::new(Code::NothingMatched, self.file, *first, message);
                let help = "the ids of the two sides are never the same: compare a field that holds the other side's id, \
                            or one like `match email = Email`";
                self.report(finding.help(help));
            }
            _ => {}
        }
    }

    /// Whether a `create` line makes a record, be it a good one or not.
    fn creates_something(&self) -> bool {
        let blocks = self.tree.lines.iter().filter_map(|line| match line {
            SyncLine::Block(block) => Some(&block.lines),
            _ => None,
        });
        blocks
            .flatten()
            .any(|line| matches!(line, BlockLine::Create(line) if matches!(line.what, CreateWhat::Object(_))))
    }

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

fn match_span(line: &SyncLine) -> Option<Span> {
    match line {
        SyncLine::Match(line) => Some(line.span),
        _ => None,
    }
}

/// Whether two records of some types can have the keys of the line in common. Each side gives its own ids.
fn may_match(line: &CheckedMatch) -> bool {
    let types = |side: Side| line.parts.first().map_or(0, |key| key.sides[side].len());
    let fits = |left: usize, right: usize| {
        line.parts.iter().all(|key| match (key.sides.left.get(left), key.sides.right.get(right)) {
            (Some(Some(a)), Some(Some(b))) => !(*a == CheckedKeyPart::Id && *b == CheckedKeyPart::Id),
            _ => false,
        })
    };
    (0..types(Side::Left)).any(|left| (0..types(Side::Right)).any(|right| fits(left, right)))
}
