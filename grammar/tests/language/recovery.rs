//! A fault costs the line it stands on.

use syncline_grammar::parse;
use syncline_grammar::tree::*;

use crate::places;

const FIVE: &str = r#"edition 2026
sync a: hubspot contact <-> salesforce Lead {
  both ways {
    inclde "members" when member of list "x"
    exclude "own staff" when email == "x"
  }
  map prefer salesforce unless blank {
    firstname => FirstName
    lastname <-> LastName or trunkate
    email    <-> Email    or reject
  }
}
pickist p { A <-> "b" }
picklist q { A <-> "b"  otherwise -> skip }
"#;

#[test]
fn five_faults_of_five_kinds_are_five_problems() {
    let parsed = parse(FIVE);
    assert_eq!(places(FIVE, &parsed), ["4:5 S021", "5:36 S031", "8:15 S030", "9:30 S021", "13:1 S021"]);
    let Item::Sync(sync) = &parsed.file.items[0] else { panic!() };
    assert_eq!(sync.lines.len(), 2);
    let SyncLine::Map(map) = &sync.lines[1] else { panic!() };
    assert_eq!(map.lines.len(), 3);
    assert_eq!(parsed.file.items.len(), 2);
}

#[test]
fn a_bad_head_leaves_its_body_judged() {
    let text =
        "sync a hubspot b <-> salesforce C {\n match x = y\n mapp { a <-> B }\n to sales {\n  create Lead\n }\n}\n";
    assert_eq!(places(text, &parse(text)), ["1:8 S020", "3:2 S021", "4:5 S021", "5:3 S038"]);
}

#[test]
fn the_lines_below_a_bad_head_are_kept() {
    let text = "sync a: hubspot b <-> salesforce C {\n map Newest wins { a <-> B }\n both { include \"x\" when c is d }\n \
                to SalesForce { create C always }\n}\nvalues my own { \"a\" }\npicklist p q { A <-> \"b\" }";
    let parsed = parse(text);
    assert_eq!(places(text, &parsed), ["2:6 S021", "3:6 S020", "4:5 S021", "6:11 S020", "7:12 S020"]);
    let Item::Sync(sync) = &parsed.file.items[0] else { panic!() };
    let SyncLine::Map(map) = &sync.lines[0] else { panic!() };
    assert_eq!(map.lines.len(), 1);
    let targets: Vec<(Target, usize)> = sync
        .lines
        .iter()
        .filter_map(|line| match line {
            SyncLine::Block(block) => Some((block.target, block.lines.len())),
            _ => None,
        })
        .collect();
    assert_eq!(targets, [(Target::BothWays, 1), (Target::To(Side::Salesforce), 1)]);
    assert_eq!(parsed.file.items.len(), 3);
}

#[test]
fn a_head_that_nearly_says_both_sides_is_taken_for_it() {
    let text = "sync a: Hubspot b or `c-1` -> salesforc D { match x = y }";
    let parsed = parse(text);
    assert_eq!(places(text, &parsed), ["1:9 S021"]);
    let Item::Sync(sync) = &parsed.file.items[0] else { panic!() };
    let names: Vec<&str> = sync.hubspot.iter().chain(&sync.salesforce).map(|name| name.text.as_str()).collect();
    assert_eq!((names, sync.arrow.direction, sync.lines.len()), (vec!["b", "c-1", "D"], Direction::ToSalesforce, 1));
    for text in ["sync a: b <-> salesforce C { match x = y }", "sync hubspot b { }", "sync { }"] {
        assert_eq!(parse(text).file.items, [], "{text}");
    }
}

#[test]
fn a_wrapped_condition_is_one_fault() {
    let text = "sync a: hubspot b <-> salesforce C {\n both ways {\n  include \"x\" when a is b and\n    c iss d\n    \
                and e is f\n  exclude \"y\" when a is b\n }\n}";
    let parsed = parse(text);
    assert_eq!(places(text, &parsed), ["4:7 S020"]);
    let Item::Sync(sync) = &parsed.file.items[0] else { panic!() };
    let SyncLine::Block(block) = &sync.lines[0] else { panic!() };
    assert_eq!(block.lines.len(), 2);
}

#[test]
fn a_missing_brace_is_shown_where_it_opens() {
    let inner = "sync a: hubspot b <-> salesforce C {\n  to salesforce {\n    create C always\n  map {\n    x <-> Y\n  }\n}\nzone \"x\"\n";
    let parsed = parse(inner);
    assert_eq!(places(inner, &parsed), ["2:17 S010"]);
    assert_eq!(parsed.file.items.len(), 2);

    let outer = "sync a: hubspot b <-> salesforce C {\n  match x = y\n\nsync d: hubspot e <-> salesforce F {\n  match x = y\n}\n";
    let parsed = parse(outer);
    assert_eq!(places(outer, &parsed), ["1:36 S010"]);
    assert_eq!(parsed.file.items.len(), 2);

    let end = "picklist p { A <-> \"b\"  // no end";
    let parsed = parse(end);
    assert_eq!(places(end, &parsed), ["1:12 S010"]);
    assert_eq!(parsed.file.items.len(), 1);
}

#[test]
fn other_brackets_and_quotes_are_one_problem_each() {
    let stray = "sync a: hubspot b <-> salesforce C {\n  match x = y\n  }\n  map { a <-> B }\n}\nzone \"x\"\n";
    let parsed = parse(stray);
    assert_eq!(places(stray, &parsed), ["3:3 S011"]);
    assert_eq!(parsed.file.items.len(), 2);

    let parenthesis = "sync a: hubspot b <-> salesforce C {\n both ways {\n  include \"x\" when (a is b\n }\n}";
    assert_eq!(places(parenthesis, &parse(parenthesis)), ["3:20 S012"]);

    let quote = "sync a: hubspot b <-> salesforce C {\n both ways {\n  include \"x when a is b\n  exclude \"y\" when c is d\n }\n map \"z {\n  a <-> B\n }\n}";
    let parsed = parse(quote);
    assert_eq!(places(quote, &parsed), ["3:11 S014", "6:6 S014"]);
    let Item::Sync(sync) = &parsed.file.items[0] else { panic!() };
    assert_eq!(sync.lines.len(), 2);
}

#[test]
fn hidden_characters_are_refused_outside_of_texts_only() {
    let text = "zone \"a\u{202e}b\"\n// a\u{202e}b\nvalues v\u{0} { a,\u{a0}b }";
    let parsed = parse(text);
    assert_eq!(places(text, &parsed), ["2:5 S005", "3:9 S005", "3:15 S005"]);
    assert_eq!(parsed.file.items.len(), 2);
}
