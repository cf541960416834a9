//! A text that is edited in any way is read after each edit as an editor reads it, and at the end as it would be read
//! had nobody edited it.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use syncline_grammar::{format, next, parse};

#[derive(Arbitrary, Debug)]
struct Edit {
    at: u16,
    removed: u8,
    typed: String,
}

#[derive(Arbitrary, Debug)]
struct Session {
    opened: String,
    edits: Vec<Edit>,
}

/// The nearest offset at or before, that does not stand inside a character.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fuzz_target!(|session: Session| {
    let mut text = session.opened;
    for edit in session.edits.into_iter().take(16) {
        let start = boundary(&text, usize::from(edit.at));
        let end = boundary(&text, start + usize::from(edit.removed)).max(start);
        text.replace_range(start..end, &edit.typed);
        let parsed = parse(&text);
        let _ = next(&text, boundary(&text, start + edit.typed.len()));
        for fix in parsed.problems.iter().flat_map(|problem| &problem.fixes) {
            let mut mended = text.clone();
            let mut edits = fix.edits.clone();
            edits.sort_by_key(|(span, _)| std::cmp::Reverse(*span));
            for (span, new) in edits {
                mended.replace_range(span.start as usize..span.end as usize, &new);
            }
            parse(&mended);
        }
    }
    assert_eq!(parse(&text), parse(&text.clone()));
    let _ = format(&text);
});
