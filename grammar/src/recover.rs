//! Lines and heads that the grammar could not read: where exactly they go wrong, and what a person would say about it.

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};

use crate::parser::{Rule, SyncParser};
use crate::problem::{Problem, ProblemCode};
use crate::scan::TokenKind;
use crate::source::Source;
use crate::span::Span;
use crate::words::{expectation, nearest, place_of};

/// A piece that no statement took, as a range of the grammar's text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bad {
    pub start: usize,
    pub end: usize,
}

/// What the body of a block holds.
pub(crate) struct Body {
    /// The body alone, without a way out for bad lines.
    strict: Rule,
    /// The words its lines start with.
    starts: &'static [&'static str],
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
            Some(group) if goes_on(source, body, piece) => group.end = piece.end,
            _ => groups.push(*piece),
        }
    }
    let mut previous = previous;
    for group in groups {
        let previous = previous.take().filter(|(_, end)| {
            let between = (source.span(*end, *end).end, source.span(group.start, group.end).start);
            !source.line_ends_between(between.0, between.1) || goes_on(source, body, &group)
        });
        judge_line(source, body, previous.map(|(start, _)| start), group, problems);
    }
}

/// Whether a bad line only goes on with the one before it.
fn goes_on(source: &Source<'_>, body: &Body, piece: &Bad) -> bool {
    let span = source.span(piece.start, piece.end);
    let Some(token) = source.token_at(span.start) else {
        return true;
    };
    let word = token.span.slice(source.original);
    match token.kind {
        TokenKind::Word if body.rows => CONTINUATIONS.contains(&word) && !has_arrow(source, span),
        TokenKind::Word => !body.starts.contains(&word) && nearest(word, body.starts).is_none(),
        TokenKind::Text | TokenKind::Number => !body.rows,
        _ => true,
    }
}

fn has_arrow(source: &Source<'_>, span: Span) -> bool {
    let text = span.slice(source.original);
    ["->", "<-", "=>", "<="].iter().any(|arrow| text.contains(arrow))
}

fn judge_line(source: &Source<'_>, body: &Body, previous: Option<usize>, bad: Bad, problems: &mut Vec<Problem>) {
    let span = source.span(bad.start, bad.end);
    if told_already(problems, span) {
        return;
    }
    let with_previous = previous
        .and_then(|start| furthest(source, body.strict, start, bad.end))
        .filter(|failure| failure.at >= bad.start);
    if let Some(failure) = with_previous {
        return problems.push(unexpected(source, &failure, span));
    }
    let Some(failure) = furthest(source, body.strict, bad.start, bad.end) else {
        let message = format!("`{}` does not belong here", shown(source, span));
        return problems.push(Problem::new(ProblemCode::Unexpected, span, message));
    };
    let at_start = failure.at <= bad.start;
    problems.push(match first_word(source, span) {
        Some((word, at)) if at_start || body.rows => match nearest(word, body.starts) {
            Some(right) if right != word => unknown_word(word, at, right),
            _ if at_start => out_of_place(source, body, word, at),
            _ => unexpected(source, &failure, span),
        },
        _ if at_start => not_a_line(source, body, span),
        _ => unexpected(source, &failure, span),
    });
}

/// Reports the head of a block, which starts at `start` and ends before its brace.
pub(crate) fn judge_head(source: &Source<'_>, strict: Rule, start: usize, end: usize, problems: &mut Vec<Problem>) {
    let span = source.span(start, end);
    if told_already(problems, span) {
        return;
    }
    let failure = furthest(source, strict, start, end);
    problems.push(match failure {
        Some(failure) => unexpected(source, &failure, span),
        None => Problem::new(ProblemCode::Unexpected, span, "this block could not be read"),
    });
}

/// A bracket or a quote that is missing here explains the rest.
fn told_already(problems: &[Problem], span: Span) -> bool {
    use ProblemCode::{StrayBrace, StrayParenthesis, UnclosedBrace, UnclosedParenthesis, UnclosedText};
    problems.iter().any(|problem| {
        let explains =
            matches!(problem.code, StrayBrace | StrayParenthesis | UnclosedBrace | UnclosedParenthesis | UnclosedText);
        explains && span.contains(problem.span.start)
    })
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
    match nearest(found, &expected.words) {
        Some(right) if token.kind == TokenKind::Word && right != found => unknown_word(found, token.span, right),
        _ => Problem::new(ProblemCode::Unexpected, token.span, message),
    }
}

fn unknown_word(word: &str, span: Span, right: &str) -> Problem {
    Problem::new(ProblemCode::UnknownWord, span, format!("unknown word `{}`", short(word)))
        .help(format!("did you mean `{right}`?"))
}

fn out_of_place(source: &Source<'_>, body: &Body, word: &str, span: Span) -> Problem {
    match place_of(word) {
        Some(place) if !body.starts.contains(&word) && !body.rows => {
            let message = format!("`{word}` does not belong here");
            Problem::new(ProblemCode::WrongPlace, span, message).help(format!("it stands in {place}"))
        }
        _ => not_a_line(source, body, span),
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
