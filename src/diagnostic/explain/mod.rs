//! What `syncline explain` and docs/codes.md say of each code: one table per phase. What a code means stands with it in
//! `code.rs`; examples are files of `tests/corpus`, which the tests hold to trigger exactly their code.

mod flow;
mod markdown;
mod names;
mod outcomes;
mod snippet;
mod syntax;
mod values;

pub use markdown::{markdown, markdown_of};

use super::code::{Code, Severity};

/// Everything about one code.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    pub id: &'static str,
    /// None: it is not about rules, but about a record while a pass runs.
    pub severity: Option<Severity>,
    pub means: &'static str,
    /// Why it matters.
    pub why: &'static str,
    pub way_out: &'static str,
    pub example: Example,
}

#[derive(Clone, Copy, Debug)]
pub enum Example {
    /// A file of the corpus, with its `// expect` lines.
    Rules(&'static str),
    /// What cannot be shown by rules.
    Words(&'static str),
}

/// The first letter of a code, and what the codes with it are about.
pub const PHASES: [(char, &str); 10] = [
    ('S', "how rules are written"),
    ('N', "names"),
    ('T', "types of values"),
    ('L', "values that would be lost"),
    ('C', "picklists, orders, places and owners"),
    ('F', "direction, winners and what happens when"),
    ('A', "lines that do nothing"),
    ('U', "not built yet"),
    ('X', "expectations of tests that failed"),
    ('R', "records that need a person, while a pass runs"),
];

#[derive(Clone, Copy)]
struct Text {
    id: &'static str,
    /// Empty where `Code` says it.
    means: &'static str,
    why: &'static str,
    way_out: &'static str,
    example: Example,
}

macro_rules! example {
    ($id:literal ($words:literal)) => {
        $crate::diagnostic::explain::Example::Words($words)
    };
    ($id:literal $file:literal) => {
        $crate::diagnostic::explain::Example::Rules(include_str!(concat!(
            "../../../tests/corpus/",
            $id,
            "_",
            $file,
            ".sync"
        )))
    };
}

/// Per code: its corpus file (or words in parentheses), why it matters, and the way out.
macro_rules! texts {
    ($($id:literal $example:tt $(means $means:literal)? why $why:literal out $out:literal)*) => {
        pub(super) const TEXTS: &[$crate::diagnostic::explain::Text] = &[$($crate::diagnostic::explain::Text {
            id: $id,
            means: concat!($($means)?),
            why: $why,
            way_out: $out,
            example: $crate::diagnostic::explain::example!($id $example),
        },)*];
    };
}
use {example, texts};

/// All codes, by phase and number.
pub fn explanations() -> impl Iterator<Item = Explanation> {
    let tables = [syntax::TEXTS, names::TEXTS, values::TEXTS, flow::TEXTS, outcomes::TEXTS];
    tables.into_iter().flatten().map(|text| {
        let code = Code::ALL.iter().find(|code| code.id() == text.id);
        Explanation {
            id: text.id,
            severity: code.map(|code| code.severity()),
            means: code.map_or(text.means, |code| code.doc()),
            why: text.why,
            way_out: text.way_out,
            example: text.example,
        }
    })
}

impl Explanation {
    /// Upper or lower case.
    pub fn of(id: &str) -> Option<Explanation> {
        explanations().find(|one| one.id.eq_ignore_ascii_case(id))
    }

    /// The way out in the form of a finding's help: lower case, no full stop.
    pub fn advice(&self) -> String {
        let text = self.way_out.strip_suffix('.').unwrap_or(self.way_out);
        let mut letters = text.chars();
        letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
    }

    pub fn phase(&self) -> &'static str {
        PHASES.iter().find(|(letter, _)| self.id.starts_with(*letter)).map_or("", |(_, about)| about)
    }

    /// `error`, `warning` or `problem`.
    pub fn word(&self) -> &'static str {
        self.severity.map_or("problem", Severity::word)
    }

    /// What a reader needs of the example; lines where the code is found are marked.
    pub fn example(&self) -> String {
        match self.example {
            Example::Rules(text) => snippet::snippet(text, self.id),
            Example::Words(words) => words.to_owned(),
        }
    }
}

/// The codes that are nearest to one that does not exist; none where nothing is near.
pub fn near(id: &str) -> Vec<&'static str> {
    const MOST: usize = 3;
    let wanted: String = id.chars().take(8).collect::<String>().to_ascii_uppercase();
    // Of the same distance, those of the same phase first.
    let mut near: Vec<(usize, bool, &str)> = explanations()
        .map(|one| (strsim::damerau_levenshtein(one.id, &wanted), !wanted.starts_with(&one.id[..1]), one.id))
        .filter(|(distance, strange, _)| *distance == 1 || *distance == 2 && !strange)
        .collect();
    near.sort_unstable();
    let best = near.first().map(|(distance, strange, _)| (*distance, *strange));
    near.iter()
        .filter(|(distance, strange, _)| Some((*distance, *strange)) == best)
        .map(|(.., id)| *id)
        .take(MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_told_once_and_in_full() {
        let told: Vec<&str> = explanations().map(|one| one.id).collect();
        let missing: Vec<&str> = Code::ALL.iter().map(|code| code.id()).filter(|id| !told.contains(id)).collect();
        assert!(missing.is_empty(), "no text in src/diagnostic/explain for {missing:?}");
        let place = |id: &str| PHASES.iter().position(|(letter, _)| id.starts_with(*letter));
        assert!(told.is_sorted_by(|a, b| (place(a), *a) < (place(b), *b)), "by phase and number, each once: {told:?}");
        for one in explanations() {
            for text in [one.means, one.why, one.way_out] {
                assert!(text.len() > 15 && text.ends_with(['.', '`', '?']), "{}: {text:?}", one.id);
            }
            assert!(!one.phase().is_empty() && one.example().trim().len() > 10, "{}", one.id);
            assert_eq!(one.severity.is_none(), one.id.starts_with('R'), "{} is in no table of codes", one.id);
        }
    }

    #[test]
    fn a_code_is_found_in_any_case_and_a_wrong_one_has_neighbours() {
        assert_eq!(Explanation::of("l301").map(|one| one.id), Some("L301"));
        assert!(Explanation::of("L3011").is_none() && Explanation::of("").is_none());
        assert_eq!(near("l031"), ["L301"]);
        assert_eq!(near("F50"), ["F501", "F502", "F503"]);
        assert_eq!(near("é"), [""; 0]);
        assert_eq!(near("nonsense"), [""; 0]);
    }
}
