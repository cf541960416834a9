//! The colours, folds and indents of editors fit the grammar.

use std::collections::BTreeMap;

use tree_sitter::{Language, Parser, Query, QueryCursor, StreamingIterator};
use tree_sitter_syncline::HIGHLIGHTS_QUERY;

const HELIX: &str = include_str!("../../helix/queries/syncline/highlights.scm");
const ZED: &str = include_str!("../../zed/languages/syncline/highlights.scm");
const OTHERS: [&str; 6] = [
    include_str!("../queries/folds.scm"),
    include_str!("../queries/indents.scm"),
    include_str!("../../helix/queries/syncline/indents.scm"),
    include_str!("../../zed/languages/syncline/indents.scm"),
    include_str!("../../zed/languages/syncline/brackets.scm"),
    include_str!("../../zed/languages/syncline/outline.scm"),
];

fn language() -> Language {
    tree_sitter_syncline::LANGUAGE.into()
}

/// Each captured piece by its line and text, with all that it is captured as.
fn captured(query: &str, text: &str) -> BTreeMap<(usize, String), Vec<String>> {
    let query = Query::new(&language(), query).unwrap();
    let mut parser = Parser::new();
    parser.set_language(&language()).unwrap();
    let tree = parser.parse(text, None).unwrap();
    let (mut cursor, mut out) = (QueryCursor::new(), BTreeMap::new());
    let mut captures = cursor.captures(&query, tree.root_node(), text.as_bytes());
    while let Some((found, at)) = captures.next() {
        let capture = found.captures()[*at];
        let name = query.capture_names()[capture.index as usize].to_owned();
        let key = (capture.node.start_position().row + 1, text[capture.node.byte_range()].to_owned());
        let names: &mut Vec<String> = out.entry(key).or_default();
        names.push(name);
    }
    out
}

const TEXT: &str = r#"/// People of both sides.
sync people: hubspot contact <-> salesforce Lead { // everybody
  match email = Email
  to salesforce { include "ours" when company.domain is known and list is when }
  map {
    when      -> Lead.Status via lead_status  when when is not 2026-01-31
    firstname <-> FirstName  newest wins
  }
}
picklist lead_status { NEW -> "Open" }
test "a" {
  given hubspot contact as ana { age: 3 }
}
"#;

#[test]
fn words_are_coloured_by_what_they_are_there() {
    let found = captured(HIGHLIGHTS_QUERY, TEXT);
    for (line, text, names) in [
        (1, "/// People of both sides.", &["comment.documentation"][..]),
        (2, "sync", &["keyword"]),
        (2, "people", &["module"]),
        (2, "contact", &["type"]),
        (2, "<->", &["operator"]),
        (2, "// everybody", &["comment"]),
        (3, "match", &["keyword"]),
        (3, "Email", &["property"]),
        (4, "\"ours\"", &["string"]),
        (4, "company", &["module"]),
        (4, "domain", &["property"]),
        (4, "known", &["keyword"]),
        (4, "list", &["property"]),
        // Once a keyword, once an option.
        (4, "when", &["keyword", "constant"]),
        // A field, a keyword, a field.
        (6, "when", &["property", "keyword", "property"]),
        (6, "Lead", &["type"]),
        (6, "Status", &["property"]),
        (6, "lead_status", &["module"]),
        (6, "2026-01-31", &["number"]),
        (7, "newest", &["keyword"]),
        (10, "NEW", &["constant"]),
        (12, "ana", &["variable"]),
        (12, "3", &["number"]),
    ] {
        assert_eq!(found.get(&(line, text.to_owned())).map(Vec::as_slice).unwrap_or_default(), names, "{line}: {text}");
    }
}

/// Every editor has its own names of the same colours.
#[test]
fn helix_and_zed_have_the_same_colours_under_their_names() {
    let renamed = |names: &[(&str, &str)]| {
        let mut text = HIGHLIGHTS_QUERY.to_owned();
        for (from, to) in names {
            text = text.replace(from, to);
        }
        text
    };
    let helix = renamed(&[
        ("@property", "@variable.other.member"),
        ("@module", "@namespace"),
        ("@number", "@constant.numeric"),
        ("@comment.documentation", "@comment.line.documentation"),
    ]);
    assert_eq!(helix, HELIX);
    assert_eq!(renamed(&[("@module", "@function"), ("@comment.documentation", "@comment.doc")]), ZED);
    let (ours, zeds) = (captured(HIGHLIGHTS_QUERY, TEXT), captured(ZED, TEXT));
    assert!(captured(HELIX, TEXT).keys().eq(ours.keys()) && zeds.keys().eq(ours.keys()));
}

#[test]
fn the_other_queries_find_what_they_are_for() {
    let all: Vec<_> = OTHERS.iter().map(|query| captured(query, TEXT)).collect();
    let count = |at: usize, name: &str| all[at].values().flatten().filter(|found| *found == name).count();
    assert_eq!(count(0, "fold"), 6);
    assert_eq!((count(1, "indent.begin"), count(1, "indent.end")), (6, 6));
    assert_eq!((count(2, "indent"), count(2, "outdent")), (6, 6));
    assert_eq!((count(3, "indent"), count(4, "open")), (6, 6));
    let names: Vec<&str> = all[5]
        .iter()
        .filter(|(_, names)| names.contains(&"name".to_owned()))
        .map(|((_, text), _)| text.as_str())
        .collect();
    assert_eq!(names, ["people", "\"ours\"", "lead_status", "\"a\""]);
}
