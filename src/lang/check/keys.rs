//! `match` lines.

use syncline_grammar::Span;
use syncline_grammar::tree::{BlockLine, CreateWhat, Key, Match, MatchBy, Name, SyncLine};

use super::checked::{CheckedKey, CheckedKeyPart, CheckedMatch, CheckedMatchBy, CheckedSync};
use super::names::{Look, Origin, Resolved};
use super::suggest::as_word;
use super::sync::SyncCheck;
use super::types::{comparable, kind_words};
use crate::data::{BySide, FieldKind, KeyForm, Side};
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
        let keys = match &line.by {
            MatchBy::Keys(keys) => keys,
            MatchBy::Through(name) => return self.match_through(line, name),
        };
        let parts: Vec<Option<CheckedKey>> = keys.iter().map(|key| self.key(key)).collect();
        let Some(parts) = parts.into_iter().collect::<Option<Vec<_>>>() else { return };
        let written = keys.iter().map(|key| {
            let form = key.as_type.as_ref().map_or_else(String::new, |form| format!(" as {}", form.text));
            format!("{} = {}{form}", key.hubspot.text(), key.salesforce.text())
        });
        let written: Vec<String> = written.collect();
        let name = format!("match {}", written.join(" and "));
        self.add_match(line, name, CheckedMatchBy::Keys(parts));
    }

    pub(super) fn add_match(&mut self, line: &Match, name: String, by: CheckedMatchBy) {
        if self.matches.iter().any(|known| known.by == by) {
            self.error(Code::NameTwice, line.span, format!("`{name}` stands twice"));
            return;
        }
        let rule = self.rule(name.clone(), name, line.span);
        self.matches.push(CheckedMatch { rule, by, proposes: line.or_propose.is_some() });
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
        if let Some(word) = &key.as_type {
            let form = self.key_form(word)?;
            for (resolved, path) in [(&left, &key.hubspot), (&right, &key.salesforce)] {
                let misfit = |kind: &FieldKind| !matches!(kind, FieldKind::Text | FieldKind::Email);
                if let Some(kind) = kinds(resolved).into_iter().find(misfit) {
                    let message =
                        format!("`{}` is {}, which has no {} in it", path.text(), kind_words(kind), word.text);
                    let finding = Finding::new(Code::KeyFormUnfit, self.file, path.span, message);
                    self.report(
                        finding.help("only text can be read so: compare the fields as they are, or take another one"),
                    );
                    return None;
                }
            }
            return Some(CheckedKey {
                sides: BySide::new(self.key_parts(&left, Some(form)), self.key_parts(&right, Some(form))),
            });
        }
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
        let form = id.then_some(KeyForm::Id);
        Some(CheckedKey { sides: BySide::new(self.key_parts(&left, form), self.key_parts(&right, form)) })
    }

    /// What a word after `as` says of a key.
    fn key_form(&mut self, word: &Name) -> Option<KeyForm> {
        let found = KeyForm::NAMED.into_iter().find(|(known, _)| *known == word.text);
        if found.is_none() {
            let message = format!("no key is taken `as {}`", word.text);
            let finding = Finding::new(Code::UnknownKeyForm, self.file, word.span, message);
            let known = KeyForm::NAMED.map(|(known, _)| (known, known));
            self.report(match self.globals.likeness.suggest(&word.text, known) {
                Some(found) => found.into(finding, as_word),
                None => finding.help("write `as domain` or `as phone`, or compare the fields as they are"),
            });
        }
        found.map(|(_, form)| form)
    }

    fn key_parts(&self, resolved: &Resolved<'a>, form: Option<KeyForm>) -> Vec<Option<CheckedKeyPart>> {
        let form_of = |kind: FieldKind| form.unwrap_or(KeyForm::of(kind));
        (0..self.types[resolved.side].len())
            .map(|ty| match resolved.field(ty) {
                Some(field) => {
                    Some(CheckedKeyPart::Field { name: field.name.to_owned(), form: form_of(field.def.kind) })
                }
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
    let keys = match &line.by {
        CheckedMatchBy::Keys(keys) => keys,
        CheckedMatchBy::Through(_) => return true,
    };
    let types = |side: Side| keys.first().map_or(0, |key| key.sides[side].len());
    let fits = |left: usize, right: usize| {
        keys.iter().all(|key| match (key.sides.left.get(left), key.sides.right.get(right)) {
            (Some(Some(a)), Some(Some(b))) => !(*a == CheckedKeyPart::Id && *b == CheckedKeyPart::Id),
            _ => false,
        })
    };
    (0..types(Side::Left)).any(|left| (0..types(Side::Right)).any(|right| fits(left, right)))
}
