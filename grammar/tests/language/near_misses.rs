//! What hands used to other languages type, each with its own advice.

use syncline_grammar::{ProblemCode, parse};

/// One line in its block, the code, the text under the span, and a part of the help.
const CASES: &[(&str, &str, ProblemCode, &str, &str)] = &[
    ("map", "a => B", ProblemCode::WrongArrow, "=>", "`->`"),
    ("map", "a <=> B", ProblemCode::WrongArrow, "<=>", "`<->`"),
    ("map", "a = B", ProblemCode::WrongArrow, "=", "`<->`"),
    ("map", "a: B", ProblemCode::WrongArrow, ":", "`<->`"),
    ("map", "a → B", ProblemCode::WrongArrow, "→", "`->`"),
    ("map", "a <-> B wins", ProblemCode::BareWins, "wins", "newest wins"),
    ("map", "a <-> B or use 'x'", ProblemCode::WrongQuotes, "'x'", "`\"x\"`"),
    ("map", "a <-> B or use “x”", ProblemCode::WrongQuotes, "“x”", "`\"x\"`"),
    ("map", "a <-> B or trunkate", ProblemCode::UnknownWord, "trunkate", "truncate"),
    ("map", "a <-> B trunkate", ProblemCode::Unexpected, "trunkate", "or truncate"),
    ("map", "a <-> B newest win", ProblemCode::UnknownWord, "win", "wins"),
    ("map", "on delete ignore", ProblemCode::WrongPlace, "on", "both ways"),
    ("both ways", "include \"x\" when a == 1", ProblemCode::WrongComparison, "==", "`a is 1`"),
    ("both ways", "include \"x\" when a = b", ProblemCode::WrongComparison, "=", "`a is b`"),
    ("both ways", "include \"x\" when a != b", ProblemCode::WrongComparison, "!=", "`a is not b`"),
    ("both ways", "include \"x\" when a isn't b", ProblemCode::WrongComparison, "isn't", "`a is not b`"),
    ("both ways", "include \"x\" when a equals b", ProblemCode::WrongComparison, "equals", "`a is b`"),
    ("both ways", "include \"x\" when a >= 3", ProblemCode::WrongComparison, ">=", "`a is at least 3`"),
    ("both ways", "include \"x\" when a is b && c is d", ProblemCode::WrongConnective, "&&", "`and`"),
    ("both ways", "include \"x\" when a is b || c is d", ProblemCode::WrongConnective, "||", "`or`"),
    ("both ways", "include \"x\" when a is b | c is d", ProblemCode::WrongConnective, "|", "`or`"),
    ("both ways", "include \"x\" when a is b and c is d or e is f", ProblemCode::MixedConnectives, "or", "parentheses"),
    (
        "both ways",
        "exclude \"x\" when not member of list \"y\"",
        ProblemCode::NotWithoutParentheses,
        "not member of list \"y\"",
        "not (member",
    ),
    ("both ways", "include when a is b", ProblemCode::UnnamedRule, "include", "\"why\""),
    ("both ways", "include no updates when linked", ProblemCode::UnquotedName, "no updates", "\"no updates\""),
    ("both ways", "include \"x\" a is b", ProblemCode::MissingWhen, "", "`when`"),
    ("both ways", "inclde \"x\" when a is b", ProblemCode::UnknownWord, "inclde", "include"),
    ("both ways", "create Lead always", ProblemCode::WrongPlace, "create Lead always", "to salesforce"),
    ("to salesforce", "create Lead", ProblemCode::CreateWithoutWhen, "create Lead", "always"),
    ("to salesforce", "create Lead otherwize", ProblemCode::UnknownWord, "otherwize", "otherwise"),
    (
        "to salesforce",
        "create Lead known account when a is b",
        ProblemCode::UnquotedName,
        "known account",
        "\"known account\"",
    ),
    ("both ways", "include \"x\" when a == null", ProblemCode::WrongComparison, "==", "`a is blank`"),
    ("both ways", "include \"x\" when a != null", ProblemCode::WrongComparison, "!=", "`a is known`"),
    ("both ways", "include \"x\" when a < 2026-01-31", ProblemCode::WrongComparison, "<", "`a is before 2026-01-31`"),
    ("both ways", "include \"x\" when a: b", ProblemCode::WrongComparison, ":", "`a is b`"),
    (
        "both ways",
        "include \"x\" when a is greater than 5",
        ProblemCode::WrongComparison,
        "is greater than",
        "`a is more than 5`",
    ),
    ("both ways", "include \"x\" when a is equal to b", ProblemCode::WrongComparison, "is equal to", "`a is b`"),
    (
        "both ways",
        "include \"x\" when a does not contain \"b\"",
        ProblemCode::WrongComparison,
        "does not contain",
        "contains none of",
    ),
    ("both ways", "include \"x\" when a in (b, c)", ProblemCode::WrongComparison, "in", "`a is any of b, c`"),
    (
        "both ways",
        "include \"x\" when a is not in [b, c]",
        ProblemCode::WrongComparison,
        "is not in",
        "`a is none of b, c`",
    ),
    ("both ways", "include \"x\" when a is b or c or d", ProblemCode::OrBetweenValues, "or", "`any of b, c, d`"),
    ("both ways", "include \"x\" when a is \"b\" | \"c\"", ProblemCode::OrBetweenValues, "|", "`any of \"b\", \"c\"`"),
    ("both ways", "include \"x\" when a contains b or c", ProblemCode::OrBetweenValues, "or", "`any of b, c`"),
    ("both ways", "include \"x\" when a is b AND c is d", ProblemCode::UnknownWord, "AND", "and"),
    ("both ways", "include \"x\" if a is b", ProblemCode::MissingWhen, "if", "`when`"),
    ("to salesforce", "create Lead \"x\" where a is b", ProblemCode::MissingWhen, "where", "`when`"),
    ("map", "a -> B  if c is d", ProblemCode::MissingWhen, "if", "`when`"),
    ("map", "a -> B  truncate", ProblemCode::Unexpected, "truncate", "or truncate"),
    ("both ways", "include \"x\" when a is any of (b, c)", ProblemCode::ListInParentheses, "(", "`b, c`"),
    ("both ways", "include \"x\" when a is none of [b, c]", ProblemCode::ListInParentheses, "[", "`b, c`"),
    ("both ways", "include \"x\" when a is not (b, c)", ProblemCode::ListInParentheses, "(", "`none of b, c`"),
    ("both ways", "include \"x\" when a ends with (b, c)", ProblemCode::ListInParentheses, "(", "`any of b, c`"),
    ("both ways", "include \"x\" when a is any of b, c or d", ProblemCode::OrBetweenValues, "or", "commas"),
    ("both ways", "include \"x\" when a is not b or c", ProblemCode::OrBetweenValues, "or", "`none of b, c`"),
    ("both ways", "include \"x\" when a is b, c", ProblemCode::CommaBetweenValues, ",", "`any of b, c`"),
    ("both ways", "include \"x\" when a is not b, c", ProblemCode::CommaBetweenValues, ",", "`none of b, c`"),
    (
        "both ways",
        "include \"x\" when a is older than 3 days",
        ProblemCode::WrongAge,
        "is older than",
        "`a is more than 3 days ago`",
    ),
    (
        "both ways",
        "include \"x\" when a is less than 3 days ago",
        ProblemCode::WrongAge,
        "is less than",
        "`a is in the last 3 days`",
    ),
    (
        "both ways",
        "include \"x\" when a is newer than 1 day",
        ProblemCode::WrongAge,
        "is newer than",
        "`a is in the last 1 day`",
    ),
    (
        "both ways",
        "include \"x\" when a within the last 2 days",
        ProblemCode::WrongAge,
        "within the last",
        "`a is in the last 2 days`",
    ),
    ("both ways", "include \"x\" when a is b;", ProblemCode::NeedlessEnd, ";", "delete"),
    ("both ways", "# include \"x\" when a is b", ProblemCode::WrongComment, "#", "`//`"),
    ("map", "a -> B # why", ProblemCode::WrongComment, "#", "`//`"),
    ("map", "a -> B -- why", ProblemCode::WrongComment, "--", "`//`"),
    ("map", "a -> B or trunc", ProblemCode::UnknownWord, "trunc", "truncate"),
    ("map", "a <> B", ProblemCode::WrongArrow, "<>", "`<->`"),
    ("map", "a -> B,", ProblemCode::NeedlessEnd, ",", "delete"),
    ("to salesforce", "on leave freez", ProblemCode::UnknownWord, "freez", "freeze"),
];

