//! Customers own the names: no word of the language is reserved.

use syncline_grammar::tree::*;

use crate::clean;

const WORDS: [&str; 27] = [
    "on",
    "when",
    "to",
    "match",
    "create",
    "or",
    "and",
    "not",
    "any",
    "via",
    "if",
    "else",
    "where",
    "list",
    "newest",
    "hubspot",
    "salesforce",
    "prefer",
    "merge",
    "forward",
    "ask",
    "add",
    "at",
    "as",
    "is",
    "wins",
    "together",
];

fn rows(file: &File) -> Vec<&Row> {
    let mut rows = Vec::new();
    for item in &file.items {
        let Item::Sync(sync) = item else { continue };
        for line in &sync.lines {
            let SyncLine::Map(map) = line else { continue };
            rows.extend(
                map.lines.iter().filter_map(|line| if let MapLine::Row(row) = line { Some(row) } else { None }),
            );
        }
    }
    rows
}

#[test]
fn rows_of_fields_named_like_keywords_split_right() {
    for (arrow, clause) in [("<->", ""), ("->", "or truncate"), ("<-", "via via"), ("<->", "newest wins when a is b")] {
        let lines: Vec<String> = WORDS.iter().map(|word| format!("{word} {arrow} {word} {clause}")).collect();
        for separator in ["\n", "  "] {
            let text = format!("sync a: hubspot b <-> salesforce C {{ map {{ {} }} }}", lines.join(separator));
            let file = clean(&text);
            let found: Vec<String> = rows(&file).iter().map(|row| row.left.span.slice(&text).to_owned()).collect();
            assert_eq!(found, WORDS);
            let clauses = if clause.is_empty() { 0 } else { clause.split("wins").count() };
            assert!(rows(&file).iter().all(|row| row.clauses.len() == clauses), "{:?}", rows(&file));
        }
    }
}

#[test]
fn conditions_of_fields_named_like_keywords_are_comparisons() {
    for word in WORDS.into_iter().chain(["member", "linked", "every", "no", "is_test", "lifecycle_is", "with"]) {
        let text = format!(
            "sync a: hubspot b <-> salesforce C {{ both ways {{ include \"x\" when {word} is true and {word} is known }} }}"
        );
        let file = clean(&text);
        let Item::Sync(sync) = &file.items[0] else { panic!() };
        let SyncLine::Block(block) = &sync.lines[0] else { panic!() };
        let BlockLine::Gate(gate) = &block.lines[0] else { panic!() };
        let Cond::And { parts, .. } = &gate.when else { panic!("{:?}", gate.when) };
        for part in parts {
            let Cond::Atom(Atom { kind: AtomKind::Compare { field, .. }, .. }) = part else { panic!("{part:?}") };
            assert_eq!(field.text(), word);
        }
    }
}

#[test]
fn words_of_a_keyword_may_stand_apart() {
    let spread =
        "sync a: hubspot b <-> salesforce C { both // why\n  ways { include \"x\" when a starts\n\n with \"b\" } }";
    let joined = "sync a: hubspot b <-> salesforce C { both ways { include \"x\" when a starts with \"b\" } }";
    let count = |text| {
        let file = clean(text);
        let Item::Sync(sync) = &file.items[0] else { panic!() };
        let SyncLine::Block(block) = &sync.lines[0] else { panic!() };
        (block.target, block.lines.len())
    };
    assert_eq!(count(spread), count(joined));
}

#[test]
fn a_list_before_then_ends_there() {
    let text = "sync a: hubspot b <-> salesforce C { to salesforce { pick when t is any of X, Y, then C, then oldest created } }";
    let file = clean(text);
    let Item::Sync(sync) = &file.items[0] else { panic!() };
    let SyncLine::Block(block) = &sync.lines[0] else { panic!() };
    assert!(matches!(&block.lines[0], BlockLine::Pick(pick) if pick.choices.len() == 3));
}

/// Every keyword of the grammar is a whole word, else `is` would be the head of `is_test`.
#[test]
fn every_keyword_is_guarded() {
    let grammar = include_str!("../../src/sync.pest");
    let used: Vec<&str> =
        grammar.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|w| w.starts_with("kw_")).collect();
    for keyword in used {
        let word = &keyword[3..];
        assert!(grammar.contains(&format!("\n{keyword} = @{{ \"{word}\" ~ !ident_char }}")), "{keyword}");
    }
}
