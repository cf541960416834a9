//! Lines and heads that the grammar could not read: where exactly they go wrong, and what a person would say about it.

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};

use crate::hint::hint;
use crate::next::is_keyword;
use crate::parser::{Rule, SyncParser};
use crate::problem::{Problem, ProblemCode, ProblemFix, needless_end};
use crate::scan::TokenKind;
use crate::source::Source;
use crate::span::Span;
use crate::words::{begun, expectation, nearest, place_of};

/// A piece that no statement took, as a range of the grammar's text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bad {
    pub start: usize,
    pub end: usize,
}

/// What the body of a block holds.
pub(crate) struct Body {
    /// The body alone, without a way out for bad lines.
    pub strict: Rule,
    /// The words its lines start with.
    pub starts: &'static [&'static str],
    /// A line may also start with a name or a value of the customer's.
    rows: bool,
    /// One line of it, in words.
    line: &'static str,
}

impl Body {
    pub(crate) const FILE: Body = Body {
        strict: Rule::strict_file,
        starts: &[
            "sync",
            "picklist",
            "place",
            "stages",
            "owners",
            "lifecycle",
            "order",
            "values",
            "members",
            "limits",
            "change",
            "test",
            "zone",
        ],
        rows: false,
        line: "a block such as `sync` or `picklist`",
    };
    pub(crate) const SYNC: Body = Body {
        strict: Rule::strict_sync,
        starts: &["match", "both", "to", "map", "associate", "recheck", "roll"],
        rows: false,
        line: "`match`, `both ways`, `to hubspot`, `to salesforce`, `map` or `associate`",
    };
    pub(crate) const BLOCK: Body = Body {
        strict: Rule::strict_block,
        starts: &["include", "exclude", "create", "on", "pick", "relink"],
        rows: false,
        line: "`include`, `exclude`, `create`, `pick`, `relink` or `on`",
    };
    pub(crate) const MAP: Body =
        Body { strict: Rule::strict_map, starts: &["together"], rows: true, line: "a row: `field <-> Field`" };
    pub(crate) const TOGETHER: Body =
        Body { strict: Rule::strict_together, starts: &[], rows: true, line: "a row: `field <-> Field`" };
    pub(crate) const ASSOCIATE: Body =
        Body { strict: Rule::strict_associate, starts: &[], rows: true, line: "a row: `contact <-> WhoId`" };
    pub(crate) const PICKLIST: Body = Body {
        strict: Rule::strict_picklist,
        starts: &["otherwise", "blank"],
        rows: true,
        line: "a row: `VALUE <-> \"Value\"`",
    };
    pub(crate) const OWNERS: Body = Body {
        strict: Rule::strict_owners,
        starts: &["match", "otherwise", "blank"],
        rows: true,
        line: "`match` or a row",
    };
    pub(crate) const STAGES: Body =
        Body { strict: Rule::strict_stages, starts: &["pipeline"], rows: false, line: "`pipeline`" };
    pub(crate) const VALUES: Body =
        Body { strict: Rule::strict_values, starts: &[], rows: true, line: "values with commas between them" };
    pub(crate) const PLACE: Body = Body {
        strict: Rule::strict_place,
        starts: &["picklists", "values", "unknown", "write", "alias"],
        rows: false,
        line: "`picklists`, `values`, `unknown`, `write` or `alias`",
    };
    pub(crate) const LIFECYCLE: Body = Body {
        strict: Rule::strict_lifecycle,
        starts: &["reach", "back", "cascade"],
        rows: false,
        line: "`reach`, `back to` or `cascade to`",
    };
    pub(crate) const MEMBERS: Body =
        Body { strict: Rule::strict_members, starts: &["set", "on"], rows: false, line: "`set` or `on`" };
    pub(crate) const LIMITS: Body = Body {
        strict: Rule::strict_limits,
        starts: &["hubspot", "salesforce", "hold", "delete", "keep", "pause", "when"],
        rows: false,
        line: "a limit such as `salesforce 20_000 calls per day`",
    };
    pub(crate) const CHANGE: Body = Body {
        strict: Rule::strict_change,
        starts: &["add", "replace", "remove"],
        rows: false,
        line: "`add`, `replace` or `remove`",
    };
    pub(crate) const TEST: Body = Body {
        strict: Rule::strict_test,
        starts: &["given", "set", "pass", "wait", "delete", "restore", "erase", "convert", "merge", "expect"],
        rows: false,
        line: "a step: `given`, `set`, `pass`, an event or `expect`",
    };
}

/// Words that go on with a row or a statement rather than start one.
const CONTINUATIONS: [&str; 18] = [
    "or",
    "and",
    "via",
    "as",
    "at",
    "if",
    "when",
    "newest",
    "prefer",
    "is",
    "where",
    "else",
    "then",
    "otherwise",
    "always",
    "even",
    "wins",
    "unless",
];

