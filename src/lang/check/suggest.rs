//! "Did you mean": names close to one that is not there.

use std::cell::Cell;

use crate::diagnostic::{Finding, Fix};

/// Names that are no nearer than this are no help.
const NEAR: f64 = 0.6;
const MOST: usize = 3;

/// What a wrong name may have meant, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Suggestion<'a> {
    /// The same but for case, and the only one.
    Case(&'a str),
    /// It is the label of these.
    Label(Vec<&'a str>),
    Near(Vec<&'a str>),
}

/// How a name is written where it stands.
pub(super) type Written = fn(&str) -> String;

/// An API name: a word, or in backticks.
pub(super) fn as_word(name: &str) -> String {
    if is_word(name) { name.to_owned() } else { format!("`{name}`") }
}

pub(super) fn as_text(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// An option: a word where it can be one.
pub(super) fn as_option(name: &str) -> String {
    if is_word(name) { name.to_owned() } else { as_text(name) }
}

pub(super) fn is_word(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl Suggestion<'_> {
    /// The finding with the suggestion as its help and its fixes, which write the name at the finding's place.
    pub(super) fn into(self, finding: Finding, written: Written) -> Finding {
        let help = self.help();
        self.fixes(finding, written).help(help)
    }

    /// The finding with the fixes alone.
    pub(super) fn fixes(&self, mut finding: Finding, written: Written) -> Finding {
        let Some((file, span)) = finding.labels.first().map(|label| (label.file, label.span)) else { return finding };
        let (names, safe) = match self {
            Suggestion::Case(name) => (vec![*name], true),
            Suggestion::Label(names) => (names.clone(), names.len() == 1),
            Suggestion::Near(names) => (names.clone(), false),
        };
        for name in names {
            finding = finding.fix(Fix::write(file, span, written(name)).safe_if(safe));
        }
        finding
    }

    pub(super) fn help(&self) -> String {
        match self {
            Suggestion::Case(name) => did_you_mean(&[name]),
            Suggestion::Label(names) => format!("its API name is {}", join(names, "or")),
            Suggestion::Near(names) => did_you_mean(names),
        }
    }
}

fn did_you_mean(names: &[&str]) -> String {
    format!("did you mean {}?", join(names, "or"))
}

/// What may be spent on likeness in one check, in pairs of characters compared. Who has hundreds of wrong names has a wrong
/// schema, not typing mistakes, and the check stays as fast as for others.
const LIKENESS: u64 = 15_000_000;
/// The same for names that differ by case alone and for labels, in characters: enough for a thousand wrong names.
const SAMENESS: u64 = 60_000_000;

/// Finds what a wrong name may have meant, as long as the effort lasts.
#[derive(Debug)]
pub(super) struct Likeness {
    left: Cell<u64>,
    for_same: Cell<u64>,
}

impl Default for Likeness {
    fn default() -> Likeness {
        Likeness { left: Cell::new(LIKENESS), for_same: Cell::new(SAMENESS) }
    }
}

impl Likeness {
    /// Case first, then labels, then likeness over names and labels. `candidates`: names with their labels.
    pub(super) fn suggest<'a>(
        &self,
        wanted: &str,
        candidates: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Option<Suggestion<'a>> {
        let candidates: Vec<(&str, &str)> = candidates.into_iter().collect();
        let mut same: Vec<&str> = Vec::new();
        let mut labelled = Vec::new();
        for (name, label) in &candidates {
            if !spend(&self.for_same, name.len() + label.len()) {
                return None;
            }
            if folds_alike(name, wanted) && !same.contains(name) {
                same.push(name);
            }
            if folds_alike(label, wanted) && !labelled.contains(name) {
                labelled.push(name);
            }
        }
        match same.as_slice() {
            [] => {}
            [one] => return Some(Suggestion::Case(one)),
            several => return Some(Suggestion::Near(several.iter().take(MOST).copied().collect())),
        }
        if !labelled.is_empty() {
            labelled.truncate(MOST);
            return Some(Suggestion::Label(labelled));
        }
        let near = self.nearest(&Folded::of(wanted), &candidates);
        (!near.is_empty()).then_some(Suggestion::Near(near))
    }

    fn nearest<'a>(&self, wanted: &Folded, candidates: &[(&'a str, &'a str)]) -> Vec<&'a str> {
        let mut near = Nearest::default();
        for (name, label) in candidates {
            for text in [name, label] {
                if !spend(&self.left, text.len()) {
                    return Vec::new();
                }
                let folded = Folded::of(text);
                near.offer(name, folded.at_most(wanted), || {
                    spend(&self.left, folded.length.saturating_mul(wanted.length));
                    folded.likeness(wanted)
                });
            }
        }
        near.0.into_iter().map(|(name, _)| name).collect()
    }
}

/// False when there is nothing left.
fn spend(effort: &Cell<u64>, characters: usize) -> bool {
    let left = effort.get();
    effort.set(left.saturating_sub(characters as u64));
    left > 0
}

/// The few names that are nearest, best first; equally near ones by name.
#[derive(Default)]
struct Nearest<'a>(Vec<(&'a str, f64)>);