#[test]
fn every_near_miss_is_named_once_with_its_fix() {
    for (block, line, code, under, help) in CASES {
        let text = format!("sync s: hubspot b <-> salesforce C {{\n{block} {{\n{line}\n}}\n}}");
        let problems = parse(&text).problems;
        let [problem] = problems.as_slice() else { panic!("{line}: {problems:#?}") };
        assert_eq!((problem.code, problem.span.slice(&text)), (*code, *under), "{line}: {problem:?}");
        assert!(problem.help.as_ref().is_some_and(|found| found.contains(help)), "{line}: {problem:?}");
        assert!(!problem.message.contains("kw_") && !problem.message.ends_with('.'), "{problem:?}");
    }
}

/// What each fix makes of the line; `None`: there is none, or its author has to choose.
const FIXED: &[(&str, &str, Option<&str>)] = &[
    ("map", "a=>B", Some("a -> B")),
    ("map", "a → B // c", Some("a -> B // c")),
    ("map", "a = B", None),
    ("map", "a <-> B wins", None),
    ("map", "a <-> B or use 'x y'", Some("a <-> B or use \"x y\"")),
    ("map", "a <-> B or use “x” // “y”", Some("a <-> B or use \"x\" // “y”")),
    ("map", "a <-> B or trunkate", None),
    ("map", "a <-> B Or truncate", Some("a <-> B or truncate")),
    ("map", "a <-> B truncate", Some("a <-> B or truncate")),
    ("map", "a -> B if c==d", Some("a -> B when c is d")),
    ("both ways", "include \"x\" when a==1", Some("include \"x\" when a is 1")),
    ("both ways", "include \"x\" when a != null", Some("include \"x\" when a is known")),
    ("both ways", "include \"x\" when a isn't b", Some("include \"x\" when a is not b")),
    ("both ways", "include \"x\" when a equals b", Some("include \"x\" when a is b")),
    ("both ways", "include \"x\" when a like \"b*\"", None),
    ("both ways", "include \"x\" when a is b&&c is d", Some("include \"x\" when a is b and c is d")),
    ("both ways", "include \"x\" when a is b || c is d", Some("include \"x\" when a is b or c is d")),
    ("both ways", "include \"x\" when a is b | c", Some("include \"x\" when a is any of b, c")),
    // Whether `or` takes the last value alone, as other languages have it, only its author knows.
    ("both ways", "include \"x\" when a is b or c and d is e", None),
    // What is surely meant in a line that is not understood is not sure.
    ("both ways", "include \"x\" when a == b c d", None),
    ("both ways", "include \"x\" when a == 'b' and c \"d\"", None),
    ("both ways", "include \"x when a == b", None),
    ("both ways", "include a is b when c is d", None),
    ("both ways", "include \"x\" when a is any of (\"b\", c)", Some("include \"x\" when a is any of \"b\", c")),
    ("both ways", "include \"x\" when a is none of [b]", Some("include \"x\" when a is none of b")),
    ("both ways", "include \"x\" when a contains all of ( b, c )", Some("include \"x\" when a contains all of b, c")),
    ("both ways", "include \"x\" when a is (b, c)", Some("include \"x\" when a is any of b, c")),
    ("both ways", "include \"x\" when a is not (b, c)", None),
    ("both ways", "include \"x\" when a ends with (b, c)", Some("include \"x\" when a ends with any of b, c")),
    ("both ways", "include \"x\" when a is any of b, c or d", Some("include \"x\" when a is any of b, c, d")),
    ("both ways", "include \"x\" when a is b, c", Some("include \"x\" when a is any of b, c")),
    ("both ways", "include \"x\" when a is not b, c", None),
    ("both ways", "include \"x\" when a contains b, c", Some("include \"x\" when a contains any of b, c")),
    ("both ways", "include \"x\" when a is older than 30 days", Some("include \"x\" when a is more than 30 days ago")),
    ("both ways", "include \"x\" when a within the last 3 days", Some("include \"x\" when a is in the last 3 days")),
    ("both ways", "include \"x\" when a is newer than 30 days", None),
    ("both ways", "include \"x\" when a is b, // c\nexclude \"y\" when c is d", None),
    ("both ways", "include \"x\" when a is b;", Some("include \"x\" when a is b")),
    ("both ways", "# why\ninclude \"x\" when a is b", Some("// why\ninclude \"x\" when a is b")),
    ("both ways", "/* why */\ninclude \"x\" when a is b", Some("// why\ninclude \"x\" when a is b")),
    ("map", "a <> B", Some("a <-> B")),
    ("map", "a -> B, \nc -> D", None),
    ("map", "a -> B or skip, \nc -> D", Some("a -> B or skip \nc -> D")),
    ("map", "a -> B -- why", None),
    ("map", "a -> B or trunc", None),
    ("both ways", "include \"x\" when a is not b or c", None),
    ("both ways", "include \"x\" when a in (b, c) and d is e", Some("include \"x\" when a is any of b, c and d is e")),
    ("both ways", "include \"x\" when a not in b", Some("include \"x\" when a is none of b")),
    ("both ways", "include \"x\" when a is in [b, c]", Some("include \"x\" when a is any of b, c")),
    ("both ways", "exclude \"x\" when not linked to Y", Some("exclude \"x\" when not linked to Y")),
    ("both ways", "exclude \"x\" when not a is b", Some("exclude \"x\" when not (a is b)")),
    ("both ways", "include when a is b", None),
    ("both ways", "include no updates when linked", Some("include \"no updates\" when linked")),
    ("both ways", "include \"x\" a is b", Some("include \"x\" when a is b")),
    ("both ways", "include \"x\" where a is b", Some("include \"x\" when a is b")),
    ("to salesforce", "create Lead", None),
];

