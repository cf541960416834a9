//! "Did you mean": names close to one that is not there.

/// Names that are no nearer than this are no help.
const NEAR: f64 = 0.6;
const MOST: usize = 3;

/// What a wrong name may have meant, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Suggestion<'a> {
    /// The same but for case.
    Case(&'a str),
    /// It is the label of these.
    Label(Vec<&'a str>),
    Near(Vec<&'a str>),
}

impl Suggestion<'_> {
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
    let mut labelled = Vec::new();
    let mut near = Vec::new();
    for (name, label) in candidates {
        if fold(name) == folded {
            return Some(Suggestion::Case(name));
        }
        if fold(label) == folded && !labelled.contains(&name) {
            labelled.push(name);
        }
        let likeness = |text: &str| strsim::normalized_damerau_levenshtein(&fold(text), &folded);
        let score = likeness(name).max(likeness(label));
        if score >= NEAR && !near.iter().any(|(known, _)| *known == name) {
            near.push((name, score));
        }
    }
    if !labelled.is_empty() {
        labelled.truncate(MOST);
        return Some(Suggestion::Label(labelled));
    }
    near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let near: Vec<&str> = near.into_iter().take(MOST).map(|(name, _)| name).collect();
    (!near.is_empty()).then_some(Suggestion::Near(near))
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
    use super::*;

    #[test]
    fn case_beats_labels_and_labels_beat_likeness() {
        let fields = [("LeadSource", "Lead Source"), ("Lead_Origin__c", "Source"), ("Status", "Lead Status")];
        assert_eq!(suggest("leadSource", fields), Some(Suggestion::Case("LeadSource")));
        assert_eq!(suggest("source", fields), Some(Suggestion::Label(vec!["Lead_Origin__c"])));
        assert_eq!(suggest("Statuss", fields), Some(Suggestion::Near(vec!["Status"])));
        assert_eq!(suggest("zzz", fields), None);
    }
}