impl<'a> Nearest<'a> {
    /// `at_most`: what the likeness cannot be above. Hundreds of names are compared with each wrong one, and most cannot be
    /// among the nearest, so that how near they are is not worked out.
    fn offer(&mut self, name: &'a str, at_most: f64, likeness: impl FnOnce() -> f64) {
        let beats = |score: f64, other: &(&str, f64)| score > other.1 || (score == other.1 && name < other.0);
        let full = self.0.len() == MOST && !self.0.iter().any(|(known, _)| *known == name);
        if at_most < NEAR || (full && self.0.last().is_some_and(|last| !beats(at_most, last))) {
            return;
        }
        let score = likeness();
        if score < NEAR || self.0.iter().any(|(known, known_score)| *known == name && *known_score >= score) {
            return;
        }
        self.0.retain(|(known, _)| *known != name);
        let at = self.0.iter().position(|other| beats(score, other)).unwrap_or(self.0.len());
        self.0.insert(at, (name, score));
        self.0.truncate(MOST);
    }
}

/// A name as it is compared, with how often each character occurs in it.
struct Folded {
    text: String,
    length: usize,
    counts: [u8; 64],
}

impl Folded {
    fn of(text: &str) -> Folded {
        let text: String = folded(text).collect();
        let (mut length, mut counts) = (0, [0u8; 64]);
        for c in text.chars() {
            length += 1;
            let count = &mut counts[c as usize % 64];
            *count = count.saturating_add(1);
        }
        Folded { text, length, counts }
    }

    fn score(&self, other: &Folded, distance: usize) -> f64 {
        1.0 - distance as f64 / self.length.max(other.length).max(1) as f64
    }

    /// By the characters that both have.
    fn at_most(&self, other: &Folded) -> f64 {
        let common: usize = self.counts.iter().zip(&other.counts).map(|(a, b)| usize::from(*a.min(b))).sum();
        let longest = self.length.max(other.length);
        // Past 255 of one character the counts stand still.
        if longest > 255 { 1.0 } else { self.score(other, longest.saturating_sub(common)) }
    }

    /// 1 for equal texts.
    fn likeness(&self, other: &Folded) -> f64 {
        self.score(other, strsim::osa_distance(&self.text, &other.text))
    }
}

/// Names differ by case, spaces and underscores far more often than by anything else.
fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).flat_map(char::to_lowercase)
}

fn folds_alike(a: &str, b: &str) -> bool {
    folded(a).eq(folded(b))
}

