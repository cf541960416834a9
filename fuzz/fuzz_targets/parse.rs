//! Any bytes are read without a panic, and every finding points into them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use syncline_grammar::{MAX_PROBLEMS, Span, parse_bytes, tokens};

fuzz_target!(|bytes: &[u8]| {
    let parsed = parse_bytes(bytes);
    assert!(parsed.problems.len() <= MAX_PROBLEMS + 1);
    let Ok(text) = std::str::from_utf8(bytes) else {
        assert_eq!(parsed.problems.len(), 1);
        return;
    };
    let fits = |span: Span| text.get(span.start as usize..span.end as usize).is_some();
    for problem in &parsed.problems {
        assert!(fits(problem.span), "{problem:?}");
        // No name of a rule of the grammar is shown, unless the file itself has it.
        assert!(!problem.message.contains("kw_") || text.contains("kw_"), "{problem:?}");
        assert!(problem.related.iter().all(|(span, _)| fits(*span)), "{problem:?}");
        assert!(problem.fixes.iter().flat_map(|fix| &fix.edits).all(|(span, _)| fits(*span)), "{problem:?}");
    }
    assert!(parsed.comments.iter().all(|comment| fits(comment.span)));
    assert!(tokens(text).iter().all(|token| fits(token.span)));
});
