//! Rules that nobody wrote: every file of the corpus with a few things changed at random, the same each time.

use fastrand::Rng;
use syncline::data::Dict;
use syncline::diagnostic::SourceFile;
use syncline::lang::compile;
use syncline::lang::schema::Catalog;
use syncline_grammar::tree::{BlockLine, Item, MapLine, SyncLine};
use syncline_grammar::{FormatError, Span, format, parse};

use super::{cases, catalog};

/// How often each file is changed.
const ROUNDS: usize = 3;
const PIECES: [&str; 30] = [
    "{",
    "}",
    "(",
    ")",
    "\"",
    "`",
    "//",
    "\n",
    "\n}\n",
    " ",
    "<->",
    "->",
    "<-",
    "=",
    ",",
    ":",
    "and",
    "or",
    "not (",
    "when",
    "is",
    "any of",
    "include \"x\" when",
    "map {",
    "sync a: hubspot contact <-> salesforce Lead {",
    "otherwise",
    "-1",
    "ä",
    "\u{202e}",
    "\r\n",
];

/// What rules mean, or the codes of what is wrong with them.
fn said(files: &[SourceFile], left: &Catalog, right: &Catalog) -> (Option<String>, Vec<&'static str>) {
    let (plan, findings) = compile(files, left, right, &mut Dict::default());
    let mut codes: Vec<&str> = findings.iter().map(|finding| finding.code.id()).collect();
    codes.sort_unstable();
    (plan.map(|plan| plan.digest.to_string()), codes)
}

fn of_text(text: &str, left: &Catalog, right: &Catalog) -> (Option<String>, Vec<&'static str>) {
    said(&[SourceFile::new("mutant.sync", text)], left, right)
}

