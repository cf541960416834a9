//! What may stand at a place of a text, by the grammar itself: for editors.
//!
//! The text before the place is parsed with a character after it that nothing takes. Where the grammar then gives up, it
//! says what it would have taken.

use std::sync::OnceLock;

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};

use crate::parser::{Rule, SyncParser};
use crate::recover::Body;
use crate::scan::{Token, TokenKind, scan};
use crate::span::Span;
use crate::words::keyword;

/// What may stand at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Next {
    /// Words of the language: `or truncate`, `prefer hubspot unless blank`. In the order of the alphabet.
    pub phrases: Vec<Phrase>,
    /// A name or a bare value of the author's.
    pub word: bool,
    /// A text in quotes.
    pub text: bool,
    pub arrow: bool,
    /// The `=` of a key.
    pub equals: bool,
    /// What stands before is whole: something new may start here.
    pub complete: bool,
}

/// Words that follow one another with no choice between them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Phrase {
    pub text: String,
    /// A line of the block starts with it.
    pub starts: bool,
}

/// How much of a block is read again at most, in bytes: what stands further above changes nothing.
const WINDOW: usize = 4096;
/// No text holds it, and no rule takes it. The line break before it ends what runs to the end of a line.
const STOP: &str = "\n\u{1}";
/// Most words of a phrase.
const LONGEST: usize = 5;

/// What may stand at a byte offset. A word that ends or stands there counts as not written yet. Nothing in comments and
/// texts.
pub fn next(text: &str, at: usize) -> Next {
    let Some(before) = text.get(..at) else { return Next::default() };
    let scanned = scan(before);
    if scanned.comments.last().is_some_and(|comment| comment.span.end as usize >= at) {
        return Next::default();
    }
    let mut tokens = scanned.tokens.as_slice();
    let mut cut = at;
    if let Some((last, rest)) = tokens.split_last().filter(|(last, _)| last.span.end as usize >= at) {
        match last.kind {
            TokenKind::Word => (cut, tokens) = (last.span.start as usize, rest),
            TokenKind::Text => return Next::default(),
            _ => {}
        }
    }
    // A name after a dot is a part of a path, which stands where its first part does.
    let mut dotted = false;
    while let [rest @ .., word, dot] = tokens
        && dot.span.slice(before) == "."
        && dot.span.end as usize == cut
        && (word.kind, word.span.end) == (TokenKind::Word, dot.span.start)
    {
        (cut, tokens, dotted) = (word.span.start as usize, rest, true);
    }
    let Some(open) = innermost(before, tokens) else { return Next::default() };
    let next = Place::find(before, open, tokens, cut).map_or_else(Next::default, |place| place.next());
    if dotted { Next { word: next.word, ..Next::default() } } else { next }
}

/// The block that is open at the end.
#[derive(Clone, Copy)]
struct Open {
    body: &'static Body,
    start: usize,
    /// It is `both ways`.
    both: bool,
}

/// Blocks whose first word is this, in a body.
fn block(body: &Body, word: &str) -> Option<&'static Body> {
    Some(match (body.strict, word) {
        (Rule::strict_file, "sync") => &Body::SYNC,
        (Rule::strict_file, "picklist") => &Body::PICKLIST,
        (Rule::strict_file, "place") => &Body::PLACE,
        (Rule::strict_file, "stages") => &Body::STAGES,
        (Rule::strict_file, "owners") => &Body::OWNERS,
        (Rule::strict_file, "lifecycle") => &Body::LIFECYCLE,
        (Rule::strict_file, "order" | "values") => &Body::VALUES,
        (Rule::strict_file, "members") => &Body::MEMBERS,
        (Rule::strict_file, "limits") => &Body::LIMITS,
        (Rule::strict_file, "change") => &Body::CHANGE,
        (Rule::strict_file, "test") => &Body::TEST,
        (Rule::strict_sync, "both" | "to") => &Body::BLOCK,
        (Rule::strict_sync, "map") => &Body::MAP,
        (Rule::strict_sync, "associate") => &Body::ASSOCIATE,
        (Rule::strict_map, "together") => &Body::TOGETHER,
        (Rule::strict_stages, "pipeline") => &Body::PICKLIST,
        _ => return None,
    })
}

/// None where a brace opens what no block is.
fn innermost(text: &str, tokens: &[Token]) -> Option<Open> {
    let mut stack = vec![Some(Open { body: &Body::FILE, start: 0, both: false })];
    let mut since = 0;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Open('{') => {
                let outer = stack.last().copied().flatten();
                let head = tokens.get(since..index).unwrap_or(&[]).iter().rev();
                let opened = outer.and_then(|outer| {
                    if outer.body.strict == Rule::strict_test {
                        // The fields of a record are a part of their step.
                        return Some(outer);
                    }
                    let mut words = head.filter(|token| token.kind == TokenKind::Word);
                    words.find_map(|word| {
                        let word = word.span.slice(text);
                        let body = block(outer.body, word)?;
                        Some(Open { body, start: token.span.end as usize, both: word == "both" })
                    })
                });
                stack.push(opened);
                since = index + 1;
            }
            TokenKind::Close('}') => {
                if stack.len() > 1 {
                    stack.pop();
                }
                since = index + 1;
            }
            _ => {}
        }
    }
    stack.pop().flatten()
}

