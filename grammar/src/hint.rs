//! What a token that does not belong is most likely to be, said beside what would be right there.

use crate::parser::Rule;
use crate::scan::{Token, TokenKind};
use crate::source::Source;

const QUOTES: &str = "what has other characters than letters, digits and `_` stands in double quotes, or in backticks where it \
                      is a name";

/// What to write instead of `found`, where that can be told.
pub(crate) fn hint(source: &Source<'_>, found: &Token, expected: &[Rule]) -> Option<String> {
    let text = found.span.slice(source.original);
    let expects = |rules: &[Rule]| rules.iter().any(|rule| expected.contains(rule));
    let before = source.token_before(found.span.start);
    match found.kind {
        TokenKind::Text if expects(NAMES) && !expects(TEXTS) => {
            Some("a field is called by its API name, without quotes".to_owned())
        }
        TokenKind::Word if expects(AFTER_A_NAME) => {
            let first = before.filter(|token| token.kind == TokenKind::Word)?.span.slice(source.original);
            let between = source.original.get(before?.span.end as usize..found.span.start as usize)?;
            if between.is_empty() || !between.chars().all(|c| c == ' ') {
                return None;
            }
            let sign = if expects(&[Rule::arrow]) {
                "; two fields have an arrow between them"
            } else if expects(&[Rule::key_sign, Rule::equals]) {
                "; two keys have a `=` between them"
            } else {
                ""
            };
            Some(format!("if `{first} {text}` is a label, write the API name, which is one word{sign}"))
        }
        TokenKind::Sign if text.starts_with('|') => Some("write `or`".to_owned()),
        TokenKind::Sign if text == "*" && expects(&[Rule::pick_left]) => {
            Some("all values without a row are called `otherwise`".to_owned())
        }
        TokenKind::Sign if is_part_of_a_word(source, found) => Some(QUOTES.to_owned()),
        _ => None,
    }
}

/// Places of names.
const NAMES: &[Rule] = &[Rule::word, Rule::path, Rule::key];
const TEXTS: &[Rule] = &[Rule::string, Rule::operand, Rule::value, Rule::left, Rule::right];
/// What comes after the name of a field.
const AFTER_A_NAME: &[Rule] = &[Rule::arrow, Rule::op, Rule::compare, Rule::key_sign, Rule::equals];

/// `@acme.com`, `gold-1`, `ünï`: a sign beside letters, which somebody meant to be one word.
fn is_part_of_a_word(source: &Source<'_>, found: &Token) -> bool {
    let text = found.span.slice(source.original);
    let own = text.starts_with(|c: char| matches!(c, '@' | '-' | '+' | '#' | '%' | '/' | '*') || !c.is_ascii());
    let rest = source.original.get(found.span.end as usize..).unwrap_or_default();
    own && rest.starts_with(|c: char| c.is_alphanumeric())
}
