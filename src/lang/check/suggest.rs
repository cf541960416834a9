//! "Did you mean": names close to one that is not there.

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

/// Case first, then labels, then likeness over names and labels.
pub(super) fn suggest<'a>(
    wanted: &str,
    candidates: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Option<Suggestion<'a>> {
    let folded = fold(wanted);
    let mut same: Vec<&str> = Vec::new();
    let mut labelled = Vec::new();
    let mut near = Vec::new();
    for (name, label) in candidates {
        if fold(name) == folded && !same.contains(&name) {
            same.push(name);
        }
        if fold(label) == folded && !labelled.contains(&name) {
            labelled.push(name);
        }
        let score = likeness(&fold(name), &folded).max(likeness(&fold(label), &folded));
        if score >= NEAR && !near.iter().any(|(known, _)| *known == name) {
            near.push((name, score));
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
    near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let near: Vec<&str> = near.into_iter().take(MOST).map(|(name, _)| name).collect();
    (!near.is_empty()).then_some(Suggestion::Near(near))
}

/// 1 for equal texts, 0 for those that are not [`NEAR`]. Hundreds of names are compared with each wrong one, and most have
/// too few characters in common to be worth it.
fn likeness(a: &str, b: &str) -> f64 {
    let longest = a.chars().count().max(b.chars().count());
    let mut counts = [0i32; 128];
    let index = |c: char| c as usize % 128;
    b.chars().for_each(|c| counts[index(c)] += 1);
    let mut common = 0usize;
    for c in a.chars() {
        let count = &mut counts[index(c)];
        common += usize::from(*count > 0);
        *count -= 1;
    }
    let score = |distance: usize| 1.0 - distance as f64 / longest.max(1) as f64;
    if score(longest - common) < NEAR { 0.0 } else { score(strsim::osa_distance(a, b)) }
}

/// Names differ by case, spaces and underscores far more often than by anything else.
fn fold(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, ' ' | '_' | '-')).flat_map(char::to_lowercase).collect()
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
    use syncline_grammar::Span;

    use super::*;

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
}
