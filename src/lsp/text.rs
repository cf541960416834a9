//! Names and texts as the language writes them.

/// Whether a name needs no backticks, and a value no quotes.
pub fn is_word(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A name, in backticks where it is not one word.
pub fn name(text: &str) -> String {
    if is_word(text) { text.to_owned() } else { format!("`{text}`") }
}

/// A text in quotes.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        for text in ["Lead", "2-3456", "a b", "ä", "_x9"] {
            let parsed = syncline_grammar::parse(&format!("values {} {{ {} }}", name(text), quoted(text)));
            assert_eq!(parsed.problems, [], "{text}");
        }
        assert_eq!(quoted("a\"b\\c"), r#""a\"b\\c""#);
    }
}
