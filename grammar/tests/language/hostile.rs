//! Any bytes, quickly, without a panic.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use syncline_grammar::{MAX_BYTES, MAX_PROBLEMS, Parsed, ProblemCode, parse, parse_bytes};

const NATIVE: &str = include_str!("../data/native.sync");

/// Far above what any input takes, far below what a loop over the text in a loop over the text would.
const PATIENCE: Duration = Duration::from_secs(10);

#[track_caller]
fn sound(text: &str) -> Parsed {
    let parsed = parse(text);
    assert!(parsed.problems.len() <= MAX_PROBLEMS + 1);
    for problem in &parsed.problems {
        let (start, end) = (problem.span.start as usize, problem.span.end as usize);
        assert!(start <= end && text.is_char_boundary(start) && text.is_char_boundary(end), "{problem:?}");
        assert!(!problem.message.contains("kw_"), "{problem:?}");
    }
    parsed
}

fn codes(parsed: &Parsed) -> Vec<ProblemCode> {
    parsed.problems.iter().map(|problem| problem.code).collect()
}

#[test]
fn empty_files_and_other_encodings() {
    for text in ["", "\u{feff}", "\r\n\r\n", "// only a comment", "/// only a comment\r"] {
        assert_eq!(codes(&sound(text)), []);
    }
    assert_eq!(parse(&NATIVE.replace('\n', "\r\n")).problems, []);
    let broken = parse_bytes(b"zone \"a\xff\"");
    assert_eq!(codes(&broken), [ProblemCode::NotUtf8]);
    assert_eq!(broken.problems[0].span.start, 7);
    assert_eq!(codes(&parse_bytes(&vec![b' '; MAX_BYTES + 1])), [ProblemCode::TooLarge]);
    assert_eq!(codes(&parse_bytes(&vec![b' '; MAX_BYTES])), []);
}

#[test]
fn nesting_is_bounded_by_our_own_limit() {
    let gate =
        |cond: String| format!("sync a: hubspot b <-> salesforce C {{ both ways {{ include \"x\" when {cond} }} }}");
    let nested = |open: &str, depth: usize| format!("{}a is b{}", open.repeat(depth), ")".repeat(depth));
    assert_eq!(codes(&sound(&gate(nested("(", 62)))), []);
    assert_eq!(codes(&sound(&gate(nested("not (", 62)))), []);
    assert_eq!(codes(&sound(&gate(nested("any a where (", 62)))), []);
    assert_eq!(codes(&sound(&gate(nested("(", 63)))), [ProblemCode::TooDeep]);
    assert_eq!(codes(&sound(&gate(nested("(", 100_000)))), [ProblemCode::TooDeep]);
    assert_eq!(codes(&sound(&"{".repeat(100_000))), [ProblemCode::TooDeep]);
    sound(&gate(format!("{}b", "any a where ".repeat(20_000))));
    sound(&gate(format!("{}a is b", "not ".repeat(20_000))));
}

/// Each is built to make a parser try the same text again from many places.
#[test]
fn time_stays_linear() {
    let size = 256 * 1024;
    let fill = |head: &str, piece: &str, tail: &str| format!("{head}{}{tail}", piece.repeat(size / piece.len().max(1)));
    let sync = "sync a: hubspot b <-> salesforce C {";
    let hostile = [
        fill("picklist p {\n", "a,\n", "}"),
        fill("picklist p {\n", "a\n", "}"),
        fill(&format!("{sync} map {{\n"), "a else\n", "}}"),
        fill(&format!("{sync} map {{\n"), "a <-> B when a is b and\n", "}}"),
        fill(&format!("{sync} both ways {{ include \"x\" when "), "a is b and\n", "}}"),
        fill(&format!("{sync} both ways {{\n"), "include \"x\" when a is b and\n", "}}"),
        fill(sync, "match a = b and\n", "}"),
        fill("", "order a,\n", ""),
        fill("", "sync a or\n", ""),
        fill("", "{}", ""),
        fill("", "\"", ""),
        fill("", "`", ""),
        fill("", "„ ", ""),
        fill("", "' ", ""),
        fill("", ") } ", ""),
        fill("", "zone {\n", "").replace("zone {\n", "zone {}\n"),
        fill("", "\n", "x"),
        fill("", "//\n", "x"),
        fill("", "///\n", "zone \"x\""),
        fill("limits {", "when short favour a, then ", "}"),
        fill("", "test \"x\" { set a { b: c } }\n", ""),
    ];
    for text in hostile {
        let start = Instant::now();
        sound(&text);
        let took = start.elapsed();
        assert!(took < PATIENCE, "{took:?} for {:?}…", &text[..40]);
    }
}

#[test]
fn every_beginning_and_end_of_the_sample_is_read() {
    let boundaries: Vec<usize> = (0..NATIVE.len()).filter(|at| NATIVE.is_char_boundary(*at)).step_by(37).collect();
    for at in boundaries {
        sound(&NATIVE[..at]);
        sound(&NATIVE[at..]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        parse_bytes(&bytes);
    }

    #[test]
    fn any_mix_of_the_language(pieces in proptest::collection::vec(
        prop::sample::select(vec![
            "sync a: hubspot b <-> salesforce C {", "map {", "both ways {", "to salesforce {", "}", "{", "(", ")", "\"", "'",
            "`", "“", "”", "\\", "//", "\n", " ", "a", "<->", "->", "is", "not", "when", "and", "or", "include \"x\"",
            "picklist p {", ",", "a is b", "any c where", "create L", "test \"t\" {", "set x {", ":", "=", "1", "-", "ä", "\0",
            "\u{202e}", "else", "values v {",
        ]), 0..60)) {
        sound(&pieces.concat());
        sound(&pieces.join(" "));
    }

    #[test]
    fn the_sample_with_a_few_bytes_changed(
        changes in proptest::collection::vec((0..NATIVE.len(), prop::sample::select(b"{}()\"'`\\/<>-=:,. \nax0|&".to_vec())), 1..6)
    ) {
        let mut bytes = NATIVE.as_bytes().to_vec();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        if let Ok(text) = std::str::from_utf8(&bytes) {
            sound(text);
        }
    }
}