/// The text with the safe fixes made, as often as there are some.
fn mended(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..5 {
        let fixes = parse(&text).problems.into_iter().flat_map(|problem| problem.fixes).filter(|fix| fix.safe);
        let mut edits: Vec<_> = fixes.flat_map(|fix| fix.edits).collect();
        edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        for (span, new) in edits {
            text.replace_range(span.start as usize..span.end as usize, &new);
        }
    }
    text
}

#[test]
fn a_safe_fix_leaves_nothing_to_say_and_the_others_wait_for_their_author() {
    for (block, line, fixed) in FIXED {
        let around = |line: &str| format!("sync s: hubspot b <-> salesforce C {{\n{block} {{\n{line}\n}}\n}}");
        let found = mended(&around(line));
        assert_eq!(found, around(fixed.unwrap_or(line)));
        assert_eq!(parse(&found).problems.is_empty(), fixed.is_some(), "{found}");
    }
}

/// Also those that wait: each of them mends what it is about.
#[test]
fn every_fix_takes_its_problem_away() {
    for (block, line, code, ..) in CASES {
        let text = format!("sync s: hubspot b <-> salesforce C {{\n{block} {{\n{line}\n}}\n}}");
        for fix in parse(&text).problems.iter().flat_map(|problem| &problem.fixes) {
            let mut edits = fix.edits.clone();
            edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
            let mut fixed = text.clone();
            for (span, new) in edits {
                fixed.replace_range(span.start as usize..span.end as usize, &new);
            }
            assert_eq!(parse(&fixed).problems, [], "{code}: {}\n{fixed}", fix.title);
        }
    }
}