/// Reports what stands between two lines that could be read. `previous` is the range of the line before.
pub(crate) fn judge_lines(
    source: &Source<'_>,
    body: &Body,
    previous: Option<(usize, usize)>,
    bad: &[Bad],
    problems: &mut Vec<Problem>,
) {
    let mut groups: Vec<Bad> = Vec::new();
    for piece in bad {
        match groups.last_mut() {
            Some(group) if goes_on(source, piece) => group.end = piece.end,
            _ => groups.push(*piece),
        }
    }
    let mut previous = previous;
    for group in groups {
        let start = source.span(group.start, group.end).start;
        let before = previous.take().filter(|(from, to)| {
            let end = source.span(*from, *to).end;
            !source.line_ends_between(end, start) || goes_on(source, &group)
        });
        if let Some((from, to)) = before {
            // What is wrong with the rest of the line says more than that the line has none.
            let unfinished = source.span(from, to);
            problems.pop_if(|last| last.code == ProblemCode::CreateWithoutWhen && last.span == unfinished);
        }
        // What stands before it is whole.
        let span = source.span(group.start, group.end);
        if span.slice(source.original) == "," {
            // Behind a value or a field another one may be missing.
            let before = source.token_before(span.start).map_or("", |token| token.span.slice(source.original));
            problems.push(needless_end(span, ",", is_keyword(before)));
            continue;
        }
        let problem = judge_line(source, body, before.map(|(from, _)| from), group);
        let statement = source.span(before.map_or(group.start, |(from, _)| from), group.end);
        problems.extend(problem.map(|problem| problem.within(statement)));
    }
}

/// Whether a bad line only goes on with the one before it.
fn goes_on(source: &Source<'_>, piece: &Bad) -> bool {
    let span = source.span(piece.start, piece.end);
    let Some(token) = source.token_at(span.start) else {
        return true;
    };
    let unfinished = source.token_before(span.start).is_some_and(|before| {
        let text = before.span.slice(source.original);
        text == "," || text == "(" || matches!(text, "and" | "or" | "when" | "then")
    });
    let word = token.span.slice(source.original);
    unfinished
        || match token.kind {
            TokenKind::Word => CONTINUATIONS.contains(&word) && !has_arrow(source, span),
            TokenKind::Text | TokenKind::Number => false,
            _ => true,
        }
}

fn has_arrow(source: &Source<'_>, span: Span) -> bool {
    let text = span.slice(source.original);
    ["->", "<-", "=>", "<=", "<>"].iter().any(|arrow| text.contains(arrow))
}

fn judge_line(source: &Source<'_>, body: &Body, previous: Option<usize>, bad: Bad) -> Option<Problem> {
    let span = source.span(bad.start, bad.end);
    if source.is_unpaired(span) {
        return None;
    }
    let with_previous = previous
        .and_then(|start| furthest(source, body.strict, start, bad.end))
        .filter(|failure| failure.at >= bad.start);
    if let Some(failure) = with_previous {
        let next_row = |rule: &Rule| matches!(rule, Rule::arrow | Rule::kw_else | Rule::comma);
        let rest = body.rows && failure.at > bad.start && failure.expected.iter().all(next_row);
        let problem = if rest { not_a_clause(source, span) } else { unexpected(source, &failure, span) };
        return Some(problem);
    }
    let Some(failure) = furthest(source, body.strict, bad.start, bad.end) else {
        return Some(match first_word(source, span).map(|(word, at)| (word, at, place_of(word))) {
            Some((word, at, Some(place))) => out_of_place(word, at, place),
            _ => not_a_line(source, body, span),
        });
    };
    let at_start = failure.at <= bad.start;
    if body.strict == Rule::strict_file
        && at_start
        && let Some((word, at)) =
            first_word(source, span).filter(|(word, _)| body.starts.contains(word) && *word != "zone")
    {
        return Some(without_braces(source, word, at, span));
    }
    Some(match first_word(source, span) {
        Some((word, at)) if at_start || body.rows => match (nearest(word, body.starts), place_of(word)) {
            (Some(right), _) if right != word => unknown_word(word, at, right),
            (None, Some(place)) if at_start || !has_arrow(source, span) => out_of_place(word, at, place),
            _ if at_start => not_a_line(source, body, span),
            _ => unexpected(source, &failure, span),
        },
        _ if at_start => not_a_line(source, body, span),
        _ => unexpected(source, &failure, span),
    })
}

/// Reports the head of a block, which starts at `start` and ends before its brace.
pub(crate) fn judge_head(source: &Source<'_>, strict: Rule, start: usize, end: usize, problems: &mut Vec<Problem>) {
    let span = source.span(start, end);
    if source.is_unpaired(span) {
        return;
    }
    let failure = furthest(source, strict, start, end);
    let problem = match failure {
        Some(failure) => unexpected(source, &failure, span),
        None => Problem::new(ProblemCode::Unexpected, span, "this block could not be read"),
    };
    problems.push(problem.within(span));
}

