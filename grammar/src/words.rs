//! The grammar in the words of the people who type it: no name of a rule is ever shown.

use crate::parser::Rule;

/// What could have stood at a place.
pub(crate) struct Expectation {
    /// For a message; `None` where nothing could.
    pub text: Option<String>,
    /// The words of the language that fit, to find the one meant.
    pub words: Vec<String>,
}

const MOST_NAMED: usize = 6;

pub(crate) fn expectation(rules: &[Rule]) -> Expectation {
    let mut named: Vec<String> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    for rule in rules {
        words.extend(words_of(*rule));
        for text in describe(*rule).iter().flat_map(|texts| texts.split('|')) {
            if !named.iter().any(|known| known == text) {
                named.push(text.to_owned());
            }
        }
    }
    let text = match named.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        [first @ .., last] if named.len() <= MOST_NAMED => Some(format!("{} or {last}", first.join(", "))),
        many => Some(format!("{} or another word", many.get(..MOST_NAMED).unwrap_or(many).join(", "))),
    };
    Expectation { text, words }
}

/// A rule as a person would call it, several with `|` between them; `None` for what is only there for pest.
fn describe(rule: Rule) -> Option<String> {
    if let Some(word) = keyword(rule) {
        return Some(format!("`{word}`"));
    }
    let text = match rule {
        Rule::word | Rule::create_what | Rule::objects | Rule::choice | Rule::named_head => "a name",
        Rule::path | Rule::operand | Rule::key | Rule::left | Rule::right | Rule::order_head => "a field",
        Rule::string | Rule::test_head | Rule::together_head => "a text in quotes",
        Rule::number => "a number",
        Rule::value | Rule::set | Rule::lead_values | Rule::pick_left | Rule::pick_right => "a value",
        Rule::is_value | Rule::is_state | Rule::date => "a value",
        Rule::duration => "a time such as `24 hours`",
        Rule::unit => "`hours`|`days`",
        Rule::side => "`hubspot`|`salesforce`",
        Rule::arrow => "an arrow",
        Rule::key_sign | Rule::equals => "`=`",
        Rule::colon => "`:`",
        Rule::comma => "`,`",
        Rule::open => "`(`",
        Rule::close => "`)`",
        Rule::percent => "`%`",
        Rule::brace | Rule::fields => "`{`",
        Rule::op => "`is`|`contains`|`starts with`|`ends with`",
        Rule::cond | Rule::atom | Rule::where_atom | Rule::compare => "a condition",
        Rule::clause => "a clause such as `or truncate` or `newest wins`",
        Rule::winner => "who wins, such as `newest wins`",
        Rule::handler => "what to do, such as `or truncate`",
        Rule::row_when | Rule::when_word | Rule::choice_when => "`when`",
        Rule::create_rule => "`when`|`otherwise`|`always`",
        Rule::even => "`even if excluded`",
        Rule::event => "`leave`|`delete`|`restore`|`merge`|`convert`|`erase`",
        Rule::action => "an action such as `ignore` or `freeze`",
        Rule::expected => "what to expect, such as `no writes`",
        Rule::campaign => "`Campaign`",
        Rule::connective => "`and`|`or`",
        _ => return None,
    };
    Some(text.to_owned())
}

/// The words a rule can start with.
fn words_of(rule: Rule) -> Vec<String> {
    let words: &[&str] = match rule {
        Rule::op => &["is", "contains", "starts", "ends"],
        Rule::clause => {
            &["newest", "hubspot", "salesforce", "prefer", "merge", "forward", "ask", "via", "as", "or", "when"]
        }
        Rule::winner => &["newest", "hubspot", "salesforce", "prefer", "merge", "forward", "ask"],
        Rule::side => &["hubspot", "salesforce"],
        Rule::unit => &["hours", "hour", "days", "day"],
        Rule::event => &["leave", "delete", "restore", "merge", "convert", "erase"],
        Rule::action => &["ignore", "freeze", "keep", "unlink", "delete", "restore", "follow", "propose", "set"],
        Rule::create_rule => &["when", "otherwise", "always"],
        Rule::row_when | Rule::when_word | Rule::choice_when => &["when"],
        Rule::connective => &["and", "or"],
        _ => return keyword(rule).into_iter().collect(),
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The word of a keyword's rule, which is named after it.
pub(crate) fn keyword(rule: Rule) -> Option<String> {
    format!("{rule:?}").strip_prefix("kw_").map(str::to_owned)
}

/// Where a line belongs that starts with this word.
pub(crate) fn place_of(word: &str) -> Option<&'static str> {
    Some(match word {
        "match" | "recheck" | "roll" | "both" | "to" | "map" | "associate" => "a `sync` block",
        "include" | "exclude" | "on" => "`both ways { … }`, `to hubspot { … }` or `to salesforce { … }`",
        "create" | "pick" | "relink" => "`to hubspot { … }` or `to salesforce { … }`",
        "together" => "a `map` block",
        "pipeline" => "a `stages` block",
        "reach" | "cascade" => "a `lifecycle` block",
        "edition" => "the first line of a file",
        "given" | "expect" => "a `test` block",
        "add" | "replace" | "remove" => "a `change` block",
        "sync" | "picklist" | "place" | "stages" | "owners" | "lifecycle" | "order" | "members" | "limits"
        | "change" | "test" | "zone" => "a file, outside of every other block",
        _ => return None,
    })
}

/// The word meant: equal but for case, or one or two slips away, never more than a third of it.
pub(crate) fn nearest<'a>(word: &str, words: &'a [impl AsRef<str>]) -> Option<&'a str> {
    if word.len() > 40 {
        return None;
    }
    if let Some(same) = words.iter().map(AsRef::as_ref).find(|candidate| candidate.eq_ignore_ascii_case(word)) {
        return Some(same);
    }
    let slips = words.iter().map(AsRef::as_ref).map(|candidate| (distance(word, candidate), candidate));
    let (count, best) = slips.min()?;
    let allowed = match best.len() {
        0..=2 => return None,
        3 => usize::from(word.len() != 3 && word.as_bytes().first() == best.as_bytes().first()),
        4..=6 => 1,
        _ => 2,
    };
    (count <= allowed || (count == 2 && transposed(word, best))).then_some(best)
}

/// The one word that starts like this one.
pub(crate) fn begun<'a>(word: &str, words: &'a [impl AsRef<str>]) -> Option<&'a str> {
    let mut longer = words.iter().map(AsRef::as_ref).filter(|candidate| candidate.starts_with(word) && word.len() > 2);
    let only = longer.next()?;
    longer.all(|other| other == only).then_some(only)
}

/// Levenshtein's distance of two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = *cell;
            left = substituted.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(start) = row.first_mut() {
            *start = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// The same letters, two neighbours swapped.
fn transposed(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let differing: Vec<usize> = (0..a.len().min(b.len())).filter(|i| a.get(*i) != b.get(*i)).collect();
    match differing.as_slice() {
        [i, j] => a.len() == b.len() && *j == i + 1 && a.get(*i) == b.get(*j) && a.get(*j) == b.get(*i),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_found_and_a_stranger_is_not() {
        assert_eq!(nearest("inclde", &["include", "exclude"]), Some("include"));
        assert_eq!(nearest("Include", &["include", "exclude"]), Some("include"));
        assert_eq!(nearest("sycn", &["sync", "zone"]), Some("sync"));
        assert_eq!(nearest("frobnicate", &["include", "exclude", "on", "to"]), None);
        assert_eq!(nearest("mapp", &["map", "match"]), Some("map"));
        assert_eq!(nearest("any", &["and", "as", "or"]), None);
    }
}