/// `` `a`, `b` or `c` ``
pub(super) fn join(names: &[&str], word: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

/// The first few of many, for a message.
pub(super) fn few(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    match names.len() > SHOWN {
        true => format!("{} and {} more", join(&names[..SHOWN], ","), names.len() - SHOWN).replace(" , ", ", "),
        false => join(names, "and"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use syncline_grammar::Span;

    use super::*;

    fn suggest<'a>(wanted: &str, known: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Suggestion<'a>> {
        Likeness::default().suggest(wanted, known)
    }

    #[test]
    fn without_effort_case_and_labels_are_still_found() {
        let spent = Likeness { left: Cell::new(0), ..Likeness::default() };
        let fields = [("LeadSource", "Lead Source"), ("Lead_Origin__c", "Source")];
        assert_eq!(spent.suggest("leadsource", fields), Some(Suggestion::Case("LeadSource")));
        assert_eq!(spent.suggest("source", fields), Some(Suggestion::Label(vec!["Lead_Origin__c"])));
        assert_eq!(spent.suggest("LeadSorce", fields), None);
        let spent = Likeness { for_same: Cell::new(0), ..Likeness::default() };
        assert_eq!(spent.suggest("leadsource", fields), None);
    }

    #[test]
    fn case_beats_labels_and_labels_beat_likeness() {
        let fields = [("LeadSource", "Lead Source"), ("Lead_Origin__c", "Source"), ("Status", "Lead Status")];
        assert_eq!(suggest("leadSource", fields), Some(Suggestion::Case("LeadSource")));
        assert_eq!(suggest("source", fields), Some(Suggestion::Label(vec!["Lead_Origin__c"])));
        assert_eq!(suggest("Statuss", fields), Some(Suggestion::Near(vec!["Status"])));
        assert_eq!(suggest("zzz", fields), None);
        assert_eq!(suggest("fristname", [("firstname", "First name")]), Some(Suggestion::Near(vec!["firstname"])));
        let twins = [("first_name", "A"), ("firstname", "B")];
        assert_eq!(suggest("FirstName", twins), Some(Suggestion::Near(vec!["first_name", "firstname"])));
    }

    #[test]
    fn only_what_is_surely_meant_is_written_unasked() {
        let fields = [("LeadSource", "Lead Source"), ("2-34", "Invoice"), ("A__c", "Twice"), ("B__c", "Twice")];
        let fixes = |wanted: &str| {
            let finding = Finding::new(crate::diagnostic::Code::UnknownField, 0, Span::new(3, 9), "x");
            let found = suggest(wanted, fields).unwrap().into(finding, as_word);
            found.fixes.into_iter().map(|fix| (fix.edits[0].text.clone(), fix.safe)).collect::<Vec<_>>()
        };
        assert_eq!(fixes("leadsource"), [("LeadSource".to_owned(), true)]);
        assert_eq!(fixes("invoice"), [("`2-34`".to_owned(), true)]);
        assert_eq!(fixes("Twice"), [("A__c".to_owned(), false), ("B__c".to_owned(), false)]);
        assert_eq!(fixes("LeadSorce"), [("LeadSource".to_owned(), false)]);
    }

    proptest! {
        /// What is left out unread would not have been among the nearest.
        #[test]
        fn the_nearest_are_those_of_a_full_reading(
            names in prop::collection::btree_set("[ab_C]{1,6}", 1..20),
            wanted in "[abcC]{1,6}",
        ) {
            let wanted = Folded::of(&wanted);
            let mut near = Nearest::default();
            names.iter().map(|name| (name, Folded::of(name))).for_each(|(name, folded)| {
                near.offer(name, folded.at_most(&wanted), || folded.likeness(&wanted));
            });
            let mut all: Vec<(&str, f64)> =
                names.iter().map(|name| (name.as_str(), Folded::of(name).likeness(&wanted))).collect();
            all.retain(|(_, score)| *score >= NEAR);
            all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
            all.truncate(MOST);
            prop_assert_eq!(near.0, all);
        }
    }
}