/// A place in the text where a character starts.
fn place(text: &str, rng: &mut Rng) -> usize {
    let at = rng.usize(0..=text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn line(text: &str, rng: &mut Rng) -> String {
    let lines: Vec<&str> = text.lines().collect();
    rng.choice(lines).map(|line| format!("\n{line}\n")).unwrap_or_default()
}

fn mutant(text: &str, other: &str, rng: &mut Rng) -> String {
    let mut text = text.to_owned();
    for _ in 0..rng.usize(1..4) {
        let (a, b) = (place(&text, rng), place(&text, rng));
        let (start, end) = (a.min(b), a.max(b));
        let short = text.get(start..).and_then(|rest| rest.char_indices().nth(rng.usize(0..12)));
        let near = short.map_or(text.len(), |(offset, _)| start + offset);
        let (own, borrowed) = (line(&text, rng), line(other, rng));
        match rng.u8(0..7) {
            0 => text.replace_range(start..near, ""),
            1 => text.insert_str(start, rng.choice(PIECES).unwrap_or(" ")),
            2 => text.replace_range(start..near, rng.choice(PIECES).unwrap_or(" ")),
            3 => text.insert_str(start, &own),
            4 => text.insert_str(start, &borrowed),
            5 => text.truncate(end),
            _ => text.replace_range(start..end, ""),
        }
    }
    text
}

#[test]
fn no_change_of_a_file_of_the_corpus_is_too_much() {
    let (left, right) = (catalog("hubspot.json"), catalog("salesforce.json"));
    let cases = cases();
    let mut laid_out = 0;
    for (at, case) in cases.iter().enumerate() {
        let mut rng = Rng::with_seed(at as u64);
        for _ in 0..ROUNDS {
            let other = &cases[rng.usize(0..cases.len())];
            let text = mutant(&case.text, &other.text, &mut rng);
            let before = of_text(&text, &left, &right);
            match format(&text) {
                Ok(laid) => {
                    laid_out += 1;
                    assert_eq!(format(&laid).as_deref(), Ok(laid.as_str()), "{text}");
                    assert_eq!(of_text(&laid, &left, &right), before, "{text}\n---\n{laid}");
                }
                Err(FormatError::Problems(_)) => assert_eq!(before.0, None),
                Err(FormatError::Fault(changed)) => panic!("would change {changed}:\n{text}"),
            }
        }
    }
    assert!(laid_out > 20, "{laid_out}");
}

#[test]
fn canonical_form_means_the_same() {
    let (left, right) = (catalog("hubspot.json"), catalog("salesforce.json"));
    for case in cases() {
        if let Ok(laid) = format(&case.text) {
            assert_eq!(of_text(&laid, &left, &right), of_text(&case.text, &left, &right), "{}", case.name);
        }
    }
}

/// The text with what stands under the spans of each group in another order.
fn permuted(text: &str, groups: Vec<Vec<Span>>, rng: &mut Rng) -> String {
    let mut changes: Vec<(Span, &str)> = Vec::new();
    for group in groups {
        let mut order = group.clone();
        rng.shuffle(&mut order);
        changes.extend(group.into_iter().zip(order).map(|(to, from)| (to, from.slice(text))));
    }
    changes.sort_by_key(|(span, _)| std::cmp::Reverse(*span));
    let mut text = text.to_owned();
    for (span, new) in changes {
        text.replace_range(span.start as usize..span.end as usize, new);
    }
    text
}

/// Lines whose order means nothing, block by block: gates, events, rows, limits. Keys and creations are ordered.
fn unordered(text: &str, inner: bool) -> Vec<Vec<Span>> {
    let mut groups = Vec::new();
    for item in parse(text).file.items {
        match item {
            Item::Sync(sync) => {
                for line in &sync.lines {
                    match line {
                        SyncLine::Block(block) if inner => {
                            let free = |line: &BlockLine| match line {
                                BlockLine::Gate(gate) => Some(gate.span),
                                BlockLine::On(on) => Some(on.span),
                                _ => None,
                            };
                            groups.push(block.lines.iter().filter_map(free).collect());
                        }
                        SyncLine::Map(map) if inner => {
                            for line in &map.lines {
                                if let MapLine::Together(together) = line {
                                    groups.push(together.rows.iter().map(|row| row.span).collect());
                                }
                            }
                        }
                        SyncLine::Map(map) => groups.push(
                            map.lines
                                .iter()
                                .map(|line| match line {
                                    MapLine::Row(row) => row.span,
                                    MapLine::Together(together) => together.span,
                                })
                                .collect(),
                        ),
                        _ => {}
                    }
                }
                if !inner {
                    let blocks =
                        |line: &SyncLine| if let SyncLine::Block(block) = line { Some(block.span) } else { None };
                    // Blocks hold no map, and maps no block.
                    groups.push(sync.lines.iter().filter_map(blocks).collect());
                }
            }
            Item::Picklist(table) if inner => groups.push(table.rows.iter().map(|row| row.span).collect()),
            Item::Limits(limits) if inner => groups.push(limits.limits.iter().map(|limit| limit.span).collect()),
            Item::Place(place) if inner => groups.push(place.lines.iter().map(|line| line.span).collect()),
            _ => {}
        }
    }
    groups
}

/// Its blocks in another order, in one to three files.
fn in_files(text: &str, rng: &mut Rng) -> Vec<SourceFile> {
    let mut items: Vec<String> = parse(text).file.items.iter().map(|item| item.span().slice(text).to_owned()).collect();
    rng.shuffle(&mut items);
    let mut files = vec!["edition 2026\n".to_owned(); rng.usize(1..4)];
    for item in items {
        let at = rng.usize(0..files.len());
        files[at] += &format!("{item}\n");
    }
    files.into_iter().enumerate().map(|(at, text)| SourceFile::new(format!("{at}.sync"), text)).collect()
}

#[test]
fn the_order_of_lines_blocks_and_files_means_nothing() {
    let (left, right) = (catalog("hubspot.json"), catalog("salesforce.json"));
    let mut rng = Rng::with_seed(7);
    let fine: Vec<SourceFile> = cases().into_iter().filter(|case| case.name.starts_with("ok_")).collect();
    assert!(fine.len() > 8);
    for case in fine {
        let (digest, _) = of_text(&case.text, &left, &right);
        assert!(digest.is_some(), "{}", case.name);
        for _ in 0..8 {
            let text = permuted(&case.text, unordered(&case.text, true), &mut rng);
            let text = permuted(&text, unordered(&text, false), &mut rng);
            let files = in_files(&text, &mut rng);
            assert_eq!(said(&files, &left, &right).0, digest, "{}: {files:#?}", case.name);
        }
    }
}