/// Where the grammar gave up, and what it would have taken there.
struct Failure {
    /// Offset in the grammar's text.
    at: usize,
    expected: Vec<Rule>,
}

fn furthest(source: &Source<'_>, rule: Rule, start: usize, end: usize) -> Option<Failure> {
    let error = SyncParser::parse(rule, source.text.get(start..end)?).err()?;
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => start + at,
    };
    let expected = match error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    Some(Failure { at, expected })
}

fn unexpected(source: &Source<'_>, failure: &Failure, line: Span) -> Problem {
    let at = source.to_original(failure.at);
    let expected = expectation(&failure.expected);
    let token = source.token_at(Span::new(at, at).start).filter(|token| token.span.start < line.end);
    let Some(token) = token else {
        let end = Span { start: line.end, end: line.end };
        let last = source.token_before(line.end).map_or("", |token| token.span.slice(source.original));
        let message = match &expected.text {
            Some(text) => format!("expected {text} after `{}`", short(last)),
            None => format!("`{}` cannot be the end of this line", short(last)),
        };
        return Problem::new(ProblemCode::Unexpected, end, message);
    };
    let found = token.span.slice(source.original);
    let message = match &expected.text {
        Some(text) => format!("expected {text}, found `{}`", short(found)),
        None => format!("`{}` does not belong here", short(found)),
    };
    match nearest(found, &expected.words).or_else(|| begun(found, &expected.words)) {
        Some(right) if token.kind == TokenKind::Word && right != found => unknown_word(found, token.span, right),
        _ => {
            let problem = Problem::new(ProblemCode::Unexpected, token.span, message);
            match hint(source, token, &failure.expected) {
                Some(help) => problem.help(help),
                None => problem,
            }
        }
    }
}

fn unknown_word(word: &str, span: Span, right: &str) -> Problem {
    Problem::new(ProblemCode::UnknownWord, span, format!("unknown word `{}`", short(word)))
        .help(format!("did you mean `{right}`?"))
        .fix(ProblemFix::write(span, right).safe_if(word.eq_ignore_ascii_case(right)))
}

/// A block whose lines stand in no braces.
fn without_braces(source: &Source<'_>, word: &str, at: Span, span: Span) -> Problem {
    let problem = Problem::new(ProblemCode::Unexpected, at, format!("this `{word}` has no lines in braces"));
    let problem = problem.help(format!("write what belongs to it in braces: `{word} … {{ … }}`"));
    let name = source.token_at(at.end).map_or(at, |token| token.span);
    let rest = Span { start: name.end, end: span.end };
    let written = rest.slice(source.original).trim();
    match word {
        "values" if !written.is_empty() && !written.contains(['{', '}', '\n']) => {
            let title = "put braces around the values";
            problem.fix(ProblemFix::of(title, vec![(rest, format!(" {{ {written} }}"))]))
        }
        _ => problem,
    }
}

fn out_of_place(word: &str, span: Span, place: &str) -> Problem {
    Problem::new(ProblemCode::WrongPlace, span, format!("`{word}` does not belong here"))
        .help(format!("it stands in {place}"))
}

/// The rest of a line whose row is complete.
fn not_a_clause(source: &Source<'_>, span: Span) -> Problem {
    let token = source.token_at(span.start).map_or(span, |token| token.span);
    let word = token.slice(source.original);
    if let Some(right) = CONTINUATIONS.into_iter().find(|right| right.eq_ignore_ascii_case(word) && *right != word) {
        return unknown_word(word, token, right);
    }
    let problem =
        Problem::new(ProblemCode::Unexpected, token, format!("`{}` does not belong to this row", short(word)));
    match nearest(word, &["truncate", "round", "skip", "reject", "wait"]) {
        Some(handler) => problem
            .help(format!("did you mean `or {handler}`?"))
            .fix(ProblemFix::write(token, format!("or {handler}")).safe_if(word == handler)),
        None if ["default", "fallback"].iter().any(|known| word.eq_ignore_ascii_case(known)) => {
            problem.help("what stands in for a blank is said with `or use \"…\"`")
        }
        None => problem,
    }
}

fn not_a_line(source: &Source<'_>, body: &Body, span: Span) -> Problem {
    let message = format!("expected {}, found `{}`", body.line, shown(source, span));
    let first = source.token_at(span.start).map_or(span, |token| token.span);
    Problem::new(ProblemCode::Unexpected, first, message)
}

fn first_word<'a>(source: &Source<'a>, span: Span) -> Option<(&'a str, Span)> {
    let token = source.token_at(span.start)?;
    (token.kind == TokenKind::Word).then(|| (token.span.slice(source.original), token.span))
}

/// The first token of a span, short enough for a message.
fn shown(source: &Source<'_>, span: Span) -> String {
    source.token_at(span.start).map_or_else(String::new, |token| short(token.span.slice(source.original)))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text.to_owned(),
    }
}
