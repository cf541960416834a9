//! The new text against the old one: the same words, the same comments between them, the same tree, its own layout.

use crate::parse::{Parsed, parse};
use crate::span::Span;
use crate::tree::Spans;

use super::words::{Word, words};
use super::{Changed, lay_out};

pub(super) fn same(old: &[Word<'_>], mut parsed: Parsed, laid: &str) -> Result<(), Changed> {
    let mut again = parse(laid);
    let new = words(laid);
    if !old.iter().map(|word| word.text).eq(new.iter().map(|word| word.text)) {
        return Err(Changed::Words);
    }
    let notes = |old: &Word<'_>, new: &Word<'_>| {
        let pairs = old.notes.iter().zip(&new.notes);
        old.notes.len() == new.notes.len() && { pairs }
            .all(|(old, new)| old.text == new.text && old.trailing == new.trailing)
    };
    let docs = parsed.comments.iter().map(|comment| comment.doc).eq(again.comments.iter().map(|comment| comment.doc));
    if !docs || !old.iter().zip(&new).all(|(old, new)| notes(old, new)) {
        return Err(Changed::Comments);
    }
    if lay_out(laid, &new, &again) != laid {
        return Err(Changed::Layout);
    }
    parsed.file.spans(&mut |span| *span = Span::default());
    again.file.spans(&mut |span| *span = Span::default());
    if !again.problems.is_empty() || parsed.file != again.file {
        return Err(Changed::Meaning);
    }
    Ok(())
}
