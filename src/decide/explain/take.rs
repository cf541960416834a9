//! What it would take to turn an answer.

use super::judged::{Joint, Judged, Saw};
use crate::data::Side;

/// Changes that would turn an answer: all of them, any of them, or one.
#[derive(Clone, Debug, PartialEq)]
pub enum Take {
    All(Vec<Take>),
    Any(Vec<Take>),
    One {
        /// What the comparison would have to be.
        want: bool,
        /// The comparison, as a rule would say it.
        text: String,
        /// The values that it looks at, as they are.
        saw: Vec<Saw>,
    },
    /// A match line needs something to go by.
    Key {
        /// Lines of which a key would have to be filled in.
        lines: Vec<String>,
        /// Syncs of which a record would have to name it.
        through: Vec<String>,
    },
    /// Its record on this side was deleted.
    Restore(Side),
}

impl Take {
    /// `None` when nothing is to be done.
    pub(super) fn all(parts: impl IntoIterator<Item = Take>) -> Option<Take> {
        joined(parts, Take::All)
    }

    pub(super) fn any(parts: impl IntoIterator<Item = Take>) -> Option<Take> {
        joined(parts, Take::Any)
    }

    /// What would make the condition true, or false; `None` when it is.
    pub(super) fn to(judged: &Judged, want: bool) -> Option<Take> {
        if judged.answer == Some(want) {
            return None;
        }
        let parts = || judged.parts.iter().filter_map(|part| Take::to(part, want));
        match (judged.joint, want) {
            (Joint::All, true) | (Joint::Any, false) => Take::all(parts()),
            (Joint::All, false) | (Joint::Any, true) => Take::any(parts()),
            (Joint::Not, _) => judged.parts.first().and_then(|inner| Take::to(inner, !want)),
            (Joint::One, _) => Some(Take::One { want, text: judged.text.clone(), saw: judged.saw.clone() }),
        }
    }
}

fn joined(parts: impl IntoIterator<Item = Take>, many: fn(Vec<Take>) -> Take) -> Option<Take> {
    let mut parts: Vec<Take> = parts.into_iter().collect();
    match parts.len() {
        0 | 1 => parts.pop(),
        _ => Some(many(parts)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str, answer: Option<bool>) -> Judged {
        let (saw, counting) = (Vec::new(), Vec::new());
        Judged { text: text.into(), answer, joint: Joint::One, parts: Vec::new(), saw, counting }
    }

    fn many(joint: Joint, answer: Option<bool>, parts: Vec<Judged>) -> Judged {
        Judged { joint, parts, ..one("", answer) }
    }

    fn told(take: Option<Take>) -> String {
        match take {
            None => "nothing".into(),
            Some(Take::One { want, text, .. }) => format!("{text}={want}"),
            Some(Take::All(parts)) => parts.into_iter().map(|p| told(Some(p))).collect::<Vec<_>>().join("&"),
            Some(Take::Any(parts)) => {
                format!("({})", parts.into_iter().map(|p| told(Some(p))).collect::<Vec<_>>().join("|"))
            }
            Some(Take::Key { lines, .. }) => lines.join(","),
            Some(Take::Restore(side)) => format!("{side:?}"),
        }
    }

    #[test]
    fn only_what_stands_in_the_way_is_named() {
        let (yes, no, open) = (Some(true), Some(false), None);
        let all = many(Joint::All, no, vec![one("a", yes), one("b", no), one("c", open)]);
        assert_eq!(told(Take::to(&all, true)), "b=true&c=true");
        assert_eq!(told(Take::to(&all, false)), "nothing");
        let any = many(Joint::Any, no, vec![one("a", no), all]);
        assert_eq!(told(Take::to(&any, true)), "(a=true|b=true&c=true)");
        let not = many(Joint::Not, no, vec![many(Joint::Any, yes, vec![one("a", yes), one("b", no), one("c", yes)])]);
        assert_eq!(told(Take::to(&not, true)), "a=false&c=false");
    }
}