/// A stretch of text from the start of some line to the place, which the block's rule reads to its end.
struct Place<'a> {
    open: Open,
    before: &'a str,
    expected: Vec<Rule>,
    /// The same with a name in the place of the last word, where that can be read too: no word is reserved, so that
    /// `or` may be a field. What may stand after that is not what is meant.
    as_name: Option<(String, Vec<Rule>)>,
}

impl<'a> Place<'a> {
    fn find(text: &'a str, open: Open, tokens: &[Token], cut: usize) -> Option<Place<'a>> {
        let rule = open.body.strict;
        let line_after = |at: usize| text.get(at..cut).and_then(|rest| rest.find('\n')).map(|end| at + end + 1);
        let mut start = open.start;
        if cut.saturating_sub(start) > WINDOW {
            let mut from = cut - WINDOW;
            while !text.is_char_boundary(from) {
                from += 1;
            }
            start = line_after(from)?;
        }
        let (mut start, all) = loop {
            match expected(rule, text.get(start..cut)?, "") {
                Ok(expected) => break (start, expected),
                // A faulty line above says nothing of this one.
                Err(failed) => start = line_after((start + failed).min(cut))?,
            }
        };
        // The fewer lines, the cheaper is every further look.
        let last = tokens.last().map_or(Span::default(), |token| token.span);
        let line = text.get(..last.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        if line > start && expected(rule, text.get(line..cut)?, "").as_ref() == Ok(&all) {
            start = line;
        }
        let before = text.get(start..cut)?;
        let word = (last.start as usize).checked_sub(start).and_then(|at| before.split_at_checked(at));
        let as_name = word.and_then(|(head, tail)| {
            let rest = tail.strip_prefix(last.slice(text))?;
            let other = format!("{head}zq{rest}");
            let taken = expected(rule, &other, "").ok().filter(|taken| *taken != all)?;
            keywords().iter().any(|(_, word)| word == last.slice(text)).then_some((other, taken))
        });
        let mut expected = all;
        if let Some((_, taken)) = &as_name {
            expected.retain(|rule| !taken.contains(rule));
        }
        Some(Place { open, before, expected, as_name })
    }

    fn next(&self) -> Next {
        let name = self.after("zq ").ok().or_else(|| self.heads("zq").then(Vec::new));
        let mut next = Next {
            word: name.is_some(),
            text: self.after("\"zq\" ").is_ok(),
            arrow: self.expected.contains(&Rule::arrow),
            equals: self.expected.contains(&Rule::key_sign),
            complete: self.expected.contains(&Rule::EOI),
            phrases: Vec::new(),
        };
        let among = |rules: [Rule; 2]| self.expected.iter().any(|rule| rules.contains(rule));
        let words = if among([Rule::kw_when, Rule::when_word]) && among([Rule::cond, Rule::atom]) {
            // A condition without its `when` is a near miss.
            next.word = false;
            vec!["when"]
        } else {
            self.words(name.as_deref())
        };
        for word in words {
            let starts = self.open.body.starts.contains(&word);
            let mut texts = Vec::new();
            self.phrases(word, 1, name.as_deref().unwrap_or(&[]), &mut texts);
            next.phrases.extend(texts.into_iter().map(|text| Phrase { text, starts }));
        }
        next
    }

    /// First words that may stand here.
    fn words(&self, name: Option<&[Rule]>) -> Vec<&'static str> {
        let mut words: Vec<&str> = self.expected.iter().copied().flat_map(words_of).collect();
        if self.expected.iter().any(|rule| words_of(*rule).is_empty()) {
            let more = keywords().iter().filter(|(rule, word)| self.takes(*rule, word, name));
            words.extend(more.map(|(_, word)| word.as_str()));
        }
        words.sort_unstable();
        words.dedup();
        // Near misses, which the grammar reads to name them: sides swapped in a head, a winner without a name, other
        // languages' comparisons; and what a block of both ways does not hold.
        let swapped = self.before.trim_end().ends_with(':');
        let named = self.expected.contains(&Rule::kw_wins);
        let compared = words.contains(&"is");
        let whens = words.contains(&"when");
        words.retain(|word| match *word {
            "salesforce" => !swapped,
            "where" => !whens,
            "wins" => named,
            "in" => !compared,
            "is" => !self.expected.contains(&Rule::key_sign),
            "create" | "pick" | "relink" => !self.open.both,
            _ => true,
        });
        words
    }

    fn after(&self, more: &str) -> Result<Vec<Rule>, usize> {
        expected(self.open.body.strict, self.before, more)
    }

    /// Whether the word means something here that a name of the author's would not.
    fn takes(&self, rule: Rule, word: &str, name: Option<&[Rule]>) -> bool {
        let more = format!("{word} ");
        let Ok(after) = self.after(&more) else { return false };
        let strict = self.open.body.strict;
        // Both stand after `when` as well as after a field.
        let either = matches!(word, "not" | "linked");
        if !either && self.as_name.as_ref().is_some_and(|(other, _)| expected(strict, other, &more).is_ok()) {
            return false;
        }
        name.is_none_or(|name| after != name || self.reads(rule, word))
    }

    /// Whether the text with the word at its end is read, and the word as a word of the language.
    fn reads(&self, rule: Rule, word: &str) -> bool {
        let open = self.before.matches('(').count().saturating_sub(self.before.matches(')').count());
        let text = format!("{}{word}{}", self.before, ")".repeat(open));
        let at = self.before.len();
        SyncParser::parse(self.open.body.strict, &text)
            .is_ok_and(|pairs| pairs.flatten().any(|pair| pair.as_rule() == rule && pair.as_span().start() == at))
    }

    /// Whether the block may begin right after the words.
    fn heads(&self, phrase: &str) -> bool {
        let text = format!("{}{phrase} {{ }}", self.before);
        SyncParser::parse(self.open.body.strict, &text)
            .is_ok_and(|pairs| pairs.flatten().all(|pair| pair.as_rule() != Rule::bad_head))
    }

    /// The word with all that must follow it, in each way it may go on. `name`: what may follow if it is but a name.
    fn phrases(&self, phrase: &str, words: usize, name: &[Rule], out: &mut Vec<String>) {
        let mut after = self.after(&format!("{phrase} ")).unwrap_or_default();
        // After `otherwise` stands what stands after a name, or more.
        if words == 1 && phrase != "otherwise" {
            after.retain(|rule| !name.contains(rule));
        }
        if matches!(phrase, "if" | "in") {
            // `if` in the place of `when`, and `in (a, b)`, are near misses.
            after.retain(|rule| !words_of(*rule).is_empty());
            if after.is_empty() {
                return;
            }
        }
        let follow: Vec<&str> = after.iter().copied().flat_map(words_of).collect();
        let open = after.iter().any(|rule| words_of(*rule).is_empty());
        if open || follow.is_empty() || words == LONGEST || self.heads(phrase) {
            return out.push(phrase.to_owned());
        }
        for word in follow {
            self.phrases(&format!("{phrase} {word}"), words + 1, name, out);
        }
    }
}

/// The words that the rule is, and nothing else; none for rules that are more.
fn words_of(rule: Rule) -> Vec<&'static str> {
    if rule == Rule::side {
        return vec!["hubspot", "salesforce"];
    }
    keywords().iter().filter(|(known, _)| *known == rule).map(|(_, word)| word.as_str()).collect()
}

