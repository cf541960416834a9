//! What may stand at the mark `|`.

use syncline_grammar::{Next, next};

const SYNC: &str = "edition 2026\nsync people: hubspot contact <-> salesforce Lead or Contact {\n";

fn at_mark(head: &str, marked: &str) -> Next {
    let marked = format!("{head}{marked}");
    let at = marked.find('|').unwrap();
    next(&marked.replacen('|', "", 1), at)
}

#[track_caller]
fn phrases(head: &str, marked: &str, expected: &[&str]) {
    let found = at_mark(head, marked).phrases;
    let found: Vec<&str> = found.iter().map(|phrase| phrase.text.as_str()).collect();
    assert_eq!(found, expected, "{marked}");
}

#[test]
fn lines_start_with_their_words() {
    let items = [
        "change",
        "lifecycle",
        "limits",
        "members",
        "order",
        "owners",
        "picklist",
        "place",
        "stages",
        "sync",
        "test",
        "values",
        "zone",
    ];
    phrases("", "edition 2026\n|", &items);
    phrases("", "edition 2026\nsy|", &items);
    let lines =
        ["associate", "both ways", "map", "match", "recheck every", "roll up per", "to hubspot", "to salesforce"];
    phrases(SYNC, "|", &lines);
    phrases(
        SYNC,
        "match email = Email\n  |\n  map { email <-> Email }\n}",
        &[
            "and",
            "as",
            "associate",
            "both ways",
            "map",
            "match",
            "or propose",
            "recheck every",
            "roll up per",
            "to hubspot",
            "to salesforce",
        ],
    );
    phrases(SYNC, "both ways { |", &["exclude", "include", "on"]);
    phrases(
        SYNC,
        "to hubspot { |",
        &["create", "exclude", "include", "on", "pick", "relink never", "relink when another is picked"],
    );
    phrases("", "picklist a { |", &["blank", "otherwise"]);
    phrases(
        "",
        "picklist a { X -> |",
        &["assignment rules", "blank", "integration user", "reject", "restore", "same", "skip"],
    );
}

const CREATE: [&str; 12] = [
    "always",
    "create",
    "even if excluded",
    "exclude",
    "from",
    "include",
    "on",
    "otherwise",
    "pick",
    "relink never",
    "relink when",
    "when",
];

#[test]
fn a_line_goes_on_as_the_grammar_has_it() {
    phrases("", "sync people: |", &["hubspot"]);
    phrases("", "sync people: hubspot contact <-> |", &["salesforce"]);
    phrases(SYNC, "to |", &["hubspot", "salesforce"]);
    phrases(SYNC, "map prefer |", &["hubspot unless blank", "salesforce unless blank"]);
    phrases(SYNC, "map { email <-> Email or |", &["reject", "round", "skip", "truncate", "use", "wait"]);
    phrases(SYNC, "map { email <-> Email or trun|", &["reject", "round", "skip", "truncate", "use", "wait"]);
    phrases(SYNC, "both ways { include \"x\" |", &["when"]);
    phrases(
        SYNC,
        "both ways { include \"x\" when |",
        &["any", "at least", "every", "linked", "member of list", "no", "not"],
    );
    phrases(
        SYNC,
        "both ways { include \"x\" when email |",
        &["contains", "ends with", "is", "linked", "not linked", "starts with"],
    );
    let states = [
        "a valid email",
        "after",
        "any of",
        "at least",
        "at most",
        "before",
        "blank",
        "exactly",
        "in the last",
        "known",
        "less than",
        "more than",
        "none of",
        "not",
        "same as",
        "unique",
    ];
    phrases(SYNC, "both ways { include \"x\" when email is |", &states);
    phrases(SYNC, "both ways { include \"x\" when (email is known or email is |", &states);
    phrases("", "test \"a\" { pass\n expect |", &["created", "excluded", "hubspot", "no", "rejected", "salesforce"]);
    phrases(SYNC, "to hubspot { create contact |\n}", &CREATE);
    phrases("", "limits { hold |", &["when more than"]);
}

#[test]
fn a_faulty_line_above_takes_nothing_away() {
    phrases(
        SYNC,
        "map {\n  email <~> Email\n  $$$\n  email <-> Email or |",
        &["reject", "round", "skip", "truncate", "use", "wait"],
    );
    phrases("", "sync x: hubspot {\n}\nlimits { hold |", &["when more than"]);
    let many = "  email <-> Email or truncate\n".repeat(2000);
    phrases(
        SYNC,
        &format!("map {{\n{many}  email <-> Email or |"),
        &["reject", "round", "skip", "truncate", "use", "wait"],
    );
}

#[test]
fn names_texts_and_signs_are_told_apart() {
    let seen = |head: &str, marked: &str| {
        let Next { word, text, arrow, equals, complete, .. } = at_mark(head, marked);
        (word, text, arrow, equals, complete)
    };
    assert_eq!(seen(SYNC, "map { |"), (true, true, false, false, true));
    assert_eq!(seen(SYNC, "map { email |"), (false, false, true, false, false));
    assert_eq!(seen(SYNC, "map { email <-> Email or |"), (false, false, false, false, false));
    assert_eq!(seen(SYNC, "match email |"), (false, false, false, true, false));
    assert_eq!(seen(SYNC, "both ways { include |"), (false, true, false, false, false));
    assert_eq!(seen(SYNC, "both ways { include \"x\" when |"), (true, false, false, false, false));
    assert_eq!(seen(SYNC, "map { company.|"), (true, false, false, false, false));
    assert_eq!(seen(SYNC, "map { company.na| <-> Email"), (true, false, false, false, false));
    assert_eq!(seen("", "test \"a\" { given hubspot contact { |"), (true, false, false, false, false));
}

#[test]
fn comments_texts_and_strange_places_have_nothing() {
    for marked in ["// zone |", "zone \"Eu|rope\"", "edition 2026 }}} {{{ |", "sync { map { { |", "\u{1}|"] {
        let next = at_mark("", marked);
        assert!(next.phrases.is_empty() && !next.word, "{marked}: {next:?}");
    }
    assert_eq!(next("ä", 1), Next::default());
    assert_eq!(next("", 9), Next::default());
}
