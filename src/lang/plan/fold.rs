//! Text compared without case and outer space, and without allocating.

/// The form in which conditions keep their text: every character in lower case by itself.
pub fn fold_case(text: &str) -> Box<str> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Whether `text`, folded and trimmed, is `folded`.
#[inline]
pub(super) fn is(text: &str, folded: &str) -> bool {
    let text = text.trim();
    match text.is_ascii() {
        true => text.len() == folded.len() && ascii_prefix(text.as_bytes(), folded.as_bytes()),
        false => text.chars().flat_map(char::to_lowercase).eq(folded.chars()),
    }
}

#[inline]
pub(super) fn starts_with(text: &str, folded: &str) -> bool {
    let text = text.trim();
    match text.is_ascii() {
        true => ascii_prefix(text.as_bytes(), folded.as_bytes()),
        false => unicode_prefix(text, folded),
    }
}

#[inline]
pub(super) fn ends_with(text: &str, folded: &str) -> bool {
    let text = text.trim();
    if text.is_ascii() {
        let start = text.len().checked_sub(folded.len());
        return start.and_then(|at| text.as_bytes().get(at..)).is_some_and(|end| ascii_prefix(end, folded.as_bytes()));
    }
    let mut ours = text.chars().rev().flat_map(|c| c.to_lowercase().rev());
    folded.chars().rev().all(|c| ours.next() == Some(c))
}

pub(super) fn contains(text: &str, folded: &str) -> bool {
    let text = text.trim();
    match text.is_ascii() {
        true => text.as_bytes().windows(folded.len().max(1)).any(|part| ascii_prefix(part, folded.as_bytes())),
        false => text.char_indices().any(|(at, _)| text.get(at..).is_some_and(|rest| unicode_prefix(rest, folded))),
    }
}

/// Whether two texts are the same without case and outer space.
pub(super) fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim(), b.trim());
    match a.is_ascii() && b.is_ascii() {
        true => a.eq_ignore_ascii_case(b),
        false => a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase)),
    }
}

fn ascii_prefix(text: &[u8], folded: &[u8]) -> bool {
    text.len() >= folded.len() && text.iter().zip(folded).all(|(ours, theirs)| ours.to_ascii_lowercase() == *theirs)
}

fn unicode_prefix(text: &str, folded: &str) -> bool {
    let mut ours = text.chars().flat_map(char::to_lowercase);
    folded.chars().all(|c| ours.next() == Some(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_fast_ways_agree_with_the_plain_one(text in "[ aAbBıİßÄäΣςK\u{212a}]{0,8}", part in "[aAbBiİßÄΣK]{1,3}") {
            let (plain, folded) = (fold_case(text.trim()), fold_case(&part));
            prop_assert_eq!(is(&text, &folded), plain == folded);
            prop_assert_eq!(starts_with(&text, &folded), plain.starts_with(&*folded));
            prop_assert_eq!(ends_with(&text, &folded), plain.ends_with(&*folded));
            // A letter that folds into two is found only whole.
            prop_assert!(!contains(&text, &folded) || plain.contains(&*folded));
            prop_assert!(contains(&text, &folded) || !plain.contains(&*folded) || text.contains('İ'));
        }
    }
}
