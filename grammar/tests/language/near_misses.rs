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
}

/// The codes are public: they stand in other people's filters.
#[test]
fn numbers_of_problems_are_stable() {
    assert_eq!(ProblemCode::NotUtf8.to_string(), "S001");
    assert_eq!(ProblemCode::UnclosedBrace.to_string(), "S010");
    assert_eq!(ProblemCode::UnknownWord.to_string(), "S021");
    assert_eq!(ProblemCode::NotWithoutParentheses.to_string(), "S041");
}