#[test]
fn values_of_several_words_are_read_as_one() {
    for row in ["NEW <-> Open - Not Contacted", "In Progress <-> NEW", "A, B -> Very Hot // why", "otherwise -> My Own"]
    {
        let text = format!("picklist p {{\n  A <-> \"x\"\n  {row}\n  otherwise <- skip\n}}");
        let parsed = parse(&text);
        let codes: Vec<ProblemCode> = parsed.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [ProblemCode::UnquotedValue], "{row}");
        let syncline_grammar::tree::Item::Picklist(table) = &parsed.file.items[0] else { panic!() };
        assert_eq!(table.rows.len(), 3, "{row}");
    }
    for good in ["A <-> B C <-> D", "otherwise at creation -> assignment rules  blank -> integration user", "A, B -> C"]
    {
        assert_eq!(parse(&format!("picklist p {{ {good} }}")).problems, [], "{good}");
    }
}

#[test]
fn a_quote_is_missing_where_its_text_ends() {
    let quoted = [
        ("both ways", "exclude \"staff when a ends with \"@b.c\" }", "staff"),
        ("both ways", "exclude \"x\" when a is any of \"b, \"c\", \"d\"", "b"),
        ("map", "a -> B or use \"none  c -> D or use \"x\"", "none  c -> D"),
    ];
    for (block, line, written) in quoted {
        let end = if line.ends_with('}') { "" } else { "\n}" };
        let text = format!("sync s: hubspot b <-> salesforce C {{\n{block} {{\n{line}{end}\n}}");
        let problems = parse(&text).problems;
        let [problem] = problems.as_slice() else { panic!("{line}: {problems:#?}") };
        assert_eq!(problem.code, ProblemCode::UnclosedText, "{line}");
        assert_eq!(problem.help.as_deref(), Some(format!("close it: write `\"{written}\"`").as_str()));
        assert_eq!(problem.span.slice(&text), "\"", "{line}");
        assert!(!problem.fixes[0].safe);
    }
}

#[test]
fn salesforce_on_the_left_is_turned() {
    let text = "sync s: salesforce Lead or Contact -> hubspot contact { match email <-> Email }";
    let parsed = parse(text);
    let codes: Vec<ProblemCode> = parsed.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [ProblemCode::SalesforceLeft, ProblemCode::WrongKey]);
    assert_eq!(parsed.problems[0].help.as_deref(), Some("write `hubspot contact <- salesforce Lead or Contact`"));
    let syncline_grammar::tree::Item::Sync(sync) = &parsed.file.items[0] else { panic!() };
    assert_eq!(sync.arrow.direction, syncline_grammar::tree::Direction::ToHubSpot);
    assert_eq!(sync.hubspot[0].text, "contact");
    assert_eq!(mended(text), "sync s: hubspot contact <- salesforce Lead or Contact { match email = Email }");
}

/// The codes are public: they stand in other people's filters.
#[test]
fn numbers_of_problems_are_stable() {
    assert_eq!(ProblemCode::NotUtf8.to_string(), "S001");
    assert_eq!(ProblemCode::UnclosedBrace.to_string(), "S010");
    assert_eq!(ProblemCode::UnknownWord.to_string(), "S021");
    assert_eq!(ProblemCode::NotWithoutParentheses.to_string(), "S041");
}
