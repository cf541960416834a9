//! What the rule language's own parser takes, this one takes, and sees the same in it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syncline_grammar::parse;
use syncline_grammar::tree::Spans;
use tree_sitter::{Node, Parser, Tree};

/// Nodes whose range is the range of something in the other tree.
const SAME: [&str; 26] = [
    "sync",
    "match",
    "key",
    "gate",
    "create",
    "map",
    "together",
    "row",
    "associate",
    "path",
    "comparison",
    "count",
    "member",
    "linked",
    "picklist",
    "option_row",
    "owners",
    "stages",
    "pipeline",
    "place",
    "lifecycle",
    "limit",
    "members",
    "change",
    "test",
    "step",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn tree(text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_syncline::LANGUAGE.into()).unwrap();
    parser.parse(text, None).unwrap()
}

fn walk<'t>(node: Node<'t>, each: &mut impl FnMut(Node<'t>)) {
    each(node);
    let mut cursor = node.walk();
    for child in node.children(&mut cursor).collect::<Vec<_>>() {
        walk(child, each);
    }
}

/// What is wrong with the tree of a text that the language's own parser takes; `None`: it does not take it.
fn disagreement(text: &str) -> Option<Vec<String>> {
    let mut parsed = parse(text);
    if !parsed.problems.is_empty() {
        return None;
    }
    let mut spans = BTreeSet::new();
    parsed.file.items.spans(&mut |span| {
        spans.insert((span.start as usize, span.end as usize));
    });
    let mut wrong = Vec::new();
    let tree = tree(text);
    walk(tree.root_node(), &mut |node| {
        let range = node.byte_range();
        let what = || format!("{} at {}: `{}`", node.kind(), range.start, &text[range.clone()]);
        if node.is_error() || node.is_missing() {
            wrong.push(format!("error: {}", what()));
        } else if SAME.contains(&node.kind()) && node.is_named() && !spans.contains(&(range.start, range.end)) {
            wrong.push(format!("not there: {}", what()));
        }
    });
    Some(wrong)
}

fn rule_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        let name = entry.file_name();
        if entry.file_type().unwrap().is_dir() {
            if name != "target" && name != "node_modules" && !name.to_string_lossy().starts_with('.') {
                rule_files(&path, out);
            }
        } else if path.extension().is_some_and(|extension| extension == "sync") {
            out.push(path);
        }
    }
}

/// The rules in a page: whole files, and lines and rows with what the page leaves out around them.
fn snippets(page: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.trim_start().strip_prefix("```sync") else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != "```").collect();
        let body = body.join("\n");
        let head = "sync people: hubspot contact <-> salesforce Lead or Contact {\n";
        out.push(match kind.trim() {
            "lines" => format!("{head}{body}\n}}"),
            "rows" => format!("{head}map {{\n{body}\n}}\n}}"),
            _ => body,
        });
    }
    out
}

#[test]
fn every_file_and_every_example_of_the_repository_parses() {
    let mut files = Vec::new();
    rule_files(&root(), &mut files);
    let mut texts: Vec<(String, String)> =
        files.iter().map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap())).collect();
    for page in std::fs::read_dir(root().join("docs")).unwrap() {
        let path = page.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let page = std::fs::read_to_string(&path).unwrap();
            texts.extend(snippets(&page).into_iter().map(|text| (path.display().to_string(), text)));
        }
    }
    let mut taken = 0;
    for (name, text) in &texts {
        if let Some(wrong) = disagreement(text) {
            assert!(wrong.is_empty(), "{name}: {wrong:#?}\n{text}");
            taken += 1;
        }
    }
    // Most of the corpus, all shipped rules, the examples of the pages.
    assert!(taken > 230, "{taken} of {}", texts.len());
}

/// The keywords of the language, from its grammar.
fn keywords() -> Vec<String> {
    let grammar = std::fs::read_to_string(root().join("grammar/src/sync.pest")).unwrap();
    let named = |line: &str| Some(line.strip_prefix("kw_")?.split_once(" = ")?.0.to_owned());
    grammar.lines().filter_map(named).chain(["Campaign".to_owned()]).collect()
}

const PLACES: &str = include_str!("places.txt");

/// Customers own the names: no word of the language is reserved, wherever a name stands.
#[test]
fn every_keyword_is_a_name_where_it_can_be() {
    let (keywords, mut taken, mut of) = (keywords(), 0, 0);
    assert!(keywords.len() > 150);
    for place in PLACES.lines().filter(|line| !line.is_empty() && !line.starts_with("//")) {
        assert!(disagreement(&place.replace('§', "xyz")).is_some(), "{place}");
        let mut here = 0;
        for word in &keywords {
            let text = place.replace('§', word);
            if let Some(wrong) = disagreement(&text) {
                assert!(wrong.is_empty(), "{wrong:#?}\n{text}");
                here += 1;
            }
        }
        assert!(here > keywords.len() / 2, "{here}: {place}");
        (taken, of) = (taken + here, of + keywords.len());
    }
    assert!(taken * 10 > of * 9, "{taken} of {of}");
}

/// Nothing ends a row but the next one, whatever its first word is.
#[test]
fn a_row_ends_where_the_next_one_begins() {
    let ends = [
        "a -> b",
        "a <-> b.c",
        "a -> b else c",
        "a -> b, C.d",
        "\"x\" -> b",
        "a <- list of b.c",
        "a <-> b newest wins",
        "a <-> b hubspot wins",
        "a -> b via x",
        "a -> b via x.y",
        "a -> b as date",
        "a -> b or truncate",
        "a -> b or use \"x\"",
        "a -> b or use x",
        "a -> b at creation",
        "a -> b if blank",
        "a -> b on clear keep",
        "a -> b when c is d",
        "a -> b when c is known",
        "a -> b when c is not d",
        "a -> b when c is any of d, e",
        "a -> b when c linked",
        "a -> b when linked to d",
        "a -> b when any c by d where e is f",
        "a -> b when not (c is d)",
        "a -> b when c is at least 3",
        "a -> b when c starts with \"d\"",
        "a -> b when c is in the last 3 days",
    ];
    let (keywords, mut taken) = (keywords(), 0);
    for end in ends {
        for word in &keywords {
            let text = format!("sync s: hubspot h <-> salesforce S {{ map {{ {end}  {word} -> {word} {end} }} }}");
            if let Some(wrong) = disagreement(&text) {
                assert!(wrong.is_empty(), "{wrong:#?}\n{text}");
                taken += 1;
            }
        }
    }
    assert!(taken > ends.len() * keywords.len() * 9 / 10, "{taken}");
}

/// Half a file is what an editor has most of the time: it is parsed, and what is whole in it is found.
#[test]
fn a_file_that_breaks_off_keeps_what_is_before() {
    let text = std::fs::read_to_string(root().join("rules/people.sync")).unwrap();
    let rows = |tree: &Tree| {
        let mut rows = 0;
        walk(tree.root_node(), &mut |node| rows += usize::from(node.kind() == "row"));
        rows
    };
    let all = rows(&tree(&text));
    let cut = text.find("hubspot_owner_id").unwrap() + 12;
    let kept = rows(&tree(&text[..cut]));
    assert!(kept >= 10 && kept < all, "{kept} of {all}");
}