/// What the rule would have taken after the text; where it gave up before its end, that offset.
fn expected(rule: Rule, before: &str, more: &str) -> Result<Vec<Rule>, usize> {
    let text = format!("{before}{more}{STOP}");
    let Err(error) = SyncParser::parse(rule, &text) else { return Err(text.len()) };
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    match error.variant {
        ErrorVariant::ParsingError { mut positives, .. } if at + 1 == text.len() => {
            positives.retain(|rule| !is_near_miss(*rule));
            positives.sort_unstable();
            positives.dedup();
            Ok(positives)
        }
        _ => Err(at),
    }
}

/// What the grammar reads only to say what was meant.
fn is_near_miss(rule: Rule) -> bool {
    const PARTS: [Rule; 9] = [
        Rule::swapped_head,
        Rule::if_where,
        Rule::if_word,
        Rule::in_word,
        Rule::listed,
        Rule::or_sign,
        Rule::same_line,
        Rule::age_phrase,
        Rule::pick_piece,
    ];
    PARTS.contains(&rule) || format!("{rule:?}").starts_with("bad_")
}

/// Whether a word is one of the language's own, in small letters or not.
pub fn is_keyword(word: &str) -> bool {
    keywords().iter().any(|(_, keyword)| keyword.eq_ignore_ascii_case(word))
}

/// Every word of the language, with its rule.
fn keywords() -> &'static [(Rule, String)] {
    static WORDS: OnceLock<Vec<(Rule, String)>> = OnceLock::new();
    WORDS.get_or_init(|| Rule::all_rules().iter().filter_map(|rule| Some((*rule, keyword(*rule)?))).collect())
}
