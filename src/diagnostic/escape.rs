//! Text from files and CRMs, made harmless for a terminal.

use std::borrow::Cow;

/// Whether a terminal may act on the character instead of showing it: control characters, and those that turn the
/// direction of text or take no room.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Shows control and direction characters as `\u{1b}`; everything else as it is.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            c if is_unsafe(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The same for a whole file, byte for byte, so that spans still fit. Line ends and tabs stay.
pub(super) fn mask(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| is_unsafe(c) && c != '\n' && c != '\t') {
        return Cow::Borrowed(text);
    }
    let masked = text.chars().map(|c| match c {
        '\n' | '\t' => c,
        '\r' => ' ',
        c if !is_unsafe(c) => c,
        c => match c.len_utf8() {
            1 => '?',
            2 => '¿',
            _ => '\u{fffd}',
        },
    });
    Cow::Owned(masked.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_that_moves_a_cursor_is_left() {
        assert_eq!(escape("a\u{1b}[2Jb\u{202e}\n"), "a\\u{1b}[2Jb\\u{202e}\\u{a}");
        assert_eq!(escape("Ärger"), "Ärger");
    }

    proptest! {
        #[test]
        fn masked_text_keeps_every_offset(text in any::<String>()) {
            let masked = mask(&text);
            prop_assert_eq!(masked.len(), text.len());
            prop_assert!(!masked.contains(|c| is_unsafe(c) && c != '\n' && c != '\t'));
            prop_assert!(text.char_indices().zip(masked.char_indices()).all(|(a, b)| a.0 == b.0));
        }
    }
}
