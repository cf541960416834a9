//! The one form of a file, as the change that leads to it.

use syncline_grammar::{Changed, FormatError, Span, format};

use super::analysis::Analysis;
use crate::diagnostic::Edit;

/// The change that gives a file its one form; none where it has it, or has faults of syntax, which are told as findings.
///
/// # Errors
/// What the formatter would have broken, and left alone.
pub fn formatting(analysis: &Analysis, file: usize) -> Result<Option<Edit>, Changed> {
    let text = analysis.text(file);
    match format(text) {
        Ok(new) => Ok(change(text, &new).map(|(span, text)| Edit { file, span, text })),
        Err(FormatError::Problems(_)) => Ok(None),
        Err(FormatError::Fault(changed)) => Err(changed),
    }
}

/// The smallest stretch of `old` that must be replaced to make `new` of it; none where they are equal. Editors keep the
/// cursor and marks outside of it.
fn change(old: &str, new: &str) -> Option<(Span, String)> {
    if old == new {
        return None;
    }
    let alike = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    };
    let before = alike(&mut old.chars().zip(new.chars()));
    let (rest_old, rest_new) = (old.get(before..)?, new.get(before..)?);
    let after = alike(&mut rest_old.chars().rev().zip(rest_new.chars().rev()));
    let text = rest_new.get(..rest_new.len() - after)?;
    Some((Span::new(before, old.len() - after), text.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lsp::testing::project_of;

    proptest! {
        #[test]
        fn the_change_makes_the_new_text_of_the_old(old in "[ab\u{e4}\u{1f600}\n]{0,12}", new in "[ab\u{e4}\u{1f600}\n]{0,12}") {
            let mut text = old.clone();
            if let Some((span, with)) = change(&old, &new) {
                prop_assert_ne!(&old, &new);
                text.replace_range(span.start as usize..span.end as usize, &with);
            }
            prop_assert_eq!(text, new);
        }
    }

    #[test]
    fn only_what_can_be_read_is_formatted() {
        let text = "edition 2026\nvalues a { \"x\"  ,\"y\" }\n";
        let edit = formatting(&project_of(&[text]), 0).unwrap().unwrap();
        let mut formatted = text.to_owned();
        formatted.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        assert_eq!(Ok(formatted.clone()), format(text));
        assert_eq!(formatting(&project_of(&[&formatted]), 0), Ok(None));
        assert_eq!(formatting(&project_of(&["edition 2026\nvalues a {"]), 0), Ok(None));
    }

    #[test]
    fn what_is_alike_at_both_ends_stays() {
        assert_eq!(change("a  b c", "a b c"), Some((Span::new(2, 3), String::new())));
        assert_eq!(change("same", "same"), None);
    }
}
