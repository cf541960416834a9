//! What can be typed at a place: words of the language by the grammar, names by the schemas and the project.
//!
//! To find what a name would mean there, one is put into the text and the tree is asked what became of it. A line that
//! is not whole yet is made so by one of a few endings.

mod hole;
mod names;
mod values;

use syncline_grammar::{Next, Span, Token, TokenKind, next, tokens};

use super::analysis::Analysis;
use super::words;
use crate::data::KeyForm;

pub use values::fields_of;

/// What can be typed, and what it replaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    pub replace: Span,
    /// The likely ones first.
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub kind: Kind,
    /// As it is shown and looked for.
    pub label: String,
    /// As it is written.
    pub insert: String,
    /// What it is, in a few words.
    pub detail: String,
    /// More about it.
    pub about: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Word,
    Sign,
    Field,
    Type,
    Reference,
    Option,
    Block,
    Rule,
    Record,
    List,
}

impl Item {
    fn new(kind: Kind, label: impl Into<String>) -> Item {
        let label = label.into();
        Item { kind, insert: label.clone(), label, detail: String::new(), about: String::new() }
    }

    fn insert(mut self, insert: String) -> Item {
        self.insert = insert;
        self
    }

    fn detail(mut self, detail: impl Into<String>) -> Item {
        self.detail = detail.into();
        self
    }

    fn about(mut self, about: impl Into<String>) -> Item {
        self.about = about.into();
        self
    }
}

/// What stands at the cursor already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Started {
    Nothing,
    Word,
    /// A text in quotes.
    Text,
}

pub fn complete(analysis: &Analysis, file: usize, offset: usize) -> Completion {
    let text = analysis.text(file);
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let at = u32::try_from(offset).unwrap_or(u32::MAX);
    if analysis.comments(file).iter().any(|comment| comment.span.start < at && at <= comment.span.end) {
        return Completion::default();
    }
    let tokens = tokens(text);
    let after = tokens.partition_point(|token| token.span.start < at);
    let last = after.checked_sub(1).and_then(|index| tokens.get(index));
    let (started, replace) = match last.map(|token| (token.kind, token.span)) {
        Some((TokenKind::Word, span)) if at <= span.end => (Started::Word, span),
        Some((TokenKind::Text, span)) => {
            let closed = span.slice(text).len() > 1 && span.slice(text).ends_with('"');
            match closed {
                true if at < span.end => (Started::Text, span),
                false if at <= span.end => (Started::Text, Span { end: at, ..span }),
                _ => (Started::Nothing, Span { start: at, end: at }),
            }
        }
        _ => (Started::Nothing, Span { start: at, end: at }),
    };
    let mut next = next(text, offset);
    let line = text.get(..replace.start as usize).unwrap_or("").rsplit('\n').next().unwrap_or("").trim();
    if next.complete && !line.is_empty() && !line.ends_with(['{', '}']) && started != Started::Text {
        // On the line of something that is whole, what goes on with it is meant, and nothing new.
        next.phrases.retain(|phrase| !phrase.starts);
        (next.word, next.text) = (false, false);
    }
    let holes: &[hole::Quotes] = match started {
        Started::Text => &[hole::Quotes::Double],
        _ => match (next.word, next.text) {
            (true, true) => &[hole::Quotes::None, hole::Quotes::Double],
            (true, false) => &[hole::Quotes::None],
            (false, true) => &[hole::Quotes::Double],
            (false, false) => &[],
        },
    };
    let mut completion = Completion { replace, items: Vec::new() };
    for quotes in holes {
        let found = hole::fill(analysis, file, replace, offset, *quotes);
        let Some((span, mut items)) = found else { continue };
        completion.replace = span;
        items.retain(|item| !completion.items.contains(item));
        completion.items.extend(items);
    }
    if started != Started::Text {
        completion.items.extend(forms(&tokens[..after], text, started));
        let before =
            last.filter(|_| started == Started::Nothing).or(after.checked_sub(2).and_then(|at| tokens.get(at)));
        words_of(&next, before.map_or("", |token| token.span.slice(text)), &mut completion.items);
    }
    completion
}

/// Starts of phrases that the language knows and this version refuses: nobody is led there.
const NOT_BUILT: [&str; 6] = ["associate", "change", "members", "or wait", "roll up", "stages"];

/// Words and signs. What goes on with a line stands before what starts a new one, if it may do both here.
fn words_of(next: &Next, before: &str, items: &mut Vec<Item>) {
    if next.arrow {
        for (arrow, about) in
            [("<->", "Both ways."), ("->", "From HubSpot to Salesforce."), ("<-", "From Salesforce to HubSpot.")]
        {
            items.push(Item::new(Kind::Sign, arrow).about(about));
        }
    }
    if next.equals {
        items.push(Item::new(Kind::Sign, "=").about("The two fields are equal."));
    }
    let built = next.phrases.iter().filter(|phrase| !NOT_BUILT.iter().any(|words| phrase.text.starts_with(words)));
    let (starts, goes_on): (Vec<_>, Vec<_>) = built.partition(|phrase| phrase.starts);
    for phrase in starts.into_iter().chain(goes_on) {
        let with =
            words::about(&format!("{before} {}", phrase.text)).filter(|found| words::about(before) != Some(found));
        let about = with.or(words::about(&phrase.text)).unwrap_or("");
        items.push(Item::new(Kind::Word, &phrase.text).about(about));
    }
}

/// What may stand behind `as`: in a key the forms of keys, in a row `date`.
fn forms(tokens: &[Token], text: &str, started: Started) -> Vec<Item> {
    let typed = usize::from(started == Started::Word);
    let mut before = tokens.iter().rev().skip(typed).map(|token| token.span.slice(text));
    if before.next() != Some("as") {
        return Vec::new();
    }
    let words: Vec<&str> =
        match before.find(|word| matches!(*word, "match" | "->" | "<-" | "<->" | "given" | "{" | "}")) {
            Some("match") => KeyForm::NAMED.iter().map(|(word, _)| *word).collect(),
            Some("->" | "<-" | "<->") => vec!["date"],
            _ => Vec::new(),
        };
    let item = |word: &&str| Item::new(Kind::Word, *word).about(words::about(&format!("as {word}")).unwrap_or(""));
    words.iter().map(item).collect()
}

#[cfg(test)]
mod tests;
